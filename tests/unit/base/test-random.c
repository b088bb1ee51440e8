/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-random.h"

#include <string.h>

static void
test_repeats (void)
{
  g_autoptr (CloveRandom) one = clove_random_new_seeded (42);
  g_autoptr (CloveRandom) same = clove_random_new_seeded (42);
  g_autoptr (CloveRandom) other = clove_random_new_seeded (43);
  guint8 a[5000] = { 0 };
  guint8 b[5000] = { 0 };
  guint8 c[5000] = { 0 };

  clove_random_bytes (one, a, sizeof a);
  clove_random_bytes (same, b, sizeof b);
  clove_random_bytes (other, c, sizeof c);
  g_assert_cmpmem (a, sizeof a, b, sizeof b);
  g_assert_cmpint (memcmp (a, c, sizeof a), !=, 0);
  /* The blocks that it is made of differ from each other. */
  g_assert_cmpint (memcmp (a, a + 1024, 1024), !=, 0);
}

/* The same numbers come, however they are portioned. */
static void
test_portions (void)
{
  g_autoptr (CloveRandom) one = clove_random_new_seeded (9);
  g_autoptr (CloveRandom) portioned = clove_random_new_seeded (9);
  guint8 a[4000] = { 0 };
  guint8 b[4000] = { 0 };
  gsize size = 0;

  clove_random_bytes (one, a, sizeof a);
  for (gsize n = 0; size < sizeof b; n = (n + 7) % 100) {
    gsize portion = MIN (n, sizeof b - size);

    clove_random_bytes (portioned, b + size, portion);
    size += portion;
  }
  g_assert_cmpmem (a, sizeof a, b, sizeof b);
}

/* Every number comes about equally often: chi-squared far below what chance gives once in 10^9. */
static void
check_uniform (guint32 n_values, guint n_draws, gdouble limit)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (n_values);
  g_autofree guint *counts = g_new0 (guint, n_values);
  gdouble expected = (gdouble) n_draws / n_values;
  gdouble chi_squared = 0;

  for (guint i = 0; i < n_draws; i++) {
    guint32 value = clove_random_uniform (random, n_values);

    g_assert_cmpuint (value, <, n_values);
    counts[value]++;
  }
  for (guint32 i = 0; i < n_values; i++)
    chi_squared += (counts[i] - expected) * (counts[i] - expected) / expected;
  g_test_message ("%u values: chi squared %.1f", n_values, chi_squared);
  g_assert_cmpfloat (chi_squared, <, limit);
}

static void
test_uniform (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (1);

  check_uniform (2, 100000, 40);
  check_uniform (3, 100000, 45);
  check_uniform (10, 100000, 65);
  check_uniform (100, 100000, 200);
  for (guint i = 0; i < 100; i++)
    g_assert_cmpuint (clove_random_uniform (random, 1), ==, 0);
}

/* A bound for which a plain remainder would draw the lower half twice as often as the upper. */
static void
test_no_bias (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (5);
  guint32 bound = 0xc0000000;
  guint thirds[3] = { 0 };

  for (guint i = 0; i < 30000; i++)
    thirds[clove_random_uniform (random, bound) / (bound / 3)]++;
  for (guint i = 0; i < 3; i++) {
    g_assert_cmpuint (thirds[i], >, 9500);
    g_assert_cmpuint (thirds[i], <, 10500);
  }
}

static void
test_unit (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (3);
  gdouble sum = 0;
  gdouble lowest = 1;
  gdouble highest = 0;

  for (guint i = 0; i < 10000; i++) {
    gdouble value = clove_random_unit (random);

    g_assert_true (value >= 0 && value < 1);
    lowest = MIN (lowest, value);
    highest = MAX (highest, value);
    sum += value;
  }
  g_assert_cmpfloat_with_epsilon (sum / 10000, 0.5, 0.02);
  g_assert_cmpfloat (lowest, <, 0.01);
  g_assert_cmpfloat (highest, >, 0.99);
}

/* The system's source gives something else each time. */
static void
test_system (void)
{
  g_autoptr (CloveRandom) one = clove_random_new ();
  g_autoptr (CloveRandom) other = clove_random_new ();
  guint8 a[32] = { 0 };
  guint8 b[32] = { 0 };
  guint8 c[32] = { 0 };

  clove_random_bytes (one, a, sizeof a);
  clove_random_bytes (one, b, sizeof b);
  clove_random_bytes (other, c, sizeof c);
  g_assert_cmpint (memcmp (a, b, sizeof a), !=, 0);
  g_assert_cmpint (memcmp (a, c, sizeof a), !=, 0);
}

static void
test_ref (void)
{
  CloveRandom *random = clove_random_new_seeded (1);
  guint8 byte = 0;

  g_assert_true (clove_random_ref (random) == random);
  clove_random_unref (random);
  clove_random_bytes (random, &byte, 1);
  clove_random_unref (random);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/base/random/repeats", test_repeats);
  g_test_add_func ("/clove/base/random/portions", test_portions);
  g_test_add_func ("/clove/base/random/uniform", test_uniform);
  g_test_add_func ("/clove/base/random/no-bias", test_no_bias);
  g_test_add_func ("/clove/base/random/unit", test_unit);
  g_test_add_func ("/clove/base/random/system", test_system);
  g_test_add_func ("/clove/base/random/ref", test_ref);
  return g_test_run ();
}
