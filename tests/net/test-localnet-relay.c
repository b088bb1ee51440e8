/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One relay, spoken to with raw objects: its words for each error, and where the reference, when it
 * is played, does worse.
 */
#include "config.h"

#include "clove-adnl-endpoint.h"
#include "clove-onion.h"
#include "clove-relay-message.h"
#include "clove-tunnel-packet.h"
#include "clove-udp.h"
#include "test-localnet.h"
#include "test-loop.h"

#include <sodium.h>
#include <string.h>

static const CloveLocalnetOptions sound = { .n_relays = 3, .n_exits = 1, .seed = 1 };
static const CloveLocalnetOptions reference = {
  .n_relays = 3,
  .n_exits = 1,
  .seed = 1,
  .plays_reference = TRUE,
};

/* A client's side of one hop. */
typedef struct {
  guint8 public_key[CLOVE_ONION_KEY_SIZE];
  guint8 secret[CLOVE_ONION_KEY_SIZE];
  guint8 key[CLOVE_ONION_KEY_SIZE];
} Hop;

/* A query under way; @answer is NULL when there was none. */
typedef struct {
  GBytes *answer;
  CloveRelayMessage message;
  gboolean is_done;
} Question;

static gboolean
is_done (gpointer user_data)
{
  return *(gboolean *) user_data;
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_assert_true (clove_adnl_session_open_finish (CLOVE_ADNL_SESSION (source), result, NULL));
  *(gboolean *) user_data = TRUE;
}

static CloveAdnlSession *
dial (TestLocalnet *net, guint relay)
{
  CloveLocalRelay *target = clove_localnet_get_relay (net->localnet, relay - 1);

  return clove_adnl_endpoint_connect (net->client, clove_local_relay_get_key (target),
                                      clove_local_relay_get_address (target), NULL);
}

static CloveAdnlSession *
dial_and_open (TestLocalnet *net, guint relay)
{
  CloveAdnlSession *session = dial (net, relay);
  gboolean is_open = FALSE;

  clove_adnl_session_open_async (session, G_USEC_PER_SEC, NULL, on_opened, &is_open);
  test_loop_run_until (net->clock, is_done, &is_open);
  return session;
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Question *question = user_data;
  gsize size = 0;
  const guint8 *data = NULL;

  question->is_done = TRUE;
  question->answer =
    clove_adnl_session_query_finish (CLOVE_ADNL_SESSION (source), result, NULL);
  if (question->answer == NULL)
    return;
  data = g_bytes_get_data (question->answer, &size);
  g_assert_true (clove_relay_message_parse (&question->message, data, size, NULL));
}

static void
begin_with_copies (CloveAdnlSession *session,
                   const CloveRelayMessage *message,
                   guint n_copies,
                   Question *question)
{
  guint8 buffer[4096];
  CloveWriter writer = { 0 };
  CloveAdnlQueryPolicy policy = {
    .deadline_us = 60 * G_USEC_PER_SEC,
    .resend_after_us = 250 * G_TIME_SPAN_MILLISECOND,
    .max_resends = n_copies,
  };

  clove_writer_init (&writer, buffer, sizeof buffer);
  clove_relay_message_write (&writer, message);
  g_assert_true (clove_writer_is_ok (&writer));
  clove_adnl_session_query_async (session, buffer, clove_writer_get_size (&writer), &policy, NULL,
                                  on_answered, question);
}

static void
begin (CloveAdnlSession *session, const CloveRelayMessage *message, Question *question)
{
  begin_with_copies (session, message, 0, question);
}

static void
ask (TestLocalnet *net,
     CloveAdnlSession *session,
     const CloveRelayMessage *message,
     Question *question)
{
  g_clear_pointer (&question->answer, g_bytes_unref);
  *question = (Question){ 0 };
  begin (session, message, question);
  test_loop_run_until (net->clock, is_done, &question->is_done);
}

