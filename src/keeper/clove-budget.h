/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-backoff.h"
#include "clove-random.h"

#include <glib.h>

G_BEGIN_DECLS

/* Automatic rebuilds: so many in a minute, so many in an hour. */
#define CLOVE_BUDGET_PER_MINUTE 3
#define CLOVE_BUDGET_PER_HOUR   20

/**
 * CloveBudget:
 *
 * Bounds how often circuits are rebuilt without being asked: relays never free circuits, so each
 * needless one costs the network. Pure: told the time.
 */
typedef struct {
  /*< private >*/
  gint64 times_us[CLOVE_BUDGET_PER_MINUTE]; /* of the last rebuilds, a ring */
  gint64 full_at_us;                        /* when the bucket is full again */
  guint n_rebuilds;
  gint64 blocked_until_us;
  CloveBackoff backoff;
} CloveBudget;

void clove_budget_init (CloveBudget *self);
gint64 clove_budget_get_wait_us (CloveBudget *self, gint64 now_us, CloveRandom *random);
void clove_budget_spend (CloveBudget *self, gint64 now_us);
void clove_budget_refund (CloveBudget *self);
guint clove_budget_get_left (const CloveBudget *self, gint64 now_us);

G_END_DECLS
