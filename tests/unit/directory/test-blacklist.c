/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-blacklist.h"
#include "clove-directory.h"
#include "clove-path-selection.h"
#include "clove-random.h"
#include "fixtures.h"

#include <string.h>

#define SECOND_US G_USEC_PER_SEC
#define BAN_US    CLOVE_BLACKLIST_BAN_US

typedef struct {
  CloveClock *clock;
  CloveBlacklist *blacklist;
} Fixture;

static void
set_up (Fixture *f, gconstpointer user_data)
{
  f->clock = clove_clock_new_fake ();
  f->blacklist = clove_blacklist_new (f->clock);
}

static void
tear_down (Fixture *f, gconstpointer user_data)
{
  clove_blacklist_unref (f->blacklist);
  clove_clock_unref (f->clock);
}

static CloveAddress
address_of (const char *text)
{
  CloveAddress address = { 0 };

  g_assert_true (clove_address_parse (&address, text, NULL));
  return address;
}

/* The address of relay @number, below 16 million. */
static CloveAddress
number_address (guint number)
{
  g_autofree char *text = g_strdup_printf ("10.%u.%u.%u:9001", number >> 16 & 255,
                                           number >> 8 & 255, number & 255);

  return address_of (text);
}

static gboolean
is_banned (Fixture *f, const char *text)
{
  CloveAddress address = address_of (text);

  return clove_blacklist_is_blacklisted (f->blacklist, &address);
}

static void
fail (Fixture *f, const char *text, const char *reason)
{
  CloveAddress address = address_of (text);

  clove_blacklist_mark_failed (f->blacklist, &address, reason);
}

static void
test_new_destroy (Fixture *f, gconstpointer user_data)
{
  CloveAddress address = number_address (1);
  CloveBlacklist *again = clove_blacklist_ref (f->blacklist);
  g_autoptr (GPtrArray) bans = NULL;

  clove_blacklist_unref (again);
  bans = clove_blacklist_list (f->blacklist);
  g_assert_cmpuint (bans->len, ==, 0);
  g_assert_cmpuint (clove_blacklist_get_n_bans (f->blacklist), ==, 0);
  g_assert_false (clove_blacklist_is_blacklisted (f->blacklist, &address));
  g_assert_cmpint (clove_blacklist_get_since_us (f->blacklist, &address), ==, CLOVE_PATH_FREE);
  g_assert_cmpint (clove_blacklist_get_left_us (f->blacklist, &address), ==, 0);
  g_assert_null (clove_blacklist_get_reason (f->blacklist, &address));
  clove_blacklist_mark_success (f->blacklist, &address);
  clove_blacklist_clear (f->blacklist, &address);
}

static void
test_expiry (Fixture *f, gconstpointer user_data)
{
  CloveAddress address = number_address (1);
  g_autofree char *reason = NULL;
  gint64 start_us = clove_clock_now_us (f->clock);

  g_assert_cmpint (BAN_US, ==, 5 * 60 * SECOND_US);
  clove_blacklist_mark_failed (f->blacklist, &address, "did not answer, hop 2");
  g_assert_true (clove_blacklist_is_blacklisted (f->blacklist, &address));
  g_assert_cmpint (clove_blacklist_get_left_us (f->blacklist, &address), ==, BAN_US);
  reason = clove_blacklist_get_reason (f->blacklist, &address);
  g_assert_cmpstr (reason, ==, "did not answer, hop 2");

  clove_clock_advance (f->clock, BAN_US - 1);
  g_assert_true (clove_blacklist_is_blacklisted (f->blacklist, &address));
  g_assert_cmpint (clove_blacklist_get_since_us (f->blacklist, &address), ==, start_us);
  g_assert_cmpint (clove_blacklist_get_left_us (f->blacklist, &address), ==, 1);
  g_assert_cmpuint (clove_blacklist_get_n_bans (f->blacklist), ==, 1);

  clove_clock_advance (f->clock, 1);
  g_assert_false (clove_blacklist_is_blacklisted (f->blacklist, &address));
  g_assert_cmpint (clove_blacklist_get_left_us (f->blacklist, &address), ==, 0);
  g_assert_null (clove_blacklist_get_reason (f->blacklist, &address));
  g_assert_cmpuint (clove_blacklist_get_n_bans (f->blacklist), ==, 0);
  /* Nothing waits for the expiry. */
  g_assert_false (clove_clock_advance_to_next (f->clock));
}

