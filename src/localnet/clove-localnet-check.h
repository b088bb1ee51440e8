/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-clock.h"

#include <gio/gio.h>
#include <glib.h>

G_BEGIN_DECLS

/* How long the relays of a localnet may take to answer. */
#define CLOVE_LOCALNET_CHECK_TIMEOUT_US (10 * G_USEC_PER_SEC)

void clove_localnet_check_async (GPtrArray *relays,
                                 CloveClock *clock,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean clove_localnet_check_finish (GAsyncResult *result, GError **error);

G_END_DECLS
