/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-circuit-row.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CloveLink:
 * @x1: where it begins
 * @y1: where it begins
 * @x2: where it ends, to the end or below
 * @y2: where it ends
 * @look: how the relay that it leads to does
 * @is_active: requests take it
 *
 * A line between two places of a circuit.
 */
typedef struct {
  gdouble x1;
  gdouble y1;
  gdouble x2;
  gdouble y2;
  CloveHopLook look;
  gboolean is_active;
} CloveLink;

void clove_link_draw (const CloveLink *link, cairo_t *cr, GtkWidget *widget, gdouble phase);

G_END_DECLS
