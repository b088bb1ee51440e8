/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-backoff.h"

#define FIRST_US   ((gint64) 1 * G_USEC_PER_SEC)
#define CEILING_US ((gint64) 30 * G_USEC_PER_SEC)

static void
test_grows (void)
{
  for (guint64 seed = 0; seed < 100; seed++) {
    g_autoptr (CloveRandom) random = clove_random_new_seeded (seed);
    gint64 middle_us = FIRST_US;
    CloveBackoff backoff = { 0 };

    clove_backoff_init (&backoff, FIRST_US, CEILING_US);
    for (guint i = 0; i < 50; i++) {
      gint64 delay_us = clove_backoff_next_us (&backoff, random);

      middle_us = MIN (middle_us, CEILING_US * 4 / 5);
      g_assert_cmpint (delay_us, >=, middle_us * 3 / 4);
      g_assert_cmpint (delay_us, <=, middle_us * 5 / 4);
      g_assert_cmpint (delay_us, <=, CEILING_US);
      middle_us *= 2;
    }
  }
}

/* Clients that lost the same relay must not come back at the same moment. */
static void
test_spreads (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (1);
  gint64 lowest_us = G_MAXINT64;
  gint64 highest_us = 0;

  for (guint i = 0; i < 1000; i++) {
    CloveBackoff backoff = { 0 };
    gint64 delay_us = 0;

    clove_backoff_init (&backoff, FIRST_US, CEILING_US);
    delay_us = clove_backoff_next_us (&backoff, random);
    lowest_us = MIN (lowest_us, delay_us);
    highest_us = MAX (highest_us, delay_us);
  }
  g_assert_cmpint (lowest_us, <, FIRST_US * 77 / 100);
  g_assert_cmpint (highest_us, >, FIRST_US * 123 / 100);
}

static void
test_reset (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (1);
  CloveBackoff backoff = { 0 };

  clove_backoff_init (&backoff, FIRST_US, CEILING_US);
  for (guint i = 0; i < 10; i++)
    (void) clove_backoff_next_us (&backoff, random);
  clove_backoff_reset (&backoff);
  g_assert_cmpint (clove_backoff_next_us (&backoff, random), <=, FIRST_US * 5 / 4);
  g_assert_cmpint (clove_backoff_next_us (&backoff, random), >=, FIRST_US * 3 / 2);
}

static void
test_fixed (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (1);
  CloveBackoff backoff = { 0 };

  clove_backoff_init (&backoff, FIRST_US, FIRST_US);
  for (guint i = 0; i < 100; i++) {
    gint64 delay_us = clove_backoff_next_us (&backoff, random);

    /* Spread around four fifths, so that none is longer than the ceiling. */
    g_assert_cmpint (delay_us, >=, FIRST_US * 6 / 10);
    g_assert_cmpint (delay_us, <=, FIRST_US);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/base/backoff/grows", test_grows);
  g_test_add_func ("/clove/base/backoff/spreads", test_spreads);
  g_test_add_func ("/clove/base/backoff/reset", test_reset);
  g_test_add_func ("/clove/base/backoff/fixed", test_fixed);
  return g_test_run ();
}
