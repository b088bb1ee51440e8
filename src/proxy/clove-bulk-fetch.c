/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asks for one piece and puts what comes into the plan. What it was counted for leaves the window
 * when it ends, however it ends.
 */
#include "config.h"

#include "clove-bulk-private.h"

typedef enum {
  HEAD_NEEDS_MORE,
  HEAD_GOOD,
  HEAD_REFUSES,
  HEAD_DIFFERS,
} HeadResult;

static CloveBulkWindow *
window_of (CloveBulkFetch *self)
{
  return &self->owner->shared->window;
}

/** _clove_bulk_fetch_free: Give the piece up, if it is still under way, and free. */
void
_clove_bulk_fetch_free (CloveBulkFetch *self)
{
  clove_timer_stop (&self->silence);
  if (self->exchange != NULL)
    clove_exchange_cancel (self->exchange);
  g_clear_object (&self->exchange);
  clove_bulk_window_note_dropped (window_of (self), self->counted);
  clove_buffer_clear (&self->head);
  g_free (self);
}

/* Keeps what came behind a gap, so that only what is missing is asked for again. Returns: how many
 * bytes that is. */
static gsize
keep_islands (CloveBulkFetch *self)
{
  CloveBulkPiece *piece = self->piece;
  gint64 behind = piece->first + (gint64) piece->size;
  gint64 position = piece->first + (gint64) piece->n_have;
  gint64 start = piece->first;
  gsize missing = piece->size - piece->n_have;

  while (self->body_offset > 0 && piece != NULL && position < behind) {
    gsize offset = 0;
    gsize size = 0;
    const guint8 *data = clove_exchange_peek_beyond (
      self->exchange, self->body_offset + (gsize) (position - start), &offset, &size);

    position = start + (gint64) (offset - MIN (offset, self->body_offset));
    if (data == NULL || position >= behind)
      return missing;
    size = MIN (size, (gsize) (behind - position));
    piece = clove_bulk_plan_keep (self->owner->plan, piece, position, data, size);
    position += (gint64) size;
    missing -= size;
  }
  return missing;
}

static void
end (CloveBulkFetch *self, CloveBulkOutcome outcome)
{
  CloveClock *clock = self->owner->shared->clock;
  gboolean is_alone = clove_bulk_gate_get_n_waiting (&self->owner->shared->gate) == 0;
  gsize counted = self->counted;

  self->counted = 0;
  clove_timer_stop (&self->silence);
  if (outcome == CLOVE_BULK_LOST) {
    clove_bulk_window_note_lost (window_of (self), counted, keep_islands (self), self->sent_us,
                                 clove_clock_now_us (clock));
  } else if (outcome == CLOVE_BULK_ARRIVED && (self->is_first || !is_alone))
    clove_bulk_window_note_first_arrived (window_of (self), counted);
  else if (outcome == CLOVE_BULK_ARRIVED)
    clove_bulk_window_note_arrived (window_of (self), counted);
  else
    clove_bulk_window_note_dropped (window_of (self), counted);
  self->owner->on_ended (self, outcome, self->owner->user_data);
}

static void
on_silence (gpointer user_data)
{
  end (user_data, CLOVE_BULK_LOST);
}

/* A site that is overloaded or an exit that cannot reach it now may do better soon. */
static gboolean
is_passing (guint status)
{
  return status >= 500 || status == 408 || status == 425 || status == 429;
}

static gsize
body_offset_of (const CloveHttpResponse *response)
{
  return response->framing != CLOVE_HTTP_FRAMING_CHUNKED ? response->head_size : 0;
}

