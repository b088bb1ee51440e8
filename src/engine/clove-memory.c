/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-memory.h"

#include "clove-state-file.h"

/* Changes come in groups; one save serves them all. */
#define SAVE_AFTER_US (5 * G_TIME_SPAN_SECOND)

struct _CloveMemory {
  /* Set at construction. */
  CloveBlacklist *blacklist;  /* owned */
  CloveRelayRecords *records; /* borrowed: outlives the memory */
  CloveEntryPolicy *entries;  /* likewise */

  /* Owned. */
  CloveStateFile *file;
  CloveTimer save;
  gboolean has_changed;
};

static CloveState *
collect (CloveMemory *self)
{
  CloveState *state = clove_state_new ();

  clove_state_collect (state, self->blacklist, self->records);
  clove_entry_policy_save (self->entries, state);
  return state;
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  /* Nothing is lost yet: what is known stays known until the end of this run. */
  if (!clove_state_file_save_finish (result, &error))
    g_message ("%s", error->message);
}

static void
on_save (gpointer user_data)
{
  CloveMemory *self = user_data;

  self->has_changed = FALSE;
  clove_state_file_save_async (self->file, collect (self), on_saved, NULL);
}

/**
 * clove_memory_new:
 * @folder: where it is kept, for nothing else
 * @clock: time and timers
 * @blacklist: gets the bans of the last run
 * @records: get the records of the last run; borrowed
 * @entries: gets the entries of the last run; borrowed
 * @warning_out: (out) (nullable): sentences for the user, if what was kept cannot be used
 *
 * Returns: (transfer full): a memory; reading the file blocks for as long as the disk takes
 */
CloveMemory *
clove_memory_new (const char *folder,
                  CloveClock *clock,
                  CloveBlacklist *blacklist,
                  CloveRelayRecords *records,
                  CloveEntryPolicy *entries,
                  char **warning_out)
{
  CloveMemory *self = g_new0 (CloveMemory, 1);
  g_autoptr (CloveState) state = NULL;

  self->blacklist = clove_blacklist_ref (blacklist);
  self->records = records;
  self->entries = entries;
  self->file = clove_state_file_new (clock, folder);
  clove_timer_init (&self->save, clock, on_save, self);
  state = clove_state_file_load (self->file, warning_out);
  clove_state_apply (state, blacklist, records);
  clove_entry_policy_restore (entries, state, clove_state_time (clock));
  return self;
}

/** clove_memory_note_change: Save some seconds from now. */
void
clove_memory_note_change (CloveMemory *self)
{
  self->has_changed = TRUE;
  if (!clove_timer_is_running (&self->save))
    clove_timer_start_coarse (&self->save, SAVE_AFTER_US);
}

/** clove_memory_free: (nullable): Save what changed since the last time, and free. */
void
clove_memory_free (CloveMemory *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CloveState) state = NULL;

  if (self == NULL)
    return;
  clove_timer_stop (&self->save);
  state = collect (self);
  if (self->has_changed && !clove_state_file_save (self->file, state, &error))
    g_message ("%s", error->message);
  clove_state_file_free (self->file);
  clove_blacklist_unref (self->blacklist);
  g_free (self);
}
