/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What says to which reply and place a chunk belongs is outside its seal: a datagram that the
 * network or a relay repeats later would become part of another reply. Two generations of hash
 * sets: when the younger is full, the older is forgotten.
 */
#include "config.h"

#include "clove-replay.h"

#include <string.h>

#define N_SLOTS     16384 /* a power of two */
#define MAX_ENTRIES (N_SLOTS / 2)

typedef struct {
  guint64 slots[N_SLOTS]; /* 0: free */
  guint n_entries;
} Generation;

struct _CloveReplay {
  Generation *young;
  Generation *old;
};

/** clove_replay_new: (transfer full): Make an empty memory. */
CloveReplay *
clove_replay_new (void)
{
  return g_new0 (CloveReplay, 1);
}

/** clove_replay_free: (nullable): Free. */
void
clove_replay_free (CloveReplay *self)
{
  if (self == NULL)
    return;
  g_free (self->young);
  g_free (self->old);
  g_free (self);
}

/* The slot that holds @entry, or the free one where it belongs. At least half of them are free. */
static guint64 *
find_slot (Generation *generation, guint64 entry)
{
  gsize slot = entry % N_SLOTS;

  while (generation->slots[slot] != 0 && generation->slots[slot] != entry)
    slot = (slot + 1) % N_SLOTS;
  return &generation->slots[slot];
}

/**
 * clove_replay_accept:
 * @self: a memory
 * @nonce: at least 8 bytes that no two messages share, of a message whose seal was good
 *
 * Returns: whether the message is new; it is remembered then
 */
gboolean
clove_replay_accept (CloveReplay *self, const guint8 *nonce)
{
  guint64 entry = 0;
  guint64 *slot = NULL;

  memcpy (&entry, nonce, sizeof entry);
  entry = MAX (entry, 1);
  if (self->young == NULL)
    self->young = g_new0 (Generation, 1);
  slot = find_slot (self->young, entry);
  if (*slot == entry || (self->old != NULL && *find_slot (self->old, entry) == entry))
    return FALSE;

  *slot = entry;
  if (++self->young->n_entries == MAX_ENTRIES) {
    g_free (self->old);
    self->old = g_steal_pointer (&self->young);
  }
  return TRUE;
}