static HeadResult
judge (CloveBulkFetch *self, const CloveHttpResponse *response)
{
  CloveHttpText value = { 0 };
  CloveHttpContentRange content = { 0 };
  gint64 reply_size = clove_exchange_get_reply_size (self->exchange);
  gint64 last = self->piece->first + (gint64) self->piece->size - 1;

  if (is_passing (response->status))
    return HEAD_REFUSES;
  if (response->status != 206 ||
      !clove_http_fields_find (&response->fields, "content-range", &value) ||
      !clove_http_content_range_parse (&content, value) ||
      content.first != self->piece->first || content.last > last ||
      !clove_bulk_source_matches (self->owner->source, response, &content) ||
      !clove_bulk_has_size (response, reply_size, &content))
    return HEAD_DIFFERS;
  clove_bulk_begin_body (&self->body, response, &content);
  self->body_offset = body_offset_of (response);
  return HEAD_GOOD;
}

/* Takes what belongs to the head, as it comes, and keeps it only if it comes in several parts. */
static HeadResult
read_head (CloveBulkFetch *self, const guint8 *data, gsize size)
{
  CloveHttpResponse response = { 0 };
  gsize n_before = clove_buffer_get_size (&self->head);
  CloveHttpResult result = CLOVE_HTTP_FAILED;
  HeadResult verdict = HEAD_DIFFERS;

  size = MIN (size, CLOVE_HTTP_MAX_HEAD_SIZE);
  if (n_before > 0) {
    clove_buffer_append (&self->head, data, size);
    data = clove_buffer_get_data (&self->head);
  }
  result = clove_http_response_parse (&response, FALSE, data, n_before + size, NULL);
  if (result == CLOVE_HTTP_FAILED)
    return HEAD_DIFFERS;
  if (result == CLOVE_HTTP_NEED_MORE) {
    if (n_before == 0)
      clove_buffer_append (&self->head, data, size);
    clove_exchange_consume (self->exchange, size);
    return HEAD_NEEDS_MORE;
  }
  self->has_head = TRUE;
  verdict = judge (self, &response);
  /* What @response borrows is let go only now. */
  clove_exchange_consume (self->exchange, response.head_size - n_before);
  return verdict;
}

/* Returns: whether the bytes can be of this piece */
static gboolean
read_body (CloveBulkFetch *self, const guint8 *data, gsize size)
{
  CloveHttpText part = { 0 };
  gsize consumed = 0;

  if (clove_http_body_feed (&self->body, data, size, &consumed, &part, NULL) ==
        CLOVE_HTTP_FAILED ||
      consumed == 0 || part.size > self->piece->size - self->piece->n_have)
    return FALSE;
  clove_bulk_plan_add (self->owner->plan, self->piece, (const guint8 *) part.data, part.size);
  clove_exchange_consume (self->exchange, consumed);
  return TRUE;
}

/* Takes all that is readable. Returns: what is wrong with it, or that nothing is. */
static HeadResult
read_all (CloveBulkFetch *self, gsize *n_read_out)
{
  HeadResult result = HEAD_GOOD;
  gsize size = 0;
  const guint8 *data = NULL;

  while ((data = clove_exchange_peek (self->exchange, &size)) != NULL && size > 0) {
    *n_read_out += size;
    if (!self->has_head)
      result = read_head (self, data, size);
    else if (!read_body (self, data, size))
      result = HEAD_DIFFERS;
    if (result == HEAD_REFUSES || result == HEAD_DIFFERS)
      return result;
  }
  return result;
}

static CloveBulkOutcome
outcome_of (const GError *error)
{
  return g_error_matches (error, CLOVE_BACKEND_ERROR, CLOVE_BACKEND_ERROR_CIRCUIT) ||
             g_error_matches (error, CLOVE_BACKEND_ERROR, CLOVE_BACKEND_ERROR_TIMEOUT) ||
             g_error_matches (error, CLOVE_BACKEND_ERROR, CLOVE_BACKEND_ERROR_OVERFLOW)
           ? CLOVE_BULK_LOST
           : CLOVE_BULK_REFUSED;
}

