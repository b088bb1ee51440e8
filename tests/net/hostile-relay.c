/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any entry can play middle and exit as well: no hop's key is signed. This one does, so that a
 * single endpoint holds every key of the circuit and can spoil each message at each layer.
 */
#include "config.h"

#include "hostile-relay.h"

#include "clove-adnl-message.h"
#include "clove-chunks.h"
#include "clove-onion.h"

#include <sodium.h>
#include <string.h>

/* Makes the key of @hop with the client's public key; relay_key and key_hash are the answer's. A
 * query that comes again gets the same ones. */
static void
agree (HostileRelay *relay, guint hop, const guint8 *client_key)
{
  guint8 secret[CLOVE_ONION_KEY_SIZE] = { 0 };

  if (memcmp (relay->client_keys[hop], client_key, CLOVE_KEY_SIZE) != 0) {
    memcpy (relay->client_keys[hop], client_key, CLOVE_KEY_SIZE);
    clove_onion_keypair (relay->relay_keys[hop], secret);
    g_assert_true (clove_onion_agree (relay->keys[hop], secret, client_key));
  }
  memcpy (relay->relay_key, relay->relay_keys[hop], CLOVE_KEY_SIZE);
  clove_onion_key_hash (relay->key_hash, relay->keys[hop]);
}

static void
agree_by_payload (HostileRelay *relay, guint hop, const CloveRelayMessage *extend)
{
  g_autofree guint8 *payload = g_memdup2 (extend->data, extend->data_size);
  char address[CLOVE_ONION_ADDRESS_STRING_SIZE] = { 0 };
  const guint8 *client_key = NULL;
  gsize size = 0;
  const guint8 *plain =
    clove_onion_open (payload, extend->data_size, relay->keys[hop - 1], &size);

  g_assert_nonnull (plain);
  g_assert_true (clove_onion_extend_payload_parse (plain, size, address, &client_key));
  agree (relay, hop, client_key);
}

static void
answer_hop (HostileRelay *relay, guint hop, CloveRelayMessage *answer)
{
  if (relay->on_answer == NULL || relay->on_answer (relay, hop, answer))
    hostile_relay_answer_message (relay, answer);
}

static void
answer_relayed (HostileRelay *relay, const CloveRelayMessage *query)
{
  g_autofree guint8 *layer = g_memdup2 (query->data, query->data_size);
  g_autoptr (GBytes) sealed = NULL;
  guint8 boxed[256] = { 0 };
  CloveRelayMessage extend = { 0 };
  CloveRelayMessage extended = { .type = CLOVE_RELAY_MESSAGE_CIRCUIT_EXTENDED };
  CloveRelayMessage answer = { .type = CLOVE_RELAY_MESSAGE_CIRCUIT_RELAY_RESPONSE };
  CloveWriter writer = { 0 };
  gsize size = 0;
  const guint8 *plain = clove_onion_open (layer, query->data_size, relay->keys[0], &size);

  g_assert_nonnull (plain);
  g_assert_true (clove_relay_message_parse (&extend, plain, size, NULL));
  agree_by_payload (relay, 2, &extend);
  extended.id = relay->circuit_id;
  extended.key = relay->relay_key;
  extended.key_hash = relay->key_hash;
  if (relay->on_inner != NULL)
    relay->on_inner (relay, 2, &extended);
  clove_writer_init (&writer, boxed, sizeof boxed);
  clove_relay_message_write (&writer, &extended);
  sealed = hostile_relay_seal (relay->keys[0], boxed, clove_writer_get_size (&writer));
  answer.id = relay->circuit_id;
  answer.data = g_bytes_get_data (sealed, &answer.data_size);
  answer_hop (relay, 2, &answer);
}

static void
on_query (CloveAdnlSession *session,
          const guint8 query_id[static CLOVE_KEY_ID_SIZE],
          const guint8 *data,
          gsize size,
          gpointer user_data)
{
  HostileRelay *relay = user_data;
  CloveRelayMessage query = { 0 };
  CloveRelayMessage answer = { .id = relay->circuit_id };

  relay->n_queries++;
  memcpy (relay->query_id, query_id, sizeof relay->query_id);
  g_assert_true (clove_relay_message_parse (&query, data, size, NULL));
  memcpy (relay->circuit_id, query.id, sizeof relay->circuit_id);
  answer.key = relay->relay_key;
  answer.key_hash = relay->key_hash;
  if (query.type == CLOVE_RELAY_MESSAGE_CIRCUIT_CREATE) {
    agree (relay, 0, query.key);
    answer.type = CLOVE_RELAY_MESSAGE_CIRCUIT_CREATED;
    answer_hop (relay, 0, &answer);
  } else if (query.type == CLOVE_RELAY_MESSAGE_CIRCUIT_EXTEND) {
    agree_by_payload (relay, 1, &query);
    answer.type = CLOVE_RELAY_MESSAGE_CIRCUIT_EXTENDED;
    answer_hop (relay, 1, &answer);
  } else {
    g_assert_cmpint (query.type, ==, CLOVE_RELAY_MESSAGE_CIRCUIT_RELAY);
    answer_relayed (relay, &query);
  }
}

