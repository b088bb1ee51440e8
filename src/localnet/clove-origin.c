/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Redirections are not followed here but by the caller, who knows which names an exit may go to.
 */
#include "config.h"

#include "clove-origin.h"

#include "clove-address.h"

#include <libsoup/soup.h>
#include <string.h>

#define READ_SIZE 65536

struct _CloveOrigin {
  GObject parent_instance;

  /* Set at construction. */
  CloveAddress address;
  char text[CLOVE_ADDRESS_STRING_SIZE];

  /* Owned. */
  SoupSession *session;
};

G_DEFINE_FINAL_TYPE (CloveOrigin, clove_origin, G_TYPE_OBJECT)

typedef struct {
  SoupMessage *message;
  GInputStream *stream;
  GByteArray *body;
} FetchData;

static void
fetch_data_free (gpointer user_data)
{
  FetchData *data = user_data;

  g_clear_object (&data->message);
  g_clear_object (&data->stream);
  g_clear_pointer (&data->body, g_byte_array_unref);
  g_free (data);
}

static gboolean
is_hop_by_hop (const char *name)
{
  static const char *const names[] = {
    "Connection",
    "Keep-Alive",
    "Proxy-Connection",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "Content-Length",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (names[i], name) == 0)
      return TRUE;
  return FALSE;
}

static CloveExitReply *
build_reply (const FetchData *data)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (data->message);
  gboolean is_chunked =
    soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CHUNKED;
  CloveExitReply *reply =
    clove_exit_reply_new (soup_message_get_status (data->message), NULL, NULL);
  SoupMessageHeadersIter iter;
  const char *name = NULL;
  const char *value = NULL;
  g_autofree char *length = g_strdup_printf ("%u", data->body->len);

  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    if (!is_hop_by_hop (name))
      clove_exit_headers_add (reply->headers, name, value);
  if (strcmp (soup_message_get_method (data->message), "HEAD") == 0) {
    value = soup_message_headers_get_one (headers, "Content-Length");
    if (value != NULL)
      clove_exit_headers_add (reply->headers, "Content-Length", value);
    return reply;
  }
  reply->body = g_bytes_new (data->body->data, data->body->len);
  reply->chunk_size = is_chunked ? READ_SIZE : 0;
  clove_exit_headers_add (reply->headers, "Content-Length", length);
  return reply;
}

static void read_more (GTask *task);

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FetchData *data = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) piece =
    g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  CloveExitReply *reply = NULL;
  gsize size = 0;
  const guint8 *bytes = piece != NULL ? g_bytes_get_data (piece, &size) : NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_task_return_error (task, g_steal_pointer (&error));
    return;
  }
  if (size > 0) {
    if (data->body->len + size > CLOVE_EXIT_MAX_BODY_SIZE) {
      reply = clove_exit_reply_new_failure ("the reply does not fit one message");
      g_task_return_pointer (task, reply, (GDestroyNotify) clove_exit_reply_free);
      return;
    }
    g_byte_array_append (data->body, bytes, (guint) size);
    read_more (g_steal_pointer (&task));
    return;
  }
  reply = build_reply (data);
  reply->is_broken = error != NULL;
  g_task_return_pointer (task, reply, (GDestroyNotify) clove_exit_reply_free);
}

static void
read_more (GTask *task)
{
  FetchData *data = g_task_get_task_data (task);

  g_input_stream_read_bytes_async (data->stream, READ_SIZE, G_PRIORITY_DEFAULT,
                                   g_task_get_cancellable (task), on_read, task);
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FetchData *data = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  data->stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (data->stream != NULL)
    read_more (g_steal_pointer (&task));
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, clove_exit_reply_new_failure ("%s", error->message),
                           (GDestroyNotify) clove_exit_reply_free);
}

static void
clove_origin_dispose (GObject *object)
{
  CloveOrigin *self = CLOVE_ORIGIN (object);

  g_clear_object (&self->session);

  G_OBJECT_CLASS (clove_origin_parent_class)->dispose (object);
}

static void
clove_origin_class_init (CloveOriginClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_origin_dispose;
}

