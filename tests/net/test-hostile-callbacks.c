/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything may be closed or dropped from inside every callback, at every moment. */
#include "config.h"

#include "hostile-relay.h"

/* The keys of a circuit are nobody's business but this test's. */
#include "clove-circuit-private.h"

#include <sodium.h>

/* More changes than a build has. */
#define MAX_CHANGES 8

typedef struct {
  HostileNet *net;
  CloveCircuit *circuit;
  guint n_left; /* changes to let pass */
  void (*action) (HostileNet *net, CloveCircuit *circuit);
} Trap;

static void
close_circuit (HostileNet *net, CloveCircuit *circuit)
{
  clove_circuit_close (circuit);
}

static void
close_endpoint (HostileNet *net, CloveCircuit *circuit)
{
  clove_adnl_endpoint_close (net->client.endpoint);
}

static void
on_changed (CloveCircuit *circuit, gpointer user_data)
{
  Trap *trap = user_data;

  if (trap->n_left-- == 0)
    trap->action (trap->net, circuit);
}

/* Springs @action at change number @n; returns whether the build came that far. */
static gboolean
build_with_trap (HostileNet *net, guint n, void (*action) (HostileNet *, CloveCircuit *))
{
  CloveCircuit *circuit = hostile_net_new_circuit (net);
  g_autoptr (GError) error = NULL;
  Trap trap = { .net = net, .n_left = n, .action = action };
  gboolean is_built = FALSE;
  gboolean was_sprung = FALSE;

  g_signal_connect (circuit, "changed", G_CALLBACK (on_changed), &trap);
  is_built = test_net_try_build (&net->client, circuit, &error);
  was_sprung = trap.n_left > n;
  g_assert_true (is_built == (error == NULL));
  /* Success is said of a ready circuit only. */
  g_assert_true (
    is_built == (clove_circuit_get_state (circuit) == CLOVE_CIRCUIT_READY));
  g_signal_handlers_disconnect_by_data (circuit, &trap);
  test_loop_settle ();
  g_assert_finalize_object (circuit);
  return was_sprung;
}

static void
test_close_in_changed (HostileNet *net, gconstpointer user_data)
{
  guint n = 0;

  while (build_with_trap (net, n, close_circuit))
    n++;
  g_assert_cmpuint (n, >, 3);
  g_assert_cmpuint (n, <, MAX_CHANGES);
}

static void
test_endpoint_closed_in_changed (HostileNet *net, gconstpointer user_data)
{
  build_with_trap (net, GPOINTER_TO_UINT (user_data), close_endpoint);
}

/* Holds what comes in, so that a test may let it in outside of the main loop. */
static gboolean
on_hold (guint8 *data,
         gsize size,
         const CloveAddress *peer,
         gboolean is_outgoing,
         gpointer user_data)
{
  GPtrArray *held = user_data;

  if (!is_outgoing)
    g_ptr_array_add (held, g_bytes_new (data, size));
  return is_outgoing;
}

static void
let_in (HostileNet *net, GPtrArray *held)
{
  CloveAddress from = *clove_adnl_endpoint_get_address (net->relay.endpoint);

  for (guint i = 0; i < held->len; i++) {
    gsize size = 0;
    g_autofree guint8 *data = g_bytes_unref_to_data (
      g_bytes_ref (g_ptr_array_index (held, i)), &size);

    clove_adnl_endpoint_inject (net->client.endpoint, data, size, &from, FALSE);
  }
  g_ptr_array_set_size (held, 0);
}

/*
 * A GTask that is answered outside of its context's dispatch calls back later. What closes the
 * circuit in between must not be undone by the answer.
 */
