/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a circuit adds: layers, relay messages, and putting replies together. */
#include "config.h"

#include "bench-layers.h"
#include "clove-chunks.h"
#include "clove-onion.h"
#include "clove-relay-message.h"
#include "clove-replay.h"

#include <string.h>

#define N_LAYERS    3
#define REPLY_SIZE  ((gsize) 1000000)
#define STREAM_ID   77
#define REPLAY_SIZE 8
#define LAYER_KEY   ((const guint8 *) "one key for each layer of a bench")

typedef struct {
  guint8 bytes[CLOVE_CHUNK_SIZE + N_LAYERS * CLOVE_ONION_OVERHEAD];
  gsize size;
  guint8 plain[CLOVE_CHUNK_SIZE];
} Sealed;

typedef struct {
  guint8 *bytes;
  gsize size;
} Reply;

static Sealed *
seal_plain (gsize plain_size)
{
  Sealed *sealed = g_new0 (Sealed, 1);

  clove_onion_seal (sealed->bytes, plain_size, LAYER_KEY);
  sealed->size = plain_size + CLOVE_ONION_OVERHEAD;
  return sealed;
}

static gpointer
set_up_piece (void)
{
  return seal_plain (BENCH_PIECE_SIZE);
}

static gpointer
set_up_chunk (void)
{
  return seal_plain (CLOVE_CHUNK_SIZE);
}

static void
run_seal (gpointer data, guint64 n_operations, BenchWatch *watch)
{
  Sealed *sealed = data;

  for (guint64 i = 0; i < n_operations; i++)
    clove_onion_seal (sealed->bytes, sealed->size - CLOVE_ONION_OVERHEAD, LAYER_KEY);
}

static void
run_seal_three (gpointer data, guint64 n_operations, BenchWatch *watch)
{
  static const guint8 keys[N_LAYERS][CLOVE_ONION_KEY_SIZE] = { { 1 }, { 2 }, { 3 } };
  Sealed *sealed = data;

  for (guint64 i = 0; i < n_operations; i++)
    clove_onion_seal_layers (sealed->bytes, sealed->size - CLOVE_ONION_OVERHEAD, keys, N_LAYERS);
}

static void
run_open (gpointer data, guint64 n_operations, BenchWatch *watch)
{
  Sealed *sealed = data;

  for (guint64 i = 0; i < n_operations; i++)
    bench_require (clove_onion_open_to (sealed->plain, sealed->bytes, sealed->size, LAYER_KEY),
                   "a layer does not open");
}

static void
write_stream_data (Sealed *out, gsize size)
{
  CloveRelayMessage message = {
    .type = CLOVE_RELAY_MESSAGE_STREAM_DATA,
    .stream_id = STREAM_ID,
    .data = out->plain,
    .data_size = size,
  };
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, out->bytes, sizeof out->bytes);
  clove_relay_message_write (&writer, &message);
  bench_require (clove_writer_is_ok (&writer), "a relay message does not fit");
  out->size = clove_writer_get_size (&writer);
}

static gpointer
set_up_message (void)
{
  Sealed *message = g_new0 (Sealed, 1);

  write_stream_data (message, BENCH_PIECE_SIZE);
  return message;
}

static void
run_write (gpointer data, guint64 n_operations, BenchWatch *watch)
{
  for (guint64 i = 0; i < n_operations; i++)
    write_stream_data (data, BENCH_PIECE_SIZE);
}

static void
run_parse (gpointer data, guint64 n_operations, BenchWatch *watch)
{
  Sealed *sealed = data;

  for (guint64 i = 0; i < n_operations; i++) {
    CloveRelayMessage message = { 0 };

    bench_require (clove_relay_message_parse (&message, sealed->bytes, sealed->size, NULL) &&
                     message.data_size == BENCH_PIECE_SIZE,
                   "a relay message is refused");
  }
}

