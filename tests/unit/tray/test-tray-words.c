/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of the tray's menu, and which icon goes with which look and which panel. */
#include "config.h"

#include "clove-tray-words.h"

static void
test_hops (void)
{
  char names[3][7] = { "relay1", "relay2", "relay3" };
  CloveTrayState state = { .hops = { names[0], names[1], names[2] } };
  g_autofree char *hops = clove_tray_words_hops (&state);
  g_autofree char *none = NULL;

  g_assert_cmpstr (hops, ==, "⁨relay1⁩ → ⁨relay2⁩ → ⁨relay3⁩");
  state.hops[1] = NULL;
  none = clove_tray_words_hops (&state);
  g_assert_null (none);
}

static void
test_long_hops (void)
{
  char names[3][22] = { "12345678901234567890", "123456789012345678901",
                        "_____________________" };
  CloveTrayState state = { .hops = { names[0], names[1], names[2] } };
  g_autofree char *hops = clove_tray_words_hops (&state);

  g_assert_cmpstr (hops, ==,
                   "⁨12345678901234567890⁩ → ⁨1234567890123456789…⁩ → "
                   "⁨______________________________________…⁩");
}

static void
test_counts (void)
{
  CloveTrayState state = { .max_strikes = 3 };
  g_autofree char *no_strikes = clove_tray_words_strikes (&state);
  g_autofree char *no_bans = clove_tray_words_bans (&state);
  g_autofree char *strikes = NULL;
  g_autofree char *ban = NULL;
  g_autofree char *bans = NULL;

  state.strikes = 2;
  state.n_bans = 1;
  strikes = clove_tray_words_strikes (&state);
  ban = clove_tray_words_bans (&state);
  state.n_bans = 12;
  bans = clove_tray_words_bans (&state);
  g_assert_cmpstr (no_strikes, ==, "No failures in a row");
  g_assert_cmpstr (strikes, ==, "2 of 3 failures in a row");
  g_assert_cmpstr (no_bans, ==, "No relay is blacklisted");
  g_assert_cmpstr (ban, ==, "1 relay is blacklisted");
  g_assert_cmpstr (bans, ==, "12 relays are blacklisted");
}

static void
test_rebuild (void)
{
  g_autofree char *now = clove_tray_words_rebuild (0);
  g_autofree char *later = clove_tray_words_rebuild (7);

  g_assert_cmpstr (now, ==, "Rebuild now");
  g_assert_cmpstr (later, ==, "Rebuild now (7 s)");
}

static void
test_left (void)
{
  static const struct {
    gint64 rebuild_at_s;
    gint64 wall_us;
    guint left_s;
  } cases[] = {
    { 0, 0, 0 },
    { 1000, G_GINT64_CONSTANT (993000000), 7 },
    { 1000, G_GINT64_CONSTANT (992999999), 8 },
    { 1000, G_GINT64_CONSTANT (999999999), 1 },
    { 1000, G_GINT64_CONSTANT (1000000000), 0 },
    { 1000, G_GINT64_CONSTANT (1000000001), 0 },
    /* The clock was set back: nobody waits for hours before a menu. */
    { 1000, 0, 0 },
    { -5, 0, 0 },
    { G_MAXINT64, 0, 0 },
    { G_MININT64, G_MAXINT64, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    CloveTrayState state = { .rebuild_at_s = cases[i].rebuild_at_s };

    g_assert_cmpuint (clove_tray_words_left_s (&state, cases[i].wall_us), ==, cases[i].left_s);
    state.can_rebuild = TRUE;
    g_assert_cmpuint (clove_tray_words_left_s (&state, cases[i].wall_us), ==, 0);
  }
}

static void
test_panels (void)
{
  static const char *const recolouring[] = { "GNOME", "ubuntu:GNOME", "XFCE", "Unity:Unity7",
                                             "X-Cinnamon", "MATE" };
  static const char *const others[] = { NULL, "", "LXQt", "KDE", "sway", "gnome", "XFCE4" };

  for (guint i = 0; i < G_N_ELEMENTS (recolouring); i++)
    g_assert_true (clove_tray_words_is_recoloured (recolouring[i]));
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_false (clove_tray_words_is_recoloured (others[i]));
}

static void
test_icons (void)
{
  g_autofree char *symbolic = clove_tray_words_icon ("rebuilding", TRUE);
  g_autofree char *full = clove_tray_words_icon ("off", FALSE);
  g_autofree char *unknown = clove_tray_words_icon ("dancing", TRUE);

  g_assert_cmpstr (symbolic, ==, CLOVE_APP_ID "-rebuilding-symbolic");
  g_assert_cmpstr (full, ==, CLOVE_APP_ID "-off");
  g_assert_cmpstr (unknown, ==, CLOVE_APP_ID "-degraded-symbolic");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/tray/words/hops", test_hops);
  g_test_add_func ("/clove/tray/words/long-hops", test_long_hops);
  g_test_add_func ("/clove/tray/words/counts", test_counts);
  g_test_add_func ("/clove/tray/words/rebuild", test_rebuild);
  g_test_add_func ("/clove/tray/words/left", test_left);
  g_test_add_func ("/clove/tray/words/panels", test_panels);
  g_test_add_func ("/clove/tray/words/icons", test_icons);
  return g_test_run ();
}
