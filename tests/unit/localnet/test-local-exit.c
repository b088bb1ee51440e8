/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-local-exit.h"
#include "clove-relay-message.h"

#include <string.h>

typedef struct {
  CloveClock *clock;
  CloveLocalExit *exit;
  GPtrArray *pieces; /* of GBytes: what was sent, cut or not */
  GString *circuits; /* first bytes of ids, parallel to @pieces */
  GArray *indices;   /* of gint32 */
  gint32 total;
} Fixture;

static const guint8 circuit_a[CLOVE_INT256_SIZE] = { 'a' };
static const guint8 circuit_b[CLOVE_INT256_SIZE] = { 'b' };

static void
on_piece (const CloveLocalPiece *piece, gpointer user_data)
{
  Fixture *f = user_data;

  g_ptr_array_add (f->pieces, g_bytes_new (piece->data, piece->size));
  g_string_append_c (f->circuits, (char) piece->circuit_id[0]);
  g_array_append_val (f->indices, piece->index);
  f->total = piece->total;
}

static void
set_up (Fixture *f, gboolean plays_reference)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (1);

  f->clock = clove_clock_new_fake ();
  f->exit = clove_local_exit_new (f->clock, NULL, on_piece, f);
  f->pieces = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  f->circuits = g_string_new (NULL);
  f->indices = g_array_new (FALSE, FALSE, sizeof (gint32));
  if (plays_reference)
    clove_local_exit_play_reference (f->exit, random);
}

static void
tear_down (Fixture *f)
{
  clove_local_exit_free (f->exit);
  g_ptr_array_unref (f->pieces);
  g_string_free (f->circuits, TRUE);
  g_array_unref (f->indices);
  clove_clock_unref (f->clock);
}

static void
forget (Fixture *f)
{
  g_ptr_array_set_size (f->pieces, 0);
  g_string_truncate (f->circuits, 0);
  g_array_set_size (f->indices, 0);
}

static void
hand_in (Fixture *f, const guint8 *circuit_id, CloveRelayMessage *message, const char *text)
{
  guint8 buffer[1024];
  CloveWriter writer = { 0 };

  message->data = (const guint8 *) text;
  message->data_size = strlen (text);
  clove_writer_init (&writer, buffer, sizeof buffer);
  clove_relay_message_write (&writer, message);
  g_assert_true (clove_writer_is_ok (&writer));
  clove_local_exit_handle (f->exit, circuit_id, buffer, clove_writer_get_size (&writer));
}

static void
open_stream (Fixture *f, const guint8 *circuit_id, gint32 id, const char *host)
{
  CloveRelayMessage message = { .type = CLOVE_RELAY_MESSAGE_STREAM_CONNECT, .stream_id = id };

  hand_in (f, circuit_id, &message, host);
}

static void
ask (Fixture *f, const guint8 *circuit_id, gint32 id, const char *request)
{
  CloveRelayMessage message = { .type = CLOVE_RELAY_MESSAGE_STREAM_DATA, .stream_id = id };

  hand_in (f, circuit_id, &message, request);
}

static void
close_stream (Fixture *f, const guint8 *circuit_id, gint32 id)
{
  CloveRelayMessage message = { .type = CLOVE_RELAY_MESSAGE_STREAM_CLOSE, .stream_id = id };

  hand_in (f, circuit_id, &message, "");
}

/* Lets everything happen that is under way, but not the minute-long limits. */
static void
pass_time (Fixture *f)
{
  clove_clock_advance (f->clock, 10 * G_USEC_PER_SEC);
}

static CloveRelayMessage
last_message (Fixture *f)
{
  CloveRelayMessage message = { 0 };
  GBytes *piece = NULL;
  gsize size = 0;
  const guint8 *data = NULL;

  g_assert_cmpuint (f->pieces->len, >, 0);
  piece = g_ptr_array_index (f->pieces, f->pieces->len - 1);
  data = g_bytes_get_data (piece, &size);
  g_assert_true (clove_relay_message_parse (&message, data, size, NULL));
  return message;
}

static void
assert_ends (const CloveRelayMessage *message, const char *end)
{
  g_assert_cmpuint (message->data_size, >=, strlen (end));
  g_assert_cmpmem (message->data + message->data_size - strlen (end), strlen (end), end,
                   strlen (end));
}

