/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What becomes of replies on their way to the browser: framing, heads, breaking off, back-pressure.
 */
#include "config.h"

#include "test-http-harness.h"

#include <string.h>

#define H_ " HTTP/1.1\r\nHost: demo.ton\r\n\r\n"

static void
ask (TestClient *client, TestProxy *proxy, const char *path)
{
  g_autofree char *request = g_strdup_printf ("GET http://demo.ton%s" H_, path);

  test_client_send (client, proxy, request);
}

static void
assert_generated (const GString *body, gsize size)
{
  g_assert_cmpuint (body->len, ==, size);
  for (gsize i = 0; i < size; i++)
    g_assert_cmphex ((guint8) body->str[i], ==, test_backend_byte_at (i));
}

/* Every framing arrives whole, also around the sizes of pieces and of the output buffer. */
static void
test_framings (void)
{
  static const char *const kinds[] = { "bytes", "chunked", "end", "unsized", "drip" };
  static const guint sizes[] = { 0, 1, 999, 1000, 6000, 65519, 65536, 65537, 300000 };
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };

  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  for (guint i = 0; i < G_N_ELEMENTS (kinds) * G_N_ELEMENTS (sizes); i++) {
    const char *kind = kinds[i / G_N_ELEMENTS (sizes)];
    guint size = sizes[i % G_N_ELEMENTS (sizes)];
    g_autofree char *path = g_strdup_printf ("/%s/%u", kind, size);
    g_autoptr (GString) body = g_string_new (NULL);

    if (strcmp (kind, "drip") == 0 && size > 6000)
      continue;
    ask (&client, &proxy, path);
    g_assert_cmpint (test_client_wait_reply (&client, &proxy, body), ==, 200);
    g_assert_cmpuint (client.read->len, ==, 0);
    assert_generated (body, size);
    g_assert_true (proxy.record.is_complete);
    g_assert_cmpuint (proxy.record.body_size, ==, size);
  }
}

/* HTTP/1.0 knows no chunks: the end of the connection is the end of the body. */
static void
test_http10 (void)
{
  g_auto (TestProxy) proxy = { 0 };
  static const char *const kinds[] = { "chunked", "unsized" };

  test_proxy_init (&proxy);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_auto (TestClient) client = { 0 };
    g_autofree char *request = g_strdup_printf (
      "GET http://demo.ton/%s/2500 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", kinds[i]);
    const char *body = NULL;

    test_client_init (&client, &proxy);
    test_client_send (&client, &proxy, request);
    test_client_wait_end (&client, &proxy);
    g_assert_false (client.was_reset);
    g_assert_nonnull (strstr (client.read->str, "\r\nConnection: close\r\n"));
    g_assert_null (strstr (client.read->str, "chunked\r\n"));
    body = strstr (client.read->str, "\r\n\r\n") + 4;
    g_assert_cmpuint (client.read->len - (gsize) (body - client.read->str), ==, 2500);
  }
}

typedef struct {
  const char *method;
  const char *reply;
  const char *expected;
} HeadCase;

static const HeadCase head_cases[] = {
  { "GET", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
    "HTTP/1.1 204 No Content\r\n\r\n" },
  { "GET", "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 5\r\n\r\n",
    "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 5\r\n\r\n" },
  { "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" },
  { "HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n" },
  { "HEAD", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n" },
  { "GET",
    "HTTP/1.0 200 OK\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 1\r\nUpgrade: h2c\r\n"
    "Proxy-Authenticate: Basic\r\nTrailer: A\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n"
    "Content-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 0\r\n\r\n" },
  { "GET", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n"
           "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" },
  { "GET", "HTTP/1.1 200\nA : b\n fold\nbad name: c\nnothing\nContent-Length: 2, 2\n\nok",
    "HTTP/1.1 200 \r\nA: b  fold\r\nContent-Length: 2\r\n\r\nok" },
  { "GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more",
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" },
};

static void
test_heads (gconstpointer user_data)
{
  const HeadCase *c = user_data;
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };
  g_autofree char *request = g_strdup_printf ("%s http://demo.ton/raw/it" H_, c->method);

  test_proxy_init (&proxy);
  test_backend_add_raw (proxy.backend, "it", c->reply);
  test_client_init (&client, &proxy);
  test_client_send (&client, &proxy, request);
  test_client_wait_size (&client, &proxy, strlen (c->expected));
  g_assert_cmpstr (client.read->str, ==, c->expected);
  test_client_assert_silent (&client, &proxy);
  /* The connection is in step: the next answer begins right there. */
  g_string_truncate (client.read, 0);
  ask (&client, &proxy, "/bytes/3");
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 200);
}

