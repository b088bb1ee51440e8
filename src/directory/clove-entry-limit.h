/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-state.h"

G_BEGIN_DECLS

/**
 * CloveEntryLimit:
 *
 * Bounds how often an entry that was given up is replaced without asking. Pure: told the time.
 * Starts as all zero.
 */
typedef struct {
  /*< private >*/
  guint n;
  gint64 times_s[CLOVE_STATE_MAX_NEW_ENTRIES]; /* oldest first */
} CloveEntryLimit;

guint clove_entry_limit_get_left (const CloveEntryLimit *self, gint64 wall_s);
void clove_entry_limit_spend (CloveEntryLimit *self, gint64 wall_s);
void clove_entry_limit_bound (CloveEntryLimit *self, gint64 wall_s);
void clove_entry_limit_reset (CloveEntryLimit *self);
void clove_entry_limit_save (const CloveEntryLimit *self, CloveState *state);
void clove_entry_limit_restore (CloveEntryLimit *self, const CloveState *state);

G_END_DECLS
