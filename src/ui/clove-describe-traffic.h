/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-describe.h"

G_BEGIN_DECLS

char *clove_describe_rate (gdouble bytes_per_s) G_GNUC_WARN_UNUSED_RESULT;
char *clove_describe_throughput (gdouble received, gdouble sent) G_GNUC_WARN_UNUSED_RESULT;
char *clove_describe_duration (gint64 duration_us) G_GNUC_WARN_UNUSED_RESULT;
char *clove_describe_clock (gint64 time_s) G_GNUC_WARN_UNUSED_RESULT;
char *clove_describe_request (const CloveSnapshotRequest *request) G_GNUC_WARN_UNUSED_RESULT;
CloveTone clove_describe_request_tone (const CloveSnapshotRequest *request);
char *clove_describe_request_status (const CloveSnapshotRequest *request)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
