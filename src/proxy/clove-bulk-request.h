/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-http-range.h"

#include <glib.h>

G_BEGIN_DECLS

/* Longer validators than this are not used. */
#define CLOVE_BULK_MAX_VALIDATOR_SIZE 256

/* By how much a request grows at most when it asks for a piece. */
#define CLOVE_BULK_MAX_ADDED_SIZE (CLOVE_BULK_MAX_VALIDATOR_SIZE + CLOVE_HTTP_RANGE_SIZE + 32)

/**
 * CloveBulkRequest:
 *
 * A request that may be answered in pieces: a GET without a body for a whole resource, or for one
 * plain range of it. Immutable once parsed.
 */
typedef struct _CloveBulkRequest CloveBulkRequest;

CloveBulkRequest *clove_bulk_request_new (GBytes *request) G_GNUC_WARN_UNUSED_RESULT;
void clove_bulk_request_free (CloveBulkRequest *self);

gboolean clove_bulk_request_has_range (const CloveBulkRequest *self);
const CloveHttpRange *clove_bulk_request_get_range (const CloveBulkRequest *self);

GBytes *clove_bulk_request_format_first (const CloveBulkRequest *self, const CloveHttpRange *range)
  G_GNUC_WARN_UNUSED_RESULT;
GBytes *clove_bulk_request_format_piece (const CloveBulkRequest *self,
                                         const CloveHttpRange *range,
                                         const char *validator) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveBulkRequest, clove_bulk_request_free)

G_END_DECLS
