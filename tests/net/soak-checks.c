/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What must hold at every moment, and what must hold in the end.
 */
#include "config.h"

#include "soak.h"

/* So long after the last fault nothing of it is left in the live circuit. */
#define CALM_US     (40 * G_TIME_SPAN_SECOND)
/* So long after everything was mended, everything works. */
#define RECOVERY_US (6 * G_TIME_SPAN_MINUTE)
/* Circuits that were replaced end after two minutes, relays forget them after ten. */
#define REST_US     (13 * G_TIME_SPAN_MINUTE)

/*
 * Whether a rule saves a request that is sent now from the next fault: a circuit that works is
 * live, no relay has a fault, and a rebuild is allowed when it is needed. The one that fails next
 * must not be the only exit, nor one of the only three.
 */
gboolean
soak_is_calm (Soak *self)
{
  CloveKeeper *keeper = self->front->keeper;
  const GPtrArray *causes = clove_keeper_get_causes (keeper);
  gint64 now_us = front_now_us (self->front);
  gint64 hour_ago_s = clove_clock_wall_s (self->front->net.clock) - 3600;
  guint n_rebuilds = 0;

  if (self->is_offline || now_us - self->event_us < CALM_US ||
      clove_keeper_get_state (keeper) != CLOVE_KEEPER_READY ||
      clove_keeper_get_strikes (keeper) > 0)
    return FALSE;
  for (guint i = 0; i < self->n_relays; i++)
    if (self->is_faulty[i] || !self->is_listed[i])
      return FALSE;
  for (guint i = 0; i < causes->len; i++) {
    const CloveCause *cause = causes->pdata[i];

    if (cause->time_s > hour_ago_s && cause->kind == CLOVE_CAUSE_REBUILDING)
      n_rebuilds++;
    /* Asked for too often: the next one waits. */
    if (cause->time_s > hour_ago_s && cause->kind == CLOVE_CAUSE_POSTPONED)
      return FALSE;
  }
  return n_rebuilds < 10;
}

/* There is one build at a time: every circuit has a session of its own with its entry. */
static void
check_builds (Soak *self)
{
  CloveKeeper *keeper = self->front->keeper;
  guint n_circuits = clove_keeper_get_n_draining (keeper) + 1; /* and a test circuit */

  n_circuits += clove_keeper_get_circuit (keeper) != NULL ? 1 : 0;
  n_circuits += clove_keeper_get_candidate (keeper) != NULL ? 1 : 0;
  n_circuits += clove_keeper_get_standby (keeper) != NULL ? 1 : 0;
  if (clove_adnl_endpoint_get_n_sessions (self->front->net.endpoint) > n_circuits)
    soak_fail (self, "%u sessions for %u circuits",
               clove_adnl_endpoint_get_n_sessions (self->front->net.endpoint), n_circuits);
}

static void
check_keeper (Soak *self)
{
  CloveKeeper *keeper = self->front->keeper;
  guint64 generation = clove_keeper_get_generation (keeper);

  soak_assert (self, generation >= self->generation);
  soak_assert (self, generation <= self->generation + 1);
  self->generation = generation;
  soak_assert (self, clove_keeper_get_strikes (keeper) <= 3);
  soak_assert (self, clove_blacklist_get_n_bans (self->front->blacklist) <= self->n_relays);
}

static void
on_changed (CloveKeeper *keeper, gpointer user_data)
{
  check_keeper (user_data);
}

/** soak_watch: Begin to look at everything that the keeper does. */
void
soak_watch (Soak *self)
{
  self->generation = clove_keeper_get_generation (self->front->keeper);
  g_signal_connect (self->front->keeper, "changed", G_CALLBACK (on_changed), self);
}

/** soak_check: Look at what must hold after each step. */
void
soak_check (Soak *self)
{
  CloveServerStatistics statistics = { 0 };

  test_loop_settle (); /* what was given up is gone then */
  check_keeper (self);
  check_builds (self);
  clove_server_get_statistics (self->front->server, &statistics);
  soak_assert (self, statistics.n_in_flight <= CLOVE_SERVER_MAX_IN_FLIGHT);
  soak_assert (self, statistics.n_connections <= CLOVE_SERVER_MAX_CONNECTIONS);
}

static void
check_page (Soak *self)
{
  g_autoptr (Browser) browser = front_get (self->front, "/bytes/1000");

  if (browser_get_status (browser) != 200)
    soak_fail (self, "%u though all is mended", browser_get_status (browser));
}

/* Whatever is left over shows here. */
static void
check_leftovers (Soak *self)
{
  CloveKeeper *keeper = self->front->keeper;
  CloveServerStatistics statistics = { 0 };
  guint n_circuits = 0;

  clove_server_get_statistics (self->front->server, &statistics);
  soak_assert (self, statistics.n_connections == 0);
  soak_assert (self, statistics.n_in_flight == 0);
  soak_assert (self, statistics.n_queued == 0);
  soak_assert (self, clove_keeper_get_n_draining (keeper) == 0);
  soak_assert (self, clove_keeper_get_candidate (keeper) == NULL);
  soak_assert (self, clove_circuit_get_n_busy (clove_keeper_get_circuit (keeper)) == 0);
  soak_assert (self, clove_circuit_get_reply_memory (clove_keeper_get_circuit (keeper)) == 0);
  n_circuits = clove_keeper_get_standby (keeper) != NULL ? 2 : 1;
  if (clove_adnl_endpoint_get_n_sessions (self->front->net.endpoint) != n_circuits)
    soak_fail (self, "%u sessions for %u circuits",
               clove_adnl_endpoint_get_n_sessions (self->front->net.endpoint), n_circuits);
  soak_assert (self, clove_blacklist_get_n_bans (self->front->blacklist) == 0);
  if (self->plays_reference)
    return; /* its relays never forget anything */
  for (guint i = 1; i <= self->n_relays; i++) {
    CloveLocalRelayCounters counters = test_net_count (&self->front->net, i);

    if (counters.n_circuits > n_circuits || counters.n_streams > n_circuits)
      soak_fail (self, "relay%u keeps %u circuits and %u streams", i, counters.n_circuits,
                 counters.n_streams);
  }
}

/** soak_check_rest: Mend all: everything works again, and nothing is left over. */
void
soak_check_rest (Soak *self)
{
  clove_keeper_set_rotation (self->front->keeper, 0);
  soak_mend_all (self);
  soak_list_all (self);
  soak_go_online (self);
  soak_pass (self, RECOVERY_US);
  g_ptr_array_set_size (self->visits, 0);
  if (!front_is_ready (self->front))
    soak_fail (self, "the keeper is in state %d though all is mended",
               (gint) clove_keeper_get_state (self->front->keeper));
  check_page (self);
  /* On a circuit that lived through faults an exit may have missed that a stream was closed. */
  soak_assert (self, clove_keeper_rebuild (self->front->keeper));
  soak_pass (self, REST_US);
  check_page (self);
  soak_pass (self, 10 * G_TIME_SPAN_SECOND);
  check_leftovers (self);
}
