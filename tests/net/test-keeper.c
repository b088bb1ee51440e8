/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "keeper-fixture.h"

#include <string.h>

static void
test_new_destroy (KeeperFixture *fixture, gconstpointer user_data)
{
  g_assert_cmpint (clove_keeper_get_state (fixture->keeper), ==, CLOVE_KEEPER_STOPPED);
  g_assert_null (clove_keeper_get_circuit (fixture->keeper));
}

static void
test_build (KeeperFixture *fixture, gconstpointer user_data)
{
  CloveCircuit *circuit = NULL;

  clove_keeper_start (fixture->keeper);
  g_assert_cmpint (clove_keeper_get_state (fixture->keeper), ==, CLOVE_KEEPER_BUILDING);
  g_assert_null (clove_keeper_get_candidate (fixture->keeper));
  clove_keeper_set_relays (fixture->keeper, fixture->relays);
  g_assert_nonnull (clove_keeper_get_candidate (fixture->keeper));
  test_loop_run_until (fixture->net.clock, keeper_is_ready, fixture->keeper);
  circuit = clove_keeper_get_circuit (fixture->keeper);
  g_assert_cmpint (clove_circuit_get_state (circuit), ==, CLOVE_CIRCUIT_READY);
  g_assert_null (clove_keeper_get_candidate (fixture->keeper));
  g_assert_cmpuint (clove_keeper_get_generation (fixture->keeper), ==, 1);
  g_assert_null (clove_keeper_get_problem (fixture->keeper));
}

