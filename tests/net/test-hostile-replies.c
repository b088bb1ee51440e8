/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replies that are repeated, swapped, unasked or endless: no wrong page, and bounded memory. */
#include "config.h"

#include "hostile-relay.h"

#include "clove-chunks.h"

#include <malloc.h>
#include <string.h>

typedef struct {
  HostileNet *net;
  CloveTimer timer;
  guint n_ticks;
} Trickle;

/* The same chunk over and over, sealed anew: no progress, however busy it looks. */
static void
on_trickle (gpointer user_data)
{
  Trickle *trickle = user_data;

  g_assert_cmpuint (++trickle->n_ticks, <, 10);
  hostile_relay_send_first (&trickle->net->relay, trickle->net->relay.stream_id, 0, 4);
  clove_timer_start (&trickle->timer, G_USEC_PER_SEC);
}

static void
test_trickle (HostileNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = hostile_net_build (net);
  g_autoptr (TestReply) reply = NULL;
  Trickle trickle = { .net = net };

  clove_timer_init (&trickle.timer, net->client.clock, on_trickle, &trickle);
  clove_timer_start (&trickle.timer, G_USEC_PER_SEC);
  net->relay.on_stream = hostile_relay_only_connect;
  reply = hostile_net_send (circuit);
  test_net_wait (&net->client, reply);
  g_assert_error (reply->error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_STALLED);
  clove_timer_stop (&trickle.timer);
}

/* Keeps the messages that a reply was sent in, as a relay on the way may. */
static GPtrArray *recorded;

static void
reply_in_recorded_chunks (HostileRelay *relay, const CloveRelayMessage *message)
{
  g_autoptr (GBytes) reply = NULL;

  if (message->type == CLOVE_RELAY_MESSAGE_STREAM_CONNECT)
    hostile_relay_send_connected (relay, message->stream_id);
  if (message->type != CLOVE_RELAY_MESSAGE_STREAM_DATA)
    return;
  reply = hostile_relay_new_reply (message->stream_id, HOSTILE_BODY_SIZE,
                                   (guint8) ('a' + relay->step++));
  for (gint32 i = 0; i < hostile_relay_count_chunks (reply); i++) {
    gsize offset = (gsize) i * CLOVE_CHUNK_SIZE;
    g_autoptr (GBytes) sealed = hostile_relay_seal (
      relay->keys[CLOVE_MAX_HOPS - 1], (const guint8 *) g_bytes_get_data (reply, NULL) + offset,
      MIN (CLOVE_CHUNK_SIZE, g_bytes_get_size (reply) - offset));
    CloveRelayMessage chunk = {
      .type = CLOVE_RELAY_MESSAGE_DATA_CHUNK,
      .id = relay->circuit_id,
      .stream_id = message->stream_id,
      .number = i,
      .number2 = hostile_relay_count_chunks (reply),
    };
    guint8 boxed[CLOVE_CHUNK_SIZE + 256] = { 0 };
    CloveWriter writer = { 0 };

    chunk.data = g_bytes_get_data (sealed, &chunk.data_size);
    clove_writer_init (&writer, boxed, sizeof boxed);
    clove_relay_message_write (&writer, &chunk);
    /* Before each chunk of this reply the same one of the replies before it. */
    for (guint j = (guint) i; j < recorded->len; j += 4) {
      GBytes *old = g_ptr_array_index (recorded, j);

      hostile_relay_send (relay, g_bytes_get_data (old, NULL), g_bytes_get_size (old));
    }
    hostile_relay_send (relay, boxed, clove_writer_get_size (&writer));
    g_ptr_array_add (recorded, g_bytes_new (boxed, clove_writer_get_size (&writer)));
  }
}

/* Chunks of earlier replies of the same stream, repeated on the way, never become a page. */
static void
test_late_chunks (HostileNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = hostile_net_build (net);

  recorded = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  net->relay.on_stream = reply_in_recorded_chunks;
  for (guint i = 0; i < 4; i++) {
    g_autoptr (TestReply) reply = hostile_net_send (circuit);

    test_net_wait (&net->client, reply);
    g_assert_no_error (reply->error);
    g_assert_cmpuint (reply->bytes->len, ==, HOSTILE_BODY_SIZE);
    for (guint j = 0; j < HOSTILE_BODY_SIZE; j++)
      g_assert_cmpint (reply->bytes->data[j], ==, 'a' + i);
    g_assert_cmpuint (net->relay.n_connects, ==, 1);
  }
  g_assert_cmpuint (recorded->len, ==, 4 * 4);
  g_ptr_array_unref (recorded);
}

