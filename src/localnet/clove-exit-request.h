/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-exit-headers.h"

#include <gio/gio.h>
#include <glib.h>

G_BEGIN_DECLS

/* More than one stream message can carry; the parser refuses anything longer. */
#define CLOVE_EXIT_MAX_REQUEST_SIZE 65536

/**
 * CloveExitRequest:
 * @method: as sent, case kept
 * @target: in origin form: path with query; "*" stays
 * @headers: without Transfer-Encoding once the body is decoded
 * @body: decoded
 * @content_length: what the client claimed, or -1 when there was no Content-Length
 *
 * One HTTP request as the exit understands it.
 */
typedef struct {
  char *method;
  char *target;
  CloveExitHeaders *headers;
  GBytes *body;
  gint64 content_length;
} CloveExitRequest;

CloveExitRequest *clove_exit_request_parse (const guint8 *data,
                                            gsize size,
                                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
void clove_exit_request_free (CloveExitRequest *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveExitRequest, clove_exit_request_free)

G_END_DECLS
