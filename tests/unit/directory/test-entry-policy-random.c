/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold whatever happens, in whatever order, and how many relays a user meets. */
#include "config.h"

#include "entry-fixture.h"

#define N_STEPS        400
#define MAX_CHANGES    2000
#define ROTATION_S     600
#define SIMULATED_DAYS 60
#define YEAR_S         G_GINT64_CONSTANT (365 * 86400)

/* What the test knows of the world, apart from the policy. */
typedef struct {
  EntryFixture f;
  CloveRandom *dice;
  gint8 last_note[ENTRY_MAX_RELAYS]; /* 1: works, -1: dead, 0: none in this run */
  guint64 listed;
  gint64 loaded_s;
  gint64 given_up_s[MAX_CHANGES]; /* when one was replaced for another reason than its term */
  guint n_given_up;
  guint n_terms;
  gboolean is_calm; /* relays seldom fail, so that terms come to their end */
} World;

static void
world_init (World *self, guint n_relays, guint64 seed)
{
  *self = (World){ .dice = clove_random_new_seeded (seed + 1000000) };
  entry_set_up (&self->f, n_relays, seed);
  for (guint i = 0; i < n_relays; i++) {
    guint network = clove_random_uniform (self->dice, MAX (1, n_relays / 2));
    CloveRelayRoles roles = 1 + clove_random_uniform (self->dice, CLOVE_RELAY_ROLES_ALL);

    if (clove_random_uniform (self->dice, 3) > 0)
      roles |= CLOVE_RELAY_ROLE_ENTRY;
    entry_replace_relay (&self->f, i, entry_relay (i, network, roles, NULL));
  }
}

static void
world_clear (World *self)
{
  entry_tear_down (&self->f);
  clove_random_unref (self->dice);
}

static guint64
draw_mask (World *self)
{
  guint64 mask = 0;

  clove_random_bytes (self->dice, (guint8 *) &mask, sizeof mask);
  /* Most lists are nearly complete. */
  return clove_random_uniform (self->dice, 4) == 0 ? mask : mask | ~(mask >> 7 & mask << 5);
}

static gboolean
is_all_silent (const World *self)
{
  gboolean has_note = FALSE;

  for (guint i = 0; i < self->f.n_relays; i++) {
    if (self->last_note[i] > 0)
      return FALSE;
    has_note |= self->last_note[i] < 0;
  }
  return has_note;
}

/* A relay that is kept from now on was there to be chosen, for a term as long as terms are. */
static void
check_chosen (World *self, CloveEntryPlace place, int number)
{
  CloveEntryInfo info = clove_entry_policy_get_info (self->f.policy, place);
  const CloveRelay *relay = self->f.relays[number];
  gint64 term_s = info.kept.expires_s - info.kept.chosen_s;

  g_assert_cmpint (info.kept.chosen_s, ==, self->f.now.wall_s);
  g_assert_cmpint (term_s, >=, CLOVE_ENTRY_MIN_TERM_S);
  g_assert_cmpint (term_s, <=, CLOVE_ENTRY_MAX_TERM_S);
  g_assert_cmpuint (clove_relay_get_roles (relay) & CLOVE_RELAY_ROLE_ENTRY, !=, 0);
  g_assert_cmpuint (self->listed >> number & 1, ==, 1);
  g_assert_cmpint (
    clove_blacklist_get_left_us (self->f.blacklist, clove_relay_get_address (relay)), !=,
    CLOVE_BAN_FOR_EVER_US);
}

static void
check_state (World *self)
{
  int first = entry_kept (&self->f, CLOVE_ENTRY_FIRST);
  int backup = entry_kept (&self->f, CLOVE_ENTRY_BACKUP);

  g_assert_true (first < 0 || first != backup);
  g_assert_true (first >= 0 || backup < 0);
  for (guint i = 0; i < CLOVE_ENTRY_N_PLACES; i++) {
    CloveEntryInfo info = clove_entry_policy_get_info (self->f.policy, i);
    int number = entry_kept (&self->f, i);
    CloveRelay *expected = NULL;

    if (number < 0)
      continue;
    g_assert_cmpint (info.kept.expires_s, <=, self->f.now.wall_s + CLOVE_ENTRY_MAX_TERM_S);
    g_assert_cmpint (info.kept.chosen_s, <=, self->f.now.wall_s);
    if ((self->listed >> number & 1) != 0 &&
        (clove_relay_get_roles (self->f.relays[number]) & CLOVE_RELAY_ROLE_ENTRY) != 0)
      expected = self->f.relays[number];
    g_assert_true (clove_entry_policy_get (self->f.policy, i) == expected);
  }
  if (clove_entry_policy_is_limited (self->f.policy, self->f.now))
    g_assert_cmpuint (clove_entry_policy_get_n_left (self->f.policy, self->f.now), ==, 0);
}

