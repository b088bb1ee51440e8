/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CloveWrapLayout:
 *
 * Children of one size in as many equal columns as fit, in lines of equal length as far as that
 * goes. Other than a flow box it wraps nothing around the children, so that the keyboard reaches
 * them directly.
 */
#define CLOVE_TYPE_WRAP_LAYOUT (clove_wrap_layout_get_type ())
G_DECLARE_FINAL_TYPE (CloveWrapLayout, clove_wrap_layout, CLOVE, WRAP_LAYOUT, GtkLayoutManager)

G_END_DECLS
