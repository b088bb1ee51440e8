/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mean and the deviation are smoothed as in RFC 6298. A piece that is taken for lost by mistake
 * costs its bytes a second time; one that is lost and waited for costs the reader its time.
 */
#include "config.h"

#include "clove-bulk-timing.h"

/* What is waited beyond the mean at least. */
#define MIN_SLACK_US     (200 * G_TIME_SPAN_MILLISECOND)
/* The same when pieces that were asked for later have come already. */
#define MIN_OVERTAKEN_US (20 * G_TIME_SPAN_MILLISECOND)
/* A burst that pauses for longer than this, or for eight times what a piece takes, is over. */
#define MAX_GAP_US       (1500 * G_TIME_SPAN_MILLISECOND)
/* A site may think for so long, and a piece that failed be waited for, but no longer. */
#define MAX_PATIENCE_US  (15 * G_TIME_SPAN_SECOND)
#define MAX_DOUBLINGS    4

/** clove_bulk_timing_note: A piece came whole @time_us after it was asked for. */
void
clove_bulk_timing_note (CloveBulkTiming *self, gint64 time_us)
{
  time_us = MAX (time_us, 1);
  if (self->mean_us == 0) {
    self->mean_us = time_us;
    self->deviation_us = time_us / 2;
    return;
  }
  self->deviation_us += (ABS (self->mean_us - time_us) - self->deviation_us) / 4;
  self->mean_us += (time_us - self->mean_us) / 8;
  self->mean_us = MAX (self->mean_us, 1);
}

/** clove_bulk_timing_get_patience_us: Get how long to wait for a piece's first byte. */
gint64
clove_bulk_timing_get_patience_us (const CloveBulkTiming *self, guint n_failures)
{
  gint64 patience_us =
    self->mean_us == 0 ? MAX_GAP_US : self->mean_us + MAX (4 * self->deviation_us, MIN_SLACK_US);

  return MIN (patience_us << MIN (n_failures, MAX_DOUBLINGS), MAX_PATIENCE_US);
}

/** clove_bulk_timing_get_gap_us: Get how long to wait for the next byte of one that has begun. */
gint64
clove_bulk_timing_get_gap_us (const CloveBulkTiming *self)
{
  return MIN (clove_bulk_timing_get_patience_us (self, 0), MAX (MAX_GAP_US, 8 * self->mean_us));
}

/** clove_bulk_timing_get_overtaken_us: Get how long to wait once a later one has come. */
gint64
clove_bulk_timing_get_overtaken_us (const CloveBulkTiming *self)
{
  return MAX (self->mean_us / 2 + 2 * self->deviation_us, MIN_OVERTAKEN_US);
}
