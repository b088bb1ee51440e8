/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One reply that may come in pieces. The first piece is asked for as any request is, when its turn
 * has come, with all that is done to get it through, and most replies are no larger. If there is
 * more and the site can answer for parts of one representation, the rest follows as the window
 * allows; in every other case the reply is handed on as it is, or the request repeated as the
 * browser sent it.
 */
#include "config.h"

#include "clove-bulk-private.h"

/* How often a reply begins anew whose pieces did not fit together, as long as nothing was shown. */
#define MAX_RESTARTS 2

/* How often the first piece is asked for again, in smaller and smaller parts, and for how long. */
#define MAX_FIRST_LOST 8
#define PATIENCE_US    (30 * G_TIME_SPAN_SECOND)

typedef enum {
  MODE_FIRST,  /* waits for its turn, or for the head of the first piece */
  MODE_AS_IS,  /* hands on what comes */
  MODE_PIECES, /* puts a reply together */
} Mode;

struct _CloveBulkExchange {
  CloveExchange parent_instance;

  /* Set at construction. */
  char *host;
  GBytes *original;
  CloveBulkRequest *request; /* NULL: can only be asked for as a whole */

  /* Owned. */
  CloveBulkShared *shared;
  CloveExchange *exchange;     /* of the first piece or of the whole; NULL among pieces */
  CloveBulkDownload *download; /* among pieces, else NULL */
  CloveBuffer head;            /* of the reply, as far as it was not read */
  CloveBulkClaim claim;        /* to be let go, until the reply has come or goes on in pieces */
  GError *error;

  Mode mode;
  CloveHttpRange asked; /* in the first piece */
  gint64 reply_size;    /* of pieces together */
  gboolean is_shown;
  guint n_restarts;
  guint n_first_lost;
  gint64 began_us;

  CloveExchangeFunc on_progress;
  gpointer user_data;
};

G_DEFINE_FINAL_TYPE (CloveBulkExchange, clove_bulk_exchange, CLOVE_TYPE_EXCHANGE)

static void ask (CloveBulkExchange *self);
static void on_first_progress (CloveExchange *exchange, gpointer user_data);
static gboolean lose_first (CloveBulkExchange *self, const GError *error);

/* Others may have waited for what this one does not need any more. */
static void
make_room (CloveBulkExchange *self)
{
  clove_bulk_claim_drop (&self->claim);
  if (self->shared->waiting.head != NULL)
    clove_bulk_gate_tell_room (&self->shared->gate);
}

/* Gives up all that is under way, and forgets what came. */
static void
drop_reply (CloveBulkExchange *self)
{
  make_room (self);
  if (self->exchange != NULL)
    clove_exchange_cancel (self->exchange);
  g_clear_object (&self->exchange);
  g_clear_pointer (&self->download, _clove_bulk_download_free);
  clove_buffer_clear (&self->head);
}

static void
tell (CloveBulkExchange *self)
{
  if (self->on_progress != NULL)
    self->on_progress (CLOVE_EXCHANGE (self), self->user_data);
}

/* What was shown cannot be taken back. */
static gboolean
can_begin_anew (CloveBulkExchange *self)
{
  return !self->is_shown && self->n_restarts < MAX_RESTARTS;
}

static void
begin_anew (CloveBulkExchange *self)
{
  self->n_restarts++;
  drop_reply (self);
  ask (self);
}

static void
on_news (gpointer user_data)
{
  g_autoptr (CloveBulkExchange) self = g_object_ref (user_data);

  /* Only a first piece that cannot be continued fails so. */
  if (lose_first (self, _clove_bulk_download_get_error (self->download)))
    return;
  if (_clove_bulk_download_has_changed (self->download)) {
    if (can_begin_anew (self)) {
      begin_anew (self);
      return;
    }
    clove_bulk_hosts_note_wholes_only (self->shared->hosts, self->host);
  }
  tell (self);
}

