/* SPDX-License-Identifier: GPL-3.0-or-later */
/* circuit_crypto.json: keys of hops, sealed payloads, layers and the extend payload. */
#include "config.h"

#include "clove-onion.h"
#include "clove-relay-message.h"
#include "test-vectors.h"

#include <sodium.h>
#include <string.h>

typedef void (*CaseFunc) (JsonObject *object, GPtrArray *keep);

static void
for_each (const char *list_name, CaseFunc check)
{
  g_autoptr (JsonObject) vectors = test_vectors_load ("circuit_crypto.json");
  g_autoptr (GPtrArray) keep = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  JsonArray *list = test_vectors_list (vectors, list_name);

  for (guint i = 0; i < json_array_get_length (list); i++) {
    g_test_message ("%s %u", list_name, i);
    check (json_array_get_object_element (list, i), keep);
  }
}

static void
check_key_exchange (JsonObject *object, GPtrArray *keep)
{
  const guint8 *client_secret = test_vectors_borrow_32 (keep, object, "client_priv");
  const guint8 *relay_secret = test_vectors_borrow_32 (keep, object, "relay_priv");
  const guint8 *client_public = test_vectors_borrow_32 (keep, object, "client_pub");
  const guint8 *relay_public = test_vectors_borrow_32 (keep, object, "relay_pub");
  guint8 key[CLOVE_ONION_KEY_SIZE] = { 0 };
  guint8 hash[CLOVE_INT256_SIZE] = { 0 };

  g_assert_true (clove_onion_agree (key, client_secret, relay_public));
  test_assert_member (object, "shared_key", key, sizeof key);
  g_assert_true (clove_onion_agree (key, relay_secret, client_public));
  test_assert_member (object, "shared_key", key, sizeof key);
  clove_onion_key_hash (hash, key);
  test_assert_member (object, "key_hash", hash, sizeof hash);
  if (test_vectors_has (object, "x25519_shared")) {
    crypto_hash_sha256 (hash, test_vectors_borrow_32 (keep, object, "x25519_shared"),
                        CLOVE_INT256_SIZE);
    g_assert_cmpmem (key, sizeof key, hash, sizeof hash);
  }
}

static void
test_key_exchange (void)
{
  for_each ("key_exchange", check_key_exchange);
}

/* What clove_onion_keypair() makes agrees from both sides. */
static void
test_fresh_keys (void)
{
  guint8 publics[2][CLOVE_ONION_KEY_SIZE] = { 0 };
  guint8 secrets[2][CLOVE_ONION_KEY_SIZE] = { 0 };
  guint8 keys[2][CLOVE_ONION_KEY_SIZE] = { 0 };

  for (guint i = 0; i < 2; i++)
    clove_onion_keypair (publics[i], secrets[i]);
  g_assert_cmpint (memcmp (publics[0], publics[1], sizeof publics[0]), !=, 0);
  g_assert_true (clove_onion_agree (keys[0], secrets[0], publics[1]));
  g_assert_true (clove_onion_agree (keys[1], secrets[1], publics[0]));
  g_assert_cmpmem (keys[0], sizeof keys[0], keys[1], sizeof keys[1]);
}

/* An empty content differs from none, and the copies are of exact size. */
static GBytes *
open_copy (const guint8 *payload, gsize size, const guint8 *key)
{
  g_autofree guint8 *copy = g_memdup2 (payload, size);
  gsize plain_size = 0;
  const guint8 *plain = clove_onion_open (copy, size, key, &plain_size);

  return plain != NULL ? g_bytes_new (plain, plain_size) : NULL;
}

static GBytes *
seal_copy (GBytes *plain, const guint8 *key)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (plain, &size);
  guint8 *payload = g_malloc (size + CLOVE_ONION_OVERHEAD);

  if (size > 0)
    memcpy (payload + CLOVE_ONION_NONCE_SIZE, data, size);
  clove_onion_seal (payload, size, key);
  return g_bytes_new_take (payload, size + CLOVE_ONION_OVERHEAD);
}

static void
assert_holds (GBytes *bytes, const guint8 *expected, gsize size)
{
  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected, size);
}

