/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the reference relay, when it is played, does worse than a sound one. */
#include "config.h"

#include "test-localnet-raw.h"

#include <string.h>

static const CloveLocalnetOptions sound = { .n_relays = 3, .n_exits = 1, .seed = 1 };
static const CloveLocalnetOptions reference = {
  .n_relays = 3,
  .n_exits = 1,
  .seed = 1,
  .plays_reference = TRUE,
};

/* A circuit belongs to the peer that made it; the reference lets anyone use it. */
static void
test_foreign_circuit (gconstpointer user_data)
{
  const CloveLocalnetOptions *options = user_data;
  g_autoptr (TestNet) net = test_net_new (options);
  g_autoptr (CloveAdnlSession) owner = raw_dial_and_open (net, 1);
  g_autoptr (CloveAdnlSession) other = raw_dial_and_open (net, 1);
  const guint8 id[CLOVE_INT256_SIZE] = { 1 };
  guint8 buffer[64];
  CloveWriter writer = { 0 };
  RawHop hop = { 0 };
  CloveRelayMessage destroy = { .type = CLOVE_RELAY_MESSAGE_CIRCUIT_DESTROY, .id = id };

  raw_create (net, owner, id, &hop);
  clove_writer_init (&writer, buffer, sizeof buffer);
  clove_relay_message_write (&writer, &destroy);
  clove_adnl_session_send_custom (other, buffer, clove_writer_get_size (&writer), NULL);
  test_loop_settle ();
  g_assert_cmpuint (test_net_count (net, 1).n_circuits, ==,
                    options->plays_reference ? 0 : 1);
  clove_adnl_session_send_custom (owner, buffer, clove_writer_get_size (&writer), NULL);
  test_loop_settle ();
  g_assert_cmpuint (test_net_count (net, 1).n_circuits, ==, 0);
}

/* Has relay1 extend a circuit of @session to relay2, which is dead. */
static void
begin_extension_to_dead (TestNet *net,
                         CloveAdnlSession *session,
                         guint n_copies,
                         RawQuestion *question)
{
  const guint8 id[CLOVE_INT256_SIZE] = { 1 };
  CloveLocalRelay *dead = test_net_get_relay (net, 2);
  CloveRelayMessage extend = { .type = CLOVE_RELAY_MESSAGE_CIRCUIT_EXTEND, .id = id, .key = id };
  char address[CLOVE_ADDRESS_STRING_SIZE];
  guint8 sealed[512];
  RawHop hop = { 0 };

  raw_create (net, session, id, &hop);
  test_net_command (net, "kill relay2");
  clove_address_format (clove_local_relay_get_address (dead), address);
  extend.data = sealed;
  extend.data_size = raw_seal_extend (&hop, address, sealed);
  raw_begin (session, &extend, n_copies, question);
  test_loop_settle ();
}

/* While one client's circuit waits for a dead relay, the sound relay serves others at once and the
 * reference nobody for ten seconds. */
static void
test_waiting_relay (gconstpointer user_data)
{
  const CloveLocalnetOptions *options = user_data;
  g_autoptr (TestNet) net = test_net_new (options);
  g_autoptr (CloveAdnlSession) first = raw_dial_and_open (net, 1);
  g_autoptr (CloveAdnlSession) second = raw_dial_and_open (net, 1);
  gint64 start_us = clove_clock_now_us (net->clock);
  CloveRelayMessage ping = { .type = CLOVE_RELAY_MESSAGE_PING, .value = 1 };
  RawQuestion extension = { 0 };
  RawQuestion pong = { 0 };

  begin_extension_to_dead (net, first, 0, &extension);
  raw_begin (second, &ping, 0, &pong);
  test_loop_settle ();
  g_assert_cmpint (pong.is_done, ==, !options->plays_reference);
  test_loop_run_until (net->clock, raw_is_done, &extension.is_done);
  raw_assert_error (&extension, 504, "timeout waiting for next relay response");
  test_loop_settle ();
  g_assert_true (pong.is_done);
  g_assert_nonnull (pong.answer);
  g_assert_cmpint (clove_clock_now_us (net->clock) - start_us, >=, 10 * G_USEC_PER_SEC);
  g_bytes_unref (extension.answer);
  g_bytes_unref (pong.answer);
}

/* A client that repeats its query quickly keeps the reference busy for ten seconds per copy; a
 * sound relay knows the copies for what they are. */
