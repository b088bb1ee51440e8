/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * circuit_crypto.json, recorded_circuit: the datagrams of one session of the reference client are
 * opened and must carry the listed messages.
 */
#include "config.h"

#include "adnl-contents.h"

#include "clove-adnl-datagram.h"
#include "clove-adnl-parts.h"

#include <string.h>

static JsonObject *
load_recording (void)
{
  g_autoptr (JsonObject) vectors = test_vectors_load ("circuit_crypto.json");

  return json_object_ref (test_vectors_object (vectors, "recorded_circuit"));
}

typedef struct {
  CloveAdnlIdentity *client;
  CloveAdnlIdentity *entry;
  guint8 shared[CLOVE_KEY_SIZE];
  guint8 channel_keys[2][CLOVE_KEY_SIZE]; /* [0]: from the client */
  CloveAdnlParts *parts[2];
  JsonArray *messages;
  guint n_seen;
  GPtrArray *keep;
} Wire;

static void
wire_init (Wire *wire, JsonObject *recording, GPtrArray *keep)
{
  JsonObject *entry =
    json_array_get_object_element (test_vectors_list (recording, "relays"), 0);
  g_autoptr (CloveAdnlIdentity) channel = clove_adnl_identity_new_from_seed (
    test_vectors_borrow_32 (keep, recording, "client_channel_seed"));
  guint8 shared[CLOVE_KEY_SIZE] = { 0 };
  guint8 id[CLOVE_KEY_ID_SIZE] = { 0 };

  *wire = (Wire){ .keep = keep, .messages = test_vectors_list (recording, "messages") };
  wire->client =
    clove_adnl_identity_new_from_seed (test_vectors_borrow_32 (keep, recording, "client_seed"));
  wire->entry = clove_adnl_identity_new_from_seed (test_vectors_borrow_32 (keep, entry, "seed"));
  test_assert_member (recording, "client_id", clove_adnl_identity_get_id (wire->client), 32);
  test_assert_member (entry, "id", clove_adnl_identity_get_id (wire->entry), 32);
  test_assert_member (entry, "pub", clove_adnl_identity_get_key (wire->entry), 32);
  g_assert_true (clove_adnl_identity_agree (
    wire->client, clove_adnl_identity_get_key (wire->entry), wire->shared));
  g_assert_true (clove_adnl_identity_agree (
    channel, test_vectors_borrow_32 (keep, recording, "relay_channel_pub"), shared));
  clove_adnl_channel_keys (shared, clove_adnl_identity_get_id (wire->client),
                           clove_adnl_identity_get_id (wire->entry), wire->channel_keys[0],
                           wire->channel_keys[1]);
  test_assert_member (recording, "channel_out_key", wire->channel_keys[0], CLOVE_KEY_SIZE);
  test_assert_member (recording, "channel_in_key", wire->channel_keys[1], CLOVE_KEY_SIZE);
  clove_adnl_channel_id (id, wire->channel_keys[1]);
  test_assert_member (recording, "channel_in_id", id, sizeof id);
  for (guint i = 0; i < 2; i++)
    wire->parts[i] = clove_adnl_parts_new ();
}

/* Every relay of the list, though only the entry speaks ADNL here. */
static void
test_relays (void)
{
  g_autoptr (JsonObject) recording = load_recording ();
  g_autoptr (GPtrArray) keep = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  JsonArray *relays = test_vectors_list (recording, "relays");

  for (guint i = 0; i < json_array_get_length (relays); i++) {
    JsonObject *relay = json_array_get_object_element (relays, i);
    g_autoptr (CloveAdnlIdentity) identity =
      clove_adnl_identity_new_from_seed (test_vectors_borrow_32 (keep, relay, "seed"));

    test_assert_member (relay, "pub", clove_adnl_identity_get_key (identity), CLOVE_KEY_SIZE);
    test_assert_member (relay, "id", clove_adnl_identity_get_id (identity), CLOVE_KEY_ID_SIZE);
  }
}

