/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who learns the user's address: one relay, and a backup, whatever happens to circuits. */
#include "config.h"

#include "keeper-fixture.h"

#include <string.h>

static const CloveLocalnetOptions many = { .n_relays = 10, .n_exits = 4, .seed = 42 };

/* The names of all relays that we ever sent a datagram to. */
typedef struct {
  KeeperFixture keeper;
  GHashTable *met;
} Fixture;

static void
remember (GHashTable *names, const char *name)
{
  g_hash_table_add (names, g_strdup (name));
}

static gboolean
on_datagram (guint8 *data,
             gsize size,
             const CloveAddress *peer,
             gboolean is_outgoing,
             gpointer user_data)
{
  Fixture *fixture = user_data;
  CloveRelayList *relays = fixture->keeper.relays;

  for (guint i = 0; i < clove_relay_list_get_n_relays (relays); i++) {
    CloveRelay *relay = clove_relay_list_get_relay (relays, i);

    if (clove_address_equal (clove_relay_get_address (relay), peer))
      remember (fixture->met, clove_relay_get_name (relay));
  }
  return TRUE;
}

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  keeper_fixture_set_up (&fixture->keeper, &many);
  fixture->met = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  clove_adnl_endpoint_set_filter (fixture->keeper.net.endpoint, on_datagram, fixture);
  clove_keeper_set_keeps_entry (fixture->keeper.keeper, TRUE);
  keeper_fixture_connect (&fixture->keeper);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  clove_adnl_endpoint_set_filter (fixture->keeper.net.endpoint, NULL, NULL);
  g_hash_table_unref (fixture->met);
  keeper_fixture_tear_down (&fixture->keeper, NULL);
}

static const char *
kept_name (Fixture *fixture, CloveEntryPlace place)
{
  CloveEntryPolicy *entries = clove_keeper_get_entries (fixture->keeper.keeper);

  return clove_entry_policy_get_info (entries, place).name;
}

static void
rebuild (Fixture *fixture)
{
  CloveKeeper *keeper = fixture->keeper.keeper;
  guint64 generation = clove_keeper_get_generation (keeper);

  test_loop_advance (fixture->keeper.net.clock, CLOVE_KEEPER_COOLDOWN_US);
  g_assert_true (clove_keeper_rebuild (keeper));
  test_loop_run_until (fixture->keeper.net.clock, keeper_is_ready, keeper);
  g_assert_cmpuint (clove_keeper_get_generation (keeper), ==, generation + 1);
}

/* A hundred circuits, one entry; the other two change, and the backup is not among them. */
static void
test_circuits_share_it (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GHashTable) middles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) exits = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < 100; i++) {
    rebuild (fixture);
    g_assert_cmpstr (keeper_fixture_hop_name (&fixture->keeper, 0), ==,
                     kept_name (fixture, CLOVE_ENTRY_FIRST));
    for (guint hop = 1; hop < CLOVE_MAX_HOPS; hop++)
      g_assert_cmpstr (keeper_fixture_hop_name (&fixture->keeper, hop), !=,
                       kept_name (fixture, CLOVE_ENTRY_BACKUP));
    remember (middles, keeper_fixture_hop_name (&fixture->keeper, 1));
    remember (exits, keeper_fixture_hop_name (&fixture->keeper, 2));
  }
  g_assert_cmpuint (g_hash_table_size (fixture->met), ==, 1);
  g_assert_cmpuint (g_hash_table_size (middles), >, 4);
  g_assert_cmpuint (g_hash_table_size (exits), >=, 3);
}

static void
use (Fixture *fixture)
{
  keeper_fixture_request (&fixture->keeper, CLOVE_OUTCOME_PAGE, "demo.ton");
  test_loop_run_until (fixture->keeper.net.clock, keeper_has_standby, fixture->keeper.keeper);
}

