/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-application.h"

G_BEGIN_DECLS

/* For clove-application.c alone. */
void clove_application_add_options (CloveApplication *self);
int clove_application_check_options (GApplication *application, GVariantDict *options);
int clove_application_obey (GApplication *application, GApplicationCommandLine *command_line);

G_END_DECLS
