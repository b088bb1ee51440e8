/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A relay lies while a circuit is built: the build fails at once, at the right hop, and cleanly. */
#include "config.h"

#include "hostile-relay.h"

#include "clove-onion.h"

#include <string.h>

/* A hop may take this long in these tests. */
#define DEADLINE_US (11 * G_USEC_PER_SEC)

static const guint8 zeros[CLOVE_KEY_SIZE] = { 0 };
static const guint8 ones[CLOVE_KEY_SIZE] = { 1 };
/* The canonical point of order 8. */
static const guint8 order_8[CLOVE_KEY_SIZE] = { 0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae,
                                                0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
                                                0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd,
                                                0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00 };

static gboolean
lie_wrong_id (HostileRelay *relay, guint hop, CloveRelayMessage *answer)
{
  answer->id = ones;
  return TRUE;
}

static gboolean
lie_wrong_hash (HostileRelay *relay, guint hop, CloveRelayMessage *answer)
{
  relay->key_hash[31] ^= 1;
  return TRUE;
}

static gboolean
lie_wrong_key (HostileRelay *relay, guint hop, CloveRelayMessage *answer)
{
  relay->relay_key[0] ^= 1;
  return TRUE;
}

static gboolean
lie_zero_key (HostileRelay *relay, guint hop, CloveRelayMessage *answer)
{
  answer->key = zeros;
  return TRUE;
}

/* With the hash of the key that the point gives: only the refusal of the point itself helps. */
static gboolean
lie_low_order (HostileRelay *relay, guint hop, CloveRelayMessage *answer)
{
  guint8 shared[CLOVE_KEY_SIZE] = { 0 };
  guint8 key[CLOVE_KEY_SIZE] = { 0 };
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = sizeof key;

  g_checksum_update (checksum, shared, sizeof shared);
  g_checksum_get_digest (checksum, key, &size);
  clove_onion_key_hash (relay->key_hash, key);
  answer->key = relay->step == 0 ? order_8 : ones;
  return TRUE;
}

static gboolean
lie_wrong_type (HostileRelay *relay, guint hop, CloveRelayMessage *answer)
{
  answer->type = CLOVE_RELAY_MESSAGE_PONG;
  return TRUE;
}

/* The answer to another step than the one that was asked for. */
static gboolean
lie_other_step (HostileRelay *relay, guint hop, CloveRelayMessage *answer)
{
  answer->type = answer->type == CLOVE_RELAY_MESSAGE_CIRCUIT_CREATED
                   ? CLOVE_RELAY_MESSAGE_CIRCUIT_EXTENDED
                   : CLOVE_RELAY_MESSAGE_CIRCUIT_CREATED;
  answer->key = relay->relay_key;
  answer->key_hash = relay->key_hash;
  return TRUE;
}

static gboolean
send_raw (HostileRelay *relay, const CloveRelayMessage *answer, gssize change)
{
  guint8 boxed[1024] = { 0 };
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, boxed, sizeof boxed);
  clove_relay_message_write (&writer, answer);
  hostile_relay_answer (relay, boxed,
                        (gsize) ((gssize) clove_writer_get_size (&writer) + change));
  return FALSE;
}

static gboolean
lie_truncated (HostileRelay *relay, guint hop, CloveRelayMessage *answer)
{
  return send_raw (relay, answer, -8);
}

static gboolean
lie_overlong (HostileRelay *relay, guint hop, CloveRelayMessage *answer)
{
  return send_raw (relay, answer, 4);
}

static gboolean
lie_unknown_object (HostileRelay *relay, guint hop, CloveRelayMessage *answer)
{
  hostile_relay_answer (relay, (const guint8 *) "\xff\xfe\xfd\xfc%n%n", 8);
  return FALSE;
}

static gboolean
lie_huge_answer (HostileRelay *relay, guint hop, CloveRelayMessage *answer)
{
  g_autofree guint8 *junk = g_malloc0 (8000);

  hostile_relay_answer (relay, junk, 8000);
  return FALSE;
}

/* The relayed answer under another key, and a wrong object under the right one. */
static gboolean
lie_sealed_wrongly (HostileRelay *relay, guint hop, CloveRelayMessage *answer)
{
  static const CloveRelayMessage inner = { .type = CLOVE_RELAY_MESSAGE_PONG, .value = 1 };
  g_autoptr (GBytes) sealed = NULL;
  guint8 boxed[64] = { 0 };
  CloveWriter writer = { 0 };

  if (hop != 2)
    return TRUE;
  clove_writer_init (&writer, boxed, sizeof boxed);
  clove_relay_message_write (&writer, &inner);
  sealed = hostile_relay_seal (relay->keys[relay->step], boxed, clove_writer_get_size (&writer));
  answer->data = g_bytes_get_data (sealed, &answer->data_size);
  hostile_relay_answer_message (relay, answer);
  return FALSE;
}

