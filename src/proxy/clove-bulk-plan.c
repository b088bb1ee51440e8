/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pieces lie in the order of their positions, without a gap from what the reader takes next to
 * what was never asked for. One that breaks off is cut in two there, and the second half is asked
 * for again.
 */
#include "config.h"

#include "clove-bulk-plan.h"

#include "clove-bulk-window.h"

#include <string.h>

/* What fails again and again is asked for in smaller and smaller parts, down to what comes in a
 * single datagram between relays. */
#define FAILURES_TO_SHRINK 2
#define SMALLEST_PIECE     4096

struct _CloveBulkPlan {
  /* Set at construction. */
  gint64 end;
  gsize max_held;

  /* Owned. */
  GQueue pieces; /* of CloveBulkPiece, by their links */

  gint64 next;     /* position of the first byte that is in no piece */
  gint64 position; /* of the reader */
};

/**
 * clove_bulk_plan_new:
 * @first: position of the first byte that is wanted
 * @end: position behind the last one
 * @max_held: most bytes to hold or have under way at one time
 *
 * Returns: (transfer full): a plan that has asked for nothing
 */
CloveBulkPlan *
clove_bulk_plan_new (gint64 first, gint64 end, gsize max_held)
{
  CloveBulkPlan *self = g_new0 (CloveBulkPlan, 1);

  self->next = self->position = first;
  self->end = end;
  self->max_held = max_held;
  g_queue_init (&self->pieces);
  return self;
}

static void
free_piece (CloveBulkPlan *self, CloveBulkPiece *piece)
{
  g_queue_unlink (&self->pieces, &piece->link);
  g_free (piece->bytes);
  g_free (piece);
}

/** clove_bulk_plan_free: (nullable): Free with all pieces. */
void
clove_bulk_plan_free (CloveBulkPlan *self)
{
  if (self == NULL)
    return;
  while (self->pieces.head != NULL)
    free_piece (self, self->pieces.head->data);
  g_free (self);
}

static CloveBulkPiece *
new_piece (CloveBulkPlan *self, GList *before, gint64 first, gsize size)
{
  CloveBulkPiece *piece = g_new0 (CloveBulkPiece, 1);

  piece->first = first;
  piece->size = size;
  piece->link.data = piece;
  if (before != NULL)
    g_queue_insert_before_link (&self->pieces, before, &piece->link);
  else
    g_queue_push_tail_link (&self->pieces, &piece->link);
  return piece;
}

/** clove_bulk_piece_is_whole: Tell whether all of the piece came. */
gboolean
clove_bulk_piece_is_whole (const CloveBulkPiece *piece)
{
  return piece->n_have == piece->size;
}

static void
set_capacity (CloveBulkPiece *piece, gsize capacity)
{
  piece->bytes = g_realloc (piece->bytes, capacity);
  piece->capacity = capacity;
}

static gboolean
is_settled (const CloveBulkPiece *piece)
{
  return !piece->is_asked && clove_bulk_piece_is_whole (piece);
}

/* Puts the bytes of the piece behind @piece to its own if both came and are small. A site may give
 * a byte at a time, and each must not cost a piece. */
static void
join_next (CloveBulkPlan *self, CloveBulkPiece *piece)
{
  CloveBulkPiece *next = piece->link.next != NULL ? piece->link.next->data : NULL;

  if (next == NULL || !is_settled (piece) || !is_settled (next) ||
      piece->size + next->size > CLOVE_BULK_MIN_PIECE)
    return;
  set_capacity (piece, piece->size + next->size);
  memcpy (piece->bytes + piece->size, next->bytes, next->size);
  piece->size += next->size;
  piece->n_have = piece->size;
  free_piece (self, next);
}

/* @piece, which has come whole, keeps no more memory than it needs; it may be gone afterwards. */
static void
settle (CloveBulkPlan *self, CloveBulkPiece *piece)
{
  GList *before = piece->link.prev;

  if (piece->capacity > piece->size)
    set_capacity (piece, piece->size);
  join_next (self, piece);
  if (before != NULL)
    join_next (self, before->data);
}

/* Leaves @size bytes to @piece; a new piece behind it gets the others. */
static CloveBulkPiece *
split (CloveBulkPlan *self, CloveBulkPiece *piece, gsize size)
{
  CloveBulkPiece *rest = new_piece (self, piece->link.next, piece->first + (gint64) size,
                                    piece->size - size);

  rest->n_failures = piece->n_failures;
  rest->not_before_us = piece->not_before_us;
  piece->size = size;
  return rest;
}

