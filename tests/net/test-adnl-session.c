/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two endpoints of ours talk over loopback under a fake clock. */
#include "config.h"

#include "clove-adnl-endpoint.h"
#include "clove-adnl-message.h"
#include "test-loop.h"

#include <string.h>

typedef struct {
  CloveClock *clock;
  CloveAdnlIdentity *identity;
  CloveAdnlEndpoint *relay;
  CloveAdnlEndpoint *client;
  CloveAdnlSession *session;
  CloveAdnlSession *peer; /* the relay's side; borrowed */
  GPtrArray *received;    /* of GBytes: custom objects that the relay got */
  guint n_queries;
  guint n_to_drop;
  gboolean drops_all;
} Fixture;

static void
on_custom (CloveAdnlSession *session, const guint8 *data, gsize size, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_ptr_array_add (fixture->received, g_bytes_new (data, size));
}

/* Answers with what was asked, unless it is the object that wants silence. */
static void
on_query (CloveAdnlSession *session,
          const guint8 query_id[static CLOVE_KEY_ID_SIZE],
          const guint8 *data,
          gsize size,
          gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_queries++;
  if (memcmp (data, "mute", 4) != 0)
    g_assert_true (clove_adnl_session_answer (session, query_id, data, size, NULL));
}

static const CloveAdnlSessionHandlers handlers = { .custom = on_custom, .query = on_query };

static void
on_session_opened (CloveAdnlEndpoint *endpoint, CloveAdnlSession *session, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->peer = session;
  clove_adnl_session_set_handlers (session, &handlers, fixture);
}

static gboolean
on_filter (guint8 *data,
           gsize size,
           const CloveAddress *peer,
           gboolean is_outgoing,
           gpointer user_data)
{
  Fixture *fixture = user_data;

  if (fixture->drops_all)
    return FALSE;
  if (fixture->n_to_drop == 0)
    return TRUE;
  fixture->n_to_drop--;
  return FALSE;
}

static void
start_relay (Fixture *fixture, guint16 port)
{
  g_autoptr (GError) error = NULL;
  CloveAddress address = { 0 };

  clove_address_init_loopback (&address, port);
  fixture->relay =
    clove_adnl_endpoint_new_responder (&address, fixture->identity, fixture->clock, &error);
  g_assert_no_error (error);
  g_signal_connect (fixture->relay, "session-opened", G_CALLBACK (on_session_opened), fixture);
  clove_adnl_endpoint_set_filter (fixture->relay, on_filter, fixture);
}

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;
  CloveAddress address = { 0 };

  fixture->clock = clove_clock_new_fake ();
  fixture->identity = clove_adnl_identity_new ();
  fixture->received = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  start_relay (fixture, 0);
  clove_address_init_loopback (&address, 0);
  fixture->client = clove_adnl_endpoint_new (&address, fixture->clock, &error);
  g_assert_no_error (error);
  fixture->session = clove_adnl_endpoint_connect (
    fixture->client, clove_adnl_identity_get_key (fixture->identity),
    clove_adnl_endpoint_get_address (fixture->relay), &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  clove_adnl_endpoint_close (fixture->client);
  g_assert_finalize_object (fixture->session);
  g_assert_finalize_object (fixture->client);
  g_assert_finalize_object (fixture->relay);
  g_ptr_array_unref (fixture->received);
  clove_adnl_identity_unref (fixture->identity);
  clove_clock_unref (fixture->clock);
}

static void
open_session (Fixture *fixture)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  clove_adnl_session_open_async (fixture->session, 5 * G_USEC_PER_SEC, NULL, test_loop_on_ready,
                                 &result);
  test_loop_wait (fixture->clock, &result);
  clove_adnl_session_open_finish (fixture->session, result, &error);
  g_assert_no_error (error);
  g_assert_true (clove_adnl_session_has_channel (fixture->session));
}

static GBytes *
ask (Fixture *fixture, const guint8 *data, gsize size, GError **error)
{
  CloveAdnlQueryPolicy policy = {
    .deadline_us = 3 * G_USEC_PER_SEC,
    .resend_after_us = G_USEC_PER_SEC,
    .max_resends = 1,
  };
  g_autoptr (GBytes) query = g_bytes_new (data, size);
  g_autoptr (GAsyncResult) result = NULL;

  clove_adnl_session_query_async (fixture->session, query, &policy, NULL, test_loop_on_ready,
                                  &result);
  test_loop_wait (fixture->clock, &result);
  return clove_adnl_session_query_finish (fixture->session, result, error);
}

static void
assert_asks (Fixture *fixture, gsize size)
{
  g_autofree guint8 *data = g_malloc (size);
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GError) error = NULL;
  gsize answer_size = 0;

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (i * 7);
  answer = ask (fixture, data, size, &error);
  g_assert_no_error (error);
  {
    const guint8 *bytes = g_bytes_get_data (answer, &answer_size);

    g_assert_cmpmem (bytes, answer_size, data, size);
  }
}

