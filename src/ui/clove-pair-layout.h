/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ClovePairLayout:
 *
 * Places two children beside each other, the first taking what the second leaves, or the second
 * under the first where both do not fit.
 */
#define CLOVE_TYPE_PAIR_LAYOUT (clove_pair_layout_get_type ())
G_DECLARE_FINAL_TYPE (ClovePairLayout, clove_pair_layout, CLOVE, PAIR_LAYOUT, GtkLayoutManager)

G_END_DECLS
