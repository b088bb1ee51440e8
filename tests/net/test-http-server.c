/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections and the server: keeping alive, order, limits, time, stopping. */
#include "config.h"

#include "test-http-harness.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define FIELDS " HTTP/1.1\r\nHost: demo.ton\r\n\r\n"

static void
ask (TestClient *client, TestProxy *proxy, const char *path)
{
  g_autofree char *request = g_strdup_printf ("GET http://demo.ton%s" FIELDS, path);

  test_client_send (client, proxy, request);
}

static void
test_new_destroy (void)
{
  g_autoptr (CloveClock) clock = clove_clock_new_fake ();
  CloveServer *server = clove_server_new (clock);
  CloveAddress address = { 0 };

  g_assert_false (clove_server_get_address (server, &address));
  g_assert_finalize_object (server);
}

/* With open connections, too, the server goes at once. */
static void
test_destroy_busy (void)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) idle = { 0 };
  g_auto (TestClient) busy = { 0 };

  test_proxy_init (&proxy);
  test_client_init (&idle, &proxy);
  test_client_init (&busy, &proxy);
  ask (&busy, &proxy, "/never");
  test_proxy_wait_connections (&proxy, 2);
}

static void
test_pipelining (void)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };
  g_autoptr (GString) all = g_string_new (NULL);
  GPtrArray *paths = NULL;

  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  for (guint i = 0; i < 500; i++)
    g_string_append_printf (all, "GET http://demo.ton/bytes/%u" FIELDS, i);
  test_client_send (&client, &proxy, all->str);
  for (guint i = 0; i < 500; i++) {
    g_autoptr (GString) body = g_string_new (NULL);

    g_assert_cmpint (test_client_wait_reply (&client, &proxy, body), ==, 200);
    g_assert_cmpuint (body->len, ==, i);
  }
  paths = test_backend_get_paths (proxy.backend);
  g_assert_cmpuint (paths->len, ==, 500);
  g_assert_cmpstr (g_ptr_array_index (paths, 499), ==, "/bytes/499");
  g_assert_cmpuint (test_backend_get_peak (proxy.backend), ==, 1);
  g_assert_cmpuint (test_proxy_count (&proxy).n_requests, ==, 500);
  g_assert_cmpuint (test_proxy_count (&proxy).n_bytes_in, ==, all->len);
}

/* A slow answer holds back the fast one behind it, and a refusal comes in its turn. */
static void
test_order (void)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };

  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  ask (&client, &proxy, "/slow/1000");
  test_client_send (&client, &proxy,
                    "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n");
  ask (&client, &proxy, "/bytes/5");
  test_client_send (&client, &proxy, "nonsense\r\n\r\n");
  test_client_assert_silent (&client, &proxy);
  test_proxy_advance (&proxy, G_USEC_PER_SEC);
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 200);
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 403);
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 200);
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 400);
  test_client_wait_end (&client, &proxy);
}

/* A flood of pipelined requests behind a slow one is not read beyond a bound. */
static void
test_early_input_is_bounded (void)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };
  g_autofree char *filling = g_strnfill (60000, 'x');
  guint64 n_bytes = 0;

  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  ask (&client, &proxy, "/slow/1000");
  for (guint i = 0; i < 3; i++)
    test_client_send_bytes (&client, &proxy, filling, 60000);
  test_proxy_settle (&proxy);
  n_bytes = test_proxy_count (&proxy).n_bytes_in;
  g_assert_cmpuint (n_bytes, <=, 33792);
  test_proxy_advance (&proxy, G_USEC_PER_SEC);
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 200);
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 414);
}

static void
test_header_timeout (void)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };

  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  test_client_send (&client, &proxy, "GET http://demo.ton/ HTTP/1.1\r\n");
  for (guint i = 0; i < 9; i++) {
    test_proxy_advance (&proxy, G_USEC_PER_SEC);
    test_client_send (&client, &proxy, "A: b\r\n");
  }
  test_client_assert_silent (&client, &proxy);
  test_proxy_advance (&proxy, TEST_SECONDS (2));
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 408);
  test_client_wait_end (&client, &proxy);
  g_assert_cmpuint (test_backend_get_n_sent (proxy.backend), ==, 0);
}

static void
test_body_timeout (void)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };

  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  test_client_send (&client, &proxy,
                    "POST http://demo.ton/ HTTP/1.1\r\nHost: demo.ton\r\n"
                    "Content-Length: 100\r\n\r\n");
  for (guint i = 0; i < 5; i++) {
    test_proxy_advance (&proxy, TEST_SECONDS (11));
    test_client_send (&client, &proxy, "x");
  }
  test_client_assert_silent (&client, &proxy);
  test_proxy_advance (&proxy, TEST_SECONDS (7));
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 408);
  test_client_wait_end (&client, &proxy);
  g_assert_cmpuint (test_backend_get_n_sent (proxy.backend), ==, 0);
}