/* A relay gives one stream's first chunk to another: that one is refused, and no page is wrong. */
static void
test_splice (HostileNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = hostile_net_build (net);
  g_autoptr (TestReply) first = NULL;
  g_autoptr (TestReply) second = NULL;
  g_autoptr (GBytes) reply = NULL;
  g_autoptr (GBytes) piece = NULL;
  gint32 first_id = 0;

  net->relay.on_stream = hostile_relay_only_connect;
  first = hostile_net_send (circuit);
  test_loop_settle ();
  first_id = net->relay.stream_id;
  second = hostile_net_send (circuit);
  test_loop_settle ();
  g_assert_cmpint (net->relay.stream_id, !=, first_id);

  reply = hostile_relay_new_reply (first_id, HOSTILE_BODY_SIZE, 'x');
  piece = g_bytes_new_from_bytes (reply, 0, CLOVE_CHUNK_SIZE);
  hostile_relay_send_piece (&net->relay, net->relay.stream_id, 0, 4, piece);
  test_net_wait (&net->client, second);
  g_assert_error (second->error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_MALFORMED);
  g_assert_cmpuint (second->bytes->len, ==, 0);
  for (gint32 i = 0; i < 4; i++)
    hostile_relay_send_chunk (&net->relay, first_id, i, reply);
  test_net_wait (&net->client, first);
  g_assert_no_error (first->error);
  g_assert_cmpuint (first->bytes->len, ==, HOSTILE_BODY_SIZE);
}

/* Chunks for streams that do not exist, as many as one likes, cost nothing. */
static void
test_flood_of_chunks (HostileNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = hostile_net_build (net);
  g_autoptr (GBytes) piece = g_bytes_new_static ("piece", 5);
  gsize before = 0;

  hostile_net_assert_fetches (net, circuit);
  before = mallinfo2 ().uordblks;
  for (gint32 i = 1; i <= 20000; i++) {
    hostile_relay_send_piece (&net->relay, i, 0, CLOVE_CHUNKS_MAX_TOTAL, piece);
    if (i % 32 == 0)
      test_loop_settle ();
  }
  test_loop_settle ();
  g_assert_cmpuint (clove_circuit_get_n_streams (circuit), ==, 1);
  g_assert_cmpuint (mallinfo2 ().uordblks, <, before + 1000 * 1000);
  hostile_net_assert_fetches (net, circuit);
}

/* Many replies whose beginning never comes: together they may not hold more than the circuit's. */
static void
test_memory_of_all_streams (HostileNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = hostile_net_build (net);
  g_autoptr (GBytes) piece = NULL;
  TestReply *replies[8] = { NULL };
  gint32 ids[G_N_ELEMENTS (replies)] = { 0 };
  guint n_overflowed = 0;

  net->relay.on_stream = hostile_relay_only_connect;
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++) {
    replies[i] = hostile_net_send (circuit);
    test_loop_settle ();
    ids[i] = net->relay.stream_id;
  }
  {
    g_autofree guint8 *junk = g_malloc0 (8000);

    piece = g_bytes_new (junk, 8000);
  }
  for (gint32 index = 1; index < 2000; index++) {
    for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
      hostile_relay_send_piece (&net->relay, ids[i], index, 2000, piece);
    test_loop_settle ();
    g_assert_cmpuint (clove_circuit_get_reply_memory (circuit), <=,
                      CLOVE_CIRCUIT_MAX_REPLY_MEMORY + 8000 * G_N_ELEMENTS (replies));
  }
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++) {
    test_net_wait (&net->client, replies[i]);
    if (g_error_matches (replies[i]->error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_OVERFLOW))
      n_overflowed++;
    test_reply_free (replies[i]);
  }
  g_assert_cmpuint (n_overflowed, ==, G_N_ELEMENTS (replies));
  g_assert_cmpuint (clove_circuit_get_reply_memory (circuit), ==, 0);
  hostile_net_assert_fetches (net, circuit);
}

/* Somebody on the way sent a request twice, and the exit replied twice. The second reply must not
 * become the page of the next request. */