static void
test_query (Fixture *fixture, gconstpointer user_data)
{
  open_session (fixture);
  g_assert_cmpint (clove_adnl_session_get_rtt_us (fixture->session), ==, 0);
  /* Around one datagram, around two parts, and the most that ADNL carries. */
  assert_asks (fixture, 4);
  assert_asks (fixture, 980);
  assert_asks (fixture, 981);
  assert_asks (fixture, 1024);
  assert_asks (fixture, 2048);
  assert_asks (fixture, CLOVE_ADNL_MAX_MESSAGE_SIZE - 40);
  g_assert_cmpuint (clove_adnl_endpoint_get_stats (fixture->client)->n_forged, ==, 0);
  g_assert_cmpuint (clove_adnl_endpoint_get_stats (fixture->client)->n_malformed, ==, 0);
}

static void
test_too_large (Fixture *fixture, gconstpointer user_data)
{
  g_autofree guint8 *data = g_malloc0 (CLOVE_ADNL_MAX_MESSAGE_SIZE);
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GError) error = NULL;

  open_session (fixture);
  answer = ask (fixture, data, CLOVE_ADNL_MAX_MESSAGE_SIZE - 39, &error);
  g_assert_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_TOO_LARGE);
  g_assert_null (answer);
}

/* Without a channel everything still works, in root packets. */
static void
test_query_before_channel (Fixture *fixture, gconstpointer user_data)
{
  assert_asks (fixture, 100);
  assert_asks (fixture, 3000);
  g_assert_false (clove_adnl_session_has_channel (fixture->session));
}

static void
test_lost_handshake (Fixture *fixture, gconstpointer user_data)
{
  fixture->n_to_drop = 2;
  open_session (fixture);
  assert_asks (fixture, 10);
}

static void
test_timeouts (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) ping_error = NULL;
  gint64 start_us = 0;

  open_session (fixture);
  start_us = clove_clock_now_us (fixture->clock);
  answer = ask (fixture, (const guint8 *) "mute", 4, &error);
  g_assert_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_TIMED_OUT);
  g_assert_cmpint (clove_clock_now_us (fixture->clock) - start_us, ==, 3 * G_USEC_PER_SEC);
  g_assert_cmpuint (fixture->n_queries, ==, 2);

  fixture->drops_all = TRUE;
  clove_adnl_session_ping_async (fixture->session, G_USEC_PER_SEC, NULL, test_loop_on_ready,
                                 &result);
  test_loop_wait (fixture->clock, &result);
  g_assert_cmpint (clove_adnl_session_ping_finish (fixture->session, result, &ping_error), ==, -1);
  g_assert_error (ping_error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_TIMED_OUT);
}

static void
test_cancel (Fixture *fixture, gconstpointer user_data)
{
  CloveAdnlQueryPolicy policy = { .deadline_us = 3 * G_USEC_PER_SEC };
  g_autoptr (GBytes) query = g_bytes_new_static ("mute", 4);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GError) error = NULL;

  open_session (fixture);
  clove_adnl_session_query_async (fixture->session, query, &policy, cancellable,
                                  test_loop_on_ready, &result);
  g_cancellable_cancel (cancellable);
  test_loop_wait (fixture->clock, &result);
  answer = clove_adnl_session_query_finish (fixture->session, result, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_close_fails_queries (Fixture *fixture, gconstpointer user_data)
{
  CloveAdnlQueryPolicy policy = { .deadline_us = 3 * G_USEC_PER_SEC };
  g_autoptr (GBytes) query = g_bytes_new_static ("mute", 4);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) send_error = NULL;

  open_session (fixture);
  clove_adnl_session_query_async (fixture->session, query, &policy, NULL, test_loop_on_ready,
                                  &result);
  clove_adnl_session_close (fixture->session);
  test_loop_wait (fixture->clock, &result);
  answer = clove_adnl_session_query_finish (fixture->session, result, &error);
  g_assert_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_CLOSED);
  g_assert_false (clove_adnl_session_announce (fixture->session, &send_error));
  g_assert_error (send_error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_CLOSED);
}

/* Every datagram twice: each is taken once. */
static gboolean
on_duplicate (guint8 *data,
              gsize size,
              const CloveAddress *peer,
              gboolean is_outgoing,
              gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autofree guint8 *copy = g_memdup2 (data, size);

  if (!is_outgoing)
    clove_adnl_endpoint_inject (fixture->relay, copy, size, peer, FALSE);
  return TRUE;
}

static void
test_replays (Fixture *fixture, gconstpointer user_data)
{
  g_autofree guint8 *large = g_malloc0 (5000);

  clove_adnl_endpoint_set_filter (fixture->relay, on_duplicate, fixture);
  open_session (fixture);
  g_assert_true (clove_adnl_session_send_custom (fixture->session, large, 5000, NULL));
  g_assert_true (clove_adnl_session_send_custom (fixture->session, large, 8, NULL));
  g_assert_true (clove_adnl_session_announce (fixture->session, NULL));
  test_loop_settle ();
  g_assert_cmpuint (fixture->received->len, ==, 2);
  g_assert_cmpuint (clove_adnl_endpoint_get_stats (fixture->relay)->n_replayed, ==,
                    clove_adnl_endpoint_get_stats (fixture->relay)->n_received / 2);
}

