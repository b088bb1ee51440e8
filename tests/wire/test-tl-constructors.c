/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tl_messages.json: the constructors that the codecs use, against the rule that gives them. */
#include "config.h"

#include "adnl-contents.h"
#include "clove-adnl-key.h"
#include "clove-adnl-message.h"
#include "clove-adnl-packet.h"
#include "clove-relay-message.h"
#include "test-vectors.h"

#include <sodium.h>
#include <string.h>

#define CRC32_POLYNOMIAL 0xedb88320u

/* CRC-32 of the schema without its round brackets. */
static guint32
constructor_of (const char *schema)
{
  guint32 crc = G_MAXUINT32;

  for (const char *p = schema; *p != '\0'; p++) {
    if (*p == '(' || *p == ')')
      continue;
    crc ^= (guint8) *p;
    for (guint i = 0; i < 8; i++)
      crc = crc >> 1 ^ ((crc & 1) != 0 ? CRC32_POLYNOMIAL : 0);
  }
  return ~crc;
}

static guint32
first_u32 (GBytes *bytes)
{
  CloveReader reader = { 0 };
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  guint32 value = 0;

  clove_reader_init (&reader, data, size);
  value = clove_reader_u32 (&reader);
  g_assert_true (clove_reader_is_ok (&reader));
  return value;
}

static guint32
member_u32 (JsonObject *object, const char *member)
{
  g_autoptr (GBytes) bytes = test_vectors_hex (object, member);

  return first_u32 (bytes);
}

/* What the codec writes for the relay object of this name; the fields do not matter. */
static guint32
written_by_relay_codec (const char *schema)
{
  static const guint8 zeros[CLOVE_INT256_SIZE] = { 0 };
  guint8 buffer[256] = { 0 };
  CloveWriter writer = { 0 };
  CloveReader reader = { 0 };

  for (gint i = CLOVE_RELAY_MESSAGE_HELLO; i <= CLOVE_RELAY_MESSAGE_DATA_CHUNK; i++) {
    CloveRelayMessage message = { .type = (CloveRelayMessageType) i,
                                  .id = zeros,
                                  .key = zeros,
                                  .key_hash = zeros };
    g_autofree char *start =
      g_strdup_printf ("relay.%s ", clove_relay_message_type_name (message.type));

    if (!g_str_has_prefix (schema, start))
      continue;
    clove_writer_init (&writer, buffer, sizeof buffer);
    clove_relay_message_write (&writer, &message);
    clove_reader_init (&reader, buffer, sizeof buffer);
    return clove_reader_u32 (&reader);
  }
  g_error ("The codec does not know %s", schema);
}

static void
test_relay_constructors (void)
{
  g_autoptr (JsonObject) vectors = test_vectors_load ("tl_messages.json");
  JsonArray *list = test_vectors_list (vectors, "messages");

  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *message = json_array_get_object_element (list, i);
    const char *schema = test_vectors_text (message, "schema");
    guint32 expected = constructor_of (schema);
    guint32 written = written_by_relay_codec (schema);

    g_test_message ("%s", schema);
    g_assert_cmphex (written, ==, expected);
    if (test_vectors_has (message, "constructor_le"))
      g_assert_cmphex (member_u32 (message, "constructor_le"), ==, expected);
  }
}

/* A packet with an address, so that the constructors of packet, key and address are in it. */
static guint
write_packet (guint8 *buffer, gsize capacity)
{
  static const guint8 key[CLOVE_KEY_SIZE] = { 1 };
  CloveAdnlPacket packet = { .flags = CLOVE_ADNL_PACKET_FROM | CLOVE_ADNL_PACKET_ADDRESS |
                                      CLOVE_ADNL_PACKET_SEQNO,
                             .from_key = key,
                             .address = { .has_address = TRUE },
                             .seqno = 1 };
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, buffer, capacity);
  clove_adnl_packet_write (&writer, &packet);
  g_assert_true (clove_writer_is_ok (&writer));
  return (guint) clove_writer_get_size (&writer);
}

