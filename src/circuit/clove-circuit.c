/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A built circuit: layers on the way out, one layer on the way back, and which stream a message is
 * for (src/circuit/README.md, "Data"). Building is in clove-circuit-build.c.
 */
#include "config.h"

#include "clove-circuit.h"

#include "clove-adnl-message.h"
#include "clove-circuit-private.h"

#include <sodium.h>
#include <string.h>

/* Streams kept for the next request, and for how long without one. */
#define MAX_IDLE_STREAMS 32
#define MAX_IDLE_US      (2 * 60 * G_USEC_PER_SEC)

/* The outermost message of the largest request. */
#define MAX_SEND_SIZE 8192

/* A measured round trip moves the mean by one in so many. */
#define RTT_SMOOTHING 4

G_DEFINE_FINAL_TYPE (CloveCircuit, clove_circuit, G_TYPE_OBJECT)

enum {
  SIGNAL_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
close_oldest_idle (CloveCircuit *self)
{
  g_autoptr (CloveStream) stream = g_queue_pop_head (&self->idle);

  clove_stream_close (stream, TRUE);
}

static void
on_idle_timer (gpointer user_data)
{
  CloveCircuit *self = user_data;

  gint64 before_us = clove_clock_now_us (self->clock) - MAX_IDLE_US;

  while (!g_queue_is_empty (&self->idle) &&
         clove_stream_get_idle_since_us (g_queue_peek_head (&self->idle)) <= before_us)
    close_oldest_idle (self);
  if (!g_queue_is_empty (&self->idle))
    clove_timer_start_coarse (&self->idle_timer, MAX_IDLE_US / 4);
}

static void
clove_circuit_dispose (GObject *object)
{
  CloveCircuit *self = CLOVE_CIRCUIT (object);

  clove_circuit_close (self);
  g_clear_pointer (&self->streams, g_hash_table_unref);
  g_clear_pointer (&self->replay, clove_replay_free);
  g_clear_pointer (&self->secrets, clove_secret_free);
  g_clear_pointer (&self->clock, clove_clock_unref);
  g_clear_object (&self->endpoint);
  for (guint i = 0; i < self->n_hops; i++)
    g_clear_pointer (&self->hops[i].name, g_free);

  G_OBJECT_CLASS (clove_circuit_parent_class)->dispose (object);
}

static void
clove_circuit_class_init (CloveCircuitClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_circuit_dispose;

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
clove_circuit_init (CloveCircuit *self)
{
  self->failed_hop = -1;
  self->streams = g_hash_table_new (g_direct_hash, g_direct_equal);
  self->replay = clove_replay_new ();
  self->secrets = clove_secret_new (sizeof (CloveCircuitSecrets));
  g_queue_init (&self->idle);
  randombytes_buf (self->id, sizeof self->id);
}

/**
 * clove_circuit_new:
 * @endpoint: the socket to use; referenced
 * @clock: time and timers
 * @hops: entry first; all different relays
 * @n_hops: 1 to %CLOVE_MAX_HOPS
 *
 * Returns: (transfer full): a circuit that has sent nothing yet
 */
CloveCircuit *
clove_circuit_new (CloveAdnlEndpoint *endpoint,
                   CloveClock *clock,
                   const CloveHop *hops,
                   guint n_hops)
{
  CloveCircuit *self = NULL;

  g_return_val_if_fail (n_hops >= 1 && n_hops <= CLOVE_MAX_HOPS, NULL);

  self = g_object_new (CLOVE_TYPE_CIRCUIT, NULL);
  self->endpoint = g_object_ref (endpoint);
  self->clock = clove_clock_ref (clock);
  clove_timer_init (&self->idle_timer, clock, on_idle_timer, self);
  self->n_hops = n_hops;
  for (guint i = 0; i < n_hops; i++) {
    self->hops[i].name = g_strdup (hops[i].name);
    memcpy (self->hops[i].key, hops[i].key, CLOVE_KEY_SIZE);
    self->hops[i].address = hops[i].address;
    self->hops[i].time_us = -1;
    self->hops[i].rtt_us = -1;
  }
  return self;
}

void
clove_circuit_set_state (CloveCircuit *self, CloveCircuitState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/*
 * Seals @message for every hop and sends it. The id on the outside is always 0: the real one would
 * show the other hops which messages belong together.
 */
gboolean
clove_circuit_send (CloveCircuit *self, const CloveRelayMessage *message, GError **error)
{
  guint8 outer[MAX_SEND_SIZE];
  guint8 payload[MAX_SEND_SIZE];
  gsize n_layers = self->n_hops;
  gsize size = clove_relay_message_size (message);
  CloveWriter writer = { 0 };
  CloveRelayMessage data = {
    .type = CLOVE_RELAY_MESSAGE_DATA,
    .id = self->id,
    .data = payload,
  };

  if (self->state != CLOVE_CIRCUIT_READY) {
    g_set_error_literal (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_CLOSED,
                         "circuit is not ready");
    return FALSE;
  }
  data.data_size = size + n_layers * CLOVE_ONION_OVERHEAD;
  if (clove_relay_message_size (&data) > MAX_SEND_SIZE) {
    g_set_error (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_TOO_LARGE,
                 "message of %zu bytes does not fit the circuit", size);
    return FALSE;
  }
  clove_writer_init (&writer, payload + n_layers * CLOVE_ONION_NONCE_SIZE, size);
  clove_relay_message_write (&writer, message);
  clove_onion_seal_layers (payload, size, clove_circuit_get_secrets (self)->layers, n_layers);
  clove_writer_init (&writer, outer, sizeof outer);
  clove_relay_message_write (&writer, &data);
  return clove_adnl_session_send_custom (self->entry, outer, clove_writer_get_size (&writer),
                                         error);
}

static CloveStream *
find_stream (CloveCircuit *self, gint32 id)
{
  return g_hash_table_lookup (self->streams, GINT_TO_POINTER (id));
}

/*
 * A reply on a stream that waits for none: somebody repeated our request on its way, and the exit
 * answered again. Where the next such reply comes just after the next request it would be taken for
 * its own, so the stream is not used again.
 */
static gboolean
retire_if_idle (CloveCircuit *self, CloveStream *stream)
{
  GList *link = g_queue_find (&self->idle, stream);

  if (link == NULL)
    return FALSE;
  g_queue_delete_link (&self->idle, link);
  clove_stream_close (stream, TRUE);
  g_object_unref (stream);
  return TRUE;
}

static void
receive_data (CloveCircuit *self, const guint8 *plain, gsize size)
{
  g_autoptr (CloveStream) stream = NULL;
  CloveRelayMessage inner = { 0 };

  if (!clove_relay_message_parse (&inner, plain, size, NULL))
    return;
  /* Replies for streams that are gone are late, not wrong. */
  stream = find_stream (self, inner.stream_id);
  if (stream == NULL)
    return;
  g_object_ref (stream);
  if (inner.type == CLOVE_RELAY_MESSAGE_STREAM_CONNECTED)
    clove_stream_receive_connected (stream, &inner);
  else if (inner.type == CLOVE_RELAY_MESSAGE_STREAM_DATA && !retire_if_idle (self, stream))
    clove_stream_receive_data (stream, &inner);
}

static void
on_custom (CloveAdnlSession *session, const guint8 *data, gsize size, gpointer user_data)
{
  CloveCircuit *self = user_data;
  g_autoptr (CloveCircuit) guard = g_object_ref (self);
  guint8 plain[CLOVE_ADNL_MAX_JOINED_SIZE];
  CloveRelayMessage message = { 0 };
  gboolean is_chunk = FALSE;

  if (self->state != CLOVE_CIRCUIT_READY ||
      !clove_relay_message_parse (&message, data, size, NULL))
    return;
  is_chunk = message.type == CLOVE_RELAY_MESSAGE_DATA_CHUNK;
  if ((!is_chunk && message.type != CLOVE_RELAY_MESSAGE_DATA) ||
      memcmp (message.id, self->id, sizeof self->id) != 0)
    return;
  /* What nobody waits for is not worth opening. */
  if (is_chunk && find_stream (self, message.stream_id) == NULL)
    return;
  if (!clove_onion_open_to (plain, message.data, message.data_size,
                            clove_circuit_get_secrets (self)->layers[self->n_hops - 1])) {
    g_debug ("a message that the exit did not seal");
    return;
  }
  if (!clove_replay_accept (self->replay, message.data))
    return;
  self->proof_us = clove_clock_now_us (self->clock);
  if (is_chunk) {
    g_autoptr (CloveStream) stream = g_object_ref (find_stream (self, message.stream_id));

    if (!retire_if_idle (self, stream))
      clove_stream_receive_chunk (stream, &message, plain,
                                  message.data_size - CLOVE_ONION_OVERHEAD);
  } else {
    receive_data (self, plain, message.data_size - CLOVE_ONION_OVERHEAD);
  }
}

const CloveAdnlSessionHandlers clove_circuit_session_handlers = { .custom = on_custom };

void
clove_circuit_add_stream (CloveCircuit *self, CloveStream *stream, gint32 id)
{
  g_hash_table_insert (self->streams, GINT_TO_POINTER (id), stream);
}

void
clove_circuit_remove_stream (CloveCircuit *self, gint32 id)
{
  g_hash_table_remove (self->streams, GINT_TO_POINTER (id));
}

/* Keeps @stream (transfer full), whose reply is complete, for the next request to its host. */
void
clove_circuit_park_stream (CloveCircuit *self, CloveStream *stream)
{
  g_queue_push_tail (&self->idle, stream);
  if (g_queue_get_length (&self->idle) > MAX_IDLE_STREAMS)
    close_oldest_idle (self);
  if (!clove_timer_is_running (&self->idle_timer))
    clove_timer_start_coarse (&self->idle_timer, MAX_IDLE_US / 4);
}

static gint32
new_stream_id (CloveCircuit *self)
{
  gint32 id = 0;

  /* Exits keep one table for all their users: a counter would receive other people's pages. */
  do {
    id = (gint32) (randombytes_random () & G_MAXINT32);
  } while (id == 0 || find_stream (self, id) != NULL);
  return id;
}

/**
 * clove_circuit_take_stream:
 * @self: a ready circuit
 * @host: the site
 *
 * Get a stream to @host that is free: one that served @host before, else a new one.
 *
 * Returns: (transfer full): a stream; give it back with clove_stream_release()
 */
CloveStream *
clove_circuit_take_stream (CloveCircuit *self, const char *host)
{
  gint32 id = 0;

  /* The stream used last is the likeliest to be alive at the exit. */
  for (GList *link = self->idle.tail; link != NULL; link = link->prev) {
    CloveStream *stream = link->data;

    if (g_str_equal (clove_stream_get_host (stream), host)) {
      g_queue_delete_link (&self->idle, link);
      return stream;
    }
  }
  id = new_stream_id (self);
  return clove_stream_new (self, id, host);
}

/** clove_circuit_get_state: Get what the circuit is doing. */
CloveCircuitState
clove_circuit_get_state (CloveCircuit *self)
{
  return self->state;
}

/** clove_circuit_get_n_hops: Get the number of hops. */
guint
clove_circuit_get_n_hops (CloveCircuit *self)
{
  return self->n_hops;
}

/** clove_circuit_get_hop_name: Get the name of the relay at @hop, 0 for the entry; borrowed. */
const char *
clove_circuit_get_hop_name (CloveCircuit *self, guint hop)
{
  g_return_val_if_fail (hop < self->n_hops, NULL);
  return self->hops[hop].name;
}

/** clove_circuit_get_hop_address: Get the address of the relay at @hop; borrowed. */
const CloveAddress *
clove_circuit_get_hop_address (CloveCircuit *self, guint hop)
{
  g_return_val_if_fail (hop < self->n_hops, NULL);
  return &self->hops[hop].address;
}

/** clove_circuit_get_hop_state: Get how far @hop is. */
CloveHopState
clove_circuit_get_hop_state (CloveCircuit *self, guint hop)
{
  g_return_val_if_fail (hop < self->n_hops, CLOVE_HOP_WAITING);
  return self->hops[hop].state;
}

/** clove_circuit_get_hop_time_us: Get how long @hop took to join; -1 when it has not. */
gint64
clove_circuit_get_hop_time_us (CloveCircuit *self, guint hop)
{
  g_return_val_if_fail (hop < self->n_hops, -1);
  return self->hops[hop].time_us;
}

/** clove_circuit_get_failed_hop: Get the hop at which the build failed, 0 for the entry, or -1. */
gint
clove_circuit_get_failed_hop (CloveCircuit *self)
{
  return self->failed_hop;
}

/**
 * clove_circuit_note_rtt:
 * @self: a circuit that was built
 * @hop: from 0
 * @rtt_us: a round trip to it that was measured
 *
 * Let the mean round trip to @hop follow.
 */
void
clove_circuit_note_rtt (CloveCircuit *self, guint hop, gint64 rtt_us)
{
  g_return_if_fail (hop < self->n_hops);
  self->hops[hop].rtt_us += (rtt_us - self->hops[hop].rtt_us) / RTT_SMOOTHING;
}

/** clove_circuit_get_hop_rtt_us: Get the mean round trip to @hop; -1 before it joined. */
gint64
clove_circuit_get_hop_rtt_us (CloveCircuit *self, guint hop)
{
  g_return_val_if_fail (hop < self->n_hops, -1);
  return self->hops[hop].rtt_us;
}

/** clove_circuit_get_rtt_us: Get the mean round trip to the exit; -1 before it joined. */
gint64
clove_circuit_get_rtt_us (CloveCircuit *self)
{
  return self->hops[self->n_hops - 1].rtt_us;
}

/** clove_circuit_get_last_proof_us: Get when the exit last proved to be alive; 0 if never. */
gint64
clove_circuit_get_last_proof_us (CloveCircuit *self)
{
  return self->proof_us;
}

/** clove_circuit_get_n_streams: Get the number of open streams, idle ones included. */
guint
clove_circuit_get_n_streams (CloveCircuit *self)
{
  return g_hash_table_size (self->streams);
}

/** clove_circuit_get_reply_memory: Get the bytes of replies that nobody has read yet. */
gsize
clove_circuit_get_reply_memory (CloveCircuit *self)
{
  return self->reply_memory;
}

static void
on_entry_pinged (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  gint64 rtt_us = clove_adnl_session_ping_finish (CLOVE_ADNL_SESSION (source), result, &error);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_int (task, (gssize) rtt_us);
}

/**
 * clove_circuit_ping_entry_async:
 * @self: a circuit
 * @deadline_us: when to give up
 * @cancellable: (nullable): to give up earlier
 * @callback: called when the entry answered
 * @user_data: for @callback
 *
 * Ask the entry alone for a sign of life: the other hops have no part in it.
 */
void
clove_circuit_ping_entry_async (CloveCircuit *self,
                                gint64 deadline_us,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, clove_circuit_ping_entry_async);
  if (self->entry == NULL) {
    g_task_return_new_error (task, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_CLOSED,
                             "circuit was closed");
    g_object_unref (task);
    return;
  }
  clove_adnl_session_ping_async (self->entry, deadline_us, cancellable, on_entry_pinged, task);
}

/** clove_circuit_ping_entry_finish: Get the round trip in microseconds; -1 with @error set. */
gint64
clove_circuit_ping_entry_finish (CloveCircuit *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), -1);
  return g_task_propagate_int (G_TASK (result), error);
}

