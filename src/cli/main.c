/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clove-proxy: the engine without a window. */
#include "config.h"

#include "clove-cli-once.h"
#include "clove-cli-options.h"
#include "clove-cli-port.h"
#include "clove-cli-report.h"
#include "clove-demo.h"
#include "clove-directory.h"
#include "clove-engine.h"
#include "clove-manual-relays.h"
#include "clove-snapshot-json.h"
#include "clove-state-file.h"

#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* How long requests in flight may go on after SIGINT or SIGTERM. */
#define DRAIN_US (10 * G_USEC_PER_SEC)

typedef struct {
  CloveCliOptions *options;
  CloveDemo *demo;
  GCancellable *demo_start; /* NULL but while the demo starts */
  CloveEngine *engine;      /* NULL before the start and after the stop */
  GMainLoop *loop;
  CloveCliReport report;
  CloveSnapshotJson json;
  gboolean is_unread; /* whoever read the lines of JSON is gone */
  gboolean is_stopping;
  gboolean is_fetching;
  gboolean is_explaining; /* why it cannot listen */
  gint exit_status;
} App;

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  App *app = user_data;

  clove_engine_stop_finish (CLOVE_ENGINE (source), result);
  g_main_loop_quit (app->loop);
}

static void
stop (App *app, gint exit_status)
{
  if (app->is_stopping)
    return;
  app->is_stopping = TRUE;
  app->exit_status = exit_status;
  if (app->demo_start != NULL)
    g_cancellable_cancel (app->demo_start);
  else if (app->engine == NULL)
    g_main_loop_quit (app->loop);
  else
    clove_engine_stop_async (app->engine, DRAIN_US, on_stopped, app);
}

/* The first signal stops gently; the second does not wait for what is in flight. */
static gboolean
on_signal (gpointer user_data)
{
  App *app = user_data;

  if (!app->is_stopping)
    stop (app, EXIT_SUCCESS);
  else if (app->engine != NULL)
    clove_engine_cut_drain (app->engine);
  return G_SOURCE_CONTINUE;
}

/* SIGUSR1 is "Rebuild now" for a program without a window. */
static gboolean
on_rebuild_signal (gpointer user_data)
{
  App *app = user_data;
  gint64 wait_us = 0;

  if (app->engine == NULL || app->is_stopping)
    return G_SOURCE_CONTINUE;
  wait_us = clove_engine_get_snapshot (app->engine)->rebuild_at_us - g_get_monotonic_time ();
  if (wait_us > 0)
    g_printerr ("A rebuild can be asked for again in %u s.\n",
                (guint) (wait_us / G_USEC_PER_SEC) + 1);
  else
    clove_engine_rebuild (app->engine);
  return G_SOURCE_CONTINUE;
}

/* Sentences come with and without their full stop. */
static void
fail (App *app, const char *text)
{
  g_printerr ("clove-proxy: %s%s\n", text, g_str_has_suffix (text, ".") ? "" : ".");
  stop (app, EXIT_FAILURE);
}

static void
on_port_explained (GObject *source, GAsyncResult *result, gpointer user_data)
{
  App *app = user_data;
  g_autofree char *text = clove_cli_port_explain_finish (result);

  if (!app->is_stopping)
    fail (app, text);
}

static void
fail_to_listen (App *app, const CloveSnapshot *snapshot)
{
  if (app->is_stopping || app->is_explaining)
    return;
  if (snapshot->problem_code != G_IO_ERROR_ADDRESS_IN_USE) {
    fail (app, snapshot->problem);
    return;
  }
  app->is_explaining = TRUE;
  clove_cli_port_explain_async (app->options->listen, on_port_explained, app);
}