static gboolean
lie_sealed_too_large (HostileRelay *relay, guint hop, CloveRelayMessage *answer)
{
  g_autofree guint8 *junk = g_malloc0 (7000);
  g_autoptr (GBytes) sealed = NULL;

  if (hop != 2)
    return TRUE;
  sealed = hostile_relay_seal (relay->keys[0], junk, 7000);
  answer->data = g_bytes_get_data (sealed, &answer->data_size);
  hostile_relay_answer_message (relay, answer);
  return FALSE;
}

static gboolean
lie_not_sealed (HostileRelay *relay, guint hop, CloveRelayMessage *answer)
{
  if (hop == 2)
    answer->data_size = 27;
  return TRUE;
}

/* Somebody else's answer first: it must not disturb the honest one. */
static gboolean
lie_unknown_query (HostileRelay *relay, guint hop, CloveRelayMessage *answer)
{
  guint8 unknown[CLOVE_KEY_ID_SIZE] = { 0 };

  memcpy (unknown, relay->query_id, sizeof unknown);
  unknown[31] ^= 1;
  g_assert_true (clove_adnl_session_answer (relay->session, unknown, zeros, 32, NULL));
  return TRUE;
}

static gboolean
lie_twice (HostileRelay *relay, guint hop, CloveRelayMessage *answer)
{
  hostile_relay_answer_message (relay, answer);
  return TRUE;
}

static gboolean
lie_silent (HostileRelay *relay, guint hop, CloveRelayMessage *answer)
{
  return FALSE;
}

typedef struct {
  const char *name;
  HostileAnswerFunc lie;
  gint step;
  guint first_hop; /* that is lied about */
  gint code;       /* of CLOVE_CIRCUIT_ERROR; -1: CLOVE_ADNL_ERROR_TIMED_OUT; -2: none */
} Lie;

static const Lie lies[] = {
  { "wrong-id", lie_wrong_id, 0, 0, CLOVE_CIRCUIT_ERROR_HANDSHAKE },
  { "wrong-hash", lie_wrong_hash, 0, 0, CLOVE_CIRCUIT_ERROR_HANDSHAKE },
  { "wrong-key", lie_wrong_key, 0, 0, CLOVE_CIRCUIT_ERROR_HANDSHAKE },
  { "zero-key", lie_zero_key, 0, 0, CLOVE_CIRCUIT_ERROR_HANDSHAKE },
  { "order-8-key", lie_low_order, 0, 0, CLOVE_CIRCUIT_ERROR_HANDSHAKE },
  { "order-1-key", lie_low_order, 1, 0, CLOVE_CIRCUIT_ERROR_HANDSHAKE },
  { "wrong-type", lie_wrong_type, 0, 0, CLOVE_CIRCUIT_ERROR_MALFORMED },
  { "other-step", lie_other_step, 0, 0, CLOVE_CIRCUIT_ERROR_MALFORMED },
  { "truncated", lie_truncated, 0, 0, CLOVE_CIRCUIT_ERROR_MALFORMED },
  { "overlong", lie_overlong, 0, 0, CLOVE_CIRCUIT_ERROR_MALFORMED },
  { "unknown-object", lie_unknown_object, 0, 0, CLOVE_CIRCUIT_ERROR_MALFORMED },
  { "huge-answer", lie_huge_answer, 0, 0, CLOVE_CIRCUIT_ERROR_MALFORMED },
  { "sealed-by-middle", lie_sealed_wrongly, 1, 2, CLOVE_CIRCUIT_ERROR_HANDSHAKE },
  { "sealed-by-exit", lie_sealed_wrongly, 2, 2, CLOVE_CIRCUIT_ERROR_HANDSHAKE },
  { "wrong-inner-type", lie_sealed_wrongly, 0, 2, CLOVE_CIRCUIT_ERROR_MALFORMED },
  { "sealed-too-large", lie_sealed_too_large, 0, 2, CLOVE_CIRCUIT_ERROR_HANDSHAKE },
  { "not-sealed", lie_not_sealed, 0, 2, CLOVE_CIRCUIT_ERROR_HANDSHAKE },
  { "silent", lie_silent, 0, 0, -1 },
  { "unknown-query", lie_unknown_query, 0, 0, -2 },
  { "twice", lie_twice, 0, 0, -2 },
};