/**
 * clove_circuit_announce:
 * @self: a circuit
 *
 * Tell the entry by a signed packet where we are, for our address may have changed. Best effort: a
 * packet that cannot be sent is like one that was lost.
 */
void
clove_circuit_announce (CloveCircuit *self)
{
  g_autoptr (GError) error = NULL;

  if (self->entry != NULL && !clove_adnl_session_announce (self->entry, &error))
    g_debug ("announce: %s", error->message);
}

/** clove_circuit_get_n_busy: Get the number of streams that somebody holds. */
guint
clove_circuit_get_n_busy (CloveCircuit *self)
{
  return g_hash_table_size (self->streams) - g_queue_get_length (&self->idle);
}

static void
close_streams (CloveCircuit *self)
{
  g_autoptr (GError) error =
    g_error_new_literal (CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_CLOSED, "circuit was closed");
  GHashTableIter iter;
  gpointer value = NULL;

  while (!g_queue_is_empty (&self->idle))
    close_oldest_idle (self);
  g_hash_table_iter_init (&iter, self->streams);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    g_autoptr (CloveStream) stream = g_object_ref (value);

    clove_stream_close (stream, TRUE);
    clove_stream_fail (stream, error);
    g_hash_table_iter_init (&iter, self->streams);
  }
}

