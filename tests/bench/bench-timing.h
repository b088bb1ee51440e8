/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BenchWatch:
 *
 * Adds up the processor time of the calling thread, which says the same on a busy machine as on an
 * idle one. Starts zeroed and stopped. Plain value.
 */
typedef struct {
  gint64 total_ns;
  gint64 started_ns;
} BenchWatch;

gint64 bench_now_ns (void);
void bench_wait_ms (gint wait_ms);

void bench_watch_start (BenchWatch *self);
void bench_watch_stop (BenchWatch *self);

gdouble bench_percentile (GArray *sorted, gdouble share);
gint bench_compare_doubles (gconstpointer a, gconstpointer b);

G_END_DECLS
