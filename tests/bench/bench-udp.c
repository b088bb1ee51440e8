/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one datagram costs at the socket, system time included, in bursts as exits send them. */
#include "config.h"

#include "bench-layers.h"
#include "clove-udp.h"

#define BURST_SIZE        32
#define MAX_DATAGRAM_SIZE 2048
#define RECEIVE_BUFFER    ((gsize) 4 * 1024 * 1024)
/* Header, rand and numbers around 1 KB. */
#define DATAGRAM_SIZE     (BENCH_PIECE_SIZE + 168)

typedef struct {
  GMainContext *context;
  CloveUdp *sender;
  CloveUdp *receiver;
  guint64 n_received;
} Fixture;

static void
on_datagram (guint8 *data, gsize size, const CloveAddress *from, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_received++;
}

static CloveUdp *
open_socket (Fixture *fixture)
{
  CloveAddress address = { 0 };
  CloveUdp *udp = NULL;

  clove_address_init_loopback (&address, 0);
  udp = clove_udp_new (&address, MAX_DATAGRAM_SIZE, on_datagram, fixture, NULL);
  bench_require (udp != NULL, "no socket");
  clove_udp_set_receive_buffer (udp, RECEIVE_BUFFER);
  return udp;
}

static gpointer
set_up (void)
{
  Fixture *fixture = g_new0 (Fixture, 1);

  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
  fixture->sender = open_socket (fixture);
  fixture->receiver = open_socket (fixture);
  return fixture;
}

static void
tear_down (gpointer data)
{
  Fixture *fixture = data;

  clove_udp_free (fixture->sender);
  clove_udp_free (fixture->receiver);
  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
  g_free (fixture);
}

static void
send_burst (Fixture *fixture)
{
  static const guint8 datagram[DATAGRAM_SIZE] = { 0 };

  for (guint i = 0; i < BURST_SIZE; i++)
    bench_require (clove_udp_send (fixture->sender, clove_udp_get_address (fixture->receiver),
                                   datagram, sizeof datagram, NULL),
                   "a datagram is not sent");
}

/* Loopback loses nothing while the buffer holds a burst. */
static void
receive_burst (Fixture *fixture)
{
  guint64 wanted = fixture->n_received + BURST_SIZE;

  while (fixture->n_received < wanted)
    g_main_context_iteration (fixture->context, TRUE);
}

static guint64
count_bursts (guint64 n_datagrams)
{
  return (n_datagrams + BURST_SIZE - 1) / BURST_SIZE;
}

static void
run_send (gpointer fixture, guint64 n_operations, BenchWatch *watch)
{
  for (guint64 i = count_bursts (n_operations); i > 0; i--) {
    send_burst (fixture);
    bench_watch_stop (watch);
    receive_burst (fixture);
    bench_watch_start (watch);
  }
}

static void
run_receive (gpointer fixture, guint64 n_operations, BenchWatch *watch)
{
  for (guint64 i = count_bursts (n_operations); i > 0; i--) {
    bench_watch_stop (watch);
    send_burst (fixture);
    bench_watch_start (watch);
    receive_burst (fixture);
  }
}

/** bench_udp_cases: The benchmarks of the socket. */
const BenchCase *
bench_udp_cases (gsize *n_out)
{
  static const BenchCase cases[] = {
    { "socket", "datagram of 1 KB: send", BENCH_PIECE_SIZE, set_up, run_send, tear_down },
    { "socket", "datagram of 1 KB: receive, 32 a batch", BENCH_PIECE_SIZE, set_up, run_receive,
      tear_down },
  };

  *n_out = G_N_ELEMENTS (cases);
  return cases;
}
