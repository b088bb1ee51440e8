/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-adnl-packet.h"
#include "clove-random.h"

#include <string.h>

#define MAX_PACKET 4096

static const guint8 some_key[CLOVE_KEY_SIZE] = { 5 };
static const guint8 some_bytes[CLOVE_ADNL_SIGNATURE_SIZE] = { 6, 7, 8 };

static gsize
write_packet (const CloveAdnlPacket *packet, guint8 buffer[static MAX_PACKET])
{
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, buffer, MAX_PACKET);
  clove_adnl_packet_write (&writer, packet);
  g_assert_true (clove_writer_is_ok (&writer));
  return clove_writer_get_size (&writer);
}

/* Parses a copy of exact size, which lives as long as @keep. */
static gboolean
parse_exact (CloveAdnlPacket *out, const guint8 *data, gsize size, guint8 **keep)
{
  g_autoptr (GError) error = NULL;
  gboolean is_parsed = FALSE;

  *keep = g_memdup2 (data, size);
  is_parsed = clove_adnl_packet_parse (out, *keep, size, &error);
  g_assert_cmpint (is_parsed, ==, error == NULL);
  if (!is_parsed)
    g_assert_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_MALFORMED);
  return is_parsed;
}

static void
fill_list (CloveAdnlAddressList *list, CloveRandom *random)
{
  list->has_address = clove_random_uniform (random, 2) == 1;
  if (list->has_address) {
    list->ip = clove_random_uniform (random, G_MAXUINT32);
    list->port = clove_random_uniform (random, G_MAXUINT16);
  }
  list->version = clove_random_uniform (random, G_MAXUINT32);
  list->reinit_date = clove_random_uniform (random, G_MAXUINT32);
  list->priority = clove_random_uniform (random, G_MAXUINT32);
  list->expire_at = clove_random_uniform (random, G_MAXUINT32);
}

static void
fill_messages (CloveAdnlPacket *packet, CloveRandom *random)
{
  if (packet->flags & CLOVE_ADNL_PACKET_MESSAGE)
    packet->n_messages = 1;
  if (packet->flags & CLOVE_ADNL_PACKET_MESSAGES)
    packet->n_messages = clove_random_uniform (random, CLOVE_ADNL_MAX_MESSAGES + 1);
  for (guint i = 0; i < packet->n_messages; i++) {
    packet->messages[i].type = CLOVE_ADNL_MESSAGE_PING;
    packet->messages[i].value = i;
  }
}

static CloveAdnlPacket
random_packet (CloveRandom *random)
{
  CloveAdnlPacket packet = { 0 };

  packet.flags = clove_random_uniform (random, CLOVE_ADNL_PACKET_KNOWN_FLAGS + 1);
  packet.flags |= CLOVE_ADNL_PACKET_SEQNO;
  if (packet.flags & CLOVE_ADNL_PACKET_MESSAGE)
    packet.flags &= ~(guint32) CLOVE_ADNL_PACKET_MESSAGES;
  packet.rand1 = packet.rand2 = some_bytes;
  packet.rand1_size = clove_random_uniform (random, CLOVE_ADNL_MAX_RAND_SIZE + 1);
  packet.rand2_size = clove_random_uniform (random, CLOVE_ADNL_MAX_RAND_SIZE + 1);
  packet.from_key = packet.flags & CLOVE_ADNL_PACKET_FROM ? some_key : NULL;
  packet.from_id = packet.flags & CLOVE_ADNL_PACKET_FROM_SHORT ? some_key : NULL;
  packet.signature = packet.flags & CLOVE_ADNL_PACKET_SIGNATURE ? some_bytes : NULL;
  fill_messages (&packet, random);
  fill_list (&packet.address, random);
  fill_list (&packet.priority_address, random);
  packet.seqno = 1 + clove_random_uniform (random, G_MAXUINT32);
  packet.confirm_seqno = clove_random_uniform (random, G_MAXUINT32);
  packet.address_version = clove_random_uniform (random, G_MAXUINT32);
  packet.priority_address_version = clove_random_uniform (random, G_MAXUINT32);
  packet.reinit_date = clove_random_uniform (random, G_MAXUINT32);
  packet.dst_reinit_date = clove_random_uniform (random, G_MAXUINT32);
  return packet;
}

