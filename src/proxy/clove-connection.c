/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One browser connection: its life, its time and the turn from state to state. The socket is in
 * clove-connection-socket.c; requests are read in clove-connection-request.c, replies handed on in
 * clove-connection-reply.c.
 *
 * Everything that happens (input, room for output, progress of the exchange, a slot, time) ends in
 * _clove_connection_run(), which does what can be done in the present state until nothing more can.
 * One request is served at a time; those that follow wait in the input, so answers are in order.
 */
#include "config.h"

#include "clove-connection-private.h"

#include <sys/socket.h>

/* A turn ends after this much work, so that one fast stream cannot starve the other connections. */
#define ROUNDS_PER_RUN 16

G_DEFINE_FINAL_TYPE (CloveConnection, clove_connection, G_TYPE_OBJECT)

gint64
_clove_connection_now_us (CloveConnection *self)
{
  return clove_clock_now_us (self->shared->clock);
}

/* The timer may fire too early, which costs less than moving it for each request. */
void
_clove_connection_set_deadline (CloveConnection *self, gint64 delay_us)
{
  self->deadline_us = _clove_connection_now_us (self) + delay_us;
  if (!clove_timer_is_running (&self->timer) ||
      clove_timer_get_due_us (&self->timer) > self->deadline_us + G_USEC_PER_SEC)
    clove_timer_start_coarse (&self->timer, delay_us);
}

/* Closes the socket and tells the owner, who then drops its reference. */
void
_clove_connection_close (CloveConnection *self)
{
  if (self->state == CLOVE_CONNECTION_CLOSED)
    return;
  self->state = CLOVE_CONNECTION_CLOSED;
  clove_timer_stop (&self->timer);
  _clove_connection_finish_request (self, CLOVE_REQUEST_NO_ERROR, FALSE);
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  g_socket_close (self->socket, NULL);
  clove_buffer_clear (&self->in);
  clove_buffer_clear (&self->out);
  if (self->on_closed != NULL)
    self->on_closed (self, self->on_closed_data);
}

/**
 * clove_connection_abort:
 * @self: a connection
 *
 * End at once with a reset, so that a reply that is cut off can never pass for a complete one.
 */
void
clove_connection_abort (CloveConnection *self)
{
  struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

  if (self->state == CLOVE_CONNECTION_CLOSED)
    return;
  (void) setsockopt (g_socket_get_fd (self->socket), SOL_SOCKET, SO_LINGER, &at_once,
                     sizeof at_once);
  _clove_connection_close (self);
}

/* All is written: end this side, and read the other until it ends too. */
static void
end_output (CloveConnection *self)
{
  if (self->has_input_ended) {
    _clove_connection_close (self);
    return;
  }
  (void) shutdown (g_socket_get_fd (self->socket), SHUT_WR);
  self->state = CLOVE_CONNECTION_LINGERING;
  clove_buffer_clear (&self->in);
  _clove_connection_set_deadline (self, CLOVE_LINGER_US);
}

/* Returns whether there may be more to do at once. */
static gboolean
step (CloveConnection *self)
{
  if (clove_buffer_get_size (&self->out) >= CLOVE_MAX_OUTPUT_SIZE)
    return FALSE;
  switch (self->state) {
    case CLOVE_CONNECTION_HEAD:
      return _clove_connection_read_head (self);
    case CLOVE_CONNECTION_BODY:
      return _clove_connection_read_body (self);
    case CLOVE_CONNECTION_WAITING:
      return _clove_connection_read_reply_head (self);
    case CLOVE_CONNECTION_STREAMING:
      return _clove_connection_stream_reply (self);
    case CLOVE_CONNECTION_FLUSHING:
      if (clove_buffer_get_size (&self->out) == 0)
        end_output (self);
      return FALSE;
    case CLOVE_CONNECTION_LINGERING:
      clove_buffer_clear (&self->in);
      if (self->has_input_ended)
        _clove_connection_close (self);
      return FALSE;
    case CLOVE_CONNECTION_QUEUED:
    case CLOVE_CONNECTION_CLOSED:
    default:
      return FALSE;
  }
}

/* Does what can be done now. The caller holds a reference: this may close the connection. */
void
_clove_connection_run (CloveConnection *self)
{
  guint n_rounds = 0;
  gboolean has_written = TRUE;

  /* After a turn that was cut short there may be nothing to write, and so no flush to say it. */
  if (clove_buffer_get_size (&self->out) == 0)
    self->is_output_blocked = FALSE;
  while (has_written && self->state != CLOVE_CONNECTION_CLOSED && n_rounds++ < ROUNDS_PER_RUN) {
    while (step (self))
      ;
    has_written = clove_buffer_get_size (&self->out) > 0 && _clove_connection_flush (self);
  }
  if (self->state == CLOVE_CONNECTION_CLOSED)
    return;
  /* Most connections of a browser wait for a reply or for nothing. */
  if (self->state != CLOVE_CONNECTION_STREAMING) {
    clove_buffer_trim (&self->in);
    clove_buffer_trim (&self->out);
  }
  /* A turn that was cut short goes on when the source is polled next. */
  if (has_written)
    self->is_output_blocked = TRUE;
  _clove_connection_update_source (self);
}

