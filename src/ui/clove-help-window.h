/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * CloveHelpWindow:
 *
 * What people ask, with short answers, and buttons for what the answers speak of.
 */
#define CLOVE_TYPE_HELP_WINDOW (clove_help_window_get_type ())
G_DECLARE_FINAL_TYPE (CloveHelpWindow, clove_help_window, CLOVE, HELP_WINDOW, AdwWindow)

void clove_help_window_present (GtkWindow *parent);

G_END_DECLS
