/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Additive increase, multiplicative decrease, as in TCP, with two differences. A piece is lost
 * whole where a segment would be, so its size is learned, too. And the place where something was
 * lost is remembered, and gone near slowly: a relay's buffer does not grow, and to find its end
 * again costs a loss.
 */
#include "config.h"

#include "clove-bulk-window.h"

/* Pieces in a row that must arrive before they are made larger. */
#define GOOD_TO_GROW 24
/* So much slower the window grows where something was lost before. */
#define CAUTION      16
/* Pieces must overlap, or the path idles while each is asked for. */
#define MIN_PIECES   3
#define PIECE_UNIT   4096

/** clove_bulk_window_init: Begin with nothing under way and nothing learned. */
void
clove_bulk_window_init (CloveBulkWindow *self)
{
  *self = (CloveBulkWindow){
    .limit = CLOVE_BULK_FIRST_LIMIT,
    .ceiling = G_MAXSIZE,
    .piece_size = CLOVE_BULK_FIRST_PIECE,
  };
}

/** clove_bulk_window_get_room: Get how many bytes may be asked for now. */
gsize
clove_bulk_window_get_room (const CloveBulkWindow *self)
{
  return self->limit > self->in_flight ? self->limit - self->in_flight : 0;
}

/** clove_bulk_window_get_piece_size: Get how many bytes to ask for in one piece. */
gsize
clove_bulk_window_get_piece_size (const CloveBulkWindow *self)
{
  gsize share = self->limit / MIN_PIECES / PIECE_UNIT * PIECE_UNIT;

  return MAX (MIN (self->piece_size, share), CLOVE_BULK_MIN_PIECE);
}

/** clove_bulk_window_get_limit: Get how many bytes may be under way at one time. */
gsize
clove_bulk_window_get_limit (const CloveBulkWindow *self)
{
  return self->limit;
}

/** clove_bulk_window_get_in_flight: Get how many bytes are under way. */
gsize
clove_bulk_window_get_in_flight (const CloveBulkWindow *self)
{
  return self->in_flight;
}

/**
 * clove_bulk_window_get_first_size:
 * @self: a window
 * @likely: how large a reply is likely to be
 * @excess: by how much what is under way may turn out to be more than it is counted as
 *
 * Returns: how many bytes to ask for when nobody knows how many there are: less when much is under
 *   way, but not so little that the likely reply would need a second piece
 */
gsize
clove_bulk_window_get_first_size (const CloveBulkWindow *self, gsize likely, gsize excess)
{
  gsize room = clove_bulk_window_get_room (self);
  gsize size = MAX (room - MIN (room, excess), likely + likely / 4);

  return CLAMP (size, CLOVE_BULK_MIN_PIECE, MIN (self->piece_size, CLOVE_BULK_FIRST_PIECE));
}

/** clove_bulk_window_note_sent: Count a piece of @size bytes that was asked for. */
void
clove_bulk_window_note_sent (CloveBulkWindow *self, gsize size)
{
  self->in_flight += size;
}

static void
grow (CloveBulkWindow *self)
{
  gsize limit = self->limit + clove_bulk_window_get_piece_size (self);

  self->good_size = 0;
  if (limit > CLOVE_BULK_MAX_LIMIT)
    limit = CLOVE_BULK_MAX_LIMIT;
  if (limit > self->ceiling)
    self->ceiling = G_MAXSIZE;
  self->limit = limit;
}

static gsize
size_to_grow (const CloveBulkWindow *self)
{
  gboolean is_near_ceiling = self->limit + self->limit / 4 >= self->ceiling;

  return is_near_ceiling ? self->limit * CAUTION : self->limit;
}

/** clove_bulk_window_note_arrived: A piece that was counted as @size bytes came whole. */
void
clove_bulk_window_note_arrived (CloveBulkWindow *self, gsize size)
{
  self->in_flight -= MIN (size, self->in_flight);
  self->good_size += size;
  if (self->good_size >= size_to_grow (self))
    grow (self);
  if (++self->n_good < GOOD_TO_GROW)
    return;
  self->n_good = 0;
  self->piece_size = MIN (self->piece_size * 2, CLOVE_BULK_MAX_PIECE);
}

/**
 * clove_bulk_window_note_first_arrived:
 * @self: a window
 * @size: as it was counted
 *
 * A reply came whole of which nobody knew how large it would be. What is lost of such replies is
 * missed much later than a piece, so it is left to pieces to find out what the window bears beyond
 * its first limit.
 */
void
clove_bulk_window_note_first_arrived (CloveBulkWindow *self, gsize size)
{
  if (self->limit < CLOVE_BULK_FIRST_LIMIT)
    clove_bulk_window_note_arrived (self, size);
  else
    clove_bulk_window_note_dropped (self, size);
}

/**
 * clove_bulk_window_note_lost:
 * @self: a window
 * @size: as it was counted
 * @sent_us: when the piece was asked for
 * @now_us: the time
 *
 * A piece was lost. Those that were under way together are lost together: the first of them halves
 * the window and the pieces, the others tell nothing new.
 */
void
clove_bulk_window_note_lost (CloveBulkWindow *self, gsize size, gint64 sent_us, gint64 now_us)
{
  self->in_flight -= MIN (size, self->in_flight);
  self->good_size = 0;
  self->n_good = 0;
  if (sent_us < self->reacted_us)
    return;
  self->reacted_us = now_us;
  self->ceiling = self->limit;
  self->limit = MAX (self->limit / 2, CLOVE_BULK_MIN_LIMIT);
  self->piece_size = MAX (self->piece_size / 2, CLOVE_BULK_MIN_PIECE);
}

/** clove_bulk_window_note_dropped: A piece that was counted as @size bytes is not waited for. */
void
clove_bulk_window_note_dropped (CloveBulkWindow *self, gsize size)
{
  self->in_flight -= MIN (size, self->in_flight);
}
