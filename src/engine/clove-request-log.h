/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-proxy-shared.h"

#include <glib.h>

G_BEGIN_DECLS

#define CLOVE_REQUEST_LOG_MAX 50

/**
 * CloveRequestLog:
 *
 * The last requests, for the screen: in memory only, and only while it is switched on. Belongs to
 * one thread; the entries (#CloveSnapshotRequest) are shared with snapshots.
 */
typedef struct _CloveRequestLog CloveRequestLog;

CloveRequestLog *clove_request_log_new (CloveClock *clock) G_GNUC_WARN_UNUSED_RESULT;
void clove_request_log_free (CloveRequestLog *self);

void clove_request_log_set_on (CloveRequestLog *self, gboolean is_on);
void clove_request_log_add (CloveRequestLog *self, const CloveRequestRecord *record);
GPtrArray *clove_request_log_list (CloveRequestLog *self) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveRequestLog, clove_request_log_free)

G_END_DECLS
