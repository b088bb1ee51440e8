/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-entry-policy.h"
#include "clove-entry-silence.h"
#include "fixtures.h"

#include <string.h>

#define ENTRY_MAX_RELAYS 64
#define ENTRY_DAY_S      G_GINT64_CONSTANT (86400)
#define ENTRY_ALL        G_MAXUINT64

/* A policy with all that it needs, and relays of which the directory lists some. */
typedef struct {
  CloveClock *clock;
  CloveRandom *random;
  CloveBlacklist *blacklist;
  CloveRelayRecords *records;
  CloveEntryPolicy *policy;
  CloveRelay *relays[ENTRY_MAX_RELAYS];
  guint n_relays;
  CloveStateTime now;
} EntryFixture;

/* Makes relay @number in network 10.@network. */
static inline CloveRelay *
entry_relay (guint number, guint network, CloveRelayRoles roles, const char *operator_name)
{
  g_autoptr (CloveRelay) same = fixture_relay (number, roles);
  g_autofree char *text = g_strdup_printf ("10.%u.0.%u:9001", network, number);
  g_autoptr (GError) error = NULL;
  CloveAddress address = { 0 };
  CloveRelay *relay = NULL;

  g_assert_true (clove_address_parse (&address, text, NULL));
  relay = clove_relay_new (clove_relay_get_name (same), clove_relay_get_key (same), &address, roles,
                           operator_name, &error);
  g_assert_no_error (error);
  return relay;
}

static inline void
entry_set_up (EntryFixture *f, guint n_relays, guint64 seed)
{
  *f = (EntryFixture){ .n_relays = n_relays };
  f->clock = clove_clock_new_fake ();
  f->random = clove_random_new_seeded (seed);
  f->blacklist = clove_blacklist_new (f->clock);
  f->records = clove_relay_records_new (f->clock);
  f->policy = clove_entry_policy_new (f->random, f->blacklist, f->records);
  f->now = clove_state_time (f->clock);
  for (guint i = 0; i < n_relays; i++)
    f->relays[i] = entry_relay (i, i, CLOVE_RELAY_ROLES_ALL, NULL);
}

static inline void
entry_tear_down (EntryFixture *f)
{
  clove_entry_policy_free (f->policy);
  for (guint i = 0; i < f->n_relays; i++)
    clove_relay_unref (f->relays[i]);
  clove_relay_records_free (f->records);
  clove_blacklist_unref (f->blacklist);
  clove_random_unref (f->random);
  clove_clock_unref (f->clock);
}

static inline void
entry_replace_relay (EntryFixture *f, guint number, CloveRelay *relay)
{
  clove_relay_unref (f->relays[number]);
  f->relays[number] = relay;
}

/* Lets time go by. */
static inline void
entry_pass (EntryFixture *f, gint64 interval_s)
{
  clove_clock_advance (f->clock, interval_s * G_USEC_PER_SEC);
  f->now.now_us += interval_s * G_USEC_PER_SEC;
  f->now.wall_s += interval_s;
}

/* Makes a list of those relays whose bit is set. */
static inline CloveRelayList *
entry_list (EntryFixture *f, guint64 mask)
{
  CloveRelay *relays[ENTRY_MAX_RELAYS] = { 0 };
  guint n_relays = 0;

  for (guint i = 0; i < f->n_relays; i++) {
    if ((mask >> i & 1) != 0)
      relays[n_relays++] = f->relays[i];
  }
  return clove_relay_list_new (relays, n_relays, NULL);
}

static inline char *
entry_load (EntryFixture *f, guint64 mask, gint64 age_s)
{
  g_autoptr (CloveRelayList) list = entry_list (f, mask);

  return clove_entry_policy_set_relays (f->policy, list, age_s, f->now);
}

/* Returns: which relay has @key, or -1 */
static inline int
entry_find (EntryFixture *f, const guint8 key[static CLOVE_RELAY_KEY_SIZE])
{
  for (guint i = 0; i < f->n_relays; i++) {
    if (memcmp (clove_relay_get_key (f->relays[i]), key, CLOVE_RELAY_KEY_SIZE) == 0)
      return (int) i;
  }
  return -1;
}

