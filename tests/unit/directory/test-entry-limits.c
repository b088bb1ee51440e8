/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often entries may be replaced, and what a calendar or a state that is wrong may not do. */
#include "config.h"

#include "entry-fixture.h"

#define FIRST  CLOVE_ENTRY_FIRST
#define BACKUP CLOVE_ENTRY_BACKUP
#define HOUR_S G_GINT64_CONSTANT (3600)
#define YEAR_S G_GINT64_CONSTANT (365 * 86400)

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
  g_assert_cmpuint (clove_entry_policy_get_n_left (f->policy, f->now), ==, CLOVE_ENTRY_MAX_NEW);
  g_assert_false (clove_entry_policy_is_limited (f->policy, f->now));
  g_assert_null (clove_entry_policy_choose_anew (f->policy, f->now));
}

/* Uses up both changes that are allowed, an hour apart. */
static void
reach_limit (EntryFixture *f)
{
  entry_begin (f);
  for (guint i = 0; i < CLOVE_ENTRY_MAX_NEW; i++) {
    g_autofree char *change = entry_silence (f, entry_kept (f, FIRST));

    g_assert_nonnull (change);
    g_assert_false (clove_entry_policy_is_limited (f->policy, f->now));
    entry_pass (f, HOUR_S);
  }
  g_assert_cmpuint (clove_entry_policy_get_n_left (f->policy, f->now), ==, 0);
  g_assert_false (clove_entry_policy_is_limited (f->policy, f->now));
}

static void
test_limit (EntryFixture *f, gconstpointer user_data)
{
  int first = -1;
  gint64 first_change_s = 0;
  g_autofree char *change = NULL;

  reach_limit (f);
  /* An hour and the ten minutes that lead to it, twice, the second time without the first ten. */
  first_change_s = f->now.wall_s - 2 * HOUR_S - 600;
  first = entry_kept (f, FIRST);
  g_assert_null (entry_silence (f, first));
  g_assert_cmpint (entry_kept (f, FIRST), ==, first);
  g_assert_true (clove_entry_policy_is_limited (f->policy, f->now));
  /* A restart does not help. */
  entry_restart (f);
  g_assert_null (entry_load (f, ENTRY_ALL, 0));
  g_assert_cmpuint (clove_entry_policy_get_n_left (f->policy, f->now), ==, 0);
  g_assert_null (entry_silence (f, first));
  g_assert_true (clove_entry_policy_is_limited (f->policy, f->now));
  /* A week after the first of the two, one is allowed again, but what was seen then is old. */
  entry_pass (f, first_change_s + 7 * ENTRY_DAY_S - 1 - f->now.wall_s);
  g_assert_true (clove_entry_policy_is_limited (f->policy, f->now));
  entry_pass (f, 1);
  g_assert_false (clove_entry_policy_is_limited (f->policy, f->now));
  g_assert_cmpuint (clove_entry_policy_get_n_left (f->policy, f->now), ==, 1);
  entry_assert_no_change (f);
  change = entry_silence (f, first);
  g_assert_nonnull (change);
  g_assert_cmpuint (clove_entry_policy_get_n_left (f->policy, f->now), ==, 0);
}

/* What is held back is forgotten when the reason is gone. */
static void
test_limit_eases (EntryFixture *f, gconstpointer user_data)
{
  int first = -1;

  reach_limit (f);
  first = entry_kept (f, FIRST);
  g_assert_null (entry_silence (f, first));
  g_assert_true (clove_entry_policy_is_limited (f->policy, f->now));
  entry_note (f, first, TRUE);
  g_assert_false (clove_entry_policy_is_limited (f->policy, f->now));
  g_assert_null (entry_load (f, entry_without (first), 0));
  entry_pass (f, ENTRY_DAY_S);
  g_assert_null (entry_load (f, entry_without (first), 0));
  g_assert_true (clove_entry_policy_is_limited (f->policy, f->now));
  g_assert_null (entry_load (f, ENTRY_ALL, 0));
  g_assert_false (clove_entry_policy_is_limited (f->policy, f->now));
  g_assert_null (clove_entry_policy_choose_anew (f->policy, f->now));
  g_assert_cmpint (entry_kept (f, FIRST), ==, first);
}

