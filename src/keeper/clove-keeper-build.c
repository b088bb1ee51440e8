/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One round is up to max_attempts builds, each without the relays that failed before. The relays of
 * a failed build are blacklisted; those that did their part in it are cleared at once, so that the
 * ban stays with the hop that the failed step names. A round that fails with no circuit live is
 * followed by a pause that grows; one that fails behind a live circuit leaves that in place.
 */
#include "config.h"

#include "clove-keeper-private.h"

#include <string.h>

#define SUSPECT_DEADLINE_US (1500 * G_TIME_SPAN_MILLISECOND)

/* A reference relay that was asked for a dead one hears nobody for ten seconds from then on. */
#define REST_US (11 * G_TIME_SPAN_SECOND)

static void build (CloveKeeper *self);

static void
on_candidate_changed (CloveCircuit *circuit, gpointer user_data)
{
  clove_keeper_emit_changed (user_data);
}

static void
drop_candidate (CloveKeeper *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  clove_keeper_slot_clear (self, &self->candidate);
}

/* Gives up what is being built; nobody is to blame. Harmless when nothing is. */
void
clove_keeper_end_round (CloveKeeper *self)
{
  self->is_in_round = FALSE;
  drop_candidate (self);
}

/* Tells whether @relay is likely to hear nobody now, for it waits for a dead one. */
gboolean
clove_keeper_is_resting (CloveKeeper *self, const CloveRelay *relay)
{
  return self->resting != NULL && clove_clock_now_us (self->clock) < self->resting_until_us &&
         memcmp (clove_relay_get_key (self->resting), clove_relay_get_key (relay),
                 CLOVE_RELAY_KEY_SIZE) == 0;
}

/* @entry was asked for a relay that did not answer. */
void
clove_keeper_let_rest (CloveKeeper *self, CloveRelay *entry)
{
  clove_relay_ref (entry);
  g_clear_pointer (&self->resting, clove_relay_unref);
  self->resting = entry;
  self->resting_until_us = clove_clock_now_us (self->clock) + REST_US;
}

static void
blame (CloveKeeper *self, const GError *error)
{
  gint failed_hop = clove_circuit_get_failed_hop (self->candidate.circuit);
  const ClovePath *path = &self->candidate.path;

  if (failed_hop < 0 || clove_keeper_is_lenient (self))
    return;
  if (failed_hop > 0)
    clove_keeper_let_rest (self, path->relays[0]);
  clove_keeper_note_entry (self, path->relays[0], failed_hop > 0);
  for (gint i = 0; i <= failed_hop; i++)
    clove_relay_records_note_build (self->records, clove_relay_get_key (path->relays[i]),
                                    (guint) i, i < failed_hop);
  for (gint i = 0; i < CLOVE_PATH_N_HOPS; i++)
    clove_blacklist_mark_failed (self->blacklist, clove_relay_get_address (path->relays[i]),
                                 error->message);
  /* Those before it joined, and those behind it were never asked. */
  for (gint i = 0; i < CLOVE_PATH_N_HOPS; i++) {
    if (i != failed_hop)
      clove_blacklist_mark_success (self->blacklist, clove_relay_get_address (path->relays[i]));
  }
}

static void
end_round_in_failure (CloveKeeper *self)
{
  const char *detail = self->problem != NULL ? self->problem->message : NULL;

  self->is_in_round = FALSE;
  if (self->round_kind == CLOVE_ROUND_STANDBY) {
    clove_keeper_postpone_standby (self);
  } else if (self->live.circuit != NULL) {
    clove_keeper_note (self, CLOVE_CAUSE_REBUILD_FAILED, 0, NULL, detail);
    clove_strikes_reset (&self->strikes);
    self->is_in_doubt = FALSE;
    /* No entry answered at all: that is rather our network, and should not be waited for. */
    if (self->round_kind == CLOVE_ROUND_FAILED && !self->has_joined)
      clove_budget_refund (&self->budget);
  } else {
    clove_keeper_note (self, CLOVE_CAUSE_NO_CIRCUIT, 0, NULL, detail);
    clove_timer_start (&self->retry, clove_backoff_next_us (&self->backoff, self->random));
  }
  clove_keeper_emit_changed (self);
}

