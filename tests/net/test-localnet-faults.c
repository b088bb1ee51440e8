/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each fault does to a client, and that healing undoes it. */
#include "config.h"

#include "clove-adnl-endpoint.h"
#include "clove-demo-file.h"
#include "test-net.h"

#include <string.h>

static const CloveLocalnetOptions sound = { .n_relays = 6, .n_exits = 2, .seed = 1 };

static void
assert_works (TestNet *net, CloveCircuit *circuit)
{
  g_autoptr (TestReply) reply = test_net_fetch (net, circuit, "demo.ton", "/headers");

  g_assert_no_error (reply->error);
  g_assert_cmpuint (reply->status, ==, 200);
}

static void
assert_silent (TestNet *net, CloveCircuit *circuit)
{
  g_autoptr (TestReply) reply = test_net_fetch (net, circuit, "demo.ton", "/headers");

  g_assert_error (reply->error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_TIMED_OUT);
}

/* A relay of each place dies, freezes or restarts: the circuit is silent and a new one works. */
static void
test_loss_of_relay (gconstpointer user_data)
{
  const char *verb = user_data;
  const guint numbers[] = { 1, 2, 6 };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++) {
    g_autoptr (TestNet) net = test_net_new (&sound);
    g_autoptr (CloveCircuit) circuit = test_net_build (net);
    g_autoptr (CloveCircuit) second = NULL;

    g_test_message ("%s relay%u", verb, numbers[i]);
    assert_works (net, circuit);
    test_net_command (net, "%s relay%u", verb, numbers[i]);
    assert_silent (net, circuit);
    test_net_command (net, "heal");
    second = test_net_build (net);
    assert_works (net, second);
  }
}

/* A frozen relay has lost nothing: once thawed, the same circuit goes on. */
static void
test_thaw (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (CloveCircuit) circuit = test_net_build (net);

  test_net_command (net, "freeze relay2");
  assert_silent (net, circuit);
  test_net_command (net, "revive relay2");
  assert_works (net, circuit);
}

static void
assert_fails_at (guint hop, guint relay)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (GError) error = NULL;
  g_autoptr (CloveCircuit) circuit = NULL;

  test_net_command (net, "kill relay%u", relay);
  circuit = test_net_new_circuit (net, 1, 2, 6);
  g_assert_false (test_net_try_build (net, circuit, &error));
  g_assert_nonnull (error);
  g_assert_cmpint (clove_circuit_get_failed_hop (circuit), ==, (gint) hop);
  if (hop == 0)
    return;
  g_assert_error (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "timeout waiting for"));
}

static void
test_dead_at_build (void)
{
  assert_fails_at (0, 1);
  assert_fails_at (1, 2);
  assert_fails_at (2, 6);
}

static void
test_error (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (GError) error = NULL;
  g_autoptr (CloveCircuit) circuit = NULL;

  test_net_command (net, "error relay1");
  circuit = test_net_new_circuit (net, 1, 2, 6);
  g_assert_false (test_net_try_build (net, circuit, &error));
  g_assert_error (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "internal error"));
  g_assert_cmpint (clove_circuit_get_failed_hop (circuit), ==, 0);
}

static void
test_lie (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (CloveCircuit) circuit = test_net_build (net);
  g_autoptr (TestReply) reply = NULL;
  g_autoptr (TestReply) reused = NULL;

  assert_works (net, circuit);
  test_net_command (net, "lie relay6");
  reply = test_net_fetch (net, circuit, "other.ton", "/");
  g_assert_error (reply->error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_SITE);
  reused = test_net_fetch (net, circuit, "demo.ton", "/");
  g_assert_cmpuint (reused->status, ==, 502);
  test_net_command (net, "heal relay6");
  assert_works (net, circuit);
}

/* The entry needs neither middle nor exit to fool a client: nothing in the protocol tells. */
static void
test_impersonate (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (CloveCircuit) circuit = NULL;

  test_net_command (net, "impersonate relay1");
  test_net_command (net, "kill relay2");
  test_net_command (net, "kill relay6");
  circuit = test_net_build (net);
  assert_works (net, circuit);
  g_assert_cmpuint (test_net_count (net, 1).n_requests, ==, 1);
}

