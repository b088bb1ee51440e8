/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-bulk-pace.h"

G_BEGIN_DECLS

/* A piece has at least and at most so many bytes, and so many at first. */
#define CLOVE_BULK_MIN_PIECE   (16 * 1024)
#define CLOVE_BULK_MAX_PIECE   (128 * 1024)
#define CLOVE_BULK_FIRST_PIECE (64 * 1024)

/* What may be under way in all pieces together: at first, when all goes wrong, and at most. Relays
 * with the system's buffers bear bursts of about 130 KB for certain. */
#define CLOVE_BULK_FIRST_LIMIT (128 * 1024)
#define CLOVE_BULK_MIN_LIMIT   (64 * 1024)
#define CLOVE_BULK_MAX_LIMIT   (1024 * 1024)

/**
 * CloveBulkWindow:
 *
 * How much may be asked for at one time, and in pieces of what size, so that the bursts in which
 * exits reply do not overrun the relays, and when. Shared by all downloads, which have the relays
 * in common.
 * Learns from what arrives and what is lost. Pure; plain value.
 */
typedef struct {
  /*< private >*/
  gsize limit;
  gsize in_flight;
  gsize ceiling;   /* where something was lost last; G_MAXSIZE for nowhere */
  gsize good_size; /* arrived since the limit changed */
  gsize piece_size;
  guint n_good;      /* pieces that arrived since one was lost or their size changed */
  gdouble loss;      /* share of bytes that did not come, of late */
  gdouble own_loss;  /* what of it has nothing to do with how much is under way */
  gint64 reacted_us; /* what was asked for before is no news when it is lost */
  CloveBulkPace pace;
} CloveBulkWindow;

void clove_bulk_window_init (CloveBulkWindow *self);

gsize clove_bulk_window_get_room (const CloveBulkWindow *self);
gsize clove_bulk_window_get_piece_size (const CloveBulkWindow *self);
gsize clove_bulk_window_get_limit (const CloveBulkWindow *self);
gsize clove_bulk_window_get_in_flight (const CloveBulkWindow *self);
gint64 clove_bulk_window_get_next_us (const CloveBulkWindow *self);

gsize clove_bulk_window_get_first_size (const CloveBulkWindow *self,
                                        gsize likely,
                                        gsize excess);

void clove_bulk_window_note_sent (CloveBulkWindow *self, gsize size);
void clove_bulk_window_note_piece_sent (CloveBulkWindow *self, gsize size, gint64 now_us);
void clove_bulk_window_note_time (CloveBulkWindow *self, gint64 time_us);
void clove_bulk_window_note_arrived (CloveBulkWindow *self, gsize size);
void clove_bulk_window_note_first_arrived (CloveBulkWindow *self, gsize size);
void clove_bulk_window_note_lost (CloveBulkWindow *self,
                                  gsize size,
                                  gsize missing,
                                  gint64 sent_us,
                                  gint64 now_us);
void clove_bulk_window_note_dropped (CloveBulkWindow *self, gsize size);

G_END_DECLS
