/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-slots.h"

/** clove_slots_init: Start with @n_slots free ones. */
void
clove_slots_init (CloveSlots *self, guint n_slots)
{
  *self = (CloveSlots){ .n_slots = n_slots };
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
  return self->waiting.length;
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

/** clove_slot_take: Take a slot at once, or wait in the queue and return %FALSE. */
gboolean
clove_slot_take (CloveSlot *self)
{
  g_return_val_if_fail (!self->is_held && !self->is_waiting, self->is_held);

  if (self->slots->n_taken < self->slots->n_slots) {
    self->slots->n_taken++;
    self->is_held = TRUE;
    return TRUE;
  }
  self->is_waiting = TRUE;
  g_queue_push_tail_link (&self->slots->waiting, &self->link);
  return FALSE;
}

/** clove_slot_release: Give the slot to the first who waits, or stop waiting; else do nothing. */
void
clove_slot_release (CloveSlot *self)
{
  GList *link = NULL;
  CloveSlot *next = NULL;

  if (self->is_waiting) {
    self->is_waiting = FALSE;
    g_queue_unlink (&self->slots->waiting, &self->link);
    return;
  }
  if (!self->is_held)
    return;

  self->is_held = FALSE;
  link = g_queue_pop_head_link (&self->slots->waiting);
  if (link == NULL) {
    self->slots->n_taken--;
    return;
  }
  next = link->data;
  next->is_waiting = FALSE;
  next->is_held = TRUE;
  next->on_granted (next->user_data);
}