static void
create (TestLocalnet *net, CloveAdnlSession *session, const guint8 *id, Hop *hop)
{
  CloveRelayMessage message = {
    .type = CLOVE_RELAY_MESSAGE_CIRCUIT_CREATE,
    .id = id,
    .key = hop->public_key,
  };
  Question question = { 0 };
  guint8 hash[CLOVE_INT256_SIZE];

  clove_onion_keypair (hop->public_key, hop->secret);
  ask (net, session, &message, &question);
  g_assert_cmpint (question.message.type, ==, CLOVE_RELAY_MESSAGE_CIRCUIT_CREATED);
  g_assert_cmpmem (question.message.id, CLOVE_INT256_SIZE, id, CLOVE_INT256_SIZE);
  g_assert_true (clove_onion_agree (hop->key, hop->secret, question.message.key));
  clove_onion_key_hash (hash, hop->key);
  g_assert_cmpmem (question.message.key_hash, sizeof hash, hash, sizeof hash);
  g_bytes_unref (question.answer);
}

/* Seals @plain for @hop into @out. */
static gsize
seal (const Hop *hop, const guint8 *plain, gsize size, guint8 *out)
{
  memcpy (out + CLOVE_ONION_NONCE_SIZE, plain, size);
  clove_onion_seal (out, size, hop->key);
  return size + CLOVE_ONION_OVERHEAD;
}

static gsize
seal_extend (const Hop *hop, const char *address, guint8 *out)
{
  guint8 plain[512];
  Hop next = { 0 };
  CloveWriter writer = { 0 };

  clove_onion_keypair (next.public_key, next.secret);
  clove_writer_init (&writer, plain, sizeof plain);
  clove_onion_extend_payload_write (&writer, address, next.public_key);
  return seal (hop, plain, clove_writer_get_size (&writer), out);
}

static void
assert_error (const Question *question, gint32 code, const char *text)
{
  g_assert_nonnull (question->answer);
  g_assert_cmpint (question->message.type, ==, CLOVE_RELAY_MESSAGE_ERROR);
  g_assert_cmpint (question->message.number, ==, code);
  g_assert_cmpmem (question->message.data, MIN (question->message.data_size, strlen (text)), text,
                   strlen (text));
}

static void
test_without_circuit (void)
{
  g_autoptr (TestLocalnet) net = test_localnet_new (&sound);
  g_autoptr (CloveAdnlSession) session = dial_and_open (net, 1);
  const guint8 *key = clove_local_relay_get_key (clove_localnet_get_relay (net->localnet, 0));
  const guint8 id[CLOVE_INT256_SIZE] = { 1 };
  CloveRelayMessage ping = { .type = CLOVE_RELAY_MESSAGE_PING, .value = 42 };
  CloveRelayMessage hello = { .type = CLOVE_RELAY_MESSAGE_HELLO, .id = id, .number = 1 };
  CloveRelayMessage peers = { .type = CLOVE_RELAY_MESSAGE_GET_PEERS, .number = 10 };
  CloveRelayMessage pong = { .type = CLOVE_RELAY_MESSAGE_PONG, .value = 42 };
  Question question = { 0 };

  ask (net, session, &ping, &question);
  g_assert_cmpint (question.message.type, ==, CLOVE_RELAY_MESSAGE_PONG);
  g_assert_cmpint (question.message.value, ==, 42);
  ask (net, session, &hello, &question);
  g_assert_cmpint (question.message.type, ==, CLOVE_RELAY_MESSAGE_HELLO_ACK);
  g_assert_cmpmem (question.message.id, CLOVE_KEY_SIZE, key, CLOVE_KEY_SIZE);
  g_assert_cmpint (question.message.number, ==, 1);
  ask (net, session, &peers, &question);
  g_assert_cmpint (question.message.type, ==, CLOVE_RELAY_MESSAGE_PEERS);
  g_assert_cmpint (question.message.number, ==, 0);
  ask (net, session, &pong, &question);
  assert_error (&question, 400, "unknown query type");
  g_bytes_unref (question.answer);
}

