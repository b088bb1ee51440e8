/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-directory-error.h"
#include "clove-path-selection.h"
#include "fixtures.h"
#include "path-oracle.h"

#include <string.h>

/* Draws 200 times as many paths as there are and compares how often each came: the sum of squared
 * deviations follows chi-square with n - 1 degrees of freedom, whose mean is n - 1 and deviation
 * sqrt (2 (n - 1)). The seed is fixed, so the outcome is too. */
static void
assert_uniform (CloveRelayList *list, const ClovePathOptions *options, CloveRandom *random)
{
  Oracle oracle = { 0 };
  g_autofree guint *n_drawn = NULL;
  gdouble chi_square = 0.0;
  gdouble excess = 0.0;
  const guint expected = 200;
  guint n_triples = 0;

  oracle_init (&oracle, list, options);
  g_assert_cmpuint (oracle.n_best, >, 0);
  n_triples = oracle.n_relays * oracle.n_relays * oracle.n_relays;
  n_drawn = g_new0 (guint, n_triples);
  for (guint i = 0; i < expected * oracle.n_best; i++) {
    g_auto (ClovePath) path = { 0 };
    g_autoptr (GError) error = NULL;

    g_assert_true (clove_path_select (&path, list, options, random, &error));
    g_assert_no_error (error);
    assert_is_path (&path);
    g_assert_true (oracle.is_best[triple_number (list, &path)]);
    n_drawn[triple_number (list, &path)]++;
  }
  for (guint i = 0; i < n_triples; i++) {
    gdouble deviation = (gdouble) n_drawn[i] - expected;

    if (oracle.is_best[i])
      chi_square += deviation * deviation / expected;
  }
  /* Five standard deviations. */
  excess = chi_square - (oracle.n_best - 1.0);
  g_test_message ("%u paths, chi-square %.1f", oracle.n_best, chi_square);
  g_assert_true (excess * excess <= 25.0 * 2.0 * oracle.n_best);
  g_free (oracle.is_best);
}

static void
test_uniform (void)
{
  static const char *const lists[] = {
    "emx emx emx",
    "e m x",
    "emx emx emx emx emx",
    "e em emx mx x",
    /* Drawing hop after hop would often take the only exit as the entry. */
    "emx em em em",
    "emx e e m m",
    "ex ex m m em",
    "e e e e m x emx",
  };
  g_autoptr (CloveRandom) random = clove_random_new_seeded (1);

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++) {
    g_autoptr (CloveRelayList) list = fixture_list (lists[i]);
    ClovePathOptions options = { 0 };

    g_test_message ("%s", lists[i]);
    assert_uniform (list, &options, random);
  }
}

static void
test_uniform_with_bans (void)
{
  static const struct {
    const char *roles;
    gint64 avoided[8];
  } cases[] = {
    { "emx emx emx emx", { 0, 0, 0, 7 } },
    { "emx emx emx emx", { 0, 0, 7, 7 } },
    { "emx emx emx emx", { 0, 0, 7, 8 } },
    { "emx emx emx emx emx", { 0, 7, 7, 7, 9 } },
    { "emx emx emx emx emx", { 5, 7, 7, 7, 9 } },
    { "emx emx emx emx emx", { 7, 7, 7, 7, 7 } },
    { "emx emx emx emx emx", { 0, 0, CLOVE_PATH_NEVER, 3, 3 } },
    /* The longest-banned cannot help: it has no exit role. */
    { "e m e m x x x", { 0, 0, 1, 2, 9, 9, 10 } },
    /* One banned relay is enough, though two others were banned longer. */
    { "emx em e m x", { 0, 0, 1, 2, 50 } },
    { "ex m e x", { 4, 0, 5, 5 } },
    { "e e m m x x mx", { 3, 3, 2, 2, 1, 1, 1 } },
  };
  g_autoptr (CloveRandom) random = clove_random_new_seeded (2);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (CloveRelayList) list = fixture_list (cases[i].roles);
    ClovePathOptions options = { .avoided_since_us = cases[i].avoided };

    g_test_message ("case %u: %s", i, cases[i].roles);
    assert_uniform (list, &options, random);
  }
}

static void
test_uniform_with_pins (void)
{
  static const char *const roles = "emx emx emx em mx";
  static const gint64 avoided[] = { 0, 3, 0, 0, 0 };
  g_autoptr (CloveRelayList) list = fixture_list (roles);
  g_autoptr (CloveRandom) random = clove_random_new_seeded (3);
  CloveRelay *const relays[] = {
    clove_relay_list_get_relay (list, 0),
    clove_relay_list_get_relay (list, 1),
    clove_relay_list_get_relay (list, 2),
  };
  const ClovePathOptions options[] = {
    { .pinned = { relays[0] } },
    { .pinned = { NULL, relays[1], NULL } },
    { .pinned = { relays[2], NULL, relays[0] } },
    { .pinned = { relays[2], relays[1], relays[0] } },
    { .pinned = { NULL, NULL, relays[1] }, .avoided_since_us = avoided },
  };

  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    assert_uniform (list, &options[i], random);
}