static void
test_connect_and_ask (void)
{
  Fixture f = { 0 };
  CloveRelayMessage message;

  set_up (&f, FALSE);
  open_stream (&f, circuit_a, 7, "a.ton");
  message = last_message (&f);
  g_assert_cmpint (message.type, ==, CLOVE_RELAY_MESSAGE_STREAM_CONNECTED);
  g_assert_cmpint (message.stream_id, ==, 7);
  g_assert_true (message.is_success);
  ask (&f, circuit_a, 7, "GET /host HTTP/1.1\r\n\r\n");
  g_assert_cmpuint (f.pieces->len, ==, 1);
  pass_time (&f);
  message = last_message (&f);
  g_assert_cmpint (message.type, ==, CLOVE_RELAY_MESSAGE_STREAM_DATA);
  g_assert_cmpint (message.stream_id, ==, 7);
  assert_ends (&message, "\r\n\r\na.ton\n");
  g_assert_cmpint (f.total, ==, 0);
  tear_down (&f);
}

static void
test_silence (void)
{
  Fixture f = { 0 };

  set_up (&f, FALSE);
  ask (&f, circuit_a, 7, "GET /host HTTP/1.1\r\n\r\n");
  close_stream (&f, circuit_a, 7);
  clove_local_exit_handle (f.exit, circuit_a, (const guint8 *) "garbage", 7);
  clove_local_exit_handle (f.exit, circuit_a, NULL, 0);
  pass_time (&f);
  g_assert_cmpuint (f.pieces->len, ==, 0);
  open_stream (&f, circuit_a, 7, "a.ton");
  close_stream (&f, circuit_a, 7);
  forget (&f);
  ask (&f, circuit_a, 7, "GET /host HTTP/1.1\r\n\r\n");
  pass_time (&f);
  g_assert_cmpuint (f.pieces->len, ==, 0);
  tear_down (&f);
}

/* The same id on two circuits is two streams, except in the reference, which mixes them up. */
static void
test_same_id (gconstpointer user_data)
{
  gboolean plays_reference = GPOINTER_TO_INT (user_data);
  Fixture f = { 0 };
  CloveRelayMessage message;

  set_up (&f, plays_reference);
  open_stream (&f, circuit_a, 1, "a.ton");
  pass_time (&f);
  open_stream (&f, circuit_b, 1, "b.ton");
  pass_time (&f);
  forget (&f);
  ask (&f, circuit_a, 1, "GET /host HTTP/1.1\r\n\r\n");
  pass_time (&f);
  message = last_message (&f);
  assert_ends (&message, plays_reference ? "b.ton\n" : "a.ton\n");
  g_assert_cmpstr (f.circuits->str, ==, "a");
  forget (&f);
  close_stream (&f, circuit_b, 1);
  pass_time (&f);
  ask (&f, circuit_a, 1, "GET /host HTTP/1.1\r\n\r\n");
  pass_time (&f);
  g_assert_cmpuint (f.pieces->len, ==, plays_reference ? 0 : 1);
  tear_down (&f);
}

static void
test_close_stops_reply (void)
{
  Fixture f = { 0 };
  guint n_sent = 0;

  set_up (&f, FALSE);
  open_stream (&f, circuit_a, 1, "a.ton");
  ask (&f, circuit_a, 1, "GET /slow/1000 HTTP/1.1\r\n\r\n");
  close_stream (&f, circuit_a, 1);
  pass_time (&f);
  g_assert_cmpuint (f.pieces->len, ==, 1);
  open_stream (&f, circuit_a, 2, "a.ton");
  ask (&f, circuit_a, 2, "GET /bytes/600000 HTTP/1.1\r\n\r\n");
  clove_clock_advance (f.clock, 5000);
  n_sent = f.pieces->len;
  g_assert_cmpuint (n_sent, >, 10);
  g_assert_cmpuint (n_sent, <, 50);
  clove_local_exit_close_circuit (f.exit, circuit_a);
  pass_time (&f);
  g_assert_cmpuint (f.pieces->len, ==, n_sent);
  g_assert_cmpuint (clove_local_exit_get_n_streams (f.exit), ==, 0);
  tear_down (&f);
}

