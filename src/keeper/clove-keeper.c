/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One round is up to max_attempts builds, each without the relays that failed before in the round.
 * A round that fails is followed by a pause that grows, then by the next round: the directory and
 * the network may be better then.
 */
#include "config.h"

#include "clove-keeper.h"

#include "clove-backoff.h"
#include "clove-latency.h"
#include "clove-path-selection.h"

#define FIRST_PAUSE_US   (5 * G_USEC_PER_SEC)
#define LONGEST_PAUSE_US (300 * G_USEC_PER_SEC)

struct _CloveKeeper {
  GObject parent_instance;

  /* Owned. */
  CloveAdnlEndpoint *endpoint;
  CloveClock *clock;
  CloveRandom *random;
  CloveRelayList *relays;    /* NULL until the directory is there */
  gint64 *failed_since_us;   /* of each relay: when it failed in this round, else 0 */
  CloveCircuit *circuit;     /* live, or NULL */
  CloveCircuit *candidate;   /* being built, or NULL */
  ClovePath path;            /* of the candidate */
  GCancellable *cancellable; /* of the candidate's build */
  GError *problem;           /* why the last build failed */
  CloveTimer retry;

  guint max_attempts;
  CloveKeeperState state;
  guint attempt; /* in this round, from 1 */
  guint64 generation;
  CloveBackoff backoff;
  CloveLatency latency;
};

G_DEFINE_FINAL_TYPE (CloveKeeper, clove_keeper, G_TYPE_OBJECT)

