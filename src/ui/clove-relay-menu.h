/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-relay-item.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What the user can do with one relay. The page's actions of these names take its "ip:port". */
#define CLOVE_RELAY_ACTION_CLEAR        "relays.clear"
#define CLOVE_RELAY_ACTION_BAN          "relays.ban"
#define CLOVE_RELAY_ACTION_BAN_FOR_EVER "relays.ban-until-cleared"
#define CLOVE_RELAY_ACTION_COPY_KEY     "relays.copy-key"
#define CLOVE_RELAY_ACTION_COPY_ADDRESS "relays.copy-address"

GMenuModel *clove_relay_menu_new (CloveRelayItem *item) G_GNUC_WARN_UNUSED_RESULT;
void clove_relay_menu_perform (GtkWidget *widget, const char *action, CloveRelayItem *item);

G_END_DECLS
