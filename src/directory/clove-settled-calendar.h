/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-state.h"

G_BEGIN_DECLS

/* A calendar that moves by more than this, compared with the clock, was set. */
#define CLOVE_CALENDAR_MAX_STEP_S G_GINT64_CONSTANT (86400)
/* A calendar that was set is believed after so long. */
#define CLOVE_CALENDAR_SETTLE_US  (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)

/**
 * CloveSettledCalendar:
 *
 * The calendar, as far as it is to be believed. Pure: told the time. Starts as all zero.
 */
typedef struct {
  /*< private >*/
  gboolean is_set;
  gint64 offset_s; /* of the calendar from the clock, believed */
  gboolean is_in_doubt;
  gint64 doubtful_offset_s;
  gint64 doubted_since_us;
} CloveSettledCalendar;

gint64 clove_settled_calendar_read (CloveSettledCalendar *self,
                                    CloveStateTime time,
                                    gboolean *was_set_out);

G_END_DECLS