/* The id of a key hashes its constructor with it. */
static void
assert_id_uses (guint32 constructor, void (*derive) (guint8 *id_out, const guint8 *key))
{
  guint8 boxed[4 + CLOVE_KEY_SIZE] = { 0 };
  guint8 expected[CLOVE_KEY_ID_SIZE] = { 0 };
  guint8 actual[CLOVE_KEY_ID_SIZE] = { 0 };
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, boxed, sizeof boxed);
  clove_writer_u32 (&writer, constructor);
  crypto_hash_sha256 (expected, boxed, sizeof boxed);
  derive (actual, boxed + 4);
  g_assert_cmpmem (actual, sizeof actual, expected, sizeof expected);
}

static void
assert_packet_has (guint32 constructor)
{
  guint8 buffer[256] = { 0 };
  guint8 needle[4] = { 0 };
  guint size = write_packet (buffer, sizeof buffer);
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, needle, sizeof needle);
  clove_writer_u32 (&writer, constructor);
  g_assert_nonnull (memmem (buffer, size, needle, sizeof needle));
}

static void
assert_bool_is (guint32 constructor, gboolean value)
{
  guint8 buffer[4] = { 0 };
  CloveWriter writer = { 0 };
  CloveReader reader = { 0 };

  clove_writer_init (&writer, buffer, sizeof buffer);
  clove_tl_write_bool (&writer, value);
  clove_reader_init (&reader, buffer, sizeof buffer);
  g_assert_cmphex (clove_reader_u32 (&reader), ==, constructor);
}

static void
assert_message_is (guint32 constructor, CloveAdnlMessageType type)
{
  static const guint8 zeros[CLOVE_INT256_SIZE] = { 0 };
  CloveAdnlMessage message = { .type = type, .id = zeros, .peer_key = zeros };
  guint8 buffer[128] = { 0 };
  CloveWriter writer = { 0 };
  CloveReader reader = { 0 };

  clove_writer_init (&writer, buffer, sizeof buffer);
  clove_adnl_message_write (&writer, &message);
  clove_reader_init (&reader, buffer, sizeof buffer);
  g_assert_cmphex (clove_reader_u32 (&reader), ==, constructor);
}

/* The constants of the codecs against the rule; of what no codec writes, the vectors' alone. */
static void
check_schema (JsonObject *entry)
{
  const char *schema = test_vectors_text (entry, "schema");
  guint32 constructor = constructor_of (schema);
  CloveAdnlMessageType type = CLOVE_ADNL_MESSAGE_NOP;

  g_test_message ("%s", schema);
  if (test_vectors_has (entry, "crc32_le"))
    g_assert_cmphex (member_u32 (entry, "crc32_le"), ==, constructor);
  if (adnl_contents_find_type (schema, &type))
    assert_message_is (constructor, type);
  else if (g_str_has_prefix (schema, "pub.ed25519 "))
    assert_id_uses (constructor, clove_adnl_key_id);
  else if (g_str_has_prefix (schema, "pub.aes "))
    assert_id_uses (constructor, clove_adnl_channel_id);
  else if (g_str_has_prefix (schema, "boolTrue "))
    assert_bool_is (constructor, TRUE);
  else if (g_str_has_prefix (schema, "boolFalse "))
    assert_bool_is (constructor, FALSE);
  else if (g_str_has_prefix (schema, "adnl.packetContents ") ||
           g_str_has_prefix (schema, "adnl.address.udp "))
    assert_packet_has (constructor);
}

static void
test_adnl_constructors (void)
{
  g_autoptr (JsonObject) vectors = test_vectors_load ("tl_messages.json");
  JsonArray *list = test_vectors_list (vectors, "adnl_types");
  guint n_checked = 0;

  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *entry = json_array_get_object_element (list, i);

    if (!test_vectors_has (entry, "schema"))
      continue;
    check_schema (entry);
    n_checked++;
  }
  g_assert_cmpuint (n_checked, >, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/wire/tl-constructors/relay", test_relay_constructors);
  g_test_add_func ("/clove/wire/tl-constructors/adnl", test_adnl_constructors);
  return g_test_run ();
}
