/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-snapshot.h"

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * CloveRequestRow:
 *
 * What became of one request; it never changes.
 */
#define CLOVE_TYPE_REQUEST_ROW (clove_request_row_get_type ())
G_DECLARE_FINAL_TYPE (CloveRequestRow, clove_request_row, CLOVE, REQUEST_ROW, AdwActionRow)

GtkWidget *clove_request_row_new (CloveSnapshotRequest *request) G_GNUC_WARN_UNUSED_RESULT;
const CloveSnapshotRequest *clove_request_row_get_request (CloveRequestRow *self);

G_END_DECLS
