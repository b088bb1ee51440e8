/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "keeper-fixture.h"

#include <string.h>

/**
 * keeper_fixture_set_up:
 *
 * @user_data is the #CloveLocalnetOptions, or %NULL for five sound relays.
 */
void
keeper_fixture_set_up (KeeperFixture *fixture, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GBytes) json = NULL;

  test_net_set_up (&fixture->net, user_data != NULL ? user_data : &test_net_sound);
  text = clove_localnet_format_directory (fixture->net.localnet);
  json = g_bytes_new (text, strlen (text));
  fixture->relays = clove_relay_list_parse (json, &error);
  g_assert_no_error (error);
  fixture->random = clove_random_new_seeded (3);
  fixture->blacklist = clove_blacklist_new (fixture->net.clock);
  fixture->keeper = clove_keeper_new (fixture->net.endpoint, fixture->net.clock, fixture->random,
                                      fixture->blacklist);
}

/** keeper_fixture_tear_down: Stop everything; nothing may be left that holds a part of it. */
void
keeper_fixture_tear_down (KeeperFixture *fixture, gconstpointer user_data)
{
  clove_keeper_stop (fixture->keeper);
  test_loop_settle ();
  g_assert_finalize_object (fixture->keeper);
  clove_blacklist_unref (fixture->blacklist);
  clove_relay_list_unref (fixture->relays);
  clove_random_unref (fixture->random);
  test_net_tear_down (&fixture->net);
}

gboolean
keeper_is_ready (gpointer user_data)
{
  return clove_keeper_get_state (user_data) == CLOVE_KEEPER_READY;
}

gboolean
keeper_is_waiting (gpointer user_data)
{
  return clove_keeper_get_state (user_data) == CLOVE_KEEPER_WAITING;
}

gboolean
keeper_is_on_second_circuit (gpointer user_data)
{
  return clove_keeper_get_generation (user_data) == 2;
}

gboolean
keeper_has_standby (gpointer user_data)
{
  return clove_keeper_get_standby (user_data) != NULL;
}

/** keeper_fixture_start: Give the keeper its relays and start it. */
void
keeper_fixture_start (KeeperFixture *fixture)
{
  clove_keeper_set_relays (fixture->keeper, fixture->relays);
  clove_keeper_start (fixture->keeper);
}

/** keeper_fixture_connect: Start, and wait until a circuit is live. */
void
keeper_fixture_connect (KeeperFixture *fixture)
{
  keeper_fixture_start (fixture);
  test_loop_run_until (fixture->net.clock, keeper_is_ready, fixture->keeper);
}

/** keeper_fixture_request: Begin a request and report how it ended, a millisecond later. */
void
keeper_fixture_request (KeeperFixture *fixture, CloveOutcome outcome, const char *host)
{
  CloveTicket ticket = { 0 };

  clove_clock_advance (fixture->net.clock, G_TIME_SPAN_MILLISECOND);
  g_assert_nonnull (clove_keeper_begin_request (fixture->keeper, &ticket));
  clove_clock_advance (fixture->net.clock, G_TIME_SPAN_MILLISECOND);
  clove_keeper_end_request (fixture->keeper, &ticket, outcome, host, "no reply came");
}

/** keeper_fixture_has_cause: Tell whether the log has an entry of @kind. */
gboolean
keeper_fixture_has_cause (KeeperFixture *fixture, CloveCauseKind kind)
{
  const GPtrArray *causes = clove_keeper_get_causes (fixture->keeper);

  for (guint i = 0; i < causes->len; i++) {
    if (((const CloveCause *) causes->pdata[i])->kind == kind)
      return TRUE;
  }
  return FALSE;
}

/** keeper_fixture_get_hops: Get the addresses of the live circuit's relays. */
void
keeper_fixture_get_hops (KeeperFixture *fixture, CloveAddress hops[static CLOVE_MAX_HOPS])
{
  CloveCircuit *circuit = clove_keeper_get_circuit (fixture->keeper);

  for (guint i = 0; i < CLOVE_MAX_HOPS; i++)
    hops[i] = *clove_circuit_get_hop_address (circuit, i);
}

/** keeper_fixture_hop_name: Get the name of a relay of the live circuit. */
const char *
keeper_fixture_hop_name (KeeperFixture *fixture, guint hop)
{
  return clove_circuit_get_hop_name (clove_keeper_get_circuit (fixture->keeper), hop);
}
