/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The half of a connection that reads requests: head, where it goes, body, then a slot.
 */
#include "config.h"

#include "clove-connection-private.h"
#include "clove-pac.h"

/* What a request may have while no backend tells. */
#define DEFAULT_MAX_REQUEST_SIZE 8044
#define CONTINUE                 "HTTP/1.1 100 Continue\r\n\r\n"

/* Turns to the next request on this connection, or to its end. */
void
_clove_connection_next_request (CloveConnection *self)
{
  if (self->state == CLOVE_CONNECTION_CLOSED)
    return;
  if (!self->request.keeps_alive || self->shared->is_stopping) {
    self->state = CLOVE_CONNECTION_FLUSHING;
    _clove_connection_set_deadline (self, CLOVE_PROGRESS_TIMEOUT_US);
    return;
  }
  self->state = CLOVE_CONNECTION_HEAD;
  self->is_head_begun = FALSE;
  self->scan = (CloveHttpScan){ 0 };
  _clove_connection_set_deadline (self, CLOVE_IDLE_TIMEOUT_US);
}

/* Nothing more will come: what is incomplete stays so. */
static gboolean
wait_for_input (CloveConnection *self)
{
  if (!self->has_input_ended)
    return FALSE;
  self->request.keeps_alive = FALSE;
  _clove_connection_finish_request (self, CLOVE_REQUEST_NO_ERROR, FALSE);
  _clove_connection_next_request (self);
  return TRUE;
}

/* After a refusal the rest of the input cannot be trusted to begin with a request. */
static gboolean
refuse (CloveConnection *self, const GError *error)
{
  self->request.keeps_alive = FALSE;
  _clove_connection_answer (self, (guint) error->code, error->message);
  return TRUE;
}

static void
answer_pac (CloveConnection *self)
{
  g_autofree char *pac = clove_pac_new (self->own_address);

  clove_buffer_append_text (
    &self->out, "HTTP/1.1 200 OK\r\nContent-Type: application/x-ns-proxy-autoconfig\r\n"
                "Cache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\n"
                "Content-Length: ");
  clove_buffer_append_number (&self->out, strlen (pac), 10);
  if (!self->request.keeps_alive)
    clove_buffer_append_text (&self->out, "\r\nConnection: close");
  else if (self->request.is_http10)
    clove_buffer_append_text (&self->out, "\r\nConnection: keep-alive");
  clove_buffer_append_text (&self->out, "\r\n\r\n");
  clove_buffer_append_text (&self->out, pac);
  self->reply.status = 200;
  _clove_connection_finish_request (self, CLOVE_REQUEST_NO_ERROR, TRUE);
  _clove_connection_next_request (self);
}

/* Browsers ask for pages with "text/html" and no weight behind it; what says otherwise, such as
 * curl, writes to a terminal or a file. */
static gboolean
wants_text (const CloveHttpFields *fields)
{
  for (guint i = 0; i < fields->n_items; i++) {
    CloveHttpText ranges = fields->items[i].value;
    CloveHttpText range = { 0 };
    gsize position = 0;

    if (!clove_http_text_equals (fields->items[i].name, "accept"))
      continue;
    while (clove_http_text_next_item (&ranges, &range)) {
      if (clove_http_text_has_prefix (range, "text/html"))
        return clove_http_text_find (range, ';', &position);
    }
    return TRUE;
  }
  return FALSE;
}

static void
begin_request (CloveConnection *self, const CloveHttpRequest *request)
{
  self->shared->n_requests++;
  self->request = (CloveConnectionRequest){
    .is_active = TRUE,
    .is_head = clove_http_text_is (request->method, "HEAD"),
    .is_http10 = request->minor_version == 0,
    .wants_text = wants_text (&request->fields),
    .keeps_alive = request->keeps_alive && !self->shared->is_stopping,
    .began_us = _clove_connection_now_us (self),
  };
  memcpy (self->request.method, request->method.data, request->method.size);
}

/* The head was refused before it could be understood. */
static gboolean
refuse_head (CloveConnection *self, const GError *error)
{
  self->shared->n_requests++;
  self->request = (CloveConnectionRequest){ .is_active = TRUE };
  return refuse (self, error);
}

static gboolean
refuse_target (CloveConnection *self, const CloveHttpRequest *request, const GError *error)
{
  /* A page with pictures from elsewhere need not lose its connection for each of them. */
  if (error->code != CLOVE_HTTP_ERROR_FORBIDDEN || request->framing != CLOVE_HTTP_FRAMING_NONE ||
      clove_http_text_is (request->method, "CONNECT"))
    return refuse (self, error);
  clove_buffer_consume (&self->in, request->head_size);
  _clove_connection_answer (self, CLOVE_HTTP_ERROR_FORBIDDEN, error->message);
  return TRUE;
}

