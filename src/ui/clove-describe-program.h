/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for what surrounds the pages: the command line and the preferences. Pure. */
#pragma once

#include "clove-snapshot.h"

G_BEGIN_DECLS

gboolean clove_describe_is_connected (const CloveSnapshot *snapshot);
char *clove_describe_status_line (const CloveSnapshot *snapshot,
                                  const char *trouble) G_GNUC_WARN_UNUSED_RESULT;
char *clove_describe_entries (const CloveSnapshot *snapshot) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
