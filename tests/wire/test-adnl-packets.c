/* SPDX-License-Identifier: GPL-3.0-or-later */
/* adnl_packets.json: whole sessions, each datagram opened, parsed, verified, written and sealed. */
#include "config.h"

#include "adnl-contents.h"

#include "clove-adnl-datagram.h"
#include "clove-adnl-parts.h"
#include "clove-relay-message.h"

#include <string.h>

typedef struct {
  CloveAdnlIdentity *client;
  CloveAdnlIdentity *relay;
  guint8 shared[CLOVE_KEY_SIZE];
  /* [0]: from the client to the relay. */
  guint8 channel_keys[2][CLOVE_KEY_SIZE];
  guint8 channel_ids[2][CLOVE_KEY_ID_SIZE];
  /* Whether the channel of the last createChannel is the one of the seeds; the first must be. */
  gboolean has_seed_channel;
  gboolean has_created;
  guint8 client_channel_key[CLOVE_KEY_SIZE];
  guint8 relay_channel_key[CLOVE_KEY_SIZE];
  CloveAdnlParts *parts[2];
  GPtrArray *keep;
} Session;

static CloveAdnlIdentity *
identity_of (JsonObject *object, const char *member, GPtrArray *keep)
{
  g_assert_true (test_vectors_has (object, member));
  return clove_adnl_identity_new_from_seed (test_vectors_borrow_32 (keep, object, member));
}

/* Both sides derive the channel, each from its own seed, and must find the same keys. */
static void
derive_channel (Session *session, JsonObject *object)
{
  g_autoptr (CloveAdnlIdentity) client =
    identity_of (object, "client_channel_seed", session->keep);
  g_autoptr (CloveAdnlIdentity) relay = identity_of (object, "relay_channel_seed", session->keep);
  const guint8 *client_id = clove_adnl_identity_get_id (session->client);
  const guint8 *relay_id = clove_adnl_identity_get_id (session->relay);
  guint8 shared[CLOVE_KEY_SIZE] = { 0 };
  guint8 sent[CLOVE_KEY_SIZE] = { 0 };
  guint8 received[CLOVE_KEY_SIZE] = { 0 };

  memcpy (session->client_channel_key, clove_adnl_identity_get_key (client), CLOVE_KEY_SIZE);
  memcpy (session->relay_channel_key, clove_adnl_identity_get_key (relay), CLOVE_KEY_SIZE);
  g_assert_true (
    clove_adnl_identity_agree (client, clove_adnl_identity_get_key (relay), shared));
  clove_adnl_channel_keys (shared, client_id, relay_id, session->channel_keys[0],
                           session->channel_keys[1]);
  g_assert_true (
    clove_adnl_identity_agree (relay, clove_adnl_identity_get_key (client), shared));
  clove_adnl_channel_keys (shared, relay_id, client_id, sent, received);
  g_assert_cmpmem (sent, sizeof sent, session->channel_keys[1], CLOVE_KEY_SIZE);
  g_assert_cmpmem (received, sizeof received, session->channel_keys[0], CLOVE_KEY_SIZE);
  for (guint i = 0; i < 2; i++)
    clove_adnl_channel_id (session->channel_ids[i], session->channel_keys[i]);
}

static void
session_init (Session *session, JsonObject *object, GPtrArray *keep)
{
  memset (session, 0, sizeof *session);
  session->keep = keep;
  session->client = identity_of (object, "client_seed", keep);
  session->relay = identity_of (object, "relay_seed", keep);
  test_assert_member (object, "client_id", clove_adnl_identity_get_id (session->client), 32);
  test_assert_member (object, "client_pub", clove_adnl_identity_get_key (session->client), 32);
  test_assert_member (object, "relay_id", clove_adnl_identity_get_id (session->relay), 32);
  test_assert_member (object, "relay_pub", clove_adnl_identity_get_key (session->relay), 32);
  g_assert_true (clove_adnl_identity_agree (
    session->client, clove_adnl_identity_get_key (session->relay), session->shared));
  derive_channel (session, object);
  for (guint i = 0; i < 2; i++)
    session->parts[i] = clove_adnl_parts_new ();
}

static void
session_clear (Session *session)
{
  clove_adnl_identity_unref (session->client);
  clove_adnl_identity_unref (session->relay);
  for (guint i = 0; i < 2; i++)
    clove_adnl_parts_free (session->parts[i]);
}

/* A createChannel of the client with another key replaces the channel; one with the same key, and
 * what a restarted relay proposes, leave it. */
static void
follow_create (Session *session, const CloveAdnlMessage *message)
{
  session->has_seed_channel =
    memcmp (message->id, session->client_channel_key, CLOVE_KEY_SIZE) == 0;
  g_assert_true (session->has_created || session->has_seed_channel);
  session->has_created = TRUE;
}

static void
follow_confirm (Session *session, const CloveAdnlMessage *message)
{
  if (!session->has_seed_channel)
    return;
  g_assert_cmpmem (message->peer_key, CLOVE_KEY_SIZE, session->client_channel_key,
                   CLOVE_KEY_SIZE);
  g_assert_cmpmem (message->id, CLOVE_KEY_SIZE, session->relay_channel_key, CLOVE_KEY_SIZE);
}

