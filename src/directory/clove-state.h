/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-blacklist.h"
#include "clove-relay-records.h"

#include <glib.h>

G_BEGIN_DECLS

/* The one version of the format that is read and written. */
#define CLOVE_STATE_VERSION         1
#define CLOVE_STATE_MAX_SIZE        4000000
/* Saved bans; of more, those that began first are left out. */
#define CLOVE_STATE_MAX_BANS        1000
/* Times of entry changes; of more, the oldest are left out. */
#define CLOVE_STATE_MAX_NEW_ENTRIES 8

/**
 * CloveStateEntry:
 * @is_set: whether there is one; if not, all else is zero
 * @key: which relay
 * @chosen_s: when it was chosen, in seconds since 1970
 * @expires_s: until when it is kept, in seconds since 1970
 * @missing_since_s: since when the directory does not list it, in seconds since 1970; 0 if it does
 *
 * A kept entry.
 */
typedef struct {
  gboolean is_set;
  guint8 key[CLOVE_RELAY_KEY_SIZE];
  gint64 chosen_s;
  gint64 expires_s;
  gint64 missing_since_s;
} CloveStateEntry;

/**
 * CloveState:
 * @bans: (element-type CloveBan): the bans in force
 * @records: (element-type CloveRelayRecord): how relays did
 * @entry: the kept entry
 * @backup_entry: who takes its place while it fails
 * @n_new_entries: how many of @new_entries_s are set
 * @new_entries_s: when entries were replaced for good, in seconds since 1970, oldest first
 *
 * What Clove knows from one run to the next. A plain value: its holder reads and changes it. It
 * names relays, never a site.
 */
typedef struct {
  GPtrArray *bans;
  GPtrArray *records;
  CloveStateEntry entry;
  CloveStateEntry backup_entry;
  guint n_new_entries;
  gint64 new_entries_s[CLOVE_STATE_MAX_NEW_ENTRIES];
} CloveState;

/**
 * CloveStateTime:
 * @now_us: the monotonic clock
 * @wall_s: the calendar, at the same moment
 *
 * One moment, by which times of one run become times of the next.
 */
typedef struct {
  gint64 now_us;
  gint64 wall_s;
} CloveStateTime;

CloveState *clove_state_new (void) G_GNUC_WARN_UNUSED_RESULT;
void clove_state_free (CloveState *self);

void clove_state_collect (CloveState *self, CloveBlacklist *blacklist, CloveRelayRecords *records);
void clove_state_apply (const CloveState *self,
                        CloveBlacklist *blacklist,
                        CloveRelayRecords *records);

CloveStateTime clove_state_time (CloveClock *clock);
char *clove_state_format (const CloveState *self, CloveStateTime time) G_GNUC_WARN_UNUSED_RESULT;
CloveState *clove_state_parse (GBytes *json, CloveStateTime time, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveState, clove_state_free)

G_END_DECLS
