/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Circuits and streams over a localnet in this process, under a fake clock. */
#include "config.h"

#include "test-net.h"

#include <string.h>

static void
set_up (TestNet *net, gconstpointer options)
{
  test_net_set_up (net, options);
}

static void
tear_down (TestNet *net, gconstpointer user_data)
{
  test_net_tear_down (net);
}

/* The site fills /bytes/N with a pattern that repeats nowhere within a reply. */
static void
assert_fetches_bytes (TestNet *net, CloveCircuit *circuit, guint size)
{
  g_autofree char *path = g_strdup_printf ("/bytes/%u", size);
  g_autoptr (TestReply) reply = test_net_fetch (net, circuit, "demo.ton", path);

  g_assert_no_error (reply->error);
  g_assert_cmpuint (reply->body_size, ==, size);
  g_assert_cmpint (reply->announced_size, ==, reply->bytes->len);
}

static void
test_build (TestNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = test_net_build (net);

  g_assert_cmpint (clove_circuit_get_state (circuit), ==, CLOVE_CIRCUIT_READY);
  for (guint i = 0; i < CLOVE_MAX_HOPS; i++) {
    g_assert_cmpint (clove_circuit_get_hop_state (circuit, i), ==, CLOVE_HOP_READY);
    g_assert_cmpint (clove_circuit_get_hop_time_us (circuit, i), >=, 0);
  }
  g_assert_cmpstr (clove_circuit_get_hop_name (circuit, 2), ==, "relay5");
  g_assert_cmpint (clove_circuit_get_failed_hop (circuit), ==, -1);
}

static void
test_fetch (TestNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = test_net_build (net);
  g_autoptr (TestReply) page = test_net_fetch (net, circuit, "demo.ton", "/");

  g_assert_no_error (page->error);
  g_assert_cmpuint (page->status, ==, 200);
  g_assert_true (test_reply_contains (page, "</html>"));
  assert_fetches_bytes (net, circuit, 0);
  assert_fetches_bytes (net, circuit, 1);
  assert_fetches_bytes (net, circuit, 1000);
  assert_fetches_bytes (net, circuit, 6000);
  assert_fetches_bytes (net, circuit, 100 * 1000);
}

static void
test_fetch_megabyte (TestNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = test_net_build (net);

  assert_fetches_bytes (net, circuit, 1000 * 1000);
}

/* One stream serves many requests to one host, and its id is nothing a counter would give. */
static void
test_reuse (TestNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = test_net_build (net);

  for (guint i = 0; i < 20; i++)
    assert_fetches_bytes (net, circuit, 100);
  g_assert_cmpuint (clove_circuit_get_n_streams (circuit), ==, 1);
  {
    g_autoptr (TestReply) other = test_net_fetch (net, circuit, "other.ton", "/");

    g_assert_no_error (other->error);
  }
  g_assert_cmpuint (clove_circuit_get_n_streams (circuit), ==, 2);
  /* Unused streams go. */
  clove_clock_advance (net->clock, 5 * 60 * G_USEC_PER_SEC);
  g_assert_cmpuint (clove_circuit_get_n_streams (circuit), ==, 0);
}

static void
test_parallel (TestNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = test_net_build (net);
  g_autoptr (GPtrArray) replies =
    g_ptr_array_new_with_free_func ((GDestroyNotify) test_reply_free);

  for (guint i = 0; i < 64; i++) {
    g_autofree char *request =
      g_strdup_printf ("GET /bytes/%u HTTP/1.1\r\nHost: demo.ton\r\n\r\n", 1000 + i);

    g_ptr_array_add (replies, test_net_send (circuit, "demo.ton", request));
  }
  for (guint i = 0; i < replies->len; i++) {
    TestReply *reply = g_ptr_array_index (replies, i);

    test_net_wait (net, reply);
    g_assert_no_error (reply->error);
    g_assert_cmpuint (reply->body_size, ==, 1000 + i);
  }
}

static void
test_site_errors (TestNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = test_net_build (net);
  g_autoptr (TestReply) missing = test_net_fetch (net, circuit, "no.nx.ton", "/");
  g_autoptr (TestReply) invalid = test_net_fetch (net, circuit, "abcdef.invalid", "/");

  g_assert_error (missing->error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_SITE);
  g_assert_true (g_str_has_prefix (missing->error->message, "DNS resolution failed: "));
  g_assert_error (invalid->error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_SITE);
  g_assert_cmpstr (invalid->error->message, ==, "invalid domain format");
  /* A site error proves that the circuit lives. */
  g_assert_cmpint (clove_circuit_get_last_proof_us (circuit), >, 0);
  assert_fetches_bytes (net, circuit, 10);
}

