/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * circuit_crypto.json, recorded_circuit: the messages of one session of the reference client are
 * followed: three keys are agreed, every layer opened, the chunks of the long reply put together.
 */
#include "config.h"

#include "clove-chunks.h"
#include "clove-onion.h"
#include "clove-relay-message.h"
#include "test-vectors.h"

#include <sodium.h>
#include <string.h>

#define N_HOPS          3
#define MAX_REPLY_BYTES ((gsize) 8 * 1024 * 1024)

static JsonObject *
load_recording (void)
{
  g_autoptr (JsonObject) vectors = test_vectors_load ("circuit_crypto.json");

  return json_object_ref (test_vectors_object (vectors, "recorded_circuit"));
}

typedef struct {
  JsonObject *recording;
  JsonArray *relays;
  guint8 keys[N_HOPS][CLOVE_ONION_KEY_SIZE];
  guint n_keys;
  const guint8 *secret; /* ours for the hop that is being added */
  CloveChunks *chunks;
  GPtrArray *keep;
  gboolean has_reply;
  gboolean has_site_error;
} Walk;

/* Our secret of the key pair whose public half was sent. */
static const guint8 *
find_secret (const Walk *walk, const guint8 *public_key)
{
  JsonArray *pairs = test_vectors_list (walk->recording, "client_x25519");

  for (guint i = 0; i < json_array_get_length (pairs); i++) {
    JsonObject *pair = json_array_get_object_element (pairs, i);
    const guint8 *secret = test_vectors_borrow_32 (walk->keep, pair, "client_priv");
    guint8 expected[CLOVE_ONION_KEY_SIZE] = { 0 };

    g_assert_cmpint (crypto_scalarmult_base (expected, secret), ==, 0);
    test_assert_member (pair, "client_pub", expected, sizeof expected);
    if (memcmp (expected, public_key, sizeof expected) == 0)
      return secret;
  }
  g_error ("The recording has no secret for a key that was sent");
}

/* Whether the answer is the one that made the last key: to a query that was sent again. */
static gboolean
is_answered_again (const Walk *walk, const CloveRelayMessage *message)
{
  guint8 hash[CLOVE_INT256_SIZE] = { 0 };

  if (walk->n_keys == 0)
    return FALSE;
  clove_onion_key_hash (hash, walk->keys[walk->n_keys - 1]);
  return memcmp (hash, message->key_hash, sizeof hash) == 0;
}

static void
agree (Walk *walk, const CloveRelayMessage *message)
{
  JsonArray *expected = test_vectors_list (walk->recording, "shared_keys");
  g_autoptr (GBytes) key = NULL;
  guint8 hash[CLOVE_INT256_SIZE] = { 0 };

  if (is_answered_again (walk, message))
    return;
  g_assert_cmpuint (walk->n_keys, <, N_HOPS);
  g_assert_nonnull (walk->secret);
  g_assert_true (clove_onion_agree (walk->keys[walk->n_keys], walk->secret, message->key));
  clove_onion_key_hash (hash, walk->keys[walk->n_keys]);
  g_assert_cmpmem (hash, sizeof hash, message->key_hash, CLOVE_INT256_SIZE);
  g_assert_cmpuint (walk->n_keys, <, json_array_get_length (expected));
  key = test_vectors_element_hex (expected, walk->n_keys);
  g_assert_cmpmem (walk->keys[walk->n_keys], CLOVE_ONION_KEY_SIZE, g_bytes_get_data (key, NULL),
                   g_bytes_get_size (key));
  walk->n_keys++;
}

/* Opens the layer of @hop; the result belongs to keep. */
static const guint8 *
open_layer (Walk *walk, guint hop, const guint8 *payload, gsize size, gsize *plain_size_out)
{
  guint8 *copy = g_memdup2 (payload, size);
  const guint8 *plain = NULL;

  g_assert_cmpuint (hop, <, walk->n_keys);
  g_ptr_array_add (walk->keep, g_bytes_new_take (copy, size));
  plain = clove_onion_open (copy, size, walk->keys[hop], plain_size_out);
  g_assert_nonnull (plain);
  return plain;
}

static CloveRelayMessage
parse (const guint8 *data, gsize size)
{
  CloveRelayMessage message = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (clove_relay_message_parse (&message, data, size, &error));
  g_assert_no_error (error);
  return message;
}