/** _clove_bulk_fetch_read: Take what came; the owner may have freed @self afterwards. */
void
_clove_bulk_fetch_read (CloveBulkFetch *self)
{
  const GError *error = NULL;
  gsize n_read = 0;
  gsize n_had = self->piece->n_have;
  HeadResult result = read_all (self, &n_read);

  if (result == HEAD_REFUSES)
    end (self, CLOVE_BULK_REFUSED);
  else if (result == HEAD_DIFFERS)
    end (self, CLOVE_BULK_CHANGED);
  else if (self->has_head && clove_http_body_is_done (&self->body))
    end (self, self->piece->n_have > 0 ? CLOVE_BULK_ARRIVED : CLOVE_BULK_CHANGED);
  else if (clove_exchange_has_ended (self->exchange, &error))
    end (self, error != NULL ? outcome_of (error) : CLOVE_BULK_LOST);
  else if (n_read > 0) {
    clove_timer_start (&self->silence, clove_bulk_timing_get_gap_us (self->owner->timing));
    /* Heads alone get nobody further: a site could send them for ever. */
    if (self->piece->n_have > n_had)
      self->owner->on_bytes (self, self->owner->user_data);
  }
}

static void
on_exchange_progress (CloveExchange *exchange, gpointer user_data)
{
  g_autoptr (CloveExchange) guard = g_object_ref (exchange);

  _clove_bulk_fetch_read (user_data);
}

static CloveBulkFetch *
new_fetch (const CloveBulkFetchOwner *owner, CloveBulkPiece *piece)
{
  CloveBulkFetch *self = g_new0 (CloveBulkFetch, 1);

  self->owner = owner;
  self->piece = piece;
  self->link.data = self;
  self->sent_us = clove_clock_now_us (owner->shared->clock);
  clove_timer_init (&self->silence, owner->shared->clock, on_silence, self);
  return self;
}

/**
 * _clove_bulk_fetch_new:
 * @owner: outlives the fetch
 * @piece: what to ask for; the fetch's until it ends
 * @host: the site
 * @request: asks for @piece
 *
 * Returns: (transfer full): the fetch, under way
 */
CloveBulkFetch *
_clove_bulk_fetch_new (const CloveBulkFetchOwner *owner,
                       CloveBulkPiece *piece,
                       const char *host,
                       GBytes *request)
{
  CloveBulkFetch *self = new_fetch (owner, piece);

  self->counted = piece->size;
  clove_bulk_window_note_piece_sent (&owner->shared->window, self->counted, self->sent_us);
  self->exchange =
    clove_backend_send_piece (owner->shared->inner, host, request, on_exchange_progress, self);
  clove_timer_start (&self->silence,
                     clove_bulk_timing_get_patience_us (owner->timing, piece->n_failures));
  return self;
}

/**
 * _clove_bulk_fetch_new_begun:
 * @owner: outlives the fetch
 * @piece: what comes; the fetch's until it ends
 * @first: how it comes; its exchange, whose head was read, is taken over (transfer full), and its
 *   progress goes to _clove_bulk_fetch_read()
 *
 * Returns: (transfer full): a fetch in the place of the first exchange of a download
 */
CloveBulkFetch *
_clove_bulk_fetch_new_begun (const CloveBulkFetchOwner *owner,
                             CloveBulkPiece *piece,
                             const CloveBulkFirst *first)
{
  CloveBulkFetch *self = new_fetch (owner, piece);

  self->exchange = first->exchange;
  self->counted = first->counted;
  self->body_offset = body_offset_of (first->response);
  clove_bulk_begin_body (&self->body, first->response, first->content);
  self->has_head = TRUE;
  self->is_first = TRUE;
  return self;
}

/** _clove_bulk_fetch_hurry: What was asked for later has come: do not wait much longer. */
void
_clove_bulk_fetch_hurry (CloveBulkFetch *self)
{
  gint64 wait_us = clove_bulk_timing_get_overtaken_us (self->owner->timing);

  if (clove_timer_is_running (&self->silence) &&
      clove_timer_get_due_us (&self->silence) - clove_clock_now_us (self->owner->shared->clock) >
        wait_us)
    clove_timer_start (&self->silence, wait_us);
}