static guint lying_hop;
static HostileAnswerFunc present_lie;

static gboolean
lie_at_hop (HostileRelay *relay, guint hop, CloveRelayMessage *answer)
{
  return hop == lying_hop ? present_lie (relay, hop, answer) : TRUE;
}

/* The exit's key travels inside of what the entry relays. */
static gboolean
is_about_key (const Lie *lie)
{
  return lie->lie == lie_wrong_hash || lie->lie == lie_wrong_key || lie->lie == lie_zero_key ||
         lie->lie == lie_low_order;
}

static void
assert_lie_is_noticed (HostileNet *net, const Lie *lie, guint hop)
{
  static const char *const prefixes[] = { "entry liar: ", "middle second: ", "exit third: " };
  g_autoptr (CloveCircuit) circuit = hostile_net_new_circuit (net);
  g_autoptr (GError) error = NULL;
  gint64 start_us = clove_clock_now_us (net->client.clock);
  gboolean is_built = FALSE;

  lying_hop = hop;
  present_lie = lie->lie;
  if (hop == 2 && is_about_key (lie))
    net->relay.on_inner = lie->lie;
  else
    net->relay.on_answer = lie_at_hop;
  net->relay.step = lie->step;
  is_built = test_net_try_build (&net->client, circuit, &error);
  if (lie->code == -2) {
    g_assert_no_error (error);
    hostile_net_assert_fetches (net, circuit);
    return;
  }
  g_assert_false (is_built);
  if (lie->code == -1)
    g_assert_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_TIMED_OUT);
  else
    g_assert_error (error, CLOVE_CIRCUIT_ERROR, lie->code);
  g_assert_true (g_str_has_prefix (error->message, prefixes[hop]));
  g_assert_cmpint (clove_circuit_get_failed_hop (circuit), ==, (gint) hop);
  g_assert_cmpint (clove_circuit_get_hop_state (circuit, hop), ==, CLOVE_HOP_FAILED);
  g_assert_cmpint (clove_circuit_get_state (circuit), ==, CLOVE_CIRCUIT_CLOSED);
  /* A lie is known at once; only silence takes until the deadline. */
  g_assert_cmpint (clove_clock_now_us (net->client.clock) - start_us, ==,
                   lie->code == -1 ? DEADLINE_US : 0);
}

static void
test_lie (HostileNet *net, gconstpointer user_data)
{
  const Lie *lie = user_data;

  for (guint hop = lie->first_hop; hop < CLOVE_MAX_HOPS; hop++) {
    g_autoptr (CloveCircuit) circuit = NULL;

    assert_lie_is_noticed (net, lie, hop);
    net->relay.on_answer = net->relay.on_inner = NULL;
    circuit = hostile_net_build (net);
    hostile_net_assert_fetches (net, circuit);
  }
}

static gboolean
refuse_with_text (HostileRelay *relay, guint hop, CloveRelayMessage *answer)
{
  static const char *const texts[] = {
    "%s%n%s%n%1000000d",
    "\xff\xfe\x00\x01 binary \x80\x81",
    "\x1b[2J\x1b]0;owned\x07\r\n\t",
    "",
    "",
  };
  static const gsize sizes[] = { 18, 14, 18, 0, 7900 };
  static char large[7900];

  memset (large, 'A', sizeof large);
  *answer = (CloveRelayMessage){ .type = CLOVE_RELAY_MESSAGE_ERROR, .number = -1 };
  answer->data = (const guint8 *) (relay->step == 4 ? large : texts[relay->step]);
  answer->data_size = sizes[relay->step];
  return TRUE;
}

/* A relay's words reach logs and terminals: they are short, printable and valid. */
static void
assert_is_harmless (const char *text)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_cmpuint (strlen (text), <, 700);
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    g_assert_true (g_unichar_isprint (g_utf8_get_char (p)));
}

static void
test_error_texts (HostileNet *net, gconstpointer user_data)
{
  net->relay.on_answer = refuse_with_text;
  for (net->relay.step = 0; net->relay.step < 5; net->relay.step++) {
    g_autoptr (CloveCircuit) circuit = hostile_net_new_circuit (net);
    g_autoptr (GError) error = NULL;

    g_assert_false (test_net_try_build (&net->client, circuit, &error));
    g_assert_error (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_REFUSED);
    g_assert_true (g_str_has_prefix (error->message, "entry liar: -1 "));
    assert_is_harmless (error->message);
  }
}