static void
follow_channel (Session *session, const CloveAdnlPacket *packet, gboolean is_from_client)
{
  for (guint i = 0; i < packet->n_messages; i++) {
    const CloveAdnlMessage *message = &packet->messages[i];

    if (is_from_client && message->type == CLOVE_ADNL_MESSAGE_CREATE_CHANNEL)
      follow_create (session, message);
    if (!is_from_client && message->type == CLOVE_ADNL_MESSAGE_CONFIRM_CHANNEL)
      follow_confirm (session, message);
  }
}

/* Parts make whole messages, which hold whole relay objects. */
static void
join_parts (Session *session, const CloveAdnlPacket *packet, gboolean is_from_client)
{
  for (guint i = 0; i < packet->n_messages; i++) {
    const guint8 *joined = NULL;
    gsize size = 0;
    CloveAdnlMessage whole = { 0 };
    CloveRelayMessage inner = { 0 };
    CloveReader reader = { 0 };
    g_autoptr (GError) error = NULL;

    if (packet->messages[i].type != CLOVE_ADNL_MESSAGE_PART)
      continue;
    g_assert_true (clove_adnl_parts_add (session->parts[is_from_client ? 0 : 1],
                                         &packet->messages[i], &joined, &size, &error));
    g_assert_no_error (error);
    if (joined == NULL)
      continue;
    clove_reader_init (&reader, joined, size);
    g_assert_true (clove_adnl_message_read (&reader, &whole, &error));
    g_assert_cmpuint (clove_reader_get_remaining (&reader), ==, 0);
    g_assert_true (clove_relay_message_parse (&inner, whole.data, whole.data_size, &error));
    g_assert_no_error (error);
  }
}

static void
check_signature (const CloveAdnlPacket *packet, CloveAdnlIdentity *signer, JsonObject *contents)
{
  CloveAdnlPacket unsigned_packet = *packet;
  g_autoptr (GBytes) text = NULL;
  guint8 signature[CLOVE_ADNL_SIGNATURE_SIZE] = { 0 };
  gsize size = 0;
  const guint8 *data = NULL;

  unsigned_packet.flags &= ~(guint32) CLOVE_ADNL_PACKET_SIGNATURE;
  text = adnl_contents_write (&unsigned_packet);
  data = g_bytes_get_data (text, &size);
  test_assert_member (contents, "signed_bytes", data, size);
  clove_adnl_identity_sign (signer, data, size, signature);
  g_assert_cmpmem (signature, sizeof signature, packet->signature, CLOVE_ADNL_SIGNATURE_SIZE);
}

/* Seal what was written; it must be the datagram. */
static void
check_sealed (const Session *session, GBytes *datagram, GBytes *plain, guint header_size)
{
  gsize size = 0;
  const guint8 *expected = g_bytes_get_data (datagram, &size);
  gsize plain_size = g_bytes_get_size (plain);
  g_autofree guint8 *sealed = g_malloc (header_size + plain_size);

  memcpy (sealed + header_size, g_bytes_get_data (plain, NULL), plain_size);
  if (header_size == CLOVE_ADNL_ROOT_HEADER_SIZE) {
    clove_adnl_datagram_seal_root (sealed, plain_size, expected, expected + CLOVE_KEY_ID_SIZE,
                                   session->shared);
  } else {
    guint direction = memcmp (expected, session->channel_ids[0], CLOVE_KEY_ID_SIZE) == 0 ? 0 : 1;

    clove_adnl_datagram_seal_channel (sealed, plain_size, expected,
                                      session->channel_keys[direction]);
  }
  g_assert_cmpmem (sealed, header_size + plain_size, expected, size);
}

static guint8 *
open_root (const Session *session,
           JsonObject *object,
           GBytes *datagram,
           CloveAdnlIdentity *sender,
           gsize *size_out)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (datagram, &size);
  g_autofree guint8 *copy = g_memdup2 (data, size);
  const guint8 *contents = NULL;
  g_autoptr (GError) error = NULL;

  if (test_vectors_has (object, "kind"))
    g_assert_cmpstr (test_vectors_text (object, "kind"), ==, "root");
  test_assert_member (object, "receiver_id", clove_adnl_datagram_peek_id (data, size), 32);
  test_assert_member (object, "header_sender_pub", clove_adnl_datagram_peek_sender (data, size),
                      32);
  test_assert_member (object, "shared_key", session->shared, CLOVE_KEY_SIZE);
  test_assert_member (object, "checksum", data + 64, CLOVE_CHECKSUM_SIZE);
  g_assert_cmpmem (clove_adnl_datagram_peek_sender (data, size), CLOVE_KEY_SIZE,
                   clove_adnl_identity_get_key (sender), CLOVE_KEY_SIZE);
  contents = clove_adnl_datagram_open_root (copy, size, session->shared, size_out, &error);
  g_assert_no_error (error);
  g_assert_true (contents == copy + CLOVE_ADNL_ROOT_HEADER_SIZE);
  return g_memdup2 (contents, *size_out);
}

