/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A client is read only while nothing waits to be written to it, and its line is bounded, so that
 * none can make us hold much.
 */
#include "config.h"

#include "clove-localnet-control.h"

#include "clove-localnet-command.h"

#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#define READ_SIZE     512
/* How long the ctl command waits for its answer. */
#define CTL_TIMEOUT_S 10

typedef struct {
  CloveLocalnetControl *control; /* NULL once it is gone */
  GIOStream *connection;         /* nullable; owns the two streams' socket */
  GInputStream *input;
  GOutputStream *output;
  GCancellable *cancellable;
  CloveLocalnetEndFunc on_end;
  gpointer user_data;
  GString *line;
  GString *answer;
  gboolean is_overlong;
  char buffer[READ_SIZE];
} Client;

struct _CloveLocalnetControl {
  /* Owned. */
  CloveLocalnet *localnet;
  GSocketService *service; /* NULL without a socket */
  char *path;
  dev_t device; /* of our socket's file */
  ino_t inode;

  /* Borrowed; each frees itself when its last operation has ended. */
  GPtrArray *clients;
};

static void read_more (Client *client);

static void
client_free (Client *client)
{
  if (client->control != NULL)
    g_ptr_array_remove_fast (client->control->clients, client);
  if (client->connection != NULL)
    g_io_stream_close (client->connection, NULL, NULL);
  g_clear_object (&client->connection);
  g_clear_object (&client->input);
  g_clear_object (&client->output);
  g_clear_object (&client->cancellable);
  g_string_free (client->line, TRUE);
  g_string_free (client->answer, TRUE);
  g_free (client);
}

static void
end_client (Client *client)
{
  CloveLocalnetEndFunc on_end = client->control != NULL ? client->on_end : NULL;
  gpointer user_data = client->user_data;

  client_free (client);
  if (on_end != NULL)
    on_end (user_data);
}

static void
finish_line (Client *client)
{
  g_autofree char *answer = NULL;

  if (client->line->len > 0 && client->line->str[client->line->len - 1] == '\r')
    g_string_truncate (client->line, client->line->len - 1);
  if (client->is_overlong || strlen (client->line->str) != client->line->len)
    answer = g_strdup_printf ("error: a line has at most %d bytes of plain text\n",
                              CLOVE_LOCALNET_MAX_LINE_SIZE);
  else
    answer = clove_localnet_execute (client->control->localnet, client->line->str);
  g_string_append (client->answer, answer);
  g_string_truncate (client->line, 0);
  client->is_overlong = FALSE;
}

static void
take_bytes (Client *client, const char *bytes, gsize size)
{
  for (gsize i = 0; i < size; i++) {
    if (bytes[i] == '\n')
      finish_line (client);
    else if (client->line->len <= CLOVE_LOCALNET_MAX_LINE_SIZE)
      g_string_append_c (client->line, bytes[i]);
    else
      client->is_overlong = TRUE;
  }
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Client *client = user_data;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL) ||
      client->control == NULL) {
    end_client (client);
    return;
  }
  g_string_truncate (client->answer, 0);
  read_more (client);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Client *client = user_data;
  gssize size = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (size <= 0 || client->control == NULL) {
    end_client (client);
    return;
  }
  take_bytes (client, client->buffer, (gsize) size);
  if (client->answer->len == 0)
    read_more (client);
  else
    g_output_stream_write_all_async (client->output, client->answer->str, client->answer->len,
                                     G_PRIORITY_DEFAULT, client->cancellable, on_written, client);
}

static void
read_more (Client *client)
{
  g_input_stream_read_async (client->input, client->buffer, sizeof client->buffer,
                             G_PRIORITY_DEFAULT, client->cancellable, on_read, client);
}

/** clove_localnet_control_new: (transfer full): A control of @localnet that nobody talks to yet. */
CloveLocalnetControl *
clove_localnet_control_new (CloveLocalnet *localnet)
{
  CloveLocalnetControl *self = g_new0 (CloveLocalnetControl, 1);

  self->localnet = g_object_ref (localnet);
  self->clients = g_ptr_array_new ();
  return self;
}

/* Removes the socket's file unless another program has put its own there. */
static void
remove_socket (CloveLocalnetControl *self)
{
  struct stat status;

  if (self->path != NULL && lstat (self->path, &status) == 0 && status.st_dev == self->device &&
      status.st_ino == self->inode)
    g_unlink (self->path);
}

/** clove_localnet_control_free: Let go of all clients and remove the socket; %NULL is nothing. */
void
clove_localnet_control_free (CloveLocalnetControl *self)
{
  if (self == NULL)
    return;
  if (self->service != NULL) {
    g_signal_handlers_disconnect_by_data (self->service, self);
    g_socket_service_stop (self->service);
    g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  }
  remove_socket (self);
  for (guint i = 0; i < self->clients->len; i++) {
    Client *client = g_ptr_array_index (self->clients, i);

    client->control = NULL;
    g_cancellable_cancel (client->cancellable);
  }
  g_ptr_array_unref (self->clients);
  g_clear_object (&self->service);
  g_free (self->path);
  g_object_unref (self->localnet);
  g_free (self);
}

static Client *
add_client (CloveLocalnetControl *self, GInputStream *input, GOutputStream *output)
{
  Client *client = g_new0 (Client, 1);

  client->control = self;
  client->input = g_object_ref (input);
  client->output = g_object_ref (output);
  client->cancellable = g_cancellable_new ();
  client->line = g_string_new (NULL);
  client->answer = g_string_new (NULL);
  g_ptr_array_add (self->clients, client);
  return client;
}

