/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The circuit in reserve: when there is one, what it is made of, and what it is good for. */
#include "config.h"

#include "keeper-fixture.h"

/* Enough relays for two circuits that have none in common. */
static const CloveLocalnetOptions many = { .n_relays = 10, .n_exits = 4, .seed = 42 };

/* Connects, asks for a page, and waits for the standby circuit that follows. */
static void
connect_with_standby (KeeperFixture *fixture)
{
  clove_keeper_set_standby (fixture->keeper, TRUE);
  keeper_fixture_connect (fixture);
  keeper_fixture_request (fixture, CLOVE_OUTCOME_PAGE, "demo.ton");
  test_loop_run_until (fixture->net.clock, keeper_has_standby, fixture->keeper);
}

static const char *
standby_hop_name (KeeperFixture *fixture, guint hop)
{
  return clove_circuit_get_hop_name (clove_keeper_get_standby (fixture->keeper), hop);
}

/* Only who asks for something needs one, and only if it is wanted. */
static void
test_built_on_use (KeeperFixture *fixture, gconstpointer user_data)
{
  keeper_fixture_connect (fixture);
  keeper_fixture_request (fixture, CLOVE_OUTCOME_PAGE, "demo.ton");
  test_loop_advance (fixture->net.clock, 30 * G_TIME_SPAN_SECOND);
  g_assert_null (clove_keeper_get_standby (fixture->keeper));
  clove_keeper_stop (fixture->keeper);
  clove_clock_advance (fixture->net.clock, G_TIME_SPAN_HOUR);

  clove_keeper_set_standby (fixture->keeper, TRUE);
  keeper_fixture_connect (fixture);
  test_loop_advance (fixture->net.clock, 30 * G_TIME_SPAN_SECOND);
  g_assert_null (clove_keeper_get_standby (fixture->keeper));
  keeper_fixture_request (fixture, CLOVE_OUTCOME_PAGE, "demo.ton");
  test_loop_run_until (fixture->net.clock, keeper_has_standby, fixture->keeper);
  g_assert_cmpint (clove_keeper_get_state (fixture->keeper), ==, CLOVE_KEEPER_READY);
  g_assert_cmpuint (clove_keeper_get_generation (fixture->keeper), ==, 2);
  g_assert_true (keeper_fixture_has_cause (fixture, CLOVE_CAUSE_STANDBY_READY));
}

/* Of five relays, the live circuit takes three: the other two are in it, and the exit of the
 * live one is not. */
static void
test_other_relays (KeeperFixture *fixture, gconstpointer user_data)
{
  for (guint i = 0; i < 10; i++) {
    connect_with_standby (fixture);
    for (guint hop = 0; hop < CLOVE_MAX_HOPS; hop++)
      g_assert_cmpstr (standby_hop_name (fixture, hop), !=, keeper_fixture_hop_name (fixture, 2));
    clove_keeper_stop (fixture->keeper);
    g_assert_null (clove_keeper_get_standby (fixture->keeper));
  }
}

static void
test_kept_for_half_an_hour (KeeperFixture *fixture, gconstpointer user_data)
{
  connect_with_standby (fixture);
  test_loop_advance (fixture->net.clock, 29 * G_TIME_SPAN_MINUTE);
  g_assert_nonnull (clove_keeper_get_standby (fixture->keeper));
  test_loop_advance (fixture->net.clock, 2 * G_TIME_SPAN_MINUTE);
  g_assert_null (clove_keeper_get_standby (fixture->keeper));
  keeper_fixture_request (fixture, CLOVE_OUTCOME_PAGE, "demo.ton");
  test_loop_run_until (fixture->net.clock, keeper_has_standby, fixture->keeper);
}

static void
test_metered (KeeperFixture *fixture, gconstpointer user_data)
{
  connect_with_standby (fixture);
  clove_keeper_set_metered (fixture->keeper, TRUE);
  g_assert_null (clove_keeper_get_standby (fixture->keeper));
  keeper_fixture_request (fixture, CLOVE_OUTCOME_PAGE, "demo.ton");
  test_loop_advance (fixture->net.clock, 30 * G_TIME_SPAN_SECOND);
  g_assert_null (clove_keeper_get_standby (fixture->keeper));
  clove_keeper_set_metered (fixture->keeper, FALSE);
  test_loop_run_until (fixture->net.clock, keeper_has_standby, fixture->keeper);
}