/* An extend names the next relay of the list and brings our key for it. */
static void
follow_extend (Walk *walk, const CloveRelayMessage *message, guint hop)
{
  JsonObject *next = NULL;
  char address[CLOVE_ONION_ADDRESS_STRING_SIZE] = { 0 };
  const guint8 *client_key = NULL;
  gsize size = 0;
  const guint8 *plain = open_layer (walk, hop, message->data, message->data_size, &size);

  g_assert_cmpint (message->type, ==, CLOVE_RELAY_MESSAGE_CIRCUIT_EXTEND);
  g_assert_cmpuint (hop + 1, <, json_array_get_length (walk->relays));
  next = json_array_get_object_element (walk->relays, hop + 1);
  test_assert_member (next, "pub", message->key, CLOVE_INT256_SIZE);
  g_assert_true (clove_onion_extend_payload_parse (plain, size, address, &client_key));
  g_assert_cmpstr (address, ==, test_vectors_text (next, "address"));
  walk->secret = find_secret (walk, client_key);
}

static guint
find_hop (const Walk *walk, const char *name)
{
  for (guint i = 0; i < json_array_get_length (walk->relays); i++) {
    JsonObject *relay = json_array_get_object_element (walk->relays, i);

    if (g_strcmp0 (test_vectors_text (relay, "hop"), name) == 0)
      return i;
  }
  g_error ("The recording has no hop “%s”", name);
}

/* The listed layers, as far as they are: input and output of each. */
static void
check_peel (Walk *walk, JsonObject *object, const char *member, const CloveRelayMessage *message)
{
  JsonArray *layers =
    test_vectors_has (object, member) ? json_object_get_array_member (object, member) : NULL;
  const guint8 *payload = message->data;
  gsize size = message->data_size;

  for (guint i = 0; layers != NULL && i < json_array_get_length (layers); i++) {
    JsonObject *layer = json_array_get_object_element (layers, i);
    const char *key_of = test_vectors_text (layer, "key_of");
    guint hop = find_hop (walk, key_of);

    test_assert_member (layer, "input", payload, size);
    test_assert_member (layer, "nonce", payload, CLOVE_ONION_NONCE_SIZE);
    payload = open_layer (walk, hop, payload, size, &size);
    test_assert_member (layer, "output", payload, size);
  }
}

static void
follow_build (Walk *walk, JsonObject *object, const CloveRelayMessage *message)
{
  const guint8 *plain = NULL;
  gsize size = 0;
  CloveRelayMessage inner = { 0 };

  switch ((gint) message->type) {
    case CLOVE_RELAY_MESSAGE_CIRCUIT_CREATE:
      walk->secret = find_secret (walk, message->key);
      test_assert_member (object, "client_priv", walk->secret, CLOVE_ONION_KEY_SIZE);
      break;
    case CLOVE_RELAY_MESSAGE_CIRCUIT_CREATED:
    case CLOVE_RELAY_MESSAGE_CIRCUIT_EXTENDED:
      agree (walk, message);
      break;
    case CLOVE_RELAY_MESSAGE_CIRCUIT_EXTEND:
      follow_extend (walk, message, 0);
      break;
    case CLOVE_RELAY_MESSAGE_CIRCUIT_RELAY:
      plain = open_layer (walk, 0, message->data, message->data_size, &size);
      inner = parse (plain, size);
      check_peel (walk, object, "inner_extend_peel", &inner);
      follow_extend (walk, &inner, 1);
      break;
    case CLOVE_RELAY_MESSAGE_CIRCUIT_RELAY_RESPONSE:
      plain = open_layer (walk, 0, message->data, message->data_size, &size);
      inner = parse (plain, size);
      agree (walk, &inner);
      break;
    default:
      break;
  }
}

static void
follow_reply (Walk *walk, const guint8 *plain, gsize size)
{
  CloveRelayMessage reply = parse (plain, size);
  const char *site_error = test_vectors_text (walk->recording, "nxdomain_error");
  g_autofree char *text = g_strndup ((const char *) reply.data, reply.data_size);

  if (reply.type == CLOVE_RELAY_MESSAGE_STREAM_DATA) {
    test_assert_member (walk->recording, "response_1", reply.data, reply.data_size);
    walk->has_reply = TRUE;
  } else if (reply.type == CLOVE_RELAY_MESSAGE_STREAM_CONNECTED && !reply.is_success) {
    g_assert_true (site_error == NULL || g_str_has_suffix (site_error, text));
    walk->has_site_error = TRUE;
  }
}

