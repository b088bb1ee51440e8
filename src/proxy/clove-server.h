/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-address.h"
#include "clove-backend.h"
#include "clove-clock.h"
#include "clove-proxy-shared.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define CLOVE_SERVER_MAX_CONNECTIONS 256
#define CLOVE_SERVER_MAX_IN_FLIGHT   64

/**
 * CloveServer:
 *
 * The HTTP proxy that browsers talk to. Belongs to the worker thread and works on the context that
 * is the thread's default when it listens.
 */
#define CLOVE_TYPE_SERVER (clove_server_get_type ())
G_DECLARE_FINAL_TYPE (CloveServer, clove_server, CLOVE, SERVER, GObject)

/**
 * CloveServerStatistics:
 * @n_connections: open browser connections
 * @n_in_flight: exchanges in flight
 * @n_queued: requests that wait for their turn
 * @n_requests: all requests so far, refused ones too
 * @n_bytes_in: all bytes from browsers so far
 * @n_bytes_out: all bytes to browsers so far
 */
typedef struct {
  guint n_connections;
  guint n_in_flight;
  guint n_queued;
  guint64 n_requests;
  guint64 n_bytes_in;
  guint64 n_bytes_out;
} CloveServerStatistics;

CloveServer *clove_server_new (CloveClock *clock) G_GNUC_WARN_UNUSED_RESULT;
void clove_server_set_backend (CloveServer *self, CloveBackend *backend);
void clove_server_set_request_func (CloveServer *self, CloveRequestFunc func, gpointer user_data);

gboolean clove_server_listen (CloveServer *self, const CloveAddress *address, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_server_get_address (CloveServer *self, CloveAddress *out)
  G_GNUC_WARN_UNUSED_RESULT;
void clove_server_get_statistics (CloveServer *self, CloveServerStatistics *out);

void clove_server_stop_async (CloveServer *self,
                              gint64 drain_us,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean clove_server_stop_finish (CloveServer *self, GAsyncResult *result, GError **error);

G_END_DECLS
