/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The contents of a datagram (src/adnl/README.md, "Packet contents"; vectors in
 * adnl_packets.json). Parse, then for a root datagram verify against the key that heads it.
 */
#include "config.h"

#include "clove-adnl-packet.h"

#include <sodium.h>
#include <string.h>

#define PACKET_CONTENTS CLOVE_TL_CONSTRUCTOR (0x89cd42d1)
#define PUB_ED25519     CLOVE_TL_CONSTRUCTOR (0xc6b41348)
#define ADDRESS_UDP     CLOVE_TL_CONSTRUCTOR (0xe7a60d67)

/* Addresses of one list; a peer has a few. */
#define MAX_ADDRESSES        16
/* No datagram that we take is larger, so no signed text is. */
#define MAX_SIGNED_SIZE      4096
/* TL length byte and padding around a signature of 64 bytes. */
#define SIGNATURE_FIELD_SIZE 68

static void
read_address_list (CloveReader *reader, CloveAdnlAddressList *out)
{
  guint32 n_addresses = clove_reader_u32 (reader);

  if (n_addresses > MAX_ADDRESSES)
    clove_reader_fail (reader);
  for (guint32 i = 0; i < n_addresses && clove_reader_is_ok (reader); i++) {
    guint32 constructor = clove_reader_u32 (reader);
    guint32 ip = clove_reader_u32 (reader);
    guint32 port = clove_reader_u32 (reader);

    if (constructor != ADDRESS_UDP)
      clove_reader_fail (reader);
    if (!out->has_address) {
      out->has_address = TRUE;
      out->ip = ip;
      out->port = port;
    }
  }
  out->version = clove_reader_u32 (reader);
  out->reinit_date = clove_reader_u32 (reader);
  out->priority = clove_reader_u32 (reader);
  out->expire_at = clove_reader_u32 (reader);
}

static gboolean
read_messages (CloveReader *reader, CloveAdnlPacket *out, GError **error)
{
  guint32 n_messages = 0;

  if (out->flags & CLOVE_ADNL_PACKET_MESSAGE)
    n_messages = 1;
  if (out->flags & CLOVE_ADNL_PACKET_MESSAGES) {
    guint32 n_listed = clove_reader_u32 (reader);

    /* Both forms at once have no sender. */
    if (n_messages > 0 || n_listed > CLOVE_ADNL_MAX_MESSAGES)
      clove_reader_fail (reader);
    n_messages = n_listed;
  }
  if (!clove_reader_is_ok (reader))
    return TRUE;
  for (guint32 i = 0; i < n_messages; i++) {
    if (!clove_adnl_message_read (reader, &out->messages[i], error))
      return FALSE;
    out->n_messages++;
  }
  return TRUE;
}

static void
read_sender (CloveReader *reader, CloveAdnlPacket *out)
{
  if (out->flags & CLOVE_ADNL_PACKET_FROM) {
    if (clove_reader_u32 (reader) != PUB_ED25519)
      clove_reader_fail (reader);
    out->from_key = clove_tl_read_int256 (reader);
  }
  if (out->flags & CLOVE_ADNL_PACKET_FROM_SHORT)
    out->from_id = clove_tl_read_int256 (reader);
}

static void
read_numbers (CloveReader *reader, CloveAdnlPacket *out)
{
  if (out->flags & CLOVE_ADNL_PACKET_ADDRESS)
    read_address_list (reader, &out->address);
  if (out->flags & CLOVE_ADNL_PACKET_PRIORITY_ADDRESS)
    read_address_list (reader, &out->priority_address);
  if (out->flags & CLOVE_ADNL_PACKET_SEQNO) {
    out->seqno = (gint64) clove_reader_u64 (reader);
    if (out->seqno <= 0)
      clove_reader_fail (reader);
  }
  if (out->flags & CLOVE_ADNL_PACKET_CONFIRM_SEQNO)
    out->confirm_seqno = (gint64) clove_reader_u64 (reader);
  if (out->flags & CLOVE_ADNL_PACKET_ADDRESS_VERSION)
    out->address_version = clove_reader_u32 (reader);
  if (out->flags & CLOVE_ADNL_PACKET_PRIORITY_ADDRESS_VERSION)
    out->priority_address_version = clove_reader_u32 (reader);
  if (out->flags & CLOVE_ADNL_PACKET_REINIT_DATE) {
    out->reinit_date = clove_reader_u32 (reader);
    out->dst_reinit_date = clove_reader_u32 (reader);
  }
}

