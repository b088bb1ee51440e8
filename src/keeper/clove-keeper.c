/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which circuit is live, and what becomes of the one before it. How circuits are built is in
 * clove-keeper-build.c, how they are found to be dead in clove-keeper-health.c.
 */
#include "config.h"

#include "clove-keeper.h"

#include "clove-keeper-private.h"

#define FIRST_PAUSE_US   (5 * G_USEC_PER_SEC)
#define LONGEST_PAUSE_US (300 * G_USEC_PER_SEC)

/* How often the circuits that were replaced are looked after. */
#define DRAIN_CHECK_US G_TIME_SPAN_SECOND

/* Rotation comes up to so much earlier or later. */
#define ROTATION_SPREAD 0.3

typedef struct {
  CloveCircuit *circuit; /* owned */
  gint64 since_us;
} Draining;

G_DEFINE_FINAL_TYPE (CloveKeeper, clove_keeper, G_TYPE_OBJECT)

enum {
  SIGNAL_CHANGED,
  SIGNAL_MOVED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

void
clove_keeper_emit_changed (CloveKeeper *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* Requests are taken by another circuit than before. */
void
clove_keeper_emit_moved (CloveKeeper *self)
{
  g_signal_emit (self, signals[SIGNAL_MOVED], 0);
}

/* Writes an entry into the log of causes. */
void
clove_keeper_note (CloveKeeper *self,
                   CloveCauseKind kind,
                   guint number,
                   const char *host,
                   const char *detail)
{
  CloveCause *cause =
    clove_cause_new (kind, clove_clock_wall_s (self->clock), self->generation, number);

  cause->serial = ++self->n_causes;
  cause->host = g_strdup (host);
  cause->detail = g_strdup (detail);
  g_ptr_array_add (self->causes, cause);
  if (self->causes->len > CLOVE_KEEPER_MAX_CAUSES)
    g_ptr_array_remove_index (self->causes, 0);
}

static void
draining_free (gpointer data)
{
  Draining *draining = data;

  clove_circuit_close (draining->circuit);
  g_object_unref (draining->circuit);
  g_free (draining);
}

static void
on_drain (gpointer user_data)
{
  CloveKeeper *self = user_data;
  gint64 now_us = clove_clock_now_us (self->clock);

  for (GList *link = self->draining.head; link != NULL;) {
    GList *next = link->next;
    Draining *draining = link->data;

    if (clove_circuit_get_n_busy (draining->circuit) == 0 ||
        now_us - draining->since_us >= CLOVE_KEEPER_DRAIN_US) {
      g_queue_delete_link (&self->draining, link);
      draining_free (draining);
    }
    link = next;
  }
  if (!g_queue_is_empty (&self->draining))
    clove_timer_start_coarse (&self->drain, DRAIN_CHECK_US);
}

/* Lets go of what is in @slot, which is all zero then. */
void
clove_keeper_slot_clear (CloveKeeper *self, CloveKeeperSlot *slot)
{
  if (slot->circuit != NULL)
    g_signal_handlers_disconnect_by_data (slot->circuit, self);
  g_clear_object (&slot->circuit);
  clove_path_clear (&slot->path);
  *slot = (CloveKeeperSlot){ 0 };
}

/* "relay1, relay2, relay3" */
char *
clove_keeper_slot_format (const CloveKeeperSlot *slot)
{
  return g_strdup_printf ("%s, %s, %s", clove_circuit_get_hop_name (slot->circuit, 0),
                          clove_circuit_get_hop_name (slot->circuit, 1),
                          clove_circuit_get_hop_name (slot->circuit, 2));
}

/* Empties @slot; requests in flight may finish on a circuit that gets no more. */
void
clove_keeper_retire (CloveKeeper *self, CloveKeeperSlot *slot)
{
  Draining *draining = NULL;

  if (slot->circuit == NULL)
    return;
  draining = g_new0 (Draining, 1);
  draining->circuit = g_object_ref (slot->circuit);
  clove_keeper_slot_clear (self, slot);
  draining->since_us = clove_clock_now_us (self->clock);
  g_queue_push_tail (&self->draining, draining);
  clove_timer_start_coarse (&self->drain, 0);
}

static void
start_rotation (CloveKeeper *self)
{
  gdouble factor = 1.0 + ROTATION_SPREAD * (2.0 * clove_random_unit (self->random) - 1.0);

  if (self->rotation_us > 0)
    clove_timer_start (&self->rotate, (gint64) ((gdouble) self->rotation_us * factor));
}

static void
on_rotate (gpointer user_data)
{
  CloveKeeper *self = user_data;

  if (self->live.circuit == NULL)
    return;
  if (!clove_keeper_is_building (self) && !self->is_offline) {
    clove_keeper_note (self, CLOVE_CAUSE_REBUILDING, 0, NULL, "it is time for another circuit");
    clove_keeper_begin_round (self, CLOVE_ROUND_ROTATION);
    clove_keeper_emit_changed (self);
  }
  start_rotation (self);
}

/*
 * Makes the circuit in @slot, which is ready, the live one; @slot is empty then. Those who wait on
 * a circuit that failed are told to move.
 */
void
clove_keeper_put_into_use (CloveKeeper *self, CloveKeeperSlot *slot, CloveRoundKind why)
{
  CloveKeeperSlot old = self->live;
  g_autofree char *names = clove_keeper_slot_format (slot);

  clove_keeper_end_health (self);
  self->live = *slot;
  *slot = (CloveKeeperSlot){ 0 };
  if (self->live.id == 0)
    self->live.id = ++self->n_ids;
  self->generation++;
  self->live_since_us = clove_clock_now_us (self->clock);
  self->works_told_us = 0;
  clove_keeper_begin_health (self);
  start_rotation (self);
  clove_keeper_note (self, old.circuit == NULL ? CLOVE_CAUSE_CONNECTED : CLOVE_CAUSE_REBUILT, 0,
                     NULL, names);
  if (why == CLOVE_ROUND_FAILED)
    clove_keeper_find_guilty (self, &old.path, self->has_entry_answered);
  clove_keeper_retire (self, &old);
  clove_keeper_keep_standby (self);
  clove_keeper_emit_changed (self);
  /* Who asks for another circuit may do so because a page does not come. */
  if (why == CLOVE_ROUND_FAILED || why == CLOVE_ROUND_ASKED)
    clove_keeper_emit_moved (self);
}

static void
on_retry (gpointer user_data)
{
  CloveKeeper *self = user_data;

  if (self->live.circuit == NULL) {
    clove_keeper_begin_round (self, CLOVE_ROUND_FIRST);
  } else if (clove_strikes_get_count (&self->strikes) >= CLOVE_STRIKES_MAX) {
    /* A rebuild that the budget put off. */
    clove_keeper_replace_circuit (self);
  }
  clove_keeper_emit_changed (self);
}

static void
clove_keeper_dispose (GObject *object)
{
  CloveKeeper *self = CLOVE_KEEPER (object);

  clove_keeper_stop (self);
  g_clear_pointer (&self->causes, g_ptr_array_unref);
  g_clear_error (&self->problem);
  g_clear_pointer (&self->relays, clove_relay_list_unref);
  clove_keeper_stop_entries (self);
  g_clear_pointer (&self->resting, clove_relay_unref);
  g_clear_pointer (&self->test_entry, clove_relay_unref);
  g_clear_pointer (&self->entries, clove_entry_policy_free);
  g_clear_pointer (&self->attribution, clove_attribution_free);
  g_clear_pointer (&self->records, clove_relay_records_free);
  g_clear_pointer (&self->blacklist, clove_blacklist_unref);
  g_clear_pointer (&self->random, clove_random_unref);
  g_clear_pointer (&self->clock, clove_clock_unref);
  g_clear_object (&self->endpoint);

  G_OBJECT_CLASS (clove_keeper_parent_class)->dispose (object);
}

static void
clove_keeper_class_init (CloveKeeperClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_keeper_dispose;

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_MOVED] = g_signal_new ("moved", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
clove_keeper_init (CloveKeeper *self)
{
  self->max_attempts = CLOVE_KEEPER_DEFAULT_ATTEMPTS;
  self->causes = g_ptr_array_new_with_free_func ((GDestroyNotify) clove_cause_unref);
  g_queue_init (&self->draining);
  clove_backoff_init (&self->backoff, FIRST_PAUSE_US, LONGEST_PAUSE_US);
}

/**
 * clove_keeper_new:
 * @endpoint: the socket for circuits
 * @clock: time and timers
 * @random: choices by chance
 * @blacklist: relays to leave out, and where failed ones are noted
 *
 * Returns: (transfer full): a keeper that does nothing yet
 */
CloveKeeper *
clove_keeper_new (CloveAdnlEndpoint *endpoint,
                  CloveClock *clock,
                  CloveRandom *random,
                  CloveBlacklist *blacklist)
{
  CloveKeeper *self = g_object_new (CLOVE_TYPE_KEEPER, NULL);

  self->endpoint = g_object_ref (endpoint);
  self->clock = clove_clock_ref (clock);
  self->random = clove_random_ref (random);
  self->blacklist = clove_blacklist_ref (blacklist);
  self->records = clove_relay_records_new (clock);
  clove_timer_init (&self->retry, clock, on_retry, self);
  clove_timer_init (&self->drain, clock, on_drain, self);
  clove_timer_init (&self->rotate, clock, on_rotate, self);
  clove_keeper_init_health (self);
  clove_keeper_init_blame (self);
  clove_keeper_init_standby (self);
  clove_keeper_init_entries (self);
  return self;
}

/** clove_keeper_set_max_attempts: Set how many builds, at least 1, make a round. */
void
clove_keeper_set_max_attempts (CloveKeeper *self, guint max_attempts)
{
  g_return_if_fail (max_attempts > 0);
  self->max_attempts = max_attempts;
}

/** clove_keeper_set_rotation: Replace the circuit about every @interval_us; 0 for never. */
void
clove_keeper_set_rotation (CloveKeeper *self, gint64 interval_us)
{
  self->rotation_us = interval_us;
  clove_timer_stop (&self->rotate);
  if (self->live.circuit != NULL)
    start_rotation (self);
}

/** clove_keeper_set_relays: As clove_keeper_set_aged_relays(), of a list that was just loaded. */
void
clove_keeper_set_relays (CloveKeeper *self, CloveRelayList *relays)
{
  clove_keeper_set_aged_relays (self, relays, 0);
}

/**
 * clove_keeper_set_aged_relays:
 * @self: a keeper
 * @relays: the relays to choose from
 * @age_s: how long ago the directory gave them
 *
 * Use another list from the next build on, or note that the directory gave the same again. A live
 * circuit stays; a first build begins anew with another list; a standby circuit goes if one of its
 * relays did.
 */
void
clove_keeper_set_aged_relays (CloveKeeper *self, CloveRelayList *relays, gint64 age_s)
{
  gboolean is_same = self->relays != NULL && clove_relay_list_equal (self->relays, relays);

  clove_relay_list_ref (relays);
  g_clear_pointer (&self->relays, clove_relay_list_unref);
  self->relays = relays;
  self->relays_age_s = age_s;
  clove_keeper_update_entries (self, age_s);
  if (!self->is_started || (is_same && self->is_in_round))
    return;
  if (self->live.circuit == NULL) {
    clove_keeper_end_round (self);
    clove_backoff_reset (&self->backoff);
    clove_keeper_begin_round (self, CLOVE_ROUND_FIRST);
  } else {
    clove_keeper_keep_standby (self);
  }
  clove_keeper_emit_changed (self);
}

/**
 * clove_keeper_start:
 * @self: a keeper
 *
 * Begin to build; without relays, as soon as there are some.
 */
void
clove_keeper_start (CloveKeeper *self)
{
  if (self->is_started)
    return;
  self->is_started = TRUE;
  clove_backoff_reset (&self->backoff);
  clove_keeper_begin_round (self, CLOVE_ROUND_FIRST);
  clove_keeper_emit_changed (self);
}

/** clove_keeper_stop: Close every circuit and give up building. Harmless when stopped. */
void
clove_keeper_stop (CloveKeeper *self)
{
  if (!self->is_started)
    return;
  self->is_started = FALSE;
  clove_timer_stop (&self->retry);
  clove_timer_stop (&self->rotate);
  clove_keeper_end_health (self);
  clove_attribution_stop (self->attribution);
  clove_keeper_stop_entries (self);
  clove_keeper_end_round (self);
  clove_keeper_update_standby (self);
  clove_keeper_retire (self, &self->live);
  clove_timer_stop (&self->drain);
  g_queue_clear_full (&self->draining, draining_free);
  clove_keeper_emit_changed (self);
}

/**
 * clove_keeper_rebuild:
 * @self: a keeper
 *
 * Replace the live circuit because the user asks for it, at once if a standby circuit is ready;
 * nobody is blacklisted.
 *
 * Returns: %FALSE when circuits are being built already, there is no network, or the last time is
 *   too short ago (see clove_keeper_get_cooldown_us())
 */
gboolean
clove_keeper_rebuild (CloveKeeper *self)
{
  if (!self->is_started || clove_keeper_is_building (self) || self->relays == NULL ||
      self->is_offline || clove_keeper_get_cooldown_us (self) > 0)
    return FALSE;
  self->asked_us = clove_clock_now_us (self->clock);
  clove_keeper_note (self, CLOVE_CAUSE_REBUILDING, 0, NULL, "asked for by the user");
  if (self->live.circuit == NULL)
    clove_keeper_begin_round (self, CLOVE_ROUND_FIRST);
  else if (clove_keeper_has_standby (self))
    clove_keeper_put_into_use (self, &self->standby, CLOVE_ROUND_ASKED);
  else
    clove_keeper_begin_round (self, CLOVE_ROUND_ASKED);
  clove_keeper_emit_changed (self);
  return TRUE;
}
