/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-adnl-packet.h"

G_BEGIN_DECLS

/**
 * HostileClaim:
 * @header: (nullable): heads the datagram and encrypts it
 * @from: (nullable): whom the packet names as its sender
 * @signer: (nullable): who signs it
 * @has_key: whether the sender's key is there in place of its id
 * @seqno: 0 for the honest one
 * @reinit_date: 0 for the honest one
 * @spoils_sealed_at: which byte of the contents, counted from their end, is changed before the
 *   datagram is sealed; 0 for none
 * @spoils_contents_at: the same after it is sealed
 *
 * What a root packet claims; zeroed, it is an honest one of the identity that sends it.
 */
typedef struct {
  CloveAdnlIdentity *header;
  CloveAdnlIdentity *from;
  CloveAdnlIdentity *signer;
  gboolean is_unsigned;
  gboolean is_nameless;
  gboolean has_key;
  gint64 seqno;
  guint32 reinit_date;
  guint32 more_flags;
  gsize spoils_contents_at;
  gsize spoils_sealed_at;
} HostileClaim;

GBytes *hostile_packet_craft (const HostileClaim *claim,
                              CloveAdnlIdentity *identity,
                              gint64 seqno,
                              const guint8 *receiver_key,
                              const CloveAdnlMessage *messages,
                              guint n_messages);

G_END_DECLS
