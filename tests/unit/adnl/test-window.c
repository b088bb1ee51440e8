/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-adnl-window.h"
#include "clove-random.h"

#define SIZE ((gint64) CLOVE_ADNL_WINDOW_SIZE)

static void
test_in_order (void)
{
  CloveAdnlWindow window = { 0 };

  clove_adnl_window_reset (&window);
  g_assert_cmpint (clove_adnl_window_get_highest (&window), ==, 0);
  for (gint64 seqno = 1; seqno <= 3 * SIZE; seqno++) {
    g_assert_true (clove_adnl_window_accept (&window, seqno));
    g_assert_cmpint (clove_adnl_window_get_highest (&window), ==, seqno);
    g_assert_false (clove_adnl_window_accept (&window, seqno));
  }
}

static void
test_backwards (void)
{
  CloveAdnlWindow window = { 0 };

  for (gint64 seqno = SIZE; seqno >= 1; seqno--)
    g_assert_true (clove_adnl_window_accept (&window, seqno));
  for (gint64 seqno = SIZE; seqno >= 1; seqno--)
    g_assert_false (clove_adnl_window_accept (&window, seqno));
  g_assert_cmpint (clove_adnl_window_get_highest (&window), ==, SIZE);
}

static void
test_never (void)
{
  static const gint64 seqnos[] = { 0, -1, -SIZE, G_MININT64 };
  CloveAdnlWindow window = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (seqnos); i++)
    g_assert_false (clove_adnl_window_accept (&window, seqnos[i]));
  g_assert_true (clove_adnl_window_accept (&window, G_MAXINT64));
  for (gsize i = 0; i < G_N_ELEMENTS (seqnos); i++)
    g_assert_false (clove_adnl_window_accept (&window, seqnos[i]));
}

/* The oldest number that is still taken, and the one before it. */
static void
test_edge (void)
{
  static const gint64 bases[] = { 1, SIZE - 1, SIZE, SIZE + 1, 100 * SIZE, G_MAXINT64 - SIZE };

  for (gsize i = 0; i < G_N_ELEMENTS (bases); i++) {
    CloveAdnlWindow window = { 0 };
    gint64 highest = bases[i] + SIZE;

    g_assert_true (clove_adnl_window_accept (&window, highest));
    g_assert_false (clove_adnl_window_accept (&window, bases[i]));
    g_assert_true (clove_adnl_window_accept (&window, bases[i] + 1));
    g_assert_false (clove_adnl_window_accept (&window, bases[i] + 1));
    g_assert_false (clove_adnl_window_accept (&window, highest));
    g_assert_cmpint (clove_adnl_window_get_highest (&window), ==, highest);
  }
}

/* A jump forgets what it leaves behind and nothing else. */
static void
test_jump (void)
{
  static const gint64 jumps[] = { 1, 2, 63, 64,
                                  65, SIZE - 1, SIZE, SIZE + 1,
                                  2 * SIZE, 1000000, G_MAXINT64 / 2 };

  for (gsize i = 0; i < G_N_ELEMENTS (jumps); i++) {
    CloveAdnlWindow window = { 0 };
    gint64 start = 5000;
    gint64 landed = start + jumps[i];

    for (gint64 seqno = start - 100; seqno <= start; seqno++)
      g_assert_true (clove_adnl_window_accept (&window, seqno));
    g_assert_true (clove_adnl_window_accept (&window, landed));
    for (gint64 seqno = start - 100; seqno <= start; seqno++)
      g_assert_false (clove_adnl_window_accept (&window, seqno));
    for (gint64 seqno = MAX (start + 1, landed - SIZE + 1); seqno < landed; seqno++)
      g_assert_true (clove_adnl_window_accept (&window, seqno));
  }
}

static void
test_reset (void)
{
  CloveAdnlWindow window = { 0 };

  g_assert_true (clove_adnl_window_accept (&window, 1000000));
  clove_adnl_window_reset (&window);
  g_assert_cmpint (clove_adnl_window_get_highest (&window), ==, 0);
  g_assert_true (clove_adnl_window_accept (&window, 1));
  g_assert_true (clove_adnl_window_accept (&window, 1000000));
}

/* Against a set that remembers everything. */
static void
test_model (void)
{
  for (guint64 seed = 0; seed < 20; seed++) {
    g_autoptr (CloveRandom) random = clove_random_new_seeded (seed);
    g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
    gint64 highest = 0;
    CloveAdnlWindow window = { 0 };

    for (guint i = 0; i < 5000; i++) {
      gint64 reach = clove_random_uniform (random, 50) == 0 ? 3 * SIZE : 300;
      gint64 seqno = highest - reach / 2 + clove_random_uniform (random, (guint32) reach);
      gboolean is_new = seqno > 0 && seqno > highest - SIZE &&
                        !g_hash_table_contains (seen, GSIZE_TO_POINTER ((gsize) seqno));

      g_assert_cmpint (clove_adnl_window_accept (&window, seqno), ==, is_new);
      if (is_new)
        g_hash_table_add (seen, GSIZE_TO_POINTER ((gsize) seqno));
      highest = is_new ? MAX (highest, seqno) : highest;
      g_assert_cmpint (clove_adnl_window_get_highest (&window), ==, highest);
    }
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/adnl/window/in-order", test_in_order);
  g_test_add_func ("/clove/adnl/window/backwards", test_backwards);
  g_test_add_func ("/clove/adnl/window/never", test_never);
  g_test_add_func ("/clove/adnl/window/edge", test_edge);
  g_test_add_func ("/clove/adnl/window/jump", test_jump);
  g_test_add_func ("/clove/adnl/window/reset", test_reset);
  g_test_add_func ("/clove/adnl/window/model", test_model);
  return g_test_run ();
}
