/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way of a reply: head, body, the head for the browser. That head must be one that the strict
 * reader of requests finds clean, and must have one framing only.
 */
#include "config.h"

#include "clove-http-response.h"
#include "fuzz.h"

static void
check_delivered (const CloveHttpResponse *response)
{
  CloveHttpDelivery delivery = { .framing = response->framing, .length = 5 };
  g_auto (CloveBuffer) out = { 0 };
  CloveHttpScan scan = { 0 };
  CloveHttpResponse again = { 0 };
  gsize size = 0;

  clove_http_response_format (response, &delivery, &out);
  size = clove_buffer_get_size (&out);
  /* Cleaning makes lines longer by a few bytes each. */
  if (size > CLOVE_HTTP_MAX_HEAD_SIZE)
    return;
  g_assert_cmpint (clove_http_scan_request (&scan, clove_buffer_get_data (&out), size, NULL), ==,
                   CLOVE_HTTP_DONE);
  g_assert_cmpuint (scan.n_scanned, ==, size);
  if (response->fields.n_items > CLOVE_HTTP_MAX_FIELDS - 2 ||
      response->framing == CLOVE_HTTP_FRAMING_CHUNKED)
    return;
  g_assert_cmpint (clove_http_response_parse (&again, FALSE, clove_buffer_get_data (&out), size,
                                              NULL),
                   ==, CLOVE_HTTP_DONE);
  g_assert_cmpuint (again.status, ==, response->status);
  if (response->status != 204)
    g_assert_cmpint (again.content_length, ==, 5);
}

static void
read_body (const CloveHttpResponse *response, const uint8_t *data, size_t size)
{
  CloveHttpBody body = { 0 };
  gsize position = response->head_size;
  CloveHttpResult result = CLOVE_HTTP_NEED_MORE;

  clove_http_body_init (&body, response->framing, (guint64) MAX (response->content_length, 0));
  while (position < size && result == CLOVE_HTTP_NEED_MORE) {
    CloveHttpText piece = { 0 };
    gsize consumed = 0;
    gsize n = MIN (size - position, 1 + position % 7);

    result = clove_http_body_feed (&body, data + position, n, &consumed, &piece, NULL);
    g_assert_cmpuint (consumed, <=, n);
    g_assert_cmpuint (piece.size, <=, consumed);
    g_assert_true (consumed > 0 || result != CLOVE_HTTP_NEED_MORE);
    position += consumed;
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  for (guint i = 0; i < 2; i++) {
    CloveHttpResponse response = { 0 };
    g_autoptr (GError) error = NULL;
    CloveHttpResult result = clove_http_response_parse (&response, i == 1, data, size, &error);

    g_assert_cmpint (result == CLOVE_HTTP_FAILED, ==, error != NULL);
    if (result != CLOVE_HTTP_DONE)
      continue;
    g_assert_cmpuint (response.head_size, <=, size);
    check_delivered (&response);
    read_body (&response, data, size);
  }
  return 0;
}
