/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-settled-calendar.h"

#include "clove-state-private.h"

static gboolean
is_near (gint64 a_s, gint64 b_s)
{
  return ABS (a_s - b_s) <= CLOVE_CALENDAR_MAX_STEP_S;
}

/* Returns: whether @offset_s has stood for long enough by now to be believed */
static gboolean
has_settled (CloveSettledCalendar *self, gint64 offset_s, gint64 now_us)
{
  if (!self->is_in_doubt || !is_near (offset_s, self->doubtful_offset_s)) {
    self->is_in_doubt = TRUE;
    self->doubtful_offset_s = offset_s;
    self->doubted_since_us = now_us;
  }
  return now_us - self->doubted_since_us >= CLOVE_CALENDAR_SETTLE_US;
}

/**
 * clove_settled_calendar_read:
 * @self: a calendar
 * @time: now
 * @was_set_out: (out): whether the calendar was just begun with, or set and is believed
 *   from now on
 *
 * Read the calendar. One that jumps by more than a day is believed only after it has stood for an
 * hour; until then the one before goes on with the clock. So a wrong calendar that is put right
 * soon (a machine that learns the time after its start, a slip in the settings, a forged answer of
 * a time server) ends nothing.
 *
 * Returns: seconds since 1970, within what the state can hold
 */
gint64
clove_settled_calendar_read (CloveSettledCalendar *self,
                             CloveStateTime time,
                             gboolean *was_set_out)
{
  gint64 clock_s = time.now_us / G_USEC_PER_SEC;
  gint64 wall_s = CLAMP (time.wall_s, CLOVE_STATE_MIN_TIME_S, CLOVE_STATE_MAX_TIME_S);
  gint64 offset_s = wall_s - clock_s;
  gboolean is_step = self->is_set && !is_near (offset_s, self->offset_s);
  gboolean is_new = !self->is_set;

  if (is_step && has_settled (self, offset_s, time.now_us)) {
    is_new = TRUE;
    is_step = FALSE;
  }
  if (!is_step) {
    self->is_set = TRUE;
    self->offset_s = offset_s;
    self->is_in_doubt = FALSE;
  }
  *was_set_out = is_new;
  return CLAMP (clock_s + self->offset_s, CLOVE_STATE_MIN_TIME_S, CLOVE_STATE_MAX_TIME_S);
}
