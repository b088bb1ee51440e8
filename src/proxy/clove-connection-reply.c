/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The half of a connection that hands replies on. Bytes are taken from the exchange only while
 * there is room for them in the output, which is how a slow browser slows its exchange down.
 */
#include "config.h"

#include "clove-connection-private.h"

/* Room that a chunk needs around its data. */
#define CHUNK_OVERHEAD 16

/*
 * Ends the request: its exchange, its slot, its line in the list. Releasing the slot and telling
 * the list may run other code, which may even close this connection; hence both come last.
 */
void
_clove_connection_finish_request (CloveConnection *self, int backend_error, gboolean is_complete)
{
  CloveProxyShared *shared = self->shared;
  CloveConnectionRequest *request = &self->request;
  CloveRequestRecord record = {
    .host = request->host,
    .method = request->method,
    .status = self->reply.status,
    .body_size = self->reply.body_size,
    .backend_error = backend_error,
    .is_complete = is_complete,
  };

  if (!request->is_active)
    return;
  request->is_active = FALSE;
  record.duration_us = _clove_connection_now_us (self) - request->began_us;
  if (self->reply.exchange != NULL)
    clove_exchange_cancel (self->reply.exchange);
  g_clear_object (&self->reply.exchange);
  clove_buffer_clear (&self->reply.head);
  clove_http_upstream_clear (&request->upstream);
  self->reply = (CloveConnectionReply){ 0 };

  if (request->is_for_site && shared->on_request != NULL)
    shared->on_request (&record, shared->on_request_data);
  clove_slot_release (&self->slot);
}

static void
answer_page (CloveConnection *self, const CloveErrorPage *page, int backend_error)
{
  clove_error_page_format (page, &self->out);
  self->reply.status = page->status;
  _clove_connection_finish_request (self, backend_error, backend_error == CLOVE_REQUEST_NO_ERROR);
  _clove_connection_next_request (self);
}

static CloveErrorPage
make_page (CloveConnection *self, guint status, const char *detail)
{
  self->request.keeps_alive &= !self->shared->is_stopping;
  return (CloveErrorPage){
    .status = status,
    .detail = detail,
    .is_text = self->request.wants_text,
    .can_reload = self->request.is_for_site && strcmp (self->request.method, "GET") == 0,
    .is_head_only = self->request.is_head,
    .closes = !self->request.keeps_alive,
    .is_http10 = self->request.is_http10,
  };
}

/* Answers with a page of our own, before anything of a reply was written. */
void
_clove_connection_answer (CloveConnection *self, guint status, const char *detail)
{
  CloveErrorPage page = make_page (self, status, detail);

  answer_page (self, &page, CLOVE_REQUEST_NO_ERROR);
}

static guint
status_for (int backend_error)
{
  switch ((CloveBackendError) backend_error) {
    case CLOVE_BACKEND_ERROR_NOT_READY:
    case CLOVE_BACKEND_ERROR_CANCELLED:
      return CLOVE_HTTP_ERROR_UNAVAILABLE;
    case CLOVE_BACKEND_ERROR_TIMEOUT:
      return CLOVE_HTTP_ERROR_TIMEOUT;
    case CLOVE_BACKEND_ERROR_TOO_LARGE:
      return CLOVE_HTTP_ERROR_TOO_LARGE;
    case CLOVE_BACKEND_ERROR_CIRCUIT:
    case CLOVE_BACKEND_ERROR_SITE:
    case CLOVE_BACKEND_ERROR_OVERFLOW:
    default:
      return CLOVE_HTTP_ERROR_BAD_GATEWAY;
  }
}

/* Answers for an exchange that failed; @words are shown for a site error only. */
void
_clove_connection_answer_error (CloveConnection *self, int backend_error, const char *words)
{
  gboolean is_site_error = backend_error == CLOVE_BACKEND_ERROR_SITE && words != NULL;
  CloveErrorPage page =
    make_page (self, status_for (backend_error), is_site_error ? words : NULL);

  page.is_site_error = is_site_error;
  answer_page (self, &page, backend_error);
}

/* An exchange that ended without an error but too early did not fail: the site did. */
static int
code_of (const GError *error)
{
  if (error == NULL)
    return CLOVE_REQUEST_NO_ERROR;
  return error->domain == CLOVE_BACKEND_ERROR ? error->code : CLOVE_BACKEND_ERROR_CIRCUIT;
}