static void
on_page (GObject *source, GAsyncResult *result, gpointer user_data)
{
  App *app = user_data;
  g_autoptr (GError) error = NULL;
  guint status = 0;
  g_autofree char *page = clove_cli_once_finish (result, &status, &error);

  if (app->is_stopping)
    return;
  if (page == NULL) {
    fail (app, error->message);
    return;
  }
  g_print ("\n%s: status %u\n\n%s", app->options->once, status, page);
  if (page[0] != '\0' && !g_str_has_suffix (page, "\n"))
    g_print ("\n");
  stop (app, status < 400 ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* Not g_print(), which turns text into the character set of the terminal: JSON is UTF-8. */
static void
tell_programs (App *app, const CloveSnapshot *snapshot)
{
  g_autofree char *line = clove_snapshot_json_next (&app->json, snapshot);

  if (line == NULL || app->is_unread)
    return;
  if (fputs (line, stdout) != EOF && fputc ('\n', stdout) != EOF && fflush (stdout) == 0)
    return;
  app->is_unread = TRUE;
  g_printerr ("Nobody can read the lines of JSON any more; the proxy goes on.\n");
}

static void
on_snapshot (CloveEngine *engine, gpointer user_data)
{
  App *app = user_data;
  CloveSnapshot *snapshot = clove_engine_get_snapshot (engine);
  g_autoptr (GString) output = g_string_new (NULL);
  g_autoptr (GString) errors = g_string_new (NULL);

  if (app->options->is_json)
    tell_programs (app, snapshot);
  if (snapshot->state == CLOVE_ENGINE_FAILED) {
    fail_to_listen (app, snapshot);
    return;
  }
  clove_cli_report_add (&app->report, snapshot, output, errors);
  g_printerr ("%s", errors->str);
  if (!app->options->is_json)
    g_print ("%s", output->str);
  if (app->options->once != NULL && !app->is_fetching &&
      snapshot->state == CLOVE_ENGINE_CONNECTED) {
    app->is_fetching = TRUE;
    clove_cli_once_async (app->options->once, snapshot->listen_address, on_page, app);
  }
}

static void
warn_of_open_listener (const char *listen)
{
  CloveAddress address = { 0 };

  if (clove_manual_listen_parse (&address, listen, NULL) && !clove_address_is_loopback (&address))
    g_printerr ("Warning: everybody who reaches %s can use this proxy.\n", listen);
}

static void
start_engine (App *app, const char *directory)
{
  g_autoptr (GError) error = NULL;
  const char *relays[] = { app->options->relays[0], app->options->relays[1],
                           app->options->relays[2] };
  g_autofree char *cache_folder = clove_directory_get_default_cache_folder ();
  /* The relays of a demo are gone after it. */
  g_autofree char *state_folder =
    app->options->is_demo ? NULL : clove_state_file_get_default_folder ();
  CloveEngineOptions options = {
    .listen = app->options->listen,
    .directory = directory,
    .relays = relays[0] != NULL ? relays : NULL,
    .max_attempts = app->options->n_retries,
    .rotation_us = app->options->rotate_us,
    .keeps_standby = app->options->keeps_standby,
    .keeps_entry = app->options->keeps_entry,
    .repeats = app->options->repeats,
    .cache_folder = cache_folder,
    .state_folder = state_folder,
  };

  app->engine = clove_engine_new (&options, &error);
  if (app->engine == NULL) {
    fail (app, error->message);
    return;
  }
  warn_of_open_listener (app->options->listen);
  g_signal_connect (app->engine, "snapshot", G_CALLBACK (on_snapshot), app);
  clove_engine_start (app->engine);
}

static void
on_demo_ended (CloveDemo *demo, gpointer user_data)
{
  App *app = user_data;

  if (app->is_stopping)
    return;
  fail (app, "the demo network has ended");
  /* No relay is left to answer what is in flight. */
  if (app->engine != NULL)
    clove_engine_cut_drain (app->engine);
}

static void
on_demo_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  App *app = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_started = clove_demo_start_finish (CLOVE_DEMO (source), result, &error);

  g_clear_object (&app->demo_start);
  if (app->is_stopping) {
    g_main_loop_quit (app->loop);
    return;
  }
  if (!is_started) {
    g_autofree char *text =
      g_strdup_printf ("the demo network could not be started: %s", error->message);

    fail (app, text);
    return;
  }
  if (app->options->once == NULL)
    g_printerr ("The demo network is ready. Break it with: %s ctl %s 'kill relay3'\n",
                clove_demo_get_program (app->demo), clove_demo_get_control (app->demo));
  start_engine (app, clove_demo_get_directory (app->demo));
}

static void
begin (App *app)
{
  if (!app->options->is_demo) {
    start_engine (app, app->options->directory);
    return;
  }
  app->demo = clove_demo_new ();
  app->demo_start = g_cancellable_new ();
  g_signal_connect (app->demo, "ended", G_CALLBACK (on_demo_ended), app);
  clove_demo_start_async (app->demo, app->demo_start, on_demo_started, app);
}

/* SIGHUP says that the terminal is gone; whoever uses nohup wants to stay. */
static void
watch_signals (App *app)
{
  struct sigaction hang_up = { 0 };

  /* A reader of our lines may go away; the proxy stays. GIO does the same, but with its first
   * socket. */
  signal (SIGPIPE, SIG_IGN);
  g_unix_signal_add (SIGINT, on_signal, app);
  g_unix_signal_add (SIGTERM, on_signal, app);
  g_unix_signal_add (SIGUSR1, on_rebuild_signal, app);
  if (sigaction (SIGHUP, NULL, &hang_up) == 0 && hang_up.sa_handler != SIG_IGN)
    g_unix_signal_add (SIGHUP, on_signal, app);
}

static gint
run (CloveCliOptions *options)
{
  App app = { .options = options, .report.is_naming_sites = isatty (STDERR_FILENO) };

  app.loop = g_main_loop_new (NULL, FALSE);
  watch_signals (&app);
  begin (&app);
  if (!app.is_stopping || app.engine != NULL)
    g_main_loop_run (app.loop);
  g_clear_object (&app.engine);
  g_clear_object (&app.demo);
  clove_cli_report_clear (&app.report);
  clove_snapshot_json_clear (&app.json);
  g_main_loop_unref (app.loop);
  return app.exit_status;
}

int
main (int argc, char *argv[])
{
  g_autoptr (CloveCliOptions) options = NULL;
  g_autoptr (GError) error = NULL;

  /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread yet */
  setlocale (LC_ALL, "");
  /* Programs that read us through a pipe wait for single lines. */
  setvbuf (stdout, NULL, _IOLBF, 0);
  options = clove_cli_options_parse (argc, argv, &error);
  if (options == NULL) {
    g_printerr ("clove-proxy: %s.\nTry clove-proxy --help.\n", error->message);
    return EXIT_FAILURE;
  }
  if (options->is_version) {
    g_print ("clove-proxy %s\n", CLOVE_VERSION);
    return EXIT_SUCCESS;
  }
  /* Where debug messages are asked for, they must not come between the lines. */
  if (options->is_json)
    g_log_writer_default_set_use_stderr (TRUE);
  return run (options);
}
