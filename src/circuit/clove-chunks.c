/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Assembly of one reply (src/circuit/README.md, "Chunks"; vectors in chunks.json).
 *
 * The pieces, one after another, are a boxed streamData: constructor, stream id, TL length, body,
 * padding. The head lies in the first piece, so the body's size is known as soon as that is there;
 * what the reader gets is cut to it. Read pieces are freed at once: a reader that keeps up holds
 * the memory of the pieces that came too early and no more.
 */
#include "config.h"

#include "clove-chunks.h"

#include "clove-tl.h"

#include <string.h>

#define STREAM_DATA CLOVE_TL_CONSTRUCTOR (0x0b0a1771)

/* Larger pieces than the reference cuts are taken up to this. */
#define MAX_PIECE_SIZE 8192

typedef struct {
  guint8 *bytes; /* NULL once read */
  guint32 size;
  guint8 is_received;
} Piece;

struct _CloveChunks {
  /* Set at construction. */
  gint32 stream_id;
  gsize max_memory;

  /* Owned. */
  Piece *pieces;

  guint n_total; /* 0 until the first chunk */
  guint n_received;
  gsize memory;

  /* The finished prefix. */
  guint next;           /* the piece that the reader is in */
  gsize offset;         /* of the reader inside it */
  guint n_joined;       /* pieces 0 .. n_joined-1 are there */
  gsize joined_size;    /* their sizes added up, head included */
  gsize head_size;      /* 0 until the first piece is there */
  gint64 body_size;     /* -1 until then */
  gsize body_delivered; /* what the reader took */
};

/**
 * clove_chunks_new:
 * @stream_id: the stream whose reply this is; a reply for another one is refused
 * @max_memory: most bytes to hold at one time
 *
 * Returns: (transfer full): an assembly that waits for its first chunk
 */
CloveChunks *
clove_chunks_new (gint32 stream_id, gsize max_memory)
{
  CloveChunks *self = g_new0 (CloveChunks, 1);

  self->stream_id = stream_id;
  self->max_memory = max_memory;
  self->body_size = -1;
  return self;
}

/** clove_chunks_free: (nullable): Free. */
void
clove_chunks_free (CloveChunks *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_total; i++)
    g_free (self->pieces[i].bytes);
  g_free (self->pieces);
  g_free (self);
}

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_MALFORMED, why);
  return FALSE;
}

static gboolean
read_head (CloveChunks *self, const Piece *first, GError **error)
{
  CloveReader reader = { 0 };
  guint32 constructor = 0;
  gint32 stream_id = 0;
  gsize body_size = 0;

  clove_reader_init (&reader, first->bytes, first->size);
  constructor = clove_reader_u32 (&reader);
  stream_id = (gint32) clove_reader_u32 (&reader);
  body_size = clove_tl_read_bytes_header (&reader);
  if (!clove_reader_is_ok (&reader) || constructor != STREAM_DATA)
    return refuse (error, "chunks do not hold a reply");
  if (stream_id != self->stream_id)
    return refuse (error, "chunks hold the reply of another stream");
  self->head_size = clove_reader_get_position (&reader);
  self->body_size = (gint64) body_size;
  self->offset = self->head_size;
  return TRUE;
}

/* Once every piece is there their sizes must give what the head promised. */
static gboolean
check_size (const CloveChunks *self, GError **error)
{
  gsize promised = self->head_size + (gsize) self->body_size;
  gsize padded = promised + clove_tl_bytes_padding ((gsize) self->body_size);

  if (self->n_joined < self->n_total)
    return self->joined_size <= padded ? TRUE : refuse (error, "chunks exceed their reply");
  if (self->joined_size < promised || self->joined_size > padded)
    return refuse (error, "chunks do not have the size of their reply");
  return TRUE;
}

