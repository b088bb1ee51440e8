/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-slots.h"

/* What one host has of the slots. */
struct _CloveSlotShare {
  char *host;
  guint n_taken;
  GQueue waiting; /* claims, by their links */
  GList link;     /* in the queue of CloveSlots while somebody waits */
};

static void
share_free (gpointer data)
{
  CloveSlotShare *share = data;

  g_free (share->host);
  g_free (share);
}

/** clove_slots_init: Start with @n_slots free ones. */
void
clove_slots_init (CloveSlots *self, guint n_slots)
{
  *self = (CloveSlots){ .n_slots = n_slots };
  self->hosts = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, share_free);
}

/** clove_slots_clear: Free what it holds; everybody has let go. */
void
clove_slots_clear (CloveSlots *self)
{
  g_return_if_fail (self->n_taken == 0 && self->n_waiting == 0);

  g_clear_pointer (&self->hosts, g_hash_table_unref);
}

/** clove_slots_get_n_taken: Get how many slots are held. */
guint
clove_slots_get_n_taken (const CloveSlots *self)
{
  return self->n_taken;
}

/** clove_slots_get_n_waiting: Get how many wait for one. */
guint
clove_slots_get_n_waiting (const CloveSlots *self)
{
  return self->n_waiting;
}

static CloveSlotShare *
find_share (CloveSlots *self, const char *host)
{
  CloveSlotShare *share = g_hash_table_lookup (self->hosts, host);

  if (share != NULL)
    return share;
  share = g_new0 (CloveSlotShare, 1);
  share->host = g_strdup (host);
  share->link.data = share;
  g_hash_table_insert (self->hosts, share->host, share);
  return share;
}

static void
forget_if_unused (CloveSlots *self, CloveSlotShare *share)
{
  if (share->n_taken == 0 && share->waiting.length == 0)
    g_hash_table_remove (self->hosts, share->host);
}

/* Takes a claim out of those that wait, and its host if it was the last. */
static void
stop_waiting (CloveSlot *slot)
{
  CloveSlots *self = slot->slots;

  slot->is_waiting = FALSE;
  self->n_waiting--;
  g_queue_unlink (&slot->share->waiting, &slot->link);
  if (slot->share->waiting.length == 0)
    g_queue_unlink (&self->queue, &slot->share->link);
}

/* Returns: (nullable): the share that is to have the next slot */
static CloveSlotShare *
choose_share (CloveSlots *self)
{
  CloveSlotShare *best = NULL;

  for (GList *item = self->queue.head; item != NULL; item = item->next) {
    CloveSlotShare *share = item->data;

    if (best == NULL || share->n_taken < best->n_taken)
      best = share;
  }
  return best;
}

static void
grant_next (CloveSlots *self)
{
  CloveSlotShare *share = choose_share (self);
  CloveSlot *next = NULL;

  if (share == NULL)
    return;
  next = share->waiting.head->data;
  stop_waiting (next);
  self->n_taken++;
  share->n_taken++;
  if (share->waiting.length > 0) {
    g_queue_unlink (&self->queue, &share->link);
    g_queue_push_tail_link (&self->queue, &share->link);
  }
  next->on_granted (next->user_data);
}

/**
 * clove_slot_init:
 * @self: a claim
 * @slots: what it is a claim to; outlives it
 * @on_granted: called when the wait is over, from inside someone's clove_slot_release()
 * @user_data: for @on_granted
 */
void
clove_slot_init (CloveSlot *self, CloveSlots *slots, CloveSlotFunc on_granted, gpointer user_data)
{
  *self = (CloveSlot){ .slots = slots, .on_granted = on_granted, .user_data = user_data };
  self->link.data = self;
}

/**
 * clove_slot_take:
 * @self: a claim that neither holds a slot nor waits
 * @host: whom the exchange is with
 *
 * Returns: %TRUE if a slot was free; %FALSE if the claim waits for one now
 */
gboolean
clove_slot_take (CloveSlot *self, const char *host)
{
  CloveSlots *slots = self->slots;

  g_return_val_if_fail (self->share == NULL, !self->is_waiting);

  self->share = find_share (slots, host);
  if (slots->n_taken < slots->n_slots) {
    slots->n_taken++;
    self->share->n_taken++;
    return TRUE;
  }
  self->is_waiting = TRUE;
  slots->n_waiting++;
  if (self->share->waiting.length == 0)
    g_queue_push_tail_link (&slots->queue, &self->share->link);
  g_queue_push_tail_link (&self->share->waiting, &self->link);
  return FALSE;
}

/** clove_slot_release: Give the slot to one who waits, or stop waiting; else do nothing. */
void
clove_slot_release (CloveSlot *self)
{
  CloveSlotShare *share = self->share;

  if (share == NULL)
    return;
  if (self->is_waiting) {
    stop_waiting (self);
    self->share = NULL;
    forget_if_unused (self->slots, share);
    return;
  }
  self->share = NULL;
  share->n_taken--;
  self->slots->n_taken--;
  forget_if_unused (self->slots, share);
  grant_next (self->slots);
}