static gboolean
is_on_standby (gpointer user_data)
{
  return clove_keeper_is_on_standby (user_data);
}

static void
on_moved (CloveKeeper *keeper, gpointer user_data)
{
  guint *n_moves = user_data;

  ++*n_moves;
}

/* Long before three strikes, requests go another way; the strikes follow and make it the live
 * one. */
static void
takes_over (KeeperFixture *fixture, guint dead_hop)
{
  CloveTicket lost = { 0 };
  CloveTicket next = { 0 };
  CloveCircuit *standby = NULL;
  CloveAddress hops[CLOVE_MAX_HOPS] = { 0 };
  gint64 start_us = 0;
  guint n_moves = 0;

  connect_with_standby (fixture);
  keeper_fixture_get_hops (fixture, hops);
  standby = clove_keeper_get_standby (fixture->keeper);
  g_signal_connect (fixture->keeper, "moved", G_CALLBACK (on_moved), &n_moves);
  test_net_command (&fixture->net, "kill %s", keeper_fixture_hop_name (fixture, dead_hop));
  start_us = clove_clock_now_us (fixture->net.clock);
  g_assert_nonnull (clove_keeper_begin_request (fixture->keeper, &lost));
  g_assert_true (clove_keeper_is_current (fixture->keeper, &lost));
  test_loop_run_until (fixture->net.clock, is_on_standby, fixture->keeper);
  g_assert_cmpint (clove_clock_now_us (fixture->net.clock) - start_us, <, G_TIME_SPAN_SECOND);
  g_assert_cmpuint (n_moves, ==, 1);
  g_assert_false (clove_keeper_is_current (fixture->keeper, &lost));
  g_assert_true (clove_keeper_begin_request (fixture->keeper, &next) == standby);
  clove_keeper_end_request (fixture->keeper, &lost, CLOVE_OUTCOME_CANCELLED, "demo.ton", NULL);
  clove_keeper_end_request (fixture->keeper, &next, CLOVE_OUTCOME_PAGE, "demo.ton", NULL);
  /* A page by the other circuit says nothing about this one. */
  g_assert_true (clove_keeper_is_on_standby (fixture->keeper));
  g_assert_cmpuint (clove_blacklist_get_n_bans (fixture->blacklist), ==, 0);

  test_loop_run_until (fixture->net.clock, keeper_is_on_second_circuit, fixture->keeper);
  g_assert_cmpint (clove_clock_now_us (fixture->net.clock) - start_us, <, 8 * G_TIME_SPAN_SECOND);
  g_assert_true (clove_keeper_get_circuit (fixture->keeper) == standby);
  g_assert_cmpint (clove_keeper_get_state (fixture->keeper), ==, CLOVE_KEEPER_READY);
  g_assert_cmpuint (clove_keeper_get_strikes (fixture->keeper), ==, 0);
  g_assert_true (clove_blacklist_is_blacklisted (fixture->blacklist, &hops[dead_hop]));
  test_loop_advance (fixture->net.clock, 10 * G_TIME_SPAN_SECOND);
  for (guint i = 0; i < CLOVE_MAX_HOPS; i++)
    g_assert_true (clove_blacklist_is_blacklisted (fixture->blacklist, &hops[i]) ==
                   (i == dead_hop));
  g_signal_handlers_disconnect_by_data (fixture->keeper, &n_moves);
}

static void
test_entry_dies (KeeperFixture *fixture, gconstpointer user_data)
{
  takes_over (fixture, 0);
}

static void
test_middle_dies (KeeperFixture *fixture, gconstpointer user_data)
{
  takes_over (fixture, 1);
}

static void
test_exit_dies (KeeperFixture *fixture, gconstpointer user_data)
{
  takes_over (fixture, 2);
}

