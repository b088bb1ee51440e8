/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-application.h"
#include "clove-window.h"

G_BEGIN_DECLS

/* For the files of CloveApplication alone. */
void clove_application_add_actions (CloveApplication *self);
void clove_application_update_actions (CloveApplication *self);
void clove_application_begin (CloveApplication *self, gboolean wants_demo);
CloveWindow *clove_application_get_window (CloveApplication *self);
void clove_application_present (CloveApplication *self);
void clove_application_hide (CloveApplication *self);
gboolean clove_application_rebuild (CloveApplication *self, GError **error);
void clove_application_quit (CloveApplication *self);

G_END_DECLS
