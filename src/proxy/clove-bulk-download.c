/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The part of an exchange that puts a reply together once its first piece has begun: asks for
 * pieces when it is this download's turn, and again for what was lost.
 */
#include "config.h"

#include "clove-bulk-private.h"

/* A download that gets no byte for so long is given up. */
#define PROGRESS_TIMEOUT_US (60 * G_TIME_SPAN_SECOND)

/* A piece that the site refuses is asked for again after a while, for so many times. */
#define REFUSED_AGAIN_US (250 * G_TIME_SPAN_MILLISECOND)
#define MAX_REFUSALS     6

struct _CloveBulkDownload {
  /* Set at construction. */
  const char *host;                /* borrowed */
  const CloveBulkRequest *request; /* borrowed */
  CloveBulkDownloadFunc on_news;
  gpointer user_data;

  /* Owned. */
  CloveBulkShared *shared;
  CloveBulkPlan *plan;
  CloveBulkSource *source;
  GQueue fetches;              /* of CloveBulkFetch, by their links */
  CloveBulkFetch *first_fetch; /* of the piece that came unasked; NULL once it has ended */
  GError *error;
  CloveTimer retry;    /* a lost piece may be asked for again */
  CloveTimer progress; /* no byte came for long */

  CloveBulkTiming timing;
  CloveBulkFetchOwner owner;
  gint64 progress_us; /* when the last byte came or was taken */
  gboolean has_changed;
  guint n_refusals; /* in a row */
  GList waiting;    /* for room in the window */
  gboolean is_waiting;
};

static gint64
now_us (CloveBulkDownload *self)
{
  return clove_clock_now_us (self->shared->clock);
}

static void
drop_fetch (CloveBulkDownload *self, CloveBulkFetch *fetch)
{
  if (fetch == self->first_fetch)
    self->first_fetch = NULL;
  g_queue_unlink (&self->fetches, &fetch->link);
  _clove_bulk_fetch_free (fetch);
}

/* Gives up all that is under way. What came stays readable. */
static void
drop_requests (CloveBulkDownload *self)
{
  clove_timer_stop (&self->retry);
  clove_timer_stop (&self->progress);
  if (self->is_waiting)
    g_queue_unlink (&self->shared->waiting, &self->waiting);
  self->is_waiting = FALSE;
  while (self->fetches.head != NULL)
    drop_fetch (self, self->fetches.head->data);
}

/** _clove_bulk_download_free: (nullable): Give up what is under way, and free. */
void
_clove_bulk_download_free (CloveBulkDownload *self)
{
  if (self == NULL)
    return;
  drop_requests (self);
  g_clear_error (&self->error);
  clove_bulk_source_free (self->source);
  clove_bulk_plan_free (self->plan);
  _clove_bulk_shared_unref (self->shared);
  g_free (self);
}

static void
fail (CloveBulkDownload *self, CloveBackendError code, const char *message)
{
  drop_requests (self);
  self->error = g_error_new_literal (CLOVE_BACKEND_ERROR, (gint) code, message);
}

/* Asks for pieces as soon as there is room and it is our turn. */
static void
want_more (CloveBulkDownload *self)
{
  if (self->error != NULL)
    return;
  if (!self->is_waiting)
    g_queue_push_tail_link (&self->shared->waiting, &self->waiting);
  self->is_waiting = TRUE;
}

static void
on_retry (gpointer user_data)
{
  CloveBulkDownload *self = user_data;

  want_more (self);
  _clove_bulk_shared_pump (self->shared);
}

static void
on_no_progress (gpointer user_data)
{
  CloveBulkDownload *self = user_data;
  gint64 silence_us = now_us (self) - self->progress_us;
  gboolean waits_for_reader =
    g_queue_is_empty (&self->fetches) && clove_bulk_plan_get_next_us (self->plan) < 0;

  if (waits_for_reader || silence_us < PROGRESS_TIMEOUT_US) {
    clove_timer_start_coarse (&self->progress, waits_for_reader
                                                 ? PROGRESS_TIMEOUT_US
                                                 : PROGRESS_TIMEOUT_US - silence_us);
    return;
  }
  fail (self, CLOVE_BACKEND_ERROR_TIMEOUT, "no piece of the reply came for long");
  self->on_news (self->user_data);
}