/* Returns: whether there was a path, which the oracle must say too */
static gboolean
try_list (CloveRelayList *list, const gint64 *avoided, CloveRandom *random)
{
  ClovePathOptions options = { .avoided_since_us = avoided };
  Oracle oracle = { 0 };
  g_auto (ClovePath) path = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean is_found = clove_path_select (&path, list, &options, random, &error);

  oracle_init (&oracle, list, &options);
  g_assert_cmpint (is_found, ==, oracle.n_best > 0);
  g_assert_cmpint (is_found, ==, error == NULL);
  if (is_found)
    g_assert_true (oracle.is_best[triple_number (list, &path)]);
  g_free (oracle.is_best);
  return is_found;
}

/* Random roles, bans and sizes: a path is found exactly when the oracle knows one. */
static void
test_random_lists (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (4);
  g_autoptr (GPtrArray) pool = g_ptr_array_new_with_free_func ((GDestroyNotify) clove_relay_unref);
  guint n_possible = 0;

  for (guint i = 0; i < 8 * CLOVE_RELAY_ROLES_ALL; i++)
    g_ptr_array_add (pool, fixture_relay (i, 1 + i % CLOVE_RELAY_ROLES_ALL));
  for (guint i = 0; i < 4000; i++) {
    CloveRelay *relays[8] = { 0 };
    gint64 avoided[8] = { 0 };
    guint n = 1 + clove_random_uniform (random, 8);
    g_autoptr (CloveRelayList) list = NULL;

    for (guint j = 0; j < n; j++) {
      /* Row j of the pool, so that no relay comes twice. */
      relays[j] = pool->pdata[j * CLOVE_RELAY_ROLES_ALL +
                              clove_random_uniform (random, CLOVE_RELAY_ROLES_ALL)];
      avoided[j] = (gint64) clove_random_uniform (random, 5) - 1;
    }
    list = clove_relay_list_new (relays, n, NULL);
    n_possible += try_list (list, avoided, random) ? 1 : 0;
  }
  g_assert_cmpuint (n_possible, >, 500);
  g_assert_cmpuint (n_possible, <, 3500);
}

static void
test_sizes (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (5);
  g_autoptr (GPtrArray) relays =
    g_ptr_array_new_with_free_func ((GDestroyNotify) clove_relay_unref);

  for (guint n = 1; n <= 1000; n++) {
    g_autoptr (CloveRelayList) list = NULL;
    g_auto (ClovePath) path = { 0 };

    /* Roles go round, so that from three relays on each role is there. */
    g_ptr_array_add (relays, fixture_relay (n, 1 << n % N_HOPS));
    list = clove_relay_list_new ((CloveRelay *const *) relays->pdata, n, NULL);
    g_assert_cmpint (clove_path_is_possible (list, NULL), ==, n >= 3);
    g_assert_cmpint (clove_path_select (&path, list, NULL, random, NULL), ==, n >= 3);
    if (n >= 3)
      assert_is_path (&path);
  }
}

static void
test_impossible (void)
{
  static const struct {
    const char *roles;
    gint64 avoided[4];
    CloveDirectoryError code;
    const char *message; /* part of it */
  } cases[] = {
    { "m x mx", { 0 }, CLOVE_DIRECTORY_ERROR_MISSING_ROLE, "no usable relay can be the entry" },
    { "e x ex", { 0 }, CLOVE_DIRECTORY_ERROR_MISSING_ROLE, "no usable relay can be the middle" },
    { "em em em", { 0 }, CLOVE_DIRECTORY_ERROR_MISSING_ROLE, "no usable relay can be the exit" },
    { "e e mx", { 0 }, CLOVE_DIRECTORY_ERROR_MISSING_ROLE, "the middle or the exit" },
    { "ex m m", { 0 }, CLOVE_DIRECTORY_ERROR_MISSING_ROLE, "the entry or the exit" },
    { "emx emx", { 0 }, CLOVE_DIRECTORY_ERROR_TOO_FEW_RELAYS, "only 2 can be used" },
    { "emx emx emx", { 0, 5, -1 }, CLOVE_DIRECTORY_ERROR_TOO_FEW_RELAYS, "only 2" },
    { "emx em em x", { -1, 0, 0, -1 }, CLOVE_DIRECTORY_ERROR_MISSING_ROLE, "the exit" },
  };
  g_autoptr (CloveRandom) random = clove_random_new_seeded (6);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (CloveRelayList) list = fixture_list (cases[i].roles);
    ClovePathOptions options = { .avoided_since_us = cases[i].avoided };
    ClovePath path = { 0 };
    g_autoptr (GError) error = NULL;

    g_assert_false (clove_path_select (&path, list, &options, random, &error));
    g_test_message ("%s", error->message);
    g_assert_error (error, CLOVE_DIRECTORY_ERROR, (int) cases[i].code);
    g_assert_nonnull (strstr (error->message, cases[i].message));
    g_assert_null (path.relays[0]);
  }
}

