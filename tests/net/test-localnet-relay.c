/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One relay, spoken to with raw objects: its words for each error, and how it bears noise. */
#include "config.h"

#include "clove-tunnel-packet.h"
#include "clove-udp.h"
#include "test-localnet-raw.h"

#include <string.h>

static const CloveLocalnetOptions sound = { .n_relays = 3, .n_exits = 1, .seed = 1 };

static void
test_without_circuit (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (CloveAdnlSession) session = raw_dial_and_open (net, 1);
  const guint8 *key = clove_local_relay_get_key (test_net_get_relay (net, 1));
  const guint8 id[CLOVE_INT256_SIZE] = { 1 };
  CloveRelayMessage ping = { .type = CLOVE_RELAY_MESSAGE_PING, .value = 42 };
  CloveRelayMessage hello = { .type = CLOVE_RELAY_MESSAGE_HELLO, .id = id, .number = 1 };
  CloveRelayMessage peers = { .type = CLOVE_RELAY_MESSAGE_GET_PEERS, .number = 10 };
  CloveRelayMessage pong = { .type = CLOVE_RELAY_MESSAGE_PONG, .value = 42 };
  RawQuestion question = { 0 };

  raw_ask (net, session, &ping, &question);
  g_assert_cmpint (question.message.type, ==, CLOVE_RELAY_MESSAGE_PONG);
  g_assert_cmpint (question.message.value, ==, 42);
  raw_ask (net, session, &hello, &question);
  g_assert_cmpint (question.message.type, ==, CLOVE_RELAY_MESSAGE_HELLO_ACK);
  g_assert_cmpmem (question.message.id, CLOVE_KEY_SIZE, key, CLOVE_KEY_SIZE);
  g_assert_cmpint (question.message.number, ==, 1);
  raw_ask (net, session, &peers, &question);
  g_assert_cmpint (question.message.type, ==, CLOVE_RELAY_MESSAGE_PEERS);
  g_assert_cmpint (question.message.number, ==, 0);
  raw_ask (net, session, &pong, &question);
  raw_assert_error (&question, 400, "unknown query type");
  g_bytes_unref (question.answer);
}

/* Asking again gives the same key, whatever key is offered the second time. */
static void
assert_known (TestNet *net, CloveAdnlSession *session, const guint8 *id, const RawHop *hop)
{
  RawHop other = { 0 };
  RawQuestion question = { 0 };
  CloveRelayMessage again = { .type = CLOVE_RELAY_MESSAGE_CIRCUIT_CREATE, .id = id };
  guint8 hash[CLOVE_INT256_SIZE];

  clove_onion_keypair (other.public_key, other.secret);
  again.key = other.public_key;
  raw_ask (net, session, &again, &question);
  clove_onion_key_hash (hash, hop->key);
  g_assert_cmpmem (question.message.key_hash, sizeof hash, hash, sizeof hash);
  g_bytes_unref (question.answer);
}

static void
test_create_twice (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (CloveAdnlSession) session = raw_dial_and_open (net, 1);
  const guint8 id[CLOVE_INT256_SIZE] = { 1 };
  RawHop hop = { 0 };

  raw_create (net, session, id, &hop);
  assert_known (net, session, id, &hop);
  g_assert_cmpuint (test_net_count (net, 1).n_circuits, ==, 1);
}

/* A key of low order would make a secret that everybody knows. */
static void
test_create_low_order (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (CloveAdnlSession) session = raw_dial_and_open (net, 1);
  const guint8 zero[CLOVE_INT256_SIZE] = { 0 };
  CloveRelayMessage message = {
    .type = CLOVE_RELAY_MESSAGE_CIRCUIT_CREATE,
    .id = zero,
    .key = zero,
  };
  RawQuestion question = { 0 };

  raw_ask (net, session, &message, &question);
  raw_assert_error (&question, 503, "cannot create circuit");
  g_assert_cmpuint (test_net_count (net, 1).n_circuits, ==, 0);
  g_bytes_unref (question.answer);
}