static gboolean
begin_site_request (CloveConnection *self,
                    const CloveHttpRequest *request,
                    const CloveHttpTarget *target)
{
  CloveBackend *backend = self->shared->backend;
  gsize max_size = backend != NULL ? clove_backend_get_max_request_size (backend)
                                   : DEFAULT_MAX_REQUEST_SIZE;
  gboolean expects_continue = request->expects_continue;

  self->request.is_for_site = TRUE;
  memcpy (self->request.host, target->host, sizeof self->request.host);
  if (!clove_http_upstream_begin (&self->request.upstream, request, target, max_size)) {
    self->request.keeps_alive = FALSE;
    _clove_connection_answer (self, CLOVE_HTTP_ERROR_TOO_LARGE, NULL);
    return TRUE;
  }
  clove_http_body_init (&self->request.body, request->framing, request->content_length);
  clove_buffer_consume (&self->in, request->head_size);
  self->state = CLOVE_CONNECTION_BODY;
  if (clove_http_body_is_done (&self->request.body))
    return TRUE;
  self->is_head_begun = TRUE;
  _clove_connection_set_deadline (self, CLOVE_PROGRESS_TIMEOUT_US);
  if (expects_continue && clove_buffer_get_size (&self->in) == 0)
    clove_buffer_append_text (&self->out, CONTINUE);
  return TRUE;
}

static gboolean
on_head (CloveConnection *self, const CloveHttpRequest *request)
{
  CloveHttpTarget target = { 0 };
  g_autoptr (GError) error = NULL;

  begin_request (self, request);
  if (!clove_http_target_resolve (&target, request, self->own_address, &error))
    return refuse_target (self, request, error);
  if (target.kind == CLOVE_HTTP_TARGET_SITE)
    return begin_site_request (self, request, &target);
  if (request->framing != CLOVE_HTTP_FRAMING_NONE)
    self->request.keeps_alive = FALSE;
  clove_buffer_consume (&self->in, request->head_size);
  answer_pac (self);
  return TRUE;
}

static gboolean
parse_head (CloveConnection *self)
{
  CloveHttpRequest request = { 0 };
  g_autoptr (GError) error = NULL;

  switch (clove_http_request_parse (&request, &self->scan, clove_buffer_get_data (&self->in),
                                    clove_buffer_get_size (&self->in), &error)) {
    case CLOVE_HTTP_DONE:
      return on_head (self, &request);
    case CLOVE_HTTP_FAILED:
      return refuse_head (self, error);
    case CLOVE_HTTP_NEED_MORE:
    default:
      if (!self->is_head_begun)
        _clove_connection_set_deadline (self, CLOVE_HEAD_TIMEOUT_US);
      self->is_head_begun = TRUE;
      return wait_for_input (self);
  }
}

/* Returns whether something was done, so that there may be more to do. */
gboolean
_clove_connection_read_head (CloveConnection *self)
{
  return clove_buffer_get_size (&self->in) > 0 ? parse_head (self) : wait_for_input (self);
}

static gboolean
on_body_complete (CloveConnection *self)
{
  self->state = CLOVE_CONNECTION_QUEUED;
  _clove_connection_set_deadline (self, self->has_input_ended ? CLOVE_HALF_CLOSED_US
                                                              : CLOVE_REQUEST_TIMEOUT_US);
  if (!clove_slot_take (&self->slot, self->request.host))
    return FALSE;
  _clove_connection_send_request (self);
  return TRUE;
}

/* Returns whether something was done, so that there may be more to do. */
gboolean
_clove_connection_read_body (CloveConnection *self)
{
  g_autoptr (GError) error = NULL;

  while (!clove_http_body_is_done (&self->request.body)) {
    CloveHttpText piece = { 0 };
    gsize consumed = 0;

    if (clove_http_body_feed (&self->request.body, clove_buffer_get_data (&self->in),
                              clove_buffer_get_size (&self->in), &consumed, &piece,
                              &error) == CLOVE_HTTP_FAILED)
      return refuse (self, error);
    if (!clove_http_upstream_append (&self->request.upstream, piece)) {
      self->request.keeps_alive = FALSE;
      _clove_connection_answer (self, CLOVE_HTTP_ERROR_TOO_LARGE, NULL);
      return TRUE;
    }
    clove_buffer_consume (&self->in, consumed);
    if (consumed == 0 && !clove_http_body_is_done (&self->request.body))
      return wait_for_input (self);
  }
  return on_body_complete (self);
}

/* The browser did not send the whole request in time. */
void
_clove_connection_time_out (CloveConnection *self)
{
  if (!self->request.is_active) {
    self->shared->n_requests++;
    self->request = (CloveConnectionRequest){ .is_active = TRUE };
  }
  self->request.keeps_alive = FALSE;
  _clove_connection_answer (self, CLOVE_HTTP_ERROR_REQUEST_TIMEOUT, NULL);
}
