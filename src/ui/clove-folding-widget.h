/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CloveFoldingWidget:
 *
 * What lays out its children by its own width, and is as high as they are then. It owns all its
 * children and lets go of them in dispose.
 */
#define CLOVE_TYPE_FOLDING_WIDGET (clove_folding_widget_get_type ())
G_DECLARE_DERIVABLE_TYPE (CloveFoldingWidget,
                          clove_folding_widget,
                          CLOVE,
                          FOLDING_WIDGET,
                          GtkWidget)

/**
 * CloveFoldingWidgetClass:
 * @measure_width: get the least width and the natural one; both are 0 before.
 * @get_height: get the height at @width, which is never less than the least.
 *
 * Both are needed unless the class measures by itself.
 */
struct _CloveFoldingWidgetClass {
  GtkWidgetClass parent_class;

  void (*measure_width) (CloveFoldingWidget *self, gint *minimum, gint *natural);
  gint (*get_height) (CloveFoldingWidget *self, gint width);
};

G_END_DECLS
