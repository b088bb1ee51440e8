/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-row-name.h"

/** clove_row_name_control: Call the switch or the number of @row what the row is called. */
void
clove_row_name_control (AdwActionRow *row)
{
  const char *title = adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row));
  g_auto (GStrv) parts = g_strsplit (title, "_", 2);
  g_autofree char *name = g_strjoinv ("", parts);

  gtk_accessible_update_property (GTK_ACCESSIBLE (adw_action_row_get_activatable_widget (row)),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  adw_action_row_get_subtitle (row), -1);
}
