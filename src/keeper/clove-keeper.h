/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-blacklist.h"
#include "clove-cause.h"
#include "clove-circuit.h"
#include "clove-clock.h"
#include "clove-entry-policy.h"
#include "clove-random.h"
#include "clove-relay-list.h"
#include "clove-relay-records.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define CLOVE_KEEPER_DEFAULT_ATTEMPTS 3

/* How often a rebuild may be asked for. */
#define CLOVE_KEEPER_COOLDOWN_US (10 * G_TIME_SPAN_SECOND)

/* How long requests on a circuit that was replaced may go on. */
#define CLOVE_KEEPER_DRAIN_US (2 * G_TIME_SPAN_MINUTE)

/* Causes that are kept. */
#define CLOVE_KEEPER_MAX_CAUSES 100

/**
 * CloveKeeperState:
 * @CLOVE_KEEPER_STOPPED: not started, or stopped
 * @CLOVE_KEEPER_BUILDING: building a circuit, with none live
 * @CLOVE_KEEPER_READY: a circuit is live
 * @CLOVE_KEEPER_REBUILDING: a circuit is live and another is being built to replace it
 * @CLOVE_KEEPER_WAITING: no circuit could be built; the next try comes later
 * @CLOVE_KEEPER_OFFLINE: there is no network
 */
typedef enum {
  CLOVE_KEEPER_STOPPED,
  CLOVE_KEEPER_BUILDING,
  CLOVE_KEEPER_READY,
  CLOVE_KEEPER_REBUILDING,
  CLOVE_KEEPER_WAITING,
  CLOVE_KEEPER_OFFLINE,
} CloveKeeperState;

/**
 * CloveOutcome:
 * @CLOVE_OUTCOME_PAGE: a site answered
 * @CLOVE_OUTCOME_SITE_ERROR: the exit answered that it cannot reach the site
 * @CLOVE_OUTCOME_FAILURE: the circuit lost or broke the reply
 * @CLOVE_OUTCOME_CANCELLED: nobody waits for the reply any more; nobody's fault
 *
 * How a request ended, as far as its circuit is concerned.
 */
typedef enum {
  CLOVE_OUTCOME_PAGE,
  CLOVE_OUTCOME_SITE_ERROR,
  CLOVE_OUTCOME_FAILURE,
  CLOVE_OUTCOME_CANCELLED,
} CloveOutcome;

/**
 * CloveTicket:
 *
 * What a request needs to report its outcome: on which circuit, and how many strikes there had
 * been when it began. Plain value.
 */
typedef struct {
  guint64 circuit;
  guint64 mark;
} CloveTicket;

/**
 * CloveKeeper:
 *
 * Decides which circuit is live: chooses relays, builds with retries, counts strikes, probes, and
 * replaces a circuit that no longer works, by one kept in reserve if that is wanted. Every decision
 * leaves a #CloveCause. Belongs to the worker thread; deterministic under a fake clock and a seeded
 * source of chance.
 *
 * Signal "changed" (): anything below changed.
 * Signal "moved" (): requests are taken by another circuit, for the one before failed or is in
 *   doubt; what waits on it may wait in vain.
 */
#define CLOVE_TYPE_KEEPER (clove_keeper_get_type ())
G_DECLARE_FINAL_TYPE (CloveKeeper, clove_keeper, CLOVE, KEEPER, GObject)

CloveKeeper *clove_keeper_new (CloveAdnlEndpoint *endpoint,
                               CloveClock *clock,
                               CloveRandom *random,
                               CloveBlacklist *blacklist) G_GNUC_WARN_UNUSED_RESULT;
void clove_keeper_set_max_attempts (CloveKeeper *self, guint max_attempts);
void clove_keeper_set_rotation (CloveKeeper *self, gint64 interval_us);
void clove_keeper_set_relays (CloveKeeper *self, CloveRelayList *relays);
void clove_keeper_set_aged_relays (CloveKeeper *self, CloveRelayList *relays, gint64 age_s);
void clove_keeper_set_keeps_entry (CloveKeeper *self, gboolean keeps_entry);
void clove_keeper_choose_new_entries (CloveKeeper *self);
void clove_keeper_set_standby (CloveKeeper *self, gboolean is_wanted);
void clove_keeper_set_metered (CloveKeeper *self, gboolean is_metered);
void clove_keeper_set_online (CloveKeeper *self, gboolean is_online);
void clove_keeper_note_network_change (CloveKeeper *self, const char *what);

void clove_keeper_start (CloveKeeper *self);
void clove_keeper_stop (CloveKeeper *self);
gboolean clove_keeper_rebuild (CloveKeeper *self);

CloveCircuit *clove_keeper_begin_request (CloveKeeper *self, CloveTicket *ticket_out);
gboolean clove_keeper_is_current (CloveKeeper *self, const CloveTicket *ticket);
void clove_keeper_end_request (CloveKeeper *self,
                               const CloveTicket *ticket,
                               CloveOutcome outcome,
                               const char *host,
                               const char *detail);

CloveKeeperState clove_keeper_get_state (CloveKeeper *self);
CloveCircuit *clove_keeper_get_circuit (CloveKeeper *self);
CloveCircuit *clove_keeper_get_candidate (CloveKeeper *self);
CloveCircuit *clove_keeper_get_standby (CloveKeeper *self);
gboolean clove_keeper_is_on_standby (CloveKeeper *self);
guint64 clove_keeper_get_generation (CloveKeeper *self);
guint clove_keeper_get_attempt (CloveKeeper *self);
gint64 clove_keeper_get_live_since_us (CloveKeeper *self);
guint clove_keeper_get_strikes (CloveKeeper *self);
const char *clove_keeper_get_last_strike (CloveKeeper *self);
guint clove_keeper_get_rebuilds_left (CloveKeeper *self);
gboolean clove_keeper_is_settling (CloveKeeper *self);
guint64 clove_keeper_get_n_causes (CloveKeeper *self);
guint clove_keeper_get_n_draining (CloveKeeper *self);
gint64 clove_keeper_get_next_try_us (CloveKeeper *self);
gint64 clove_keeper_get_next_rotation_us (CloveKeeper *self);
gint64 clove_keeper_get_cooldown_us (CloveKeeper *self);
const GError *clove_keeper_get_problem (CloveKeeper *self);
const GPtrArray *clove_keeper_get_causes (CloveKeeper *self);
CloveRelayRecords *clove_keeper_get_records (CloveKeeper *self);
CloveEntryPolicy *clove_keeper_get_entries (CloveKeeper *self);

G_END_DECLS
