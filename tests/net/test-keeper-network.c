/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the machine's network does to circuits, and what nobody is to blame for. */
#include "config.h"

#include "keeper-fixture.h"

/* The relays are out of reach as they are without a network. */
static void
cut (KeeperFixture *fixture)
{
  test_net_command (&fixture->net, "freeze all");
}

static void
mend (KeeperFixture *fixture)
{
  test_net_command (&fixture->net, "heal");
}

/* Ten minutes: nothing is built, nobody is banned, and the same circuit goes on afterwards. */
static void
test_offline (KeeperFixture *fixture, gconstpointer user_data)
{
  CloveCircuit *circuit = NULL;
  CloveTicket lost = { 0 };
  CloveTicket refused = { 0 };

  keeper_fixture_connect (fixture);
  circuit = clove_keeper_get_circuit (fixture->keeper);
  g_assert_nonnull (clove_keeper_begin_request (fixture->keeper, &lost));
  cut (fixture);
  clove_keeper_set_online (fixture->keeper, FALSE);
  g_assert_cmpint (clove_keeper_get_state (fixture->keeper), ==, CLOVE_KEEPER_OFFLINE);
  g_assert_null (clove_keeper_begin_request (fixture->keeper, &refused));
  g_assert_false (clove_keeper_rebuild (fixture->keeper));
  clove_keeper_end_request (fixture->keeper, &lost, CLOVE_OUTCOME_FAILURE, "demo.ton", NULL);
  test_loop_advance (fixture->net.clock, 10 * G_TIME_SPAN_MINUTE);
  g_assert_cmpuint (clove_keeper_get_strikes (fixture->keeper), ==, 0);
  g_assert_cmpuint (clove_blacklist_get_n_bans (fixture->blacklist), ==, 0);
  g_assert_null (clove_keeper_get_candidate (fixture->keeper));
  mend (fixture);
  clove_keeper_set_online (fixture->keeper, TRUE);
  g_assert_cmpint (clove_keeper_get_state (fixture->keeper), ==, CLOVE_KEEPER_READY);
  test_loop_advance (fixture->net.clock, G_TIME_SPAN_MINUTE);
  g_assert_true (clove_keeper_get_circuit (fixture->keeper) == circuit);
  keeper_fixture_request (fixture, CLOVE_OUTCOME_PAGE, "demo.ton");
  g_assert_true (keeper_fixture_has_cause (fixture, CLOVE_CAUSE_OFFLINE));
  g_assert_true (keeper_fixture_has_cause (fixture, CLOVE_CAUSE_ONLINE));
}

/* What was being built when the network went is begun anew when it is back. */
static void
test_offline_while_building (KeeperFixture *fixture, gconstpointer user_data)
{
  cut (fixture);
  keeper_fixture_start (fixture);
  test_loop_advance (fixture->net.clock, G_TIME_SPAN_SECOND);
  clove_keeper_set_online (fixture->keeper, FALSE);
  g_assert_null (clove_keeper_get_candidate (fixture->keeper));
  test_loop_advance (fixture->net.clock, 10 * G_TIME_SPAN_MINUTE);
  g_assert_cmpuint (clove_blacklist_get_n_bans (fixture->blacklist), ==, 0);
  mend (fixture);
  clove_keeper_set_online (fixture->keeper, TRUE);
  test_loop_run_until (fixture->net.clock, keeper_is_ready, fixture->keeper);
}

/* The program starts without a network, and one comes. */
static void
test_offline_from_the_start (KeeperFixture *fixture, gconstpointer user_data)
{
  clove_keeper_set_online (fixture->keeper, FALSE);
  keeper_fixture_start (fixture);
  test_loop_advance (fixture->net.clock, G_TIME_SPAN_MINUTE);
  g_assert_cmpint (clove_keeper_get_state (fixture->keeper), ==, CLOVE_KEEPER_OFFLINE);
  clove_keeper_set_online (fixture->keeper, TRUE);
  test_loop_run_until (fixture->net.clock, keeper_is_ready, fixture->keeper);
}

