/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What heads of requests and responses have in common: where a head ends, its fields, and which of
 * them are for one hop only. A request is scanned strictly, since whoever reads it more kindly than
 * the next reader can be fooled; a response is read kindly, since it is always rebuilt.
 */
#include "config.h"

#include "clove-http-head.h"

/* The first line and the empty one come on top of the fields. */
#define MAX_LINES  (CLOVE_HTTP_MAX_FIELDS + 1)
/* The largest length: one more digit still fits a number. */
#define MAX_LENGTH (G_MAXINT64 / 16)

G_DEFINE_QUARK (clove_http_error, clove_http_error)

/** clove_http_refuse: Set @error, so that @code is answered with @message; returns %FALSE. */
gboolean
clove_http_refuse (CloveHttpError code, const char *message, GError **error)
{
  g_set_error_literal (error, CLOVE_HTTP_ERROR, (int) code, message);
  return FALSE;
}

/** clove_http_refuse_bad: Set @error for a malformed request; returns %FALSE. */
gboolean
clove_http_refuse_bad (const char *message, GError **error)
{
  return clove_http_refuse (CLOVE_HTTP_ERROR_BAD_REQUEST, message, error);
}

static gboolean
is_control (guint8 c)
{
  return (c < 0x20 && c != '\t') || c == 0x7f;
}

static gboolean
check_limits (const CloveHttpScan *self, gsize head_size, int code, GError **error)
{
  if (head_size > CLOVE_HTTP_MAX_HEAD_SIZE) {
    g_set_error (error, CLOVE_HTTP_ERROR, code, "The head is larger than %d KiB.",
                 CLOVE_HTTP_MAX_HEAD_SIZE / 1024);
    return FALSE;
  }
  if (self->n_lines > MAX_LINES) {
    g_set_error (error, CLOVE_HTTP_ERROR, code, "The head has more than %d lines.",
                 CLOVE_HTTP_MAX_FIELDS);
    return FALSE;
  }
  return TRUE;
}

/* Returns whether the line that ends here was the empty one. */
static gboolean
end_line (CloveHttpScan *self, gsize line_end, gsize next)
{
  gboolean is_empty = line_end == self->line_start;

  self->line_start = next;
  if (!is_empty)
    self->n_lines++;
  return is_empty;
}

static CloveHttpResult
fail_bytes (const char *message, GError **error)
{
  clove_http_refuse_bad (message, error);
  return CLOVE_HTTP_FAILED;
}

/* Looks at a byte that may not stand inside a line; moves on when that is right. */
static CloveHttpResult
scan_line_end (CloveHttpScan *self, const guint8 *data, gsize size, GError **error)
{
  gsize i = self->n_scanned;

  if (data[i] != '\r')
    return fail_bytes (data[i] == '\n' ? "A line ends without a carriage return."
                                       : "The head contains a control character.",
                       error);
  if (i + 1 == size)
    return CLOVE_HTTP_NEED_MORE;
  if (data[i + 1] != '\n')
    return fail_bytes ("The head contains a carriage return inside a line.", error);
  self->n_scanned = i + 2;
  if (!end_line (self, i, i + 2))
    return CLOVE_HTTP_NEED_MORE;
  if (self->n_lines > 0)
    return CLOVE_HTTP_DONE;
  /* One empty line before a request is forgiven (RFC 9112, 2.2). */
  if (self->head_start > 0)
    return fail_bytes ("The request begins with empty lines.", error);
  self->head_start = self->n_scanned;
  return CLOVE_HTTP_NEED_MORE;
}

/**
 * clove_http_scan_request:
 * @self: the state, kept between the calls for one head
 * @data: all bytes from the start of the head, also those seen before
 * @size: their number
 * @error: status 400 or 431
 *
 * Look for the end of a request's head and refuse bytes that no head may contain: control
 * characters, CR or LF alone. When done, n_scanned is the size of the head.
 */
CloveHttpResult
clove_http_scan_request (CloveHttpScan *self, const guint8 *data, gsize size, GError **error)
{
  while (self->n_scanned < size) {
    gsize before = self->n_scanned;
    CloveHttpResult result = CLOVE_HTTP_NEED_MORE;

    if (!is_control (data[before])) {
      self->n_scanned++;
      continue;
    }
    result = scan_line_end (self, data, size, error);
    if (result == CLOVE_HTTP_FAILED)
      return result;
    if (!check_limits (self, self->n_scanned - self->head_start, CLOVE_HTTP_ERROR_HEAD_TOO_LARGE,
                       error))
      return CLOVE_HTTP_FAILED;
    if (result == CLOVE_HTTP_DONE || self->n_scanned == before)
      return result;
  }
  if (!check_limits (self, size - self->head_start, CLOVE_HTTP_ERROR_HEAD_TOO_LARGE, error))
    return CLOVE_HTTP_FAILED;
  return CLOVE_HTTP_NEED_MORE;
}

/**
 * clove_http_scan_response:
 * @self: the state, kept between the calls for one head
 * @data: all bytes from the start of the head, also those seen before
 * @size: their number
 * @error: status 502
 *
 * Look for the end of a response's head; a line may end with LF alone.
 */
