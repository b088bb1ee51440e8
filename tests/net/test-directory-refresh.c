/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When the directory is loaded, and what becomes of the list at hand. */
#include "config.h"

#include "clove-directory-cache.h"
#include "clove-directory-refresh.h"
#include "directory-fixture.h"

#define SHORTEST_US (3 * HOUR_US)
/* Timers of hours may be late by a second. */
#define LONGEST_US  (9 * HOUR_US + G_USEC_PER_SEC)

typedef struct {
  Fixture base;
  CloveRandom *random;
  CloveDirectoryRefresh *refresh;
  guint n_lists;
  guint n_begun;
  guint n_ended;
} Refreshing;

static void
on_list_changed (CloveDirectoryRefresh *refresh, gpointer user_data)
{
  Refreshing *f = user_data;

  g_assert_false (clove_directory_refresh_is_loading (refresh));
  g_assert_cmpuint (f->n_ended, ==, f->n_begun - 1);
  f->n_lists++;
}

static void
on_refresh_changed (CloveDirectoryRefresh *refresh, gpointer user_data)
{
  Refreshing *f = user_data;
  gboolean is_loading = clove_directory_refresh_is_loading (refresh);

  *(is_loading ? &f->n_begun : &f->n_ended) += 1;
  g_assert_cmpint (clove_directory_refresh_get_next_us (refresh) == 0, ==, is_loading);
}

static void
new_refresh (Refreshing *f, guint64 seed)
{
  g_autofree char *location = g_strconcat (f->base.base, "/now", NULL);

  f->random = clove_random_new_seeded (seed);
  f->refresh =
    clove_directory_refresh_new (f->base.directory, location, f->base.clock, f->random);
  f->n_lists = f->n_begun = f->n_ended = 0;
  g_signal_connect (f->refresh, "list-changed", G_CALLBACK (on_list_changed), f);
  g_signal_connect (f->refresh, "changed", G_CALLBACK (on_refresh_changed), f);
}

static void
drop_refresh (Refreshing *f)
{
  g_assert_finalize_object (f->refresh);
  g_clear_pointer (&f->random, clove_random_unref);
}

static void
set_up_refresh (Refreshing *f, gconstpointer user_data)
{
  set_up (&f->base, NULL);
  f->base.now = "/three";
  new_refresh (f, 1);
}

static void
tear_down_refresh (Refreshing *f, gconstpointer user_data)
{
  drop_refresh (f);
  tear_down (&f->base, NULL);
}

static gint64
wait_us (Refreshing *f)
{
  gint64 next_us = clove_directory_refresh_get_next_us (f->refresh);

  g_assert_cmpint (next_us, >, 0);
  return next_us - clove_clock_now_us (f->base.clock);
}

static void
end_load (Refreshing *f)
{
  g_assert_true (clove_directory_refresh_is_loading (f->refresh));
  while (clove_directory_refresh_is_loading (f->refresh))
    g_main_context_iteration (NULL, TRUE);
}

/* Loads for the first time. */
static void
begin (Refreshing *f)
{
  clove_directory_refresh_load (f->refresh);
  end_load (f);
}

/* Lets time pass up to the next load, which must not begin a moment early, and returns how much. */
static gint64
pass (Refreshing *f)
{
  guint n_begun = f->n_begun;
  gint64 interval_us = wait_us (f);

  clove_clock_advance (f->base.clock, interval_us - 1);
  g_assert_cmpuint (f->n_begun, ==, n_begun);
  clove_clock_advance (f->base.clock, 1);
  g_assert_cmpuint (f->n_begun, ==, n_begun + 1);
  end_load (f);
  g_assert_cmpuint (f->n_ended, ==, n_begun + 1);
  return interval_us;
}

static void
assert_period (gint64 interval_us)
{
  g_assert_cmpint (interval_us, >=, SHORTEST_US);
  g_assert_cmpint (interval_us, <=, LONGEST_US);
}

static void
assert_pause (gint64 interval_us, gint64 middle_s)
{
  g_assert_cmpint (interval_us, >=, middle_s * G_USEC_PER_SEC * 3 / 4);
  g_assert_cmpint (interval_us, <=, middle_s * G_USEC_PER_SEC * 5 / 4);
}

static void
test_refresh_new_destroy (Refreshing *f, gconstpointer user_data)
{
  g_assert_false (clove_directory_refresh_is_loading (f->refresh));
  g_assert_cmpint (clove_directory_refresh_get_next_us (f->refresh), ==, 0);
  g_assert_null (clove_directory_refresh_get_problem (f->refresh));
  g_assert_false (clove_clock_advance_to_next (f->base.clock));
}

