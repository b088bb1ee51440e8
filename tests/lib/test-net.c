/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "test-net.h"

#include <string.h>
#include <unistd.h>

/* A relay waits 10 s for the next one; a client waits a little longer. */
#define HOP_DEADLINE_US (11 * G_USEC_PER_SEC)

const CloveLocalnetOptions test_net_sound = { .n_relays = 5, .n_exits = 2, .seed = 42 };
const CloveLocalnetOptions test_net_reference = {
  .n_relays = 5,
  .n_exits = 2,
  .seed = 42,
  .plays_reference = TRUE,
};

/**
 * test_net_get_host:
 *
 * Returns: an address on loopback for this process alone: a relay that is killed leaves its port,
 *   which must be there when it is revived
 */
guint32
test_net_get_host (void)
{
  return (guint32) getpid () | 1u << 23;
}

/**
 * test_net_set_up:
 * @net: filled
 * @options: (nullable): the relays to start, or %NULL for none
 *
 * Starts a localnet, waits until every relay answers, and makes the client's endpoint.
 */
void
test_net_set_up (TestNet *net, const CloveLocalnetOptions *options)
{
  g_autoptr (GError) error = NULL;
  CloveAddress address = { 0 };

  net->clock = clove_clock_new_fake ();
  if (options != NULL) {
    g_autoptr (GAsyncResult) result = NULL;
    CloveLocalnetOptions own = *options;

    own.host = test_net_get_host ();
    net->localnet = clove_localnet_new (&own, net->clock, &error);
    g_assert_no_error (error);
    clove_localnet_start_async (net->localnet, NULL, test_loop_on_ready, &result);
    clove_localnet_start_finish (net->localnet, test_loop_wait (net->clock, &result), &error);
    g_assert_no_error (error);
  }
  clove_address_init_loopback (&address, 0);
  net->endpoint = clove_adnl_endpoint_new (&address, net->clock, &error);
  g_assert_no_error (error);
}

/** test_net_tear_down: Stop everything; nothing may be left that holds a part of it. */
void
test_net_tear_down (TestNet *net)
{
  clove_adnl_endpoint_close (net->endpoint);
  test_loop_settle ();
  g_assert_finalize_object (net->endpoint);
  if (net->localnet != NULL) {
    clove_localnet_stop (net->localnet);
    test_loop_settle ();
    g_assert_finalize_object (net->localnet);
  }
  clove_clock_unref (net->clock);
}

/** test_net_new: (transfer full): Make a net that test_net_set_up() has set up. */
TestNet *
test_net_new (const CloveLocalnetOptions *options)
{
  TestNet *net = g_new0 (TestNet, 1);

  test_net_set_up (net, options);
  return net;
}

/** test_net_free: Tear @net down and free it. */
void
test_net_free (TestNet *net)
{
  test_net_tear_down (net);
  g_free (net);
}

/** test_net_get_relay: (transfer none): Get the relay "relay<number>". */
CloveLocalRelay *
test_net_get_relay (TestNet *net, guint number)
{
  return clove_localnet_get_relay (net->localnet, number - 1);
}

