/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Beside the vectors: every set of fields, cuts, and what is refused. */
#include "config.h"

#include "clove-circuit-error.h"
#include "clove-random.h"
#include "clove-tunnel-packet.h"

#include <string.h>

#define MAX_FIELD  400
#define MAX_PACKET 2500

static gsize
write_packet (const CloveTunnelPacket *packet, guint8 buffer[static MAX_PACKET])
{
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, buffer, MAX_PACKET);
  clove_tunnel_packet_write (&writer, packet);
  g_assert_true (clove_writer_is_ok (&writer));
  return clove_writer_get_size (&writer);
}

static gboolean
parse_packet (CloveTunnelPacket *out, const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  gboolean is_parsed = clove_tunnel_packet_parse (out, data, size, &error);

  g_assert_cmpint (is_parsed, ==, error == NULL);
  if (!is_parsed)
    g_assert_error (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_MALFORMED);
  return is_parsed;
}

static const guint8 *
random_field (CloveRandom *random, guint8 storage[static MAX_FIELD], gsize *size_out)
{
  *size_out = clove_random_uniform (random, MAX_FIELD + 1);
  clove_random_bytes (random, storage, MAX_FIELD);
  return storage;
}

static CloveTunnelPacket
random_packet (CloveRandom *random, guint32 flags, guint8 storage[5][MAX_FIELD])
{
  CloveTunnelPacket packet = { .flags = flags };

  packet.rand1 = random_field (random, storage[0], &packet.rand1_size);
  packet.rand2 = random_field (random, storage[1], &packet.rand2_size);
  if (flags & CLOVE_TUNNEL_PACKET_FROM) {
    packet.from_ip = clove_random_uniform (random, G_MAXUINT32);
    packet.from_port = clove_random_uniform (random, G_MAXUINT32);
  }
  if (flags & CLOVE_TUNNEL_PACKET_MESSAGE)
    packet.message = random_field (random, storage[2], &packet.message_size);
  if (flags & CLOVE_TUNNEL_PACKET_STATISTICS)
    packet.statistics = random_field (random, storage[3], &packet.statistics_size);
  if (flags & CLOVE_TUNNEL_PACKET_PAYMENT)
    packet.payment = random_field (random, storage[4], &packet.payment_size);
  return packet;
}

static void
assert_same (const CloveTunnelPacket *a, const CloveTunnelPacket *b)
{
  g_assert_cmphex (a->flags, ==, b->flags);
  g_assert_cmpmem (a->rand1, a->rand1_size, b->rand1, b->rand1_size);
  g_assert_cmpuint (a->from_ip, ==, b->from_ip);
  g_assert_cmpuint (a->from_port, ==, b->from_port);
  g_assert_cmpmem (a->message, a->message_size, b->message, b->message_size);
  g_assert_cmpmem (a->statistics, a->statistics_size, b->statistics, b->statistics_size);
  g_assert_cmpmem (a->payment, a->payment_size, b->payment, b->payment_size);
  g_assert_cmpmem (a->rand2, a->rand2_size, b->rand2, b->rand2_size);
}

static void
test_round_trip (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (1);
  guint8 storage[5][MAX_FIELD] = { 0 };
  guint8 data[MAX_PACKET] = { 0 };

  for (guint i = 0; i < 100 * 16; i++) {
    CloveTunnelPacket packet = random_packet (random, i % 16, storage);
    CloveTunnelPacket again = { 0 };
    gsize size = write_packet (&packet, data);
    g_autofree guint8 *exact = g_memdup2 (data, size);

    g_assert_true (parse_packet (&again, exact, size));
    assert_same (&again, &packet);
  }
}

/* Bytes behind the packet, as the reference leaves them, mean nothing. */
static void
test_trailing (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (2);
  guint8 storage[5][MAX_FIELD] = { 0 };
  guint8 data[MAX_PACKET] = { 0 };

  for (guint i = 0; i < 16; i++) {
    CloveTunnelPacket packet = random_packet (random, i, storage);
    CloveTunnelPacket again = { 0 };
    gsize size = write_packet (&packet, data);

    clove_random_bytes (random, data + size, 20);
    g_assert_true (parse_packet (&again, data, size + 20));
    assert_same (&again, &packet);
  }
}

