/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Beside the vectors: any order, any pace of reading, what is refused, and the bound on memory. */
#include "config.h"

#include "clove-chunks.h"
#include "clove-random.h"
#include "clove-tl.h"

#include <string.h>

#define STREAM_ID   -77
#define STREAM_DATA CLOVE_TL_CONSTRUCTOR (0x0b0a1771)
#define PLENTY      ((gsize) 64 * 1024 * 1024)

/* A reply as an exit cuts it. */
typedef struct {
  guint8 *body;
  gsize body_size;
  guint8 *whole;
  gsize whole_size;
  gsize piece_size;
  gint32 n_pieces;
} Reply;

static void
reply_clear (Reply *reply)
{
  g_free (reply->body);
  g_free (reply->whole);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reply, reply_clear)

static void
reply_init (Reply *reply, CloveRandom *random, gsize body_size, gsize piece_size)
{
  CloveWriter writer = { 0 };

  reply->body = g_malloc (body_size + 1);
  reply->body_size = body_size;
  reply->whole_size = 8 + clove_tl_bytes_size (body_size);
  reply->whole = g_malloc (reply->whole_size);
  /* No more pieces than a reply may have. */
  reply->piece_size = MAX (piece_size, reply->whole_size / CLOVE_CHUNKS_MAX_TOTAL + 1);
  reply->n_pieces = (gint32) ((reply->whole_size + reply->piece_size - 1) / reply->piece_size);
  clove_random_bytes (random, reply->body, body_size);
  clove_writer_init (&writer, reply->whole, reply->whole_size);
  clove_writer_u32 (&writer, STREAM_DATA);
  clove_writer_u32 (&writer, (guint32) STREAM_ID);
  clove_tl_write_bytes (&writer, reply->body, body_size);
  g_assert_true (clove_writer_is_ok (&writer));
}

static gsize
piece_size (const Reply *reply, gint32 index)
{
  gsize offset = (gsize) index * reply->piece_size;

  return MIN (reply->piece_size, reply->whole_size - offset);
}

static void
add (CloveChunks *chunks, const Reply *reply, gint32 index)
{
  gsize size = piece_size (reply, index);
  g_autofree guint8 *exact =
    g_memdup2 (reply->whole + (gsize) index * reply->piece_size, size);
  g_autoptr (GError) error = NULL;

  g_assert_true (clove_chunks_add (chunks, index, reply->n_pieces, exact, size, &error));
  g_assert_no_error (error);
}

static void
assert_refused (CloveChunks *chunks,
                gint32 index,
                gint32 total,
                const guint8 *piece,
                gsize size,
                CloveCircuitError code)
{
  gint expected = (gint) code;
  g_autofree guint8 *exact = g_memdup2 (piece, size);
  g_autoptr (GError) error = NULL;

  g_assert_false (clove_chunks_add (chunks, index, total, exact, size, &error));
  g_assert_error (error, CLOVE_CIRCUIT_ERROR, expected);
}

/* Reads what is there, in bites of at most @bite bytes, and compares it with the body. */
static void
read_all (CloveChunks *chunks, const Reply *reply, gsize bite, gsize *done)
{
  gsize size = 0;

  for (const guint8 *bytes = clove_chunks_peek (chunks, &size); bytes != NULL;
       bytes = clove_chunks_peek (chunks, &size)) {
    gsize taken = MIN (size, bite);

    g_assert_cmpuint (size, >, 0);
    g_assert_cmpuint (*done + size, <=, reply->body_size);
    g_assert_cmpmem (bytes, size, reply->body + *done, size);
    clove_chunks_consume (chunks, taken);
    *done += taken;
  }
  g_assert_cmpuint (size, ==, 0);
}

static void
shuffle (gint32 *order, guint n, CloveRandom *random)
{
  for (guint i = 0; i < n; i++)
    order[i] = (gint32) i;
  for (guint i = n; i > 1; i--) {
    guint j = clove_random_uniform (random, i);
    gint32 held = order[i - 1];

    order[i - 1] = order[j];
    order[j] = held;
  }
}

