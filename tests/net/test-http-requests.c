/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What each malformed or odd request gets, over a real socket: the exact status, whether the
 * connection stays, and that nothing refused ever reaches the backend.
 */
#include "config.h"

#include "test-http-harness.h"

#include <string.h>

#define G_       "GET http://demo.ton/ HTTP/1.1\r\n"
#define P_       "POST http://demo.ton/ HTTP/1.1\r\n"
#define H_       "Host: demo.ton\r\n"
#define TE_      "Transfer-Encoding: chunked\r\n"
/* Stands for the address of the proxy. */
#define OWN_     "@OWN@"
#define SMUGGLED "GET http://demo.ton/smuggled HTTP/1.1\r\nHost: demo.ton\r\n\r\n"

typedef struct {
  const char *request;
  int status;
  gboolean stays_open;
} Case;

static const Case cases[] = {
  /* Good ones, some odd. */
  { G_ H_ "\r\n", 200, TRUE },
  { "\r\n" G_ H_ "\r\n", 200, TRUE },
  { "GET http://demo.ton HTTP/1.1\r\n" H_ "\r\n", 200, TRUE },
  { "GET http://demo.ton?q HTTP/1.1\r\n" H_ "\r\n", 200, TRUE },
  { "GET HTTP://DEMO.TON.:80/ HTTP/1.1\r\nHost: Demo.ton\r\n\r\n", 200, TRUE },
  { "GET / HTTP/1.1\r\n" H_ "\r\n", 200, TRUE },
  { "GET http://demo.ton/ HTTP/1.0\r\n\r\n", 200, FALSE },
  { "GET http://demo.ton/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, TRUE },
  { G_ H_ "Connection: close\r\n\r\n", 200, FALSE },
  { G_ H_ "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n", 200, TRUE },
  { G_ H_ "Connection: Host, Content-Length\r\n\r\n", 200, TRUE },
  { P_ H_ "Content-Length: 5\r\n\r\nhello", 200, TRUE },
  { P_ H_ "Content-Length: 0\r\n\r\n", 200, TRUE },
  { P_ H_ TE_ "\r\n5\r\nhello\r\n0\r\n\r\n", 200, TRUE },
  { P_ H_ TE_ "\r\n5;x=y\r\nhello\r\n0\r\nA: b\r\n\r\n", 200, TRUE },
  { G_ H_ "Content-Length: 3\r\n\r\nabc", 200, TRUE },
  { "PROPFIND http://demo.ton/ HTTP/1.1\r\n" H_ "\r\n", 200, TRUE },
  { "GET http://name.t.me/ HTTP/1.1\r\nHost: name.t.me\r\n\r\n", 200, TRUE },
  { "GET http://abc.adnl/ HTTP/1.1\r\nHost: abc.adnl\r\n\r\n", 200, TRUE },
  { "GET /proxy.pac HTTP/1.1\r\nHost: " OWN_ "\r\n\r\n", 200, TRUE },
  { "GET /proxy.pac HTTP/1.1\r\nHost: " OWN_ "\r\nConnection: close\r\n\r\n", 200, FALSE },

  /* First line. */
  { "GET /\r\n", 400, FALSE },
  { "GET / HTTP/0.9\r\n\r\n", 505, FALSE },
  { "GET / HTTP/2.0\r\n\r\n", 505, FALSE },
  { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, FALSE },
  { "GET / HTTP/1.2\r\n\r\n", 505, FALSE },
  { "GET / HTTP/1.10\r\n\r\n", 400, FALSE },
  { "GET / http/1.1\r\n\r\n", 400, FALSE },
  { "GET  / HTTP/1.1\r\n\r\n", 400, FALSE },
  { "GET / HTTP/1.1 \r\n\r\n", 400, FALSE },
  { " GET / HTTP/1.1\r\n\r\n", 400, FALSE },
  { "G(T / HTTP/1.1\r\n\r\n", 400, FALSE },
  { "\r\n\r\nGET / HTTP/1.1\r\n\r\n", 400, FALSE },
  { "\x16\x03\x01\x02", 400, FALSE },
  { "GET http://demo.ton/# HTTP/1.1\r\n" H_ "\r\n", 400, FALSE },
  { "GET http://demo.ton/\xff HTTP/1.1\r\n" H_ "\r\n", 400, FALSE },

  /* Line ends and controls. */
  { "GET / HTTP/1.1\n" H_ "\r\n", 400, FALSE },
  { G_ "Host: demo.ton\n\r\n", 400, FALSE },
  { G_ H_ "A: b\rc\r\n\r\n", 400, FALSE },
  { G_ H_ "A: b\r\r\n\r\n", 400, FALSE },
  { G_ H_ "A: \x01\r\n\r\n", 400, FALSE },
  { G_ H_ "A: b\r\n c\r\n\r\n", 400, FALSE },
  { G_ H_ "A: b\r\n\tc\r\n\r\n", 400, FALSE },
  { G_ " " H_ "\r\n", 400, FALSE },

  /* Fields. */
  { G_ H_ "Content-Length : 5\r\n\r\nhello", 400, FALSE },
  { G_ H_ "A B: c\r\n\r\n", 400, FALSE },
  { G_ H_ "nothing\r\n\r\n", 400, FALSE },
  { G_ H_ ": empty\r\n\r\n", 400, FALSE },
  { G_ H_ "A\x80: c\r\n\r\n", 400, FALSE },
  { G_ H_ "Expect: magic\r\n\r\n", 417, FALSE },

  /* Host. */
  { G_ "\r\n", 400, FALSE },
  { G_ H_ H_ "\r\n", 400, FALSE },
  { G_ "Host: other.ton\r\n\r\n", 400, FALSE },
  { G_ "Host: demo.ton:81\r\n\r\n", 400, FALSE },
  { G_ "Host:\r\n\r\n", 400, FALSE },
  { G_ "Host: demo.ton, demo.ton\r\n\r\n", 400, FALSE },
  { "GET / HTTP/1.0\r\n\r\n", 400, FALSE },

  /* Body framing. */
  { P_ H_ "Content-Length: 5\r\n" TE_ "\r\n0\r\n\r\n", 400, FALSE },
  { P_ H_ TE_ "Content-Length: 5\r\n\r\n0\r\n\r\n", 400, FALSE },
  { P_ H_ "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400, FALSE },
  { P_ H_ "Content-Length: 5\r\nContent-Length: 0\r\n\r\n" SMUGGLED, 400, FALSE },
  { P_ H_ "Content-Length: 5, 5\r\n\r\nhello", 400, FALSE },
  { P_ H_ "Content-Length: +5\r\n\r\nhello", 400, FALSE },
  { P_ H_ "Content-Length: -1\r\n\r\n", 400, FALSE },
  { P_ H_ "Content-Length: 0x5\r\n\r\nhello", 400, FALSE },
  { P_ H_ "Content-Length:\r\n\r\n", 400, FALSE },
  { P_ H_ "Content-Length: 99999999999999999999\r\n\r\n", 413, FALSE },
  { P_ H_ "Content-Length: 9000\r\n\r\n", 413, FALSE },
  { P_ H_ "Content-Length: 9000\r\nExpect: 100-continue\r\n\r\n", 413, FALSE },
  { P_ H_ "Transfer-Encoding: gzip\r\n\r\n", 501, FALSE },
  { P_ H_ "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501, FALSE },
  { P_ H_ "Transfer-Encoding: identity\r\n\r\n", 501, FALSE },
  { P_ H_ "Transfer-Encoding: chunked, gzip\r\n\r\n", 400, FALSE },
  { P_ H_ TE_ TE_ "\r\n0\r\n\r\n", 400, FALSE },
  { "POST http://demo.ton/ HTTP/1.0\r\n" TE_ "\r\n0\r\n\r\n", 400, FALSE },
  { P_ H_ TE_ "\r\nx\r\n", 400, FALSE },
  { P_ H_ TE_ "\r\n5 \r\nhello\r\n0\r\n\r\n", 400, FALSE },
  { P_ H_ TE_ "\r\n5\nhello\r\n0\r\n\r\n", 400, FALSE },
  { P_ H_ TE_ "\r\n4\r\nhello\r\n0\r\n\r\n" SMUGGLED, 400, FALSE },
  { P_ H_ TE_ "\r\nfffffffffffffffff\r\n", 400, FALSE },
  { P_ H_ TE_ "\r\n0\r\nno colon\r\n\r\n", 400, FALSE },

  /* Targets. */
  { "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n", 403, TRUE },
  { "HEAD http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n", 403, FALSE },
  { "POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\nContent-Length: 5\r\n\r\nhello",
    403, FALSE },
  { "GET http://127.0.0.1/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 403, TRUE },
  { "GET http://[::1]/ HTTP/1.1\r\nHost: [::1]\r\n\r\n", 403, TRUE },
  { "GET http://t.me/ HTTP/1.1\r\nHost: t.me\r\n\r\n", 403, TRUE },
  { "GET http://demo.ton.evil.com/ HTTP/1.1\r\nHost: demo.ton.evil.com\r\n\r\n", 403, TRUE },
  { "GET https://demo.ton/ HTTP/1.1\r\n" H_ "\r\n", 403, TRUE },
  { "GET ftp://demo.ton/ HTTP/1.1\r\n" H_ "\r\n", 403, TRUE },
  { "GET http://me@demo.ton/ HTTP/1.1\r\n" H_ "\r\n", 400, FALSE },
  { "GET http://demo.ton:99999/ HTTP/1.1\r\n" H_ "\r\n", 400, FALSE },
  { "GET http:///a HTTP/1.1\r\n" H_ "\r\n", 400, FALSE },
  { "GET http://demo.ton/%zz HTTP/1.1\r\n" H_ "\r\n", 400, FALSE },
  { "OPTIONS * HTTP/1.1\r\n" H_ "\r\n", 400, FALSE },
  { "GET / HTTP/1.1\r\nHost: " OWN_ "\r\n\r\n", 400, FALSE },
  { "GET /proxy.pac HTTP/1.1\r\nHost: evil.com\r\n\r\n", 400, FALSE },
  { "POST /proxy.pac HTTP/1.1\r\nHost: " OWN_ "\r\nContent-Length: 0\r\n\r\n", 400, FALSE },
  { "GET http://" OWN_ "/proxy.pac HTTP/1.1\r\nHost: " OWN_ "\r\n\r\n", 403, TRUE },
  { "CONNECT demo.ton:443 HTTP/1.1\r\nHost: demo.ton:443\r\n\r\n", 501, FALSE },
  { "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n", 403, FALSE },
  { "CONNECT http://demo.ton/ HTTP/1.1\r\n" H_ "\r\n", 400, FALSE },
  { "TRACE http://demo.ton/ HTTP/1.1\r\n" H_ "\r\n", 405, FALSE },
};

static char *
fill_in (const Case *c, TestProxy *proxy)
{
  g_autofree char *own = g_strdup_printf ("127.0.0.1:%u", proxy->port);
  g_auto (GStrv) parts = g_strsplit (c->request, OWN_, -1);

  return g_strjoinv (own, parts);
}

static void
check_case (const Case *c, guint step_size)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };
  g_autofree char *request = NULL;
  gsize size = 0;

  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  request = fill_in (c, &proxy);
  size = strlen (request);
  for (gsize i = 0; i < size; i += step_size)
    test_client_send_bytes (&client, &proxy, request + i, MIN (step_size, size - i));
  if (g_str_has_prefix (request, "HEAD")) {
    test_client_wait_size (&client, &proxy, 12);
    g_assert_cmpint (g_ascii_strtoll (client.read->str + 9, NULL, 10), ==, c->status);
    return;
  }
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, c->status);
  if (c->stays_open) {
    test_client_assert_silent (&client, &proxy);
    test_client_send (&client, &proxy, G_ H_ "\r\n");
    g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 200);
  } else {
    test_client_wait_end (&client, &proxy);
    g_assert_cmpuint (client.read->len, ==, 0);
    g_assert_false (client.was_reset);
  }
  if (c->status != 200)
    g_assert_cmpuint (test_backend_get_n_sent (proxy.backend), ==, c->stays_open ? 1 : 0);
}

