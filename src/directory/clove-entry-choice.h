/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-blacklist.h"
#include "clove-random.h"
#include "clove-relay-records.h"
#include "clove-state.h"

G_BEGIN_DECLS

/**
 * CloveEntryChoice:
 * @relays: the directory's relays
 * @blacklist: who is banned
 * @records: how relays did
 * @excluded: relays that are not to be chosen; those that are not set do not count
 * @n_excluded: how many
 * @companion: (nullable): the other kept entry
 *
 * Among whom an entry is chosen. Borrows all of it.
 */
typedef struct {
  CloveRelayList *relays;
  CloveBlacklist *blacklist;
  CloveRelayRecords *records;
  const CloveStateEntry *excluded;
  guint n_excluded;
  const CloveRelay *companion;
} CloveEntryChoice;

CloveRelay *clove_entry_choose (const CloveEntryChoice *choice, CloveRandom *random)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