/* An idle connection ends without a word, whether it was ever used or not. */
static void
test_idle (void)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) used = { 0 };
  g_auto (TestClient) fresh = { 0 };

  test_proxy_init (&proxy);
  test_client_init (&used, &proxy);
  test_client_init (&fresh, &proxy);
  ask (&used, &proxy, "/bytes/5");
  g_assert_cmpint (test_client_wait_reply (&used, &proxy, NULL), ==, 200);
  test_proxy_advance (&proxy, TEST_SECONDS (74));
  test_client_assert_silent (&used, &proxy);
  test_client_assert_silent (&fresh, &proxy);
  test_proxy_advance (&proxy, TEST_SECONDS (3));
  test_client_wait_end (&used, &proxy);
  test_client_wait_end (&fresh, &proxy);
  g_assert_cmpuint (used.read->len + fresh.read->len, ==, 0);
}

/* Being used starts the time anew. */
static void
test_kept_alive (void)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };

  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  for (guint i = 0; i < 10; i++) {
    ask (&client, &proxy, "/bytes/5");
    g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 200);
    test_proxy_advance (&proxy, TEST_SECONDS (60));
  }
  test_client_assert_silent (&client, &proxy);
}

/* The 65th request waits for a slot, and waiting requests go in their order. */
static void
test_queue (void)
{
  enum { N = 80 };
  g_auto (TestProxy) proxy = { 0 };
  TestClient clients[N] = { 0 };
  GPtrArray *paths = NULL;

  test_proxy_init (&proxy);
  for (guint i = 0; i < N; i++) {
    g_autofree char *path = g_strdup_printf ("/slow/%u", 1000 + i);

    test_client_init (&clients[i], &proxy);
    test_proxy_wait_connections (&proxy, i + 1);
    ask (&clients[i], &proxy, path);
    test_proxy_settle (&proxy);
  }
  g_assert_cmpuint (test_proxy_count (&proxy).n_in_flight, ==, 64);
  g_assert_cmpuint (test_proxy_count (&proxy).n_queued, ==, N - 64);
  /* One that goes away loses its place. */
  test_client_clear (&clients[70]);
  test_proxy_advance (&proxy, 999000);
  for (guint i = 0; i < 3; i++)
    test_proxy_advance (&proxy, TEST_SECONDS (2));
  g_assert_cmpuint (test_backend_get_peak (proxy.backend), ==, 64);
  paths = test_backend_get_paths (proxy.backend);
  for (guint i = 0; i < 70; i++) {
    g_autofree char *path = g_strdup_printf ("/slow/%u", 1000 + i);

    g_assert_cmpstr (g_ptr_array_index (paths, i), ==, path);
  }
  for (guint i = 0; i < N; i++) {
    if (i != 70)
      g_assert_cmpint (test_client_wait_reply (&clients[i], &proxy, NULL), ==, 200);
    test_client_clear (&clients[i]);
  }
  g_assert_cmpuint (test_proxy_count (&proxy).n_in_flight, ==, 0);
}

/* Waiting in the queue counts as waiting. */
static void
test_queue_deadline (void)
{
  enum { N = 66 };
  g_auto (TestProxy) proxy = { 0 };
  TestClient clients[N] = { 0 };

  test_proxy_init (&proxy);
  for (guint i = 0; i < N; i++) {
    test_client_init (&clients[i], &proxy);
    test_proxy_wait_connections (&proxy, i + 1);
    ask (&clients[i], &proxy, "/never");
  }
  test_proxy_advance (&proxy, TEST_SECONDS (62));
  for (guint i = 0; i < N; i++) {
    g_assert_cmpint (test_client_wait_reply (&clients[i], &proxy, NULL), ==, 504);
    test_client_clear (&clients[i]);
  }
}