static void
test_copies (gconstpointer user_data)
{
  const CloveLocalnetOptions *options = user_data;
  g_autoptr (TestNet) net = test_net_new (options);
  g_autoptr (CloveAdnlSession) first = raw_dial_and_open (net, 1);
  g_autoptr (CloveAdnlSession) second = raw_dial_and_open (net, 1);
  CloveRelayMessage ping = { .type = CLOVE_RELAY_MESSAGE_PING, .value = 1 };
  RawQuestion extension = { 0 };
  RawQuestion pong = { 0 };
  gint64 start_us = 0;
  gint64 served_us = 0;

  begin_extension_to_dead (net, first, 2, &extension);
  for (guint i = 0; i < 8; i++) {
    clove_clock_advance (net->clock, 250 * G_TIME_SPAN_MILLISECOND);
    test_loop_settle ();
  }
  start_us = clove_clock_now_us (net->clock);
  raw_begin (second, &ping, 0, &pong);
  test_loop_run_until (net->clock, raw_is_done, &pong.is_done);
  g_assert_nonnull (pong.answer);
  served_us = clove_clock_now_us (net->clock) - start_us;
  if (options->plays_reference)
    g_assert_cmpint (served_us, >=, 25 * G_USEC_PER_SEC);
  else
    g_assert_cmpint (served_us, ==, 0);
  test_loop_run_until (net->clock, raw_is_done, &extension.is_done);
  g_clear_pointer (&extension.answer, g_bytes_unref);
  g_bytes_unref (pong.answer);
}

/* How many of 60 new peers get their very first query answered. */
static guint
count_first_answers (const CloveLocalnetOptions *options)
{
  g_autoptr (TestNet) net = test_net_new (options);
  CloveRelayMessage ping = { .type = CLOVE_RELAY_MESSAGE_PING, .value = 1 };
  guint n = 0;

  for (guint i = 0; i < 60; i++) {
    g_autoptr (CloveAdnlSession) session = raw_dial (net, 1);
    RawQuestion question = { 0 };

    raw_ask (net, session, &ping, &question);
    n += question.answer != NULL ? 1 : 0;
    g_clear_pointer (&question.answer, g_bytes_unref);
    clove_adnl_session_close (session);
  }
  return n;
}

static void
test_first_query (void)
{
  guint n = count_first_answers (&reference);

  g_assert_cmpuint (count_first_answers (&sound), ==, 60);
  /* 16 on average; the seed makes it the same each time. */
  g_assert_cmpuint (n, >, 5);
  g_assert_cmpuint (n, <, 30);
  g_assert_cmpuint (count_first_answers (&reference), ==, n);
}

/* The reference frees a circuit at the entry only, and never for being idle. */
static void
test_reference_leaks (void)
{
  g_autoptr (TestNet) net = test_net_new (&reference);
  g_autoptr (CloveCircuit) circuit = test_net_build (net);
  g_autoptr (TestReply) reply = NULL;

  reply = test_net_fetch (net, circuit, "demo.ton", "/cookies");
  g_assert_no_error (reply->error);
  g_assert_true (test_reply_contains (reply, "second=2"));
  g_assert_false (test_reply_contains (reply, "first=1"));
  clove_circuit_close (circuit);
  clove_clock_advance (net->clock, G_TIME_SPAN_HOUR);
  test_loop_settle ();
  g_assert_cmpuint (test_net_count (net, 1).n_circuits, ==, 0);
  g_assert_cmpuint (test_net_count (net, 2).n_circuits, ==, 1);
  g_assert_cmpuint (test_net_count (net, 3).n_circuits, ==, 1);
}

/* Small replies come through the reference, large ones overrun a buffer on the way. */
static void
test_reference_loss (void)
{
  g_autoptr (TestNet) net = test_net_new (&reference);
  g_autoptr (CloveCircuit) circuit = test_net_build (net);
  g_autoptr (TestReply) small = NULL;
  g_autoptr (TestReply) large = NULL;

  small = test_net_fetch (net, circuit, "demo.ton", "/bytes/50000");
  g_assert_no_error (small->error);
  g_assert_cmpuint (small->body_size, ==, 50000);
  large = test_net_fetch (net, circuit, "demo.ton", "/bytes/4000000");
  g_assert_error (large->error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_STALLED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/clove/localnet/reference/foreign-circuit-sound", &sound,
                        test_foreign_circuit);
  g_test_add_data_func ("/clove/localnet/reference/foreign-circuit", &reference,
                        test_foreign_circuit);
  g_test_add_data_func ("/clove/localnet/reference/waiting-sound", &sound, test_waiting_relay);
  g_test_add_data_func ("/clove/localnet/reference/waiting", &reference, test_waiting_relay);
  g_test_add_data_func ("/clove/localnet/reference/copies-sound", &sound, test_copies);
  g_test_add_data_func ("/clove/localnet/reference/copies", &reference, test_copies);
  g_test_add_func ("/clove/localnet/reference/first-query", test_first_query);
  g_test_add_func ("/clove/localnet/reference/leaks", test_reference_leaks);
  g_test_add_func ("/clove/localnet/reference/loss", test_reference_loss);
  return g_test_run ();
}
