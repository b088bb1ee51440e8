/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-latency.h"

/* The shortest deadline that experience may teach. */
#define MIN_DEADLINE_US (1500 * G_TIME_SPAN_MILLISECOND)

static void
add_many (CloveLatency *latency, guint n, gint64 sample_us)
{
  for (guint i = 0; i < n; i++)
    clove_latency_add (latency, sample_us);
}

/* Nobody is called slow on the word of a few. */
static void
test_needs_experience (void)
{
  CloveLatency latency = { 0 };

  g_assert_cmpint (clove_latency_get_deadline_us (&latency), ==, CLOVE_HOP_DEADLINE_US);
  add_many (&latency, 19, G_USEC_PER_SEC);
  g_assert_cmpint (clove_latency_get_deadline_us (&latency), ==, CLOVE_HOP_DEADLINE_US);
  clove_latency_add (&latency, G_USEC_PER_SEC);
  g_assert_cmpint (clove_latency_get_deadline_us (&latency), ==, 2 * G_USEC_PER_SEC);
}

static void
test_bounds (void)
{
  static const struct {
    gint64 sample_us;
    gint64 deadline_us;
  } cases[] = {
    { 0, MIN_DEADLINE_US },
    { 1, MIN_DEADLINE_US },
    { MIN_DEADLINE_US / 2, MIN_DEADLINE_US },
    { MIN_DEADLINE_US / 2 + 1, MIN_DEADLINE_US + 2 },
    { CLOVE_HOP_DEADLINE_US / 2 - 1, CLOVE_HOP_DEADLINE_US - 2 },
    { CLOVE_HOP_DEADLINE_US / 2 + 1, CLOVE_HOP_DEADLINE_US },
    { CLOVE_HOP_DEADLINE_US, CLOVE_HOP_DEADLINE_US },
    { 3600 * (gint64) G_USEC_PER_SEC, CLOVE_HOP_DEADLINE_US },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    CloveLatency latency = { 0 };

    add_many (&latency, CLOVE_LATENCY_N_SAMPLES, cases[i].sample_us);
    g_assert_cmpint (clove_latency_get_deadline_us (&latency), ==, cases[i].deadline_us);
  }
}

/* The slowest twentieth does not set the deadline for all; a tenth does. */
static void
test_percentile (void)
{
  CloveLatency latency = { 0 };

  add_many (&latency, CLOVE_LATENCY_N_SAMPLES - 3, 1 * G_USEC_PER_SEC);
  add_many (&latency, 3, 4 * G_USEC_PER_SEC);
  g_assert_cmpint (clove_latency_get_deadline_us (&latency), ==, 2 * G_USEC_PER_SEC);
  add_many (&latency, 3, 4 * G_USEC_PER_SEC);
  g_assert_cmpint (clove_latency_get_deadline_us (&latency), ==, 8 * G_USEC_PER_SEC);
}

/* The order in which samples came is nothing to the deadline, and asking changes nothing. */
static void
test_order (void)
{
  CloveLatency up = { 0 };
  CloveLatency down = { 0 };

  for (gint64 i = 0; i < CLOVE_LATENCY_N_SAMPLES; i++) {
    clove_latency_add (&up, (i + 1) * 50000);
    clove_latency_add (&down, (CLOVE_LATENCY_N_SAMPLES - i) * 50000);
  }
  g_assert_cmpint (clove_latency_get_deadline_us (&up), ==, 2 * 61 * 50000);
  g_assert_cmpint (clove_latency_get_deadline_us (&up), ==, 2 * 61 * 50000);
  g_assert_cmpint (clove_latency_get_deadline_us (&down), ==, 2 * 61 * 50000);
}

/* A network that became faster, or slower, is known after one round of samples. */
static void
test_forgets (void)
{
  CloveLatency latency = { 0 };

  add_many (&latency, 1000, 5 * G_USEC_PER_SEC);
  g_assert_cmpint (clove_latency_get_deadline_us (&latency), ==, 10 * G_USEC_PER_SEC);
  add_many (&latency, CLOVE_LATENCY_N_SAMPLES, 1 * G_USEC_PER_SEC);
  g_assert_cmpint (clove_latency_get_deadline_us (&latency), ==, 2 * G_USEC_PER_SEC);
  add_many (&latency, CLOVE_LATENCY_N_SAMPLES, 2 * G_USEC_PER_SEC);
  g_assert_cmpint (clove_latency_get_deadline_us (&latency), ==, 4 * G_USEC_PER_SEC);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/circuit/latency/needs-experience", test_needs_experience);
  g_test_add_func ("/clove/circuit/latency/bounds", test_bounds);
  g_test_add_func ("/clove/circuit/latency/percentile", test_percentile);
  g_test_add_func ("/clove/circuit/latency/order", test_order);
  g_test_add_func ("/clove/circuit/latency/forgets", test_forgets);
  return g_test_run ();
}
