/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each rule by which entries are kept and replaced, and what must not trigger it. */
#include "config.h"

#include "entry-fixture.h"

#define FIRST     CLOVE_ENTRY_FIRST
#define BACKUP    CLOVE_ENTRY_BACKUP
#define HOUR_S    G_GINT64_CONSTANT (3600)
#define SILENCE_S (CLOVE_ENTRY_SILENCE_US / G_USEC_PER_SEC)

static void
set_up (EntryFixture *f, gconstpointer user_data)
{
  entry_set_up (f, 20, 1);
}

static void
tear_down (EntryFixture *f, gconstpointer user_data)
{
  entry_tear_down (f);
}

static void
test_new_destroy (EntryFixture *f, gconstpointer user_data)
{
  entry_assert_no_change (f);
  for (guint i = 0; i < CLOVE_ENTRY_N_PLACES; i++) {
    g_assert_null (clove_entry_policy_get (f->policy, i));
    g_assert_false (clove_entry_policy_get_info (f->policy, i).kept.is_set);
    g_assert_cmpint (clove_entry_policy_get_check_us (f->policy, i), ==, 0);
  }
  g_assert_cmpuint (clove_entry_policy_get_n_left (f->policy, f->now), ==, CLOVE_ENTRY_MAX_NEW);
  g_assert_false (clove_entry_policy_is_limited (f->policy, f->now));
  entry_note (f, 0, FALSE);
  entry_note (f, 0, TRUE);
  entry_assert_no_change (f);
}

static void
test_first_choice (EntryFixture *f, gconstpointer user_data)
{
  entry_begin (f);
  g_assert_cmpint (entry_kept (f, FIRST), !=, entry_kept (f, BACKUP));
  for (guint i = 0; i < CLOVE_ENTRY_N_PLACES; i++) {
    CloveEntryInfo info = clove_entry_policy_get_info (f->policy, i);
    int number = entry_kept (f, i);

    g_assert_true (clove_entry_policy_get (f->policy, i) == f->relays[number]);
    g_assert_cmpstr (info.name, ==, entry_name (f, number));
    g_assert_true (info.is_listed);
    g_assert_false (info.is_silent);
    g_assert_cmpint (info.kept.chosen_s, ==, f->now.wall_s);
    g_assert_cmpint (info.kept.expires_s, >=, f->now.wall_s + CLOVE_ENTRY_MIN_TERM_S);
    g_assert_cmpint (info.kept.expires_s, <=, f->now.wall_s + CLOVE_ENTRY_MAX_TERM_S);
  }
  entry_assert_no_change (f);
  g_assert_cmpuint (clove_entry_policy_get_n_left (f->policy, f->now), ==, CLOVE_ENTRY_MAX_NEW);
}

/* Terms are spread over the whole range, each tenth of it alike. */
static void
test_terms (void)
{
  guint n_in[10] = { 0 };
  const guint n_draws = 4000;
  gdouble chi_square = 0.0;
  EntryFixture f = { 0 };

  entry_set_up (&f, 3, 9);
  for (guint i = 0; i < n_draws; i++) {
    g_autofree char *change = NULL;
    gint64 over_s = 0;

    clove_entry_policy_free (f.policy);
    f.policy = clove_entry_policy_new (f.random, f.blacklist, f.records);
    change = entry_load (&f, ENTRY_ALL, 0);
    over_s = entry_expires_s (&f, FIRST) - f.now.wall_s - CLOVE_ENTRY_MIN_TERM_S;
    n_in[MIN (9, over_s / (3 * ENTRY_DAY_S))]++;
  }
  for (guint i = 0; i < G_N_ELEMENTS (n_in); i++)
    chi_square += (n_in[i] - n_draws / 10.0) * (n_in[i] - n_draws / 10.0) / (n_draws / 10.0);
  g_test_message ("chi-square %.1f", chi_square);
  /* 9 degrees of freedom: beyond this once in a thousand. */
  g_assert_cmpfloat (chi_square, <, 27.9);
  entry_tear_down (&f);
}