static void
test_refresh (Fixture *f, gconstpointer user_data)
{
  CloveAddress address = number_address (1);
  g_autofree char *reason = NULL;

  clove_blacklist_mark_failed (f->blacklist, &address, "first");
  clove_clock_advance (f->clock, BAN_US - 1);
  clove_blacklist_mark_failed (f->blacklist, &address, "second");
  g_assert_cmpuint (clove_blacklist_get_n_bans (f->blacklist), ==, 1);
  g_assert_cmpint (clove_blacklist_get_since_us (f->blacklist, &address), ==,
                   clove_clock_now_us (f->clock));
  reason = clove_blacklist_get_reason (f->blacklist, &address);
  g_assert_cmpstr (reason, ==, "second");
  clove_clock_advance (f->clock, BAN_US - 1);
  g_assert_true (clove_blacklist_is_blacklisted (f->blacklist, &address));
  clove_clock_advance (f->clock, 1);
  g_assert_false (clove_blacklist_is_blacklisted (f->blacklist, &address));
}

static void
test_success (Fixture *f, gconstpointer user_data)
{
  CloveAddress address = number_address (1);

  fail (f, "10.0.0.1:9001", "a");
  fail (f, "10.0.0.2:9001", "b");
  clove_blacklist_mark_success (f->blacklist, &address);
  g_assert_false (is_banned (f, "10.0.0.1:9001"));
  g_assert_true (is_banned (f, "10.0.0.2:9001"));
  clove_blacklist_mark_failed (f->blacklist, &address, "c");
  g_assert_cmpint (clove_blacklist_get_left_us (f->blacklist, &address), ==, BAN_US);
}

/* An address is host and port, however it was written. */
static void
test_by_address (Fixture *f, gconstpointer user_data)
{
  fail (f, "10.0.0.1:9001", NULL);
  g_assert_true (is_banned (f, "10.0.0.1:9001"));
  g_assert_false (is_banned (f, "10.0.0.1:9002"));
  g_assert_false (is_banned (f, "10.0.0.2:9001"));
  fail (f, "[2001:db8:0:0::1]:9001", NULL);
  g_assert_true (is_banned (f, "[2001:DB8::1]:9001"));
  g_assert_false (is_banned (f, "[2001:db8::2]:9001"));
  g_assert_false (is_banned (f, "[2001:db8::1]:9002"));
  g_assert_cmpuint (clove_blacklist_get_n_bans (f->blacklist), ==, 2);
}

static void
test_users_ban (Fixture *f, gconstpointer user_data)
{
  CloveAddress address = number_address (1);
  gint64 start_us = clove_clock_now_us (f->clock);
  g_autofree char *reason = NULL;

  fail (f, "10.0.0.1:9001", "failed");
  clove_blacklist_ban_until_cleared (f->blacklist, &address, "you banned it");
  clove_clock_advance (f->clock, G_GINT64_CONSTANT (365) * 24 * 3600 * SECOND_US);
  clove_blacklist_mark_success (f->blacklist, &address);
  fail (f, "10.0.0.1:9001", "failed again");
  clove_clock_advance (f->clock, BAN_US);
  g_assert_true (clove_blacklist_is_blacklisted (f->blacklist, &address));
  g_assert_cmpint (clove_blacklist_get_since_us (f->blacklist, &address), ==, start_us);
  g_assert_cmpint (clove_blacklist_get_left_us (f->blacklist, &address), ==,
                   CLOVE_BAN_FOR_EVER_US);
  reason = clove_blacklist_get_reason (f->blacklist, &address);
  g_assert_cmpstr (reason, ==, "you banned it");
  clove_blacklist_clear (f->blacklist, &address);
  g_assert_false (clove_blacklist_is_blacklisted (f->blacklist, &address));

  fail (f, "10.0.0.1:9001", "failed");
  clove_blacklist_ban_until_cleared (f->blacklist, &address, NULL);
  fail (f, "10.0.0.2:9001", "failed");
  clove_blacklist_clear_all (f->blacklist);
  g_assert_cmpuint (clove_blacklist_get_n_bans (f->blacklist), ==, 0);
}