static void
test_first (Refreshing *f, gconstpointer user_data)
{
  begin (f);
  g_assert_cmpuint (f->n_lists, ==, 1);
  g_assert_cmpuint (f->n_begun, ==, 1);
  g_assert_cmpuint (f->n_ended, ==, 1);
  g_assert_null (clove_directory_refresh_get_problem (f->refresh));
  g_assert_cmpuint (count_relays (&f->base), ==, 3);
  assert_period (wait_us (f));
}

/* The same relays again are no news; but it is known anew that they are the ones. */
static void
test_same_list (Refreshing *f, gconstpointer user_data)
{
  gint64 interval_us = 0;

  begin (f);
  interval_us = wait_us (f);
  clove_clock_advance (f->base.clock, interval_us - 1);
  g_assert_cmpint (clove_directory_get_age_s (f->base.directory), ==,
                   (interval_us - 1) / G_USEC_PER_SEC);
  clove_clock_advance (f->base.clock, 1);
  end_load (f);
  g_assert_cmpuint (f->n_lists, ==, 1);
  g_assert_cmpuint (f->base.n_requests, ==, 2);
  g_assert_cmpint (clove_directory_get_age_s (f->base.directory), ==, 0);
  assert_period (wait_us (f));
}

static void
test_other_list (Refreshing *f, gconstpointer user_data)
{
  begin (f);
  f->base.now = "/four";
  pass (f);
  g_assert_cmpuint (f->n_lists, ==, 2);
  g_assert_cmpuint (count_relays (&f->base), ==, 4);
  g_assert_cmpint (clove_directory_get_age_s (f->base.directory), ==, 0);
  f->base.now = "/three";
  pass (f);
  g_assert_cmpuint (f->n_lists, ==, 3);
}

/* Uniform from 3 h to 9 h: all within, both ends reached, each quarter has its share. */
static void
test_spread (Refreshing *f, gconstpointer user_data)
{
  enum { N = 400 };
  guint quarters[4] = { 0 };
  gint64 first_us = 0;
  gint64 least_us = G_MAXINT64;
  gint64 most_us = 0;

  begin (f);
  first_us = wait_us (f);
  for (guint i = 0; i < N; i++) {
    gint64 interval_us = pass (f);
    gint64 quarter = (interval_us - SHORTEST_US) / (6 * HOUR_US / 4);

    assert_period (interval_us);
    quarters[MIN (quarter, 3)]++;
    least_us = MIN (least_us, interval_us);
    most_us = MAX (most_us, interval_us);
  }
  g_assert_cmpuint (f->base.n_requests, ==, N + 1);
  /* The outermost fortieths are missed by 400 with a chance of 1 in 25 000 each. */
  g_assert_cmpint (least_us, <, SHORTEST_US + 6 * HOUR_US / 40);
  g_assert_cmpint (most_us, >, LONGEST_US - 6 * HOUR_US / 40);
  /* Chance keeps within 5 deviations of 100. */
  for (guint i = 0; i < G_N_ELEMENTS (quarters); i++) {
    g_assert_cmpuint (quarters[i], >, 56);
    g_assert_cmpuint (quarters[i], <, 144);
  }

  /* The seed decides, and nothing else. */
  for (guint64 seed = 1; seed <= 2; seed++) {
    drop_refresh (f);
    new_refresh (f, seed);
    begin (f);
    g_assert_cmpint (ABS (wait_us (f) - first_us) <= G_USEC_PER_SEC, ==, seed == 1);
  }
}