/* With too few relays the places that can be filled are, and the others when somebody comes. */
static void
test_few_relays (EntryFixture *f, gconstpointer user_data)
{
  CloveRelayRoles others = CLOVE_RELAY_ROLE_MIDDLE | CLOVE_RELAY_ROLE_EXIT;
  char *change = NULL;

  for (guint i = 0; i < f->n_relays; i++)
    entry_replace_relay (f, i, entry_relay (i, i, i == 7 ? CLOVE_RELAY_ROLES_ALL : others, NULL));
  g_assert_null (entry_load (f, entry_without (7), 0));
  entry_assert_change (f, entry_load (f, ENTRY_ALL, 0), "%a is the entry", 7, 0, 0);
  g_assert_null (clove_entry_policy_get (f->policy, BACKUP));
  /* Nobody can take its place, whatever happens to it. */
  g_assert_null (entry_silence (f, 7));
  g_assert_cmpint (entry_kept (f, FIRST), ==, 7);
  entry_replace_relay (f, 9, entry_relay (9, 9, CLOVE_RELAY_ROLE_ENTRY, NULL));
  clove_blacklist_ban_until_cleared (f->blacklist, clove_relay_get_address (f->relays[9]), NULL);
  entry_note (f, 7, TRUE);
  g_assert_null (entry_load (f, ENTRY_ALL, 0));
  clove_blacklist_clear (f->blacklist, clove_relay_get_address (f->relays[9]));
  change = clove_entry_policy_update (f->policy, f->now);
  entry_assert_change (f, change, "%a is the backup entry", 9, 0, 0);
  g_assert_cmpuint (clove_entry_policy_get_n_left (f->policy, f->now), ==, CLOVE_ENTRY_MAX_NEW);
}

static void
test_term_ends (EntryFixture *f, gconstpointer user_data)
{
  int first = -1;
  int backup = -1;
  gint64 first_s = 0;
  gint64 backup_s = 0;

  entry_begin (f);
  first = entry_kept (f, FIRST);
  backup = entry_kept (f, BACKUP);
  first_s = entry_expires_s (f, FIRST);
  backup_s = entry_expires_s (f, BACKUP);
  /* So it is with this seed: both ways are seen. */
  g_assert_cmpint (first_s, !=, backup_s);
  entry_pass (f, MIN (first_s, backup_s) - 1 - f->now.wall_s);
  entry_assert_no_change (f);
  entry_pass (f, 1);
  if (first_s < backup_s) {
    char *change = clove_entry_policy_update (f->policy, f->now);

    entry_assert_change (f, change, "%a is the new entry and %b its backup: the term of %c is over",
                         backup, entry_kept (f, BACKUP), first);
    g_assert_cmpint (entry_kept (f, FIRST), ==, backup);
    g_assert_cmpint (entry_expires_s (f, FIRST), ==, backup_s);
  } else {
    char *change = clove_entry_policy_update (f->policy, f->now);

    entry_assert_change (f, change, "%a is the new backup entry: the term of %b is over",
                         entry_kept (f, BACKUP), backup, 0);
    g_assert_cmpint (entry_kept (f, FIRST), ==, first);
  }
  g_assert_cmpint (entry_kept (f, BACKUP), !=, first);
  g_assert_cmpint (entry_kept (f, BACKUP), !=, backup);
  g_assert_cmpuint (clove_entry_policy_get_n_left (f->policy, f->now), ==, CLOVE_ENTRY_MAX_NEW);
  entry_assert_no_change (f);
}

/* After a long time off, both terms are over, and neither relay takes the place of the other. */
static void
test_both_terms_end (EntryFixture *f, gconstpointer user_data)
{
  int first = -1;
  int backup = -1;
  char *change = NULL;

  entry_begin (f);
  first = entry_kept (f, FIRST);
  backup = entry_kept (f, BACKUP);
  entry_pass (f, CLOVE_ENTRY_MAX_TERM_S);
  entry_restart (f);
  change = entry_load (f, ENTRY_ALL, 0);
  g_assert_cmpint (entry_kept (f, FIRST), !=, first);
  g_assert_cmpint (entry_kept (f, FIRST), !=, backup);
  g_assert_cmpint (entry_kept (f, BACKUP), !=, backup);
  g_assert_nonnull (strstr (change, "; "));
  g_free (change);
}

/* What happens, until which the entry must stay, and whether it then goes. F and f: the entry is
 * found dead, answers; B and b: the backup; O and o: another; a number: seconds go by. */
