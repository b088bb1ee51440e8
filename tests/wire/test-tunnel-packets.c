/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tunnel_packets.json: the plain datagrams between relays. */
#include "config.h"

#include "clove-relay-message.h"
#include "clove-tunnel-packet.h"
#include "test-vectors.h"

#include <string.h>

#define N_TRIED_LENGTHS 1500
#define STRIDE          97

typedef void (*CaseFunc) (JsonObject *object, GPtrArray *keep);

static void
for_each (const char *list_name, CaseFunc check)
{
  g_autoptr (JsonObject) vectors = test_vectors_load ("tunnel_packets.json");
  g_autoptr (GPtrArray) keep = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  JsonArray *list = test_vectors_list (vectors, list_name);

  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *object = json_array_get_object_element (list, i);
    const char *name = test_vectors_text (object, "name");

    if (name == NULL)
      name = test_vectors_text (object, "case");
    g_test_message ("%s %u: %s", list_name, i, name != NULL ? name : "");
    check (object, keep);
  }
}

static void
set_bytes (const guint8 **field,
           gsize *size,
           JsonObject *object,
           const char *member,
           GPtrArray *keep)
{
  if (test_vectors_has (object, member))
    *field = test_vectors_borrow (keep, object, member, size);
}

static void
set_u32 (guint32 *field, JsonObject *object, const char *member)
{
  if (test_vectors_has (object, member))
    *field = (guint32) test_vectors_long (object, member);
}

/* The packet that the vectors describe; a field that they leave out is as it was parsed. */
static void
fill_packet (CloveTunnelPacket *out, JsonObject *object, GPtrArray *keep)
{
  gsize size = 0;
  const guint8 *datagram = test_vectors_borrow (keep, object, "datagram", &size);
  g_autoptr (GError) error = NULL;

  g_assert_true (clove_tunnel_packet_parse (out, datagram, size, &error));
  g_assert_no_error (error);
  set_u32 (&out->flags, object, "flags");
  set_bytes (&out->rand1, &out->rand1_size, object, "rand1", keep);
  set_u32 (&out->from_ip, object, "from_ip");
  set_u32 (&out->from_port, object, "from_port");
  set_bytes (&out->message, &out->message_size, object, "message", keep);
  set_bytes (&out->statistics, &out->statistics_size, object, "statistics", keep);
  set_bytes (&out->payment, &out->payment_size, object, "payment", keep);
  set_bytes (&out->rand2, &out->rand2_size, object, "rand2", keep);
}

static void
assert_same_packet (const CloveTunnelPacket *a, const CloveTunnelPacket *b)
{
  g_assert_cmphex (a->flags, ==, b->flags);
  g_assert_cmpmem (a->rand1, a->rand1_size, b->rand1, b->rand1_size);
  g_assert_cmphex (a->from_ip, ==, b->from_ip);
  g_assert_cmpuint (a->from_port, ==, b->from_port);
  g_assert_cmpmem (a->message, a->message_size, b->message, b->message_size);
  g_assert_cmpmem (a->statistics, a->statistics_size, b->statistics, b->statistics_size);
  g_assert_cmpmem (a->payment, a->payment_size, b->payment, b->payment_size);
  g_assert_cmpmem (a->rand2, a->rand2_size, b->rand2, b->rand2_size);
}

static GBytes *
write_packet (const CloveTunnelPacket *packet, gsize capacity)
{
  guint8 *buffer = g_malloc (capacity);
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, buffer, capacity);
  clove_tunnel_packet_write (&writer, packet);
  g_assert_true (clove_writer_is_ok (&writer));
  return g_bytes_new_take (buffer, clove_writer_get_size (&writer));
}

static void
check_packet (JsonObject *object, GPtrArray *keep)
{
  gsize size = 0;
  const guint8 *datagram = test_vectors_borrow (keep, object, "datagram", &size);
  CloveTunnelPacket expected = { 0 };
  CloveTunnelPacket actual = { 0 };
  CloveTunnelPacket again = { 0 };
  g_autoptr (GBytes) written = NULL;
  gsize written_size = 0;
  const guint8 *written_data = NULL;
  g_autoptr (GError) error = NULL;

  fill_packet (&expected, object, keep);
  g_assert_true (clove_tunnel_packet_parse (&actual, datagram, size, &error));
  g_assert_no_error (error);
  assert_same_packet (&actual, &expected);

  written = write_packet (&expected, size);
  written_data = g_bytes_get_data (written, &written_size);
  g_assert_true (clove_tunnel_packet_parse (&again, written_data, written_size, &error));
  g_assert_no_error (error);
  assert_same_packet (&again, &expected);

  /* Up to the zeros that the reference's serialiser leaves behind, both write the same. */
  g_assert_cmpmem (datagram, written_size, written_data, written_size);
  for (gsize i = written_size; i < size; i++)
    g_assert_cmphex (datagram[i], ==, 0);
}

