/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-clock.h"
#include "clove-random.h"

typedef struct {
  CloveTimer timer;
  GString *log;
  char name;
} Named;

static void
on_named (gpointer user_data)
{
  Named *named = user_data;

  g_string_append_c (named->log, named->name);
}

static void
test_order (void)
{
  g_autoptr (CloveClock) clock = clove_clock_new_fake ();
  g_autoptr (GString) log = g_string_new (NULL);
  Named timers[4] = { 0 };
  gint64 start_us = clove_clock_now_us (clock);

  for (guint i = 0; i < G_N_ELEMENTS (timers); i++) {
    timers[i].log = log;
    timers[i].name = (char) ('a' + i);
    clove_timer_init (&timers[i].timer, clock, on_named, &timers[i]);
    g_assert_false (clove_timer_is_running (&timers[i].timer));
  }
  clove_timer_start (&timers[0].timer, 300);
  clove_timer_start (&timers[1].timer, 100);
  clove_timer_start (&timers[2].timer, 100);
  clove_timer_start (&timers[3].timer, 200);
  clove_timer_stop (&timers[3].timer);

  clove_clock_advance (clock, 99);
  g_assert_cmpstr (log->str, ==, "");
  clove_clock_advance (clock, 1);
  g_assert_cmpstr (log->str, ==, "bc");
  clove_timer_start (&timers[0].timer, 1000);
  clove_clock_advance (clock, 999);
  g_assert_cmpstr (log->str, ==, "bc");
  g_assert_true (clove_clock_advance_to_next (clock));
  g_assert_cmpstr (log->str, ==, "bca");
  g_assert_cmpint (clove_clock_now_us (clock) - start_us, ==, 1100);
  g_assert_false (clove_clock_advance_to_next (clock));
}

typedef struct {
  CloveTimer timer;
  guint n_left;
} Repeating;

static void
on_repeating (gpointer user_data)
{
  Repeating *repeating = user_data;

  if (--repeating->n_left > 0)
    clove_timer_start (&repeating->timer, 10);
}

static void
test_restart_in_callback (void)
{
  g_autoptr (CloveClock) clock = clove_clock_new_fake ();
  Repeating repeating = { .n_left = 5 };

  clove_timer_init (&repeating.timer, clock, on_repeating, &repeating);
  clove_timer_start (&repeating.timer, 10);
  clove_clock_advance (clock, 45);
  g_assert_cmpuint (repeating.n_left, ==, 1);
  clove_clock_advance (clock, 5);
  g_assert_cmpuint (repeating.n_left, ==, 0);
}

static void
on_check_order (gpointer user_data)
{
  gint64 **cursor = user_data;

  (*cursor)++;
}

/* Many timers, started and stopped at random, fire exactly once each and in time order. */
static void
test_many (void)
{
  g_autoptr (CloveClock) clock = clove_clock_new_fake ();
  g_autoptr (CloveRandom) random = clove_random_new_seeded (7);
  enum { N = 500 };
  g_autofree CloveTimer *timers = g_new0 (CloveTimer, N);
  g_autofree gint64 *fired = g_new0 (gint64, N);
  gint64 *cursor = fired;
  guint n_running = 0;
  gint64 last_us = 0;

  for (guint i = 0; i < N; i++) {
    clove_timer_init (&timers[i], clock, on_check_order, &cursor);
    clove_timer_start (&timers[i], clove_random_uniform (random, 1000));
  }
  for (guint i = 0; i < N; i += 3)
    clove_timer_stop (&timers[i]);
  for (guint i = 0; i < N; i++)
    n_running += clove_timer_is_running (&timers[i]) ? 1 : 0;
  while (clove_clock_advance_to_next (clock)) {
    g_assert_cmpint (clove_clock_now_us (clock), >=, last_us);
    last_us = clove_clock_now_us (clock);
  }
  g_assert_cmpuint ((guint) (cursor - fired), ==, n_running);
}

static void
on_quit (gpointer user_data)
{
  g_main_loop_quit (user_data);
}

static void
test_real (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (CloveClock) clock = clove_clock_new (context);
  g_autoptr (GMainLoop) loop = g_main_loop_new (context, FALSE);
  gint64 start_us = clove_clock_now_us (clock);
  CloveTimer timer = { 0 };

  clove_timer_init (&timer, clock, on_quit, loop);
  clove_timer_start (&timer, 2000);
  g_main_loop_run (loop);
  g_assert_cmpint (clove_clock_now_us (clock) - start_us, >=, 2000);
}

/* A clock that goes first leaves its timers stopped, so that stopping them later is harmless. */
static void
test_clock_goes_first (void)
{
  CloveClock *clock = clove_clock_new_fake ();
  CloveTimer timer = { 0 };

  clove_timer_init (&timer, clock, on_quit, NULL);
  clove_timer_start (&timer, 1);
  clove_clock_unref (clock);
  g_assert_false (clove_timer_is_running (&timer));
  clove_timer_stop (&timer);
}

/* The calendar may jump; the time that passes does not, and timers keep to it. */
static void
test_wall (void)
{
  g_autoptr (CloveClock) clock = clove_clock_new_fake ();
  gint64 start_us = clove_clock_now_us (clock);
  gint64 start_s = clove_clock_wall_s (clock);
  CloveTimer timer = { 0 };

  clove_timer_init (&timer, clock, on_quit, NULL);
  clove_timer_start (&timer, 100 * G_USEC_PER_SEC);
  clove_clock_advance (clock, 30 * G_USEC_PER_SEC);
  g_assert_cmpint (clove_clock_wall_s (clock), ==, start_s + 30);
  clove_clock_jump_wall_s (clock, 3600);
  g_assert_cmpint (clove_clock_wall_s (clock), ==, start_s + 3630);
  g_assert_cmpint (clove_clock_now_us (clock), ==, start_us + 30 * G_USEC_PER_SEC);
  g_assert_true (clove_timer_is_running (&timer));
  clove_clock_advance (clock, G_USEC_PER_SEC);
  g_assert_cmpint (clove_clock_wall_s (clock), ==, start_s + 3631);
  clove_clock_jump_wall_s (clock, -4000);
  g_assert_cmpint (clove_clock_wall_s (clock), ==, start_s - 369);
  clove_timer_stop (&timer);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/base/clock/order", test_order);
  g_test_add_func ("/clove/base/clock/restart-in-callback", test_restart_in_callback);
  g_test_add_func ("/clove/base/clock/many", test_many);
  g_test_add_func ("/clove/base/clock/real", test_real);
  g_test_add_func ("/clove/base/clock/wall", test_wall);
  g_test_add_func ("/clove/base/clock/clock-goes-first", test_clock_goes_first);
  return g_test_run ();
}
