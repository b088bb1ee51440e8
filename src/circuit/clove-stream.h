/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-circuit-error.h"

#include <gio/gio.h>
#include <glib-object.h>

G_BEGIN_DECLS

/* The largest request that one stream message carries through three hops
 * (src/circuit/README.md, "Sizes"). */
#define CLOVE_STREAM_MAX_REQUEST_SIZE 8044

/* What one reply may hold in memory when its reader is slow. */
#define CLOVE_STREAM_MAX_MEMORY (16 * 1024 * 1024)

/**
 * CloveStream:
 *
 * One conversation with one site over a circuit: a request, its reply, then the next request. Taken
 * with clove_circuit_take_stream() and given back with clove_stream_release(). Belongs to the
 * thread of the circuit.
 */
#define CLOVE_TYPE_STREAM (clove_stream_get_type ())
G_DECLARE_FINAL_TYPE (CloveStream, clove_stream, CLOVE, STREAM, GObject)

/**
 * CloveStreamFunc:
 *
 * Called when more of the reply is readable and once when it has ended; never from inside a call on
 * the stream.
 */
typedef void (*CloveStreamFunc) (CloveStream *stream, gpointer user_data);

void clove_stream_request (CloveStream *self,
                           GBytes *request,
                           CloveStreamFunc on_progress,
                           gpointer user_data);

const guint8 *clove_stream_peek (CloveStream *self, gsize *size_out);
void clove_stream_consume (CloveStream *self, gsize size);
const guint8 *clove_stream_peek_beyond (CloveStream *self,
                                        gsize from,
                                        gsize *offset_out,
                                        gsize *size_out);
gint64 clove_stream_get_reply_size (CloveStream *self);
gboolean clove_stream_has_ended (CloveStream *self, const GError **error_out);
const char *clove_stream_get_host (CloveStream *self);

void clove_stream_release (CloveStream *self);

G_END_DECLS
