/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-bulk-timing.h"
#include "clove-bulk-window.h"

#define KIB 1024

static void
send_and_get (CloveBulkWindow *window, gsize size, guint n)
{
  for (guint i = 0; i < n; i++) {
    clove_bulk_window_note_sent (window, size);
    clove_bulk_window_note_arrived (window, size);
  }
}

static void
lose (CloveBulkWindow *window, gsize missing, gint64 sent_us, gint64 now_us)
{
  clove_bulk_window_note_sent (window, 64 * KIB);
  clove_bulk_window_note_lost (window, 64 * KIB, missing, sent_us, now_us);
}

static void
lose_one (CloveBulkWindow *window, gint64 sent_us, gint64 now_us)
{
  lose (window, 64 * KIB, sent_us, now_us);
}

static void
test_grows_by_a_piece (void)
{
  CloveBulkWindow window = { 0 };
  gsize before = 0;
  gsize piece = 0;

  clove_bulk_window_init (&window);
  before = clove_bulk_window_get_limit (&window);
  piece = clove_bulk_window_get_piece_size (&window);
  send_and_get (&window, before / 4, 3);
  g_assert_cmpuint (clove_bulk_window_get_limit (&window), ==, before);
  send_and_get (&window, before / 4, 1);
  g_assert_cmpuint (clove_bulk_window_get_limit (&window), >, before);
  g_assert_cmpuint (clove_bulk_window_get_limit (&window), <=, before + 2 * piece);
}

static void
test_halves_once_a_burst (void)
{
  CloveBulkWindow window = { 0 };

  clove_bulk_window_init (&window);
  send_and_get (&window, 64 * KIB, 40);
  {
    gsize before = clove_bulk_window_get_limit (&window);

    g_assert_cmpuint (before, >, 4 * CLOVE_BULK_MIN_LIMIT);
    lose_one (&window, 100, 200);
    g_assert_cmpuint (clove_bulk_window_get_limit (&window), ==, before / 2);
    /* Sent before the first loss was known: the same burst. */
    lose_one (&window, 150, 210);
    lose_one (&window, 199, 220);
    g_assert_cmpuint (clove_bulk_window_get_limit (&window), ==, before / 2);
    lose_one (&window, 200, 300);
    g_assert_cmpuint (clove_bulk_window_get_limit (&window), ==, before / 4);
  }
}

static void
test_bounds (void)
{
  CloveBulkWindow window = { 0 };

  clove_bulk_window_init (&window);
  for (guint i = 0; i < 100; i++) {
    lose_one (&window, i * 10, i * 10 + 5);
    g_assert_cmpuint (clove_bulk_window_get_limit (&window), >=, CLOVE_BULK_MIN_LIMIT);
    g_assert_cmpuint (clove_bulk_window_get_piece_size (&window), >=, CLOVE_BULK_MIN_PIECE);
  }
  g_assert_cmpuint (clove_bulk_window_get_limit (&window), ==, CLOVE_BULK_MIN_LIMIT);
  g_assert_cmpuint (clove_bulk_window_get_piece_size (&window), ==, CLOVE_BULK_MIN_PIECE);
  send_and_get (&window, 128 * KIB, 10000);
  g_assert_cmpuint (clove_bulk_window_get_limit (&window), ==, CLOVE_BULK_MAX_LIMIT);
  g_assert_cmpuint (clove_bulk_window_get_piece_size (&window), ==, CLOVE_BULK_MAX_PIECE);
}

/* Several pieces are always under way, however large they may be by themselves. */
static void
test_pieces_overlap (void)
{
  CloveBulkWindow window = { 0 };

  clove_bulk_window_init (&window);
  for (guint i = 0; i < 500; i++) {
    gsize piece = clove_bulk_window_get_piece_size (&window);

    g_assert_true (piece == CLOVE_BULK_MIN_PIECE ||
                   3 * piece <= clove_bulk_window_get_limit (&window));
    send_and_get (&window, piece, 1);
    if (i % 60 == 59)
      lose_one (&window, i * 10, i * 10 + 5);
  }
}

/* Where something was lost the window goes slowly; past it, as before. */
static void
test_remembers_ceiling (void)
{
  CloveBulkWindow window = { 0 };
  guint n_windows_below = 0;
  guint n_windows_near = 0;
  gsize ceiling = 0;

  clove_bulk_window_init (&window);
  send_and_get (&window, 64 * KIB, 60);
  ceiling = clove_bulk_window_get_limit (&window);
  lose_one (&window, 0, 1);
  while (clove_bulk_window_get_limit (&window) <= ceiling) {
    gboolean is_near = clove_bulk_window_get_limit (&window) * 5 / 4 >= ceiling;

    send_and_get (&window, clove_bulk_window_get_limit (&window), 1);
    *(is_near ? &n_windows_near : &n_windows_below) += 1;
  }
  g_assert_cmpuint (n_windows_below, >, 0);
  g_assert_cmpuint (n_windows_near, >, 4 * n_windows_below);
}