static void
take_stream_message (HostileRelay *relay, const CloveRelayMessage *message)
{
  relay->stream_id = message->stream_id;
  if (message->type == CLOVE_RELAY_MESSAGE_STREAM_CLOSE)
    relay->n_closes++;
  else if (message->type == CLOVE_RELAY_MESSAGE_STREAM_CONNECT)
    relay->n_connects++;
  else
    relay->n_requests++;
  if (relay->on_stream != NULL)
    relay->on_stream (relay, message);
  else if (message->type == CLOVE_RELAY_MESSAGE_STREAM_CONNECT)
    hostile_relay_send_connected (relay, message->stream_id);
  else if (message->type == CLOVE_RELAY_MESSAGE_STREAM_DATA)
    hostile_relay_send_page (relay, message->stream_id);
}

static void
on_custom (CloveAdnlSession *session, const guint8 *data, gsize size, gpointer user_data)
{
  HostileRelay *relay = user_data;
  CloveRelayMessage outer = { 0 };
  CloveRelayMessage inner = { 0 };
  g_autofree guint8 *layers = NULL;
  guint8 *layer = NULL;
  gsize layer_size = 0;

  g_assert_true (clove_relay_message_parse (&outer, data, size, NULL));
  if (outer.type == CLOVE_RELAY_MESSAGE_CIRCUIT_DESTROY) {
    relay->n_destroys++;
    return;
  }
  g_assert_cmpint (outer.type, ==, CLOVE_RELAY_MESSAGE_DATA);
  g_assert_cmpint (outer.stream_id, ==, 0);
  layer = layers = g_memdup2 (outer.data, outer.data_size);
  layer_size = outer.data_size;
  for (guint i = 0; i < CLOVE_MAX_HOPS; i++) {
    layer = clove_onion_open (layer, layer_size, relay->keys[i], &layer_size);
    g_assert_nonnull (layer);
  }
  g_assert_true (clove_relay_message_parse (&inner, layer, layer_size, NULL));
  take_stream_message (relay, &inner);
}

static const CloveAdnlSessionHandlers handlers = { .custom = on_custom, .query = on_query };

static void
on_session_opened (CloveAdnlEndpoint *endpoint, CloveAdnlSession *session, gpointer user_data)
{
  HostileRelay *relay = user_data;

  relay->session = session;
  clove_adnl_session_set_handlers (session, &handlers, relay);
}

/** hostile_relay_start: Listen on @port, 0 for any; again once the endpoint was cleared. */
void
hostile_relay_start (HostileRelay *relay, CloveClock *clock, guint16 port)
{
  g_autoptr (GError) error = NULL;
  CloveAddress address = { 0 };

  clove_address_init_loopback (&address, port);
  relay->endpoint =
    clove_adnl_endpoint_new_responder (&address, relay->identity, clock, &error);
  g_assert_no_error (error);
  g_signal_connect (relay->endpoint, "session-opened", G_CALLBACK (on_session_opened), relay);
}

/** hostile_relay_answer: Answer the present query with any bytes. */
void
hostile_relay_answer (HostileRelay *relay, const guint8 *data, gsize size)
{
  g_assert_true (clove_adnl_session_answer (relay->session, relay->query_id, data, size, NULL));
}

/** hostile_relay_answer_message: Answer the present query with @message. */
void
hostile_relay_answer_message (HostileRelay *relay, const CloveRelayMessage *message)
{
  guint8 boxed[CLOVE_ADNL_MAX_MESSAGE_SIZE];
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, boxed, sizeof boxed);
  clove_relay_message_write (&writer, message);
  g_assert_true (clove_writer_is_ok (&writer));
  hostile_relay_answer (relay, boxed, clove_writer_get_size (&writer));
}

/** hostile_relay_send: Send any bytes to the client as custom message. */
void
hostile_relay_send (HostileRelay *relay, const guint8 *data, gsize size)
{
  g_assert_true (clove_adnl_session_send_custom (relay->session, data, size, NULL));
}

/** hostile_relay_send_message: Send @message to the client as custom message. */
void
hostile_relay_send_message (HostileRelay *relay, const CloveRelayMessage *message)
{
  guint8 boxed[CLOVE_ADNL_MAX_MESSAGE_SIZE];
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, boxed, sizeof boxed);
  clove_relay_message_write (&writer, message);
  g_assert_true (clove_writer_is_ok (&writer));
  hostile_relay_send (relay, boxed, clove_writer_get_size (&writer));
}

