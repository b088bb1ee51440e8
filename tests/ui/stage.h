/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-application.h"

#include <adwaita.h>

G_BEGIN_DECLS

CloveApplication *stage_begin (int *argc, char ***argv);
int stage_run (void);
GtkWidget *stage_window_new (GtkWidget *page) G_GNUC_WARN_UNUSED_RESULT;
void stage_close (GtkWidget *window);
GtkWidget *stage_find (GtkWidget *root, const char *id) G_GNUC_WARN_UNUSED_RESULT;
GtkWidget *stage_find_label (GtkWidget *root, const char *text) G_GNUC_WARN_UNUSED_RESULT;
char *stage_read_clipboard (GtkWidget *widget) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
