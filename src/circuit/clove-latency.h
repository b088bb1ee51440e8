/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How long a hop may take until there is experience, and the most it may ever take: a relay
 * itself waits 10 s for the next one. */
#define CLOVE_HOP_DEADLINE_US (11 * G_USEC_PER_SEC)

#define CLOVE_LATENCY_N_SAMPLES 64

/**
 * CloveLatency:
 *
 * Remembers how long the last hops took to join, and from that how long is too long. Plain value;
 * starts zeroed.
 */
typedef struct {
  /*< private >*/
  gint64 samples_us[CLOVE_LATENCY_N_SAMPLES];
  guint n_samples;
} CloveLatency;

void clove_latency_add (CloveLatency *self, gint64 sample_us);
gint64 clove_latency_get_deadline_us (const CloveLatency *self);

G_END_DECLS
