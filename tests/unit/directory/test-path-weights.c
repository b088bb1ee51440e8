/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weights shift the chances of paths, and nothing else. */
#include "config.h"

#include "clove-path-selection.h"
#include "fixtures.h"
#include "path-oracle.h"

#include <math.h>

#define N_DRAWS 40000
#define MIN_W   CLOVE_PATH_MIN_WEIGHT

/* Returns: what the selection makes of a weight */
static gdouble
clamp (gdouble weight)
{
  return weight > MIN_W ? MIN (weight, 1.0) : MIN_W;
}

static gdouble
triple_weight (const Oracle *oracle, const ClovePathOptions *options, guint number)
{
  guint n = oracle->n_relays;
  const guint triple[N_HOPS] = { number / n / n, number / n % n, number % n };
  gdouble weight = 1.0;

  for (guint hop = 0; hop < N_HOPS; hop++)
    weight *= clamp (options->weights[triple[hop] * N_HOPS + hop]);
  return weight;
}

/* Compares how often each best path came with its share of all weights: chi-square within five
 * standard deviations. The seed is fixed, so the outcome is too. */
static void
assert_weighted (CloveRelayList *list, const ClovePathOptions *options, CloveRandom *random)
{
  Oracle oracle = { 0 };
  g_autofree guint *n_drawn = NULL;
  guint n_triples = 0;
  gdouble sum = 0.0;
  gdouble chi_square = 0.0;

  oracle_init (&oracle, list, options);
  n_triples = oracle.n_relays * oracle.n_relays * oracle.n_relays;
  n_drawn = g_new0 (guint, n_triples);
  for (guint i = 0; i < N_DRAWS; i++) {
    g_auto (ClovePath) path = { 0 };

    g_assert_true (clove_path_select (&path, list, options, random, NULL));
    assert_is_path (&path);
    g_assert_true (oracle.is_best[triple_number (list, &path)]);
    n_drawn[triple_number (list, &path)]++;
  }
  for (guint i = 0; i < n_triples; i++)
    sum += oracle.is_best[i] ? triple_weight (&oracle, options, i) : 0.0;
  for (guint i = 0; i < n_triples; i++) {
    gdouble expected = N_DRAWS * triple_weight (&oracle, options, i) / sum;

    if (oracle.is_best[i])
      chi_square += (n_drawn[i] - expected) * (n_drawn[i] - expected) / expected;
  }
  g_test_message ("%u paths, chi-square %.1f", oracle.n_best, chi_square);
  g_assert_cmpfloat (fabs (chi_square - (oracle.n_best - 1.0)), <=,
                     5.0 * sqrt (2.0 * oracle.n_best));
  g_free (oracle.is_best);
}

static void
test_shares (void)
{
  static const struct {
    const char *roles;
    gint64 avoided[5];
    gdouble weights[15];
  } cases[] = {
    { "emx emx emx", { 0 }, { 1, 1, 1, 1, 1, 1, 1, 1, 1 } },
    { "emx emx emx", { 0 }, { 1, 1, 0.2, 0.5, 1, 1, 0.3, 0.9, 1 } },
    { "e e m x x", { 0 }, { 1, 1, 1, 0.2, 1, 1, 1, 1, 1, 1, 1, 0.5, 1, 1, 1 } },
    /* Only the comparison counts, also where no draw passes at first sight. */
    { "emx emx emx emx",
      { 0 },
      { 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2 } },
    { "emx emx emx emx",
      { 0 },
      { 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.4, 0.25, 0.2, 0.2 } },
    /* Numbers that are no weights count as the nearer end. */
    { "emx emx emx emx",
      { 0 },
      { 7.0, -1.0, 0.0, (gdouble) NAN, 1, 1, 1, (gdouble) INFINITY, 1, 0.1, 1, 0.7 } },
    /* A banned relay stays out for all its weight, and the longest-banned comes in without any. */
    { "emx emx emx emx", { 0, 0, 7, 0 }, { 0.2, 0.2, 0.2, 0.3, 0.3, 0.3, 1, 1, 1, 0.5, 0.2, 1 } },
    { "emx emx emx emx", { 0, 8, 7, 0 }, { 1, 1, 1, 1, 1, 1, 0.2, 0.2, 0.2, 1, 0.2, 1 } },
  };
  g_autoptr (CloveRandom) random = clove_random_new_seeded (20);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (CloveRelayList) list = fixture_list (cases[i].roles);
    ClovePathOptions options = { .avoided_since_us = cases[i].avoided,
                                 .weights = cases[i].weights };

    g_test_message ("case %u: %s", i, cases[i].roles);
    assert_weighted (list, &options, random);
  }
}

