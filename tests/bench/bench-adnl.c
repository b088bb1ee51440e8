/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one ADNL datagram of 1 KB costs: its packet, its channel, or its signed root form. */
#include "config.h"

#include "bench-layers.h"
#include "clove-adnl-channel.h"
#include "clove-adnl-datagram.h"
#include "clove-adnl-packet.h"
#include "clove-adnl-parts.h"

#include <string.h>

#define N_PARTS     6
#define LONG_SIZE   ((gsize) N_PARTS * CLOVE_ADNL_PART_SIZE)
#define CHANNEL_KEY ((const guint8 *) "one key for both ways of a bench")

typedef struct {
  guint8 bytes[CLOVE_ADNL_MAX_DATAGRAM_SIZE];
  gsize size; /* of the contents behind the header */
} Datagram;

typedef struct {
  CloveAdnlIdentity *sender;
  guint8 receiver_id[CLOVE_KEY_ID_SIZE];
  guint8 shared[CLOVE_KEY_SIZE];
  guint8 channel_id[CLOVE_KEY_ID_SIZE];
  guint8 piece[BENCH_PIECE_SIZE];
  Datagram sealed;
  Datagram work;
} Fixture;

static void
init_packet (Fixture *fixture, CloveAdnlPacket *packet)
{
  static const guint8 rand[CLOVE_ADNL_MAX_RAND_SIZE] = { 0 };

  memset (packet, 0, sizeof *packet);
  packet->rand1 = packet->rand2 = rand;
  packet->rand1_size = packet->rand2_size = sizeof rand;
  packet->flags = CLOVE_ADNL_PACKET_MESSAGE | CLOVE_ADNL_PACKET_SEQNO |
                  CLOVE_ADNL_PACKET_CONFIRM_SEQNO;
  packet->seqno = packet->confirm_seqno = 1;
  packet->n_messages = 1;
  packet->messages[0] = (CloveAdnlMessage){
    .type = CLOVE_ADNL_MESSAGE_CUSTOM,
    .data = fixture->piece,
    .data_size = sizeof fixture->piece,
  };
}

static void
write_packet (const CloveAdnlPacket *packet, gsize header_size, Datagram *out)
{
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, out->bytes + header_size, sizeof out->bytes - header_size);
  clove_adnl_packet_write (&writer, packet);
  bench_require (clove_writer_is_ok (&writer), "a packet does not fit");
  out->size = clove_writer_get_size (&writer);
}

static void
seal_channel (Fixture *fixture, Datagram *datagram)
{
  clove_adnl_datagram_seal_channel (datagram->bytes, datagram->size, fixture->channel_id,
                                    CHANNEL_KEY);
}

/* As a session makes its root packets. */
static void
sign_and_seal_root (Fixture *fixture, Datagram *datagram)
{
  guint8 signature[CLOVE_ADNL_SIGNATURE_SIZE] = { 0 };
  CloveAdnlPacket packet;

  init_packet (fixture, &packet);
  packet.flags |= CLOVE_ADNL_PACKET_FROM;
  packet.from_key = clove_adnl_identity_get_key (fixture->sender);
  write_packet (&packet, CLOVE_ADNL_ROOT_HEADER_SIZE, datagram);
  clove_adnl_identity_sign (fixture->sender, datagram->bytes + CLOVE_ADNL_ROOT_HEADER_SIZE,
                            datagram->size, signature);
  packet.flags |= CLOVE_ADNL_PACKET_SIGNATURE;
  packet.signature = signature;
  write_packet (&packet, CLOVE_ADNL_ROOT_HEADER_SIZE, datagram);
  clove_adnl_datagram_seal_root (datagram->bytes, datagram->size, fixture->receiver_id,
                                 packet.from_key, fixture->shared);
}

static gpointer
set_up (void)
{
  Fixture *fixture = g_new0 (Fixture, 1);
  g_autoptr (CloveAdnlIdentity) receiver = clove_adnl_identity_new ();

  fixture->sender = clove_adnl_identity_new ();
  memcpy (fixture->receiver_id, clove_adnl_identity_get_id (receiver), CLOVE_KEY_ID_SIZE);
  bench_require (clove_adnl_identity_agree (fixture->sender,
                                            clove_adnl_identity_get_key (receiver),
                                            fixture->shared),
                 "two identities do not agree");
  clove_adnl_channel_id (fixture->channel_id, CHANNEL_KEY);
  return fixture;
}

static gpointer
set_up_channel (void)
{
  Fixture *fixture = set_up ();
  CloveAdnlPacket packet;

  init_packet (fixture, &packet);
  write_packet (&packet, CLOVE_ADNL_CHANNEL_HEADER_SIZE, &fixture->work);
  fixture->sealed = fixture->work;
  seal_channel (fixture, &fixture->sealed);
  return fixture;
}

static gpointer
set_up_root (void)
{
  Fixture *fixture = set_up ();

  sign_and_seal_root (fixture, &fixture->sealed);
  return fixture;
}

static void
tear_down (gpointer data)
{
  Fixture *fixture = data;

  clove_adnl_identity_unref (fixture->sender);
  g_free (fixture);
}