/* A circuit that was only slow gets its requests back. */
static void
test_doubt_passes (KeeperFixture *fixture, gconstpointer user_data)
{
  CloveTicket ticket = { 0 };
  CloveCircuit *live = NULL;

  connect_with_standby (fixture);
  live = clove_keeper_get_circuit (fixture->keeper);
  test_net_command (&fixture->net, "delay %s 400", keeper_fixture_hop_name (fixture, 2));
  g_assert_nonnull (clove_keeper_begin_request (fixture->keeper, &ticket));
  test_loop_run_until (fixture->net.clock, is_on_standby, fixture->keeper);
  test_loop_advance (fixture->net.clock, 2 * G_TIME_SPAN_SECOND);
  g_assert_false (clove_keeper_is_on_standby (fixture->keeper));
  g_assert_true (clove_keeper_begin_request (fixture->keeper, &ticket) == live);
  g_assert_cmpuint (clove_keeper_get_strikes (fixture->keeper), ==, 0);
  g_assert_cmpuint (clove_keeper_get_generation (fixture->keeper), ==, 1);
}

/* The one in reserve dies first: it is replaced, and the live circuit knows nothing of it. */
static void
test_standby_dies (KeeperFixture *fixture, gconstpointer user_data)
{
  CloveCircuit *standby = NULL;

  connect_with_standby (fixture);
  standby = clove_keeper_get_standby (fixture->keeper);
  test_net_command (&fixture->net, "restart %s", standby_hop_name (fixture, 2));
  test_loop_advance (fixture->net.clock, 2 * G_TIME_SPAN_MINUTE);
  g_assert_true (keeper_fixture_has_cause (fixture, CLOVE_CAUSE_STANDBY_LOST));
  g_assert_nonnull (clove_keeper_get_standby (fixture->keeper));
  g_assert_true (clove_keeper_get_standby (fixture->keeper) != standby);
  g_assert_cmpuint (clove_keeper_get_generation (fixture->keeper), ==, 1);
  g_assert_cmpuint (clove_keeper_get_strikes (fixture->keeper), ==, 0);
  g_assert_cmpuint (clove_blacklist_get_n_bans (fixture->blacklist), ==, 0);
}

/* Both at once: as without a standby circuit, the strikes lead to a new one. */
static void
test_both_die (KeeperFixture *fixture, gconstpointer user_data)
{
  CloveTicket ticket = { 0 };
  gint64 start_us = 0;

  connect_with_standby (fixture);
  test_net_command (&fixture->net, "restart all");
  start_us = clove_clock_now_us (fixture->net.clock);
  g_assert_nonnull (clove_keeper_begin_request (fixture->keeper, &ticket));
  test_loop_run_until (fixture->net.clock, keeper_is_on_second_circuit, fixture->keeper);
  g_assert_cmpint (clove_clock_now_us (fixture->net.clock) - start_us, <, 8 * G_TIME_SPAN_SECOND);
  keeper_fixture_request (fixture, CLOVE_OUTCOME_PAGE, "demo.ton");
}

/* Who asks for another circuit gets it in the same moment, and a second time after the pause. */
static void
test_rebuild_asked (KeeperFixture *fixture, gconstpointer user_data)
{
  for (guint64 generation = 2; generation < 5; generation++) {
    CloveCircuit *standby = NULL;

    if (generation == 2)
      connect_with_standby (fixture);
    standby = clove_keeper_get_standby (fixture->keeper);
    g_assert_true (clove_keeper_rebuild (fixture->keeper));
    g_assert_true (clove_keeper_get_circuit (fixture->keeper) == standby);
    g_assert_cmpuint (clove_keeper_get_generation (fixture->keeper), ==, generation);
    g_assert_cmpuint (clove_blacklist_get_n_bans (fixture->blacklist), ==, 0);
    test_loop_run_until (fixture->net.clock, keeper_has_standby, fixture->keeper);
    test_loop_advance (fixture->net.clock, CLOVE_KEEPER_COOLDOWN_US);
  }
}

