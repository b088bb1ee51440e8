/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keeps one entry and one backup for weeks. Only the entry learns the user's address, so each new
 * one is a risk, and whoever can make relays look bad must not be able to lead the user through
 * many: a relay is given up only for what was seen from both ends of a long enough time, while
 * others answer, and not often.
 *
 * Order of calls: clove_entry_policy_restore(), then clove_entry_policy_set_relays() for each list
 * that was loaded, clove_entry_policy_note_works() and clove_entry_policy_note_dead() as things
 * happen, clove_entry_policy_update() after those and now and then.
 *
 * Three things end the stay of a relay:
 *
 * - its term. Nobody but the calendar has a say in it, so such changes are not limited;
 * - a day out of the directory, or without the role of an entry: two lists that lack it, loaded at
 *   least a day apart, with none between them that has it. The run in which the first was loaded
 *   may be another one;
 * - ten minutes of silence while others answer, as clove-entry-silence.c defines them. They begin
 *   anew with each run.
 *
 * The last two are limited to two changes in seven days. What comes after is held back until the
 * user asks for it; the caller may go through other relays for the time being. Filling a place that
 * was empty is no change. While nobody answers, nothing is changed for any reason.
 */
#include "config.h"

#include "clove-entry-policy.h"

#include "clove-entry-choice.h"
#include "clove-entry-limit.h"
#include "clove-kept-entry.h"
#include "clove-settled-calendar.h"

struct _CloveEntryPolicy {
  /* Set at construction. */
  CloveRandom *random;        /* owned */
  CloveBlacklist *blacklist;  /* owned */
  CloveRelayRecords *records; /* borrowed: outlives the policy */

  /* Owned. */
  CloveRelayList *relays; /* NULL until the directory is there */
  CloveKeptEntry kept[CLOVE_ENTRY_N_PLACES];

  gint64 relays_loaded_s; /* by the settled calendar */
  CloveEntryWitnesses witnesses;
  CloveSettledCalendar calendar;
  CloveEntryLimit limit;
};

/* The calendar was set: what now lies in the future would last for too long. */
static void
bound_times (CloveEntryPolicy *self, gint64 wall_s)
{
  for (guint i = 0; i < CLOVE_ENTRY_N_PLACES; i++) {
    CloveStateEntry *entry = &self->kept[i].entry;

    entry->missing_since_s = MIN (entry->missing_since_s, wall_s);
  }
  clove_entry_limit_bound (&self->limit, wall_s);
  self->relays_loaded_s = MIN (self->relays_loaded_s, wall_s);
}

/* Returns: seconds since 1970 */
static gint64
read_calendar (CloveEntryPolicy *self, CloveStateTime now)
{
  gboolean was_set = FALSE;
  gint64 wall_s = clove_settled_calendar_read (&self->calendar, now, &was_set);

  if (was_set)
    bound_times (self, wall_s);
  for (guint i = 0; i < CLOVE_ENTRY_N_PLACES; i++)
    clove_kept_entry_bound_term (&self->kept[i], wall_s);
  return wall_s;
}

/* Looks the kept relays up in the list at hand. */
static void
find_relays (CloveEntryPolicy *self)
{
  for (guint i = 0; i < CLOVE_ENTRY_N_PLACES; i++)
    g_clear_pointer (&self->kept[i].relay, clove_relay_unref);
  for (guint i = 0; i < clove_relay_list_get_n_relays (self->relays); i++) {
    CloveRelay *relay = clove_relay_list_get_relay (self->relays, i);

    if ((clove_relay_get_roles (relay) & CLOVE_RELAY_ROLE_ENTRY) == 0)
      continue;
    for (guint j = 0; j < CLOVE_ENTRY_N_PLACES; j++) {
      if (clove_kept_entry_is_of (&self->kept[j], clove_relay_get_key (relay)))
        clove_kept_entry_take_relay (&self->kept[j], relay);
    }
  }
}