static void
note_times (CloveBulkWindow *window, gint64 time_us)
{
  for (guint i = 0; i < 50; i++)
    clove_bulk_window_note_time (window, time_us);
}

/* A chunk here and there is no reason to give way on a long way; on a short one it is. */
static void
test_bears_a_little (void)
{
  CloveBulkWindow window = { 0 };

  clove_bulk_window_init (&window);
  note_times (&window, 200000);
  for (guint i = 0; i < 1000; i++) {
    send_and_get (&window, 64 * KIB, 1);
    lose (&window, 6 * KIB, i * 10, i * 10 + 5);
  }
  g_assert_cmpuint (clove_bulk_window_get_limit (&window), ==, CLOVE_BULK_MAX_LIMIT);
  note_times (&window, 2000);
  lose (&window, 6 * KIB, 100000, 100010);
  g_assert_cmpuint (clove_bulk_window_get_limit (&window), ==, CLOVE_BULK_MAX_LIMIT / 2);
}

static void
lose_burst (CloveBulkWindow *window, gint64 sent_us)
{
  for (guint i = 0; i < 4; i++)
    lose (window, 64 * KIB, sent_us, sent_us + 10);
}

/* What is lost however little is under way does not keep the window small. */
static void
test_learns_what_is_lost_anyway (void)
{
  CloveBulkWindow window = { 0 };
  gsize smallest = G_MAXSIZE;
  gsize before = 0;

  clove_bulk_window_init (&window);
  note_times (&window, 200000);
  for (guint i = 0; i < 1000; i++) {
    send_and_get (&window, 64 * KIB, 1);
    lose (&window, 32 * KIB, i * 10, i * 10 + 5);
    smallest = MIN (smallest, clove_bulk_window_get_limit (&window));
  }
  g_assert_cmpuint (smallest, <=, CLOVE_BULK_FIRST_LIMIT);
  g_assert_cmpuint (clove_bulk_window_get_limit (&window), ==, CLOVE_BULK_MAX_LIMIT);

  /* More than that is. */
  before = clove_bulk_window_get_limit (&window);
  lose_burst (&window, 100000);
  g_assert_cmpuint (clove_bulk_window_get_limit (&window), ==, before / 2);

  /* A way that has become good is trusted no longer than it is good. */
  send_and_get (&window, 64 * KIB, 1000);
  before = clove_bulk_window_get_limit (&window);
  lose (&window, 64 * KIB, 200000, 200010);
  lose (&window, 64 * KIB, 200000, 200010);
  g_assert_cmpuint (clove_bulk_window_get_limit (&window), ==, before / 2);
}

static void
test_spreads_on_a_long_way (void)
{
  CloveBulkWindow window = { 0 };
  gint64 now_us = 1000000;
  gsize sent = 0;

  clove_bulk_window_init (&window);
  note_times (&window, 2000);
  clove_bulk_window_note_piece_sent (&window, 16 * KIB, now_us);
  g_assert_cmpint (clove_bulk_window_get_next_us (&window), <=, now_us);

  note_times (&window, 200000);
  while (sent < clove_bulk_window_get_limit (&window)) {
    clove_bulk_window_note_piece_sent (&window, 16 * KIB, now_us);
    g_assert_cmpint (clove_bulk_window_get_next_us (&window), >, now_us);
    now_us = clove_bulk_window_get_next_us (&window);
    sent += 16 * KIB;
  }
  /* A window in the time of a piece, or a little less. */
  g_assert_cmpint (now_us, >, 1000000 + 120000);
  g_assert_cmpint (now_us, <=, 1000000 + 200000);
}

/* Doubles with each window until something is lost, and has pieces that any relay bears. */
static void
test_starts_fast_on_a_long_way (void)
{
  CloveBulkWindow window = { 0 };
  gsize before = 0;

  clove_bulk_window_init (&window);
  note_times (&window, 200000);
  before = clove_bulk_window_get_limit (&window);
  send_and_get (&window, 32 * KIB, (guint) (before / (32 * KIB)));
  g_assert_cmpuint (clove_bulk_window_get_limit (&window), ==, 2 * before);
  lose_one (&window, 100, 200);
  g_assert_cmpuint (clove_bulk_window_get_limit (&window), ==, before);
  send_and_get (&window, 32 * KIB, (guint) (before / (32 * KIB)));
  g_assert_cmpuint (clove_bulk_window_get_limit (&window), <, 2 * before);
  send_and_get (&window, 64 * KIB, 1000);
  g_assert_cmpuint (clove_bulk_window_get_piece_size (&window), ==, CLOVE_BULK_FIRST_PIECE);
}

