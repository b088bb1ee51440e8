/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-tray-words.h"

#include <glib/gi18n.h>

/* A directory may give a relay any name; a menu as wide as the screen helps nobody. */
#define MAX_NAME_CHARACTERS 20

/* No button stays away for longer, whatever the clock of the computer is set to meanwhile. */
#define MAX_LEFT_S 60

/* On the bus one underscore marks the key of an entry, and two are one. */
static char *
make_name (const char *name)
{
  gboolean is_long = g_utf8_strlen (name, -1) > MAX_NAME_CHARACTERS;
  g_autofree char *start = g_utf8_substring (name, 0, is_long ? MAX_NAME_CHARACTERS - 1 : -1);
  GString *text = g_string_new (start);

  g_string_replace (text, "_", "__", 0);
  if (is_long)
    g_string_append (text, "…");
  return g_string_free (text, FALSE);
}

/** clove_tray_words_hops: (transfer full) (nullable): Name the relays; %NULL without a circuit. */
char *
clove_tray_words_hops (const CloveTrayState *state)
{
  g_autofree char *entry = NULL;
  g_autofree char *middle = NULL;
  g_autofree char *exit = NULL;

  for (guint i = 0; i < CLOVE_TRAY_N_HOPS; i++) {
    if (state->hops[i] == NULL)
      return NULL;
  }
  entry = make_name (state->hops[0]);
  middle = make_name (state->hops[1]);
  exit = make_name (state->hops[2]);
  /* Translators: the relays of a circuit, in the order in which requests pass them. In a language
     that is written from right to left the arrows point to the left. */
  return g_strdup_printf (_ ("\u2068%s\u2069 → \u2068%s\u2069 → \u2068%s\u2069"), entry, middle,
                          exit);
}

/** clove_tray_words_strikes: (transfer full): Say how many failures in a row there were. */
char *
clove_tray_words_strikes (const CloveTrayState *state)
{
  if (state->strikes == 0)
    return g_strdup (_ ("No failures in a row"));
  return g_strdup_printf (_ ("%u of %u failures in a row"), state->strikes, state->max_strikes);
}

/** clove_tray_words_bans: (transfer full): Say how many relays are left out. */
char *
clove_tray_words_bans (const CloveTrayState *state)
{
  if (state->n_bans == 0)
    return g_strdup (_ ("No relay is blacklisted"));
  return g_strdup_printf (
    ngettext ("%u relay is blacklisted", "%u relays are blacklisted", state->n_bans),
    state->n_bans);
}

/** clove_tray_words_rebuild: (transfer full): Label the verb; @left_s is 0 if nothing counts. */
char *
clove_tray_words_rebuild (guint left_s)
{
  if (left_s == 0)
    return g_strdup (_ ("Rebuild now"));
  /* Translators: it can be chosen in %u seconds */
  return g_strdup_printf (_ ("Rebuild now (%u s)"), left_s);
}

/** clove_tray_words_left_s: Tell for how long a rebuild is still forbidden by time. */
guint
clove_tray_words_left_s (const CloveTrayState *state, gint64 wall_us)
{
  gint64 left_us = 0;

  if (state->can_rebuild || state->rebuild_at_s <= 0 ||
      state->rebuild_at_s > G_MAXINT64 / G_TIME_SPAN_SECOND)
    return 0;
  left_us = state->rebuild_at_s * G_TIME_SPAN_SECOND - wall_us;
  if (left_us <= 0 || left_us > MAX_LEFT_S * G_TIME_SPAN_SECOND)
    return 0;
  return (guint) ((left_us - 1) / G_TIME_SPAN_SECOND) + 1;
}

/**
 * clove_tray_words_is_recoloured:
 * @desktops: (nullable): the value of XDG_CURRENT_DESKTOP
 *
 * Returns: whether the panel draws symbolic icons in a colour that stands out from it
 */
gboolean
clove_tray_words_is_recoloured (const char *desktops)
{
  static const char *const recolouring[] = { "GNOME", "XFCE", "Unity", "X-Cinnamon",
                                             "Cinnamon", "MATE", NULL };
  g_auto (GStrv) names = g_strsplit (desktops != NULL ? desktops : "", ":", -1);

  for (guint i = 0; names[i] != NULL; i++) {
    if (g_strv_contains (recolouring, names[i]))
      return TRUE;
  }
  return FALSE;
}

/** clove_tray_words_icon: (transfer full): Name the icon for @look. */
char *
clove_tray_words_icon (const char *look, gboolean is_recoloured)
{
  static const char *const looks[] = { "off", "connecting", "connected",
                                       "degraded", "rebuilding", NULL };
  /* A newer program may have looks that have no icon here. */
  const char *known = g_strv_contains (looks, look) ? look : "degraded";

  return g_strconcat (CLOVE_APP_ID "-", known, is_recoloured ? "-symbolic" : NULL, NULL);
}
