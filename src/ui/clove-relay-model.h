/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-relay-item.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * CloveRelayModel:
 *
 * List of #CloveRelayItem, in the order of the directory, and behind them the relays that it does
 * not list any more while they are still banned, in a circuit, or kept as an entry.
 *
 * It is an array and no #GListStore: a snapshot of 10 000 relays is one splice of it.
 */
#define CLOVE_TYPE_RELAY_MODEL (clove_relay_model_get_type ())
G_DECLARE_FINAL_TYPE (CloveRelayModel, clove_relay_model, CLOVE, RELAY_MODEL, GObject)

CloveRelayModel *clove_relay_model_new (void) G_GNUC_WARN_UNUSED_RESULT;

CloveRelayChanges clove_relay_model_apply (CloveRelayModel *self, CloveSnapshot *snapshot);
void clove_relay_model_tick (CloveRelayModel *self, gint64 now_us);
guint clove_relay_model_get_n_banned (CloveRelayModel *self);
guint clove_relay_model_get_n_in_use (CloveRelayModel *self);
CloveRelayItem *clove_relay_model_find_key (CloveRelayModel *self,
                                            const guint8 key[static CLOVE_RELAY_KEY_SIZE]);
CloveRelayItem *clove_relay_model_find_address (CloveRelayModel *self, const char *address);

G_END_DECLS
