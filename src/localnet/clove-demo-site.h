/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-exit-reply.h"
#include "clove-exit-request.h"

#include <glib.h>

G_BEGIN_DECLS

CloveExitReply *clove_demo_site_reply (const char *host,
                                       const CloveExitRequest *request) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