/* Whatever two relays are dead, three attempts, each without those that failed, find a circuit. */
static void
test_dead_relays (KeeperFixture *fixture, gconstpointer user_data)
{
  for (guint dead = 1; dead <= 3; dead++) {
    CloveCircuit *circuit = NULL;
    g_autofree char *first = g_strdup_printf ("relay%u", dead);

    test_net_command (&fixture->net, "kill %s", first);
    test_net_command (&fixture->net, "kill relay4");
    keeper_fixture_start (fixture);
    test_loop_run_until (fixture->net.clock, keeper_is_ready, fixture->keeper);
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
test_back_off (KeeperFixture *fixture, gconstpointer user_data)
{
  gint64 last_us = 0;

  test_net_command (&fixture->net, "kill all");
  keeper_fixture_start (fixture);
  for (guint i = 0; i < 4; i++) {
    gint64 wait_us = 0;

    test_loop_run_until (fixture->net.clock, keeper_is_waiting, fixture->keeper);
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
  test_loop_run_until (fixture->net.clock, keeper_is_ready, fixture->keeper);
  g_assert_null (clove_keeper_get_problem (fixture->keeper));
}

static void
test_stop_while_building (KeeperFixture *fixture, gconstpointer user_data)
{
  test_net_command (&fixture->net, "freeze all");
  keeper_fixture_start (fixture);
  test_loop_settle ();
  clove_keeper_stop (fixture->keeper);
  g_assert_cmpint (clove_keeper_get_state (fixture->keeper), ==, CLOVE_KEEPER_STOPPED);
  g_assert_null (clove_keeper_get_candidate (fixture->keeper));
  test_loop_settle ();
  g_assert_cmpuint (clove_adnl_endpoint_get_n_sessions (fixture->net.endpoint), ==, 0);
}

/* A list that comes while a build waits for a dead relay begins anew at once. */
static void
test_new_relays_while_building (KeeperFixture *fixture, gconstpointer user_data)
{
  test_net_command (&fixture->net, "freeze all");
  keeper_fixture_start (fixture);
  test_loop_settle ();
  test_net_command (&fixture->net, "heal");
  clove_keeper_set_relays (fixture->keeper, fixture->relays);
  g_assert_cmpuint (clove_keeper_get_attempt (fixture->keeper), ==, 1);
  test_loop_run_until (fixture->net.clock, keeper_is_ready, fixture->keeper);
  g_assert_cmpuint (clove_keeper_get_generation (fixture->keeper), ==, 1);
}

static void
test_new_relays_while_ready (KeeperFixture *fixture, gconstpointer user_data)
{
  CloveCircuit *circuit = NULL;

  keeper_fixture_start (fixture);
  test_loop_run_until (fixture->net.clock, keeper_is_ready, fixture->keeper);
  circuit = clove_keeper_get_circuit (fixture->keeper);
  clove_keeper_set_relays (fixture->keeper, fixture->relays);
  g_assert_true (clove_keeper_get_circuit (fixture->keeper) == circuit);
}

/* The published scenario: a relay dies while the circuit is in use. */
static void
test_relay_dies (KeeperFixture *fixture, gconstpointer user_data)
{
  CloveAddress hops[CLOVE_MAX_HOPS] = { 0 };

  keeper_fixture_connect (fixture);
  keeper_fixture_get_hops (fixture, hops);
  keeper_fixture_request (fixture, CLOVE_OUTCOME_PAGE, "demo.ton");
  g_assert_cmpuint (clove_keeper_get_strikes (fixture->keeper), ==, 0);
  test_net_command (&fixture->net, "kill %s",
                    keeper_fixture_hop_name (fixture, 2));
  for (guint i = 1; i <= 3; i++) {
    g_assert_cmpint (clove_keeper_get_state (fixture->keeper), ==, CLOVE_KEEPER_READY);
    keeper_fixture_request (fixture, CLOVE_OUTCOME_FAILURE, "demo.ton");
    g_assert_cmpuint (clove_keeper_get_strikes (fixture->keeper), ==, i);
  }
  g_assert_cmpint (clove_keeper_get_state (fixture->keeper), ==, CLOVE_KEEPER_REBUILDING);
  for (guint i = 0; i < CLOVE_MAX_HOPS; i++)
    g_assert_cmpint (clove_blacklist_get_left_us (fixture->blacklist, &hops[i]), ==,
                     CLOVE_BLACKLIST_BAN_US);
  test_loop_run_until (fixture->net.clock, keeper_is_ready, fixture->keeper);
  g_assert_cmpuint (clove_keeper_get_generation (fixture->keeper), ==, 2);
  g_assert_true (clove_blacklist_is_blacklisted (fixture->blacklist, &hops[2]));
  keeper_fixture_request (fixture, CLOVE_OUTCOME_PAGE, "demo.ton");
  g_assert_cmpuint (clove_keeper_get_strikes (fixture->keeper), ==, 0);
  /* Bans end by time alone: five minutes after the guilty one was tested last. */
  test_loop_advance (fixture->net.clock, CLOVE_BLACKLIST_BAN_US + 30 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (clove_blacklist_get_n_bans (fixture->blacklist), ==, 0);
}

/* The other published scenario: several relays are down while circuits are built. */
static void
test_relays_down (KeeperFixture *fixture, gconstpointer user_data)
{
  test_net_command (&fixture->net, "kill relay1");
  test_net_command (&fixture->net, "kill relay5");
  keeper_fixture_connect (fixture);
  /* Each relay that failed is left out, each that did its part is not. */
  for (guint i = 1; i < 4; i++)
    g_assert_false (clove_blacklist_is_blacklisted (
      fixture->blacklist, clove_local_relay_get_address (
                            clove_localnet_get_relay (fixture->net.localnet, i))));
}

/* The relay at @hop fails; ten seconds after the rebuild it alone is banned. */
static void
assert_blames (KeeperFixture *fixture, const char *fault, guint hop)
{
  CloveAddress hops[CLOVE_MAX_HOPS] = { 0 };

  keeper_fixture_connect (fixture);
  keeper_fixture_get_hops (fixture, hops);
  test_net_command (&fixture->net, "%s %s", fault,
                    keeper_fixture_hop_name (fixture, hop));
  for (guint i = 0; i < 3; i++)
    keeper_fixture_request (fixture, CLOVE_OUTCOME_FAILURE, "demo.ton");
  test_loop_run_until (fixture->net.clock, keeper_is_ready, fixture->keeper);
  test_loop_advance (fixture->net.clock, 10 * G_TIME_SPAN_SECOND);
  for (guint i = 0; i < CLOVE_MAX_HOPS; i++)
    g_assert_true (clove_blacklist_is_blacklisted (fixture->blacklist, &hops[i]) == (i == hop));
  g_assert_true (keeper_fixture_has_cause (fixture, CLOVE_CAUSE_BLAMED));
  clove_keeper_stop (fixture->keeper);
  test_net_command (&fixture->net, "heal");
  test_loop_advance (fixture->net.clock, CLOVE_BLACKLIST_BAN_US);
}

/* Each of the three places in turn: who did it keeps its ban, who did not is cleared. */
static void
test_attribution (KeeperFixture *fixture, gconstpointer user_data)
{
  for (guint hop = 0; hop < CLOVE_MAX_HOPS; hop++) {
    assert_blames (fixture, "kill", hop);
    assert_blames (fixture, "freeze", hop);
  }
}

/* Connected, but the exit answers nothing any more. Returns: the time */
static gint64
connect_to_frozen_exit (KeeperFixture *fixture)
{
  keeper_fixture_connect (fixture);
  test_net_command (&fixture->net, "freeze %s",
                    keeper_fixture_hop_name (fixture, 2));
  return clove_clock_now_us (fixture->net.clock);
}

/* Nobody reloads: one request that hears nothing is enough, and the probes do the rest. */
static void
test_probes (KeeperFixture *fixture, gconstpointer user_data)
{
  CloveTicket ticket = { 0 };
  gint64 start_us = 0;

  start_us = connect_to_frozen_exit (fixture);
  g_assert_nonnull (clove_keeper_begin_request (fixture->keeper, &ticket));
  test_loop_run_until (fixture->net.clock, keeper_is_on_second_circuit, fixture->keeper);
  g_assert_cmpint (clove_clock_now_us (fixture->net.clock) - start_us, <=,
                   8 * G_TIME_SPAN_SECOND);
  g_assert_true (keeper_fixture_has_cause (fixture, CLOVE_CAUSE_REBUILT));
  /* The old request's failure is no strike against the new circuit. */
  clove_keeper_end_request (fixture->keeper, &ticket, CLOVE_OUTCOME_FAILURE, "demo.ton", NULL);
  g_assert_cmpuint (clove_keeper_get_strikes (fixture->keeper), ==, 0);
}

/* What is given up and asked for again, as the pieces of a download are, hides no dead exit:
 * silence counts from the first request that got no answer, not from the newest. */
static void
test_asked_again (KeeperFixture *fixture, gconstpointer user_data)
{
  CloveTicket last = { 0 };
  gint64 start_us = 0;

  start_us = connect_to_frozen_exit (fixture);
  g_assert_nonnull (clove_keeper_begin_request (fixture->keeper, &last));
  while (!keeper_is_on_second_circuit (fixture->keeper)) {
    CloveTicket next = { 0 };

    g_assert_nonnull (clove_keeper_begin_request (fixture->keeper, &next));
    clove_keeper_end_request (fixture->keeper, &last, CLOVE_OUTCOME_CANCELLED, "demo.ton", NULL);
    last = next;
    test_loop_advance (fixture->net.clock, 50 * G_TIME_SPAN_MILLISECOND);
    g_assert_cmpint (clove_clock_now_us (fixture->net.clock) - start_us, <=,
                     8 * G_TIME_SPAN_SECOND);
  }
}

/* A strike that is recorded while a probe is under way is followed by a probe of its own. */
static void
test_strike_during_probe (KeeperFixture *fixture, gconstpointer user_data)
{
  CloveTicket ticket = { 0 };

  (void) connect_to_frozen_exit (fixture);
  g_assert_nonnull (clove_keeper_begin_request (fixture->keeper, &ticket));
  test_loop_advance (fixture->net.clock, G_TIME_SPAN_SECOND);
  g_assert_cmpuint (clove_keeper_get_strikes (fixture->keeper), ==, 0);
  clove_keeper_end_request (fixture->keeper, &ticket, CLOVE_OUTCOME_FAILURE, "demo.ton", NULL);
  g_assert_cmpuint (clove_keeper_get_strikes (fixture->keeper), ==, 1);
  /* Nobody asks for anything any more. */
  test_loop_advance (fixture->net.clock, 8 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (clove_keeper_get_generation (fixture->keeper), ==, 2);
}

/* A slow site costs probes, but no strike: the circuit answers them. */
static void
test_slow_site (KeeperFixture *fixture, gconstpointer user_data)
{
  CloveTicket ticket = { 0 };

  keeper_fixture_connect (fixture);
  g_assert_nonnull (clove_keeper_begin_request (fixture->keeper, &ticket));
  for (guint i = 0; i < 600; i++) {
    clove_clock_advance (fixture->net.clock, 100 * G_TIME_SPAN_MILLISECOND);
    test_loop_settle ();
    g_assert_cmpuint (clove_keeper_get_strikes (fixture->keeper), ==, 0);
  }
  clove_keeper_end_request (fixture->keeper, &ticket, CLOVE_OUTCOME_PAGE, "demo.ton", NULL);
  g_assert_cmpuint (clove_keeper_get_generation (fixture->keeper), ==, 1);
}

/* Nobody asks for anything, and still an entry that lost its state is noticed and replaced. */
static void
test_entry_restarts_while_idle (KeeperFixture *fixture, gconstpointer user_data)
{
  keeper_fixture_connect (fixture);
  test_loop_advance (fixture->net.clock, 5 * G_TIME_SPAN_MINUTE);
  g_assert_cmpuint (clove_keeper_get_generation (fixture->keeper), ==, 1);
  test_net_command (&fixture->net, "restart %s",
                    keeper_fixture_hop_name (fixture, 0));
  test_loop_advance (fixture->net.clock, 30 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (clove_keeper_get_generation (fixture->keeper), ==, 2);
  keeper_fixture_request (fixture, CLOVE_OUTCOME_PAGE, "demo.ton");
}

/* While somebody reads, that takes less than ten seconds. */
static void
test_entry_restarts_while_read (KeeperFixture *fixture, gconstpointer user_data)
{
  keeper_fixture_connect (fixture);
  keeper_fixture_request (fixture, CLOVE_OUTCOME_PAGE, "demo.ton");
  test_loop_advance (fixture->net.clock, G_TIME_SPAN_MINUTE);
  test_net_command (&fixture->net, "restart %s", keeper_fixture_hop_name (fixture, 0));
  test_loop_advance (fixture->net.clock, 10 * G_TIME_SPAN_SECOND);
  /* A lost ping is followed by a probe. */
  test_loop_advance (fixture->net.clock, 2 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (clove_keeper_get_strikes (fixture->keeper) +
                      (clove_keeper_get_generation (fixture->keeper) - 1),
                    >, 0);
  test_loop_advance (fixture->net.clock, 5 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (clove_keeper_get_generation (fixture->keeper), ==, 2);
}

/* One lost request on a circuit that lives: the probe clears the strike. */
static void
test_recovery (KeeperFixture *fixture, gconstpointer user_data)
{
  keeper_fixture_connect (fixture);
  keeper_fixture_request (fixture, CLOVE_OUTCOME_FAILURE, "demo.ton");
  g_assert_cmpuint (clove_keeper_get_strikes (fixture->keeper), ==, 1);
  test_loop_advance (fixture->net.clock, G_TIME_SPAN_SECOND);
  g_assert_cmpuint (clove_keeper_get_strikes (fixture->keeper), ==, 0);
  g_assert_true (keeper_fixture_has_cause (fixture, CLOVE_CAUSE_RECOVERED));
}

static void
test_dead_sites (KeeperFixture *fixture, gconstpointer user_data)
{
  keeper_fixture_connect (fixture);
  for (guint i = 0; i < 1000; i++) {
    g_autofree char *host = g_strdup_printf ("dead%u.ton", i);

    keeper_fixture_request (fixture, CLOVE_OUTCOME_SITE_ERROR, host);
    test_loop_advance (fixture->net.clock, 20 * G_TIME_SPAN_MILLISECOND);
  }
  g_assert_cmpuint (clove_keeper_get_generation (fixture->keeper), ==, 1);
  g_assert_cmpint (clove_keeper_get_state (fixture->keeper), ==, CLOVE_KEEPER_READY);
  g_assert_cmpuint (clove_blacklist_get_n_bans (fixture->blacklist), ==, 0);
}

static void
test_rebuild_fails (KeeperFixture *fixture, gconstpointer user_data)
{
  CloveCircuit *circuit = NULL;

  keeper_fixture_connect (fixture);
  circuit = clove_keeper_get_circuit (fixture->keeper);
  test_net_command (&fixture->net, "freeze all");
  for (guint i = 0; i < 3; i++)
    keeper_fixture_request (fixture, CLOVE_OUTCOME_FAILURE, "demo.ton");
  test_loop_run_until (fixture->net.clock, keeper_is_ready, fixture->keeper);
  g_assert_true (clove_keeper_get_circuit (fixture->keeper) == circuit);
  g_assert_cmpuint (clove_keeper_get_strikes (fixture->keeper), ==, 0);
  g_assert_true (keeper_fixture_has_cause (fixture, CLOVE_CAUSE_REBUILD_FAILED));
}

static void
test_rebuild_asked (KeeperFixture *fixture, gconstpointer user_data)
{
  keeper_fixture_connect (fixture);
  g_assert_cmpint (clove_keeper_get_cooldown_us (fixture->keeper), ==, 0);
  g_assert_true (clove_keeper_rebuild (fixture->keeper));
  g_assert_false (clove_keeper_rebuild (fixture->keeper));
  g_assert_cmpint (clove_keeper_get_cooldown_us (fixture->keeper), ==, CLOVE_KEEPER_COOLDOWN_US);
  test_loop_run_until (fixture->net.clock, keeper_is_on_second_circuit, fixture->keeper);
  g_assert_cmpuint (clove_blacklist_get_n_bans (fixture->blacklist), ==, 0);
  g_assert_false (clove_keeper_rebuild (fixture->keeper));
  clove_clock_advance (fixture->net.clock, CLOVE_KEEPER_COOLDOWN_US);
  g_assert_true (clove_keeper_rebuild (fixture->keeper));
}

/* Between 70 % and 130 % of the interval, never twice the same, and nobody is banned. */
static void
test_rotation (KeeperFixture *fixture, gconstpointer user_data)
{
  gint64 interval_us = 10 * G_TIME_SPAN_MINUTE;
  gint64 start_us = 0;

  clove_keeper_set_rotation (fixture->keeper, interval_us);
  keeper_fixture_connect (fixture);
  start_us = clove_clock_now_us (fixture->net.clock);
  g_assert_cmpint (clove_keeper_get_next_rotation_us (fixture->keeper), >=,
                   start_us + interval_us * 7 / 10);
  test_loop_run_until (fixture->net.clock, keeper_is_on_second_circuit, fixture->keeper);
  g_assert_cmpint (clove_clock_now_us (fixture->net.clock), <=,
                   start_us + interval_us * 13 / 10 + G_TIME_SPAN_SECOND);
  g_assert_cmpuint (clove_blacklist_get_n_bans (fixture->blacklist), ==, 0);
  g_assert_cmpint (clove_keeper_get_next_rotation_us (fixture->keeper), >,
                   clove_clock_now_us (fixture->net.clock));
}

/* Every circuit dies at once, for an hour: the network is not asked for more than it bears. */
static void
test_budget (KeeperFixture *fixture, gconstpointer user_data)
{
  gint64 end_us = 0;
  guint n_rebuilds = 0;

  keeper_fixture_connect (fixture);
  end_us = clove_clock_now_us (fixture->net.clock) + G_TIME_SPAN_HOUR;
  while (clove_clock_now_us (fixture->net.clock) < end_us) {
    guint64 generation = clove_keeper_get_generation (fixture->keeper);

    if (clove_keeper_get_state (fixture->keeper) == CLOVE_KEEPER_READY &&
        clove_keeper_get_strikes (fixture->keeper) < 3)
      keeper_fixture_request (fixture, CLOVE_OUTCOME_FAILURE, "demo.ton");
    else
      clove_clock_advance (fixture->net.clock, G_TIME_SPAN_SECOND);
    if (clove_keeper_get_state (fixture->keeper) == CLOVE_KEEPER_REBUILDING)
      test_loop_run_until (fixture->net.clock, keeper_is_ready, fixture->keeper);
    n_rebuilds += (guint) (clove_keeper_get_generation (fixture->keeper) - generation);
  }
  g_assert_cmpuint (n_rebuilds, <=, 20);
  g_assert_cmpuint (n_rebuilds, >, 3);
  g_assert_true (keeper_fixture_has_cause (fixture, CLOVE_CAUSE_POSTPONED));
}

/* What is in flight on the old circuit may finish; what does not is cut after two minutes. */
static void
test_drain (KeeperFixture *fixture, gconstpointer user_data)
{
  TestReply *reply = NULL;

  keeper_fixture_connect (fixture);
  reply = test_net_send (clove_keeper_get_circuit (fixture->keeper), "demo.ton",
                         "GET /slow/30000 HTTP/1.1\r\nHost: demo.ton\r\n\r\n");
  g_assert_true (clove_keeper_rebuild (fixture->keeper));
  test_loop_run_until (fixture->net.clock, keeper_is_on_second_circuit, fixture->keeper);
  g_assert_cmpuint (clove_keeper_get_n_draining (fixture->keeper), ==, 1);
  test_net_wait (&fixture->net, reply);
  g_assert_no_error (reply->error);
  g_clear_pointer (&reply, test_reply_free);
  clove_clock_advance (fixture->net.clock, 3 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (clove_keeper_get_n_draining (fixture->keeper), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                \
  g_test_add ("/clove/keeper/" name, KeeperFixture, NULL, keeper_fixture_set_up, function, \
              keeper_fixture_tear_down)
  ADD ("new-destroy", test_new_destroy);
  ADD ("build", test_build);
  ADD ("dead-relays", test_dead_relays);
  ADD ("back-off", test_back_off);
  ADD ("stop-while-building", test_stop_while_building);
  ADD ("new-relays-while-building", test_new_relays_while_building);
  ADD ("new-relays-while-ready", test_new_relays_while_ready);
  ADD ("relay-dies", test_relay_dies);
  ADD ("relays-down", test_relays_down);
  ADD ("attribution", test_attribution);
  ADD ("probes", test_probes);
  ADD ("asked-again", test_asked_again);
  ADD ("strike-during-probe", test_strike_during_probe);
  ADD ("slow-site", test_slow_site);
  ADD ("entry-restarts-while-idle", test_entry_restarts_while_idle);
  ADD ("entry-restarts-while-read", test_entry_restarts_while_read);
  ADD ("recovery", test_recovery);
  ADD ("dead-sites", test_dead_sites);
  ADD ("rebuild-fails", test_rebuild_fails);
  ADD ("rebuild-asked", test_rebuild_asked);
  ADD ("rotation", test_rotation);
  ADD ("budget", test_budget);
  ADD ("drain", test_drain);
  return g_test_run ();
}
