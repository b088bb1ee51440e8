/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-exit-reply.h"
#include "clove-exit-request.h"

#include <gio/gio.h>
#include <glib-object.h>

G_BEGIN_DECLS

/**
 * CloveOrigin:
 *
 * A web server on this machine that takes the demo site's place behind the exits.
 */
#define CLOVE_TYPE_ORIGIN (clove_origin_get_type ())
G_DECLARE_FINAL_TYPE (CloveOrigin, clove_origin, CLOVE, ORIGIN, GObject)

CloveOrigin *clove_origin_new (const char *host_and_port, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_origin_is_at (CloveOrigin *self, const char *host, gint port);

void clove_origin_fetch_async (CloveOrigin *self,
                               const char *host,
                               const CloveExitRequest *request,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
CloveExitReply *clove_origin_fetch_finish (CloveOrigin *self,
                                           GAsyncResult *result,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