static void
check_payload (JsonObject *object, GPtrArray *keep)
{
  const guint8 *key = test_vectors_borrow_32 (keep, object, "key");
  gsize size = 0;
  gsize plain_size = 0;
  const guint8 *payload = test_vectors_borrow (keep, object, "payload", &size);
  const guint8 *plain = test_vectors_borrow (keep, object, "plain", &plain_size);
  g_autoptr (GBytes) opened = open_copy (payload, size, key);
  g_autoptr (GBytes) ours = NULL;
  g_autoptr (GBytes) reopened = NULL;

  assert_holds (opened, plain, plain_size);
  test_assert_member (object, "nonce", payload, CLOVE_ONION_NONCE_SIZE);

  ours = seal_copy (opened, key);
  g_assert_cmpuint (g_bytes_get_size (ours), ==, size);
  g_assert_cmpint (memcmp (g_bytes_get_data (ours, NULL), payload, CLOVE_ONION_NONCE_SIZE), !=, 0);
  reopened = open_copy (g_bytes_get_data (ours, NULL), size, key);
  assert_holds (reopened, plain, plain_size);
}

static void
test_payloads (void)
{
  for_each ("payloads", check_payload);
}

static void
check_invalid_payload (JsonObject *object, GPtrArray *keep)
{
  const char *reference = test_vectors_text (object, "reference");
  gsize size = 0;
  const guint8 *payload = test_vectors_borrow (keep, object, "payload", &size);
  g_autoptr (GBytes) opened =
    open_copy (payload, size, test_vectors_borrow_32 (keep, object, "key"));

  g_assert_nonnull (reference);
  g_assert_cmpint (opened != NULL, ==, g_str_has_prefix (reference, "accepted"));
}

static void
test_payloads_invalid (void)
{
  for_each ("payloads_invalid", check_invalid_payload);
}

/* Peel as the hops do; with @is_recorded each layer must be the one of the vectors. */
static GBytes *
peel (JsonArray *layers, GBytes *payload, gboolean is_recorded, GPtrArray *keep)
{
  GBytes *inner = g_bytes_ref (payload);

  for (guint i = 0; i < json_array_get_length (layers); i++) {
    JsonObject *layer = json_array_get_object_element (layers, i);
    g_autoptr (GBytes) outer = inner;
    gsize size = 0;
    const guint8 *data = g_bytes_get_data (outer, &size);

    if (is_recorded) {
      test_assert_member (layer, "input", data, size);
      test_assert_member (layer, "nonce", data, CLOVE_ONION_NONCE_SIZE);
    }
    inner = open_copy (data, size, test_vectors_borrow_32 (keep, layer, "key"));
    g_assert_nonnull (inner);
    if (is_recorded)
      test_assert_member (layer, "output", g_bytes_get_data (inner, NULL),
                          g_bytes_get_size (inner));
  }
  return inner;
}

/* Seal as the client does, the exit's layer first. */
static GBytes *
wrap (JsonArray *layers, GBytes *plain, GPtrArray *keep)
{
  GBytes *outer = g_bytes_ref (plain);

  for (guint i = json_array_get_length (layers); i > 0; i--) {
    JsonObject *layer = json_array_get_object_element (layers, i - 1);
    g_autoptr (GBytes) inner = outer;

    outer = seal_copy (inner, test_vectors_borrow_32 (keep, layer, "key"));
  }
  return outer;
}

static void
check_layers (JsonObject *object, GPtrArray *keep)
{
  JsonArray *layers = test_vectors_list (object, "peel");
  g_autoptr (GBytes) outer = test_vectors_hex (object, "outer_data_message");
  g_autoptr (GBytes) expected = test_vectors_hex (object, "plain_boxed");
  g_autoptr (GBytes) sealed = NULL;
  g_autoptr (GBytes) plain = NULL;
  g_autoptr (GBytes) wrapped = NULL;
  g_autoptr (GBytes) unwrapped = NULL;
  CloveRelayMessage message = { 0 };
  CloveRelayMessage inner = { 0 };
  g_autoptr (GError) error = NULL;

  if (test_vectors_has (object, "hops"))
    g_assert_cmpint (test_vectors_long (object, "hops"), ==, json_array_get_length (layers));
  g_assert_true (clove_relay_message_parse (&message, g_bytes_get_data (outer, NULL),
                                            g_bytes_get_size (outer), &error));
  g_assert_no_error (error);
  g_assert_cmpint (message.type, ==, CLOVE_RELAY_MESSAGE_DATA);
  test_assert_member (object, "circuit_id", message.id, CLOVE_INT256_SIZE);
  test_assert_member (object, "encrypted", message.data, message.data_size);

  sealed = g_bytes_new (message.data, message.data_size);
  plain = peel (layers, sealed, TRUE, keep);
  test_assert_bytes (plain, expected);
  g_assert_true (clove_relay_message_parse (&inner, g_bytes_get_data (plain, NULL),
                                            g_bytes_get_size (plain), &error));
  g_assert_no_error (error);

  wrapped = wrap (layers, expected, keep);
  g_assert_cmpuint (g_bytes_get_size (wrapped), ==, message.data_size);
  unwrapped = peel (layers, wrapped, FALSE, keep);
  test_assert_bytes (unwrapped, expected);
}

