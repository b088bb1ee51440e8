/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The standby circuit: built while nothing is wrong, out of other relays than the live one as far
 * as there are any, so that whatever kills that leaves this. It is kept while the proxy is in use,
 * costs one ping in 20 s and one probe in a minute, and takes over without a build.
 */
#include "config.h"

#include "clove-keeper-private.h"

/* How long after the last request it is still kept. */
#define KEPT_US (30 * G_TIME_SPAN_MINUTE)

/* Probes that may be lost in a row while the network settles. */
#define MAX_LENIENT_LOSSES 2

#define FIRST_PAUSE_US   (5 * G_TIME_SPAN_SECOND)
#define LONGEST_PAUSE_US (300 * G_TIME_SPAN_SECOND)

static gint64
now_us (CloveKeeper *self)
{
  return clove_clock_now_us (self->clock);
}

static gboolean
is_wanted (CloveKeeper *self)
{
  return self->is_started && self->is_standby_wanted && !self->is_metered &&
         self->live.circuit != NULL && self->used_us != 0 &&
         now_us (self) - self->used_us < KEPT_US;
}

static void
let_go (CloveKeeper *self)
{
  clove_probe_stop (&self->standby_probe);
  clove_keeper_retire (self, &self->standby);
}

/* Wants to be asked again after a pause, since one could not be built now. */
void
clove_keeper_postpone_standby (CloveKeeper *self)
{
  clove_timer_start_coarse (&self->standby_care,
                            clove_backoff_next_us (&self->standby_backoff, self->random));
}

static void
try_build (CloveKeeper *self)
{
  gint64 wait_us = 0;

  /* Suspects may be cleared in a moment, and the live circuit may need a round of its own. */
  if (self->is_in_round || self->is_in_doubt || self->is_offline ||
      clove_attribution_is_running (self->attribution) ||
      clove_timer_is_running (&self->standby_care))
    return;
  wait_us = clove_budget_get_wait_us (&self->standby_budget, now_us (self), self->random);
  if (wait_us > 0) {
    clove_timer_start_coarse (&self->standby_care, wait_us);
    return;
  }
  clove_budget_spend (&self->standby_budget, now_us (self));
  clove_keeper_begin_round (self, CLOVE_ROUND_STANDBY);
}

/* There is no network: the circuit is kept, but not looked after. */
void
clove_keeper_pause_standby (CloveKeeper *self)
{
  clove_timer_stop (&self->standby_care);
  clove_probe_stop (&self->standby_probe);
}

/* Builds a standby circuit where one is wanted, and drops it where none is. Called whenever that
 * may have changed; cheap. */
void
clove_keeper_update_standby (CloveKeeper *self)
{
  if (is_wanted (self)) {
    if (self->standby.circuit == NULL)
      try_build (self);
    return;
  }
  clove_timer_stop (&self->standby_care);
  if (self->is_in_round && self->round_kind == CLOVE_ROUND_STANDBY)
    clove_keeper_end_round (self);
  let_go (self);
}

/* The candidate, which was built for it, becomes the standby circuit. */
void
clove_keeper_take_standby (CloveKeeper *self)
{
  g_autofree char *names = NULL;

  let_go (self);
  self->n_standby_losses = 0;
  self->standby = self->candidate;
  self->candidate = (CloveKeeperSlot){ 0 };
  self->standby.id = ++self->n_ids;
  self->standby_checked_us = now_us (self);
  clove_backoff_reset (&self->standby_backoff);
  clove_timer_start_coarse (&self->standby_care, CLOVE_KEEPER_KEEP_ALIVE_US);
  names = clove_keeper_slot_format (&self->standby);
  clove_keeper_note (self, CLOVE_CAUSE_STANDBY_READY, 0, NULL, names);
  clove_keeper_emit_changed (self);
  if (self->is_in_doubt)
    clove_keeper_emit_moved (self);
}

/* Gives the standby circuit up, since it does not work, and sees to another one. */
void
clove_keeper_drop_standby (CloveKeeper *self, const char *why)
{
  clove_keeper_note (self, CLOVE_CAUSE_STANDBY_LOST, 0, NULL, why);
  let_go (self);
  clove_timer_stop (&self->standby_care);
  clove_keeper_update_standby (self);
  clove_keeper_emit_changed (self);
  if (self->is_in_doubt)
    clove_keeper_emit_moved (self);
}

static gboolean
is_listed (CloveKeeper *self, const ClovePath *path)
{
  for (guint i = 0; i < CLOVE_PATH_N_HOPS; i++) {
    if (clove_relay_list_find_key (self->relays, clove_relay_get_key (path->relays[i])) == NULL)
      return FALSE;
  }
  return TRUE;
}

/*
 * Another circuit is live, or the list of relays is another: drops a standby circuit that no longer
 * serves, and builds one where there is none.
 */
