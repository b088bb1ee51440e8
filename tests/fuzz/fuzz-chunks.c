/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plays a script of chunks and reads against a plain model. Head of the input: size of the body
 * (2 bytes), size of the pieces (1 byte, times 4), the memory allowed (1 byte, times 256). Then
 * steps of four bytes: what, index, total or size, change.
 */
#include "config.h"

#include "fuzz.h"

#include "clove-chunks.h"
#include "clove-tl.h"

#include <string.h>

#define HEAD_SIZE   4
#define STEP_SIZE   4
#define STREAM_ID   77
#define STREAM_DATA CLOVE_TL_CONSTRUCTOR (0x0b0a1771)

typedef struct {
  CloveChunks *chunks;
  gsize max_memory;

  /* The honest reply. */
  guint8 *whole;
  gsize whole_size;
  gsize piece_size;
  guint n_pieces;

  /* What was accepted: index -> GBytes. */
  GHashTable *accepted;
  guint n_total;
  gsize delivered;
  gboolean is_lost;
} Play;

static void
play_init (Play *play, const uint8_t *head)
{
  gsize body_size = head[0] | (gsize) head[1] << 8;
  guint8 *body = NULL;
  CloveWriter writer = { 0 };

  play->whole_size = 8 + clove_tl_bytes_size (body_size);
  play->whole = g_malloc0 (play->whole_size);
  clove_writer_init (&writer, play->whole, play->whole_size);
  clove_writer_u32 (&writer, STREAM_DATA);
  clove_writer_u32 (&writer, STREAM_ID);
  clove_tl_write_bytes_header (&writer, body_size);
  body = clove_writer_reserve (&writer, body_size);
  for (gsize i = 0; i < body_size; i++)
    body[i] = (guint8) (i * 131 >> 3 & 0xff);
  g_assert_true (clove_writer_is_ok (&writer));

  play->piece_size = 4 * ((gsize) head[2] + 1);
  play->n_pieces = (guint) ((play->whole_size + play->piece_size - 1) / play->piece_size);
  play->max_memory = 256 * ((gsize) head[3] + 1);
  play->chunks = clove_chunks_new (STREAM_ID, play->max_memory);
  play->accepted = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_bytes_unref);
}

static void
play_clear (Play *play)
{
  clove_chunks_free (play->chunks);
  g_hash_table_unref (play->accepted);
  g_free (play->whole);
}

/* The pieces from the first on without a gap, one after another. */
static GByteArray *
join_accepted (const Play *play)
{
  GByteArray *joined = g_byte_array_new ();

  for (guint i = 0; i < play->n_total; i++) {
    GBytes *piece = g_hash_table_lookup (play->accepted, GUINT_TO_POINTER (i + 1));

    if (piece == NULL)
      break;
    g_byte_array_append (joined, g_bytes_get_data (piece, NULL), (guint) g_bytes_get_size (piece));
  }
  return joined;
}

static void
add (Play *play, gint32 index, gint32 total, const guint8 *piece, gsize size)
{
  g_autofree guint8 *exact = g_memdup2 (piece, size);
  g_autoptr (GError) error = NULL;
  gboolean is_new =
    !g_hash_table_contains (play->accepted, GUINT_TO_POINTER ((guint) index + 1));
  gsize memory = clove_chunks_get_memory (play->chunks);
  gboolean is_taken = clove_chunks_add (play->chunks, index, total, exact, size, &error);

  g_assert_cmpint (is_taken, ==, error == NULL);
  /* What comes of a lost reply is not said, but it must be harmless. */
  play->is_lost = play->is_lost || !is_taken;
  if (play->is_lost)
    return;
  g_assert_true (index >= 0 && index < total && size > 0);
  g_assert_true (play->n_total == 0 || play->n_total == (guint) total);
  play->n_total = (guint) total;
  if (!is_new) {
    g_assert_cmpuint (clove_chunks_get_memory (play->chunks), ==, memory);
    return;
  }
  g_assert_cmpuint (clove_chunks_get_memory (play->chunks), ==, memory + size);
  g_hash_table_insert (play->accepted, GUINT_TO_POINTER ((guint) index + 1),
                       g_bytes_new (exact, size));
}