/** hostile_relay_seal: (transfer full): Seal one layer. */
GBytes *
hostile_relay_seal (const guint8 *key, const guint8 *plain, gsize size)
{
  guint8 *sealed = g_malloc (size + CLOVE_ONION_OVERHEAD);

  memcpy (sealed + CLOVE_ONION_NONCE_SIZE, plain, size);
  clove_onion_seal (sealed, size, key);
  return g_bytes_new_take (sealed, size + CLOVE_ONION_OVERHEAD);
}

/** hostile_relay_send_data: Send @inner as the exit does, sealed in relay.data. */
void
hostile_relay_send_data (HostileRelay *relay, const CloveRelayMessage *inner)
{
  gsize size = clove_relay_message_size (inner);
  g_autofree guint8 *boxed = g_malloc (size);
  g_autoptr (GBytes) sealed = NULL;
  CloveWriter writer = { 0 };
  CloveRelayMessage outer = { .type = CLOVE_RELAY_MESSAGE_DATA, .id = relay->circuit_id };

  clove_writer_init (&writer, boxed, size);
  clove_relay_message_write (&writer, inner);
  sealed = hostile_relay_seal (relay->keys[CLOVE_MAX_HOPS - 1], boxed, size);
  outer.data = g_bytes_get_data (sealed, &outer.data_size);
  hostile_relay_send_message (relay, &outer);
}

/** hostile_relay_send_connected: Say that stream @stream_id is connected. */
void
hostile_relay_send_connected (HostileRelay *relay, gint32 stream_id)
{
  CloveRelayMessage connected = {
    .type = CLOVE_RELAY_MESSAGE_STREAM_CONNECTED,
    .stream_id = stream_id,
    .is_success = TRUE,
    .data = (const guint8 *) "",
  };

  hostile_relay_send_data (relay, &connected);
}

/** hostile_relay_send_page: Reply with %HOSTILE_PAGE on stream @stream_id. */
void
hostile_relay_send_page (HostileRelay *relay, gint32 stream_id)
{
  CloveRelayMessage page = {
    .type = CLOVE_RELAY_MESSAGE_STREAM_DATA,
    .stream_id = stream_id,
    .data = (const guint8 *) HOSTILE_PAGE,
    .data_size = strlen (HOSTILE_PAGE),
  };

  hostile_relay_send_data (relay, &page);
}

/** hostile_relay_new_reply: (transfer full): Box a long reply, ready to be cut. */
GBytes *
hostile_relay_new_reply (gint32 stream_id, gsize body_size, guint8 filling)
{
  g_autofree guint8 *body = g_malloc (body_size);
  CloveRelayMessage message = {
    .type = CLOVE_RELAY_MESSAGE_STREAM_DATA,
    .stream_id = stream_id,
    .data = body,
    .data_size = body_size,
  };
  gsize size = clove_relay_message_size (&message);
  guint8 *boxed = g_malloc (size);
  CloveWriter writer = { 0 };

  memset (body, filling, body_size);
  clove_writer_init (&writer, boxed, size);
  clove_relay_message_write (&writer, &message);
  return g_bytes_new_take (boxed, size);
}

/** hostile_relay_send_piece: Seal @piece and send it as the chunk it claims to be. */
void
hostile_relay_send_piece (HostileRelay *relay,
                          gint32 stream_id,
                          gint32 index,
                          gint32 total,
                          GBytes *piece)
{
  g_autoptr (GBytes) sealed =
    hostile_relay_seal (relay->keys[CLOVE_MAX_HOPS - 1], g_bytes_get_data (piece, NULL),
                        g_bytes_get_size (piece));
  CloveRelayMessage chunk = {
    .type = CLOVE_RELAY_MESSAGE_DATA_CHUNK,
    .id = relay->circuit_id,
    .stream_id = stream_id,
    .number = index,
    .number2 = total,
  };

  chunk.data = g_bytes_get_data (sealed, &chunk.data_size);
  hostile_relay_send_message (relay, &chunk);
}

/** hostile_relay_count_chunks: Get how many chunks an exit cuts @reply into. */
gint32
hostile_relay_count_chunks (GBytes *reply)
{
  return (gint32) ((g_bytes_get_size (reply) + CLOVE_CHUNK_SIZE - 1) / CLOVE_CHUNK_SIZE);
}

