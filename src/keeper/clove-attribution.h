/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-circuit.h"
#include "clove-clock.h"
#include "clove-random.h"
#include "clove-relay.h"

G_BEGIN_DECLS

/**
 * CloveAttribution:
 *
 * Finds out which relays of a circuit that failed are to blame: one after another each is joined as
 * the second hop of a test circuit whose entry is known to work, and an exit is probed through it.
 * Belongs to the worker thread.
 */
typedef struct _CloveAttribution CloveAttribution;

/**
 * CloveAttributionFunc:
 * @relay: a suspect
 * @evidence: (nullable): what it did not do, a clause; %NULL when it works
 *
 * Called once for each suspect, never from inside clove_attribution_new(). May free the
 * #CloveAttribution.
 */
typedef void (*CloveAttributionFunc) (CloveRelay *relay, const char *evidence, gpointer user_data);

CloveAttribution *clove_attribution_new (CloveAdnlEndpoint *endpoint,
                                         CloveClock *clock,
                                         CloveRelay *entry,
                                         GPtrArray *suspects,
                                         CloveAttributionFunc on_verdict,
                                         gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void clove_attribution_free (CloveAttribution *self);

char *clove_probe_name (CloveRandom *random) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