static void
check_any_order (CloveRandom *random, gsize body_size, gsize size)
{
  g_auto (Reply) reply = { 0 };
  g_autoptr (CloveChunks) chunks = clove_chunks_new (STREAM_ID, PLENTY);
  g_autofree gint32 *order = NULL;
  gsize bite = 1 + clove_random_uniform (random, 3000);
  gsize done = 0;

  reply_init (&reply, random, body_size, size);
  order = g_new0 (gint32, (gsize) reply.n_pieces);
  shuffle (order, (guint) reply.n_pieces, random);
  g_assert_false (clove_chunks_has_begun (chunks));
  for (gint32 i = 0; i < reply.n_pieces; i++) {
    g_assert_false (clove_chunks_is_complete (chunks));
    add (chunks, &reply, order[i]);
    /* A repeated chunk changes nothing, read or not. */
    add (chunks, &reply, order[clove_random_uniform (random, (guint) i + 1)]);
    g_assert_cmpuint (clove_chunks_get_n_received (chunks), ==, i + 1);
    if (clove_random_uniform (random, 2) == 0)
      read_all (chunks, &reply, bite, &done);
  }
  read_all (chunks, &reply, bite, &done);
  g_assert_true (clove_chunks_is_complete (chunks));
  g_assert_cmpuint (clove_chunks_get_n_total (chunks), ==, reply.n_pieces);
  g_assert_cmpint (clove_chunks_get_body_size (chunks), ==, body_size);
  g_assert_cmpuint (done, ==, body_size);
  g_assert_cmpuint (clove_chunks_get_memory (chunks), ==, 0);
}

static void
test_any_order (void)
{
  static const gsize body_sizes[] = { 0, 1, 3, 4, 241, 242, 253, 254,
                                      5986, 5987, 5988, 5989, 5990, 5991, 5992, 11987,
                                      11988, 11989, 30000, 60000, 123456 };
  g_autoptr (CloveRandom) random = clove_random_new_seeded (1);

  for (gsize i = 0; i < G_N_ELEMENTS (body_sizes); i++) {
    check_any_order (random, body_sizes[i], CLOVE_CHUNK_SIZE);
    check_any_order (random, body_sizes[i], 12);
    check_any_order (random, body_sizes[i], 13);
    check_any_order (random, body_sizes[i], 8192);
  }
  for (guint i = 0; i < 50; i++)
    check_any_order (random, clove_random_uniform (random, 50000),
                     12 + clove_random_uniform (random, 8181));
}

/* The finished prefix can be read while later chunks are missing, and nothing beyond it. */
static void
test_prefix (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (2);
  g_auto (Reply) reply = { 0 };
  g_autoptr (CloveChunks) chunks = clove_chunks_new (STREAM_ID, PLENTY);
  gsize done = 0;

  reply_init (&reply, random, 20000, CLOVE_CHUNK_SIZE);
  g_assert_cmpint (clove_chunks_get_body_size (chunks), ==, -1);
  add (chunks, &reply, 1);
  add (chunks, &reply, 3);
  read_all (chunks, &reply, G_MAXSIZE, &done);
  g_assert_cmpuint (done, ==, 0);
  g_assert_cmpint (clove_chunks_get_body_size (chunks), ==, -1);
  add (chunks, &reply, 0);
  g_assert_cmpint (clove_chunks_get_body_size (chunks), ==, 20000);
  read_all (chunks, &reply, G_MAXSIZE, &done);
  g_assert_cmpuint (done, ==, 2 * CLOVE_CHUNK_SIZE - 12);
  g_assert_cmpuint (clove_chunks_get_memory (chunks), ==, piece_size (&reply, 3));
  g_assert_false (clove_chunks_is_complete (chunks));
  add (chunks, &reply, 2);
  g_assert_true (clove_chunks_is_complete (chunks));
  read_all (chunks, &reply, G_MAXSIZE, &done);
  g_assert_cmpuint (done, ==, 20000);
}

