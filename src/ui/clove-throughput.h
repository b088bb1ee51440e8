/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How far back the history goes. */
#define CLOVE_THROUGHPUT_N_SECONDS 120

/**
 * CloveThroughputSecond:
 * @received: bytes to browsers within the second
 * @sent: bytes from browsers
 */
typedef struct {
  gdouble received;
  gdouble sent;
} CloveThroughputSecond;

/**
 * CloveThroughput:
 *
 * How much passed in each of the last seconds, out of counters that are read now and then. The
 * fields are private. All zero: nothing was read yet.
 */
typedef struct {
  CloveThroughputSecond seconds[CLOVE_THROUGHPUT_N_SECONDS]; /* a ring, by second */
  gint64 newest_s;                                           /* of the ring */
  gint64 read_us;                                            /* 0 before the first reading */
  gint64 changed_us;
  guint64 n_received;
  guint64 n_sent;
} CloveThroughput;

gboolean clove_throughput_read (CloveThroughput *self,
                                gint64 now_us,
                                guint64 n_received,
                                guint64 n_sent);
const CloveThroughputSecond *clove_throughput_get (const CloveThroughput *self, guint age_s);
gdouble clove_throughput_get_peak (const CloveThroughput *self);
gdouble clove_throughput_round_up (gdouble bytes_per_s);

G_END_DECLS
