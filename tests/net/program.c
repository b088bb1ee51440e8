/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "program.h"

#include <errno.h>
#include <gio/gunixinputstream.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Far more than anything here takes, with sanitizers and on a busy machine. */
#define DEADLINE_US (40 * G_USEC_PER_SEC)

/* Runs in the child: whoever kills the test leaves nothing behind. */
static void
end_with_parent (gpointer user_data)
{
  (void) prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/**
 * program_new:
 * @name: "clove-proxy" or "clove-localnet"
 * @folder: where it keeps its temporary files and its cache
 * @arguments: its arguments, as in a shell
 *
 * Returns: (transfer full): the running program
 */
Program *
program_new (const char *name, const char *folder, const char *arguments)
{
  return program_new_with_debug (name, folder, arguments, NULL);
}

/** program_new_with_debug: (transfer full): The same with debug messages of @domains, or %NULL. */
Program *
program_new_with_debug (const char *name,
                        const char *folder,
                        const char *arguments,
                        const char *domains)
{
  g_autofree char *path =
    g_test_build_filename (G_TEST_BUILT, "..", "src",
                           g_str_equal (name, "clove-proxy") ? "cli" : "localnet", name, NULL);
  g_autofree char *line = g_strdup_printf ("'%s' %s", path, arguments);
  g_auto (GStrv) argv = NULL;
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
    G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GError) error = NULL;
  Program *self = g_new0 (Program, 1);

  g_assert_true (g_shell_parse_argv (line, NULL, &argv, &error));
  g_subprocess_launcher_setenv (launcher, "TMPDIR", folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_CACHE_HOME", folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_STATE_HOME", folder, TRUE);
  /* Or GIO's modules leave caches of their own. */
  g_subprocess_launcher_setenv (launcher, "GIO_USE_VFS", "local", TRUE);
  g_subprocess_launcher_setenv (launcher, "GSETTINGS_BACKEND", "memory", TRUE);
  if (domains != NULL)
    g_subprocess_launcher_setenv (launcher, "G_MESSAGES_DEBUG", domains, TRUE);
  g_subprocess_launcher_set_child_setup (launcher, end_with_parent, NULL, NULL);
  self->process =
    g_subprocess_launcher_spawnv (launcher, (const char *const *) argv, &error);
  g_assert_no_error (error);
  self->output = g_string_new (NULL);
  self->errors = g_string_new (NULL);
  return self;
}

/** program_free: (nullable): End the program and wait for its end. */
void
program_free (Program *self)
{
  if (self == NULL)
    return;
  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, NULL);
  g_object_unref (self->process);
  g_string_free (self->output, TRUE);
  g_string_free (self->errors, TRUE);
  g_free (self);
}

/* Returns whether more may come. */
static gboolean
take (struct pollfd *from, GString *into)
{
  char bytes[4096];
  gssize n_read = 0;

  if (from->fd < 0 || from->revents == 0)
    return from->fd >= 0;
  n_read = read (from->fd, bytes, sizeof bytes);
  if (n_read <= 0)
    return FALSE;
  g_string_append_len (into, bytes, n_read);
  return TRUE;
}

static int
fd_of (GInputStream *stream)
{
  return g_unix_input_stream_get_fd (G_UNIX_INPUT_STREAM (stream));
}

/* Reads until @text has @wanted from @offset on or, if that is NULL, until the program closes both
 * its outputs. */
static gboolean
read_until (Program *self, const GString *text, gsize offset, const char *wanted)
{
  gint64 end_us = g_get_monotonic_time () + DEADLINE_US;
  struct pollfd fds[] = {
    { .fd = fd_of (g_subprocess_get_stdout_pipe (self->process)), .events = POLLIN },
    { .fd = fd_of (g_subprocess_get_stderr_pipe (self->process)), .events = POLLIN },
  };
  GString *texts[] = { self->output, self->errors };

  while (wanted == NULL || strstr (text->str + offset, wanted) == NULL) {
    gint64 left_us = end_us - g_get_monotonic_time ();

    if (fds[0].fd < 0 && fds[1].fd < 0)
      return wanted == NULL;
    if (left_us <= 0)
      return FALSE;
    if (poll (fds, G_N_ELEMENTS (fds), (int) (left_us / 1000) + 1) < 0)
      g_assert_cmpint (errno, ==, EINTR);
    for (guint i = 0; i < G_N_ELEMENTS (fds); i++) {
      if (!take (&fds[i], texts[i]))
        fds[i].fd = -1;
    }
  }
  return TRUE;
}

/** program_wait_for: Wait until @text, output or errors of @self, has @wanted. */
void
program_wait_for (Program *self, GString *text, const char *wanted)
{
  if (!read_until (self, text, 0, wanted))
    g_error ("no “%s” in\n%s\n%s", wanted, self->output->str, self->errors->str);
}

/** program_wait_for_line: (transfer full): Get the whole of the first line that has @wanted. */
char *
program_wait_for_line (Program *self, GString *text, const char *wanted)
{
  gsize end = 0;
  gsize start = 0;

  program_wait_for (self, text, wanted);
  start = end = (gsize) (strstr (text->str, wanted) - text->str);
  if (!read_until (self, text, end, "\n"))
    g_error ("no whole line in\n%s", text->str);
  end += strcspn (text->str + end, "\n");
  while (start > 0 && text->str[start - 1] != '\n')
    start--;
  return g_strndup (text->str + start, end - start);
}

/** program_wait_for_value: (transfer full): Get the word that follows @before. */
char *
program_wait_for_value (Program *self, GString *text, const char *before)
{
  g_autofree char *line = program_wait_for_line (self, text, before);
  const char *start = strstr (line, before) + strlen (before);

  return g_strndup (start, strcspn (start, " "));
}

/** program_wait_for_end: Wait for the end, which must not be by a signal; get the exit status. */
int
program_wait_for_end (Program *self)
{
  if (!read_until (self, NULL, 0, NULL))
    g_error ("it does not end:\n%s\n%s", self->output->str, self->errors->str);
  g_assert_true (g_subprocess_wait (self->process, NULL, NULL));
  g_assert_true (g_subprocess_get_if_exited (self->process));
  return g_subprocess_get_exit_status (self->process);
}

/** program_send_signal: Send a signal. */
void
program_send_signal (Program *self, int signal_number)
{
  g_subprocess_send_signal (self->process, signal_number);
}