/* A term that ends is not limited. */
static void
test_limit_spares_terms (EntryFixture *f, gconstpointer user_data)
{
  g_autofree char *change = NULL;
  int first = -1;

  entry_begin (f);
  entry_pass (f, entry_expires_s (f, FIRST) - f->now.wall_s - 2 * HOUR_S);
  /* The backup's own term may have ended on the way. */
  change = clove_entry_policy_update (f->policy, f->now);
  for (guint i = 0; i < CLOVE_ENTRY_MAX_NEW; i++) {
    g_autofree char *backup_change = entry_silence (f, entry_kept (f, BACKUP));

    g_assert_nonnull (backup_change);
  }
  g_assert_cmpuint (clove_entry_policy_get_n_left (f->policy, f->now), ==, 0);
  first = entry_kept (f, FIRST);
  entry_pass (f, 2 * HOUR_S);
  g_free (change);
  change = clove_entry_policy_update (f->policy, f->now);
  g_assert_nonnull (change);
  g_assert_nonnull (strstr (change, "the term of"));
  g_assert_cmpint (entry_kept (f, FIRST), !=, first);
  g_assert_cmpuint (clove_entry_policy_get_n_left (f->policy, f->now), ==, 0);
}

static void
test_choose_anew (EntryFixture *f, gconstpointer user_data)
{
  int first = -1;
  int backup = -1;
  char *change = NULL;

  reach_limit (f);
  first = entry_kept (f, FIRST);
  backup = entry_kept (f, BACKUP);
  g_assert_null (entry_silence (f, first));
  /* What was seen need not be new: the user was asked in the meantime. */
  entry_pass (f, HOUR_S);
  entry_assert_no_change (f);
  change = clove_entry_policy_choose_anew (f->policy, f->now);
  entry_assert_change (f, change,
                       "%a is the new entry and %b its backup: %c did not answer for 10 minutes",
                       backup, entry_kept (f, BACKUP), first);
  g_assert_cmpuint (clove_entry_policy_get_n_left (f->policy, f->now), ==, CLOVE_ENTRY_MAX_NEW);
  g_assert_false (clove_entry_policy_is_limited (f->policy, f->now));
  /* Nobody has a reason to go now. */
  g_assert_null (clove_entry_policy_choose_anew (f->policy, f->now));
  entry_pass (f, CLOVE_ENTRY_MAX_TERM_S);
  change = clove_entry_policy_choose_anew (f->policy, f->now);
  g_assert_nonnull (change);
  g_free (change);
}

/* While nobody answers, permission is taken note of and nothing else. */
static void
test_choose_anew_offline (EntryFixture *f, gconstpointer user_data)
{
  int first = -1;

  reach_limit (f);
  first = entry_kept (f, FIRST);
  g_assert_null (entry_silence (f, first));
  for (guint i = 0; i < f->n_relays; i++)
    entry_note (f, (int) i, FALSE);
  g_assert_null (clove_entry_policy_choose_anew (f->policy, f->now));
  g_assert_cmpint (entry_kept (f, FIRST), ==, first);
  g_assert_cmpuint (clove_entry_policy_get_n_left (f->policy, f->now), ==, CLOVE_ENTRY_MAX_NEW);
}

/* Offline, not even a term ends. */
static void
test_offline (EntryFixture *f, gconstpointer user_data)
{
  int first = -1;
  int backup = -1;
  g_autofree char *change = NULL;

  entry_begin (f);
  first = entry_kept (f, FIRST);
  backup = entry_kept (f, BACKUP);
  g_assert_null (entry_load (f, entry_without (backup), 0));
  entry_pass (f, CLOVE_ENTRY_MAX_TERM_S);
  for (guint i = 0; i < f->n_relays; i++)
    entry_note (f, (int) i, FALSE);
  entry_assert_no_change (f);
  g_assert_null (entry_load (f, entry_without (backup), 0));
  g_assert_cmpint (entry_kept (f, FIRST), ==, first);
  g_assert_cmpint (entry_kept (f, BACKUP), ==, backup);
  entry_note (f, entry_find_other (f), TRUE);
  change = clove_entry_policy_update (f->policy, f->now);
  g_assert_nonnull (change);
  g_assert_cmpint (entry_kept (f, FIRST), !=, first);
  g_assert_cmpint (entry_kept (f, BACKUP), !=, backup);
}

/* Sets the calendar and looks for as long as it is not believed; @ends says whether it then ends
 * something. */
static void
check_jump (EntryFixture *f, gint64 jump_s, gboolean ends)
{
  f->now.wall_s += jump_s;
  entry_assert_no_change (f);
  for (guint i = 0; i < 3; i++) {
    entry_pass (f, 1199);
    entry_assert_no_change (f);
  }
  entry_pass (f, 3);
  if (ends) {
    g_autofree char *change = clove_entry_policy_update (f->policy, f->now);

    g_assert_nonnull (change);
  } else {
    entry_assert_no_change (f);
  }
}

