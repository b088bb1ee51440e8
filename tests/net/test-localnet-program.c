/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program as its users start it: the demo mode, scripts, a person at a terminal. */
#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

typedef struct {
  char *program;
  char *folder;
  char *directory;
  char *control;
} Fixture;

static void
set_up (Fixture *f, gconstpointer user_data)
{
  f->program =
    g_test_build_filename (G_TEST_BUILT, "..", "src", "localnet", "clove-localnet", NULL);
  f->folder = g_dir_make_tmp ("clove-test-XXXXXX", NULL);
  f->directory = g_build_filename (f->folder, "relays.json", NULL);
  f->control = g_build_filename (f->folder, "control", NULL);
}

static void
tear_down (Fixture *f, gconstpointer user_data)
{
  g_unlink (f->directory);
  /* The program has removed its socket, or the folder would not be empty. */
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_free (f->program);
  g_free (f->folder);
  g_free (f->directory);
  g_free (f->control);
}

static GSubprocess *
start (Fixture *f, const char *option)
{
  g_autoptr (GError) error = NULL;
  GSubprocess *child =
    g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
                      f->program, "--relays=3", "--write-directory", f->directory, "--control",
                      f->control, option, NULL);

  g_assert_no_error (error);
  return child;
}

static GDataInputStream *
wait_until_ready (GSubprocess *child)
{
  GDataInputStream *output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (child));
  g_autofree char *line = g_data_input_stream_read_line (output, NULL, NULL, NULL);

  g_assert_cmpstr (line, ==, "ready");
  return output;
}

static void
assert_ends_well (GSubprocess *child)
{
  g_assert_true (g_subprocess_wait (child, NULL, NULL));
  g_assert_true (g_subprocess_get_if_exited (child));
  g_assert_cmpint (g_subprocess_get_exit_status (child), ==, 0);
}

/* Commands by standard input; the end of it is the end of the program. */
static void
test_standard_input (Fixture *f, gconstpointer user_data)
{
  g_autoptr (GSubprocess) child = start (f, NULL);
  g_autoptr (GDataInputStream) output = wait_until_ready (child);
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;

  g_assert_true (g_file_get_contents (f->directory, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "relay3"));
  g_assert_true (g_output_stream_write_all (g_subprocess_get_stdin_pipe (child), "kill relay2\n",
                                            12, NULL, NULL, NULL));
  line = g_data_input_stream_read_line (output, NULL, NULL, NULL);
  g_assert_cmpstr (line, ==, "ok");
  g_assert_true (g_output_stream_close (g_subprocess_get_stdin_pipe (child), NULL, NULL));
  assert_ends_well (child);
}

static void
test_signal (Fixture *f, gconstpointer user_data)
{
  const int signals[] = { SIGINT, SIGTERM };

  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++) {
    g_autoptr (GSubprocess) child = start (f, "--keep");
    g_autoptr (GDataInputStream) output = wait_until_ready (child);

    g_assert_nonnull (output);
    g_assert_true (g_output_stream_close (g_subprocess_get_stdin_pipe (child), NULL, NULL));
    g_assert_true (g_file_test (f->control, G_FILE_TEST_EXISTS));
    g_subprocess_send_signal (child, signals[i]);
    assert_ends_well (child);
    g_assert_false (g_file_test (f->control, G_FILE_TEST_EXISTS));
  }
}

static void
assert_ctl (Fixture *f, const char *line, int status, const char *answer)
{
  g_autoptr (GSubprocess) ctl =
    g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL,
                      f->program, "ctl", f->control, line, NULL);
  g_autofree char *output = NULL;

  g_assert_true (g_subprocess_communicate_utf8 (ctl, NULL, NULL, &output, NULL, NULL));
  g_assert_cmpint (g_subprocess_get_exit_status (ctl), ==, status);
  g_assert_true (g_str_has_suffix (output, answer));
}

/* The program outlives its standard input with --keep, and ctl talks to it. */
static void
test_ctl (Fixture *f, gconstpointer user_data)
{
  g_autoptr (GSubprocess) child = start (f, "--keep");
  g_autoptr (GDataInputStream) output = wait_until_ready (child);

  g_assert_nonnull (output);
  g_assert_true (g_output_stream_close (g_subprocess_get_stdin_pipe (child), NULL, NULL));
  assert_ctl (f, "freeze relay1", 0, "ok\n");
  assert_ctl (f, "list", 0, "requests=0\nok\n");
  assert_ctl (f, "freeze relay9", 1, "error: there is no relay “relay9”\n");
  assert_ctl (f, "two\nlines", 1, "");
  g_subprocess_send_signal (child, SIGTERM);
  assert_ends_well (child);
  assert_ctl (f, "list", 1, "");
}

static void
test_bad_start (Fixture *f, gconstpointer user_data)
{
  static const char *const options[] = { "--relays=0", "--quirks=odd", "--origin=192.0.2.1:80",
                                         "--write-directory=/nonexistent/x", "surplus" };

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++) {
    g_autoptr (GSubprocess) child = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
        G_SUBPROCESS_FLAGS_STDERR_PIPE,
      NULL, f->program, options[i], NULL);
    g_autofree char *output = NULL;
    g_autofree char *complaint = NULL;

    g_assert_true (g_subprocess_communicate_utf8 (child, NULL, NULL, &output, &complaint, NULL));
    g_assert_cmpint (g_subprocess_get_exit_status (child), ==, 1);
    g_assert_cmpstr (output, ==, "");
    g_assert_true (g_str_has_prefix (complaint, "clove-localnet: "));
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/clove/localnet/program/standard-input", Fixture, NULL, set_up,
              test_standard_input, tear_down);
  g_test_add ("/clove/localnet/program/signal", Fixture, NULL, set_up, test_signal, tear_down);
  g_test_add ("/clove/localnet/program/ctl", Fixture, NULL, set_up, test_ctl, tear_down);
  g_test_add ("/clove/localnet/program/bad-start", Fixture, NULL, set_up, test_bad_start,
              tear_down);
  return g_test_run ();
}