static void
end_round_in_success (CloveKeeper *self)
{
  const CloveKeeperSlot *built = &self->candidate;

  self->is_in_round = FALSE;
  g_clear_object (&self->cancellable);
  g_clear_error (&self->problem);
  clove_keeper_note_entry (self, built->path.relays[0], TRUE);
  for (guint i = 0; i < CLOVE_PATH_N_HOPS; i++) {
    gint64 time_us = clove_circuit_get_hop_time_us (built->circuit, i);
    const guint8 *key = clove_relay_get_key (built->path.relays[i]);

    clove_latency_add (&self->latency, time_us);
    clove_relay_records_note_build (self->records, key, i, TRUE);
    clove_relay_records_note_rtt (self->records, key, i, time_us);
    clove_blacklist_mark_success (self->blacklist,
                                  clove_relay_get_address (built->path.relays[i]));
  }
  if (self->round_kind == CLOVE_ROUND_STANDBY) {
    clove_keeper_take_standby (self);
    return;
  }
  clove_backoff_reset (&self->backoff);
  clove_keeper_put_into_use (self, &self->candidate, self->round_kind);
}

static void
on_built (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CloveKeeper) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_built = clove_circuit_build_finish (CLOVE_CIRCUIT (source), result, &error);

  /* A build that was given up is no longer the candidate. */
  if (CLOVE_CIRCUIT (source) != self->candidate.circuit)
    return;
  if (is_built) {
    end_round_in_success (self);
    return;
  }
  self->has_joined |= clove_circuit_get_failed_hop (self->candidate.circuit) > 0;
  clove_keeper_note (self, CLOVE_CAUSE_BUILD_FAILED, self->attempt, NULL, error->message);
  blame (self, error);
  drop_candidate (self);
  g_clear_error (&self->problem);
  self->problem = g_steal_pointer (&error);
  if (self->attempt < self->max_attempts)
    build (self);
  else
    end_round_in_failure (self);
}

/*
 * A standby circuit shares with the live one only what it must: relays of that come before any that
 * failed, and of them the entry first, since a circuit dies of its exit or middle as well.
 */
static void
avoid_live_path (CloveKeeper *self, gint64 *avoided_since_us)
{
  guint n_relays = clove_relay_list_get_n_relays (self->relays);

  for (guint i = 0; i < n_relays; i++) {
    gint hop = clove_path_find (&self->live.path, clove_relay_list_get_relay (self->relays, i));

    if (hop >= 0 && avoided_since_us[i] == CLOVE_PATH_FREE)
      avoided_since_us[i] = 1 + hop;
  }
}

/* An entry that rests would only cost time. */
static void
avoid_resting (CloveKeeper *self, gint64 *avoided_since_us)
{
  for (guint i = 0; i < clove_relay_list_get_n_relays (self->relays); i++) {
    if (avoided_since_us[i] == CLOVE_PATH_FREE &&
        clove_keeper_is_resting (self, clove_relay_list_get_relay (self->relays, i)))
      avoided_since_us[i] = 1;
  }
}

/* Kept entries are for that place: who sees the user's address shall not see the sites, too. */
static void
spare_entries (CloveKeeper *self, gint64 *avoided_since_us)
{
  for (guint i = 0; self->keeps_entry && i < clove_relay_list_get_n_relays (self->relays); i++) {
    CloveRelay *relay = clove_relay_list_get_relay (self->relays, i);

    for (CloveEntryPlace place = 0; place < CLOVE_ENTRY_N_PLACES; place++) {
      if (avoided_since_us[i] == CLOVE_PATH_FREE &&
          clove_entry_policy_get (self->entries, place) == relay)
        avoided_since_us[i] = 1;
    }
  }
}

