/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

void clove_row_name_control (AdwActionRow *row);

G_END_DECLS