static void
test_delay (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (CloveCircuit) circuit = test_net_build (net);
  gint64 start_us = clove_clock_now_us (net->clock);

  assert_works (net, circuit);
  g_assert_cmpint (clove_clock_now_us (net->clock) - start_us, <, 10 * G_TIME_SPAN_MILLISECOND);
  test_net_command (net, "delay relay2 50");
  start_us = clove_clock_now_us (net->clock);
  assert_works (net, circuit);
  /* In and out on the way there, in and out on the way back. */
  g_assert_cmpint (clove_clock_now_us (net->clock) - start_us, >=, 200 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpint (clove_clock_now_us (net->clock) - start_us, <, 500 * G_TIME_SPAN_MILLISECOND);
}

static void
test_drop (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (CloveCircuit) circuit = test_net_build (net);
  g_autoptr (TestReply) reply = NULL;

  test_net_command (net, "drop relay2 10");
  reply = test_net_fetch (net, circuit, "demo.ton", "/bytes/600000");
  g_assert_error (reply->error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_STALLED);
  test_net_command (net, "drop relay2 100");
  assert_silent (net, circuit);
  test_net_command (net, "drop relay2 0");
  assert_works (net, circuit);
}

static void
test_reorder (void)
{
  enum { SIZE = 600000 };
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (CloveCircuit) circuit = test_net_build (net);
  g_autoptr (TestReply) reply = NULL;
  g_autofree guint8 *expected = g_malloc (SIZE);

  test_net_command (net, "reorder all 20");
  reply = test_net_fetch (net, circuit, "demo.ton", "/bytes/600000");
  clove_demo_file_fill (SIZE, 0, expected, SIZE);
  g_assert_no_error (reply->error);
  g_assert_cmpmem (reply->body, reply->body_size, expected, SIZE);
}

static void
test_corrupt (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (CloveCircuit) circuit = test_net_build (net);
  g_autoptr (TestReply) reply = NULL;

  test_net_command (net, "corrupt relay2 100");
  reply = test_net_fetch (net, circuit, "demo.ton", "/");
  g_assert_nonnull (reply->error);
  g_assert_false (g_error_matches (reply->error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_SITE));
  test_net_command (net, "heal");
  assert_works (net, circuit);
}

static void
test_all (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (CloveCircuit) circuit = NULL;

  test_net_command (net, "kill all");
  for (guint i = 1; i <= 6; i++)
    g_assert_false (clove_local_relay_is_running (test_net_get_relay (net, i)));
  test_net_command (net, "heal");
  circuit = test_net_build (net);
  assert_works (net, circuit);
}

typedef struct {
  CloveAdnlSession *session;
  gboolean is_open;
} Knock;

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Knock *knock = user_data;

  knock->is_open = clove_adnl_session_open_finish (CLOVE_ADNL_SESSION (source), result, NULL);
}

/* A first packet with a flipped bit opens no session, whatever bit it was. */
static void
test_corrupted_knock (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  CloveLocalRelay *relay = test_net_get_relay (net, 1);
  Knock knock = { 0 };

  test_net_command (net, "corrupt relay1 100");
  knock.session =
    clove_adnl_endpoint_connect (net->endpoint, clove_local_relay_get_key (relay),
                                 clove_local_relay_get_address (relay), NULL);
  clove_adnl_session_open_async (knock.session, G_USEC_PER_SEC, NULL, on_opened, &knock);
  clove_clock_advance (net->clock, 2 * G_USEC_PER_SEC);
  test_loop_settle ();
  g_assert_false (knock.is_open);
  g_assert_cmpuint (test_net_count (net, 1).n_received, >, 2);
  g_object_unref (knock.session);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/clove/localnet/faults/kill", "kill", test_loss_of_relay);
  g_test_add_data_func ("/clove/localnet/faults/freeze", "freeze", test_loss_of_relay);
  g_test_add_data_func ("/clove/localnet/faults/restart", "restart", test_loss_of_relay);
  g_test_add_func ("/clove/localnet/faults/thaw", test_thaw);
  g_test_add_func ("/clove/localnet/faults/dead-at-build", test_dead_at_build);
  g_test_add_func ("/clove/localnet/faults/error", test_error);
  g_test_add_func ("/clove/localnet/faults/lie", test_lie);
  g_test_add_func ("/clove/localnet/faults/impersonate", test_impersonate);
  g_test_add_func ("/clove/localnet/faults/delay", test_delay);
  g_test_add_func ("/clove/localnet/faults/drop", test_drop);
  g_test_add_func ("/clove/localnet/faults/reorder", test_reorder);
  g_test_add_func ("/clove/localnet/faults/corrupt", test_corrupt);
  g_test_add_func ("/clove/localnet/faults/all", test_all);
  g_test_add_func ("/clove/localnet/faults/corrupted-knock", test_corrupted_knock);
  return g_test_run ();
}
