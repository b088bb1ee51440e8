/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-state.h"

#include <string.h>

/* Sets the made-up key of relay @number. */
static inline void
fixture_key (guint8 key_out[static CLOVE_RELAY_KEY_SIZE], guint number)
{
  memset (key_out, 0xab, CLOVE_RELAY_KEY_SIZE);
  for (guint i = 0; i < 4; i++)
    key_out[i] = (guint8) (number >> (8 * i));
}

/* Makes a state with two bans of the past minute, one of them the user's, a record, an entry and a
 * backup entry. */
static inline CloveState *
fixture_state (CloveClock *clock)
{
  CloveState *state = clove_state_new ();
  g_autoptr (CloveBlacklist) blacklist = clove_blacklist_new (clock);
  g_autoptr (CloveRelayRecords) records = clove_relay_records_new (clock);
  CloveAddress address = { 0 };
  guint8 key[CLOVE_RELAY_KEY_SIZE] = { 0 };

  fixture_key (key, 1);
  g_assert_true (clove_address_parse (&address, "10.0.0.1:9001", NULL));
  clove_blacklist_mark_failed (blacklist, &address, "did not answer, hop 2");
  clove_relay_records_note_build (records, key, 2, TRUE);
  clove_relay_records_note_use (records, key, 2, FALSE);
  clove_relay_records_note_rtt (records, key, 2, 12345);
  clove_clock_advance (clock, 60 * G_USEC_PER_SEC);
  g_assert_true (clove_address_parse (&address, "[2001:db8::2]:9001", NULL));
  clove_blacklist_ban_until_cleared (blacklist, &address, "you banned “it”");
  clove_state_collect (state, blacklist, records);

  state->entry = (CloveStateEntry){ .is_set = TRUE,
                                    .chosen_s = clove_clock_wall_s (clock) - 86400,
                                    .expires_s = clove_clock_wall_s (clock) + 40 * 86400 };
  fixture_key (state->entry.key, 7);
  state->backup_entry = state->entry;
  fixture_key (state->backup_entry.key, 8);
  state->backup_entry.missing_since_s = clove_clock_wall_s (clock) - 3600;
  state->n_new_entries = 2;
  state->new_entries_s[0] = clove_clock_wall_s (clock) - 90000;
  state->new_entries_s[1] = clove_clock_wall_s (clock) - 86400;
  return state;
}