/* A pinned relay is chosen whatever it weighs, and the others as if it weighed nothing special. */
static void
test_shares_with_pins (void)
{
  static const gdouble weights[] = { 0.2, 0.2, 0.2, 1, 1, 0.5, 1, 0.3, 1, 0.6, 1, 0.25 };
  g_autoptr (CloveRelayList) list = fixture_list ("emx emx emx emx");
  g_autoptr (CloveRandom) random = clove_random_new_seeded (21);
  ClovePathOptions options = { .weights = weights,
                               .pinned = { clove_relay_list_get_relay (list, 0) } };

  assert_weighted (list, &options, random);
}

/* With all weights 1, the very same paths are drawn as without weights. */
static void
test_weightless (void)
{
  g_autoptr (CloveRelayList) list = fixture_list ("emx em e mx emx x emx m");
  g_autoptr (CloveRandom) with = clove_random_new_seeded (22);
  g_autoptr (CloveRandom) without = clove_random_new_seeded (22);
  gdouble weights[24] = { 0 };
  ClovePathOptions options = { .weights = weights };

  for (guint i = 0; i < G_N_ELEMENTS (weights); i++)
    weights[i] = 1.0;
  for (guint i = 0; i < 2000; i++) {
    g_auto (ClovePath) a = { 0 };
    g_auto (ClovePath) b = { 0 };

    g_assert_true (clove_path_select (&a, list, &options, with, NULL));
    g_assert_true (clove_path_select (&b, list, NULL, without, NULL));
    g_assert_cmpuint (triple_number (list, &a), ==, triple_number (list, &b));
  }
}

/*
 * For long lists, where going through all triples takes too long: sets of relays that can take
 * different hops are a matroid, so a path is best if and only if no relay of it can be replaced by
 * one that costs less, whatever the order of the three then is.
 */
typedef struct {
  const guint8 *roles;
  const gint64 *avoided;
  guint n_relays;
} LongList;

