/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-application.h"

G_BEGIN_DECLS

/**
 * ClovePreferencesWindow:
 *
 * What the user may choose. Switches and numbers are settings themselves; addresses are checked as
 * they are typed, and saved when the field is left or Return is pressed, if they are right.
 */
#define CLOVE_TYPE_PREFERENCES_WINDOW (clove_preferences_window_get_type ())
G_DECLARE_FINAL_TYPE (ClovePreferencesWindow,
                      clove_preferences_window,
                      CLOVE,
                      PREFERENCES_WINDOW,
                      AdwPreferencesWindow)

ClovePreferencesWindow *clove_preferences_window_new (CloveApplication *application)
  G_GNUC_WARN_UNUSED_RESULT;
void clove_preferences_window_present (CloveApplication *application, GtkWindow *parent);
void clove_preferences_window_show (ClovePreferencesWindow *self, const CloveSnapshot *snapshot);

G_END_DECLS