/* A standby circuit that is being built makes way for what is needed now. */
static void
test_build_makes_way (KeeperFixture *fixture, gconstpointer user_data)
{
  clove_keeper_set_standby (fixture->keeper, TRUE);
  keeper_fixture_connect (fixture);
  test_net_command (&fixture->net, "freeze all");
  keeper_fixture_request (fixture, CLOVE_OUTCOME_PAGE, "demo.ton");
  g_assert_nonnull (clove_keeper_get_candidate (fixture->keeper));
  g_assert_cmpint (clove_keeper_get_state (fixture->keeper), ==, CLOVE_KEEPER_READY);
  test_net_command (&fixture->net, "heal");
  g_assert_true (clove_keeper_rebuild (fixture->keeper));
  g_assert_cmpint (clove_keeper_get_state (fixture->keeper), ==, CLOVE_KEEPER_REBUILDING);
  test_loop_run_until (fixture->net.clock, keeper_is_on_second_circuit, fixture->keeper);
}

/* With three relays a second circuit would be the same one again. */
static void
test_three_relays (KeeperFixture *fixture, gconstpointer user_data)
{
  g_autoptr (GPtrArray) few = g_ptr_array_new ();
  CloveRelayList *all = fixture->relays;

  for (guint i = 0; i < clove_relay_list_get_n_relays (all); i++) {
    if (i != 1 && i != 4)
      g_ptr_array_add (few, clove_relay_list_get_relay (all, i));
  }
  fixture->relays = clove_relay_list_new ((CloveRelay *const *) few->pdata, few->len, NULL);
  clove_relay_list_unref (all);
  clove_keeper_set_standby (fixture->keeper, TRUE);
  keeper_fixture_connect (fixture);
  for (guint i = 0; i < 60; i++) {
    keeper_fixture_request (fixture, CLOVE_OUTCOME_PAGE, "demo.ton");
    test_loop_advance (fixture->net.clock, G_TIME_SPAN_MINUTE);
    g_assert_null (clove_keeper_get_standby (fixture->keeper));
    g_assert_null (clove_keeper_get_candidate (fixture->keeper));
  }
  g_assert_cmpuint (clove_blacklist_get_n_bans (fixture->blacklist), ==, 0);
}

/* A relay of it leaves the directory: so does the circuit. The live one stays. */
static void
test_list_shrinks (KeeperFixture *fixture, gconstpointer user_data)
{
  g_autoptr (GPtrArray) rest = g_ptr_array_new ();
  g_autoptr (CloveRelayList) shrunk = NULL;
  CloveCircuit *live = NULL;

  connect_with_standby (fixture);
  live = clove_keeper_get_circuit (fixture->keeper);
  for (guint i = 0; i < clove_relay_list_get_n_relays (fixture->relays); i++) {
    CloveRelay *relay = clove_relay_list_get_relay (fixture->relays, i);

    if (g_strcmp0 (clove_relay_get_name (relay), standby_hop_name (fixture, 2)) != 0)
      g_ptr_array_add (rest, relay);
  }
  shrunk = clove_relay_list_new ((CloveRelay *const *) rest->pdata, rest->len, NULL);
  clove_keeper_set_relays (fixture->keeper, shrunk);
  g_assert_null (clove_keeper_get_standby (fixture->keeper));
  g_assert_true (clove_keeper_get_circuit (fixture->keeper) == live);
  clove_keeper_set_relays (fixture->keeper, fixture->relays);
  test_loop_run_until (fixture->net.clock, keeper_has_standby, fixture->keeper);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD_ON(relays, name, function)                                                     \
  g_test_add ("/clove/keeper-standby/" name, KeeperFixture, relays, keeper_fixture_set_up, \
              function, keeper_fixture_tear_down)
#define ADD(name, function) ADD_ON (NULL, name, function)
  ADD ("built-on-use", test_built_on_use);
  ADD ("other-relays", test_other_relays);
  ADD ("kept-for-half-an-hour", test_kept_for_half_an_hour);
  ADD ("metered", test_metered);
  ADD_ON (&many, "entry-dies", test_entry_dies);
  ADD_ON (&many, "middle-dies", test_middle_dies);
  ADD_ON (&many, "exit-dies", test_exit_dies);
  ADD_ON (&many, "doubt-passes", test_doubt_passes);
  ADD_ON (&many, "standby-dies", test_standby_dies);
  ADD ("both-die", test_both_die);
  ADD ("rebuild-asked", test_rebuild_asked);
  ADD ("build-makes-way", test_build_makes_way);
  ADD ("three-relays", test_three_relays);
  ADD ("list-shrinks", test_list_shrinks);
  return g_test_run ();
}
