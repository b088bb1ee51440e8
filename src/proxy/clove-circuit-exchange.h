/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-backend.h"
#include "clove-keeper.h"

G_BEGIN_DECLS

/**
 * CloveCircuitExchangeOptions:
 * @keeper: whose circuits
 * @clock: time and timers
 * @host: the site
 * @request: the whole of it
 * @is_safe: whether it may be sent more than once
 * @may_break_off: whether a reply that breaks off is not to be asked for again
 * @is_piece: whether it is one of several whose sender repeats them itself; not with @is_safe
 *
 * Borrowed by clove_circuit_exchange_new().
 */
typedef struct {
  CloveKeeper *keeper;
  CloveClock *clock;
  const char *host;
  GBytes *request;
  gboolean is_safe;
  gboolean may_break_off;
  gboolean is_piece;
} CloveCircuitExchangeOptions;

/**
 * CloveCircuitExchange:
 *
 * One request and its reply over the keeper's circuits; for #CloveCircuitBackend, which tells it
 * what becomes of those. Belongs to the worker thread.
 */
#define CLOVE_TYPE_CIRCUIT_EXCHANGE (clove_circuit_exchange_get_type ())
G_DECLARE_FINAL_TYPE (CloveCircuitExchange,
                      clove_circuit_exchange,
                      CLOVE,
                      CIRCUIT_EXCHANGE,
                      CloveExchange)

CloveCircuitExchange *clove_circuit_exchange_new (const CloveCircuitExchangeOptions *options,
                                                  CloveExchangeFunc on_progress,
                                                  gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void clove_circuit_exchange_move (CloveCircuitExchange *self);
void clove_circuit_exchange_resume (CloveCircuitExchange *self);

G_END_DECLS