static gboolean
join (CloveChunks *self, GError **error)
{
  while (self->n_joined < self->n_total && self->pieces[self->n_joined].is_received) {
    const Piece *piece = &self->pieces[self->n_joined];

    if (self->n_joined == 0 && !read_head (self, piece, error))
      return FALSE;
    self->joined_size += piece->size;
    self->n_joined++;
    if (!check_size (self, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
begin (CloveChunks *self, gint32 total, GError **error)
{
  if (total <= 0 || total > CLOVE_CHUNKS_MAX_TOTAL)
    return refuse (error, "impossible number of chunks");
  if (self->n_total == 0) {
    self->n_total = (guint) total;
    self->pieces = g_new0 (Piece, self->n_total);
  }
  if (self->n_total != (guint) total)
    return refuse (error, "chunk with another total");
  return TRUE;
}

/**
 * clove_chunks_add:
 * @self: an assembly
 * @index: number of the chunk, from 0
 * @total: number of chunks in the reply
 * @piece: its opened bytes; copied
 * @size: how many
 * @error: %CLOVE_CIRCUIT_ERROR_MALFORMED for what contradicts itself or an earlier chunk,
 *   %CLOVE_CIRCUIT_ERROR_OVERFLOW when the bound on memory is reached; the reply is lost then
 *
 * Take one chunk. A repeated chunk is ignored when it is the same or was read already.
 *
 * Returns: %FALSE when the reply can no longer be right
 */
gboolean
clove_chunks_add (CloveChunks *self,
                  gint32 index,
                  gint32 total,
                  const guint8 *piece,
                  gsize size,
                  GError **error)
{
  Piece *place = NULL;

  if (!begin (self, total, error))
    return FALSE;
  if (index < 0 || (guint) index >= self->n_total)
    return refuse (error, "chunk number out of range");
  if (size == 0 || size > MAX_PIECE_SIZE)
    return refuse (error, "chunk of an impossible size");

  place = &self->pieces[index];
  if (place->is_received) {
    if (place->bytes != NULL &&
        (place->size != size || memcmp (place->bytes, piece, size) != 0))
      return refuse (error, "chunk repeated with other content");
    return TRUE;
  }
  if (self->memory + size > self->max_memory) {
    g_set_error (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_OVERFLOW,
                 "reply holds more than %zu bytes that were not read", self->max_memory);
    return FALSE;
  }
  *place = (Piece){ .bytes = g_memdup2 (piece, size), .size = (guint32) size, .is_received = TRUE };
  self->memory += size;
  self->n_received++;
  return join (self, error);
}

/**
 * clove_chunks_add_whole:
 * @self: an assembly that has not begun
 * @body: the body of a streamData that came in one piece; copied
 * @size: its size in bytes
 * @error: %CLOVE_CIRCUIT_ERROR_MALFORMED when chunks came before, %CLOVE_CIRCUIT_ERROR_OVERFLOW
 *
 * Take a short reply, which needs no chunks.
 *
 * Returns: whether the reply was taken
 */
gboolean
clove_chunks_add_whole (CloveChunks *self, const guint8 *body, gsize size, GError **error)
{
  if (self->n_total != 0)
    return refuse (error, "whole reply among chunks");
  if (size > self->max_memory) {
    g_set_error (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_OVERFLOW, "reply of %zu bytes",
                 size);
    return FALSE;
  }
  self->pieces = g_new0 (Piece, 1);
  self->pieces[0] = (Piece){ .bytes = g_memdup2 (body, size),
                             .size = (guint32) size,
                             .is_received = TRUE };
  self->n_total = self->n_received = self->n_joined = 1;
  self->memory = self->joined_size = size;
  self->body_size = (gint64) size;
  return TRUE;
}

static void
drop_piece (CloveChunks *self, Piece *piece)
{
  g_clear_pointer (&piece->bytes, g_free);
  self->memory -= piece->size;
  self->next++;
  self->offset = 0;
}

/**
 * clove_chunks_peek:
 * @self: an assembly
 * @size_out: (out): how many bytes, 0 when none are ready
 *
 * Look at the next bytes of the body.
 *
 * Returns: (nullable) (transfer none): the bytes, valid until the next call on @self
 */
const guint8 *
clove_chunks_peek (CloveChunks *self, gsize *size_out)
{
  gsize left = self->body_size < 0 ? 0 : (gsize) self->body_size - self->body_delivered;
  Piece *piece = NULL;

  *size_out = 0;
  /* A head may fill a piece to its last byte; behind the body there may be padding. */
  while (self->next < self->n_joined &&
         (self->offset == self->pieces[self->next].size || left == 0))
    drop_piece (self, &self->pieces[self->next]);
  if (left == 0 || self->next >= self->n_joined)
    return NULL;
  piece = &self->pieces[self->next];
  *size_out = MIN (left, piece->size - self->offset);
  return piece->bytes + self->offset;
}

/** clove_chunks_consume: Take @size bytes, no more than clove_chunks_peek() showed. */
void
clove_chunks_consume (CloveChunks *self, gsize size)
{
  gsize shown = 0;

  (void) clove_chunks_peek (self, &shown);
  g_return_if_fail (size <= shown);

  self->offset += size;
  self->body_delivered += size;
  (void) clove_chunks_peek (self, &shown);
}

/* Where a chunk lies in the body follows from its number only if they are cut as by the reference.
 */
static gboolean
are_places_known (const CloveChunks *self)
{
  gsize promised = self->head_size + (gsize) MAX (self->body_size, 0);
  gsize padded = promised + clove_tl_bytes_padding ((gsize) MAX (self->body_size, 0));

  if (self->body_size < 0 ||
      self->n_total != (padded + CLOVE_CHUNK_SIZE - 1) / CLOVE_CHUNK_SIZE)
    return FALSE;
  for (guint i = 0; i + 1 < self->n_total; i++) {
    if (self->pieces[i].is_received && self->pieces[i].size != CLOVE_CHUNK_SIZE)
      return FALSE;
  }
  return TRUE;
}

/**
 * clove_chunks_peek_beyond:
 * @self: an assembly that will not be completed
 * @from: position in the body
 * @offset_out: (out): position in the body of what is returned, @from or more
 * @size_out: (out): how many bytes
 *
 * Look at what came behind a gap, part by part.
 *
 * Returns: (nullable) (transfer none): the bytes, valid until the next change; %NULL for no more
 */
const guint8 *
clove_chunks_peek_beyond (const CloveChunks *self, gsize from, gsize *offset_out, gsize *size_out)
{
  gsize end = 0;

  *offset_out = *size_out = 0;
  if (!are_places_known (self))
    return NULL;
  end = self->head_size + (gsize) self->body_size;
  for (guint i = (guint) MIN ((from + self->head_size) / CLOVE_CHUNK_SIZE, self->n_total);
       i < self->n_total; i++) {
    const Piece *piece = &self->pieces[i];
    gsize start = (gsize) i * CLOVE_CHUNK_SIZE;
    gsize skipped = MAX (from + self->head_size, start) - start;

    if (piece->bytes == NULL || skipped >= piece->size || start + skipped >= end)
      continue;
    *offset_out = start + skipped - self->head_size;
    *size_out = MIN (piece->size, end - start) - skipped;
    return piece->bytes + skipped;
  }
  return NULL;
}

/** clove_chunks_has_begun: Tell whether any part of the reply came. */
gboolean
clove_chunks_has_begun (const CloveChunks *self)
{
  return self->n_total != 0;
}

/** clove_chunks_is_complete: Tell whether every chunk came; they need not have been read. */
gboolean
clove_chunks_is_complete (const CloveChunks *self)
{
  return self->n_total != 0 && self->n_joined == self->n_total;
}

/** clove_chunks_get_body_size: Get the size of the whole body in bytes; -1 until it is known. */
gint64
clove_chunks_get_body_size (const CloveChunks *self)
{
  return self->body_size;
}

/** clove_chunks_get_memory: Get the number of bytes held now. */
gsize
clove_chunks_get_memory (const CloveChunks *self)
{
  return self->memory;
}

/** clove_chunks_get_n_received: Get how many different chunks came. */
guint
clove_chunks_get_n_received (const CloveChunks *self)
{
  return self->n_received;
}

/** clove_chunks_get_n_total: Get how many chunks the reply has; 0 until it is known. */
guint
clove_chunks_get_n_total (const CloveChunks *self)
{
  return self->n_total;
}
