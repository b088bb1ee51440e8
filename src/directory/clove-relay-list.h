/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-relay.h"

#include <glib.h>

G_BEGIN_DECLS

/* The one version of the format that is read and written. */
#define CLOVE_RELAY_LIST_VERSION     2
#define CLOVE_RELAY_LIST_MAX_SIZE    10000000
/* A circuit has this many relays, and a list without as many is useless. */
#define CLOVE_RELAY_LIST_MIN_RELAYS  3
/* Skipped entries are all counted, but only this many explained. */
#define CLOVE_RELAY_LIST_MAX_REASONS 100

/**
 * CloveRelayList:
 *
 * The relays of one directory, in its order. Immutable, so any thread may hold and read it.
 */
typedef struct _CloveRelayList CloveRelayList;

CloveRelayList *clove_relay_list_new (CloveRelay *const *relays,
                                      guint n_relays,
                                      const char *updated)
  G_GNUC_WARN_UNUSED_RESULT;
CloveRelayList *clove_relay_list_ref (CloveRelayList *self);
void clove_relay_list_unref (CloveRelayList *self);

CloveRelayList *clove_relay_list_parse (GBytes *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *clove_relay_list_format (CloveRelayList *self) G_GNUC_WARN_UNUSED_RESULT;

guint clove_relay_list_get_n_relays (const CloveRelayList *self);
CloveRelay *clove_relay_list_get_relay (const CloveRelayList *self, guint index);
const guint8 *clove_relay_list_get_roles (const CloveRelayList *self);
const char *clove_relay_list_get_updated (const CloveRelayList *self);
guint clove_relay_list_get_n_skipped (const CloveRelayList *self);
const char *const *clove_relay_list_get_skip_reasons (const CloveRelayList *self);
gboolean clove_relay_list_equal (const CloveRelayList *a, const CloveRelayList *b);

CloveRelay *clove_relay_list_find_key (const CloveRelayList *self,
                                       const guint8 key[static CLOVE_RELAY_KEY_SIZE]);
CloveRelay *clove_relay_list_find_address (const CloveRelayList *self,
                                           const CloveAddress *address);
CloveRelay *clove_relay_list_find (const CloveRelayList *self, const char *text, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveRelayList, clove_relay_list_unref)

G_END_DECLS
