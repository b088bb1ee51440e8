/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-bulk-request.h"
#include "clove-http-range.h"
#include "clove-http-response.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveBulkVerdict:
 * @CLOVE_BULK_PIECES: the reply is a piece from which the rest can be had
 * @CLOVE_BULK_AS_IS: it is the reply that the browser is to get
 * @CLOVE_BULK_ASK_PLAINLY: it answers the range only; ask without one
 * @CLOVE_BULK_CANNOT: the same, and so it will be with every other request to this site
 *
 * What the reply to the first request for a piece is good for.
 */
typedef enum {
  CLOVE_BULK_PIECES,
  CLOVE_BULK_AS_IS,
  CLOVE_BULK_ASK_PLAINLY,
  CLOVE_BULK_CANNOT,
} CloveBulkVerdict;

CloveBulkVerdict clove_bulk_judge (const CloveBulkRequest *request,
                                   const CloveHttpRange *asked,
                                   const CloveHttpResponse *response,
                                   gint64 reply_size,
                                   CloveHttpContentRange *content_out);

/**
 * CloveBulkSource:
 *
 * The representation that a download consists of, as its first piece described it. Immutable.
 */
typedef struct _CloveBulkSource CloveBulkSource;

CloveBulkSource *clove_bulk_source_new (const CloveHttpResponse *response,
                                        const CloveHttpContentRange *content)
  G_GNUC_WARN_UNUSED_RESULT;
void clove_bulk_source_free (CloveBulkSource *self);

const char *clove_bulk_source_get_validator (const CloveBulkSource *self);
gboolean clove_bulk_source_matches (const CloveBulkSource *self,
                                    const CloveHttpResponse *response,
                                    const CloveHttpContentRange *content);

gint64 clove_bulk_end_of (const CloveBulkRequest *request, gint64 total);
void clove_bulk_format_head (const CloveBulkRequest *request,
                             CloveHttpResponse *response,
                             gint64 total,
                             CloveBuffer *out);
gboolean clove_bulk_has_size (const CloveHttpResponse *response,
                              gint64 reply_size,
                              const CloveHttpContentRange *content);
void clove_bulk_begin_body (CloveHttpBody *body,
                            const CloveHttpResponse *response,
                            const CloveHttpContentRange *content);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveBulkSource, clove_bulk_source_free)

G_END_DECLS
