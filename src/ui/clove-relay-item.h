/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-relay-history.h"

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * CloveRelayStatus:
 * @CLOVE_RELAY_IN_USE: a hop of the live circuit
 * @CLOVE_RELAY_FAILING: a hop of the live circuit that stopped answering
 * @CLOVE_RELAY_JOINING: a hop of the circuit that is being built
 * @CLOVE_RELAY_NOT_JOINED: a hop at which the circuit that is being built failed
 * @CLOVE_RELAY_STANDBY: a hop of the standby circuit
 * @CLOVE_RELAY_BANNED: passed over for a while
 * @CLOVE_RELAY_BANNED_BY_USER: passed over until the user clears it
 * @CLOVE_RELAY_KEPT_ENTRY: the entry that circuits begin with
 * @CLOVE_RELAY_BACKUP_ENTRY: the entry that takes its place
 * @CLOVE_RELAY_READY: may be chosen
 * @CLOVE_RELAY_GONE: the directory does not list it any more
 *
 * What a relay is to us, in the order in which a list begins with what matters.
 */
typedef enum {
  CLOVE_RELAY_IN_USE,
  CLOVE_RELAY_FAILING,
  CLOVE_RELAY_JOINING,
  CLOVE_RELAY_NOT_JOINED,
  CLOVE_RELAY_STANDBY,
  CLOVE_RELAY_BANNED,
  CLOVE_RELAY_BANNED_BY_USER,
  CLOVE_RELAY_KEPT_ENTRY,
  CLOVE_RELAY_BACKUP_ENTRY,
  CLOVE_RELAY_READY,
  CLOVE_RELAY_GONE,
  CLOVE_RELAY_N_STATUSES,
} CloveRelayStatus;

/**
 * CloveRelayUse:
 * @CLOVE_RELAY_UNUSED: in no circuit
 *
 * The part of a relay in our circuits; the first that applies.
 */
typedef enum {
  CLOVE_RELAY_UNUSED,
  CLOVE_RELAY_USE_LIVE,
  CLOVE_RELAY_USE_LIVE_FAILED,
  CLOVE_RELAY_USE_CANDIDATE,
  CLOVE_RELAY_USE_CANDIDATE_FAILED,
  CLOVE_RELAY_USE_STANDBY,
} CloveRelayUse;

/**
 * CloveRelayPlace:
 * @use: the part in a circuit
 * @hop: in which place of it
 * @rtt_us: the round trip measured there; -1 if there is none
 * @entry: 0 if it is the kept entry, 1 for its backup, -1 for neither
 * @is_silent: that entry did not answer when last asked
 */
typedef struct {
  CloveRelayUse use;
  guint hop;
  gint64 rtt_us;
  gint entry;
  gboolean is_silent;
} CloveRelayPlace;

/**
 * CloveRelayChanges:
 *
 * What became different, for those who sort and filter.
 */
typedef enum {
  CLOVE_RELAY_CHANGED_NOTHING = 0,
  CLOVE_RELAY_CHANGED_RELAY = 1 << 0,
  CLOVE_RELAY_CHANGED_STATUS = 1 << 1,
  CLOVE_RELAY_CHANGED_HISTORY = 1 << 2,
  CLOVE_RELAY_CHANGED_RTT = 1 << 3,
} CloveRelayChanges;

/**
 * CloveRelayItem:
 *
 * A relay as the list shows it. It stays the same object as long as the relay is there; what
 * changes is notified, and nothing else:
 * "relay" (name, address and roles), "status" (with the hop and the reason of a ban), "left-s"
 * (what remains of a ban), "history" and "rtt-us".
 */
#define CLOVE_TYPE_RELAY_ITEM (clove_relay_item_get_type ())
G_DECLARE_FINAL_TYPE (CloveRelayItem, clove_relay_item, CLOVE, RELAY_ITEM, GObject)

CloveRelayItem *clove_relay_item_new (CloveRelay *relay) G_GNUC_WARN_UNUSED_RESULT;
CloveRelayItem *clove_relay_item_new_unlisted (const char *name,
                                               const char *address) G_GNUC_WARN_UNUSED_RESULT;

const guint8 *clove_relay_item_get_key (CloveRelayItem *self);
char *clove_relay_item_dup_key_text (CloveRelayItem *self) G_GNUC_WARN_UNUSED_RESULT;
const char *clove_relay_item_get_name (CloveRelayItem *self);
const char *clove_relay_item_get_address (CloveRelayItem *self);
guint clove_relay_item_get_roles (CloveRelayItem *self);
CloveRelayStatus clove_relay_item_get_status (CloveRelayItem *self);
const CloveRelayPlace *clove_relay_item_get_place (CloveRelayItem *self);
const CloveRelayHistory *clove_relay_item_get_history (CloveRelayItem *self);
gint64 clove_relay_item_get_rtt_us (CloveRelayItem *self);
gboolean clove_relay_item_is_banned (CloveRelayItem *self);
gboolean clove_relay_item_is_listed (CloveRelayItem *self);
const char *clove_relay_item_get_reason (CloveRelayItem *self);
guint clove_relay_item_get_left_s (CloveRelayItem *self);

const char *clove_relay_item_get_sort_name (CloveRelayItem *self);
gboolean clove_relay_item_matches (CloveRelayItem *self, const char *folded);

CloveRelayChanges clove_relay_item_set_relay (CloveRelayItem *self, CloveRelay *relay);
CloveRelayChanges clove_relay_item_set_listed (CloveRelayItem *self, gboolean is_listed);
CloveRelayChanges clove_relay_item_set_place (CloveRelayItem *self, const CloveRelayPlace *place);
CloveRelayChanges clove_relay_item_set_history (CloveRelayItem *self,
                                                const CloveRelayHistory *history);
CloveRelayChanges clove_relay_item_set_ban (CloveRelayItem *self,
                                            const CloveSnapshotBan *ban,
                                            gint64 taken_us);
void clove_relay_item_tick (CloveRelayItem *self, gint64 now_us);

G_END_DECLS