static const char *const bad_replies[] = {
  "",
  "\r\n\r\n",
  "hello\r\n\r\n",
  "HTTP/2 200 OK\r\n\r\n",
  "HTTP/1.1 20 OK\r\n\r\n",
  "HTTP/1.1 099 OK\r\n\r\n",
  "HTTP/1.1 2000 OK\r\n\r\n",
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
  "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nhello",
  "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
  "HTTP/1.1 200 OK\r\nServer: it ends here",
  "HTTP/1.1 100 Continue\r\n\r\n",
};

static void
test_bad_replies (void)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };

  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  for (guint i = 0; i < G_N_ELEMENTS (bad_replies); i++) {
    test_backend_add_raw (proxy.backend, "bad", bad_replies[i]);
    ask (&client, &proxy, "/raw/bad");
    g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 502);
    /* The circuit has delivered what the site said. */
    g_assert_cmpint (proxy.record.backend_error, ==, CLOVE_REQUEST_NO_ERROR);
  }
}

typedef struct {
  int code;
  int status;
} ErrorCase;

static void
test_errors (void)
{
  static const ErrorCase cases[] = {
    { CLOVE_BACKEND_ERROR_NOT_READY, 503 },
    { CLOVE_BACKEND_ERROR_CIRCUIT, 502 },
    { CLOVE_BACKEND_ERROR_SITE, 502 },
    { CLOVE_BACKEND_ERROR_TIMEOUT, 504 },
    { CLOVE_BACKEND_ERROR_TOO_LARGE, 413 },
    { CLOVE_BACKEND_ERROR_OVERFLOW, 502 },
    { CLOVE_BACKEND_ERROR_CANCELLED, 503 },
  };
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };

  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/error/%d", cases[i].code);
    g_autoptr (GString) body = g_string_new (NULL);
    gboolean is_site = cases[i].code == CLOVE_BACKEND_ERROR_SITE;

    ask (&client, &proxy, path);
    g_assert_cmpint (test_client_wait_reply (&client, &proxy, body), ==, cases[i].status);
    /* Only the exit's words are shown: escaped, and without the addresses in them. */
    g_assert_cmpint (strstr (body->str, "&lt;b&gt;no&lt;/b&gt; &amp; (address)") != NULL, ==,
                     is_site);
    g_assert_null (strstr (body->str, "192.0.2.7"));
    g_assert_null (strstr (body->str, "2001:db8"));
    g_assert_cmpint (proxy.record.backend_error, ==, cases[i].code);
    g_assert_cmpuint (proxy.record.status, ==, (guint) cases[i].status);
    g_assert_cmpstr (proxy.record_host, ==, "demo.ton");
    g_assert_cmpstr (proxy.record_method, ==, "GET");
  }
}

static void
test_no_backend (void)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };

  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  clove_server_set_backend (proxy.server, NULL);
  ask (&client, &proxy, "/bytes/1");
  test_client_wait_size (&client, &proxy, 200);
  g_assert_nonnull (strstr (client.read->str, "\r\nRetry-After: 5\r\n"));
  g_assert_nonnull (strstr (client.read->str, "\r\nCache-Control: no-store\r\n"));
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 503);
  clove_server_set_backend (proxy.server, CLOVE_BACKEND (proxy.backend));
  ask (&client, &proxy, "/bytes/1");
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 200);
}