static void
test_extend_errors (void)
{
  static const struct {
    const char *address; /* NULL: garbage; "": nothing */
    gint32 code;
    const char *text;
  } cases[] = {
    { "", 400, "encrypted payload too short" },
    { NULL, 401, "decryption failed" },
    { "relay.example:9001", 400, "invalid next relay address: relay.example:9001" },
    { "192.0.2.1:9001", 400, "invalid next relay address" },
    { "127.0.0.1:65535", 400, "invalid next relay address" },
    { "127.0.0.1", 400, "invalid next relay address" },
  };
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (CloveAdnlSession) session = raw_dial_and_open (net, 1);
  const guint8 id[CLOVE_INT256_SIZE] = { 1 };
  const guint8 unknown[CLOVE_INT256_SIZE] = { 2 };
  guint8 sealed[512] = { 0 };
  RawHop hop = { 0 };
  RawQuestion question = { 0 };
  CloveRelayMessage extend = {
    .type = CLOVE_RELAY_MESSAGE_CIRCUIT_EXTEND,
    .id = id,
    .key = unknown,
    .data = sealed,
  };

  raw_create (net, session, id, &hop);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    if (cases[i].address == NULL)
      extend.data_size = 100;
    else
      extend.data_size =
        cases[i].address[0] == '\0' ? 27 : raw_seal_extend (&hop, cases[i].address, sealed);
    raw_ask (net, session, &extend, &question);
    raw_assert_error (&question, cases[i].code, cases[i].text);
  }
  extend.data_size = raw_seal (&hop, (const guint8 *) "\x00\x20short", 7, sealed);
  raw_ask (net, session, &extend, &question);
  raw_assert_error (&question, 400, "truncated extend payload");
  extend.data_size = raw_seal (&hop, (const guint8 *) "x", 1, sealed);
  raw_ask (net, session, &extend, &question);
  raw_assert_error (&question, 400, "invalid extend payload");
  extend.id = unknown;
  raw_ask (net, session, &extend, &question);
  raw_assert_error (&question, 404, "unknown circuit");
  g_bytes_unref (question.answer);
}

static void
test_relay_errors (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (CloveAdnlSession) session = raw_dial_and_open (net, 1);
  const guint8 id[CLOVE_INT256_SIZE] = { 1 };
  const guint8 unknown[CLOVE_INT256_SIZE] = { 2 };
  guint8 plain[512] = { 0 };
  guint8 sealed[600] = { 0 };
  CloveWriter writer = { 0 };
  RawHop hop = { 0 };
  RawQuestion question = { 0 };
  CloveRelayMessage relay = {
    .type = CLOVE_RELAY_MESSAGE_CIRCUIT_RELAY,
    .id = unknown,
    .data = sealed,
    .data_size = 100,
  };
  CloveRelayMessage inner = { .type = CLOVE_RELAY_MESSAGE_CIRCUIT_DESTROY, .id = id };

  raw_create (net, session, id, &hop);
  raw_ask (net, session, &relay, &question);
  raw_assert_error (&question, 404, "circuit not found");
  relay.id = id;
  raw_ask (net, session, &relay, &question);
  raw_assert_error (&question, 400, "decryption failed");
  relay.data_size = raw_seal (&hop, (const guint8 *) "nonsense", 8, sealed);
  raw_ask (net, session, &relay, &question);
  raw_assert_error (&question, 400, "invalid inner message");
  clove_writer_init (&writer, plain, sizeof plain);
  clove_relay_message_write (&writer, &inner);
  relay.data_size = raw_seal (&hop, plain, clove_writer_get_size (&writer), sealed);
  raw_ask (net, session, &relay, &question);
  raw_assert_error (&question, 400, "unsupported relay message: circuitDestroy");
  inner.type = CLOVE_RELAY_MESSAGE_CIRCUIT_EXTEND;
  inner.key = unknown;
  inner.data = (const guint8 *) "abcd";
  inner.data_size = 4;
  clove_writer_init (&writer, plain, sizeof plain);
  clove_relay_message_write (&writer, &inner);
  relay.data_size = raw_seal (&hop, plain, clove_writer_get_size (&writer), sealed);
  raw_ask (net, session, &relay, &question);
  raw_assert_error (&question, 400, "no next hop configured");
  g_bytes_unref (question.answer);
}