/* Returns: why the relay has to go */
static CloveEntryReason
find_reason (CloveEntryPolicy *self,
             const CloveKeptEntry *kept,
             CloveStateTime now,
             gint64 wall_s)
{
  const CloveStateEntry *entry = &kept->entry;

  if (!entry->is_set || clove_entry_witnesses_is_all_silent (&self->witnesses))
    return CLOVE_ENTRY_REASON_NONE;
  if (wall_s >= entry->expires_s)
    return CLOVE_ENTRY_REASON_TERM;
  if (entry->missing_since_s != 0 &&
      self->relays_loaded_s - entry->missing_since_s >= CLOVE_ENTRY_MAX_MISSING_S)
    return CLOVE_ENTRY_REASON_MISSING;
  if (clove_entry_silence_is_proven (&kept->silence, now.now_us))
    return CLOVE_ENTRY_REASON_SILENT;
  return CLOVE_ENTRY_REASON_NONE;
}

/* Returns: (transfer none) (nullable): a relay to keep beside @companion that is not kept now */
static CloveRelay *
choose (CloveEntryPolicy *self, const CloveRelay *companion)
{
  const CloveStateEntry excluded[CLOVE_ENTRY_N_PLACES] = { self->kept[CLOVE_ENTRY_FIRST].entry,
                                                           self->kept[CLOVE_ENTRY_BACKUP].entry };
  CloveEntryChoice choice = { .relays = self->relays,
                              .blacklist = self->blacklist,
                              .records = self->records,
                              .excluded = excluded,
                              .n_excluded = CLOVE_ENTRY_N_PLACES,
                              .companion = companion };

  return clove_entry_choose (&choice, self->random);
}

/* Lets the backup take the first place, and leaves its own empty. */
static void
promote (CloveEntryPolicy *self)
{
  clove_kept_entry_clear (&self->kept[CLOVE_ENTRY_FIRST]);
  self->kept[CLOVE_ENTRY_FIRST] = self->kept[CLOVE_ENTRY_BACKUP];
  self->kept[CLOVE_ENTRY_BACKUP] = (CloveKeptEntry){ 0 };
}

/* Whether the backup can take the first place: it is there to stay, and for all that is known it
 * lives. */
static gboolean
is_fit (CloveEntryPolicy *self, CloveStateTime now, gint64 wall_s)
{
  const CloveKeptEntry *backup = &self->kept[CLOVE_ENTRY_BACKUP];

  return backup->relay != NULL && !clove_entry_silence_is_silent (&backup->silence) &&
         clove_blacklist_get_left_us (self->blacklist,
                                      clove_relay_get_address (backup->relay)) !=
           CLOVE_BAN_FOR_EVER_US &&
         find_reason (self, backup, now, wall_s) == CLOVE_ENTRY_REASON_NONE;
}

/* Puts another relay in the place. Returns: (transfer full) (nullable): the change as a clause, or
 * %NULL if nobody else can be had */
static char *
replace (CloveEntryPolicy *self,
         CloveEntryPlace place,
         CloveEntryReason reason,
         CloveStateTime now,
         gint64 wall_s)
{
  gboolean is_promotion = place == CLOVE_ENTRY_FIRST && is_fit (self, now, wall_s);
  g_autofree char *why = clove_kept_entry_describe (&self->kept[place], reason);
  CloveRelay *relay = choose (self, self->kept[1 - place].relay);

  if (relay == NULL)
    return NULL;
  if (reason != CLOVE_ENTRY_REASON_TERM)
    clove_entry_limit_spend (&self->limit, wall_s);
  if (is_promotion) {
    promote (self);
    clove_kept_entry_begin (&self->kept[CLOVE_ENTRY_BACKUP], relay, wall_s, self->random);
    return g_strdup_printf ("%s is the new entry and %s its backup: %s",
                            self->kept[CLOVE_ENTRY_FIRST].name, clove_relay_get_name (relay), why);
  }
  clove_kept_entry_begin (&self->kept[place], relay, wall_s, self->random);
  return g_strdup_printf ("%s is the new %s: %s", clove_relay_get_name (relay),
                          place == CLOVE_ENTRY_FIRST ? "entry" : "backup entry", why);
}

