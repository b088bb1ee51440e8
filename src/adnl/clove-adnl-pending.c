/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What waits for the peer: queries, pings and the opening of a session. One table holds them all
 * by their 32-byte id; a ping's value is padded to one.
 */
#include "config.h"

#include "clove-adnl-session-private.h"

#include <sodium.h>
#include <string.h>

/* The first silence after which the opening handshake is repeated; doubles each time. */
#define OPEN_RESEND_US (250 * G_TIME_SPAN_MILLISECOND)

typedef enum {
  PENDING_QUERY,
  PENDING_PING,
  PENDING_OPEN,
} PendingKind;

typedef struct {
  guint8 id[CLOVE_KEY_ID_SIZE];
  PendingKind kind;
  CloveAdnlSession *session; /* borrowed: the session owns its table */
  GTask *task;
  GBytes *data; /* of a query */
  GSource *cancelled;
  CloveTimer deadline;
  CloveTimer resend;
  gint64 resend_after_us;
  guint n_resends_left;
  gint64 sent_us;
  gboolean has_pong; /* of an opening, which also needs its channel */
} Pending;

static void
pending_free (gpointer data)
{
  Pending *self = data;

  clove_timer_stop (&self->deadline);
  clove_timer_stop (&self->resend);
  if (self->cancelled != NULL) {
    g_source_destroy (self->cancelled);
    g_source_unref (self->cancelled);
  }
  g_clear_pointer (&self->data, g_bytes_unref);
  g_clear_object (&self->task);
  g_free (self);
}

/* Takes @self out of the table and returns its task (transfer full), so that the callback, which
 * may do anything to the session, comes last. */
static GTask *
take (Pending *self)
{
  GTask *task = g_steal_pointer (&self->task);

  g_hash_table_remove (self->session->pending, self->id);
  return task;
}

static void
fail (Pending *self, GError *error)
{
  g_autoptr (GTask) task = take (self);

  g_task_return_error (task, error);
}

static gboolean
transmit (Pending *self, GError **error)
{
  CloveAdnlMessage message = { 0 };

  self->sent_us = clove_clock_now_us (self->session->clock);
  if (self->kind == PENDING_QUERY) {
    message.type = CLOVE_ADNL_MESSAGE_QUERY;
    message.id = self->id;
    message.data = g_bytes_get_data (self->data, &message.data_size);
  } else {
    message.type = CLOVE_ADNL_MESSAGE_PING;
    memcpy (&message.value, self->id, sizeof message.value);
  }
  if (self->kind == PENDING_OPEN)
    return clove_adnl_session_send_root (self->session, &message, error);
  return clove_adnl_session_send (self->session, &message, error);
}

static void
on_deadline (gpointer user_data)
{
  Pending *self = user_data;

  fail (self, g_error_new_literal (CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_TIMED_OUT,
                                   "the relay did not answer in time"));
}

static void
on_resend (gpointer user_data)
{
  Pending *self = user_data;
  GError *error = NULL;

  if (self->n_resends_left > 0)
    self->n_resends_left--;
  self->resend_after_us *= 2;
  if (self->n_resends_left > 0)
    clove_timer_start (&self->resend, self->resend_after_us);
  if (!transmit (self, &error))
    fail (self, error);
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = take (user_data);

  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

static void
watch_cancellable (Pending *self)
{
  GCancellable *cancellable = g_task_get_cancellable (self->task);

  if (cancellable == NULL)
    return;
  self->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (self->cancelled, G_SOURCE_FUNC (on_cancelled), self, NULL);
  g_source_set_static_name (self->cancelled, "clove-adnl-cancelled");
  g_source_attach (self->cancelled, g_task_get_context (self->task));
}

/* Sends the first time and waits. @task is (transfer full). */
static void
start (CloveAdnlSession *session,
       PendingKind kind,
       GTask *task,
       GBytes *data,
       const CloveAdnlQueryPolicy *policy)
{
  Pending *self = g_new0 (Pending, 1);
  GError *error = NULL;

  self->kind = kind;
  self->session = session;
  self->task = task;
  self->data = data;
  self->resend_after_us = policy->resend_after_us;
  self->n_resends_left = policy->max_resends;
  randombytes_buf (self->id, kind == PENDING_QUERY ? sizeof self->id : sizeof (guint64));
  clove_timer_init (&self->deadline, session->clock, on_deadline, self);
  clove_timer_init (&self->resend, session->clock, on_resend, self);
  g_hash_table_insert (session->pending, self->id, self);

  watch_cancellable (self);
  clove_timer_start (&self->deadline, policy->deadline_us);
  if (self->n_resends_left > 0)
    clove_timer_start (&self->resend, self->resend_after_us);
  if (!transmit (self, &error))
    fail (self, error);
}

void
clove_adnl_pending_init_table (CloveAdnlSession *self)
{
  self->pending =
    g_hash_table_new_full (clove_adnl_id_hash, clove_adnl_id_equal, NULL, pending_free);
}

/* An answer came; an unknown id is an answer that came too late, or a lie. */
void
clove_adnl_pending_answer (CloveAdnlSession *self, const CloveAdnlMessage *answer)
{
  Pending *pending = g_hash_table_lookup (self->pending, answer->id);
  g_autoptr (GTask) task = NULL;

  if (pending == NULL || pending->kind != PENDING_QUERY)
    return;
  task = take (pending);
  g_task_return_pointer (task, g_bytes_new (answer->data, answer->data_size),
                         (GDestroyNotify) g_bytes_unref);
}

static void
finish_open_if_ready (Pending *pending)
{
  g_autoptr (GTask) task = NULL;

  if (!pending->has_pong || !pending->session->is_channel_proven)
    return;
  task = take (pending);
  g_task_return_boolean (task, TRUE);
}

void
clove_adnl_pending_pong (CloveAdnlSession *self, guint64 value)
{
  guint8 id[CLOVE_KEY_ID_SIZE] = { 0 };
  Pending *pending = NULL;

  memcpy (id, &value, sizeof value);
  pending = g_hash_table_lookup (self->pending, id);
  if (pending == NULL || pending->kind == PENDING_QUERY)
    return;
  self->rtt_us = clove_clock_now_us (self->clock) - pending->sent_us;
  if (pending->kind == PENDING_OPEN) {
    pending->has_pong = TRUE;
    finish_open_if_ready (pending);
  } else {
    g_autoptr (GTask) task = take (pending);

    g_task_return_int (task, (gssize) self->rtt_us);
  }
}

/* The channel is there; an opening whose pong came in an earlier datagram is done. */
void
clove_adnl_pending_confirmed (CloveAdnlSession *self)
{
  GHashTableIter iter;
  gpointer value = NULL;

  g_hash_table_iter_init (&iter, self->pending);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    Pending *pending = value;

    if (pending->kind == PENDING_OPEN && pending->has_pong) {
      finish_open_if_ready (pending);
      return;
    }
  }
}

