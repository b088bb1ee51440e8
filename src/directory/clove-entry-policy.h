/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-blacklist.h"
#include "clove-random.h"
#include "clove-relay-list.h"
#include "clove-relay-records.h"
#include "clove-state.h"

G_BEGIN_DECLS

/* A term is drawn between these, each second equally likely. */
#define CLOVE_ENTRY_MIN_TERM_S       G_GINT64_CONSTANT (30 * 86400)
#define CLOVE_ENTRY_MAX_TERM_S       G_GINT64_CONSTANT (60 * 86400)
/* Who has left the directory for so long is given up. */
#define CLOVE_ENTRY_MAX_MISSING_S    G_GINT64_CONSTANT (86400)
/* So many relays that were given up are replaced in so long without asking. */
#define CLOVE_ENTRY_MAX_NEW          2u
#define CLOVE_ENTRY_MAX_NEW_WITHIN_S G_GINT64_CONSTANT (7 * 86400)

/**
 * CloveEntryPlace:
 * @CLOVE_ENTRY_FIRST: the entry of all circuits while it works
 * @CLOVE_ENTRY_BACKUP: who stands in for it
 *
 * The two relays that are kept.
 */
typedef enum {
  CLOVE_ENTRY_FIRST,
  CLOVE_ENTRY_BACKUP,
} CloveEntryPlace;

#define CLOVE_ENTRY_N_PLACES 2

/**
 * CloveEntryInfo:
 * @kept: which relay, since when, until when; not set while there is none
 * @name: (nullable): its name, if the directory listed it in this run
 * @is_listed: whether the directory lists it as an entry now
 * @is_silent: whether it did not answer when last tried
 *
 * What there is to say about one of the two. Valid until the policy changes.
 */
typedef struct {
  CloveStateEntry kept;
  const char *name;
  gboolean is_listed;
  gboolean is_silent;
} CloveEntryInfo;

/**
 * CloveEntryPolicy:
 *
 * Which relays are the user's entries. Belongs to one thread. Pure but for the random source: told
 * the time, and what happened.
 */
typedef struct _CloveEntryPolicy CloveEntryPolicy;

CloveEntryPolicy *clove_entry_policy_new (CloveRandom *random,
                                          CloveBlacklist *blacklist,
                                          CloveRelayRecords *records)
  G_GNUC_WARN_UNUSED_RESULT;
void clove_entry_policy_free (CloveEntryPolicy *self);

char *clove_entry_policy_set_relays (CloveEntryPolicy *self,
                                     CloveRelayList *relays,
                                     gint64 age_s,
                                     CloveStateTime now)
  G_GNUC_WARN_UNUSED_RESULT;
void clove_entry_policy_note_dead (CloveEntryPolicy *self,
                                   const guint8 key[static CLOVE_RELAY_KEY_SIZE],
                                   CloveStateTime now);
void clove_entry_policy_note_works (CloveEntryPolicy *self,
                                    const guint8 key[static CLOVE_RELAY_KEY_SIZE],
                                    CloveStateTime now);
char *clove_entry_policy_update (CloveEntryPolicy *self, CloveStateTime now)
  G_GNUC_WARN_UNUSED_RESULT;
char *clove_entry_policy_choose_anew (CloveEntryPolicy *self, CloveStateTime now)
  G_GNUC_WARN_UNUSED_RESULT;

CloveRelay *clove_entry_policy_get (CloveEntryPolicy *self, CloveEntryPlace place);
CloveEntryInfo clove_entry_policy_get_info (CloveEntryPolicy *self, CloveEntryPlace place);
gint64 clove_entry_policy_get_check_us (CloveEntryPolicy *self, CloveEntryPlace place);
guint clove_entry_policy_get_n_left (CloveEntryPolicy *self, CloveStateTime now);
gboolean clove_entry_policy_is_limited (CloveEntryPolicy *self, CloveStateTime now);

void clove_entry_policy_save (CloveEntryPolicy *self, CloveState *state);
void clove_entry_policy_restore (CloveEntryPolicy *self,
                                 const CloveState *state,
                                 CloveStateTime now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveEntryPolicy, clove_entry_policy_free)

G_END_DECLS
