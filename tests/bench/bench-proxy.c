/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The whole program under load: relays and proxy are processes of their own, so the proxy's CPU
 * time and memory are its alone. Each run starts all of them anew.
 */
#include "config.h"

#include "bench-proxy.h"

#include "bench-builds.h"
#include "bench-child.h"
#include "bench-load.h"
#include "bench-machine.h"
#include "bench-timing.h"
#include "clove-demo-file.h"

#include <glib/gstdio.h>

#define READY_DEADLINE_MS 30000
#define LISTENING         "Proxy listening on http://"
#define SMALL_SIZE        1024
/* What follows the start settles within this. */
#define SETTLE_MS         8000

/* One of the proxies that a run puts under load. */
typedef struct {
  BenchSubject subject;
  CloveAddress address;
  pid_t pid; /* 0: unknown */
} Target;

typedef struct {
  const BenchOptions *options;
  BenchReport *report;
  char *folder;
  char *directory;
  BenchChild *localnet;
  BenchChild *proxy;
  Target targets[BENCH_N_SUBJECTS];
  guint n_targets;
} Run;

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->proxy, bench_child_free);
  g_clear_pointer (&run->localnet, bench_child_free);
  g_free (run->directory);
  g_free (run->folder);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static void
add (Run *run, const char *section, const char *name, const char *unit, gdouble value)
{
  bench_report_add (run->report, BENCH_CLOVE, section, name, unit, value);
}

static gboolean
start_localnet (Run *run, GError **error)
{
  g_autofree char *quirks = g_strdup_printf ("--quirks=%s", run->options->quirks);
  const char *arguments[] = { run->options->localnet_path, "--write-directory", run->directory,
                              run->options->quirks != NULL ? quirks : NULL, NULL };
  g_autofree char *line = NULL;

  run->localnet = bench_child_new (arguments, run->folder, error);
  if (run->localnet == NULL)
    return FALSE;
  line = bench_child_wait_for_line (run->localnet, "ready", READY_DEADLINE_MS, error);
  g_prefix_error (error, "%s: ", run->options->localnet_path);
  return line != NULL;
}

static gboolean
start_proxy (Run *run, GError **error)
{
  const char *arguments[] = { run->options->proxy_path, "--auto", "--directory", run->directory,
                              "--listen", "127.0.0.1:0", NULL };
  g_autofree char *line = NULL;
  gint64 began_ns = bench_now_ns ();
  Target *target = &run->targets[run->n_targets++];

  run->proxy = bench_child_new (arguments, run->folder, error);
  if (run->proxy == NULL)
    return FALSE;
  line = bench_child_wait_for_line (run->proxy, LISTENING, READY_DEADLINE_MS, error);
  g_prefix_error (error, "%s: ", run->options->proxy_path);
  if (line == NULL)
    return FALSE;
  add (run, "start", "until it listens", "ms", (gdouble) (bench_now_ns () - began_ns) / 1e6);
  target->subject = BENCH_CLOVE;
  target->pid = bench_child_get_pid (run->proxy);
  return clove_address_parse (&target->address, line + strlen (LISTENING), error);
}

static gboolean
measure_builds (Run *run, GError **error)
{
  guint n_builds = (guint) run->options->n_builds;
  g_autoptr (GArray) times_ms = NULL;

  if (!bench_builds_run (run->directory, n_builds, &times_ms, error))
    return FALSE;
  if (times_ms->len > 0) {
    add (run, "circuit", "build, median", "ms", bench_percentile (times_ms, 0.5));
    add (run, "circuit", "build, p95", "ms", bench_percentile (times_ms, 0.95));
  }
  add (run, "circuit", "builds that failed", "count", n_builds - times_ms->len);
  if (times_ms->len == 0)
    bench_report_fail (run->report, "no circuit could be built");
  return TRUE;
}

static void
note_memory (Run *run, const char *when)
{
  pid_t pid = bench_child_get_pid (run->proxy);
  g_autofree char *resident = g_strdup_printf ("RSS %s", when);
  g_autofree char *proportional = g_strdup_printf ("PSS %s", when);

  add (run, "memory", resident, "MiB", bench_process_memory_mib (pid, "status", "VmRSS"));
  add (run, "memory", proportional, "MiB", bench_process_memory_mib (pid, "smaps_rollup", "Pss"));
}

static void
measure_idle (Run *run)
{
  pid_t pid = bench_child_get_pid (run->proxy);

  if (run->options->idle_ms > 0) {
    guint64 n_wakeups = 0;

    bench_wait_ms (SETTLE_MS);
    n_wakeups = bench_process_count_wakeups (pid);
    bench_wait_ms (run->options->idle_ms);
    n_wakeups = bench_process_count_wakeups (pid) - n_wakeups;
    add (run, "idle", "wake-ups", "1/s", (gdouble) n_wakeups * 1000 / run->options->idle_ms);
  }
  note_memory (run, "idle");
}

/* Other bytes than the site's are never forgiven; that a reply does not come is forgiven unless the
 * relays are ours and kind. */
static void
judge (Run *run, const Target *target, const char *section, const BenchLoadResult *result)
{
  const char *who = target->subject == BENCH_CLOVE ? "clove" : "other";
  gboolean is_kind = run->options->quirks == NULL && run->options->directory == NULL;

  if (result->n_wrong > 0)
    bench_report_fail (run->report, "%s, %s: %u wrong bodies: %s", section, who, result->n_wrong,
                       result->first_failure);
  else if (result->n_failed > 0 && is_kind)
    bench_report_fail (run->report, "%s, %s: %u failed: %s", section, who, result->n_failed,
                       result->first_failure);
  else if (result->n_failed > 0)
    g_printerr ("%s, %s: %u failed; the first: %s\n", section, who, result->n_failed,
                result->first_failure);
}

