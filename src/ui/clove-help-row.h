/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * CloveHelpRow:
 *
 * A question. Its "answer", which can be selected, is seen once the row is opened; under it, where
 * "button" has a text, there is a button for "action".
 */
#define CLOVE_TYPE_HELP_ROW (clove_help_row_get_type ())
G_DECLARE_FINAL_TYPE (CloveHelpRow, clove_help_row, CLOVE, HELP_ROW, AdwExpanderRow)

G_END_DECLS