static void
test_calendar_goes_forward (EntryFixture *f, gconstpointer user_data)
{
  entry_begin (f);
  /* Put right within the hour: as if nothing had been. */
  f->now.wall_s += 20 * YEAR_S;
  entry_assert_no_change (f);
  entry_pass (f, HOUR_S - 1);
  entry_assert_no_change (f);
  f->now.wall_s -= 20 * YEAR_S;
  entry_pass (f, HOUR_S);
  entry_assert_no_change (f);
  /* Another wrong one does not make the first one right. */
  f->now.wall_s += 20 * YEAR_S;
  entry_assert_no_change (f);
  entry_pass (f, HOUR_S - 1);
  f->now.wall_s += 20 * YEAR_S;
  entry_assert_no_change (f);
  entry_pass (f, 2);
  entry_assert_no_change (f);
  f->now.wall_s -= 40 * YEAR_S;
  entry_assert_no_change (f);
  check_jump (f, 20 * YEAR_S, TRUE);
  g_assert_cmpint (entry_expires_s (f, FIRST), >=, f->now.wall_s + CLOVE_ENTRY_MIN_TERM_S);
}

/* The limit is no shorter for a calendar that jumps. */
static void
test_calendar_and_limit (EntryFixture *f, gconstpointer user_data)
{
  reach_limit (f);
  f->now.wall_s += 20 * ENTRY_DAY_S;
  g_assert_cmpuint (clove_entry_policy_get_n_left (f->policy, f->now), ==, 0);
  f->now.wall_s -= 20 * ENTRY_DAY_S;
  g_assert_cmpuint (clove_entry_policy_get_n_left (f->policy, f->now), ==, 0);
  /* Nor longer for one that was set back. */
  check_jump (f, -YEAR_S, FALSE);
  entry_pass (f, 7 * ENTRY_DAY_S);
  g_assert_cmpuint (clove_entry_policy_get_n_left (f->policy, f->now), ==, CLOVE_ENTRY_MAX_NEW);
}

static void
test_calendar_goes_back (EntryFixture *f, gconstpointer user_data)
{
  entry_begin (f);
  check_jump (f, -20 * YEAR_S, FALSE);
  for (guint i = 0; i < CLOVE_ENTRY_N_PLACES; i++) {
    CloveEntryInfo info = clove_entry_policy_get_info (f->policy, i);

    g_assert_cmpint (info.kept.expires_s, ==, f->now.wall_s + CLOVE_ENTRY_MAX_TERM_S);
    g_assert_cmpint (info.kept.chosen_s, ==, f->now.wall_s);
  }
  /* In many small steps, each of which is believed, no term gets longer either. */
  for (guint i = 0; i < 100; i++) {
    f->now.wall_s -= ENTRY_DAY_S;
    entry_assert_no_change (f);
  }
  g_assert_cmpint (entry_expires_s (f, FIRST), ==, f->now.wall_s + CLOVE_ENTRY_MAX_TERM_S);
  /* Between two runs it is believed at once. */
  f->now.wall_s -= YEAR_S;
  entry_restart (f);
  g_assert_null (entry_load (f, ENTRY_ALL, 0));
  g_assert_cmpint (entry_expires_s (f, FIRST), ==, f->now.wall_s + CLOVE_ENTRY_MAX_TERM_S);
  entry_pass (f, CLOVE_ENTRY_MAX_TERM_S - 1);
  entry_assert_no_change (f);
}

/* One that was set back makes no absence longer, nor does it last for years. */
static void
test_calendar_and_absence (EntryFixture *f, gconstpointer user_data)
{
  int first = -1;
  g_autofree char *change = NULL;

  entry_begin (f);
  first = entry_kept (f, FIRST);
  entry_pass (f, ENTRY_DAY_S);
  g_assert_null (entry_load (f, entry_without (first), 0));
  check_jump (f, -YEAR_S, FALSE);
  g_assert_null (entry_load (f, entry_without (first), 0));
  entry_pass (f, ENTRY_DAY_S);
  change = entry_load (f, entry_without (first), 0);
  g_assert_nonnull (change);
  g_assert_cmpint (entry_kept (f, FIRST), !=, first);
}

/* Calendars that are no calendars. */
static void
test_odd_calendars (void)
{
  static const gint64 calendars_s[] = {
    G_MININT64,
    -1,
    0,
    1,
    G_GINT64_CONSTANT (253402300799),
    G_MAXINT64,
  };

  for (guint i = 0; i < G_N_ELEMENTS (calendars_s); i++) {
    EntryFixture f = { 0 };
    int first = -1;

    entry_set_up (&f, 20, i);
    f.now.wall_s = calendars_s[i];
    entry_begin (&f);
    first = entry_kept (&f, FIRST);
    entry_restart (&f);
    f.now.wall_s = calendars_s[G_N_ELEMENTS (calendars_s) - 1 - i];
    entry_assert_no_change (&f);
    g_assert_cmpint (entry_kept (&f, FIRST), ==, first);
    entry_tear_down (&f);
  }
}

