/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An exit, or a relay on the way back, lies about streams and replies. */
#include "config.h"

#include "hostile-relay.h"

#include "clove-chunks.h"

#include <string.h>

typedef struct {
  const char *name;
  HostileStreamFunc on_connect; /* NULL: honest */
  HostileStreamFunc on_request; /* NULL: honest */
  gint code;                    /* of CLOVE_CIRCUIT_ERROR; -1: the honest page comes all the same */
} Lie;

static const Lie *present_lie;

static void
on_stream (HostileRelay *relay, const CloveRelayMessage *message)
{
  if (message->type == CLOVE_RELAY_MESSAGE_STREAM_CONNECT) {
    if (present_lie->on_connect != NULL)
      present_lie->on_connect (relay, message);
    else
      hostile_relay_send_connected (relay, message->stream_id);
  } else if (message->type == CLOVE_RELAY_MESSAGE_STREAM_DATA) {
    if (present_lie->on_request != NULL)
      present_lie->on_request (relay, message);
    else
      hostile_relay_send_page (relay, message->stream_id);
  }
}

static void
lie_total_zero (HostileRelay *relay, const CloveRelayMessage *request)
{
  hostile_relay_send_first (relay, request->stream_id, 0, 0);
}

static void
lie_total_negative (HostileRelay *relay, const CloveRelayMessage *request)
{
  hostile_relay_send_first (relay, request->stream_id, 0, -1);
}

static void
lie_total_too_many (HostileRelay *relay, const CloveRelayMessage *request)
{
  hostile_relay_send_first (relay, request->stream_id, 0, CLOVE_CHUNKS_MAX_TOTAL + 1);
}

static void
lie_total_huge (HostileRelay *relay, const CloveRelayMessage *request)
{
  hostile_relay_send_first (relay, request->stream_id, 0, G_MAXINT32);
}

static void
lie_index_negative (HostileRelay *relay, const CloveRelayMessage *request)
{
  hostile_relay_send_first (relay, request->stream_id, G_MININT32, 4);
}

static void
lie_index_total (HostileRelay *relay, const CloveRelayMessage *request)
{
  hostile_relay_send_first (relay, request->stream_id, 4, 4);
}

static void
lie_total_changes (HostileRelay *relay, const CloveRelayMessage *request)
{
  hostile_relay_send_first (relay, request->stream_id, 0, 4);
  hostile_relay_send_first (relay, request->stream_id, 1, 5);
}

static void
lie_other_content (HostileRelay *relay, const CloveRelayMessage *request)
{
  g_autoptr (GBytes) reply = hostile_relay_new_reply (request->stream_id, HOSTILE_BODY_SIZE, 'x');
  g_autoptr (GBytes) other = hostile_relay_new_reply (request->stream_id, HOSTILE_BODY_SIZE, 'y');

  hostile_relay_send_chunk (relay, request->stream_id, 2, reply);
  hostile_relay_send_chunk (relay, request->stream_id, 2, other);
}

static void
lie_empty_piece (HostileRelay *relay, const CloveRelayMessage *request)
{
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);

  hostile_relay_send_piece (relay, request->stream_id, 0, 4, empty);
}

static void
lie_other_stream_inside (HostileRelay *relay, const CloveRelayMessage *request)
{
  g_autoptr (GBytes) reply =
    hostile_relay_new_reply (request->stream_id ^ 1, HOSTILE_BODY_SIZE, 'x');

  hostile_relay_send_chunk (relay, request->stream_id, 0, reply);
}

static void
lie_no_reply_inside (HostileRelay *relay, const CloveRelayMessage *request)
{
  g_autoptr (GBytes) junk = g_bytes_new_static ("\x42\x42\x42\x42\0\0\0\0\0\0\0\0", 12);

  hostile_relay_send_piece (relay, request->stream_id, 0, 1, junk);
}

static void
lie_head_cut (HostileRelay *relay, const CloveRelayMessage *request)
{
  g_autoptr (GBytes) reply = hostile_relay_new_reply (request->stream_id, HOSTILE_BODY_SIZE, 'x');
  g_autoptr (GBytes) piece = g_bytes_new_from_bytes (reply, 0, 9);

  hostile_relay_send_piece (relay, request->stream_id, 0, 4, piece);
}

