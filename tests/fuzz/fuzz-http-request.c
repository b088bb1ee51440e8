/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way of a request: head, target, body, the request for the exit. What comes out must be a
 * request that the same strict reader accepts and finds to be for the same site.
 */
#include "config.h"

#include "clove-http-request.h"
#include "clove-http-target.h"
#include "clove-http-upstream.h"
#include "fuzz.h"

#define MAX_SIZE 8044

static gboolean
read_body (CloveHttpUpstream *upstream,
           const CloveHttpRequest *request,
           const uint8_t *data,
           size_t size)
{
  CloveHttpBody body = { 0 };
  CloveHttpResult result = CLOVE_HTTP_NEED_MORE;
  gsize position = request->head_size;

  clove_http_body_init (&body, request->framing, request->content_length);
  do {
    CloveHttpText piece = { 0 };
    gsize consumed = 0;

    result =
      clove_http_body_feed (&body, data + position, size - position, &consumed, &piece, NULL);
    g_assert_cmpuint (consumed, <=, size - position);
    g_assert_cmpuint (piece.size, <=, consumed);
    if (result == CLOVE_HTTP_FAILED || !clove_http_upstream_append (upstream, piece))
      return FALSE;
    position += consumed;
  } while (result == CLOVE_HTTP_NEED_MORE && position < size);
  return result == CLOVE_HTTP_DONE;
}

static void
check_sent (GBytes *sent, const CloveHttpTarget *target)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (sent, &size);
  CloveHttpScan scan = { 0 };
  CloveHttpRequest again = { 0 };
  CloveHttpTarget again_target = { 0 };

  g_assert_cmpuint (size, <=, MAX_SIZE);
  g_assert_cmpint (clove_http_request_parse (&again, &scan, data, size, NULL), ==, CLOVE_HTTP_DONE);
  g_assert_true (again.target.data[0] == '/');
  /* A body goes in chunks; a length is only said when there is none. */
  g_assert_true (again.framing != CLOVE_HTTP_FRAMING_LENGTH || again.content_length == 0);
  g_assert_true (clove_http_text_is (again.host, target->host));
  g_assert_true (clove_http_target_resolve (&again_target, &again, "127.0.0.1:8080", NULL));
  g_assert_cmpstr (again_target.host, ==, target->host);
  if (again.framing != CLOVE_HTTP_FRAMING_CHUNKED)
    g_assert_cmpuint (again.head_size, ==, size);
}

/* Cut anywhere, a head is neither accepted nor refused otherwise than at once. */
static CloveHttpResult
parse_stepwise (CloveHttpRequest *out, const uint8_t *data, size_t size)
{
  CloveHttpScan scan = { 0 };
  CloveHttpResult result = CLOVE_HTTP_NEED_MORE;

  for (gsize n = 0; n < size && result == CLOVE_HTTP_NEED_MORE; n += 1 + n / 3)
    result = clove_http_request_parse (out, &scan, data, n, NULL);
  if (result == CLOVE_HTTP_NEED_MORE)
    result = clove_http_request_parse (out, &scan, data, size, NULL);
  return result;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  CloveHttpRequest request = { 0 };
  CloveHttpRequest stepwise = { 0 };
  CloveHttpTarget target = { 0 };
  CloveHttpScan scan = { 0 };
  CloveHttpUpstream upstream = { 0 };
  g_autoptr (GError) error = NULL;
  CloveHttpResult result = clove_http_request_parse (&request, &scan, data, size, &error);

  g_assert_cmpint (result, ==, parse_stepwise (&stepwise, data, size));
  g_assert_cmpint (result == CLOVE_HTTP_FAILED, ==, error != NULL);
  if (result != CLOVE_HTTP_DONE)
    return 0;
  g_assert_cmpuint (request.head_size, ==, stepwise.head_size);
  if (!clove_http_target_resolve (&target, &request, "127.0.0.1:8080", NULL) ||
      target.kind != CLOVE_HTTP_TARGET_SITE)
    return 0;
  if (clove_http_upstream_begin (&upstream, &request, &target, MAX_SIZE) &&
      read_body (&upstream, &request, data, size)) {
    g_autoptr (GBytes) sent = clove_http_upstream_finish (&upstream);

    /* With Host and Transfer-Encoding added there may be more fields than we take ourselves. */
    if (request.fields.n_items + 2 <= CLOVE_HTTP_MAX_FIELDS)
      check_sent (sent, &target);
  }
  clove_http_upstream_clear (&upstream);
  return 0;
}
