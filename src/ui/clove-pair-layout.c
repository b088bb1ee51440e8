/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-pair-layout.h"

#define SPACING 8

struct _ClovePairLayout {
  GtkLayoutManager parent_instance;
};

G_DEFINE_FINAL_TYPE (ClovePairLayout, clove_pair_layout, GTK_TYPE_LAYOUT_MANAGER)

static GtkSizeRequestMode
clove_pair_layout_get_request_mode (GtkLayoutManager *layout, GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static gint
get_natural (GtkWidget *child, GtkOrientation orientation)
{
  gint natural = 0;

  gtk_widget_measure (child, orientation, -1, NULL, &natural, NULL, NULL);
  return natural;
}

static gboolean
fits (GtkWidget *first, GtkWidget *second, gint width)
{
  return get_natural (first, GTK_ORIENTATION_HORIZONTAL) + SPACING +
           get_natural (second, GTK_ORIENTATION_HORIZONTAL) <=
         width;
}

static void
measure_width (GtkWidget *first, GtkWidget *second, gint *minimum, gint *natural)
{
  gint first_minimum = 0;
  gint first_natural = 0;
  gint second_minimum = 0;
  gint second_natural = 0;

  gtk_widget_measure (first, GTK_ORIENTATION_HORIZONTAL, -1, &first_minimum, &first_natural, NULL,
                      NULL);
  gtk_widget_measure (second, GTK_ORIENTATION_HORIZONTAL, -1, &second_minimum, &second_natural,
                      NULL, NULL);
  *minimum = MAX (first_minimum, second_minimum);
  *natural = first_natural + SPACING + second_natural;
}

static void
/* NOLINTNEXTLINE(readability-function-size): GTK gives so many. */
clove_pair_layout_measure (GtkLayoutManager *layout,
                           GtkWidget *widget,
                           GtkOrientation orientation,
                           gint for_size,
                           gint *minimum,
                           gint *natural,
                           gint *minimum_baseline,
                           gint *natural_baseline)
{
  GtkWidget *first = gtk_widget_get_first_child (widget);
  GtkWidget *second = gtk_widget_get_last_child (widget);
  gint first_height = 0;
  gint second_height = 0;

  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    measure_width (first, second, minimum, natural);
    return;
  }
  first_height = get_natural (first, GTK_ORIENTATION_VERTICAL);
  second_height = get_natural (second, GTK_ORIENTATION_VERTICAL);
  *minimum = MAX (first_height, second_height);
  if (for_size >= 0 && !fits (first, second, for_size))
    *minimum = first_height + SPACING + second_height;
  *natural = *minimum;
}

static void
allocate_at (GtkWidget *widget, GtkWidget *child, GdkRectangle place)
{
  if (gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL)
    place.x = gtk_widget_get_width (widget) - place.x - place.width;
  gtk_widget_size_allocate (child, &place, -1);
}

static void
clove_pair_layout_allocate (GtkLayoutManager *layout,
                            GtkWidget *widget,
                            gint width,
                            gint height,
                            gint baseline)
{
  GtkWidget *first = gtk_widget_get_first_child (widget);
  GtkWidget *second = gtk_widget_get_last_child (widget);
  gint second_width = get_natural (second, GTK_ORIENTATION_HORIZONTAL);
  gint first_height = get_natural (first, GTK_ORIENTATION_VERTICAL);

  if (fits (first, second, width)) {
    allocate_at (widget, first, (GdkRectangle){ 0, 0, width - SPACING - second_width, height });
    allocate_at (widget, second, (GdkRectangle){ width - second_width, 0, second_width, height });
    return;
  }
  allocate_at (widget, first, (GdkRectangle){ 0, 0, width, first_height });
  first_height += SPACING;
  allocate_at (widget, second,
               (GdkRectangle){ 0, first_height, width, height - first_height });
}

static void
clove_pair_layout_class_init (ClovePairLayoutClass *klass)
{
  GtkLayoutManagerClass *layout_class = GTK_LAYOUT_MANAGER_CLASS (klass);

  layout_class->get_request_mode = clove_pair_layout_get_request_mode;
  layout_class->measure = clove_pair_layout_measure;
  layout_class->allocate = clove_pair_layout_allocate;
}

static void
clove_pair_layout_init (ClovePairLayout *self)
{
}