static void
test_bad_pins (void)
{
  g_autoptr (CloveRelayList) list = fixture_list ("em em emx x");
  g_autoptr (CloveRelay) stranger = fixture_relay (99, CLOVE_RELAY_ROLES_ALL);
  g_autoptr (CloveRandom) random = clove_random_new_seeded (7);
  const CloveRelay *em = clove_relay_list_get_relay (list, 0);
  const CloveRelay *emx = clove_relay_list_get_relay (list, 2);
  const gint64 avoided[] = { CLOVE_PATH_NEVER, 0, 0, 0 };
  const struct {
    ClovePathOptions options;
    CloveDirectoryError code;
  } cases[] = {
    { { .pinned = { stranger } }, CLOVE_DIRECTORY_ERROR_NO_SUCH_RELAY },
    { { .pinned = { NULL, NULL, em } }, CLOVE_DIRECTORY_ERROR_MISSING_ROLE },
    { { .pinned = { emx, emx, NULL } }, CLOVE_DIRECTORY_ERROR_TOO_FEW_RELAYS },
    { { .pinned = { emx, NULL, emx } }, CLOVE_DIRECTORY_ERROR_TOO_FEW_RELAYS },
    { { .pinned = { em }, .avoided_since_us = avoided }, CLOVE_DIRECTORY_ERROR_MISSING_ROLE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    ClovePath path = { 0 };
    g_autoptr (GError) error = NULL;

    g_assert_false (clove_path_select (&path, list, &cases[i].options, random, &error));
    g_test_message ("%s", error->message);
    g_assert_error (error, CLOVE_DIRECTORY_ERROR, (int) cases[i].code);
  }
}

static void
select_often (CloveRelayList *list, const ClovePathOptions *options, CloveRandom *random)
{
  for (guint i = 0; i < 10; i++) {
    g_auto (ClovePath) path = { 0 };

    g_assert_true (clove_path_select (&path, list, options, random, NULL));
  }
}

/* Measures with everything asked for that costs time: bans, weights and diversity, which can be had
 * among relays of @n_networks. */
static gint64
measure_us (guint n_relays, guint n_networks, CloveRandom *random)
{
  g_autoptr (GPtrArray) relays =
    g_ptr_array_new_with_free_func ((GDestroyNotify) clove_relay_unref);
  g_autoptr (CloveRelayList) list = NULL;
  g_autofree gint64 *avoided = g_new0 (gint64, n_relays);
  g_autofree gdouble *weights = g_new0 (gdouble, (gsize) n_relays * N_HOPS);
  ClovePathOptions options = { .avoided_since_us = avoided,
                               .weights = weights,
                               .prefers_diversity = TRUE };
  gint64 best_us = G_MAXINT64;

  for (guint i = 0; i < n_relays; i += 100)
    avoided[i] = i + 1;
  for (guint i = 0; i < n_relays * N_HOPS; i++)
    weights[i] = i % 20 == 0 ? 0.5 : 1.0;
  for (guint i = 0; i < n_relays; i++)
    g_ptr_array_add (relays, fixture_relay ((i % n_networks) << 16 | i % 1000,
                                            1 + i % CLOVE_RELAY_ROLES_ALL));
  list = clove_relay_list_new ((CloveRelay *const *) relays->pdata, n_relays, NULL);
  for (guint i = 0; i < 50; i++) {
    gint64 start_us = g_get_monotonic_time ();

    select_often (list, &options, random);
    best_us = MIN (best_us, g_get_monotonic_time () - start_us);
  }
  return best_us / 10;
}

/* Not a bound on time, which a busy machine would break, but on its growth: ten times the relays
 * may take thirty times as long at most, which quadratic work would not keep. */
static void
test_growth (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (8);

  /* With one network, diversity cannot be had, and that has to be found out. */
  for (guint n_networks = 200; n_networks > 0; n_networks /= 200) {
    gint64 small_us = measure_us (1000, n_networks, random);
    gint64 large_us = measure_us (10000, n_networks, random);

    g_test_message ("%u networks, 1000 relays: %" G_GINT64_FORMAT " us, 10000: %" G_GINT64_FORMAT
                    " us",
                    n_networks, small_us, large_us);
    g_assert_cmpint (large_us, <, 30 * (small_us + 1));
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/directory/path-selection/uniform", test_uniform);
  g_test_add_func ("/clove/directory/path-selection/uniform-with-bans", test_uniform_with_bans);
  g_test_add_func ("/clove/directory/path-selection/uniform-with-pins", test_uniform_with_pins);
  g_test_add_func ("/clove/directory/path-selection/random-lists", test_random_lists);
  g_test_add_func ("/clove/directory/path-selection/sizes", test_sizes);
  g_test_add_func ("/clove/directory/path-selection/impossible", test_impossible);
  g_test_add_func ("/clove/directory/path-selection/bad-pins", test_bad_pins);
  g_test_add_func ("/clove/directory/path-selection/growth", test_growth);
  return g_test_run ();
}