static void
test_second_reply (HostileNet *net, gconstpointer user_data)
{
  static const char *const second = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong";
  g_autoptr (CloveCircuit) circuit = hostile_net_build (net);
  CloveRelayMessage page = { .type = CLOVE_RELAY_MESSAGE_STREAM_DATA,
                             .data = (const guint8 *) second,
                             .data_size = strlen (second) };
  gint32 first_id = 0;

  hostile_net_assert_fetches (net, circuit);
  first_id = net->relay.stream_id;
  /* The answer to a streamConnect that was repeated is no such thing. */
  hostile_relay_send_connected (&net->relay, first_id);
  test_loop_settle ();
  hostile_net_assert_fetches (net, circuit);
  g_assert_cmpint (net->relay.stream_id, ==, first_id);

  page.stream_id = first_id;
  hostile_relay_send_data (&net->relay, &page);
  test_loop_settle ();
  g_assert_cmpuint (clove_circuit_get_n_streams (circuit), ==, 0);
  g_assert_cmpuint (net->relay.n_closes, ==, 1);
  hostile_net_assert_fetches (net, circuit);
  g_assert_cmpint (net->relay.stream_id, !=, first_id);
  g_assert_cmpuint (net->relay.n_connects, ==, 2);

  hostile_relay_send_first (&net->relay, net->relay.stream_id, 0, 4);
  test_loop_settle ();
  g_assert_cmpuint (clove_circuit_get_n_streams (circuit), ==, 0);
  hostile_net_assert_fetches (net, circuit);
}

static gboolean
on_record (guint8 *data,
           gsize size,
           const CloveAddress *peer,
           gboolean is_outgoing,
           gpointer user_data)
{
  if (!is_outgoing)
    g_ptr_array_add (user_data, g_bytes_new (data, size));
  return TRUE;
}

/* Every datagram of a whole session once more, forwards and backwards: nothing changes. */
static void
test_replayed_session (HostileNet *net, gconstpointer user_data)
{
  g_autoptr (GPtrArray) datagrams =
    g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (CloveCircuit) circuit = NULL;
  const CloveAdnlStats *stats = clove_adnl_endpoint_get_stats (net->client.endpoint);
  CloveAddress from = *clove_adnl_endpoint_get_address (net->relay.endpoint);
  guint64 n_sent = 0;
  guint n_queries = 0;

  clove_adnl_endpoint_set_filter (net->client.endpoint, on_record, datagrams);
  circuit = hostile_net_build (net);
  for (guint i = 0; i < 3; i++)
    hostile_net_assert_fetches (net, circuit);
  clove_adnl_endpoint_set_filter (net->client.endpoint, NULL, NULL);
  g_assert_cmpuint (datagrams->len, >, 6);
  n_sent = stats->n_sent;
  n_queries = net->relay.n_queries;
  for (guint i = 0; i < 2 * datagrams->len; i++) {
    guint place = i < datagrams->len ? i : 2 * datagrams->len - 1 - i;
    gsize size = 0;
    g_autofree guint8 *data =
      g_bytes_unref_to_data (g_bytes_ref (g_ptr_array_index (datagrams, place)), &size);

    clove_adnl_endpoint_inject (net->client.endpoint, data, size, &from, FALSE);
    test_loop_settle ();
  }
  g_assert_cmpuint (stats->n_replayed, ==, 2 * datagrams->len);
  g_assert_cmpuint (stats->n_sent, ==, n_sent);
  g_assert_cmpuint (net->relay.n_queries, ==, n_queries);
  g_assert_cmpint (clove_circuit_get_state (circuit), ==, CLOVE_CIRCUIT_READY);
  hostile_net_assert_fetches (net, circuit);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                   \
  g_test_add ("/clove/hostile/replies/" name, HostileNet, NULL, hostile_net_set_up, function, \
              hostile_net_tear_down)
  ADD ("trickle", test_trickle);
  ADD ("late-chunks", test_late_chunks);
  ADD ("second-reply", test_second_reply);
  ADD ("splice", test_splice);
  ADD ("flood-of-chunks", test_flood_of_chunks);
  ADD ("memory-of-all-streams", test_memory_of_all_streams);
  ADD ("replayed-session", test_replayed_session);
  return g_test_run ();
}