static void
on_exchange_progress (CloveExchange *exchange, gpointer user_data)
{
  g_autoptr (CloveConnection) self = g_object_ref (user_data);

  if (self->state == CLOVE_CONNECTION_STREAMING && !self->is_output_blocked)
    _clove_connection_set_deadline (self, CLOVE_PROGRESS_TIMEOUT_US);
  _clove_connection_run (self);
}

/* Sends the complete request into the backend; a slot is held. */
void
_clove_connection_send_request (CloveConnection *self)
{
  g_autoptr (GBytes) bytes = clove_http_upstream_finish (&self->request.upstream);
  CloveBackend *backend = self->shared->backend;

  if (backend == NULL) {
    _clove_connection_answer_error (self, CLOVE_BACKEND_ERROR_NOT_READY, NULL);
    return;
  }
  self->state = CLOVE_CONNECTION_WAITING;
  self->reply.exchange =
    clove_backend_send (backend, self->request.host, bytes, on_exchange_progress, self);
}

/* Chooses how the browser finds the end of the reply. */
static CloveHttpDelivery
choose_delivery (CloveConnection *self, const CloveHttpResponse *response)
{
  CloveHttpDelivery delivery = {
    .framing = response->framing,
    .length = response->content_length,
    .is_http10 = self->request.is_http10,
  };
  gint64 reply_size = clove_exchange_get_reply_size (self->reply.exchange);
  gint64 head_size = (gint64) response->head_size;

  if (response->framing == CLOVE_HTTP_FRAMING_UNTIL_END && reply_size >= head_size) {
    delivery.framing = CLOVE_HTTP_FRAMING_LENGTH;
    delivery.length = reply_size - head_size;
  } else if (response->framing == CLOVE_HTTP_FRAMING_UNTIL_END ||
             response->framing == CLOVE_HTTP_FRAMING_CHUNKED) {
    delivery.framing = self->request.is_http10 ? CLOVE_HTTP_FRAMING_UNTIL_END
                                               : CLOVE_HTTP_FRAMING_CHUNKED;
    delivery.length = -1;
  }
  self->request.keeps_alive &=
    delivery.framing != CLOVE_HTTP_FRAMING_UNTIL_END && !self->shared->is_stopping;
  delivery.closes = !self->request.keeps_alive;
  return delivery;
}

static void
begin_reply (CloveConnection *self, const CloveHttpResponse *response)
{
  CloveHttpDelivery delivery = choose_delivery (self, response);
  CloveHttpFraming framing = response->framing;

  clove_http_response_format (response, &delivery, &self->out);
  /* A size that was promised to the browser must also be kept. */
  if (framing == CLOVE_HTTP_FRAMING_UNTIL_END && delivery.framing == CLOVE_HTTP_FRAMING_LENGTH)
    framing = CLOVE_HTTP_FRAMING_LENGTH;
  clove_http_body_init (&self->reply.body, framing, (guint64) MAX (delivery.length, 0));
  self->reply.framing = framing;
  self->reply.delivery = delivery.framing;
  self->reply.status = response->status;
  self->state = CLOVE_CONNECTION_STREAMING;
  _clove_connection_set_deadline (self, CLOVE_PROGRESS_TIMEOUT_US);
}

/* Collects the head in a buffer only if it comes in several pieces. */
static CloveHttpResult
parse_head (CloveConnection *self,
            CloveHttpResponse *response,
            const guint8 *data,
            gsize size,
            gsize *consumed_out)
{
  CloveBuffer *head = &self->reply.head;
  gsize n_before = clove_buffer_get_size (head);
  CloveHttpResult result = CLOVE_HTTP_FAILED;
  g_autoptr (GError) error = NULL;

  size = MIN (size, CLOVE_HTTP_MAX_HEAD_SIZE);
  if (n_before > 0) {
    clove_buffer_append (head, data, size);
    data = clove_buffer_get_data (head);
  }
  result = clove_http_response_parse (response, self->request.is_head, data, n_before + size,
                                      &error);
  if (result == CLOVE_HTTP_NEED_MORE && n_before == 0)
    clove_buffer_append (head, data, size);
  *consumed_out = result == CLOVE_HTTP_DONE ? response->head_size - n_before : size;
  return result;
}

static void
answer_unusable (CloveConnection *self)
{
  _clove_connection_answer (self, CLOVE_HTTP_ERROR_BAD_GATEWAY,
                            "The site’s reply could not be understood.");
}

