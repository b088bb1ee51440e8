/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The strict reader of request heads (RFC 9112, sections 2 to 6). What two readers could understand
 * in two ways is refused: this is the side that web pages can reach.
 */
#include "config.h"

#include "clove-http-request.h"

/* Method, target, version, their ends and the empty line that may come before. */
#define MAX_FIRST_LINE_SIZE (CLOVE_HTTP_MAX_METHOD_SIZE + CLOVE_HTTP_MAX_TARGET_SIZE + 64)

/* What is collected from the fields before it can be judged. */
typedef struct {
  guint n_hosts;
  guint n_lengths;
  guint n_codings;
  gboolean has_transfer_encoding;
  gboolean has_unknown_coding;
  gboolean has_coding_after_chunked;
  gboolean is_chunked;
} Framing;

static gboolean
parse_version (CloveHttpRequest *out, CloveHttpText version, GError **error)
{
  if (version.size != strlen ("HTTP/1.1") || memcmp (version.data, "HTTP/", 5) != 0 ||
      !g_ascii_isdigit (version.data[5]) || version.data[6] != '.' ||
      !g_ascii_isdigit (version.data[7]))
    return clove_http_refuse_bad ("The request line is malformed.", error);
  if (version.data[5] != '1' || version.data[7] > '1')
    return clove_http_refuse (CLOVE_HTTP_ERROR_VERSION,
                              "Only HTTP/1.0 and HTTP/1.1 are spoken here.", error);
  out->minor_version = (guint) (version.data[7] - '0');
  return TRUE;
}

static gboolean
check_target (CloveHttpText target, GError **error)
{
  if (target.size == 0)
    return clove_http_refuse_bad ("The request line is malformed.", error);
  if (target.size > CLOVE_HTTP_MAX_TARGET_SIZE)
    return clove_http_refuse (CLOVE_HTTP_ERROR_TARGET_TOO_LONG,
                              "The address is longer than 8 KiB.", error);
  for (gsize i = 0; i < target.size; i++) {
    guint8 c = (guint8) target.data[i];

    if (c <= 0x20 || c >= 0x7f)
      return clove_http_refuse_bad ("The address contains a character that must be encoded.",
                                    error);
    if (c == '#')
      return clove_http_refuse_bad ("The address contains a fragment, which is never sent.", error);
  }
  return TRUE;
}

static gboolean
parse_first_line (CloveHttpRequest *out, CloveHttpText line, GError **error)
{
  gsize space = 0;

  if (!clove_http_text_find (line, ' ', &space))
    return clove_http_refuse_bad ("The request line is malformed.", error);
  out->method = (CloveHttpText){ line.data, space };
  line = clove_http_text_skip (line, space + 1);
  if (!clove_http_text_is_token (out->method))
    return clove_http_refuse_bad ("The method is malformed.", error);
  if (out->method.size > CLOVE_HTTP_MAX_METHOD_SIZE)
    return clove_http_refuse (CLOVE_HTTP_ERROR_NOT_IMPLEMENTED, "The method is not known.", error);

  if (!clove_http_text_find (line, ' ', &space))
    return clove_http_refuse_bad ("The request line has no version.", error);
  out->target = (CloveHttpText){ line.data, space };
  return check_target (out->target, error) &&
         parse_version (out, clove_http_text_skip (line, space + 1), error);
}

static gboolean
parse_content_length (CloveHttpRequest *out, Framing *framing, CloveHttpText value, GError **error)
{
  gboolean is_huge = FALSE;

  if (framing->n_lengths++ > 0)
    return clove_http_refuse_bad ("There are several Content-Length fields.", error);
  if (!clove_http_parse_length (value, &out->content_length, &is_huge))
    return clove_http_refuse_bad ("The Content-Length is malformed.", error);
  if (is_huge)
    return clove_http_refuse (CLOVE_HTTP_ERROR_TOO_LARGE, "The body is too large.", error);
  return TRUE;
}

static void
collect_codings (Framing *framing, CloveHttpText value)
{
  CloveHttpText coding = { 0 };

  framing->has_transfer_encoding = TRUE;
  while (clove_http_text_next_item (&value, &coding)) {
    framing->n_codings++;
    framing->has_coding_after_chunked |= framing->is_chunked;
    if (clove_http_text_equals (coding, "chunked"))
      framing->is_chunked = TRUE;
    else
      framing->has_unknown_coding = TRUE;
  }
}

static gboolean
parse_expect (CloveHttpRequest *out, CloveHttpText value, GError **error)
{
  if (!clove_http_text_equals (value, "100-continue"))
    return clove_http_refuse (CLOVE_HTTP_ERROR_EXPECTATION_FAILED,
                              "The expectation cannot be met.", error);
  out->expects_continue = out->minor_version >= 1;
  return TRUE;
}

static gboolean
note_field (CloveHttpRequest *out, Framing *framing, const CloveHttpField *field, GError **error)
{
  if (clove_http_text_equals (field->name, "host")) {
    out->host = field->value;
    if (framing->n_hosts++ > 0)
      return clove_http_refuse_bad ("There are several Host fields.", error);
  } else if (clove_http_text_equals (field->name, "content-length")) {
    return parse_content_length (out, framing, field->value, error);
  } else if (clove_http_text_equals (field->name, "transfer-encoding")) {
    collect_codings (framing, field->value);
  } else if (clove_http_text_equals (field->name, "expect")) {
    return parse_expect (out, field->value, error);
  }
  return TRUE;
}

