/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The flags of the reference client, and ours. Nothing here touches the network. */
#include "config.h"

#include "clove-cli-options.h"

#include "clove-engine.h"
#include "clove-http-target.h"
#include "clove-manual-relays.h"

#include <string.h>

#define MAX_RETRIES 100

#define DEFAULT_ROTATION "10m"
#define MIN_ROTATION_US  (10 * G_USEC_PER_SEC)
#define MAX_ROTATION_US  (G_GINT64_CONSTANT (7) * 24 * 3600 * G_USEC_PER_SEC)

/* As GOption fills it; strings are owned. */
typedef struct {
  gboolean is_auto;
  gboolean is_direct;
  gboolean is_demo;
  gboolean is_version;
  gboolean is_json;
  gboolean keeps_standby;
  gboolean keeps_entry;
  gboolean repeats;
  char *once;
  char *listen;
  char *directory;
  char *relays[3];
  char *config;
  char *rotate;
  gint n_retries;
  char **rest;
} Raw;

static void
raw_clear (Raw *raw)
{
  g_free (raw->once);
  g_free (raw->listen);
  g_free (raw->directory);
  for (guint i = 0; i < G_N_ELEMENTS (raw->relays); i++)
    g_free (raw->relays[i]);
  g_free (raw->config);
  g_free (raw->rotate);
  g_strfreev (raw->rest);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Raw, raw_clear)

void
clove_cli_options_free (CloveCliOptions *self)
{
  g_free (self->once);
  g_free (self->listen);
  g_free (self->directory);
  for (guint i = 0; i < G_N_ELEMENTS (self->relays); i++)
    g_free (self->relays[i]);
  g_free (self);
}

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, why);
  return FALSE;
}

static gint64
unit_us (const char **cursor)
{
  static const struct {
    const char *name;
    gint64 us;
  } units[] = {
    { "ms", G_TIME_SPAN_MILLISECOND },
    { "us", 1 },
    { "h", G_TIME_SPAN_HOUR },
    { "m", G_TIME_SPAN_MINUTE },
    { "s", G_TIME_SPAN_SECOND },
  };

  for (guint i = 0; i < G_N_ELEMENTS (units); i++) {
    if (g_str_has_prefix (*cursor, units[i].name)) {
      *cursor += strlen (units[i].name);
      return units[i].us;
    }
  }
  return 0;
}

/**
 * clove_cli_duration_parse:
 * @out_us: (out): the duration in microseconds
 * @text: such as "10m", "90s", "1h30m" or "1.5h", as the reference client takes them
 * @error: %G_OPTION_ERROR_BAD_VALUE
 *
 * Returns: whether @text is a duration
 */
gboolean
clove_cli_duration_parse (gint64 *out_us, const char *text, GError **error)
{
  const char *cursor = text;
  gdouble total_us = 0;

  do {
    char *end = NULL;
    gdouble number = 0;
    gint64 us = 0;

    /* g_ascii_strtod() would also take signs, exponents, hexadecimals, "inf" and "nan". */
    if (strspn (cursor, "0123456789.") == 0)
      break;
    number = g_ascii_strtod (cursor, &end);
    if (end != cursor + strspn (cursor, "0123456789."))
      break;
    cursor = end;
    us = unit_us (&cursor);
    if (us == 0)
      break;
    total_us += number * (gdouble) us;
    if (*cursor == '\0' && total_us < (gdouble) G_MAXINT64 / 2) {
      *out_us = (gint64) total_us;
      return TRUE;
    }
  } while (*cursor != '\0');

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "“%.40s” is not a duration such as 10m, 90s or 1h30m", text);
  return FALSE;
}

static gboolean
on_rotate (const char *name, const char *value, gpointer data, GError **error)
{
  Raw *raw = data;

  g_free (raw->rotate);
  raw->rotate = g_strdup (value != NULL ? value : DEFAULT_ROTATION);
  return TRUE;
}

