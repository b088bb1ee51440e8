/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "test-net.h"

#include <string.h>

/** test_net_set_up: Start a localnet, kind or with the reference's faults, and an endpoint. */
void
test_net_set_up (TestNet *net, gboolean plays_reference)
{
  CloveLocalnetOptions options = {
    .n_relays = TEST_NET_N_RELAYS,
    .n_exits = 2,
    .seed = 42,
    .plays_reference = plays_reference,
  };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CloveAddress address = { 0 };

  net->clock = clove_clock_new_fake ();
  net->localnet = clove_localnet_new (&options, net->clock, &error);
  g_assert_no_error (error);
  clove_localnet_start_async (net->localnet, NULL, test_loop_on_ready, &result);
  test_loop_wait (net->clock, &result);
  clove_localnet_start_finish (net->localnet, result, &error);
  g_assert_no_error (error);
  clove_address_init_loopback (&address, 0);
  net->endpoint = clove_adnl_endpoint_new (&address, net->clock, &error);
  g_assert_no_error (error);
}

/** test_net_tear_down: Stop everything and check that nothing is left. */
void
test_net_tear_down (TestNet *net)
{
  clove_adnl_endpoint_close (net->endpoint);
  test_loop_settle ();
  g_assert_finalize_object (net->endpoint);
  clove_localnet_stop (net->localnet);
  test_loop_settle ();
  g_assert_finalize_object (net->localnet);
  clove_clock_unref (net->clock);
}

/** test_net_command: Give the localnet a fault command, which must succeed. */
void
test_net_command (TestNet *net, const char *format, ...)
{
  g_autofree char *line = NULL;
  g_autofree char *answer = NULL;
  va_list arguments;

  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  answer = clove_localnet_execute (net->localnet, line);
  g_assert_cmpstr (answer, ==, "ok\n");
}

/** test_net_get_hop: Describe relay number @relay, from 0, to a circuit. */
void
test_net_get_hop (TestNet *net, guint relay, CloveHop *hop_out)
{
  CloveLocalRelay *local = clove_localnet_get_relay (net->localnet, relay);

  *hop_out = (CloveHop){ .name = clove_local_relay_get_name (local),
                         .key = clove_local_relay_get_key (local),
                         .address = *clove_local_relay_get_address (local) };
}

/** test_net_new_circuit: (transfer full): Make a circuit of three relays, counted from 0. */
CloveCircuit *
test_net_new_circuit (TestNet *net, guint entry, guint middle, guint exit_relay)
{
  CloveHop hops[CLOVE_MAX_HOPS] = { 0 };

  test_net_get_hop (net, entry, &hops[0]);
  test_net_get_hop (net, middle, &hops[1]);
  test_net_get_hop (net, exit_relay, &hops[2]);
  return clove_circuit_new (net->endpoint, net->clock, hops, G_N_ELEMENTS (hops));
}

/** test_net_try_build: Build @circuit and wait for the outcome. */
gboolean
test_net_try_build (TestNet *net, CloveCircuit *circuit, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  clove_circuit_build_async (circuit, 11 * G_USEC_PER_SEC, NULL, test_loop_on_ready, &result);
  test_loop_wait (net->clock, &result);
  return clove_circuit_build_finish (circuit, result, error);
}

/** test_net_build: (transfer full): Build a circuit through relays 1, 2 and 5. */
CloveCircuit *
test_net_build (TestNet *net)
{
  g_autoptr (CloveCircuit) circuit = test_net_new_circuit (net, 0, 1, TEST_NET_N_RELAYS - 1);
  g_autoptr (GError) error = NULL;

  test_net_try_build (net, circuit, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&circuit);
}

/** test_reply_take: Read what is readable. */
void
test_reply_take (TestReply *reply)
{
  gsize size = 0;
  const guint8 *bytes = clove_stream_peek (reply->stream, &size);

  while (size > 0) {
    g_byte_array_append (reply->body, bytes, (guint) size);
    clove_stream_consume (reply->stream, size);
    bytes = clove_stream_peek (reply->stream, &size);
  }
}

static void
on_progress (CloveStream *stream, gpointer user_data)
{
  TestReply *reply = user_data;
  const GError *error = NULL;

  g_assert_false (reply->has_ended);
  if (!reply->is_slow)
    test_reply_take (reply);
  reply->size = clove_stream_get_reply_size (stream);
  reply->has_ended = clove_stream_has_ended (stream, &error);
  if (error != NULL)
    reply->error = g_error_copy (error);
}

/** test_net_send_bytes: (transfer full): Send @request to @host. */
TestReply *
test_net_send_bytes (CloveCircuit *circuit, const char *host, GBytes *request)
{
  TestReply *reply = g_new0 (TestReply, 1);

  reply->body = g_byte_array_new ();
  reply->size = -1;
  reply->stream = clove_circuit_take_stream (circuit, host);
  clove_stream_request (reply->stream, request, on_progress, reply);
  return reply;
}

/** test_net_send: (transfer full): Send the text @request to @host. */
TestReply *
test_net_send (CloveCircuit *circuit, const char *host, const char *request)
{
  g_autoptr (GBytes) bytes = g_bytes_new (request, strlen (request));

  return test_net_send_bytes (circuit, host, bytes);
}

static gboolean
has_ended (gpointer user_data)
{
  return ((TestReply *) user_data)->has_ended;
}

/** test_net_wait: Wait until @reply has ended. */
void
test_net_wait (TestNet *net, TestReply *reply)
{
  test_loop_run_until (net->clock, has_ended, reply);
}

/** test_net_fetch: (transfer full): GET @path of @host and wait for the end. */
TestReply *
test_net_fetch (TestNet *net, CloveCircuit *circuit, const char *host, const char *path)
{
  g_autofree char *request = g_strdup_printf ("GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, host);
  TestReply *reply = test_net_send (circuit, host, request);

  test_net_wait (net, reply);
  return reply;
}

/** test_reply_get_text: Get the reply as text, borrowed. */
const char *
test_reply_get_text (TestReply *reply)
{
  if (reply->body->len == 0 || reply->body->data[reply->body->len - 1] != '\0')
    g_byte_array_append (reply->body, (const guint8 *) "", 1);
  return (const char *) reply->body->data;
}

/** test_reply_get_body_offset: Get where the HTTP body begins. */
gsize
test_reply_get_body_offset (TestReply *reply)
{
  const guint8 *end = memmem (reply->body->data, reply->body->len, "\r\n\r\n", 4);

  g_assert_nonnull (end);
  return (gsize) (end - reply->body->data) + 4;
}

/** test_reply_free: (nullable): Give the stream back and free. */
void
test_reply_free (TestReply *reply)
{
  if (reply == NULL)
    return;
  if (reply->stream != NULL)
    clove_stream_release (reply->stream);
  g_byte_array_unref (reply->body);
  g_clear_error (&reply->error);
  g_free (reply);
}
