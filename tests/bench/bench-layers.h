/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bench-options.h"
#include "bench-report.h"
#include "bench-timing.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * BenchCase:
 * @layer: the folder of src
 * @name: what one operation is
 * @size: bytes that one operation handles, 0 to show no MB/s
 * @set_up: (nullable): makes the fixture
 * @run: does the operation so many times; the watch is started, and may be stopped meanwhile
 * @tear_down: (nullable): frees the fixture
 *
 * A micro benchmark. An operation that does not do what it should ends the program.
 */
typedef struct {
  const char *layer;
  const char *name;
  gsize size;
  gpointer (*set_up) (void);
  void (*run) (gpointer fixture, guint64 n_operations, BenchWatch *watch);
  void (*tear_down) (gpointer fixture);
} BenchCase;

/* What one datagram carries of a long message. */
#define BENCH_PIECE_SIZE 1024

const BenchCase *bench_adnl_cases (gsize *n_out);
const BenchCase *bench_udp_cases (gsize *n_out);
const BenchCase *bench_circuit_cases (gsize *n_out);
const BenchCase *bench_http_cases (gsize *n_out);

void bench_require (gboolean is_right, const char *what);
void bench_layers_run (const BenchOptions *options, BenchReport *report);

G_END_DECLS
