/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-tray-words.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CloveTrayMenu:
 *
 * The menu of the icon. It shows a state, and says what was chosen; choosing changes nothing in it.
 *
 * Signal "chosen" (const char *action): an entry was chosen, which is that action of the program.
 */
#define CLOVE_TYPE_TRAY_MENU (clove_tray_menu_get_type ())
G_DECLARE_FINAL_TYPE (CloveTrayMenu, clove_tray_menu, CLOVE, TRAY_MENU, GtkMenu)

GtkWidget *clove_tray_menu_new (void) G_GNUC_WARN_UNUSED_RESULT;
void clove_tray_menu_show_state (CloveTrayMenu *self, const CloveTrayState *state);
void clove_tray_menu_show_left (CloveTrayMenu *self, guint left_s);
GtkWidget *clove_tray_menu_get_show_item (CloveTrayMenu *self);

G_END_DECLS