static void
test_restore (Fixture *f, gconstpointer user_data)
{
  static const struct {
    gint64 left_us;
    gint64 expected_us;
  } cases[] = {
    { G_MININT64, 0 },
    { -1, 0 },
    { 0, 0 },
    { 1, 1 },
    { 42 * SECOND_US, 42 * SECOND_US },
    { BAN_US, BAN_US },
    { BAN_US + 1, BAN_US },
    { G_MAXINT64 - 1, BAN_US },
    { CLOVE_BAN_FOR_EVER_US, CLOVE_BAN_FOR_EVER_US },
  };
  gint64 now_us = clove_clock_now_us (f->clock);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    CloveAddress address = number_address (i);
    gint64 since_us = 0;

    clove_blacklist_restore (f->blacklist, &address, cases[i].left_us, "earlier");
    g_assert_cmpint (clove_blacklist_get_left_us (f->blacklist, &address), ==,
                     cases[i].expected_us);
    if (cases[i].expected_us == CLOVE_BAN_FOR_EVER_US)
      since_us = now_us;
    else if (cases[i].expected_us > 0)
      since_us = now_us - BAN_US + cases[i].expected_us;
    g_assert_cmpint (clove_blacklist_get_since_us (f->blacklist, &address), ==, since_us);
  }
}

/* What this run knows is newer than what the last one wrote down. */
static void
test_restore_keeps (Fixture *f, gconstpointer user_data)
{
  CloveAddress address = number_address (1);
  g_autofree char *reason = NULL;

  fail (f, "10.0.0.1:9001", "now");
  clove_blacklist_restore (f->blacklist, &address, SECOND_US, "earlier");
  clove_blacklist_restore (f->blacklist, &address, CLOVE_BAN_FOR_EVER_US, "earlier");
  g_assert_cmpint (clove_blacklist_get_left_us (f->blacklist, &address), ==, BAN_US);
  reason = clove_blacklist_get_reason (f->blacklist, &address);
  g_assert_cmpstr (reason, ==, "now");
}

static void
test_list (Fixture *f, gconstpointer user_data)
{
  static const char *const expected[] = {
    "10.0.0.3:9001 290 0 third",
    "10.0.0.7:9001 0 1 the user's",
    "10.0.0.5:9001 295 0 same time, later",
    "10.0.0.2:9001 300 0 refreshed",
  };
  CloveAddress seventh = number_address (7);
  g_autoptr (GPtrArray) bans = NULL;

  fail (f, "10.0.0.2:9001", "first");
  fail (f, "10.0.0.4:9001", "over by then");
  clove_clock_advance (f->clock, BAN_US - 10 * SECOND_US);
  fail (f, "10.0.0.3:9001", "third");
  clove_clock_advance (f->clock, 5 * SECOND_US);
  clove_blacklist_ban_until_cleared (f->blacklist, &seventh, "the user's");
  fail (f, "10.0.0.5:9001", "same time, later");
  clove_clock_advance (f->clock, 5 * SECOND_US);
  fail (f, "10.0.0.2:9001", "refreshed");

  bans = clove_blacklist_list (f->blacklist);
  g_assert_cmpuint (bans->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < bans->len; i++) {
    g_autoptr (CloveBan) ban = clove_ban_copy (g_ptr_array_index (bans, i));
    char address[CLOVE_ADDRESS_STRING_SIZE] = { 0 };
    g_autofree char *text = NULL;

    clove_address_format (&ban->address, address);
    g_assert_cmpint (ban->is_permanent, ==, ban->left_us == CLOVE_BAN_FOR_EVER_US);
    text = g_strdup_printf ("%s %d %d %s", address,
                            ban->is_permanent ? 0 : (int) (ban->left_us / SECOND_US),
                            ban->is_permanent, ban->reason);
    g_assert_cmpstr (text, ==, expected[i]);
    g_assert_cmpint (ban->since_us, ==,
                     clove_blacklist_get_since_us (f->blacklist, &ban->address));
  }
}

static void
fail_many (Fixture *f, guint first, guint n)
{
  for (guint i = 0; i < n; i++) {
    CloveAddress address = number_address (first + i);

    clove_blacklist_mark_failed (f->blacklist, &address, "one of many");
    clove_clock_advance (f->clock, 1);
  }
}

