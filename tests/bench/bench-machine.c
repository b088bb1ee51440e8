/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bench-machine.h"

#include <string.h>
#include <time.h>

/* The text behind "@field:" in a file of that form, without the blanks around it. */
static char *
read_field (const char *path, const char *field)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  gsize field_size = strlen (field);

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++) {
    const char *colon = strchr (*line, ':');

    if (g_str_has_prefix (*line, field) && colon != NULL &&
        strspn (*line + field_size, " \t") == (gsize) (colon - *line) - field_size)
      return g_strstrip (g_strdup (colon + 1));
  }
  return NULL;
}

static char *
read_load (void)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents ("/proc/loadavg", &text, NULL, NULL))
    return g_strdup ("unknown");
  return g_strndup (text, strcspn (text, " "));
}

/** bench_machine_read: (out): Describe the machine as it is now. */
void
bench_machine_read (BenchMachine *out)
{
  out->processor = read_field ("/proc/cpuinfo", "model name");
  out->load = read_load ();
}

/** bench_machine_clear: Free what the description holds. */
void
bench_machine_clear (BenchMachine *self)
{
  g_clear_pointer (&self->processor, g_free);
  g_clear_pointer (&self->load, g_free);
}

/** bench_machine_describe: (transfer full): Describe it in one line, with the load until now. */
char *
bench_machine_describe (const BenchMachine *self)
{
  g_autofree char *load_now = read_load ();

  return g_strdup_printf ("Clove %s, build type %s, on %u × %s; load %s before, %s after",
                          CLOVE_VERSION, BENCH_BUILD_TYPE, g_get_num_processors (),
                          self->processor != NULL ? self->processor : "unknown processor",
                          self->load, load_now);
}

/** bench_process_cpu_s: Get the processor time of all threads of a process, in seconds. */
gdouble
bench_process_cpu_s (pid_t pid)
{
  clockid_t clock = 0;
  struct timespec time = { 0 };

  if (clock_getcpuclockid (pid, &clock) != 0 || clock_gettime (clock, &time) != 0)
    return 0;
  return (gdouble) time.tv_sec + (gdouble) time.tv_nsec / 1e9;
}

/**
 * bench_process_memory_mib:
 * @pid: a process
 * @file: "status" or "smaps_rollup"
 * @field: such as "VmRSS" or "Pss"
 *
 * Returns: how much memory that is, in MiB; 0 when the system does not tell
 */
gdouble
bench_process_memory_mib (pid_t pid, const char *file, const char *field)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/%s", (gint) pid, file);
  g_autofree char *text = read_field (path, field);

  return text != NULL ? g_ascii_strtod (text, NULL) / 1024 : 0;
}

/** bench_process_count_wakeups: Count how often threads of a process gave up the processor. */
guint64
bench_process_count_wakeups (pid_t pid)
{
  g_autofree char *folder = g_strdup_printf ("/proc/%d/task", (gint) pid);
  g_autoptr (GDir) threads = g_dir_open (folder, 0, NULL);
  const char *thread = NULL;
  guint64 n_wakeups = 0;

  while (threads != NULL && (thread = g_dir_read_name (threads)) != NULL) {
    g_autofree char *path = g_build_filename (folder, thread, "status", NULL);
    g_autofree char *text = read_field (path, "voluntary_ctxt_switches");

    if (text != NULL)
      n_wakeups += g_ascii_strtoull (text, NULL, 10);
  }
  return n_wakeups;
}
