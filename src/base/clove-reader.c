/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-reader.h"

/**
 * clove_reader_init:
 * @self: a reader
 * @data: (nullable): the bytes to read, borrowed; may be %NULL when @size is 0
 * @size: number of bytes
 *
 * Start reading at the first byte of @data.
 */
void
clove_reader_init (CloveReader *self, const guint8 *data, gsize size)
{
  self->data = data;
  self->size = size;
  self->position = 0;
  self->has_failed = FALSE;
}

/** clove_reader_is_ok: Tell whether every read so far was inside the bytes. */
gboolean
clove_reader_is_ok (const CloveReader *self)
{
  return !self->has_failed;
}

/** clove_reader_get_position: Get the number of bytes consumed. */
gsize
clove_reader_get_position (const CloveReader *self)
{
  return self->position;
}

/** clove_reader_get_remaining: Get the number of bytes left; 0 after a failure. */
gsize
clove_reader_get_remaining (const CloveReader *self)
{
  return self->has_failed ? 0 : self->size - self->position;
}

/** clove_reader_fail: Fail for good, for a value that is present but not allowed. */
void
clove_reader_fail (CloveReader *self)
{
  self->has_failed = TRUE;
}

/**
 * clove_reader_bytes:
 * @self: a reader
 * @size: how many bytes
 *
 * Consume @size bytes.
 *
 * Returns: (nullable) (transfer none): the bytes, borrowed from the reader's data; %NULL when fewer
 *   are left. A size of 0 gives a pointer that must not be read.
 */
const guint8 *
clove_reader_bytes (CloveReader *self, gsize size)
{
  const guint8 *bytes = NULL;

  if (self->has_failed || size > self->size - self->position) {
    self->has_failed = TRUE;
    return NULL;
  }

  bytes = self->data + self->position;
  self->position += size;
  return bytes;
}

/** clove_reader_skip_up_to: Consume @size bytes, or what is left when that is less. */
void
clove_reader_skip_up_to (CloveReader *self, gsize size)
{
  if (!self->has_failed)
    self->position += MIN (size, self->size - self->position);
}

/** clove_reader_u8: Consume one byte. */
guint8
clove_reader_u8 (CloveReader *self)
{
  const guint8 *bytes = clove_reader_bytes (self, 1);

  return bytes != NULL ? bytes[0] : 0;
}

/** clove_reader_u16_be: Consume a big-endian 16-bit number (used by the circuit extend payload). */
guint16
clove_reader_u16_be (CloveReader *self)
{
  const guint8 *bytes = clove_reader_bytes (self, 2);

  return bytes != NULL ? (guint16) (bytes[0] << 8 | bytes[1]) : 0;
}

/** clove_reader_u32: Consume a little-endian 32-bit number. */
guint32
clove_reader_u32 (CloveReader *self)
{
  const guint8 *bytes = clove_reader_bytes (self, 4);

  if (bytes == NULL)
    return 0;
  return (guint32) bytes[0] | (guint32) bytes[1] << 8 | (guint32) bytes[2] << 16 |
         (guint32) bytes[3] << 24;
}

/** clove_reader_u64: Consume a little-endian 64-bit number. */
guint64
clove_reader_u64 (CloveReader *self)
{
  const guint8 *bytes = clove_reader_bytes (self, 8);
  guint64 value = 0;

  if (bytes == NULL)
    return 0;
  for (guint i = 0; i < 8; i++)
    value |= (guint64) bytes[i] << (8 * i);
  return value;
}
