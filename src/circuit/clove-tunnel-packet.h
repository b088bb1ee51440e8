/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-tl.h"

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  CLOVE_TUNNEL_PACKET_FROM = 0x1,
  CLOVE_TUNNEL_PACKET_MESSAGE = 0x2,
  CLOVE_TUNNEL_PACKET_STATISTICS = 0x4,
  CLOVE_TUNNEL_PACKET_PAYMENT = 0x8,
  CLOVE_TUNNEL_PACKET_KNOWN_FLAGS = 0xf,
} CloveTunnelPacketFlags;

/**
 * CloveTunnelPacket:
 *
 * adnl.tunnelPacketContents: the plain datagram between two relays. Pointers borrow from the bytes
 * that were parsed, or from the caller.
 */
typedef struct {
  guint32 flags;
  const guint8 *rand1;
  gsize rand1_size;
  guint32 from_ip;
  guint32 from_port;
  const guint8 *message;
  gsize message_size;
  const guint8 *statistics;
  gsize statistics_size;
  const guint8 *payment;
  gsize payment_size;
  const guint8 *rand2;
  gsize rand2_size;
} CloveTunnelPacket;

gboolean clove_tunnel_packet_parse (CloveTunnelPacket *out,
                                    const guint8 *data,
                                    gsize size,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void clove_tunnel_packet_write (CloveWriter *writer, const CloveTunnelPacket *packet);

typedef enum {
  CLOVE_TUNNEL_CONTROL_NONE,
  CLOVE_TUNNEL_CONTROL_PING,
  CLOVE_TUNNEL_CONTROL_PONG,
  CLOVE_TUNNEL_CONTROL_REGISTER,
} CloveTunnelControlType;

/* A control ping or pong: constructor and id. */
#define CLOVE_TUNNEL_CONTROL_SIZE 36

CloveTunnelControlType clove_tunnel_control_parse (const guint8 *data,
                                                   gsize size,
                                                   const guint8 **id_out);
void clove_tunnel_control_write (CloveWriter *writer,
                                 CloveTunnelControlType type,
                                 const guint8 id[static CLOVE_INT256_SIZE]);

G_END_DECLS