static void
test_layers (void)
{
  for_each ("layers", check_layers);
}

#define N_LAYERS 3

/* Seals all layers at once and opens them one by one; keeps the nonces that were used. */
static void
check_layers_at_once (GHashTable *nonces)
{
  static const guint8 plain[100] = { 1, 2, 3 };
  static const guint8 keys[N_LAYERS][CLOVE_ONION_KEY_SIZE] = { { 1 }, { 2 }, { 3 } };
  guint8 payload[sizeof plain + N_LAYERS * CLOVE_ONION_OVERHEAD] = { 0 };
  guint8 *bytes = payload;
  gsize size = sizeof payload;

  memcpy (payload + (gsize) N_LAYERS * CLOVE_ONION_NONCE_SIZE, plain, sizeof plain);
  clove_onion_seal_layers (payload, sizeof plain, keys, N_LAYERS);
  for (guint layer = 0; layer < N_LAYERS; layer++) {
    g_hash_table_add (nonces, g_bytes_new (bytes, CLOVE_ONION_NONCE_SIZE));
    bytes = clove_onion_open (bytes, size, keys[layer], &size);
    g_assert_nonnull (bytes);
  }
  g_assert_cmpmem (bytes, size, plain, sizeof plain);
}

static void
test_layers_at_once (void)
{
  g_autoptr (GHashTable) nonces =
    g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);

  for (guint i = 0; i < 10; i++)
    check_layers_at_once (nonces);
  g_assert_cmpuint (g_hash_table_size (nonces), ==, 10 * N_LAYERS);
}

static void
check_extend_payload (JsonObject *object, GPtrArray *keep)
{
  const char *address = test_vectors_text (object, "addr");
  const guint8 *key = test_vectors_borrow_32 (keep, object, "client_key");
  gsize size = 0;
  const guint8 *plain = test_vectors_borrow (keep, object, "plain", &size);
  char actual[CLOVE_ONION_ADDRESS_STRING_SIZE] = { 0 };
  const guint8 *actual_key = NULL;
  g_autofree guint8 *buffer = g_malloc (size);
  CloveWriter writer = { 0 };

  g_assert_true (clove_onion_extend_payload_parse (plain, size, actual, &actual_key));
  g_assert_cmpstr (actual, ==, address);
  g_assert_cmpmem (actual_key, CLOVE_ONION_KEY_SIZE, key, CLOVE_ONION_KEY_SIZE);

  clove_writer_init (&writer, buffer, size);
  g_assert_cmpuint (clove_onion_extend_payload_write (&writer, address, key), ==, size);
  g_assert_true (clove_writer_is_ok (&writer));
  g_assert_cmpmem (buffer, clove_writer_get_size (&writer), plain, size);

  for (gsize n = 0; n < size; n++) {
    g_autofree guint8 *exact = g_memdup2 (plain, n);

    g_assert_false (clove_onion_extend_payload_parse (exact, n, actual, &actual_key));
  }
}

static void
test_extend_payload (void)
{
  for_each ("extend_payload", check_extend_payload);
}

static void
check_low_order (JsonObject *object, GPtrArray *keep)
{
  static const guint8 zeros[CLOVE_ONION_KEY_SIZE] = { 0 };
  guint8 key[CLOVE_ONION_KEY_SIZE] = { 0 };

  memset (key, 0xa5, sizeof key);
  g_assert_cmpstr (test_vectors_text (object, "expect"), ==, "reject");
  g_assert_false (clove_onion_agree (key, test_vectors_borrow_32 (keep, object, "client_priv"),
                                     test_vectors_borrow_32 (keep, object, "relay_pub")));
  g_assert_cmpmem (key, sizeof key, zeros, sizeof zeros);
}

static void
test_low_order (void)
{
  for_each ("low_order", check_low_order);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/wire/circuit-crypto/key-exchange", test_key_exchange);
  g_test_add_func ("/clove/wire/circuit-crypto/fresh-keys", test_fresh_keys);
  g_test_add_func ("/clove/wire/circuit-crypto/payloads", test_payloads);
  g_test_add_func ("/clove/wire/circuit-crypto/payloads-invalid", test_payloads_invalid);
  g_test_add_func ("/clove/wire/circuit-crypto/layers", test_layers);
  g_test_add_func ("/clove/wire/circuit-crypto/layers-at-once", test_layers_at_once);
  g_test_add_func ("/clove/wire/circuit-crypto/extend-payload", test_extend_payload);
  g_test_add_func ("/clove/wire/circuit-crypto/low-order", test_low_order);
  return g_test_run ();
}
