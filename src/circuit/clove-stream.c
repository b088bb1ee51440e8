/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A stream connects when its first request comes, and is used for one request at a time
 * (src/circuit/README.md, "Streams"). After a reply that failed or came late its id is never used
 * again: chunks have no message id, so late ones would corrupt the next reply.
 */
#include "config.h"

#include "clove-stream.h"

#include "clove-chunks.h"
#include "clove-circuit-private.h"

#include <string.h>

/* A streamConnect may get lost; exits take a second one for the first. The first wait is this or
 * four round trips, and doubles each time. */
#define CONNECT_RESEND_US   (1 * G_USEC_PER_SEC)
/* An exit looks a name up for at most 15 s. */
#define CONNECT_DEADLINE_US (20 * G_USEC_PER_SEC)
/* An exit fetches for at most 60 s. */
#define REPLY_DEADLINE_US   (60 * G_USEC_PER_SEC)
/* A burst that pauses for longer than this or eight round trips has lost a chunk. */
#define STALL_US            (1500 * G_TIME_SPAN_MILLISECOND)
/* A relay that was slow on purpose while the circuit was built buys no more time than this. */
#define MAX_STALL_US        (15 * G_USEC_PER_SEC)

typedef enum {
  STREAM_NEW,
  STREAM_CONNECTING,
  STREAM_CONNECTED,
  STREAM_CLOSED,
} StreamState;

struct _CloveStream {
  GObject parent_instance;

  /* Set at construction. */
  gint32 id;
  char *host;

  /* Borrowed; NULL once closed. */
  CloveCircuit *circuit;

  /* Owned. */
  CloveClock *clock;
  GBytes *request;     /* until it is sent */
  CloveChunks *chunks; /* of the present reply */
  gsize memory;        /* what the chunks hold, as the circuit counts it */
  GError *error;
  CloveTimer deadline;
  CloveTimer resend;
  CloveTimer wake; /* calls on_progress from the main loop */

  StreamState state;
  gboolean is_busy; /* a request is under way */
  gboolean has_ended;
  gint64 resend_after_us;
  gint64 idle_since_us;

  CloveStreamFunc on_progress;
  gpointer user_data;
};

G_DEFINE_FINAL_TYPE (CloveStream, clove_stream, G_TYPE_OBJECT)

static void
clove_stream_dispose (GObject *object)
{
  CloveStream *self = CLOVE_STREAM (object);

  clove_stream_close (self, TRUE);
  clove_timer_stop (&self->wake);
  g_clear_error (&self->error);
  g_clear_pointer (&self->chunks, clove_chunks_free);
  g_clear_pointer (&self->request, g_bytes_unref);
  g_clear_pointer (&self->clock, clove_clock_unref);
  g_clear_pointer (&self->host, g_free);

  G_OBJECT_CLASS (clove_stream_parent_class)->dispose (object);
}

static void
clove_stream_class_init (CloveStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_stream_dispose;
}

static void
clove_stream_init (CloveStream *self)
{
}

static void
on_wake (gpointer user_data)
{
  g_autoptr (CloveStream) self = g_object_ref (CLOVE_STREAM (user_data));

  if (self->on_progress != NULL)
    self->on_progress (self, self->user_data);
}

/* Never calls back at once: whoever caused the news may be in the middle of something. */
static void
wake (CloveStream *self)
{
  if (!clove_timer_is_running (&self->wake))
    clove_timer_start (&self->wake, 0);
}

static void
end (CloveStream *self)
{
  clove_timer_stop (&self->deadline);
  clove_timer_stop (&self->resend);
  self->has_ended = TRUE;
  wake (self);
}

/* Ends the present request, if any, with a copy of @error. */
void
clove_stream_fail (CloveStream *self, const GError *error)
{
  if (!self->is_busy || self->has_ended)
    return;
  self->error = g_error_copy (error);
  end (self);
}

/* Tells the circuit what the present reply holds in memory. */
static void
count_memory (CloveStream *self)
{
  gsize memory = self->chunks != NULL ? clove_chunks_get_memory (self->chunks) : 0;

  if (self->circuit != NULL) {
    self->circuit->reply_memory -= self->memory;
    self->circuit->reply_memory += memory;
  }
  self->memory = memory;
}