static const struct {
  const char *events;
  gboolean goes;
} silences[] = {
  { "b F 600 b F", TRUE },
  { "F b 600 F b", TRUE },
  { "o F 600 o F", TRUE },
  { "o F 600 F b", TRUE },
  { "o F 599 o F", FALSE },
  { "o F 599 o F 1 o F", TRUE },
  /* Once is never enough. */
  { "o F 600 o", FALSE },
  { "o F 600 o 600 o", FALSE },
  /* It answered in between. */
  { "o F 300 f 300 o F", FALSE },
  { "o F 599 f 1 o F 599 o F", FALSE },
  { "o F 599 f o F 600 o F", TRUE },
  /* Nobody else answers, or too long before or after. */
  { "F 600 F 600 F", FALSE },
  { "f F 600 F", FALSE },
  { "o F 600 F", FALSE },
  { "o 120 F 480 o 120 F", TRUE },
  { "o 121 F 479 o 121 F", FALSE },
  { "F 120 o 600 F 120 o", TRUE },
  { "F 121 o 600 F 121 o", FALSE },
  { "o F 600 F 121 o", FALSE },
  /* The witness falls silent itself; another one speaks up for it. */
  { "o F 600 o O F", FALSE },
  { "o F 600 o O F b", TRUE },
  { "o b F 600 o b O F", TRUE },
  { "o O F 600 o F", FALSE },
  /* A witness is one although the entry answered after it. */
  { "o f F 600 o F", TRUE },
  /* Two do so at once, and only a third answers. */
  { "F B o 600 F B o", TRUE },
  /* The network is down: everybody is silent, for as long as it takes. */
  { "o F B O 300 F B O 300 F B O 300 F B O", FALSE },
  { "o F 60 F B O 600 F B O 600 F B O", FALSE },
  /* It comes back: that it is back is not yet known of all. */
  { "F B O 900 F B O 900 F B O 10 o", FALSE },
  { "F B O 900 F B O 900 F B O 10 o f 600 o", FALSE },
  { "F B O 900 F B O 900 F 10 o 589 o F", FALSE },
  { "F B O 900 F B O 900 F 10 o 589 o F 1 o F", TRUE },
  /* Too far apart to say anything of the time between. */
  { "o F 3600 o F", TRUE },
  { "o F 3601 o F", FALSE },
  { "o F 3601 o F 600 o F", TRUE },
};

static void
run_events (EntryFixture *f, const char *events, gboolean goes)
{
  g_auto (GStrv) words = g_strsplit (events, " ", -1);
  int numbers[3] = { entry_kept (f, FIRST), entry_kept (f, BACKUP), entry_find_other (f) };

  for (guint i = 0; words[i] != NULL; i++) {
    g_autofree char *change = NULL;
    const char *kind = strchr ("fbo", g_ascii_tolower (words[i][0]));

    if (kind == NULL)
      entry_pass (f, g_ascii_strtoll (words[i], NULL, 10));
    else
      entry_note (f, numbers[kind - "fbo"], g_ascii_islower (words[i][0]));
    change = clove_entry_policy_update (f->policy, f->now);
    g_assert_cmpint (change != NULL, ==, goes && words[i + 1] == NULL);
  }
}

static void
test_silence (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (silences); i++) {
    EntryFixture f = { 0 };
    int first = -1;

    g_test_message ("%s", silences[i].events);
    entry_set_up (&f, 20, i);
    entry_begin (&f);
    first = entry_kept (&f, FIRST);
    run_events (&f, silences[i].events, silences[i].goes);
    g_assert_cmpint (entry_kept (&f, FIRST) != first, ==, silences[i].goes);
    entry_tear_down (&f);
  }
}

