/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveWriter:
 *
 * A cursor that writes into memory of fixed size, the twin of #CloveReader.
 *
 * A write that does not fit writes nothing and makes the writer fail for good; callers write a
 * whole structure and ask clove_writer_is_ok() once. Integers are little-endian.
 * Plain value on the stack; borrows the memory it fills.
 */
typedef struct {
  /*< private >*/
  guint8 *data;
  gsize capacity;
  gsize size;
  gboolean has_failed;
} CloveWriter;

void clove_writer_init (CloveWriter *self, guint8 *data, gsize capacity);

gboolean clove_writer_is_ok (const CloveWriter *self);
gsize clove_writer_get_size (const CloveWriter *self);

void clove_writer_u8 (CloveWriter *self, guint8 value);
void clove_writer_u16_be (CloveWriter *self, guint16 value);
void clove_writer_u32 (CloveWriter *self, guint32 value);
void clove_writer_u64 (CloveWriter *self, guint64 value);
void clove_writer_bytes (CloveWriter *self, const guint8 *bytes, gsize size);
guint8 *clove_writer_reserve (CloveWriter *self, gsize size);

G_END_DECLS
