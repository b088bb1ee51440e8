/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is remembered, as text. */
#include "config.h"

#include "clove-directory-error.h"
#include "clove-state.h"
#include "state-fixture.h"

#include <string.h>

#define SECOND_US G_USEC_PER_SEC
#define KEY       "abababababababababababababababababababababababababababababababab"
#define RECORD(role, seen, failure, rtt, outcomes)                           \
  "{\"key\":\"" KEY "\",\"role\":" role ",\"seen\":" seen                    \
  ",\"build_failure_ppm\":" failure ",\"use_failure_ppm\":0,\"rtt_us\":" rtt \
  ",\"last_rtt_us\":0,\"outcomes\":" outcomes "}"
#define STATE(members, bans, records) \
  "{\"version\":1," members "\"new_entries\":[],\"bans\":[" bans "],\"records\":[" records "]}"

#define BAN(address, rest) "{\"address\":\"" address "\"," rest "}"
#define ENTRY(key, rest)   "\"entry\":{\"key\":\"" key "\"," rest "},"

static CloveState *
parse (const char *text, CloveStateTime time, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return clove_state_parse (bytes, time, error);
}

static void
test_new_destroy (void)
{
  g_autoptr (CloveState) state = clove_state_new ();
  g_autoptr (CloveState) again = NULL;
  CloveStateTime time = { .now_us = 5, .wall_s = 1000 };
  g_autofree char *text = clove_state_format (state, time);

  g_assert_cmpstr (text, ==, STATE ("", "", ""));
  again = parse (text, time, NULL);
  g_assert_nonnull (again);
  g_assert_false (again->entry.is_set);
  g_assert_false (again->backup_entry.is_set);
  g_assert_cmpuint (again->bans->len, ==, 0);
  g_assert_cmpuint (again->records->len, ==, 0);
}

static void
assert_same_entry (const CloveStateEntry *a, const CloveStateEntry *b)
{
  g_assert_cmpint (a->is_set, ==, b->is_set);
  g_assert_cmpmem (a->key, sizeof a->key, b->key, sizeof b->key);
  g_assert_cmpint (a->chosen_s, ==, b->chosen_s);
  g_assert_cmpint (a->expires_s, ==, b->expires_s);
  g_assert_cmpint (a->missing_since_s, ==, b->missing_since_s);
}

/* The next run has another clock, and some time has gone by. */
static void
test_round_trip (void)
{
  g_autoptr (CloveClock) clock = clove_clock_new_fake ();
  g_autoptr (CloveState) state = fixture_state (clock);
  CloveStateTime before = clove_state_time (clock);
  CloveStateTime after = { .now_us = 77 * SECOND_US, .wall_s = before.wall_s + 100 };
  g_autofree char *text = clove_state_format (state, before);
  g_autofree char *text_again = NULL;
  g_autoptr (CloveState) again = parse (text, after, NULL);
  const CloveBan *ban = NULL;
  const CloveRelayRecord *was = g_ptr_array_index (state->records, 0);
  CloveRelayRecord expected = *was;

  g_assert_nonnull (again);
  assert_same_entry (&again->entry, &state->entry);
  assert_same_entry (&again->backup_entry, &state->backup_entry);
  g_assert_cmpuint (again->n_new_entries, ==, 2);
  g_assert_cmpmem (again->new_entries_s, sizeof again->new_entries_s, state->new_entries_s,
                   sizeof state->new_entries_s);

  g_assert_cmpuint (again->bans->len, ==, 2);
  ban = g_ptr_array_index (again->bans, 0);
  g_assert_false (ban->is_permanent);
  g_assert_cmpint (ban->left_us, ==, CLOVE_BLACKLIST_BAN_US - 160 * SECOND_US);
  g_assert_cmpint (ban->since_us, ==, 1);
  g_assert_cmpstr (ban->reason, ==, "did not answer, hop 2");
  ban = g_ptr_array_index (again->bans, 1);
  g_assert_true (ban->is_permanent);
  g_assert_cmpint (ban->left_us, ==, CLOVE_BAN_FOR_EVER_US);
  g_assert_cmpstr (ban->reason, ==, "you banned “it”");

  g_assert_cmpuint (again->records->len, ==, 1);
  expected.seen_us = after.now_us - 160 * SECOND_US;
  for (guint i = 0; i < expected.n_outcomes; i++)
    expected.outcomes[i].time_us = expected.seen_us;
  g_assert_cmpmem (g_ptr_array_index (again->records, 0), sizeof expected, &expected,
                   sizeof expected);

  text_again = clove_state_format (again, after);
  g_assert_cmpstr (text_again, ==, text);
}

