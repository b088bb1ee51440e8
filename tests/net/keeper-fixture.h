/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-keeper.h"
#include "test-net.h"

G_BEGIN_DECLS

/**
 * KeeperFixture:
 *
 * A keeper on a localnet under a fake clock and with seeded chance; by default there are five sound
 * relays, of which relay4 and relay5 are exits.
 */
typedef struct {
  TestNet net;
  CloveRandom *random;
  CloveBlacklist *blacklist;
  CloveRelayList *relays;
  CloveKeeper *keeper;
} KeeperFixture;

void keeper_fixture_set_up (KeeperFixture *fixture, gconstpointer user_data);
void keeper_fixture_tear_down (KeeperFixture *fixture, gconstpointer user_data);

void keeper_fixture_start (KeeperFixture *fixture);
void keeper_fixture_connect (KeeperFixture *fixture);
void keeper_fixture_request (KeeperFixture *fixture, CloveOutcome outcome, const char *host);
gboolean keeper_fixture_has_cause (KeeperFixture *fixture, CloveCauseKind kind);
void keeper_fixture_get_hops (KeeperFixture *fixture, CloveAddress hops[static CLOVE_MAX_HOPS]);
const char *keeper_fixture_hop_name (KeeperFixture *fixture, guint hop);

/* Conditions for test_loop_run_until(), of a keeper. */
gboolean keeper_is_ready (gpointer user_data);
gboolean keeper_is_waiting (gpointer user_data);
gboolean keeper_is_on_second_circuit (gpointer user_data);
gboolean keeper_has_standby (gpointer user_data);

G_END_DECLS