static gboolean
close_after_answer (HostileNet *net, guint n_answers)
{
  CloveCircuit *circuit = hostile_net_new_circuit (net);
  g_autoptr (GPtrArray) held = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gboolean was_building = FALSE;

  clove_adnl_endpoint_set_filter (net->client.endpoint, on_hold, held);
  clove_circuit_build_async (circuit, 11 * G_USEC_PER_SEC, NULL, test_loop_on_ready, &result);
  for (guint i = 0; i < n_answers; i++) {
    test_loop_settle ();
    let_in (net, held);
  }
  was_building = clove_circuit_get_state (circuit) == CLOVE_CIRCUIT_BUILDING;
  clove_circuit_close (circuit);
  clove_adnl_endpoint_set_filter (net->client.endpoint, NULL, NULL);
  test_loop_wait (net->client.clock, &result);
  g_assert_true (clove_circuit_build_finish (circuit, result, &error) == !was_building);
  g_assert_cmpint (clove_circuit_get_state (circuit), ==, CLOVE_CIRCUIT_CLOSED);
  g_clear_object (&result);
  g_assert_finalize_object (circuit);
  return was_building;
}

static void
test_close_after_answer (HostileNet *net, gconstpointer user_data)
{
  guint n = 0;

  while (close_after_answer (net, n))
    n++;
  g_assert_cmpuint (n, >, 3);
}

static void
drop_in_build_callback (GObject *source, GAsyncResult *result, gpointer user_data)
{
  CloveCircuit **circuit = user_data;

  g_assert_true (clove_circuit_build_finish (*circuit, result, NULL));
  g_clear_object (circuit);
}

static gboolean
is_gone (gpointer user_data)
{
  return *(gpointer *) user_data == NULL;
}

static void
test_drop_in_build_callback (HostileNet *net, gconstpointer user_data)
{
  CloveCircuit *circuit = hostile_net_new_circuit (net);
  gpointer weak = circuit;

  g_object_add_weak_pointer (G_OBJECT (circuit), &weak);
  clove_circuit_build_async (circuit, 11 * G_USEC_PER_SEC, NULL, drop_in_build_callback, &circuit);
  test_loop_run_until (net->client.clock, is_gone, &weak);
  test_loop_settle ();
  g_assert_cmpuint (net->relay.n_destroys, ==, 1);
}

typedef enum {
  RELEASE_STREAM,
  CLOSE_CIRCUIT,
  DROP_CIRCUIT,
  CLOSE_CIRCUIT_THEN_RELEASE,
  DROP_CIRCUIT_THEN_RELEASE,
  RELEASE_STREAM_THEN_DROP_CIRCUIT,
  CLOSE_ENDPOINT,
  N_DEEDS,
} Deed;

typedef struct {
  HostileNet *net;
  CloveCircuit *circuit;
  CloveStream *stream;
  Deed deed;
  guint n_left;
  guint n_calls;
} StreamTrap;

static void
on_progress (CloveStream *stream, gpointer user_data)
{
  StreamTrap *trap = user_data;
  Deed deed = trap->deed;

  trap->n_calls++;
  if (trap->n_left-- != 0)
    return;
  if (deed == RELEASE_STREAM || deed == RELEASE_STREAM_THEN_DROP_CIRCUIT)
    g_clear_pointer (&trap->stream, clove_stream_release);
  if (deed == CLOSE_CIRCUIT || deed == CLOSE_CIRCUIT_THEN_RELEASE)
    clove_circuit_close (trap->circuit);
  if (deed == DROP_CIRCUIT || deed == DROP_CIRCUIT_THEN_RELEASE ||
      deed == RELEASE_STREAM_THEN_DROP_CIRCUIT)
    g_clear_object (&trap->circuit);
  if (deed == CLOSE_CIRCUIT_THEN_RELEASE || deed == DROP_CIRCUIT_THEN_RELEASE)
    g_clear_pointer (&trap->stream, clove_stream_release);
  if (deed == CLOSE_ENDPOINT)
    clove_adnl_endpoint_close (trap->net->client.endpoint);
}