static void
begin_pieces (CloveBulkExchange *self,
              CloveHttpResponse *response,
              const CloveHttpContentRange *content,
              gsize n_head)
{
  gint64 first = clove_bulk_request_get_range (self->request)->first;
  gint64 end = clove_bulk_end_of (self->request, content->total);
  const CloveBulkFirst piece = {
    .exchange = g_steal_pointer (&self->exchange),
    .counted = clove_bulk_claim_hand_over (&self->claim),
    .response = response,
    .content = content,
  };

  g_auto (CloveBuffer) head = { 0 };

  self->mode = MODE_PIECES;
  self->download = _clove_bulk_download_new (self->shared, self->host, self->request, &piece,
                                             on_news, self);
  clove_bulk_format_head (self->request, response, content->total, &head);
  self->reply_size = (gint64) clove_buffer_get_size (&head) + end - first;
  /* What @response borrows is let go only now. */
  clove_buffer_clear (&self->head);
  self->head = head;
  head = (CloveBuffer){ 0 };
  _clove_bulk_download_skip_head (self->download, n_head);
}

static void
ask_plainly (CloveBulkExchange *self)
{
  drop_reply (self);
  g_clear_pointer (&self->request, clove_bulk_request_free);
  ask (self);
}

/* Acts on the head of the first reply, which begins in what was kept and ends in what can be read.
 * @n_head: how many bytes of the latter are of the head; @size: how many there are */
