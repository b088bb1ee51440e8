/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entry and exit in different networks and of different operators, whenever that costs nothing. */
#include "config.h"

#include "clove-path-diversity.h"
#include "clove-path-selection.h"
#include "fixtures.h"
#include "path-oracle.h"

#include <math.h>

/* Makes relay @number with the roles of another, elsewhere. */
static CloveRelay *
place_relay (guint number,
             CloveRelayRoles roles,
             const char *address_text,
             const char *operator_name)
{
  g_autoptr (CloveRelay) relay = fixture_relay (number, roles);
  CloveAddress address = { 0 };

  g_assert_true (clove_address_parse (&address, address_text, NULL));
  return clove_relay_new (clove_relay_get_name (relay), clove_relay_get_key (relay), &address,
                          roles, operator_name, NULL);
}

static void
test_pairs (void)
{
  static const struct {
    const char *entry;
    const char *entry_operator;
    const char *exit;
    const char *exit_operator;
    gboolean is_diverse;
  } cases[] = {
    { "10.1.0.1:9001", NULL, "10.2.0.1:9001", NULL, TRUE },
    { "10.1.0.1:9001", NULL, "10.1.255.1:9001", NULL, FALSE },
    { "10.1.0.1:9001", NULL, "10.1.0.1:9005", NULL, FALSE },
    { "10.1.0.1:9001", "a", "10.2.0.1:9001", "a", FALSE },
    { "10.1.0.1:9001", "a", "10.2.0.1:9001", "b", TRUE },
    { "10.1.0.1:9001", "a", "10.2.0.1:9001", NULL, TRUE },
    { "10.1.0.1:9001", NULL, "10.2.0.1:9001", "a", TRUE },
    { "10.1.0.1:9001", "a", "10.1.0.2:9001", "b", FALSE },
    { "127.0.0.1:9001", NULL, "127.0.0.1:9003", NULL, TRUE },
    { "127.0.0.1:9001", "a", "127.0.0.1:9003", "a", FALSE },
    { "[::1]:9001", NULL, "[::1]:9003", NULL, TRUE },
    { "[2001:db8::1]:9001", NULL, "[2001:db8:1::1]:9001", NULL, FALSE },
    { "[2001:db8::1]:9001", NULL, "[2001:db9::1]:9001", NULL, TRUE },
    { "[2001:db8::1]:9001", NULL, "10.1.0.1:9001", NULL, TRUE },
    /* The same bits at the start, but another protocol. */
    { "[::a01:0:0:0]:9001", NULL, "10.1.0.1:9001", NULL, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (CloveRelay) entry =
      place_relay (1, CLOVE_RELAY_ROLE_ENTRY, cases[i].entry, cases[i].entry_operator);
    g_autoptr (CloveRelay) last =
      place_relay (2, CLOVE_RELAY_ROLE_EXIT, cases[i].exit, cases[i].exit_operator);

    g_test_message ("case %u", i);
    g_assert_cmpint (clove_path_is_diverse_pair (entry, last), ==, cases[i].is_diverse);
    g_assert_cmpint (clove_path_is_diverse_pair (last, entry), ==, cases[i].is_diverse);
  }
}

/* Leaves in the oracle what is diverse, too, if there is any such path. Returns: whether */
static gboolean
keep_diverse (Oracle *oracle, CloveRelayList *list)
{
  guint n = oracle->n_relays;
  guint n_diverse = 0;

  for (guint pass = 0; pass < 2; pass++) {
    for (guint i = 0; i < n * n * n; i++) {
      gboolean is_diverse =
        clove_path_is_diverse_pair (clove_relay_list_get_relay (list, i / n / n),
                                    clove_relay_list_get_relay (list, i % n));

      if (pass == 0)
        n_diverse += oracle->is_best[i] && is_diverse ? 1 : 0;
      else
        oracle->is_best[i] = oracle->is_best[i] && is_diverse;
    }
    if (n_diverse == 0)
      return FALSE;
  }
  oracle->n_best = n_diverse;
  return TRUE;
}

/* Makes a list of @n relays with random roles, few networks and few operators. */
static CloveRelayList *
random_list (guint n, guint n_networks, CloveRandom *random, gint64 *avoided)
{
  static const char *const operators[] = { NULL, "a", "b", "c" };
  g_autoptr (GPtrArray) relays =
    g_ptr_array_new_with_free_func ((GDestroyNotify) clove_relay_unref);

  for (guint i = 0; i < n; i++) {
    guint network = clove_random_uniform (random, n_networks + 1);
    g_autofree char *address = network == n_networks
                                 ? g_strdup_printf ("127.0.0.1:%u", 9001 + i)
                                 : g_strdup_printf ("10.%u.%u.1:9001", network, i);

    g_ptr_array_add (relays,
                     place_relay (i, 1 + clove_random_uniform (random, CLOVE_RELAY_ROLES_ALL),
                                  address, operators[clove_random_uniform (random, 4)]));
    avoided[i] = (gint64) clove_random_uniform (random, 5) - 1;
  }
  return clove_relay_list_new ((CloveRelay *const *) relays->pdata, n, NULL);
}

/* Counts in @n_out what came of one selection: not diverse, diverse. */
static void
try_list (CloveRelayList *list, const gint64 *avoided, CloveRandom *random, guint n_out[static 2])
{
  ClovePathOptions options = { .avoided_since_us = avoided, .prefers_diversity = TRUE };
  Oracle oracle = { 0 };
  g_auto (ClovePath) path = { 0 };
  gboolean is_found = clove_path_select (&path, list, &options, random, NULL);

  oracle_init (&oracle, list, &options);
  g_assert_cmpint (is_found, ==, oracle.n_best > 0);
  if (is_found) {
    gboolean can_be_diverse = keep_diverse (&oracle, list);

    g_assert_cmpint (path.is_diverse, ==, can_be_diverse);
    g_assert_true (oracle.is_best[triple_number (list, &path)]);
    n_out[path.is_diverse ? 1 : 0]++;
  }
  g_free (oracle.is_best);
}

static void
test_whenever_possible (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (30);
  gint64 avoided[40] = { 0 };
  guint n_found[2] = { 0 };

  for (guint i = 0; i < 3000; i++) {
    guint n = 3 + clove_random_uniform (random, i < 2900 ? 6 : 37);
    g_autoptr (CloveRelayList) list = random_list (n, 2, random, avoided);

    try_list (list, avoided, random, n_found);
  }
  g_test_message ("%u diverse, %u not", n_found[1], n_found[0]);
  g_assert_cmpuint (n_found[0], >, 300);
  g_assert_cmpuint (n_found[1], >, 300);
}

/* Compares the draws with equal shares of what the oracle leaves, as in test-path-selection.c. */
static void
assert_even (const Oracle *oracle, const guint *n_drawn, guint n_draws)
{
  guint n = oracle->n_relays;
  gdouble expected = (gdouble) n_draws / oracle->n_best;
  gdouble chi_square = 0.0;

  for (guint i = 0; i < n * n * n; i++) {
    if (oracle->is_best[i])
      chi_square += (n_drawn[i] - expected) * (n_drawn[i] - expected) / expected;
    else
      g_assert_cmpuint (n_drawn[i], ==, 0);
  }
  g_assert_cmpfloat (fabs (chi_square - (oracle->n_best - 1.0)), <=,
                     5.0 * sqrt (2.0 * oracle->n_best));
}

/* Both ways to find diverse paths, trying and counting, give each the same chance. */
static void
draw_both_ways (CloveRelayList *list, const Oracle *oracle, CloveRandom *random)
{
  ClovePathOptions options = { .prefers_diversity = TRUE };
  ClovePathRequest request = { .list = list,
                               .pinned = { CLOVE_PATH_NO_INDEX, CLOVE_PATH_NO_INDEX,
                                           CLOVE_PATH_NO_INDEX } };
  g_auto (ClovePathPlan) plan = { 0 };
  g_auto (ClovePathDraw) draw = { 0 };
  g_auto (ClovePathDiversity) diversity = { 0 };
  guint n = oracle->n_relays;
  guint n_draws = 100 * oracle->n_best;
  g_autofree guint *n_tried = g_new0 (guint, n * n * n);
  g_autofree guint *n_counted = g_new0 (guint, n * n * n);

  g_assert_true (clove_path_plan_init (&plan, &request, NULL));
  clove_path_draw_init (&draw, &plan, n);
  g_assert_true (clove_path_diversity_init (&diversity, &draw, list));
  for (guint i = 0; i < n_draws; i++) {
    g_auto (ClovePath) path = { 0 };
    guint indexes[N_HOPS] = { 0 };

    g_assert_true (clove_path_select (&path, list, &options, random, NULL));
    n_tried[triple_number (list, &path)]++;
    clove_path_diversity_draw_next (&diversity, random, indexes);
    n_counted[(indexes[0] * n + indexes[1]) * n + indexes[2]]++;
  }
  assert_even (oracle, n_tried, n_draws);
  assert_even (oracle, n_counted, n_draws);
}

static void
test_even (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (31);
  gint64 unused[8] = { 0 };
  guint n_lists = 0;

  while (n_lists < 40) {
    g_autoptr (CloveRelayList) list =
      random_list (5 + clove_random_uniform (random, 4), 3, random, unused);
    ClovePathOptions options = { 0 };
    Oracle oracle = { 0 };

    oracle_init (&oracle, list, &options);
    if (oracle.n_best > 0 && keep_diverse (&oracle, list)) {
      draw_both_ways (list, &oracle, random);
      n_lists++;
    }
    g_free (oracle.is_best);
  }
}

/* One relay among a thousand is elsewhere: trying seldom finds it, counting always does. */
static void
test_needle (void)
{
  enum { N_RELAYS = 1000,
         N_ROUNDS = 50 };
  g_autoptr (CloveRandom) random = clove_random_new_seeded (32);
  g_autoptr (GPtrArray) relays =
    g_ptr_array_new_with_free_func ((GDestroyNotify) clove_relay_unref);
  g_autoptr (CloveRelayList) list = NULL;
  g_autofree gdouble *weights = g_new0 (gdouble, (gsize) N_RELAYS * N_HOPS);
  ClovePathOptions options = { .prefers_diversity = TRUE, .weights = weights };

  for (guint i = 0; i < N_RELAYS; i++) {
    g_autofree char *address =
      g_strdup_printf ("10.%u.%u.%u:9001", i == 700 ? 2u : 1u, i >> 8, i & 255);

    g_ptr_array_add (relays, place_relay (i, CLOVE_RELAY_ROLES_ALL, address, NULL));
  }
  list = clove_relay_list_new ((CloveRelay *const *) relays->pdata, N_RELAYS, NULL);
  for (guint i = 0; i < N_ROUNDS; i++) {
    g_auto (ClovePath) path = { 0 };

    g_assert_true (clove_path_select (&path, list, &options, random, NULL));
    g_assert_true (path.is_diverse);
    g_assert_true (index_of (list, path.relays[0]) == 700 ||
                   index_of (list, path.relays[2]) == 700);
  }
}

/* Makes a list of relays that can be any hop, each in the network that its letter stands for. */
static CloveRelayList *
list_in_networks (const char *networks)
{
  g_autoptr (GPtrArray) relays =
    g_ptr_array_new_with_free_func ((GDestroyNotify) clove_relay_unref);

  for (guint i = 0; networks[i] != '\0'; i++) {
    g_autofree char *address = g_strdup_printf ("10.%d.0.%u:9001", networks[i], i);

    g_ptr_array_add (relays, place_relay (i, CLOVE_RELAY_ROLES_ALL, address, NULL));
  }
  return clove_relay_list_new ((CloveRelay *const *) relays->pdata, relays->len, NULL);
}

/* Never at the price of a banned relay, not even of one banned for less long. */
static void
test_at_no_cost (void)
{
  static const struct {
    const char *networks;
    gint64 avoided[4];
    gboolean is_diverse;
  } cases[] = {
    { "aaab", { 0, 0, 0, 0 }, TRUE },
    { "aaab", { 0, 0, 0, 7 }, FALSE },
    { "aaab", { 0, 0, 6, 7 }, FALSE },
    { "aaab", { 0, 0, 7, 6 }, TRUE },
    { "aaab", { 0, 0, 7, 7 }, TRUE },
    { "aaab", { 0, 0, 0, CLOVE_PATH_NEVER }, FALSE },
    { "aaaa", { 0, 0, 0, 0 }, FALSE },
  };
  g_autoptr (CloveRandom) random = clove_random_new_seeded (33);

  for (guint i = 0; i < 20 * G_N_ELEMENTS (cases); i++) {
    guint number = i / 20;
    g_autoptr (CloveRelayList) list = list_in_networks (cases[number].networks);
    ClovePathOptions options = { .avoided_since_us = cases[number].avoided,
                                 .prefers_diversity = TRUE };
    g_auto (ClovePath) path = { 0 };

    g_test_message ("case %u", number);
    g_assert_true (clove_path_select (&path, list, &options, random, NULL));
    g_assert_cmpint (path.is_diverse, ==, cases[number].is_diverse);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/directory/path-diversity/pairs", test_pairs);
  g_test_add_func ("/clove/directory/path-diversity/whenever-possible", test_whenever_possible);
  g_test_add_func ("/clove/directory/path-diversity/even", test_even);
  g_test_add_func ("/clove/directory/path-diversity/needle", test_needle);
  g_test_add_func ("/clove/directory/path-diversity/at-no-cost", test_at_no_cost);
  return g_test_run ();
}
