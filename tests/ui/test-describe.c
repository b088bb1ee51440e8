/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of the time, and how long it stays true. */
#include "config.h"

#include "clove-describe.h"

#define S      G_TIME_SPAN_SECOND
#define NOW_US (G_GINT64_CONSTANT (100000) * S)

static CloveSnapshot *
make_connected (gint64 up_us, gint64 rotation_us)
{
  CloveSnapshot *snapshot = clove_snapshot_new ();

  snapshot->state = CLOVE_ENGINE_CONNECTED;
  snapshot->taken_us = NOW_US;
  snapshot->live_since_us = NOW_US - up_us;
  snapshot->next_rotation_us = rotation_us > 0 ? NOW_US + rotation_us : 0;
  return snapshot;
}

static void
add_ban (CloveSnapshot *snapshot, gint64 left_us, gboolean is_permanent)
{
  CloveSnapshotBan *ban = g_new0 (CloveSnapshotBan, 1);

  ban->address = g_strdup ("192.0.2.1:1");
  ban->left_us = left_us;
  ban->is_permanent = is_permanent;
  g_ptr_array_add (snapshot->bans, ban);
}

static void
test_subtitles (void)
{
  static const struct {
    gint64 up_us;
    gint64 rotation_us;
    const char *text;
  } rows[] = {
    { 0, 0, "Up 0 s" },
    { 59 * S, 61 * S, "Up 59 s · another circuit in 2 min" },
    { 60 * S, 60 * S, "Up 1 min · another circuit in 1:00" },
    { 119 * S, 60 * S + 1, "Up 1 min · another circuit in 2 min" },
    { 3600 * S, 42 * S, "Up 1 h 0 min · another circuit in 0:42" },
    { 3600 * S, 8 * 60 * S, "Up 1 h 0 min · another circuit in 8 min" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (CloveSnapshot) snapshot = make_connected (rows[i].up_us, rows[i].rotation_us);
    g_autofree char *text = clove_describe_subtitle (snapshot, NOW_US);

    g_assert_cmpstr (text, ==, rows[i].text);
  }
}

/* The text stays as it is until the moment that is told, and is another one then. */
static void
test_until_change (void)
{
  static const gint64 ups_us[] = { 59 * S, 60 * S, 90 * S, 119 * S, 7000 * S };
  static const gint64 rotations_us[] = { 0, 61 * S, 90 * S, 120 * S, 600 * S - 1, 601 * S };

  for (guint i = 0; i < G_N_ELEMENTS (ups_us); i++) {
    for (guint j = 0; j < G_N_ELEMENTS (rotations_us); j++) {
      g_autoptr (CloveSnapshot) snapshot = make_connected (ups_us[i], rotations_us[j]);
      gint64 until_us = clove_describe_until_change (snapshot, NOW_US);
      g_autofree char *now = clove_describe_subtitle (snapshot, NOW_US);
      g_autofree char *before = clove_describe_subtitle (snapshot, NOW_US + until_us - 1);
      g_autofree char *then = clove_describe_subtitle (snapshot, NOW_US + until_us);

      g_assert_cmpint (until_us, >=, S);
      g_assert_cmpint (until_us, <=, 60 * S);
      g_assert_cmpstr (now, ==, before);
      g_assert_cmpstr (now, !=, then);
    }
  }
}

static void
test_still (void)
{
  g_autoptr (CloveSnapshot) snapshot = clove_snapshot_new ();

  g_assert_cmpint (clove_describe_until_change (snapshot, NOW_US), ==, -1);
  add_ban (snapshot, 0, TRUE);
  g_assert_cmpint (clove_describe_until_change (snapshot, NOW_US), ==, -1);
}

/* A countdown of seconds moves each second, until it is over. */
static void
test_countdowns (void)
{
  g_autoptr (CloveSnapshot) ban = make_connected (90 * S, 0);
  g_autoptr (CloveSnapshot) cooldown = make_connected (90 * S, 0);
  g_autoptr (CloveSnapshot) waiting = make_connected (90 * S, 0);

  add_ban (ban, 5 * S, FALSE);
  cooldown->rebuild_at_us = NOW_US + 5 * S;
  waiting->next_try_us = NOW_US + 5 * S;
  g_assert_cmpint (clove_describe_until_change (ban, NOW_US), ==, S);
  g_assert_cmpint (clove_describe_until_change (cooldown, NOW_US), ==, S);
  g_assert_cmpint (clove_describe_until_change (waiting, NOW_US), ==, S);
  g_assert_cmpint (clove_describe_until_change (ban, NOW_US + 5 * S), ==, 25 * S);
  g_assert_cmpint (clove_describe_until_change (cooldown, NOW_US + 5 * S), ==, 25 * S);
  g_assert_cmpint (clove_describe_until_change (waiting, NOW_US + 5 * S), ==, 25 * S);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/ui/describe/subtitles", test_subtitles);
  g_test_add_func ("/clove/ui/describe/until-change", test_until_change);
  g_test_add_func ("/clove/ui/describe/still", test_still);
  g_test_add_func ("/clove/ui/describe/countdowns", test_countdowns);
  return g_test_run ();
}
