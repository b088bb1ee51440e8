/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-circuit-error.h"

#include <glib.h>

G_BEGIN_DECLS

/* Plain bytes that an exit puts into one dataChunk. */
#define CLOVE_CHUNK_SIZE       6000
/* A reply of more chunks than this is refused: TL can tell the size of 16 MiB at most, which is
 * 2797 chunks, and #CloveReplay must not forget a chunk while its reply is still coming. */
#define CLOVE_CHUNKS_MAX_TOTAL 8192

/**
 * CloveChunks:
 *
 * Puts one reply together from its dataChunks, which come in any order, and gives out the finished
 * prefix of its body at the reader's pace. Pure. Memory is bounded by the limit given when it is
 * made: chunks that wait for an earlier one and chunks not yet read count.
 */
typedef struct _CloveChunks CloveChunks;

CloveChunks *clove_chunks_new (gint32 stream_id, gsize max_memory) G_GNUC_WARN_UNUSED_RESULT;
void clove_chunks_free (CloveChunks *self);

gboolean clove_chunks_add (CloveChunks *self,
                           gint32 index,
                           gint32 total,
                           const guint8 *piece,
                           gsize size,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_chunks_add_whole (CloveChunks *self,
                                 const guint8 *body,
                                 gsize size,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

const guint8 *clove_chunks_peek (CloveChunks *self, gsize *size_out);
void clove_chunks_consume (CloveChunks *self, gsize size);
const guint8 *clove_chunks_peek_beyond (const CloveChunks *self,
                                        gsize from,
                                        gsize *offset_out,
                                        gsize *size_out);

gboolean clove_chunks_has_begun (const CloveChunks *self);
gboolean clove_chunks_is_complete (const CloveChunks *self);
gint64 clove_chunks_get_body_size (const CloveChunks *self);
gsize clove_chunks_get_memory (const CloveChunks *self);
guint clove_chunks_get_n_received (const CloveChunks *self);
guint clove_chunks_get_n_total (const CloveChunks *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveChunks, clove_chunks_free)

G_END_DECLS