static void
test_largest_request (TestNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = test_net_build (net);
  g_autoptr (GString) request = g_string_new ("GET /headers HTTP/1.1\r\nHost: demo.ton\r\nX: ");
  g_autoptr (TestReply) largest = NULL;
  g_autoptr (TestReply) too_large = NULL;

  while (request->len < CLOVE_STREAM_MAX_REQUEST_SIZE - 4)
    g_string_append_c (request, 'x');
  g_string_append (request, "\r\n\r\n");
  largest = test_net_send (circuit, "demo.ton", request->str);
  test_net_wait (net, largest);
  g_assert_no_error (largest->error);

  g_string_insert_c (request, 40, 'x');
  too_large = test_net_send (circuit, "demo.ton", request->str);
  test_net_wait (net, too_large);
  g_assert_error (too_large->error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_TOO_LARGE);
}

/* Which hop is dead is told by the step that fails; the clock tells that nothing waits longer. */
static void
assert_build_fails_at (TestNet *net, guint hop, const char *prefix, gint64 at_most_us)
{
  static const guint relays[CLOVE_MAX_HOPS] = { 1, 2, 5 };
  g_autoptr (CloveCircuit) circuit = NULL;
  g_autoptr (GError) error = NULL;
  gint64 start_us = 0;

  test_net_command (net, "kill relay%u", relays[hop]);
  circuit = test_net_new_circuit (net, relays[0], relays[1], relays[2]);
  start_us = clove_clock_now_us (net->clock);
  g_assert_false (test_net_try_build (net, circuit, &error));
  g_assert_true (g_str_has_prefix (error->message, prefix));
  g_assert_cmpint (clove_circuit_get_failed_hop (circuit), ==, (gint) hop);
  g_assert_cmpint (clove_circuit_get_state (circuit), ==, CLOVE_CIRCUIT_CLOSED);
  g_assert_cmpint (clove_clock_now_us (net->clock) - start_us, <=, at_most_us);
  test_net_command (net, "heal");
  /* What waited for the dead relay gives up, too. */
  clove_clock_advance (net->clock, 15 * G_USEC_PER_SEC);
  test_loop_settle ();
  g_clear_object (&circuit);
  circuit = test_net_build (net);
  assert_fetches_bytes (net, circuit, 10);
}

static void
test_dead_hops (TestNet *net, gconstpointer user_data)
{
  assert_build_fails_at (net, 0, "entry relay1: ", 11 * G_USEC_PER_SEC);
  assert_build_fails_at (net, 1, "middle relay2: ", 11 * G_USEC_PER_SEC);
  assert_build_fails_at (net, 2, "exit relay5: ", 11 * G_USEC_PER_SEC);
}

static void
test_relay_refuses (TestNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = test_net_new_circuit (net, 1, 2, 5);
  g_autoptr (GError) error = NULL;

  test_net_command (net, "error relay1");
  g_assert_false (test_net_try_build (net, circuit, &error));
  g_assert_error (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_REFUSED);
  g_assert_true (g_str_has_prefix (error->message, "entry relay1: "));
}

/* Somebody else's key for a hop is noticed before anything is sent through it. */
static void
test_wrong_entry_key (TestNet *net, gconstpointer user_data)
{
  CloveHop hops[CLOVE_MAX_HOPS] = { 0 };
  g_autoptr (CloveCircuit) circuit = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < CLOVE_MAX_HOPS; i++)
    hops[i] = test_net_get_hop (net, i + 3);
  hops[0].key = test_net_get_hop (net, 1).key;
  circuit = clove_circuit_new (net->endpoint, net->clock, hops, G_N_ELEMENTS (hops));
  g_assert_false (test_net_try_build (net, circuit, &error));
  g_assert_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_TIMED_OUT);
  g_assert_cmpint (clove_circuit_get_failed_hop (circuit), ==, 0);
}

static void
test_unusable_key (TestNet *net, gconstpointer user_data)
{
  static const guint8 zeros[CLOVE_KEY_SIZE] = { 0 };
  CloveHop hops[CLOVE_MAX_HOPS] = { 0 };
  g_autoptr (CloveCircuit) circuit = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < CLOVE_MAX_HOPS; i++)
    hops[i] = test_net_get_hop (net, i + 3);
  hops[0].key = zeros;
  circuit = clove_circuit_new (net->endpoint, net->clock, hops, G_N_ELEMENTS (hops));
  g_assert_false (test_net_try_build (net, circuit, &error));
  g_assert_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_KEY);
}