enum {
  SIGNAL_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void build (CloveKeeper *self);

static void
emit_changed (CloveKeeper *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
on_circuit_changed (CloveCircuit *circuit, gpointer user_data)
{
  emit_changed (user_data);
}

static void
drop_candidate (CloveKeeper *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  clove_path_clear (&self->path);
  if (self->candidate != NULL) {
    g_signal_handlers_disconnect_by_data (self->candidate, self);
    g_clear_object (&self->candidate);
  }
}

static void
drop_circuit (CloveKeeper *self)
{
  if (self->circuit == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->circuit, self);
  clove_circuit_close (self->circuit);
  g_clear_object (&self->circuit);
}

static void
clove_keeper_dispose (GObject *object)
{
  CloveKeeper *self = CLOVE_KEEPER (object);

  clove_keeper_stop (self);
  g_clear_error (&self->problem);
  g_clear_pointer (&self->failed_since_us, g_free);
  g_clear_pointer (&self->relays, clove_relay_list_unref);
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
}

static void
clove_keeper_init (CloveKeeper *self)
{
  self->max_attempts = CLOVE_KEEPER_DEFAULT_ATTEMPTS;
  clove_backoff_init (&self->backoff, FIRST_PAUSE_US, LONGEST_PAUSE_US);
}

static void
forget_failures (CloveKeeper *self)
{
  g_free (self->failed_since_us);
  self->failed_since_us = g_new0 (gint64, clove_relay_list_get_n_relays (self->relays));
}

/* The relay that the failed step points at is left out of the next try. */
static void
note_failure (CloveKeeper *self)
{
  gint hop = clove_circuit_get_failed_hop (self->candidate);

  if (hop < 0)
    return;
  for (guint i = 0; i < clove_relay_list_get_n_relays (self->relays); i++) {
    if (clove_relay_list_get_relay (self->relays, i) == self->path.relays[hop])
      self->failed_since_us[i] = clove_clock_now_us (self->clock);
  }
}

static void
pause_round (CloveKeeper *self)
{
  self->state = CLOVE_KEEPER_WAITING;
  clove_timer_start (&self->retry, clove_backoff_next_us (&self->backoff, self->random));
  emit_changed (self);
}

static void
on_retry (gpointer user_data)
{
  CloveKeeper *self = user_data;

  self->attempt = 0;
  forget_failures (self);
  build (self);
}

static void
put_into_use (CloveKeeper *self)
{
  g_clear_error (&self->problem);
  clove_backoff_reset (&self->backoff);
  for (guint i = 0; i < clove_circuit_get_n_hops (self->candidate); i++)
    clove_latency_add (&self->latency, clove_circuit_get_hop_time_us (self->candidate, i));
  drop_circuit (self);
  self->circuit = g_steal_pointer (&self->candidate);
  self->generation++;
  self->state = CLOVE_KEEPER_READY;
  g_clear_object (&self->cancellable);
  clove_path_clear (&self->path);
  emit_changed (self);
}

static void
on_built (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CloveKeeper) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_built = clove_circuit_build_finish (CLOVE_CIRCUIT (source), result, &error);

  /* A build that was given up is no longer the candidate. */
  if (CLOVE_CIRCUIT (source) != self->candidate)
    return;
  if (is_built) {
    put_into_use (self);
    return;
  }
  g_info ("circuit not built, attempt %u: %s", self->attempt, error->message);
  note_failure (self);
  drop_candidate (self);
  g_clear_error (&self->problem);
  self->problem = g_steal_pointer (&error);
  if (self->attempt < self->max_attempts)
    build (self);
  else
    pause_round (self);
}

static void
build (CloveKeeper *self)
{
  ClovePathOptions options = { .avoided_since_us = self->failed_since_us };
  CloveHop hops[CLOVE_PATH_N_HOPS] = { 0 };

  self->state = CLOVE_KEEPER_BUILDING;
  self->attempt++;
  g_clear_error (&self->problem);
  if (!clove_path_select (&self->path, self->relays, &options, self->random, &self->problem)) {
    pause_round (self);
    return;
  }
  for (guint i = 0; i < CLOVE_PATH_N_HOPS; i++) {
    const CloveRelay *relay = self->path.relays[i];

    hops[i] = (CloveHop){ .name = clove_relay_get_name (relay),
                          .key = clove_relay_get_key (relay),
                          .address = *clove_relay_get_address (relay) };
  }
  self->candidate = clove_circuit_new (self->endpoint, self->clock, hops, G_N_ELEMENTS (hops));
  self->cancellable = g_cancellable_new ();
  g_signal_connect (self->candidate, "changed", G_CALLBACK (on_circuit_changed), self);
  clove_circuit_build_async (self->candidate, clove_latency_get_deadline_us (&self->latency),
                             self->cancellable, on_built, g_object_ref (self));
}

/** clove_keeper_new: (transfer full): Make a keeper that does nothing yet. */
CloveKeeper *
clove_keeper_new (CloveAdnlEndpoint *endpoint, CloveClock *clock, CloveRandom *random)
{
  CloveKeeper *self = g_object_new (CLOVE_TYPE_KEEPER, NULL);

  self->endpoint = g_object_ref (endpoint);
  self->clock = clove_clock_ref (clock);
  self->random = clove_random_ref (random);
  clove_timer_init (&self->retry, clock, on_retry, self);
  return self;
}

/** clove_keeper_set_max_attempts: Set how many builds, at least 1, make a round. */
void
clove_keeper_set_max_attempts (CloveKeeper *self, guint max_attempts)
{
  g_return_if_fail (max_attempts > 0);
  self->max_attempts = max_attempts;
}

/**
 * clove_keeper_set_relays:
 * @self: a keeper
 * @relays: the relays to choose from
 *
 * Use another list from the next build on; a live circuit stays, a build under way begins again.
 */
void
clove_keeper_set_relays (CloveKeeper *self, CloveRelayList *relays)
{
  gboolean is_running = self->state != CLOVE_KEEPER_STOPPED;

  clove_relay_list_ref (relays);
  g_clear_pointer (&self->relays, clove_relay_list_unref);
  self->relays = relays;
  if (self->state == CLOVE_KEEPER_READY)
    forget_failures (self);
  else if (is_running)
    clove_keeper_start (self);
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
  if (self->state == CLOVE_KEEPER_READY)
    return;
  clove_timer_stop (&self->retry);
  drop_candidate (self);
  self->state = CLOVE_KEEPER_BUILDING;
  clove_backoff_reset (&self->backoff);
  if (self->relays != NULL)
    on_retry (self);
  else
    emit_changed (self);
}

/** clove_keeper_stop: Close the circuit and give up building. Harmless when stopped. */
void
clove_keeper_stop (CloveKeeper *self)
{
  if (self->state == CLOVE_KEEPER_STOPPED)
    return;
  clove_timer_stop (&self->retry);
  drop_candidate (self);
  drop_circuit (self);
  self->state = CLOVE_KEEPER_STOPPED;
  emit_changed (self);
}

/** clove_keeper_get_state: Get what the keeper is doing. */
CloveKeeperState
clove_keeper_get_state (CloveKeeper *self)
{
  return self->state;
}

/** clove_keeper_get_circuit: (transfer none) (nullable): Get the live circuit. */
CloveCircuit *
clove_keeper_get_circuit (CloveKeeper *self)
{
  return self->circuit;
}

/** clove_keeper_get_candidate: (transfer none) (nullable): Get the circuit that is being built. */
CloveCircuit *
clove_keeper_get_candidate (CloveKeeper *self)
{
  return self->candidate;
}

/** clove_keeper_get_generation: Get the number of circuits put into use so far. */
guint64
clove_keeper_get_generation (CloveKeeper *self)
{
  return self->generation;
}

/** clove_keeper_get_attempt: Get which build of the round this is, from 1. */
guint
clove_keeper_get_attempt (CloveKeeper *self)
{
  return self->attempt;
}

/** clove_keeper_get_next_try_us: Get when the next round begins, on the clock; 0 if not waiting. */
gint64
clove_keeper_get_next_try_us (CloveKeeper *self)
{
  return clove_timer_is_running (&self->retry) ? clove_timer_get_due_us (&self->retry) : 0;
}

/** clove_keeper_get_problem: (transfer none) (nullable): Get why the last build failed. */
const GError *
clove_keeper_get_problem (CloveKeeper *self)
{
  return self->problem;
}