static gpointer
set_up_reply (void)
{
  g_autofree guint8 *body = g_malloc0 (REPLY_SIZE);
  CloveRelayMessage message = {
    .type = CLOVE_RELAY_MESSAGE_STREAM_DATA,
    .stream_id = STREAM_ID,
    .data = body,
    .data_size = REPLY_SIZE,
  };
  CloveWriter writer = { 0 };
  Reply *reply = g_new0 (Reply, 1);

  reply->size = clove_relay_message_size (&message);
  reply->bytes = g_malloc (reply->size);
  clove_writer_init (&writer, reply->bytes, reply->size);
  clove_relay_message_write (&writer, &message);
  return reply;
}

static void
tear_down_reply (gpointer data)
{
  Reply *reply = data;

  g_free (reply->bytes);
  g_free (reply);
}

static gsize
drain (CloveChunks *chunks)
{
  gsize total = 0;
  gsize size = 0;

  while (clove_chunks_peek (chunks, &size) != NULL) {
    clove_chunks_consume (chunks, size);
    total += size;
  }
  return total;
}

/* @is_backwards: the first chunk comes last, so all of them are held. */
static void
assemble (const Reply *reply, gboolean is_backwards)
{
  gint32 n_chunks = (gint32) ((reply->size + CLOVE_CHUNK_SIZE - 1) / CLOVE_CHUNK_SIZE);
  g_autoptr (CloveChunks) chunks = clove_chunks_new (STREAM_ID, 2 * REPLY_SIZE);
  gsize n_read = 0;

  for (gint32 i = 0; i < n_chunks; i++) {
    gint32 index = is_backwards ? n_chunks - 1 - i : i;
    gsize offset = (gsize) index * CLOVE_CHUNK_SIZE;

    bench_require (clove_chunks_add (chunks, index, n_chunks, reply->bytes + offset,
                                     MIN (CLOVE_CHUNK_SIZE, reply->size - offset), NULL),
                   "a chunk is refused");
    n_read += drain (chunks);
  }
  bench_require (n_read == REPLY_SIZE, "a reply is not whole");
}

static void
run_assemble (gpointer data, guint64 n_operations, BenchWatch *watch)
{
  for (guint64 i = 0; i < n_operations; i++)
    assemble (data, FALSE);
}

static void
run_assemble_backwards (gpointer data, guint64 n_operations, BenchWatch *watch)
{
  for (guint64 i = 0; i < n_operations; i++)
    assemble (data, TRUE);
}

static void
run_replay (gpointer data, guint64 n_operations, BenchWatch *watch)
{
  g_autoptr (CloveReplay) replay = clove_replay_new ();

  for (guint64 i = 1; i <= n_operations; i++) {
    guint8 nonce[REPLAY_SIZE] = { 0 };
    /* Spread like the random nonces that stand here on the wire. */
    guint64 spread = i * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

    memcpy (nonce, &spread, sizeof nonce);
    bench_require (clove_replay_accept (replay, nonce), "a new message passes for old");
  }
}

/** bench_circuit_cases: The benchmarks of src/circuit. */
const BenchCase *
bench_circuit_cases (gsize *n_out)
{
  static const BenchCase cases[] = {
    { "circuit codecs", "layer, 1 KB: seal", BENCH_PIECE_SIZE, set_up_piece, run_seal, g_free },
    { "circuit codecs", "three layers, 1 KB: seal", BENCH_PIECE_SIZE, set_up_piece,
      run_seal_three, g_free },
    { "circuit codecs", "layer, 1 KB: open", BENCH_PIECE_SIZE, set_up_piece, run_open, g_free },
    { "circuit codecs", "layer, chunk of 6000: open", CLOVE_CHUNK_SIZE, set_up_chunk, run_open,
      g_free },
    { "circuit codecs", "streamData of 1 KB: write", BENCH_PIECE_SIZE, set_up_message, run_write,
      g_free },
    { "circuit codecs", "streamData of 1 KB: parse", BENCH_PIECE_SIZE, set_up_message, run_parse,
      g_free },
    { "circuit codecs", "reply of 1 MB: assemble", REPLY_SIZE, set_up_reply, run_assemble,
      tear_down_reply },
    { "circuit codecs", "reply of 1 MB: assemble backwards", REPLY_SIZE, set_up_reply,
      run_assemble_backwards, tear_down_reply },
    { "circuit codecs", "message: seen before?", 0, NULL, run_replay, NULL },
  };

  *n_out = G_N_ELEMENTS (cases);
  return cases;
}
