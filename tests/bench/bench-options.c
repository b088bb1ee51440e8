/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bench-options.h"

#include <string.h>

#define MAX_BODY_SIZE   G_GUINT64_CONSTANT (100000000)
#define MAX_CONNECTIONS 250

/* What GOption fills in before it is checked. */
typedef struct {
  char *versus;
  char *bodies;
  char *connections;
  gboolean is_smoke;
  char **rest;
} Raw;

static void
raw_clear (Raw *raw)
{
  g_free (raw->versus);
  g_free (raw->bodies);
  g_free (raw->connections);
  g_strfreev (raw->rest);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Raw, raw_clear)

/** bench_options_free: Free the options. */
void
bench_options_free (BenchOptions *self)
{
  g_free (self->proxy_path);
  g_free (self->localnet_path);
  g_free (self->directory);
  g_free (self->quirks);
  g_free (self->site);
  g_free (self);
}

static gboolean
refuse (GError **error, const char *what)
{
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s", what);
  return FALSE;
}

static gboolean
parse_raw (BenchOptions *self, Raw *raw, GStrv *argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "runs", 0, 0, G_OPTION_ARG_INT, &self->n_runs, "Repeat everything N times (3)", "N" },
    { "requests", 0, 0, G_OPTION_ARG_INT, &self->n_requests, "Requests of 1 KB (2000)", "N" },
    { "connections", 0, 0, G_OPTION_ARG_STRING, &raw->connections,
      "Over how many connections (1,8,64)", "LIST" },
    { "builds", 0, 0, G_OPTION_ARG_INT, &self->n_builds, "Circuits to build (50)", "N" },
    { "bodies", 0, 0, G_OPTION_ARG_STRING, &raw->bodies,
      "Sizes of large bodies in bytes (100000,1000000,5000000,50000000)", "LIST" },
    { "body-count", 0, 0, G_OPTION_ARG_INT, &self->n_bodies, "Bodies of each size (20)", "N" },
    { "idle-ms", 0, 0, G_OPTION_ARG_INT, &self->idle_ms, "Count wake-ups this long (10000)", "MS" },
    { "deadline-ms", 0, 0, G_OPTION_ARG_INT, &self->deadline_ms,
      "Longest time for one request (70000)", "MS" },
    { "layer-ms", 0, 0, G_OPTION_ARG_INT, &self->layer_ms,
      "Time for one run of a micro benchmark (100)", "MS" },
    { "proxy", 0, 0, G_OPTION_ARG_FILENAME, &self->proxy_path, "The clove-proxy to measure",
      "PROGRAM" },
    { "localnet", 0, 0, G_OPTION_ARG_FILENAME, &self->localnet_path, "The clove-localnet to use",
      "PROGRAM" },
    { "directory", 0, 0, G_OPTION_ARG_FILENAME, &self->directory,
      "Use the relays of this directory, which run already", "FILE" },
    { "site", 0, 0, G_OPTION_ARG_STRING, &self->site,
      "A site of theirs that serves what clove-localnet's demo.ton serves", "HOST" },
    { "quirks", 0, 0, G_OPTION_ARG_STRING, &self->quirks, "Passed to clove-localnet", "NAME" },
    { "versus", 0, 0, G_OPTION_ARG_STRING, &raw->versus,
      "Put the same load on another proxy of the same relays", "IP:PORT" },
    { "versus-pid", 0, 0, G_OPTION_ARG_INT, &self->versus_pid, "Its process, for its CPU time",
      "PID" },
    { "smoke", 0, 0, G_OPTION_ARG_NONE, &raw->is_smoke,
      "Only see that everything works; the figures mean nothing", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->is_json, "Print the figures of each run as JSON",
      NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &raw->rest, NULL, "[layers] [proxy]" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (context, "Measure Clove; see tests/bench/README.md.");
  return g_option_context_parse_strv (context, argv, error);
}