static gboolean
is_wanted (const CloveBulkPiece *piece)
{
  return !piece->is_asked && !clove_bulk_piece_is_whole (piece);
}

/* The first piece that is to be asked for again now. */
static CloveBulkPiece *
find_lost (CloveBulkPlan *self, gint64 now_us)
{
  for (GList *link = self->pieces.head; link != NULL; link = link->next) {
    CloveBulkPiece *piece = link->data;

    if (is_wanted (piece) && piece->not_before_us <= now_us)
      return piece;
  }
  return NULL;
}

/** clove_bulk_plan_get_held: Get how many bytes are held or under way beyond the reader. */
gsize
clove_bulk_plan_get_held (const CloveBulkPlan *self)
{
  return (gsize) (self->next - self->position);
}

/* Nothing rather than a small part of a piece: the reader will have made room for more soon. */
static gsize
size_of_new (const CloveBulkPlan *self, gsize max_size)
{
  gsize size = (gsize) MIN ((gint64) max_size, self->end - self->next);

  return clove_bulk_plan_get_held (self) + size <= self->max_held ? size : 0;
}

static CloveBulkPiece *
begin_new (CloveBulkPlan *self, gsize max_size)
{
  gsize size = size_of_new (self, max_size);
  CloveBulkPiece *piece = size > 0 ? new_piece (self, NULL, self->next, size) : NULL;

  self->next += (gint64) size;
  return piece;
}

static void
cut_lost (CloveBulkPlan *self, CloveBulkPiece *piece, gsize max_size)
{
  if (piece->n_failures > FAILURES_TO_SHRINK)
    max_size = MAX (max_size >> MIN (piece->n_failures - FAILURES_TO_SHRINK, 8), SMALLEST_PIECE);
  if (piece->size > max_size)
    split (self, piece, max_size);
}

/**
 * clove_bulk_plan_take:
 * @self: a plan
 * @max_size: the most bytes that the piece may have
 * @now_us: the time
 *
 * Take what is to be asked for next: what was lost before what is new.
 *
 * Returns: (transfer none) (nullable): a piece, which stays the plan's; %NULL for nothing now
 */
CloveBulkPiece *
clove_bulk_plan_take (CloveBulkPlan *self, gsize max_size, gint64 now_us)
{
  CloveBulkPiece *piece = find_lost (self, now_us);

  if (piece == NULL)
    piece = begin_new (self, max_size);
  else
    cut_lost (self, piece, max_size);
  if (piece != NULL)
    piece->is_asked = TRUE;
  return piece;
}

/** clove_bulk_plan_get_next_us: Get when the next lost piece may be asked for; -1 without one. */
gint64
clove_bulk_plan_get_next_us (CloveBulkPlan *self)
{
  gint64 next_us = -1;

  for (GList *link = self->pieces.head; link != NULL; link = link->next) {
    const CloveBulkPiece *piece = link->data;

    if (is_wanted (piece) && (next_us < 0 || piece->not_before_us < next_us))
      next_us = piece->not_before_us;
  }
  return next_us;
}

/** clove_bulk_plan_add: Take the next bytes of @piece, no more than it has to get; copied. */
void
clove_bulk_plan_add (CloveBulkPlan *self, CloveBulkPiece *piece, const guint8 *data, gsize size)
{
  g_return_if_fail (size <= piece->size - piece->n_have);

  if (size == 0)
    return;
  if (piece->bytes == NULL)
    set_capacity (piece, piece->size);
  memcpy (piece->bytes + piece->n_have, data, size);
  piece->n_have += size;
}

/* Frees what the reader has taken; a piece that is asked for is in the hands of who asked. */
static void
drop_read (CloveBulkPlan *self)
{
  CloveBulkPiece *piece = g_queue_peek_head (&self->pieces);

  while (piece != NULL && !piece->is_asked &&
         self->position == piece->first + (gint64) piece->size) {
    free_piece (self, piece);
    piece = g_queue_peek_head (&self->pieces);
  }
}

/**
 * clove_bulk_plan_finish:
 * @self: a plan
 * @piece: (transfer full): one that was asked for
 *
 * The reply that carried @piece has ended. If the server gave less than was asked for, the rest is
 * wanted like something new.
 */
