/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Additive increase, multiplicative decrease, as in TCP, with three differences. A piece is lost
 * where a segment would be, so its size is learned, too. The place where something was lost is
 * remembered, and gone near slowly: a relay's buffer does not grow, and to find its end again costs
 * a loss. And on a long way, where a small window costs much and a piece asked for again little,
 * what counts is the share that is lost: some of it is lost by the air between a laptop and its
 * access point, however little is under way. What is still lost when the window is small is taken
 * for that.
 */
#include "config.h"

#include "clove-bulk-window.h"

/* Pieces in a row that must arrive before they are made larger. */
#define GOOD_TO_GROW 24
/* So much slower the window grows where something was lost before: on a short way, where pieces
 * come together, and on a long one, where they are spread and each window takes its time. */
#define CAUTION      16
#define CAUTION_LONG 2
/* Pieces must overlap, or the path idles while each is asked for. */
#define MIN_PIECES   3
#define PIECE_UNIT   4096
/* The share that may be lost on a long way, beyond what is lost anyway, before the window gives
 * way. */
#define TOLERANCE    0.08
/* The shares are means over a window, or about so many bytes if that is more. */
#define MEMORY       ((gsize) 512 * 1024)
/* So much slower is believed that less is lost than was lost in a small window. */
#define FORGET       8

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

  gsize largest = clove_bulk_pace_is_long (&self->pace) ? CLOVE_BULK_FIRST_PIECE : share;

  return MAX (MIN (self->piece_size, MIN (share, largest)), CLOVE_BULK_MIN_PIECE);
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

/** clove_bulk_window_get_next_us: Get when the next piece may be asked for, given room. */
gint64
clove_bulk_window_get_next_us (const CloveBulkWindow *self)
{
  return clove_bulk_pace_get_next_us (&self->pace);
}

/** clove_bulk_window_note_sent: Count a reply of @size bytes that was asked for. */
void
clove_bulk_window_note_sent (CloveBulkWindow *self, gsize size)
{
  self->in_flight += size;
}

/** clove_bulk_window_note_piece_sent: Count a piece; what follows it is spread. */
void
clove_bulk_window_note_piece_sent (CloveBulkWindow *self, gsize size, gint64 now_us)
{
  clove_bulk_window_note_sent (self, size);
  clove_bulk_pace_note_sent (&self->pace, size, self->limit, now_us);
}

/** clove_bulk_window_note_time: A piece came whole @time_us after it was asked for. */
void
clove_bulk_window_note_time (CloveBulkWindow *self, gint64 time_us)
{
  clove_bulk_pace_note_time (&self->pace, time_us);
}

static void
grow (CloveBulkWindow *self, gsize size)
{
  gsize limit = self->limit + size;

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

  if (!is_near_ceiling)
    return self->limit;
  return self->limit * (clove_bulk_pace_is_long (&self->pace) ? CAUTION_LONG : CAUTION);
}

/* On a long way it would take many times its length to find out by one piece after another what it
 * bears. Once something was lost there is a ceiling, or the window was at its largest. */
static gboolean
is_starting_long (const CloveBulkWindow *self)
{
  return self->ceiling == G_MAXSIZE && clove_bulk_pace_is_long (&self->pace);
}

/* Relays bear so much for certain: what is lost has other reasons. */
static gboolean
is_small (const CloveBulkWindow *self)
{
  return self->limit <= CLOVE_BULK_FIRST_LIMIT;
}

/* @missing of @size bytes did not come. */
static void
note_share (CloveBulkWindow *self, gsize missing, gsize size)
{
  gdouble weight = MIN ((gdouble) size / (gdouble) MAX (self->limit, MEMORY), 1);
  gdouble share = size > 0 ? (gdouble) missing / (gdouble) size : 0;

  self->loss += (share - self->loss) * weight;
  if (is_small (self))
    self->own_loss += (share - self->own_loss) * weight;
  else if (self->loss < self->own_loss)
    self->own_loss += (self->loss - self->own_loss) * weight / FORGET;
}

/** clove_bulk_window_note_arrived: A piece that was counted as @size bytes came whole. */
void
clove_bulk_window_note_arrived (CloveBulkWindow *self, gsize size)
{
  self->in_flight -= MIN (size, self->in_flight);
  note_share (self, 0, size);
  self->good_size += size;
  if (is_starting_long (self))
    grow (self, size);
  else if (self->good_size >= size_to_grow (self))
    grow (self, clove_bulk_window_get_piece_size (self));
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

static gboolean
is_bearable (const CloveBulkWindow *self)
{
  return clove_bulk_pace_is_long (&self->pace) && self->loss <= self->own_loss + TOLERANCE;
}

/**
 * clove_bulk_window_note_lost:
 * @self: a window
 * @size: as it was counted
 * @missing: how much of it did not come
 * @sent_us: when the piece was asked for
 * @now_us: the time
 *
 * A piece was lost, or a part of it. Those that were under way together are lost together: if it
 * was much, the first of them halves the window and the pieces, the others tell nothing new.
 */
void
clove_bulk_window_note_lost (CloveBulkWindow *self,
                             gsize size,
                             gsize missing,
                             gint64 sent_us,
                             gint64 now_us)
{
  self->in_flight -= MIN (size, self->in_flight);
  if (sent_us < self->reacted_us)
    return;
  note_share (self, MIN (missing, size), size);
  if (is_bearable (self))
    return;
  self->good_size = 0;
  self->n_good = 0;
  self->reacted_us = now_us;
  self->ceiling = self->limit;
  self->limit = MAX (self->limit / 2, CLOVE_BULK_MIN_LIMIT);
  /* What was lost has had its answer; a small window has none but to learn. */
  if (!is_small (self))
    self->loss = self->own_loss;
  self->piece_size = MAX (self->piece_size / 2, CLOVE_BULK_MIN_PIECE);
}

/** clove_bulk_window_note_dropped: A piece that was counted as @size bytes is not waited for. */
void
clove_bulk_window_note_dropped (CloveBulkWindow *self, gsize size)
{
  self->in_flight -= MIN (size, self->in_flight);
}