static gboolean
can_be_hops (const LongList *self, const guint set[static N_HOPS])
{
  static const guint orders[][N_HOPS] = {
    { 0, 1, 2 },
    { 0, 2, 1 },
    { 1, 0, 2 },
    { 1, 2, 0 },
    { 2, 0, 1 },
    { 2, 1, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (orders); i++) {
    if ((self->roles[set[orders[i][0]]] & 1) != 0 && (self->roles[set[orders[i][1]]] & 2) != 0 &&
        (self->roles[set[orders[i][2]]] & 4) != 0)
      return TRUE;
  }
  return FALSE;
}

/* Whether the path stays one when relay @index, banned for longer or not at all, takes a place. */
static gboolean
is_improved_by (const LongList *self, const guint path[static N_HOPS], guint index)
{
  if (self->avoided[index] == CLOVE_PATH_NEVER || index == path[0] || index == path[1] ||
      index == path[2])
    return FALSE;
  for (guint hop = 0; hop < N_HOPS; hop++) {
    guint set[N_HOPS] = { path[0], path[1], path[2] };

    set[hop] = index;
    if (self->avoided[index] < self->avoided[path[hop]] && can_be_hops (self, set))
      return TRUE;
  }
  return FALSE;
}

static void
assert_is_best (const LongList *self, const guint path[static N_HOPS])
{
  for (guint i = 0; i < self->n_relays; i++)
    g_assert_false (is_improved_by (self, path, i));
}

/* Returns: whether any three relays that may be used can be the hops, tried role by role: what
 * relays there are of each set of roles is all that matters, three of each at most */
static gboolean
has_path (const LongList *self)
{
  guint few[3 * CLOVE_PATH_N_HOPS * CLOVE_RELAY_ROLES_ALL] = { 0 };
  guint n_of[CLOVE_RELAY_ROLES_ALL + 1] = { 0 };
  guint n = 0;

  for (guint i = 0; i < self->n_relays; i++) {
    if (self->avoided[i] != CLOVE_PATH_NEVER && n_of[self->roles[i]]++ < N_HOPS)
      few[n++] = i;
  }
  for (guint i = 0; i < n * n * n; i++) {
    guint set[N_HOPS] = { few[i / n / n], few[i / n % n], few[i % n] };

    if (set[0] != set[1] && set[1] != set[2] && set[2] != set[0] && can_be_hops (self, set))
      return TRUE;
  }
  return FALSE;
}

/* Makes a list of @n relays, of which some roles are rare and many are banned. */
static CloveRelayList *
make_list (GPtrArray *pool, guint n, CloveRandom *random, gint64 *avoided, gdouble *weights)
{
  g_autoptr (GPtrArray) relays = g_ptr_array_new ();
  guint roles = 1 + clove_random_uniform (random, CLOVE_RELAY_ROLES_ALL);
  guint n_banned_of_8 = clove_random_uniform (random, 9);

  for (guint i = 0; i < n; i++) {
    guint set = clove_random_uniform (random, 64) == 0
                  ? 1 + clove_random_uniform (random, CLOVE_RELAY_ROLES_ALL)
                  : roles;

    g_ptr_array_add (relays,
                     g_ptr_array_index (pool, (gsize) i * CLOVE_RELAY_ROLES_ALL + set - 1));
    avoided[i] = CLOVE_PATH_FREE;
    if (clove_random_uniform (random, 8) < n_banned_of_8)
      avoided[i] = (gint64) clove_random_uniform (random, 50) - 1;
    for (guint hop = 0; hop < N_HOPS; hop++)
      weights[i * N_HOPS + hop] = clove_random_unit (random);
  }
  return clove_relay_list_new ((CloveRelay *const *) relays->pdata, n, NULL);
}

static gboolean
try_long_list (CloveRelayList *list, const ClovePathOptions *options, CloveRandom *random)
{
  LongList long_list = { .roles = clove_relay_list_get_roles (list),
                         .avoided = options->avoided_since_us,
                         .n_relays = clove_relay_list_get_n_relays (list) };
  g_auto (ClovePath) path = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean is_found = clove_path_select (&path, list, options, random, &error);
  guint indexes[N_HOPS] = { 0 };

  g_assert_cmpint (is_found, ==, has_path (&long_list));
  g_assert_cmpint (is_found, ==, error == NULL);
  if (!is_found)
    return FALSE;
  assert_is_path (&path);
  for (guint hop = 0; hop < N_HOPS; hop++) {
    indexes[hop] = index_of (list, path.relays[hop]);
    g_assert_cmpint (options->avoided_since_us[indexes[hop]], !=, CLOVE_PATH_NEVER);
  }
  assert_is_best (&long_list, indexes);
  g_assert_cmpint (path.is_diverse, ==,
                   clove_path_is_diverse_pair (path.relays[0], path.relays[2]));
  return TRUE;
}

/* From 3 to 1000 relays: neither weights nor diversity cost a path or bring in a banned relay. */
static void
test_rules_hold (void)
{
  enum { MAX_RELAYS = 1000 };
  g_autoptr (CloveRandom) random = clove_random_new_seeded (23);
  g_autoptr (GPtrArray) pool = g_ptr_array_new_with_free_func ((GDestroyNotify) clove_relay_unref);
  g_autofree gint64 *avoided = g_new0 (gint64, MAX_RELAYS);
  g_autofree gdouble *weights = g_new0 (gdouble, (gsize) MAX_RELAYS * N_HOPS);
  guint n_found = 0;

  for (guint i = 0; i < MAX_RELAYS * CLOVE_RELAY_ROLES_ALL; i++)
    g_ptr_array_add (pool, fixture_relay (i, 1 + i % CLOVE_RELAY_ROLES_ALL));
  for (guint n = 3; n <= MAX_RELAYS; n += n < 200 ? 1 : 5) {
    g_autoptr (CloveRelayList) list = make_list (pool, n, random, avoided, weights);
    const ClovePathOptions options[] = {
      { .avoided_since_us = avoided },
      { .avoided_since_us = avoided, .weights = weights },
      { .avoided_since_us = avoided, .weights = weights, .prefers_diversity = TRUE },
    };

    for (guint i = 0; i < G_N_ELEMENTS (options); i++)
      n_found += try_long_list (list, &options[i], random) ? 1 : 0;
  }
  g_test_message ("%u paths", n_found);
  g_assert_cmpuint (n_found, >, 500);
  g_assert_cmpuint (n_found, <, 1050);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/directory/path-weights/shares", test_shares);
  g_test_add_func ("/clove/directory/path-weights/shares-with-pins", test_shares_with_pins);
  g_test_add_func ("/clove/directory/path-weights/weightless", test_weightless);
  g_test_add_func ("/clove/directory/path-weights/rules-hold", test_rules_hold);
  return g_test_run ();
}