static void
fail_with (CloveStream *self, CloveCircuitError code, const char *text)
{
  g_autoptr (GError) error = g_error_new_literal (CLOVE_CIRCUIT_ERROR, (gint) code, text);

  clove_stream_fail (self, error);
}

/* A message that could not be handed to the system is the entry's fault, or the network's; one
 * that the circuit refused is not. */
static void
fail_to_send (CloveStream *self, const GError *error)
{
  g_autofree char *text = NULL;

  if (error->domain == CLOVE_CIRCUIT_ERROR) {
    clove_stream_fail (self, error);
    return;
  }
  text = g_strdup_printf ("entry unreachable: %s", error->message);
  fail_with (self, CLOVE_CIRCUIT_ERROR_SEND, text);
}

static void
on_deadline (gpointer user_data)
{
  CloveStream *self = user_data;

  if (self->state == STREAM_CONNECTING)
    fail_with (self, CLOVE_CIRCUIT_ERROR_TIMED_OUT, "the exit did not connect the stream in time");
  else if (self->chunks != NULL && clove_chunks_has_begun (self->chunks))
    fail_with (self, CLOVE_CIRCUIT_ERROR_STALLED, "the reply stopped before its end");
  else
    fail_with (self, CLOVE_CIRCUIT_ERROR_TIMED_OUT, "no reply came in time");
}

static gboolean
send_connect (CloveStream *self, GError **error)
{
  CloveRelayMessage message = {
    .type = CLOVE_RELAY_MESSAGE_STREAM_CONNECT,
    .stream_id = self->id,
    .data = (const guint8 *) self->host,
    .data_size = strlen (self->host),
    .number = 80,
  };

  return clove_circuit_send (self->circuit, &message, error);
}

static void
on_resend (gpointer user_data)
{
  CloveStream *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!send_connect (self, &error)) {
    fail_to_send (self, error);
    return;
  }
  self->resend_after_us *= 2;
  clove_timer_start (&self->resend, self->resend_after_us);
}

static gboolean
connect_stream (CloveStream *self, GError **error)
{
  self->state = STREAM_CONNECTING;
  self->resend_after_us =
    MAX (CONNECT_RESEND_US, 4 * clove_circuit_get_rtt_us (self->circuit));
  clove_timer_start (&self->deadline, CONNECT_DEADLINE_US);
  clove_timer_start (&self->resend, self->resend_after_us);
  return send_connect (self, error);
}

static gboolean
send_request (CloveStream *self, GError **error)
{
  CloveRelayMessage message = {
    .type = CLOVE_RELAY_MESSAGE_STREAM_DATA,
    .stream_id = self->id,
  };

  g_autoptr (GBytes) request = g_steal_pointer (&self->request);

  message.data = g_bytes_get_data (request, &message.data_size);
  self->chunks = clove_chunks_new (self->id, CLOVE_STREAM_MAX_MEMORY);
  clove_timer_start (&self->deadline, REPLY_DEADLINE_US);
  return clove_circuit_send (self->circuit, &message, error);
}

/* A new stream on @circuit that will connect to @host with @id. On a circuit that was closed it is
 * closed, too: nothing would tell it when the circuit goes. */
CloveStream *
clove_stream_new (CloveCircuit *circuit, gint32 id, const char *host)
{
  CloveStream *self = g_object_new (CLOVE_TYPE_STREAM, NULL);

  self->clock = clove_clock_ref (circuit->clock);
  self->id = id;
  self->host = g_strdup (host);
  clove_timer_init (&self->deadline, self->clock, on_deadline, self);
  clove_timer_init (&self->resend, self->clock, on_resend, self);
  clove_timer_init (&self->wake, self->clock, on_wake, self);
  if (circuit->state == CLOVE_CIRCUIT_CLOSED) {
    self->state = STREAM_CLOSED;
    return self;
  }
  self->circuit = circuit;
  clove_circuit_add_stream (circuit, self, id);
  return self;
}

