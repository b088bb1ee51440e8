/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads the head of a reply as kindly as real servers need it and writes it anew for the browser,
 * so that nothing malformed is passed on: fields without a proper name are left out, folded and
 * control characters become spaces. Only what decides the framing is judged strictly.
 */
#include "config.h"

#include "clove-http-response.h"

/* How exits begin the body of the 502 that they write themselves. */
#define EXIT_PAGE_START "RLDP Error"

static gboolean
refuse (const char *message, GError **error)
{
  return clove_http_refuse (CLOVE_HTTP_ERROR_BAD_GATEWAY, message, error);
}

static gboolean
parse_status_line (CloveHttpResponse *out, CloveHttpText line, GError **error)
{
  /* "HTTP/1.1 200" is the shortest: some servers leave the space after it out. */
  if (line.size < 12 || memcmp (line.data, "HTTP/1.", 7) != 0 ||
      !g_ascii_isdigit (line.data[7]) || line.data[8] != ' ')
    return refuse ("The reply has no status line.", error);
  out->status = 0;
  for (guint i = 9; i < 12; i++) {
    if (!g_ascii_isdigit (line.data[i]))
      return refuse ("The status of the reply is malformed.", error);
    out->status = out->status * 10 + (guint) (line.data[i] - '0');
  }
  if (out->status < 100 || (line.size > 12 && line.data[12] != ' '))
    return refuse ("The status of the reply is malformed.", error);
  out->reason = clove_http_text_strip (clove_http_text_skip (line, 12));
  return TRUE;
}

static gboolean
is_blank (CloveHttpText line)
{
  return line.data[0] == ' ' || line.data[0] == '\t';
}

/* A folded line belongs to the value before it; both lie side by side in the input. */
static void
unfold (CloveHttpFields *fields, CloveHttpText line)
{
  CloveHttpText *value = NULL;

  if (fields->n_items == 0)
    return;
  value = &fields->items[fields->n_items - 1].value;
  value->size = (gsize) (line.data + line.size - value->data);
}

static gboolean
parse_fields (CloveHttpResponse *out, CloveHttpText lines, GError **error)
{
  gboolean was_taken = FALSE;

  for (;;) {
    CloveHttpText line = clove_http_take_line (&lines);
    CloveHttpText name = { 0 };
    gsize colon = 0;

    if (line.size == 0)
      return TRUE;
    if (is_blank (line)) {
      if (was_taken)
        unfold (&out->fields, line);
      continue;
    }
    was_taken = FALSE;
    if (!clove_http_text_find (line, ':', &colon))
      continue;
    /* Space before the colon must be removed from replies (RFC 9112, 5.1). */
    name = clove_http_text_strip ((CloveHttpText){ line.data, colon });
    if (!clove_http_text_is_token (name))
      continue;
    was_taken = clove_http_fields_add (
      &out->fields, name, clove_http_text_strip (clove_http_text_skip (line, colon + 1)));
    if (!was_taken)
      return refuse ("The reply has too many header lines.", error);
  }
}

/* The same length said twice is common and harmless; two lengths are not. */
static gboolean
note_length (CloveHttpResponse *out, CloveHttpText value, GError **error)
{
  CloveHttpText item = { 0 };

  if (value.size == 0)
    return refuse ("The Content-Length of the reply is malformed.", error);
  while (clove_http_text_next_item (&value, &item)) {
    guint64 length = 0;
    gboolean is_huge = FALSE;

    if (!clove_http_parse_length (item, &length, &is_huge) || is_huge)
      return refuse ("The Content-Length of the reply is malformed.", error);
    if (out->content_length >= 0 && (guint64) out->content_length != length)
      return refuse ("The reply has two lengths.", error);
    out->content_length = (gint64) length;
  }
  return TRUE;
}

static gboolean
note_coding (CloveHttpText value, gboolean *is_chunked, GError **error)
{
  CloveHttpText coding = { 0 };

  while (clove_http_text_next_item (&value, &coding)) {
    if (clove_http_text_equals (coding, "identity"))
      continue;
    if (*is_chunked || !clove_http_text_equals (coding, "chunked"))
      return refuse ("The transfer coding of the reply is not known.", error);
    *is_chunked = TRUE;
  }
  return TRUE;
}

static gboolean
has_no_body (const CloveHttpResponse *self, gboolean is_head_request)
{
  return is_head_request || self->status == 204 || self->status == 304;
}

/* RFC 9112, 6.3. */
static gboolean
judge_framing (CloveHttpResponse *out, gboolean is_head_request, GError **error)
{
  gboolean is_chunked = FALSE;

  out->content_length = -1;
  for (guint i = 0; i < out->fields.n_items; i++) {
    const CloveHttpField *field = &out->fields.items[i];

    if (clove_http_text_equals (field->name, "content-length") &&
        !note_length (out, field->value, error))
      return FALSE;
    if (clove_http_text_equals (field->name, "transfer-encoding") &&
        !note_coding (field->value, &is_chunked, error))
      return FALSE;
  }
  /* A length beside chunks must not be believed, nor passed on. */
  if (is_chunked || out->status == 204)
    out->content_length = -1;

  if (has_no_body (out, is_head_request))
    out->framing = CLOVE_HTTP_FRAMING_NONE;
  else if (is_chunked)
    out->framing = CLOVE_HTTP_FRAMING_CHUNKED;
  else if (out->content_length >= 0)
    out->framing = CLOVE_HTTP_FRAMING_LENGTH;
  else
    out->framing = CLOVE_HTTP_FRAMING_UNTIL_END;
  return TRUE;
}