static void
wire_clear (Wire *wire)
{
  clove_adnl_identity_unref (wire->client);
  clove_adnl_identity_unref (wire->entry);
  for (guint i = 0; i < 2; i++)
    clove_adnl_parts_free (wire->parts[i]);
}

/* What carries an object must be the next of the listed messages. */
static void
expect_message (Wire *wire, const CloveAdnlMessage *message, gboolean is_from_client)
{
  static const struct {
    CloveAdnlMessageType type;
    const char *name;
  } carriers[] = {
    { CLOVE_ADNL_MESSAGE_QUERY, "query" },
    { CLOVE_ADNL_MESSAGE_ANSWER, "answer" },
    { CLOVE_ADNL_MESSAGE_CUSTOM, "custom" },
  };
  JsonObject *expected = NULL;

  if (message->data == NULL)
    return;
  g_assert_cmpuint (wire->n_seen, <, json_array_get_length (wire->messages));
  expected = json_array_get_object_element (wire->messages, wire->n_seen++);
  test_assert_member (expected, "boxed", message->data, message->data_size);
  if (message->id != NULL)
    test_assert_member (expected, "query_id", message->id, CLOVE_INT256_SIZE);
  if (test_vectors_has (expected, "from"))
    g_assert_cmpstr (test_vectors_text (expected, "from"), ==,
                     is_from_client ? "client" : "relay");
  for (gsize i = 0; i < G_N_ELEMENTS (carriers) && test_vectors_has (expected, "adnl"); i++) {
    if (carriers[i].type == message->type)
      g_assert_cmpstr (test_vectors_text (expected, "adnl"), ==, carriers[i].name);
  }
}

static void
take_message (Wire *wire, const CloveAdnlMessage *message, gboolean is_from_client)
{
  const guint8 *joined = NULL;
  gsize size = 0;
  CloveAdnlMessage whole = { 0 };
  CloveReader reader = { 0 };
  g_autoptr (GError) error = NULL;

  if (message->type != CLOVE_ADNL_MESSAGE_PART) {
    expect_message (wire, message, is_from_client);
    return;
  }
  g_assert_true (clove_adnl_parts_add (wire->parts[is_from_client ? 0 : 1], message, &joined,
                                       &size, &error));
  g_assert_no_error (error);
  if (joined == NULL)
    return;
  clove_reader_init (&reader, joined, size);
  g_assert_true (clove_adnl_message_read (&reader, &whole, &error));
  g_assert_no_error (error);
  expect_message (wire, &whole, is_from_client);
}

/* What the vectors say of the header. */
static void
check_header (Wire *wire, JsonObject *object, const guint8 *datagram, gboolean is_root)
{
  gboolean is_from_client = g_str_equal (test_vectors_text (object, "from"), "client");

  if (test_vectors_has (object, "kind"))
    g_assert_cmpstr (test_vectors_text (object, "kind"), ==, is_root ? "root" : "channel");
  if (is_root) {
    test_assert_member (object, "receiver_id", datagram, CLOVE_KEY_ID_SIZE);
    test_assert_member (object, "header_sender_pub", datagram + 32, CLOVE_KEY_SIZE);
    test_assert_member (object, "checksum", datagram + 64, CLOVE_CHECKSUM_SIZE);
    test_assert_member (object, "shared_key", wire->shared, CLOVE_KEY_SIZE);
  } else {
    const guint8 *key = wire->channel_keys[is_from_client ? 0 : 1];
    guint8 id[CLOVE_KEY_ID_SIZE] = { 0 };

    clove_adnl_channel_id (id, key);
    g_assert_cmpmem (datagram, sizeof id, id, sizeof id);
    test_assert_member (object, "channel_id", id, sizeof id);
    test_assert_member (object, "channel_key", key, CLOVE_KEY_SIZE);
  }
}

