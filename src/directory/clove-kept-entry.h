/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-entry-silence.h"
#include "clove-random.h"
#include "clove-state.h"

G_BEGIN_DECLS

/**
 * CloveEntryReason:
 * @CLOVE_ENTRY_REASON_NONE: it stays
 * @CLOVE_ENTRY_REASON_TERM: its term is over
 * @CLOVE_ENTRY_REASON_MISSING: it left the directory for a day
 * @CLOVE_ENTRY_REASON_SILENT: it did not answer for ten minutes while others did
 *
 * Why a kept entry has to go.
 */
typedef enum {
  CLOVE_ENTRY_REASON_NONE,
  CLOVE_ENTRY_REASON_TERM,
  CLOVE_ENTRY_REASON_MISSING,
  CLOVE_ENTRY_REASON_SILENT,
} CloveEntryReason;

/**
 * CloveKeptEntry:
 * @entry: what is saved of it
 * @name: (transfer full) (nullable): its name; %NULL until it was listed in this run
 * @relay: (transfer full) (nullable): it, in the list at hand, if that lists it as an entry
 * @silence: whether it answers
 * @held_back: why it would have been replaced if that had not happened too often
 *
 * One of the kept entries. All zero while there is none.
 */
typedef struct {
  CloveStateEntry entry;
  char *name;
  CloveRelay *relay;
  CloveEntrySilence silence;
  CloveEntryReason held_back;
} CloveKeptEntry;

void clove_kept_entry_clear (CloveKeptEntry *self);
void clove_kept_entry_begin (CloveKeptEntry *self,
                             CloveRelay *relay,
                             gint64 wall_s,
                             CloveRandom *random);
gboolean clove_kept_entry_is_of (const CloveKeptEntry *self,
                                 const guint8 key[static CLOVE_RELAY_KEY_SIZE]);
void clove_kept_entry_take_relay (CloveKeptEntry *self, CloveRelay *relay);
void clove_kept_entry_note_listed (CloveKeptEntry *self, gint64 loaded_s);
void clove_kept_entry_bound_term (CloveKeptEntry *self, gint64 wall_s);
char *clove_kept_entry_describe (const CloveKeptEntry *self, CloveEntryReason reason)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