static void
test_apply (void)
{
  g_autoptr (CloveClock) clock = clove_clock_new_fake ();
  g_autoptr (CloveState) state = fixture_state (clock);
  g_autoptr (CloveBlacklist) blacklist = clove_blacklist_new (clock);
  g_autoptr (CloveRelayRecords) records = clove_relay_records_new (clock);
  g_autoptr (CloveState) again = clove_state_new ();
  CloveStateTime time = clove_state_time (clock);
  g_autofree char *text = clove_state_format (state, time);
  g_autofree char *text_again = NULL;

  clove_state_apply (state, blacklist, records);
  g_assert_cmpuint (clove_blacklist_get_n_bans (blacklist), ==, 2);
  g_assert_cmpuint (clove_relay_records_get_n_records (records), ==, 1);
  clove_state_collect (again, blacklist, records);
  again->entry = state->entry;
  again->backup_entry = state->backup_entry;
  again->n_new_entries = state->n_new_entries;
  memcpy (again->new_entries_s, state->new_entries_s, sizeof again->new_entries_s);
  text_again = clove_state_format (again, time);
  g_assert_cmpstr (text_again, ==, text);
}

static void
test_time_left (void)
{
  static const struct {
    gint64 until_s; /* the time being 1000000 */
    gint64 left_s;
  } cases[] = {
    { 1, 0 },
    { 999999, 0 },
    { 1000000, 0 },
    { 1000001, 1 },
    { 1000300, 300 },
    /* The calendar was set back: not longer than a ban is. */
    { 1000301, 300 },
    { G_GINT64_CONSTANT (253402300799), 300 },
  };
  CloveStateTime time = { .now_us = 500 * SECOND_US, .wall_s = 1000000 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = g_strdup_printf (
      STATE ("", BAN ("10.0.0.1:9001", "\"until\":%" G_GINT64_FORMAT ",\"reason\":\"\""), ""),
      cases[i].until_s);
    g_autoptr (CloveState) state = parse (text, time, NULL);

    g_assert_nonnull (state);
    g_assert_cmpuint (state->bans->len, ==, cases[i].left_s > 0 ? 1 : 0);
    if (cases[i].left_s > 0) {
      const CloveBan *ban = g_ptr_array_index (state->bans, 0);

      g_assert_cmpint (ban->left_us, ==, cases[i].left_s * SECOND_US);
      g_assert_cmpint (ban->since_us, ==, (200 + cases[i].left_s) * SECOND_US);
    }
  }
}

static void
test_good (void)
{
  static const char *const texts[] = {
    STATE ("\"unknown\":[{}],", "", ""),
    STATE (ENTRY (KEY, "\"chosen\":1,\"expires\":2"), "", ""),
    STATE (ENTRY (KEY, "\"chosen\":1,\"expires\":253402300799,\"missing_since\":1"), "", ""),
    STATE ("", BAN ("[::1]:1", "\"permanent\":true,\"reason\":\"\""), ""),
    STATE ("", "", RECORD ("\"entry\"", "1", "0", "0", "[]")),
    STATE ("", "", RECORD ("\"exit\"", "5", "1000000", "60000000", "[[1,\"b+\"],[2,\"u-\"]]")),
  };
  CloveStateTime time = { .now_us = 1, .wall_s = 10 };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (CloveState) state = parse (texts[i], time, &error);

    g_test_message ("text %u", i);
    g_assert_no_error (error);
    g_assert_nonnull (state);
  }
}

