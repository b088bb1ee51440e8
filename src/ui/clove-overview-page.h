/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-notice.h"
#include "clove-snapshot.h"

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * CloveOverviewPage:
 *
 * Page of the window: status, path and strikes at one glance; or what stands in the way, and what
 * can be done about it.
 */
#define CLOVE_TYPE_OVERVIEW_PAGE (clove_overview_page_get_type ())
G_DECLARE_FINAL_TYPE (CloveOverviewPage, clove_overview_page, CLOVE, OVERVIEW_PAGE, AdwBin)

void clove_overview_page_show (CloveOverviewPage *self, CloveSnapshot *snapshot, gint64 now_us);
void clove_overview_page_set_trouble (CloveOverviewPage *self, const char *trouble);
void clove_overview_page_set_situation (CloveOverviewPage *self, const CloveSituation *situation);

G_END_DECLS