/* The standby circuit takes the other of the two, and each rebuild swaps them. */
static void
test_standby_takes_the_backup (Fixture *fixture, gconstpointer user_data)
{
  CloveKeeper *keeper = fixture->keeper.keeper;

  clove_keeper_set_standby (keeper, TRUE);
  use (fixture);
  g_assert_cmpstr (clove_circuit_get_hop_name (clove_keeper_get_standby (keeper), 0), ==,
                   kept_name (fixture, CLOVE_ENTRY_BACKUP));
  rebuild (fixture);
  use (fixture);
  g_assert_cmpstr (clove_circuit_get_hop_name (clove_keeper_get_standby (keeper), 0), ==,
                   kept_name (fixture, CLOVE_ENTRY_FIRST));
  g_assert_cmpuint (g_hash_table_size (fixture->met), ==, 2);
}

/* Finding out who was to blame meets nobody new, whoever it was. */
static void
assert_nobody_new (Fixture *fixture, guint dead_hop)
{
  KeeperFixture *keeper = &fixture->keeper;
  CloveAddress hops[CLOVE_MAX_HOPS] = { 0 };

  clove_keeper_set_standby (keeper->keeper, TRUE);
  use (fixture);
  keeper_fixture_get_hops (keeper, hops);
  test_net_command (&keeper->net, "kill %s", keeper_fixture_hop_name (keeper, dead_hop));
  for (guint i = 0; i < 3; i++) {
    if (clove_keeper_get_generation (keeper->keeper) == 1)
      keeper_fixture_request (keeper, CLOVE_OUTCOME_FAILURE, "demo.ton");
  }
  test_loop_run_until (keeper->net.clock, keeper_is_on_second_circuit, keeper->keeper);
  test_loop_advance (keeper->net.clock, 10 * G_TIME_SPAN_SECOND);
  for (guint i = 0; i < CLOVE_MAX_HOPS; i++)
    g_assert_true (clove_blacklist_is_blacklisted (keeper->blacklist, &hops[i]) == (i == dead_hop));
  g_assert_cmpuint (g_hash_table_size (fixture->met), <=, 2);
}

static void
test_exit_dies (Fixture *fixture, gconstpointer user_data)
{
  assert_nobody_new (fixture, 2);
}

static void
test_middle_dies (Fixture *fixture, gconstpointer user_data)
{
  assert_nobody_new (fixture, 1);
}

static void
test_entry_dies (Fixture *fixture, gconstpointer user_data)
{
  assert_nobody_new (fixture, 0);
}

static void
lose_circuit (Fixture *fixture)
{
  KeeperFixture *keeper = &fixture->keeper;
  CloveTicket ticket = { 0 };
  guint64 generation = clove_keeper_get_generation (keeper->keeper);

  g_assert_nonnull (clove_keeper_begin_request (keeper->keeper, &ticket));
  while (clove_keeper_get_generation (keeper->keeper) == generation)
    test_loop_advance (keeper->net.clock, G_TIME_SPAN_SECOND);
}

/* It comes back after a minute: the next circuit has it again. */
static void
test_entry_returns (Fixture *fixture, gconstpointer user_data)
{
  KeeperFixture *keeper = &fixture->keeper;
  g_autofree char *first = g_strdup (kept_name (fixture, CLOVE_ENTRY_FIRST));

  test_net_command (&keeper->net, "kill %s", first);
  lose_circuit (fixture);
  g_assert_cmpstr (keeper_fixture_hop_name (keeper, 0), ==,
                   kept_name (fixture, CLOVE_ENTRY_BACKUP));
  test_loop_advance (keeper->net.clock, G_TIME_SPAN_MINUTE);
  test_net_command (&keeper->net, "heal");
  test_loop_advance (keeper->net.clock, CLOVE_BLACKLIST_BAN_US);
  g_assert_cmpstr (kept_name (fixture, CLOVE_ENTRY_FIRST), ==, first);
  rebuild (fixture);
  g_assert_cmpstr (keeper_fixture_hop_name (keeper, 0), ==, first);
}