static void
test_cancel_build (TestNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = test_net_new_circuit (net, 1, 2, 5);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  test_net_command (net, "freeze relay1");
  clove_circuit_build_async (circuit, 11 * G_USEC_PER_SEC, cancellable, test_loop_on_ready,
                             &result);
  test_loop_settle ();
  g_cancellable_cancel (cancellable);
  test_loop_wait (net->clock, &result);
  g_assert_false (clove_circuit_build_finish (circuit, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (clove_circuit_get_failed_hop (circuit), ==, -1);
}

/* A circuit that is dropped in the middle of building leaves nothing behind. */
static void
test_drop_build (TestNet *net, gconstpointer user_data)
{
  CloveCircuit *circuit = test_net_new_circuit (net, 1, 2, 5);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  test_net_command (net, "freeze relay2");
  clove_circuit_build_async (circuit, 11 * G_USEC_PER_SEC, NULL, test_loop_on_ready, &result);
  test_loop_settle ();
  clove_circuit_close (circuit);
  test_loop_wait (net->clock, &result);
  g_assert_false (clove_circuit_build_finish (circuit, result, &error));
  g_assert_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_CLOSED);
  g_clear_object (&result);
  g_assert_finalize_object (circuit);
}

static void
test_exit_dies (TestNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = test_net_build (net);
  g_autoptr (TestReply) lost = NULL;
  gint64 start_us = 0;

  assert_fetches_bytes (net, circuit, 10);
  test_net_command (net, "kill relay5");
  start_us = clove_clock_now_us (net->clock);
  lost = test_net_fetch (net, circuit, "new.ton", "/");
  g_assert_error (lost->error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_TIMED_OUT);
  g_assert_cmpint (clove_clock_now_us (net->clock) - start_us, ==, 20 * G_USEC_PER_SEC);
}

static void
test_close_ends_requests (TestNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = test_net_build (net);
  g_autoptr (TestReply) slow =
    test_net_send (circuit, "demo.ton", "GET /slow/5000 HTTP/1.1\r\nHost: demo.ton\r\n\r\n");

  test_loop_settle ();
  clove_circuit_close (circuit);
  test_net_wait (net, slow);
  g_assert_error (slow->error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_CLOSED);
}

/* A reader that takes nothing holds the reply, complete, until it does. */
static void
test_slow_reader (TestNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = test_net_build (net);
  g_autoptr (TestReply) reply =
    test_net_send (circuit, "demo.ton", "GET /bytes/300000 HTTP/1.1\r\nHost: demo.ton\r\n\r\n");

  reply->is_slow = TRUE;
  test_net_wait (net, reply);
  g_assert_no_error (reply->error);
  g_assert_cmpuint (reply->bytes->len, ==, 0);
  test_reply_take (reply);
  g_assert_cmpuint (reply->body_size, ==, 300000);
}

/* TL cannot tell the size of a reply of 16 MiB: the exit says so, and the stream goes on. */
static void
test_too_large_reply (TestNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = test_net_build (net);
  g_autoptr (TestReply) reply = test_net_send (
    circuit, "demo.ton", "GET /bytes/16777215 HTTP/1.1\r\nHost: demo.ton\r\n\r\n");

  test_net_wait (net, reply);
  g_assert_no_error (reply->error);
  g_assert_cmpuint (reply->status, ==, 502);
  g_assert_true (test_reply_contains (reply, "RLDP Error: "));
  assert_fetches_bytes (net, circuit, 1000);
}

/* Loss of one datagram in a burst is noticed within two seconds, not after a minute. */
static void
test_stall (TestNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = test_net_build (net);
  g_autoptr (TestReply) reply = NULL;
  gint64 start_us = 0;

  assert_fetches_bytes (net, circuit, 10);
  test_net_command (net, "drop relay2 15");
  start_us = clove_clock_now_us (net->clock);
  for (guint i = 0; i < 20 && (reply == NULL || reply->error == NULL ||
                               reply->error->code != CLOVE_CIRCUIT_ERROR_STALLED);
       i++) {
    g_clear_pointer (&reply, test_reply_free);
    start_us = clove_clock_now_us (net->clock);
    reply = test_net_fetch (net, circuit, "demo.ton", "/bytes/200000");
  }
  g_assert_error (reply->error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_STALLED);
  g_assert_cmpint (clove_clock_now_us (net->clock) - start_us, <=, 5 * G_USEC_PER_SEC);
}

/* Corrupted datagrams never become a wrong page. */
static void
test_corruption (TestNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = test_net_build (net);
  g_autoptr (TestReply) good = test_net_fetch (net, circuit, "demo.ton", "/bytes/50000");
  guint n_good = 0;

  g_assert_no_error (good->error);
  test_net_command (net, "corrupt relay2 5");
  for (guint i = 0; i < 30; i++) {
    g_autoptr (TestReply) reply = test_net_fetch (net, circuit, "demo.ton", "/bytes/50000");

    if (reply->error != NULL)
      continue;
    n_good++;
    g_assert_cmpmem (reply->body, reply->body_size, good->body, good->body_size);
  }
  g_assert_cmpuint (n_good, <, 30);
}

/* Two clients on one exit: on the reference, ids that clash would swap their pages. */
static void
test_two_clients (TestNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) first = test_net_build (net);
  g_autoptr (CloveCircuit) second = test_net_new_circuit (net, 3, 1, 5);
  g_autoptr (GError) error = NULL;

  test_net_try_build (net, second, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 20; i++) {
    g_autoptr (TestReply) a = test_net_fetch (net, first, "a.ton", "/headers");
    g_autoptr (TestReply) b = test_net_fetch (net, second, "b.ton", "/headers");

    g_assert_no_error (a->error);
    g_assert_no_error (b->error);
    g_assert_true (test_reply_contains (a, "a.ton"));
    g_assert_false (test_reply_contains (a, "b.ton"));
    g_assert_true (test_reply_contains (b, "b.ton"));
  }
}

