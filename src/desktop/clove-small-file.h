/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean clove_small_file_read (const char *path,
                                gsize max_size,
                                GString **text_out,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_small_file_replace (const char *path,
                                   const char *text,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
