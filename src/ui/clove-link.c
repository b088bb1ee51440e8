/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-link.h"

#define ACTIVE_WIDTH 3.0
#define QUIET_WIDTH  1.5

/* Half of the cross that strikes a link out. */
#define CROSS 4.0

static void
set_color (cairo_t *cr, GtkWidget *widget, const CloveLink *link)
{
  static const char *const names[] = {
    [CLOVE_HOP_WAITING] = NULL,
    [CLOVE_HOP_EXTENDING] = "accent_color",
    [CLOVE_HOP_READY] = "success_color",
    [CLOVE_HOP_FAILED] = "error_color",
    [CLOVE_HOP_DOUBT] = "warning_color",
  };
  GtkStyleContext *style = gtk_widget_get_style_context (widget);
  const char *name = names[link->look];
  GdkRGBA color = { 0 };

  if (link->look == CLOVE_HOP_READY && !link->is_active)
    name = NULL;
  gtk_style_context_get_color (style, &color);
  if (name == NULL)
    color.alpha *= 0.35f;
  else
    (void) gtk_style_context_lookup_color (style, name, &color);
  gdk_cairo_set_source_rgba (cr, &color);
}

/* Each look has its own strokes, for eyes that do not tell the colours apart. */
static void
set_strokes (cairo_t *cr, const CloveLink *link, gdouble phase)
{
  static const gdouble dashes[] = { 5, 5 };
  static const gdouble dots[] = { 0, 5 };

  switch (link->look) {
    case CLOVE_HOP_EXTENDING:
    case CLOVE_HOP_FAILED:
      cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), -phase * (dashes[0] + dashes[1]));
      break;
    case CLOVE_HOP_WAITING:
    case CLOVE_HOP_DOUBT:
      cairo_set_dash (cr, dots, G_N_ELEMENTS (dots), 0);
      break;
    case CLOVE_HOP_READY:
    default:
      cairo_set_dash (cr, NULL, 0, 0);
  }
}

static void
strike_out (cairo_t *cr, const CloveLink *link)
{
  gdouble x = (link->x1 + link->x2) / 2;
  gdouble y = (link->y1 + link->y2) / 2;

  cairo_set_dash (cr, NULL, 0, 0);
  cairo_set_line_width (cr, 2);
  cairo_move_to (cr, x - CROSS, y - CROSS);
  cairo_line_to (cr, x + CROSS, y + CROSS);
  cairo_move_to (cr, x - CROSS, y + CROSS);
  cairo_line_to (cr, x + CROSS, y - CROSS);
  cairo_stroke (cr);
}

/** clove_link_draw: Draw @link in the colours of @widget; @phase, from 0 to 1, moves dashes. */
void
clove_link_draw (const CloveLink *link, cairo_t *cr, GtkWidget *widget, gdouble phase)
{
  gboolean is_strong = link->is_active || link->look == CLOVE_HOP_EXTENDING;

  set_color (cr, widget, link);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  if (link->look == CLOVE_HOP_FAILED) {
    strike_out (cr, link);
    return;
  }
  set_strokes (cr, link, phase);
  cairo_set_line_width (cr, is_strong ? ACTIVE_WIDTH : QUIET_WIDTH);
  cairo_move_to (cr, link->x1, link->y1);
  cairo_line_to (cr, link->x2, link->y2);
  cairo_stroke (cr);
}