/** test_net_count: Get the counters of a relay. */
CloveLocalRelayCounters
test_net_count (TestNet *net, guint number)
{
  CloveLocalRelayCounters counters = { 0 };

  clove_local_relay_get_counters (test_net_get_relay (net, number), &counters);
  return counters;
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

/** test_net_get_hop: Describe a relay to a circuit; name and key are borrowed from the relay. */
CloveHop
test_net_get_hop (TestNet *net, guint number)
{
  CloveLocalRelay *relay = test_net_get_relay (net, number);

  return (CloveHop){ .name = clove_local_relay_get_name (relay),
                     .key = clove_local_relay_get_key (relay),
                     .address = *clove_local_relay_get_address (relay) };
}

/** test_net_new_circuit: (transfer full): Make a circuit of three relays, not built yet. */
CloveCircuit *
test_net_new_circuit (TestNet *net, guint entry, guint middle, guint exit_number)
{
  const CloveHop hops[CLOVE_MAX_HOPS] = {
    test_net_get_hop (net, entry),
    test_net_get_hop (net, middle),
    test_net_get_hop (net, exit_number),
  };

  return clove_circuit_new (net->endpoint, net->clock, hops, G_N_ELEMENTS (hops));
}

/** test_net_try_build: Build @circuit and wait for the outcome. */
gboolean
test_net_try_build (TestNet *net, CloveCircuit *circuit, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  clove_circuit_build_async (circuit, HOP_DEADLINE_US, NULL, test_loop_on_ready, &result);
  return clove_circuit_build_finish (circuit, test_loop_wait (net->clock, &result), error);
}

/** test_net_build: (transfer full): Build a circuit through relay1, relay2 and the last relay. */
CloveCircuit *
test_net_build (TestNet *net)
{
  guint last = clove_localnet_get_n_relays (net->localnet);
  g_autoptr (CloveCircuit) circuit = test_net_new_circuit (net, 1, 2, last);
  g_autoptr (GError) error = NULL;

  test_net_try_build (net, circuit, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&circuit);
}

static const guint8 *
find (const TestReply *reply, const char *text)
{
  if (reply->bytes->len == 0)
    return NULL;
  return memmem (reply->bytes->data, reply->bytes->len, text, strlen (text));
}

static void
find_body (TestReply *reply)
{
  const guint8 *head_end = find (reply, "\r\n\r\n");
  const char *status = (const char *) reply->bytes->data + strlen ("HTTP/1.1 ");

  if (head_end == NULL)
    return;
  if (find (reply, "HTTP/1.1 ") == reply->bytes->data)
    reply->status = (guint) g_ascii_strtoull (status, NULL, 10);
  reply->body = head_end + 4;
  reply->body_size = reply->bytes->len - (gsize) (reply->body - reply->bytes->data);
}

/** test_reply_take: Read what is readable. */
void
test_reply_take (TestReply *reply)
{
  gsize size = 0;
  const guint8 *bytes = clove_stream_peek (reply->stream, &size);

  while (size > 0) {
    g_byte_array_append (reply->bytes, bytes, (guint) size);
    clove_stream_consume (reply->stream, size);
    bytes = clove_stream_peek (reply->stream, &size);
  }
  find_body (reply);
}

static void
on_progress (CloveStream *stream, gpointer user_data)
{
  TestReply *reply = user_data;
  const GError *error = NULL;

  g_assert_false (reply->has_ended);
  if (!reply->is_slow)
    test_reply_take (reply);
  reply->announced_size = clove_stream_get_reply_size (stream);
  reply->has_ended = clove_stream_has_ended (stream, &error);
  if (error != NULL)
    reply->error = g_error_copy (error);
}

/** test_net_send: (transfer full): Send the text @request to @host; the reply is yet to come. */
TestReply *
test_net_send (CloveCircuit *circuit, const char *host, const char *request)
{
  g_autoptr (GBytes) bytes = g_bytes_new (request, strlen (request));
  TestReply *reply = g_new0 (TestReply, 1);

  reply->bytes = g_byte_array_new ();
  reply->announced_size = -1;
  reply->stream = clove_circuit_take_stream (circuit, host);
  clove_stream_request (reply->stream, bytes, on_progress, reply);
  return reply;
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

/** test_reply_contains: Tell whether @text stands in the head or the body. */
gboolean
test_reply_contains (const TestReply *reply, const char *text)
{
  return find (reply, text) != NULL;
}

/** test_reply_free: Give the stream back and free; a request under way is given up. */
void
test_reply_free (TestReply *reply)
{
  clove_stream_release (reply->stream);
  g_byte_array_unref (reply->bytes);
  g_clear_error (&reply->error);
  g_free (reply);
}
