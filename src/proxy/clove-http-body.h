/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-http-head.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveHttpFraming:
 * @CLOVE_HTTP_FRAMING_NONE: there is no body
 * @CLOVE_HTTP_FRAMING_LENGTH: a known number of bytes
 * @CLOVE_HTTP_FRAMING_CHUNKED: chunks, the last one empty
 * @CLOVE_HTTP_FRAMING_UNTIL_END: all bytes until the sender ends; never complete by itself
 *
 * How the end of a body is found.
 */
typedef enum {
  CLOVE_HTTP_FRAMING_NONE,
  CLOVE_HTTP_FRAMING_LENGTH,
  CLOVE_HTTP_FRAMING_CHUNKED,
  CLOVE_HTTP_FRAMING_UNTIL_END,
} CloveHttpFraming;

/**
 * CloveHttpBody:
 *
 * A decoder that takes the framing off a body as its bytes arrive, for either direction. Chunk
 * syntax is strict; extensions and trailers are dropped and bounded. Plain value.
 */
typedef struct {
  /*< private >*/
  CloveHttpFraming framing;
  guint state;
  guint64 remaining;
  gsize n_overhead;
  guint n_digits;
} CloveHttpBody;

void clove_http_body_init (CloveHttpBody *self, CloveHttpFraming framing, guint64 length);
gboolean clove_http_body_is_done (const CloveHttpBody *self);
CloveHttpResult clove_http_body_feed (CloveHttpBody *self,
                                      const guint8 *data,
                                      gsize size,
                                      gsize *consumed_out,
                                      CloveHttpText *piece_out,
                                      GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
