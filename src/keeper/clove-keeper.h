/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-circuit.h"
#include "clove-clock.h"
#include "clove-random.h"
#include "clove-relay-list.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define CLOVE_KEEPER_DEFAULT_ATTEMPTS 3

/**
 * CloveKeeperState:
 * @CLOVE_KEEPER_STOPPED: not started, or stopped
 * @CLOVE_KEEPER_BUILDING: building a circuit, with none live
 * @CLOVE_KEEPER_READY: a circuit is live
 * @CLOVE_KEEPER_WAITING: no circuit could be built; the next try comes later
 */
typedef enum {
  CLOVE_KEEPER_STOPPED,
  CLOVE_KEEPER_BUILDING,
  CLOVE_KEEPER_READY,
  CLOVE_KEEPER_WAITING,
} CloveKeeperState;

/**
 * CloveKeeper:
 *
 * Decides which circuit is live: chooses relays, builds with retries, and tries again later when
 * that fails. Belongs to the worker thread.
 *
 * Signal "changed" (): anything below changed.
 */
#define CLOVE_TYPE_KEEPER (clove_keeper_get_type ())
G_DECLARE_FINAL_TYPE (CloveKeeper, clove_keeper, CLOVE, KEEPER, GObject)

CloveKeeper *clove_keeper_new (CloveAdnlEndpoint *endpoint,
                               CloveClock *clock,
                               CloveRandom *random) G_GNUC_WARN_UNUSED_RESULT;
void clove_keeper_set_max_attempts (CloveKeeper *self, guint max_attempts);
void clove_keeper_set_relays (CloveKeeper *self, CloveRelayList *relays);

void clove_keeper_start (CloveKeeper *self);
void clove_keeper_stop (CloveKeeper *self);

CloveKeeperState clove_keeper_get_state (CloveKeeper *self);
CloveCircuit *clove_keeper_get_circuit (CloveKeeper *self);
CloveCircuit *clove_keeper_get_candidate (CloveKeeper *self);
guint64 clove_keeper_get_generation (CloveKeeper *self);
guint clove_keeper_get_attempt (CloveKeeper *self);
gint64 clove_keeper_get_next_try_us (CloveKeeper *self);
const GError *clove_keeper_get_problem (CloveKeeper *self);

G_END_DECLS
