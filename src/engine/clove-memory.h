/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-blacklist.h"
#include "clove-clock.h"
#include "clove-entry-policy.h"
#include "clove-relay-records.h"

G_BEGIN_DECLS

/**
 * CloveMemory:
 *
 * Carries bans, records of relays and kept entries from one run to the next: loaded when made,
 * saved some seconds after a change, and when freed. Belongs to the worker thread.
 */
typedef struct _CloveMemory CloveMemory;

CloveMemory *clove_memory_new (const char *folder,
                               CloveClock *clock,
                               CloveBlacklist *blacklist,
                               CloveRelayRecords *records,
                               CloveEntryPolicy *entries,
                               char **warning_out) G_GNUC_WARN_UNUSED_RESULT;
void clove_memory_free (CloveMemory *self);

void clove_memory_note_change (CloveMemory *self);

G_END_DECLS