static gboolean
parse_raw (Raw *raw, int argc, char *const *argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "auto", 0, 0, G_OPTION_ARG_NONE, &raw->is_auto, "Choose relays from the directory", NULL },
    { "direct", 0, 0, G_OPTION_ARG_NONE, &raw->is_direct, "Use no relays (not available yet)",
      NULL },
    { "demo", 0, 0, G_OPTION_ARG_NONE, &raw->is_demo, "Use a Tonnet of our own on this computer",
      NULL },
    { "once", 0, 0, G_OPTION_ARG_STRING, &raw->once,
      "Fetch one page, print it with its path, and end", "URL" },
    { "listen", 0, 0, G_OPTION_ARG_STRING, &raw->listen,
      "Where browsers find the proxy (default " CLOVE_ENGINE_DEFAULT_LISTEN ")", "IP:PORT" },
    { "relay1", 0, 0, G_OPTION_ARG_STRING, &raw->relays[0], "Entry relay", "IP:PORT,KEY" },
    { "relay2", 0, 0, G_OPTION_ARG_STRING, &raw->relays[1], "Middle relay", "IP:PORT,KEY" },
    { "relay3", 0, 0, G_OPTION_ARG_STRING, &raw->relays[2], "Exit relay", "IP:PORT,KEY" },
    { "rotate", 0, G_OPTION_FLAG_OPTIONAL_ARG, G_OPTION_ARG_CALLBACK, (gpointer) on_rotate,
      "Change the circuit regularly (default interval " DEFAULT_ROTATION ")", "DURATION" },
    { "retries", 0, 0, G_OPTION_ARG_INT, &raw->n_retries,
      "Builds to try before a pause (default 3)", "N" },
    { "no-standby", 0, G_OPTION_FLAG_REVERSE, G_OPTION_ARG_NONE, &raw->keeps_standby,
      "Keep no second circuit in reserve", NULL },
    { "no-repeat", 0, G_OPTION_FLAG_REVERSE, G_OPTION_ARG_NONE, &raw->repeats,
      "Do not repeat requests that a circuit lost", NULL },
    { "no-kept-entry", 0, G_OPTION_FLAG_REVERSE, G_OPTION_ARG_NONE, &raw->keeps_entry,
      "Choose the entry anew for each circuit (shows your address to more relays)", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &raw->is_json,
      "Print each change of state as one line of JSON, and nothing else", NULL },
    { "directory", 0, 0, G_OPTION_ARG_STRING, &raw->directory,
      "Relay directory: https address or file", "URL" },
    { "config", 0, 0, G_OPTION_ARG_STRING, &raw->config, "TON configuration, for --direct only",
      "PATH" },
    { "version", 0, 0, G_OPTION_ARG_NONE, &raw->is_version, "Print the version", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &raw->rest, NULL, "[version]" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  GOptionGroup *group = g_option_group_new ("main", "", "", raw, NULL);
  g_auto (GStrv) arguments = g_new0 (char *, (gsize) argc + 1);

  for (gint i = 0; i < argc; i++)
    arguments[i] = g_strdup (argv[i]);
  g_option_group_add_entries (group, entries);
  g_option_context_set_main_group (context, group);
  g_option_context_set_summary (
    context, "Opens TON sites (*.ton, *.adnl, *.t.me) in any browser through a 3-hop circuit.");
  g_option_context_set_strict_posix (context, FALSE);
  return g_option_context_parse_strv (context, &arguments, error);
}

static guint
count_relays (const Raw *raw)
{
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (raw->relays); i++)
    n += raw->relays[i] != NULL ? 1 : 0;
  return n;
}

static gboolean
check_mode (const Raw *raw, GError **error)
{
  guint n_relays = count_relays (raw);

  if (raw->is_direct)
    return refuse (error, "--direct is not available yet: this version connects through relays "
                          "only; use --auto");
  if (n_relays != 0 && n_relays != G_N_ELEMENTS (raw->relays))
    return refuse (error, "--relay1, --relay2 and --relay3 go together");
  if ((n_relays > 0) + raw->is_auto + raw->is_demo > 1)
    return refuse (error, "--auto, --demo and --relay1, --relay2, --relay3 exclude one another");
  if (n_relays == 0 && !raw->is_auto && !raw->is_demo)
    return refuse (error, "say how to connect: --auto, --demo, or --relay1, --relay2 and --relay3");
  if (raw->directory != NULL && !raw->is_auto)
    return refuse (error, "--directory goes with --auto");
  if (raw->is_json && raw->once != NULL)
    return refuse (error, "--json and --once exclude one another");
  if (raw->rotate != NULL && n_relays > 0)
    return refuse (error, "--rotate needs relays to choose from: use --auto or --demo");
  return TRUE;
}