/* A packet is whole once the last field before rand2 is; its message is never a part of one. */
static void
test_truncated (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (3);
  guint8 storage[5][MAX_FIELD] = { 0 };
  guint8 data[MAX_PACKET] = { 0 };

  for (guint i = 0; i < 5 * 16; i++) {
    CloveTunnelPacket packet = random_packet (random, i % 16, storage);
    gsize size = write_packet (&packet, data);
    gsize needed = size - clove_tl_bytes_size (packet.rand2_size);

    if (packet.flags & CLOVE_TUNNEL_PACKET_PAYMENT)
      needed -= clove_tl_bytes_padding (packet.payment_size);
    else if (packet.flags & CLOVE_TUNNEL_PACKET_STATISTICS)
      needed -= clove_tl_bytes_padding (packet.statistics_size);
    else if (packet.flags & CLOVE_TUNNEL_PACKET_MESSAGE)
      needed -= clove_tl_bytes_padding (packet.message_size);
    for (gsize n = 0; n < size; n++) {
      g_autofree guint8 *exact = g_memdup2 (data, n);
      CloveTunnelPacket again = { 0 };

      g_assert_cmpint (parse_packet (&again, exact, n), ==, n >= needed);
      if (n >= needed)
        g_assert_cmpmem (again.message, again.message_size, packet.message, packet.message_size);
    }
  }
}

static void
test_flags (void)
{
  guint8 data[MAX_PACKET] = { 0 };

  for (guint bit = 4; bit < 32; bit++) {
    CloveTunnelPacket packet = { .flags = 1u << bit };
    gsize size = write_packet (&packet, data);

    g_assert_false (parse_packet (&packet, data, size));
  }
}

static void
test_constructor (void)
{
  guint8 data[MAX_PACKET] = { 0 };
  CloveTunnelPacket packet = { .flags = CLOVE_TUNNEL_PACKET_MESSAGE };
  gsize size = write_packet (&packet, data);

  g_assert_true (parse_packet (&packet, data, size));
  for (gsize bit = 0; bit < 32; bit++) {
    g_autofree guint8 *changed = g_memdup2 (data, size);

    changed[bit / 8] ^= (guint8) (1u << bit % 8);
    g_assert_false (parse_packet (&packet, changed, size));
  }
}

static void
test_control (void)
{
  static const CloveTunnelControlType types[] = { CLOVE_TUNNEL_CONTROL_PING,
                                                  CLOVE_TUNNEL_CONTROL_PONG };
  guint8 id[CLOVE_INT256_SIZE] = { 0 };

  for (gsize i = 0; i < sizeof id; i++)
    id[i] = (guint8) (0xff - i);
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++) {
    guint8 data[CLOVE_TUNNEL_CONTROL_SIZE] = { 0 };
    const guint8 *parsed = NULL;
    CloveWriter writer = { 0 };

    clove_writer_init (&writer, data, sizeof data);
    clove_tunnel_control_write (&writer, types[i], id);
    g_assert_true (clove_writer_is_ok (&writer));
    g_assert_cmpuint (clove_writer_get_size (&writer), ==, sizeof data);
    g_assert_cmpint (clove_tunnel_control_parse (data, sizeof data, &parsed), ==, types[i]);
    g_assert_cmpmem (parsed, CLOVE_INT256_SIZE, id, sizeof id);
    data[0] ^= 1;
    g_assert_cmpint (clove_tunnel_control_parse (data, sizeof data, &parsed), ==,
                     CLOVE_TUNNEL_CONTROL_NONE);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/circuit/tunnel-packet/round-trip", test_round_trip);
  g_test_add_func ("/clove/circuit/tunnel-packet/trailing", test_trailing);
  g_test_add_func ("/clove/circuit/tunnel-packet/truncated", test_truncated);
  g_test_add_func ("/clove/circuit/tunnel-packet/flags", test_flags);
  g_test_add_func ("/clove/circuit/tunnel-packet/constructor", test_constructor);
  g_test_add_func ("/clove/circuit/tunnel-packet/control", test_control);
  return g_test_run ();
}