static guint8 *
open_datagram (Wire *wire, JsonObject *object, guint8 *datagram, gsize size, gsize *plain_size_out)
{
  gboolean is_from_client = g_str_equal (test_vectors_text (object, "from"), "client");
  CloveAdnlIdentity *receiver = is_from_client ? wire->entry : wire->client;
  const guint8 *id = clove_adnl_datagram_peek_id (datagram, size);
  gboolean is_root = memcmp (id, clove_adnl_identity_get_id (receiver), CLOVE_KEY_ID_SIZE) == 0;
  guint8 *plain = NULL;
  g_autoptr (GError) error = NULL;

  check_header (wire, object, datagram, is_root);
  if (is_root)
    plain = clove_adnl_datagram_open_root (datagram, size, wire->shared, plain_size_out, &error);
  else
    plain = clove_adnl_datagram_open_channel (
      datagram, size, wire->channel_keys[is_from_client ? 0 : 1], plain_size_out, &error);
  g_assert_no_error (error);
  return plain;
}

static void
check_signed_bytes (const CloveAdnlPacket *packet, JsonObject *contents)
{
  CloveAdnlPacket unsigned_packet = *packet;
  g_autoptr (GBytes) text = NULL;

  unsigned_packet.flags &= ~(guint32) CLOVE_ADNL_PACKET_SIGNATURE;
  text = adnl_contents_write (&unsigned_packet);
  test_assert_member (contents, "signed_bytes", g_bytes_get_data (text, NULL),
                      g_bytes_get_size (text));
}

static void
check_datagram (Wire *wire, JsonObject *object)
{
  const char *from = test_vectors_text (object, "from");
  gboolean is_from_client = g_strcmp0 (from, "client") == 0;
  JsonObject *contents = test_vectors_object (object, "contents");
  g_autoptr (GBytes) bytes = test_vectors_hex (object, "datagram");
  gsize size = g_bytes_get_size (bytes);
  g_autofree guint8 *datagram = g_memdup2 (g_bytes_get_data (bytes, NULL), size);
  gsize plain_size = 0;
  guint8 *plain = open_datagram (wire, object, datagram, size, &plain_size);
  CloveAdnlPacket actual = { 0 };
  CloveAdnlPacket expected = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (is_from_client || g_strcmp0 (from, "relay") == 0);
  test_assert_member (object, "plain", plain, plain_size);
  g_assert_true (clove_adnl_packet_parse (&actual, plain, plain_size, &error));
  g_assert_no_error (error);
  if (actual.signature != NULL)
    g_assert_true (clove_adnl_packet_verify (
      &actual, plain, clove_adnl_datagram_peek_sender (datagram, size), &error));
  g_assert_no_error (error);
  adnl_contents_fill (&expected, &actual, contents, wire->keep);
  adnl_contents_assert_same (&actual, &expected);
  if (actual.signature != NULL)
    check_signed_bytes (&expected, contents);
  for (guint i = 0; i < actual.n_messages; i++)
    take_message (wire, &actual.messages[i], is_from_client);
}

static void
test_datagrams (void)
{
  g_autoptr (JsonObject) recording = load_recording ();
  g_autoptr (GPtrArray) keep = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  JsonArray *datagrams = test_vectors_list (recording, "datagrams");
  Wire wire = { 0 };

  wire_init (&wire, recording, keep);
  for (guint i = 0; i < json_array_get_length (datagrams); i++) {
    g_test_message ("datagram %u", i);
    check_datagram (&wire, json_array_get_object_element (datagrams, i));
  }
  g_assert_cmpuint (wire.n_seen, ==, json_array_get_length (wire.messages));
  wire_clear (&wire);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/wire/recorded-datagrams/relays", test_relays);
  g_test_add_func ("/clove/wire/recorded-datagrams/session", test_datagrams);
  return g_test_run ();
}