static void
take_head (CloveConnection *self, const guint8 *data, gsize size)
{
  CloveHttpResponse response = { 0 };
  gsize consumed = 0;

  switch (parse_head (self, &response, data, size, &consumed)) {
    case CLOVE_HTTP_DONE:
      begin_reply (self, &response);
      clove_buffer_clear (&self->reply.head);
      clove_exchange_consume (self->reply.exchange, consumed);
      break;
    case CLOVE_HTTP_NEED_MORE:
      clove_exchange_consume (self->reply.exchange, consumed);
      break;
    case CLOVE_HTTP_FAILED:
    default:
      answer_unusable (self);
      break;
  }
}

/* Returns whether something was done, so that there may be more to do. */
gboolean
_clove_connection_read_reply_head (CloveConnection *self)
{
  const GError *error = NULL;
  gsize size = 0;
  const guint8 *data = clove_exchange_peek (self->reply.exchange, &size);

  if (size > 0) {
    take_head (self, data, size);
    return TRUE;
  }
  if (!clove_exchange_has_ended (self->reply.exchange, &error))
    return FALSE;
  if (error != NULL)
    _clove_connection_answer_error (self, code_of (error), error->message);
  else
    answer_unusable (self);
  return TRUE;
}

/*
 * Ends a reply that cannot be completed. The browser sees that: the length is not reached, or the
 * last chunk is missing; where the end of the connection is the end of the reply, it is a reset.
 */
static void
break_off (CloveConnection *self, int backend_error)
{
  gboolean is_until_end = self->reply.delivery == CLOVE_HTTP_FRAMING_UNTIL_END;

  self->request.keeps_alive = FALSE;
  _clove_connection_finish_request (self, backend_error, FALSE);
  if (is_until_end)
    clove_connection_abort (self);
  else
    _clove_connection_next_request (self);
}

static void
complete (CloveConnection *self)
{
  if (self->reply.delivery == CLOVE_HTTP_FRAMING_CHUNKED)
    clove_buffer_append_text (&self->out, "0\r\n\r\n");
  _clove_connection_finish_request (self, CLOVE_REQUEST_NO_ERROR, TRUE);
  _clove_connection_next_request (self);
}

static void
append_piece (CloveConnection *self, CloveHttpText piece)
{
  gboolean is_chunked = self->reply.delivery == CLOVE_HTTP_FRAMING_CHUNKED;

  if (piece.size == 0)
    return;
  if (is_chunked) {
    clove_buffer_append_number (&self->out, piece.size, 16);
    clove_buffer_append_text (&self->out, "\r\n");
  }
  clove_buffer_append (&self->out, piece.data, piece.size);
  if (is_chunked)
    clove_buffer_append_text (&self->out, "\r\n");
  self->reply.body_size += piece.size;
}

static gboolean
on_no_more_bytes (CloveConnection *self)
{
  const GError *error = NULL;

  if (!clove_exchange_has_ended (self->reply.exchange, &error))
    return FALSE;
  if (error == NULL && self->reply.framing == CLOVE_HTTP_FRAMING_UNTIL_END)
    complete (self);
  else
    break_off (self, code_of (error));
  return TRUE;
}

/* Returns whether something was done, so that there may be more to do. */
gboolean
_clove_connection_stream_reply (CloveConnection *self)
{
  gsize room = CLOVE_MAX_OUTPUT_SIZE - clove_buffer_get_size (&self->out);
  CloveHttpText piece = { 0 };
  gsize size = 0;
  gsize consumed = 0;
  const guint8 *data = NULL;

  if (clove_http_body_is_done (&self->reply.body)) {
    complete (self);
    return TRUE;
  }
  data = clove_exchange_peek (self->reply.exchange, &size);
  if (size == 0)
    return on_no_more_bytes (self);
  if (room <= CHUNK_OVERHEAD)
    return FALSE;
  if (clove_http_body_feed (&self->reply.body, data, MIN (size, room - CHUNK_OVERHEAD), &consumed,
                            &piece, NULL) == CLOVE_HTTP_FAILED) {
    break_off (self, CLOVE_REQUEST_NO_ERROR);
    return TRUE;
  }
  append_piece (self, piece);
  clove_exchange_consume (self->reply.exchange, consumed);
  return TRUE;
}
