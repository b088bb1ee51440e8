/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-snapshot.h"

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * CloveFaultBoard:
 *
 * Page of the window in a demo: buttons that break the demo's relays, to see what Clove does.
 */
#define CLOVE_TYPE_FAULT_BOARD (clove_fault_board_get_type ())
G_DECLARE_FINAL_TYPE (CloveFaultBoard, clove_fault_board, CLOVE, FAULT_BOARD, AdwBin)

void clove_fault_board_set_control (CloveFaultBoard *self, const char *control);
void clove_fault_board_show (CloveFaultBoard *self, CloveSnapshot *snapshot, gint64 now_us);

G_END_DECLS