static gboolean
select_path (CloveKeeper *self)
{
  guint n_relays = clove_relay_list_get_n_relays (self->relays);
  g_autofree gint64 *avoided_since_us = g_new0 (gint64, n_relays);
  g_autofree gdouble *weights = g_new0 (gdouble, (gsize) n_relays * CLOVE_PATH_N_HOPS);
  ClovePathOptions options = { .avoided_since_us = avoided_since_us,
                               .weights = weights,
                               .pinned = { clove_keeper_choose_entry (self) },
                               .prefers_diversity = TRUE };
  gboolean is_chosen = FALSE;

  clove_relay_records_get_weights (self->records, self->relays, weights);
  (void) clove_blacklist_get_avoided (self->blacklist, self->relays, avoided_since_us);
  if (self->round_kind == CLOVE_ROUND_STANDBY)
    avoid_live_path (self, avoided_since_us);
  spare_entries (self, avoided_since_us);
  avoid_resting (self, avoided_since_us);
  g_clear_error (&self->problem);
  is_chosen = clove_path_select (&self->candidate.path, self->relays, &options, self->random,
                                 &self->problem);
  if (!is_chosen && options.pinned[0] != NULL) {
    /* The kept entry may be the only exit there is. */
    options.pinned[0] = NULL;
    g_clear_error (&self->problem);
    is_chosen = clove_path_select (&self->candidate.path, self->relays, &options, self->random,
                                   &self->problem);
  }
  if (is_chosen)
    clove_keeper_note_stand_in (self, self->candidate.path.relays[0]);
  return is_chosen;
}

static gboolean
has_suspect (CloveKeeper *self)
{
  for (guint i = 0; i < CLOVE_PATH_N_HOPS; i++) {
    if (clove_blacklist_is_blacklisted (
          self->blacklist, clove_relay_get_address (self->candidate.path.relays[i])))
      return TRUE;
  }
  return FALSE;
}

/* How long a hop may take. Relays under suspicion, which are used again only because there are no
 * others, get less patience. */
static gint64
hop_deadline_us (CloveKeeper *self)
{
  gint64 deadline_us = clove_latency_get_deadline_us (&self->latency);

  return has_suspect (self) ? MIN (deadline_us, SUSPECT_DEADLINE_US) : deadline_us;
}

/* Whether the chosen path is worth to be kept in reserve. */
static gboolean
is_good_reserve (CloveKeeper *self)
{
  const ClovePath *path = &self->candidate.path;

  return !has_suspect (self) && (clove_path_find (&self->live.path, path->relays[1]) < 0 ||
                                 clove_path_find (&self->live.path, path->relays[2]) < 0);
}

static void
build (CloveKeeper *self)
{
  CloveHop hops[CLOVE_PATH_N_HOPS] = { 0 };

  self->attempt++;
  if (!select_path (self) ||
      (self->round_kind == CLOVE_ROUND_STANDBY && !is_good_reserve (self))) {
    clove_path_clear (&self->candidate.path);
    end_round_in_failure (self);
    return;
  }
  for (guint i = 0; i < CLOVE_PATH_N_HOPS; i++) {
    const CloveRelay *relay = self->candidate.path.relays[i];

    hops[i] = (CloveHop){ .name = clove_relay_get_name (relay),
                          .key = clove_relay_get_key (relay),
                          .address = *clove_relay_get_address (relay) };
  }
  self->candidate.circuit =
    clove_circuit_new (self->endpoint, self->clock, hops, G_N_ELEMENTS (hops));
  self->cancellable = g_cancellable_new ();
  g_signal_connect (self->candidate.circuit, "changed", G_CALLBACK (on_candidate_changed), self);
  clove_circuit_build_async (self->candidate.circuit, hop_deadline_us (self), self->cancellable,
                             on_built, g_object_ref (self));
}

/* Begins to build, unless circuits are being built already: there is one round at a time. Only one
 * for the reserve makes way. */
void
clove_keeper_begin_round (CloveKeeper *self, CloveRoundKind kind)
{
  if (clove_keeper_is_building (self) || self->relays == NULL || self->is_offline ||
      (self->is_in_round && kind == CLOVE_ROUND_STANDBY))
    return;
  clove_keeper_end_round (self);
  self->is_in_round = TRUE;
  self->round_kind = kind;
  self->has_joined = FALSE;
  self->attempt = 0;
  clove_timer_stop (&self->retry);
  build (self);
}

/* Tells whether the live circuit is being replaced, or the first one built. */
gboolean
clove_keeper_is_building (CloveKeeper *self)
{
  return self->is_in_round && self->round_kind != CLOVE_ROUND_STANDBY;
}
