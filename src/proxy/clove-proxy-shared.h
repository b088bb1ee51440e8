/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-backend.h"
#include "clove-clock.h"
#include "clove-slots.h"

#include <glib.h>

G_BEGIN_DECLS

/* CloveRequestRecord.backend_error when the exchange did not fail. */
#define CLOVE_REQUEST_NO_ERROR (-1)

/**
 * CloveRequestRecord:
 * @host: the site
 * @method: the method
 * @status: the status sent to the browser, 0 if it went away before
 * @body_size: how many bytes of body were handed to its connection
 * @duration_us: from the complete head to the end
 * @backend_error: a #CloveBackendError or %CLOVE_REQUEST_NO_ERROR
 * @is_complete: whether the whole reply was handed on
 *
 * What became of one request to a site, for lists on the screen; valid during the call only.
 */
typedef struct {
  const char *host;
  const char *method;
  guint status;
  guint64 body_size;
  gint64 duration_us;
  int backend_error;
  gboolean is_complete;
} CloveRequestRecord;

typedef void (*CloveRequestFunc) (const CloveRequestRecord *record, gpointer user_data);

/**
 * CloveProxyShared:
 *
 * What the connections of one server have in common. Reference-counted, so that a connection in the
 * middle of its work survives its server.
 */
typedef struct {
  CloveClock *clock;
  CloveBackend *backend;
  CloveSlots slots;
  gboolean is_stopping;

  CloveRequestFunc on_request;
  gpointer on_request_data;

  guint64 n_requests;
  guint64 n_bytes_in;
  guint64 n_bytes_out;
} CloveProxyShared;

CloveProxyShared *clove_proxy_shared_new (CloveClock *clock, guint n_slots)
  G_GNUC_WARN_UNUSED_RESULT;
CloveProxyShared *clove_proxy_shared_ref (CloveProxyShared *self);
void clove_proxy_shared_unref (CloveProxyShared *self);

G_END_DECLS
