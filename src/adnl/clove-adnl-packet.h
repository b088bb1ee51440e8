/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-adnl-key.h"
#include "clove-adnl-message.h"

#include <glib.h>

G_BEGIN_DECLS

/* More messages than any sender puts into one datagram. */
#define CLOVE_ADNL_MAX_MESSAGES 16

#define CLOVE_ADNL_SIGNATURE_SIZE 64
/* Random bytes at both ends of a packet: 7 or 15. */
#define CLOVE_ADNL_MAX_RAND_SIZE  15

typedef enum {
  CLOVE_ADNL_PACKET_FROM = 0x1,
  CLOVE_ADNL_PACKET_FROM_SHORT = 0x2,
  CLOVE_ADNL_PACKET_MESSAGE = 0x4,
  CLOVE_ADNL_PACKET_MESSAGES = 0x8,
  CLOVE_ADNL_PACKET_ADDRESS = 0x10,
  CLOVE_ADNL_PACKET_PRIORITY_ADDRESS = 0x20,
  CLOVE_ADNL_PACKET_SEQNO = 0x40,
  CLOVE_ADNL_PACKET_CONFIRM_SEQNO = 0x80,
  CLOVE_ADNL_PACKET_ADDRESS_VERSION = 0x100,
  CLOVE_ADNL_PACKET_PRIORITY_ADDRESS_VERSION = 0x200,
  CLOVE_ADNL_PACKET_REINIT_DATE = 0x400,
  CLOVE_ADNL_PACKET_SIGNATURE = 0x800,
  CLOVE_ADNL_PACKET_KNOWN_FLAGS = 0xfff,
} CloveAdnlPacketFlags;

/**
 * CloveAdnlAddressList:
 * @ip: IPv4 address in host order, when @has_address
 *
 * What a peer says of its own whereabouts. Only its version matters to us: replies go to where
 * signed datagrams come from.
 */
typedef struct {
  gboolean has_address;
  guint32 ip;
  guint32 port;
  guint32 version;
  guint32 reinit_date;
  guint32 priority;
  guint32 expire_at;
} CloveAdnlAddressList;

/**
 * CloveAdnlPacket:
 *
 * adnl.packetContents. @flags tell which fields are present; pointers borrow from the bytes that
 * were parsed, or from the caller. Of several addresses in a list the first is kept.
 */
typedef struct {
  guint32 flags;
  const guint8 *rand1;
  gsize rand1_size;
  const guint8 *from_key; /* 32 bytes, FROM */
  const guint8 *from_id;  /* 32 bytes, FROM_SHORT */
  CloveAdnlMessage messages[CLOVE_ADNL_MAX_MESSAGES];
  guint n_messages;
  CloveAdnlAddressList address;
  CloveAdnlAddressList priority_address;
  gint64 seqno;
  gint64 confirm_seqno;
  guint32 address_version;
  guint32 priority_address_version;
  guint32 reinit_date;
  guint32 dst_reinit_date;
  const guint8 *signature; /* 64 bytes, SIGNATURE */
  const guint8 *rand2;
  gsize rand2_size;
  /*< private >*/
  gsize flags_offset;
  gsize signature_offset; /* of its TL length byte */
  gsize end_offset;       /* after rand2 */
} CloveAdnlPacket;

gboolean clove_adnl_packet_parse (CloveAdnlPacket *out,
                                  const guint8 *data,
                                  gsize size,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_adnl_packet_verify (const CloveAdnlPacket *packet,
                                   const guint8 *data,
                                   const guint8 key[static CLOVE_KEY_SIZE],
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
void clove_adnl_packet_write (CloveWriter *writer, const CloveAdnlPacket *packet);

G_END_DECLS
