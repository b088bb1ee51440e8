/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

void clove_cli_once_async (const char *url,
                           const char *proxy_address,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
char *clove_cli_once_finish (GAsyncResult *result, guint *status_out, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
