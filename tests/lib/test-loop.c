/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs real sockets of one thread under a fake clock: while anything is ready it is dispatched;
 * when nothing is, time jumps to the next timer. A ten-minute wait takes no time, and nothing
 * depends on how busy the machine is.
 */
#include "config.h"

#include "test-loop.h"

/* Timers that may fire before the test is called stuck. */
#define MAX_JUMPS 2000000

/* Time that passes at once while everybody is awake. */
#define STEP_US (20 * G_TIME_SPAN_MILLISECOND)

/** test_loop_settle: Dispatch until nothing is ready; datagrams on loopback arrive at once. */
void
test_loop_settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

/** test_loop_advance: Let @interval_us pass, with everything that happens meanwhile. */
void
test_loop_advance (CloveClock *clock, gint64 interval_us)
{
  test_loop_settle ();
  for (gint64 left_us = interval_us; left_us > 0; left_us -= STEP_US) {
    clove_clock_advance (clock, MIN (left_us, STEP_US));
    test_loop_settle ();
  }
}

/** test_loop_run_until: Run until @condition holds; a test that waits in vain fails. */
void
test_loop_run_until (CloveClock *clock, TestCondition condition, gpointer user_data)
{
  for (guint i = 0; i < MAX_JUMPS; i++) {
    test_loop_settle ();
    if (condition (user_data))
      return;
    if (!clove_clock_advance_to_next (clock))
      g_error ("No timer is left, and what the test waits for has not happened");
  }
  g_error ("What the test waits for has not happened after %d timers", MAX_JUMPS);
}

static void
on_time_up (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

/**
 * test_loop_try_until:
 * @clock: a fake clock
 * @condition: what to wait for
 * @user_data: for @condition
 * @timeout_us: how long at most
 *
 * Run until @condition holds or the time is up, each timer at its own time.
 *
 * Returns: whether @condition holds
 */
gboolean
test_loop_try_until (CloveClock *clock,
                     TestCondition condition,
                     gpointer user_data,
                     gint64 timeout_us)
{
  CloveTimer timer = { 0 };
  gboolean is_time_up = FALSE;
  gboolean holds = FALSE;

  clove_timer_init (&timer, clock, on_time_up, &is_time_up);
  clove_timer_start (&timer, timeout_us);
  test_loop_settle ();
  while (!(holds = condition (user_data)) && !is_time_up) {
    clove_clock_advance_to_next (clock);
    test_loop_settle ();
  }
  clove_timer_stop (&timer);
  return holds;
}

static gboolean
never (gpointer user_data)
{
  return FALSE;
}

/** test_loop_run_for: Let @interval_us pass, each timer at its own time. */
void
test_loop_run_for (CloveClock *clock, gint64 interval_us)
{
  (void) test_loop_try_until (clock, never, NULL, interval_us);
}

/** test_loop_on_ready: A GAsyncReadyCallback that keeps the result in a GAsyncResult pointer. */
void
test_loop_on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **place = user_data;

  *place = g_object_ref (result);
}

static gboolean
has_result (gpointer user_data)
{
  GAsyncResult **result = user_data;

  return *result != NULL;
}

/** test_loop_wait: (transfer none): Run until test_loop_on_ready() filled @result. */
GAsyncResult *
test_loop_wait (CloveClock *clock, GAsyncResult **result)
{
  test_loop_run_until (clock, has_result, result);
  return *result;
}
