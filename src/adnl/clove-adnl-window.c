/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-adnl-window.h"

#include <string.h>

static void
set_bit (CloveAdnlWindow *self, gint64 seqno, gboolean is_seen)
{
  guint bit = (guint) (seqno % CLOVE_ADNL_WINDOW_SIZE);
  guint64 mask = G_GUINT64_CONSTANT (1) << (bit % 64);

  if (is_seen)
    self->seen[bit / 64] |= mask;
  else
    self->seen[bit / 64] &= ~mask;
}

static gboolean
has_bit (const CloveAdnlWindow *self, gint64 seqno)
{
  guint bit = (guint) (seqno % CLOVE_ADNL_WINDOW_SIZE);

  return (self->seen[bit / 64] >> (bit % 64) & 1) != 0;
}

/** clove_adnl_window_reset: Forget everything: the peer began to count anew. */
void
clove_adnl_window_reset (CloveAdnlWindow *self)
{
  memset (self, 0, sizeof *self);
}

/**
 * clove_adnl_window_accept:
 * @self: a window
 * @seqno: number of a datagram that was proven to come from the peer
 *
 * Returns: whether @seqno is new; it is remembered then
 */
gboolean
clove_adnl_window_accept (CloveAdnlWindow *self, gint64 seqno)
{
  if (seqno <= 0 || seqno <= self->highest - CLOVE_ADNL_WINDOW_SIZE)
    return FALSE;
  if (seqno <= self->highest && has_bit (self, seqno))
    return FALSE;

  if (seqno - self->highest >= CLOVE_ADNL_WINDOW_SIZE) {
    memset (self->seen, 0, sizeof self->seen);
    self->highest = seqno;
  }
  for (; self->highest < seqno; self->highest++)
    set_bit (self, self->highest + 1, FALSE);
  set_bit (self, seqno, TRUE);
  return TRUE;
}

/** clove_adnl_window_get_highest: Get the highest number accepted, 0 at first. */
gint64
clove_adnl_window_get_highest (const CloveAdnlWindow *self)
{
  return self->highest;
}