static void
lie_too_long (HostileRelay *relay, const CloveRelayMessage *request)
{
  g_autoptr (GBytes) reply = hostile_relay_new_reply (request->stream_id, HOSTILE_BODY_SIZE, 'x');
  g_autoptr (GBytes) piece = g_bytes_new_from_bytes (reply, 0, CLOVE_CHUNK_SIZE);

  for (gint32 i = 0; i < 4; i++)
    hostile_relay_send_piece (relay, request->stream_id, i, 4, piece);
}

static void
lie_too_short (HostileRelay *relay, const CloveRelayMessage *request)
{
  g_autoptr (GBytes) reply = hostile_relay_new_reply (request->stream_id, HOSTILE_BODY_SIZE, 'x');
  g_autoptr (GBytes) piece = g_bytes_new_from_bytes (reply, 0, CLOVE_CHUNK_SIZE);

  for (gint32 i = 0; i < 3; i++)
    hostile_relay_send_piece (relay, request->stream_id, i, 3, piece);
}

static void
lie_whole_among_chunks (HostileRelay *relay, const CloveRelayMessage *request)
{
  hostile_relay_send_first (relay, request->stream_id, 1, 4);
  hostile_relay_send_page (relay, request->stream_id);
}

static void
lie_breaks_off (HostileRelay *relay, const CloveRelayMessage *request)
{
  g_autoptr (GBytes) reply = hostile_relay_new_reply (request->stream_id, HOSTILE_BODY_SIZE, 'x');

  hostile_relay_send_chunk (relay, request->stream_id, 0, reply);
  hostile_relay_send_chunk (relay, request->stream_id, 3, reply);
}

static void
lie_silent (HostileRelay *relay, const CloveRelayMessage *request)
{
}

