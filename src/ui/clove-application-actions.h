/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-application.h"

G_BEGIN_DECLS

/* For clove-application.c alone. */
void clove_application_add_actions (CloveApplication *self);
void clove_application_update_actions (CloveApplication *self);
void clove_application_present (CloveApplication *self);
void clove_application_quit (CloveApplication *self);

G_END_DECLS