static void
test_server_gone (Refreshing *f, gconstpointer user_data)
{
  static const gint64 pauses_s[] = { 5, 10, 20, 40, 80, 160, 240, 240 };
  CloveRelayList *list = NULL;
  g_autoptr (GUri) uri = g_uri_parse (f->base.base, G_URI_FLAGS_NONE, NULL);
  g_autoptr (GError) error = NULL;
  gint64 period_us = 0;

  begin (f);
  list = clove_directory_get_list (f->base.directory);
  soup_server_disconnect (f->base.server);
  period_us = pass (f);
  for (guint i = 0; i < G_N_ELEMENTS (pauses_s); i++) {
    g_assert_true (clove_directory_get_list (f->base.directory) == list);
    g_assert_cmpint (clove_directory_get_age_s (f->base.directory), >=, period_us / G_USEC_PER_SEC);
    g_assert_error (clove_directory_refresh_get_problem (f->refresh), CLOVE_DIRECTORY_ERROR,
                    CLOVE_DIRECTORY_ERROR_UNAVAILABLE);
    assert_pause (pass (f), pauses_s[i]);
  }
  g_assert_cmpuint (f->n_lists, ==, 1);

  soup_server_listen_local (f->base.server, (guint) g_uri_get_port (uri),
                            SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  pass (f);
  g_assert_null (clove_directory_refresh_get_problem (f->refresh));
  g_assert_cmpint (clove_directory_get_age_s (f->base.directory), ==, 0);
  g_assert_cmpuint (f->n_lists, ==, 1);
  assert_period (wait_us (f));

  /* What went wrong before the success is forgotten. */
  soup_server_disconnect (f->base.server);
  pass (f);
  assert_pause (wait_us (f), 5);
}

static const struct {
  const char *path;
  CloveDirectoryError code;
} bad_lists[] = {
  { "/text", CLOVE_DIRECTORY_ERROR_NOT_JSON },
  { "/empty", CLOVE_DIRECTORY_ERROR_NOT_JSON },
  { "/two", CLOVE_DIRECTORY_ERROR_TOO_FEW_RELAYS },
  { "/huge", CLOVE_DIRECTORY_ERROR_TOO_LARGE },
  { "/status/404", CLOVE_DIRECTORY_ERROR_UNAVAILABLE },
};

static void
test_refused_list (Refreshing *f, gconstpointer user_data)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_lists); i++) {
    f->base.now = "/four";
    if (i == 0)
      begin (f);
    else
      pass (f);
    assert_period (wait_us (f));
    f->base.now = bad_lists[i].path;
    pass (f);
    g_assert_error (clove_directory_refresh_get_problem (f->refresh), CLOVE_DIRECTORY_ERROR,
                    (int) bad_lists[i].code);
    g_assert_cmpuint (count_relays (&f->base), ==, 4);
    g_assert_cmpint (clove_directory_get_age_s (f->base.directory), >=, 3 * 3600);
    assert_pause (wait_us (f), 5);
  }
  g_assert_cmpuint (f->n_lists, ==, 1);
}

/* Without any list the pauses are the same. */
static void
test_nothing_at_first (Refreshing *f, gconstpointer user_data)
{
  f->base.now = "/status/500";
  begin (f);
  g_assert_error (clove_directory_refresh_get_problem (f->refresh), CLOVE_DIRECTORY_ERROR,
                  CLOVE_DIRECTORY_ERROR_UNAVAILABLE);
  g_assert_cmpuint (f->n_lists, ==, 0);
  assert_pause (pass (f), 5);
  f->base.now = "/three";
  assert_pause (pass (f), 10);
  g_assert_cmpuint (f->n_lists, ==, 1);
  assert_period (wait_us (f));
}

/* A copy is used at once, but the real list is still wanted. */
static void
test_copy_at_first (Refreshing *f, gconstpointer user_data)
{
  begin (f);
  drop_refresh (f);
  restart (&f->base);
  clove_clock_advance (f->base.clock, 24 * HOUR_US);
  new_refresh (f, 2);
  f->base.now = "/status/503";
  begin (f);
  g_assert_cmpuint (f->n_lists, ==, 1);
  g_assert_nonnull (clove_directory_refresh_get_problem (f->refresh));
  g_assert_cmpint (clove_directory_get_age_s (f->base.directory), ==, 86400);
  f->base.now = "/three";
  assert_pause (pass (f), 5);
  g_assert_null (clove_directory_refresh_get_problem (f->refresh));
  g_assert_cmpuint (f->n_lists, ==, 1);
  g_assert_cmpint (clove_directory_get_age_s (f->base.directory), ==, 0);
  assert_period (wait_us (f));
}

static void
test_load_while_loading (Refreshing *f, gconstpointer user_data)
{
  clove_directory_refresh_load (f->refresh);
  clove_directory_refresh_load (f->refresh);
  while (f->base.n_requests == 0)
    g_main_context_iteration (NULL, TRUE);
  clove_directory_refresh_load (f->refresh);
  end_load (f);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (f->base.n_requests, ==, 1);
  g_assert_cmpuint (f->n_begun, ==, 1);
  g_assert_cmpuint (f->n_ended, ==, 1);
}

/* A load that was asked for takes the place of the planned one. */
static void
test_load_on_request (Refreshing *f, gconstpointer user_data)
{
  begin (f);
  clove_clock_advance (f->base.clock, HOUR_US);
  f->base.now = "/four";
  clove_directory_refresh_load (f->refresh);
  g_assert_cmpint (clove_directory_refresh_get_next_us (f->refresh), ==, 0);
  end_load (f);
  g_assert_cmpuint (f->n_lists, ==, 2);
  g_assert_cmpint (clove_directory_get_age_s (f->base.directory), ==, 0);
  assert_period (wait_us (f));
  clove_clock_advance (f->base.clock, SHORTEST_US - 1);
  g_assert_cmpuint (f->n_begun, ==, 2);

  f->base.now = "/status/500";
  for (guint i = 0; i < 5; i++)
    pass (f);
  g_assert_cmpint (wait_us (f), >, 50 * G_USEC_PER_SEC);
  clove_directory_refresh_load (f->refresh);
  end_load (f);
  assert_pause (wait_us (f), 5);
}