/* What is for nobody, or from somebody else, must not touch the request that is under way. */
static void
send_strays (HostileRelay *relay, const CloveRelayMessage *request)
{
  g_autoptr (GBytes) reply = hostile_relay_new_reply (request->stream_id, HOSTILE_BODY_SIZE, 'x');
  g_autoptr (GBytes) alien = hostile_relay_seal (relay->keys[1], (const guint8 *) "alien", 5);
  CloveRelayMessage strays[] = {
    { .type = CLOVE_RELAY_MESSAGE_DATA, .id = relay->circuit_id },
    { .type = CLOVE_RELAY_MESSAGE_DATA_CHUNK,
      .id = relay->circuit_id,
      .stream_id = request->stream_id,
      .number2 = 4 },
    { .type = CLOVE_RELAY_MESSAGE_DATA_ACK, .id = relay->circuit_id },
    { .type = CLOVE_RELAY_MESSAGE_CIRCUIT_DESTROY, .id = relay->circuit_id },
    { .type = CLOVE_RELAY_MESSAGE_ERROR, .number = 404 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (strays); i++) {
    strays[i].data = g_bytes_get_data (alien, &strays[i].data_size);
    hostile_relay_send_message (relay, &strays[i]);
  }
  /* The right seal in another circuit's name, for other streams, and with nothing sealed. */
  relay->circuit_id[0] ^= 1;
  hostile_relay_send_page (relay, request->stream_id);
  relay->circuit_id[0] ^= 1;
  hostile_relay_send_page (relay, request->stream_id ^ 1);
  hostile_relay_send_page (relay, 0);
  hostile_relay_send_connected (relay, request->stream_id ^ 1);
  hostile_relay_send_connected (relay, request->stream_id);
  for (gint32 i = 0; i < 4; i++)
    hostile_relay_send_chunk (relay, request->stream_id ^ (2 << i), i, reply);
  strays[0].data_size = 27;
  hostile_relay_send_message (relay, &strays[0]);
  strays[0].data_size = 0;
  hostile_relay_send_message (relay, &strays[0]);
  hostile_relay_send (relay, (const guint8 *) "\xde\xad\xbe\xef%s%n", 8);
}

/* A sealed object that is not what it says: nobody can tell whose it was. */
static void
send_malformed_inside (HostileRelay *relay, const CloveRelayMessage *request)
{
  g_autoptr (GBytes) reply = hostile_relay_new_reply (request->stream_id, 100, 'x');
  const guint8 *boxed = g_bytes_get_data (reply, NULL);
  gsize size = g_bytes_get_size (reply);
  g_autofree guint8 *longer = g_malloc0 (size + 4);

  memcpy (longer, boxed, size);
  for (guint i = 0; i < 3; i++) {
    g_autoptr (GBytes) sealed = hostile_relay_seal (
      relay->keys[CLOVE_MAX_HOPS - 1], longer, i == 0 ? size + 4 : i == 1 ? size - 8
                                                                          : 0);
    CloveRelayMessage outer = { .type = CLOVE_RELAY_MESSAGE_DATA, .id = relay->circuit_id };

    outer.data = g_bytes_get_data (sealed, &outer.data_size);
    hostile_relay_send_message (relay, &outer);
  }
}

static void
lie_strays (HostileRelay *relay, const CloveRelayMessage *request)
{
  send_strays (relay, request);
  send_malformed_inside (relay, request);
  hostile_relay_send_page (relay, request->stream_id);
  hostile_relay_send_page (relay, request->stream_id);
}

static void
lie_connected_twice (HostileRelay *relay, const CloveRelayMessage *connect)
{
  hostile_relay_send_connected (relay, connect->stream_id);
  hostile_relay_send_connected (relay, connect->stream_id);
}

static void
lie_data_before_connected (HostileRelay *relay, const CloveRelayMessage *connect)
{
  g_autoptr (GBytes) reply = hostile_relay_new_reply (connect->stream_id, HOSTILE_BODY_SIZE, 'x');

  hostile_relay_send_chunk (relay, connect->stream_id, 0, reply);
  send_strays (relay, connect);
  hostile_relay_send_connected (relay, connect->stream_id);
}

static void
refuse (HostileRelay *relay, gint32 stream_id, const guint8 *text, gsize size)
{
  CloveRelayMessage connected = {
    .type = CLOVE_RELAY_MESSAGE_STREAM_CONNECTED,
    .stream_id = stream_id,
    .data = text,
    .data_size = size,
  };

  hostile_relay_send_data (relay, &connected);
}

/* Eight kilobytes of what a terminal obeys; a success that comes after it changes nothing. */
static void
lie_refuses_at_length (HostileRelay *relay, const CloveRelayMessage *connect)
{
  g_autofree guint8 *text = g_malloc (8000);

  for (gsize i = 0; i < 8000; i++)
    text[i] = (guint8) "\x1b[2J%s%n\xff\xc3\0\n"[i % 12];
  refuse (relay, connect->stream_id, text, 8000);
  hostile_relay_send_connected (relay, connect->stream_id);
  hostile_relay_send_page (relay, connect->stream_id);
}

/* A Bool that is neither true nor false. */
static void
lie_neither_connected (HostileRelay *relay, const CloveRelayMessage *connect)
{
  guint8 boxed[16] = { 0x62, 0x1e, 0x9c, 0x44 };
  g_autoptr (GBytes) sealed = NULL;
  CloveRelayMessage outer = { .type = CLOVE_RELAY_MESSAGE_DATA, .id = relay->circuit_id };

  memcpy (boxed + 4, &connect->stream_id, 4);
  sealed = hostile_relay_seal (relay->keys[CLOVE_MAX_HOPS - 1], boxed, sizeof boxed);
  outer.data = g_bytes_get_data (sealed, &outer.data_size);
  hostile_relay_send_message (relay, &outer);
}

static const Lie lies[] = {
  { "total-zero", NULL, lie_total_zero, CLOVE_CIRCUIT_ERROR_MALFORMED },
  { "total-negative", NULL, lie_total_negative, CLOVE_CIRCUIT_ERROR_MALFORMED },
  { "total-too-many", NULL, lie_total_too_many, CLOVE_CIRCUIT_ERROR_MALFORMED },
  { "total-huge", NULL, lie_total_huge, CLOVE_CIRCUIT_ERROR_MALFORMED },
  { "total-changes", NULL, lie_total_changes, CLOVE_CIRCUIT_ERROR_MALFORMED },
  { "index-negative", NULL, lie_index_negative, CLOVE_CIRCUIT_ERROR_MALFORMED },
  { "index-total", NULL, lie_index_total, CLOVE_CIRCUIT_ERROR_MALFORMED },
  { "other-content", NULL, lie_other_content, CLOVE_CIRCUIT_ERROR_MALFORMED },
  { "empty-piece", NULL, lie_empty_piece, CLOVE_CIRCUIT_ERROR_MALFORMED },
  { "other-stream-inside", NULL, lie_other_stream_inside, CLOVE_CIRCUIT_ERROR_MALFORMED },
  { "no-reply-inside", NULL, lie_no_reply_inside, CLOVE_CIRCUIT_ERROR_MALFORMED },
  { "head-cut", NULL, lie_head_cut, CLOVE_CIRCUIT_ERROR_MALFORMED },
  { "too-long", NULL, lie_too_long, CLOVE_CIRCUIT_ERROR_MALFORMED },
  { "too-short", NULL, lie_too_short, CLOVE_CIRCUIT_ERROR_MALFORMED },
  { "whole-among-chunks", NULL, lie_whole_among_chunks, CLOVE_CIRCUIT_ERROR_MALFORMED },
  { "breaks-off", NULL, lie_breaks_off, CLOVE_CIRCUIT_ERROR_STALLED },
  { "silent", NULL, lie_silent, CLOVE_CIRCUIT_ERROR_TIMED_OUT },
  { "strays", NULL, lie_strays, -1 },
  { "connected-twice", lie_connected_twice, NULL, -1 },
  { "data-before-connected", lie_data_before_connected, NULL, -1 },
  { "never-connected", lie_silent, NULL, CLOVE_CIRCUIT_ERROR_TIMED_OUT },
  { "neither-connected", lie_neither_connected, NULL, CLOVE_CIRCUIT_ERROR_TIMED_OUT },
  { "refuses-at-length", lie_refuses_at_length, NULL, CLOVE_CIRCUIT_ERROR_SITE },
};

/* What an exit says is shown to people: short, valid, printable. */
static void
assert_is_harmless (const char *text)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_cmpuint (strlen (text), <, 700);
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    g_assert_true (g_unichar_isprint (g_utf8_get_char (p)));
}