/* Any set of fields comes out as it went in: compared by writing it once more. */
static void
test_round_trip (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (1);
  guint8 first[MAX_PACKET] = { 0 };
  guint8 second[MAX_PACKET] = { 0 };

  for (guint i = 0; i < 2000; i++) {
    CloveAdnlPacket packet = random_packet (random);
    gsize size = write_packet (&packet, first);
    g_autofree guint8 *keep = NULL;
    CloveAdnlPacket again = { 0 };
    gboolean is_parsed = parse_exact (&again, first, size, &keep);

    g_assert_true (is_parsed);
    g_assert_cmphex (again.flags, ==, packet.flags);
    g_assert_cmpint (again.seqno, ==, packet.seqno);
    g_assert_cmpuint (again.n_messages, ==, packet.n_messages);
    g_assert_cmpmem (again.rand1, again.rand1_size, packet.rand1, packet.rand1_size);
    g_assert_cmpmem (again.rand2, again.rand2_size, packet.rand2, packet.rand2_size);
    if (packet.flags & CLOVE_ADNL_PACKET_REINIT_DATE)
      g_assert_cmpuint (again.dst_reinit_date, ==, packet.dst_reinit_date);
    g_assert_cmpuint (write_packet (&again, second), ==, size);
    g_assert_cmpmem (second, size, first, size);
  }
}

/* rand2 may be missing, and its padding; nothing before it may. */
static void
test_truncated (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (2);
  guint8 data[MAX_PACKET] = { 0 };

  for (guint i = 0; i < 100; i++) {
    CloveAdnlPacket packet = random_packet (random);
    gsize size = write_packet (&packet, data);
    gsize tail = clove_tl_bytes_size (packet.rand2_size);
    gsize padding = clove_tl_bytes_padding (packet.rand2_size);
    /* A signature ends in padding too, which may be missing when nothing follows. */
    gsize before = packet.signature != NULL
                     ? clove_tl_bytes_padding (CLOVE_ADNL_SIGNATURE_SIZE)
                     : 0;

    for (gsize n = 0; n < size; n++) {
      g_autofree guint8 *keep = NULL;
      CloveAdnlPacket again = { 0 };
      gboolean is_whole =
        n >= size - padding || (n <= size - tail && n >= size - tail - before);
      gboolean is_parsed = parse_exact (&again, data, n, &keep);

      g_assert_cmpint (is_parsed, ==, is_whole);
    }
  }
}

static CloveAdnlPacket
plain_packet (void)
{
  return (CloveAdnlPacket){ .flags = CLOVE_ADNL_PACKET_SEQNO, .seqno = 1 };
}

static void
assert_refused (const CloveAdnlPacket *packet)
{
  guint8 data[MAX_PACKET] = { 0 };
  gsize size = write_packet (packet, data);
  g_autofree guint8 *keep = NULL;
  CloveAdnlPacket again = { 0 };

  g_assert_false (parse_exact (&again, data, size, &keep));
}

static void
test_flags (void)
{
  for (guint bit = 12; bit < 32; bit++) {
    CloveAdnlPacket packet = plain_packet ();

    packet.flags |= 1u << bit;
    assert_refused (&packet);
  }
}

static void
test_seqno (void)
{
  static const gint64 seqnos[] = { 0, -1, G_MININT64 };
  CloveAdnlPacket packet = plain_packet ();

  for (gsize i = 0; i < G_N_ELEMENTS (seqnos); i++) {
    packet.seqno = seqnos[i];
    assert_refused (&packet);
  }
  packet = plain_packet ();
  packet.flags = 0;
  assert_refused (&packet);
}

