/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Beside the vectors: random content of every type, and tables of what is refused. */
#include "config.h"

#include "clove-circuit-error.h"
#include "clove-random.h"
#include "clove-relay-message.h"

#include <string.h>

#define N_TYPES  (CLOVE_RELAY_MESSAGE_DATA_CHUNK + 1)
#define MAX_DATA 3000

typedef struct {
  guint8 id[CLOVE_INT256_SIZE];
  guint8 key[CLOVE_INT256_SIZE];
  guint8 key_hash[CLOVE_INT256_SIZE];
  guint8 data[MAX_DATA];
} Storage;

/* Every field set, so that each type finds its own. */
static CloveRelayMessage
random_message (CloveRelayMessageType type, CloveRandom *random, Storage *storage)
{
  CloveRelayMessage message = { .type = type,
                                .id = storage->id,
                                .key = storage->key,
                                .key_hash = storage->key_hash,
                                .data = storage->data };
  guint32 numbers[5] = { 0 };

  clove_random_bytes (random, (guint8 *) storage, sizeof *storage);
  clove_random_bytes (random, (guint8 *) numbers, sizeof numbers);
  message.data_size = clove_random_uniform (random, MAX_DATA + 1);
  message.stream_id = (gint32) numbers[0];
  message.number = (gint32) numbers[1];
  message.number2 = (gint32) numbers[2];
  message.value = (gint64) ((guint64) numbers[3] << 32 | numbers[4]);
  message.is_success = numbers[4] % 2 == 1;
  if (type == CLOVE_RELAY_MESSAGE_PEERS) {
    message.number = 0;
    message.data_size = 0;
  }
  return message;
}

static GBytes *
write_message (const CloveRelayMessage *message)
{
  gsize size = clove_relay_message_size (message);
  guint8 *buffer = g_malloc (size);
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, buffer, size);
  clove_relay_message_write (&writer, message);
  g_assert_true (clove_writer_is_ok (&writer));
  g_assert_cmpuint (clove_writer_get_size (&writer), ==, size);
  return g_bytes_new_take (buffer, size);
}

static gboolean
parse_message (CloveRelayMessage *out, const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  gboolean is_parsed = clove_relay_message_parse (out, data, size, &error);

  g_assert_cmpint (is_parsed, ==, error == NULL);
  if (!is_parsed)
    g_assert_error (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_MALFORMED);
  return is_parsed;
}

/* The fields that the parser set are those that were written. */
static void
assert_fields (const CloveRelayMessage *actual, const CloveRelayMessage *expected)
{
  g_assert_cmpint (actual->type, ==, expected->type);
  if (actual->id != NULL)
    g_assert_cmpmem (actual->id, CLOVE_INT256_SIZE, expected->id, CLOVE_INT256_SIZE);
  if (actual->key != NULL)
    g_assert_cmpmem (actual->key, CLOVE_INT256_SIZE, expected->key, CLOVE_INT256_SIZE);
  if (actual->key_hash != NULL)
    g_assert_cmpmem (actual->key_hash, CLOVE_INT256_SIZE, expected->key_hash, CLOVE_INT256_SIZE);
  if (actual->data != NULL)
    g_assert_cmpmem (actual->data, actual->data_size, expected->data, expected->data_size);
  g_assert_true (actual->stream_id == 0 || actual->stream_id == expected->stream_id);
  g_assert_true (actual->number == 0 || actual->number == expected->number);
  g_assert_true (actual->number2 == 0 || actual->number2 == expected->number2);
  g_assert_true (actual->value == 0 || actual->value == expected->value);
  g_assert_true (!actual->is_success || expected->is_success);
}

static void
test_round_trip (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (1);
  g_autofree Storage *storage = g_new0 (Storage, 1);

  for (guint i = 0; i < 50 * N_TYPES; i++) {
    CloveRelayMessage message =
      random_message ((CloveRelayMessageType) (i % N_TYPES), random, storage);
    g_autoptr (GBytes) written = write_message (&message);
    CloveRelayMessage again = { 0 };
    g_autoptr (GBytes) rewritten = NULL;

    g_assert_true (
      parse_message (&again, g_bytes_get_data (written, NULL), g_bytes_get_size (written)));
    assert_fields (&again, &message);
    rewritten = write_message (&again);
    g_assert_true (g_bytes_equal (rewritten, written));
  }
}

