/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-clock.h"
#include "clove-random.h"
#include "clove-tl.h"

#include <glib.h>

G_BEGIN_DECLS

/* Replies that wait to be sent, of all circuits together; more are refused. */
#define CLOVE_LOCAL_PACER_MAX_SIZE ((gsize) 96 << 20)

/* Chunks that leave in one go, and the pause after them: 24 MB/s, far below what overruns the
 * smallest socket buffer on the way. */
#define CLOVE_LOCAL_PACER_BURST    4
#define CLOVE_LOCAL_PACER_PAUSE_US 1000

/**
 * CloveLocalPiece:
 * @total: 0 for an object that needs no cutting
 *
 * What is sealed and sent as one datagram towards the client.
 */
typedef struct {
  const guint8 *circuit_id; /* 32 bytes */
  gint32 stream_id;
  gint32 index;
  gint32 total;
  const guint8 *data;
  gsize size;
} CloveLocalPiece;

typedef void (*CloveLocalPieceFunc) (const CloveLocalPiece *piece, gpointer user_data);

/**
 * CloveLocalPacer:
 *
 * Cuts an exit's replies into chunks and sends them at a pace that the path bears, taking turns
 * between streams; or, like the reference, all at once and in no order.
 */
typedef struct _CloveLocalPacer CloveLocalPacer;

CloveLocalPacer *clove_local_pacer_new (CloveClock *clock,
                                        CloveLocalPieceFunc send,
                                        gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void clove_local_pacer_free (CloveLocalPacer *self);
void clove_local_pacer_set_bursting (CloveLocalPacer *self, CloveRandom *random);

gboolean clove_local_pacer_add (CloveLocalPacer *self,
                                const guint8 circuit_id[static CLOVE_INT256_SIZE],
                                gint32 stream_id,
                                GBytes *object);
void clove_local_pacer_drop_stream (CloveLocalPacer *self,
                                    const guint8 circuit_id[static CLOVE_INT256_SIZE],
                                    gint32 stream_id);
void clove_local_pacer_drop_circuit (CloveLocalPacer *self,
                                     const guint8 circuit_id[static CLOVE_INT256_SIZE]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveLocalPacer, clove_local_pacer_free)

G_END_DECLS
