/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the machine's network does to circuits. Without one nothing is built and nobody is blamed.
 * When it is back, has changed, or the machine woke, entries are told by a signed packet where we
 * are now, and the live circuit is probed; it is replaced only if it stays silent. For a while
 * failures are nobody's fault.
 */
#include "config.h"

#include "clove-keeper-private.h"

#define GRACE_US (15 * G_TIME_SPAN_SECOND)

/* Whether failures are nobody's fault for now. */
gboolean
clove_keeper_is_lenient (CloveKeeper *self)
{
  return self->is_offline || clove_clock_now_us (self->clock) < self->grace_until_us;
}

static void
begin_grace (CloveKeeper *self)
{
  self->grace_until_us = clove_clock_now_us (self->clock) + GRACE_US;
  self->n_grace_losses = 0;
  clove_strikes_reset (&self->strikes);
}

/* Tells the relays where we are, and asks whether the circuits are still there. */
static void
find_out (CloveKeeper *self)
{
  clove_circuit_announce (self->live.circuit);
  clove_keeper_resume_health (self);
  clove_keeper_probe_live (self);
  if (self->standby.circuit == NULL)
    return;
  clove_circuit_announce (self->standby.circuit);
  clove_keeper_check_standby (self);
  clove_keeper_care_for_standby (self);
}

/**
 * clove_keeper_set_online:
 * @self: a keeper
 * @is_online: whether there is a network, and the machine is awake; there is at first
 *
 * Offline no request is taken, nothing is built, and nobody is blamed; circuits are kept.
 */
void
clove_keeper_set_online (CloveKeeper *self, gboolean is_online)
{
  if (self->is_offline == !is_online)
    return;
  self->is_offline = !is_online;
  if (!self->is_started)
    return;
  if (self->is_offline) {
    clove_timer_stop (&self->retry);
    clove_keeper_end_round (self);
    clove_keeper_end_health (self);
    clove_attribution_stop (self->attribution);
    clove_keeper_pause_standby (self);
    clove_keeper_note (self, CLOVE_CAUSE_OFFLINE, 0, NULL, NULL);
  } else {
    clove_keeper_note (self, CLOVE_CAUSE_ONLINE, 0, NULL, NULL);
    begin_grace (self);
    clove_backoff_reset (&self->backoff);
    if (self->live.circuit != NULL)
      find_out (self);
    else
      clove_keeper_begin_round (self, CLOVE_ROUND_FIRST);
    clove_keeper_update_standby (self);
  }
  clove_keeper_emit_changed (self);
}

/**
 * clove_keeper_note_network_change:
 * @self: a keeper
 * @what: what happened, a clause such as "the network changed"
 *
 * Our address may be another one, or the relays may have forgotten us.
 */
void
clove_keeper_note_network_change (CloveKeeper *self, const char *what)
{
  if (!self->is_started || self->is_offline)
    return;
  begin_grace (self);
  clove_keeper_note (self, CLOVE_CAUSE_NETWORK, 0, NULL, what);
  if (self->live.circuit != NULL) {
    find_out (self);
  } else if (clove_timer_is_running (&self->retry)) {
    /* What failed before may work here. */
    clove_backoff_reset (&self->backoff);
    clove_timer_start (&self->retry, 0);
  }
  clove_keeper_emit_changed (self);
}

/** clove_keeper_is_settling: Tell whether the network changed a moment ago. */
gboolean
clove_keeper_is_settling (CloveKeeper *self)
{
  return !self->is_offline && clove_keeper_is_lenient (self);
}