/* It stays dead while the backup answers: after ten minutes the backup is the entry. */
static void
test_entry_stays_dead (Fixture *fixture, gconstpointer user_data)
{
  KeeperFixture *keeper = &fixture->keeper;
  g_autofree char *first = g_strdup (kept_name (fixture, CLOVE_ENTRY_FIRST));
  g_autofree char *backup = g_strdup (kept_name (fixture, CLOVE_ENTRY_BACKUP));

  test_net_command (&keeper->net, "kill %s", first);
  lose_circuit (fixture);
  for (guint i = 0; i < 9; i++) {
    keeper_fixture_request (keeper, CLOVE_OUTCOME_PAGE, "demo.ton");
    test_loop_advance (keeper->net.clock, G_TIME_SPAN_MINUTE);
    g_assert_cmpstr (kept_name (fixture, CLOVE_ENTRY_FIRST), ==, first);
  }
  for (guint i = 0; i < 4; i++) {
    keeper_fixture_request (keeper, CLOVE_OUTCOME_PAGE, "demo.ton");
    test_loop_advance (keeper->net.clock, G_TIME_SPAN_MINUTE);
  }
  g_assert_cmpstr (kept_name (fixture, CLOVE_ENTRY_FIRST), ==, backup);
  g_assert_cmpstr (kept_name (fixture, CLOVE_ENTRY_BACKUP), !=, first);
  g_assert_true (keeper_fixture_has_cause (keeper, CLOVE_CAUSE_ENTRY));
}

/* Neither can be used: another one stands in, always the same, and the two stay who they are. */
static void
test_stand_in (Fixture *fixture, gconstpointer user_data)
{
  KeeperFixture *keeper = &fixture->keeper;
  g_autofree char *first = g_strdup (kept_name (fixture, CLOVE_ENTRY_FIRST));
  g_autofree char *backup = g_strdup (kept_name (fixture, CLOVE_ENTRY_BACKUP));
  g_autofree char *stand_in = NULL;

  test_net_command (&keeper->net, "kill %s", first);
  test_net_command (&keeper->net, "kill %s", backup);
  lose_circuit (fixture);
  stand_in = g_strdup (keeper_fixture_hop_name (keeper, 0));
  g_assert_cmpstr (stand_in, !=, first);
  g_assert_cmpstr (stand_in, !=, backup);
  for (guint i = 0; i < 10; i++) {
    rebuild (fixture);
    g_assert_cmpstr (keeper_fixture_hop_name (keeper, 0), ==, stand_in);
  }
  g_assert_cmpuint (g_hash_table_size (fixture->met), <=, 3);
}

/* All dead at once is no reason to meet anyone new. */
static void
test_all_dead (Fixture *fixture, gconstpointer user_data)
{
  KeeperFixture *keeper = &fixture->keeper;
  g_autofree char *first = g_strdup (kept_name (fixture, CLOVE_ENTRY_FIRST));
  CloveTicket ticket = { 0 };

  test_net_command (&keeper->net, "kill all");
  g_assert_nonnull (clove_keeper_begin_request (keeper->keeper, &ticket));
  test_loop_advance (keeper->net.clock, G_TIME_SPAN_HOUR);
  g_assert_cmpstr (kept_name (fixture, CLOVE_ENTRY_FIRST), ==, first);
  test_net_command (&keeper->net, "heal");
  test_loop_advance (keeper->net.clock, 10 * G_TIME_SPAN_MINUTE);
  g_assert_cmpint (clove_keeper_get_state (keeper->keeper), ==, CLOVE_KEEPER_READY);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/clove/keeper-entry/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("circuits-share-it", test_circuits_share_it);
  ADD ("standby-takes-the-backup", test_standby_takes_the_backup);
  ADD ("exit-dies", test_exit_dies);
  ADD ("middle-dies", test_middle_dies);
  ADD ("entry-dies", test_entry_dies);
  ADD ("entry-returns", test_entry_returns);
  ADD ("entry-stays-dead", test_entry_stays_dead);
  ADD ("stand-in", test_stand_in);
  ADD ("all-dead", test_all_dead);
  return g_test_run ();
}