/** hostile_relay_send_chunk: Send one chunk of @reply, sealed anew each time. */
void
hostile_relay_send_chunk (HostileRelay *relay, gint32 stream_id, gint32 index, GBytes *reply)
{
  gsize offset = (gsize) index * CLOVE_CHUNK_SIZE;
  gsize size = MIN (CLOVE_CHUNK_SIZE, g_bytes_get_size (reply) - offset);
  g_autoptr (GBytes) piece = g_bytes_new_from_bytes (reply, offset, size);

  hostile_relay_send_piece (relay, stream_id, index, hostile_relay_count_chunks (reply), piece);
}

/** hostile_relay_send_first: Send the beginning of some reply as the chunk that it claims to be. */
void
hostile_relay_send_first (HostileRelay *relay, gint32 stream_id, gint32 index, gint32 total)
{
  g_autoptr (GBytes) reply = hostile_relay_new_reply (stream_id, HOSTILE_BODY_SIZE, 'x');
  g_autoptr (GBytes) piece = g_bytes_new_from_bytes (reply, 0, CLOVE_CHUNK_SIZE);

  hostile_relay_send_piece (relay, stream_id, index, total, piece);
}

/** hostile_relay_only_connect: A HostileStreamFunc that connects streams and never replies. */
void
hostile_relay_only_connect (HostileRelay *relay, const CloveRelayMessage *message)
{
  if (message->type == CLOVE_RELAY_MESSAGE_STREAM_CONNECT)
    hostile_relay_send_connected (relay, message->stream_id);
}

/** hostile_net_set_up: Start the relay and the client; for g_test_add(). */
void
hostile_net_set_up (HostileNet *net, gconstpointer user_data)
{
  test_net_set_up (&net->client, NULL);
  net->relay.identity = clove_adnl_identity_new ();
  for (gsize i = 0; i < G_N_ELEMENTS (net->others); i++)
    net->others[i] = clove_adnl_identity_new ();
  hostile_relay_start (&net->relay, net->client.clock, 0);
}

/** hostile_net_tear_down: Stop both and check that no lie left anything behind. */
void
hostile_net_tear_down (HostileNet *net, gconstpointer user_data)
{
  test_loop_settle ();
  g_assert_cmpuint (clove_adnl_endpoint_get_n_sessions (net->client.endpoint), ==, 0);
  clove_adnl_endpoint_close (net->client.endpoint);
  g_assert_finalize_object (net->client.endpoint);
  g_assert_finalize_object (net->relay.endpoint);
  /* A timer that still runs would belong to an object that is gone. */
  g_assert_false (clove_clock_advance_to_next (net->client.clock));
  for (gsize i = 0; i < G_N_ELEMENTS (net->others); i++)
    clove_adnl_identity_unref (net->others[i]);
  clove_adnl_identity_unref (net->relay.identity);
  clove_clock_unref (net->client.clock);
}

/** hostile_net_new_circuit: (transfer full): Make a circuit "liar", "second", "third". */
CloveCircuit *
hostile_net_new_circuit (HostileNet *net)
{
  const CloveAddress *address = clove_adnl_endpoint_get_address (net->relay.endpoint);
  const CloveHop hops[CLOVE_MAX_HOPS] = {
    { "liar", clove_adnl_identity_get_key (net->relay.identity), *address },
    { "second", clove_adnl_identity_get_key (net->others[0]), *address },
    { "third", clove_adnl_identity_get_key (net->others[1]), *address },
  };

  return clove_circuit_new (net->client.endpoint, net->client.clock, hops, G_N_ELEMENTS (hops));
}

/** hostile_net_build: (transfer full): Build a circuit, which must succeed. */
CloveCircuit *
hostile_net_build (HostileNet *net)
{
  g_autoptr (CloveCircuit) circuit = hostile_net_new_circuit (net);
  g_autoptr (GError) error = NULL;

  g_assert_true (test_net_try_build (&net->client, circuit, &error));
  g_assert_no_error (error);
  return g_steal_pointer (&circuit);
}

/** hostile_net_send: (transfer full): Ask for a page. */
TestReply *
hostile_net_send (CloveCircuit *circuit)
{
  return test_net_send (circuit, "demo.ton", "GET / HTTP/1.1\r\nHost: demo.ton\r\n\r\n");
}

/** hostile_net_assert_fetches: Check that the circuit still serves an honest page. */
void
hostile_net_assert_fetches (HostileNet *net, CloveCircuit *circuit)
{
  g_autoptr (TestReply) reply = NULL;

  net->relay.on_stream = NULL;
  reply = hostile_net_send (circuit);
  test_net_wait (&net->client, reply);
  g_assert_no_error (reply->error);
  g_assert_cmpmem (reply->bytes->data, reply->bytes->len, HOSTILE_PAGE, strlen (HOSTILE_PAGE));
}
