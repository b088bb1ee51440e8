/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "test-localnet.h"

#include "test-loop.h"

#include <string.h>

/* A relay waits 10 s for the next one; a client waits a little longer. */
#define HOP_DEADLINE_US (11 * G_USEC_PER_SEC)

/** test_localnet_new: (transfer full): Start a localnet and wait until every relay answers. */
TestLocalnet *
test_localnet_new (const CloveLocalnetOptions *options)
{
  TestLocalnet *self = g_new0 (TestLocalnet, 1);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CloveAddress address = { 0 };

  self->clock = clove_clock_new_fake ();
  self->localnet = clove_localnet_new (options, self->clock, &error);
  g_assert_no_error (error);
  clove_localnet_start_async (self->localnet, NULL, test_loop_on_ready, &result);
  clove_localnet_start_finish (self->localnet, test_loop_wait (self->clock, &result), &error);
  g_assert_no_error (error);
  clove_address_init_loopback (&address, 0);
  self->client = clove_adnl_endpoint_new (&address, self->clock, &error);
  g_assert_no_error (error);
  return self;
}

/** test_localnet_free: Stop it; nothing may be left that holds a part of it. */
void
test_localnet_free (TestLocalnet *self)
{
  clove_adnl_endpoint_close (self->client);
  clove_localnet_stop (self->localnet);
  test_loop_settle ();
  g_assert_finalize_object (self->client);
  g_assert_finalize_object (self->localnet);
  clove_clock_unref (self->clock);
  g_free (self);
}

/** test_localnet_do: Execute a control line, which must succeed. */
void
test_localnet_do (TestLocalnet *self, const char *line)
{
  g_autofree char *answer = clove_localnet_execute (self->localnet, line);

  g_assert_cmpstr (answer, ==, "ok\n");
}

/** test_localnet_count: Get the counters of relay @relay, counted from 1 as in its name. */
CloveLocalRelayCounters
test_localnet_count (TestLocalnet *self, guint relay)
{
  CloveLocalRelayCounters counters = { 0 };

  clove_local_relay_get_counters (clove_localnet_get_relay (self->localnet, relay - 1), &counters);
  return counters;
}

/**
 * test_localnet_build:
 * @self: a localnet
 * @entry: number of the entry, as in its name
 * @middle: number of the middle
 * @exit: number of the exit
 * @error: why there is no circuit
 *
 * Returns: (transfer full): the circuit, built or failed
 */
CloveCircuit *
test_localnet_build (TestLocalnet *self, guint entry, guint middle, guint exit, GError **error)
{
  const guint numbers[CLOVE_MAX_HOPS] = { entry, middle, exit };
  CloveHop hops[CLOVE_MAX_HOPS] = { 0 };
  g_autoptr (GAsyncResult) result = NULL;
  CloveCircuit *circuit = NULL;

  for (guint i = 0; i < CLOVE_MAX_HOPS; i++) {
    CloveLocalRelay *relay = clove_localnet_get_relay (self->localnet, numbers[i] - 1);

    hops[i].name = clove_local_relay_get_name (relay);
    hops[i].key = clove_local_relay_get_key (relay);
    hops[i].address = *clove_local_relay_get_address (relay);
  }
  circuit = clove_circuit_new (self->client, self->clock, hops, CLOVE_MAX_HOPS);
  clove_circuit_build_async (circuit, HOP_DEADLINE_US, NULL, test_loop_on_ready, &result);
  clove_circuit_build_finish (circuit, test_loop_wait (self->clock, &result), error);
  return circuit;
}

/** test_localnet_build_good: (transfer full): Build relay1, relay2, relay6, which must succeed. */
CloveCircuit *
test_localnet_build_good (TestLocalnet *self)
{
  g_autoptr (GError) error = NULL;
  CloveCircuit *circuit = test_localnet_build (self, 1, 2, 6, &error);

  g_assert_no_error (error);
  return circuit;
}

typedef struct {
  CloveStream *stream;
  TestReply *reply;
} Reading;

static void
on_progress (CloveStream *stream, gpointer user_data)
{
  Reading *reading = user_data;
  gsize size = 0;
  const guint8 *bytes = NULL;

  while ((bytes = clove_stream_peek (stream, &size)) != NULL && size > 0) {
    g_byte_array_append (reading->reply->bytes, bytes, (guint) size);
    clove_stream_consume (stream, size);
  }
}

static gboolean
has_ended (gpointer user_data)
{
  Reading *reading = user_data;

  return clove_stream_has_ended (reading->stream, NULL);
}

static void
find_body (TestReply *reply)
{
  const char *head_end = NULL;

  if (reply->bytes->len < 12)
    return;
  g_assert_cmpmem (reply->bytes->data, 9, "HTTP/1.1 ", 9);
  reply->status = (guint) g_ascii_strtoull ((const char *) reply->bytes->data + 9, NULL, 10);
  head_end = g_strstr_len ((const char *) reply->bytes->data, (gssize) reply->bytes->len,
                           "\r\n\r\n");
  if (head_end == NULL)
    return;
  reply->body = (const guint8 *) head_end + 4;
  reply->body_size = reply->bytes->len - (gsize) (reply->body - reply->bytes->data);
}

/**
 * test_localnet_send:
 * @self: a localnet
 * @circuit: a built circuit
 * @host: the site
 * @request: a whole HTTP request
 *
 * Returns: (transfer full): what came of it
 */
TestReply *
test_localnet_send (TestLocalnet *self,
                    CloveCircuit *circuit,
                    const char *host,
                    const char *request)
{
  TestReply *reply = g_new0 (TestReply, 1);
  g_autoptr (GBytes) bytes = g_bytes_new (request, strlen (request));
  Reading reading = { .reply = reply };
  const GError *error = NULL;

  reply->bytes = g_byte_array_new ();
  reading.stream = clove_circuit_take_stream (circuit, host);
  clove_stream_request (reading.stream, bytes, on_progress, &reading);
  test_loop_run_until (self->clock, has_ended, &reading);
  on_progress (reading.stream, &reading);
  clove_stream_has_ended (reading.stream, &error);
  reply->error = error != NULL ? g_error_copy (error) : NULL;
  clove_stream_release (reading.stream);
  find_body (reply);
  return reply;
}

/** test_localnet_get: (transfer full): Ask @host for @path. */
TestReply *
test_localnet_get (TestLocalnet *self, CloveCircuit *circuit, const char *host, const char *path)
{
  g_autofree char *request = g_strdup_printf ("GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, host);

  return test_localnet_send (self, circuit, host, request);
}

/** test_reply_free: Release the reply. */
void
test_reply_free (TestReply *self)
{
  g_byte_array_unref (self->bytes);
  g_clear_error (&self->error);
  g_free (self);
}
