/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lies below the circuit: root packets, channels, parts. The liar is a bare socket that seals its
 * own packets, so that every field may be wrong while the rest is right.
 */
#include "config.h"

#include "clove-adnl-datagram.h"
#include "clove-udp.h"
#include "hostile-packet.h"
#include "test-net.h"

#include <malloc.h>
#include <string.h>

typedef struct _Raw Raw;

struct _Raw {
  CloveClock *clock;
  CloveAdnlEndpoint *client;
  CloveUdp *udp;
  CloveAdnlIdentity *identity;
  CloveAdnlIdentity *other;

  CloveAddress peer;
  guint8 peer_key[CLOVE_KEY_SIZE];
  guint8 channel_key[CLOVE_KEY_SIZE]; /* the client's half */
  guint8 own_channel_key[CLOVE_KEY_SIZE];
  guint64 ping;
  gint64 seqno;
  guint n_roots;
  void (*on_root) (Raw *raw);
  void (*lie) (Raw *raw);
};

static void
send_datagram (Raw *raw, const guint8 *datagram, gsize size)
{
  g_assert_true (clove_udp_send (raw->udp, &raw->peer, datagram, size, NULL));
}

static void
send_claim (Raw *raw, const HostileClaim *claim, const CloveAdnlMessage *messages, guint n_messages)
{
  g_autoptr (GBytes) datagram = hostile_packet_craft (claim, raw->identity, ++raw->seqno,
                                                      raw->peer_key, messages, n_messages);

  send_datagram (raw, g_bytes_get_data (datagram, NULL), g_bytes_get_size (datagram));
}

/* The honest answer to the opening of a channel, but for what @claim says and @own_key. */
static void
confirm (Raw *raw, const HostileClaim *claim, const guint8 *own_key, const guint8 *peer_key)
{
  const CloveAdnlMessage messages[] = {
    { .type = CLOVE_ADNL_MESSAGE_CONFIRM_CHANNEL, .id = own_key, .peer_key = peer_key },
    { .type = CLOVE_ADNL_MESSAGE_PONG, .value = raw->ping },
  };

  send_claim (raw, claim, messages, G_N_ELEMENTS (messages));
}

static void
tell_truth (Raw *raw)
{
  static const HostileClaim truth = { 0 };

  confirm (raw, &truth, raw->own_channel_key, raw->channel_key);
}

static void
on_datagram (guint8 *data, gsize size, const CloveAddress *from, gpointer user_data)
{
  Raw *raw = user_data;
  guint8 shared[CLOVE_KEY_SIZE] = { 0 };
  CloveAdnlPacket packet;
  gsize contents_size = 0;
  const guint8 *contents = NULL;

  if (memcmp (data, clove_adnl_identity_get_id (raw->identity), CLOVE_KEY_ID_SIZE) != 0)
    return;
  raw->peer = *from;
  memcpy (raw->peer_key, clove_adnl_datagram_peek_sender (data, size), CLOVE_KEY_SIZE);
  g_assert_true (clove_adnl_identity_agree (raw->identity, raw->peer_key, shared));
  contents = clove_adnl_datagram_open_root (data, size, shared, &contents_size, NULL);
  g_assert_nonnull (contents);
  g_assert_true (clove_adnl_packet_parse (&packet, contents, contents_size, NULL));
  for (guint i = 0; i < packet.n_messages; i++) {
    if (packet.messages[i].type == CLOVE_ADNL_MESSAGE_CREATE_CHANNEL)
      memcpy (raw->channel_key, packet.messages[i].id, CLOVE_KEY_SIZE);
    else if (packet.messages[i].type == CLOVE_ADNL_MESSAGE_PING)
      raw->ping = packet.messages[i].value;
  }
  raw->n_roots++;
  if (raw->on_root != NULL)
    raw->on_root (raw);
}

static void
set_up (Raw *raw, gconstpointer user_data)
{
  g_autoptr (CloveAdnlIdentity) half = clove_adnl_identity_new ();
  g_autoptr (GError) error = NULL;
  CloveAddress address = { 0 };

  raw->clock = clove_clock_new_fake ();
  raw->identity = clove_adnl_identity_new ();
  raw->other = clove_adnl_identity_new ();
  memcpy (raw->own_channel_key, clove_adnl_identity_get_key (half), CLOVE_KEY_SIZE);
  clove_address_init_loopback (&address, 0);
  raw->udp = clove_udp_new (&address, CLOVE_ADNL_MAX_DATAGRAM_SIZE, on_datagram, raw, &error);
  g_assert_no_error (error);
  raw->client = clove_adnl_endpoint_new (&address, raw->clock, &error);
  g_assert_no_error (error);
}

