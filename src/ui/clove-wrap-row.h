/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-folding-widget.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CloveWrapRow:
 *
 * Two children side by side where there is room, else the second below the first.
 *
 * "is-even": both get the same width, and fold when the page is narrow.
 * "hides-second": when the page is narrow the second is not below but gone, since the page shows
 * the same elsewhere.
 * "spacing": pixels between the two.
 */
#define CLOVE_TYPE_WRAP_ROW (clove_wrap_row_get_type ())
G_DECLARE_FINAL_TYPE (CloveWrapRow, clove_wrap_row, CLOVE, WRAP_ROW, CloveFoldingWidget)

G_END_DECLS
