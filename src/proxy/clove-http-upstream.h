/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-buffer.h"
#include "clove-http-request.h"
#include "clove-http-target.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveHttpUpstream:
 *
 * A request being written for the exit. Its body goes out as one chunk, since a Content-Length
 * makes exits mistake it for the length of the reply. Zeroed when unused.
 */
typedef struct {
  /*< private >*/
  CloveBuffer buffer;
  gsize max_size;
  gsize head_size;
  gboolean has_body;
} CloveHttpUpstream;

gboolean clove_http_upstream_begin (CloveHttpUpstream *self,
                                    const CloveHttpRequest *request,
                                    const CloveHttpTarget *target,
                                    gsize max_size)
  G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_http_upstream_append (CloveHttpUpstream *self, CloveHttpText piece)
  G_GNUC_WARN_UNUSED_RESULT;
GBytes *clove_http_upstream_finish (CloveHttpUpstream *self) G_GNUC_WARN_UNUSED_RESULT;
void clove_http_upstream_clear (CloveHttpUpstream *self);

G_END_DECLS