/* A reply that breaks off never looks complete, whatever its framing. */
static void
test_break_off (void)
{
  static const char *const paths[] = { "/cut/500", "/stop/500", "/raw/chunk-cut",
                                       "/raw/chunk-bad" };
  g_auto (TestProxy) proxy = { 0 };

  test_proxy_init (&proxy);
  test_backend_add_raw (proxy.backend, "chunk-cut",
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  test_backend_add_raw (proxy.backend, "chunk-bad",
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "5\r\nhelloXX0\r\n\r\n");
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_auto (TestClient) client = { 0 };
    g_auto (TestClient) old = { 0 };
    g_autofree char *request =
      g_strdup_printf ("GET http://demo.ton%s HTTP/1.0\r\n\r\n", paths[i]);
    gboolean is_chunked = g_str_has_prefix (paths[i], "/raw");

    test_client_init (&client, &proxy);
    ask (&client, &proxy, paths[i]);
    test_client_wait_end (&client, &proxy);
    g_assert_true (g_str_has_prefix (client.read->str, "HTTP/1.1 200 OK\r\n"));
    if (is_chunked)
      g_assert_false (g_str_has_suffix (client.read->str, "0\r\n\r\n"));
    else
      g_assert_cmpuint (client.read->len, ==, 500);
    g_assert_false (proxy.record.is_complete);
    g_assert_cmpint (proxy.record.backend_error, ==,
                     i == 0 ? CLOVE_BACKEND_ERROR_CIRCUIT : CLOVE_REQUEST_NO_ERROR);

    test_client_init (&old, &proxy);
    test_client_send (&old, &proxy, request);
    test_client_wait_end (&old, &proxy);
    g_assert_cmpint (old.was_reset, ==, is_chunked);
  }
}

/* A browser that does not read stops its own exchange, and memory stays bounded. */
static void
test_back_pressure (void)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) slow = { 0 };
  g_auto (TestClient) other = { 0 };
  g_autoptr (GString) body = g_string_new (NULL);
  guint64 n_stopped = 0;
  guint64 n_sent = 0;

  test_proxy_init (&proxy);
  test_client_init_small (&slow, &proxy);
  ask (&slow, &proxy, "/bytes/10000000");
  test_proxy_settle (&proxy);
  n_stopped = test_backend_get_n_consumed (proxy.backend);
  n_sent = test_proxy_count (&proxy).n_bytes_out;
  g_assert_cmpuint (n_stopped, <, 6000000);
  g_assert_cmpuint (n_stopped - n_sent, <=, 65536);
  g_assert_cmpuint (test_proxy_count (&proxy).n_in_flight, ==, 1);

  test_client_init (&other, &proxy);
  ask (&other, &proxy, "/bytes/10");
  g_assert_cmpint (test_client_wait_reply (&other, &proxy, NULL), ==, 200);
  g_assert_cmpuint (test_backend_get_n_consumed (proxy.backend) - n_stopped, <, 100);

  g_assert_cmpint (test_client_wait_reply (&slow, &proxy, body), ==, 200);
  assert_generated (body, 10000000);
}

/* One that reads nothing for a minute is dropped; one that reads a little is not. */
static void
test_slow_reader (void)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) slow = { 0 };

  test_proxy_init (&proxy);
  test_client_init_small (&slow, &proxy);
  ask (&slow, &proxy, "/bytes/10000000");
  for (guint i = 0; i < 5; i++) {
    gsize target = slow.read->len + 200000;

    test_proxy_advance (&proxy, TEST_SECONDS (50));
    test_client_wait_size (&slow, &proxy, target);
  }
  g_assert_cmpuint (test_backend_get_n_cancelled (proxy.backend), ==, 0);
  /* What it read last may count once more. */
  for (guint i = 0; i < 2; i++)
    test_proxy_advance (&proxy, TEST_SECONDS (62));
  g_assert_cmpuint (test_proxy_count (&proxy).n_connections, ==, 0);
  test_client_wait_end (&slow, &proxy);
  g_assert_true (slow.was_reset);
  g_assert_false (proxy.record.is_complete);
}