/* Makes the client's datagrams come from another port, as after a change of network. */
static gboolean
on_move (guint8 *data,
         gsize size,
         const CloveAddress *peer,
         gboolean is_outgoing,
         gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autofree guint8 *copy = NULL;
  CloveAddress moved = *peer;

  if (is_outgoing)
    return TRUE;
  copy = g_memdup2 (data, size);
  clove_address_set_port (&moved, 9);
  clove_adnl_endpoint_inject (fixture->relay, copy, size, &moved, FALSE);
  return FALSE;
}

/* Only a signed root packet moves the relay's idea of where the client is. */
static void
test_roaming (Fixture *fixture, gconstpointer user_data)
{
  const CloveAddress *home = clove_adnl_endpoint_get_address (fixture->client);

  open_session (fixture);
  g_assert_true (
    clove_address_equal (clove_adnl_session_get_peer_address (fixture->peer), home));
  clove_adnl_endpoint_set_filter (fixture->relay, on_move, fixture);
  g_assert_true (
    clove_adnl_session_send_custom (fixture->session, (const guint8 *) "here", 4, NULL));
  test_loop_settle ();
  g_assert_cmpuint (fixture->received->len, ==, 1);
  g_assert_true (
    clove_address_equal (clove_adnl_session_get_peer_address (fixture->peer), home));
  g_assert_true (clove_adnl_session_announce (fixture->session, NULL));
  test_loop_settle ();
  g_assert_cmpuint (
    clove_address_get_port (clove_adnl_session_get_peer_address (fixture->peer)), ==, 9);
}

/* A relay that lost its state is silent until the client opens anew; then all is well again. */
static void
test_relay_restarts (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GError) error = NULL;
  guint16 port = clove_address_get_port (clove_adnl_endpoint_get_address (fixture->relay));

  open_session (fixture);
  assert_asks (fixture, 10);
  g_assert_finalize_object (g_steal_pointer (&fixture->relay));
  clove_clock_advance (fixture->clock, 2 * G_USEC_PER_SEC);
  start_relay (fixture, port);
  answer = ask (fixture, (const guint8 *) "lost", 4, &error);
  g_assert_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_TIMED_OUT);
  open_session (fixture);
  assert_asks (fixture, 10);
}

static void
test_rekey (Fixture *fixture, gconstpointer user_data)
{
  open_session (fixture);
  assert_asks (fixture, 10);
  open_session (fixture);
  assert_asks (fixture, 10);
  g_assert_cmpuint (clove_adnl_endpoint_get_n_sessions (fixture->relay), ==, 1);
}

typedef struct {
  CloveAdnlEndpoint *target;
  guint8 *first; /* a recorded root datagram */
  gsize first_size;
  CloveAddress from;
} Recorder;

static gboolean
on_record (guint8 *data,
           gsize size,
           const CloveAddress *peer,
           gboolean is_outgoing,
           gpointer user_data)
{
  Recorder *recorder = user_data;

  if (!is_outgoing && recorder->first == NULL) {
    recorder->first = g_memdup2 (data, size);
    recorder->first_size = size;
    recorder->from = *peer;
  }
  return TRUE;
}

/* A forger who knows everything but the secret key gets nowhere, and costs no session. */
static void
test_forged_root (Fixture *fixture, gconstpointer user_data)
{
  Recorder recorder = { .target = fixture->client };
  g_autofree guint8 *other_key = NULL;
  const CloveAdnlStats *stats = clove_adnl_endpoint_get_stats (fixture->client);

  clove_adnl_endpoint_set_filter (fixture->client, on_record, &recorder);
  open_session (fixture);
  g_assert_nonnull (recorder.first);
  other_key = g_memdup2 (recorder.first, recorder.first_size);
  other_key[40] ^= 1;
  for (guint i = 0; i < 1000; i++)
    clove_adnl_endpoint_inject (fixture->client, other_key, recorder.first_size, &recorder.from,
                                FALSE);
  g_assert_cmpuint (stats->n_forged, ==, 1000);
  clove_adnl_endpoint_inject (fixture->client, recorder.first, recorder.first_size, &recorder.from,
                              FALSE);
  g_assert_cmpuint (stats->n_replayed, ==, 1);
  g_assert_cmpuint (clove_adnl_endpoint_get_n_sessions (fixture->client), ==, 1);
  assert_asks (fixture, 10);
  g_free (recorder.first);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/clove/adnl/session/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("query", test_query);
  ADD ("too-large", test_too_large);
  ADD ("query-before-channel", test_query_before_channel);
  ADD ("lost-handshake", test_lost_handshake);
  ADD ("timeouts", test_timeouts);
  ADD ("cancel", test_cancel);
  ADD ("close-fails-queries", test_close_fails_queries);
  ADD ("replays", test_replays);
  ADD ("roaming", test_roaming);
  ADD ("relay-restarts", test_relay_restarts);
  ADD ("rekey", test_rekey);
  ADD ("forged-root", test_forged_root);
  return g_test_run ();
}