static void
test_too_many_connections (void)
{
  enum { N = CLOVE_SERVER_MAX_CONNECTIONS };
  g_auto (TestProxy) proxy = { 0 };
  g_autofree TestClient *clients = g_new0 (TestClient, N);
  g_auto (TestClient) extra = { 0 };
  g_auto (TestClient) late = { 0 };

  test_proxy_init (&proxy);
  for (guint i = 0; i < N; i++) {
    test_client_init (&clients[i], &proxy);
    test_proxy_wait_connections (&proxy, i + 1);
  }
  test_client_init (&extra, &proxy);
  ask (&extra, &proxy, "/bytes/1");
  g_assert_cmpint (test_client_wait_reply (&extra, &proxy, NULL), ==, 503);
  test_client_wait_end (&extra, &proxy);
  g_assert_cmpuint (test_proxy_count (&proxy).n_connections, ==, N);
  g_assert_cmpuint (test_backend_get_n_sent (proxy.backend), ==, 0);

  ask (&clients[N - 1], &proxy, "/bytes/1");
  g_assert_cmpint (test_client_wait_reply (&clients[N - 1], &proxy, NULL), ==, 200);
  test_client_clear (&clients[0]);
  test_proxy_wait_connections (&proxy, N - 1);
  test_client_init (&late, &proxy);
  ask (&late, &proxy, "/bytes/1");
  g_assert_cmpint (test_client_wait_reply (&late, &proxy, NULL), ==, 200);
  for (guint i = 1; i < N; i++)
    test_client_clear (&clients[i]);
}

static void
test_address_in_use (void)
{
  g_auto (TestProxy) proxy = { 0 };
  g_autoptr (CloveServer) second = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  CloveAddress address = { 0 };

  test_proxy_init (&proxy);
  second = clove_server_new (proxy.clock);
  clove_address_init_loopback (&address, proxy.port);
  g_assert_false (clove_server_listen (second, &address, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  text = g_strdup_printf ("127.0.0.1:%u", proxy.port);
  g_assert_nonnull (strstr (error->message, text));

  clove_address_init_loopback (&address, 0);
  g_assert_true (clove_server_listen (second, &address, NULL));
  g_assert_true (clove_server_get_address (second, &address));
  g_assert_cmpuint (clove_address_get_port (&address), !=, proxy.port);
}

/* Without file descriptors the loop comes to rest, and accepts again a little later. */
static void
test_no_descriptors (void)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };
  struct rlimit limit = { 0 };
  struct rlimit none = { 0 };

  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  none = (struct rlimit){ .rlim_cur = 0, .rlim_max = limit.rlim_max };
  none.rlim_cur = (rlim_t) client.fd + 1;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &none), ==, 0);
  test_proxy_settle (&proxy);
  g_assert_false (g_main_context_iteration (NULL, FALSE));

  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  test_proxy_advance (&proxy, G_USEC_PER_SEC);
  ask (&client, &proxy, "/bytes/1");
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 200);
}

static void
test_pac (void)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };
  g_autofree char *request = NULL;
  g_autofree char *expected = NULL;
  g_autoptr (GString) body = g_string_new (NULL);

  test_proxy_init (&proxy);
  test_client_init (&client, &proxy);
  request = g_strdup_printf ("GET /proxy.pac HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n", proxy.port);
  expected = g_strdup_printf ("return \"PROXY 127.0.0.1:%u\";", proxy.port);
  test_client_send (&client, &proxy, request);
  test_client_wait_size (&client, &proxy, 200);
  g_assert_nonnull (strstr (client.read->str, "application/x-ns-proxy-autoconfig"));
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, body), ==, 200);
  g_assert_nonnull (strstr (body->str, expected));
  g_assert_cmpuint (test_backend_get_n_sent (proxy.backend), ==, 0);
  g_assert_cmpuint (proxy.n_records, ==, 0);
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  gboolean *is_stopped = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_true (clove_server_stop_finish (CLOVE_SERVER (source), result, &error));
  g_assert_no_error (error);
  *is_stopped = TRUE;
}

/* Idle connections end at once, what is in flight ends its reply, nobody new comes in. */
static void
test_stop (void)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) idle = { 0 };
  g_auto (TestClient) busy = { 0 };
  g_auto (TestClient) partial = { 0 };
  g_auto (TestClient) late = { 0 };
  gboolean is_stopped = FALSE;
  CloveAddress address = { 0 };

  test_proxy_init (&proxy);
  test_client_init (&idle, &proxy);
  test_client_init (&busy, &proxy);
  test_client_init (&partial, &proxy);
  test_client_send (&partial, &proxy, "GET ");
  ask (&busy, &proxy, "/slow/3000");
  ask (&busy, &proxy, "/bytes/1");
  test_proxy_wait_connections (&proxy, 3);

  clove_server_stop_async (proxy.server, TEST_SECONDS (10), NULL, on_stopped, &is_stopped);
  test_client_wait_end (&idle, &proxy);
  test_client_wait_end (&partial, &proxy);
  g_assert_false (clove_server_get_address (proxy.server, &address));
  test_client_init (&late, &proxy);
  ask (&late, &proxy, "/bytes/1");
  test_client_clear (&late);
  g_assert_false (is_stopped);

  test_proxy_advance (&proxy, TEST_SECONDS (3));
  g_assert_nonnull (strstr ((test_client_wait_size (&busy, &proxy, 60), busy.read->str),
                            "\r\nConnection: close\r\n"));
  g_assert_cmpint (test_client_wait_reply (&busy, &proxy, NULL), ==, 200);
  test_client_wait_end (&busy, &proxy);
  g_assert_cmpuint (busy.read->len, ==, 0);
  g_assert_false (busy.was_reset);
  test_client_clear (&busy);
  test_proxy_wait_connections (&proxy, 0);
  test_proxy_settle (&proxy);
  g_assert_true (is_stopped);
  g_assert_cmpuint (test_backend_get_n_sent (proxy.backend), ==, 1);
}

