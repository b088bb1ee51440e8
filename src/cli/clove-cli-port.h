/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

void clove_cli_port_explain_async (const char *listen,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
char *clove_cli_port_explain_finish (GAsyncResult *result) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
