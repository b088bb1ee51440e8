/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for the system proxy. */
#pragma once

#include "clove-system-proxy.h"

G_BEGIN_DECLS

char *clove_describe_system_proxy (CloveSystemProxy *proxy,
                                   gboolean is_wanted) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