/* At most two in any seven days. */
static void
add_given_up (World *self)
{
  guint n = self->n_given_up++;

  g_assert_cmpuint (self->n_given_up, <, MAX_CHANGES);
  self->given_up_s[n] = self->f.now.wall_s;
  if (n >= CLOVE_ENTRY_MAX_NEW)
    g_assert_cmpint (self->f.now.wall_s - self->given_up_s[n - CLOVE_ENTRY_MAX_NEW], >=,
                     CLOVE_ENTRY_MAX_NEW_WITHIN_S);
}

/* Compares what @change, which is freed, says with what changed since @before. */
static void
check_change (World *self, char *change, const int before[static CLOVE_ENTRY_N_PLACES])
{
  g_auto (GStrv) clauses = g_strsplit (change != NULL ? change : "", "; ", -1);
  gboolean has_changed = FALSE;

  for (guint i = 0; i < CLOVE_ENTRY_N_PLACES; i++) {
    int after = entry_kept (&self->f, i);

    has_changed |= after != before[i];
    if (after != before[i] && after != before[CLOVE_ENTRY_BACKUP])
      check_chosen (self, i, after);
  }
  g_assert_cmpint (has_changed, ==, change != NULL);
  for (guint i = 0; clauses[i] != NULL; i++) {
    gboolean is_replacement = strstr (clauses[i], " is the new ") != NULL;

    g_assert_false (is_replacement && is_all_silent (self));
    if (strstr (clauses[i], "the term of") != NULL)
      self->n_terms++;
    else if (is_replacement)
      add_given_up (self);
  }
  g_free (change);
  check_state (self);
}

static void
note (World *self, guint number, gboolean works)
{
  self->last_note[number] = works ? 1 : -1;
  entry_note (&self->f, (int) number, works);
}

/* Picks a kept relay as often as not. */
static guint
pick (World *self)
{
  int number = entry_kept (&self->f, clove_random_uniform (self->dice, CLOVE_ENTRY_N_PLACES));

  if (number >= 0 && clove_random_uniform (self->dice, 2) == 0)
    return (guint) number;
  return clove_random_uniform (self->dice, self->f.n_relays);
}

static void
ban_or_clear (World *self)
{
  const CloveAddress *address = clove_relay_get_address (self->f.relays[pick (self)]);

  switch (clove_random_uniform (self->dice, 3)) {
    case 0:
      clove_blacklist_ban_until_cleared (self->f.blacklist, address, NULL);
      break;
    case 1:
      clove_blacklist_mark_failed (self->f.blacklist, address, NULL);
      break;
    default:
      clove_blacklist_clear_all (self->f.blacklist);
  }
}

/* The entry is silent for ten minutes, with another one that answers if there is one. */
static void
fall_silent (World *self)
{
  guint number = pick (self);

  for (guint i = 0; i < 2; i++) {
    note (self, clove_random_uniform (self->dice, self->f.n_relays), TRUE);
    note (self, number, FALSE);
    if (i == 0)
      entry_pass (&self->f, 600);
  }
}

static char *
restart (World *self)
{
  memset (self->last_note, 0, sizeof self->last_note);
  entry_restart (&self->f);
  return entry_load (&self->f, self->listed, self->f.now.wall_s - self->loaded_s);
}

static char *
load (World *self)
{
  self->listed = draw_mask (self);
  self->loaded_s = self->f.now.wall_s;
  return entry_load (&self->f, self->listed, 0);
}

