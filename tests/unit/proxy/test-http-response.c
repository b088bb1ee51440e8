/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-http-response.h"

typedef struct {
  const char *head;
  gboolean is_head_request;
  /* 0: refused. */
  guint status;
  CloveHttpFraming framing;
  gint64 content_length;
  guint n_fields;
} Case;

static const Case cases[] = {
  { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", FALSE, 200, CLOVE_HTTP_FRAMING_LENGTH, 5, 1 },
  { "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", FALSE, 200, CLOVE_HTTP_FRAMING_LENGTH, 0, 1 },
  { "HTTP/1.1 200\r\n\r\n", FALSE, 200, CLOVE_HTTP_FRAMING_UNTIL_END, -1, 0 },
  { "HTTP/1.7 200 \n\n", FALSE, 200, CLOVE_HTTP_FRAMING_UNTIL_END, -1, 0 },
  { "HTTP/1.1 999 Odd\r\n\r\n", FALSE, 999, CLOVE_HTTP_FRAMING_UNTIL_END, -1, 0 },
  { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", TRUE, 200, CLOVE_HTTP_FRAMING_NONE, 5, 1 },
  { "HTTP/1.1 204 OK\r\nContent-Length: 5\r\n\r\n", FALSE, 204, CLOVE_HTTP_FRAMING_NONE, -1, 1 },
  { "HTTP/1.1 304 OK\r\nContent-Length: 5\r\n\r\n", FALSE, 304, CLOVE_HTTP_FRAMING_NONE, 5, 1 },
  { "HTTP/1.1 100 A\r\nB: c\r\n\r\nHTTP/1.1 200 OK\r\nD: e\r\n\r\n", FALSE, 200,
    CLOVE_HTTP_FRAMING_UNTIL_END, -1, 1 },
  { "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n", FALSE, 200,
    CLOVE_HTTP_FRAMING_CHUNKED, -1, 1 },
  { "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n", FALSE, 200,
    CLOVE_HTTP_FRAMING_CHUNKED, -1, 2 },
  { "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 9\r\n\r\n", FALSE, 200,
    CLOVE_HTTP_FRAMING_LENGTH, 9, 2 },
  { "HTTP/1.1 200 OK\r\nContent-Length: 7, 7\r\nContent-Length: 7\r\n\r\n", FALSE, 200,
    CLOVE_HTTP_FRAMING_LENGTH, 7, 2 },
  { "HTTP/1.1 200 OK\r\nbad name: x\r\n: y\r\nz\r\n folded\r\nGood : a\r\n\r\n", FALSE, 200,
    CLOVE_HTTP_FRAMING_UNTIL_END, -1, 1 },
  { "HTTP/1.1 200OK\r\n\r\n", FALSE, 0, 0, 0, 0 },
  { "HTTP/1.1 2x0 OK\r\n\r\n", FALSE, 0, 0, 0, 0 },
  { "HTTP/1.1  200 OK\r\n\r\n", FALSE, 0, 0, 0, 0 },
  { "HTTP/2.0 200 OK\r\n\r\n", FALSE, 0, 0, 0, 0 },
  { "http/1.1 200 OK\r\n\r\n", FALSE, 0, 0, 0, 0 },
  { "HTTP/1.1 000 OK\r\n\r\n", FALSE, 0, 0, 0, 0 },
  { "HTTP/1.1 101 Switch\r\n\r\n", FALSE, 0, 0, 0, 0 },
  { "\r\nHTTP/1.1 200 OK\r\n\r\n", FALSE, 0, 0, 0, 0 },
  { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", FALSE, 0, 0, 0, 0 },
  { "HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n", FALSE, 0, 0, 0, 0 },
  { "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n", FALSE, 0, 0, 0, 0 },
  { "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", FALSE, 0, 0, 0, 0 },
  { "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", FALSE, 0, 0, 0, 0 },
  { "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", FALSE, 0, 0, 0, 0 },
  { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", FALSE, 0, 0, 0, 0 },
  { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", FALSE, 0, 0, 0, 0 },
};

static void
test_case (gconstpointer user_data)
{
  const Case *c = user_data;
  gsize size = strlen (c->head);
  g_autofree char *more = g_strconcat (c->head, "body\r\n\r\n", NULL);
  CloveHttpResponse response = { 0 };
  CloveHttpResult result = CLOVE_HTTP_FAILED;

  for (gsize n = 0; n < size; n++) {
    g_autofree guint8 *exact = g_memdup2 (c->head, n);

    result = clove_http_response_parse (&response, c->is_head_request, exact, n, NULL);
    g_assert_cmpint (result, !=, CLOVE_HTTP_DONE);
    if (c->status != 0)
      g_assert_cmpint (result, ==, CLOVE_HTTP_NEED_MORE);
  }
  result = clove_http_response_parse (&response, c->is_head_request, (const guint8 *) more,
                                      strlen (more), NULL);
  g_assert_cmpint (result, ==, c->status != 0 ? CLOVE_HTTP_DONE : CLOVE_HTTP_FAILED);
  if (c->status == 0)
    return;
  g_assert_cmpuint (response.status, ==, c->status);
  g_assert_cmpint (response.framing, ==, c->framing);
  g_assert_cmpint (response.content_length, ==, c->content_length);
  g_assert_cmpuint (response.fields.n_items, ==, c->n_fields);
  g_assert_cmpuint (response.head_size, ==, size);
}

static char *
reformat (const char *head, const CloveHttpDelivery *delivery)
{
  CloveHttpResponse response = { 0 };
  g_auto (CloveBuffer) out = { 0 };

  g_assert_cmpint (clove_http_response_parse (&response, FALSE, (const guint8 *) head,
                                              strlen (head), NULL),
                   ==, CLOVE_HTTP_DONE);
  clove_http_response_format (&response, delivery, &out);
  return g_strndup ((const char *) clove_buffer_get_data (&out), clove_buffer_get_size (&out));
}

static void
test_format (void)
{
  static const char head[] =
    "HTTP/1.0 200 Fine\x01\x1b\r\nConnection: close, X-Hop\r\nX-Hop: a\r\nKEEP-ALIVE: b\r\n"
    "Proxy-Authenticate: c\r\nTE: d\r\nTrailer: e\r\nUpgrade: f\r\nContent-Length: 3\r\n"
    "Set-Cookie: g\r\nset-cookie: h\r\nVia: i\r\nFolded: j\r\n\tk\x7fl\r\n\r\n";
  const CloveHttpDelivery by_length = { CLOVE_HTTP_FRAMING_LENGTH, 3, FALSE, FALSE };
  const CloveHttpDelivery by_chunks = { CLOVE_HTTP_FRAMING_CHUNKED, -1, TRUE, FALSE };
  const CloveHttpDelivery old = { CLOVE_HTTP_FRAMING_LENGTH, 3, FALSE, TRUE };
  g_autofree char *length = reformat (head, &by_length);
  g_autofree char *chunks = reformat (head, &by_chunks);
  g_autofree char *http10 = reformat (head, &old);

  g_assert_cmpstr (length, ==,
                   "HTTP/1.1 200 Fine  \r\nSet-Cookie: g\r\nset-cookie: h\r\nVia: i\r\n"
                   "Folded: j  \tk l\r\nContent-Length: 3\r\n\r\n");
  g_assert_true (
    g_str_has_suffix (chunks, "\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"));
  g_assert_null (strstr (chunks, "Content-Length"));
  g_assert_true (
    g_str_has_suffix (http10, "\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\n"));
}

static void
test_limits (void)
{
  g_autoptr (GString) head = g_string_new ("HTTP/1.1 200 OK\r\n");
  CloveHttpResponse response = { 0 };
  g_autofree char *endless = g_strnfill (CLOVE_HTTP_MAX_HEAD_SIZE + 1, 'x');

  for (guint i = 0; i <= CLOVE_HTTP_MAX_FIELDS; i++)
    g_string_append (head, "A: b\r\n");
  g_string_append (head, "\r\n");
  g_assert_cmpint (clove_http_response_parse (&response, FALSE, (const guint8 *) head->str,
                                              head->len, NULL),
                   ==, CLOVE_HTTP_FAILED);
  g_assert_cmpint (clove_http_response_parse (&response, FALSE, (const guint8 *) endless,
                                              CLOVE_HTTP_MAX_HEAD_SIZE + 1, NULL),
                   ==, CLOVE_HTTP_FAILED);
}

/* A row of interim heads is bounded as one head is, however it is cut into pieces. */
static void
test_interim_limit (void)
{
  static const char interim[] = "HTTP/1.1 103 Early Hints\r\n\r\n";
  g_autoptr (GString) row = g_string_new (NULL);
  CloveHttpResponse response = { 0 };
  CloveHttpResult result = CLOVE_HTTP_NEED_MORE;

  while (row->len + strlen (interim) <= CLOVE_HTTP_MAX_HEAD_SIZE) {
    g_string_append (row, interim);
    result = clove_http_response_parse (&response, FALSE, (const guint8 *) row->str, row->len,
                                        NULL);
    g_assert_cmpint (result, ==, CLOVE_HTTP_NEED_MORE);
  }
  g_string_append (row, interim);
  result = clove_http_response_parse (&response, FALSE, (const guint8 *) row->str, row->len, NULL);
  g_assert_cmpint (result, ==, CLOVE_HTTP_FAILED);
  g_string_append (row, "HTTP/1.1 200 OK\r\n\r\n");
  result = clove_http_response_parse (&response, FALSE, (const guint8 *) row->str, row->len, NULL);
  g_assert_cmpint (result, ==, CLOVE_HTTP_FAILED);
}

static void
test_is_by_exit (void)
{
  static const struct {
    const char *reply;
    gboolean is_by_exit;
  } replies[] = {
    { "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 13\r\n\r\nRLDP Error: x", TRUE },
    { "HTTP/1.1 502 Bad Gateway\r\n\r\nRLDP Error", TRUE },
    { "HTTP/1.1 502 Bad Gateway\r\n\r\nRLDP Erro", FALSE },
    { "HTTP/1.1 502 Bad Gateway\r\n\r\nThe site is down", FALSE },
    { "HTTP/1.1 502 Bad Gateway\r\nX: RLDP Error", FALSE },
    { "HTTP/1.1 200 OK\r\n\r\nRLDP Error: x", FALSE },
    { "RLDP Error: x", FALSE },
    { "", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++) {
    gsize size = strlen (replies[i].reply);
    /* Of its exact size, so that a sanitizer sees what is read beyond. */
    g_autofree guint8 *data = g_memdup2 (replies[i].reply, size);

    g_assert_cmpint (clove_http_response_is_by_exit (data, size), ==, replies[i].is_by_exit);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/clove/proxy/http-response/case-%u", i);

    g_test_add_data_func (path, &cases[i], test_case);
  }
  g_test_add_func ("/clove/proxy/http-response/format", test_format);
  g_test_add_func ("/clove/proxy/http-response/is-by-exit", test_is_by_exit);
  g_test_add_func ("/clove/proxy/http-response/limits", test_limits);
  g_test_add_func ("/clove/proxy/http-response/interim-limit", test_interim_limit);
  return g_test_run ();
}