void
clove_keeper_keep_standby (CloveKeeper *self)
{
  const ClovePath *path = &self->standby.path;

  if (self->standby.circuit != NULL &&
      (!is_listed (self, path) ||
       clove_path_find (&self->live.path, path->relays[1]) >= 0 ||
       clove_path_find (&self->live.path, path->relays[2]) >= 0))
    let_go (self);
  if (self->standby.circuit == NULL)
    clove_keeper_pause_standby (self);
  clove_keeper_update_standby (self);
}

static void
on_probed (CloveProbeResult result, gint64 rtt_us, gpointer user_data)
{
  CloveKeeper *self = user_data;

  if (result == CLOVE_PROBE_ANSWERED) {
    self->standby_checked_us = now_us (self);
    clove_circuit_note_rtt (self->standby.circuit, CLOVE_PATH_N_HOPS - 1, rtt_us);
    self->n_standby_losses = 0;
  } else if (!clove_keeper_is_lenient (self)) {
    clove_keeper_note_use (self, &self->standby.path, FALSE);
    clove_keeper_drop_standby (self, "a probe was lost");
  } else if (++self->n_standby_losses < MAX_LENIENT_LOSSES) {
    clove_keeper_check_standby (self);
  } else {
    /* Sooner than the live circuit is given up, which it would replace. */
    clove_keeper_drop_standby (self, "it did not outlive the change of network");
  }
}

/* Asks the exit of the standby circuit whether it is there. Harmless without one. */
void
clove_keeper_check_standby (CloveKeeper *self)
{
  if (self->standby.circuit != NULL && !clove_probe_is_running (&self->standby_probe))
    clove_probe_begin (&self->standby_probe, self->standby.circuit,
                       clove_keeper_get_probe_deadline_us (self->standby.circuit));
}

static void
on_kept_alive (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CloveKeeper) self = user_data;
  gint64 rtt_us = clove_circuit_ping_entry_finish (CLOVE_CIRCUIT (source), result, NULL);

  if (CLOVE_CIRCUIT (source) != self->standby.circuit)
    return;
  if (rtt_us >= 0)
    clove_circuit_note_rtt (self->standby.circuit, 0, rtt_us);
  else
    clove_keeper_check_standby (self);
}

static void
on_care (gpointer user_data)
{
  clove_keeper_care_for_standby (user_data);
}

/* Keeps the standby circuit usable, or builds one; from then on by itself. */
void
clove_keeper_care_for_standby (CloveKeeper *self)
{
  clove_timer_stop (&self->standby_care);
  clove_keeper_update_standby (self);
  if (self->standby.circuit == NULL)
    return;
  if (now_us (self) - self->used_us <= CLOVE_KEEPER_LATELY_US &&
      now_us (self) - self->standby_checked_us >= CLOVE_KEEPER_ROUTINE_US)
    clove_keeper_check_standby (self);
  else
    clove_circuit_ping_entry_async (self->standby.circuit, CLOVE_KEEPER_PING_DEADLINE_US, NULL,
                                    on_kept_alive, g_object_ref (self));
  clove_timer_start_coarse (&self->standby_care, CLOVE_KEEPER_KEEP_ALIVE_US);
}

void
clove_keeper_init_standby (CloveKeeper *self)
{
  clove_budget_init (&self->standby_budget);
  clove_backoff_init (&self->standby_backoff, FIRST_PAUSE_US, LONGEST_PAUSE_US);
  clove_probe_init (&self->standby_probe, self->clock, self->random, on_probed, self);
  clove_timer_init (&self->standby_care, self->clock, on_care, self);
}

/**
 * clove_keeper_set_standby:
 * @self: a keeper
 * @is_wanted: whether to keep a standby circuit while the proxy is in use; not wanted at first
 */
void
clove_keeper_set_standby (CloveKeeper *self, gboolean is_wanted)
{
  self->is_standby_wanted = is_wanted;
  clove_keeper_update_standby (self);
}

/** clove_keeper_set_metered: Set whether traffic costs money; there is no standby circuit then. */
void
clove_keeper_set_metered (CloveKeeper *self, gboolean is_metered)
{
  self->is_metered = is_metered;
  clove_keeper_update_standby (self);
}

/** clove_keeper_get_standby: (transfer none) (nullable): Get the standby circuit. */
CloveCircuit *
clove_keeper_get_standby (CloveKeeper *self)
{
  return self->standby.circuit;
}

/** clove_keeper_is_on_standby: Tell whether the standby circuit takes the requests for now. */
gboolean
clove_keeper_is_on_standby (CloveKeeper *self)
{
  return self->is_in_doubt && clove_keeper_has_standby (self);
}

/* Tells whether a standby circuit is ready to take over. */
gboolean
clove_keeper_has_standby (CloveKeeper *self)
{
  return self->standby.circuit != NULL &&
         clove_circuit_get_state (self->standby.circuit) == CLOVE_CIRCUIT_READY;
}