static void
settle (Refreshing *f)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_false (clove_clock_advance_to_next (f->base.clock));
}

static void
test_stop (Refreshing *f, gconstpointer user_data)
{
  begin (f);
  clove_directory_refresh_stop (f->refresh);
  clove_directory_refresh_stop (f->refresh);
  clove_directory_refresh_load (f->refresh);
  g_assert_cmpint (clove_directory_refresh_get_next_us (f->refresh), ==, 0);
  settle (f);
  g_assert_cmpuint (f->n_begun, ==, 1);
}

static void
test_stop_while_fetching (Refreshing *f, gconstpointer user_data)
{
  f->base.now = "/silent";
  clove_directory_refresh_load (f->refresh);
  while (f->base.n_requests == 0)
    g_main_context_iteration (NULL, TRUE);
  clove_directory_refresh_stop (f->refresh);
  while (clove_directory_refresh_is_loading (f->refresh))
    g_main_context_iteration (NULL, TRUE);
  settle (f);
  g_assert_cmpuint (f->n_ended, ==, 0);
  g_assert_cmpuint (f->n_lists, ==, 0);
}

static void
on_list_at_hand (CloveDirectory *directory, gpointer user_data)
{
  clove_directory_refresh_stop (user_data);
}

/* Too late to be cancelled: the load succeeds, and nobody is told. */
static void
test_stop_after_check (Refreshing *f, gconstpointer user_data)
{
  g_signal_connect (f->base.directory, "changed", G_CALLBACK (on_list_at_hand), f->refresh);
  begin (f);
  g_assert_cmpuint (f->base.n_changed, ==, 1);
  g_signal_handlers_disconnect_by_func (f->base.directory, on_list_at_hand, f->refresh);
  settle (f);
  g_assert_cmpuint (f->n_ended, ==, 0);
  g_assert_cmpuint (f->n_lists, ==, 0);
}

static void
test_stop_when_told (Refreshing *f, gconstpointer user_data)
{
  g_signal_connect (f->refresh, "list-changed", G_CALLBACK (clove_directory_refresh_stop), NULL);
  begin (f);
  settle (f);
  g_assert_cmpuint (f->n_lists, ==, 1);
  g_assert_cmpuint (f->n_ended, ==, 0);
}

/* The owner may go at any time; a load under way ends without it. */
static void
test_drop_while_loading (Refreshing *f, gconstpointer user_data)
{
  CloveDirectoryRefresh *refresh = f->refresh;

  clove_directory_refresh_load (refresh);
  clove_directory_refresh_stop (refresh);
  g_object_add_weak_pointer (G_OBJECT (refresh), (gpointer *) &refresh);
  g_object_unref (refresh);
  while (refresh != NULL)
    g_main_context_iteration (NULL, TRUE);
  settle (f);
  g_assert_cmpuint (f->n_ended, ==, 0);
  clove_random_unref (f->random);
  new_refresh (f, 1);
  begin (f);
  g_assert_cmpuint (f->n_lists, ==, 1);
}

#define ADD(name, function)                                                                 \
  g_test_add ("/clove/directory/refresh/" name, Refreshing, NULL, set_up_refresh, function, \
              tear_down_refresh)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_timeout_add_seconds (HANG_S, on_hang, NULL);
  ADD ("new-destroy", test_refresh_new_destroy);
  ADD ("first", test_first);
  ADD ("same-list", test_same_list);
  ADD ("other-list", test_other_list);
  ADD ("spread", test_spread);
  ADD ("server-gone", test_server_gone);
  ADD ("refused-list", test_refused_list);
  ADD ("nothing-at-first", test_nothing_at_first);
  ADD ("copy-at-first", test_copy_at_first);
  ADD ("load-while-loading", test_load_while_loading);
  ADD ("load-on-request", test_load_on_request);
  ADD ("stop", test_stop);
  ADD ("stop-while-fetching", test_stop_while_fetching);
  ADD ("stop-after-check", test_stop_after_check);
  ADD ("stop-when-told", test_stop_when_told);
  ADD ("drop-while-loading", test_drop_while_loading);
  return g_test_run ();
}