static void
test_case (gconstpointer user_data)
{
  check_case (user_data, 1 << 20);
}

static void
test_byte_by_byte (gconstpointer user_data)
{
  check_case (user_data, 1);
}

static void
test_nul (void)
{
  static const char request[] = "GET http://demo.ton/ HTTP/1.1\r\nHost: demo.ton\r\nA: \0\r\n\r\n";
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };

  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  test_client_send_bytes (&client, &proxy, request, sizeof request - 1);
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 400);
  test_client_wait_end (&client, &proxy);
}

static int
status_of_large (const char *start, gsize n, const char *end)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };
  g_autofree char *filling = g_strnfill (n, 'a');
  g_autofree char *request = g_strconcat (start, filling, end, NULL);

  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  test_client_send (&client, &proxy, request);
  return test_client_wait_reply (&client, &proxy, NULL);
}

static void
test_limits (void)
{
  static const char target[] = "GET http://demo.ton/";
  static const char end[] = " HTTP/1.1\r\n" H_ "\r\n";
  static const char field[] = G_ H_ "A: ";
  g_autoptr (GString) lines = g_string_new (G_ H_);

  g_assert_cmpint (status_of_large (target, 8192 - 16, end), ==, 413);
  g_assert_cmpint (status_of_large (target, 8192 - 15, end), ==, 414);
  g_assert_cmpint (status_of_large (target, 131072, end), ==, 414);
  g_assert_cmpint (status_of_large (field, 65536 - strlen (field) - 4, "\r\n\r\n"), ==, 413);
  g_assert_cmpint (status_of_large (field, 65537 - strlen (field) - 4, "\r\n\r\n"), ==, 431);
  for (guint i = 1; i < 100; i++)
    g_string_append (lines, "A: b\r\n");
  g_assert_cmpint (status_of_large (lines->str, 0, "\r\n"), ==, 200);
  g_assert_cmpint (status_of_large (lines->str, 0, "A: b\r\n\r\n"), ==, 431);
}

