/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-toast.h"

/** clove_toast: Say @text briefly where @widget is; nothing is said where there is no place. */
void
clove_toast (GtkWidget *widget, const char *text)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (widget, ADW_TYPE_TOAST_OVERLAY);
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  if (overlay != NULL)
    adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), adw_toast_new (escaped));
}
