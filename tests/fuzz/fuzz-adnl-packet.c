/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Contents of datagrams. The first byte chooses how they come: plain, sealed in a channel, sealed
 * as root packet, or with sender and signature set right. Sealing here repairs the checksum, so
 * that the fuzzer gets past it.
 */
#include "config.h"

#include "fuzz.h"

#include "clove-adnl-datagram.h"
#include "clove-adnl-packet.h"
#include "clove-adnl-parts.h"

#include <string.h>

#define MAX_CONTENTS (CLOVE_ADNL_MAX_DATAGRAM_SIZE - CLOVE_ADNL_ROOT_HEADER_SIZE)
/* Prefixes and paddings may grow when they are written. */
#define MAX_WRITTEN  (MAX_CONTENTS + 1024)

static const guint8 channel_key[CLOVE_KEY_SIZE] = "a channel key, 32 bytes of it...";

static CloveAdnlIdentity *
peek_identity (void)
{
  static CloveAdnlIdentity *identity = NULL;
  static const guint8 seed[CLOVE_KEY_SIZE] = { 7 };

  if (identity == NULL)
    identity = clove_adnl_identity_new_from_seed (seed);
  return identity;
}

static gsize
write_packet (const CloveAdnlPacket *packet, guint8 *buffer)
{
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, buffer, MAX_WRITTEN);
  clove_adnl_packet_write (&writer, packet);
  g_assert_true (clove_writer_is_ok (&writer));
  return clove_writer_get_size (&writer);
}

/* Of several addresses one is kept: the second writing must be like the first, not like @data. */
static void
check_round_trip (const CloveAdnlPacket *packet)
{
  g_autofree guint8 *first = g_malloc (MAX_WRITTEN);
  g_autofree guint8 *second = g_malloc (MAX_WRITTEN);
  gsize first_size = write_packet (packet, first);
  gsize second_size = 0;
  CloveAdnlPacket again = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (clove_adnl_packet_parse (&again, first, first_size, &error));
  g_assert_no_error (error);
  g_assert_cmpint (again.seqno, ==, packet->seqno);
  g_assert_cmpuint (again.n_messages, ==, packet->n_messages);
  second_size = write_packet (&again, second);
  g_assert_cmpmem (second, second_size, first, first_size);
}

static void
check_messages (const CloveAdnlPacket *packet)
{
  g_autoptr (CloveAdnlParts) parts = clove_adnl_parts_new ();

  for (guint i = 0; i < packet->n_messages; i++) {
    const CloveAdnlMessage *message = &packet->messages[i];
    const guint8 *joined = NULL;
    gsize size = 0;
    guint8 hash[CLOVE_CHECKSUM_SIZE] = { 0 };

    if (message->type != CLOVE_ADNL_MESSAGE_PART)
      continue;
    if (!clove_adnl_parts_add (parts, message, &joined, &size, NULL) || joined == NULL)
      continue;
    clove_adnl_cipher_checksum (hash, joined, size);
    g_assert_cmpmem (hash, sizeof hash, message->id, CLOVE_INT256_SIZE);
  }
}

/* A packet that is signed as it must be is taken; with any other bit it is not. */
static void
check_signed (const CloveAdnlPacket *parsed, guint8 where)
{
  CloveAdnlIdentity *identity = peek_identity ();
  const guint8 *key = clove_adnl_identity_get_key (identity);
  CloveAdnlPacket packet = *parsed;
  g_autofree guint8 *text = g_malloc (MAX_WRITTEN);
  guint8 signature[CLOVE_ADNL_SIGNATURE_SIZE] = { 0 };
  gsize size = 0;
  g_autoptr (GError) error = NULL;

  packet.flags &= ~(guint32) (CLOVE_ADNL_PACKET_FROM_SHORT | CLOVE_ADNL_PACKET_SIGNATURE);
  packet.flags |= CLOVE_ADNL_PACKET_FROM;
  packet.from_key = key;
  clove_adnl_identity_sign (identity, text, write_packet (&packet, text), signature);
  packet.flags |= CLOVE_ADNL_PACKET_SIGNATURE;
  packet.signature = signature;
  size = write_packet (&packet, text);
  g_assert_true (clove_adnl_packet_parse (&packet, text, size, &error));
  g_assert_true (clove_adnl_packet_verify (&packet, text, key, &error));
  g_assert_no_error (error);

  /* The flags and all numbers lie behind rand1; its own length byte may turn the rest around. */
  text[packet.flags_offset + 4 + where % (packet.signature_offset - packet.flags_offset - 4)] ^= 1;
  if (clove_adnl_packet_parse (&packet, text, size, NULL))
    g_assert_false (clove_adnl_packet_verify (&packet, text, key, NULL));
}

static void
check_contents (const guint8 *data, gsize size, gboolean is_signing)
{
  CloveAdnlPacket packet = { 0 };
  g_autoptr (GError) error = NULL;

  if (!clove_adnl_packet_parse (&packet, data, size, &error)) {
    g_assert_nonnull (error);
    return;
  }
  g_assert_no_error (error);
  g_assert_cmpuint (packet.n_messages, <=, CLOVE_ADNL_MAX_MESSAGES);
  check_round_trip (&packet);
  check_messages (&packet);
  if (clove_adnl_packet_verify (&packet, data, clove_adnl_identity_get_key (peek_identity ()),
                                &error))
    g_assert_nonnull (packet.signature);
  else
    g_assert_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_FORGED);
  if (is_signing)
    check_signed (&packet, (guint8) packet.seqno);
}

/* Whatever is sealed opens to the same; a datagram cut by one byte does not open. */
static void
check_sealed (const uint8_t *data, size_t size, gboolean is_root)
{
  gsize header_size = is_root ? CLOVE_ADNL_ROOT_HEADER_SIZE : CLOVE_ADNL_CHANNEL_HEADER_SIZE;
  gsize total = header_size + size;
  g_autofree guint8 *datagram = g_malloc (total);
  g_autofree guint8 *cut = NULL;
  const guint8 *key = clove_adnl_identity_get_key (peek_identity ());
  const guint8 *contents = NULL;
  gsize contents_size = 0;

  memcpy (datagram + header_size, data, size);
  if (is_root)
    clove_adnl_datagram_seal_root (datagram, size, key, key, channel_key);
  else
    clove_adnl_datagram_seal_channel (datagram, size, key, channel_key);
  cut = g_memdup2 (datagram, total - 1);
  if (is_root) {
    contents = clove_adnl_datagram_open_root (datagram, total, channel_key, &contents_size, NULL);
    g_assert_null (
      clove_adnl_datagram_open_root (cut, total - 1, channel_key, &total, NULL));
  } else {
    contents =
      clove_adnl_datagram_open_channel (datagram, total, channel_key, &contents_size, NULL);
    g_assert_null (
      clove_adnl_datagram_open_channel (cut, total - 1, channel_key, &total, NULL));
  }
  g_assert_nonnull (contents);
  g_assert_cmpmem (contents, contents_size, data, size);
  check_contents (contents, contents_size, FALSE);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size < 1 || size - 1 > MAX_CONTENTS)
    return 0;
  switch (data[0] % 4) {
    case 0:
      check_contents (data + 1, size - 1, FALSE);
      break;
    case 3:
      check_contents (data + 1, size - 1, TRUE);
      break;
    default:
      check_sealed (data + 1, size - 1, data[0] % 4 == 2);
      break;
  }
  return 0;
}