/* Asking again gives the same key, whatever key is offered the second time. */
static void
assert_known (TestLocalnet *net, CloveAdnlSession *session, const guint8 *id, const Hop *hop)
{
  Hop other = { 0 };
  Question question = { 0 };
  CloveRelayMessage again = { .type = CLOVE_RELAY_MESSAGE_CIRCUIT_CREATE, .id = id };
  guint8 hash[CLOVE_INT256_SIZE];

  clove_onion_keypair (other.public_key, other.secret);
  again.key = other.public_key;
  ask (net, session, &again, &question);
  clove_onion_key_hash (hash, hop->key);
  g_assert_cmpmem (question.message.key_hash, sizeof hash, hash, sizeof hash);
  g_bytes_unref (question.answer);
}

static void
test_create_twice (void)
{
  g_autoptr (TestLocalnet) net = test_localnet_new (&sound);
  g_autoptr (CloveAdnlSession) session = dial_and_open (net, 1);
  const guint8 id[CLOVE_INT256_SIZE] = { 1 };
  Hop hop = { 0 };

  create (net, session, id, &hop);
  assert_known (net, session, id, &hop);
  g_assert_cmpuint (test_localnet_count (net, 1).n_circuits, ==, 1);
}

/* A key of low order would make a secret that everybody knows. */
static void
test_create_low_order (void)
{
  g_autoptr (TestLocalnet) net = test_localnet_new (&sound);
  g_autoptr (CloveAdnlSession) session = dial_and_open (net, 1);
  const guint8 zero[CLOVE_INT256_SIZE] = { 0 };
  CloveRelayMessage message = {
    .type = CLOVE_RELAY_MESSAGE_CIRCUIT_CREATE,
    .id = zero,
    .key = zero,
  };
  Question question = { 0 };

  ask (net, session, &message, &question);
  assert_error (&question, 503, "cannot create circuit");
  g_assert_cmpuint (test_localnet_count (net, 1).n_circuits, ==, 0);
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
  g_autoptr (TestLocalnet) net = test_localnet_new (&sound);
  g_autoptr (CloveAdnlSession) session = dial_and_open (net, 1);
  const guint8 id[CLOVE_INT256_SIZE] = { 1 };
  const guint8 unknown[CLOVE_INT256_SIZE] = { 2 };
  guint8 sealed[512] = { 0 };
  Hop hop = { 0 };
  Question question = { 0 };
  CloveRelayMessage extend = {
    .type = CLOVE_RELAY_MESSAGE_CIRCUIT_EXTEND,
    .id = id,
    .key = unknown,
    .data = sealed,
  };

  create (net, session, id, &hop);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    if (cases[i].address == NULL)
      extend.data_size = 100;
    else
      extend.data_size =
        cases[i].address[0] == '\0' ? 27 : seal_extend (&hop, cases[i].address, sealed);
    ask (net, session, &extend, &question);
    assert_error (&question, cases[i].code, cases[i].text);
  }
  extend.data_size = seal (&hop, (const guint8 *) "\x00\x20short", 7, sealed);
  ask (net, session, &extend, &question);
  assert_error (&question, 400, "truncated extend payload");
  extend.data_size = seal (&hop, (const guint8 *) "x", 1, sealed);
  ask (net, session, &extend, &question);
  assert_error (&question, 400, "invalid extend payload");
  extend.id = unknown;
  ask (net, session, &extend, &question);
  assert_error (&question, 404, "unknown circuit");
  g_bytes_unref (question.answer);
}

