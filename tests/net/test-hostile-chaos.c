/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A network that loses, repeats, delays, reorders and corrupts, by seeded chance: a request ends
 * with its own page, whole, or with an error. Nothing in between, and nothing stays behind.
 */
#include "config.h"

#include "hostile-relay.h"

#include "clove-random.h"

#include <string.h>

#define N_SEEDS      24
#define N_REQUESTS   12
/* Datagrams that the network holds at one time, to let them go in any order. */
#define MAX_HELD     16
/* No datagram is later than this. */
#define MAX_DELAY_US 5000

typedef struct {
  CloveAdnlEndpoint *endpoint;
  CloveRandom *random;
  GPtrArray *held;    /* of GBytes: on the way to the client, late */
  GPtrArray *history; /* of GBytes: everything that ever came */
  CloveTimer timer;   /* lets go what is held */
  CloveAddress from;
  guint per_mille[5]; /* lost, corrupted, repeated, held, from the history */
} Chaos;

enum {
  LOST,
  CORRUPTED,
  REPEATED,
  HELD,
  OLD,
};

static gboolean
happens (Chaos *chaos, guint what)
{
  return clove_random_uniform (chaos->random, 1000) < chaos->per_mille[what];
}

static void
deliver (Chaos *chaos, GBytes *datagram)
{
  gsize size = 0;
  g_autofree guint8 *data = g_bytes_unref_to_data (g_bytes_ref (datagram), &size);

  clove_adnl_endpoint_inject (chaos->endpoint, data, size, &chaos->from, FALSE);
}

static void
corrupt (Chaos *chaos, guint8 *data, gsize size)
{
  for (guint n = 1 + clove_random_uniform (chaos->random, 3); n > 0; n--)
    data[clove_random_uniform (chaos->random, (guint32) size)] ^=
      (guint8) (1 << clove_random_uniform (chaos->random, 8));
}

/* One of those that were held goes on, any of them. */
static void
release_one (Chaos *chaos)
{
  g_autoptr (GBytes) datagram = NULL;

  if (chaos->held->len == 0)
    return;
  datagram = g_ptr_array_steal_index_fast (
    chaos->held, clove_random_uniform (chaos->random, chaos->held->len));
  deliver (chaos, datagram);
}

static void
on_timer (gpointer user_data)
{
  Chaos *chaos = user_data;

  while (chaos->held->len > 0)
    release_one (chaos);
}

static gboolean
on_filter (guint8 *data,
           gsize size,
           const CloveAddress *peer,
           gboolean is_outgoing,
           gpointer user_data)
{
  Chaos *chaos = user_data;
  g_autoptr (GBytes) datagram = NULL;

  if (happens (chaos, LOST))
    return FALSE;
  if (is_outgoing) {
    if (happens (chaos, CORRUPTED))
      corrupt (chaos, data, size);
    return TRUE;
  }
  datagram = g_bytes_new (data, size);
  chaos->from = *peer;
  g_ptr_array_add (chaos->history, g_bytes_ref (datagram));
  if (happens (chaos, OLD))
    deliver (chaos, g_ptr_array_index (chaos->history,
                                       clove_random_uniform (chaos->random, chaos->history->len)));
  if (happens (chaos, REPEATED))
    deliver (chaos, datagram);
  if (happens (chaos, HELD) && chaos->held->len < MAX_HELD) {
    g_ptr_array_add (chaos->held, g_steal_pointer (&datagram));
    if (!clove_timer_is_running (&chaos->timer))
      clove_timer_start (&chaos->timer, MAX_DELAY_US);
    return FALSE;
  }
  if (happens (chaos, CORRUPTED))
    corrupt (chaos, data, size);
  if (chaos->held->len > 0 && clove_random_uniform (chaos->random, 4) == 0)
    release_one (chaos);
  return TRUE;
}

/* What the site has at /N: as long and as filled as N says. */
static gsize
page_size (guint number)
{
  return 1 + number * 7919 % 40000;
}

static guint8
page_filling (guint number)
{
  return (guint8) ('a' + number % 26);
}