/**
 * clove_circuit_close:
 * @self: a circuit
 *
 * Close the streams, tell the entry to forget the circuit, and end the session with it. What is
 * under way fails with %CLOVE_CIRCUIT_ERROR_CLOSED. Harmless when closed.
 */
void
clove_circuit_close (CloveCircuit *self)
{
  g_autoptr (CloveAdnlSession) entry = NULL;
  guint8 boxed[4 + CLOVE_INT256_SIZE];
  CloveWriter writer = { 0 };
  CloveRelayMessage destroy = { .type = CLOVE_RELAY_MESSAGE_CIRCUIT_DESTROY, .id = self->id };

  if (self->state == CLOVE_CIRCUIT_CLOSED)
    return;
  g_object_ref (self);
  close_streams (self);
  clove_timer_stop (&self->idle_timer);
  entry = g_steal_pointer (&self->entry);
  self->state = CLOVE_CIRCUIT_CLOSED;
  /* Somebody may keep the circuit to look at it: not with its keys. */
  sodium_memzero (clove_circuit_get_secrets (self), sizeof (CloveCircuitSecrets));
  if (entry != NULL) {
    clove_adnl_session_set_handlers (entry, NULL, NULL);
    clove_writer_init (&writer, boxed, sizeof boxed);
    clove_relay_message_write (&writer, &destroy);
    if (self->n_ready > 0)
      clove_adnl_session_send_custom (entry, boxed, clove_writer_get_size (&writer), NULL);
    clove_adnl_session_close (entry);
  }
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  g_object_unref (self);
}
