/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-describe-faults.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CloveFaultRow:
 *
 * A relay of the demo and the buttons that break it, which activate "faults.send".
 */
#define CLOVE_TYPE_FAULT_ROW (clove_fault_row_get_type ())
G_DECLARE_FINAL_TYPE (CloveFaultRow, clove_fault_row, CLOVE, FAULT_ROW, GtkListBoxRow)

GtkWidget *clove_fault_row_new (const char *name) G_GNUC_WARN_UNUSED_RESULT;
const char *clove_fault_row_get_name (CloveFaultRow *self);
void clove_fault_row_set_relay (CloveFaultRow *self, const CloveFaultRelay *relay);
void clove_fault_row_set_place (CloveFaultRow *self, CloveFaultPlace place);

G_END_DECLS
