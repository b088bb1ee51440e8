/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "made-snapshots.h"

#include "clove-directory-cache.h"

#include <sodium.h>
#include <string.h>

/* 14:02:11 on some day. */
#define WALL_S G_GINT64_CONSTANT (1795356131)

static CloveRelay *
make_relay (guint number)
{
  g_autofree char *name = g_strdup_printf ("relay%u", number);
  g_autofree char *text = g_strdup_printf ("192.0.2.%u:9001", number);
  guint8 seed[crypto_sign_SEEDBYTES] = { (guint8) number, (guint8) (number >> 8) };
  guint8 key[CLOVE_RELAY_KEY_SIZE] = { 0 };
  guint8 secret[crypto_sign_SECRETKEYBYTES] = { 0 };
  g_autoptr (GError) error = NULL;
  CloveAddress address = { 0 };
  CloveRelay *relay = NULL;

  if (number > 254) {
    g_free (text);
    text = g_strdup_printf ("10.%u.%u.%u:9001", number >> 16, number >> 8 & 255, number & 255);
  }
  g_assert_true (clove_address_parse (&address, text, NULL));
  crypto_sign_seed_keypair (key, secret, seed);
  relay = clove_relay_new (name, key, &address,
                           number % 3 == 0 ? CLOVE_RELAY_ROLES_ALL
                                           : CLOVE_RELAY_ROLE_ENTRY | CLOVE_RELAY_ROLE_MIDDLE,
                           NULL, &error);
  g_assert_no_error (error);
  return relay;
}

static CloveRelayList *
make_relays (guint n_relays)
{
  g_autoptr (GPtrArray) relays =
    g_ptr_array_new_with_free_func ((GDestroyNotify) clove_relay_unref);

  for (guint i = 1; i <= n_relays; i++)
    g_ptr_array_add (relays, make_relay (i));
  return clove_relay_list_new ((CloveRelay *const *) relays->pdata, relays->len, NULL);
}

static void
set_hop (CloveSnapshotCircuit *circuit, guint hop, guint number, CloveSnapshotHopState state)
{
  gint64 rtt_us = state == CLOVE_SNAPSHOT_HOP_READY ? (gint64) (hop + 1) * 14000 : -1;

  circuit->n_hops = MAX (circuit->n_hops, hop + 1);
  circuit->hops[hop] =
    (CloveSnapshotHop){ .name = g_strdup_printf ("relay%u", number),
                        .address = g_strdup_printf ("192.0.2.%u:9001", number),
                        .state = state,
                        .time_us = rtt_us,
                        .rtt_us = rtt_us };
}

static void
set_circuit (CloveSnapshotCircuit *circuit, guint entry, guint middle, guint exit_number)
{
  set_hop (circuit, 0, entry, CLOVE_SNAPSHOT_HOP_READY);
  set_hop (circuit, 1, middle, CLOVE_SNAPSHOT_HOP_READY);
  set_hop (circuit, 2, exit_number, CLOVE_SNAPSHOT_HOP_READY);
}

static void
cause_free (gpointer data)
{
  CloveSnapshotCause *cause = data;

  g_free (cause->detail);
  g_free (cause->text);
  g_free (cause->redacted);
  g_free (cause);
}

static void
add_cause (CloveSnapshot *snapshot, const char *kind, guint number, const char *detail)
{
  CloveSnapshotCause *cause = g_new0 (CloveSnapshotCause, 1);

  cause->serial = snapshot->causes->len + 1;
  cause->time_s = WALL_S + 3 * (gint64) cause->serial;
  cause->generation = 1;
  cause->kind = kind;
  cause->number = number;
  cause->detail = g_strdup (detail);
  cause->text = g_strdup_printf ("%s: %s (demo.ton).", kind, detail != NULL ? detail : "");
  cause->redacted = g_strdup_printf ("%s: %s.", kind, detail != NULL ? detail : "");
  g_ptr_array_add (snapshot->causes, cause);
}

static void
add_ban (CloveSnapshot *snapshot, guint number, gint64 left_s, const char *reason)
{
  CloveSnapshotBan *ban = g_new0 (CloveSnapshotBan, 1);

  ban->name = g_strdup_printf ("relay%u", number);
  ban->address = g_strdup_printf ("192.0.2.%u:9001", number);
  ban->left_us = left_s * G_TIME_SPAN_SECOND;
  ban->is_permanent = left_s == 0;
  ban->reason = g_strdup (reason);
  g_ptr_array_add (snapshot->bans, ban);
}

