/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-budget.h"

#define START_US (1000 * G_TIME_SPAN_HOUR)

static void
test_minute (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (1);
  CloveBudget budget = { 0 };
  gint64 now_us = START_US;
  gint64 wait_us = 0;

  clove_budget_init (&budget);
  for (guint i = 0; i < CLOVE_BUDGET_PER_MINUTE; i++) {
    g_assert_cmpuint (clove_budget_get_left (&budget, now_us), ==, CLOVE_BUDGET_PER_MINUTE - i);
    g_assert_cmpint (clove_budget_get_wait_us (&budget, now_us, random), ==, 0);
    clove_budget_spend (&budget, now_us);
    now_us += G_TIME_SPAN_SECOND;
  }
  wait_us = clove_budget_get_wait_us (&budget, now_us, random);
  g_assert_cmpint (wait_us, >, 0);
  /* Asking again makes the pause no longer. */
  g_assert_cmpint (clove_budget_get_wait_us (&budget, now_us + 10, random), ==, wait_us - 10);
  g_assert_cmpint (clove_budget_get_wait_us (&budget, now_us + 2 * G_TIME_SPAN_MINUTE, random), ==,
                   0);
}

/* Whoever asks all the time gets at most what the hour allows. */
static void
test_hour (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (1);
  CloveBudget budget = { 0 };
  guint n_rebuilds = 0;
  gint64 now_us = START_US;

  clove_budget_init (&budget);
  while (now_us < START_US + G_TIME_SPAN_HOUR) {
    gint64 wait_us = clove_budget_get_wait_us (&budget, now_us, random);

    if (wait_us == 0) {
      clove_budget_spend (&budget, now_us);
      n_rebuilds++;
      wait_us = G_TIME_SPAN_SECOND;
    }
    g_assert_cmpint (wait_us, <=, 300 * G_TIME_SPAN_SECOND);
    now_us += wait_us;
  }
  g_assert_cmpuint (n_rebuilds, <=, CLOVE_BUDGET_PER_HOUR);
  g_assert_cmpuint (n_rebuilds, >, CLOVE_BUDGET_PER_MINUTE);
  g_assert_cmpint (clove_budget_get_wait_us (&budget, now_us + G_TIME_SPAN_HOUR, random), ==, 0);
}

/* A budget that was used up for a day still allows a rebuild every five minutes. */
static void
test_never_for_long (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (1);
  CloveBudget budget = { 0 };
  gint64 last_us = START_US;
  gint64 now_us = START_US;

  clove_budget_init (&budget);
  while (now_us < START_US + G_TIME_SPAN_DAY) {
    gint64 wait_us = clove_budget_get_wait_us (&budget, now_us, random);

    if (wait_us == 0) {
      g_assert_cmpint (now_us - last_us, <=, 301 * G_TIME_SPAN_SECOND);
      last_us = now_us;
      clove_budget_spend (&budget, now_us);
    }
    now_us += MAX (wait_us, G_TIME_SPAN_SECOND);
  }
  g_assert_cmpint (now_us - last_us, <=, 301 * G_TIME_SPAN_SECOND);
}

/* What cost nobody anything counts as never asked for. */
static void
test_refund (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (1);
  CloveBudget budget = { 0 };

  clove_budget_init (&budget);
  for (guint i = 0; i < 100; i++) {
    g_assert_cmpint (clove_budget_get_wait_us (&budget, START_US + i, random), ==, 0);
    clove_budget_spend (&budget, START_US + i);
    clove_budget_refund (&budget);
  }
  g_assert_cmpuint (clove_budget_get_left (&budget, START_US + 100), ==, CLOVE_BUDGET_PER_MINUTE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/keeper/budget/minute", test_minute);
  g_test_add_func ("/clove/keeper/budget/hour", test_hour);
  g_test_add_func ("/clove/keeper/budget/never-for-long", test_never_for_long);
  g_test_add_func ("/clove/keeper/budget/refund", test_refund);
  return g_test_run ();
}