static void
read_tail (CloveReader *reader, CloveAdnlPacket *out)
{
  gsize signature_size = 0;

  out->signature_offset = clove_reader_get_position (reader);
  if (out->flags & CLOVE_ADNL_PACKET_SIGNATURE) {
    out->signature = clove_tl_read_bytes (reader, &signature_size);
    if (signature_size != CLOVE_ADNL_SIGNATURE_SIZE)
      clove_reader_fail (reader);
  }
  /* Some senders leave rand2 out, and what follows it means nothing. */
  if (clove_reader_get_remaining (reader) > 0)
    out->rand2 = clove_tl_read_bytes (reader, &out->rand2_size);
  out->end_offset = clove_reader_get_position (reader);
}

/**
 * clove_adnl_packet_parse:
 * @out: (out): the packet; borrows from @data
 * @data: decrypted contents
 * @size: their size in bytes
 * @error: %CLOVE_ADNL_ERROR_MALFORMED
 *
 * Returns: whether @data is a well-formed packet with a sequence number
 */
gboolean
clove_adnl_packet_parse (CloveAdnlPacket *out, const guint8 *data, gsize size, GError **error)
{
  CloveReader reader = { 0 };

  memset (out, 0, sizeof *out);
  clove_reader_init (&reader, data, size);
  if (clove_reader_u32 (&reader) != PACKET_CONTENTS)
    clove_reader_fail (&reader);
  out->rand1 = clove_tl_read_bytes (&reader, &out->rand1_size);
  out->flags_offset = clove_reader_get_position (&reader);
  out->flags = clove_reader_u32 (&reader);
  if ((out->flags & ~(guint32) CLOVE_ADNL_PACKET_KNOWN_FLAGS) != 0 ||
      (out->flags & CLOVE_ADNL_PACKET_SEQNO) == 0)
    clove_reader_fail (&reader);
  read_sender (&reader, out);
  if (!read_messages (&reader, out, error))
    return FALSE;
  read_numbers (&reader, out);
  read_tail (&reader, out);
  if (!clove_reader_is_ok (&reader)) {
    g_set_error_literal (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_MALFORMED,
                         "truncated or impossible packet");
    return FALSE;
  }
  return TRUE;
}

/* The bytes that are signed: the packet without its signature and without the flag for it. */
static gboolean
signature_fits (const CloveAdnlPacket *packet,
                const guint8 *data,
                const guint8 key[static CLOVE_KEY_SIZE])
{
  guint8 text[MAX_SIGNED_SIZE] = { 0 };
  CloveWriter writer = { 0 };
  gsize after_flags = packet->flags_offset + 4;
  gsize after_signature = MIN (packet->signature_offset + SIGNATURE_FIELD_SIZE, packet->end_offset);

  clove_writer_init (&writer, text, sizeof text);
  clove_writer_bytes (&writer, data, packet->flags_offset);
  clove_writer_u32 (&writer, packet->flags & ~(guint32) CLOVE_ADNL_PACKET_SIGNATURE);
  clove_writer_bytes (&writer, data + after_flags, packet->signature_offset - after_flags);
  clove_writer_bytes (&writer, data + after_signature, packet->end_offset - after_signature);
  return clove_writer_is_ok (&writer) &&
         crypto_sign_verify_detached (packet->signature, text, clove_writer_get_size (&writer),
                                      key) == 0;
}

/**
 * clove_adnl_packet_verify:
 * @packet: a parsed packet
 * @data: the bytes it was parsed from
 * @key: the public key that heads the root datagram, which it was decrypted with
 * @error: %CLOVE_ADNL_ERROR_FORGED
 *
 * Check that the sender named inside is @key's owner and signed the packet: the reference does
 * neither (src/adnl/README.md, "What the reference lets through").
 *
 * Returns: whether the packet comes from the owner of @key
 */
