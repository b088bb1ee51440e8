/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The counters are up to a second old when they are read, and are read when there is something to
 * show, so a difference belongs to the time since the last one, not to the moment of the reading.
 */
#include "config.h"

#include "clove-throughput.h"

static CloveThroughputSecond *
find_second (CloveThroughput *self, gint64 second)
{
  return &self->seconds[second % CLOVE_THROUGHPUT_N_SECONDS];
}

/* Moves on to @now_s. Returns: whether anything but emptiness moved */
static gboolean
advance (CloveThroughput *self, gint64 now_s)
{
  gint64 n_new = MIN (now_s - self->newest_s, CLOVE_THROUGHPUT_N_SECONDS);
  gboolean was_empty = clove_throughput_get_peak (self) <= 0;

  if (now_s <= self->newest_s)
    return FALSE;
  for (gint64 i = 0; i < n_new; i++)
    *find_second (self, now_s - i) = (CloveThroughputSecond){ 0, 0 };
  self->newest_s = now_s;
  return !was_empty;
}

/* Spreads what passed between two moments over the seconds in between. */
static void
spread (CloveThroughput *self, gint64 from_us, gint64 to_us, gdouble received, gdouble sent)
{
  gdouble length_us = (gdouble) (to_us - from_us);
  gint64 oldest_s = self->newest_s - CLOVE_THROUGHPUT_N_SECONDS + 1;

  for (gint64 second = MAX (from_us / G_USEC_PER_SEC, oldest_s); second <= self->newest_s;
       second++) {
    gint64 begin_us = MAX (from_us, second * G_USEC_PER_SEC);
    gint64 end_us = MIN (to_us, (second + 1) * G_USEC_PER_SEC);
    gdouble share = (gdouble) MAX (end_us - begin_us, 0) / length_us;

    find_second (self, second)->received += received * share;
    find_second (self, second)->sent += sent * share;
  }
}

/* How much was added; a counter that fell began anew. */
static guint64
difference (guint64 before, guint64 after)
{
  return after >= before ? after - before : after;
}

/**
 * clove_throughput_read:
 * @self: a history
 * @now_us: the monotonic time, not before that of the last call
 * @n_received: bytes to browsers so far
 * @n_sent: bytes from browsers so far
 *
 * Take a reading. What was there at the first one is not known to be new.
 *
 * Returns: whether the history looks other than before
 */
gboolean
clove_throughput_read (CloveThroughput *self, gint64 now_us, guint64 n_received, guint64 n_sent)
{
  guint64 received = difference (self->n_received, n_received);
  guint64 sent = difference (self->n_sent, n_sent);
  gboolean is_first = self->read_us == 0;
  gboolean has_moved = advance (self, now_us / G_USEC_PER_SEC);
  gint64 from_us = MIN (self->read_us, MAX (self->changed_us, now_us - G_USEC_PER_SEC));

  self->n_received = n_received;
  self->n_sent = n_sent;
  self->read_us = now_us;
  if (is_first) {
    self->changed_us = now_us;
    return TRUE;
  }
  if (received == 0 && sent == 0)
    return has_moved;
  self->changed_us = now_us;
  spread (self, MIN (from_us, now_us - 1), now_us, (gdouble) received, (gdouble) sent);
  return TRUE;
}

/** clove_throughput_get: Get what passed @age_s seconds ago; 0 for the second that is not over. */
const CloveThroughputSecond *
clove_throughput_get (const CloveThroughput *self, guint age_s)
{
  static const CloveThroughputSecond none = { 0, 0 };

  if (age_s >= CLOVE_THROUGHPUT_N_SECONDS || self->newest_s < age_s)
    return &none;
  return &self->seconds[(self->newest_s - age_s) % CLOVE_THROUGHPUT_N_SECONDS];
}

/** clove_throughput_get_peak: Get the most that passed one way in a second. */
gdouble
clove_throughput_get_peak (const CloveThroughput *self)
{
  gdouble peak = 0;

  for (guint i = 0; i < CLOVE_THROUGHPUT_N_SECONDS; i++)
    peak = MAX (peak, MAX (self->seconds[i].received, self->seconds[i].sent));
  return peak;
}

/** clove_throughput_round_up: Get the end of an axis: a number with a round half, from 10 kB on. */
gdouble
clove_throughput_round_up (gdouble bytes_per_s)
{
  static const gdouble steps[] = { 1, 2, 3, 4, 5, 6, 8 };

  gdouble power = 10000;

  while (bytes_per_s > 10 * power)
    power *= 10;
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    if (bytes_per_s <= steps[i] * power)
      return steps[i] * power;
  }
  return 10 * power;
}