static void
send_in_chunks (HostileRelay *relay, const CloveRelayMessage *message)
{
  if (message->type == CLOVE_RELAY_MESSAGE_STREAM_CONNECT) {
    hostile_relay_send_connected (relay, message->stream_id);
  } else if (message->type == CLOVE_RELAY_MESSAGE_STREAM_DATA) {
    g_autoptr (GBytes) reply = hostile_relay_new_reply (message->stream_id, 20000, 'x');

    for (gint32 i = 0; i < hostile_relay_count_chunks (reply); i++)
      hostile_relay_send_chunk (relay, message->stream_id, i, reply);
  }
}

static gboolean
was_called (gpointer user_data)
{
  return ((StreamTrap *) user_data)->n_calls > 0;
}

static void
test_in_progress (HostileNet *net, gconstpointer user_data)
{
  StreamTrap trap = { .net = net, .deed = GPOINTER_TO_INT (user_data) };
  g_autoptr (GBytes) request = g_bytes_new_static ("GET / HTTP/1.1\r\n\r\n", 18);

  trap.circuit = hostile_net_build (net);
  net->relay.on_stream = send_in_chunks;
  trap.stream = clove_circuit_take_stream (trap.circuit, "demo.ton");
  clove_stream_request (trap.stream, request, on_progress, &trap);
  test_loop_run_until (net->client.clock, was_called, &trap);
  test_loop_settle ();
  while (clove_clock_advance_to_next (net->client.clock))
    test_loop_settle ();
  if (trap.stream == NULL)
    g_assert_cmpuint (trap.n_calls, ==, 1);
  g_clear_pointer (&trap.stream, clove_stream_release);
  if (trap.circuit != NULL)
    g_assert_finalize_object (trap.circuit);
}

/* A stream that is taken from a closed circuit only ever says so, and may outlive it. */
static void
test_take_from_closed (HostileNet *net, gconstpointer user_data)
{
  CloveCircuit *circuit = hostile_net_build (net);
  CloveStream *unused = NULL;
  TestReply *reply = NULL;

  clove_circuit_close (circuit);
  unused = clove_circuit_take_stream (circuit, "demo.ton");
  reply = hostile_net_send (circuit);
  g_assert_cmpuint (clove_circuit_get_n_streams (circuit), ==, 0);
  g_assert_finalize_object (circuit);
  test_net_wait (&net->client, reply);
  g_assert_error (reply->error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_CLOSED);
  test_reply_free (reply);
  clove_stream_release (unused);
}

/* A closed circuit that is kept to be looked at holds no keys. */
static void
test_close_wipes (HostileNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = hostile_net_build (net);
  const guint8 *secrets = (const guint8 *) clove_circuit_get_secrets (circuit);

  g_assert_cmpmem (secrets, sizeof net->relay.keys, net->relay.keys, sizeof net->relay.keys);
  clove_circuit_close (circuit);
  g_assert_true (sodium_is_zero (secrets, sizeof (CloveCircuitSecrets)));
}

static void
close_session (HostileRelay *relay, const CloveRelayMessage *message)
{
  clove_adnl_session_close (relay->session);
}

static void
drop_endpoint (HostileRelay *relay, const CloveRelayMessage *message)
{
  clove_adnl_endpoint_close (relay->endpoint);
}

/* The relay's own session or socket goes while it hands out a message. */
static void
test_in_handler (HostileNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = hostile_net_build (net);
  g_autoptr (TestReply) reply = NULL;

  net->relay.on_stream = GPOINTER_TO_INT (user_data) == 0 ? close_session : drop_endpoint;
  reply = hostile_net_send (circuit);
  test_net_wait (&net->client, reply);
  g_assert_error (reply->error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_TIMED_OUT);
  g_assert_cmpuint (net->relay.n_connects, ==, 1);
}

static gboolean
close_in_answer (HostileRelay *relay, guint hop, CloveRelayMessage *answer)
{
  if (hop != (guint) relay->step)
    return TRUE;
  clove_adnl_session_close (relay->session);
  return FALSE;
}

