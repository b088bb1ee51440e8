/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What others may know of a keeper. */
#include "config.h"

#include "clove-keeper-private.h"

/** clove_keeper_get_state: Get what the keeper is doing. */
CloveKeeperState
clove_keeper_get_state (CloveKeeper *self)
{
  if (!self->is_started)
    return CLOVE_KEEPER_STOPPED;
  if (self->is_offline)
    return CLOVE_KEEPER_OFFLINE;
  if (self->live.circuit != NULL)
    return clove_keeper_is_building (self) ? CLOVE_KEEPER_REBUILDING : CLOVE_KEEPER_READY;
  return clove_timer_is_running (&self->retry) ? CLOVE_KEEPER_WAITING : CLOVE_KEEPER_BUILDING;
}

/** clove_keeper_get_circuit: (transfer none) (nullable): Get the live circuit. */
CloveCircuit *
clove_keeper_get_circuit (CloveKeeper *self)
{
  return self->live.circuit;
}

/** clove_keeper_get_candidate: (transfer none) (nullable): Get the circuit that is being built. */
CloveCircuit *
clove_keeper_get_candidate (CloveKeeper *self)
{
  return self->candidate.circuit;
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

/** clove_keeper_get_strikes: Get the failures in a row of the live circuit. */
guint
clove_keeper_get_strikes (CloveKeeper *self)
{
  return clove_strikes_get_count (&self->strikes);
}

/** clove_keeper_get_live_since_us: Get when the live circuit was put into use; 0 without one. */
gint64
clove_keeper_get_live_since_us (CloveKeeper *self)
{
  return self->live.circuit != NULL ? self->live_since_us : 0;
}

/**
 * clove_keeper_get_last_strike:
 *
 * (nullable): Get what the newest strike was for, if there is one.
 */
const char *
clove_keeper_get_last_strike (CloveKeeper *self)
{
  for (guint i = self->causes->len; i > 0 && clove_keeper_get_strikes (self) > 0; i--) {
    const CloveCause *cause = g_ptr_array_index (self->causes, i - 1);

    if (cause->kind == CLOVE_CAUSE_STRIKE)
      return cause->detail;
  }
  return NULL;
}

/** clove_keeper_get_rebuilds_left: Get how many rebuilds the budget allows now. */
guint
clove_keeper_get_rebuilds_left (CloveKeeper *self)
{
  return clove_budget_get_left (&self->budget, clove_clock_now_us (self->clock));
}

/** clove_keeper_get_n_causes: Get how many entries the log ever had. */
guint64
clove_keeper_get_n_causes (CloveKeeper *self)
{
  return self->n_causes;
}

/** clove_keeper_get_n_draining: Get how many replaced circuits still finish their requests. */
guint
clove_keeper_get_n_draining (CloveKeeper *self)
{
  return g_queue_get_length (&self->draining);
}

/** clove_keeper_get_next_try_us: Get when the next round begins, on the clock; 0 if not waiting. */
gint64
clove_keeper_get_next_try_us (CloveKeeper *self)
{
  return clove_timer_is_running (&self->retry) ? clove_timer_get_due_us (&self->retry) : 0;
}

/** clove_keeper_get_next_rotation_us: Get when the circuit is replaced next; 0 without rotation. */
gint64
clove_keeper_get_next_rotation_us (CloveKeeper *self)
{
  return clove_timer_is_running (&self->rotate) ? clove_timer_get_due_us (&self->rotate) : 0;
}

/** clove_keeper_get_cooldown_us: Get how long until a rebuild may be asked for; 0 for now. */
gint64
clove_keeper_get_cooldown_us (CloveKeeper *self)
{
  gint64 since_us = clove_clock_now_us (self->clock) - self->asked_us;

  return self->asked_us == 0 ? 0 : MAX (CLOVE_KEEPER_COOLDOWN_US - since_us, 0);
}

/** clove_keeper_get_problem: (transfer none) (nullable): Get why the last build failed. */
const GError *
clove_keeper_get_problem (CloveKeeper *self)
{
  return self->problem;
}

/** clove_keeper_get_causes: (transfer none): Get the log, of #CloveCause, oldest first. */
const GPtrArray *
clove_keeper_get_causes (CloveKeeper *self)
{
  return self->causes;
}

/** clove_keeper_get_records: (transfer none): Get how relays did in their places. */
CloveRelayRecords *
clove_keeper_get_records (CloveKeeper *self)
{
  return self->records;
}