static void
tear_down (Raw *raw, gconstpointer user_data)
{
  test_loop_settle ();
  g_assert_cmpuint (clove_adnl_endpoint_get_n_sessions (raw->client), ==, 0);
  clove_adnl_endpoint_close (raw->client);
  g_assert_finalize_object (raw->client);
  clove_udp_free (raw->udp);
  g_assert_false (clove_clock_advance_to_next (raw->clock));
  clove_adnl_identity_unref (raw->identity);
  clove_adnl_identity_unref (raw->other);
  clove_clock_unref (raw->clock);
}

static void
lie_false_signature (Raw *raw)
{
  /* In front of the 8 bytes of rand2 and the 3 of padding: the last of the signature. */
  const HostileClaim claim = { .spoils_sealed_at = 12 };

  confirm (raw, &claim, raw->own_channel_key, raw->channel_key);
}

static void
lie_changed_text (Raw *raw)
{
  const HostileClaim claim = { .spoils_sealed_at = 90 };

  confirm (raw, &claim, raw->own_channel_key, raw->channel_key);
}

static void
lie_unsigned (Raw *raw)
{
  const HostileClaim claim = { .is_unsigned = TRUE };

  confirm (raw, &claim, raw->own_channel_key, raw->channel_key);
}

static void
lie_signed_by_other (Raw *raw)
{
  const HostileClaim claim = { .signer = raw->other };

  confirm (raw, &claim, raw->own_channel_key, raw->channel_key);
}

static void
lie_from_other (Raw *raw)
{
  const HostileClaim claim = { .from = raw->other };

  confirm (raw, &claim, raw->own_channel_key, raw->channel_key);
}

static void
lie_from_other_key (Raw *raw)
{
  const HostileClaim claim = { .from = raw->other, .has_key = TRUE };

  confirm (raw, &claim, raw->own_channel_key, raw->channel_key);
}

static void
lie_other_header (Raw *raw)
{
  const HostileClaim claim = { .header = raw->other };

  confirm (raw, &claim, raw->own_channel_key, raw->channel_key);
}

static void
lie_all_other (Raw *raw)
{
  const HostileClaim claim = { .header = raw->other, .from = raw->other, .signer = raw->other };

  confirm (raw, &claim, raw->own_channel_key, raw->channel_key);
}

static void
lie_nameless (Raw *raw)
{
  const HostileClaim claim = { .is_nameless = TRUE };

  confirm (raw, &claim, raw->own_channel_key, raw->channel_key);
}

static void
lie_checksum (Raw *raw)
{
  const HostileClaim claim = { .spoils_contents_at = 30 };

  confirm (raw, &claim, raw->own_channel_key, raw->channel_key);
}

static void
lie_seqno (Raw *raw)
{
  const HostileClaim claim = { .seqno = G_MININT64 };

  confirm (raw, &claim, raw->own_channel_key, raw->channel_key);
}

static void
lie_flags (Raw *raw)
{
  const HostileClaim claim = { .more_flags = 0x40000000 };

  confirm (raw, &claim, raw->own_channel_key, raw->channel_key);
}

static void
lie_other_channel (Raw *raw)
{
  static const HostileClaim truth = { 0 };
  guint8 wrong[CLOVE_KEY_SIZE] = { 0 };

  memcpy (wrong, raw->channel_key, sizeof wrong);
  wrong[31] ^= 1;
  confirm (raw, &truth, raw->own_channel_key, wrong);
}