/**
 * clove_localnet_control_add:
 * @self: a control
 * @input: where lines come from
 * @output: where answers go to
 * @on_end: (nullable): called when @input has ended, unless @self was freed before
 * @user_data: for @on_end
 *
 * Take lines from a pair of streams.
 */
void
clove_localnet_control_add (CloveLocalnetControl *self,
                            GInputStream *input,
                            GOutputStream *output,
                            CloveLocalnetEndFunc on_end,
                            gpointer user_data)
{
  Client *client = add_client (self, input, output);

  client->on_end = on_end;
  client->user_data = user_data;
  read_more (client);
}

static gboolean
on_incoming (GSocketService *service,
             GSocketConnection *connection,
             GObject *source,
             CloveLocalnetControl *self)
{
  Client *client = NULL;

  if (self->clients->len >= CLOVE_LOCALNET_MAX_CLIENTS)
    return TRUE;
  client = add_client (self, g_io_stream_get_input_stream (G_IO_STREAM (connection)),
                       g_io_stream_get_output_stream (G_IO_STREAM (connection)));
  client->connection = g_object_ref (G_IO_STREAM (connection));
  read_more (client);
  return TRUE;
}

static GSocketConnection *
connect_to (const char *path, GError **error)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);

  g_socket_client_set_timeout (client, CTL_TIMEOUT_S);
  return g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, error);
}

/* Makes way at @path: only a socket that nobody listens at any more may go. */
static gboolean
clear_path (const char *path, GError **error)
{
  struct stat status;
  g_autoptr (GSocketConnection) connection = NULL;

  if (lstat (path, &status) != 0)
    return TRUE;
  if (!S_ISSOCK (status.st_mode)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, "%s exists and is not a socket", path);
    return FALSE;
  }
  connection = connect_to (path, NULL);
  if (connection != NULL) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE, "another program listens at %s",
                 path);
    return FALSE;
  }
  if (g_unlink (path) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, (gint) g_io_error_from_errno (errno), "cannot remove %s: %s",
               path, g_strerror (errno));
  return FALSE;
}

static gboolean
bind_service (GSocketService *service, const char *path, GError **error)
{
  g_autoptr (GSocketAddress) address = NULL;
  mode_t old_mask = 0;
  gboolean is_bound = FALSE;

  if (strlen (path) >= sizeof ((struct sockaddr_un *) NULL)->sun_path) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG, "%s is too long for a socket",
                 path);
    return FALSE;
  }
  if (!clear_path (path, error))
    return FALSE;
  address = g_unix_socket_address_new (path);
  /* The file must never be open to others, not even before a chmod. */
  old_mask = umask (0177);
  is_bound = g_socket_listener_add_address (G_SOCKET_LISTENER (service), address,
                                            G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL,
                                            NULL, error);
  umask (old_mask);
  if (!is_bound)
    g_prefix_error (error, "%s: ", path);
  return is_bound;
}

/**
 * clove_localnet_control_listen:
 * @self: a control that does not listen yet
 * @path: where to make a Unix socket for this user alone
 * @error: %G_IO_ERROR; a file that is no socket, or one that is in use, is left alone
 *
 * Returns: whether it listens
 */
gboolean
clove_localnet_control_listen (CloveLocalnetControl *self, const char *path, GError **error)
{
  g_autoptr (GSocketService) service = NULL;
  struct stat status;

  g_return_val_if_fail (self->service == NULL, FALSE);

  service = g_socket_service_new ();
  if (!bind_service (service, path, error))
    return FALSE;
  if (lstat (path, &status) != 0) {
    g_set_error (error, G_IO_ERROR, (gint) g_io_error_from_errno (errno), "%s has gone: %s", path,
                 g_strerror (errno));
    return FALSE;
  }
  g_signal_connect (service, "incoming", G_CALLBACK (on_incoming), self);
  self->service = g_steal_pointer (&service);
  self->path = g_strdup (path);
  self->device = status.st_dev;
  self->inode = status.st_ino;
  return TRUE;
}

static gboolean
exchange (GSocketConnection *connection, const char *line, gboolean *is_ok_out, GError **error)
{
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  g_autoptr (GDataInputStream) input =
    g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  g_autofree char *text = g_strconcat (line, "\n", NULL);

  if (!g_output_stream_write_all (output, text, strlen (text), NULL, NULL, error))
    return FALSE;
  for (;;) {
    g_autofree char *answer = g_data_input_stream_read_line_utf8 (input, NULL, NULL, error);

    if (answer == NULL) {
      if (error != NULL && *error == NULL)
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "no answer");
      return FALSE;
    }
    g_print ("%s\n", answer);
    *is_ok_out = strcmp (answer, "ok") == 0;
    if (*is_ok_out || g_str_has_prefix (answer, "error:"))
      return TRUE;
  }
}

/**
 * clove_localnet_ctl:
 * @socket_path: where a network takes control lines
 * @line: one of them
 *
 * Send the line and print the answer; blocks, for a program that does nothing else.
 *
 * Returns: the exit status: 0 when the answer is "ok"
 */
int
clove_localnet_ctl (const char *socket_path, const char *line)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection = NULL;
  gboolean is_ok = FALSE;

  if (strpbrk (line, "\r\n") != NULL) {
    g_printerr ("clove-localnet: one line at a time\n");
    return 1;
  }
  connection = connect_to (socket_path, &error);
  if (connection == NULL || !exchange (connection, line, &is_ok, &error)) {
    g_printerr ("clove-localnet: %s: %s\n", socket_path, error->message);
    return 1;
  }
  return is_ok ? 0 : 1;
}