static void
test_message_counts (void)
{
  static const guint32 counts[] = { CLOVE_ADNL_MAX_MESSAGES + 1, 1000, 0x7fffffff, G_MAXUINT32 };
  CloveAdnlPacket packet = plain_packet ();
  guint8 data[MAX_PACKET] = { 0 };
  gsize size = 0;

  packet.flags |= CLOVE_ADNL_PACKET_MESSAGES;
  packet.n_messages = CLOVE_ADNL_MAX_MESSAGES;
  size = write_packet (&packet, data);
  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++) {
    g_autofree guint8 *keep = NULL;
    CloveAdnlPacket again = { 0 };
    CloveWriter writer = { 0 };

    /* The count stands behind constructor, empty rand1 and flags. */
    clove_writer_init (&writer, data + 12, 4);
    clove_writer_u32 (&writer, counts[i]);
    g_assert_false (parse_exact (&again, data, size, &keep));
  }

  /* Both forms at once. */
  packet.flags |= CLOVE_ADNL_PACKET_MESSAGE;
  packet.n_messages = 1;
  assert_refused (&packet);
}

static void
test_address_counts (void)
{
  static const guint32 counts[] = { 2, 17, 0x10000000, G_MAXUINT32 };
  CloveAdnlPacket packet = plain_packet ();
  guint8 data[MAX_PACKET] = { 0 };
  gsize size = 0;

  packet.flags |= CLOVE_ADNL_PACKET_ADDRESS;
  packet.address.has_address = TRUE;
  size = write_packet (&packet, data);
  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++) {
    g_autofree guint8 *keep = NULL;
    CloveAdnlPacket again = { 0 };
    CloveWriter writer = { 0 };

    clove_writer_init (&writer, data + 12, 4);
    clove_writer_u32 (&writer, counts[i]);
    g_assert_false (parse_exact (&again, data, size, &keep));
  }
}

/* A list of several addresses gives its first. */
static void
test_several_addresses (void)
{
  CloveAdnlPacket packet = plain_packet ();
  guint8 data[MAX_PACKET] = { 0 };
  guint8 longer[MAX_PACKET] = { 0 };
  gsize size = 0;
  g_autofree guint8 *keep = NULL;
  CloveAdnlPacket again = { 0 };
  gboolean is_parsed = FALSE;

  packet.flags |= CLOVE_ADNL_PACKET_ADDRESS;
  packet.address = (CloveAdnlAddressList){ .has_address = TRUE, .ip = 1, .port = 2, .version = 3 };
  size = write_packet (&packet, data);
  memcpy (longer, data, 28);
  longer[12] = 2;
  memcpy (longer + 28, data + 16, size - 16);
  longer[28 + 4] = 99;
  is_parsed = parse_exact (&again, longer, size + 12, &keep);
  g_assert_true (is_parsed);
  g_assert_cmpuint (again.address.ip, ==, 1);
  g_assert_cmpuint (again.address.port, ==, 2);
  g_assert_cmpuint (again.address.version, ==, 3);
}

static void
test_signature_size (void)
{
  CloveAdnlPacket packet = plain_packet ();
  guint8 data[MAX_PACKET] = { 0 };
  gsize size = 0;
  g_autofree guint8 *keep = NULL;
  CloveAdnlPacket again = { 0 };

  packet.flags |= CLOVE_ADNL_PACKET_SIGNATURE;
  packet.signature = some_bytes;
  size = write_packet (&packet, data);
  g_assert_cmpuint (data[20], ==, CLOVE_ADNL_SIGNATURE_SIZE);
  data[20] = CLOVE_ADNL_SIGNATURE_SIZE - 1;
  g_assert_false (parse_exact (&again, data, size, &keep));
}

