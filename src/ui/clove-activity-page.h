/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-settings.h"
#include "clove-snapshot.h"

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * CloveActivityPage:
 *
 * Page of the window: requests and throughput.
 */
#define CLOVE_TYPE_ACTIVITY_PAGE (clove_activity_page_get_type ())
G_DECLARE_FINAL_TYPE (CloveActivityPage, clove_activity_page, CLOVE, ACTIVITY_PAGE, AdwBin)

void clove_activity_page_set_settings (CloveActivityPage *self, CloveSettings *settings);
gboolean clove_activity_page_is_moving (CloveActivityPage *self);
void clove_activity_page_set_demo (CloveActivityPage *self, gboolean is_demo);
void clove_activity_page_show (CloveActivityPage *self, CloveSnapshot *snapshot, gint64 now_us);

G_END_DECLS
