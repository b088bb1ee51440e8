/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-relay-list.h"

#include <gio/gio.h>

G_BEGIN_DECLS

char *clove_directory_cache_get_path (const char *folder) G_GNUC_WARN_UNUSED_RESULT;
char *clove_directory_cache_format (CloveRelayList *list, const char *location, gint64 fetched_s)
  G_GNUC_WARN_UNUSED_RESULT;
CloveRelayList *clove_directory_cache_parse (GBytes *bytes,
                                             const char *location,
                                             gint64 *fetched_s_out,
                                             GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_directory_cache_write (const char *folder, const char *text, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