static void
test_chunks (void)
{
  Fixture f = { 0 };
  CloveRelayMessage message = { 0 };
  g_autoptr (GByteArray) joined = g_byte_array_new ();

  set_up (&f, FALSE);
  open_stream (&f, circuit_a, 1, "a.ton");
  forget (&f);
  ask (&f, circuit_a, 1, "GET /bytes/20000 HTTP/1.1\r\n\r\n");
  pass_time (&f);
  g_assert_cmpint (f.total, ==, 4);
  g_assert_cmpuint (f.pieces->len, ==, 4);
  for (guint i = 0; i < f.pieces->len; i++) {
    GBytes *piece = g_ptr_array_index (f.pieces, i);

    g_assert_cmpint (g_array_index (f.indices, gint32, i), ==, (gint32) i);
    g_assert_cmpuint (g_bytes_get_size (piece), <=, 6000);
    g_byte_array_append (joined, g_bytes_get_data (piece, NULL),
                         (guint) g_bytes_get_size (piece));
  }
  g_assert_true (clove_relay_message_parse (&message, joined->data, joined->len, NULL));
  g_assert_cmpint (message.type, ==, CLOVE_RELAY_MESSAGE_STREAM_DATA);
  g_assert_cmpuint (message.data_size, >, 20000);
  tear_down (&f);
}

/* Two large replies share the pace: neither waits for the end of the other. */
static void
test_fairness (void)
{
  Fixture f = { 0 };
  guint n_of_a = 0;

  set_up (&f, FALSE);
  open_stream (&f, circuit_a, 1, "a.ton");
  open_stream (&f, circuit_b, 1, "b.ton");
  forget (&f);
  ask (&f, circuit_a, 1, "GET /bytes/600000 HTTP/1.1\r\n\r\n");
  ask (&f, circuit_b, 1, "GET /bytes/600000 HTTP/1.1\r\n\r\n");
  clove_clock_advance (f.clock, 10000);
  for (guint i = 0; i < f.circuits->len; i++)
    n_of_a += f.circuits->str[i] == 'a' ? 1 : 0;
  g_assert_cmpuint (f.circuits->len, <=, 11 * CLOVE_LOCAL_PACER_BURST);
  g_assert_cmpuint (n_of_a, >=, f.circuits->len / 2 - CLOVE_LOCAL_PACER_BURST);
  g_assert_cmpuint (n_of_a, <=, f.circuits->len / 2 + CLOVE_LOCAL_PACER_BURST);
  tear_down (&f);
}

/* What waits to be sent is bounded: a reply too many becomes an error, and the rest goes on. */
static void
test_bounded (void)
{
  Fixture f = { 0 };
  CloveRelayMessage message = { 0 };
  gsize one = 16000000;
  guint n_fitting = (guint) (CLOVE_LOCAL_PACER_MAX_SIZE / one);

  set_up (&f, FALSE);
  open_stream (&f, circuit_a, 1, "a.ton");
  for (guint i = 0; i < n_fitting; i++)
    ask (&f, circuit_a, 1, "GET /bytes/16000000 HTTP/1.1\r\n\r\n");
  clove_clock_advance (f.clock, 1);
  forget (&f);
  ask (&f, circuit_a, 1, "GET /bytes/16000000 HTTP/1.1\r\n\r\n");
  clove_clock_advance (f.clock, 1);
  g_assert_cmpuint (f.pieces->len, ==, 1);
  message = last_message (&f);
  assert_ends (&message, "RLDP Error: too much to send already");
  clove_clock_advance (f.clock, 10000);
  g_assert_cmpuint (f.pieces->len, >, 10);
  tear_down (&f);
}

/* The reference sends everything at once and in no order, yet every chunk exactly once. */
static void
test_reference_burst (void)
{
  Fixture f = { 0 };
  gboolean seen[200] = { FALSE };
  guint n_inversions = 0;

  set_up (&f, TRUE);
  open_stream (&f, circuit_a, 1, "a.ton");
  pass_time (&f);
  forget (&f);
  ask (&f, circuit_a, 1, "GET /bytes/600000 HTTP/1.1\r\n\r\n");
  clove_clock_advance (f.clock, 1000);
  g_assert_cmpuint (f.pieces->len, ==, (guint) f.total);
  for (guint i = 0; i < f.indices->len; i++) {
    gint32 index = g_array_index (f.indices, gint32, i);

    g_assert_false (seen[index]);
    seen[index] = TRUE;
    n_inversions += index != (gint32) i ? 1 : 0;
  }
  g_assert_cmpuint (n_inversions, >, 50);
  tear_down (&f);
}

static void
assert_has_no_length (Fixture *f)
{
  CloveRelayMessage message = last_message (f);

  g_assert_null (g_strstr_len ((const char *) message.data, (gssize) message.data_size,
                               "Content-Length"));
}