void
clove_adnl_pending_fail_all (CloveAdnlSession *self, const GError *error)
{
  GHashTableIter iter;
  gpointer value = NULL;

  g_hash_table_iter_init (&iter, self->pending);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    fail (value, g_error_copy (error));
    /* A callback may have added or removed entries. */
    g_hash_table_iter_init (&iter, self->pending);
  }
}

/**
 * clove_adnl_session_open_async:
 * @self: a session made by clove_adnl_endpoint_connect()
 * @deadline_us: when to give up
 * @cancellable: (nullable): to give up earlier
 * @callback: called when the channel is ready
 * @user_data: for @callback
 *
 * Create a channel, or a new one in place of the present, and wait for a pong: from then on the
 * relay hears queries (src/adnl/README.md, "The first query is lost").
 */
void
clove_adnl_session_open_async (CloveAdnlSession *self,
                               gint64 deadline_us,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  CloveAdnlQueryPolicy policy = {
    .deadline_us = deadline_us,
    .resend_after_us = OPEN_RESEND_US,
    .max_resends = G_MAXUINT,
  };
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_return_if_fail (self->role == CLOVE_ADNL_ROLE_INITIATOR);

  g_task_set_source_tag (task, clove_adnl_session_open_async);
  if (self->endpoint != NULL)
    clove_adnl_session_set_channel (self, clove_adnl_channel_new ());
  start (self, PENDING_OPEN, task, NULL, &policy);
}

/**
 * clove_adnl_session_open_finish:
 * @self: a session
 * @result: what the callback was given
 * @error: %CLOVE_ADNL_ERROR_TIMED_OUT, %CLOVE_ADNL_ERROR_CLOSED, %G_IO_ERROR
 *
 * Returns: whether the channel is ready
 */
gboolean
clove_adnl_session_open_finish (CloveAdnlSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * clove_adnl_session_ping_async:
 * @self: a session
 * @deadline_us: when to give up
 * @cancellable: (nullable): to give up earlier
 * @callback: called when the pong came
 * @user_data: for @callback
 *
 * Ask the peer for a sign of life, once.
 */
void
clove_adnl_session_ping_async (CloveAdnlSession *self,
                               gint64 deadline_us,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  CloveAdnlQueryPolicy policy = { .deadline_us = deadline_us };
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, clove_adnl_session_ping_async);
  start (self, PENDING_PING, task, NULL, &policy);
}

/** clove_adnl_session_ping_finish: Get the round trip in microseconds; -1 with @error set. */
gint64
clove_adnl_session_ping_finish (CloveAdnlSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), -1);
  return g_task_propagate_int (G_TASK (result), error);
}

/**
 * clove_adnl_session_query_async:
 * @self: a session
 * @query: one boxed object
 * @policy: how long to wait and how often to send
 * @cancellable: (nullable): to give up earlier
 * @callback: called when the answer came
 * @user_data: for @callback
 *
 * Ask the peer. Every copy that arrives is handled by a reference relay as a query of its own.
 */
void
clove_adnl_session_query_async (CloveAdnlSession *self,
                                GBytes *query,
                                const CloveAdnlQueryPolicy *policy,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, clove_adnl_session_query_async);
  start (self, PENDING_QUERY, task, g_bytes_ref (query), policy);
}

/**
 * clove_adnl_session_query_finish:
 * @self: a session
 * @result: what the callback was given
 * @error: %CLOVE_ADNL_ERROR_TIMED_OUT, %CLOVE_ADNL_ERROR_CLOSED, %CLOVE_ADNL_ERROR_TOO_LARGE,
 *   %G_IO_ERROR
 *
 * Returns: (transfer full) (nullable): the boxed object of the answer, as it came: look at its
 *   constructor first
 */
GBytes *
clove_adnl_session_query_finish (CloveAdnlSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
