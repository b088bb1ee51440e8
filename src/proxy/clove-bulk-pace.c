/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-bulk-pace.h"

/* On a way that takes less, a burst is spread by the relays' own time for it, and timers are too
 * coarse to do better. */
#define LONG_US     (20 * G_TIME_SPAN_MILLISECOND)
/* A window of pieces is spread over a little less than the time that one takes, so that the window
 * decides how much is under way, and not the clock. */
#define SPREAD      4
#define SPREAD_OVER 5

/** clove_bulk_pace_note_time: A piece came whole @time_us after it was asked for. */
void
clove_bulk_pace_note_time (CloveBulkPace *self, gint64 time_us)
{
  time_us = MAX (time_us, 1);
  if (self->mean_us == 0)
    self->mean_us = time_us;
  else
    self->mean_us = MAX (self->mean_us + (time_us - self->mean_us) / 8, 1);
}

/** clove_bulk_pace_is_long: Tell whether the way is so long that pieces are spread. */
gboolean
clove_bulk_pace_is_long (const CloveBulkPace *self)
{
  return self->mean_us >= LONG_US;
}

/**
 * clove_bulk_pace_note_sent:
 * @self: a pace
 * @size: bytes that were asked for, at most @limit
 * @limit: how many may be under way at one time, at least one
 * @now_us: the time
 */
void
clove_bulk_pace_note_sent (CloveBulkPace *self, gsize size, gsize limit, gint64 now_us)
{
  gdouble share = (gdouble) MIN (size, limit) / (gdouble) limit;

  if (clove_bulk_pace_is_long (self))
    self->next_us = now_us + (gint64) ((gdouble) self->mean_us * share * SPREAD / SPREAD_OVER);
}

/** clove_bulk_pace_get_next_us: Get when the next piece may be asked for; long ago for at once. */
gint64
clove_bulk_pace_get_next_us (const CloveBulkPace *self)
{
  return self->next_us;
}