static void
note_change (CloveBulkDownload *self)
{
  self->has_changed = TRUE;
  fail (self, CLOVE_BACKEND_ERROR_SITE, "the resource changed while it was fetched");
}

static gint64
when_again_us (CloveBulkDownload *self, CloveBulkOutcome outcome)
{
  if (outcome != CLOVE_BULK_REFUSED)
    return now_us (self);
  return now_us (self) + (REFUSED_AGAIN_US << MIN (self->n_refusals, MAX_REFUSALS));
}

static void
note_arrival (CloveBulkDownload *self, const CloveBulkFetch *fetch)
{
  self->n_refusals = 0;
  self->progress_us = now_us (self);
  /* The first was perhaps repeated, and says little of how long a piece takes. */
  if (fetch != self->first_fetch) {
    clove_bulk_timing_note (&self->timing, now_us (self) - fetch->sent_us);
    clove_bulk_window_note_time (&self->shared->window, now_us (self) - fetch->sent_us);
  }
  for (GList *link = self->fetches.head; link != NULL; link = link->next) {
    CloveBulkFetch *other = link->data;

    if (other->sent_us < fetch->sent_us)
      _clove_bulk_fetch_hurry (other);
  }
}

static void
end_fetch (CloveBulkDownload *self, CloveBulkFetch *fetch, CloveBulkOutcome outcome)
{
  CloveBulkPiece *piece = fetch->piece;

  if (outcome == CLOVE_BULK_ARRIVED) {
    note_arrival (self, fetch);
  } else if (clove_bulk_source_get_validator (self->source) == NULL) {
    fail (self, CLOVE_BACKEND_ERROR_CIRCUIT, "the reply broke off and cannot be continued");
    return;
  }
  drop_fetch (self, fetch);
  if (outcome == CLOVE_BULK_ARRIVED)
    clove_bulk_plan_finish (self->plan, piece);
  else
    clove_bulk_plan_lose (self->plan, piece, when_again_us (self, outcome));
}

static void
on_fetch_ended (CloveBulkFetch *fetch, CloveBulkOutcome outcome, gpointer user_data)
{
  CloveBulkDownload *self = user_data;

  if (outcome == CLOVE_BULK_CHANGED)
    note_change (self);
  else if (outcome == CLOVE_BULK_REFUSED && ++self->n_refusals > MAX_REFUSALS)
    fail (self, CLOVE_BACKEND_ERROR_SITE, "the site answers no more");
  else
    end_fetch (self, fetch, outcome);
  want_more (self);
  _clove_bulk_shared_pump (self->shared);
  self->on_news (self->user_data);
}

static void
on_fetch_bytes (CloveBulkFetch *fetch, gpointer user_data)
{
  CloveBulkDownload *self = user_data;

  self->progress_us = now_us (self);
  self->on_news (self->user_data);
}

static void
wait_to_retry (CloveBulkDownload *self)
{
  gint64 next_us = clove_bulk_plan_get_next_us (self->plan);

  if (next_us >= 0)
    clove_timer_start (&self->retry, MAX (next_us - now_us (self), 0));
}

static GBytes *
format_piece (CloveBulkDownload *self, const CloveBulkPiece *piece)
{
  CloveHttpRange range = { piece->first, piece->first + (gint64) piece->size - 1 };

  return clove_bulk_request_format_piece (self->request, &range,
                                          clove_bulk_source_get_validator (self->source));
}

/** _clove_bulk_download_ask: Ask for one more piece; %FALSE when nothing more is wanted now. */
gboolean
_clove_bulk_download_ask (CloveBulkDownload *self)
{
  gsize max_size = clove_bulk_window_get_piece_size (&self->shared->window);
  CloveBulkPiece *piece = clove_bulk_plan_take (self->plan, max_size, now_us (self));
  g_autoptr (GBytes) request = NULL;
  CloveBulkFetch *fetch = NULL;

  if (piece == NULL) {
    wait_to_retry (self);
    self->is_waiting = FALSE;
    return FALSE;
  }
  request = format_piece (self, piece);
  fetch = _clove_bulk_fetch_new (&self->owner, piece, self->host, request);
  g_queue_push_tail_link (&self->fetches, &fetch->link);
  return TRUE;
}

