/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts, channels and sessions under a peer that means harm, on both sides of the protocol. */
#include "config.h"

/* Parts as no honest sender makes them cannot be had from the public functions. */
#include "clove-adnl-session-private.h"
#include "hostile-packet.h"
#include "hostile-relay.h"

#include "clove-adnl-cipher.h"
#include "clove-adnl-parts.h"

#include <malloc.h>
#include <string.h>

/* What a flood may leave behind on the heap: that many messages in the making, and a little. */
#define MAX_GROWTH (CLOVE_ADNL_MAX_ASSEMBLIES * 9000 + 150 * 1000)

static const CloveAdnlStats *
client_stats (HostileNet *net)
{
  return clove_adnl_endpoint_get_stats (net->client.endpoint);
}

static const CloveAdnlStats *
relay_stats (HostileNet *net)
{
  return clove_adnl_endpoint_get_stats (net->relay.endpoint);
}

static void
send_part (HostileNet *net, const guint8 *hash, guint32 total, guint32 offset, gsize size)
{
  static const guint8 zeros[CLOVE_ADNL_PART_SIZE] = { 0 };
  CloveAdnlMessage part = {
    .type = CLOVE_ADNL_MESSAGE_PART,
    .id = hash,
    .total_size = total,
    .offset = offset,
    .data = zeros,
    .data_size = size,
  };

  g_assert_true (clove_adnl_session_send_root (net->relay.session, &part, NULL));
  test_loop_settle ();
}

/* Sends @message as one part with a true hash. */
static void
send_as_part (HostileNet *net, const CloveAdnlMessage *message)
{
  guint8 whole[CLOVE_ADNL_PART_SIZE] = { 0 };
  guint8 hash[CLOVE_CHECKSUM_SIZE] = { 0 };
  CloveWriter writer = { 0 };
  CloveAdnlMessage part = { .type = CLOVE_ADNL_MESSAGE_PART, .id = hash, .data = whole };

  clove_writer_init (&writer, whole, sizeof whole);
  clove_adnl_message_write (&writer, message);
  part.data_size = clove_writer_get_size (&writer);
  part.total_size = (guint32) part.data_size;
  clove_adnl_cipher_checksum (hash, whole, part.data_size);
  g_assert_true (clove_adnl_session_send_root (net->relay.session, &part, NULL));
  test_loop_settle ();
}

/* A reply that needs parts, to show that honest ones still come together. */
static void
reply_at_length (HostileRelay *relay, const CloveRelayMessage *message)
{
  if (message->type == CLOVE_RELAY_MESSAGE_STREAM_CONNECT) {
    hostile_relay_send_connected (relay, message->stream_id);
  } else if (message->type == CLOVE_RELAY_MESSAGE_STREAM_DATA) {
    g_autoptr (GBytes) reply = hostile_relay_new_reply (message->stream_id, 50000, 'x');

    for (gint32 i = 0; i < hostile_relay_count_chunks (reply); i++)
      hostile_relay_send_chunk (relay, message->stream_id, i, reply);
  }
}

static void
assert_joins (HostileNet *net, CloveCircuit *circuit)
{
  g_autoptr (TestReply) reply = NULL;

  net->relay.on_stream = reply_at_length;
  reply = hostile_net_send (circuit);
  test_net_wait (&net->client, reply);
  g_assert_no_error (reply->error);
  g_assert_cmpuint (reply->bytes->len, ==, 50000);
}

static void
test_endless_parts (HostileNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = hostile_net_build (net);
  guint8 hash[CLOVE_CHECKSUM_SIZE] = { 0 };
  gsize before = 0;

  assert_joins (net, circuit);
  before = mallinfo2 ().uordblks;
  for (guint32 i = 0; i < 10000; i++) {
    memcpy (hash, &i, sizeof i);
    send_part (net, hash, CLOVE_ADNL_MAX_JOINED_SIZE, 0, CLOVE_ADNL_PART_SIZE);
  }
  g_assert_cmpuint (mallinfo2 ().uordblks, <, before + MAX_GROWTH);
  g_assert_cmpuint (client_stats (net)->n_malformed, ==, 0);
  assert_joins (net, circuit);
}

