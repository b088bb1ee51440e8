/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveReader:
 *
 * The one bounds-checked cursor through which every byte from outside is read.
 *
 * A read past the end returns zero or %NULL, consumes nothing and makes the reader fail for good;
 * callers read a whole structure and ask clove_reader_is_ok() once. Integers are little-endian.
 * Plain value on the stack; borrows the bytes it reads.
 */
typedef struct {
  /*< private >*/
  const guint8 *data;
  gsize size;
  gsize position;
  gboolean has_failed;
} CloveReader;

void clove_reader_init (CloveReader *self, const guint8 *data, gsize size);

gboolean clove_reader_is_ok (const CloveReader *self);
gsize clove_reader_get_position (const CloveReader *self);
gsize clove_reader_get_remaining (const CloveReader *self);
void clove_reader_fail (CloveReader *self);

guint8 clove_reader_u8 (CloveReader *self);
guint16 clove_reader_u16_be (CloveReader *self);
guint32 clove_reader_u32 (CloveReader *self);
guint64 clove_reader_u64 (CloveReader *self);
const guint8 *clove_reader_bytes (CloveReader *self, gsize size);
void clove_reader_skip_up_to (CloveReader *self, gsize size);

G_END_DECLS