/* The calendar has no say in it, and the time to look again is told. */
static void
test_silence_by_the_clock (EntryFixture *f, gconstpointer user_data)
{
  gint64 found_us = f->now.now_us;
  int other = -1;
  int first = -1;

  entry_begin (f);
  first = entry_kept (f, FIRST);
  other = entry_find_other (f);
  entry_note (f, other, TRUE);
  entry_note (f, first, FALSE);
  g_assert_true (clove_entry_policy_get_info (f->policy, FIRST).is_silent);
  g_assert_cmpint (clove_entry_policy_get_check_us (f->policy, FIRST), ==,
                   found_us + CLOVE_ENTRY_SILENCE_US);
  g_assert_cmpint (clove_entry_policy_get_check_us (f->policy, BACKUP), ==, 0);
  f->now.wall_s += 2 * HOUR_S;
  entry_note (f, other, TRUE);
  entry_note (f, first, FALSE);
  entry_assert_no_change (f);
  entry_note (f, first, TRUE);
  g_assert_false (clove_entry_policy_get_info (f->policy, FIRST).is_silent);
  g_assert_cmpint (clove_entry_policy_get_check_us (f->policy, FIRST), ==, 0);
  /* An entry that is not listed cannot be asked. */
  entry_note (f, first, FALSE);
  g_assert_null (entry_load (f, entry_without (first), 0));
  g_assert_cmpint (clove_entry_policy_get_check_us (f->policy, FIRST), ==, 0);
}

/* Nobody hammers a relay that is dead and cannot be replaced: it is asked again and again, each
 * time soon enough to count, but ever more seldom, down to twice an hour. */
static void
test_checks_get_seldom (void)
{
  EntryFixture f = { 0 };
  gint64 pause_us = 0;
  gint64 end_us = 0;
  guint n_checks = 0;

  entry_set_up (&f, 2, 1);
  entry_begin (&f);
  end_us = f.now.now_us + ENTRY_DAY_S * G_USEC_PER_SEC;
  while (f.now.now_us < end_us) {
    gint64 check_us = 0;

    entry_note (&f, entry_kept (&f, BACKUP), TRUE);
    entry_note (&f, entry_kept (&f, FIRST), FALSE);
    entry_assert_no_change (&f);
    check_us = clove_entry_policy_get_check_us (f.policy, FIRST);
    g_assert_cmpint (check_us, >=, f.now.now_us + 60 * G_USEC_PER_SEC);
    g_assert_cmpint (check_us, <=, f.now.now_us + 1800 * G_USEC_PER_SEC);
    pause_us = check_us - f.now.now_us;
    entry_pass (&f, pause_us / G_USEC_PER_SEC + 1);
    n_checks++;
  }
  g_test_message ("%u checks in a day", n_checks);
  g_assert_cmpint (pause_us, ==, 1800 * G_USEC_PER_SEC);
  g_assert_cmpuint (n_checks, <, 120);
  entry_tear_down (&f);
}

/* A run that ends forgets what it found. */
static void
test_silence_ends_with_run (EntryFixture *f, gconstpointer user_data)
{
  int first = -1;
  int other = -1;

  entry_begin (f);
  first = entry_kept (f, FIRST);
  other = entry_find_other (f);
  entry_note (f, other, TRUE);
  entry_note (f, first, FALSE);
  entry_pass (f, SILENCE_S);
  entry_restart (f);
  g_assert_null (entry_load (f, ENTRY_ALL, 0));
  entry_note (f, other, TRUE);
  entry_note (f, first, FALSE);
  entry_assert_no_change (f);
}

static void
test_backup_takes_over (EntryFixture *f, gconstpointer user_data)
{
  int first = -1;
  int backup = -1;
  gint64 backup_s = 0;
  char *change = NULL;

  entry_begin (f);
  first = entry_kept (f, FIRST);
  backup = entry_kept (f, BACKUP);
  backup_s = entry_expires_s (f, BACKUP);
  change = entry_silence (f, first);
  entry_assert_change (f, change,
                       "%a is the new entry and %b its backup: %c did not answer for 10 minutes",
                       backup, entry_kept (f, BACKUP), first);
  g_assert_cmpint (entry_kept (f, FIRST), ==, backup);
  g_assert_cmpint (entry_expires_s (f, FIRST), ==, backup_s);
  g_assert_true (clove_entry_policy_get (f->policy, FIRST) == f->relays[backup]);
  g_assert_cmpint (entry_kept (f, BACKUP), !=, first);
  g_assert_cmpuint (clove_entry_policy_get_n_left (f->policy, f->now), ==, 1);
}

static void
make_backup_silent (EntryFixture *f)
{
  entry_note (f, entry_find_other (f), TRUE);
  entry_note (f, entry_kept (f, BACKUP), FALSE);
}

