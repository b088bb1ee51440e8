/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-snapshot.h"

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * CloveRelaysPage:
 *
 * Page of the window: every relay of the directory and how it does.
 */
#define CLOVE_TYPE_RELAYS_PAGE (clove_relays_page_get_type ())
G_DECLARE_FINAL_TYPE (CloveRelaysPage, clove_relays_page, CLOVE, RELAYS_PAGE, AdwBin)

void clove_relays_page_show (CloveRelaysPage *self, CloveSnapshot *snapshot, gint64 now_us);

G_END_DECLS
