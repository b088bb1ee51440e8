/* SPDX-License-Identifier: GPL-3.0-or-later */
/* adnl_packets.json: what a sound receiver takes and refuses, from datagram to inner object. */
#include "config.h"

#include "clove-adnl-datagram.h"
#include "clove-adnl-packet.h"
#include "clove-adnl-parts.h"
#include "clove-relay-message.h"
#include "test-vectors.h"

#include <string.h>

typedef struct {
  CloveAdnlIdentity *identity;
  CloveAdnlIdentity *client; /* the only peer */
  guint8 channel_key[CLOVE_KEY_SIZE];
  guint8 channel_id[CLOVE_KEY_ID_SIZE];
  guint32 reinit_date;
} Receiver;

static void
receiver_init (Receiver *receiver, JsonObject *object, GPtrArray *keep)
{
  receiver->identity =
    clove_adnl_identity_new_from_seed (test_vectors_borrow_32 (keep, object, "relay_seed"));
  receiver->client =
    clove_adnl_identity_new_from_seed (test_vectors_borrow_32 (keep, object, "client_seed"));
  memcpy (receiver->channel_key,
          test_vectors_borrow_32 (keep, object, "channel_key_client_to_relay"), CLOVE_KEY_SIZE);
  clove_adnl_channel_id (receiver->channel_id, receiver->channel_key);
  receiver->reinit_date = (guint32) test_vectors_long (object, "relay_reinit_date");
}

static gboolean
take_plain_message (const CloveAdnlMessage *message, GError **error)
{
  CloveRelayMessage inner = { 0 };

  if (message->type != CLOVE_ADNL_MESSAGE_CUSTOM && message->type != CLOVE_ADNL_MESSAGE_QUERY &&
      message->type != CLOVE_ADNL_MESSAGE_ANSWER)
    return TRUE;
  return clove_relay_message_parse (&inner, message->data, message->data_size, error);
}

static gboolean
take_joined (const guint8 *joined, gsize size, GError **error)
{
  CloveReader reader = { 0 };
  CloveAdnlMessage whole = { 0 };

  clove_reader_init (&reader, joined, size);
  if (!clove_adnl_message_read (&reader, &whole, error))
    return FALSE;
  if (whole.type == CLOVE_ADNL_MESSAGE_PART) {
    g_set_error_literal (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_MALFORMED,
                         "part inside a part");
    return FALSE;
  }
  return take_plain_message (&whole, error);
}

static gboolean
take_messages (const CloveAdnlPacket *packet, GError **error)
{
  g_autoptr (CloveAdnlParts) parts = clove_adnl_parts_new ();

  for (guint i = 0; i < packet->n_messages; i++) {
    const CloveAdnlMessage *message = &packet->messages[i];
    const guint8 *joined = NULL;
    gsize size = 0;

    if (message->type != CLOVE_ADNL_MESSAGE_PART) {
      if (!take_plain_message (message, error))
        return FALSE;
      continue;
    }
    if (!clove_adnl_parts_add (parts, message, &joined, &size, error))
      return FALSE;
    if (joined != NULL && !take_joined (joined, size, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
take_root (const Receiver *receiver, guint8 *datagram, gsize size, GError **error)
{
  const guint8 *header_key = clove_adnl_datagram_peek_sender (datagram, size);
  guint8 shared[CLOVE_KEY_SIZE] = { 0 };
  const guint8 *contents = NULL;
  gsize contents_size = 0;
  CloveAdnlPacket packet = { 0 };

  if (header_key == NULL || !clove_adnl_identity_agree (receiver->identity, header_key, shared)) {
    g_set_error_literal (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_KEY, "no key to agree with");
    return FALSE;
  }
  contents = clove_adnl_datagram_open_root (datagram, size, shared, &contents_size, error);
  if (contents == NULL || !clove_adnl_packet_parse (&packet, contents, contents_size, error) ||
      !clove_adnl_packet_verify (&packet, contents, header_key, error))
    return FALSE;
  if (memcmp (header_key, clove_adnl_identity_get_key (receiver->client), CLOVE_KEY_SIZE) != 0) {
    g_set_error_literal (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_FORGED, "unknown peer");
    return FALSE;
  }
  /* Meant for our previous life: answered with the new date, but not obeyed. */
  if (packet.dst_reinit_date > 0 && packet.dst_reinit_date < receiver->reinit_date)
    return TRUE;
  return take_messages (&packet, error);
}

static gboolean
take_channel (const Receiver *receiver, guint8 *datagram, gsize size, GError **error)
{
  gsize contents_size = 0;
  const guint8 *contents = clove_adnl_datagram_open_channel (
    datagram, size, receiver->channel_key, &contents_size, error);
  CloveAdnlPacket packet = { 0 };

  return contents != NULL && clove_adnl_packet_parse (&packet, contents, contents_size, error) &&
         take_messages (&packet, error);
}

/* What a session does with a datagram, without its state. */
static gboolean
take_datagram (const Receiver *receiver, guint8 *datagram, gsize size, GError **error)
{
  const guint8 *id = clove_adnl_datagram_peek_id (datagram, size);

  if (id != NULL &&
      memcmp (id, clove_adnl_identity_get_id (receiver->identity), CLOVE_KEY_ID_SIZE) == 0)
    return take_root (receiver, datagram, size, error);
  if (id != NULL && memcmp (id, receiver->channel_id, CLOVE_KEY_ID_SIZE) == 0)
    return take_channel (receiver, datagram, size, error);
  g_set_error_literal (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_MALFORMED, "unknown receiver");
  return FALSE;
}

static void
check_case (const Receiver *receiver, JsonObject *object)
{
  const char *name = test_vectors_text (object, "case");
  const char *expect = test_vectors_text (object, "expect");
  g_autoptr (GBytes) bytes = test_vectors_hex (object, "datagram");
  gsize size = g_bytes_get_size (bytes);
  g_autofree guint8 *datagram = g_memdup2 (g_bytes_get_data (bytes, NULL), size);
  g_autoptr (GError) error = NULL;
  gboolean is_taken = take_datagram (receiver, datagram, size, &error);

  g_test_message ("%s: %s", name != NULL ? name : "unnamed case",
                  error != NULL ? error->message : "taken");
  g_assert_true (g_strcmp0 (expect, "accept") == 0 || g_strcmp0 (expect, "reject") == 0);
  g_assert_cmpint (is_taken, ==, g_str_equal (expect, "accept"));
  g_assert_cmpint (is_taken, ==, error == NULL);
}

static void
test_malformed (void)
{
  g_autoptr (JsonObject) vectors = test_vectors_load ("adnl_packets.json");
  g_autoptr (GPtrArray) keep = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  JsonArray *list = test_vectors_list (vectors, "malformed");
  Receiver receiver = { 0 };

  receiver_init (&receiver, test_vectors_object (vectors, "malformed_receiver"), keep);
  for (guint i = 0; i < json_array_get_length (list); i++)
    check_case (&receiver, json_array_get_object_element (list, i));
  clove_adnl_identity_unref (receiver.identity);
  clove_adnl_identity_unref (receiver.client);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/wire/adnl-packets/malformed", test_malformed);
  return g_test_run ();
}
