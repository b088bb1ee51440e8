/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One reply that may come in pieces. The first piece is asked for as any request is, with all that
 * is done to get it through, and most replies are no larger. If there is more and the site can
 * answer for parts of one representation, the rest follows as the window allows; in every other
 * case the reply is handed on as it is, or the request repeated as the browser sent it.
 */
#include "config.h"

#include "clove-bulk-private.h"

/* A download that gets no byte for so long is given up. */
#define PROGRESS_TIMEOUT_US (60 * G_TIME_SPAN_SECOND)

/* A piece that the site refuses is asked for again after a while, for so many times. */
#define REFUSED_AGAIN_US (250 * G_TIME_SPAN_MILLISECOND)
#define MAX_REFUSALS     6

/* How often a download begins anew whose pieces did not fit together, or whose first piece was
 * lost, as long as nothing was shown. */
#define MAX_RESTARTS 2

typedef enum {
  MODE_FIRST,  /* waits for the head of the first piece */
  MODE_AS_IS,  /* hands on what comes */
  MODE_PIECES, /* puts a reply together */
} Mode;

struct _CloveBulkExchange {
  CloveExchange parent_instance;

  /* Set at construction. */
  char *host;
  CloveBulkRequest *request;

  /* Owned. */
  CloveBulkShared *shared;
  CloveExchange *first; /* until its piece has come, or to the end if it is handed on as it is */
  CloveBuffer head;     /* of the reply, as far as it was not read */
  GError *error;
  CloveTimer retry;    /* a lost piece may be asked for again */
  CloveTimer progress; /* no byte came for long */

  /* The pieces. */
  CloveBulkPlan *plan;
  CloveBulkSource *source;
  CloveBulkTiming timing;
  CloveBulkFetchOwner owner;
  GQueue fetches;              /* of CloveBulkFetch, by their links */
  CloveBulkFetch *first_fetch; /* the one that took @first over; NULL later */
  gint64 reply_size;
  gint64 progress_us; /* when the last byte came or was taken */

  Mode mode;
  CloveHttpRange asked; /* in the first piece */
  gboolean is_first_counted;
  gboolean is_shown;
  guint n_restarts;
  guint n_refusals; /* in a row */
  GList waiting;    /* for room in the window */
  gboolean is_waiting;

  CloveExchangeFunc on_progress;
  gpointer user_data;
};

G_DEFINE_FINAL_TYPE (CloveBulkExchange, clove_bulk_exchange, CLOVE_TYPE_EXCHANGE)

static void ask_first (CloveBulkExchange *self);

static gint64
now_us (CloveBulkExchange *self)
{
  return clove_clock_now_us (self->shared->clock);
}

static void
uncount_first (CloveBulkExchange *self)
{
  if (self->is_first_counted)
    clove_bulk_window_end_first (&self->shared->window);
  self->is_first_counted = FALSE;
}

static void
stop_waiting (CloveBulkExchange *self)
{
  if (self->is_waiting)
    g_queue_unlink (&self->shared->waiting, &self->waiting);
  self->is_waiting = FALSE;
}

static void
drop_fetch (CloveBulkExchange *self, CloveBulkFetch *fetch)
{
  if (fetch == self->first_fetch)
    self->first_fetch = NULL;
  g_queue_unlink (&self->fetches, &fetch->link);
  _clove_bulk_fetch_free (fetch);
}

/* Gives up all that is under way. What came stays readable. */
static void
drop_requests (CloveBulkExchange *self)
{
  clove_timer_stop (&self->retry);
  clove_timer_stop (&self->progress);
  stop_waiting (self);
  uncount_first (self);
  while (self->fetches.head != NULL)
    drop_fetch (self, self->fetches.head->data);
  if (self->first != NULL)
    clove_exchange_cancel (self->first);
  g_clear_object (&self->first);
}

static void
tell (CloveBulkExchange *self)
{
  if (self->on_progress != NULL)
    self->on_progress (CLOVE_EXCHANGE (self), self->user_data);
}

static void
fail (CloveBulkExchange *self, CloveBackendError code, const char *message)
{
  drop_requests (self);
  if (self->error == NULL)
    self->error = g_error_new_literal (CLOVE_BACKEND_ERROR, (gint) code, message);
}