static void
run_write (gpointer data, guint64 n_operations, BenchWatch *watch)
{
  Fixture *fixture = data;
  CloveAdnlPacket packet;

  init_packet (fixture, &packet);
  for (guint64 i = 0; i < n_operations; i++)
    write_packet (&packet, CLOVE_ADNL_CHANNEL_HEADER_SIZE, &fixture->work);
}

static void
run_parse (gpointer data, guint64 n_operations, BenchWatch *watch)
{
  Fixture *fixture = data;
  CloveAdnlPacket packet;

  for (guint64 i = 0; i < n_operations; i++)
    bench_require (clove_adnl_packet_parse (&packet,
                                            fixture->work.bytes + CLOVE_ADNL_CHANNEL_HEADER_SIZE,
                                            fixture->work.size, NULL),
                   "a packet is refused");
}

static void
run_seal_channel (gpointer data, guint64 n_operations, BenchWatch *watch)
{
  Fixture *fixture = data;

  for (guint64 i = 0; i < n_operations; i++)
    seal_channel (fixture, &fixture->work);
}

/* Opening works in place, so each operation begins with a copy, as each begins with a recv(). */
static void
run_open_channel (gpointer data, guint64 n_operations, BenchWatch *watch)
{
  Fixture *fixture = data;
  gsize total = CLOVE_ADNL_CHANNEL_HEADER_SIZE + fixture->sealed.size;
  gsize size = 0;

  for (guint64 i = 0; i < n_operations; i++) {
    memcpy (fixture->work.bytes, fixture->sealed.bytes, total);
    bench_require (clove_adnl_datagram_open_channel (fixture->work.bytes, total, CHANNEL_KEY,
                                                     &size, NULL) != NULL,
                   "a channel datagram is refused");
  }
}

static void
run_seal_root (gpointer data, guint64 n_operations, BenchWatch *watch)
{
  Fixture *fixture = data;

  for (guint64 i = 0; i < n_operations; i++)
    sign_and_seal_root (fixture, &fixture->work);
}

static void
run_open_root (gpointer data, guint64 n_operations, BenchWatch *watch)
{
  Fixture *fixture = data;
  gsize total = CLOVE_ADNL_ROOT_HEADER_SIZE + fixture->sealed.size;

  for (guint64 i = 0; i < n_operations; i++) {
    const guint8 *contents = NULL;
    gsize size = 0;
    CloveAdnlPacket packet;

    memcpy (fixture->work.bytes, fixture->sealed.bytes, total);
    contents = clove_adnl_datagram_open_root (fixture->work.bytes, total, fixture->shared, &size,
                                              NULL);
    bench_require (contents != NULL && clove_adnl_packet_parse (&packet, contents, size, NULL) &&
                     clove_adnl_packet_verify (&packet, contents,
                                               clove_adnl_identity_get_key (fixture->sender),
                                               NULL),
                   "a root datagram is refused");
  }
}

static void
run_parts (gpointer data, guint64 n_operations, BenchWatch *watch)
{
  static const guint8 whole[LONG_SIZE] = { 0 };
  g_autoptr (CloveAdnlParts) parts = clove_adnl_parts_new ();
  guint8 hash[CLOVE_CHECKSUM_SIZE] = { 0 };

  clove_adnl_cipher_checksum (hash, whole, sizeof whole);
  for (guint64 i = 0; i < n_operations; i++) {
    const guint8 *joined = NULL;
    gsize size = 0;

    for (guint32 offset = 0; offset < sizeof whole; offset += CLOVE_ADNL_PART_SIZE) {
      CloveAdnlMessage part = {
        .type = CLOVE_ADNL_MESSAGE_PART,
        .id = hash,
        .total_size = sizeof whole,
        .offset = offset,
        .data = whole + offset,
        .data_size = CLOVE_ADNL_PART_SIZE,
      };

      bench_require (clove_adnl_parts_add (parts, &part, &joined, &size, NULL),
                     "a part is refused");
    }
    bench_require (joined != NULL && size == sizeof whole, "a message is not joined");
  }
}

/** bench_adnl_cases: The benchmarks of src/adnl without its socket. */
const BenchCase *
bench_adnl_cases (gsize *n_out)
{
  static const BenchCase cases[] = {
    { "adnl", "packet of 1 KB: write", BENCH_PIECE_SIZE, set_up_channel, run_write, tear_down },
    { "adnl", "packet of 1 KB: parse", BENCH_PIECE_SIZE, set_up_channel, run_parse, tear_down },
    { "adnl", "channel, 1 KB: seal", BENCH_PIECE_SIZE, set_up_channel, run_seal_channel,
      tear_down },
    { "adnl", "channel, 1 KB: open", BENCH_PIECE_SIZE, set_up_channel, run_open_channel,
      tear_down },
    { "adnl", "root, 1 KB: write, sign, seal", BENCH_PIECE_SIZE, set_up, run_seal_root, tear_down },
    { "adnl", "root, 1 KB: open, parse, verify", BENCH_PIECE_SIZE, set_up_root, run_open_root,
      tear_down },
    { "adnl", "message of 6 parts: join", LONG_SIZE, NULL, run_parts, NULL },
  };

  *n_out = G_N_ELEMENTS (cases);
  return cases;
}