static void
add_records (CloveSnapshot *snapshot)
{
  for (guint i = 0; i < clove_relay_list_get_n_relays (snapshot->relays); i++) {
    CloveSnapshotRecord *record = NULL;
    const CloveRelay *relay = clove_relay_list_get_relay (snapshot->relays, i);

    if (i % 4 == 3 || i > 900)
      continue;
    record = g_new0 (CloveSnapshotRecord, 1);
    memcpy (record->key, clove_relay_get_key (relay), sizeof record->key);
    record->hop = i % 3;
    record->weight = 0.2 + 0.1 * (i % 9);
    record->rtt_us = (gint64) (i % 90 + 8) * 1000;
    record->n_outcomes = 8 + i % 25;
    record->outcomes = i % 5 == 2 ? 0xfff8f0c0u : 0xffffffffu;
    g_ptr_array_add (snapshot->records, record);
  }
}

static void
add_request (CloveSnapshot *snapshot, const char *host, guint status, guint64 size)
{
  CloveSnapshotRequest *request = clove_snapshot_request_new (host, "GET");

  request->serial = snapshot->requests->len + 1;
  request->time_s = WALL_S + (gint64) request->serial;
  request->status = status;
  request->body_size = size;
  request->duration_us = (gint64) (request->serial * 61 * G_TIME_SPAN_MILLISECOND);
  request->is_complete = status != 502;
  g_ptr_array_add (snapshot->requests, request);
}

static CloveSnapshot *
make_base (CloveEngineState state, guint n_relays)
{
  CloveSnapshot *snapshot = clove_snapshot_new ();

  snapshot->state = state;
  snapshot->taken_us = MADE_NOW_US;
  snapshot->max_attempts = 3;
  snapshot->max_strikes = 3;
  snapshot->rebuilds_left = 3;
  snapshot->causes = g_ptr_array_new_with_free_func (cause_free);
  snapshot->records = g_ptr_array_new_with_free_func (g_free);
  snapshot->requests =
    g_ptr_array_new_with_free_func ((GDestroyNotify) clove_snapshot_request_unref);
  if (n_relays > 0)
    snapshot->relays = make_relays (n_relays);
  snapshot->n_relays = n_relays;
  snapshot->directory_age_s = n_relays > 0 ? 3600 : -1;
  if (state != CLOVE_ENGINE_OFF && state != CLOVE_ENGINE_FAILED)
    snapshot->listen_address = g_strdup ("127.0.0.1:8080");
  return snapshot;
}

static CloveSnapshot *
make_off (void)
{
  return make_base (CLOVE_ENGINE_OFF, 0);
}

static CloveSnapshot *
make_loading (void)
{
  return make_base (CLOVE_ENGINE_LOADING, 0);
}

static CloveSnapshot *
make_building (void)
{
  CloveSnapshot *snapshot = make_base (CLOVE_ENGINE_BUILDING, 6);

  snapshot->attempt = 1;
  set_hop (&snapshot->candidate, 0, 5, CLOVE_SNAPSHOT_HOP_READY);
  set_hop (&snapshot->candidate, 1, 1, CLOVE_SNAPSHOT_HOP_EXTENDING);
  set_hop (&snapshot->candidate, 2, 6, CLOVE_SNAPSHOT_HOP_WAITING);
  return snapshot;
}

static CloveSnapshot *
make_connected (void)
{
  CloveSnapshot *snapshot = make_base (CLOVE_ENGINE_CONNECTED, 6);

  snapshot->generation = 2;
  snapshot->live_since_us = MADE_NOW_US - 12 * G_TIME_SPAN_MINUTE;
  snapshot->next_rotation_us = MADE_NOW_US + 432 * G_TIME_SPAN_SECOND;
  set_circuit (&snapshot->live, 5, 2, 3);
  set_circuit (&snapshot->standby, 4, 1, 6);
  snapshot->entries[0] = (CloveSnapshotEntry){ .name = g_strdup ("relay5"),
                                               .expires_s = WALL_S + 40 * 86400,
                                               .is_listed = TRUE };
  snapshot->entries[1] = (CloveSnapshotEntry){ .name = g_strdup ("relay4"),
                                               .expires_s = WALL_S + 51 * 86400,
                                               .is_listed = TRUE };
  add_records (snapshot);
  add_cause (snapshot, "connected", 0, "relay5, relay2, relay3");
  add_cause (snapshot, "standby-ready", 0, "relay4, relay1, relay6");
  for (guint i = 0; i < 12; i++)
    add_request (snapshot, i % 3 == 0 ? "demo.ton" : "foundation.ton", i == 7 ? 404 : 200,
                 1000u << i);
  snapshot->n_requests = 214;
  snapshot->n_bytes_in = 40 * 1000;
  snapshot->n_bytes_out = 12 * 1000 * 1000;
  snapshot->n_in_flight = 2;
  return snapshot;
}

static CloveSnapshot *
make_strikes (void)
{
  CloveSnapshot *snapshot = make_connected ();

  snapshot->strikes = 2;
  snapshot->last_strike = g_strdup ("a probe was lost");
  snapshot->is_on_standby = TRUE;
  add_cause (snapshot, "doubt", 0, "an answer is overdue");
  add_cause (snapshot, "strike", 1, "a probe was lost");
  add_cause (snapshot, "strike", 2, "a probe was lost");
  return snapshot;
}