static void
test_refused (void)
{
  static const guint8 piece[8193] = { 1 };
  static const struct {
    const char *name;
    gint32 index;
    gint32 total;
    gsize size;
  } cases[] = {
    { "total 0", 0, 0, 10 },
    { "total -1", 0, -1, 10 },
    { "total lowest", 0, G_MININT32, 10 },
    { "total beyond the cap", 0, CLOVE_CHUNKS_MAX_TOTAL + 1, 10 },
    { "total highest", 0, G_MAXINT32, 10 },
    { "index -1", -1, 3, 10 },
    { "index lowest", G_MININT32, 3, 10 },
    { "index at the total", 3, 3, 10 },
    { "index highest", G_MAXINT32, 3, 10 },
    { "empty", 1, 3, 0 },
    { "too large", 1, 3, 8193 },
    { "no reply", 0, 3, 100 },
    { "head cut", 0, 3, 7 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (CloveChunks) chunks = clove_chunks_new (STREAM_ID, PLENTY);

    g_test_message ("%s", cases[i].name);
    assert_refused (chunks, cases[i].index, cases[i].total, piece, cases[i].size,
                    CLOVE_CIRCUIT_ERROR_MALFORMED);
  }
}

static void
test_contradictions (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (3);
  g_auto (Reply) reply = { 0 };
  gsize size = CLOVE_CHUNK_SIZE;

  reply_init (&reply, random, 20000, size);
  for (guint i = 0; i < 4; i++) {
    g_autoptr (CloveChunks) chunks = clove_chunks_new (STREAM_ID, PLENTY);
    g_autofree guint8 *changed = g_memdup2 (reply.whole + size, size);

    changed[size - 1] ^= 1;
    add (chunks, &reply, 1);
    switch (i) {
      case 0:
        assert_refused (chunks, 1, reply.n_pieces, changed, size, CLOVE_CIRCUIT_ERROR_MALFORMED);
        break;
      case 1:
        assert_refused (chunks, 1, reply.n_pieces, reply.whole + size, size - 1,
                        CLOVE_CIRCUIT_ERROR_MALFORMED);
        break;
      case 2:
        assert_refused (chunks, 1, reply.n_pieces + 1, reply.whole + size, size,
                        CLOVE_CIRCUIT_ERROR_MALFORMED);
        break;
      default:
        assert_refused (chunks, 0, reply.n_pieces - 1, reply.whole, size,
                        CLOVE_CIRCUIT_ERROR_MALFORMED);
        break;
    }
  }
}

static void
test_other_stream (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (4);
  g_auto (Reply) reply = { 0 };
  g_autoptr (CloveChunks) chunks = clove_chunks_new (STREAM_ID + 1, PLENTY);
  gsize shown = 0;

  reply_init (&reply, random, 100, CLOVE_CHUNK_SIZE);
  assert_refused (chunks, 0, 1, reply.whole, reply.whole_size, CLOVE_CIRCUIT_ERROR_MALFORMED);
  g_assert_null (clove_chunks_peek (chunks, &shown));
}

/* The pieces together must have the size that the head promises; @n_more beyond it or short. */
static void
check_size (gint n_more, gboolean is_taken)
{
  guint8 whole[64] = { 0 };
  gsize size = 12 + (gsize) n_more;
  CloveWriter writer = { 0 };
  g_autoptr (CloveChunks) chunks = clove_chunks_new (STREAM_ID, PLENTY);
  g_autoptr (GError) error = NULL;
  gint code = CLOVE_CIRCUIT_ERROR_MALFORMED;

  /* One byte of length, one of body, two of padding. */
  clove_writer_init (&writer, whole, sizeof whole);
  clove_writer_u32 (&writer, STREAM_DATA);
  clove_writer_u32 (&writer, (guint32) STREAM_ID);
  clove_writer_u8 (&writer, 1);
  g_assert_cmpint (clove_chunks_add (chunks, 0, 1, whole, size, &error), ==, is_taken);
  if (is_taken)
    g_assert_no_error (error);
  else
    g_assert_error (error, CLOVE_CIRCUIT_ERROR, code);
}

static void
test_size (void)
{
  check_size (-3, FALSE);
  check_size (-2, TRUE);
  check_size (-1, TRUE);
  check_size (0, TRUE);
  check_size (1, FALSE);
  check_size (40, FALSE);
}

static void
test_memory (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (5);
  g_auto (Reply) reply = { 0 };
  g_autoptr (CloveChunks) chunks = NULL;
  gsize done = 0;

  reply_init (&reply, random, 30000, CLOVE_CHUNK_SIZE);
  chunks = clove_chunks_new (STREAM_ID, 2 * CLOVE_CHUNK_SIZE);
  add (chunks, &reply, 0);
  add (chunks, &reply, 1);
  /* Room comes from reading only. */
  read_all (chunks, &reply, G_MAXSIZE, &done);
  g_assert_cmpuint (clove_chunks_get_memory (chunks), ==, 0);
  add (chunks, &reply, 2);
  add (chunks, &reply, 3);
  g_assert_cmpuint (clove_chunks_get_memory (chunks), ==, 2 * CLOVE_CHUNK_SIZE);
  /* A repeated chunk needs none. */
  add (chunks, &reply, 2);
  assert_refused (chunks, 4, reply.n_pieces, reply.whole, 1, CLOVE_CIRCUIT_ERROR_OVERFLOW);
  g_assert_cmpuint (clove_chunks_get_memory (chunks), ==, 2 * CLOVE_CHUNK_SIZE);
}

/* What lies behind gaps is found at its place, whatever came; of chunks that the reference would
 * not cut so, and without the first, nothing is. */
static void
test_beyond (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (11);

  for (guint round = 0; round < 300; round++) {
    g_auto (Reply) reply = { 0 };
    g_autoptr (CloveChunks) chunks = clove_chunks_new (STREAM_ID, PLENTY);
    gboolean has_first = clove_random_uniform (random, 4) > 0;
    gsize cut = round % 10 == 0 ? CLOVE_CHUNK_SIZE - 4 : CLOVE_CHUNK_SIZE;
    gsize n_expected = 0;
    gsize n_found = 0;
    gsize at = 0;
    gsize offset = 0;
    gsize size = 0;
    const guint8 *data = NULL;

    reply_init (&reply, random, 20000 + clove_random_uniform (random, 60000), cut);
    for (gint32 i = 0; i < reply.n_pieces; i++)
      if (i == 0 ? has_first : clove_random_uniform (random, 2) == 0) {
        add (chunks, &reply, i);
        n_expected += piece_size (&reply, i);
      }
    while ((data = clove_chunks_peek_beyond (chunks, at, &offset, &size)) != NULL) {
      g_assert_cmpuint (offset, >=, at);
      g_assert_cmpuint (size, >, 0);
      g_assert_cmpuint (offset + size, <=, reply.body_size);
      g_assert_cmpint (memcmp (data, reply.body + offset, size), ==, 0);
      n_found += size;
      at = offset + size;
    }
    if (!has_first || cut != CLOVE_CHUNK_SIZE)
      g_assert_cmpuint (n_found, ==, 0);
    else
      g_assert_cmpuint (n_found + 16, >=, n_expected); /* head and padding */
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/circuit/chunks/any-order", test_any_order);
  g_test_add_func ("/clove/circuit/chunks/prefix", test_prefix);
  g_test_add_func ("/clove/circuit/chunks/refused", test_refused);
  g_test_add_func ("/clove/circuit/chunks/contradictions", test_contradictions);
  g_test_add_func ("/clove/circuit/chunks/other-stream", test_other_stream);
  g_test_add_func ("/clove/circuit/chunks/size", test_size);
  g_test_add_func ("/clove/circuit/chunks/memory", test_memory);
  g_test_add_func ("/clove/circuit/chunks/beyond", test_beyond);
  return g_test_run ();
}
