/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-snapshot.h"

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * CloveCauseRow:
 *
 * One entry of the log of causes; it never changes.
 */
#define CLOVE_TYPE_CAUSE_ROW (clove_cause_row_get_type ())
G_DECLARE_FINAL_TYPE (CloveCauseRow, clove_cause_row, CLOVE, CAUSE_ROW, AdwActionRow)

GtkWidget *clove_cause_row_new (const CloveSnapshotCause *cause) G_GNUC_WARN_UNUSED_RESULT;
guint64 clove_cause_row_get_serial (CloveCauseRow *self);
gint64 clove_cause_row_get_time_s (CloveCauseRow *self);
gboolean clove_cause_row_is_of_circuits (CloveCauseRow *self);

G_END_DECLS
