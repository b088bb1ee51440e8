/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-desktop-kind.h"

#include <string.h>

#define MAX_NAME_SIZE 64

/* Those where Chromium and Firefox were seen to follow. MATE and XFCE write the same keys, and
 * Chromium takes no notice there. */
static const struct {
  const char *word;
  const char *name;
  CloveDesktopKind kind;
} desktops[] = {
  { "GNOME", "GNOME", CLOVE_DESKTOP_GNOME },
  { "Unity", "Unity", CLOVE_DESKTOP_GNOME },
  { "X-Cinnamon", "Cinnamon", CLOVE_DESKTOP_GNOME },
  { "KDE", "KDE Plasma", CLOVE_DESKTOP_KDE },
};

/* The first word is the most particular name, and anybody's who set the variable. */
static char *
get_first_word (char **words)
{
  if (words[0] == NULL || words[0][0] == '\0' || strlen (words[0]) > MAX_NAME_SIZE ||
      !g_utf8_validate (words[0], -1, NULL))
    return NULL;
  return g_strdup (words[0]);
}

/**
 * clove_desktop_kind_parse:
 * @current_desktop: (nullable): the value of XDG_CURRENT_DESKTOP: names with colons between them
 * @name_out: (out) (nullable) (optional) (transfer full): what people call the desktop
 *
 * Returns: where that desktop keeps its proxy
 */
CloveDesktopKind
clove_desktop_kind_parse (const char *current_desktop, char **name_out)
{
  g_auto (GStrv) words = g_strsplit (current_desktop != NULL ? current_desktop : "", ":", -1);

  for (guint i = 0; words[i] != NULL; i++) {
    for (gsize j = 0; j < G_N_ELEMENTS (desktops); j++) {
      if (strcmp (words[i], desktops[j].word) != 0)
        continue;
      if (name_out != NULL)
        *name_out = g_strdup (desktops[j].name);
      return desktops[j].kind;
    }
  }
  if (name_out != NULL)
    *name_out = get_first_word (words);
  return CLOVE_DESKTOP_OTHER;
}