static void
on_nothing (guint8 *data, gsize size, const CloveAddress *from, gpointer user_data)
{
}

/* Writes a tunnel packet with a message that begins like a real one and goes on at random. */
static gsize
write_nonsense (CloveRandom *random, const guint8 *circuit_id, guint8 *out, gsize size)
{
  guint8 buffer[512];
  guint8 noise[256];
  CloveWriter writer = { 0 };
  CloveTunnelPacket packet = { .flags = CLOVE_TUNNEL_PACKET_MESSAGE, .message = buffer };
  CloveRelayMessage message = {
    .type = (CloveRelayMessageType) clove_random_uniform (random,
                                                          CLOVE_RELAY_MESSAGE_DATA_CHUNK + 1),
    .id = circuit_id,
    .key = noise,
    .key_hash = noise,
    .data = noise,
    .data_size = clove_random_uniform (random, sizeof noise),
  };

  clove_random_bytes (random, noise, sizeof noise);
  clove_writer_init (&writer, buffer, sizeof buffer);
  if (message.type == CLOVE_RELAY_MESSAGE_PEERS)
    message.data_size = 0;
  clove_relay_message_write (&writer, &message);
  packet.message_size = clove_writer_get_size (&writer);
  if (clove_random_uniform (random, 2) == 0)
    /* cppcheck-suppress unreadVariable ; read through packet.message */
    buffer[clove_random_uniform (random, (guint32) packet.message_size)] ^= noise[0];
  clove_writer_init (&writer, out, size);
  clove_tunnel_packet_write (&writer, &packet);
  return clove_writer_get_size (&writer);
}

/* Strangers send noise to both ports, and messages about a circuit of ours: the sound relay keeps
 * serving, and the circuit stays as it was. */
static void
test_noise (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (CloveRandom) random = clove_random_new_seeded (7);
  g_autoptr (CloveAdnlSession) session = raw_dial_and_open (net, 1);
  const guint8 id[CLOVE_INT256_SIZE] = { 1 };
  CloveRelayMessage ping = { .type = CLOVE_RELAY_MESSAGE_PING, .value = 1 };
  CloveAddress any = { 0 };
  CloveAddress port = *clove_local_relay_get_address (test_net_get_relay (net, 1));
  CloveAddress tunnel = port;
  g_autoptr (CloveUdp) udp = NULL;
  RawQuestion question = { 0 };
  RawHop hop = { 0 };

  raw_create (net, session, id, &hop);
  clove_address_init_loopback (&any, 0);
  clove_address_set_port (&tunnel, (guint16) (clove_address_get_port (&port) + 1));
  udp = clove_udp_new (&any, 2048, on_nothing, NULL, NULL);
  for (guint i = 0; i < 3000; i++) {
    guint8 datagram[1024];
    gsize size = clove_random_uniform (random, sizeof datagram);

    clove_random_bytes (random, datagram, size);
    clove_udp_send (udp, &port, datagram, size, NULL);
    clove_udp_send (udp, &tunnel, datagram, size, NULL);
    size = write_nonsense (random, id, datagram, sizeof datagram);
    clove_udp_send (udp, &tunnel, datagram, size, NULL);
    test_loop_settle ();
  }
  raw_ask (net, session, &ping, &question);
  g_assert_cmpint (question.message.type, ==, CLOVE_RELAY_MESSAGE_PONG);
  g_bytes_unref (question.answer);
  assert_known (net, session, id, &hop);
  g_assert_cmpuint (test_net_count (net, 1).n_requests, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/localnet/relay/without-circuit", test_without_circuit);
  g_test_add_func ("/clove/localnet/relay/create-twice", test_create_twice);
  g_test_add_func ("/clove/localnet/relay/create-low-order", test_create_low_order);
  g_test_add_func ("/clove/localnet/relay/extend-errors", test_extend_errors);
  g_test_add_func ("/clove/localnet/relay/relay-errors", test_relay_errors);
  g_test_add_func ("/clove/localnet/relay/noise", test_noise);
  return g_test_run ();
}
