/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef void (*CloveSlotFunc) (gpointer user_data);

/**
 * CloveSlots:
 *
 * A limit on how many exchanges are in flight; who comes later waits. A slot that becomes free goes
 * to the host that has the fewest, and of several to the one that got none for longest, so that a
 * page of two hundred pictures does not keep another site's page waiting; the claims of one host
 * are served in order. Belongs to the worker thread.
 */
typedef struct {
  /*< private >*/
  guint n_slots;
  guint n_taken;
  guint n_waiting;
  GHashTable *hosts; /* name to its share; only hosts that hold a slot or wait for one */
  GQueue queue;      /* shares with claims that wait, by their links */
} CloveSlots;

typedef struct _CloveSlotShare CloveSlotShare;

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
  CloveSlotShare *share; /* NULL unless it holds a slot or waits */
  GList link;
  gboolean is_waiting;
} CloveSlot;

void clove_slots_init (CloveSlots *self, guint n_slots);
void clove_slots_clear (CloveSlots *self);
guint clove_slots_get_n_taken (const CloveSlots *self);
guint clove_slots_get_n_waiting (const CloveSlots *self);

void clove_slot_init (CloveSlot *self,
                      CloveSlots *slots,
                      CloveSlotFunc on_granted,
                      gpointer user_data);
gboolean clove_slot_take (CloveSlot *self, const char *host) G_GNUC_WARN_UNUSED_RESULT;
void clove_slot_release (CloveSlot *self);

G_END_DECLS
