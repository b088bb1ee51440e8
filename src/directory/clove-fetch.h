/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-clock.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * CloveFetchOptions:
 * @max_size: more bytes than this are refused, and never held
 * @timeout_us: the whole fetch takes no longer
 * @tls_database: (nullable): whom to trust instead of the system's authorities
 */
typedef struct {
  gsize max_size;
  gint64 timeout_us;
  GTlsDatabase *tls_database;
} CloveFetchOptions;

gboolean clove_fetch_is_file (const char *location);
gboolean clove_fetch_check (const char *location, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void clove_fetch_async (const char *location,
                        CloveClock *clock,
                        const CloveFetchOptions *options,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
GBytes *clove_fetch_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