static void
test_counts (void)
{
  CloveBulkWindow window = { 0 };
  gsize room = 0;

  clove_bulk_window_init (&window);
  room = clove_bulk_window_get_room (&window);
  clove_bulk_window_note_sent (&window, 40 * KIB);
  g_assert_cmpuint (clove_bulk_window_get_room (&window), ==, room - 40 * KIB);
  clove_bulk_window_note_sent (&window, 4000 * KIB);
  g_assert_cmpuint (clove_bulk_window_get_room (&window), ==, 0);
  clove_bulk_window_note_dropped (&window, 4000 * KIB);
  clove_bulk_window_note_dropped (&window, 40 * KIB);
  g_assert_cmpuint (clove_bulk_window_get_in_flight (&window), ==, 0);
  g_assert_cmpuint (clove_bulk_window_get_room (&window), ==, room);
}

/* When much is under way less is asked for, but never so little that the likely reply is cut. */
static void
test_first_size (void)
{
  CloveBulkWindow window = { 0 };

  clove_bulk_window_init (&window);
  g_assert_cmpuint (clove_bulk_window_get_first_size (&window, 1, 0), ==, CLOVE_BULK_FIRST_PIECE);
  clove_bulk_window_note_sent (&window, CLOVE_BULK_FIRST_LIMIT - 40 * KIB);
  g_assert_cmpuint (clove_bulk_window_get_first_size (&window, 1, 0), ==, 40 * KIB);
  clove_bulk_window_note_sent (&window, 40 * KIB);
  g_assert_cmpuint (clove_bulk_window_get_first_size (&window, 1, 0), ==, CLOVE_BULK_MIN_PIECE);
  g_assert_cmpuint (clove_bulk_window_get_first_size (&window, 20 * KIB, 0), ==, 25 * KIB);
  g_assert_cmpuint (clove_bulk_window_get_first_size (&window, 500 * KIB, 0), ==,
                    CLOVE_BULK_FIRST_PIECE);
}

static void
test_patience (void)
{
  CloveBulkTiming timing = { 0 };
  gint64 unknown_us = clove_bulk_timing_get_patience_us (&timing, 0);

  g_assert_cmpint (unknown_us, ==, 1500 * G_TIME_SPAN_MILLISECOND);
  for (guint i = 0; i < 50; i++)
    clove_bulk_timing_note (&timing, 4000);
  g_assert_cmpint (clove_bulk_timing_get_patience_us (&timing, 0), >=, 200000);
  g_assert_cmpint (clove_bulk_timing_get_patience_us (&timing, 0), <, 250000);
  g_assert_cmpint (clove_bulk_timing_get_patience_us (&timing, 2), ==,
                   4 * clove_bulk_timing_get_patience_us (&timing, 0));
  g_assert_cmpint (clove_bulk_timing_get_overtaken_us (&timing), <,
                   clove_bulk_timing_get_patience_us (&timing, 0));
  /* A site that takes three seconds for every piece is slow, not lost. */
  for (guint i = 0; i < 50; i++)
    clove_bulk_timing_note (&timing, 3 * G_TIME_SPAN_SECOND);
  g_assert_cmpint (clove_bulk_timing_get_patience_us (&timing, 0), >, 3 * G_TIME_SPAN_SECOND);
  g_assert_cmpint (clove_bulk_timing_get_patience_us (&timing, 100), <=, 15 * G_TIME_SPAN_SECOND);
  g_assert_cmpint (clove_bulk_timing_get_gap_us (&timing), <=, 24 * G_TIME_SPAN_SECOND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/proxy/bulk-window/grows-by-a-piece", test_grows_by_a_piece);
  g_test_add_func ("/clove/proxy/bulk-window/halves-once-a-burst", test_halves_once_a_burst);
  g_test_add_func ("/clove/proxy/bulk-window/bounds", test_bounds);
  g_test_add_func ("/clove/proxy/bulk-window/pieces-overlap", test_pieces_overlap);
  g_test_add_func ("/clove/proxy/bulk-window/remembers-ceiling", test_remembers_ceiling);
  g_test_add_func ("/clove/proxy/bulk-window/bears-a-little", test_bears_a_little);
  g_test_add_func ("/clove/proxy/bulk-window/learns-what-is-lost-anyway",
                   test_learns_what_is_lost_anyway);
  g_test_add_func ("/clove/proxy/bulk-window/spreads-on-a-long-way", test_spreads_on_a_long_way);
  g_test_add_func ("/clove/proxy/bulk-window/starts-fast-on-a-long-way",
                   test_starts_fast_on_a_long_way);
  g_test_add_func ("/clove/proxy/bulk-window/counts", test_counts);
  g_test_add_func ("/clove/proxy/bulk-window/first-size", test_first_size);
  g_test_add_func ("/clove/proxy/bulk-window/patience", test_patience);
  return g_test_run ();
}