static const struct {
  const char *text;
  CloveDirectoryError code;
} bad_texts[] = {
  { "", CLOVE_DIRECTORY_ERROR_NOT_JSON },
  { "{", CLOVE_DIRECTORY_ERROR_NOT_JSON },
  { "\xff", CLOVE_DIRECTORY_ERROR_NOT_JSON },
  { STATE ("", "", "") "x", CLOVE_DIRECTORY_ERROR_NOT_JSON },
  { "[]", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "null", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "{}", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "{\"version\":\"1\"}", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "{\"version\":1.0}", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "{\"version\":0}", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "{\"version\":-1}", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "{\"version\":2}", CLOVE_DIRECTORY_ERROR_WRONG_VERSION },
  { "{\"version\":9223372036854775807}", CLOVE_DIRECTORY_ERROR_WRONG_VERSION },
  { "{\"version\":1}", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "{\"version\":1,\"new_entries\":[],\"bans\":[]}", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "{\"version\":1,\"new_entries\":[],\"records\":[]}", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "{\"version\":1,\"bans\":[],\"records\":[]}", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "{\"version\":1,\"new_entries\":[0],\"bans\":[],\"records\":[]}",
    CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "{\"version\":1,\"new_entries\":[1,1,1,1,1,1,1,1,1],\"bans\":[],\"records\":[]}",
    CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "{\"version\":1,\"new_entries\":[],\"bans\":{},\"records\":[]}",
    CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("\"entry\":null,", "", ""), CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("\"entry\":[],", "", ""), CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE (ENTRY ("ab", "\"chosen\":1,\"expires\":2"), "", ""),
    CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE (ENTRY (KEY, "\"chosen\":1"), "", ""), CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE (ENTRY (KEY, "\"expires\":1"), "", ""), CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE (ENTRY (KEY, "\"chosen\":0,\"expires\":2"), "", ""),
    CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE (ENTRY (KEY, "\"chosen\":1,\"expires\":253402300800"), "", ""),
    CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE (ENTRY (KEY, "\"chosen\":1,\"expires\":2,\"missing_since\":null"), "", ""),
    CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("\"backup_entry\":5,", "", ""), CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", "null", ""), CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", "{}", ""), CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", BAN ("demo.ton:80", "\"until\":1,\"reason\":\"\""), ""),
    CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", BAN ("10.0.0.1:9001", "\"reason\":\"\""), ""), CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", BAN ("10.0.0.1:9001", "\"until\":1,\"permanent\":true,\"reason\":\"\""), ""),
    CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", BAN ("10.0.0.1:9001", "\"permanent\":false,\"reason\":\"\""), ""),
    CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", BAN ("10.0.0.1:9001", "\"permanent\":1,\"reason\":\"\""), ""),
    CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", BAN ("10.0.0.1:9001", "\"until\":1"), ""), CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", BAN ("10.0.0.1:9001", "\"until\":1,\"reason\":5"), ""),
    CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", BAN ("10.0.0.1:9001", "\"until\":\"1\",\"reason\":\"\""), ""),
    CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", "", "[]"), CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", "", RECORD ("\"guard\"", "1", "0", "0", "[]")), CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", "", RECORD ("0", "1", "0", "0", "[]")), CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", "", RECORD ("\"exit\"", "0", "0", "0", "[]")), CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", "", RECORD ("\"exit\"", "1", "1000001", "0", "[]")),
    CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", "", RECORD ("\"exit\"", "1", "-1", "0", "[]")),
    CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", "", RECORD ("\"exit\"", "1", "0.5", "0", "[]")),
    CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", "", RECORD ("\"exit\"", "1", "true", "0", "[]")),
    CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", "", RECORD ("\"exit\"", "1", "0", "-1", "[]")), CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", "", RECORD ("\"exit\"", "1", "0", "60000001", "[]")),
    CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", "", RECORD ("\"exit\"", "1", "0", "0", "{}")), CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", "", RECORD ("\"exit\"", "1", "0", "0", "[[1]]")),
    CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", "", RECORD ("\"exit\"", "1", "0", "0", "[[1,\"x+\"]]")),
    CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { STATE ("", "", RECORD ("\"exit\"", "1", "0", "0", "[[\"b+\",1]]")),
    CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
};