static GBytes *
make_body (gsize size)
{
  guint8 *data = g_malloc (size);

  clove_demo_file_fill (size, 0, data, size);
  return g_bytes_new_take (data, size);
}

static void
measure_small (Run *run, const Target *target, guint n_connections)
{
  g_autoptr (GBytes) body = make_body (SMALL_SIZE);
  g_autofree char *url = g_strdup_printf ("http://%s/bytes/%d", run->options->site, SMALL_SIZE);
  g_autofree char *section = g_strdup_printf ("1 KB, %u connection%s", n_connections,
                                              n_connections == 1 ? "" : "s");
  g_auto (BenchLoadResult) result = { 0 };
  BenchLoad load = {
    .proxy = target->address,
    .url = url,
    .expected = body,
    .n_connections = n_connections,
    .n_requests = (guint) run->options->n_requests,
    .deadline_ms = run->options->deadline_ms,
  };
  gdouble cpu_before_s = target->pid != 0 ? bench_process_cpu_s (target->pid) : 0;

  bench_load_run (&load, &result);
#define ADD(name, unit, value) \
  bench_report_add (run->report, target->subject, section, name, unit, value)
  ADD ("rate", "1/s", result.n_good / result.elapsed_s);
  if (result.n_good > 0) {
    ADD ("p50", "ms", bench_percentile (result.latencies_ms, 0.5));
    ADD ("p99", "ms", bench_percentile (result.latencies_ms, 0.99));
  }
  if (target->pid != 0)
    ADD ("CPU per 1000", "s",
         (bench_process_cpu_s (target->pid) - cpu_before_s) * 1000 / load.n_requests);
  ADD ("failed", "count", result.n_failed);
  ADD ("wrong", "count", result.n_wrong);
#undef ADD
  judge (run, target, section, &result);
}

static void
measure_large (Run *run, const Target *target, gsize size)
{
  g_autoptr (GBytes) body = make_body (size);
  g_autofree char *url = g_strdup_printf ("http://%s/file/%zu", run->options->site, size);
  g_autofree char *section = g_strdup_printf ("body of %zu", size);
  g_auto (BenchLoadResult) result = { 0 };
  BenchLoad load = {
    .proxy = target->address,
    .url = url,
    .expected = body,
    .n_connections = 1,
    .n_requests = (guint) run->options->n_bodies,
    .deadline_ms = run->options->deadline_ms,
  };
  gdouble cpu_before_s = target->pid != 0 ? bench_process_cpu_s (target->pid) : 0;
  gdouble megabytes = 0;

  bench_load_run (&load, &result);
  megabytes = (gdouble) result.n_good * (gdouble) size / 1e6;
#define ADD(name, unit, value) \
  bench_report_add (run->report, target->subject, section, name, unit, value)
  ADD ("arrived", "of 20", result.n_good * 20.0 / load.n_requests);
  ADD ("rate", "MB/s", megabytes / result.elapsed_s);
  if (target->pid != 0 && result.n_good > 0)
    ADD ("CPU per 100 MB", "s",
         (bench_process_cpu_s (target->pid) - cpu_before_s) * 100 / megabytes);
  ADD ("wrong", "count", result.n_wrong);
#undef ADD
  judge (run, target, section, &result);
}

/* Both proxies take turns, so that what disturbs the machine disturbs both. */
static void
measure_loads (Run *run)
{
  const BenchOptions *options = run->options;

  for (guint i = 0; i < options->n_connections; i++)
    for (guint j = 0; j < run->n_targets; j++)
      measure_small (run, &run->targets[j], (guint) options->connections[i]);
  note_memory (run, "after the small bodies");
  for (guint i = 0; i < options->n_body_sizes; i++)
    for (guint j = 0; j < run->n_targets; j++)
      measure_large (run, &run->targets[j], options->body_sizes[i]);
  note_memory (run, "at the end");
  add (run, "memory", "RSS at its highest", "MiB",
       bench_process_memory_mib (bench_child_get_pid (run->proxy), "status", "VmHWM"));
}

static gboolean
run_once (Run *run, GError **error)
{
  const BenchOptions *options = run->options;

  if (options->directory == NULL && !start_localnet (run, error))
    return FALSE;
  if (!start_proxy (run, error) || !measure_builds (run, error))
    return FALSE;
  if (options->has_versus)
    run->targets[run->n_targets++] = (Target){ .subject = BENCH_OTHER,
                                               .address = options->versus,
                                               .pid = (pid_t) options->versus_pid };
  measure_idle (run);
  measure_loads (run);
  return TRUE;
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name = NULL;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
      remove_folder (child);
    else
      g_unlink (child);
  }
  g_rmdir (path);
}

/**
 * bench_proxy_run:
 * @options: what to measure
 * @report: where the figures go
 * @error: why nothing could be measured
 *
 * Measure clove-proxy as a whole.
 *
 * Returns: whether everything could be run, whatever came of it
 */
gboolean
bench_proxy_run (const BenchOptions *options, BenchReport *report, GError **error)
{
  gboolean is_good = TRUE;

  for (gint i = 0; i < options->n_runs && is_good; i++) {
    g_auto (Run) run = { .options = options, .report = report };

    run.folder = g_dir_make_tmp ("clove-bench-XXXXXX", error);
    if (run.folder == NULL)
      return FALSE;
    run.directory = options->directory != NULL
                      ? g_strdup (options->directory)
                      : g_build_filename (run.folder, "directory.json", NULL);
    is_good = run_once (&run, error);
    g_clear_pointer (&run.proxy, bench_child_free);
    g_clear_pointer (&run.localnet, bench_child_free);
    remove_folder (run.folder);
  }
  return is_good;
}
