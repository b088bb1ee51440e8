/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clove-bench: how fast and how small Clove is; README.md tells how to read it. */
#include "config.h"

#include "bench-layers.h"
#include "bench-options.h"
#include "bench-proxy.h"
#include "bench-report.h"

#include <locale.h>
#include <stdlib.h>

int
main (int argc, char *argv[])
{
  g_autoptr (BenchOptions) options = NULL;
  g_autoptr (BenchReport) report = NULL;
  g_autoptr (GError) error = NULL;

  /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread yet */
  setlocale (LC_ALL, "");
  options = bench_options_parse (argv, &error);
  if (options == NULL) {
    g_printerr ("clove-bench: %s\n", error->message);
    return EXIT_FAILURE;
  }
  report = bench_report_new ();
  if (options->does_layers)
    bench_layers_run (options, report);
  if (options->does_proxy && !bench_proxy_run (options, report, &error))
    bench_report_fail (report, "%s", error->message);
  if (options->is_json)
    bench_report_print_json (report);
  else
    bench_report_print (report);
  return bench_report_has_failed (report) ? EXIT_FAILURE : EXIT_SUCCESS;
}
