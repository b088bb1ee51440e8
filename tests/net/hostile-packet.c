/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Root packets in which every field may be wrong while the rest is right. */
#include "config.h"

#include "hostile-packet.h"

#include "clove-adnl-datagram.h"

#include <string.h>

/**
 * hostile_packet_craft:
 * @claim: what is false about it
 * @identity: whose packet it is where @claim does not say otherwise
 * @seqno: its honest number
 * @receiver_key: the public key of whom it is for
 * @messages: what it holds
 * @n_messages: how many
 *
 * Make a root datagram.
 *
 * Returns: (transfer full): the datagram
 */
GBytes *
hostile_packet_craft (const HostileClaim *claim,
                      CloveAdnlIdentity *identity,
                      gint64 seqno,
                      const guint8 *receiver_key,
                      const CloveAdnlMessage *messages,
                      guint n_messages)
{
  CloveAdnlIdentity *header = claim->header != NULL ? claim->header : identity;
  CloveAdnlIdentity *from = claim->from != NULL ? claim->from : identity;
  CloveAdnlIdentity *signer = claim->signer != NULL ? claim->signer : identity;
  guint8 datagram[CLOVE_ADNL_MAX_DATAGRAM_SIZE] = { 0 };
  guint8 *contents = datagram + CLOVE_ADNL_ROOT_HEADER_SIZE;
  gsize capacity = CLOVE_ADNL_MAX_DATAGRAM_SIZE - CLOVE_ADNL_ROOT_HEADER_SIZE;
  guint8 rand[7] = { 0 };
  guint8 signature[CLOVE_ADNL_SIGNATURE_SIZE] = { 0 };
  guint8 receiver_id[CLOVE_KEY_ID_SIZE] = { 0 };
  guint8 shared[CLOVE_KEY_SIZE] = { 0 };
  CloveWriter writer = { 0 };
  CloveAdnlPacket packet = {
    .flags = CLOVE_ADNL_PACKET_MESSAGES | CLOVE_ADNL_PACKET_SEQNO | CLOVE_ADNL_PACKET_REINIT_DATE,
    .rand1 = rand,
    .rand1_size = sizeof rand,
    .rand2 = rand,
    .rand2_size = sizeof rand,
    .n_messages = n_messages,
    .seqno = claim->seqno != 0 ? claim->seqno : seqno,
    .reinit_date = claim->reinit_date != 0 ? claim->reinit_date : 1000,
  };

  memcpy (packet.messages, messages, n_messages * sizeof messages[0]);
  packet.flags |= claim->more_flags;
  if (!claim->is_nameless)
    packet.flags |= claim->has_key ? CLOVE_ADNL_PACKET_FROM : CLOVE_ADNL_PACKET_FROM_SHORT;
  packet.from_key = clove_adnl_identity_get_key (from);
  packet.from_id = clove_adnl_identity_get_id (from);
  clove_writer_init (&writer, contents, capacity);
  clove_adnl_packet_write (&writer, &packet);
  clove_adnl_identity_sign (signer, contents, clove_writer_get_size (&writer), signature);
  if (!claim->is_unsigned) {
    packet.flags |= CLOVE_ADNL_PACKET_SIGNATURE;
    packet.signature = signature;
    clove_writer_init (&writer, contents, capacity);
    clove_adnl_packet_write (&writer, &packet);
  }
  g_assert_true (clove_writer_is_ok (&writer));
  if (claim->spoils_sealed_at > 0)
    contents[clove_writer_get_size (&writer) - claim->spoils_sealed_at] ^= 1;
  clove_adnl_key_id (receiver_id, receiver_key);
  g_assert_true (clove_adnl_identity_agree (header, receiver_key, shared));
  clove_adnl_datagram_seal_root (datagram, clove_writer_get_size (&writer), receiver_id,
                                 clove_adnl_identity_get_key (header), shared);
  if (claim->spoils_contents_at > 0)
    contents[clove_writer_get_size (&writer) - claim->spoils_contents_at] ^= 1;
  return g_bytes_new (datagram, CLOVE_ADNL_ROOT_HEADER_SIZE + clove_writer_get_size (&writer));
}