/**
 * clove_stream_request:
 * @self: a stream that was just taken
 * @request: a complete HTTP request of at most %CLOVE_STREAM_MAX_REQUEST_SIZE bytes
 * @on_progress: called on each change, until clove_stream_release()
 * @user_data: for @on_progress
 *
 * Send @request once, after connecting the stream if it is new. Failure, too, comes by
 * @on_progress.
 */
void
clove_stream_request (CloveStream *self,
                      GBytes *request,
                      CloveStreamFunc on_progress,
                      gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  gboolean is_sent = FALSE;

  g_return_if_fail (CLOVE_IS_STREAM (self) && !self->is_busy);

  self->is_busy = TRUE;
  self->on_progress = on_progress;
  self->user_data = user_data;
  self->request = g_bytes_ref (request);
  if (self->state == STREAM_CLOSED) {
    fail_with (self, CLOVE_CIRCUIT_ERROR_CLOSED, "circuit was closed");
    return;
  }
  if (g_bytes_get_size (request) > CLOVE_STREAM_MAX_REQUEST_SIZE) {
    fail_with (self, CLOVE_CIRCUIT_ERROR_TOO_LARGE, "request does not fit one stream message");
    return;
  }
  is_sent = self->state == STREAM_NEW ? connect_stream (self, &error)
                                      : send_request (self, &error);
  if (!is_sent)
    fail_to_send (self, error);
}

void
clove_stream_receive_connected (CloveStream *self, const CloveRelayMessage *message)
{
  g_autoptr (GError) error = NULL;

  /* The answer to a streamConnect that was sent twice comes twice. */
  if (self->state != STREAM_CONNECTING || self->has_ended)
    return;
  clove_timer_stop (&self->resend);
  if (!message->is_success) {
    g_autofree char *text = clove_relay_message_dup_text (message);

    fail_with (self, CLOVE_CIRCUIT_ERROR_SITE, text);
    return;
  }
  self->state = STREAM_CONNECTED;
  if (!send_request (self, &error))
    fail_to_send (self, error);
}

static gboolean
waits_for_reply (CloveStream *self)
{
  return self->is_busy && !self->has_ended && self->state == STREAM_CONNECTED;
}

/* @n_before: how many chunks were there before the last one */
static void
follow_reply (CloveStream *self, guint n_before, gboolean is_accepted, const GError *error)
{
  count_memory (self);
  if (!is_accepted) {
    clove_stream_fail (self, error);
    return;
  }
  if (self->circuit->reply_memory > CLOVE_CIRCUIT_MAX_REPLY_MEMORY) {
    fail_with (self, CLOVE_CIRCUIT_ERROR_OVERFLOW, "the circuit's replies hold too much memory");
    return;
  }
  /* A chunk that was there already is no progress, or an exit could keep a request for ever. */
  if (clove_chunks_get_n_received (self->chunks) == n_before)
    return;
  if (clove_chunks_is_complete (self->chunks)) {
    end (self);
    return;
  }
  clove_timer_start (
    &self->deadline, CLAMP (8 * clove_circuit_get_rtt_us (self->circuit), STALL_US, MAX_STALL_US));
  wake (self);
}

void
clove_stream_receive_data (CloveStream *self, const CloveRelayMessage *message)
{
  g_autoptr (GError) error = NULL;
  gboolean is_accepted = FALSE;

  if (!waits_for_reply (self))
    return;
  is_accepted =
    clove_chunks_add_whole (self->chunks, message->data, message->data_size, &error);
  follow_reply (self, 0, is_accepted, error);
}

void
clove_stream_receive_chunk (CloveStream *self,
                            const CloveRelayMessage *chunk,
                            const guint8 *piece,
                            gsize size)
{
  g_autoptr (GError) error = NULL;
  gboolean is_accepted = FALSE;
  guint n_before = 0;

  if (!waits_for_reply (self))
    return;
  n_before = clove_chunks_get_n_received (self->chunks);
  is_accepted =
    clove_chunks_add (self->chunks, chunk->number, chunk->number2, piece, size, &error);
  follow_reply (self, n_before, is_accepted, error);
}