static void
test_bounds (Fixture *f, gconstpointer user_data)
{
  CloveAddress users = number_address (1);

  clove_blacklist_ban_until_cleared (f->blacklist, &users, NULL);
  fail_many (f, 2, CLOVE_BLACKLIST_MAX_BANS - 1);
  g_assert_cmpuint (clove_blacklist_get_n_bans (f->blacklist), ==, CLOVE_BLACKLIST_MAX_BANS);
  /* Who is there already takes no room. */
  fail_many (f, 2, 1);
  g_assert_cmpuint (clove_blacklist_get_n_bans (f->blacklist), ==, CLOVE_BLACKLIST_MAX_BANS);
  g_assert_true (is_banned (f, "10.0.0.3:9001"));

  /* The oldest go, and the user's last. */
  fail_many (f, 20000, 2);
  g_assert_cmpuint (clove_blacklist_get_n_bans (f->blacklist), ==, CLOVE_BLACKLIST_MAX_BANS);
  g_assert_false (is_banned (f, "10.0.0.3:9001"));
  g_assert_false (is_banned (f, "10.0.0.4:9001"));
  g_assert_true (is_banned (f, "10.0.0.5:9001"));
  g_assert_true (is_banned (f, "10.0.0.2:9001"));
  g_assert_true (is_banned (f, "10.0.0.1:9001"));
  g_assert_true (is_banned (f, "10.0.78.33:9001"));

  /* What is over makes room for more than one. */
  clove_clock_advance (f->clock, BAN_US);
  fail_many (f, 30000, 1);
  g_assert_cmpuint (clove_blacklist_get_n_bans (f->blacklist), ==, 2);
}

static void
test_avoided (Fixture *f, gconstpointer user_data)
{
  g_autoptr (CloveRelayList) list = fixture_list ("emx emx emx emx emx");
  CloveAddress second = number_address (1);
  gint64 avoided[5] = { 9, 9, 9, 9, 9 };
  gint64 start_us = clove_clock_now_us (f->clock);

  g_assert_cmpuint (clove_blacklist_get_avoided (f->blacklist, list, avoided), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (avoided); i++)
    g_assert_cmpint (avoided[i], ==, CLOVE_PATH_FREE);

  fail (f, "10.0.0.0:9001", NULL);
  clove_clock_advance (f->clock, SECOND_US);
  clove_blacklist_ban_until_cleared (f->blacklist, &second, NULL);
  fail (f, "10.0.0.3:9001", NULL);
  fail (f, "10.0.0.99:9001", NULL);
  g_assert_cmpuint (clove_blacklist_get_avoided (f->blacklist, list, avoided), ==, 3);
  g_assert_cmpint (avoided[0], ==, start_us);
  g_assert_cmpint (avoided[1], ==, G_MAXINT64);
  g_assert_cmpint (avoided[2], ==, CLOVE_PATH_FREE);
  g_assert_cmpint (avoided[3], ==, start_us + SECOND_US);
  g_assert_cmpint (avoided[4], ==, CLOVE_PATH_FREE);
  clove_clock_advance (f->clock, BAN_US);
  g_assert_cmpuint (clove_blacklist_get_avoided (f->blacklist, list, avoided), ==, 1);
  g_assert_cmpint (avoided[0], ==, CLOVE_PATH_FREE);
}

static void
test_reasons (void)
{
  g_autofree char *full = g_strnfill (CLOVE_BAN_MAX_REASON_SIZE, 'a');
  g_autofree char *more = g_strconcat (full, "b", NULL);
  g_autofree char *full_but_one = g_strndup (full, CLOVE_BAN_MAX_REASON_SIZE - 1);
  g_autofree char *split = g_strconcat (full_but_one, "é", NULL);
  const struct {
    const char *reason;
    const char *cleaned;
  } cases[] = {
    { NULL, "" },
    { "", "" },
    { "“é” ok", "“é” ok" },
    { "a\nb\tc\x7f\x01z", "a b c  z" },
    { "a\xff"
      "b",
      "a\xef\xbf\xbd"
      "b" },
    { full, full },
    { more, full },
    { split, full_but_one },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *once = clove_ban_clean_reason (cases[i].reason);
    g_autofree char *twice = clove_ban_clean_reason (once);

    g_assert_cmpstr (once, ==, cases[i].cleaned);
    g_assert_cmpstr (twice, ==, once);
  }
}

#define N_THREADS 4
#define N_ROUNDS  5000

typedef struct {
  CloveBlacklist *blacklist;
  guint number;
} Hammer;

static void
check_list (CloveBlacklist *blacklist)
{
  g_autoptr (GPtrArray) bans = clove_blacklist_list (blacklist);
  gint64 now_us = g_get_monotonic_time ();
  gint64 last_us = 0;

  g_assert_cmpuint (bans->len, <=, 2 * N_THREADS);
  for (guint i = 0; i < bans->len; i++) {
    const CloveBan *ban = g_ptr_array_index (bans, i);

    g_assert_cmpint (ban->since_us, >=, last_us);
    g_assert_cmpint (ban->since_us, <=, now_us);
    g_assert_cmpstr (ban->reason, ==, "hammered");
    g_assert_true (ban->is_permanent || (ban->left_us > 0 && ban->left_us <= BAN_US));
    last_us = ban->since_us;
  }
}