static guint8 *
open_channel (Session *session,
              JsonObject *object,
              GBytes *datagram,
              gboolean is_from_client,
              gsize *size_out)
{
  guint direction = is_from_client ? 0 : 1;
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (datagram, &size);
  g_autofree guint8 *copy = g_memdup2 (data, size);
  const guint8 *contents = NULL;
  g_autoptr (GError) error = NULL;

  if (test_vectors_has (object, "kind"))
    g_assert_cmpstr (test_vectors_text (object, "kind"), ==, "channel");
  /* After a change of key whose seeds the vectors do not hold, they give the key itself. */
  if (!session->has_seed_channel) {
    memcpy (session->channel_keys[direction],
            test_vectors_borrow_32 (session->keep, object, "channel_key"), CLOVE_KEY_SIZE);
    clove_adnl_channel_id (session->channel_ids[direction], session->channel_keys[direction]);
  }
  test_assert_member (object, "channel_key", session->channel_keys[direction], CLOVE_KEY_SIZE);
  test_assert_member (object, "channel_id", session->channel_ids[direction], CLOVE_KEY_ID_SIZE);
  g_assert_cmpmem (clove_adnl_datagram_peek_id (data, size), CLOVE_KEY_ID_SIZE,
                   session->channel_ids[direction], CLOVE_KEY_ID_SIZE);
  contents = clove_adnl_datagram_open_channel (copy, size, session->channel_keys[direction],
                                               size_out, &error);
  g_assert_no_error (error);
  g_assert_true (contents == copy + CLOVE_ADNL_CHANNEL_HEADER_SIZE);
  return g_memdup2 (contents, *size_out);
}

/* Parses, compares, and gives back what the vectors describe. */
static void
check_contents (Session *session,
                CloveAdnlPacket *expected,
                JsonObject *contents,
                const guint8 *plain,
                gsize size,
                CloveAdnlIdentity *signer)
{
  CloveAdnlPacket actual = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (clove_adnl_packet_parse (&actual, plain, size, &error));
  g_assert_no_error (error);
  adnl_contents_fill (expected, &actual, contents, session->keep);
  adnl_contents_assert_same (&actual, expected);
  if (signer != NULL) {
    g_assert_true (
      clove_adnl_packet_verify (&actual, plain, clove_adnl_identity_get_key (signer), &error));
    g_assert_no_error (error);
    check_signature (expected, signer, contents);
  }
  follow_channel (session, &actual, signer == session->client);
}

static void
check_datagram (Session *session, JsonObject *object)
{
  g_autoptr (GBytes) datagram = test_vectors_hex (object, "datagram");
  JsonObject *contents = test_vectors_object (object, "contents");
  gboolean is_from_client = g_strcmp0 (test_vectors_text (object, "from"), "client") == 0;
  CloveAdnlIdentity *sender = is_from_client ? session->client : session->relay;
  CloveAdnlIdentity *receiver = is_from_client ? session->relay : session->client;
  const guint8 *id =
    clove_adnl_datagram_peek_id (g_bytes_get_data (datagram, NULL), g_bytes_get_size (datagram));
  gboolean is_root = memcmp (id, clove_adnl_identity_get_id (receiver), CLOVE_KEY_ID_SIZE) == 0;
  CloveAdnlPacket expected = { 0 };
  g_autofree guint8 *plain = NULL;
  g_autoptr (GBytes) written = NULL;
  gsize size = 0;

  g_assert_true (is_from_client || g_strcmp0 (test_vectors_text (object, "from"), "relay") == 0);
  plain = is_root ? open_root (session, object, datagram, sender, &size)
                  : open_channel (session, object, datagram, is_from_client, &size);
  test_assert_member (object, "plain", plain, size);
  check_contents (session, &expected, contents, plain, size, is_root ? sender : NULL);

  join_parts (session, &expected, is_from_client);
  written = adnl_contents_write (&expected);
  g_assert_cmpmem (g_bytes_get_data (written, NULL), g_bytes_get_size (written), plain, size);
  check_sealed (session, datagram, written,
                is_root ? CLOVE_ADNL_ROOT_HEADER_SIZE : CLOVE_ADNL_CHANNEL_HEADER_SIZE);
}

static void
test_sessions (void)
{
  g_autoptr (JsonObject) vectors = test_vectors_load ("adnl_packets.json");
  g_autoptr (GPtrArray) keep = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  JsonArray *sessions = test_vectors_list (vectors, "sessions");

  for (guint i = 0; i < json_array_get_length (sessions); i++) {
    JsonObject *object = json_array_get_object_element (sessions, i);
    JsonArray *datagrams = test_vectors_list (object, "datagrams");
    Session session = { 0 };

    session_init (&session, object, keep);
    for (guint j = 0; j < json_array_get_length (datagrams); j++) {
      g_test_message ("session %u datagram %u", i, j);
      check_datagram (&session, json_array_get_object_element (datagrams, j));
    }
    session_clear (&session);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/wire/adnl-packets/sessions", test_sessions);
  return g_test_run ();
}
