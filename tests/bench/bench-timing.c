/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bench-timing.h"

#include <poll.h>
#include <time.h>

static gint64
read_clock_ns (clockid_t clock)
{
  struct timespec time = { 0 };

  clock_gettime (clock, &time);
  return (gint64) time.tv_sec * 1000000000 + time.tv_nsec;
}

/** bench_now_ns: Get the time since some moment, which never goes back. */
gint64
bench_now_ns (void)
{
  return read_clock_ns (CLOCK_MONOTONIC);
}

/** bench_wait_ms: Let time pass while something else is observed. */
void
bench_wait_ms (gint wait_ms)
{
  (void) poll (NULL, 0, wait_ms);
}

/** bench_watch_start: Go on counting. */
void
bench_watch_start (BenchWatch *self)
{
  self->started_ns = read_clock_ns (CLOCK_THREAD_CPUTIME_ID);
}

/** bench_watch_stop: Count no longer. */
void
bench_watch_stop (BenchWatch *self)
{
  self->total_ns += read_clock_ns (CLOCK_THREAD_CPUTIME_ID) - self->started_ns;
}

/** bench_compare_doubles: A GCompareFunc for an array of #gdouble. */
gint
bench_compare_doubles (gconstpointer a, gconstpointer b)
{
  gdouble left = *(const gdouble *) a;
  gdouble right = *(const gdouble *) b;

  return (left > right) - (left < right);
}

/**
 * bench_percentile:
 * @sorted: #gdouble values, smallest first
 * @share: 0.5 for the median
 *
 * Returns: the smallest value that @share of all do not exceed; for a median between two values
 *   the mean of both; 0 without values
 */
gdouble
bench_percentile (GArray *sorted, gdouble share)
{
  gdouble place = share * sorted->len;
  guint index = (guint) place;

  if (sorted->len == 0)
    return 0;
  if (index > 0 && place - index <= 0) {
    gdouble below = g_array_index (sorted, gdouble, index - 1);

    return share > 0.5 || index == sorted->len
             ? below
             : (below + g_array_index (sorted, gdouble, index)) / 2;
  }
  return g_array_index (sorted, gdouble, MIN (index, sorted->len - 1));
}