static void
forget_pieces (CloveBulkExchange *self)
{
  g_clear_pointer (&self->plan, clove_bulk_plan_free);
  g_clear_pointer (&self->source, clove_bulk_source_free);
  clove_buffer_clear (&self->head);
}

/* Asks for pieces as soon as there is room. */
static void
want_more (CloveBulkExchange *self)
{
  if (!self->is_waiting)
    g_queue_push_tail_link (&self->shared->waiting, &self->waiting);
  self->is_waiting = TRUE;
}

static void
on_retry (gpointer user_data)
{
  CloveBulkExchange *self = user_data;

  want_more (self);
  _clove_bulk_shared_pump (self->shared);
}

static void
on_no_progress (gpointer user_data)
{
  g_autoptr (CloveBulkExchange) self = g_object_ref (user_data);
  gint64 silence_us = now_us (self) - self->progress_us;
  gboolean waits_for_reader =
    g_queue_is_empty (&self->fetches) && clove_bulk_plan_get_next_us (self->plan) < 0;

  if (waits_for_reader || silence_us < PROGRESS_TIMEOUT_US) {
    clove_timer_start_coarse (&self->progress,
                              waits_for_reader ? PROGRESS_TIMEOUT_US
                                               : PROGRESS_TIMEOUT_US - silence_us);
    return;
  }
  fail (self, CLOVE_BACKEND_ERROR_TIMEOUT, "no piece of the reply came for long");
  tell (self);
}

/* The pieces do not fit together. What was shown cannot be taken back. */
static void
on_changed (CloveBulkExchange *self)
{
  if (self->is_shown || self->n_restarts == MAX_RESTARTS) {
    clove_bulk_hosts_add (self->shared->hosts, self->host);
    fail (self, CLOVE_BACKEND_ERROR_SITE, "the resource changed while it was fetched");
    return;
  }
  self->n_restarts++;
  drop_requests (self);
  forget_pieces (self);
  ask_first (self);
}

static gint64
when_again_us (CloveBulkExchange *self, CloveBulkOutcome outcome)
{
  if (outcome != CLOVE_BULK_REFUSED)
    return now_us (self);
  return now_us (self) + (REFUSED_AGAIN_US << MIN (self->n_refusals, MAX_REFUSALS));
}

static void
note_arrival (CloveBulkExchange *self, const CloveBulkFetch *fetch)
{
  self->n_refusals = 0;
  /* The first was perhaps repeated, and says little of how long a piece takes. */
  if (fetch != self->first_fetch)
    clove_bulk_timing_note (&self->timing, now_us (self) - fetch->sent_us);
  for (GList *link = self->fetches.head; link != NULL; link = link->next) {
    CloveBulkFetch *other = link->data;

    if (other->sent_us < fetch->sent_us)
      _clove_bulk_fetch_hurry (other);
  }
}

