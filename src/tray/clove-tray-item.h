/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-tray-menu.h"

#include <libayatana-appindicator/app-indicator.h>

G_BEGIN_DECLS

/**
 * CloveTrayItem:
 *
 * The icon in the panel, with its menu. It registers with every panel that comes.
 *
 * Signal "opened" (): the menu is about to be looked at.
 * Signal "closed" (): and no longer. Not every panel says so.
 * Signal "stuck" (): there is a tray that the icon does not reach.
 */
#define CLOVE_TYPE_TRAY_ITEM (clove_tray_item_get_type ())
/* Not declared by the macro: it needs an autoptr of the parent, which the library lacks. */
typedef struct _CloveTrayItem CloveTrayItem;
typedef struct {
  AppIndicatorClass parent_class;
} CloveTrayItemClass;
GType clove_tray_item_get_type (void);

CloveTrayItem *clove_tray_item_new (CloveTrayMenu *menu, const char *icon_folder)
  G_GNUC_WARN_UNUSED_RESULT;
void clove_tray_item_show (CloveTrayItem *self, const char *icon, const char *title);

G_END_DECLS