static CloveSnapshot *
make_rebuilding (void)
{
  CloveSnapshot *snapshot = make_connected ();

  snapshot->state = CLOVE_ENGINE_REBUILDING;
  snapshot->attempt = 1;
  snapshot->strikes = 3;
  snapshot->last_strike = g_strdup ("a probe was lost");
  snapshot->rebuild_at_us = MADE_NOW_US + 8 * G_TIME_SPAN_SECOND;
  snapshot->live.hops[2].state = CLOVE_SNAPSHOT_HOP_FAILED;
  set_hop (&snapshot->candidate, 0, 5, CLOVE_SNAPSHOT_HOP_READY);
  set_hop (&snapshot->candidate, 1, 1, CLOVE_SNAPSHOT_HOP_EXTENDING);
  set_hop (&snapshot->candidate, 2, 6, CLOVE_SNAPSHOT_HOP_WAITING);
  add_ban (snapshot, 2, 299, "three failures in a row");
  add_ban (snapshot, 3, 299, "did not answer");
  add_cause (snapshot, "strike", 3, "a probe was lost");
  add_cause (snapshot, "rebuilding", 3, "three failures in a row");
  return snapshot;
}

static CloveSnapshot *
make_recovered (void)
{
  CloveSnapshot *snapshot = make_connected ();

  snapshot->generation = 3;
  snapshot->live_since_us = MADE_NOW_US - 40 * G_TIME_SPAN_SECOND;
  add_ban (snapshot, 3, 261, "did not answer");
  add_ban (snapshot, 1, 0, "blacklisted by you");
  add_cause (snapshot, "rebuilding", 3, "three failures in a row");
  add_cause (snapshot, "rebuilt", 0, "relay5, relay2, relay3");
  add_cause (snapshot, "cleared", 0, "relay2 works");
  add_cause (snapshot, "blamed", 0, "relay3 did not answer");
  return snapshot;
}

static CloveSnapshot *
make_waiting (void)
{
  CloveSnapshot *snapshot = make_base (CLOVE_ENGINE_WAITING, 6);

  snapshot->problem = g_strdup ("entry relay5: the relay did not answer in time");
  snapshot->next_try_us = MADE_NOW_US + 42 * G_TIME_SPAN_SECOND;
  add_ban (snapshot, 5, 240, "entry relay5: the relay did not answer in time");
  add_cause (snapshot, "no-circuit", 0, "entry relay5: the relay did not answer in time");
  return snapshot;
}

static CloveSnapshot *
make_no_directory (void)
{
  CloveSnapshot *snapshot = make_base (CLOVE_ENGINE_WAITING, 0);

  snapshot->problem = g_strdup ("the directory could not be loaded: no route to host");
  snapshot->directory_problem = g_strdup (snapshot->problem);
  snapshot->next_try_us = MADE_NOW_US + 9 * G_TIME_SPAN_SECOND;
  return snapshot;
}

static CloveSnapshot *
make_offline (void)
{
  CloveSnapshot *snapshot = make_connected ();

  snapshot->state = CLOVE_ENGINE_OFFLINE;
  add_cause (snapshot, "offline", 0, NULL);
  return snapshot;
}

static CloveSnapshot *
make_port_taken (void)
{
  CloveSnapshot *snapshot = make_base (CLOVE_ENGINE_FAILED, 0);

  snapshot->problem = g_strdup ("127.0.0.1:8080 is taken by another program");
  snapshot->problem_code = G_IO_ERROR_ADDRESS_IN_USE;
  return snapshot;
}

const MadeSnapshot made_snapshots[] = {
  { "off", make_off },
  { "loading", make_loading },
  { "building", make_building },
  { "connected", make_connected },
  { "strikes", make_strikes },
  { "rebuilding", make_rebuilding },
  { "recovered", make_recovered },
  { "waiting", make_waiting },
  { "no-directory", make_no_directory },
  { "offline", make_offline },
  { "port-taken", make_port_taken },
};
const guint n_made_snapshots = G_N_ELEMENTS (made_snapshots);

/** made_snapshot: (transfer full): Make the one of that name. */
CloveSnapshot *
made_snapshot (const char *name)
{
  for (guint i = 0; i < n_made_snapshots; i++) {
    if (g_str_equal (made_snapshots[i].name, name))
      return made_snapshots[i].make ();
  }
  g_error ("there is no snapshot “%s”", name);
}

/** made_snapshot_of_many: (transfer full): Make a connected one with so many relays. */
CloveSnapshot *
made_snapshot_of_many (guint n_relays)
{
  CloveSnapshot *snapshot = make_base (CLOVE_ENGINE_CONNECTED, n_relays);

  snapshot->live_since_us = MADE_NOW_US - G_TIME_SPAN_MINUTE;
  set_circuit (&snapshot->live, 1, 2, 3);
  add_records (snapshot);
  return snapshot;
}
