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
 * The failed circuit's own entry can be tested by itself.
 * Belongs to the worker thread.
 */
typedef struct _CloveAttribution CloveAttribution;

/**
 * CloveAttributionFunc:
 * @relay: (nullable): a suspect; %NULL when the test is over
 * @evidence: (nullable): what it did not do, a clause; %NULL when it works
 *
 * Called once for each suspect of whom something can be said, and once at the end; never from
 * inside clove_attribution_begin(). May stop or begin the #CloveAttribution, but not free it.
 */
typedef void (*CloveAttributionFunc) (CloveRelay *relay, const char *evidence, gpointer user_data);

/**
 * CloveAttributionEntryFunc:
 *
 * Called before each test.
 *
 * Returns: (transfer none) (nullable): a relay that works and is no suspect, through whom to test;
 *   %NULL when there is none now
 */
typedef CloveRelay *(*CloveAttributionEntryFunc) (gpointer user_data);

CloveAttribution *clove_attribution_new (CloveAdnlEndpoint *endpoint,
                                         CloveClock *clock,
                                         CloveRandom *random,
                                         CloveAttributionEntryFunc choose_entry,
                                         CloveAttributionFunc on_verdict,
                                         gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void clove_attribution_free (CloveAttribution *self);

void clove_attribution_begin (CloveAttribution *self,
                              GPtrArray *suspects,
                              CloveRelay *alone);
void clove_attribution_stop (CloveAttribution *self);
gboolean clove_attribution_is_running (CloveAttribution *self);

G_END_DECLS