static void
clove_origin_init (CloveOrigin *self)
{
  self->session = soup_session_new_with_options ("max-conns", 64, "max-conns-per-host", 64, NULL);
  /* The reply travels as the origin made it: nothing unpacked, no proxy between. */
  soup_session_set_proxy_resolver (self->session, NULL);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_CONTENT_DECODER);
}

/**
 * clove_origin_new:
 * @host_and_port: "127.0.0.1:8000" or "localhost:8000"
 * @error: %G_IO_ERROR_INVALID_ARGUMENT
 *
 * Returns: (transfer full) (nullable): the server at that address, which must be of this machine
 */
CloveOrigin *
clove_origin_new (const char *host_and_port, GError **error)
{
  g_autoptr (CloveOrigin) self = g_object_new (CLOVE_TYPE_ORIGIN, NULL);
  g_autofree char *text = NULL;

  /* Looking the name up could lead anywhere. */
  if (g_str_has_prefix (host_and_port, "localhost:"))
    text = g_strconcat ("127.0.0.1", strchr (host_and_port, ':'), NULL);
  else
    text = g_strdup (host_and_port);
  if (!clove_address_parse (&self->address, text, error))
    return NULL;
  if (!clove_address_is_loopback (&self->address)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "the origin %s is not on this machine", text);
    return NULL;
  }
  clove_address_format (&self->address, self->text);
  return g_steal_pointer (&self);
}

/** clove_origin_is_at: Tell whether a redirection to @host and @port means the origin itself. */
gboolean
clove_origin_is_at (CloveOrigin *self, const char *host, gint port)
{
  g_autofree char *text = strchr (host, ':') != NULL ? g_strdup_printf ("[%s]:%d", host, port)
                                                     : g_strdup_printf ("%s:%d", host, port);
  CloveAddress address = { 0 };

  if (port == clove_address_get_port (&self->address) && strcmp (host, "localhost") == 0)
    return TRUE;
  return clove_address_parse (&address, text, NULL) &&
         clove_address_equal (&address, &self->address);
}

static SoupMessage *
build_message (CloveOrigin *self, const char *host, const CloveExitRequest *request)
{
  g_autofree char *url = g_strconcat ("http://", self->text, request->target, NULL);
  g_autoptr (GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);
  SoupMessage *message = uri != NULL ? soup_message_new_from_uri (request->method, uri) : NULL;
  SoupMessageHeaders *headers = NULL;

  if (message == NULL)
    return NULL;
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  headers = soup_message_get_request_headers (message);
  for (guint i = 0; i < clove_exit_headers_get_size (request->headers); i++) {
    const CloveExitHeader *header = clove_exit_headers_get_nth (request->headers, i);

    if (!is_hop_by_hop (header->name))
      soup_message_headers_append (headers, header->name, header->value);
  }
  soup_message_headers_replace (headers, "Host", host);
  if (g_bytes_get_size (request->body) > 0 || strcmp (request->method, "POST") == 0)
    soup_message_set_request_body_from_bytes (message, NULL, request->body);
  return message;
}

/**
 * clove_origin_fetch_async:
 * @self: the origin
 * @host: the TON name that is visited; becomes the Host header
 * @request: what to ask
 * @cancellable: (nullable): to stop it
 * @callback: called when the reply is whole
 * @user_data: for @callback
 *
 * Ask the origin. What goes wrong with it becomes the exit's own 502, so that the only error of
 * clove_origin_fetch_finish() is %G_IO_ERROR_CANCELLED.
 */
void
clove_origin_fetch_async (CloveOrigin *self,
                          const char *host,
                          const CloveExitRequest *request,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  FetchData *data = g_new0 (FetchData, 1);

  g_task_set_source_tag (task, clove_origin_fetch_async);
  g_task_set_task_data (task, data, fetch_data_free);
  data->body = g_byte_array_new ();
  data->message = build_message (self, host, request);
  if (data->message == NULL) {
    g_task_return_pointer (task, clove_exit_reply_new_failure ("malformed request target"),
                           (GDestroyNotify) clove_exit_reply_free);
    return;
  }
  soup_session_send_async (self->session, data->message, G_PRIORITY_DEFAULT, cancellable, on_sent,
                           g_steal_pointer (&task));
}

/** clove_origin_fetch_finish: (transfer full) (nullable): Take the reply. */
CloveExitReply *
clove_origin_fetch_finish (CloveOrigin *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
