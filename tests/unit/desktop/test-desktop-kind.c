/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which desktops have a proxy that browsers follow, as it was seen with browsers. */
#include "config.h"

#include "clove-desktop-kind.h"

static void
test_names (void)
{
  static const struct {
    const char *value;
    CloveDesktopKind kind;
    const char *name;
  } cases[] = {
    { "GNOME", CLOVE_DESKTOP_GNOME, "GNOME" },
    { "ubuntu:GNOME", CLOVE_DESKTOP_GNOME, "GNOME" },
    { "Budgie:GNOME", CLOVE_DESKTOP_GNOME, "GNOME" },
    { "GNOME-Classic:GNOME", CLOVE_DESKTOP_GNOME, "GNOME" },
    { "Unity", CLOVE_DESKTOP_GNOME, "Unity" },
    { "Unity:Unity7:ubuntu", CLOVE_DESKTOP_GNOME, "Unity" },
    { "X-Cinnamon", CLOVE_DESKTOP_GNOME, "Cinnamon" },
    { "KDE", CLOVE_DESKTOP_KDE, "KDE Plasma" },
    { "XFCE", CLOVE_DESKTOP_OTHER, "XFCE" },
    { "MATE", CLOVE_DESKTOP_OTHER, "MATE" },
    { "LXQt", CLOVE_DESKTOP_OTHER, "LXQt" },
    { "sway:wlroots", CLOVE_DESKTOP_OTHER, "sway" },
    { "gnome", CLOVE_DESKTOP_OTHER, "gnome" },
    { "GNOMES", CLOVE_DESKTOP_OTHER, "GNOMES" },
    { "", CLOVE_DESKTOP_OTHER, NULL },
    { ":", CLOVE_DESKTOP_OTHER, NULL },
    { "\xff", CLOVE_DESKTOP_OTHER, NULL },
    { NULL, CLOVE_DESKTOP_OTHER, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *name = NULL;

    g_assert_cmpint (clove_desktop_kind_parse (cases[i].value, &name), ==, cases[i].kind);
    g_assert_cmpstr (name, ==, cases[i].name);
  }
}

static void
test_long_name (void)
{
  g_autofree char *value = g_strnfill (65, 'x');
  g_autofree char *name = NULL;

  g_assert_cmpint (clove_desktop_kind_parse (value, &name), ==, CLOVE_DESKTOP_OTHER);
  g_assert_null (name);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/desktop/desktop-kind/names", test_names);
  g_test_add_func ("/clove/desktop/desktop-kind/long-name", test_long_name);
  return g_test_run ();
}