/* Lies about one request; the others, before and after, are served. */
static void
test_lie (HostileNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = hostile_net_build (net);
  g_autoptr (TestReply) reply = NULL;
  gint32 lost_id = 0;

  present_lie = user_data;
  net->relay.on_stream = on_stream;
  reply = hostile_net_send (circuit);
  test_net_wait (&net->client, reply);
  if (present_lie->code < 0) {
    g_assert_no_error (reply->error);
    g_assert_cmpmem (reply->bytes->data, reply->bytes->len, HOSTILE_PAGE, strlen (HOSTILE_PAGE));
    g_assert_cmpuint (net->relay.n_requests, ==, 1);
    g_clear_pointer (&reply, test_reply_free);
    hostile_net_assert_fetches (net, circuit);
    return;
  }
  g_assert_error (reply->error, CLOVE_CIRCUIT_ERROR, present_lie->code);
  assert_is_harmless (reply->error->message);
  g_assert_cmpuint (clove_circuit_get_n_streams (circuit), ==, 1);
  lost_id = net->relay.stream_id;
  g_clear_pointer (&reply, test_reply_free);
  test_loop_settle ();
  /* The stream is given up, and the exit was told. */
  g_assert_cmpuint (clove_circuit_get_n_streams (circuit), ==, 0);
  g_assert_cmpuint (net->relay.n_closes, ==, 1);
  hostile_net_assert_fetches (net, circuit);
  g_assert_cmpint (net->relay.stream_id, !=, lost_id);
  /* What comes for the lost id, however late, is for nobody. */
  hostile_relay_send_page (&net->relay, lost_id);
  hostile_relay_send_first (&net->relay, lost_id, 0, 4);
  test_loop_settle ();
  hostile_net_assert_fetches (net, circuit);
  g_assert_cmpuint (clove_circuit_get_n_streams (circuit), ==, 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (lies); i++) {
    g_autofree char *path = g_strdup_printf ("/clove/hostile/data/lie/%s", lies[i].name);

    g_test_add (path, HostileNet, &lies[i], hostile_net_set_up, test_lie, hostile_net_tear_down);
  }
  return g_test_run ();
}
