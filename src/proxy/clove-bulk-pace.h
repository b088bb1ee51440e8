/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveBulkPace:
 *
 * When the next piece may be asked for, so that pieces are spread over the time that one takes.
 * What is asked for together arrives together, and on a long way it would stay together for ever:
 * a window full of it would be one burst, and no relay's buffer bears more than a small window.
 * On a short way nothing is spread. Zeroed before the first. Pure; plain value.
 */
typedef struct {
  /*< private >*/
  gint64 mean_us; /* that a piece takes; 0 before the first */
  gint64 next_us;
} CloveBulkPace;

void clove_bulk_pace_note_time (CloveBulkPace *self, gint64 time_us);
gboolean clove_bulk_pace_is_long (const CloveBulkPace *self);

void clove_bulk_pace_note_sent (CloveBulkPace *self, gsize size, gsize limit, gint64 now_us);
gint64 clove_bulk_pace_get_next_us (const CloveBulkPace *self);

G_END_DECLS
