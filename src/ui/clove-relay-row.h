/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-relay-item.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CloveRelayRow:
 *
 * A relay in the list: columns where there is room for them, else two lines. It follows its item
 * by itself.
 *
 * Signal "menu-requested" (): its menu button was pressed.
 */
#define CLOVE_TYPE_RELAY_ROW (clove_relay_row_get_type ())
G_DECLARE_FINAL_TYPE (CloveRelayRow, clove_relay_row, CLOVE, RELAY_ROW, GtkWidget)

GtkWidget *clove_relay_row_new (void) G_GNUC_WARN_UNUSED_RESULT;
void clove_relay_row_set_item (CloveRelayRow *self, CloveRelayItem *item);
CloveRelayItem *clove_relay_row_get_item (CloveRelayRow *self);
GtkWidget *clove_relay_row_get_menu_button (CloveRelayRow *self);

G_END_DECLS