/* Fills the place if it is empty. Returns: (transfer full) (nullable): the change as a clause */
static char *
fill (CloveEntryPolicy *self, CloveEntryPlace place, gint64 wall_s)
{
  CloveRelay *relay = NULL;

  if (self->kept[place].entry.is_set)
    return NULL;
  relay = choose (self, self->kept[1 - place].relay);
  if (relay == NULL)
    return NULL;
  clove_kept_entry_begin (&self->kept[place], relay, wall_s, self->random);
  return g_strdup_printf ("%s is the %s", clove_relay_get_name (relay),
                          place == CLOVE_ENTRY_FIRST ? "entry" : "backup entry");
}

/* Applies the rules to one place. Returns: (transfer full) (nullable): the change as a clause */
static char *
update_place (CloveEntryPolicy *self,
              CloveEntryPlace place,
              gboolean is_asked,
              CloveStateTime now,
              gint64 wall_s)
{
  CloveKeptEntry *kept = &self->kept[place];
  CloveEntryReason reason = find_reason (self, kept, now, wall_s);

  if (!kept->entry.is_set)
    return fill (self, place, wall_s);
  if (reason == CLOVE_ENTRY_REASON_NONE && is_asked)
    reason = kept->held_back;
  if (reason == CLOVE_ENTRY_REASON_NONE)
    return NULL;
  if (reason != CLOVE_ENTRY_REASON_TERM && clove_entry_limit_get_left (&self->limit, wall_s) == 0) {
    kept->held_back = reason;
    return NULL;
  }
  return replace (self, place, reason, now, wall_s);
}

/* Returns: (transfer full) (nullable): the changes as clauses */
static char *
update (CloveEntryPolicy *self, gboolean is_asked, CloveStateTime now)
{
  gint64 wall_s = read_calendar (self, now);
  g_autoptr (GPtrArray) changes = g_ptr_array_new_with_free_func (g_free);

  if (self->relays == NULL)
    return NULL;
  for (guint i = 0; i < CLOVE_ENTRY_N_PLACES; i++) {
    char *change = update_place (self, i, is_asked, now, wall_s);

    if (change != NULL)
      g_ptr_array_add (changes, change);
  }
  if (changes->len == 0)
    return NULL;
  g_ptr_array_add (changes, NULL);
  return g_strjoinv ("; ", (char **) changes->pdata);
}

/**
 * clove_entry_policy_new:
 * @random: decides
 * @blacklist: who is banned
 * @records: how relays did; borrowed, and outlives the policy
 *
 * Returns: (transfer full): a policy that keeps nobody yet
 */
CloveEntryPolicy *
clove_entry_policy_new (CloveRandom *random, CloveBlacklist *blacklist, CloveRelayRecords *records)
{
  CloveEntryPolicy *self = g_new0 (CloveEntryPolicy, 1);

  self->random = clove_random_ref (random);
  self->blacklist = clove_blacklist_ref (blacklist);
  self->records = records;
  return self;
}

/** clove_entry_policy_free: Free a policy. */
void
clove_entry_policy_free (CloveEntryPolicy *self)
{
  for (guint i = 0; i < CLOVE_ENTRY_N_PLACES; i++)
    clove_kept_entry_clear (&self->kept[i]);
  g_clear_pointer (&self->relays, clove_relay_list_unref);
  clove_blacklist_unref (self->blacklist);
  clove_random_unref (self->random);
  g_free (self);
}

/**
 * clove_entry_policy_set_relays:
 * @self: a policy
 * @relays: what the directory lists
 * @age_s: how long ago the list was loaded from the directory; more than 0 for the copy of an
 *   earlier run
 * @now: the time
 *
 * Take another list, or the same that was loaded again: it takes two to see that a relay has left
 * for a day. Chooses who is missing, and applies the rules.
 *
 * Returns: (transfer full) (nullable): what changed, as clauses without capital and full stop, such
 *   as “relay7 is the new entry and relay9 its backup: relay2 did not answer for 10 minutes”
 */
