/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-backend.h"
#include "clove-clock.h"

G_BEGIN_DECLS

/**
 * CloveBulkBackend:
 *
 * A backend before another one that fetches large replies in pieces, since the other loses them
 * whole where they are sent whole. Belongs to the worker thread.
 */
#define CLOVE_TYPE_BULK_BACKEND (clove_bulk_backend_get_type ())
G_DECLARE_FINAL_TYPE (CloveBulkBackend, clove_bulk_backend, CLOVE, BULK_BACKEND, GObject)

CloveBackend *clove_bulk_backend_new (CloveBackend *inner,
                                      CloveClock *clock) G_GNUC_WARN_UNUSED_RESULT;
void clove_bulk_backend_set_repeats (CloveBulkBackend *self, gboolean repeats);

gsize clove_bulk_backend_get_limit (CloveBulkBackend *self);
gsize clove_bulk_backend_get_in_flight (CloveBulkBackend *self);

G_END_DECLS
