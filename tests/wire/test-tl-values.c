/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tl_messages.json: values of ADNL's own types, and TL bytes in and out of shape. */
#include "config.h"

#include "adnl-contents.h"
#include "clove-adnl-cipher.h"
#include "clove-adnl-key.h"
#include "clove-adnl-message.h"
#include "clove-adnl-packet.h"
#include "clove-relay-message.h"
#include "test-vectors.h"

#include <netinet/in.h>
#include <string.h>

#define PACKET_CONTENTS CLOVE_TL_CONSTRUCTOR (0x89cd42d1)

static void
assert_base64 (JsonObject *value, const char *member, const guint8 *actual, gsize actual_size)
{
  g_autofree guint8 *expected = NULL;
  gsize expected_size = 0;

  if (!test_vectors_has (value, member))
    return;
  expected = g_base64_decode (test_vectors_text (value, member), &expected_size);
  g_assert_cmpmem (actual, actual_size, expected, expected_size);
}

static void
assert_number (JsonObject *value, const char *member, gint64 actual)
{
  if (test_vectors_has (value, member))
    g_assert_cmpint (actual, ==, test_vectors_long (value, member));
}

/* The object inside, by the names that the reference's fields have. */
static void
assert_inner (JsonObject *value, const guint8 *data, gsize size)
{
  CloveRelayMessage inner = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (clove_relay_message_parse (&inner, data, size, &error));
  g_assert_no_error (error);
  assert_number (value, "Nonce", inner.value);
  assert_number (value, "BytesReceived", inner.value);
  assert_number (value, "StreamID", inner.stream_id);
  assert_number (value, "MaxCount", inner.number);
  assert_number (value, "Code", inner.number);
  assert_number (value, "Version", inner.number);
  assert_number (value, "Capabilities", inner.number2);
  assert_base64 (value, "CircuitID", inner.id, CLOVE_INT256_SIZE);
  assert_base64 (value, "NodeID", inner.id, CLOVE_INT256_SIZE);
  if (test_vectors_has (value, "Message")) {
    const char *text = test_vectors_text (value, "Message");

    g_assert_cmpmem (inner.data, inner.data_size, text, strlen (text));
  }
}

static void
assert_go_value (JsonObject *value, const CloveAdnlMessage *message)
{
  assert_number (value, "Value", (gint64) message->value);
  assert_number (value, "Date", message->date);
  assert_number (value, "TotalSize", message->total_size);
  assert_number (value, "Offset", message->offset);
  assert_base64 (value, "ID", message->id, CLOVE_INT256_SIZE);
  assert_base64 (value, "Key", message->id, CLOVE_INT256_SIZE);
  assert_base64 (value, "Hash", message->id, CLOVE_INT256_SIZE);
  assert_base64 (value, "PeerKey", message->peer_key, CLOVE_INT256_SIZE);
  if (!test_vectors_has (value, "Data"))
    return;
  if (JSON_NODE_HOLDS_OBJECT (json_object_get_member (value, "Data")))
    assert_inner (json_object_get_object_member (value, "Data"), message->data,
                  message->data_size);
  else
    assert_base64 (value, "Data", message->data, message->data_size);
}