/**
 * clove_http_response_parse:
 * @out: (out): the head; undefined unless done
 * @is_head_request: whether the request was a HEAD
 * @data: all bytes from the start of the reply
 * @size: their number
 * @error: status 502
 *
 * Parse the head of a reply, skipping interim ones (1xx), which count towards its size. Nothing
 * counts as consumed until it is done.
 */
CloveHttpResult
clove_http_response_parse (CloveHttpResponse *out,
                           gboolean is_head_request,
                           const guint8 *data,
                           gsize size,
                           GError **error)
{
  gsize start = 0;

  do {
    CloveHttpScan scan = { 0 };
    CloveHttpText lines = { 0 };
    CloveHttpResult result = CLOVE_HTTP_FAILED;

    result = clove_http_scan_response (&scan, data + start, size - start, error);
    if (result == CLOVE_HTTP_FAILED)
      return result;
    /* Each head has its bound, but nothing else ends a row of interim ones. */
    if (start + scan.n_scanned > CLOVE_HTTP_MAX_HEAD_SIZE)
      return refuse ("The reply has too many interim heads.", error), CLOVE_HTTP_FAILED;
    if (result == CLOVE_HTTP_NEED_MORE)
      return result;
    lines = (CloveHttpText){ (const char *) data + start, scan.n_scanned };
    clove_http_fields_init (&out->fields);
    if (!parse_status_line (out, clove_http_take_line (&lines), error) ||
        !parse_fields (out, lines, error))
      return CLOVE_HTTP_FAILED;
    start += scan.n_scanned;
    /* Nobody asked for another protocol. */
    if (out->status == 101)
      return refuse ("The site switched protocols.", error), CLOVE_HTTP_FAILED;
  } while (out->status < 200);

  out->head_size = start;
  return judge_framing (out, is_head_request, error) ? CLOVE_HTTP_DONE : CLOVE_HTTP_FAILED;
}

/**
 * clove_http_response_is_by_exit:
 * @data: a reply from its start
 * @size: how much of it there is
 *
 * Returns: whether the exit wrote it because it could not ask the site. A site can write the same.
 */
gboolean
clove_http_response_is_by_exit (const guint8 *data, gsize size)
{
  CloveHttpResponse response = { 0 };

  if (clove_http_response_parse (&response, FALSE, data, size, NULL) != CLOVE_HTTP_DONE)
    return FALSE;
  return response.status == 502 && size - response.head_size >= strlen (EXIT_PAGE_START) &&
         memcmp (data + response.head_size, EXIT_PAGE_START, strlen (EXIT_PAGE_START)) == 0;
}

static void
append_clean (CloveBuffer *out, CloveHttpText text)
{
  guint8 *room = clove_buffer_reserve (out, text.size);

  for (gsize i = 0; i < text.size; i++) {
    guint8 c = (guint8) text.data[i];

    room[i] = (c < 0x20 && c != '\t') || c == 0x7f ? ' ' : c;
  }
  clove_buffer_commit (out, text.size);
}

static void
append_delivery (const CloveHttpDelivery *delivery, CloveBuffer *out)
{
  if (delivery->length >= 0) {
    clove_buffer_append_text (out, "Content-Length: ");
    clove_buffer_append_number (out, (guint64) delivery->length, 10);
    clove_buffer_append_text (out, "\r\n");
  }
  if (delivery->framing == CLOVE_HTTP_FRAMING_CHUNKED)
    clove_buffer_append_text (out, "Transfer-Encoding: chunked\r\n");
  if (delivery->closes)
    clove_buffer_append_text (out, "Connection: close\r\n");
  else if (delivery->is_http10)
    clove_buffer_append_text (out, "Connection: keep-alive\r\n");
}

/**
 * clove_http_response_format:
 * @self: the head of a reply
 * @delivery: how it is handed on
 * @out: where to write
 *
 * Write the head for the browser, always as HTTP/1.1 and without what was for one hop only.
 */
void
clove_http_response_format (const CloveHttpResponse *self,
                            const CloveHttpDelivery *delivery,
                            CloveBuffer *out)
{
  clove_buffer_append_text (out, "HTTP/1.1 ");
  clove_buffer_append_number (out, self->status, 10);
  clove_buffer_append_text (out, " ");
  append_clean (out, self->reason);
  clove_buffer_append_text (out, "\r\n");
  for (guint i = 0; i < self->fields.n_items; i++) {
    if (!clove_http_fields_goes_to_browser (&self->fields, i))
      continue;
    append_clean (out, self->fields.items[i].name);
    clove_buffer_append_text (out, ": ");
    append_clean (out, self->fields.items[i].value);
    clove_buffer_append_text (out, "\r\n");
  }
  append_delivery (delivery, out);
  clove_buffer_append_text (out, "\r\n");
}