static void
ban_backup (EntryFixture *f)
{
  const CloveRelay *backup = f->relays[entry_kept (f, BACKUP)];

  clove_blacklist_ban_until_cleared (f->blacklist, clove_relay_get_address (backup), NULL);
}

static void
hide_backup (EntryFixture *f)
{
  g_assert_null (entry_load (f, entry_without (entry_kept (f, BACKUP)), 0));
}

/* A backup that is silent, not listed, or not wanted by the user stays what it is. */
static void
test_backup_is_not_fit (void)
{
  static void (*const ways[]) (EntryFixture * f) = { make_backup_silent, ban_backup, hide_backup };

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++) {
    EntryFixture f = { 0 };
    int first = -1;
    int backup = -1;
    char *change = NULL;

    entry_set_up (&f, 20, i);
    entry_begin (&f);
    first = entry_kept (&f, FIRST);
    backup = entry_kept (&f, BACKUP);
    ways[i](&f);
    change = entry_silence (&f, first);
    entry_assert_change (&f, change, "%a is the new entry: %b did not answer for 10 minutes",
                         entry_kept (&f, FIRST), first, 0);
    g_assert_cmpint (entry_kept (&f, FIRST), !=, backup);
    g_assert_cmpint (entry_kept (&f, FIRST), !=, first);
    g_assert_cmpint (entry_kept (&f, BACKUP), ==, backup);
    entry_tear_down (&f);
  }
}

static void
test_backup_is_replaced (EntryFixture *f, gconstpointer user_data)
{
  int first = -1;
  int backup = -1;
  char *change = NULL;

  entry_begin (f);
  first = entry_kept (f, FIRST);
  backup = entry_kept (f, BACKUP);
  change = entry_silence (f, backup);
  entry_assert_change (f, change, "%a is the new backup entry: %b did not answer for 10 minutes",
                       entry_kept (f, BACKUP), backup, 0);
  g_assert_cmpint (entry_kept (f, FIRST), ==, first);
}

static void
test_missing (EntryFixture *f, gconstpointer user_data)
{
  int first = -1;
  int backup = -1;
  char *change = NULL;
  gint64 left_s = 0;

  entry_begin (f);
  first = entry_kept (f, FIRST);
  backup = entry_kept (f, BACKUP);
  left_s = f->now.wall_s;
  g_assert_null (entry_load (f, entry_without (first), 0));
  g_assert_null (clove_entry_policy_get (f->policy, FIRST));
  g_assert_false (clove_entry_policy_get_info (f->policy, FIRST).is_listed);
  g_assert_cmpstr (clove_entry_policy_get_info (f->policy, FIRST).name, ==, entry_name (f, first));
  g_assert_cmpint (clove_entry_policy_get_info (f->policy, FIRST).kept.missing_since_s, ==, left_s);
  entry_pass (f, ENTRY_DAY_S - 1);
  g_assert_null (entry_load (f, entry_without (first), 0));
  /* Time alone says nothing: it may be back in the list that nobody has loaded. */
  entry_pass (f, 5 * ENTRY_DAY_S);
  entry_assert_no_change (f);
  change = entry_load (f, entry_without (first), 0);
  entry_assert_change (f, change,
                       "%a is the new entry and %b its backup: the directory has not listed %c as "
                       "an entry for a day",
                       backup, entry_kept (f, BACKUP), first);
  g_assert_cmpuint (clove_entry_policy_get_n_left (f->policy, f->now), ==, 1);
}

static void
test_missing_comes_back (EntryFixture *f, gconstpointer user_data)
{
  int first = -1;

  entry_begin (f);
  first = entry_kept (f, FIRST);
  for (guint i = 0; i < 5; i++) {
    g_assert_null (entry_load (f, entry_without (first), 0));
    entry_pass (f, ENTRY_DAY_S - 1);
    g_assert_null (entry_load (f, ENTRY_ALL, 0));
    g_assert_true (clove_entry_policy_get (f->policy, FIRST) == f->relays[first]);
    entry_pass (f, 1);
  }
}

