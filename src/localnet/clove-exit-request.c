/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The exit gets each request whole, in one stream message, so this parser never waits for more:
 * what is not complete is wrong. Bodies come with Content-Length or chunked; never both.
 *
 * The proxy's codec is not used here. An exit stands below the proxy, which no layer under it may
 * include; and a reader of its own sees what the proxy writes as a stranger would, where a shared
 * one would make the same mistake twice and find nothing.
 */
#include "config.h"

#include "clove-exit-request.h"

#include <string.h>

#define MAX_HEADER_LINES 128

typedef struct {
  const char *data;
  gsize size;
} Cursor;

static gboolean
fail (GError **error, const char *reason)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, reason);
  return FALSE;
}

/* Take one line that ends in CRLF; bare CR or LF within it makes it no line at all. */
static gboolean
take_line (Cursor *cursor, const char **line_out, gsize *size_out)
{
  const char *end = memchr (cursor->data, '\n', cursor->size);
  gsize size = end != NULL ? (gsize) (end - cursor->data) : 0;

  if (size == 0 || cursor->data[size - 1] != '\r')
    return FALSE;
  if (memchr (cursor->data, '\r', size - 1) != NULL || memchr (cursor->data, '\0', size) != NULL)
    return FALSE;
  *line_out = cursor->data;
  *size_out = size - 1;
  cursor->data += size + 1;
  cursor->size -= size + 1;
  return TRUE;
}

static char *
origin_form (const char *target)
{
  const char *rest = NULL;

  if (target[0] == '/' || strcmp (target, "*") == 0)
    return g_strdup (target);
  if (g_ascii_strncasecmp (target, "http://", 7) != 0)
    return NULL;
  rest = strpbrk (target + 7, "/?");
  if (rest == NULL)
    return g_strdup ("/");
  return rest[0] == '/' ? g_strdup (rest) : g_strconcat ("/", rest, NULL);
}

static gboolean
parse_request_line (CloveExitRequest *self, Cursor *cursor, GError **error)
{
  const char *line = NULL;
  gsize size = 0;
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;

  if (!take_line (cursor, &line, &size))
    return fail (error, "no request line");
  text = g_strndup (line, size);
  words = g_strsplit (text, " ", 4);
  if (g_strv_length (words) != 3 || words[0][0] == '\0' ||
      (strcmp (words[2], "HTTP/1.1") != 0 && strcmp (words[2], "HTTP/1.0") != 0))
    return fail (error, "malformed request line");
  for (const char *p = words[0]; *p != '\0'; p++)
    if (!g_ascii_isalpha (*p) && *p != '-')
      return fail (error, "malformed method");
  for (const char *p = words[1]; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      return fail (error, "malformed request target");
  self->method = g_strdup (words[0]);
  self->target = origin_form (words[1]);
  return self->target != NULL || fail (error, "malformed request target");
}

static gboolean
parse_headers (CloveExitRequest *self, Cursor *cursor, GError **error)
{
  for (guint i = 0; i <= MAX_HEADER_LINES; i++) {
    const char *line = NULL;
    gsize size = 0;

    if (!take_line (cursor, &line, &size))
      return fail (error, "headers do not end");
    if (size == 0)
      return TRUE;
    if (!clove_exit_headers_parse_line (self->headers, line, size))
      return fail (error, "malformed header line");
  }
  return fail (error, "too many header lines");
}

static gboolean
parse_chunk_size (const char *line, gsize size, gsize *chunk_size_out)
{
  gsize value = 0;
  gsize n_digits = 0;

  while (n_digits < size && g_ascii_isxdigit (line[n_digits])) {
    value = value * 16 + (gsize) g_ascii_xdigit_value (line[n_digits++]);
    if (value > CLOVE_EXIT_MAX_REQUEST_SIZE)
      return FALSE;
  }
  *chunk_size_out = value;
  return n_digits > 0 && (n_digits == size || strchr ("; \t", line[n_digits]) != NULL);
}

/* Skip the trailer section; nothing here makes use of trailers. */
static gboolean
skip_trailers (Cursor *cursor, GError **error)
{
  const char *line = NULL;
  gsize size = 0;

  do {
    if (!take_line (cursor, &line, &size))
      return fail (error, "chunked body does not end");
  } while (size > 0);
  return TRUE;
}

static gboolean
parse_chunked (CloveExitRequest *self, Cursor *cursor, GError **error)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();

  for (;;) {
    const char *line = NULL;
    gsize line_size = 0;
    gsize size = 0;

    if (!take_line (cursor, &line, &line_size) || !parse_chunk_size (line, line_size, &size))
      return fail (error, "malformed chunk size");
    if (size == 0)
      break;
    if (cursor->size < size + 2 || memcmp (cursor->data + size, "\r\n", 2) != 0)
      return fail (error, "truncated chunk");
    g_byte_array_append (body, (const guint8 *) cursor->data, (guint) size);
    cursor->data += size + 2;
    cursor->size -= size + 2;
  }
  if (!skip_trailers (cursor, error))
    return FALSE;
  self->body = g_byte_array_free_to_bytes (g_steal_pointer (&body));
  clove_exit_headers_remove (self->headers, "Transfer-Encoding");
  return TRUE;
}

static gboolean
parse_body (CloveExitRequest *self, Cursor *cursor, GError **error)
{
  const char *length = clove_exit_headers_get (self->headers, "Content-Length");
  const char *coding = clove_exit_headers_get (self->headers, "Transfer-Encoding");
  guint64 size = 0;

  self->content_length = -1;
  if (coding != NULL) {
    if (length != NULL || g_ascii_strcasecmp (coding, "chunked") != 0)
      return fail (error, "ambiguous body length");
    return parse_chunked (self, cursor, error);
  }
  if (length != NULL) {
    if (clove_exit_headers_count (self->headers, "Content-Length") != 1 ||
        !g_ascii_string_to_unsigned (length, 10, 0, CLOVE_EXIT_MAX_REQUEST_SIZE, &size, NULL))
      return fail (error, "malformed Content-Length");
    if (size > cursor->size)
      return fail (error, "truncated body");
    self->content_length = (gint64) size;
  }
  self->body = g_bytes_new (cursor->data, (gsize) size);
  return TRUE;
}

/**
 * clove_exit_request_parse:
 * @data: one whole HTTP/1.x request
 * @size: its size
 * @error: %G_IO_ERROR_INVALID_DATA
 *
 * Returns: (transfer full) (nullable): the request
 */
CloveExitRequest *
clove_exit_request_parse (const guint8 *data, gsize size, GError **error)
{
  g_autoptr (CloveExitRequest) self = g_new0 (CloveExitRequest, 1);
  Cursor cursor = { .data = (const char *) data, .size = size };

  self->headers = clove_exit_headers_new ();
  if (size > CLOVE_EXIT_MAX_REQUEST_SIZE) {
    fail (error, "request too large");
    return NULL;
  }
  if (!parse_request_line (self, &cursor, error) || !parse_headers (self, &cursor, error) ||
      !parse_body (self, &cursor, error))
    return NULL;
  return g_steal_pointer (&self);
}

/** clove_exit_request_free: Release the request; %NULL is nothing. */
void
clove_exit_request_free (CloveExitRequest *self)
{
  if (self == NULL)
    return;
  g_free (self->method);
  g_free (self->target);
  clove_exit_headers_free (self->headers);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_free (self);
}