/* Points that give everybody the same secret, and what is no point. */
static void
lie_bad_points (Raw *raw)
{
  static const HostileClaim truth = { 0 };
  static const guint8 points[][CLOVE_KEY_SIZE] = {
    { 0 },
    { 1 },
    { 2 },
    { 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
    { 0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
      0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
      0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (points); i++)
    confirm (raw, &truth, points[i], raw->channel_key);
}

static void
lie_wants_channel (Raw *raw)
{
  static const HostileClaim truth = { 0 };
  const CloveAdnlMessage create = { .type = CLOVE_ADNL_MESSAGE_CREATE_CHANNEL,
                                    .id = raw->own_channel_key };

  send_claim (raw, &truth, &create, 1);
}

/* Half a handshake: the pong without the channel. */
static void
lie_pong_only (Raw *raw)
{
  static const HostileClaim truth = { 0 };
  const CloveAdnlMessage pongs[] = {
    { .type = CLOVE_ADNL_MESSAGE_PONG, .value = raw->ping ^ 1 },
    { .type = CLOVE_ADNL_MESSAGE_PONG, .value = raw->ping },
    { .type = CLOVE_ADNL_MESSAGE_PONG, .value = raw->ping },
  };

  send_claim (raw, &truth, pongs, G_N_ELEMENTS (pongs));
}

/* The honest datagram, cut at every length, and stretched beyond what is taken. */
static void
lie_truncated (Raw *raw)
{
  static const HostileClaim truth = { 0 };
  const CloveAdnlMessage messages[] = {
    { .type = CLOVE_ADNL_MESSAGE_CONFIRM_CHANNEL,
      .id = raw->own_channel_key,
      .peer_key = raw->channel_key },
    { .type = CLOVE_ADNL_MESSAGE_PONG, .value = raw->ping },
  };
  g_autoptr (GBytes) datagram =
    hostile_packet_craft (&truth, raw->identity, ++raw->seqno, raw->peer_key, messages,
                          G_N_ELEMENTS (messages));
  guint8 stretched[2 * CLOVE_ADNL_MAX_DATAGRAM_SIZE] = { 0 };

  for (gsize cut = 0; cut < g_bytes_get_size (datagram); cut++)
    send_datagram (raw, g_bytes_get_data (datagram, NULL), cut);
  memcpy (stretched, g_bytes_get_data (datagram, NULL), g_bytes_get_size (datagram));
  send_datagram (raw, stretched, sizeof stretched);
}

typedef struct {
  const char *name;
  void (*lie) (Raw *raw);
} Lie;

static const Lie lies[] = {
  { "false-signature", lie_false_signature },
  { "changed-text", lie_changed_text },
  { "unsigned", lie_unsigned },
  { "signed-by-other", lie_signed_by_other },
  { "from-other-id", lie_from_other },
  { "from-other-key", lie_from_other_key },
  { "other-header", lie_other_header },
  { "all-other", lie_all_other },
  { "nameless", lie_nameless },
  { "checksum", lie_checksum },
  { "seqno", lie_seqno },
  { "flags", lie_flags },
  { "other-channel", lie_other_channel },
  { "bad-points", lie_bad_points },
  { "wants-channel", lie_wants_channel },
  { "pong-only", lie_pong_only },
  { "truncated", lie_truncated },
};

/* Whoever only lies is a dead entry: named, after the deadline, and nothing stays behind. */
static void
assert_liar_is_dead (Raw *raw)
{
  const CloveHop hop = { "liar", clove_adnl_identity_get_key (raw->identity),
                         *clove_udp_get_address (raw->udp) };
  g_autoptr (CloveCircuit) circuit = clove_circuit_new (raw->client, raw->clock, &hop, 1);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  raw->on_root = raw->lie;
  clove_circuit_build_async (circuit, 5 * G_USEC_PER_SEC, NULL, test_loop_on_ready, &result);
  test_loop_wait (raw->clock, &result);
  g_assert_false (clove_circuit_build_finish (circuit, result, &error));
  g_assert_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_TIMED_OUT);
  g_assert_true (g_str_has_prefix (error->message, "entry liar: "));
  g_assert_cmpint (clove_circuit_get_failed_hop (circuit), ==, 0);
  g_assert_cmpuint (clove_adnl_endpoint_get_n_sessions (raw->client), ==, 0);
  /* Resent, each time later. */
  g_assert_cmpuint (raw->n_roots, >=, 4);
  g_assert_cmpuint (raw->n_roots, <=, 6);
}

static void
lie_then_tell_truth (Raw *raw)
{
  raw->lie (raw);
  tell_truth (raw);
}

static CloveAdnlSession *
connect_to (Raw *raw)
{
  g_autoptr (GError) error = NULL;
  CloveAdnlSession *session =
    clove_adnl_endpoint_connect (raw->client, clove_adnl_identity_get_key (raw->identity),
                                 clove_udp_get_address (raw->udp), &error);

  g_assert_no_error (error);
  return session;
}

static void
assert_opens (Raw *raw, CloveAdnlSession *session)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  clove_adnl_session_open_async (session, 5 * G_USEC_PER_SEC, NULL, test_loop_on_ready, &result);
  test_loop_wait (raw->clock, &result);
  g_assert_true (clove_adnl_session_open_finish (session, result, &error));
  g_assert_no_error (error);
  g_assert_true (clove_adnl_session_has_channel (session));
}

