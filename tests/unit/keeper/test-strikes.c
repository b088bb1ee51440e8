/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-strikes.h"

static gboolean
fail_new (CloveStrikes *strikes)
{
  return clove_strikes_fail (strikes, clove_strikes_get_mark (strikes));
}

static void
test_in_sequence (void)
{
  CloveStrikes strikes = { 0 };

  for (guint i = 1; i <= 3; i++) {
    g_assert_true (fail_new (&strikes));
    g_assert_cmpuint (clove_strikes_get_count (&strikes), ==, i);
  }
  g_assert_false (fail_new (&strikes));
  g_assert_cmpuint (clove_strikes_get_count (&strikes), ==, CLOVE_STRIKES_MAX);
}

/* Twenty requests of one page, all begun before the first failed, are one strike. */
static void
test_in_parallel (void)
{
  CloveStrikes strikes = { 0 };
  guint64 mark = clove_strikes_get_mark (&strikes);

  for (guint i = 0; i < 20; i++)
    g_assert_true (clove_strikes_fail (&strikes, mark) == (i == 0));
  g_assert_cmpuint (clove_strikes_get_count (&strikes), ==, 1);
  g_assert_true (fail_new (&strikes));
  g_assert_cmpuint (clove_strikes_get_count (&strikes), ==, 2);
}

static void
test_success (void)
{
  CloveStrikes strikes = { 0 };
  guint64 old = clove_strikes_get_mark (&strikes);

  (void) fail_new (&strikes);
  (void) fail_new (&strikes);
  clove_strikes_succeed (&strikes);
  g_assert_cmpuint (clove_strikes_get_count (&strikes), ==, 0);
  /* A request from before the strikes is part of the same mishap, whatever came between. */
  g_assert_false (clove_strikes_fail (&strikes, old));
  g_assert_cmpuint (clove_strikes_get_count (&strikes), ==, 0);
  g_assert_true (fail_new (&strikes));
  g_assert_cmpuint (clove_strikes_get_count (&strikes), ==, 1);
}

static void
test_site_errors (void)
{
  static const struct {
    const char *hosts; /* one letter each */
    gboolean is_strike;
  } cases[] = {
    { "a", FALSE },
    { "abcd", FALSE },
    { "aaaaaaaaaaaa", FALSE },
    { "ababababab", FALSE },
    { "abcde", TRUE },
    { "abcaa", TRUE },
    { "aaabc", TRUE },
    { "abcabcab", FALSE },
    { "abcdeabcd", FALSE },
    { "abcdeabcde", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    CloveStrikes strikes = { 0 };
    gboolean is_strike = FALSE;

    for (const char *p = cases[i].hosts; *p != '\0'; p++) {
      const char host[2] = { *p, '\0' };

      is_strike = clove_strikes_site_error (&strikes, host, clove_strikes_get_mark (&strikes));
    }
    g_test_message ("%s", cases[i].hosts);
    g_assert_true (is_strike == cases[i].is_strike);
  }
}

/* A site error proves that the circuit lives; a page begins the row of site errors anew. */
static void
test_site_errors_between (void)
{
  CloveStrikes strikes = { 0 };

  (void) fail_new (&strikes);
  g_assert_false (clove_strikes_site_error (&strikes, "a", 1));
  g_assert_cmpuint (clove_strikes_get_count (&strikes), ==, 0);
  for (guint i = 0; i < 100; i++) {
    g_assert_false (clove_strikes_site_error (&strikes, "a", 1));
    g_assert_false (clove_strikes_site_error (&strikes, "b", 1));
    g_assert_false (clove_strikes_site_error (&strikes, "c", 1));
    clove_strikes_succeed (&strikes);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/keeper/strikes/in-sequence", test_in_sequence);
  g_test_add_func ("/clove/keeper/strikes/in-parallel", test_in_parallel);
  g_test_add_func ("/clove/keeper/strikes/success", test_success);
  g_test_add_func ("/clove/keeper/strikes/site-errors", test_site_errors);
  g_test_add_func ("/clove/keeper/strikes/site-errors-between", test_site_errors_between);
  return g_test_run ();
}
