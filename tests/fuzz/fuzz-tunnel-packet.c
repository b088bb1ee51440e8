/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams between relays, as a relay's tunnel port takes them: control, packet, object inside. */
#include "config.h"

#include "fuzz.h"

#include "clove-relay-message.h"
#include "clove-tunnel-packet.h"

#include <string.h>

/* Five prefixes and paddings may grow when they are written. */
#define MAX_GROWTH 64

static void
assert_same (const CloveTunnelPacket *a, const CloveTunnelPacket *b)
{
  g_assert_cmphex (a->flags, ==, b->flags);
  g_assert_cmpmem (a->rand1, a->rand1_size, b->rand1, b->rand1_size);
  g_assert_cmphex (a->from_ip, ==, b->from_ip);
  g_assert_cmphex (a->from_port, ==, b->from_port);
  g_assert_cmpmem (a->message, a->message_size, b->message, b->message_size);
  g_assert_cmpmem (a->statistics, a->statistics_size, b->statistics, b->statistics_size);
  g_assert_cmpmem (a->payment, a->payment_size, b->payment, b->payment_size);
  g_assert_cmpmem (a->rand2, a->rand2_size, b->rand2, b->rand2_size);
}

static gboolean
check_control (const uint8_t *data, size_t size)
{
  const guint8 *id = NULL;
  CloveTunnelControlType type = clove_tunnel_control_parse (data, size, &id);
  guint8 buffer[CLOVE_TUNNEL_CONTROL_SIZE] = { 0 };
  CloveWriter writer = { 0 };

  if (type != CLOVE_TUNNEL_CONTROL_PING && type != CLOVE_TUNNEL_CONTROL_PONG)
    return type != CLOVE_TUNNEL_CONTROL_NONE;
  g_assert_cmpuint (size, >=, sizeof buffer);
  clove_writer_init (&writer, buffer, sizeof buffer);
  clove_tunnel_control_write (&writer, type, id);
  g_assert_true (clove_writer_is_ok (&writer));
  g_assert_cmpmem (buffer, sizeof buffer, data, sizeof buffer);
  return TRUE;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  CloveTunnelPacket packet = { 0 };
  CloveTunnelPacket again = { 0 };
  CloveRelayMessage message = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *buffer = NULL;
  CloveWriter writer = { 0 };
  gboolean is_control = check_control (data, size);

  if (!clove_tunnel_packet_parse (&packet, data, size, &error)) {
    g_assert_nonnull (error);
    return 0;
  }
  g_assert_no_error (error);
  g_assert_false (is_control);
  if ((packet.flags & CLOVE_TUNNEL_PACKET_MESSAGE) == 0)
    g_assert_cmpuint (packet.message_size, ==, 0);
  buffer = g_malloc (size + MAX_GROWTH);
  clove_writer_init (&writer, buffer, size + MAX_GROWTH);
  clove_tunnel_packet_write (&writer, &packet);
  g_assert_true (clove_writer_is_ok (&writer));
  g_assert_true (
    clove_tunnel_packet_parse (&again, buffer, clove_writer_get_size (&writer), &error));
  g_assert_no_error (error);
  assert_same (&again, &packet);
  if (!clove_relay_message_parse (&message, packet.message, packet.message_size, &error))
    g_assert_nonnull (error);
  return 0;
}