static void
end_fetch (CloveBulkExchange *self, CloveBulkFetch *fetch, CloveBulkOutcome outcome)
{
  CloveBulkPiece *piece = fetch->piece;

  if (outcome == CLOVE_BULK_ARRIVED)
    note_arrival (self, fetch);
  if (fetch == self->first_fetch && outcome != CLOVE_BULK_ARRIVED &&
      clove_bulk_source_get_validator (self->source) == NULL) {
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
  g_autoptr (CloveBulkExchange) self = g_object_ref (user_data);
  g_autoptr (CloveBulkShared) shared = _clove_bulk_shared_ref (self->shared);

  if (outcome == CLOVE_BULK_ARRIVED)
    self->progress_us = now_us (self);
  if (outcome == CLOVE_BULK_CHANGED)
    on_changed (self);
  else if (outcome == CLOVE_BULK_REFUSED && ++self->n_refusals > MAX_REFUSALS)
    fail (self, CLOVE_BACKEND_ERROR_SITE, "the site answers no more");
  else
    end_fetch (self, fetch, outcome);
  if (self->error == NULL && self->mode == MODE_PIECES)
    want_more (self);
  tell (self);
  _clove_bulk_shared_pump (shared);
}

static void
on_fetch_bytes (CloveBulkFetch *fetch, gpointer user_data)
{
  g_autoptr (CloveBulkExchange) self = g_object_ref (user_data);

  self->progress_us = now_us (self);
  tell (self);
}

static void
begin_pieces (CloveBulkExchange *self,
              CloveHttpResponse *response,
              const CloveHttpContentRange *content)
{
  gint64 first = clove_bulk_request_get_range (self->request)->first;
  gint64 end = clove_bulk_end_of (self->request, content->total);
  CloveBulkPiece *piece = NULL;
  CloveHttpBody body = { 0 };

  clove_bulk_begin_body (&body, response, content);
  self->mode = MODE_PIECES;
  self->plan = clove_bulk_plan_new (first, end, CLOVE_BULK_MAX_HELD);
  self->source = clove_bulk_source_new (response, content);
  clove_buffer_clear (&self->head);
  clove_bulk_format_head (self->request, response, content->total, &self->head);
  self->reply_size = (gint64) clove_buffer_get_size (&self->head) + end - first;
  self->owner.plan = self->plan;
  self->owner.source = self->source;
  piece = clove_bulk_plan_take (self->plan, (gsize) (content->last - content->first + 1),
                                now_us (self));
  self->first_fetch = _clove_bulk_fetch_new_begun (&self->owner, piece,
                                                   g_steal_pointer (&self->first), &body);
  g_queue_push_tail_link (&self->fetches, &self->first_fetch->link);
  self->progress_us = now_us (self);
  clove_timer_start_coarse (&self->progress, PROGRESS_TIMEOUT_US);
}

static void
on_first_progress (CloveExchange *exchange, gpointer user_data);

static void
send_as_is (CloveBulkExchange *self)
{
  drop_requests (self);
  clove_buffer_clear (&self->head);
  self->mode = MODE_AS_IS;
  self->first =
    clove_backend_send (self->shared->inner, self->host,
                        clove_bulk_request_get_original (self->request), on_first_progress, self);
}

/* Acts on the head of the first reply, which begins in what was kept and ends in what can be read.
 * @n_head: how many bytes of the latter are of the head; @size: how many there are */
static void
follow_first (CloveBulkExchange *self, CloveHttpResponse *response, gsize n_head, gsize size)
{
  CloveHttpContentRange content = { 0 };

  uncount_first (self);
  switch (clove_bulk_judge (self->request, &self->asked, response,
                            clove_exchange_get_reply_size (self->first), &content)) {
    case CLOVE_BULK_PIECES:
      clove_exchange_consume (self->first, n_head);
      begin_pieces (self, response, &content);
      break;
    case CLOVE_BULK_CANNOT:
      clove_bulk_hosts_add (self->shared->hosts, self->host);
      send_as_is (self);
      break;
    case CLOVE_BULK_ASK_PLAINLY:
      send_as_is (self);
      break;
    case CLOVE_BULK_AS_IS:
    default:
      self->mode = MODE_AS_IS;
      /* What was kept is shown before what is left, so it must not hold the same bytes. */
      if (clove_buffer_get_size (&self->head) > 0)
        clove_exchange_consume (self->first, size);
      break;
  }
}

/* Returns: whether there may be more to read */
static gboolean
read_first (CloveBulkExchange *self)
{
  CloveHttpResponse response = { 0 };
  gsize n_before = clove_buffer_get_size (&self->head);
  gsize size = 0;
  const guint8 *data = clove_exchange_peek (self->first, &size);
  CloveHttpResult result = CLOVE_HTTP_FAILED;

  if (size == 0)
    return FALSE;
  if (n_before > 0) {
    clove_buffer_append (&self->head, data, size);
    data = clove_buffer_get_data (&self->head);
  }
  result = clove_http_response_parse (&response, FALSE, data, n_before + size, NULL);
  if (result == CLOVE_HTTP_DONE) {
    follow_first (self, &response, response.head_size - n_before, size);
    return FALSE;
  }
  if (n_before == 0)
    clove_buffer_append (&self->head, data, size);
  clove_exchange_consume (self->first, size);
  if (result == CLOVE_HTTP_FAILED)
    self->mode = MODE_AS_IS;
  return result == CLOVE_HTTP_NEED_MORE;
}

/* A first piece that is lost again and again may be too large. */
static gboolean
is_worth_a_smaller (CloveBulkExchange *self, const GError *error)
{
  return self->shared->repeats &&
         g_error_matches (error, CLOVE_BACKEND_ERROR, CLOVE_BACKEND_ERROR_CIRCUIT) &&
         self->n_restarts < MAX_RESTARTS &&
         self->asked.last - self->asked.first >= CLOVE_BULK_MIN_PIECE;
}

static void
end_first (CloveBulkExchange *self, const GError *error)
{
  gint64 now = now_us (self);

  if (!is_worth_a_smaller (self, error)) {
    uncount_first (self);
    self->mode = MODE_AS_IS;
    return;
  }
  self->n_restarts++;
  clove_bulk_window_note_lost (&self->shared->window, 0, now, now);
  drop_requests (self);
  clove_buffer_clear (&self->head);
  ask_first (self);
}

static void
on_first_progress (CloveExchange *exchange, gpointer user_data)
{
  g_autoptr (CloveBulkExchange) self = g_object_ref (user_data);
  g_autoptr (CloveExchange) guard = g_object_ref (exchange);
  g_autoptr (CloveBulkShared) shared = _clove_bulk_shared_ref (self->shared);
  const GError *error = NULL;

  if (self->mode == MODE_FIRST) {
    while (read_first (self))
      ;
    if (self->mode == MODE_FIRST && exchange == self->first &&
        clove_exchange_has_ended (exchange, &error))
      end_first (self, error);
  }
  if (self->mode == MODE_PIECES) {
    if (self->first_fetch != NULL)
      _clove_bulk_fetch_read (self->first_fetch);
    if (self->error == NULL)
      want_more (self);
    _clove_bulk_shared_pump (shared);
  } else if (self->mode == MODE_AS_IS) {
    tell (self);
  }
}

/* Asks for the first piece, beyond which nothing is known. */
static void
ask_first (CloveBulkExchange *self)
{
  const CloveHttpRange *range = clove_bulk_request_get_range (self->request);
  gint64 size = (gint64) clove_bulk_window_begin_first (&self->shared->window);
  g_autoptr (GBytes) request = NULL;

  self->is_first_counted = TRUE;
  self->mode = MODE_FIRST;
  self->asked = (CloveHttpRange){ range->first, range->first + size - 1 };
  if (range->last >= 0)
    self->asked.last = MIN (self->asked.last, range->last);
  request = clove_bulk_request_format_first (self->request, &self->asked);
  self->first =
    clove_backend_send (self->shared->inner, self->host, request, on_first_progress, self);
}

static GBytes *
format_piece (CloveBulkExchange *self, const CloveBulkPiece *piece)
{
  CloveHttpRange range = { piece->first, piece->first + (gint64) piece->size - 1 };

  return clove_bulk_request_format_piece (self->request, &range,
                                          clove_bulk_source_get_validator (self->source));
}

static void
wait_to_retry (CloveBulkExchange *self)
{
  gint64 next_us = clove_bulk_plan_get_next_us (self->plan);

  if (next_us >= 0)
    clove_timer_start (&self->retry, MAX (next_us - now_us (self), 0));
}

/** _clove_bulk_exchange_ask: Ask for one more piece; %FALSE when nothing more is wanted now. */
gboolean
_clove_bulk_exchange_ask (CloveBulkExchange *self)
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

static const guint8 *
clove_bulk_exchange_peek (CloveExchange *exchange, gsize *size_out)
{
  CloveBulkExchange *self = CLOVE_BULK_EXCHANGE (exchange);
  const guint8 *data = NULL;

  *size_out = 0;
  if (self->mode == MODE_FIRST)
    return NULL;
  *size_out = clove_buffer_get_size (&self->head);
  if (*size_out > 0)
    data = clove_buffer_get_data (&self->head);
  else if (self->mode == MODE_AS_IS && self->first != NULL)
    data = clove_exchange_peek (self->first, size_out);
  else if (self->mode == MODE_PIECES)
    data = clove_bulk_plan_peek (self->plan, size_out);
  self->is_shown |= *size_out > 0;
  return data;
}

static void
clove_bulk_exchange_consume (CloveExchange *exchange, gsize size)
{
  CloveBulkExchange *self = CLOVE_BULK_EXCHANGE (exchange);

  if (clove_buffer_get_size (&self->head) > 0) {
    clove_buffer_consume (&self->head, size);
  } else if (self->mode == MODE_AS_IS && self->first != NULL) {
    clove_exchange_consume (self->first, size);
  } else if (self->mode == MODE_PIECES) {
    clove_bulk_plan_consume (self->plan, size);
    if (self->error != NULL)
      return;
    self->progress_us = now_us (self);
    want_more (self);
    _clove_bulk_shared_pump (self->shared);
  }
}

static gint64
clove_bulk_exchange_get_reply_size (CloveExchange *exchange)
{
  CloveBulkExchange *self = CLOVE_BULK_EXCHANGE (exchange);

  switch (self->mode) {
    case MODE_PIECES:
      return self->reply_size;
    case MODE_AS_IS:
      return self->first != NULL ? clove_exchange_get_reply_size (self->first) : -1;
    case MODE_FIRST:
    default:
      return -1;
  }
}

static gboolean
clove_bulk_exchange_has_ended (CloveExchange *exchange, const GError **error_out)
{
  CloveBulkExchange *self = CLOVE_BULK_EXCHANGE (exchange);

  if (error_out != NULL)
    *error_out = self->error;
  if (self->error != NULL)
    return TRUE;
  switch (self->mode) {
    case MODE_PIECES:
      return clove_bulk_plan_is_complete (self->plan);
    case MODE_AS_IS:
      return self->first == NULL || clove_exchange_has_ended (self->first, error_out);
    case MODE_FIRST:
    default:
      return FALSE;
  }
}

static void
clove_bulk_exchange_cancel (CloveExchange *exchange)
{
  CloveBulkExchange *self = CLOVE_BULK_EXCHANGE (exchange);
  g_autoptr (CloveBulkShared) shared = _clove_bulk_shared_ref (self->shared);

  self->on_progress = NULL;
  if (!clove_bulk_exchange_has_ended (exchange, NULL))
    fail (self, CLOVE_BACKEND_ERROR_CANCELLED, "request was cancelled");
  drop_requests (self);
  _clove_bulk_shared_pump (shared);
}

static void
clove_bulk_exchange_dispose (GObject *object)
{
  CloveBulkExchange *self = CLOVE_BULK_EXCHANGE (object);

  self->on_progress = NULL;
  if (self->shared != NULL)
    drop_requests (self);
  forget_pieces (self);
  g_clear_error (&self->error);
  g_clear_pointer (&self->request, clove_bulk_request_free);
  g_clear_pointer (&self->host, g_free);
  g_clear_pointer (&self->shared, _clove_bulk_shared_unref);

  G_OBJECT_CLASS (clove_bulk_exchange_parent_class)->dispose (object);
}

static void
clove_bulk_exchange_class_init (CloveBulkExchangeClass *klass)
{
  CloveExchangeClass *exchange_class = CLOVE_EXCHANGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clove_bulk_exchange_dispose;
  exchange_class->peek = clove_bulk_exchange_peek;
  exchange_class->consume = clove_bulk_exchange_consume;
  exchange_class->get_reply_size = clove_bulk_exchange_get_reply_size;
  exchange_class->has_ended = clove_bulk_exchange_has_ended;
  exchange_class->cancel = clove_bulk_exchange_cancel;
}

static void
clove_bulk_exchange_init (CloveBulkExchange *self)
{
  self->waiting.data = self;
  g_queue_init (&self->fetches);
}

/**
 * _clove_bulk_exchange_new:
 * @shared: what downloads have in common
 * @host: the site
 * @request: (transfer full): what is asked
 * @on_progress: as of clove_backend_send()
 * @user_data: for @on_progress
 *
 * Returns: (transfer full): an exchange that was sent
 */
CloveExchange *
_clove_bulk_exchange_new (CloveBulkShared *shared,
                          const char *host,
                          CloveBulkRequest *request,
                          CloveExchangeFunc on_progress,
                          gpointer user_data)
{
  CloveBulkExchange *self = g_object_new (CLOVE_TYPE_BULK_EXCHANGE, NULL);

  self->shared = _clove_bulk_shared_ref (shared);
  self->host = g_strdup (host);
  self->request = request;
  self->on_progress = on_progress;
  self->user_data = user_data;
  self->owner = (CloveBulkFetchOwner){
    .shared = shared,
    .timing = &self->timing,
    .on_bytes = on_fetch_bytes,
    .on_ended = on_fetch_ended,
    .user_data = self,
  };
  clove_timer_init (&self->retry, shared->clock, on_retry, self);
  clove_timer_init (&self->progress, shared->clock, on_no_progress, self);
  ask_first (self);
  return CLOVE_EXCHANGE (self);
}
