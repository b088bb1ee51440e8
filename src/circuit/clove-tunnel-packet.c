/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The datagrams between relays (src/circuit/README.md, "Between relays"; tunnel_packets.json). */
#include "config.h"

#include "clove-tunnel-packet.h"

#include "clove-circuit-error.h"

#define TUNNEL_PACKET_CONTENTS CLOVE_TL_CONSTRUCTOR (0xb43891c5)
#define CONTROL_PING           CLOVE_TL_CONSTRUCTOR (0x4be49637)
#define CONTROL_PONG           CLOVE_TL_CONSTRUCTOR (0xfcdbd14b)
#define CONTROL_REGISTER       CLOVE_TL_CONSTRUCTOR (0x3fb209c3)

/**
 * clove_tunnel_packet_parse:
 * @out: (out): the packet; borrows from @data
 * @data: a datagram that came from another relay
 * @size: its size in bytes; the reference leaves zeros after the packet, so what follows is ignored
 * @error: %CLOVE_CIRCUIT_ERROR_MALFORMED
 *
 * Returns: whether @data begins with a well-formed packet
 */
gboolean
clove_tunnel_packet_parse (CloveTunnelPacket *out, const guint8 *data, gsize size, GError **error)
{
  CloveReader reader = { 0 };

  *out = (CloveTunnelPacket){ 0 };
  clove_reader_init (&reader, data, size);
  if (clove_reader_u32 (&reader) != TUNNEL_PACKET_CONTENTS)
    clove_reader_fail (&reader);
  out->rand1 = clove_tl_read_bytes (&reader, &out->rand1_size);
  out->flags = clove_reader_u32 (&reader);
  if ((out->flags & ~(guint32) CLOVE_TUNNEL_PACKET_KNOWN_FLAGS) != 0)
    clove_reader_fail (&reader);
  if (out->flags & CLOVE_TUNNEL_PACKET_FROM) {
    out->from_ip = clove_reader_u32 (&reader);
    out->from_port = clove_reader_u32 (&reader);
  }
  if (out->flags & CLOVE_TUNNEL_PACKET_MESSAGE)
    out->message = clove_tl_read_bytes (&reader, &out->message_size);
  if (out->flags & CLOVE_TUNNEL_PACKET_STATISTICS)
    out->statistics = clove_tl_read_bytes (&reader, &out->statistics_size);
  if (out->flags & CLOVE_TUNNEL_PACKET_PAYMENT)
    out->payment = clove_tl_read_bytes (&reader, &out->payment_size);
  /* Nothing depends on the random tail; a datagram cut inside it still carries its message. */
  if (clove_reader_get_remaining (&reader) > 0) {
    CloveReader tail = reader;

    out->rand2 = clove_tl_read_bytes (&tail, &out->rand2_size);
  }
  if (!clove_reader_is_ok (&reader)) {
    g_set_error (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_MALFORMED,
                 "truncated or impossible tunnel packet of %zu bytes", size);
    return FALSE;
  }
  return TRUE;
}

/** clove_tunnel_packet_write: Append the packet; its flags say which fields. */
void
clove_tunnel_packet_write (CloveWriter *writer, const CloveTunnelPacket *packet)
{
  clove_writer_u32 (writer, TUNNEL_PACKET_CONTENTS);
  clove_tl_write_bytes (writer, packet->rand1, packet->rand1_size);
  clove_writer_u32 (writer, packet->flags);
  if (packet->flags & CLOVE_TUNNEL_PACKET_FROM) {
    clove_writer_u32 (writer, packet->from_ip);
    clove_writer_u32 (writer, packet->from_port);
  }
  if (packet->flags & CLOVE_TUNNEL_PACKET_MESSAGE)
    clove_tl_write_bytes (writer, packet->message, packet->message_size);
  if (packet->flags & CLOVE_TUNNEL_PACKET_STATISTICS)
    clove_tl_write_bytes (writer, packet->statistics, packet->statistics_size);
  if (packet->flags & CLOVE_TUNNEL_PACKET_PAYMENT)
    clove_tl_write_bytes (writer, packet->payment, packet->payment_size);
  clove_tl_write_bytes (writer, packet->rand2, packet->rand2_size);
}

/**
 * clove_tunnel_control_parse:
 * @data: a datagram that came to a relay's tunnel port
 * @size: its size in bytes
 * @id_out: (out) (nullable): the 32 bytes that a pong repeats, borrowed; %NULL for register
 *
 * Returns: which control packet it is, %CLOVE_TUNNEL_CONTROL_NONE if none
 */
CloveTunnelControlType
clove_tunnel_control_parse (const guint8 *data, gsize size, const guint8 **id_out)
{
  CloveTunnelControlType type = CLOVE_TUNNEL_CONTROL_NONE;
  CloveReader reader = { 0 };
  guint32 constructor = 0;

  *id_out = NULL;
  clove_reader_init (&reader, data, size);
  constructor = clove_reader_u32 (&reader);
  if (constructor == CONTROL_PING)
    type = CLOVE_TUNNEL_CONTROL_PING;
  else if (constructor == CONTROL_PONG)
    type = CLOVE_TUNNEL_CONTROL_PONG;
  else if (constructor == CONTROL_REGISTER)
    type = CLOVE_TUNNEL_CONTROL_REGISTER;

  if (type == CLOVE_TUNNEL_CONTROL_REGISTER)
    (void) clove_reader_u64 (&reader);
  else
    *id_out = clove_tl_read_int256 (&reader);
  return clove_reader_is_ok (&reader) ? type : CLOVE_TUNNEL_CONTROL_NONE;
}

/** clove_tunnel_control_write: Append a control ping or pong with @id. */
void
clove_tunnel_control_write (CloveWriter *writer,
                            CloveTunnelControlType type,
                            const guint8 id[static CLOVE_INT256_SIZE])
{
  g_return_if_fail (type == CLOVE_TUNNEL_CONTROL_PING || type == CLOVE_TUNNEL_CONTROL_PONG);

  clove_writer_u32 (writer, type == CLOVE_TUNNEL_CONTROL_PING ? CONTROL_PING : CONTROL_PONG);
  clove_tl_write_int256 (writer, id);
}
