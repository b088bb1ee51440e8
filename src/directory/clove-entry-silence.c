/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tells a relay that is dead from a network that is down.
 *
 * That a relay did not answer says something about the relay only if another one answered at about
 * that time. Such a finding is called witnessed. A relay is proven dead by two witnessed findings
 * at least ten minutes apart, with no answer of it in between. One finding is never enough: what
 * became of the relay after it is not known. Two that are more than an hour apart, with none
 * between them, may be two accidents; there the count begins anew. The caller acts on a proof at
 * once, and only while not everybody is silent.
 */
#include "config.h"

#include "clove-entry-silence.h"

#include <string.h>

#define SHORTEST_PAUSE_US (G_GINT64_CONSTANT (60) * G_USEC_PER_SEC)
/* Short enough that findings are never further apart than the longest gap. */
#define LONGEST_PAUSE_US  (CLOVE_ENTRY_LONGEST_GAP_US / 2)

static gboolean
is_same_key (const guint8 a[static CLOVE_RELAY_KEY_SIZE],
             const guint8 b[static CLOVE_RELAY_KEY_SIZE])
{
  return memcmp (a, b, CLOVE_RELAY_KEY_SIZE) == 0;
}

static void
forget (CloveEntryWitnesses *self, const guint8 key[static CLOVE_RELAY_KEY_SIZE])
{
  guint n = 0;

  for (guint i = 0; i < self->n; i++) {
    if (!is_same_key (self->last[i].key, key))
      self->last[n++] = self->last[i];
  }
  self->n = n;
}

/** clove_entry_witnesses_note_works: Take note that a relay answered. */
void
clove_entry_witnesses_note_works (CloveEntryWitnesses *self,
                                  const guint8 key[static CLOVE_RELAY_KEY_SIZE],
                                  gint64 now_us)
{
  forget (self, key);
  self->n = MIN (self->n + 1, CLOVE_ENTRY_N_WITNESSES);
  memmove (&self->last[1], &self->last[0], (self->n - 1) * sizeof self->last[0]);
  memcpy (self->last[0].key, key, CLOVE_RELAY_KEY_SIZE);
  self->last[0].answered_us = now_us;
  self->is_all_silent = FALSE;
}

/** clove_entry_witnesses_note_dead: Take note that a relay did not answer. */
void
clove_entry_witnesses_note_dead (CloveEntryWitnesses *self,
                                 const guint8 key[static CLOVE_RELAY_KEY_SIZE])
{
  forget (self, key);
  self->is_all_silent = self->n == 0;
}

/** clove_entry_witnesses_is_all_silent: Tell whether whoever was tried last did not answer. */
gboolean
clove_entry_witnesses_is_all_silent (const CloveEntryWitnesses *self)
{
  return self->is_all_silent;
}

static void
add_witnessed (CloveEntrySilence *self, gint64 found_us)
{
  if (self->since_us == 0 || found_us - self->last_us > CLOVE_ENTRY_LONGEST_GAP_US)
    self->since_us = found_us;
  self->last_us = found_us;
  self->alone_us = 0;
}

/** clove_entry_silence_note_works: Take note that the relay answered. */
void
clove_entry_silence_note_works (CloveEntrySilence *self)
{
  *self = (CloveEntrySilence){ 0 };
}

/**
 * clove_entry_silence_note_dead:
 * @self: what is known of the relay
 * @witnesses: who answers; they know already that this relay does not
 * @now_us: the time, positive
 *
 * Take note that the relay did not answer.
 */
void
clove_entry_silence_note_dead (CloveEntrySilence *self,
                               const CloveEntryWitnesses *witnesses,
                               gint64 now_us)
{
  self->is_silent = TRUE;
  if (witnesses->n > 0 && now_us - witnesses->last[0].answered_us <= CLOVE_ENTRY_WITNESS_US)
    add_witnessed (self, now_us);
  else
    self->alone_us = now_us;
}

/** clove_entry_silence_note_other_works: Take note that another relay answered. */
void
clove_entry_silence_note_other_works (CloveEntrySilence *self, gint64 now_us)
{
  if (self->alone_us != 0 && now_us - self->alone_us <= CLOVE_ENTRY_WITNESS_US)
    add_witnessed (self, self->alone_us);
}

/** clove_entry_silence_is_silent: Tell whether the relay did not answer when last tried. */
gboolean
clove_entry_silence_is_silent (const CloveEntrySilence *self)
{
  return self->is_silent;
}

/**
 * clove_entry_silence_get_check_us:
 * @self: what is known of the relay
 *
 * Returns: when to ask the relay again, as a finding then would prove it; 0 for never. Never sooner
 *   than a minute after the last finding, and ever more seldom: what stays silent may be kept for
 *   days, since nobody else can be had or too many were replaced.
 */
gint64
clove_entry_silence_get_check_us (const CloveEntrySilence *self)
{
  gint64 found_us = MAX (self->last_us, self->alone_us);
  gint64 pause_us = CLAMP ((found_us - self->since_us) / 10, SHORTEST_PAUSE_US, LONGEST_PAUSE_US);

  if (self->since_us == 0)
    return 0;
  return MAX (self->since_us + CLOVE_ENTRY_SILENCE_US, found_us + pause_us);
}

/** clove_entry_silence_is_proven: Tell whether it was just seen to be silent for ten minutes. */
gboolean
clove_entry_silence_is_proven (const CloveEntrySilence *self, gint64 now_us)
{
  return self->since_us != 0 && self->last_us - self->since_us >= CLOVE_ENTRY_SILENCE_US &&
         now_us - self->last_us <= CLOVE_ENTRY_WITNESS_US;
}