static const char sent_start[] = "POST / HTTP/1.1\r\nHost: demo.ton\r\n"
                                 "Transfer-Encoding: chunked\r\n"
                                 "\r\n";

/* The largest body that fits: head, chunk size of four digits, three line ends, last chunk. */
#define MAX_BODY (8044 - (sizeof sent_start - 1) - 4 - 4 - 5)

static void
check_body (gsize size, gboolean is_chunked, int status)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };
  g_autofree char *body = g_strnfill (size, 'b');
  g_autoptr (GString) request = g_string_new (P_ H_);

  if (is_chunked)
    g_string_append_printf (request, TE_ "\r\n%zx\r\n%s\r\n0\r\n\r\n", size, body);
  else
    g_string_append_printf (request, "Content-Length: %zu\r\n\r\n%s", size, body);
  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  test_client_send (&client, &proxy, request->str);
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, status);
  g_assert_cmpuint (test_backend_get_n_sent (proxy.backend), ==, status == 200 ? 1 : 0);
  if (status == 200) {
    g_autofree char *expected =
      g_strdup_printf ("%s%zx\r\n%s\r\n0\r\n\r\n", sent_start, size, body);

    g_assert_cmpstr (test_backend_get_last_request (proxy.backend), ==, expected);
  }
}

/* 8044 bytes are the most that the exit can be sent. */
static void
test_body_limits (void)
{
  check_body (1, FALSE, 200);
  check_body (MAX_BODY, FALSE, 200);
  check_body (MAX_BODY + 1, FALSE, 413);
  check_body (MAX_BODY, TRUE, 200);
  check_body (MAX_BODY + 1, TRUE, 413);
  check_body (100000, TRUE, 413);
}

