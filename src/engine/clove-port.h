/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-address.h"

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean clove_port_find_free (const CloveAddress *taken, CloveAddress *out);

void clove_port_ask_async (const CloveAddress *taken,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean clove_port_ask_finish (GAsyncResult *result);

G_END_DECLS