/* Returns: which relay is kept there, or -1 */
static inline int
entry_kept (EntryFixture *f, CloveEntryPlace place)
{
  CloveEntryInfo info = clove_entry_policy_get_info (f->policy, place);

  return info.kept.is_set ? entry_find (f, info.kept.key) : -1;
}

static inline void
entry_note (EntryFixture *f, int number, gboolean works)
{
  const guint8 *key = clove_relay_get_key (f->relays[number]);

  if (works)
    clove_entry_policy_note_works (f->policy, key, f->now);
  else
    clove_entry_policy_note_dead (f->policy, key, f->now);
}

/* Ends the run and begins another, by way of the text of the state. */
static inline void
entry_restart (EntryFixture *f)
{
  g_autoptr (CloveState) state = clove_state_new ();
  g_autoptr (CloveState) again = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  clove_entry_policy_save (f->policy, state);
  text = clove_state_format (state, f->now);
  bytes = g_bytes_new_take (text, strlen (text));
  again = clove_state_parse (bytes, f->now, &error);
  g_assert_no_error (error);
  clove_entry_policy_free (f->policy);
  f->policy = clove_entry_policy_new (f->random, f->blacklist, f->records);
  clove_entry_policy_restore (f->policy, again, f->now);
}

static inline const char *
entry_name (EntryFixture *f, int number)
{
  return clove_relay_get_name (f->relays[number]);
}

static inline gint64
entry_expires_s (EntryFixture *f, CloveEntryPlace place)
{
  return clove_entry_policy_get_info (f->policy, place).kept.expires_s;
}

static inline guint64
entry_without (int number)
{
  g_assert_cmpint (number, >=, 0);
  return ENTRY_ALL & ~(G_GUINT64_CONSTANT (1) << number);
}

static inline void
entry_assert_no_change (EntryFixture *f)
{
  g_autofree char *change = clove_entry_policy_update (f->policy, f->now);

  g_assert_cmpstr (change, ==, NULL);
}

/* Asserts that @change, which is freed, is the sentence with the names of these relays. */
static inline void
entry_assert_change (EntryFixture *f, char *change, const char *format, int a, int b, int c)
{
  g_autofree char *got = change;
  g_auto (GStrv) parts = g_strsplit (format, "%", -1);
  g_autoptr (GString) expected = g_string_new (parts[0]);

  for (guint i = 1; parts[i] != NULL; i++) {
    int number = parts[i][0] == 'a' ? a : parts[i][0] == 'b' ? b
                                                             : c;

    g_string_append (expected, entry_name (f, number));
    g_string_append (expected, parts[i] + 1);
  }
  g_assert_cmpstr (got, ==, expected->str);
}

/* Chooses the first two. */
static inline void
entry_begin (EntryFixture *f)
{
  char *change = entry_load (f, ENTRY_ALL, 0);

  entry_assert_change (f, change, "%a is the entry; %b is the backup entry",
                       entry_kept (f, CLOVE_ENTRY_FIRST), entry_kept (f, CLOVE_ENTRY_BACKUP), 0);
}

/* Returns: a relay that is not kept */
static inline int
entry_find_other (EntryFixture *f)
{
  int number = 0;

  while (number == entry_kept (f, CLOVE_ENTRY_FIRST) ||
         number == entry_kept (f, CLOVE_ENTRY_BACKUP))
    number++;
  return number;
}

/* Lets the relay be silent for ten minutes while another works. Returns: what changed */
static inline char *
entry_silence (EntryFixture *f, int number)
{
  int other = entry_find_other (f);

  entry_note (f, other, TRUE);
  entry_note (f, number, FALSE);
  entry_assert_no_change (f);
  entry_pass (f, CLOVE_ENTRY_SILENCE_US / G_USEC_PER_SEC);
  entry_note (f, other, TRUE);
  entry_note (f, number, FALSE);
  return clove_entry_policy_update (f->policy, f->now);
}