static void
test_in_query_handler (HostileNet *net, gconstpointer user_data)
{
  g_autoptr (CloveCircuit) circuit = hostile_net_new_circuit (net);
  g_autoptr (GError) error = NULL;

  net->relay.on_answer = close_in_answer;
  net->relay.step = 1;
  g_assert_false (test_net_try_build (&net->client, circuit, &error));
  g_assert_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_TIMED_OUT);
  g_assert_cmpint (clove_circuit_get_failed_hop (circuit), ==, 1);
}

typedef struct {
  HostileNet *net;
  guint n_results;
} Reconnector;

/* Opens again as soon as it failed, as a hasty caller may. */
static void
open_again (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Reconnector *reconnector = user_data;
  g_autoptr (CloveAdnlSession) session = NULL;
  g_autoptr (GError) error = NULL;

  reconnector->n_results++;
  g_assert_false (
    clove_adnl_session_open_finish (CLOVE_ADNL_SESSION (source), result, &error));
  g_clear_error (&error);
  session = clove_adnl_endpoint_connect (
    reconnector->net->client.endpoint,
    clove_adnl_identity_get_key (reconnector->net->others[0]),
    clove_adnl_endpoint_get_address (reconnector->net->relay.endpoint), &error);
  g_assert_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_CLOSED);
  g_assert_null (session);
}

/* Closes the endpoint from a source, so that the tasks call back inside of it. */
static gboolean
close_from_source (gpointer user_data)
{
  HostileNet *net = user_data;

  clove_adnl_endpoint_close (net->client.endpoint);
  return G_SOURCE_REMOVE;
}

static void
test_connect_while_closing (HostileNet *net, gconstpointer user_data)
{
  Reconnector reconnector = { .net = net };
  g_autoptr (GError) error = NULL;
  g_autoptr (CloveAdnlSession) session = clove_adnl_endpoint_connect (
    net->client.endpoint, clove_adnl_identity_get_key (net->others[0]),
    clove_adnl_endpoint_get_address (net->relay.endpoint), &error);

  g_assert_no_error (error);
  clove_adnl_session_open_async (session, G_USEC_PER_SEC, NULL, open_again, &reconnector);
  test_loop_settle ();
  g_idle_add (close_from_source, net);
  test_loop_settle ();
  g_assert_cmpuint (reconnector.n_results, ==, 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, data, function)                                                               \
  g_test_add ("/clove/hostile/callbacks/" name, HostileNet, data, hostile_net_set_up, function, \
              hostile_net_tear_down)
  ADD ("close-in-changed", NULL, test_close_in_changed);
  ADD ("close-after-answer", NULL, test_close_after_answer);
  ADD ("drop-in-build-callback", NULL, test_drop_in_build_callback);
  for (guint i = 0; i < MAX_CHANGES; i++) {
    g_autofree char *path =
      g_strdup_printf ("/clove/hostile/callbacks/endpoint-closed-in-changed/%u", i);

    g_test_add (path, HostileNet, GUINT_TO_POINTER (i), hostile_net_set_up,
                test_endpoint_closed_in_changed, hostile_net_tear_down);
  }
  for (guint i = 0; i < N_DEEDS; i++) {
    g_autofree char *path = g_strdup_printf ("/clove/hostile/callbacks/in-progress/%u", i);

    g_test_add (path, HostileNet, GUINT_TO_POINTER (i), hostile_net_set_up, test_in_progress,
                hostile_net_tear_down);
  }
  ADD ("take-from-closed", NULL, test_take_from_closed);
  ADD ("close-wipes", NULL, test_close_wipes);
  ADD ("session-closed-in-handler", GINT_TO_POINTER (0), test_in_handler);
  ADD ("endpoint-closed-in-handler", GINT_TO_POINTER (1), test_in_handler);
  ADD ("session-closed-in-query", NULL, test_in_query_handler);
  ADD ("connect-while-closing", NULL, test_connect_while_closing);
  return g_test_run ();
}