static void
test_deadlines (void)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };

  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  ask (&client, &proxy, "/slow/59000");
  test_proxy_advance (&proxy, TEST_SECONDS (59));
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 200);

  ask (&client, &proxy, "/never");
  test_proxy_advance (&proxy, TEST_SECONDS (59));
  test_client_assert_silent (&client, &proxy);
  test_proxy_advance (&proxy, TEST_SECONDS (2));
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 504);
  g_assert_cmpuint (test_backend_get_n_cancelled (proxy.backend), ==, 1);
  g_assert_cmpint (proxy.record.backend_error, ==, CLOVE_BACKEND_ERROR_TIMEOUT);
  g_assert_cmpint (proxy.record.duration_us, >=, TEST_SECONDS (60));

  /* The late answer of the first does not disturb the second. */
  ask (&client, &proxy, "/bytes/4");
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 200);
}

static void
test_browser_goes_away (void)
{
  static const char *const paths[] = { "/never", "/bytes/10000000" };
  g_auto (TestProxy) proxy = { 0 };

  test_proxy_init (&proxy);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_auto (TestClient) client = { 0 };

    test_client_init (&client, &proxy);
    ask (&client, &proxy, paths[i]);
    test_proxy_settle (&proxy);
    g_assert_cmpuint (test_proxy_count (&proxy).n_in_flight, ==, 1);
    test_client_clear (&client);
    /* An end is only an end of requests at first: the reply may still be wanted. */
    test_proxy_settle (&proxy);
    test_proxy_advance (&proxy, TEST_SECONDS (7));
    test_proxy_wait_connections (&proxy, 0);
    g_assert_cmpuint (test_proxy_count (&proxy).n_in_flight, ==, 0);
    g_assert_cmpuint (test_backend_get_n_alive (proxy.backend), ==, 0);
    g_assert_false (proxy.record.is_complete);
  }
}

static void
test_half_closed (void)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };

  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  ask (&client, &proxy, "/slow/1000");
  ask (&client, &proxy, "/bytes/100000");
  test_client_end (&client);
  test_proxy_advance (&proxy, G_USEC_PER_SEC);
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 200);
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 200);
  test_client_wait_end (&client, &proxy);
  g_assert_false (client.was_reset);
}

/* A turn ends after about a megabyte. What is left for the next turn may be nothing at all: the
 * source must then rest, or settling would never end. */
static void
test_turn_cut_short (void)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };

  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  for (guint size = 900000; size <= 1100000; size += 20000) {
    g_autofree char *request =
      g_strdup_printf ("GET http://a.ton/bytes/%u HTTP/1.1\r\nHost: a.ton\r\n\r\n", size);
    g_autoptr (GString) body = g_string_new (NULL);

    test_client_send (&client, &proxy, request);
    g_assert_cmpint (test_client_wait_reply (&client, &proxy, body), ==, 200);
    g_assert_cmpuint (body->len, ==, size);
    test_proxy_settle (&proxy);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/proxy/replies/framings", test_framings);
  g_test_add_func ("/clove/proxy/replies/http10", test_http10);
  for (guint i = 0; i < G_N_ELEMENTS (head_cases); i++) {
    g_autofree char *path = g_strdup_printf ("/clove/proxy/replies/heads/%u", i);

    g_test_add_data_func (path, &head_cases[i], test_heads);
  }
  g_test_add_func ("/clove/proxy/replies/bad", test_bad_replies);
  g_test_add_func ("/clove/proxy/replies/errors", test_errors);
  g_test_add_func ("/clove/proxy/replies/no-backend", test_no_backend);
  g_test_add_func ("/clove/proxy/replies/break-off", test_break_off);
  g_test_add_func ("/clove/proxy/replies/back-pressure", test_back_pressure);
  g_test_add_func ("/clove/proxy/replies/slow-reader", test_slow_reader);
  g_test_add_func ("/clove/proxy/replies/turn-cut-short", test_turn_cut_short);
  g_test_add_func ("/clove/proxy/replies/deadlines", test_deadlines);
  g_test_add_func ("/clove/proxy/replies/browser-goes-away", test_browser_goes_away);
  g_test_add_func ("/clove/proxy/replies/half-closed", test_half_closed);
  return g_test_run ();
}
