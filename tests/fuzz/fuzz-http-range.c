/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ranges as browsers and sites write them, and replies to requests for a piece. What is taken can
 * be written and is read again as the same; the head for the browser has one length and no part.
 */
#include "config.h"

#include "clove-bulk-reply.h"
#include "fuzz.h"

static void
check_range (CloveHttpText text)
{
  CloveHttpRange range = { 0 };
  CloveHttpRange again = { 0 };
  char value[CLOVE_HTTP_RANGE_SIZE];

  if (!clove_http_range_parse (&range, text))
    return;
  g_assert_cmpint (range.first, >=, 0);
  g_assert_true (range.last == -1 || range.last >= range.first);
  clove_http_range_format (&range, value);
  g_assert_true (clove_http_range_parse (&again, (CloveHttpText){ value, strlen (value) }));
  g_assert_true (again.first == range.first && again.last == range.last);
}

static void
check_content_range (CloveHttpText text)
{
  CloveHttpContentRange range = { 0 };
  CloveHttpContentRange again = { 0 };
  char value[CLOVE_HTTP_RANGE_SIZE];

  if (!clove_http_content_range_parse (&range, text))
    return;
  g_assert_true (range.first >= 0 && range.last >= range.first);
  g_assert_true (range.total == -1 || range.total > range.last);
  clove_http_content_range_format (&range, value);
  g_assert_true (clove_http_content_range_parse (&again, (CloveHttpText){ value, strlen (value) }));
  g_assert_true (again.first == range.first && again.last == range.last &&
                 again.total == range.total);
}

static void
check_head (const CloveBulkRequest *request, CloveHttpResponse *response, gint64 total)
{
  gint64 first = clove_bulk_request_get_range (request)->first;
  gboolean is_part = clove_bulk_request_has_range (request);
  g_auto (CloveBuffer) out = { 0 };
  CloveHttpResponse again = { 0 };
  CloveHttpText value = { 0 };

  clove_bulk_format_head (request, response, total, &out);
  /* A full list of fields has no room for those that are added. */
  if (response->fields.n_items > CLOVE_HTTP_MAX_FIELDS - 3 ||
      clove_buffer_get_size (&out) > CLOVE_HTTP_MAX_HEAD_SIZE)
    return;
  g_assert_cmpint (clove_http_response_parse (&again, FALSE, clove_buffer_get_data (&out),
                                              clove_buffer_get_size (&out), NULL),
                   ==, CLOVE_HTTP_DONE);
  g_assert_cmpuint (again.status, ==, is_part ? 206 : 200);
  g_assert_cmpint (again.content_length, ==, clove_bulk_end_of (request, total) - first);
  g_assert_cmpint (clove_http_fields_find (&again.fields, "content-range", &value), ==, is_part);
}

static void
check_reply (const char *request_text, const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (request_text, strlen (request_text));
  g_autoptr (CloveBulkRequest) request = clove_bulk_request_new (bytes);
  const CloveHttpRange *wanted = clove_bulk_request_get_range (request);
  CloveHttpRange asked = { wanted->first, wanted->first + 99 };
  CloveHttpResponse response = { 0 };
  CloveHttpContentRange content = { 0 };

  if (clove_http_response_parse (&response, FALSE, data, size, NULL) != CLOVE_HTTP_DONE ||
      clove_bulk_judge (request, &asked, &response, (gint64) size, &content) != CLOVE_BULK_PIECES)
    return;
  {
    g_autoptr (CloveBulkSource) source = clove_bulk_source_new (&response, &content);

    g_assert_true (clove_bulk_source_matches (source, &response, &content));
    g_assert_true (content.last + 1 == clove_bulk_end_of (request, content.total) ||
                   clove_bulk_source_get_validator (source) != NULL);
  }
  g_assert_cmpint (content.first, ==, asked.first);
  g_assert_cmpint (content.total, >, content.last);
  check_head (request, &response, content.total);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  CloveHttpText text = { (const char *) data, size };
  gint64 seconds = 0;

  check_range (text);
  check_content_range (text);
  if (clove_http_date_parse (text, &seconds))
    g_assert_cmpuint (size, ==, strlen ("Sun, 06 Nov 1994 08:49:37 GMT"));
  check_reply ("GET / HTTP/1.1\r\nHost: a.ton\r\n\r\n", data, size);
  check_reply ("GET / HTTP/1.1\r\nHost: a.ton\r\nRange: bytes=10-5000\r\n\r\n", data, size);
  return 0;
}