static void
on_deadline (CloveConnection *self)
{
  gboolean is_writing = self->state == CLOVE_CONNECTION_STREAMING ||
                        self->state == CLOVE_CONNECTION_FLUSHING;

  if (is_writing && _clove_connection_is_being_read (self)) {
    _clove_connection_set_deadline (self, CLOVE_PROGRESS_TIMEOUT_US);
    return;
  }
  switch (self->state) {
    case CLOVE_CONNECTION_HEAD:
    case CLOVE_CONNECTION_BODY:
      /* An idle browser is told nothing: it would take the words for the answer to its next. */
      if (self->is_head_begun && !self->is_output_blocked)
        _clove_connection_time_out (self);
      else
        _clove_connection_close (self);
      break;
    case CLOVE_CONNECTION_QUEUED:
    case CLOVE_CONNECTION_WAITING:
      if (self->has_input_ended)
        clove_connection_abort (self);
      else
        _clove_connection_answer_error (self, CLOVE_BACKEND_ERROR_TIMEOUT, NULL);
      break;
    case CLOVE_CONNECTION_STREAMING:
      if (!self->is_output_blocked)
        _clove_connection_finish_request (self, CLOVE_BACKEND_ERROR_TIMEOUT, FALSE);
      clove_connection_abort (self);
      break;
    case CLOVE_CONNECTION_FLUSHING:
      clove_connection_abort (self);
      break;
    case CLOVE_CONNECTION_LINGERING:
    case CLOVE_CONNECTION_CLOSED:
    default:
      _clove_connection_close (self);
      break;
  }
}

static void
on_timer (gpointer user_data)
{
  g_autoptr (CloveConnection) self = g_object_ref (user_data);
  gint64 left_us = self->deadline_us - _clove_connection_now_us (self);

  if (left_us > 0) {
    clove_timer_start_coarse (&self->timer, left_us);
    return;
  }
  on_deadline (self);
  _clove_connection_run (self);
}

static void
on_slot_granted (gpointer user_data)
{
  g_autoptr (CloveConnection) self = g_object_ref (user_data);

  _clove_connection_send_request (self);
  _clove_connection_run (self);
}

static void
clove_connection_dispose (GObject *object)
{
  CloveConnection *self = CLOVE_CONNECTION (object);

  self->on_closed = NULL;
  if (self->shared != NULL)
    _clove_connection_close (self);
  g_clear_object (&self->socket);
  clove_buffer_clear (&self->reply.head);
  clove_http_upstream_clear (&self->request.upstream);
  g_clear_pointer (&self->shared, clove_proxy_shared_unref);
  G_OBJECT_CLASS (clove_connection_parent_class)->dispose (object);
}

static void
clove_connection_class_init (CloveConnectionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_connection_dispose;
}

static void
clove_connection_init (CloveConnection *self)
{
}

static void
note_own_address (CloveConnection *self)
{
  CloveAddress address = { .size = sizeof address.v6 };

  if (getsockname (g_socket_get_fd (self->socket), &address.any, &address.size) == 0)
    clove_address_format (&address, self->own_address);
}

/**
 * clove_connection_new:
 * @socket: an accepted socket
 * @shared: what the server's connections share; a reference is taken
 * @on_closed: called once, when the connection is over; not during dispose
 * @user_data: for @on_closed
 *
 * Serve a browser on the thread-default context.
 *
 * Returns: (transfer full): the connection
 */
CloveConnection *
clove_connection_new (GSocket *socket,
                      CloveProxyShared *shared,
                      CloveConnectionFunc on_closed,
                      gpointer user_data)
{
  CloveConnection *self = g_object_new (CLOVE_TYPE_CONNECTION, NULL);

  self->socket = g_object_ref (socket);
  self->shared = clove_proxy_shared_ref (shared);
  self->on_closed = on_closed;
  self->on_closed_data = user_data;
  clove_timer_init (&self->timer, shared->clock, on_timer, self);
  clove_slot_init (&self->slot, &shared->slots, on_slot_granted, self);
  note_own_address (self);
  _clove_connection_attach (self);
  self->request.keeps_alive = TRUE;
  _clove_connection_next_request (self);
  return self;
}

/**
 * clove_connection_drain:
 * @self: a connection whose server is stopping
 *
 * Close now if no request is being served, else after its reply.
 */
void
clove_connection_drain (CloveConnection *self)
{
  g_autoptr (CloveConnection) keep = g_object_ref (self);

  self->request.keeps_alive = FALSE;
  if (self->state != CLOVE_CONNECTION_HEAD && self->state != CLOVE_CONNECTION_BODY)
    return;
  if (clove_buffer_get_size (&self->out) == 0) {
    _clove_connection_close (keep);
    return;
  }
  _clove_connection_finish_request (self, CLOVE_REQUEST_NO_ERROR, FALSE);
  _clove_connection_next_request (self);
  _clove_connection_run (keep);
}
