/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether the live circuit still works. Requests report how they ended. One that hears nothing for
 * a while makes the circuit suspect, and a suspect circuit is probed. A probe counts like any
 * request: it clears the strikes or adds one, and a strike is followed by the next probe. So a dead
 * circuit is known within seconds though nobody presses reload, and a slow site costs nothing.
 *
 * Strikes take their time, since a probe must have the chance to be slow. Requests need not wait
 * for them: while a probe is overdue the circuit is in doubt, and a standby circuit takes the
 * requests.
 */
#include "config.h"

#include "clove-keeper-private.h"

/* Silence after which a circuit with requests in flight is suspect, and a probe overdue: four round
 * trips within these. */
#define MIN_SUSPECT_US   (300 * G_TIME_SPAN_MILLISECOND)
#define MAX_SUSPECT_US   (1500 * G_TIME_SPAN_MILLISECOND)
/* A slow site is not asked about all the time. */
#define SUSPECT_AGAIN_US (5 * G_TIME_SPAN_SECOND)

/* A probe may take eight round trips within these. */
#define MIN_PROBE_US (1500 * G_TIME_SPAN_MILLISECOND)
#define MAX_PROBE_US (3 * G_TIME_SPAN_SECOND)

static gint64
now_us (CloveKeeper *self)
{
  return clove_clock_now_us (self->clock);
}

static gint64
patience_us (CloveKeeper *self)
{
  return CLAMP (4 * clove_circuit_get_rtt_us (self->live.circuit), MIN_SUSPECT_US, MAX_SUSPECT_US);
}

/* How long a probe of @circuit may take. */
gint64
clove_keeper_get_probe_deadline_us (CloveCircuit *circuit)
{
  return CLAMP (8 * clove_circuit_get_rtt_us (circuit), MIN_PROBE_US, MAX_PROBE_US);
}

/* Records how a request or probe went, for all relays of @path. */
void
clove_keeper_note_use (CloveKeeper *self, const ClovePath *path, gboolean is_good)
{
  for (guint i = 0; i < CLOVE_PATH_N_HOPS; i++)
    clove_relay_records_note_use (self->records, clove_relay_get_key (path->relays[i]), i, is_good);
}

/* Whether the budget allows a rebuild; if not, one is tried when it does. */
static gboolean
may_rebuild (CloveKeeper *self)
{
  gint64 wait_us = clove_budget_get_wait_us (&self->budget, now_us (self), self->random);

  if (wait_us == 0) {
    clove_budget_spend (&self->budget, now_us (self));
    return TRUE;
  }
  clove_keeper_note (self, CLOVE_CAUSE_POSTPONED, (guint) (wait_us / G_TIME_SPAN_SECOND), NULL,
                     NULL);
  clove_timer_start (&self->retry, wait_us);
  return FALSE;
}

static void
ban_live_path (CloveKeeper *self, const char *why)
{
  clove_keeper_note_use (self, &self->live.path, FALSE);
  for (guint i = 0; i < CLOVE_PATH_N_HOPS; i++)
    clove_blacklist_mark_failed (self->blacklist,
                                 clove_relay_get_address (self->live.path.relays[i]), why);
  clove_keeper_note_entry (self, self->live.path.relays[0], self->has_entry_answered);
  /* Whoever is seen working is cleared at once: it is one of the other two. */
  if (self->has_entry_answered)
    clove_blacklist_mark_success (self->blacklist,
                                  clove_relay_get_address (self->live.path.relays[0]));
}

/* Three strikes: the standby circuit takes over at once; without one another is built, as far as
 * the budget allows, else later. */
void
clove_keeper_replace_circuit (CloveKeeper *self)
{
  static const char why[] = "three failures in a row";
  gboolean has_standby = clove_keeper_has_standby (self);

  if (clove_keeper_is_building (self) || (!has_standby && !may_rebuild (self)))
    return;
  ban_live_path (self, why);
  clove_keeper_note (self, CLOVE_CAUSE_REBUILDING, CLOVE_STRIKES_MAX, NULL, why);
  if (has_standby)
    clove_keeper_put_into_use (self, &self->standby, CLOVE_ROUND_FAILED);
  else
    clove_keeper_begin_round (self, CLOVE_ROUND_FAILED);
}

static void
on_entry_pinged (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CloveKeeper) self = user_data;

  if (clove_circuit_ping_entry_finish (CLOVE_CIRCUIT (source), result, NULL) >= 0 &&
      CLOVE_CIRCUIT (source) == self->live.circuit)
    self->has_entry_answered = TRUE;
}

