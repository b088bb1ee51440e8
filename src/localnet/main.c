/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-localnet-control.h"
#include "clove-localnet-options.h"

#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  CloveLocalnetArguments *arguments;
  GMainLoop *loop;
  CloveLocalnet *localnet;
  CloveLocalnetControl *control;
  int status;
} Program;

static void
fail (Program *program, const GError *error)
{
  g_printerr ("clove-localnet: %s\n", error->message);
  program->status = 1;
  g_main_loop_quit (program->loop);
}

static gboolean
on_signal (gpointer user_data)
{
  Program *program = user_data;

  g_main_loop_quit (program->loop);
  return G_SOURCE_CONTINUE;
}

/* Whoever started us is gone. */
static void
on_input_ended (gpointer user_data)
{
  Program *program = user_data;

  if (!program->arguments->keeps_running)
    g_main_loop_quit (program->loop);
}

static void
take_standard_input (Program *program)
{
  g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (GOutputStream) output = g_unix_output_stream_new (STDOUT_FILENO, FALSE);

  clove_localnet_control_add (program->control, input, output, on_input_ended, program);
}

static gboolean
publish (Program *program, GError **error)
{
  const CloveLocalnetArguments *arguments = program->arguments;
  g_autofree char *directory = clove_localnet_format_directory (program->localnet);

  if (arguments->directory_path != NULL &&
      !g_file_set_contents (arguments->directory_path, directory, -1, error))
    return FALSE;
  return arguments->control_path == NULL ||
         clove_localnet_control_listen (program->control, arguments->control_path, error);
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Program *program = user_data;
  g_autoptr (GError) error = NULL;

  if (!clove_localnet_start_finish (CLOVE_LOCALNET (source), result, &error) ||
      !publish (program, &error)) {
    fail (program, error);
    return;
  }
  g_print ("ready\n");
  take_standard_input (program);
}

static gboolean
set_up (Program *program, CloveClock *clock, GError **error)
{
  CloveLocalnetArguments *arguments = program->arguments;

  if (arguments->origin != NULL) {
    arguments->network.origin = clove_origin_new (arguments->origin, error);
    if (arguments->network.origin == NULL)
      return FALSE;
  }
  program->localnet = clove_localnet_new (&arguments->network, clock, error);
  if (program->localnet == NULL)
    return FALSE;
  program->control = clove_localnet_control_new (program->localnet);
  return TRUE;
}

static int
run (CloveLocalnetArguments *arguments)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (CloveClock) clock = clove_clock_new (NULL);
  g_autoptr (GError) error = NULL;
  Program program = { .arguments = arguments, .loop = loop };

  if (!set_up (&program, clock, &error)) {
    fail (&program, error);
    return program.status;
  }
  signal (SIGPIPE, SIG_IGN);
  g_unix_signal_add (SIGINT, on_signal, &program);
  g_unix_signal_add (SIGTERM, on_signal, &program);
  clove_localnet_start_async (program.localnet, NULL, on_started, &program);
  g_main_loop_run (loop);

  g_clear_pointer (&program.control, clove_localnet_control_free);
  clove_localnet_stop (program.localnet);
  g_clear_object (&program.localnet);
  /* What was cancelled comes back and frees itself. */
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  return program.status;
}

static int
run_ctl (int argc, char *argv[])
{
  g_autofree char *line = NULL;

  if (argc < 4) {
    g_printerr ("usage: clove-localnet ctl SOCKET LINE\n");
    return 1;
  }
  line = g_strjoinv (" ", argv + 3);
  return clove_localnet_ctl (argv[2], line);
}

int
main (int argc, char *argv[])
{
  g_autoptr (CloveLocalnetArguments) arguments = NULL;
  g_autoptr (GError) error = NULL;

  /* NOLINTNEXTLINE(concurrency-mt-unsafe): nothing else runs yet. */
  setlocale (LC_ALL, "");
  if (argc > 1 && strcmp (argv[1], "ctl") == 0)
    return run_ctl (argc, argv);
  arguments = clove_localnet_arguments_parse (argv, &error);
  if (arguments == NULL) {
    g_printerr ("clove-localnet: %s\n", error->message);
    return 1;
  }
  if (arguments->shows_version) {
    g_print ("clove-localnet %s\n", CLOVE_VERSION);
    return 0;
  }
  return run (arguments);
}