static gboolean
have_ended (gpointer user_data)
{
  GPtrArray *replies = user_data;

  for (guint i = 0; i < replies->len; i++) {
    if (!((TestReply *) replies->pdata[i])->has_ended)
      return FALSE;
  }
  return TRUE;
}

/* The reference sends to clients from many threads: the parts of all these replies come mixed, and
 * none may be given up for another one. A request that lost its reply would end after seconds. */
static void
test_mixed_replies (TestNet *net, gconstpointer user_data)
{
  static const char get[] = "GET /bytes/3000 HTTP/1.1\r\nHost: demo.ton\r\n\r\n";
  g_autoptr (CloveCircuit) circuit = test_net_build (net);

  for (guint round = 0; round < 10; round++) {
    g_autoptr (GPtrArray) replies =
      g_ptr_array_new_with_free_func ((GDestroyNotify) test_reply_free);
    gint64 start_us = clove_clock_now_us (net->clock);

    for (guint i = 0; i < 64; i++)
      g_ptr_array_add (replies, test_net_send (circuit, "demo.ton", get));
    test_loop_run_until (net->clock, have_ended, replies);
    g_assert_cmpint (clove_clock_now_us (net->clock) - start_us, <=, 50 * G_TIME_SPAN_MILLISECOND);
    for (guint i = 0; i < replies->len; i++) {
      TestReply *reply = replies->pdata[i];

      g_assert_no_error (reply->error);
      g_assert_cmpuint (reply->body_size, ==, 3000);
    }
  }
}

static void
add_common (const char *folder, const CloveLocalnetOptions *options)
{
  static const struct {
    const char *name;
    void (*function) (TestNet *, gconstpointer);
  } cases[] = {
    { "build", test_build },
    { "fetch", test_fetch },
    { "reuse", test_reuse },
    { "site-errors", test_site_errors },
    { "largest-request", test_largest_request },
    { "dead-hops", test_dead_hops },
    { "wrong-entry-key", test_wrong_entry_key },
    { "unusable-key", test_unusable_key },
    { "cancel-build", test_cancel_build },
    { "drop-build", test_drop_build },
    { "exit-dies", test_exit_dies },
    { "close-ends-requests", test_close_ends_requests },
    { "two-clients", test_two_clients },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/clove/circuit/%s/%s", folder, cases[i].name);

    g_test_add (path, TestNet, options, set_up, cases[i].function, tear_down);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add_common ("sound", &test_net_sound);
  add_common ("reference", &test_net_reference);
#define ADD(name, function) \
  g_test_add ("/clove/circuit/sound/" name, TestNet, &test_net_sound, set_up, function, tear_down)
  /* What the reference cannot do, whoever asks. */
  ADD ("fetch-megabyte", test_fetch_megabyte);
  ADD ("parallel", test_parallel);
  ADD ("slow-reader", test_slow_reader);
  ADD ("too-large-reply", test_too_large_reply);
  ADD ("relay-refuses", test_relay_refuses);
  ADD ("stall", test_stall);
  ADD ("corruption", test_corruption);
  g_test_add ("/clove/circuit/reference/mixed-replies", TestNet, &test_net_reference, set_up,
              test_mixed_replies, tear_down);
  return g_test_run ();
}