static void
test_relay_errors (void)
{
  g_autoptr (TestLocalnet) net = test_localnet_new (&sound);
  g_autoptr (CloveAdnlSession) session = dial_and_open (net, 1);
  const guint8 id[CLOVE_INT256_SIZE] = { 1 };
  const guint8 unknown[CLOVE_INT256_SIZE] = { 2 };
  guint8 plain[512] = { 0 };
  guint8 sealed[600] = { 0 };
  CloveWriter writer = { 0 };
  Hop hop = { 0 };
  Question question = { 0 };
  CloveRelayMessage relay = {
    .type = CLOVE_RELAY_MESSAGE_CIRCUIT_RELAY,
    .id = unknown,
    .data = sealed,
    .data_size = 100,
  };
  CloveRelayMessage inner = { .type = CLOVE_RELAY_MESSAGE_CIRCUIT_DESTROY, .id = id };

  create (net, session, id, &hop);
  ask (net, session, &relay, &question);
  assert_error (&question, 404, "circuit not found");
  relay.id = id;
  ask (net, session, &relay, &question);
  assert_error (&question, 400, "decryption failed");
  relay.data_size = seal (&hop, (const guint8 *) "nonsense", 8, sealed);
  ask (net, session, &relay, &question);
  assert_error (&question, 400, "invalid inner message");
  clove_writer_init (&writer, plain, sizeof plain);
  clove_relay_message_write (&writer, &inner);
  relay.data_size = seal (&hop, plain, clove_writer_get_size (&writer), sealed);
  ask (net, session, &relay, &question);
  assert_error (&question, 400, "unsupported relay message: circuitDestroy");
  inner.type = CLOVE_RELAY_MESSAGE_CIRCUIT_EXTEND;
  inner.key = unknown;
  inner.data = (const guint8 *) "abcd";
  inner.data_size = 4;
  clove_writer_init (&writer, plain, sizeof plain);
  clove_relay_message_write (&writer, &inner);
  relay.data_size = seal (&hop, plain, clove_writer_get_size (&writer), sealed);
  ask (net, session, &relay, &question);
  assert_error (&question, 400, "no next hop configured");
  g_bytes_unref (question.answer);
}

/* A circuit belongs to the peer that made it; the reference lets anyone use it. */
static void
test_foreign_circuit (gconstpointer user_data)
{
  const CloveLocalnetOptions *options = user_data;
  g_autoptr (TestLocalnet) net = test_localnet_new (options);
  g_autoptr (CloveAdnlSession) owner = dial_and_open (net, 1);
  g_autoptr (CloveAdnlSession) other = dial_and_open (net, 1);
  const guint8 id[CLOVE_INT256_SIZE] = { 1 };
  guint8 buffer[64];
  CloveWriter writer = { 0 };
  Hop hop = { 0 };
  CloveRelayMessage destroy = { .type = CLOVE_RELAY_MESSAGE_CIRCUIT_DESTROY, .id = id };

  create (net, owner, id, &hop);
  clove_writer_init (&writer, buffer, sizeof buffer);
  clove_relay_message_write (&writer, &destroy);
  clove_adnl_session_send_custom (other, buffer, clove_writer_get_size (&writer), NULL);
  test_loop_settle ();
  g_assert_cmpuint (test_localnet_count (net, 1).n_circuits, ==,
                    options->plays_reference ? 0 : 1);
  clove_adnl_session_send_custom (owner, buffer, clove_writer_get_size (&writer), NULL);
  test_loop_settle ();
  g_assert_cmpuint (test_localnet_count (net, 1).n_circuits, ==, 0);
}

/* Has relay1 extend a circuit of @session to relay2, which is dead. */
static void
begin_extension_to_dead (TestLocalnet *net,
                         CloveAdnlSession *session,
                         guint n_copies,
                         Question *question)
{
  const guint8 id[CLOVE_INT256_SIZE] = { 1 };
  CloveLocalRelay *dead = clove_localnet_get_relay (net->localnet, 1);
  CloveRelayMessage extend = { .type = CLOVE_RELAY_MESSAGE_CIRCUIT_EXTEND, .id = id, .key = id };
  char address[CLOVE_ADDRESS_STRING_SIZE];
  guint8 sealed[512];
  Hop hop = { 0 };

  create (net, session, id, &hop);
  test_localnet_do (net, "kill relay2");
  clove_address_format (clove_local_relay_get_address (dead), address);
  extend.data = sealed;
  extend.data_size = seal_extend (&hop, address, sealed);
  begin_with_copies (session, &extend, n_copies, question);
  test_loop_settle ();
}

/* While one client's circuit waits for a dead relay, the sound relay serves others at once and the
 * reference nobody for ten seconds. */
