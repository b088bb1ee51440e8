/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-proxy-guard.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sys/socket.h>
#include <unistd.h>

#define PROGRAM    "clove-guard"
/* A guard that cannot stay is not worth more. */
#define MAX_STARTS 4

struct _CloveProxyGuard {
  gatomicrefcount n_refs; /* the program, and each child that is waited for */
  char *program;
  char *folder;
  char *owner;
  int socket; /* -1 without a child */
  guint n_starts;
  gboolean is_dismissed;
};

static void start (CloveProxyGuard *self);

static void
guard_unref (CloveProxyGuard *self)
{
  if (!g_atomic_ref_count_dec (&self->n_refs))
    return;
  g_free (self->program);
  g_free (self->folder);
  g_free (self->owner);
  g_free (self);
}

static void
close_socket (CloveProxyGuard *self)
{
  if (self->socket >= 0)
    close (self->socket);
  self->socket = -1;
}

static void
on_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  CloveProxyGuard *self = user_data;

  (void) g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  if (!self->is_dismissed) {
    g_debug ("The guard of the system proxy ended");
    close_socket (self);
    start (self);
  }
  guard_unref (self);
}

/* In a session of its own, what the terminal sends to the program when Ctrl+C is pressed or the
 * terminal is closed does not reach it. */
static void
on_child_setup (gpointer user_data)
{
  setsid ();
}

/* A socket rather than a pipe: writing to a guard that is gone must not raise SIGPIPE. Every end is
 * closed on exec, so that none of our other children keeps the guard waiting. */
static void
start (CloveProxyGuard *self)
{
  const char *arguments[] = { self->program, self->folder, self->owner, NULL };
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GSubprocess) child = NULL;
  g_autoptr (GError) error = NULL;
  int ends[2] = { -1, -1 };

  if (self->n_starts++ == MAX_STARTS)
    return;
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    g_message ("No guard for the system proxy: %s", g_strerror (errno));
    return;
  }
  g_subprocess_launcher_set_child_setup (launcher, on_child_setup, NULL, NULL);
  g_subprocess_launcher_take_stdin_fd (launcher, ends[1]);
  child = g_subprocess_launcher_spawnv (launcher, arguments, &error);
  /* The launcher keeps the child's end open until now. */
  g_subprocess_launcher_close (launcher);
  if (child == NULL) {
    g_message ("No guard for the system proxy: %s", error->message);
    close (ends[0]);
    return;
  }
  self->socket = ends[0];
  g_atomic_ref_count_inc (&self->n_refs);
  g_subprocess_wait_async (child, NULL, on_ended, self);
}

/**
 * clove_proxy_guard_new:
 * @program: path of clove-guard
 * @folder: of the ledger
 * @owner: this process
 *
 * Start a guard. Without one the next start of the program does its work, so that it cannot be
 * started is no failure.
 *
 * Returns: (transfer full): it; clove_proxy_guard_dismiss() frees it
 */
CloveProxyGuard *
clove_proxy_guard_new (const char *program, const char *folder, const CloveProcessMark *owner)
{
  CloveProxyGuard *self = g_new0 (CloveProxyGuard, 1);

  g_atomic_ref_count_init (&self->n_refs);
  self->program = g_strdup (program);
  self->folder = g_strdup (folder);
  self->owner = clove_process_mark_format (owner);
  self->socket = -1;
  start (self);
  return self;
}

/** clove_proxy_guard_dismiss: Tell the guard that there is nothing to put back, and free it. */
void
clove_proxy_guard_dismiss (CloveProxyGuard *self)
{
  const char done = CLOVE_PROXY_GUARD_DONE;

  self->is_dismissed = TRUE;
  if (self->socket >= 0)
    (void) send (self->socket, &done, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
  close_socket (self);
  guard_unref (self);
}

/**
 * clove_proxy_guard_find_program:
 *
 * Returns: (transfer full): the path of clove-guard: where it was installed, or where it was built
 *   if this program lies where it was built
 */
char *
clove_proxy_guard_find_program (void)
{
  g_autofree char *own = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = g_path_get_dirname (own != NULL ? own : "/");
  g_autofree char *built = g_build_filename (folder, "..", "desktop", PROGRAM, NULL);

  if (g_file_test (built, G_FILE_TEST_IS_EXECUTABLE))
    return g_canonicalize_filename (built, NULL);
  return g_build_filename (CLOVE_LIBEXECDIR, PROGRAM, NULL);
}
