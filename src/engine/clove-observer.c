/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-observer.h"

#include "clove-strikes.h"

#include <string.h>

struct _CloveObserver {
  CloveObserved observed;

  /* Owned; shared with snapshots, and made anew only when there is something new. */
  GPtrArray *causes; /* of CloveSnapshotCause */
  guint64 newest_cause;
  GPtrArray *records; /* of CloveSnapshotRecord */
  guint64 n_record_changes;
};

static gboolean
is_loading (CloveObserver *self)
{
  return self->observed.refresh != NULL &&
         clove_directory_refresh_is_loading (self->observed.refresh);
}

static const GError *
get_directory_problem (CloveObserver *self)
{
  return self->observed.refresh != NULL
           ? clove_directory_refresh_get_problem (self->observed.refresh)
           : NULL;
}

static CloveRelayList *
get_relays (CloveObserver *self)
{
  return self->observed.relays != NULL ? self->observed.relays
                                       : clove_directory_get_list (self->observed.directory);
}

static CloveEngineState
describe_state (CloveObserver *self)
{
  switch (clove_keeper_get_state (self->observed.keeper)) {
    case CLOVE_KEEPER_READY:
      return CLOVE_ENGINE_CONNECTED;
    case CLOVE_KEEPER_REBUILDING:
      return CLOVE_ENGINE_REBUILDING;
    case CLOVE_KEEPER_WAITING:
      return CLOVE_ENGINE_WAITING;
    case CLOVE_KEEPER_OFFLINE:
      return CLOVE_ENGINE_OFFLINE;
    case CLOVE_KEEPER_BUILDING:
      if (get_relays (self) != NULL)
        return CLOVE_ENGINE_BUILDING;
      return is_loading (self) ? CLOVE_ENGINE_LOADING : CLOVE_ENGINE_WAITING;
    case CLOVE_KEEPER_STOPPED:
    default:
      return CLOVE_ENGINE_OFF;
  }
}

static void
describe_circuit (CloveSnapshotCircuit *shown, CloveCircuit *circuit)
{
  static const CloveSnapshotHopState states[] = {
    [CLOVE_HOP_WAITING] = CLOVE_SNAPSHOT_HOP_WAITING,
    [CLOVE_HOP_EXTENDING] = CLOVE_SNAPSHOT_HOP_EXTENDING,
    [CLOVE_HOP_READY] = CLOVE_SNAPSHOT_HOP_READY,
    [CLOVE_HOP_FAILED] = CLOVE_SNAPSHOT_HOP_FAILED,
  };

  if (circuit == NULL)
    return;
  shown->n_hops = clove_circuit_get_n_hops (circuit);
  for (guint i = 0; i < shown->n_hops; i++) {
    char address[CLOVE_ADDRESS_STRING_SIZE] = { 0 };

    clove_address_format (clove_circuit_get_hop_address (circuit, i), address);
    shown->hops[i] =
      (CloveSnapshotHop){ .name = g_strdup (clove_circuit_get_hop_name (circuit, i)),
                          .address = g_strdup (address),
                          .state = states[clove_circuit_get_hop_state (circuit, i)],
                          .time_us = clove_circuit_get_hop_time_us (circuit, i),
                          .rtt_us = clove_circuit_get_hop_rtt_us (circuit, i) };
  }
}

static void
describe_keeper (CloveObserver *self, CloveSnapshot *snapshot)
{
  CloveKeeper *keeper = self->observed.keeper;

  snapshot->generation = clove_keeper_get_generation (keeper);
  snapshot->attempt = clove_keeper_get_attempt (keeper);
  snapshot->max_attempts = self->observed.max_attempts;
  snapshot->live_since_us = clove_keeper_get_live_since_us (keeper);
  describe_circuit (&snapshot->live, clove_keeper_get_circuit (keeper));
  describe_circuit (&snapshot->candidate, clove_keeper_get_candidate (keeper));
  describe_circuit (&snapshot->standby, clove_keeper_get_standby (keeper));
  snapshot->is_on_standby = clove_keeper_is_on_standby (keeper);
  snapshot->is_settling = clove_keeper_is_settling (keeper);
  snapshot->strikes = clove_keeper_get_strikes (keeper);
  snapshot->max_strikes = CLOVE_STRIKES_MAX;
  snapshot->last_strike = g_strdup (clove_keeper_get_last_strike (keeper));
  snapshot->rebuilds_left = clove_keeper_get_rebuilds_left (keeper);
  snapshot->rebuild_at_us = snapshot->taken_us + clove_keeper_get_cooldown_us (keeper);
  snapshot->next_rotation_us = clove_keeper_get_next_rotation_us (keeper);
}

