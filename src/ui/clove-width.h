/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Both in pixels: what a page leaves free at either side, and the most that its content takes. */
#define CLOVE_PAGE_MARGIN    12
#define CLOVE_PAGE_MAX_WIDTH 860

gint clove_width_get_line (GtkWidget *widget);
gboolean clove_width_is_narrow (GtkWidget *widget, gint width);
gint clove_width_get_natural (GtkWidget *widget);
gint clove_width_get_height (GtkWidget *widget, gint width);
void clove_width_place (GtkWidget *widget, GtkWidget *child, const GtkAllocation *area);

G_END_DECLS