/* What the reference's HTTP code cannot carry: a request whose length is not the reply's. */
static void
test_reference_lengths (void)
{
  static const struct {
    const char *request;
    gboolean is_answered;
  } cases[] = {
    { "POST /status/200 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", FALSE },
    { "POST /status/200 HTTP/1.1\r\nContent-Length: 7\r\n\r\nabcdefg", TRUE },
    { "POST /status/200 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
      TRUE },
    { "POST /status/200 HTTP/1.1\r\nContent-Length: 0\r\n\r\n", TRUE },
    { "GET /status/200 HTTP/1.1\r\n\r\n", TRUE },
    { "GET /broken HTTP/1.1\r\n\r\n", FALSE },
    { "BAD\r\n\r\n", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    Fixture f = { 0 };

    g_test_message ("%s", cases[i].request);
    set_up (&f, TRUE);
    open_stream (&f, circuit_a, 1, "a.ton");
    pass_time (&f);
    forget (&f);
    ask (&f, circuit_a, 1, cases[i].request);
    pass_time (&f);
    g_assert_cmpuint (f.pieces->len, ==, cases[i].is_answered ? 1 : 0);
    if (cases[i].is_answered)
      assert_has_no_length (&f);
    tear_down (&f);
  }
}

/* A body in chunks never reaches a site through the reference, and nothing says so. */
static void
test_chunked_body (gconstpointer user_data)
{
  gboolean is_reference = GPOINTER_TO_INT (user_data);
  CloveRelayMessage message = { 0 };
  Fixture f = { 0 };

  set_up (&f, is_reference);
  open_stream (&f, circuit_a, 1, "a.ton");
  pass_time (&f);
  forget (&f);
  ask (&f, circuit_a, 1,
       "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nform\r\n0\r\n\r\n");
  pass_time (&f);
  message = last_message (&f);
  g_assert_nonnull (g_strstr_len ((const char *) message.data, (gssize) message.data_size,
                                  "POST /echo"));
  g_assert_cmpint (g_strstr_len ((const char *) message.data, (gssize) message.data_size,
                                 "form") == NULL,
                   ==, is_reference);
  tear_down (&f);
}

/* Connect and request back to back change places in about a fifth of the tries. */
static void
test_reference_order (void)
{
  Fixture f = { 0 };
  guint n_lost = 0;

  set_up (&f, TRUE);
  for (gint32 i = 1; i <= 200; i++) {
    forget (&f);
    open_stream (&f, circuit_a, i, "a.ton");
    ask (&f, circuit_a, i, "GET /host HTTP/1.1\r\n\r\n");
    pass_time (&f);
    n_lost += f.pieces->len == 1 ? 1 : 0;
  }
  g_assert_cmpuint (n_lost, >, 20);
  g_assert_cmpuint (n_lost, <, 70);
  g_assert_cmpuint (clove_local_exit_get_n_streams (f.exit), ==, 200);
  tear_down (&f);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/localnet/exit/connect-and-ask", test_connect_and_ask);
  g_test_add_data_func ("/clove/localnet/exit/chunked-body", GINT_TO_POINTER (FALSE),
                        test_chunked_body);
  g_test_add_data_func ("/clove/localnet/exit/chunked-body-lost", GINT_TO_POINTER (TRUE),
                        test_chunked_body);
  g_test_add_func ("/clove/localnet/exit/silence", test_silence);
  g_test_add_data_func ("/clove/localnet/exit/same-id", GINT_TO_POINTER (FALSE), test_same_id);
  g_test_add_data_func ("/clove/localnet/exit/same-id-reference", GINT_TO_POINTER (TRUE),
                        test_same_id);
  g_test_add_func ("/clove/localnet/exit/close-stops-reply", test_close_stops_reply);
  g_test_add_func ("/clove/localnet/exit/chunks", test_chunks);
  g_test_add_func ("/clove/localnet/exit/fairness", test_fairness);
  g_test_add_func ("/clove/localnet/exit/bounded", test_bounded);
  g_test_add_func ("/clove/localnet/exit/reference-burst", test_reference_burst);
  g_test_add_func ("/clove/localnet/exit/reference-lengths", test_reference_lengths);
  g_test_add_func ("/clove/localnet/exit/reference-order", test_reference_order);
  return g_test_run ();
}