static void
step (World *self)
{
  static const gint64 intervals_s[] = { 1, 30, 300, 600, 3600, 20000, 86400, 4 * 86400 };
  int before[CLOVE_ENTRY_N_PLACES] = { entry_kept (&self->f, CLOVE_ENTRY_FIRST),
                                       entry_kept (&self->f, CLOVE_ENTRY_BACKUP) };
  char *change = NULL;

  switch (clove_random_uniform (self->dice, 12)) {
    case 0:
      change = load (self);
      break;
    case 1:
      change = restart (self);
      break;
    case 2:
      for (guint i = 0; i < self->f.n_relays; i++)
        note (self, i, FALSE);
      break;
    case 3:
      ban_or_clear (self);
      break;
    case 4:
    case 5:
      entry_pass (&self->f,
                  intervals_s[clove_random_uniform (self->dice, G_N_ELEMENTS (intervals_s))]);
      break;
    case 6:
    case 7:
      note (self, pick (self), TRUE);
      break;
    case 8:
      note (self, pick (self), FALSE);
      break;
    default:
      if (self->is_calm && clove_random_uniform (self->dice, 20) > 0)
        entry_pass (&self->f, 4 * 86400);
      else
        fall_silent (self);
  }
  if (change == NULL)
    change = clove_entry_policy_update (self->f.policy, self->f.now);
  check_change (self, change, before);
}

static void
test_invariants (void)
{
  guint n_given_up = 0;
  guint n_terms = 0;

  for (guint n_relays = 1; n_relays <= 50; n_relays++) {
    for (guint seed = 0; seed < 2; seed++) {
      World world = { 0 };

      g_test_message ("%u relays, seed %u", n_relays, seed);
      world_init (&world, n_relays, n_relays * 100 + seed);
      world.is_calm = seed % 2 == 1;
      for (guint i = 0; i < N_STEPS; i++)
        step (&world);
      n_given_up += world.n_given_up;
      n_terms += world.n_terms;
      world_clear (&world);
    }
  }
  g_test_message ("%u given up, %u terms", n_given_up, n_terms);
  /* Else the above would prove nothing. */
  g_assert_cmpuint (n_given_up, >, 500);
  g_assert_cmpuint (n_terms, >, 500);
}

/* The calendar may say what it likes: the two are kept apart, are what they must be, and no term is
 * longer than one of now. */
static void
test_calendars (void)
{
  static const gint64 jumps_s[] = { -20 * YEAR_S, -86400, -3600, 86400, 100 * 86400, 20 * YEAR_S };

  for (guint seed = 0; seed < 8; seed++) {
    World world = { 0 };
    EntryFixture *f = &world.f;

    g_test_message ("seed %u", seed);
    world_init (&world, 20, seed);
    g_free (load (&world));
    for (guint i = 0; i < N_STEPS; i++) {
      g_autofree char *change = NULL;

      f->now.wall_s += jumps_s[clove_random_uniform (world.dice, G_N_ELEMENTS (jumps_s))];
      f->now.wall_s = MAX (f->now.wall_s, YEAR_S);
      for (guint j = 0; j < 3; j++) {
        g_free (change);
        change = clove_entry_policy_update (f->policy, f->now);
        entry_pass (f, 1 + clove_random_uniform (world.dice, 2400));
      }
      entry_restart (f);
      world.loaded_s = f->now.wall_s;
      g_free (change);
      change = entry_load (f, world.listed, 0);
      check_state (&world);
    }
    world_clear (&world);
  }
}

static char *
format (EntryFixture *f)
{
  g_autoptr (CloveState) state = clove_state_new ();

  clove_entry_policy_save (f->policy, state);
  return clove_state_format (state, f->now);
}

/* Time goes by, or another list is loaded. Returns: (transfer full): the state after it */
static char *
step_alone (World *self)
{
  if (clove_random_uniform (self->dice, 3) == 0)
    g_free (load (self));
  else
    entry_pass (&self->f, 3600 * (1 + clove_random_uniform (self->dice, 96)));
  g_free (clove_entry_policy_update (self->f.policy, self->f.now));
  return format (&self->f);
}

/* One policy runs on, its twin is saved and restored before each step. What a run forgets on
 * purpose, that relays were silent, is left out. */