char *
clove_entry_policy_set_relays (CloveEntryPolicy *self,
                               CloveRelayList *relays,
                               gint64 age_s,
                               CloveStateTime now)
{
  gint64 wall_s = read_calendar (self, now);

  clove_relay_list_ref (relays);
  g_clear_pointer (&self->relays, clove_relay_list_unref);
  self->relays = relays;
  self->relays_loaded_s = wall_s - CLAMP (age_s, 0, wall_s - 1);
  find_relays (self);
  for (guint i = 0; i < CLOVE_ENTRY_N_PLACES; i++)
    clove_kept_entry_note_listed (&self->kept[i], self->relays_loaded_s);
  return update (self, FALSE, now);
}

/**
 * clove_entry_policy_note_dead:
 * @self: a policy
 * @key: any entry relay, kept or not
 * @now: the time
 *
 * Take note that the relay, asked as an entry, did not answer or was found guilty. Each time
 * counts: a relay is given up only if it is found so again ten minutes later.
 */
void
clove_entry_policy_note_dead (CloveEntryPolicy *self,
                              const guint8 key[static CLOVE_RELAY_KEY_SIZE],
                              CloveStateTime now)
{
  clove_entry_witnesses_note_dead (&self->witnesses, key);
  for (guint i = 0; i < CLOVE_ENTRY_N_PLACES; i++) {
    CloveKeptEntry *kept = &self->kept[i];

    if (clove_kept_entry_is_of (kept, key))
      clove_entry_silence_note_dead (&kept->silence, &self->witnesses, now.now_us);
  }
}

/**
 * clove_entry_policy_note_works:
 * @self: a policy
 * @key: any entry relay, kept or not
 * @now: the time
 *
 * Take note that the relay answered as an entry. That also says that the network is up, so that the
 * silence of others means something: to be told with each circuit that is built and each answer to
 * a request, probe or ping, at least once in two minutes of use.
 */
void
clove_entry_policy_note_works (CloveEntryPolicy *self,
                               const guint8 key[static CLOVE_RELAY_KEY_SIZE],
                               CloveStateTime now)
{
  clove_entry_witnesses_note_works (&self->witnesses, key, now.now_us);
  for (guint i = 0; i < CLOVE_ENTRY_N_PLACES; i++) {
    CloveKeptEntry *kept = &self->kept[i];

    if (clove_kept_entry_is_of (kept, key)) {
      clove_entry_silence_note_works (&kept->silence);
      kept->held_back = CLOVE_ENTRY_REASON_NONE;
    } else {
      clove_entry_silence_note_other_works (&kept->silence, now.now_us);
    }
  }
}

/**
 * clove_entry_policy_update:
 * @self: a policy
 * @now: the time
 *
 * Apply the rules: after notes, and now and then, since terms end by themselves.
 *
 * Returns: (transfer full) (nullable): what changed, as from clove_entry_policy_set_relays()
 */
char *
clove_entry_policy_update (CloveEntryPolicy *self, CloveStateTime now)
{
  return update (self, FALSE, now);
}

/**
 * clove_entry_policy_choose_anew:
 * @self: a policy
 * @now: the time
 *
 * Replace whoever was held back, and begin anew to count changes, since the user wants it. Relays
 * that have no reason to go stay. While nobody answers, only the count begins anew.
 *
 * Returns: (transfer full) (nullable): what changed, as from clove_entry_policy_set_relays()
 */
char *
clove_entry_policy_choose_anew (CloveEntryPolicy *self, CloveStateTime now)
{
  char *changes = NULL;

  clove_entry_limit_reset (&self->limit);
  changes = update (self, !clove_entry_witnesses_is_all_silent (&self->witnesses), now);
  /* What the user asked for does not count either. */
  clove_entry_limit_reset (&self->limit);
  return changes;
}