static void
test_impossible_parts (HostileNet *net, gconstpointer user_data)
{
  static const struct {
    guint32 total;
    guint32 offset;
    gsize size;
  } parts[] = {
    { 0, 0, 1 },
    { 3, 0, 3 },
    { CLOVE_ADNL_MAX_JOINED_SIZE + 1, 0, 1024 },
    { G_MAXUINT32, 0, 1024 },
    { 0x80000000, 0, 1024 },
    { 2048, 2048, 1 },
    { 2048, 2049, 1 },
    { 2048, 1025, 1024 },
    { 2048, G_MAXUINT32, 1024 },
    { 2048, G_MAXUINT32 - 511, 1024 },
    { 2048, 0x80000000, 1024 },
    { 2048, 0, 0 },
    { 512, 0, 1024 },
  };
  g_autoptr (CloveCircuit) circuit = hostile_net_build (net);
  guint8 hash[CLOVE_CHECKSUM_SIZE] = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++) {
    send_part (net, hash, parts[i].total, parts[i].offset, parts[i].size);
    g_assert_cmpuint (client_stats (net)->n_malformed, ==, i + 1);
  }
  assert_joins (net, circuit);
}

static void
test_contradictory_parts (HostileNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = hostile_net_build (net);
  guint8 hash[CLOVE_CHECKSUM_SIZE] = { 7 };

  send_part (net, hash, 4096, 0, 1024);
  send_part (net, hash, 4096, 0, 1024);
  g_assert_cmpuint (client_stats (net)->n_malformed, ==, 0);
  send_part (net, hash, 4095, 1024, 1024);
  g_assert_cmpuint (client_stats (net)->n_malformed, ==, 1);
  send_part (net, hash, 4096, 0, 1024);
  send_part (net, hash, 4096, 1023, 1024);
  g_assert_cmpuint (client_stats (net)->n_malformed, ==, 2);
  for (guint32 offset = 0; offset < 17; offset++)
    send_part (net, hash, 4096, offset, 1);
  g_assert_cmpuint (client_stats (net)->n_malformed, ==, 3);
  assert_joins (net, circuit);
}

static void
test_false_hash (HostileNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = hostile_net_build (net);
  guint8 hash[CLOVE_CHECKSUM_SIZE] = { 9 };

  for (guint round = 1; round <= 100; round++) {
    for (guint32 offset = 0; offset < 4096; offset += 1024)
      send_part (net, hash, 4096, offset, 1024);
    g_assert_cmpuint (client_stats (net)->n_forged, ==, round);
  }
  assert_joins (net, circuit);
}

/* What is never long must not hide in parts: neither the handshake nor another part. */
static void
test_wrong_in_parts (HostileNet *net, gconstpointer user_data)
{
  static const guint8 key[CLOVE_KEY_SIZE] = { 1 };
  static const guint8 text[64] = { 0 };
  const CloveAdnlMessage messages[] = {
    { .type = CLOVE_ADNL_MESSAGE_CREATE_CHANNEL, .id = key },
    { .type = CLOVE_ADNL_MESSAGE_CONFIRM_CHANNEL, .id = key, .peer_key = key },
    { .type = CLOVE_ADNL_MESSAGE_PART, .id = key, .total_size = 64, .data = text, .data_size = 64 },
  };
  g_autoptr (CloveCircuit) circuit = hostile_net_build (net);

  for (gsize i = 0; i < G_N_ELEMENTS (messages); i++) {
    send_as_part (net, &messages[i]);
    g_assert_cmpuint (client_stats (net)->n_malformed, ==, i + 1);
  }
  assert_joins (net, circuit);
}

static CloveAdnlSession *
connect_to_relay (HostileNet *net)
{
  g_autoptr (GError) error = NULL;
  CloveAdnlSession *session = clove_adnl_endpoint_connect (
    net->client.endpoint, clove_adnl_identity_get_key (net->relay.identity),
    clove_adnl_endpoint_get_address (net->relay.endpoint), &error);

  g_assert_no_error (error);
  return session;
}

static void
assert_opens (HostileNet *net, CloveAdnlSession *session)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  clove_adnl_session_open_async (session, G_USEC_PER_SEC, NULL, test_loop_on_ready, &result);
  test_loop_wait (net->client.clock, &result);
  g_assert_true (clove_adnl_session_open_finish (session, result, &error));
  g_assert_no_error (error);
}