static void
test_expect_continue (void)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };

  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  test_client_send (&client, &proxy, P_ H_ "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  test_client_wait_size (&client, &proxy, 25);
  g_assert_cmpstr (client.read->str, ==, "HTTP/1.1 100 Continue\r\n\r\n");
  g_string_truncate (client.read, 0);
  test_client_assert_silent (&client, &proxy);
  test_client_send (&client, &proxy, "hello");
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 200);
  g_assert_null (strstr (test_backend_get_last_request (proxy.backend), "Expect"));

  /* A body that is there already needs no permission. */
  test_client_send (&client, &proxy,
                    P_ H_ "Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhello");
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 200);
}

static void
test_rewrite (void)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };

  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  test_client_send (&client, &proxy,
                    "GET HTTP://DEMO.ton.:80/a?b=c HTTP/1.1\r\nhOsT: demo.ton\r\n"
                    "User-Agent: test\r\nConnection: X-Secret, close\r\nX-Secret: 1\r\n"
                    "Keep-Alive: 5\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: x\r\n"
                    "TE: trailers\r\nTrailer: A\r\nUpgrade: h2c\r\nVia: 1.1 me\r\n"
                    "Forwarded: for=192.0.2.1\r\nX-Forwarded-For: 192.0.2.1\r\n"
                    "x-forwarded-proto: http\r\nX-REAL-IP: 192.0.2.1\r\nContent-Length: 0\r\n"
                    "Cookie: a=b\r\nAccept:  \tx \t\r\n\r\n");
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 200);
  g_assert_cmpstr (test_backend_get_last_host (proxy.backend), ==, "demo.ton");
  g_assert_cmpstr (test_backend_get_last_request (proxy.backend), ==,
                   "GET /a?b=c HTTP/1.1\r\nHost: demo.ton\r\nUser-Agent: test\r\n"
                   "Cookie: a=b\r\nAccept: x\r\n\r\n");
}