/* The day may be one in which the program did not run, but a copy of the old list is no news. */
static void
test_missing_over_runs (EntryFixture *f, gconstpointer user_data)
{
  int first = -1;
  int backup = -1;
  char *change = NULL;

  entry_begin (f);
  first = entry_kept (f, FIRST);
  backup = entry_kept (f, BACKUP);
  entry_pass (f, HOUR_S);
  g_assert_null (entry_load (f, entry_without (first), 0));
  entry_pass (f, 3 * ENTRY_DAY_S);
  entry_restart (f);
  g_assert_null (entry_load (f, entry_without (first), 3 * ENTRY_DAY_S));
  g_assert_cmpint (entry_kept (f, FIRST), ==, first);
  change = entry_load (f, entry_without (first), 0);
  entry_assert_change (f, change,
                       "%a is the new entry and %b its backup: the directory has not listed the "
                       "one before as an entry for a day",
                       backup, entry_kept (f, BACKUP), 0);
}

/* It was listed when it was chosen, whatever an older list says. */
static void
test_missing_from_older_list (EntryFixture *f, gconstpointer user_data)
{
  int first = -1;

  entry_begin (f);
  first = entry_kept (f, FIRST);
  g_assert_null (entry_load (f, entry_without (first), 3 * ENTRY_DAY_S));
  g_assert_null (entry_load (f, entry_without (first), 0));
  g_assert_cmpint (entry_kept (f, FIRST), ==, first);
  /* An age beyond the calendar's beginning is none. */
  g_assert_null (entry_load (f, ENTRY_ALL, G_MAXINT64));
  g_assert_null (entry_load (f, ENTRY_ALL, G_MININT64));
}

static void
test_loses_role (EntryFixture *f, gconstpointer user_data)
{
  int first = -1;
  g_autofree char *change = NULL;

  entry_begin (f);
  first = entry_kept (f, FIRST);
  entry_replace_relay (f, (guint) first,
                       entry_relay ((guint) first, (guint) first, CLOVE_RELAY_ROLE_EXIT, NULL));
  g_assert_null (entry_load (f, ENTRY_ALL, 0));
  g_assert_null (clove_entry_policy_get (f->policy, FIRST));
  entry_restart (f);
  entry_pass (f, ENTRY_DAY_S);
  change = entry_load (f, ENTRY_ALL, 0);
  g_assert_nonnull (change);
  g_assert_cmpint (entry_kept (f, FIRST), !=, first);
  g_assert_cmpint (entry_kept (f, BACKUP), !=, first);
}

/* The key is who it is. */
static void
test_moves (EntryFixture *f, gconstpointer user_data)
{
  int first = -1;

  entry_begin (f);
  first = entry_kept (f, FIRST);
  entry_replace_relay (f, (guint) first,
                       entry_relay ((guint) first, 200, CLOVE_RELAY_ROLES_ALL, "new"));
  g_assert_null (entry_load (f, ENTRY_ALL, 0));
  entry_pass (f, 2 * ENTRY_DAY_S);
  g_assert_null (entry_load (f, ENTRY_ALL, 0));
  g_assert_cmpint (entry_kept (f, FIRST), ==, first);
  g_assert_true (clove_entry_policy_get (f->policy, FIRST) == f->relays[first]);
}

#define ADD(path, func) \
  g_test_add ("/clove/directory/entry-policy/" path, EntryFixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("new-destroy", test_new_destroy);
  ADD ("first-choice", test_first_choice);
  g_test_add_func ("/clove/directory/entry-policy/terms", test_terms);
  ADD ("few-relays", test_few_relays);
  ADD ("term-ends", test_term_ends);
  ADD ("both-terms-end", test_both_terms_end);
  g_test_add_func ("/clove/directory/entry-policy/silence", test_silence);
  ADD ("silence-by-the-clock", test_silence_by_the_clock);
  g_test_add_func ("/clove/directory/entry-policy/checks-get-seldom", test_checks_get_seldom);
  ADD ("silence-ends-with-run", test_silence_ends_with_run);
  ADD ("backup-takes-over", test_backup_takes_over);
  g_test_add_func ("/clove/directory/entry-policy/backup-is-not-fit", test_backup_is_not_fit);
  ADD ("backup-is-replaced", test_backup_is_replaced);
  ADD ("missing", test_missing);
  ADD ("missing-comes-back", test_missing_comes_back);
  ADD ("missing-over-runs", test_missing_over_runs);
  ADD ("missing-from-older-list", test_missing_from_older_list);
  ADD ("loses-role", test_loses_role);
  ADD ("moves", test_moves);
  return g_test_run ();
}
