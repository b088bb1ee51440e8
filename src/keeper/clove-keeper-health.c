/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether the live circuit still works. Requests report how they ended. One that hears nothing for
 * a while makes the circuit suspect, and a suspect circuit is probed: a stream to a name that
 * cannot exist, which the exit refuses at once without asking any site. A probe counts like any
 * request: it clears the strikes or adds one, and a strike is followed by the next probe. So a dead
 * circuit is known within seconds though nobody presses reload, and a slow site costs nothing.
 */
#include "config.h"

#include "clove-keeper-private.h"

#include <string.h>

/* Silence after which a circuit with requests in flight is suspect, and again after an answered
 * probe: a slow site is not asked about all the time. */
#define SUSPECT_US       (1500 * G_TIME_SPAN_MILLISECOND)
#define SUSPECT_AGAIN_US (5 * G_TIME_SPAN_SECOND)

/* A probe may take eight round trips within these. */
#define MIN_PROBE_US (1500 * G_TIME_SPAN_MILLISECOND)
#define MAX_PROBE_US (3 * G_TIME_SPAN_SECOND)

/* A circuit that was used lately is probed so often; one not used for as long, when it is again. */
#define ROUTINE_US G_TIME_SPAN_MINUTE
#define LATELY_US  (5 * G_TIME_SPAN_MINUTE)

/* Routers forget a way back that nothing uses after 30 s at the soonest; and an entry that was
 * restarted says nothing, so somebody must ask. */
#define KEEP_ALIVE_US          (20 * G_TIME_SPAN_SECOND)
#define KEEP_ALIVE_DEADLINE_US (3 * G_TIME_SPAN_SECOND)

static void begin_probe (CloveKeeper *self);

static gint64
now_us (CloveKeeper *self)
{
  return clove_clock_now_us (self->clock);
}

static void
note_use (CloveKeeper *self, gboolean is_good)
{
  for (guint i = 0; i < CLOVE_PATH_N_HOPS; i++)
    clove_relay_records_note_use (self->records, clove_relay_get_key (self->live.relays[i]), i,
                                  is_good);
}

/* Three strikes: another circuit, as far as the budget allows, else later. */
void
clove_keeper_replace_circuit (CloveKeeper *self)
{
  static const char detail[] = "three failures in a row";
  gint64 wait_us = 0;

  if (self->is_in_round)
    return;
  wait_us = clove_budget_get_wait_us (&self->budget, now_us (self), self->random);
  if (wait_us > 0) {
    clove_keeper_note (self, CLOVE_CAUSE_POSTPONED, (guint) (wait_us / G_TIME_SPAN_SECOND), NULL,
                       NULL);
    clove_timer_start (&self->retry, wait_us);
    return;
  }
  clove_budget_spend (&self->budget, now_us (self));
  note_use (self, FALSE);
  for (guint i = 0; i < CLOVE_PATH_N_HOPS; i++)
    clove_blacklist_mark_failed (self->blacklist,
                                 clove_relay_get_address (self->live.relays[i]), detail);
  /* Whoever is seen working is cleared at once: it is one of the other two. */
  if (self->has_entry_answered)
    clove_blacklist_mark_success (self->blacklist, clove_relay_get_address (self->live.relays[0]));
  clove_keeper_note (self, CLOVE_CAUSE_REBUILDING, CLOVE_STRIKES_MAX, NULL, detail);
  clove_keeper_begin_round (self, CLOVE_ROUND_FAILED);
}

static void
on_entry_pinged (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CloveKeeper) self = user_data;

  if (clove_circuit_ping_entry_finish (CLOVE_CIRCUIT (source), result, NULL) >= 0 &&
      CLOVE_CIRCUIT (source) == self->circuit)
    self->has_entry_answered = TRUE;
}

static void
strike (CloveKeeper *self, const char *host, const char *detail)
{
  guint count = clove_strikes_get_count (&self->strikes);

  clove_keeper_note (self, CLOVE_CAUSE_STRIKE, count, host, detail);
  if (count == 1) {
    self->has_entry_answered = FALSE;
    clove_circuit_ping_entry_async (self->circuit, MIN_PROBE_US, NULL, on_entry_pinged,
                                    g_object_ref (self));
  }
  if (count >= CLOVE_STRIKES_MAX)
    clove_keeper_replace_circuit (self);
  else
    begin_probe (self);
  clove_keeper_emit_changed (self);
}

static void
note_recovery (CloveKeeper *self, guint count_before)
{
  if (count_before == 0)
    return;
  clove_keeper_note (self, CLOVE_CAUSE_RECOVERED, 0, NULL, NULL);
  for (guint i = 0; i < CLOVE_PATH_N_HOPS; i++)
    clove_blacklist_mark_success (self->blacklist, clove_relay_get_address (self->live.relays[i]));
  clove_keeper_emit_changed (self);
}

static void
end_probe (CloveKeeper *self)
{
  clove_timer_stop (&self->probe_deadline);
  if (self->probe != NULL)
    clove_stream_release (g_steal_pointer (&self->probe));
}