/* What is not done in time is cut off, so that it does not look complete. */
static void
check_cut (gboolean by_cancellable)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) busy = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  gboolean is_stopped = FALSE;

  test_proxy_init (&proxy);
  test_client_init (&busy, &proxy);
  ask (&busy, &proxy, "/never");
  test_proxy_settle (&proxy);
  clove_server_stop_async (proxy.server, TEST_SECONDS (10), cancellable, on_stopped,
                           &is_stopped);
  test_proxy_advance (&proxy, TEST_SECONDS (9));
  g_assert_false (is_stopped);
  if (by_cancellable)
    g_cancellable_cancel (cancellable);
  else
    clove_clock_advance (proxy.clock, G_USEC_PER_SEC);
  test_proxy_settle (&proxy);
  g_assert_true (is_stopped);
  test_client_wait_end (&busy, &proxy);
  g_assert_true (busy.was_reset);
  g_assert_cmpuint (test_backend_get_n_cancelled (proxy.backend), ==, 1);
}

static void
test_stop_deadline (void)
{
  check_cut (FALSE);
}

static void
test_stop_cancelled (void)
{
  check_cut (TRUE);
}

/* After a stop the same server can listen again. */
static void
test_listen_again (void)
{
  g_auto (TestProxy) proxy = { 0 };
  g_auto (TestClient) client = { 0 };
  CloveAddress address = { 0 };
  gboolean is_stopped = FALSE;

  test_proxy_init (&proxy);
  clove_server_stop_async (proxy.server, 0, NULL, on_stopped, &is_stopped);
  test_proxy_settle (&proxy);
  g_assert_true (is_stopped);
  clove_address_init_loopback (&address, proxy.port);
  g_assert_true (clove_server_listen (proxy.server, &address, NULL));
  test_client_init (&client, &proxy);
  ask (&client, &proxy, "/bytes/7");
  g_assert_cmpint (test_client_wait_reply (&client, &proxy, NULL), ==, 200);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/proxy/server/new-destroy", test_new_destroy);
  g_test_add_func ("/clove/proxy/server/destroy-busy", test_destroy_busy);
  g_test_add_func ("/clove/proxy/server/pipelining", test_pipelining);
  g_test_add_func ("/clove/proxy/server/order", test_order);
  g_test_add_func ("/clove/proxy/server/early-input-is-bounded", test_early_input_is_bounded);
  g_test_add_func ("/clove/proxy/server/header-timeout", test_header_timeout);
  g_test_add_func ("/clove/proxy/server/body-timeout", test_body_timeout);
  g_test_add_func ("/clove/proxy/server/idle", test_idle);
  g_test_add_func ("/clove/proxy/server/kept-alive", test_kept_alive);
  g_test_add_func ("/clove/proxy/server/queue", test_queue);
  g_test_add_func ("/clove/proxy/server/queue-deadline", test_queue_deadline);
  g_test_add_func ("/clove/proxy/server/too-many-connections", test_too_many_connections);
  g_test_add_func ("/clove/proxy/server/address-in-use", test_address_in_use);
  g_test_add_func ("/clove/proxy/server/no-descriptors", test_no_descriptors);
  g_test_add_func ("/clove/proxy/server/pac", test_pac);
  g_test_add_func ("/clove/proxy/server/stop", test_stop);
  g_test_add_func ("/clove/proxy/server/stop-deadline", test_stop_deadline);
  g_test_add_func ("/clove/proxy/server/stop-cancelled", test_stop_cancelled);
  g_test_add_func ("/clove/proxy/server/listen-again", test_listen_again);
  return g_test_run ();
}