static void
follow_first (CloveBulkExchange *self, CloveHttpResponse *response, gsize n_head, gsize size)
{
  CloveHttpContentRange content = { 0 };

  switch (clove_bulk_judge (self->request, &self->asked, response,
                            clove_exchange_get_reply_size (self->exchange), &content)) {
    case CLOVE_BULK_PIECES:
      begin_pieces (self, response, &content, n_head);
      break;
    case CLOVE_BULK_CANNOT:
      clove_bulk_hosts_note_wholes_only (self->shared->hosts, self->host);
      ask_plainly (self);
      break;
    case CLOVE_BULK_ASK_PLAINLY:
      ask_plainly (self);
      break;
    case CLOVE_BULK_AS_IS:
    default:
      self->mode = MODE_AS_IS;
      /* What was kept is shown before what is left, so it must not hold the same bytes. */
      if (clove_buffer_get_size (&self->head) > 0)
        clove_exchange_consume (self->exchange, size);
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
  const guint8 *data = clove_exchange_peek (self->exchange, &size);
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
  clove_exchange_consume (self->exchange, size);
  if (result == CLOVE_HTTP_FAILED)
    self->mode = MODE_AS_IS;
  return result == CLOVE_HTTP_NEED_MORE;
}

/* The first piece broke off, or could not be got through at all. */
static gboolean
is_worth_another (CloveBulkExchange *self, const GError *error)
{
  gint64 age_us = clove_clock_now_us (self->shared->clock) - self->began_us;

  return self->shared->repeats && !self->is_shown && self->n_first_lost < MAX_FIRST_LOST &&
         age_us < PATIENCE_US &&
         g_error_matches (error, CLOVE_BACKEND_ERROR, CLOVE_BACKEND_ERROR_CIRCUIT);
}

/* Returns: whether it is asked for again */
static gboolean
lose_first (CloveBulkExchange *self, const GError *error)
{
  if (!is_worth_another (self, error))
    return FALSE;
  self->n_first_lost++;
  clove_bulk_claim_lose (&self->claim);
  drop_reply (self);
  ask (self);
  return TRUE;
}

/* Counts the reply to what was asked first as what it is, until it has come. */
static void
follow_claim (CloveBulkExchange *self)
{
  gint64 size = clove_exchange_get_reply_size (self->exchange);
  const GError *error = NULL;
  gboolean has_ended = clove_exchange_has_ended (self->exchange, &error);

  if (!clove_bulk_claim_is_answered (&self->claim) && size >= 0)
    clove_bulk_claim_answer (&self->claim, (gsize) size);
  if (self->mode == MODE_FIRST || !has_ended)
    return;
  if (error == NULL)
    clove_bulk_claim_arrive (&self->claim);
  else if (clove_bulk_claim_is_answered (&self->claim) &&
           g_error_matches (error, CLOVE_BACKEND_ERROR, CLOVE_BACKEND_ERROR_CIRCUIT))
    clove_bulk_claim_lose (&self->claim);
  make_room (self);
}

static void
on_first_progress (CloveExchange *exchange, gpointer user_data)
{
  g_autoptr (CloveBulkExchange) self = g_object_ref (user_data);
  g_autoptr (CloveExchange) guard = g_object_ref (exchange);
  const GError *error = NULL;

  if (self->exchange != NULL)
    follow_claim (self);
  if (self->mode == MODE_FIRST) {
    while (read_first (self))
      ;
    if (self->mode != MODE_PIECES && exchange == self->exchange &&
        clove_exchange_has_ended (exchange, &error) && !lose_first (self, error))
      self->mode = MODE_AS_IS;
    if (self->mode == MODE_AS_IS)
      follow_claim (self);
  }
  if (self->mode == MODE_PIECES)
    _clove_bulk_download_read_first (self->download);
  else if (self->mode == MODE_AS_IS)
    tell (self);
}

static void
send_as_is (CloveBulkExchange *self)
{
  self->mode = MODE_AS_IS;
  self->exchange = clove_backend_send (self->shared->inner, self->host, self->original,
                                       on_first_progress, self);
}

/* Asks for the first piece, beyond which nothing is known. */
static void
send_first (CloveBulkExchange *self)
{
  const CloveHttpRange *range = clove_bulk_request_get_range (self->request);
  gint64 size = (gint64) clove_bulk_claim_choose_first_size (&self->claim);
  g_autoptr (GBytes) request = NULL;

  self->asked = (CloveHttpRange){ range->first, range->first + size - 1 };
  if (range->last >= 0)
    self->asked.last = MIN (self->asked.last, range->last);
  request = clove_bulk_request_format_first (self->request, &self->asked);
  self->exchange =
    clove_backend_send_first_piece (self->shared->inner, self->host, request,
                                    on_first_progress, self);
}

static void
on_granted (gpointer user_data)
{
  CloveBulkExchange *self = user_data;

  if (self->began_us == 0)
    self->began_us = clove_clock_now_us (self->shared->clock);
  if (self->request != NULL)
    send_first (self);
  else
    send_as_is (self);
}

static gboolean
is_head_request (GBytes *request)
{
  gsize size = 0;
  const char *text = g_bytes_get_data (request, &size);

  return size >= 5 && memcmp (text, "HEAD ", 5) == 0;
}

/* Sends the request now, or when it is its turn. */
static void
ask (CloveBulkExchange *self)
{
  self->mode = MODE_FIRST;
  if (clove_bulk_claim_take (&self->claim, self->host, g_bytes_get_size (self->original),
                             !is_head_request (self->original)))
    on_granted (self);
}

/* A page that tells why is better than a torn one. */
static gboolean
is_torn (CloveBulkExchange *self)
{
  const GError *error = NULL;

  return self->mode == MODE_AS_IS && self->request != NULL && !self->is_shown &&
         self->exchange != NULL && clove_exchange_has_ended (self->exchange, &error) &&
         error != NULL;
}

static const guint8 *
clove_bulk_exchange_peek (CloveExchange *exchange, gsize *size_out)
{
  CloveBulkExchange *self = CLOVE_BULK_EXCHANGE (exchange);
  const guint8 *data = NULL;

  *size_out = 0;
  if (self->mode == MODE_FIRST || is_torn (self))
    return NULL;
  *size_out = clove_buffer_get_size (&self->head);
  if (*size_out > 0)
    data = clove_buffer_get_data (&self->head);
  else if (self->exchange != NULL)
    data = clove_exchange_peek (self->exchange, size_out);
  else if (self->download != NULL)
    data = _clove_bulk_download_peek (self->download, size_out);
  self->is_shown |= *size_out > 0;
  return data;
}

static void
clove_bulk_exchange_consume (CloveExchange *exchange, gsize size)
{
  CloveBulkExchange *self = CLOVE_BULK_EXCHANGE (exchange);

  if (clove_buffer_get_size (&self->head) > 0)
    clove_buffer_consume (&self->head, size);
  else if (self->exchange != NULL)
    clove_exchange_consume (self->exchange, size);
  else if (self->download != NULL)
    _clove_bulk_download_consume (self->download, size);
}

static gint64
clove_bulk_exchange_get_reply_size (CloveExchange *exchange)
{
  CloveBulkExchange *self = CLOVE_BULK_EXCHANGE (exchange);

  switch (self->mode) {
    case MODE_PIECES:
      return self->reply_size;
    case MODE_AS_IS:
      return self->exchange != NULL ? clove_exchange_get_reply_size (self->exchange) : -1;
    case MODE_FIRST:
    default:
      return -1;
  }
}

static gboolean
clove_bulk_exchange_has_ended (CloveExchange *exchange, const GError **error_out)
{
  CloveBulkExchange *self = CLOVE_BULK_EXCHANGE (exchange);

  const GError *error = self->error;

  if (error == NULL && self->download != NULL)
    error = _clove_bulk_download_get_error (self->download);
  if (error_out != NULL)
    *error_out = error;
  if (error != NULL || self->mode == MODE_FIRST)
    return error != NULL;
  if (self->mode == MODE_PIECES)
    return self->download == NULL || _clove_bulk_download_is_complete (self->download);
  return self->exchange == NULL || clove_exchange_has_ended (self->exchange, error_out);
}

static void
clove_bulk_exchange_cancel (CloveExchange *exchange)
{
  CloveBulkExchange *self = CLOVE_BULK_EXCHANGE (exchange);

  self->on_progress = NULL;
  if (self->error == NULL && !clove_bulk_exchange_has_ended (exchange, NULL))
    self->error = g_error_new_literal (CLOVE_BACKEND_ERROR, CLOVE_BACKEND_ERROR_CANCELLED,
                                       "request was cancelled");
  drop_reply (self);
  _clove_bulk_shared_pump (self->shared);
}

static void
clove_bulk_exchange_dispose (GObject *object)
{
  CloveBulkExchange *self = CLOVE_BULK_EXCHANGE (object);

  self->on_progress = NULL;
  if (self->shared != NULL)
    drop_reply (self);
  g_clear_error (&self->error);
  g_clear_pointer (&self->request, clove_bulk_request_free);
  g_clear_pointer (&self->original, g_bytes_unref);
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
}

/* Whether @request still fits when it says which piece it is for. */
static gboolean
has_room_for_range (CloveBulkShared *shared, GBytes *request)
{
  return g_bytes_get_size (request) + CLOVE_BULK_MAX_ADDED_SIZE <=
         clove_backend_get_max_request_size (shared->inner);
}

/**
 * _clove_bulk_exchange_new:
 * @shared: what downloads have in common
 * @host: the site
 * @request: what is asked
 * @on_progress: as of clove_backend_send()
 * @user_data: for @on_progress
 *
 * Returns: (transfer full): an exchange that was sent, or will be when it is its turn
 */
CloveExchange *
_clove_bulk_exchange_new (CloveBulkShared *shared,
                          const char *host,
                          GBytes *request,
                          CloveExchangeFunc on_progress,
                          gpointer user_data)
{
  CloveBulkExchange *self = g_object_new (CLOVE_TYPE_BULK_EXCHANGE, NULL);

  self->shared = _clove_bulk_shared_ref (shared);
  self->host = g_strdup (host);
  self->original = g_bytes_ref (request);
  if (has_room_for_range (shared, request) &&
      !clove_bulk_hosts_has_wholes_only (shared->hosts, host))
    self->request = clove_bulk_request_new (request);
  self->on_progress = on_progress;
  self->user_data = user_data;
  clove_bulk_claim_init (&self->claim, &shared->gate, on_granted, self);
  ask (self);
  return CLOVE_EXCHANGE (self);
}