/* A body goes out as a chunk; that there is none is said as the browser said it. */
static void
test_body_forms (void)
{
  static const struct {
    const char *fields;
    const char *sent;
  } forms[] = {
    { "\r\n", "\r\n" },
    { "Content-Length: 0\r\n\r\n", "Content-Length: 0\r\n\r\n" },
    { "Content-Length: 00\r\n\r\n", "Content-Length: 0\r\n\r\n" },
    { "Content-Length: 2\r\n\r\nhi", "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n" },
    { "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
  };
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };

  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++) {
    g_autofree char *request = g_strconcat (P_ H_, forms[i].fields, NULL);
    const char *sent = NULL;

    test_client_send (&client, &proxy, request);
    g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 200);
    sent = test_backend_get_last_request (proxy.backend);
    g_assert_cmpstr (strstr (sent, "Host: demo.ton\r\n") + strlen ("Host: demo.ton\r\n"), ==,
                     forms[i].sent);
  }
}

/* A browser gets its error pages as HTML, what writes to a terminal gets text. */
static void
test_page_forms (void)
{
  static const struct {
    const char *accept;
    const char *type;
  } forms[] = {
    { "", "text/html;" },
    { "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n", "text/html;" },
    { "accept: image/png, TEXT/HTML\r\n", "text/html;" },
    { "Accept: */*\r\n", "text/plain;" },
    { "Accept: text/plain, text/html;q=0.5, */*;q=0.1\r\n", "text/plain;" },
    { "Accept: text/html ; q=0.5\r\n", "text/plain;" },
    { "Accept: image/avif,image/webp,*/*;q=0.8\r\n", "text/plain;" },
    { "Accept:\r\n", "text/plain;" },
  };
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };

  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++) {
    g_autofree char *request = g_strconcat (
      "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n", forms[i].accept, "\r\n", NULL);
    g_autofree char *field = g_strconcat ("\r\nContent-Type: ", forms[i].type, NULL);

    test_client_send (&client, &proxy, request);
    test_client_wait_size (&client, &proxy, 200);
    g_assert_nonnull (strstr (client.read->str, field));
    g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 403);
  }
}

static void
add_case (guint i, const char *group, GTestDataFunc func)
{
  g_autofree char *path = g_strdup_printf ("/clove/proxy/requests/%s/%u", group, i);

  g_test_add_data_func (path, &cases[i], func);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    add_case (i, "at-once", test_case);
    add_case (i, "byte-by-byte", test_byte_by_byte);
  }
  g_test_add_func ("/clove/proxy/requests/nul", test_nul);
  g_test_add_func ("/clove/proxy/requests/limits", test_limits);
  g_test_add_func ("/clove/proxy/requests/body-limits", test_body_limits);
  g_test_add_func ("/clove/proxy/requests/expect-continue", test_expect_continue);
  g_test_add_func ("/clove/proxy/requests/rewrite", test_rewrite);
  g_test_add_func ("/clove/proxy/requests/body-forms", test_body_forms);
  g_test_add_func ("/clove/proxy/requests/page-forms", test_page_forms);
  return g_test_run ();
}
