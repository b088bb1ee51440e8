/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-buffer.h"
#include "clove-http-body.h"
#include "clove-http-head.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveHttpResponse:
 * @status: 200 to 999
 * @reason: the words after it, may be empty
 * @fields: the header fields that could be read
 * @framing: how the end of the body is found
 * @content_length: the Content-Length; -1 without one
 * @head_size: how many bytes of the input were the head, 1xx heads before it included
 *
 * The head of a reply. Borrows the bytes that were parsed.
 */
typedef struct {
  guint status;
  CloveHttpText reason;
  CloveHttpFields fields;
  CloveHttpFraming framing;
  gint64 content_length;
  gsize head_size;
} CloveHttpResponse;

/**
 * CloveHttpDelivery:
 * @framing: how the browser finds the end; %CLOVE_HTTP_FRAMING_UNTIL_END closes the connection
 * @length: the Content-Length to say, -1 for none
 * @closes: whether the connection ends with this reply
 * @is_http10: whether the browser speaks HTTP/1.0
 *
 * How a reply is handed to the browser.
 */
typedef struct {
  CloveHttpFraming framing;
  gint64 length;
  gboolean closes;
  gboolean is_http10;
} CloveHttpDelivery;

CloveHttpResult clove_http_response_parse (CloveHttpResponse *out,
                                           gboolean is_head_request,
                                           const guint8 *data,
                                           gsize size,
                                           GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_http_response_is_by_exit (const guint8 *data, gsize size);
void clove_http_response_format (const CloveHttpResponse *self,
                                 const CloveHttpDelivery *delivery,
                                 CloveBuffer *out);

G_END_DECLS