/* Requests go to the standby circuit until the live one has proved that it lives. */
static void
doubt (CloveKeeper *self, const char *why)
{
  clove_timer_stop (&self->doubt);
  if (self->is_in_doubt)
    return;
  self->is_in_doubt = TRUE;
  if (!clove_keeper_has_standby (self))
    return;
  clove_keeper_note (self, CLOVE_CAUSE_DOUBT, 0, NULL, why);
  clove_keeper_check_standby (self);
  clove_keeper_emit_changed (self);
  clove_keeper_emit_moved (self);
}

static void
on_doubt (gpointer user_data)
{
  CloveKeeper *self = user_data;

  if (clove_circuit_get_last_proof_us (self->live.circuit) <
      clove_probe_get_begun_us (&self->probe))
    doubt (self, "an answer is overdue");
}

static void
strike (CloveKeeper *self, const char *host, const char *detail)
{
  guint count = clove_strikes_get_count (&self->strikes);

  clove_keeper_note (self, CLOVE_CAUSE_STRIKE, count, host, detail);
  if (count == 1)
    self->has_entry_answered = FALSE;
  clove_circuit_ping_entry_async (self->live.circuit, MIN_PROBE_US, NULL, on_entry_pinged,
                                  g_object_ref (self));
  if (count >= CLOVE_STRIKES_MAX) {
    clove_keeper_replace_circuit (self);
  } else {
    clove_keeper_probe_live (self);
    doubt (self, detail);
  }
  clove_keeper_emit_changed (self);
}

/* The exit answered, whatever it said. */
static void
note_proof (CloveKeeper *self, guint count_before)
{
  gboolean was_in_doubt = self->is_in_doubt;

  clove_timer_stop (&self->doubt);
  self->is_in_doubt = FALSE;
  self->n_grace_losses = 0;
  clove_keeper_note_entry (self, self->live.path.relays[0], TRUE);
  if (count_before > 0) {
    clove_keeper_note (self, CLOVE_CAUSE_RECOVERED, 0, NULL, NULL);
    for (guint i = 0; i < CLOVE_PATH_N_HOPS; i++)
      clove_blacklist_mark_success (self->blacklist,
                                    clove_relay_get_address (self->live.path.relays[i]));
  }
  if (!was_in_doubt && count_before == 0)
    return;
  clove_keeper_update_standby (self);
  clove_keeper_emit_changed (self);
}

/* While the network settles nobody is to blame, but a circuit that stays silent is replaced. */
static void
lose_leniently (CloveKeeper *self)
{
  if (++self->n_grace_losses < CLOVE_STRIKES_MAX) {
    clove_keeper_probe_live (self);
    return;
  }
  self->n_grace_losses = 0;
  clove_keeper_note (self, CLOVE_CAUSE_REBUILDING, 0, NULL,
                     "the circuit did not outlive the change of network");
  if (clove_keeper_has_standby (self))
    clove_keeper_put_into_use (self, &self->standby, CLOVE_ROUND_FAILED);
  else
    clove_keeper_begin_round (self, CLOVE_ROUND_FAILED);
  clove_keeper_emit_changed (self);
}

static void
on_probed (CloveProbeResult result, gint64 rtt_us, gpointer user_data)
{
  CloveKeeper *self = user_data;
  guint count = clove_strikes_get_count (&self->strikes);

  clove_timer_stop (&self->doubt);
  if (result == CLOVE_PROBE_ANSWERED) {
    clove_circuit_note_rtt (self->live.circuit, CLOVE_PATH_N_HOPS - 1, rtt_us);
    clove_strikes_prove_alive (&self->strikes);
    note_proof (self, count);
  } else if (clove_keeper_is_lenient (self)) {
    lose_leniently (self);
  } else if (clove_strikes_fail (&self->strikes, self->probe_mark)) {
    strike (self, NULL, result == CLOVE_PROBE_LOST ? "a probe was lost" : "a probe failed");
  } else if (count > 0 && count < CLOVE_STRIKES_MAX) {
    /* The strike came while this one was under way, and wants its own. */
    clove_keeper_probe_live (self);
  }
}

/* Asks the exit of the live circuit whether it is there. Harmless where that makes no sense. */
void
clove_keeper_probe_live (CloveKeeper *self)
{
  if (clove_probe_is_running (&self->probe) || self->live.circuit == NULL || self->is_offline)
    return;
  self->probe_mark = clove_strikes_get_mark (&self->strikes);
  clove_probe_begin (&self->probe, self->live.circuit,
                     clove_keeper_get_probe_deadline_us (self->live.circuit));
  if (!self->is_in_doubt)
    clove_timer_start (&self->doubt, patience_us (self));
}

