/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-writer.h"

#include <string.h>

/**
 * clove_writer_init:
 * @self: a writer
 * @data: memory to fill, borrowed
 * @capacity: its size in bytes
 *
 * Start writing at the first byte of @data.
 */
void
clove_writer_init (CloveWriter *self, guint8 *data, gsize capacity)
{
  self->data = data;
  self->capacity = capacity;
  self->size = 0;
  self->has_failed = FALSE;
}

/** clove_writer_is_ok: Tell whether everything written so far did fit. */
gboolean
clove_writer_is_ok (const CloveWriter *self)
{
  return !self->has_failed;
}

/** clove_writer_get_size: Get the number of bytes written. */
gsize
clove_writer_get_size (const CloveWriter *self)
{
  return self->size;
}

/**
 * clove_writer_reserve:
 * @self: a writer
 * @size: how many bytes
 *
 * Move past @size bytes that the caller fills.
 *
 * Returns: (nullable) (transfer none): where to write them; %NULL when they do not fit.
 */
guint8 *
clove_writer_reserve (CloveWriter *self, gsize size)
{
  guint8 *place = NULL;

  if (self->has_failed || size > self->capacity - self->size) {
    self->has_failed = TRUE;
    return NULL;
  }

  place = self->data + self->size;
  self->size += size;
  return place;
}

/** clove_writer_bytes: Append @size bytes; @bytes may be %NULL when @size is 0. */
void
clove_writer_bytes (CloveWriter *self, const guint8 *bytes, gsize size)
{
  guint8 *place = clove_writer_reserve (self, size);

  if (place != NULL && size > 0)
    memcpy (place, bytes, size);
}

/** clove_writer_u8: Append one byte. */
void
clove_writer_u8 (CloveWriter *self, guint8 value)
{
  clove_writer_bytes (self, &value, 1);
}

/** clove_writer_u16_be: Append a big-endian 16-bit number (used by the circuit extend payload). */
void
clove_writer_u16_be (CloveWriter *self, guint16 value)
{
  const guint8 bytes[2] = { (guint8) (value >> 8), (guint8) (value & 0xff) };

  clove_writer_bytes (self, bytes, sizeof bytes);
}

/** clove_writer_u32: Append a little-endian 32-bit number. */
void
clove_writer_u32 (CloveWriter *self, guint32 value)
{
  const guint8 bytes[4] = {
    (guint8) (value & 0xff),
    (guint8) (value >> 8 & 0xff),
    (guint8) (value >> 16 & 0xff),
    (guint8) (value >> 24 & 0xff),
  };

  clove_writer_bytes (self, bytes, sizeof bytes);
}

/** clove_writer_u64: Append a little-endian 64-bit number. */
void
clove_writer_u64 (CloveWriter *self, guint64 value)
{
  clove_writer_u32 (self, (guint32) (value & G_MAXUINT32));
  clove_writer_u32 (self, (guint32) (value >> 32));
}
