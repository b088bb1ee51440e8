/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-snapshot.h"

#include <glib.h>

G_BEGIN_DECLS

/* Outcomes that fit into a history. */
#define CLOVE_RELAY_HISTORY_MAX 32

/**
 * CloveRelayHistory:
 * @weight: the lowest of its places' weights: 0.2 avoided to 1 as likely as any
 * @rtt_us: the shortest round trip that is known; 0 if there is none
 * @n_outcomes: how many of @outcomes are known, at most 32
 * @outcomes: bit n is set if the outcome n before the newest was good
 *
 * How a relay did lately, over all its places.
 */
typedef struct {
  gdouble weight;
  gint64 rtt_us;
  guint n_outcomes;
  guint32 outcomes;
} CloveRelayHistory;

CloveRelayHistory clove_relay_history_join (const CloveSnapshotRecord *const *records,
                                            guint n_records);
guint clove_relay_history_get_n_good (const CloveRelayHistory *self);
gboolean clove_relay_history_equal (const CloveRelayHistory *a, const CloveRelayHistory *b);

G_END_DECLS
