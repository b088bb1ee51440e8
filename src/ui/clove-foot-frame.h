/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-folding-widget.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CloveFootFrame:
 *
 * Two children: a page that scrolls, and a foot that stays below it while the page is narrow and
 * is gone while it is wide.
 */
#define CLOVE_TYPE_FOOT_FRAME (clove_foot_frame_get_type ())
G_DECLARE_FINAL_TYPE (CloveFootFrame, clove_foot_frame, CLOVE, FOOT_FRAME, CloveFoldingWidget)

G_END_DECLS
