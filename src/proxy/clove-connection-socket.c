/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The socket of a connection and the source that polls it. The calls of the system are used as they
 * are: GSocket makes a GError of each "try again".
 */
#include "config.h"

#include "clove-connection-private.h"

#include <errno.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define READ_SIZE 16384

static gboolean
is_serving (const CloveConnection *self)
{
  return self->state == CLOVE_CONNECTION_QUEUED || self->state == CLOVE_CONNECTION_WAITING ||
         self->state == CLOVE_CONNECTION_STREAMING;
}

/* Input is also read while a request is served: only so is it seen that the browser went away. */
static gboolean
wants_input (const CloveConnection *self)
{
  if (self->has_input_ended || self->state == CLOVE_CONNECTION_FLUSHING)
    return FALSE;
  if (is_serving (self) || self->is_output_blocked)
    return clove_buffer_get_size (&self->in) < CLOVE_MAX_EARLY_INPUT;
  return TRUE;
}

void
_clove_connection_update_source (CloveConnection *self)
{
  GIOCondition condition = wants_input (self) ? G_IO_IN : 0;

  if (self->is_output_blocked)
    condition |= G_IO_OUT;
  if (condition == self->condition)
    return;
  self->condition = condition;
  g_source_modify_unix_fd (self->source, self->fd_tag, condition);
}

/* What the system still holds for a slow browser, megabytes at times; 0 if it does not tell. */
static int
get_unread_size (CloveConnection *self)
{
  int size = 0;

  return ioctl (g_socket_get_fd (self->socket), SIOCOUTQ, &size) == 0 ? size : 0;
}

/* A browser that empties the system's buffer makes progress, although there is no room yet. */
gboolean
_clove_connection_is_being_read (CloveConnection *self)
{
  int size = get_unread_size (self);
  gboolean is_less = self->is_output_blocked && size < self->unread_size;

  self->unread_size = size;
  return is_less;
}

/* Returns whether the output is empty afterwards. */
gboolean
_clove_connection_flush (CloveConnection *self)
{
  gsize size = clove_buffer_get_size (&self->out);
  gssize n_sent = 0;

  self->is_output_blocked = FALSE;
  if (size == 0)
    return TRUE;
  n_sent = send (g_socket_get_fd (self->socket), clove_buffer_get_data (&self->out), size,
                 MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n_sent < 0 && errno != EAGAIN && errno != EINTR) {
    _clove_connection_close (self);
    return FALSE;
  }
  if (n_sent > 0) {
    clove_buffer_consume (&self->out, (gsize) n_sent);
    self->shared->n_bytes_out += (guint64) n_sent;
  }
  self->is_output_blocked = n_sent < (gssize) size;
  if (self->is_output_blocked && n_sent > 0)
    self->unread_size = get_unread_size (self);
  if (n_sent > 0 && (self->state == CLOVE_CONNECTION_STREAMING ||
                     self->state == CLOVE_CONNECTION_FLUSHING ||
                     (self->state == CLOVE_CONNECTION_HEAD && self->is_output_blocked)))
    _clove_connection_set_deadline (self, CLOVE_PROGRESS_TIMEOUT_US);
  return !self->is_output_blocked;
}

static void
on_input_end (CloveConnection *self)
{
  gint64 left_us = self->deadline_us - _clove_connection_now_us (self);

  self->has_input_ended = TRUE;
  if (self->state == CLOVE_CONNECTION_QUEUED || self->state == CLOVE_CONNECTION_WAITING)
    _clove_connection_set_deadline (self, MIN (left_us, CLOVE_HALF_CLOSED_US));
}

/* Returns FALSE when the connection is over. */
static gboolean
receive (CloveConnection *self)
{
  guint8 *room = clove_buffer_reserve (&self->in, READ_SIZE);
  gssize n_read = recv (g_socket_get_fd (self->socket), room, READ_SIZE, MSG_DONTWAIT);

  if (n_read > 0) {
    clove_buffer_commit (&self->in, (gsize) n_read);
    self->shared->n_bytes_in += (guint64) n_read;
    return TRUE;
  }
  if (n_read == 0) {
    on_input_end (self);
    return TRUE;
  }
  return errno == EAGAIN || errno == EINTR;
}

static gboolean
on_socket_ready (gpointer user_data)
{
  g_autoptr (CloveConnection) self = g_object_ref (user_data);
  GIOCondition ready = g_source_query_unix_fd (self->source, self->fd_tag);

  /* Both directions are gone, or the other side reset: nobody is left to answer. */
  if ((ready & (G_IO_ERR | G_IO_HUP)) != 0 ||
      ((ready & G_IO_IN) != 0 && !receive (self))) {
    _clove_connection_close (self);
    return G_SOURCE_REMOVE;
  }
  _clove_connection_run (self);
  return self->state == CLOVE_CONNECTION_CLOSED ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static gboolean
socket_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs socket_source_funcs = {
  .dispatch = socket_source_dispatch,
};

void
_clove_connection_attach (CloveConnection *self)
{
  self->condition = G_IO_IN;
  self->source = g_source_new (&socket_source_funcs, sizeof (GSource));
  self->fd_tag =
    g_source_add_unix_fd (self->source, g_socket_get_fd (self->socket), self->condition);
  g_source_set_static_name (self->source, "clove-connection");
  /* Nobody runs a loop inside a callback, and guarding against it costs three system calls. */
  g_source_set_can_recurse (self->source, TRUE);
  g_source_set_callback (self->source, on_socket_ready, self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
}