static void
test_packets (void)
{
  for_each ("packets", check_packet);
}

static void
check_captured (JsonObject *object, GPtrArray *keep)
{
  const char *type = test_vectors_text (object, "message_type");
  const char *name = NULL;
  gsize size = 0;
  const guint8 *datagram = test_vectors_borrow (keep, object, "datagram", &size);
  CloveTunnelPacket packet = { 0 };
  CloveRelayMessage message = { 0 };
  g_autoptr (GError) error = NULL;

  check_packet (object, keep);
  g_assert_true (clove_tunnel_packet_parse (&packet, datagram, size, &error));
  g_assert_true (
    clove_relay_message_parse (&message, packet.message, packet.message_size, &error));
  g_assert_no_error (error);
  name = clove_relay_message_type_name (message.type);
  if (type != NULL) {
    g_assert_true (g_str_has_prefix (type, "protocol."));
    g_assert_cmpint (g_ascii_strcasecmp (type + strlen ("protocol."), name), ==, 0);
  }
}

static void
test_captured (void)
{
  for_each ("captured", check_captured);
}

/* Where a TL bytes field ends without its padding; 0 when it lies not within the datagram. */
static gsize
end_of_bytes (const guint8 *data, gsize size, gsize offset)
{
  gsize length = 0;

  if (offset >= size || data[offset] == 0xff)
    return 0;
  length = data[offset++];
  if (length == 0xfe) {
    if (size - offset < 3)
      return 0;
    length = data[offset] | (gsize) data[offset + 1] << 8 | (gsize) data[offset + 2] << 16;
    offset += 3;
  }
  return length <= size - offset ? offset + length : 0;
}

static gsize
round_up (gsize offset)
{
  return (offset + 3) / 4 * 4;
}

/* Whether the datagram holds its fields up to the end of the message: by hand, not by our codec. */
static gboolean
is_complete_up_to_message (const guint8 *data, gsize size)
{
  gsize end = size >= 4 ? end_of_bytes (data, size, 4) : 0;
  gsize flags_offset = round_up (end);
  gsize offset = flags_offset + 4;

  if (end == 0 || offset > size)
    return FALSE;
  if ((data[flags_offset] & CLOVE_TUNNEL_PACKET_FROM) != 0)
    offset += 8;
  return (data[flags_offset] & CLOVE_TUNNEL_PACKET_MESSAGE) != 0 &&
         end_of_bytes (data, size, offset) != 0;
}

static void
check_truncated (JsonObject *object, GPtrArray *keep)
{
  gsize size = 0;
  const guint8 *datagram = test_vectors_borrow (keep, object, "datagram", &size);
  gsize needed = 0;
  CloveTunnelPacket packet = { 0 };

  fill_packet (&packet, object, keep);
  packet.rand2_size = 0;
  if ((packet.flags & ~(guint32) CLOVE_TUNNEL_PACKET_FROM) == CLOVE_TUNNEL_PACKET_MESSAGE) {
    g_autoptr (GBytes) without_tail = write_packet (&packet, size + 4);

    /* An empty rand2 takes four bytes; the padding of the message may be missing. */
    needed = g_bytes_get_size (without_tail) - 4 - clove_tl_bytes_padding (packet.message_size);
    g_assert_true (is_complete_up_to_message (datagram, needed));
    g_assert_false (is_complete_up_to_message (datagram, needed - 1));
  }
  for (gsize n = 0; n < size; n += n < N_TRIED_LENGTHS || n + STRIDE >= needed ? 1 : STRIDE) {
    g_autofree guint8 *exact = g_memdup2 (datagram, n);
    gboolean is_taken = clove_tunnel_packet_parse (&packet, exact, n, NULL);

    if (needed != 0)
      g_assert_cmpint (is_taken, ==, n >= needed);
  }
}