static void
test_waiting_relay (gconstpointer user_data)
{
  const CloveLocalnetOptions *options = user_data;
  g_autoptr (TestLocalnet) net = test_localnet_new (options);
  g_autoptr (CloveAdnlSession) first = dial_and_open (net, 1);
  g_autoptr (CloveAdnlSession) second = dial_and_open (net, 1);
  gint64 start_us = clove_clock_now_us (net->clock);
  CloveRelayMessage ping = { .type = CLOVE_RELAY_MESSAGE_PING, .value = 1 };
  Question extension = { 0 };
  Question pong = { 0 };

  begin_extension_to_dead (net, first, 0, &extension);
  begin (second, &ping, &pong);
  test_loop_settle ();
  g_assert_cmpint (pong.is_done, ==, !options->plays_reference);
  test_loop_run_until (net->clock, is_done, &extension.is_done);
  assert_error (&extension, 504, "timeout waiting for next relay response");
  test_loop_settle ();
  g_assert_true (pong.is_done);
  g_assert_nonnull (pong.answer);
  g_assert_cmpint (clove_clock_now_us (net->clock) - start_us, >=, 10 * G_USEC_PER_SEC);
  g_bytes_unref (extension.answer);
  g_bytes_unref (pong.answer);
}

/* A client that repeats its query quickly keeps the reference busy for ten seconds per copy; a
 * sound relay knows the copies for what they are. */
static void
test_copies (gconstpointer user_data)
{
  const CloveLocalnetOptions *options = user_data;
  g_autoptr (TestLocalnet) net = test_localnet_new (options);
  g_autoptr (CloveAdnlSession) first = dial_and_open (net, 1);
  g_autoptr (CloveAdnlSession) second = dial_and_open (net, 1);
  CloveRelayMessage ping = { .type = CLOVE_RELAY_MESSAGE_PING, .value = 1 };
  Question extension = { 0 };
  Question pong = { 0 };
  gint64 start_us = 0;
  gint64 served_us = 0;

  begin_extension_to_dead (net, first, 2, &extension);
  for (guint i = 0; i < 8; i++) {
    clove_clock_advance (net->clock, 250 * G_TIME_SPAN_MILLISECOND);
    test_loop_settle ();
  }
  start_us = clove_clock_now_us (net->clock);
  begin (second, &ping, &pong);
  test_loop_run_until (net->clock, is_done, &pong.is_done);
  g_assert_nonnull (pong.answer);
  served_us = clove_clock_now_us (net->clock) - start_us;
  if (options->plays_reference)
    g_assert_cmpint (served_us, >=, 25 * G_USEC_PER_SEC);
  else
    g_assert_cmpint (served_us, ==, 0);
  test_loop_run_until (net->clock, is_done, &extension.is_done);
  g_clear_pointer (&extension.answer, g_bytes_unref);
  g_bytes_unref (pong.answer);
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
  g_autoptr (TestLocalnet) net = test_localnet_new (&sound);
  g_autoptr (CloveRandom) random = clove_random_new_seeded (7);
  g_autoptr (CloveAdnlSession) session = dial_and_open (net, 1);
  const guint8 id[CLOVE_INT256_SIZE] = { 1 };
  CloveRelayMessage ping = { .type = CLOVE_RELAY_MESSAGE_PING, .value = 1 };
  CloveAddress any = { 0 };
  CloveAddress port = *clove_local_relay_get_address (clove_localnet_get_relay (net->localnet, 0));
  CloveAddress tunnel = port;
  g_autoptr (CloveUdp) udp = NULL;
  Question question = { 0 };
  Hop hop = { 0 };

  create (net, session, id, &hop);
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
  ask (net, session, &ping, &question);
  g_assert_cmpint (question.message.type, ==, CLOVE_RELAY_MESSAGE_PONG);
  g_bytes_unref (question.answer);
  assert_known (net, session, id, &hop);
  g_assert_cmpuint (test_localnet_count (net, 1).n_requests, ==, 0);
}

