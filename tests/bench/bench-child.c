/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bench-child.h"

#include "bench-timing.h"

#include <errno.h>
#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

struct _BenchChild {
  GSubprocess *process;
  GString *output; /* what was read and not yet looked at */
  gint fd;         /* its standard output; belongs to @process */
};

/* Runs in the child: whoever kills the benchmark leaves nothing behind. */
static void
end_with_parent (gpointer user_data)
{
  (void) prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/**
 * bench_child_new:
 * @arguments: the program and its arguments
 * @home: where it keeps its files
 * @error: %G_SPAWN_ERROR
 *
 * Returns: (transfer full) (nullable): the running program
 */
BenchChild *
bench_child_new (const char *const *arguments, const char *home, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
    G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
    G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  static const char *const folders[] = { "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
                                         "XDG_STATE_HOME", "XDG_RUNTIME_DIR" };
  g_autoptr (GSubprocess) process = NULL;
  BenchChild *self = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    g_subprocess_launcher_setenv (launcher, folders[i], home, TRUE);
  g_subprocess_launcher_set_child_setup (launcher, end_with_parent, NULL, NULL);
  process = g_subprocess_launcher_spawnv (launcher, arguments, error);
  if (process == NULL)
    return NULL;
  self = g_new0 (BenchChild, 1);
  self->output = g_string_new (NULL);
  self->fd = g_unix_input_stream_get_fd (
    G_UNIX_INPUT_STREAM (g_subprocess_get_stdout_pipe (process)));
  self->process = g_steal_pointer (&process);
  return self;
}

/** bench_child_free: (nullable): End the program and wait for its end. */
void
bench_child_free (BenchChild *self)
{
  if (self == NULL)
    return;
  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, NULL);
  g_object_unref (self->process);
  g_string_free (self->output, TRUE);
  g_free (self);
}

/* Takes lines off the output until one begins with @prefix. */
static char *
take_line (BenchChild *self, const char *prefix)
{
  const char *end = NULL;

  while ((end = strchr (self->output->str, '\n')) != NULL) {
    gsize size = (gsize) (end - self->output->str);
    g_autofree char *line = g_strndup (self->output->str, size);

    g_string_erase (self->output, 0, (gssize) size + 1);
    if (g_str_has_prefix (line, prefix))
      return g_steal_pointer (&line);
  }
  return NULL;
}

static gboolean
read_more (BenchChild *self, gint wait_ms, GError **error)
{
  struct pollfd poll_fd = { .fd = self->fd, .events = POLLIN };
  char bytes[4096];
  gssize n_read = 0;

  if (poll (&poll_fd, 1, wait_ms) <= 0) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "a program is not ready in time");
    return FALSE;
  }
  n_read = read (self->fd, bytes, sizeof bytes);
  if (n_read <= 0) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED,
                         "a program ended before it was ready");
    return FALSE;
  }
  g_string_append_len (self->output, bytes, n_read);
  return TRUE;
}

/**
 * bench_child_wait_for_line:
 * @self: a program
 * @prefix: how the line begins
 * @deadline_ms: how long to wait at most
 * @error: %G_IO_ERROR
 *
 * Returns: (transfer full) (nullable): the line
 */
char *
bench_child_wait_for_line (BenchChild *self,
                           const char *prefix,
                           gint64 deadline_ms,
                           GError **error)
{
  gint64 end_ns = bench_now_ns () + deadline_ms * 1000000;
  char *line = NULL;

  while ((line = take_line (self, prefix)) == NULL) {
    gint64 left_ms = (end_ns - bench_now_ns ()) / 1000000;

    if (!read_more (self, (gint) MAX (left_ms, 0), error))
      return NULL;
  }
  return line;
}

/** bench_child_get_pid: Get the number of the process. */
pid_t
bench_child_get_pid (BenchChild *self)
{
  return (pid_t) g_ascii_strtoll (g_subprocess_get_identifier (self->process), NULL, 10);
}
