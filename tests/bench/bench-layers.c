/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bench-layers.h"

typedef const BenchCase *(*CasesFunc) (gsize *n_out);

/** bench_require: End the program unless an operation did what it should. */
void
bench_require (gboolean is_right, const char *what)
{
  if (!is_right)
    g_error ("benchmark: %s", what);
}

static gint64
time_operations (const BenchCase *bench_case, gpointer fixture, guint64 n_operations)
{
  BenchWatch watch = { 0 };

  bench_watch_start (&watch);
  bench_case->run (fixture, n_operations, &watch);
  bench_watch_stop (&watch);
  return MAX (watch.total_ns, 1);
}

/* So many operations that a run takes about @wanted_ns; as a side effect all is warm. */
static guint64
calibrate (const BenchCase *bench_case, gpointer fixture, gint64 wanted_ns)
{
  guint64 n = 1;
  gint64 taken_ns = time_operations (bench_case, fixture, n);

  while (taken_ns < wanted_ns / 4) {
    n = taken_ns < wanted_ns / 40 ? n * 8 : n * 2;
    taken_ns = time_operations (bench_case, fixture, n);
  }
  return MAX (n * (guint64) wanted_ns / (guint64) taken_ns, 1);
}

static void
measure (const BenchCase *bench_case, const BenchOptions *options, BenchReport *report)
{
  gpointer fixture = bench_case->set_up != NULL ? bench_case->set_up () : NULL;
  guint64 n = calibrate (bench_case, fixture, (gint64) options->layer_ms * 1000000);

  for (gint i = 0; i < options->n_runs; i++)
    bench_report_add (report, BENCH_CLOVE, bench_case->layer, bench_case->name, "ns",
                      (gdouble) time_operations (bench_case, fixture, n) / (gdouble) n);
  bench_report_set_bytes (report, bench_case->layer, bench_case->name, bench_case->size);
  if (bench_case->tear_down != NULL)
    bench_case->tear_down (fixture);
}

/** bench_layers_run: Measure the layers one by one, in this process. */
void
bench_layers_run (const BenchOptions *options, BenchReport *report)
{
  static const CasesFunc layers[] = { bench_adnl_cases, bench_udp_cases, bench_circuit_cases,
                                      bench_http_cases };

  for (gsize i = 0; i < G_N_ELEMENTS (layers); i++) {
    gsize n_cases = 0;
    const BenchCase *cases = layers[i](&n_cases);

    for (gsize j = 0; j < n_cases; j++)
      measure (&cases[j], options, report);
  }
}