static void
restore (EntryFixture *f, int first, int backup)
{
  g_autoptr (CloveState) state = clove_state_new ();
  CloveStateEntry *entries[CLOVE_ENTRY_N_PLACES] = { &state->entry, &state->backup_entry };
  int numbers[CLOVE_ENTRY_N_PLACES] = { first, backup };

  for (guint i = 0; i < CLOVE_ENTRY_N_PLACES; i++) {
    if (numbers[i] < 0)
      continue;
    *entries[i] = (CloveStateEntry){ .is_set = TRUE,
                                     .chosen_s = f->now.wall_s + 5 * YEAR_S,
                                     .expires_s = f->now.wall_s + 6 * YEAR_S,
                                     .missing_since_s = f->now.wall_s + 5 * YEAR_S };
    memcpy (entries[i]->key, clove_relay_get_key (f->relays[numbers[i]]), CLOVE_RELAY_KEY_SIZE);
  }
  state->n_new_entries = CLOVE_STATE_MAX_NEW_ENTRIES;
  for (guint i = 0; i < CLOVE_STATE_MAX_NEW_ENTRIES; i++)
    state->new_entries_s[i] = f->now.wall_s + 5 * YEAR_S;
  clove_entry_policy_restore (f->policy, state, f->now);
}

/* A file that no run of ours wrote, or one whose calendar was far off, is made the best of. */
static void
test_strange_state (EntryFixture *f, gconstpointer user_data)
{
  char *change = NULL;

  restore (f, 4, 4);
  change = entry_load (f, ENTRY_ALL, 0);
  entry_assert_change (f, change, "%a is the backup entry", entry_kept (f, BACKUP), 0, 0);
  g_assert_cmpint (entry_kept (f, FIRST), ==, 4);
  g_assert_cmpint (entry_kept (f, BACKUP), !=, 4);
  g_assert_cmpint (entry_expires_s (f, FIRST), ==, f->now.wall_s + CLOVE_ENTRY_MAX_TERM_S);
  g_assert_cmpint (clove_entry_policy_get_info (f->policy, FIRST).kept.missing_since_s, ==, 0);
  g_assert_cmpuint (clove_entry_policy_get_n_left (f->policy, f->now), ==, 0);
  entry_pass (f, 7 * ENTRY_DAY_S);
  g_assert_cmpuint (clove_entry_policy_get_n_left (f->policy, f->now), ==, CLOVE_ENTRY_MAX_NEW);
}

static void
test_backup_without_entry (EntryFixture *f, gconstpointer user_data)
{
  char *change = NULL;

  restore (f, -1, 5);
  change = entry_load (f, ENTRY_ALL, 0);
  entry_assert_change (f, change, "%a is the backup entry", entry_kept (f, BACKUP), 0, 0);
  g_assert_cmpint (entry_kept (f, FIRST), ==, 5);
}

/* The saved entry is gone for good, as far as the file says; the directory has to say so too. */
static void
test_unknown_entry (EntryFixture *f, gconstpointer user_data)
{
  restore (f, 4, 5);
  g_assert_null (entry_load (f, entry_without (4), 0));
  g_assert_null (clove_entry_policy_get (f->policy, FIRST));
  g_assert_null (clove_entry_policy_get_info (f->policy, FIRST).name);
  g_assert_true (clove_entry_policy_get (f->policy, BACKUP) == f->relays[5]);
}

#define ADD(path, func) \
  g_test_add ("/clove/directory/entry-limits/" path, EntryFixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("new-destroy", test_new_destroy);
  ADD ("limit", test_limit);
  ADD ("limit-eases", test_limit_eases);
  ADD ("limit-spares-terms", test_limit_spares_terms);
  ADD ("choose-anew", test_choose_anew);
  ADD ("choose-anew-offline", test_choose_anew_offline);
  ADD ("offline", test_offline);
  ADD ("calendar-goes-forward", test_calendar_goes_forward);
  ADD ("calendar-and-limit", test_calendar_and_limit);
  ADD ("calendar-and-absence", test_calendar_and_absence);
  ADD ("calendar-goes-back", test_calendar_goes_back);
  g_test_add_func ("/clove/directory/entry-limits/odd-calendars", test_odd_calendars);
  ADD ("strange-state", test_strange_state);
  ADD ("backup-without-entry", test_backup_without_entry);
  ADD ("unknown-entry", test_unknown_entry);
  return g_test_run ();
}
