/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-keeper.h"
#include "test-net.h"

#include <string.h>

typedef struct {
  TestNet net;
  CloveRandom *random;
  CloveRelayList *relays;
  CloveKeeper *keeper;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GBytes) json = NULL;

  test_net_set_up (&fixture->net, FALSE);
  text = clove_localnet_format_directory (fixture->net.localnet);
  json = g_bytes_new (text, strlen (text));
  fixture->relays = clove_relay_list_parse (json, &error);
  g_assert_no_error (error);
  fixture->random = clove_random_new_seeded (3);
  fixture->keeper = clove_keeper_new (fixture->net.endpoint, fixture->net.clock, fixture->random);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  clove_keeper_stop (fixture->keeper);
  test_loop_settle ();
  g_assert_finalize_object (fixture->keeper);
  clove_relay_list_unref (fixture->relays);
  clove_random_unref (fixture->random);
  test_net_tear_down (&fixture->net);
}

static gboolean
is_ready (gpointer user_data)
{
  return clove_keeper_get_state (user_data) == CLOVE_KEEPER_READY;
}

static gboolean
is_waiting (gpointer user_data)
{
  return clove_keeper_get_state (user_data) == CLOVE_KEEPER_WAITING;
}

static void
start (Fixture *fixture)
{
  clove_keeper_set_relays (fixture->keeper, fixture->relays);
  clove_keeper_start (fixture->keeper);
}

static void
test_new_destroy (Fixture *fixture, gconstpointer user_data)
{
  g_assert_cmpint (clove_keeper_get_state (fixture->keeper), ==, CLOVE_KEEPER_STOPPED);
  g_assert_null (clove_keeper_get_circuit (fixture->keeper));
}

static void
test_build (Fixture *fixture, gconstpointer user_data)
{
  CloveCircuit *circuit = NULL;

  clove_keeper_start (fixture->keeper);
  g_assert_cmpint (clove_keeper_get_state (fixture->keeper), ==, CLOVE_KEEPER_BUILDING);
  g_assert_null (clove_keeper_get_candidate (fixture->keeper));
  clove_keeper_set_relays (fixture->keeper, fixture->relays);
  g_assert_nonnull (clove_keeper_get_candidate (fixture->keeper));
  test_loop_run_until (fixture->net.clock, is_ready, fixture->keeper);
  circuit = clove_keeper_get_circuit (fixture->keeper);
  g_assert_cmpint (clove_circuit_get_state (circuit), ==, CLOVE_CIRCUIT_READY);
  g_assert_null (clove_keeper_get_candidate (fixture->keeper));
  g_assert_cmpuint (clove_keeper_get_generation (fixture->keeper), ==, 1);
  g_assert_null (clove_keeper_get_problem (fixture->keeper));
}

/* Whatever two relays are dead, three attempts, each without those that failed, find a circuit. */
static void
test_dead_relays (Fixture *fixture, gconstpointer user_data)
{
  for (guint dead = 1; dead <= 3; dead++) {
    CloveCircuit *circuit = NULL;
    g_autofree char *first = g_strdup_printf ("relay%u", dead);

    test_net_command (&fixture->net, "kill %s", first);
    test_net_command (&fixture->net, "kill relay4");
    start (fixture);
    test_loop_run_until (fixture->net.clock, is_ready, fixture->keeper);
    circuit = clove_keeper_get_circuit (fixture->keeper);
    for (guint i = 0; i < CLOVE_MAX_HOPS; i++) {
      g_assert_cmpstr (clove_circuit_get_hop_name (circuit, i), !=, first);
      g_assert_cmpstr (clove_circuit_get_hop_name (circuit, i), !=, "relay4");
    }
    clove_keeper_stop (fixture->keeper);
    test_net_command (&fixture->net, "heal");
    clove_clock_advance (fixture->net.clock, 15 * G_USEC_PER_SEC);
  }
}

static void
test_back_off (Fixture *fixture, gconstpointer user_data)
{
  gint64 last_us = 0;

  test_net_command (&fixture->net, "kill all");
  start (fixture);
  for (guint i = 0; i < 4; i++) {
    gint64 wait_us = 0;

    test_loop_run_until (fixture->net.clock, is_waiting, fixture->keeper);
    g_assert_cmpuint (clove_keeper_get_attempt (fixture->keeper), ==, 3);
    g_assert_nonnull (clove_keeper_get_problem (fixture->keeper));
    wait_us = clove_keeper_get_next_try_us (fixture->keeper) -
              clove_clock_now_us (fixture->net.clock);
    g_assert_cmpint (wait_us, >, last_us);
    last_us = wait_us;
    clove_clock_advance (fixture->net.clock, wait_us);
    g_assert_cmpint (clove_keeper_get_state (fixture->keeper), ==, CLOVE_KEEPER_BUILDING);
  }
  test_net_command (&fixture->net, "heal");
  test_loop_run_until (fixture->net.clock, is_ready, fixture->keeper);
  g_assert_null (clove_keeper_get_problem (fixture->keeper));
}

static void
test_stop_while_building (Fixture *fixture, gconstpointer user_data)
{
  test_net_command (&fixture->net, "freeze all");
  start (fixture);
  test_loop_settle ();
  clove_keeper_stop (fixture->keeper);
  g_assert_cmpint (clove_keeper_get_state (fixture->keeper), ==, CLOVE_KEEPER_STOPPED);
  g_assert_null (clove_keeper_get_candidate (fixture->keeper));
  test_loop_settle ();
  g_assert_cmpuint (clove_adnl_endpoint_get_n_sessions (fixture->net.endpoint), ==, 0);
}

/* A list that comes while a build waits for a dead relay begins anew at once. */
static void
test_new_relays_while_building (Fixture *fixture, gconstpointer user_data)
{
  test_net_command (&fixture->net, "freeze all");
  start (fixture);
  test_loop_settle ();
  test_net_command (&fixture->net, "heal");
  clove_keeper_set_relays (fixture->keeper, fixture->relays);
  g_assert_cmpuint (clove_keeper_get_attempt (fixture->keeper), ==, 1);
  test_loop_run_until (fixture->net.clock, is_ready, fixture->keeper);
  g_assert_cmpuint (clove_keeper_get_generation (fixture->keeper), ==, 1);
}

static void
test_new_relays_while_ready (Fixture *fixture, gconstpointer user_data)
{
  CloveCircuit *circuit = NULL;

  start (fixture);
  test_loop_run_until (fixture->net.clock, is_ready, fixture->keeper);
  circuit = clove_keeper_get_circuit (fixture->keeper);
  clove_keeper_set_relays (fixture->keeper, fixture->relays);
  g_assert_true (clove_keeper_get_circuit (fixture->keeper) == circuit);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/clove/keeper/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("new-destroy", test_new_destroy);
  ADD ("build", test_build);
  ADD ("dead-relays", test_dead_relays);
  ADD ("back-off", test_back_off);
  ADD ("stop-while-building", test_stop_while_building);
  ADD ("new-relays-while-building", test_new_relays_while_building);
  ADD ("new-relays-while-ready", test_new_relays_while_ready);
  return g_test_run ();
}
