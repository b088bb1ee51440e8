/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveExitHeader:
 *
 * One header line.
 */
typedef struct {
  char *name;
  char *value;
} CloveExitHeader;

/**
 * CloveExitHeaders:
 *
 * The header lines of a request or reply at the exit, in their order. Names compare without case.
 */
typedef struct _CloveExitHeaders CloveExitHeaders;

CloveExitHeaders *clove_exit_headers_new (void) G_GNUC_WARN_UNUSED_RESULT;
void clove_exit_headers_free (CloveExitHeaders *self);

void clove_exit_headers_add (CloveExitHeaders *self, const char *name, const char *value);
void clove_exit_headers_set (CloveExitHeaders *self, const char *name, const char *value);
void clove_exit_headers_remove (CloveExitHeaders *self, const char *name);
const char *clove_exit_headers_get (const CloveExitHeaders *self, const char *name);
guint clove_exit_headers_count (const CloveExitHeaders *self, const char *name);
guint clove_exit_headers_get_size (const CloveExitHeaders *self);
const CloveExitHeader *clove_exit_headers_get_nth (const CloveExitHeaders *self, guint n);
void clove_exit_headers_keep_last (CloveExitHeaders *self);
gboolean clove_exit_headers_parse_line (CloveExitHeaders *self, const char *line, gsize size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveExitHeaders, clove_exit_headers_free)

G_END_DECLS