/* Names and constructors are distinct, and no type is left out. */
static void
test_types (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (2);
  g_autofree Storage *storage = g_new0 (Storage, 1);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) constructors = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < N_TYPES; i++) {
    CloveRelayMessage message = random_message ((CloveRelayMessageType) i, random, storage);
    g_autoptr (GBytes) written = write_message (&message);
    CloveReader reader = { 0 };
    const char *name = clove_relay_message_type_name (message.type);

    g_assert_nonnull (name);
    g_assert_true (g_hash_table_add (names, g_strdup (name)));
    clove_reader_init (&reader, g_bytes_get_data (written, NULL), g_bytes_get_size (written));
    g_assert_true (
      g_hash_table_add (constructors, GUINT_TO_POINTER (clove_reader_u32 (&reader))));
  }
}

static void
test_refused (void)
{
  static const struct {
    const char *name;
    gsize size;
    guint8 data[16];
  } cases[] = {
    { "nothing", 0, { 0 } },
    { "half a constructor", 2, { 0xcd, 0xba } },
    { "unknown constructor", 8, { 1, 2, 3, 4 } },
    { "ping reversed", 12, { 0x93, 0xa3, 0xba, 0xcd } },
    { "ping without nonce", 4, { 0xcd, 0xba, 0xa3, 0x93 } },
    { "ping with a byte too many", 13, { 0xcd, 0xba, 0xa3, 0x93 } },
    { "streamConnected, Bool neither", 16, { 0x62, 0x1e, 0x9c, 0x44, 1, 0, 0, 0, 1, 0, 0, 0 } },
    { "streamData, prefix 0xff", 12, { 0x0b, 0x0a, 0x17, 0x71, 1, 0, 0, 0, 0xff, 0, 0, 0 } },
    { "streamData, long form", 12, { 0x0b, 0x0a, 0x17, 0x71, 1, 0, 0, 0, 0xfe, 0, 0, 0 } },
    { "streamData, too long", 12, { 0x0b, 0x0a, 0x17, 0x71, 1, 0, 0, 0, 4, 0, 0, 0 } },
    { "peers, more than there are", 8, { 0x87, 0x92, 0xeb, 0x68, 1, 0, 0, 0 } },
    { "peers, negative", 8, { 0x87, 0x92, 0xeb, 0x68, 0xff, 0xff, 0xff, 0xff } },
    { "peers, none but a byte", 9, { 0x87, 0x92, 0xeb, 0x68, 0, 0, 0, 0, 0 } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree guint8 *exact = g_memdup2 (cases[i].data, cases[i].size);
    CloveRelayMessage message = { 0 };

    g_test_message ("%s", cases[i].name);
    g_assert_false (parse_message (&message, exact, cases[i].size));
  }
}

/* The bare entries of relay.peers: whole ones only, and kept as they came. */
static void
test_peers (void)
{
  guint8 entries[2 * (32 + 8 + 8)] = { 0 };
  CloveWriter writer = { 0 };
  CloveRelayMessage message = { .type = CLOVE_RELAY_MESSAGE_PEERS, .number = 2 };
  CloveRelayMessage again = { 0 };
  g_autoptr (GBytes) written = NULL;
  gsize size = 0;
  const guint8 *data = NULL;

  clove_writer_init (&writer, entries, sizeof entries);
  for (guint i = 0; i < 2; i++) {
    (void) clove_writer_reserve (&writer, CLOVE_INT256_SIZE);
    clove_tl_write_bytes (&writer, (const guint8 *) "1.2.3.4", 7);
    clove_writer_u32 (&writer, 9001);
    clove_writer_u32 (&writer, i);
  }
  g_assert_true (clove_writer_is_ok (&writer));
  message.data = entries;
  message.data_size = clove_writer_get_size (&writer);
  written = write_message (&message);
  data = g_bytes_get_data (written, &size);
  g_assert_true (parse_message (&again, data, size));
  g_assert_cmpint (again.number, ==, 2);
  g_assert_cmpmem (again.data, again.data_size, entries, message.data_size);
  for (gsize n = 0; n < size; n++) {
    g_autofree guint8 *exact = g_memdup2 (data, n);

    g_assert_false (parse_message (&again, exact, n));
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/circuit/relay-message/round-trip", test_round_trip);
  g_test_add_func ("/clove/circuit/relay-message/types", test_types);
  g_test_add_func ("/clove/circuit/relay-message/refused", test_refused);
  g_test_add_func ("/clove/circuit/relay-message/peers", test_peers);
  return g_test_run ();
}
