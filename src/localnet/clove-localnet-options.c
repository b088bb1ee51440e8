/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-localnet-options.h"

#include <string.h>

#define QUIRKS_REFERENCE "reference"
#define EXITS_NOT_GIVEN  G_MININT

/* What GOption fills in before it is checked. */
typedef struct {
  gint n_relays;
  gint n_exits;
  gint base_port;
  gint64 seed;
  char *quirks;
} Raw;

static gboolean
check_range (const char *option, gint64 value, gint64 least, gint64 most, GError **error)
{
  if (value >= least && value <= most)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "--%s must be from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, option, least, most);
  return FALSE;
}

static gboolean
check (const Raw *raw, GError **error)
{
  if (raw->quirks != NULL && strcmp (raw->quirks, QUIRKS_REFERENCE) != 0) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "--quirks can only be “" QUIRKS_REFERENCE "”");
    return FALSE;
  }
  return check_range ("relays", raw->n_relays, 1, CLOVE_LOCALNET_MAX_RELAYS, error) &&
         check_range ("exits", raw->n_exits, 0, raw->n_relays, error) &&
         check_range ("base-port", raw->base_port, 0, G_MAXUINT16 + 1 - 2 * raw->n_relays, error) &&
         check_range ("seed", raw->seed, 0, G_MAXINT64, error);
}

static gboolean
parse_options (CloveLocalnetArguments *self, Raw *raw, GStrv *argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "relays", 0, 0, G_OPTION_ARG_INT, &raw->n_relays, "Number of relays (6)", "N" },
    { "exits", 0, 0, G_OPTION_ARG_INT, &raw->n_exits, "How many of them are exits (2)", "N" },
    { "base-port", 0, 0, G_OPTION_ARG_INT, &raw->base_port,
      "Port of the first relay; each uses two (free ports)", "P" },
    { "write-directory", 0, 0, G_OPTION_ARG_FILENAME, &self->directory_path,
      "Write the relay directory to FILE", "FILE" },
    { "origin", 0, 0, G_OPTION_ARG_STRING, &self->origin,
      "Serve sites from a web server on this machine", "HOST:PORT" },
    { "quirks", 0, 0, G_OPTION_ARG_STRING, &raw->quirks,
      "Misbehave like the reference relay (reference)", "NAME" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &raw->seed, "Repeat the faults of an earlier run", "S" },
    { "control", 0, 0, G_OPTION_ARG_FILENAME, &self->control_path,
      "Take control lines at a Unix socket too", "SOCKET" },
    { "keep", 0, 0, G_OPTION_ARG_NONE, &self->keeps_running,
      "Go on when standard input ends", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &self->shows_version, "Show the version", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("");

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (context, "Run a network of relays on this machine.");
  g_option_context_set_description (
    context,
    "Control lines such as “kill relay2” are read from standard input; “help” lists them.\n"
    "“clove-localnet ctl SOCKET LINE” sends one to a network that runs with --control.\n");
  return g_option_context_parse_strv (context, argv, error);
}

/**
 * clove_localnet_arguments_parse:
 * @argv: the command line, the program's name first
 * @error: %G_OPTION_ERROR
 *
 * "--help" prints its text and ends the program.
 *
 * Returns: (transfer full) (nullable): what was asked for
 */
CloveLocalnetArguments *
clove_localnet_arguments_parse (char **argv, GError **error)
{
  g_autoptr (CloveLocalnetArguments) self = g_new0 (CloveLocalnetArguments, 1);
  g_auto (GStrv) rest = g_strdupv (argv);
  Raw raw = { .n_relays = CLOVE_LOCALNET_DEFAULT_RELAYS, .n_exits = EXITS_NOT_GIVEN };
  gboolean is_parsed = parse_options (self, &raw, &rest, error);
  g_autofree char *quirks = raw.quirks;

  if (!is_parsed)
    return NULL;
  if (g_strv_length (rest) == 2 && g_str_equal (rest[1], "version")) {
    self->shows_version = TRUE;
  } else if (g_strv_length (rest) > 1) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "unexpected argument “%s”",
                 rest[1]);
    return NULL;
  }
  if (raw.n_exits == EXITS_NOT_GIVEN)
    raw.n_exits = MIN (CLOVE_LOCALNET_DEFAULT_EXITS, raw.n_relays);
  if (!check (&raw, error))
    return NULL;
  self->network.n_relays = (guint) raw.n_relays;
  self->network.n_exits = (guint) raw.n_exits;
  self->network.base_port = (guint16) raw.base_port;
  self->network.seed = (guint64) raw.seed;
  self->network.plays_reference = quirks != NULL;
  return g_steal_pointer (&self);
}

/** clove_localnet_arguments_free: Release the arguments; %NULL is nothing. */
void
clove_localnet_arguments_free (CloveLocalnetArguments *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->network.origin);
  g_free (self->origin);
  g_free (self->directory_path);
  g_free (self->control_path);
  g_free (self);
}
