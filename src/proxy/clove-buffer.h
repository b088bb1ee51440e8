/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveBuffer:
 *
 * A queue of bytes: appended at its end, consumed at its start. It grows as asked and bounds
 * nothing: the limits belong to whoever appends. A zeroed one is empty and owns no memory.
 */
typedef struct {
  /*< private >*/
  guint8 *data;
  gsize start;
  gsize end;
  gsize capacity;
} CloveBuffer;

void clove_buffer_clear (CloveBuffer *self);

gsize clove_buffer_get_size (const CloveBuffer *self);
const guint8 *clove_buffer_get_data (const CloveBuffer *self);

guint8 *clove_buffer_reserve (CloveBuffer *self, gsize size);
void clove_buffer_commit (CloveBuffer *self, gsize size);
void clove_buffer_append (CloveBuffer *self, gconstpointer bytes, gsize size);
void clove_buffer_append_text (CloveBuffer *self, const char *text);
void clove_buffer_append_number (CloveBuffer *self, guint64 number, guint base);
void clove_buffer_consume (CloveBuffer *self, gsize size);
void clove_buffer_trim (CloveBuffer *self);
GBytes *clove_buffer_steal (CloveBuffer *self) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CloveBuffer, clove_buffer_clear)

G_END_DECLS
