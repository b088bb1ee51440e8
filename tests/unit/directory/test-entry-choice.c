/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may be chosen as an entry, and how often. */
#include "config.h"

#include "clove-entry-choice.h"
#include "entry-fixture.h"

#define N_DRAWS 20000

/* Draws among those of @mask, and counts how often each came; the last counter is for nobody. */
static void
draw (EntryFixture *f, guint64 mask, int companion, guint n_drawn_out[static ENTRY_MAX_RELAYS + 1])
{
  g_autoptr (CloveRelayList) list = entry_list (f, mask);
  CloveStateEntry excluded = { .is_set = companion >= 0 };
  CloveEntryChoice choice = { .relays = list,
                              .blacklist = f->blacklist,
                              .records = f->records,
                              .excluded = &excluded,
                              .n_excluded = 1 };

  if (companion >= 0) {
    choice.companion = f->relays[companion];
    memcpy (excluded.key, clove_relay_get_key (f->relays[companion]), sizeof excluded.key);
  }
  memset (n_drawn_out, 0, (ENTRY_MAX_RELAYS + 1) * sizeof *n_drawn_out);
  for (guint i = 0; i < N_DRAWS; i++) {
    const CloveRelay *relay = clove_entry_choose (&choice, f->random);

    if (relay == NULL)
      n_drawn_out[ENTRY_MAX_RELAYS]++;
    else
      n_drawn_out[entry_find (f, clove_relay_get_key (relay))]++;
  }
}

/* The sum of squared deviations follows chi-square with n - 1 degrees of freedom, whose mean is
 * n - 1 and deviation sqrt (2 (n - 1)). The seed is fixed, so the outcome is too. */
static void
assert_distribution (EntryFixture *f, const guint *n_drawn, const gdouble *weights)
{
  gdouble sum = 0.0;
  gdouble chi_square = 0.0;
  gdouble excess = 0.0;
  guint n = 0;

  for (guint i = 0; i < f->n_relays; i++) {
    sum += weights[i];
    n += weights[i] > 0.0 ? 1 : 0;
  }
  for (guint i = 0; i < f->n_relays; i++) {
    gdouble expected = N_DRAWS * weights[i] / sum;
    gdouble deviation = n_drawn[i] - expected;

    if (weights[i] > 0.0)
      chi_square += deviation * deviation / expected;
    else
      g_assert_cmpuint (n_drawn[i], ==, 0);
  }
  excess = chi_square - (n - 1.0);
  g_test_message ("%u relays, chi-square %.1f", n, chi_square);
  /* Four standard deviations. */
  g_assert_cmpfloat (excess * excess, <=, 16.0 * 2.0 * (n - 1.0));
}

static void
test_uniform (void)
{
  for (guint n = 2; n <= 50; n += 16) {
    EntryFixture f = { 0 };
    guint n_drawn[ENTRY_MAX_RELAYS + 1] = { 0 };
    gdouble weights[ENTRY_MAX_RELAYS] = { 0 };

    entry_set_up (&f, n, n);
    for (guint i = 0; i < n; i++)
      weights[i] = 1.0;
    draw (&f, ENTRY_ALL, -1, n_drawn);
    assert_distribution (&f, n_drawn, weights);
    entry_tear_down (&f);
  }
}

/* Chances go by how relays did as entries; what they did in other places does not count. */
static void
test_weighted (void)
{
  EntryFixture f = { 0 };
  guint n_drawn[ENTRY_MAX_RELAYS + 1] = { 0 };
  gdouble weights[ENTRY_MAX_RELAYS] = { 0 };

  entry_set_up (&f, 8, 1);
  for (guint i = 0; i < f.n_relays; i++) {
    const guint8 *key = clove_relay_get_key (f.relays[i]);

    for (guint j = 0; j < i; j++)
      clove_relay_records_note_use (f.records, key, 0, FALSE);
    for (guint j = i; j < f.n_relays; j++)
      clove_relay_records_note_use (f.records, key, 2, FALSE);
    weights[i] = clove_relay_records_get_weight (f.records, key, 0);
  }
  g_assert_cmpfloat (weights[7], <, 0.5 * weights[0]);
  draw (&f, ENTRY_ALL, -1, n_drawn);
  assert_distribution (&f, n_drawn, weights);
  entry_tear_down (&f);
}

/* Only those that are best by ban, then by being apart from the companion, and none that the user
 * banned or that is no entry. */
