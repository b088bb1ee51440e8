/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-describe-program.h"

#include <glib/gi18n.h>

/** clove_describe_is_connected: Tell whether TON sites can be opened now. */
gboolean
clove_describe_is_connected (const CloveSnapshot *snapshot)
{
  return snapshot->state == CLOVE_ENGINE_CONNECTED || snapshot->state == CLOVE_ENGINE_REBUILDING;
}

/**
 * clove_describe_status_line:
 * @snapshot: how things are
 * @trouble: (nullable): why the proxy went off by itself
 *
 * Returns: (transfer full): one line for a terminal, the same in every language: programs read it
 */
char *
clove_describe_status_line (const CloveSnapshot *snapshot, const char *trouble)
{
  const char *problem = trouble != NULL ? trouble : snapshot->problem;
  GString *line = g_string_new (clove_engine_state_name (snapshot->state));

  for (guint i = 0; i < snapshot->live.n_hops; i++)
    g_string_append_printf (line, "%s%s", i == 0 ? "  " : " > ", snapshot->live.hops[i].name);
  if (snapshot->live.n_hops > 0)
    g_string_append_printf (line, "  strikes %u/%u", snapshot->strikes, snapshot->max_strikes);
  if (snapshot->listen_address != NULL)
    g_string_append_printf (line, "  http://%s", snapshot->listen_address);
  if (problem != NULL && !clove_describe_is_connected (snapshot))
    g_string_append_printf (line, "  (%s)", problem);
  return g_string_free (line, FALSE);
}

static char *
describe_entry (const CloveSnapshotEntry *entry)
{
  /* The state file, from which the time comes, allows none that a calendar does not. */
  g_autoptr (GDateTime) until = g_date_time_new_from_unix_local (entry->expires_s);
  /* Translators: a date such as 2 January 2027, as in “relay5 until 2 January 2027” */
  g_autofree char *date = g_date_time_format (until, _ ("%-d %B %Y"));

  if (entry->is_silent)
    /* Translators: the first %s is a relay, the second a date */
    return g_strdup_printf (_ ("\u2068%s\u2069 until %s, silent now"), entry->name, date);
  if (!entry->is_listed)
    return g_strdup_printf (_ ("\u2068%s\u2069 until %s, not listed now"), entry->name, date);
  return g_strdup_printf (_ ("\u2068%s\u2069 until %s"), entry->name, date);
}

/** clove_describe_entries: (transfer full): Say which entries are kept, each on a line. */
char *
clove_describe_entries (const CloveSnapshot *snapshot)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (snapshot->entries); i++) {
    g_autofree char *line = NULL;

    if (snapshot->entries[i].name == NULL)
      continue;
    line = describe_entry (&snapshot->entries[i]);
    if (text->len > 0)
      g_string_append_c (text, '\n');
    g_string_append (text, line);
  }
  if (text->len == 0)
    g_string_append (text, _ ("None yet"));
  return g_string_free (text, FALSE);
}