/**
 * clove_entry_policy_get:
 * @self: a policy
 * @place: which of the two
 *
 * Returns: (transfer none) (nullable): the relay, as the list at hand describes it; %NULL while it
 *   is not listed as an entry, or there is none
 */
CloveRelay *
clove_entry_policy_get (CloveEntryPolicy *self, CloveEntryPlace place)
{
  g_return_val_if_fail ((guint) place < CLOVE_ENTRY_N_PLACES, NULL);

  return self->kept[place].relay;
}

/** clove_entry_policy_get_info: Get what there is to say about one of the two. */
CloveEntryInfo
clove_entry_policy_get_info (CloveEntryPolicy *self, CloveEntryPlace place)
{
  const CloveKeptEntry *kept = NULL;

  g_return_val_if_fail ((guint) place < CLOVE_ENTRY_N_PLACES, (CloveEntryInfo){ 0 });

  kept = &self->kept[place];
  return (CloveEntryInfo){ .kept = kept->entry,
                           .name = kept->name,
                           .is_listed = kept->relay != NULL,
                           .is_silent = clove_entry_silence_is_silent (&kept->silence) };
}

/**
 * clove_entry_policy_get_check_us:
 * @self: a policy
 * @place: which of the two
 *
 * Returns: when to ask the relay, on the clock, and note the outcome, since its stay depends on it;
 *   0 while nothing does. Each finding puts the next time off by a minute or more.
 */
gint64
clove_entry_policy_get_check_us (CloveEntryPolicy *self, CloveEntryPlace place)
{
  g_return_val_if_fail ((guint) place < CLOVE_ENTRY_N_PLACES, 0);

  return self->kept[place].relay != NULL
           ? clove_entry_silence_get_check_us (&self->kept[place].silence)
           : 0;
}

/** clove_entry_policy_get_n_left: Get how many changes the limit still allows now. */
guint
clove_entry_policy_get_n_left (CloveEntryPolicy *self, CloveStateTime now)
{
  return clove_entry_limit_get_left (&self->limit, read_calendar (self, now));
}

/** clove_entry_policy_is_limited: Tell whether a relay stays only because of the limit. */
gboolean
clove_entry_policy_is_limited (CloveEntryPolicy *self, CloveStateTime now)
{
  gboolean is_held_back = FALSE;

  for (guint i = 0; i < CLOVE_ENTRY_N_PLACES; i++)
    is_held_back |= self->kept[i].held_back != CLOVE_ENTRY_REASON_NONE;
  return is_held_back && clove_entry_policy_get_n_left (self, now) == 0;
}

/** clove_entry_policy_save: Write what is to be remembered into @state, in place of what it has. */
void
clove_entry_policy_save (CloveEntryPolicy *self, CloveState *state)
{
  state->entry = self->kept[CLOVE_ENTRY_FIRST].entry;
  state->backup_entry = self->kept[CLOVE_ENTRY_BACKUP].entry;
  clove_entry_limit_save (&self->limit, state);
}

/**
 * clove_entry_policy_restore:
 * @self: a policy that was not told anything yet
 * @state: of an earlier run
 * @now: the time
 *
 * Take over what was remembered. A backup that is the entry itself is dropped, and one without an
 * entry takes its place.
 */
void
clove_entry_policy_restore (CloveEntryPolicy *self, const CloveState *state, CloveStateTime now)
{
  CloveKeptEntry *backup = &self->kept[CLOVE_ENTRY_BACKUP];

  g_return_if_fail (self->relays == NULL);
  g_return_if_fail (state->n_new_entries <= CLOVE_STATE_MAX_NEW_ENTRIES);

  self->kept[CLOVE_ENTRY_FIRST].entry = state->entry;
  backup->entry = state->backup_entry;
  if (!state->entry.is_set)
    promote (self);
  else if (clove_kept_entry_is_of (backup, state->entry.key))
    clove_kept_entry_clear (backup);
  clove_entry_limit_restore (&self->limit, state);
  self->calendar = (CloveSettledCalendar){ 0 };
  (void) read_calendar (self, now);
}
