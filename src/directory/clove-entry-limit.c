/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-entry-limit.h"

#include "clove-entry-policy.h"

#include <string.h>

/** clove_entry_limit_get_left: Get how many may be replaced at @wall_s. */
guint
clove_entry_limit_get_left (const CloveEntryLimit *self, gint64 wall_s)
{
  guint n_left = CLOVE_ENTRY_MAX_NEW;

  for (guint i = 0; i < self->n && n_left > 0; i++)
    n_left -= wall_s - self->times_s[i] < CLOVE_ENTRY_MAX_NEW_WITHIN_S ? 1 : 0;
  return n_left;
}

/** clove_entry_limit_spend: Take note that one is replaced at @wall_s. */
void
clove_entry_limit_spend (CloveEntryLimit *self, gint64 wall_s)
{
  if (self->n == CLOVE_STATE_MAX_NEW_ENTRIES) {
    self->n--;
    memmove (&self->times_s[0], &self->times_s[1], self->n * sizeof self->times_s[0]);
  }
  self->times_s[self->n++] = wall_s;
}

/** clove_entry_limit_bound: Let none count for longer than one of @wall_s: the calendar was set. */
void
clove_entry_limit_bound (CloveEntryLimit *self, gint64 wall_s)
{
  for (guint i = 0; i < self->n; i++)
    self->times_s[i] = MIN (self->times_s[i], wall_s);
}

/** clove_entry_limit_reset: Begin anew. */
void
clove_entry_limit_reset (CloveEntryLimit *self)
{
  *self = (CloveEntryLimit){ 0 };
}

/** clove_entry_limit_save: Write what is to be remembered into @state. */
void
clove_entry_limit_save (const CloveEntryLimit *self, CloveState *state)
{
  state->n_new_entries = self->n;
  memcpy (state->new_entries_s, self->times_s, sizeof state->new_entries_s);
}

/** clove_entry_limit_restore: Take over what was remembered. */
void
clove_entry_limit_restore (CloveEntryLimit *self, const CloveState *state)
{
  g_return_if_fail (state->n_new_entries <= CLOVE_STATE_MAX_NEW_ENTRIES);

  self->n = state->n_new_entries;
  memcpy (self->times_s, state->new_entries_s, sizeof self->times_s);
}
