/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-kept-entry.h"

#include "clove-entry-policy.h"

#include <string.h>

/** clove_kept_entry_clear: Keep nobody. */
void
clove_kept_entry_clear (CloveKeptEntry *self)
{
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->relay, clove_relay_unref);
  *self = (CloveKeptEntry){ 0 };
}

/**
 * clove_kept_entry_begin:
 * @self: a kept entry
 * @relay: a relay of the list at hand
 * @wall_s: now, in seconds since 1970
 * @random: decides
 *
 * Keep @relay from now on, instead of whoever was kept, for 30 to 60 days.
 */
void
clove_kept_entry_begin (CloveKeptEntry *self,
                        CloveRelay *relay,
                        gint64 wall_s,
                        CloveRandom *random)
{
  guint32 spread_s = CLOVE_ENTRY_MAX_TERM_S - CLOVE_ENTRY_MIN_TERM_S;

  clove_kept_entry_clear (self);
  self->entry.is_set = TRUE;
  memcpy (self->entry.key, clove_relay_get_key (relay), sizeof self->entry.key);
  self->entry.chosen_s = wall_s;
  self->entry.expires_s =
    wall_s + CLOVE_ENTRY_MIN_TERM_S + clove_random_uniform (random, spread_s + 1);
  clove_kept_entry_take_relay (self, relay);
}

/** clove_kept_entry_is_of: Tell whether the relay with @key is the one that is kept. */
gboolean
clove_kept_entry_is_of (const CloveKeptEntry *self,
                        const guint8 key[static CLOVE_RELAY_KEY_SIZE])
{
  return self->entry.is_set && memcmp (self->entry.key, key, CLOVE_RELAY_KEY_SIZE) == 0;
}

/** clove_kept_entry_take_relay: Know the relay as the list at hand describes it. */
void
clove_kept_entry_take_relay (CloveKeptEntry *self, CloveRelay *relay)
{
  clove_relay_ref (relay);
  g_clear_pointer (&self->relay, clove_relay_unref);
  self->relay = relay;
  g_free (self->name);
  self->name = g_strdup (clove_relay_get_name (relay));
}

/**
 * clove_kept_entry_note_listed:
 * @self: a kept entry, whose relay was looked up in the list at hand
 * @loaded_s: when that list was loaded from the directory, in seconds since 1970
 *
 * Take note whether the directory listed it then. One that was chosen later was listed later.
 */
void
clove_kept_entry_note_listed (CloveKeptEntry *self, gint64 loaded_s)
{
  if (self->relay != NULL) {
    self->entry.missing_since_s = 0;
    if (self->held_back == CLOVE_ENTRY_REASON_MISSING)
      self->held_back = CLOVE_ENTRY_REASON_NONE;
  } else if (self->entry.is_set && self->entry.missing_since_s == 0) {
    self->entry.missing_since_s = MAX (loaded_s, self->entry.chosen_s);
  }
}

/** clove_kept_entry_bound_term: Let the term be no longer than the longest one of now. */
void
clove_kept_entry_bound_term (CloveKeptEntry *self, gint64 wall_s)
{
  self->entry.chosen_s = MIN (self->entry.chosen_s, wall_s);
  self->entry.expires_s = MIN (self->entry.expires_s, wall_s + CLOVE_ENTRY_MAX_TERM_S);
}

/** clove_kept_entry_describe: (transfer full): Say why it has to go, as a clause. */
char *
clove_kept_entry_describe (const CloveKeptEntry *self, CloveEntryReason reason)
{
  const char *name = self->name != NULL ? self->name : "the one before";

  switch (reason) {
    case CLOVE_ENTRY_REASON_TERM:
      return g_strdup_printf ("the term of %s is over", name);
    case CLOVE_ENTRY_REASON_MISSING:
      return g_strdup_printf ("the directory has not listed %s as an entry for a day", name);
    case CLOVE_ENTRY_REASON_SILENT:
      return g_strdup_printf ("%s did not answer for 10 minutes", name);
    case CLOVE_ENTRY_REASON_NONE:
    default:
      return g_strdup ("there was none");
  }
}
