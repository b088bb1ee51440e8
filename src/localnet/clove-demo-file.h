/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-exit-reply.h"
#include "clove-exit-request.h"

#include <glib.h>

G_BEGIN_DECLS

/* The largest file that the demo site pretends to have. */
#define CLOVE_DEMO_MAX_FILE_SIZE (G_GUINT64_CONSTANT (1) << 30)

void clove_demo_file_fill (guint64 total_size, guint64 offset, guint8 *out, gsize size);
CloveExitReply *clove_demo_file_reply_plain (guint64 total_size) G_GNUC_WARN_UNUSED_RESULT;
CloveExitReply *clove_demo_file_reply (const CloveExitRequest *request,
                                       guint64 total_size) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
