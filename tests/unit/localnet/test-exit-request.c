/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-exit-request.h"

#include <string.h>

static CloveExitRequest *
parse (const char *text)
{
  return clove_exit_request_parse ((const guint8 *) text, strlen (text), NULL);
}

static void
test_good (void)
{
  static const struct {
    const char *text;
    const char *method;
    const char *target;
    const char *body;
    gint64 content_length;
  } cases[] = {
    { "GET / HTTP/1.1\r\n\r\n", "GET", "/", "", -1 },
    { "GET http://a.ton/x?y HTTP/1.1\r\nHost: a.ton\r\n\r\n", "GET", "/x?y", "", -1 },
    { "GET http://a.ton HTTP/1.0\r\n\r\n", "GET", "/", "", -1 },
    { "GET http://a.ton?q HTTP/1.0\r\n\r\n", "GET", "/?q", "", -1 },
    { "OPTIONS * HTTP/1.1\r\n\r\n", "OPTIONS", "*", "", -1 },
    { "POST /p HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcd", "POST", "/p", "abc", 3 },
    { "POST /p HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "POST", "/p", "", 0 },
    { "POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n02;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n",
      "POST", "/p", "abcde", -1 },
    { "POST /p HTTP/1.1\r\ntransfer-encoding: Chunked\r\n\r\n0\r\n\r\n", "POST", "/p", "", -1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (CloveExitRequest) request = parse (cases[i].text);

    g_test_message ("%s", cases[i].text);
    g_assert_nonnull (request);
    g_assert_cmpstr (request->method, ==, cases[i].method);
    g_assert_cmpstr (request->target, ==, cases[i].target);
    g_assert_cmpmem (g_bytes_get_data (request->body, NULL), g_bytes_get_size (request->body),
                     cases[i].body, strlen (cases[i].body));
    g_assert_cmpint (request->content_length, ==, cases[i].content_length);
    g_assert_null (clove_exit_headers_get (request->headers, "Transfer-Encoding"));
  }
}

static void
test_bad (void)
{
  static const char *const cases[] = {
    "",
    "\r\n",
    "GET / HTTP/1.1",
    "GET / HTTP/1.1\r\n",
    "GET / HTTP/1.1\n\n",
    "GET  / HTTP/1.1\r\n\r\n",
    "GET / HTTP/2.0\r\n\r\n",
    "GET / x HTTP/1.1\r\n\r\n",
    "G\x01T / HTTP/1.1\r\n\r\n",
    "GET a.ton HTTP/1.1\r\n\r\n",
    "GET https://a.ton/ HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nNo colon\r\n\r\n",
    "GET / HTTP/1.1\r\nSpace : x\r\n\r\n",
    "GET / HTTP/1.1\r\n: x\r\n\r\n",
    "GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n",
    "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcd",
    "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 1x\r\n\r\na",
    "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\na",
    "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
    "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (CloveExitRequest) request =
      clove_exit_request_parse ((const guint8 *) cases[i], strlen (cases[i]), &error);

    g_test_message ("%s", cases[i]);
    g_assert_null (request);
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  }
}

/* Every truncation of a good request is refused without reading past its end (under ASan). */
static void
test_truncated (void)
{
  static const char text[] = "POST /p HTTP/1.1\r\nHost: a.ton\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "3\r\nabc\r\n0\r\n\r\n";

  for (gsize size = 0; size < sizeof text - 1; size++) {
    g_autofree guint8 *copy = g_memdup2 (text, MAX (size, 1));
    g_autoptr (CloveExitRequest) request = clove_exit_request_parse (copy, size, NULL);

    g_assert_null (request);
  }
}

static void
test_too_large (void)
{
  g_autofree guint8 *data = g_malloc0 (CLOVE_EXIT_MAX_REQUEST_SIZE + 1);
  g_autoptr (GError) error = NULL;

  g_assert_null (clove_exit_request_parse (data, CLOVE_EXIT_MAX_REQUEST_SIZE + 1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

static void
test_headers (void)
{
  g_autoptr (CloveExitHeaders) headers = clove_exit_headers_new ();

  clove_exit_headers_add (headers, "Set-Cookie", "a=1");
  clove_exit_headers_add (headers, "X-Other", "o");
  clove_exit_headers_add (headers, "set-cookie", "b=2");
  g_assert_cmpuint (clove_exit_headers_count (headers, "SET-COOKIE"), ==, 2);
  g_assert_cmpstr (clove_exit_headers_get (headers, "set-cookie"), ==, "a=1");
  clove_exit_headers_keep_last (headers);
  g_assert_cmpuint (clove_exit_headers_get_size (headers), ==, 2);
  g_assert_cmpstr (clove_exit_headers_get (headers, "Set-Cookie"), ==, "b=2");
  clove_exit_headers_set (headers, "X-Other", clove_exit_headers_get (headers, "X-Other"));
  g_assert_cmpstr (clove_exit_headers_get (headers, "x-other"), ==, "o");
  clove_exit_headers_remove (headers, "x-other");
  g_assert_null (clove_exit_headers_get (headers, "x-other"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/localnet/exit-request/good", test_good);
  g_test_add_func ("/clove/localnet/exit-request/bad", test_bad);
  g_test_add_func ("/clove/localnet/exit-request/truncated", test_truncated);
  g_test_add_func ("/clove/localnet/exit-request/too-large", test_too_large);
  g_test_add_func ("/clove/localnet/exit-request/headers", test_headers);
  return g_test_run ();
}