static void
test_twins (void)
{
  for (guint seed = 0; seed < 8; seed++) {
    World one = { 0 };
    World twin = { 0 };

    g_test_message ("seed %u", seed);
    world_init (&one, 1 + seed, seed);
    world_init (&twin, 1 + seed, seed);
    g_free (load (&one));
    g_free (load (&twin));
    for (guint i = 0; i < N_STEPS; i++) {
      g_autofree char *text = step_alone (&one);
      g_autofree char *twin_text = NULL;

      g_free (restart (&twin));
      twin_text = step_alone (&twin);
      g_assert_cmpstr (text, ==, twin_text);
    }
    world_clear (&one);
    world_clear (&twin);
  }
}

/* Returns: the relay through which the next circuit goes: the first kept one that is up */
static int
go_through (World *self, const gboolean *is_up)
{
  for (guint i = 0; i < CLOVE_ENTRY_N_PLACES; i++) {
    int number = entry_kept (&self->f, i);

    note (self, (guint) number, is_up[number]);
    if (is_up[number])
      return number;
  }
  return -1;
}

/* What happens to relays within one rotation: the backup is up, the entry fails now and then for
 * less than ten minutes, twice for good; the others come and go. */
static void
let_fail (World *self, guint rotation, gboolean *is_up)
{
  int first = entry_kept (&self->f, CLOVE_ENTRY_FIRST);
  int backup = entry_kept (&self->f, CLOVE_ENTRY_BACKUP);
  guint other = clove_random_uniform (self->dice, self->f.n_relays);

  is_up[other] = !is_up[other];
  is_up[backup] = TRUE;
  is_up[first] = rotation % 2 == 0 || clove_random_uniform (self->dice, 10) > 0;
  if (rotation % 4000 == 1000 || rotation % 4000 == 1001)
    is_up[first] = FALSE;
}

/* Returns: a bit for each relay that the user met as an entry; adds to @n_replaced */
static guint64
live (World *self, guint *n_replaced)
{
  gboolean is_up[ENTRY_MAX_RELAYS] = { FALSE };
  guint64 met = 0;

  for (guint i = 0; i < SIMULATED_DAYS * 86400 / ROTATION_S; i++) {
    int before[CLOVE_ENTRY_N_PLACES] = { entry_kept (&self->f, CLOVE_ENTRY_FIRST),
                                         entry_kept (&self->f, CLOVE_ENTRY_BACKUP) };
    char *change = NULL;
    int used = -1;

    let_fail (self, i, is_up);
    used = go_through (self, is_up);
    g_assert_cmpint (used, >=, 0);
    met |= G_GUINT64_CONSTANT (1) << used;
    change = clove_entry_policy_update (self->f.policy, self->f.now);
    *n_replaced += change != NULL ? 1 : 0;
    check_change (self, change, before);
    entry_pass (&self->f, ROTATION_S);
  }
  return met;
}

/* Sixty days of a new circuit every ten minutes. A user whose entry changed with each circuit would
 * meet all twenty relays within hours. */
static void
test_sixty_days (void)
{
  guint n_terms = 0;

  for (guint seed = 0; seed < 8; seed++) {
    World world = { 0 };
    guint64 met = 0;
    guint n_met = 0;
    guint n_replaced = 0;

    world_init (&world, 20, seed);
    for (guint i = 0; i < 20; i++)
      entry_replace_relay (&world.f, i, entry_relay (i, i, CLOVE_RELAY_ROLES_ALL, NULL));
    world.listed = ENTRY_ALL;
    g_free (entry_load (&world.f, ENTRY_ALL, 0));
    met = live (&world, &n_replaced);
    for (guint i = 0; i < 20; i++)
      n_met += met >> i & 1;
    g_test_message ("seed %u: %u relays met, %u terms over, %u given up", seed, n_met,
                    world.n_terms, world.n_given_up);
    g_assert_cmpuint (world.n_given_up, ==, 2);
    g_assert_cmpuint (n_replaced, <=, world.n_given_up + world.n_terms);
    g_assert_cmpuint (n_met, <=, 2 + n_replaced);
    n_terms += world.n_terms;
    world_clear (&world);
  }
  g_assert_cmpuint (n_terms, >=, 5);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/directory/entry-policy-random/invariants", test_invariants);
  g_test_add_func ("/clove/directory/entry-policy-random/calendars", test_calendars);
  g_test_add_func ("/clove/directory/entry-policy-random/twins", test_twins);
  g_test_add_func ("/clove/directory/entry-policy-random/sixty-days", test_sixty_days);
  return g_test_run ();
}
