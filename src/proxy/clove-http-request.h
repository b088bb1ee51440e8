/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-http-body.h"
#include "clove-http-head.h"

#include <glib.h>

G_BEGIN_DECLS

#define CLOVE_HTTP_MAX_METHOD_SIZE 32
#define CLOVE_HTTP_MAX_TARGET_SIZE 8192

/**
 * CloveHttpRequest:
 * @method: as sent; methods are case-sensitive
 * @target: as sent: visible ASCII without "#"
 * @host: (nullable): the value of the Host field, data %NULL without one
 * @fields: all header fields
 * @framing: none, by length or chunked
 * @content_length: the body's size for %CLOVE_HTTP_FRAMING_LENGTH
 * @minor_version: 0 or 1
 * @keeps_alive: whether the connection can serve another request after this one
 * @expects_continue: whether the client waits for a 100 before it sends the body
 * @head_size: how many bytes of the input were the head
 *
 * The head of a request. Borrows the bytes that were parsed.
 */
typedef struct {
  CloveHttpText method;
  CloveHttpText target;
  CloveHttpText host;
  CloveHttpFields fields;
  CloveHttpFraming framing;
  guint64 content_length;
  guint minor_version;
  gboolean keeps_alive;
  gboolean expects_continue;
  gsize head_size;
} CloveHttpRequest;

CloveHttpResult clove_http_request_parse (CloveHttpRequest *out,
                                          CloveHttpScan *scan,
                                          const guint8 *data,
                                          gsize size,
                                          GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