static void
on_stream (HostileRelay *relay, const CloveRelayMessage *message)
{
  g_autofree char *request = NULL;
  guint number = 0;
  g_autoptr (GBytes) reply = NULL;

  if (message->type == CLOVE_RELAY_MESSAGE_STREAM_CONNECT)
    hostile_relay_send_connected (relay, message->stream_id);
  if (message->type != CLOVE_RELAY_MESSAGE_STREAM_DATA)
    return;
  request = g_strndup ((const char *) message->data, message->data_size);
  g_assert_true (g_str_has_prefix (request, "GET /"));
  number = (guint) g_ascii_strtoull (request + strlen ("GET /"), NULL, 10);
  reply =
    hostile_relay_new_reply (message->stream_id, page_size (number), page_filling (number));
  for (gint32 i = 0; i < hostile_relay_count_chunks (reply); i++)
    hostile_relay_send_chunk (relay, message->stream_id, i, reply);
}

/* Returns whether the page came. */
static gboolean
fetch (HostileNet *net, CloveCircuit *circuit, guint number)
{
  g_autofree char *path = g_strdup_printf ("/%u", number);
  g_autoptr (TestReply) reply = test_net_fetch (&net->client, circuit, "demo.ton", path);

  if (reply->error != NULL) {
    g_assert_true (reply->error->domain == CLOVE_CIRCUIT_ERROR);
    /* What was shown before the error is the beginning of the right page. */
    g_assert_cmpuint (reply->bytes->len, <=, page_size (number));
  } else {
    g_assert_cmpuint (reply->bytes->len, ==, page_size (number));
  }
  for (guint i = 0; i < reply->bytes->len; i++)
    g_assert_cmpuint (reply->bytes->data[i], ==, page_filling (number));
  return reply->error == NULL;
}

static guint
run_chaos (HostileNet *net, Chaos *chaos)
{
  g_autoptr (CloveCircuit) circuit = hostile_net_new_circuit (net);
  g_autoptr (GError) error = NULL;
  guint n_good = 0;

  net->relay.on_stream = on_stream;
  clove_adnl_endpoint_set_filter (net->client.endpoint, on_filter, chaos);
  if (test_net_try_build (&net->client, circuit, &error)) {
    g_assert_no_error (error);
    for (guint i = 0; i < N_REQUESTS; i++)
      n_good += fetch (net, circuit, 100 + i) ? 1 : 0;
  } else {
    g_assert_nonnull (error);
    g_assert_cmpint (clove_circuit_get_state (circuit), ==, CLOVE_CIRCUIT_CLOSED);
  }
  clove_circuit_close (circuit);
  clove_timer_stop (&chaos->timer);
  on_timer (chaos);
  clove_adnl_endpoint_set_filter (net->client.endpoint, NULL, NULL);
  test_loop_settle ();
  return n_good;
}

typedef struct {
  const char *name;
  guint per_mille[5];
  gboolean is_lossless; /* every page must come */
} Weather;

static const Weather weathers[] = {
  { "reordered", { 0, 0, 0, 300, 0 }, TRUE },
  { "repeated", { 0, 0, 300, 0, 500 }, TRUE },
  { "lossy", { 30, 0, 0, 0, 0 }, FALSE },
  { "corrupted", { 0, 30, 0, 0, 0 }, FALSE },
  { "storm", { 10, 10, 100, 200, 300 }, FALSE },
};

static void
test_weather (HostileNet *net, gconstpointer user_data)
{
  const Weather *weather = user_data;
  guint n_good = 0;

  for (guint64 seed = 0; seed < N_SEEDS; seed++) {
    g_autoptr (CloveRandom) random = clove_random_new_seeded (seed);
    g_autoptr (GPtrArray) held = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
    g_autoptr (GPtrArray) history =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
    Chaos chaos = { .endpoint = net->client.endpoint,
                    .random = random,
                    .held = held,
                    .history = history };

    clove_timer_init (&chaos.timer, net->client.clock, on_timer, &chaos);
    memcpy (chaos.per_mille, weather->per_mille, sizeof chaos.per_mille);
    n_good += run_chaos (net, &chaos);
  }
  g_test_message ("%u of %d pages came", n_good, N_SEEDS * N_REQUESTS);
  if (weather->is_lossless)
    g_assert_cmpuint (n_good, ==, N_SEEDS * N_REQUESTS);
  g_assert_cmpuint (n_good, >, N_SEEDS);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (weathers); i++) {
    g_autofree char *path = g_strdup_printf ("/clove/hostile/chaos/%s", weathers[i].name);

    g_test_add (path, HostileNet, &weathers[i], hostile_net_set_up, test_weather,
                hostile_net_tear_down);
  }
  return g_test_run ();
}
