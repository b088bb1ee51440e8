/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One command, one connection: connect, send the line, read until the line that ends the answer.
 * Nothing here blocks, and what is read is bounded.
 */
#include "config.h"

#include "clove-fault-client.h"

#include <gio/gunixsocketaddress.h>
#include <string.h>

#define TIMEOUT_S       5
#define READ_SIZE       4096
#define MAX_ANSWER_SIZE 65536

typedef struct {
  char *line; /* with its line end */
  GSocketConnection *connection;
  GString *answer;
  char buffer[READ_SIZE];
} Exchange;

static void read_more (GTask *task);

static void
exchange_free (gpointer data)
{
  Exchange *exchange = data;

  g_free (exchange->line);
  g_clear_object (&exchange->connection);
  g_string_free (exchange->answer, TRUE);
  g_free (exchange);
}

/* Where the last line begins that has its end; NULL if there is none. */
static char *
find_last_line (GString *answer)
{
  char *line = NULL;

  if (answer->len == 0 || answer->str[answer->len - 1] != '\n')
    return NULL;
  answer->str[answer->len - 1] = '\0';
  line = strrchr (answer->str, '\n');
  answer->str[answer->len - 1] = '\n';
  return line != NULL ? line + 1 : answer->str;
}

/* Returns: whether the answer is complete; @task has returned then */
static gboolean
finish_answer (GTask *task)
{
  Exchange *exchange = g_task_get_task_data (task);
  char *last = find_last_line (exchange->answer);

  if (last == NULL)
    return FALSE;
  if (strcmp (last, "ok\n") == 0) {
    g_string_truncate (exchange->answer, (gsize) (last - exchange->answer->str));
    g_task_return_pointer (task, g_strdup (exchange->answer->str), g_free);
    return TRUE;
  }
  if (!g_str_has_prefix (last, "error:"))
    return FALSE;
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s",
                           g_strstrip (last + strlen ("error:")));
  return TRUE;
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Exchange *exchange = g_task_get_task_data (task);
  GError *error = NULL;
  gssize size = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  if (size < 0) {
    g_task_return_error (task, error);
    return;
  }
  g_string_append_len (exchange->answer, exchange->buffer, size);
  if (finish_answer (task))
    return;
  if (size == 0 || exchange->answer->len > MAX_ANSWER_SIZE)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                             "the demo network gave no answer");
  else
    read_more (g_steal_pointer (&task));
}

/* @task is (transfer full). */
static void
read_more (GTask *task)
{
  Exchange *exchange = g_task_get_task_data (task);

  g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM (exchange->connection)),
                             exchange->buffer, sizeof exchange->buffer, G_PRIORITY_DEFAULT,
                             g_task_get_cancellable (task), on_read, task);
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    g_task_return_error (task, error);
  else
    read_more (g_steal_pointer (&task));
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Exchange *exchange = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  GOutputStream *output = NULL;
  GError *error = NULL;

  exchange->connection = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);
  if (exchange->connection == NULL) {
    g_task_return_error (task, error);
    return;
  }
  output = g_io_stream_get_output_stream (G_IO_STREAM (exchange->connection));
  g_output_stream_write_all_async (output, exchange->line, strlen (exchange->line),
                                   G_PRIORITY_DEFAULT, cancellable, on_written,
                                   g_steal_pointer (&task));
}

/**
 * clove_fault_client_send_async:
 * @control: the socket of a demo network
 * @command: a control line without its line end
 * @cancellable: (nullable): to give up
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Send @command.
 */
void
clove_fault_client_send_async (const char *control,
                               const char *command,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (control);
  Exchange *exchange = g_new0 (Exchange, 1);

  exchange->line = g_strconcat (command, "\n", NULL);
  exchange->answer = g_string_new (NULL);
  g_task_set_source_tag (task, clove_fault_client_send_async);
  g_task_set_task_data (task, exchange, exchange_free);
  g_socket_client_set_timeout (client, TIMEOUT_S);
  g_socket_client_connect_async (client, G_SOCKET_CONNECTABLE (address), cancellable,
                                 on_connected, g_steal_pointer (&task));
}

/**
 * clove_fault_client_send_finish:
 * @result: what the callback was given
 * @error: %G_IO_ERROR, %G_IO_ERROR_FAILED with what the network objects to
 *
 * Returns: (transfer full) (nullable): the lines of the answer before its "ok"
 */
char *
clove_fault_client_send_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
