/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-describe.h"
#include "clove-relay-item.h"

G_BEGIN_DECLS

char *clove_describe_relay_roles (guint roles) G_GNUC_WARN_UNUSED_RESULT;
char *clove_describe_relay_state (CloveRelayItem *item) G_GNUC_WARN_UNUSED_RESULT;
char *clove_describe_relay_detail (CloveRelayItem *item) G_GNUC_WARN_UNUSED_RESULT;
const char *clove_describe_relay_icon (CloveRelayItem *item);
CloveTone clove_describe_relay_tone (CloveRelayItem *item);
char *clove_describe_relay_history (const CloveRelayHistory *history) G_GNUC_WARN_UNUSED_RESULT;
char *clove_describe_relay (CloveRelayItem *item) G_GNUC_WARN_UNUSED_RESULT;
char *clove_describe_relay_count (guint n_shown,
                                  guint n_relays,
                                  guint n_banned) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