/* How many of 60 new peers get their very first query answered. */
static guint
count_first_answers (const CloveLocalnetOptions *options)
{
  g_autoptr (TestLocalnet) net = test_localnet_new (options);
  CloveRelayMessage ping = { .type = CLOVE_RELAY_MESSAGE_PING, .value = 1 };
  guint n = 0;

  for (guint i = 0; i < 60; i++) {
    g_autoptr (CloveAdnlSession) session = dial (net, 1);
    Question question = { 0 };

    ask (net, session, &ping, &question);
    n += question.answer != NULL ? 1 : 0;
    g_clear_pointer (&question.answer, g_bytes_unref);
    clove_adnl_session_close (session);
  }
  return n;
}

static void
test_first_query (void)
{
  guint n = count_first_answers (&reference);

  g_assert_cmpuint (count_first_answers (&sound), ==, 60);
  /* 16 on average; the seed makes it the same each time. */
  g_assert_cmpuint (n, >, 5);
  g_assert_cmpuint (n, <, 30);
  g_assert_cmpuint (count_first_answers (&reference), ==, n);
}

/* The reference frees a circuit at the entry only, and never for being idle. */
static void
test_reference_leaks (void)
{
  g_autoptr (TestLocalnet) net = test_localnet_new (&reference);
  g_autoptr (GError) error = NULL;
  g_autoptr (CloveCircuit) circuit = test_localnet_build (net, 1, 2, 3, &error);
  g_autoptr (TestReply) reply = NULL;

  g_assert_no_error (error);
  reply = test_localnet_get (net, circuit, "demo.ton", "/cookies");
  g_assert_no_error (reply->error);
  g_assert_nonnull (
    g_strstr_len ((const char *) reply->bytes->data, (gssize) reply->bytes->len, "second=2"));
  g_assert_null (
    g_strstr_len ((const char *) reply->bytes->data, (gssize) reply->bytes->len, "first=1"));
  clove_circuit_close (circuit);
  clove_clock_advance (net->clock, G_TIME_SPAN_HOUR);
  test_loop_settle ();
  g_assert_cmpuint (test_localnet_count (net, 1).n_circuits, ==, 0);
  g_assert_cmpuint (test_localnet_count (net, 2).n_circuits, ==, 1);
  g_assert_cmpuint (test_localnet_count (net, 3).n_circuits, ==, 1);
}

/* Small replies come through the reference, large ones overrun a buffer on the way. */
static void
test_reference_loss (void)
{
  g_autoptr (TestLocalnet) net = test_localnet_new (&reference);
  g_autoptr (GError) error = NULL;
  g_autoptr (CloveCircuit) circuit = test_localnet_build (net, 1, 2, 3, &error);
  g_autoptr (TestReply) small = NULL;
  g_autoptr (TestReply) large = NULL;

  g_assert_no_error (error);
  small = test_localnet_get (net, circuit, "demo.ton", "/bytes/50000");
  g_assert_no_error (small->error);
  g_assert_cmpuint (small->body_size, ==, 50000);
  large = test_localnet_get (net, circuit, "demo.ton", "/bytes/4000000");
  g_assert_error (large->error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_STALLED);
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
  g_test_add_data_func ("/clove/localnet/relay/foreign-circuit", &sound, test_foreign_circuit);
  g_test_add_data_func ("/clove/localnet/relay/foreign-circuit-reference", &reference,
                        test_foreign_circuit);
  g_test_add_data_func ("/clove/localnet/relay/waiting", &sound, test_waiting_relay);
  g_test_add_data_func ("/clove/localnet/relay/waiting-reference", &reference, test_waiting_relay);
  g_test_add_data_func ("/clove/localnet/relay/copies", &sound, test_copies);
  g_test_add_data_func ("/clove/localnet/relay/copies-reference", &reference, test_copies);
  g_test_add_func ("/clove/localnet/relay/noise", test_noise);
  g_test_add_func ("/clove/localnet/relay/first-query", test_first_query);
  g_test_add_func ("/clove/localnet/relay/reference-leaks", test_reference_leaks);
  g_test_add_func ("/clove/localnet/relay/reference-loss", test_reference_loss);
  return g_test_run ();
}