/* The piece that @first carries, whose head was read. */
static void
take_over (CloveBulkDownload *self, const CloveBulkFirst *first)
{
  gsize size = (gsize) (first->content->last - first->content->first + 1);
  CloveBulkPiece *piece = clove_bulk_plan_take (self->plan, size, now_us (self));

  self->first_fetch = _clove_bulk_fetch_new_begun (&self->owner, piece, first);
  g_queue_push_tail_link (&self->fetches, &self->first_fetch->link);
}

/**
 * _clove_bulk_download_new:
 * @shared: what downloads have in common
 * @host: the site; outlives the download
 * @request: what the browser wants; outlives the download
 * @first: the first piece; its exchange is taken over (transfer full)
 * @on_news: called when bytes came and when it ended; never from inside a call but
 *   _clove_bulk_download_read_first(), and may free the download
 * @user_data: for @on_news
 *
 * Returns: (transfer full): a download that has read and asked for nothing yet
 */
CloveBulkDownload *
_clove_bulk_download_new (CloveBulkShared *shared,
                          const char *host,
                          const CloveBulkRequest *request,
                          const CloveBulkFirst *first,
                          CloveBulkDownloadFunc on_news,
                          gpointer user_data)
{
  CloveBulkDownload *self = g_new0 (CloveBulkDownload, 1);

  self->shared = _clove_bulk_shared_ref (shared);
  self->host = host;
  self->request = request;
  self->on_news = on_news;
  self->user_data = user_data;
  self->plan =
    clove_bulk_plan_new (clove_bulk_request_get_range (request)->first,
                         clove_bulk_end_of (request, first->content->total), CLOVE_BULK_MAX_HELD);
  self->source = clove_bulk_source_new (first->response, first->content);
  self->owner = (CloveBulkFetchOwner){
    .shared = shared,
    .plan = self->plan,
    .source = self->source,
    .timing = &self->timing,
    .on_bytes = on_fetch_bytes,
    .on_ended = on_fetch_ended,
    .user_data = self,
  };
  self->waiting.data = self;
  g_queue_init (&self->fetches);
  clove_timer_init (&self->retry, shared->clock, on_retry, self);
  clove_timer_init (&self->progress, shared->clock, on_no_progress, self);
  self->progress_us = now_us (self);
  clove_timer_start_coarse (&self->progress, PROGRESS_TIMEOUT_US);
  take_over (self, first);
  return self;
}

/** _clove_bulk_download_skip_head: Drop what is left of the first piece's head. */
void
_clove_bulk_download_skip_head (CloveBulkDownload *self, gsize size)
{
  clove_exchange_consume (self->first_fetch->exchange, size);
}

/** _clove_bulk_download_read_first: Take what came of the first piece, and ask for others. */
void
_clove_bulk_download_read_first (CloveBulkDownload *self)
{
  want_more (self);
  _clove_bulk_shared_pump (self->shared);
  if (self->first_fetch != NULL)
    _clove_bulk_fetch_read (self->first_fetch);
}

/** _clove_bulk_download_peek: Look at the next bytes, as clove_exchange_peek() does. */
const guint8 *
_clove_bulk_download_peek (CloveBulkDownload *self, gsize *size_out)
{
  return clove_bulk_plan_peek (self->plan, size_out);
}

/** _clove_bulk_download_consume: Take @size bytes, which makes room for others. */
void
_clove_bulk_download_consume (CloveBulkDownload *self, gsize size)
{
  clove_bulk_plan_consume (self->plan, size);
  self->progress_us = now_us (self);
  want_more (self);
  _clove_bulk_shared_pump (self->shared);
}

/** _clove_bulk_download_is_complete: Tell whether every byte came, read or not. */
gboolean
_clove_bulk_download_is_complete (CloveBulkDownload *self)
{
  return clove_bulk_plan_is_complete (self->plan);
}

/** _clove_bulk_download_get_error: (transfer none) (nullable): Get why it failed. */
const GError *
_clove_bulk_download_get_error (CloveBulkDownload *self)
{
  return self->error;
}

/** _clove_bulk_download_has_changed: Tell whether it failed since its pieces do not fit. */
gboolean
_clove_bulk_download_has_changed (CloveBulkDownload *self)
{
  return self->has_changed;
}