static void
test_lie (Raw *raw, gconstpointer user_data)
{
  const Lie *lie = user_data;
  const CloveAdnlStats *stats = clove_adnl_endpoint_get_stats (raw->client);
  g_autoptr (CloveAdnlSession) session = NULL;

  raw->lie = lie->lie;
  assert_liar_is_dead (raw);
  /* Every lie but the lonely pong is a thing to refuse. */
  if (lie->lie != lie_pong_only)
    g_assert_cmpuint (stats->n_forged + stats->n_malformed, >=, raw->n_roots);
  g_assert_cmpuint (stats->n_sent, <=, 2 * raw->n_roots);

  /* Truth that comes right after the lie is heard. */
  raw->seqno = 0;
  raw->on_root = lie_then_tell_truth;
  session = connect_to (raw);
  assert_opens (raw, session);
  clove_adnl_session_close (session);
}

/* Ten thousand root packets of strangers: compared, counted, forgotten. */
static void
test_flood_of_strangers (Raw *raw, gconstpointer user_data)
{
  const CloveAdnlStats *stats = clove_adnl_endpoint_get_stats (raw->client);
  g_autoptr (CloveAdnlSession) session = connect_to (raw);
  g_autoptr (GBytes) datagram = NULL;
  guint8 copy[CLOVE_ADNL_MAX_DATAGRAM_SIZE] = { 0 };
  const CloveAdnlMessage nop = { .type = CLOVE_ADNL_MESSAGE_NOP };
  const HostileClaim claim = { .header = raw->other, .from = raw->other, .signer = raw->other };
  gsize size = 0;
  gsize before = 0;

  raw->on_root = tell_truth;
  assert_opens (raw, session);
  datagram = hostile_packet_craft (&claim, raw->identity, ++raw->seqno, raw->peer_key, &nop, 1);
  size = g_bytes_get_size (datagram);
  before = mallinfo2 ().uordblks;
  for (guint32 i = 0; i < 10000; i++) {
    memcpy (copy, g_bytes_get_data (datagram, NULL), size);
    memcpy (copy + CLOVE_KEY_ID_SIZE, &i, sizeof i);
    clove_adnl_endpoint_inject (raw->client, copy, size, &raw->peer, FALSE);
  }
  g_assert_cmpuint (stats->n_forged, ==, 10000);
  g_assert_cmpuint (clove_adnl_endpoint_get_n_sessions (raw->client), ==, 1);
  g_assert_cmpuint (mallinfo2 ().uordblks, <, before + 100 * 1000);
  /* For ids that nobody has they are not even that. */
  for (guint32 i = 0; i < 10000; i++) {
    memcpy (copy, g_bytes_get_data (datagram, NULL), size);
    memcpy (copy, &i, sizeof i);
    clove_adnl_endpoint_inject (raw->client, copy, size, &raw->peer, FALSE);
  }
  g_assert_cmpuint (stats->n_unknown, ==, 10000);
  assert_opens (raw, session);
  clove_adnl_session_close (session);
}

/* A relay that counts to the end of numbers, or claims to have started in the far future, shuts
 * itself out of the session and nothing else. */
static void
test_last_seqno (Raw *raw, gconstpointer user_data)
{
  static const HostileClaim last = { .seqno = G_MAXINT64 };
  g_autoptr (CloveAdnlSession) session = connect_to (raw);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  const CloveAdnlMessage nop = { .type = CLOVE_ADNL_MESSAGE_NOP };

  raw->on_root = tell_truth;
  assert_opens (raw, session);
  send_claim (raw, &last, &nop, 1);
  test_loop_settle ();
  clove_adnl_session_open_async (session, G_USEC_PER_SEC, NULL, test_loop_on_ready, &result);
  test_loop_wait (raw->clock, &result);
  g_assert_false (clove_adnl_session_open_finish (session, result, &error));
  g_assert_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_TIMED_OUT);
  clove_adnl_session_close (session);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/clove/hostile/adnl/" name, Raw, NULL, set_up, function, tear_down)
  for (guint i = 0; i < G_N_ELEMENTS (lies); i++) {
    g_autofree char *path = g_strdup_printf ("/clove/hostile/adnl/lie/%s", lies[i].name);

    g_test_add (path, Raw, &lies[i], set_up, test_lie, tear_down);
  }
  ADD ("flood-of-strangers", test_flood_of_strangers);
  ADD ("last-seqno", test_last_seqno);
  return g_test_run ();
}
