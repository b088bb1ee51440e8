/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-proxy-shared.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define CLOVE_TYPE_CONNECTION (clove_connection_get_type ())
G_DECLARE_FINAL_TYPE (CloveConnection, clove_connection, CLOVE, CONNECTION, GObject)

typedef void (*CloveConnectionFunc) (CloveConnection *connection, gpointer user_data);

CloveConnection *clove_connection_new (GSocket *socket,
                                       CloveProxyShared *shared,
                                       CloveConnectionFunc on_closed,
                                       gpointer user_data)
  G_GNUC_WARN_UNUSED_RESULT;
void clove_connection_drain (CloveConnection *self);
void clove_connection_abort (CloveConnection *self);

G_END_DECLS