static void
fail_probe (CloveKeeper *self, const char *detail)
{
  guint count = clove_strikes_get_count (&self->strikes);

  end_probe (self);
  if (clove_strikes_fail (&self->strikes, self->probe_mark))
    strike (self, NULL, detail);
  else if (count > 0 && count < CLOVE_STRIKES_MAX)
    begin_probe (self); /* the strike came while this one was under way, and wants its own */
}

static void
on_probe_deadline (gpointer user_data)
{
  fail_probe (user_data, "a probe was lost");
}

static void
on_probe_progress (CloveStream *stream, gpointer user_data)
{
  CloveKeeper *self = user_data;
  const GError *error = NULL;
  guint count = clove_strikes_get_count (&self->strikes);

  if (!clove_stream_has_ended (stream, &error))
    return;
  /* The refusal that was asked for, or any other word of the exit. */
  if (error == NULL || g_error_matches (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_SITE)) {
    end_probe (self);
    clove_strikes_prove_alive (&self->strikes);
    note_recovery (self, count);
    return;
  }
  fail_probe (self, "a probe failed");
}

static void
begin_probe (CloveKeeper *self)
{
  g_autoptr (GBytes) request = g_bytes_new_static ("", 0);
  g_autofree char *host = NULL;
  gint64 rtt_us = 0;

  if (self->probe != NULL || self->circuit == NULL)
    return;
  host = clove_probe_name (self->random);
  rtt_us = clove_circuit_get_rtt_us (self->circuit);
  self->probe_mark = clove_strikes_get_mark (&self->strikes);
  self->probe = clove_circuit_take_stream (self->circuit, host);
  clove_timer_start (&self->probe_deadline, CLAMP (8 * rtt_us, MIN_PROBE_US, MAX_PROBE_US));
  clove_stream_request (self->probe, request, on_probe_progress, self);
}

/* Nothing was heard for a while though requests wait. */
static void
on_suspicion (gpointer user_data)
{
  CloveKeeper *self = user_data;
  gint64 proof_us = 0;
  gint64 heard_us = 0;

  if (self->circuit == NULL || self->n_in_flight == 0)
    return;
  proof_us = clove_circuit_get_last_proof_us (self->circuit);
  heard_us = MAX (proof_us, self->used_us);
  if (now_us (self) - heard_us < SUSPECT_US) {
    clove_timer_start (&self->suspicion, heard_us + SUSPECT_US - now_us (self));
    return;
  }
  begin_probe (self);
  clove_timer_start (&self->suspicion, SUSPECT_AGAIN_US);
}

static void
on_routine (gpointer user_data)
{
  CloveKeeper *self = user_data;

  if (self->used_us != 0 && now_us (self) - self->used_us <= LATELY_US) {
    begin_probe (self);
    clove_timer_start_coarse (&self->routine, ROUTINE_US);
  }
}

static void
on_verdict (CloveRelay *relay, const char *evidence, gpointer user_data)
{
  CloveKeeper *self = user_data;
  g_autofree char *detail = NULL;

  if (evidence == NULL) {
    clove_blacklist_mark_success (self->blacklist, clove_relay_get_address (relay));
    detail = g_strdup_printf ("%s works", clove_relay_get_name (relay));
    clove_keeper_note (self, CLOVE_CAUSE_CLEARED, 0, NULL, detail);
  } else {
    clove_blacklist_mark_failed (self->blacklist, clove_relay_get_address (relay), evidence);
    detail = g_strdup_printf ("%s %s", clove_relay_get_name (relay), evidence);
    clove_keeper_note (self, CLOVE_CAUSE_BLAMED, 0, NULL, detail);
  }
  clove_keeper_emit_changed (self);
}

/*
 * An entry for test circuits: any that is not banned, but not the live one. A reference relay that
 * waits for a dead one hears nobody meanwhile; as entry of the live circuit that would be the end
 * of it, while a middle or exit goes on passing on what comes by the tunnel.
 */
static CloveRelay *
choose_test_entry (CloveKeeper *self)
{
  guint n_relays = clove_relay_list_get_n_relays (self->relays);
  guint offset = clove_random_uniform (self->random, MAX (n_relays, 1));

  for (guint i = 0; i < n_relays; i++) {
    CloveRelay *relay = clove_relay_list_get_relay (self->relays, (offset + i) % n_relays);

    if (memcmp (clove_relay_get_key (relay), clove_relay_get_key (self->live.relays[0]),
                CLOVE_RELAY_KEY_SIZE) != 0 &&
        (clove_relay_get_roles (relay) & CLOVE_RELAY_ROLE_ENTRY) != 0 &&
        !clove_blacklist_is_blacklisted (self->blacklist, clove_relay_get_address (relay)))
      return relay;
  }
  return NULL;
}

/*
 * Another circuit works: time to find out which of the relays of the failed one are to blame. Those
 * that are part of the new one are cleared already.
 */