static gboolean
parse_field (CloveHttpField *out, CloveHttpText line, GError **error)
{
  gsize colon = 0;

  if (line.data[0] == ' ' || line.data[0] == '\t')
    return clove_http_refuse_bad ("A header field is folded over several lines.", error);
  if (!clove_http_text_find (line, ':', &colon))
    return clove_http_refuse_bad ("A header line has no colon.", error);
  out->name = (CloveHttpText){ line.data, colon };
  out->value = clove_http_text_strip (clove_http_text_skip (line, colon + 1));
  if (!clove_http_text_is_token (out->name))
    return clove_http_refuse_bad ("The name of a header field is malformed.", error);
  return TRUE;
}

static gboolean
parse_fields (CloveHttpRequest *out, Framing *framing, CloveHttpText lines, GError **error)
{
  for (;;) {
    CloveHttpText line = clove_http_take_line (&lines);
    CloveHttpField field = { 0 };

    if (line.size == 0)
      return TRUE;
    if (!parse_field (&field, line, error) || !note_field (out, framing, &field, error))
      return FALSE;
    if (!clove_http_fields_add (&out->fields, field.name, field.value))
      return clove_http_refuse (CLOVE_HTTP_ERROR_HEAD_TOO_LARGE,
                                "There are too many header lines.", error);
  }
}

static gboolean
judge_transfer_encoding (CloveHttpRequest *out, const Framing *framing, GError **error)
{
  if (framing->n_lengths > 0)
    return clove_http_refuse_bad ("There are both Content-Length and Transfer-Encoding.", error);
  if (out->minor_version == 0)
    return clove_http_refuse_bad ("HTTP/1.0 has no Transfer-Encoding.", error);
  if (framing->n_codings == 0)
    return clove_http_refuse_bad ("The Transfer-Encoding is empty.", error);
  if (framing->has_coding_after_chunked)
    return clove_http_refuse_bad ("The chunked coding is not the last one.", error);
  if (framing->has_unknown_coding)
    return clove_http_refuse (CLOVE_HTTP_ERROR_NOT_IMPLEMENTED,
                              "The transfer coding is not known.", error);
  out->framing = CLOVE_HTTP_FRAMING_CHUNKED;
  return TRUE;
}

static gboolean
judge (CloveHttpRequest *out, const Framing *framing, GError **error)
{
  gboolean closes = clove_http_fields_has_connection_option (&out->fields, "close");

  if (out->minor_version >= 1 && framing->n_hosts == 0)
    return clove_http_refuse_bad ("There is no Host field.", error);
  if (framing->has_transfer_encoding && !judge_transfer_encoding (out, framing, error))
    return FALSE;
  if (framing->n_lengths > 0)
    out->framing = CLOVE_HTTP_FRAMING_LENGTH;
  out->keeps_alive = !closes;
  if (out->minor_version == 0)
    out->keeps_alive &= clove_http_fields_has_connection_option (&out->fields, "keep-alive");
  return TRUE;
}

static CloveHttpText
text_between (const guint8 *data, gsize start, gsize end)
{
  return (CloveHttpText){ (const char *) data + start, end - start };
}

/* Judges the first line as soon as it is there: who speaks HTTP/0.9 sends no more than that. */
static CloveHttpResult
scan_first_line (CloveHttpRequest *out,
                 CloveHttpScan *scan,
                 const guint8 *data,
                 gsize size,
                 GError **error)
{
  CloveHttpText lines = { 0 };
  CloveHttpResult result =
    clove_http_scan_request (scan, data, MIN (size, MAX_FIRST_LINE_SIZE), error);

  if (result == CLOVE_HTTP_FAILED)
    return result;
  if (scan->n_lines == 0 && size >= MAX_FIRST_LINE_SIZE) {
    clove_http_refuse (CLOVE_HTTP_ERROR_TARGET_TOO_LONG, "The request line is too long.", error);
    return CLOVE_HTTP_FAILED;
  }
  if (scan->n_lines == 0)
    return CLOVE_HTTP_NEED_MORE;
  lines = text_between (data, scan->head_start, scan->n_scanned);
  if (!parse_first_line (out, clove_http_take_line (&lines), error))
    return CLOVE_HTTP_FAILED;
  scan->is_first_line_checked = TRUE;
  return result;
}

/**
 * clove_http_request_parse:
 * @out: (out): the head; undefined unless done
 * @scan: zeroed before the first call for a head, kept between the calls
 * @data: all bytes from the start of the head
 * @size: their number
 * @error: in the domain %CLOVE_HTTP_ERROR; the code is the status to answer with
 *
 * Parse the head of a request. Nothing counts as consumed until it is done.
 */
CloveHttpResult
clove_http_request_parse (CloveHttpRequest *out,
                          CloveHttpScan *scan,
                          const guint8 *data,
                          gsize size,
                          GError **error)
{
  CloveHttpResult result = CLOVE_HTTP_NEED_MORE;
  CloveHttpText lines = { 0 };
  Framing framing = { 0 };

  if (!scan->is_first_line_checked)
    result = scan_first_line (out, scan, data, size, error);
  if (result == CLOVE_HTTP_NEED_MORE && scan->is_first_line_checked)
    result = clove_http_scan_request (scan, data, size, error);
  if (result != CLOVE_HTTP_DONE)
    return result;

  out->host = (CloveHttpText){ 0 };
  out->framing = CLOVE_HTTP_FRAMING_NONE;
  out->content_length = 0;
  out->expects_continue = FALSE;
  out->head_size = scan->n_scanned;
  clove_http_fields_init (&out->fields);
  lines = text_between (data, scan->head_start, scan->n_scanned);
  if (!parse_first_line (out, clove_http_take_line (&lines), error) ||
      !parse_fields (out, &framing, lines, error) || !judge (out, &framing, error))
    return CLOVE_HTTP_FAILED;
  return CLOVE_HTTP_DONE;
}