static gboolean
parse_kinds (BenchOptions *self, char *const *rest, GError **error)
{
  self->does_layers = self->does_proxy = rest == NULL;
  for (; rest != NULL && *rest != NULL; rest++) {
    if (strcmp (*rest, "layers") == 0)
      self->does_layers = TRUE;
    else if (strcmp (*rest, "proxy") == 0)
      self->does_proxy = TRUE;
    else
      return refuse (error, "the benchmarks are “layers” and “proxy”");
  }
  return TRUE;
}

static gboolean
parse_list (const char *list,
            guint64 max,
            gsize values_out[static BENCH_MAX_LIST],
            guint *n_out,
            GError **error)
{
  g_auto (GStrv) items = g_strsplit (list, ",", 0);

  for (char **item = items; *item != NULL; item++) {
    guint64 number = 0;

    if (*n_out == BENCH_MAX_LIST)
      return refuse (error, "a list may have eight items");
    if (!g_ascii_string_to_unsigned (*item, 10, 1, max, &number, error))
      return FALSE;
    values_out[(*n_out)++] = (gsize) number;
  }
  return TRUE;
}

static gboolean
parse_lists (BenchOptions *self, const Raw *raw, GError **error)
{
  return parse_list (raw->connections != NULL ? raw->connections : "1,8,64", MAX_CONNECTIONS,
                     self->connections, &self->n_connections, error) &&
         parse_list (raw->bodies != NULL ? raw->bodies : "100000,1000000,5000000,50000000",
                     MAX_BODY_SIZE,
                     self->body_sizes, &self->n_body_sizes, error);
}

static gboolean
check (BenchOptions *self, const Raw *raw, GError **error)
{
  if (self->n_runs < 1 || self->n_requests < 1 || self->n_builds < 1 || self->n_bodies < 1 ||
      self->idle_ms < 0 || self->deadline_ms < 1 || self->layer_ms < 1 || self->versus_pid < 0)
    return refuse (error, "a number is too small");
  self->has_versus = raw->versus != NULL;
  if (self->has_versus && self->directory == NULL)
    return refuse (error, "--versus needs --directory: both must use the same relays");
  if (self->quirks != NULL && self->directory != NULL)
    return refuse (error, "--quirks is for our own localnet, not for relays that run already");
  return (!self->has_versus || clove_address_parse (&self->versus, raw->versus, error)) &&
         parse_kinds (self, raw->rest, error) && parse_lists (self, raw, error);
}

/* As little as shows that each part works. */
static void
make_smoke (BenchOptions *self)
{
  self->n_runs = 1;
  self->n_requests = 64;
  self->n_builds = 2;
  self->n_bodies = 1;
  self->n_body_sizes = 1;
  self->idle_ms = 0;
  self->layer_ms = 1;
}

/* The programs of the same build folder. */
static char *
find_beside (const char *folder, const char *name)
{
  g_autofree char *own = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *tests_bench = own != NULL ? g_path_get_dirname (own) : g_strdup (".");

  return g_build_filename (tests_bench, "..", "..", "src", folder, name, NULL);
}

/**
 * bench_options_parse:
 * @argv: the command line, the program's name first
 * @error: %G_OPTION_ERROR and others, a sentence for the user
 *
 * Returns: (transfer full) (nullable): the options
 */
BenchOptions *
bench_options_parse (char **argv, GError **error)
{
  g_autoptr (BenchOptions) self = g_new0 (BenchOptions, 1);
  g_auto (Raw) raw = { 0 };
  g_auto (GStrv) arguments = g_strdupv (argv);

  self->n_runs = 3;
  self->n_requests = 2000;
  self->n_builds = 50;
  self->n_bodies = 20;
  self->idle_ms = 10000;
  self->deadline_ms = 70000;
  self->layer_ms = 100;
  if (!parse_raw (self, &raw, &arguments, error) || !check (self, &raw, error))
    return NULL;
  if (raw.is_smoke)
    make_smoke (self);
  if (self->proxy_path == NULL)
    self->proxy_path = find_beside ("cli", "clove-proxy");
  if (self->localnet_path == NULL)
    self->localnet_path = find_beside ("localnet", "clove-localnet");
  if (self->site == NULL)
    self->site = g_strdup ("demo.ton");
  return g_steal_pointer (&self);
}