void
clove_keeper_find_guilty (CloveKeeper *self, const ClovePath *failed)
{
  g_autoptr (GPtrArray) suspects =
    g_ptr_array_new_with_free_func ((GDestroyNotify) clove_relay_unref);
  CloveRelay *entry = choose_test_entry (self);

  g_clear_pointer (&self->attribution, clove_attribution_free);
  for (guint i = 0; i < CLOVE_PATH_N_HOPS; i++) {
    CloveRelay *relay = failed->relays[i];

    if (relay != NULL &&
        clove_blacklist_is_blacklisted (self->blacklist, clove_relay_get_address (relay)))
      g_ptr_array_add (suspects, clove_relay_ref (relay));
  }
  if (suspects->len > 0 && entry != NULL)
    self->attribution = clove_attribution_new (self->endpoint, self->clock, entry,
                                               g_steal_pointer (&suspects), on_verdict, self);
}

static void
on_kept_alive (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CloveKeeper) self = user_data;

  if (clove_circuit_ping_entry_finish (CLOVE_CIRCUIT (source), result, NULL) < 0 &&
      CLOVE_CIRCUIT (source) == self->circuit)
    begin_probe (self);
}

static void
on_keep_alive (gpointer user_data)
{
  CloveKeeper *self = user_data;

  clove_circuit_ping_entry_async (self->circuit, KEEP_ALIVE_DEADLINE_US, NULL, on_kept_alive,
                                  g_object_ref (self));
  clove_timer_start_coarse (&self->keep_alive, KEEP_ALIVE_US);
}

void
clove_keeper_init_health (CloveKeeper *self)
{
  clove_budget_init (&self->budget);
  clove_timer_init (&self->probe_deadline, self->clock, on_probe_deadline, self);
  clove_timer_init (&self->suspicion, self->clock, on_suspicion, self);
  clove_timer_init (&self->routine, self->clock, on_routine, self);
  clove_timer_init (&self->keep_alive, self->clock, on_keep_alive, self);
}

/* A new circuit is live: nothing of the old one counts. */
void
clove_keeper_begin_health (CloveKeeper *self)
{
  clove_keeper_end_health (self);
  clove_strikes_reset (&self->strikes);
  self->n_in_flight = 0;
  clove_timer_start_coarse (&self->keep_alive, KEEP_ALIVE_US);
  if (self->used_us != 0)
    clove_timer_start_coarse (&self->routine, ROUTINE_US);
}

void
clove_keeper_end_health (CloveKeeper *self)
{
  end_probe (self);
  clove_timer_stop (&self->suspicion);
  clove_timer_stop (&self->routine);
  clove_timer_stop (&self->keep_alive);
}

/**
 * clove_keeper_begin_request:
 * @self: a keeper
 * @ticket_out: (out): for clove_keeper_end_request(), which must follow when a circuit is returned
 *
 * Returns: (transfer none) (nullable): the live circuit, for one request
 */
CloveCircuit *
clove_keeper_begin_request (CloveKeeper *self, CloveTicket *ticket_out)
{
  gint64 silence_us = now_us (self) - self->used_us;

  if (self->circuit == NULL || clove_circuit_get_state (self->circuit) != CLOVE_CIRCUIT_READY)
    return NULL;
  *ticket_out = (CloveTicket){ .generation = self->generation,
                               .mark = clove_strikes_get_mark (&self->strikes) };
  /* After a pause the circuit may be gone without anyone having noticed. */
  if (self->used_us != 0 && silence_us >= ROUTINE_US)
    begin_probe (self);
  self->used_us = now_us (self);
  self->n_in_flight++;
  if (!clove_timer_is_running (&self->suspicion))
    clove_timer_start (&self->suspicion, SUSPECT_US);
  if (!clove_timer_is_running (&self->routine))
    clove_timer_start_coarse (&self->routine, ROUTINE_US);
  return self->circuit;
}

/**
 * clove_keeper_end_request:
 * @self: a keeper
 * @ticket: from clove_keeper_begin_request()
 * @outcome: how the request ended
 * @host: the site
 * @detail: (nullable): what was seen, a clause that names no host
 *
 * Report how a request ended. Requests of a circuit that is no longer live change nothing.
 */
void
clove_keeper_end_request (CloveKeeper *self,
                          const CloveTicket *ticket,
                          CloveOutcome outcome,
                          const char *host,
                          const char *detail)
{
  guint count = clove_strikes_get_count (&self->strikes);

  if (ticket->generation != self->generation || self->circuit == NULL)
    return;
  self->n_in_flight -= MIN (self->n_in_flight, 1);
  if (self->n_in_flight == 0)
    clove_timer_stop (&self->suspicion);
  switch (outcome) {
    case CLOVE_OUTCOME_PAGE:
      note_use (self, TRUE);
      clove_strikes_succeed (&self->strikes);
      note_recovery (self, count);
      break;
    case CLOVE_OUTCOME_SITE_ERROR:
      if (clove_strikes_site_error (&self->strikes, host, ticket->mark))
        strike (self, host, "the exit cannot reach any site");
      else
        note_recovery (self, count);
      break;
    case CLOVE_OUTCOME_FAILURE:
      if (clove_strikes_fail (&self->strikes, ticket->mark))
        strike (self, host, detail);
      break;
    case CLOVE_OUTCOME_CANCELLED:
    default:
      break;
  }
}