static void
add_honest (Play *play, guint index, gint32 total_change, guint8 content_change)
{
  gsize offset = index % play->n_pieces * play->piece_size;
  gsize size = MIN (play->piece_size, play->whole_size - offset);
  g_autofree guint8 *piece = g_memdup2 (play->whole + offset, size);

  piece[content_change % size] ^= content_change;
  add (play, (gint32) (index % play->n_pieces), (gint32) play->n_pieces + total_change, piece,
       size);
}

/* What is shown must be the next bytes of the model's body. */
static void
read_some (Play *play, gsize wanted)
{
  gsize shown = 0;
  const guint8 *bytes = clove_chunks_peek (play->chunks, &shown);
  gsize taken = MIN (wanted, shown);
  gint64 body_size = clove_chunks_get_body_size (play->chunks);
  g_autoptr (GByteArray) joined = join_accepted (play);
  gsize head_size = 0;

  g_assert_true ((bytes == NULL) == (shown == 0));
  if (bytes == NULL)
    return;
  if (play->is_lost) {
    clove_chunks_consume (play->chunks, taken);
    return;
  }
  g_assert_cmpint (body_size, >=, 0);
  head_size = 8 + clove_tl_bytes_header_size ((gsize) body_size);
  g_assert_cmpuint (play->delivered + shown, <=, (gsize) body_size);
  g_assert_cmpuint (head_size + play->delivered + shown, <=, joined->len);
  g_assert_cmpmem (bytes, shown, joined->data + head_size + play->delivered, shown);
  clove_chunks_consume (play->chunks, taken);
  play->delivered += taken;
}

static void
check_invariants (const Play *play)
{
  g_assert_cmpuint (clove_chunks_get_memory (play->chunks), <=, play->max_memory);
  if (play->is_lost)
    return;
  g_assert_cmpuint (clove_chunks_get_n_received (play->chunks), ==,
                    g_hash_table_size (play->accepted));
  g_assert_cmpuint (clove_chunks_get_n_total (play->chunks), ==, play->n_total);
  g_assert_cmpint (clove_chunks_has_begun (play->chunks), ==, play->n_total > 0);
  g_assert_cmpint (clove_chunks_is_complete (play->chunks), ==,
                   play->n_total > 0 && g_hash_table_size (play->accepted) == play->n_total);
}

static void
step (Play *play, const uint8_t *input)
{
  switch (input[0] % 8) {
    case 0:
    case 1:
    case 2:
    case 3:
      add_honest (play, input[1] | (guint) (input[0] >> 3) << 8, 0, 0);
      break;
    case 4:
      add_honest (play, input[1], (gint8) input[2], input[3]);
      break;
    case 5:
      add (play, (gint8) input[1], (gint8) input[2], play->whole,
           MIN (play->whole_size, (gsize) input[3] * 64));
      break;
    default:
      read_some (play, input[1] | (gsize) input[2] << 8);
      break;
  }
}

static void
drain (Play *play)
{
  gsize before = 0;

  do {
    before = play->delivered;
    read_some (play, G_MAXSIZE);
  } while (play->delivered > before);
  if (play->is_lost || !clove_chunks_is_complete (play->chunks))
    return;
  g_assert_cmpint (clove_chunks_get_body_size (play->chunks), ==, play->delivered);
  g_assert_cmpuint (clove_chunks_get_memory (play->chunks), ==, 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Play play = { 0 };

  if (size < HEAD_SIZE)
    return 0;
  play_init (&play, data);
  for (size_t i = HEAD_SIZE; i + STEP_SIZE <= size; i += STEP_SIZE) {
    step (&play, data + i);
    check_invariants (&play);
  }
  if (!play.is_lost)
    drain (&play);
  play_clear (&play);
  return 0;
}
