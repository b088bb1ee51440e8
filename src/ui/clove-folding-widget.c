/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-folding-widget.h"

G_DEFINE_ABSTRACT_TYPE (CloveFoldingWidget, clove_folding_widget, GTK_TYPE_WIDGET)

static void
/* NOLINTNEXTLINE(readability-function-size): GTK gives so many. */
clove_folding_widget_measure (GtkWidget *widget,
                              GtkOrientation orientation,
                              gint for_size,
                              gint *minimum,
                              gint *natural,
                              gint *minimum_baseline,
                              gint *natural_baseline)
{
  CloveFoldingWidget *self = CLOVE_FOLDING_WIDGET (widget);
  CloveFoldingWidgetClass *klass = CLOVE_FOLDING_WIDGET_GET_CLASS (self);
  gint least = 0;
  gint wanted = 0;

  klass->measure_width (self, &least, &wanted);
  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    *minimum = least;
    *natural = wanted;
  } else {
    *natural = klass->get_height (self, for_size < 0 ? wanted : MAX (for_size, least));
    *minimum = *natural;
  }
}

static GtkSizeRequestMode
clove_folding_widget_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
clove_folding_widget_dispose (GObject *object)
{
  GtkWidget *child = NULL;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (clove_folding_widget_parent_class)->dispose (object);
}

static void
clove_folding_widget_class_init (CloveFoldingWidgetClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clove_folding_widget_dispose;
  widget_class->measure = clove_folding_widget_measure;
  widget_class->get_request_mode = clove_folding_widget_get_request_mode;
}

static void
clove_folding_widget_init (CloveFoldingWidget *self)
{
}