static void
test_tiers (void)
{
  static const struct {
    const char *relays; /* the companion is relay 0; of each other relay: see below */
    const char *chosen;
  } cases[] = {
    /* n: near, a: apart, N, A: the same, banned; x: banned by the user, m: not an entry */
    { "naNAxm", "a" },
    { "nnNAxm", "n" },
    { "NNAAxm", "A" },
    { "NNNxmm", "N" },
    { "xmxmxm", "" },
    { "aaaaaa", "a" },
    { "", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    EntryFixture f = { 0 };
    guint n_drawn[ENTRY_MAX_RELAYS + 1] = { 0 };
    gdouble weights[ENTRY_MAX_RELAYS] = { 0 };
    const char *relays = cases[i].relays;

    g_test_message ("%s", relays);
    entry_set_up (&f, (guint) strlen (relays) + 1, i + 1);
    for (guint j = 1; j < f.n_relays; j++) {
      char kind = relays[j - 1];
      CloveRelayRoles roles = CLOVE_RELAY_ROLES_ALL & ~(kind == 'm' ? CLOVE_RELAY_ROLE_ENTRY : 0);
      guint network = g_ascii_tolower (kind) == 'n' ? 0 : j;
      const CloveAddress *address = NULL;

      entry_replace_relay (&f, j, entry_relay (j, network, roles, NULL));
      address = clove_relay_get_address (f.relays[j]);
      if (kind == 'x')
        clove_blacklist_ban_until_cleared (f.blacklist, address, NULL);
      else if (g_ascii_isupper (kind))
        clove_blacklist_mark_failed (f.blacklist, address, NULL);
      weights[j] = strchr (cases[i].chosen, kind) != NULL ? 1.0 : 0.0;
    }
    draw (&f, ENTRY_ALL, 0, n_drawn);
    if (cases[i].chosen[0] != '\0')
      assert_distribution (&f, n_drawn, weights);
    g_assert_cmpuint (n_drawn[ENTRY_MAX_RELAYS], ==, cases[i].chosen[0] != '\0' ? 0 : N_DRAWS);
    entry_tear_down (&f);
  }
}

static void
test_operators (void)
{
  EntryFixture f = { 0 };
  guint n_drawn[ENTRY_MAX_RELAYS + 1] = { 0 };

  entry_set_up (&f, 4, 1);
  for (guint i = 0; i < 3; i++)
    entry_replace_relay (&f, i, entry_relay (i, i, CLOVE_RELAY_ROLES_ALL, "one"));
  entry_replace_relay (&f, 3, entry_relay (3, 3, CLOVE_RELAY_ROLES_ALL, "another"));
  draw (&f, ENTRY_ALL, 0, n_drawn);
  g_assert_cmpuint (n_drawn[3], ==, N_DRAWS);
  draw (&f, 0x7, 0, n_drawn);
  g_assert_cmpuint (n_drawn[1] + n_drawn[2], ==, N_DRAWS);
  entry_tear_down (&f);
}

/* Exits are left to their own place where there are fewer of them than of other entries. */
static void
test_exits (void)
{
  for (guint n_exits = 1; n_exits <= 4; n_exits++) {
    EntryFixture f = { 0 };
    guint n_drawn[ENTRY_MAX_RELAYS + 1] = { 0 };
    gdouble weights[ENTRY_MAX_RELAYS] = { 0 };

    entry_set_up (&f, 5, n_exits);
    for (guint i = n_exits; i < 5; i++)
      entry_replace_relay (
        &f, i, entry_relay (i, i, CLOVE_RELAY_ROLES_ALL & ~CLOVE_RELAY_ROLE_EXIT, NULL));
    for (guint i = 0; i < 5; i++)
      weights[i] = n_exits <= 2 && i < n_exits ? 0.0 : 1.0;
    draw (&f, ENTRY_ALL, -1, n_drawn);
    assert_distribution (&f, n_drawn, weights);
    entry_tear_down (&f);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/directory/entry-choice/uniform", test_uniform);
  g_test_add_func ("/clove/directory/entry-choice/weighted", test_weighted);
  g_test_add_func ("/clove/directory/entry-choice/tiers", test_tiers);
  g_test_add_func ("/clove/directory/entry-choice/exits", test_exits);
  g_test_add_func ("/clove/directory/entry-choice/operators", test_operators);
  return g_test_run ();
}