static void
test_bad (void)
{
  CloveStateTime time = { .now_us = 1, .wall_s = 10 };

  for (guint i = 0; i < G_N_ELEMENTS (bad_texts); i++) {
    g_autoptr (GError) error = NULL;

    g_test_message ("text %u", i);
    g_assert_null (parse (bad_texts[i].text, time, &error));
    g_assert_error (error, CLOVE_DIRECTORY_ERROR, (int) bad_texts[i].code);
  }
}

/* Names of sites may be in the reason of a ban; they are not for the disk. */
static void
test_no_hosts (void)
{
  g_autofree char *long_start = g_strnfill (CLOVE_BAN_MAX_REASON_SIZE - 7, 'a');
  g_autofree char *long_reason = g_strconcat (long_start, " foundation.ton", NULL);
  const struct {
    const char *reason;
    const char *saved;
  } cases[] = {
    { "no answer in 3.0 s, hop 2.", "no answer in 3.0 s, hop 2." },
    { "relay 10.0.0.1:9001 failed", "relay 10.0.0.1:9001 failed" },
    { "request to demo.ton got nothing", "request to … got nothing" },
    { "request to “DEMO.TON:8080”, lost", "request to … lost" },
    { "http://a.b.t.me/x?y", "…" },
    { "x.adnl.", "…" },
    { ".ton", "…" },
    { "demo.тон lost", "… lost" },
    { "a\tfoo.ton\nb", "a … b" },
  };
  CloveStateTime time = { .now_us = 1, .wall_s = 1000 };

  for (guint i = 0; i <= G_N_ELEMENTS (cases); i++) {
    gboolean is_long = i == G_N_ELEMENTS (cases);
    g_autoptr (CloveState) state = clove_state_new ();
    g_autoptr (CloveState) again = NULL;
    g_autofree char *text = NULL;
    g_autoptr (CloveBan) saved = NULL;
    CloveBan ban = { .left_us = SECOND_US };

    g_assert_true (clove_address_parse (&ban.address, "10.0.0.1:9001", NULL));
    ban.reason = clove_ban_clean_reason (is_long ? long_reason : cases[i].reason);
    g_ptr_array_add (state->bans, clove_ban_copy (&ban));
    text = clove_state_format (state, time);
    again = parse (text, time, NULL);
    saved = clove_ban_copy (g_ptr_array_index (again->bans, 0));
    if (is_long)
      g_assert_null (strstr (saved->reason, "found"));
    else
      g_assert_cmpstr (saved->reason, ==, cases[i].saved);
    g_free (ban.reason);
  }
}