void
clove_bulk_plan_finish (CloveBulkPlan *self, CloveBulkPiece *piece)
{
  piece->is_asked = FALSE;
  piece->n_failures = 0;
  if (!clove_bulk_piece_is_whole (piece) && piece->n_have > 0)
    split (self, piece, piece->n_have);
  if (clove_bulk_piece_is_whole (piece))
    settle (self, piece);
  drop_read (self);
}

/**
 * clove_bulk_plan_keep:
 * @self: a plan
 * @piece: one that is about to be lost, or what an earlier call returned
 * @position: of the first byte; in @piece, and not before what came of it
 * @data: bytes that came behind a gap; copied
 * @size: how many, at least one and no more than @piece holds from @position on
 *
 * Cut a part out of a piece that came though the bytes before it did not.
 *
 * Returns: (transfer none) (nullable): what of @piece lies behind; wanted like what was lost
 */
CloveBulkPiece *
clove_bulk_plan_keep (CloveBulkPlan *self,
                      CloveBulkPiece *piece,
                      gint64 position,
                      const guint8 *data,
                      gsize size)
{
  gsize offset = (gsize) (position - piece->first);

  g_return_val_if_fail (position >= piece->first + (gint64) piece->n_have && size > 0 &&
                          offset + size <= piece->size,
                        NULL);

  /* A piece that is asked for stays as it is in the hands of who asked, if only to be lost. */
  if (offset > 0 || piece->is_asked)
    piece = split (self, piece, offset);
  piece->bytes = g_memdup2 (data, size);
  piece->n_have = size;
  return piece->size > size ? split (self, piece, size) : NULL;
}

/**
 * clove_bulk_plan_lose:
 * @self: a plan
 * @piece: (transfer full): one that was asked for
 * @not_before_us: when it may be asked for again
 *
 * Nothing more of @piece will come. What came of it stays.
 */
void
clove_bulk_plan_lose (CloveBulkPlan *self, CloveBulkPiece *piece, gint64 not_before_us)
{
  CloveBulkPiece *rest = piece;

  piece->is_asked = FALSE;
  if (!clove_bulk_piece_is_whole (piece)) {
    if (piece->n_have > 0)
      rest = split (self, piece, piece->n_have);
    rest->n_failures++;
    rest->not_before_us = not_before_us;
  }
  if (clove_bulk_piece_is_whole (piece))
    settle (self, piece);
  drop_read (self);
}

/**
 * clove_bulk_plan_peek:
 * @self: a plan
 * @size_out: (out): how many bytes, 0 when none are ready
 *
 * Look at the next bytes in order.
 *
 * Returns: (nullable) (transfer none): the bytes, valid until the next call on @self
 */
const guint8 *
clove_bulk_plan_peek (CloveBulkPlan *self, gsize *size_out)
{
  CloveBulkPiece *piece = g_queue_peek_head (&self->pieces);
  gsize offset = piece != NULL ? (gsize) (self->position - piece->first) : 0;

  *size_out = piece != NULL ? piece->n_have - offset : 0;
  return *size_out > 0 ? piece->bytes + offset : NULL;
}

/** clove_bulk_plan_consume: Take @size bytes, no more than clove_bulk_plan_peek() showed. */
void
clove_bulk_plan_consume (CloveBulkPlan *self, gsize size)
{
  gsize shown = 0;

  (void) clove_bulk_plan_peek (self, &shown);
  g_return_if_fail (size <= shown);

  self->position += (gint64) size;
  drop_read (self);
}

/** clove_bulk_plan_is_complete: Tell whether every byte came; they need not have been read. */
gboolean
clove_bulk_plan_is_complete (CloveBulkPlan *self)
{
  if (self->next < self->end)
    return FALSE;
  for (GList *link = self->pieces.head; link != NULL; link = link->next) {
    if (!clove_bulk_piece_is_whole (link->data))
      return FALSE;
  }
  return TRUE;
}

/** clove_bulk_plan_get_memory: Get how many bytes of memory the pieces take. */
gsize
clove_bulk_plan_get_memory (const CloveBulkPlan *self)
{
  gsize memory = 0;

  for (const GList *link = self->pieces.head; link != NULL; link = link->next) {
    const CloveBulkPiece *piece = link->data;

    memory += sizeof *piece + piece->capacity;
  }
  return memory;
}