/* The most that ADNL carries is 8 KB; whoever promises a megabyte is not believed. */
static void
test_megabyte_error (HostileNet *net, gconstpointer user_data)
{
  static guint8 boxed[] = { 0x45, 0xcf, 0x40, 0x51, 0, 0, 0, 0, 0xfe, 0x40, 0x42, 0x0f,
                            'm', 'u', 'c', 'h' };
  CloveRelayMessage message = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (clove_relay_message_parse (&message, boxed, sizeof boxed, &error));
  g_assert_error (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_MALFORMED);
}

/* An answer after the deadline finds nobody; the next circuit is not confused by it. */
static void
test_late_answer (HostileNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) first = hostile_net_new_circuit (net);
  g_autoptr (CloveCircuit) second = NULL;
  g_autoptr (GError) error = NULL;
  guint8 late_id[CLOVE_KEY_ID_SIZE] = { 0 };
  CloveAdnlSession *late_session = NULL;
  CloveRelayMessage created = { .type = CLOVE_RELAY_MESSAGE_CIRCUIT_CREATED };

  net->relay.on_answer = lie_silent;
  g_assert_false (test_net_try_build (&net->client, first, &error));
  g_assert_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_TIMED_OUT);
  /* The query was repeated, but not without end. */
  g_assert_cmpuint (net->relay.n_queries, ==, 3);
  memcpy (late_id, net->relay.query_id, sizeof late_id);
  late_session = net->relay.session;

  net->relay.on_answer = NULL;
  second = hostile_net_build (net);
  created.id = net->relay.circuit_id;
  created.key = net->relay.relay_key;
  created.key_hash = net->relay.key_hash;
  {
    CloveAdnlSession *present = net->relay.session;
    guint8 present_id[CLOVE_KEY_ID_SIZE] = { 0 };

    memcpy (present_id, net->relay.query_id, sizeof present_id);
    memcpy (net->relay.query_id, late_id, sizeof late_id);
    hostile_relay_answer_message (&net->relay, &created);
    net->relay.session = late_session;
    hostile_relay_answer_message (&net->relay, &created);
    net->relay.session = present;
  }
  test_loop_settle ();
  g_assert_cmpint (clove_circuit_get_state (first), ==, CLOVE_CIRCUIT_CLOSED);
  hostile_net_assert_fetches (net, second);
}

static gboolean
restart_at_step (HostileRelay *relay, guint hop, CloveRelayMessage *answer)
{
  if (hop != (guint) relay->step)
    return TRUE;
  /* The socket goes while it hands out the query: the relay has forgotten everything. */
  clove_adnl_endpoint_close (relay->endpoint);
  return FALSE;
}

/* The entry restarts in the middle of a build, and again under a circuit that is ready. */
static void
test_restart (HostileNet *net, gconstpointer user_data)
{
  guint16 port =
    clove_address_get_port (clove_adnl_endpoint_get_address (net->relay.endpoint));
  g_autoptr (CloveCircuit) broken = hostile_net_new_circuit (net);
  g_autoptr (CloveCircuit) lost = NULL;
  g_autoptr (CloveCircuit) fresh = NULL;
  g_autoptr (TestReply) reply = NULL;
  g_autoptr (GError) error = NULL;

  net->relay.on_answer = restart_at_step;
  net->relay.step = 1;
  g_assert_false (test_net_try_build (&net->client, broken, &error));
  g_assert_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_TIMED_OUT);
  g_assert_cmpint (clove_circuit_get_failed_hop (broken), ==, 1);

  net->relay.on_answer = NULL;
  g_clear_object (&net->relay.endpoint);
  hostile_relay_start (&net->relay, net->client.clock, port);
  lost = hostile_net_build (net);
  g_clear_object (&net->relay.endpoint);
  hostile_relay_start (&net->relay, net->client.clock, port);
  reply = hostile_net_send (lost);
  test_net_wait (&net->client, reply);
  g_assert_error (reply->error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_TIMED_OUT);
  fresh = hostile_net_build (net);
  hostile_net_assert_fetches (net, fresh);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                 \
  g_test_add ("/clove/hostile/build/" name, HostileNet, NULL, hostile_net_set_up, function, \
              hostile_net_tear_down)
  for (guint i = 0; i < G_N_ELEMENTS (lies); i++) {
    g_autofree char *path = g_strdup_printf ("/clove/hostile/build/lie/%s", lies[i].name);

    g_test_add (path, HostileNet, &lies[i], hostile_net_set_up, test_lie, hostile_net_tear_down);
  }
  ADD ("error-texts", test_error_texts);
  ADD ("megabyte-error", test_megabyte_error);
  ADD ("late-answer", test_late_answer);
  ADD ("restart", test_restart);
  return g_test_run ();
}
