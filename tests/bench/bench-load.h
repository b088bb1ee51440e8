/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-address.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * BenchLoad:
 * @proxy: the proxy to ask
 * @url: what each request asks for
 * @expected: the body that must come, to its last byte
 * @n_connections: how many browsers; each sends its next request when the last one is answered
 * @n_requests: how many in all
 * @deadline_ms: how long one request may take
 *
 * A load on a proxy.
 */
typedef struct {
  CloveAddress proxy;
  const char *url;
  GBytes *expected;
  guint n_connections;
  guint n_requests;
  gint64 deadline_ms;
} BenchLoad;

/**
 * BenchLoadResult:
 * @latencies_ms: of the good ones, #gdouble, shortest first
 * @n_good: requests answered with status 200 and every byte of the body
 * @n_failed: requests with another status, a body cut short, a lost connection or no end in time
 * @n_wrong: bodies with other bytes than the site's, or too many
 * @first_failure: (nullable): of the first wrong body, else of the first failure
 */
typedef struct {
  GArray *latencies_ms;
  guint n_good;
  guint n_failed;
  guint n_wrong;
  gdouble elapsed_s;
  char *first_failure;
} BenchLoadResult;

void bench_load_run (const BenchLoad *load, BenchLoadResult *out);
void bench_load_result_clear (BenchLoadResult *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BenchLoadResult, bench_load_result_clear)

G_END_DECLS