/* What all threads fight over may be banned or not; what only this one touches must be as it was
 * left. */
static gpointer
hammer (gpointer user_data)
{
  Hammer *self = user_data;
  g_autoptr (CloveBlacklist) blacklist = clove_blacklist_ref (self->blacklist);
  g_autoptr (CloveRandom) random = clove_random_new_seeded (self->number);
  CloveAddress own = number_address (1000 + self->number);

  for (guint i = 0; i < N_ROUNDS; i++) {
    CloveAddress shared = number_address (clove_random_uniform (random, N_THREADS));
    g_autofree char *reason = NULL;

    clove_blacklist_mark_failed (blacklist, &own, "hammered");
    g_assert_true (clove_blacklist_is_blacklisted (blacklist, &own));
    switch (clove_random_uniform (random, 5)) {
      case 0:
        clove_blacklist_mark_failed (blacklist, &shared, "hammered");
        break;
      case 1:
        clove_blacklist_mark_success (blacklist, &shared);
        break;
      case 2:
        clove_blacklist_ban_until_cleared (blacklist, &shared, "hammered");
        break;
      case 3:
        clove_blacklist_clear (blacklist, &shared);
        break;
      default:
        check_list (blacklist);
        break;
    }
    reason = clove_blacklist_get_reason (blacklist, &shared);
    g_assert_true (reason == NULL || strcmp (reason, "hammered") == 0);
    clove_blacklist_mark_success (blacklist, &own);
    g_assert_false (clove_blacklist_is_blacklisted (blacklist, &own));
  }
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (CloveClock) clock = clove_clock_new (NULL);
  g_autoptr (CloveBlacklist) blacklist = clove_blacklist_new (clock);
  Hammer hammers[N_THREADS] = { 0 };
  GThread *threads[N_THREADS] = { 0 };

  for (guint i = 0; i < N_THREADS; i++) {
    hammers[i] = (Hammer){ .blacklist = blacklist, .number = i };
    threads[i] = g_thread_new ("hammer", hammer, &hammers[i]);
  }
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  check_list (blacklist);
  for (guint i = 0; i < N_THREADS; i++) {
    CloveAddress own = number_address (1000 + i);

    g_assert_false (clove_blacklist_is_blacklisted (blacklist, &own));
  }
}

static void
test_in_directory (Fixture *f, gconstpointer user_data)
{
  CloveDirectory *directory = clove_directory_new (f->clock, NULL);
  g_autoptr (CloveRelayList) list = fixture_list ("emx emx emx");
  g_autofree char *before = clove_relay_list_format (list);
  g_autofree char *after = NULL;
  CloveAddress address = number_address (1);

  clove_directory_mark_failed (directory, &address, "failed");
  g_assert_true (clove_directory_is_blacklisted (directory, &address));
  g_assert_cmpuint (clove_blacklist_get_n_bans (clove_directory_get_blacklist (directory)), ==, 1);
  /* The file format knows nothing of it. */
  after = clove_relay_list_format (list);
  g_assert_cmpstr (before, ==, after);
  clove_clock_advance (f->clock, BAN_US);
  g_assert_false (clove_directory_is_blacklisted (directory, &address));
  clove_directory_mark_failed (directory, &address, "failed");
  clove_directory_mark_success (directory, &address);
  g_assert_false (clove_directory_is_blacklisted (directory, &address));
  g_assert_finalize_object (directory);
}

#define ADD(name, function) \
  g_test_add ("/clove/directory/blacklist/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("new-destroy", test_new_destroy);
  ADD ("expiry", test_expiry);
  ADD ("refresh", test_refresh);
  ADD ("success", test_success);
  ADD ("by-address", test_by_address);
  ADD ("users-ban", test_users_ban);
  ADD ("restore", test_restore);
  ADD ("restore-keeps", test_restore_keeps);
  ADD ("list", test_list);
  ADD ("bounds", test_bounds);
  ADD ("avoided", test_avoided);
  g_test_add_func ("/clove/directory/blacklist/reasons", test_reasons);
  g_test_add_func ("/clove/directory/blacklist/threads", test_threads);
  ADD ("in-directory", test_in_directory);
  return g_test_run ();
}
