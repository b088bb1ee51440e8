/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-backend.h"
#include "clove-clock.h"
#include "clove-keeper.h"

G_BEGIN_DECLS

/**
 * CloveCircuitBackend:
 *
 * Carries requests over the keeper's live circuit. Belongs to the worker thread.
 */
#define CLOVE_TYPE_CIRCUIT_BACKEND (clove_circuit_backend_get_type ())
G_DECLARE_FINAL_TYPE (CloveCircuitBackend, clove_circuit_backend, CLOVE, CIRCUIT_BACKEND, GObject)

CloveBackend *clove_circuit_backend_new (CloveKeeper *keeper,
                                         CloveClock *clock) G_GNUC_WARN_UNUSED_RESULT;
void clove_circuit_backend_set_repeats (CloveCircuitBackend *self, gboolean repeats);

G_END_DECLS