static void
describe_entries (CloveObserver *self, CloveSnapshot *snapshot)
{
  CloveEntryPolicy *entries = clove_keeper_get_entries (self->observed.keeper);

  G_STATIC_ASSERT (CLOVE_SNAPSHOT_N_ENTRIES == CLOVE_ENTRY_N_PLACES);
  for (CloveEntryPlace place = 0; place < CLOVE_ENTRY_N_PLACES; place++) {
    CloveEntryInfo info = clove_entry_policy_get_info (entries, place);

    if (!info.kept.is_set)
      continue;
    snapshot->entries[place] = (CloveSnapshotEntry){ .name = g_strdup (info.name),
                                                     .expires_s = info.kept.expires_s,
                                                     .is_listed = info.is_listed,
                                                     .is_silent = info.is_silent };
  }
  snapshot->is_entry_limited =
    clove_entry_policy_is_limited (entries, clove_state_time (self->observed.clock));
}

static char *
relay_name (CloveObserver *self, const CloveAddress *address)
{
  CloveRelayList *list = get_relays (self);
  CloveRelay *relay = list != NULL ? clove_relay_list_find_address (list, address) : NULL;

  return relay != NULL ? g_strdup (clove_relay_get_name (relay)) : NULL;
}

static void
describe_bans (CloveObserver *self, CloveSnapshot *snapshot)
{
  g_autoptr (GPtrArray) bans =
    clove_blacklist_list (clove_directory_get_blacklist (self->observed.directory));

  for (guint i = 0; i < bans->len; i++) {
    const CloveBan *ban = g_ptr_array_index (bans, i);
    CloveSnapshotBan *shown = g_new0 (CloveSnapshotBan, 1);

    shown->name = relay_name (self, &ban->address);
    shown->address = g_malloc0 (CLOVE_ADDRESS_STRING_SIZE);
    clove_address_format (&ban->address, shown->address);
    shown->left_us = ban->left_us;
    shown->is_permanent = ban->is_permanent;
    shown->reason = g_strdup (ban->reason);
    g_ptr_array_add (snapshot->bans, shown);
  }
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
describe_causes (CloveObserver *self, CloveSnapshot *snapshot)
{
  const GPtrArray *causes = clove_keeper_get_causes (self->observed.keeper);
  const CloveCause *newest = causes->len > 0 ? causes->pdata[causes->len - 1] : NULL;

  if (self->causes == NULL || (newest != NULL && newest->serial != self->newest_cause)) {
    g_clear_pointer (&self->causes, g_ptr_array_unref);
    self->causes = g_ptr_array_new_with_free_func (cause_free);
    self->newest_cause = newest != NULL ? newest->serial : 0;
    for (guint i = 0; i < causes->len; i++) {
      const CloveCause *cause = causes->pdata[i];
      CloveSnapshotCause *shown = g_new0 (CloveSnapshotCause, 1);

      *shown = (CloveSnapshotCause){ .serial = cause->serial,
                                     .time_s = cause->time_s,
                                     .generation = cause->generation,
                                     .kind = clove_cause_kind_name (cause->kind),
                                     .number = cause->number,
                                     .detail = g_strdup (cause->detail),
                                     .text = clove_cause_format (cause, TRUE),
                                     .redacted = clove_cause_format (cause, FALSE) };
      g_ptr_array_add (self->causes, shown);
    }
  }
  snapshot->causes = g_ptr_array_ref (self->causes);
}

static CloveSnapshotRecord *
describe_record (CloveRelayRecords *records, const CloveRelayRecord *record)
{
  CloveSnapshotRecord *shown = g_new0 (CloveSnapshotRecord, 1);

  memcpy (shown->key, record->key, sizeof shown->key);
  shown->hop = record->hop;
  shown->weight = clove_relay_records_get_weight (records, record->key, record->hop);
  shown->rtt_us = record->rtt_us;
  shown->n_outcomes = record->n_outcomes;
  for (guint i = 0; i < record->n_outcomes; i++) {
    if (record->outcomes[record->n_outcomes - 1 - i].is_good)
      shown->outcomes |= (guint32) 1 << i;
  }
  return shown;
}

static void
describe_records (CloveObserver *self, CloveSnapshot *snapshot)
{
  CloveRelayRecords *records = clove_keeper_get_records (self->observed.keeper);
  guint64 n_changes = clove_relay_records_get_n_changes (records);

  G_STATIC_ASSERT (CLOVE_RELAY_RECORD_N_OUTCOMES <= 32);
  if (self->records == NULL || n_changes != self->n_record_changes) {
    g_autoptr (GPtrArray) list = clove_relay_records_list (records);

    g_clear_pointer (&self->records, g_ptr_array_unref);
    self->records = g_ptr_array_new_with_free_func (g_free);
    self->n_record_changes = n_changes;
    for (guint i = 0; i < list->len; i++)
      g_ptr_array_add (self->records, describe_record (records, g_ptr_array_index (list, i)));
  }
  snapshot->records = g_ptr_array_ref (self->records);
}

static void
describe_problem (CloveObserver *self, CloveSnapshot *snapshot, const GError *failure)
{
  const GError *problem = failure;

  if (problem == NULL && clove_keeper_get_circuit (self->observed.keeper) == NULL)
    problem = clove_keeper_get_problem (self->observed.keeper);
  if (problem == NULL && snapshot->state == CLOVE_ENGINE_WAITING)
    problem = get_directory_problem (self);
  if (problem == NULL)
    return;
  snapshot->problem = g_strdup (problem->message);
  snapshot->problem_code = problem == failure ? problem->code : -1;
}

static void
describe_directory (CloveObserver *self, CloveSnapshot *snapshot)
{
  CloveRelayList *list = get_relays (self);
  const GError *problem = get_directory_problem (self);

  if (self->observed.relays == NULL)
    snapshot->directory_age_s = clove_directory_get_age_s (self->observed.directory);
  if (list != NULL) {
    snapshot->relays = clove_relay_list_ref (list);
    snapshot->n_relays = clove_relay_list_get_n_relays (list);
  }
  if (problem != NULL)
    snapshot->directory_problem = g_strdup (problem->message);
}

static void
describe_server (CloveObserver *self, CloveSnapshot *snapshot)
{
  CloveServerStatistics statistics = { 0 };
  CloveAddress address = { 0 };

  clove_server_get_statistics (self->observed.server, &statistics);
  snapshot->requests = clove_request_log_list (self->observed.requests);
  snapshot->n_in_flight = statistics.n_in_flight;
  snapshot->n_requests = statistics.n_requests;
  snapshot->n_bytes_in = statistics.n_bytes_in;
  snapshot->n_bytes_out = statistics.n_bytes_out;
  if (clove_server_get_address (self->observed.server, &address)) {
    snapshot->listen_address = g_malloc0 (CLOVE_ADDRESS_STRING_SIZE);
    clove_address_format (&address, snapshot->listen_address);
  }
}

/* When something is tried again: a build, or without relays the directory; else 0. */
static gint64
get_next_try_us (CloveObserver *self)
{
  gint64 next_try_us = clove_keeper_get_next_try_us (self->observed.keeper);

  if (next_try_us != 0 || self->observed.refresh == NULL ||
      clove_directory_get_list (self->observed.directory) != NULL)
    return next_try_us;
  return clove_directory_refresh_get_next_us (self->observed.refresh);
}

/** clove_observer_new: (transfer full): Make an observer; @observed itself is copied. */
CloveObserver *
clove_observer_new (const CloveObserved *observed)
{
  CloveObserver *self = g_new0 (CloveObserver, 1);

  self->observed = *observed;
  return self;
}

/** clove_observer_free: (nullable): Free; snapshots stay. */
void
clove_observer_free (CloveObserver *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->causes, g_ptr_array_unref);
  g_clear_pointer (&self->records, g_ptr_array_unref);
  g_free (self);
}

/**
 * clove_observer_take:
 * @self: an observer
 * @failure: (nullable): why nothing works and nothing is tried again
 *
 * Returns: (transfer full): how things are now
 */
CloveSnapshot *
clove_observer_take (CloveObserver *self, const GError *failure)
{
  g_autoptr (CloveSnapshot) snapshot = clove_snapshot_new ();

  snapshot->taken_us = clove_clock_now_us (self->observed.clock);
  snapshot->taken_s = clove_clock_wall_s (self->observed.clock);
  snapshot->state = failure != NULL ? CLOVE_ENGINE_FAILED : describe_state (self);
  snapshot->next_try_us = get_next_try_us (self);
  describe_keeper (self, snapshot);
  describe_entries (self, snapshot);
  describe_bans (self, snapshot);
  describe_causes (self, snapshot);
  describe_records (self, snapshot);
  describe_problem (self, snapshot, failure);
  describe_directory (self, snapshot);
  describe_server (self, snapshot);
  return g_steal_pointer (&snapshot);
}