/* What follows rand2 means nothing and is not signed. */
static void
test_trailing (void)
{
  g_autoptr (CloveAdnlIdentity) identity = clove_adnl_identity_new ();
  const guint8 *key = clove_adnl_identity_get_key (identity);
  CloveAdnlPacket packet = plain_packet ();
  guint8 signature[CLOVE_ADNL_SIGNATURE_SIZE] = { 0 };
  guint8 data[MAX_PACKET] = { 0 };
  gsize size = 0;
  CloveAdnlPacket again = { 0 };
  g_autoptr (GError) error = NULL;

  packet.flags |= CLOVE_ADNL_PACKET_FROM;
  packet.from_key = key;
  size = write_packet (&packet, data);
  clove_adnl_identity_sign (identity, data, size, signature);
  packet.flags |= CLOVE_ADNL_PACKET_SIGNATURE;
  packet.signature = signature;
  size = write_packet (&packet, data);
  memset (data + size, 0xee, 20);
  g_assert_true (clove_adnl_packet_parse (&again, data, size + 20, &error));
  g_assert_true (clove_adnl_packet_verify (&again, data, key, &error));
  g_assert_no_error (error);
}

/* Signs @template with @signer; it must pass for @header or not, as @is_sound says. */
static void
assert_verified (const CloveAdnlPacket *template,
                 const CloveAdnlIdentity *signer,
                 const guint8 *header,
                 gboolean is_sound)
{
  CloveAdnlPacket packet = *template;
  guint8 signature[CLOVE_ADNL_SIGNATURE_SIZE] = { 0 };
  guint8 data[MAX_PACKET] = { 0 };
  gsize size = write_packet (&packet, data);
  CloveAdnlPacket again = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean is_ok = FALSE;

  clove_adnl_identity_sign (signer, data, size, signature);
  packet.flags |= CLOVE_ADNL_PACKET_SIGNATURE;
  packet.signature = signature;
  size = write_packet (&packet, data);
  g_assert_true (clove_adnl_packet_parse (&again, data, size, &error));
  is_ok = clove_adnl_packet_verify (&again, data, header, &error);
  g_assert_cmpint (is_ok, ==, is_sound);
  if (is_sound)
    g_assert_no_error (error);
  else
    g_assert_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_FORGED);
}

/* Header key, named sender and signer must be one. */
static void
test_verify (void)
{
  g_autoptr (CloveAdnlIdentity) us = clove_adnl_identity_new ();
  g_autoptr (CloveAdnlIdentity) other = clove_adnl_identity_new ();
  const guint8 *key = clove_adnl_identity_get_key (us);
  const guint8 *other_key = clove_adnl_identity_get_key (other);
  CloveAdnlPacket packet = plain_packet ();

  assert_verified (&packet, us, key, FALSE);

  packet.flags |= CLOVE_ADNL_PACKET_FROM;
  packet.from_key = key;
  assert_verified (&packet, us, key, TRUE);
  assert_verified (&packet, other, key, FALSE);
  assert_verified (&packet, us, other_key, FALSE);
  assert_verified (&packet, other, other_key, FALSE);

  packet.flags |= CLOVE_ADNL_PACKET_FROM_SHORT;
  packet.from_id = clove_adnl_identity_get_id (us);
  assert_verified (&packet, us, key, TRUE);
  packet.from_id = clove_adnl_identity_get_id (other);
  assert_verified (&packet, us, key, FALSE);

  packet.flags &= ~(guint32) CLOVE_ADNL_PACKET_FROM;
  packet.from_id = clove_adnl_identity_get_id (us);
  assert_verified (&packet, us, key, TRUE);
  assert_verified (&packet, other, other_key, FALSE);
  packet.from_id = key;
  assert_verified (&packet, us, key, FALSE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/adnl/packet/round-trip", test_round_trip);
  g_test_add_func ("/clove/adnl/packet/truncated", test_truncated);
  g_test_add_func ("/clove/adnl/packet/flags", test_flags);
  g_test_add_func ("/clove/adnl/packet/seqno", test_seqno);
  g_test_add_func ("/clove/adnl/packet/message-counts", test_message_counts);
  g_test_add_func ("/clove/adnl/packet/address-counts", test_address_counts);
  g_test_add_func ("/clove/adnl/packet/several-addresses", test_several_addresses);
  g_test_add_func ("/clove/adnl/packet/signature-size", test_signature_size);
  g_test_add_func ("/clove/adnl/packet/trailing", test_trailing);
  g_test_add_func ("/clove/adnl/packet/verify", test_verify);
  return g_test_run ();
}
