/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-foot-frame.h"

#include "clove-width.h"

struct _CloveFootFrame {
  CloveFoldingWidget parent_instance;
};

G_DEFINE_FINAL_TYPE (CloveFootFrame, clove_foot_frame, CLOVE_TYPE_FOLDING_WIDGET)

/* The same answer that the rows of the page come to. */
static gboolean
has_foot_at (GtkWidget *widget, gint width)
{
  gint content_width = MIN (width - 2 * CLOVE_PAGE_MARGIN, CLOVE_PAGE_MAX_WIDTH);

  return clove_width_is_narrow (widget, content_width);
}

static void
/* NOLINTNEXTLINE(readability-function-size): GTK gives so many. */
clove_foot_frame_measure (GtkWidget *widget,
                          GtkOrientation orientation,
                          gint for_size,
                          gint *minimum,
                          gint *natural,
                          gint *minimum_baseline,
                          gint *natural_baseline)
{
  GtkWidget *page = gtk_widget_get_first_child (widget);
  gint foot_minimum = 0;
  gint foot_natural = 0;

  gtk_widget_measure (page, orientation, for_size, minimum, natural, NULL, NULL);
  gtk_widget_measure (gtk_widget_get_last_child (widget), orientation, for_size, &foot_minimum,
                      &foot_natural, NULL, NULL);
  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    *minimum = MAX (*minimum, foot_minimum);
    *natural = MAX (*natural, foot_natural);
  } else if (for_size < 0 || has_foot_at (widget, for_size)) {
    *minimum += foot_minimum;
    *natural += foot_natural;
  }
}

static void
clove_foot_frame_size_allocate (GtkWidget *widget, gint width, gint height, gint baseline)
{
  GtkWidget *page = gtk_widget_get_first_child (widget);
  GtkWidget *foot = gtk_widget_get_last_child (widget);
  gboolean has_foot = has_foot_at (widget, width);
  gint foot_height = has_foot ? clove_width_get_height (foot, width) : 0;
  GtkAllocation area = { 0, 0, width, height };

  area.height = height - foot_height;
  clove_width_place (widget, page, &area);
  gtk_widget_set_child_visible (foot, has_foot);
  if (!has_foot)
    return;
  area.y = area.height;
  area.height = foot_height;
  clove_width_place (widget, foot, &area);
}

static void
clove_foot_frame_class_init (CloveFootFrameClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->measure = clove_foot_frame_measure;
  widget_class->size_allocate = clove_foot_frame_size_allocate;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
clove_foot_frame_init (CloveFootFrame *self)
{
}
