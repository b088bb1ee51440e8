/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-tl.h"

#include <glib.h>

G_BEGIN_DECLS

/* Streams that one exit keeps open for all its circuits. */
#define CLOVE_LOCAL_MAX_STREAMS 4096

/**
 * CloveLocalStreams:
 *
 * Which stream of which circuit leads to which site. The reference has one table for all circuits,
 * so that clients who choose the same id get each other's sites.
 */
typedef struct _CloveLocalStreams CloveLocalStreams;

CloveLocalStreams *clove_local_streams_new (void) G_GNUC_WARN_UNUSED_RESULT;
void clove_local_streams_free (CloveLocalStreams *self);
void clove_local_streams_set_shared (CloveLocalStreams *self);

const char *clove_local_streams_find (const CloveLocalStreams *self,
                                      const guint8 circuit_id[static CLOVE_INT256_SIZE],
                                      gint32 stream_id);
gboolean clove_local_streams_open (CloveLocalStreams *self,
                                   const guint8 circuit_id[static CLOVE_INT256_SIZE],
                                   gint32 stream_id,
                                   const char *host) G_GNUC_WARN_UNUSED_RESULT;
void clove_local_streams_close (CloveLocalStreams *self,
                                const guint8 circuit_id[static CLOVE_INT256_SIZE],
                                gint32 stream_id);
void clove_local_streams_close_circuit (CloveLocalStreams *self,
                                        const guint8 circuit_id[static CLOVE_INT256_SIZE]);
guint clove_local_streams_count (const CloveLocalStreams *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveLocalStreams, clove_local_streams_free)

G_END_DECLS
