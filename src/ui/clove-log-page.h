/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-snapshot.h"

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * CloveLogPage:
 *
 * Page of the window: what changed and why.
 */
#define CLOVE_TYPE_LOG_PAGE (clove_log_page_get_type ())
G_DECLARE_FINAL_TYPE (CloveLogPage, clove_log_page, CLOVE, LOG_PAGE, AdwBin)

void clove_log_page_show (CloveLogPage *self, CloveSnapshot *snapshot, gint64 now_us);

G_END_DECLS