static void
check_message (JsonObject *entry, GBytes *serialized)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (serialized, &size);
  g_autofree guint8 *again = g_malloc (size);
  CloveAdnlMessageType type = CLOVE_ADNL_MESSAGE_NOP;
  CloveAdnlMessage message = { 0 };
  CloveReader reader = { 0 };
  CloveWriter writer = { 0 };
  g_autoptr (GError) error = NULL;

  (void) adnl_contents_find_type (test_vectors_text (entry, "name"), &type);
  clove_reader_init (&reader, data, size);
  g_assert_true (clove_adnl_message_read (&reader, &message, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (clove_reader_get_remaining (&reader), ==, 0);
  g_assert_cmpint (message.type, ==, type);
  if (test_vectors_has (entry, "go_value"))
    assert_go_value (json_object_get_object_member (entry, "go_value"), &message);

  g_assert_cmpuint (clove_adnl_message_size (&message), ==, size);
  clove_writer_init (&writer, again, size);
  clove_adnl_message_write (&writer, &message);
  g_assert_cmpmem (again, clove_writer_get_size (&writer), data, size);
}

/* A bare address list, inside the packet that it comes in. */
static void
check_address_list (const char *name, GBytes *serialized)
{
  gsize size = g_bytes_get_size (serialized);
  g_autofree guint8 *contents = g_malloc (size + 64);
  g_autofree guint8 *again = g_malloc (size + 64);
  const char *port = strstr (name, "127.0.0.1:");
  CloveAdnlPacket packet = { 0 };
  CloveWriter writer = { 0 };
  g_autoptr (GError) error = NULL;

  clove_writer_init (&writer, contents, size + 64);
  clove_writer_u32 (&writer, PACKET_CONTENTS);
  clove_tl_write_bytes (&writer, NULL, 0);
  clove_writer_u32 (&writer, CLOVE_ADNL_PACKET_ADDRESS | CLOVE_ADNL_PACKET_SEQNO);
  clove_writer_bytes (&writer, g_bytes_get_data (serialized, NULL), size);
  clove_writer_u64 (&writer, 1);
  clove_tl_write_bytes (&writer, NULL, 0);
  size = clove_writer_get_size (&writer);
  g_assert_true (clove_adnl_packet_parse (&packet, contents, size, &error));
  g_assert_no_error (error);
  if (port != NULL) {
    g_assert_cmphex (packet.address.ip, ==, INADDR_LOOPBACK);
    g_assert_cmpuint (packet.address.port, ==,
                      g_ascii_strtoull (port + strlen ("127.0.0.1:"), NULL, 10));
  }

  clove_writer_init (&writer, again, size);
  clove_adnl_packet_write (&writer, &packet);
  g_assert_cmpmem (again, clove_writer_get_size (&writer), contents, size);
}

/* A boxed public key: its key must give the id that hashes these very bytes. */
static void
check_key (JsonObject *entry, GBytes *serialized)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (serialized, &size);
  gboolean is_identity = g_str_equal (test_vectors_text (entry, "name"), "pub.ed25519");
  guint8 id[CLOVE_KEY_ID_SIZE] = { 0 };
  guint8 expected[CLOVE_KEY_ID_SIZE] = { 0 };

  g_assert_cmpuint (size, ==, 4 + CLOVE_KEY_SIZE);
  if (test_vectors_has (entry, "go_value"))
    assert_base64 (json_object_get_object_member (entry, "go_value"), "Key", data + 4,
                   CLOVE_KEY_SIZE);
  if (is_identity)
    clove_adnl_key_id (id, data + 4);
  else
    clove_adnl_channel_id (id, data + 4);
  clove_adnl_cipher_checksum (expected, data, size);
  g_assert_cmpmem (id, sizeof id, expected, sizeof expected);
}

static void
test_adnl_values (void)
{
  g_autoptr (JsonObject) vectors = test_vectors_load ("tl_messages.json");
  JsonArray *list = test_vectors_list (vectors, "adnl_types");
  guint n_checked = 0;

  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *entry = json_array_get_object_element (list, i);
    const char *name = test_vectors_text (entry, "name");
    g_autoptr (GBytes) serialized = NULL;
    CloveAdnlMessageType type = CLOVE_ADNL_MESSAGE_NOP;

    if (name == NULL)
      continue;
    g_test_message ("%s", name);
    serialized = test_vectors_hex (entry, "serialized");
    if (adnl_contents_find_type (name, &type))
      check_message (entry, serialized);
    else if (g_str_has_prefix (name, "adnl.addressList"))
      check_address_list (name, serialized);
    else if (g_str_has_prefix (name, "pub."))
      check_key (entry, serialized);
    else
      g_error ("The test does not know values of %s", name);
    n_checked++;
  }
  g_assert_cmpuint (n_checked, >, 0);
}