/**
 * clove_stream_peek:
 * @self: a stream
 * @size_out: (out): how many bytes, 0 when none are readable now
 *
 * Look at the next bytes of the reply.
 *
 * Returns: (nullable) (transfer none): the bytes, valid until the next call on @self
 */
const guint8 *
clove_stream_peek (CloveStream *self, gsize *size_out)
{
  *size_out = 0;
  return self->chunks != NULL ? clove_chunks_peek (self->chunks, size_out) : NULL;
}

/** clove_stream_consume: Take @size bytes, no more than clove_stream_peek() showed. */
void
clove_stream_consume (CloveStream *self, gsize size)
{
  g_return_if_fail (self->chunks != NULL || size == 0);

  if (self->chunks == NULL)
    return;
  clove_chunks_consume (self->chunks, size);
  count_memory (self);
}

/** clove_stream_peek_beyond: (nullable): As clove_chunks_peek_beyond(), of the present reply. */
const guint8 *
clove_stream_peek_beyond (CloveStream *self, gsize from, gsize *offset_out, gsize *size_out)
{
  *offset_out = *size_out = 0;
  return self->chunks != NULL
           ? clove_chunks_peek_beyond (self->chunks, from, offset_out, size_out)
           : NULL;
}

/** clove_stream_get_reply_size: Get the size of the whole reply in bytes; -1 until it is known. */
gint64
clove_stream_get_reply_size (CloveStream *self)
{
  return self->chunks != NULL ? clove_chunks_get_body_size (self->chunks) : -1;
}

/**
 * clove_stream_has_ended:
 * @self: a stream
 * @error_out: (out) (optional) (nullable) (transfer none): why the request failed, of
 *   %CLOVE_CIRCUIT_ERROR; %NULL on success
 *
 * Returns: whether no more of the reply will come; what came may still be read
 */
gboolean
clove_stream_has_ended (CloveStream *self, const GError **error_out)
{
  if (error_out != NULL)
    *error_out = self->error;
  return self->has_ended;
}

/** clove_stream_get_host: Get the site, borrowed. */
const char *
clove_stream_get_host (CloveStream *self)
{
  return self->host;
}

gint64
clove_stream_get_idle_since_us (CloveStream *self)
{
  return self->idle_since_us;
}

/* Leaves the circuit; with @tells_exit the exit may forget the stream, too. */
void
clove_stream_close (CloveStream *self, gboolean tells_exit)
{
  CloveCircuit *circuit = g_steal_pointer (&self->circuit);
  CloveRelayMessage message = {
    .type = CLOVE_RELAY_MESSAGE_STREAM_CLOSE,
    .stream_id = self->id,
  };

  if (circuit == NULL)
    return;
  circuit->reply_memory -= self->memory;
  clove_timer_stop (&self->deadline);
  clove_timer_stop (&self->resend);
  clove_circuit_remove_stream (circuit, self->id);
  /* Lost or not: an exit that never hears of it keeps a few bytes. */
  if (tells_exit && self->state != STREAM_NEW)
    clove_circuit_send (circuit, &message, NULL);
  self->state = STREAM_CLOSED;
}

/**
 * clove_stream_release:
 * @self: (transfer full): a stream
 *
 * Give the stream back. After a complete reply it serves the next request to its host; otherwise
 * it is closed, and with it ends what was under way. @on_progress is not called any more.
 */
void
clove_stream_release (CloveStream *self)
{
  gboolean is_reusable = self->has_ended && self->error == NULL && self->circuit != NULL &&
                         self->state == STREAM_CONNECTED;

  clove_timer_stop (&self->wake);
  self->on_progress = NULL;
  g_clear_pointer (&self->chunks, clove_chunks_free);
  count_memory (self);
  g_clear_pointer (&self->request, g_bytes_unref);
  if (!is_reusable) {
    clove_stream_close (self, TRUE);
    g_object_unref (self);
    return;
  }
  self->is_busy = FALSE;
  self->has_ended = FALSE;
  self->idle_since_us = clove_clock_now_us (self->clock);
  clove_circuit_park_stream (self->circuit, self);
}
