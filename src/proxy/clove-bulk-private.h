/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-backend.h"
#include "clove-bulk-gate.h"
#include "clove-bulk-hosts.h"
#include "clove-bulk-plan.h"
#include "clove-bulk-reply.h"
#include "clove-bulk-request.h"
#include "clove-bulk-timing.h"
#include "clove-bulk-window.h"
#include "clove-clock.h"

G_BEGIN_DECLS

/* What clove-bulk-backend.c, -exchange.c, -download.c and -fetch.c share; for nobody else. */

/* What all downloads of a backend have in common. Counted. */
typedef struct {
  CloveBackend *inner;
  CloveClock *clock;
  CloveBulkHosts *hosts;
  CloveBulkWindow window;
  CloveBulkGate gate;
  gboolean repeats; /* what was lost before any of it was shown */
  GQueue waiting;   /* borrowed CloveBulkDownload that would ask for more, by their links */
  CloveTimer pace;  /* the next piece may be asked for */
} CloveBulkShared;

CloveBulkShared *_clove_bulk_shared_ref (CloveBulkShared *self);
void _clove_bulk_shared_unref (CloveBulkShared *self);
void _clove_bulk_shared_pump (CloveBulkShared *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveBulkShared, _clove_bulk_shared_unref)

/**
 * CloveBulkOutcome:
 * @CLOVE_BULK_ARRIVED: the reply ended well; the server may have given less than was asked for
 * @CLOVE_BULK_LOST: it broke off, or nothing was heard for too long
 * @CLOVE_BULK_REFUSED: the site could not answer now
 * @CLOVE_BULK_CHANGED: the reply is not a part of the representation that is being fetched
 *
 * How asking for a piece ended.
 */
typedef enum {
  CLOVE_BULK_ARRIVED,
  CLOVE_BULK_LOST,
  CLOVE_BULK_REFUSED,
  CLOVE_BULK_CHANGED,
} CloveBulkOutcome;

typedef struct _CloveBulkFetch CloveBulkFetch;

/* Whom a fetch belongs to; outlives it. None of the functions is called from inside a call. */
typedef struct {
  CloveBulkShared *shared;
  CloveBulkPlan *plan;
  const CloveBulkSource *source;
  CloveBulkTiming *timing;
  void (*on_bytes) (CloveBulkFetch *fetch, gpointer user_data);
  /* The fetch is freed by this. */
  void (*on_ended) (CloveBulkFetch *fetch, CloveBulkOutcome outcome, gpointer user_data);
  gpointer user_data;
} CloveBulkFetchOwner;

/* The first piece of a download, on its way. */
typedef struct {
  CloveExchange *exchange;
  gsize counted; /* in the window */
  const CloveHttpResponse *response;
  const CloveHttpContentRange *content;
} CloveBulkFirst;

/* One piece on its way, by an exchange of its own. */
struct _CloveBulkFetch {
  const CloveBulkFetchOwner *owner;
  GList link; /* for the owner */
  CloveBulkPiece *piece;
  gint64 sent_us;

  /*< private >*/
  CloveExchange *exchange;
  CloveBuffer head;
  CloveHttpBody body;
  gboolean has_head;
  gsize body_offset; /* where the body begins in the reply; 0: its bytes have no fixed places */
  gsize counted;     /* in the window */
  gboolean is_first;
  CloveTimer silence;
};

CloveBulkFetch *_clove_bulk_fetch_new (const CloveBulkFetchOwner *owner,
                                       CloveBulkPiece *piece,
                                       const char *host,
                                       GBytes *request) G_GNUC_WARN_UNUSED_RESULT;
CloveBulkFetch *_clove_bulk_fetch_new_begun (const CloveBulkFetchOwner *owner,
                                             CloveBulkPiece *piece,
                                             const CloveBulkFirst *first)
  G_GNUC_WARN_UNUSED_RESULT;
void _clove_bulk_fetch_read (CloveBulkFetch *self);
void _clove_bulk_fetch_hurry (CloveBulkFetch *self);
void _clove_bulk_fetch_free (CloveBulkFetch *self);

/* A reply that is put together from pieces. */
typedef struct _CloveBulkDownload CloveBulkDownload;

typedef void (*CloveBulkDownloadFunc) (gpointer user_data);

CloveBulkDownload *_clove_bulk_download_new (CloveBulkShared *shared,
                                             const char *host,
                                             const CloveBulkRequest *request,
                                             const CloveBulkFirst *first,
                                             CloveBulkDownloadFunc on_news,
                                             gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void _clove_bulk_download_free (CloveBulkDownload *self);

void _clove_bulk_download_skip_head (CloveBulkDownload *self, gsize size);
void _clove_bulk_download_read_first (CloveBulkDownload *self);
gboolean _clove_bulk_download_ask (CloveBulkDownload *self);

const guint8 *_clove_bulk_download_peek (CloveBulkDownload *self, gsize *size_out);
void _clove_bulk_download_consume (CloveBulkDownload *self, gsize size);
gboolean _clove_bulk_download_is_complete (CloveBulkDownload *self);
const GError *_clove_bulk_download_get_error (CloveBulkDownload *self);
gboolean _clove_bulk_download_has_changed (CloveBulkDownload *self);

/* clove-bulk-exchange.c */
#define CLOVE_TYPE_BULK_EXCHANGE (clove_bulk_exchange_get_type ())
G_DECLARE_FINAL_TYPE (CloveBulkExchange, clove_bulk_exchange, CLOVE, BULK_EXCHANGE, CloveExchange)

CloveExchange *_clove_bulk_exchange_new (CloveBulkShared *shared,
                                         const char *host,
                                         GBytes *request,
                                         CloveExchangeFunc on_progress,
                                         gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