/* Nothing was heard for a while though requests wait. */
static void
on_suspicion (gpointer user_data)
{
  CloveKeeper *self = user_data;
  gint64 heard_us = 0;
  gint64 silence_us = 0;

  if (self->live.circuit == NULL || self->live.n_in_flight == 0)
    return;
  heard_us = MAX (clove_circuit_get_last_proof_us (self->live.circuit), self->unheard_us);
  silence_us = now_us (self) - heard_us;
  if (silence_us < patience_us (self)) {
    clove_timer_start (&self->suspicion, patience_us (self) - silence_us);
    return;
  }
  clove_keeper_probe_live (self);
  clove_timer_start (&self->suspicion, SUSPECT_AGAIN_US);
}

static void
on_routine (gpointer user_data)
{
  CloveKeeper *self = user_data;

  if (self->used_us != 0 && now_us (self) - self->used_us <= CLOVE_KEEPER_LATELY_US) {
    clove_keeper_probe_live (self);
    clove_timer_start_coarse (&self->routine, CLOVE_KEEPER_ROUTINE_US);
  }
}

static void
on_kept_alive (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CloveKeeper) self = user_data;
  gint64 rtt_us = clove_circuit_ping_entry_finish (CLOVE_CIRCUIT (source), result, NULL);

  if (CLOVE_CIRCUIT (source) != self->live.circuit)
    return;
  clove_keeper_note_entry (self, self->live.path.relays[0], rtt_us >= 0);
  if (rtt_us >= 0)
    clove_circuit_note_rtt (self->live.circuit, 0, rtt_us);
  else
    clove_keeper_probe_live (self);
}

static void
wait_to_keep_alive (CloveKeeper *self)
{
  gboolean is_in_use =
    self->used_us != 0 && now_us (self) - self->used_us <= CLOVE_KEEPER_LATELY_US;

  clove_timer_start_coarse (&self->keep_alive,
                            is_in_use ? CLOVE_KEEPER_WATCH_US : CLOVE_KEEPER_KEEP_ALIVE_US);
}

static void
on_keep_alive (gpointer user_data)
{
  CloveKeeper *self = user_data;

  clove_circuit_ping_entry_async (self->live.circuit, CLOVE_KEEPER_PING_DEADLINE_US, NULL,
                                  on_kept_alive, g_object_ref (self));
  wait_to_keep_alive (self);
}

void
clove_keeper_init_health (CloveKeeper *self)
{
  clove_budget_init (&self->budget);
  clove_probe_init (&self->probe, self->clock, self->random, on_probed, self);
  clove_timer_init (&self->doubt, self->clock, on_doubt, self);
  clove_timer_init (&self->suspicion, self->clock, on_suspicion, self);
  clove_timer_init (&self->routine, self->clock, on_routine, self);
  clove_timer_init (&self->keep_alive, self->clock, on_keep_alive, self);
}

/* Watches the live circuit. */
void
clove_keeper_resume_health (CloveKeeper *self)
{
  wait_to_keep_alive (self);
  if (self->used_us != 0)
    clove_timer_start_coarse (&self->routine, CLOVE_KEEPER_ROUTINE_US);
  if (self->live.n_in_flight > 0)
    clove_timer_start (&self->suspicion, patience_us (self));
}

/* A new circuit is live: nothing of the old one counts. */
void
clove_keeper_begin_health (CloveKeeper *self)
{
  clove_strikes_reset (&self->strikes);
  self->unheard_us = 0;
  clove_keeper_resume_health (self);
}

void
clove_keeper_end_health (CloveKeeper *self)
{
  self->is_in_doubt = FALSE;
  self->n_grace_losses = 0;
  clove_probe_stop (&self->probe);
  clove_timer_stop (&self->doubt);
  clove_timer_stop (&self->suspicion);
  clove_timer_stop (&self->routine);
  clove_timer_stop (&self->keep_alive);
}

static gboolean
is_usable (const CloveKeeperSlot *slot)
{
  return slot->circuit != NULL && clove_circuit_get_state (slot->circuit) == CLOVE_CIRCUIT_READY;
}

/* The circuit that takes requests now; NULL for none. */
static CloveKeeperSlot *
choose_slot (CloveKeeper *self)
{
  if (self->is_offline)
    return NULL;
  if (self->is_in_doubt && is_usable (&self->standby))
    return &self->standby;
  return is_usable (&self->live) ? &self->live : NULL;
}

/* A dead circuit must not be spared because its requests are given up and sent again all the time:
 * the silence counts from the first of them. */