gboolean
clove_adnl_packet_verify (const CloveAdnlPacket *packet,
                          const guint8 *data,
                          const guint8 key[static CLOVE_KEY_SIZE],
                          GError **error)
{
  guint8 id[CLOVE_KEY_ID_SIZE] = { 0 };
  const char *why = NULL;

  clove_adnl_key_id (id, key);
  if (packet->from_key == NULL && packet->from_id == NULL)
    why = "packet without sender";
  else if (packet->from_key != NULL && memcmp (packet->from_key, key, CLOVE_KEY_SIZE) != 0)
    why = "packet's sender is not the one that heads it";
  else if (packet->from_id != NULL && memcmp (packet->from_id, id, sizeof id) != 0)
    why = "packet's sender id is not the one that heads it";
  else if (packet->signature == NULL)
    why = "packet without signature";
  else if (!signature_fits (packet, data, key))
    why = "packet's signature is false";

  if (why != NULL)
    g_set_error_literal (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_FORGED, why);
  return why == NULL;
}

static void
write_address_list (CloveWriter *writer, const CloveAdnlAddressList *list)
{
  clove_writer_u32 (writer, list->has_address ? 1 : 0);
  if (list->has_address) {
    clove_writer_u32 (writer, ADDRESS_UDP);
    clove_writer_u32 (writer, list->ip);
    clove_writer_u32 (writer, list->port);
  }
  clove_writer_u32 (writer, list->version);
  clove_writer_u32 (writer, list->reinit_date);
  clove_writer_u32 (writer, list->priority);
  clove_writer_u32 (writer, list->expire_at);
}

static void
write_numbers (CloveWriter *writer, const CloveAdnlPacket *packet)
{
  if (packet->flags & CLOVE_ADNL_PACKET_ADDRESS)
    write_address_list (writer, &packet->address);
  if (packet->flags & CLOVE_ADNL_PACKET_PRIORITY_ADDRESS)
    write_address_list (writer, &packet->priority_address);
  if (packet->flags & CLOVE_ADNL_PACKET_SEQNO)
    clove_writer_u64 (writer, (guint64) packet->seqno);
  if (packet->flags & CLOVE_ADNL_PACKET_CONFIRM_SEQNO)
    clove_writer_u64 (writer, (guint64) packet->confirm_seqno);
  if (packet->flags & CLOVE_ADNL_PACKET_ADDRESS_VERSION)
    clove_writer_u32 (writer, packet->address_version);
  if (packet->flags & CLOVE_ADNL_PACKET_PRIORITY_ADDRESS_VERSION)
    clove_writer_u32 (writer, packet->priority_address_version);
  if (packet->flags & CLOVE_ADNL_PACKET_REINIT_DATE) {
    clove_writer_u32 (writer, packet->reinit_date);
    clove_writer_u32 (writer, packet->dst_reinit_date);
  }
}

/**
 * clove_adnl_packet_write:
 * @writer: a writer
 * @packet: what to write; its flags say which fields
 *
 * Append the packet. Write it without %CLOVE_ADNL_PACKET_SIGNATURE to get the bytes to sign.
 */
void
clove_adnl_packet_write (CloveWriter *writer, const CloveAdnlPacket *packet)
{
  clove_writer_u32 (writer, PACKET_CONTENTS);
  clove_tl_write_bytes (writer, packet->rand1, packet->rand1_size);
  clove_writer_u32 (writer, packet->flags);
  if (packet->flags & CLOVE_ADNL_PACKET_FROM) {
    clove_writer_u32 (writer, PUB_ED25519);
    clove_tl_write_int256 (writer, packet->from_key);
  }
  if (packet->flags & CLOVE_ADNL_PACKET_FROM_SHORT)
    clove_tl_write_int256 (writer, packet->from_id);
  if (packet->flags & CLOVE_ADNL_PACKET_MESSAGES)
    clove_writer_u32 (writer, packet->n_messages);
  for (guint i = 0; i < packet->n_messages; i++)
    clove_adnl_message_write (writer, &packet->messages[i]);
  write_numbers (writer, packet);
  if (packet->flags & CLOVE_ADNL_PACKET_SIGNATURE)
    clove_tl_write_bytes (writer, packet->signature, CLOVE_ADNL_SIGNATURE_SIZE);
  clove_tl_write_bytes (writer, packet->rand2, packet->rand2_size);
}