CloveHttpResult
clove_http_scan_response (CloveHttpScan *self, const guint8 *data, gsize size, GError **error)
{
  while (self->n_scanned < size) {
    const guint8 *found = memchr (data + self->n_scanned, '\n', size - self->n_scanned);
    gsize line_end = found != NULL ? (gsize) (found - data) : size;
    gboolean is_empty = FALSE;

    self->n_scanned = MIN (line_end + 1, size);
    if (found != NULL) {
      if (line_end > self->line_start && data[line_end - 1] == '\r')
        line_end--;
      is_empty = end_line (self, line_end, self->n_scanned);
    }
    if (!check_limits (self, self->n_scanned, CLOVE_HTTP_ERROR_BAD_GATEWAY, error))
      return CLOVE_HTTP_FAILED;
    if (is_empty)
      return CLOVE_HTTP_DONE;
  }
  return CLOVE_HTTP_NEED_MORE;
}

/** clove_http_take_line: Take the next line out of scanned lines, without its end. */
CloveHttpText
clove_http_take_line (CloveHttpText *lines)
{
  CloveHttpText line = *lines;

  line.size = lines->size;
  (void) clove_http_text_find (*lines, '\n', &line.size);
  *lines = clove_http_text_skip (*lines, line.size + 1);
  if (line.size > 0 && line.data[line.size - 1] == '\r')
    line.size--;
  return line;
}

/** clove_http_fields_init: Empty the list; the unused items stay as they are. */
void
clove_http_fields_init (CloveHttpFields *self)
{
  self->n_items = 0;
  self->n_connection = 0;
}

/** clove_http_fields_add: Add a field; %FALSE when the list is full. */
gboolean
clove_http_fields_add (CloveHttpFields *self, CloveHttpText name, CloveHttpText value)
{
  if (self->n_items == CLOVE_HTTP_MAX_FIELDS)
    return FALSE;
  self->items[self->n_items++] = (CloveHttpField){ name, value };
  if (clove_http_text_equals (name, "connection"))
    self->n_connection++;
  return TRUE;
}

/**
 * clove_http_fields_find:
 * @self: fields
 * @name: in lower case
 * @value_out: (out): the value; empty without one
 *
 * Returns: whether there is exactly one field of that name
 */
gboolean
clove_http_fields_find (const CloveHttpFields *self, const char *name, CloveHttpText *value_out)
{
  guint n_found = 0;

  *value_out = (CloveHttpText){ 0 };
  for (guint i = 0; i < self->n_items; i++) {
    if (!clove_http_text_equals (self->items[i].name, name))
      continue;
    *value_out = self->items[i].value;
    n_found++;
  }
  if (n_found != 1)
    *value_out = (CloveHttpText){ 0 };
  return n_found == 1;
}

static gboolean
connection_lists (const CloveHttpFields *self, CloveHttpText wanted)
{
  if (self->n_connection == 0)
    return FALSE;
  for (guint i = 0; i < self->n_items; i++) {
    CloveHttpText list = self->items[i].value;
    CloveHttpText item = { 0 };

    if (!clove_http_text_equals (self->items[i].name, "connection"))
      continue;
    while (clove_http_text_next_item (&list, &item)) {
      if (item.size == wanted.size && g_ascii_strncasecmp (item.data, wanted.data, item.size) == 0)
        return TRUE;
    }
  }
  return FALSE;
}

/** clove_http_fields_has_connection_option: Tell whether Connection lists @option, lower-case. */
gboolean
clove_http_fields_has_connection_option (const CloveHttpFields *self, const char *option)
{
  return connection_lists (self, (CloveHttpText){ option, strlen (option) });
}

static gboolean
is_one_of (CloveHttpText name, const char *const *names)
{
  for (guint i = 0; names[i] != NULL; i++) {
    if (clove_http_text_equals (name, names[i]))
      return TRUE;
  }
  return FALSE;
}

/* Content-Length is among them because framing is always rebuilt. */
static gboolean
is_for_one_hop (const CloveHttpFields *self, CloveHttpText name)
{
  static const char *const names[] = {
    "connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
    NULL
  };

  return is_one_of (name, names) || clove_http_text_has_prefix (name, "proxy-") ||
         connection_lists (self, name);
}

/**
 * clove_http_fields_goes_upstream:
 * @self: the fields of a request
 * @index: which one
 *
 * Returns: whether the field is sent on to the site. What is for one hop is not, nor what is
 *   written anew (Host), was answered here (Expect) or would tell who asks.
 */
gboolean
clove_http_fields_goes_upstream (const CloveHttpFields *self, guint index)
{
  static const char *const names[] = { "expect", "forwarded", "host", "via", "x-real-ip", NULL };
  CloveHttpText name = self->items[index].name;

  return !is_one_of (name, names) && !clove_http_text_has_prefix (name, "x-forwarded-") &&
         !is_for_one_hop (self, name);
}

/** clove_http_fields_goes_to_browser: Tell whether a field of a response is sent on. */
gboolean
clove_http_fields_goes_to_browser (const CloveHttpFields *self, guint index)
{
  return !is_for_one_hop (self, self->items[index].name);
}

/**
 * clove_http_parse_length:
 * @text: a field value
 * @length_out: (out): the number
 * @is_huge_out: (out): whether it is a number too large for any body
 *
 * Returns: whether @text is a plain decimal number
 */
gboolean
clove_http_parse_length (CloveHttpText text, guint64 *length_out, gboolean *is_huge_out)
{
  guint64 length = 0;

  *is_huge_out = FALSE;
  for (gsize i = 0; i < text.size; i++) {
    if (!g_ascii_isdigit (text.data[i]))
      return FALSE;
    if (length <= MAX_LENGTH)
      length = length * 10 + (guint64) (text.data[i] - '0');
  }
  *is_huge_out = length > MAX_LENGTH;
  *length_out = length;
  return text.size > 0;
}