static void
watch_silence (CloveKeeper *self)
{
  gint64 patience = patience_us (self);
  gint64 waited_us = 0;

  if (self->unheard_us <= clove_circuit_get_last_proof_us (self->live.circuit))
    self->unheard_us = now_us (self);
  waited_us = now_us (self) - self->unheard_us;
  if (!clove_timer_is_running (&self->suspicion))
    clove_timer_start (&self->suspicion, MAX (patience - waited_us, 0));
}

/**
 * clove_keeper_begin_request:
 * @self: a keeper
 * @ticket_out: (out): for clove_keeper_end_request(), which must follow when a circuit is returned
 *
 * Returns: (transfer none) (nullable): the circuit for one request: the live one, or the standby
 *   circuit while the live one is in doubt
 */
CloveCircuit *
clove_keeper_begin_request (CloveKeeper *self, CloveTicket *ticket_out)
{
  CloveKeeperSlot *slot = choose_slot (self);
  gint64 silence_us = now_us (self) - self->used_us;
  gboolean is_first = self->used_us == 0;

  if (slot == NULL)
    return NULL;
  *ticket_out = (CloveTicket){ .circuit = slot->id,
                               .mark = clove_strikes_get_mark (&self->strikes) };
  /* After a pause the circuit may be gone without anyone having noticed. */
  if (!is_first && silence_us >= CLOVE_KEEPER_ROUTINE_US)
    clove_keeper_probe_live (self);
  self->used_us = now_us (self);
  slot->n_in_flight++;
  if (slot == &self->live)
    watch_silence (self);
  if (is_first || silence_us >= CLOVE_KEEPER_LATELY_US)
    wait_to_keep_alive (self);
  if (!clove_timer_is_running (&self->routine))
    clove_timer_start_coarse (&self->routine, CLOVE_KEEPER_ROUTINE_US);
  if (is_first || silence_us >= CLOVE_KEEPER_ROUTINE_US)
    clove_keeper_update_standby (self);
  return slot->circuit;
}

/**
 * clove_keeper_is_current:
 * @self: a keeper
 * @ticket: from clove_keeper_begin_request()
 *
 * Returns: whether a request that began now would take the same circuit
 */
gboolean
clove_keeper_is_current (CloveKeeper *self, const CloveTicket *ticket)
{
  const CloveKeeperSlot *slot = choose_slot (self);

  return slot != NULL && slot->id == ticket->circuit;
}

static void
end_on_standby (CloveKeeper *self, CloveOutcome outcome)
{
  self->standby.n_in_flight -= MIN (self->standby.n_in_flight, 1);
  if (outcome == CLOVE_OUTCOME_FAILURE) {
    clove_keeper_note_use (self, &self->standby.path, FALSE);
    clove_keeper_drop_standby (self, "a request got no answer on it");
  } else if (outcome == CLOVE_OUTCOME_PAGE) {
    clove_keeper_note_use (self, &self->standby.path, TRUE);
  }
}

/**
 * clove_keeper_end_request:
 * @self: a keeper
 * @ticket: from clove_keeper_begin_request()
 * @outcome: how the request ended
 * @host: the site
 * @detail: (nullable): what was seen, a clause that names no host
 *
 * Report how a request ended. Requests of a circuit that was replaced change nothing.
 */
void
clove_keeper_end_request (CloveKeeper *self,
                          const CloveTicket *ticket,
                          CloveOutcome outcome,
                          const char *host,
                          const char *detail)
{
  guint count = clove_strikes_get_count (&self->strikes);

  if (self->standby.circuit != NULL && ticket->circuit == self->standby.id)
    end_on_standby (self, outcome);
  if (self->live.circuit == NULL || ticket->circuit != self->live.id)
    return;
  self->live.n_in_flight -= MIN (self->live.n_in_flight, 1);
  if (self->live.n_in_flight == 0)
    clove_timer_stop (&self->suspicion);
  switch (outcome) {
    case CLOVE_OUTCOME_PAGE:
      clove_keeper_note_use (self, &self->live.path, TRUE);
      clove_strikes_succeed (&self->strikes);
      note_proof (self, count);
      break;
    case CLOVE_OUTCOME_SITE_ERROR:
      if (clove_strikes_site_error (&self->strikes, host, ticket->mark))
        strike (self, host, "the exit cannot reach any site");
      else
        note_proof (self, count);
      break;
    case CLOVE_OUTCOME_FAILURE:
      if (clove_keeper_is_lenient (self))
        clove_keeper_probe_live (self);
      else if (clove_strikes_fail (&self->strikes, ticket->mark))
        strike (self, host, detail);
      break;
    case CLOVE_OUTCOME_CANCELLED:
    default:
      break;
  }
}
