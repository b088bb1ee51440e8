/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When something is narrow. Widths are counted in lines of text, so that large letters fold a
 * window as a small screen does. A layout asks this with its own width alone: it needs no state,
 * and what it measures is what it allocates.
 */
#include "config.h"

#include "clove-width.h"

/* A path of five places fits side by side from here on, in lines of text. */
#define WIDE_LINES 36

/** clove_width_get_line: Get the height of a line of text in @widget, in pixels. */
gint
clove_width_get_line (GtkWidget *widget)
{
  PangoContext *context = gtk_widget_get_pango_context (widget);
  PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);
  gint height =
    pango_font_metrics_get_ascent (metrics) + pango_font_metrics_get_descent (metrics);

  pango_font_metrics_unref (metrics);
  return MAX (PANGO_PIXELS_CEIL (height), 1);
}

/** clove_width_is_narrow: Tell whether the content of a page folds at @width, without margins. */
gboolean
clove_width_is_narrow (GtkWidget *widget, gint width)
{
  return width < WIDE_LINES * clove_width_get_line (widget);
}

/** clove_width_get_natural: Get the width that @widget would like to have. */
gint
clove_width_get_natural (GtkWidget *widget)
{
  gint natural = 0;

  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
  return natural;
}

/** clove_width_get_height: Get the height that @widget would like at @width, or -1 for any. */
gint
clove_width_get_height (GtkWidget *widget, gint width)
{
  gint natural = 0;

  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, width, NULL, &natural, NULL, NULL);
  return natural;
}

/** clove_width_place: Allocate @area to @child, counted from where reading in @widget begins. */
void
clove_width_place (GtkWidget *widget, GtkWidget *child, const GtkAllocation *area)
{
  GtkAllocation place = *area;

  if (gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL)
    place.x = gtk_widget_get_width (widget) - area->x - area->width;
  gtk_widget_size_allocate (child, &place, -1);
}