static void
check_bytes_encoding (GBytes *value, GBytes *encoded)
{
  gsize value_size = 0;
  gsize encoded_size = 0;
  gsize actual_size = 0;
  const guint8 *value_data = g_bytes_get_data (value, &value_size);
  const guint8 *encoded_data = g_bytes_get_data (encoded, &encoded_size);
  const guint8 *actual = NULL;
  g_autofree guint8 *buffer = g_malloc (encoded_size);
  CloveWriter writer = { 0 };
  CloveReader reader = { 0 };

  g_assert_cmpuint (clove_tl_bytes_size (value_size), ==, encoded_size);
  clove_writer_init (&writer, buffer, encoded_size);
  clove_tl_write_bytes (&writer, value_data, value_size);
  g_assert_true (clove_writer_is_ok (&writer));
  g_assert_cmpmem (buffer, clove_writer_get_size (&writer), encoded_data, encoded_size);

  clove_reader_init (&reader, encoded_data, encoded_size);
  actual = clove_tl_read_bytes (&reader, &actual_size);
  g_assert_true (clove_reader_is_ok (&reader));
  g_assert_cmpuint (clove_reader_get_remaining (&reader), ==, 0);
  g_assert_cmpmem (actual, actual_size, value_data, value_size);
}

static void
test_bytes_encoding (void)
{
  g_autoptr (JsonObject) vectors = test_vectors_load ("tl_messages.json");
  JsonArray *list = test_vectors_list (vectors, "bytes_encoding");

  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *entry = json_array_get_object_element (list, i);
    g_autoptr (GBytes) value = test_vectors_hex (entry, "value");
    g_autoptr (GBytes) encoded = test_vectors_hex (entry, "encoded");

    check_bytes_encoding (value, encoded);
  }
}

/* The reference takes two forms that no sound writer emits; ours refuses them. */
static gboolean
is_unsound (const guint8 *input, gsize size)
{
  if (size == 0)
    return FALSE;
  return input[0] == 0xff ||
         (input[0] == 0xfe && size >= 4 && input[1] < 0xfe && input[2] == 0 && input[3] == 0);
}

static void
check_edge_case (JsonObject *entry)
{
  g_autoptr (GBytes) input = test_vectors_hex (entry, "input");
  const char *reference = test_vectors_text (entry, "reference");
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (input, &size);
  gsize value_size = 0;
  const guint8 *value = NULL;
  CloveReader reader = { 0 };

  g_assert_nonnull (reference);
  clove_reader_init (&reader, data, size);
  value = clove_tl_read_bytes (&reader, &value_size);
  if (!g_str_has_prefix (reference, "accepted") || is_unsound (data, size)) {
    g_assert_false (clove_reader_is_ok (&reader));
    return;
  }
  g_assert_true (clove_reader_is_ok (&reader));
  test_assert_member (entry, "value", value, value_size);
  test_assert_member (entry, "rest", data + clove_reader_get_position (&reader),
                      clove_reader_get_remaining (&reader));
}

static void
test_bytes_edge_cases (void)
{
  g_autoptr (JsonObject) vectors = test_vectors_load ("tl_messages.json");
  JsonArray *list = test_vectors_list (vectors, "bytes_decoding_edge_cases");

  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *entry = json_array_get_object_element (list, i);
    const char *name = test_vectors_text (entry, "case");

    g_test_message ("%s", name != NULL ? name : "unnamed case");
    check_edge_case (entry);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/wire/tl-values/adnl", test_adnl_values);
  g_test_add_func ("/clove/wire/tl-values/bytes-encoding", test_bytes_encoding);
  g_test_add_func ("/clove/wire/tl-values/bytes-edge-cases", test_bytes_edge_cases);
  return g_test_run ();
}