/* As much as there can ever be still fits, and can be read back. */
static void
test_largest (void)
{
  g_autoptr (CloveState) state = clove_state_new ();
  g_autoptr (CloveState) again = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *reason = g_strnfill (CLOVE_BAN_MAX_REASON_SIZE, '"');
  g_autofree char *text = NULL;
  CloveStateTime time = { .now_us = 1000, .wall_s = G_GINT64_CONSTANT (253402300000) };
  const CloveBan *first = NULL;

  for (guint i = 0; i < CLOVE_BLACKLIST_MAX_BANS; i++) {
    CloveBan ban = { .left_us = SECOND_US, .since_us = i + 1, .reason = reason };
    g_autofree char *address =
      g_strdup_printf ("[2001:db8:ffff:ffff:ffff:ffff:ffff:%x]:65534", 0x1000 + i);

    ban.is_permanent = i == 10 || i == 20;
    g_assert_true (clove_address_parse (&ban.address, address, NULL));
    g_ptr_array_add (state->bans, clove_ban_copy (&ban));
  }
  for (guint i = 0; i < CLOVE_RELAY_RECORDS_MAX; i++) {
    CloveRelayRecord record = { .hop = 1,
                                .build_failure = 1.0 / 3.0 * 1e-300,
                                .use_failure = 2.0 / 3.0 * 1e-300,
                                .rtt_us = 60 * SECOND_US,
                                .last_rtt_us = 60 * SECOND_US,
                                .n_outcomes = CLOVE_RELAY_RECORD_N_OUTCOMES };

    fixture_key (record.key, i);
    g_ptr_array_add (state->records, g_memdup2 (&record, sizeof record));
  }
  text = clove_state_format (state, time);
  g_test_message ("%zu bytes", strlen (text));
  g_assert_cmpuint (strlen (text), <, CLOVE_STATE_MAX_SIZE);
  again = parse (text, time, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again->records->len, ==, CLOVE_RELAY_RECORDS_MAX);
  g_assert_cmpuint (again->bans->len, ==, CLOVE_STATE_MAX_BANS);
  /* The user's own, though older than all others that were kept. */
  first = g_ptr_array_index (again->bans, 0);
  g_assert_true (first->is_permanent);
  first = g_ptr_array_index (again->bans, 2);
  g_assert_false (first->is_permanent);
  g_assert_cmpuint (ntohs (first->address.v6.sin6_addr.s6_addr16[7]), ==,
                    0x1000 + CLOVE_BLACKLIST_MAX_BANS - CLOVE_STATE_MAX_BANS + 2);
}

static void
test_too_large (void)
{
  g_autofree char *spaces = g_strnfill (CLOVE_STATE_MAX_SIZE - strlen (STATE ("", "", "")), ' ');
  g_autofree char *largest = g_strconcat (STATE ("", "", ""), spaces, NULL);
  g_autofree char *larger = g_strconcat (largest, " ", NULL);
  CloveStateTime time = { .now_us = 1, .wall_s = 10 };
  g_autoptr (CloveState) state = parse (largest, time, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (state);
  g_assert_null (parse (larger, time, &error));
  g_assert_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_TOO_LARGE);
}

/* A machine without a battery begins in 1970, and what it writes then can be read, too. */
static void
test_odd_calendars (void)
{
  static const gint64 calendars_s[] = { G_MININT64 / 2, -5, 0, 1, 59, G_MAXINT64 / 2 };
  g_autoptr (CloveClock) clock = clove_clock_new_fake ();
  g_autoptr (CloveState) state = fixture_state (clock);

  for (guint i = 0; i < G_N_ELEMENTS (calendars_s); i++) {
    CloveStateTime time = { .now_us = clove_clock_now_us (clock), .wall_s = calendars_s[i] };
    g_autofree char *text = clove_state_format (state, time);
    g_autoptr (GError) error = NULL;
    g_autoptr (CloveState) again = parse (text, time, &error);

    g_assert_no_error (error);
    g_assert_true (again->entry.is_set);
    g_assert_cmpuint (again->records->len, ==, 1);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/directory/state/new-destroy", test_new_destroy);
  g_test_add_func ("/clove/directory/state/round-trip", test_round_trip);
  g_test_add_func ("/clove/directory/state/apply", test_apply);
  g_test_add_func ("/clove/directory/state/time-left", test_time_left);
  g_test_add_func ("/clove/directory/state/good", test_good);
  g_test_add_func ("/clove/directory/state/bad", test_bad);
  g_test_add_func ("/clove/directory/state/no-hosts", test_no_hosts);
  g_test_add_func ("/clove/directory/state/largest", test_largest);
  g_test_add_func ("/clove/directory/state/too-large", test_too_large);
  g_test_add_func ("/clove/directory/state/odd-calendars", test_odd_calendars);
  return g_test_run ();
}
