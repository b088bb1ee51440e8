/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-snapshot.h"

G_BEGIN_DECLS

/**
 * CloveBridge:
 *
 * Hands snapshots from the worker thread to the thread that shows them: one slot, in which the
 * newest wins, and one source, which fires at most ten times a second. A thread that is slow to
 * look sees fewer snapshots, never old ones.
 */
typedef struct _CloveBridge CloveBridge;

typedef void (*CloveBridgeFunc) (CloveSnapshot *snapshot, gpointer user_data);

CloveBridge *clove_bridge_new (CloveBridgeFunc on_snapshot,
                               gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
CloveBridge *clove_bridge_ref (CloveBridge *self);
void clove_bridge_unref (CloveBridge *self);

void clove_bridge_put (CloveBridge *self, CloveSnapshot *snapshot);
void clove_bridge_close (CloveBridge *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveBridge, clove_bridge_unref)

G_END_DECLS