static void
follow_chunk (Walk *walk, const CloveRelayMessage *message)
{
  gsize size = 0;
  const guint8 *piece =
    open_layer (walk, walk->n_keys - 1, message->data, message->data_size, &size);
  g_autoptr (GError) error = NULL;

  if (walk->chunks == NULL)
    walk->chunks = clove_chunks_new (message->stream_id, MAX_REPLY_BYTES);
  g_assert_true (clove_chunks_add (walk->chunks, message->number, message->number2, piece, size,
                                   &error));
  g_assert_no_error (error);
}

/* The vectors name a type as the reference does: "protocol.CircuitCreate". */
static void
assert_named (const char *name, CloveRelayMessageType type)
{
  if (name == NULL)
    return;
  g_assert_true (g_str_has_prefix (name, "protocol."));
  g_assert_cmpint (
    g_ascii_strcasecmp (name + strlen ("protocol."), clove_relay_message_type_name (type)), ==, 0);
}

static void
follow_message (Walk *walk, JsonObject *object)
{
  gboolean is_from_client = g_strcmp0 (test_vectors_text (object, "from"), "client") == 0;
  gsize size = 0;
  const guint8 *boxed = test_vectors_borrow (walk->keep, object, "boxed", &size);
  CloveRelayMessage message = parse (boxed, size);
  const guint8 *plain = message.data;

  g_test_message ("%s", clove_relay_message_type_name (message.type));
  assert_named (test_vectors_text (object, "type"), message.type);
  test_assert_member (walk->recording, "circuit_id", message.id, CLOVE_INT256_SIZE);
  check_peel (walk, object, "peel", &message);
  if (message.type == CLOVE_RELAY_MESSAGE_DATA_CHUNK) {
    follow_chunk (walk, &message);
  } else if (message.type != CLOVE_RELAY_MESSAGE_DATA) {
    follow_build (walk, object, &message);
  } else if (is_from_client) {
    size = message.data_size;
    for (guint hop = 0; hop < walk->n_keys; hop++)
      plain = open_layer (walk, hop, plain, size, &size);
    (void) parse (plain, size);
  } else {
    plain = open_layer (walk, walk->n_keys - 1, plain, message.data_size, &size);
    follow_reply (walk, plain, size);
  }
}

static void
check_long_reply (const Walk *walk)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize total = 0;
  gsize size = 0;

  g_assert_true (clove_chunks_is_complete (walk->chunks));
  for (const guint8 *bytes = clove_chunks_peek (walk->chunks, &size); bytes != NULL;
       bytes = clove_chunks_peek (walk->chunks, &size)) {
    g_checksum_update (checksum, bytes, (gssize) size);
    total += size;
    clove_chunks_consume (walk->chunks, size);
  }
  g_assert_cmpint (test_vectors_long (walk->recording, "response_2_len"), ==, total);
  g_assert_cmpstr (g_checksum_get_string (checksum), ==,
                   test_vectors_text (walk->recording, "response_2_sha256"));
}

static void
test_messages (void)
{
  g_autoptr (JsonObject) recording = load_recording ();
  g_autoptr (GPtrArray) keep = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  JsonArray *messages = test_vectors_list (recording, "messages");
  Walk walk = { .recording = recording,
                .relays = test_vectors_list (recording, "relays"),
                .keep = keep };

  for (guint i = 0; i < json_array_get_length (messages); i++)
    follow_message (&walk, json_array_get_object_element (messages, i));
  g_assert_cmpuint (walk.n_keys, ==, N_HOPS);
  g_assert_cmpint (walk.has_reply, ==, test_vectors_has (recording, "response_1"));
  g_assert_cmpint (walk.has_site_error, ==, test_vectors_has (recording, "nxdomain_error"));
  if (test_vectors_has (recording, "response_2_len"))
    check_long_reply (&walk);
  clove_chunks_free (walk.chunks);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/wire/recorded-messages/session", test_messages);
  return g_test_run ();
}