static gboolean
check_once (const char *url, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
  g_autofree char *host = NULL;

  if (uri != NULL && g_uri_get_host (uri) != NULL)
    host = g_ascii_strdown (g_uri_get_host (uri), -1);
  if (host != NULL && g_str_has_suffix (host, "."))
    host[strlen (host) - 1] = '\0';
  if (host != NULL && g_str_equal (g_uri_get_scheme (uri), "http") && clove_http_is_ton_host (host))
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "--once: “%.80s” is not the address of a TON site such as http://demo.ton/", url);
  return FALSE;
}

static gboolean
check_listen (const char *listen, GError **error)
{
  CloveAddress address = { 0 };

  if (clove_manual_listen_parse (&address, listen, error))
    return TRUE;
  g_prefix_error (error, "--listen: ");
  return FALSE;
}

static gboolean
check_values (const Raw *raw, CloveCliOptions *options, GError **error)
{
  if (raw->n_retries < 1 || raw->n_retries > MAX_RETRIES)
    return refuse (error, "--retries takes a number from 1 to 100");
  if (raw->directory != NULL && raw->directory[0] == '\0')
    return refuse (error, "--directory takes an https address or the path of a file");
  if (raw->listen != NULL && !check_listen (raw->listen, error))
    return FALSE;
  if (raw->once != NULL && !check_once (raw->once, error))
    return FALSE;
  options->n_retries = (guint) raw->n_retries;
  if (raw->rotate == NULL)
    return TRUE;
  if (!clove_cli_duration_parse (&options->rotate_us, raw->rotate, error)) {
    g_prefix_error (error, "--rotate: ");
    return FALSE;
  }
  if (options->rotate_us < MIN_ROTATION_US || options->rotate_us > MAX_ROTATION_US)
    return refuse (error, "--rotate takes an interval from 10s to 168h");
  return TRUE;
}

/* With --once nobody else is to use the proxy, so any free port will do. */
static const char *
default_listen (const Raw *raw)
{
  return raw->once != NULL ? "127.0.0.1:0" : CLOVE_ENGINE_DEFAULT_LISTEN;
}

/**
 * clove_cli_options_parse:
 * @argc: number of arguments
 * @argv: arguments, the program's name first
 * @error: %G_OPTION_ERROR: one sentence for the user
 *
 * Returns: (transfer full) (nullable): the options
 */
CloveCliOptions *
clove_cli_options_parse (int argc, char *const *argv, GError **error)
{
  g_auto (Raw) raw = { .n_retries = 3,
                       .keeps_standby = TRUE,
                       .keeps_entry = TRUE,
                       .repeats = TRUE };
  g_autoptr (CloveCliOptions) options = g_new0 (CloveCliOptions, 1);

  if (!parse_raw (&raw, argc, argv, error))
    return NULL;
  if (raw.is_version || (raw.rest != NULL && g_strcmp0 (raw.rest[0], "version") == 0)) {
    options->is_version = TRUE;
    return g_steal_pointer (&options);
  }
  if (raw.rest != NULL && raw.rest[0] != NULL) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "“%.40s” is not an option",
                 raw.rest[0]);
    return NULL;
  }
  if (!check_mode (&raw, error) || !check_values (&raw, options, error))
    return NULL;
  options->is_demo = raw.is_demo;
  options->is_json = raw.is_json;
  options->keeps_standby = raw.keeps_standby;
  options->keeps_entry = raw.keeps_entry;
  options->repeats = raw.repeats;
  options->listen =
    raw.listen != NULL ? g_steal_pointer (&raw.listen) : g_strdup (default_listen (&raw));
  options->directory = raw.directory != NULL ? g_steal_pointer (&raw.directory)
                                             : g_strdup (CLOVE_ENGINE_DEFAULT_DIRECTORY);
  options->once = g_steal_pointer (&raw.once);
  for (guint i = 0; i < G_N_ELEMENTS (raw.relays); i++)
    options->relays[i] = g_steal_pointer (&raw.relays[i]);
  return g_steal_pointer (&options);
}