static void
test_truncated (void)
{
  for_each ("packets", check_truncated);
}

static void
check_malformed (JsonObject *object, GPtrArray *keep)
{
  const char *expect = test_vectors_text (object, "expect");
  gsize size = 0;
  const guint8 *datagram = test_vectors_borrow (keep, object, "datagram", &size);
  g_autofree guint8 *exact = g_memdup2 (datagram, size);
  CloveTunnelPacket packet = { 0 };
  CloveRelayMessage message = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean is_expected = FALSE;
  gboolean is_taken =
    clove_tunnel_packet_parse (&packet, exact, size, &error) &&
    clove_relay_message_parse (&message, packet.message, packet.message_size, &error);

  g_assert_nonnull (expect);
  if (g_str_equal (expect, "accept"))
    is_expected = TRUE;
  else if (g_str_has_prefix (expect, "reject unless"))
    is_expected = is_complete_up_to_message (datagram, size);
  else
    g_assert_cmpstr (expect, ==, "reject");
  g_assert_cmpint (is_taken, ==, is_expected);
  g_assert_cmpint (is_taken, ==, error == NULL);
}

static void
test_malformed (void)
{
  for_each ("malformed", check_malformed);
}

static CloveTunnelControlType
named_control (const char *name)
{
  g_assert_nonnull (name);
  if (strstr (name, "Ping") != NULL)
    return CLOVE_TUNNEL_CONTROL_PING;
  if (strstr (name, "Pong") != NULL)
    return CLOVE_TUNNEL_CONTROL_PONG;
  if (strstr (name, "Register") != NULL)
    return CLOVE_TUNNEL_CONTROL_REGISTER;
  g_error ("The test does not know the control packet %s", name);
}

static void
check_control (JsonObject *object, GPtrArray *keep)
{
  CloveTunnelControlType expected = named_control (test_vectors_text (object, "name"));
  gsize size = 0;
  const guint8 *datagram = test_vectors_borrow (keep, object, "datagram", &size);
  const guint8 *id = NULL;
  CloveTunnelPacket packet = { 0 };

  g_assert_cmpint (clove_tunnel_control_parse (datagram, size, &id), ==, expected);
  g_assert_cmpint (id != NULL, ==, expected != CLOVE_TUNNEL_CONTROL_REGISTER);
  g_assert_false (clove_tunnel_packet_parse (&packet, datagram, size, NULL));
  if (id != NULL) {
    guint8 buffer[CLOVE_TUNNEL_CONTROL_SIZE] = { 0 };
    CloveWriter writer = { 0 };

    clove_writer_init (&writer, buffer, sizeof buffer);
    clove_tunnel_control_write (&writer, expected, id);
    g_assert_cmpmem (buffer, clove_writer_get_size (&writer), datagram, size);
  }
  for (gsize n = 0; n < size; n++) {
    g_autofree guint8 *exact = g_memdup2 (datagram, n);

    g_assert_cmpint (clove_tunnel_control_parse (exact, n, &id), ==, CLOVE_TUNNEL_CONTROL_NONE);
  }
}

static void
test_control (void)
{
  for_each ("control_packets", check_control);
}

/* What carries data is no control packet. */
static void
check_not_control (JsonObject *object, GPtrArray *keep)
{
  gsize size = 0;
  const guint8 *datagram = test_vectors_borrow (keep, object, "datagram", &size);
  const guint8 *id = NULL;

  g_assert_cmpint (clove_tunnel_control_parse (datagram, size, &id), ==,
                   CLOVE_TUNNEL_CONTROL_NONE);
}

static void
test_not_control (void)
{
  for_each ("packets", check_not_control);
  for_each ("malformed", check_not_control);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/wire/tunnel-packets/packets", test_packets);
  g_test_add_func ("/clove/wire/tunnel-packets/captured", test_captured);
  g_test_add_func ("/clove/wire/tunnel-packets/truncated", test_truncated);
  g_test_add_func ("/clove/wire/tunnel-packets/malformed", test_malformed);
  g_test_add_func ("/clove/wire/tunnel-packets/control", test_control);
  g_test_add_func ("/clove/wire/tunnel-packets/not-control", test_not_control);
  return g_test_run ();
}
