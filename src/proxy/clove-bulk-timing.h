/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveBulkTiming:
 *
 * How long the pieces of a download take, and so after what silence one must be taken for lost.
 * Zeroed before the first. Pure; plain value.
 */
typedef struct {
  /*< private >*/
  gint64 mean_us; /* 0 before the first piece */
  gint64 deviation_us;
} CloveBulkTiming;

void clove_bulk_timing_note (CloveBulkTiming *self, gint64 time_us);

gint64 clove_bulk_timing_get_patience_us (const CloveBulkTiming *self, guint n_failures);
gint64 clove_bulk_timing_get_gap_us (const CloveBulkTiming *self);
gint64 clove_bulk_timing_get_overtaken_us (const CloveBulkTiming *self);

G_END_DECLS
