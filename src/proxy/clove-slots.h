/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef void (*CloveSlotFunc) (gpointer user_data);

/**
 * CloveSlots:
 *
 * A limit on how many exchanges are in flight; who comes later waits and is served in order. Plain
 * value with an init function; everyone must have let go before it is dropped.
 */
typedef struct {
  /*< private >*/
  guint n_slots;
  guint n_taken;
  GQueue waiting;
} CloveSlots;

/**
 * CloveSlot:
 *
 * One party's claim to a slot, embedded in its struct.
 */
typedef struct {
  /*< private >*/
  CloveSlots *slots;
  CloveSlotFunc on_granted;
  gpointer user_data;
  GList link;
  gboolean is_held;
  gboolean is_waiting;
} CloveSlot;

void clove_slots_init (CloveSlots *self, guint n_slots);
guint clove_slots_get_n_taken (const CloveSlots *self);
guint clove_slots_get_n_waiting (const CloveSlots *self);

void clove_slot_init (CloveSlot *self,
                      CloveSlots *slots,
                      CloveSlotFunc on_granted,
                      gpointer user_data);
gboolean clove_slot_take (CloveSlot *self) G_GNUC_WARN_UNUSED_RESULT;
void clove_slot_release (CloveSlot *self);

G_END_DECLS
