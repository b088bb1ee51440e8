/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-relay-list.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

CloveRelayList *clove_relay_list_new_take (GPtrArray *relays,
                                           const char *updated,
                                           GPtrArray *reasons,
                                           guint n_skipped)
  G_GNUC_WARN_UNUSED_RESULT;

JsonNode *clove_relay_list_load_json (GBytes *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;
CloveRelayList *clove_relay_list_from_json (JsonNode *root, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
JsonNode *clove_relay_list_to_json (CloveRelayList *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
