/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-latency.h"

#include <stdlib.h>
#include <string.h>

/* Fewer samples than this teach nothing. */
#define MIN_SAMPLES     20
/* A learned deadline is twice the 95th percentile, but never shorter than this. */
#define MIN_DEADLINE_US (1500 * G_TIME_SPAN_MILLISECOND)

static gint
compare_samples (gconstpointer a, gconstpointer b)
{
  gint64 left = *(const gint64 *) a;
  gint64 right = *(const gint64 *) b;

  return (left > right) - (left < right);
}

/** clove_latency_add: Remember that a hop joined after @sample_us; the oldest sample goes. */
void
clove_latency_add (CloveLatency *self, gint64 sample_us)
{
  self->samples_us[self->n_samples++ % CLOVE_LATENCY_N_SAMPLES] = sample_us;
}

/** clove_latency_get_deadline_us: Get how long to wait for a hop. */
gint64
clove_latency_get_deadline_us (const CloveLatency *self)
{
  gint64 sorted[CLOVE_LATENCY_N_SAMPLES] = { 0 };
  guint n = MIN (self->n_samples, CLOVE_LATENCY_N_SAMPLES);

  if (n < MIN_SAMPLES)
    return CLOVE_HOP_DEADLINE_US;
  memcpy (sorted, self->samples_us, n * sizeof sorted[0]);
  qsort (sorted, n, sizeof sorted[0], compare_samples);
  return CLAMP (2 * sorted[n * 95 / 100], MIN_DEADLINE_US, CLOVE_HOP_DEADLINE_US);
}