/* The circuit did not outlive the pause: it is replaced, quickly and without blame. */
static void
test_wakes_to_a_dead_circuit (KeeperFixture *fixture, gconstpointer user_data)
{
  keeper_fixture_connect (fixture);
  test_net_command (&fixture->net, "restart all");
  clove_keeper_note_network_change (fixture->keeper, "the machine woke");
  test_loop_advance (fixture->net.clock, 8 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (clove_keeper_get_generation (fixture->keeper), ==, 2);
  g_assert_cmpint (clove_keeper_get_state (fixture->keeper), ==, CLOVE_KEEPER_READY);
  g_assert_cmpuint (clove_blacklist_get_n_bans (fixture->blacklist), ==, 0);
}

/* A network that takes ten seconds to settle costs nothing but those. */
static void
test_grace (KeeperFixture *fixture, gconstpointer user_data)
{
  keeper_fixture_connect (fixture);
  cut (fixture);
  clove_keeper_note_network_change (fixture->keeper, "the network changed");
  for (guint i = 0; i < 10; i++) {
    if (clove_keeper_get_state (fixture->keeper) == CLOVE_KEEPER_READY)
      keeper_fixture_request (fixture, CLOVE_OUTCOME_FAILURE, "demo.ton");
    test_loop_advance (fixture->net.clock, G_TIME_SPAN_SECOND);
    g_assert_cmpuint (clove_keeper_get_strikes (fixture->keeper), ==, 0);
  }
  mend (fixture);
  test_loop_run_until (fixture->net.clock, keeper_is_ready, fixture->keeper);
  g_assert_cmpuint (clove_blacklist_get_n_bans (fixture->blacklist), ==, 0);
  keeper_fixture_request (fixture, CLOVE_OUTCOME_PAGE, "demo.ton");
}

/* The lenience ends: a circuit that dies later is struck as ever. */
static void
test_grace_ends (KeeperFixture *fixture, gconstpointer user_data)
{
  keeper_fixture_connect (fixture);
  clove_keeper_note_network_change (fixture->keeper, "the network changed");
  test_loop_advance (fixture->net.clock, 16 * G_TIME_SPAN_SECOND);
  keeper_fixture_request (fixture, CLOVE_OUTCOME_FAILURE, "demo.ton");
  g_assert_cmpuint (clove_keeper_get_strikes (fixture->keeper), ==, 1);
}

/* Who waits for the next try gets it at once on another network. */
static void
test_change_ends_waiting (KeeperFixture *fixture, gconstpointer user_data)
{
  cut (fixture);
  keeper_fixture_start (fixture);
  test_loop_run_until (fixture->net.clock, keeper_is_waiting, fixture->keeper);
  mend (fixture);
  clove_keeper_note_network_change (fixture->keeper, "the network changed");
  test_loop_advance (fixture->net.clock, G_TIME_SPAN_SECOND);
  g_assert_cmpint (clove_keeper_get_state (fixture->keeper), ==, CLOVE_KEEPER_READY);
}

/* The entry gets a packet whose signature tells where we are, besides the probe for the exit. */
static void
test_announces (KeeperFixture *fixture, gconstpointer user_data)
{
  const CloveAdnlStats *stats = clove_adnl_endpoint_get_stats (fixture->net.endpoint);
  guint64 n_sent = 0;

  keeper_fixture_connect (fixture);
  n_sent = stats->n_sent;
  clove_keeper_note_network_change (fixture->keeper, "the network changed");
  test_loop_settle ();
  g_assert_cmpuint (stats->n_sent, ==, n_sent + 2);
}

/* The standby circuit outlives the pause as the live one does. */
static void
test_standby_is_kept (KeeperFixture *fixture, gconstpointer user_data)
{
  CloveCircuit *standby = NULL;

  clove_keeper_set_standby (fixture->keeper, TRUE);
  keeper_fixture_connect (fixture);
  keeper_fixture_request (fixture, CLOVE_OUTCOME_PAGE, "demo.ton");
  test_loop_run_until (fixture->net.clock, keeper_has_standby, fixture->keeper);
  standby = clove_keeper_get_standby (fixture->keeper);
  clove_keeper_set_online (fixture->keeper, FALSE);
  test_loop_advance (fixture->net.clock, 5 * G_TIME_SPAN_MINUTE);
  clove_keeper_set_online (fixture->keeper, TRUE);
  test_loop_advance (fixture->net.clock, G_TIME_SPAN_MINUTE);
  g_assert_true (clove_keeper_get_standby (fixture->keeper) == standby);
  g_assert_cmpuint (clove_keeper_get_generation (fixture->keeper), ==, 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/clove/keeper-network/" name, KeeperFixture, NULL, keeper_fixture_set_up, function, \
              keeper_fixture_tear_down)
  ADD ("offline", test_offline);
  ADD ("offline-while-building", test_offline_while_building);
  ADD ("offline-from-the-start", test_offline_from_the_start);
  ADD ("wakes-to-a-dead-circuit", test_wakes_to_a_dead_circuit);
  ADD ("grace", test_grace);
  ADD ("grace-ends", test_grace_ends);
  ADD ("change-ends-waiting", test_change_ends_waiting);
  ADD ("announces", test_announces);
  ADD ("standby-is-kept", test_standby_is_kept);
  return g_test_run ();
}
