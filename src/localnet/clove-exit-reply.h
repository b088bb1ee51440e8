/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-exit-headers.h"

#include <gio/gio.h>
#include <glib.h>

G_BEGIN_DECLS

/* A TL value ends at 16 MiB - 1; this leaves room for the head of the reply. */
#define CLOVE_EXIT_MAX_BODY_SIZE ((gsize) 0xffffff - 65536)

/**
 * CloveExitReply:
 * @body: (nullable): %NULL when there is none
 * @chunk_size: when not 0, the body is sent with Transfer-Encoding: chunked in pieces of this size
 * @delay_us: how long the site thinks about it
 * @is_broken: the site stopped in the middle of the body
 *
 * One HTTP reply before it is serialised.
 */
typedef struct {
  guint status;
  CloveExitHeaders *headers;
  GBytes *body;
  gsize chunk_size;
  gint64 delay_us;
  gboolean is_broken;
} CloveExitReply;

/**
 * CloveExitReplyShape:
 * @CLOVE_EXIT_REPLY_FRAMED: body length and repeated headers as the site gave them
 * @CLOVE_EXIT_REPLY_UNFRAMED: as a real exit that got the reply by RLDP: no length, the body ends
 *   with the data; of a repeated header only the last; no body with a redirection
 */
typedef enum {
  CLOVE_EXIT_REPLY_FRAMED,
  CLOVE_EXIT_REPLY_UNFRAMED,
} CloveExitReplyShape;

CloveExitReply *clove_exit_reply_new (guint status,
                                      const char *content_type,
                                      GBytes *body) G_GNUC_WARN_UNUSED_RESULT;
CloveExitReply *clove_exit_reply_new_text (guint status,
                                           const char *format,
                                           ...) G_GNUC_PRINTF (2, 3) G_GNUC_WARN_UNUSED_RESULT;
CloveExitReply *clove_exit_reply_new_failure (const char *format,
                                              ...) G_GNUC_PRINTF (1, 2) G_GNUC_WARN_UNUSED_RESULT;
void clove_exit_reply_free (CloveExitReply *self);

void clove_exit_reply_drop_body (CloveExitReply *self);
gsize clove_exit_reply_get_body_size (const CloveExitReply *self);
GBytes *clove_exit_reply_format (CloveExitReply *self,
                                 CloveExitReplyShape shape) G_GNUC_WARN_UNUSED_RESULT;
const char *clove_exit_status_phrase (guint status);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveExitReply, clove_exit_reply_free)

G_END_DECLS
