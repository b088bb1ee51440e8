/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-exit-reply.h"

#include <string.h>

static const struct {
  guint status;
  const char *phrase;
} phrases[] = {
  { 200, "OK" },
  { 201, "Created" },
  { 202, "Accepted" },
  { 204, "No Content" },
  { 206, "Partial Content" },
  { 301, "Moved Permanently" },
  { 302, "Found" },
  { 303, "See Other" },
  { 304, "Not Modified" },
  { 307, "Temporary Redirect" },
  { 308, "Permanent Redirect" },
  { 400, "Bad Request" },
  { 401, "Unauthorized" },
  { 403, "Forbidden" },
  { 404, "Not Found" },
  { 405, "Method Not Allowed" },
  { 410, "Gone" },
  { 412, "Precondition Failed" },
  { 416, "Range Not Satisfiable" },
  { 418, "I'm a teapot" },
  { 429, "Too Many Requests" },
  { 500, "Internal Server Error" },
  { 502, "Bad Gateway" },
  { 503, "Service Unavailable" },
  { 504, "Gateway Timeout" },
};

/** clove_exit_status_phrase: Get the words for a status code. */
const char *
clove_exit_status_phrase (guint status)
{
  for (gsize i = 0; i < G_N_ELEMENTS (phrases); i++)
    if (phrases[i].status == status)
      return phrases[i].phrase;
  return "Status";
}

/**
 * clove_exit_reply_new:
 * @status: the status code
 * @content_type: (nullable): for a body
 * @body: (transfer full) (nullable): the body; its length becomes a header
 *
 * Returns: (transfer full): a reply
 */
CloveExitReply *
clove_exit_reply_new (guint status, const char *content_type, GBytes *body)
{
  CloveExitReply *self = g_new0 (CloveExitReply, 1);

  self->status = status;
  self->headers = clove_exit_headers_new ();
  self->body = body;
  if (content_type != NULL)
    clove_exit_headers_add (self->headers, "Content-Type", content_type);
  if (body != NULL) {
    g_autofree char *length = g_strdup_printf ("%zu", g_bytes_get_size (body));

    clove_exit_headers_add (self->headers, "Content-Length", length);
  }
  return self;
}

static CloveExitReply *
new_from_text (guint status, char *text)
{
  return clove_exit_reply_new (status, "text/plain; charset=utf-8",
                               g_bytes_new_take (text, strlen (text)));
}

/** clove_exit_reply_new_text: (transfer full): A reply with a formatted text as its body. */
CloveExitReply *
clove_exit_reply_new_text (guint status, const char *format, ...)
{
  va_list args;
  char *text = NULL;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  return new_from_text (status, text);
}

/**
 * clove_exit_reply_new_failure:
 * @format: why the site could not be asked
 *
 * Returns: (transfer full): the 502 that an exit makes up itself: "RLDP Error: …"
 */
CloveExitReply *
clove_exit_reply_new_failure (const char *format, ...)
{
  va_list args;
  g_autofree char *reason = NULL;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);
  return new_from_text (502, g_strconcat ("RLDP Error: ", reason, NULL));
}

/** clove_exit_reply_free: Release the reply; %NULL is nothing. */
void
clove_exit_reply_free (CloveExitReply *self)
{
  if (self == NULL)
    return;
  clove_exit_headers_free (self->headers);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_free (self);
}

/** clove_exit_reply_drop_body: Leave the body out but not what the headers say of it, for HEAD. */
void
clove_exit_reply_drop_body (CloveExitReply *self)
{
  g_clear_pointer (&self->body, g_bytes_unref);
  self->is_broken = FALSE;
}

/** clove_exit_reply_get_body_size: Get the size of the body in bytes; 0 without one. */
gsize
clove_exit_reply_get_body_size (const CloveExitReply *self)
{
  return self->body != NULL ? g_bytes_get_size (self->body) : 0;
}

static void
append_chunked (GByteArray *out, const guint8 *data, gsize size, gsize chunk_size)
{
  for (gsize offset = 0; offset < size; offset += chunk_size) {
    gsize n = MIN (chunk_size, size - offset);
    g_autofree char *line = g_strdup_printf ("%zx\r\n", n);

    g_byte_array_append (out, (const guint8 *) line, (guint) strlen (line));
    g_byte_array_append (out, data + offset, (guint) n);
    g_byte_array_append (out, (const guint8 *) "\r\n", 2);
  }
  g_byte_array_append (out, (const guint8 *) "0\r\n\r\n", 5);
}

static gboolean
takes_no_body (guint status)
{
  return status == 204 || status == 304;
}

static void
apply_shape (CloveExitReply *self, CloveExitReplyShape shape)
{
  if (takes_no_body (self->status))
    g_clear_pointer (&self->body, g_bytes_unref);
  if (shape == CLOVE_EXIT_REPLY_FRAMED) {
    if (self->chunk_size > 0) {
      clove_exit_headers_remove (self->headers, "Content-Length");
      clove_exit_headers_set (self->headers, "Transfer-Encoding", "chunked");
    }
    return;
  }
  self->chunk_size = 0;
  clove_exit_headers_remove (self->headers, "Content-Length");
  clove_exit_headers_remove (self->headers, "Transfer-Encoding");
  clove_exit_headers_keep_last (self->headers);
  clove_exit_headers_set (self->headers, "Connection", "close");
  if (self->status >= 300 && self->status < 400)
    g_clear_pointer (&self->body, g_bytes_unref);
}

/**
 * clove_exit_reply_format:
 * @self: a reply; its headers and body are changed to fit @shape
 * @shape: how to frame it
 *
 * Returns: (transfer full): the bytes that travel back
 */
GBytes *
clove_exit_reply_format (CloveExitReply *self, CloveExitReplyShape shape)
{
  g_autoptr (GString) head = g_string_new (NULL);
  g_autoptr (GByteArray) out = NULL;
  gsize size = 0;
  const guint8 *data = NULL;

  apply_shape (self, shape);
  g_string_append_printf (head, "HTTP/1.1 %u %s\r\n", self->status,
                          clove_exit_status_phrase (self->status));
  for (guint i = 0; i < clove_exit_headers_get_size (self->headers); i++) {
    const CloveExitHeader *header = clove_exit_headers_get_nth (self->headers, i);

    g_string_append_printf (head, "%s: %s\r\n", header->name, header->value);
  }
  g_string_append (head, "\r\n");

  size = clove_exit_reply_get_body_size (self);
  out = g_byte_array_sized_new ((guint) (head->len + size + 64));
  g_byte_array_append (out, (const guint8 *) head->str, (guint) head->len);
  if (self->body == NULL)
    return g_byte_array_free_to_bytes (g_steal_pointer (&out));
  data = g_bytes_get_data (self->body, NULL);
  if (self->chunk_size > 0)
    append_chunked (out, data, size, self->chunk_size);
  else if (size > 0)
    g_byte_array_append (out, data, (guint) size);
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}