/* The channel works in both directions. */
static void
assert_pings (HostileNet *net, CloveAdnlSession *session)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (clove_adnl_session_has_channel (session));
  clove_adnl_session_ping_async (session, G_USEC_PER_SEC, NULL, test_loop_on_ready, &result);
  test_loop_wait (net->client.clock, &result);
  g_assert_cmpint (clove_adnl_session_ping_finish (session, result, &error), >=, 0);
  g_assert_no_error (error);
}

/* Keeps what comes in for later. */
static gboolean
on_hold (guint8 *data,
         gsize size,
         const CloveAddress *peer,
         gboolean is_outgoing,
         gpointer user_data)
{
  if (!is_outgoing)
    g_ptr_array_add (user_data, g_bytes_new (data, size));
  return is_outgoing;
}

static void
inject (CloveAdnlEndpoint *endpoint, GBytes *datagram, const CloveAddress *from)
{
  gsize size = 0;
  g_autofree guint8 *data = g_bytes_unref_to_data (g_bytes_ref (datagram), &size);

  clove_adnl_endpoint_inject (endpoint, data, size, from, FALSE);
  test_loop_settle ();
}

/* A datagram of the channel before the present one is for nobody. */
static void
test_old_channel (HostileNet *net, gconstpointer user_data)
{
  g_autoptr (CloveAdnlSession) session = connect_to_relay (net);
  g_autoptr (GPtrArray) held = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  CloveAddress from = *clove_adnl_endpoint_get_address (net->relay.endpoint);

  assert_opens (net, session);
  assert_pings (net, session);
  clove_adnl_endpoint_set_filter (net->client.endpoint, on_hold, held);
  hostile_relay_send (&net->relay, (const guint8 *) "late", 4);
  test_loop_settle ();
  g_assert_cmpuint (held->len, ==, 1);
  clove_adnl_endpoint_set_filter (net->client.endpoint, NULL, NULL);
  assert_opens (net, session);
  inject (net->client.endpoint, g_ptr_array_index (held, 0), &from);
  g_assert_cmpuint (client_stats (net)->n_unknown, ==, 1);
  assert_pings (net, session);
  clove_adnl_session_close (session);
}

/* A root packet that somebody held back brings back neither an old channel nor an old address. */
static void
test_held_back (HostileNet *net, gconstpointer user_data)
{
  g_autoptr (CloveAdnlSession) session = connect_to_relay (net);
  g_autoptr (GPtrArray) held = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GAsyncResult) result = NULL;
  CloveAddress elsewhere = *clove_adnl_endpoint_get_address (net->client.endpoint);
  guint16 port = clove_address_get_port (&elsewhere);

  clove_address_set_port (&elsewhere, port ^ 1);
  clove_adnl_endpoint_set_filter (net->relay.endpoint, on_hold, held);
  clove_adnl_session_open_async (session, 10000, NULL, test_loop_on_ready, &result);
  test_loop_wait (net->client.clock, &result);
  g_assert_false (clove_adnl_session_open_finish (session, result, NULL));
  g_assert_cmpuint (held->len, ==, 1);
  clove_adnl_endpoint_set_filter (net->relay.endpoint, NULL, NULL);
  assert_opens (net, session);
  assert_pings (net, session);

  inject (net->relay.endpoint, g_ptr_array_index (held, 0), &elsewhere);
  g_assert_cmpuint (relay_stats (net)->n_replayed, ==, 1);
  g_assert_cmpuint (
    clove_address_get_port (clove_adnl_session_get_peer_address (net->relay.session)), ==, port);
  assert_pings (net, session);
  clove_adnl_session_close (session);
}

static void
knock (HostileNet *net,
       const HostileClaim *claim,
       CloveAdnlIdentity *stranger,
       gint64 seqno,
       const CloveAdnlMessage *messages,
       guint n_messages)
{
  CloveAddress from = *clove_adnl_endpoint_get_address (net->client.endpoint);
  g_autoptr (GBytes) datagram =
    hostile_packet_craft (claim, stranger, seqno,
                          clove_adnl_identity_get_key (net->relay.identity), messages, n_messages);
  gsize size = 0;
  g_autofree guint8 *data = g_bytes_unref_to_data (g_steal_pointer (&datagram), &size);

  clove_adnl_endpoint_inject (net->relay.endpoint, data, size, &from, FALSE);
}

