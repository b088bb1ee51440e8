/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-application.h"

G_BEGIN_DECLS

/**
 * CloveWindow:
 *
 * The window: it shows each snapshot of the engine in all its pages, and counts down in between.
 */
#define CLOVE_TYPE_WINDOW (clove_window_get_type ())
G_DECLARE_FINAL_TYPE (CloveWindow, clove_window, CLOVE, WINDOW, AdwApplicationWindow)

CloveWindow *clove_window_new (CloveApplication *application) G_GNUC_WARN_UNUSED_RESULT;
void clove_window_show (CloveWindow *self, CloveSnapshot *snapshot, gint64 now_us);
void clove_window_show_page (CloveWindow *self, const char *name);
void clove_window_add_toast (CloveWindow *self, const char *text);

G_END_DECLS
