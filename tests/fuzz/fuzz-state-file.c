/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Feeds bytes to the parser of the state, as if an older, newer or broken file lay there. What it
 * takes must keep the rules that others rely on, be written and read back as the same text, name no
 * site, and be fit for those who go on with it.
 */
#include "config.h"

#include "fuzz.h"

#include "clove-entry-policy.h"
#include "clove-json-check.h"
#include "clove-state.h"

#include <string.h>

/* A minute after the boot, in 2026, as the times in the corpus are. */
static const CloveStateTime now = { .now_us = 60 * G_USEC_PER_SEC, .wall_s = 1767225600 };

static void
check_bans (const CloveState *state)
{
  for (guint i = 0; i < state->bans->len; i++) {
    const CloveBan *ban = g_ptr_array_index (state->bans, i);

    g_assert_cmpint (ban->since_us, >, 0);
    g_assert_cmpint (ban->left_us, >, 0);
    g_assert_true (ban->is_permanent ? ban->left_us == CLOVE_BAN_FOR_EVER_US
                                     : ban->left_us <= CLOVE_BLACKLIST_BAN_US);
    g_assert_cmpuint (strlen (ban->reason), <=, CLOVE_BAN_MAX_REASON_SIZE);
    g_assert_true (g_utf8_validate (ban->reason, -1, NULL));
  }
}

static void
check_records (const CloveState *state)
{
  for (guint i = 0; i < state->records->len; i++) {
    const CloveRelayRecord *record = g_ptr_array_index (state->records, i);

    g_assert_cmpuint (record->hop, <, CLOVE_PATH_N_HOPS);
    g_assert_cmpint (record->seen_us, <=, now.now_us);
    g_assert_true (record->build_failure >= 0.0 && record->build_failure <= 1.0);
    g_assert_true (record->use_failure >= 0.0 && record->use_failure <= 1.0);
    g_assert_true (record->rtt_us >= 0 && record->last_rtt_us >= 0);
    g_assert_cmpuint (record->n_outcomes, <=, CLOVE_RELAY_RECORD_N_OUTCOMES);
    for (guint j = 0; j < record->n_outcomes; j++)
      g_assert_cmpint (record->outcomes[j].time_us, <=, now.now_us);
  }
}

/* Hands everything on, as the start of the program does. */
static void
apply (const CloveState *state)
{
  g_autoptr (CloveClock) clock = clove_clock_new_fake ();
  g_autoptr (CloveBlacklist) blacklist = clove_blacklist_new (clock);
  g_autoptr (CloveRelayRecords) records = clove_relay_records_new (clock);

  clove_state_apply (state, blacklist, records);
  g_assert_cmpuint (clove_blacklist_get_n_bans (blacklist), <=, state->bans->len);
  g_assert_cmpuint (clove_relay_records_get_n_records (records), <=, state->records->len);
  for (guint i = 0; i < state->records->len; i++) {
    const CloveRelayRecord *record = g_ptr_array_index (state->records, i);
    gdouble weight = clove_relay_records_get_weight (records, record->key, record->hop);

    g_assert_true (weight >= CLOVE_PATH_MIN_WEIGHT && weight <= 1.0);
  }
}

/* Whatever the file says of the entries, no term is longer than one of now, and what is saved of
 * them is the same the next time. */
static void
keep_entries (CloveState *state)
{
  g_autoptr (CloveClock) clock = clove_clock_new_fake ();
  g_autoptr (CloveRandom) random = clove_random_new_seeded (1);
  g_autoptr (CloveBlacklist) blacklist = clove_blacklist_new (clock);
  g_autoptr (CloveRelayRecords) records = clove_relay_records_new (clock);
  g_autofree char *text = NULL;

  for (guint i = 0; i < 2; i++) {
    g_autoptr (CloveEntryPolicy) policy = clove_entry_policy_new (random, blacklist, records);
    g_autofree char *text_again = NULL;

    clove_entry_policy_restore (policy, state, now);
    clove_entry_policy_save (policy, state);
    g_assert_cmpint (state->entry.expires_s, <=, now.wall_s + CLOVE_ENTRY_MAX_TERM_S);
    g_assert_cmpint (state->backup_entry.expires_s, <=, now.wall_s + CLOVE_ENTRY_MAX_TERM_S);
    g_assert_true (state->entry.is_set || !state->backup_entry.is_set);
    g_assert_true (!state->backup_entry.is_set ||
                   memcmp (state->entry.key, state->backup_entry.key, CLOVE_RELAY_KEY_SIZE) != 0);
    text_again = clove_state_format (state, now);
    if (text != NULL)
      g_assert_cmpstr (text, ==, text_again);
    g_free (text);
    text = g_steal_pointer (&text_again);
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (CloveState) state = clove_state_parse (bytes, now, &error);
  g_autoptr (CloveState) again = NULL;
  g_autoptr (GBytes) written = NULL;
  g_autofree char *text = NULL;
  g_autofree char *text_again = NULL;

  g_assert_true ((state == NULL) == (error != NULL));
  if (state == NULL) {
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
    return 0;
  }
  g_assert_true (clove_json_check ((const char *) data, size, NULL));
  check_bans (state);
  check_records (state);
  apply (state);

  text = clove_state_format (state, now);
  g_assert_null (strstr (text, ".ton"));
  g_assert_null (strstr (text, ".adnl"));
  g_assert_null (strstr (text, ".t.me"));
  written = g_bytes_new (text, strlen (text));
  again = clove_state_parse (written, now, &error);
  g_assert_no_error (error);
  text_again = clove_state_format (again, now);
  g_assert_cmpstr (text, ==, text_again);
  keep_entries (state);
  return 0;
}