/* Whoever does not prove who it is gets no place; those who do share what places there are. */
static void
test_flood_of_peers (HostileNet *net, gconstpointer user_data)
{
  static const HostileClaim truth = { .has_key = TRUE };
  static const HostileClaim no_proof = { .has_key = TRUE, .is_unsigned = TRUE };
  const HostileClaim stolen = { .has_key = TRUE, .from = net->relay.identity };
  const CloveAdnlMessage nop = { .type = CLOVE_ADNL_MESSAGE_NOP };
  g_autoptr (CloveCircuit) circuit = NULL;

  for (guint i = 0; i < 300; i++) {
    g_autoptr (CloveAdnlIdentity) stranger = clove_adnl_identity_new ();

    knock (net, &no_proof, stranger, 1, &nop, 1);
    knock (net, &stolen, stranger, 1, &nop, 1);
  }
  g_assert_cmpuint (clove_adnl_endpoint_get_n_sessions (net->relay.endpoint), ==, 0);
  g_assert_cmpuint (relay_stats (net)->n_forged, ==, 600);
  for (guint i = 0; i < CLOVE_ADNL_MAX_PEERS + 50; i++) {
    g_autoptr (CloveAdnlIdentity) stranger = clove_adnl_identity_new ();

    clove_clock_advance (net->client.clock, 1);
    knock (net, &truth, stranger, 1, &nop, 1);
  }
  g_assert_cmpuint (clove_adnl_endpoint_get_n_sessions (net->relay.endpoint), ==,
                    CLOVE_ADNL_MAX_PEERS);
  clove_clock_advance (net->client.clock, 1);
  circuit = hostile_net_build (net);
  hostile_net_assert_fetches (net, circuit);
  g_assert_cmpuint (clove_adnl_endpoint_get_n_sessions (net->relay.endpoint), ==,
                    CLOVE_ADNL_MAX_PEERS);
}

/* New channels without end cost the place of one, and no packet buys more than one. */
static void
test_endless_channels (HostileNet *net, gconstpointer user_data)
{
  static const HostileClaim truth = { .has_key = TRUE };
  g_autoptr (CloveAdnlIdentity) stranger = clove_adnl_identity_new ();
  CloveAdnlIdentity *halves[CLOVE_ADNL_MAX_MESSAGES] = { NULL };
  CloveAdnlMessage creates[CLOVE_ADNL_MAX_MESSAGES] = { 0 };
  g_autoptr (CloveAdnlSession) session = NULL;
  gsize before = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (halves); i++) {
    halves[i] = clove_adnl_identity_new ();
    creates[i].type = CLOVE_ADNL_MESSAGE_CREATE_CHANNEL;
    creates[i].id = clove_adnl_identity_get_key (halves[i]);
  }
  knock (net, &truth, stranger, 1, creates, G_N_ELEMENTS (creates));
  g_assert_cmpuint (relay_stats (net)->n_replayed, ==, 1);
  before = mallinfo2 ().uordblks;
  for (gint64 seqno = 2; seqno <= 1000; seqno++)
    knock (net, &truth, stranger, seqno, &creates[seqno % (gint64) G_N_ELEMENTS (creates)], 1);
  g_assert_cmpuint (relay_stats (net)->n_replayed, ==, 1);
  g_assert_cmpuint (clove_adnl_endpoint_get_n_sessions (net->relay.endpoint), ==, 1);
  g_assert_cmpuint (mallinfo2 ().uordblks, <, before + MAX_GROWTH);
  for (gsize i = 0; i < G_N_ELEMENTS (halves); i++)
    g_clear_pointer (&halves[i], clove_adnl_identity_unref);
  session = connect_to_relay (net);
  assert_opens (net, session);
  assert_pings (net, session);
  clove_adnl_session_close (session);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                \
  g_test_add ("/clove/hostile/peer/" name, HostileNet, NULL, hostile_net_set_up, function, \
              hostile_net_tear_down)
  ADD ("endless-parts", test_endless_parts);
  ADD ("impossible-parts", test_impossible_parts);
  ADD ("contradictory-parts", test_contradictory_parts);
  ADD ("false-hash", test_false_hash);
  ADD ("wrong-in-parts", test_wrong_in_parts);
  ADD ("old-channel", test_old_channel);
  ADD ("held-back", test_held_back);
  ADD ("flood-of-peers", test_flood_of_peers);
  ADD ("endless-channels", test_endless_channels);
  return g_test_run ();
}
