/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TL primitives as ADNL and the relay protocol use them (src/adnl/README.md, "TL"; vectors in
 * tests/data/vectors/tl_messages.json).
 *
 * The reader takes what a sound writer emits and, because real relays do it, a final padding that
 * is missing. The 0xff prefix and a long prefix for a short value have no sound writer: refused.
 */
#include "config.h"

#include "clove-tl.h"

#define LONG_PREFIX 0xfe
#define ALIGNMENT   4

/**
 * clove_tl_read_bytes_header:
 * @reader: a reader
 *
 * Consume the length prefix of a `bytes` value. The value itself may lie in a later datagram, so
 * its presence is not checked.
 *
 * Returns: the length of the value in bytes; 0 when the reader failed
 */
gsize
clove_tl_read_bytes_header (CloveReader *reader)
{
  guint8 first = clove_reader_u8 (reader);
  gsize size = first;

  if (first > LONG_PREFIX) {
    clove_reader_fail (reader);
    return 0;
  }
  if (first < LONG_PREFIX)
    return size;

  size = clove_reader_u8 (reader);
  size |= (gsize) clove_reader_u8 (reader) << 8;
  size |= (gsize) clove_reader_u8 (reader) << 16;
  if (size < LONG_PREFIX)
    clove_reader_fail (reader);
  return clove_reader_is_ok (reader) ? size : 0;
}

/**
 * clove_tl_read_bytes:
 * @reader: a reader
 * @size_out: (out): length of the value
 *
 * Consume a `bytes` or `string` value with its padding.
 *
 * Returns: (nullable) (transfer none): the value, borrowed; %NULL when the reader failed
 */
const guint8 *
clove_tl_read_bytes (CloveReader *reader, gsize *size_out)
{
  gsize size = clove_tl_read_bytes_header (reader);
  const guint8 *bytes = clove_reader_bytes (reader, size);

  *size_out = bytes != NULL ? size : 0;
  clove_reader_skip_up_to (reader, clove_tl_bytes_padding (size));
  return bytes;
}

/** clove_tl_read_int256: Consume 32 raw bytes, borrowed; %NULL when the reader failed. */
const guint8 *
clove_tl_read_int256 (CloveReader *reader)
{
  return clove_reader_bytes (reader, CLOVE_INT256_SIZE);
}

/** clove_tl_read_bool: Consume a boxed Bool; anything but the two constructors fails. */
gboolean
clove_tl_read_bool (CloveReader *reader)
{
  guint32 constructor = clove_reader_u32 (reader);

  if (constructor != CLOVE_TL_BOOL_TRUE && constructor != CLOVE_TL_BOOL_FALSE)
    clove_reader_fail (reader);
  return constructor == CLOVE_TL_BOOL_TRUE;
}

/** clove_tl_bytes_header_size: Get the size of the length prefix for a value of @size bytes. */
gsize
clove_tl_bytes_header_size (gsize size)
{
  return size < LONG_PREFIX ? 1 : 4;
}

/** clove_tl_bytes_padding: Get the number of zero bytes that follow a value of @size bytes. */
gsize
clove_tl_bytes_padding (gsize size)
{
  gsize used = (clove_tl_bytes_header_size (size) + size) % ALIGNMENT;

  return used == 0 ? 0 : ALIGNMENT - used;
}

/** clove_tl_bytes_size: Get the encoded size of a value of @size bytes, padding included. */
gsize
clove_tl_bytes_size (gsize size)
{
  return clove_tl_bytes_header_size (size) + size + clove_tl_bytes_padding (size);
}

/**
 * clove_tl_write_bytes_header:
 * @writer: a writer
 * @size: length of the value, at most %CLOVE_TL_MAX_BYTES; more fails the writer
 *
 * Append the length prefix alone; the caller appends value and padding.
 */
void
clove_tl_write_bytes_header (CloveWriter *writer, gsize size)
{
  if (size < LONG_PREFIX) {
    clove_writer_u8 (writer, (guint8) size);
  } else if (size <= CLOVE_TL_MAX_BYTES) {
    clove_writer_u32 (writer, LONG_PREFIX | (guint32) size << 8);
  } else {
    /* A reservation that cannot succeed is how a writer fails. */
    (void) clove_writer_reserve (writer, G_MAXSIZE);
  }
}

/** clove_tl_write_bytes: Append a `bytes` or `string` value with prefix and padding. */
void
clove_tl_write_bytes (CloveWriter *writer, const guint8 *bytes, gsize size)
{
  static const guint8 zeros[ALIGNMENT] = { 0 };

  clove_tl_write_bytes_header (writer, size);
  clove_writer_bytes (writer, bytes, size);
  clove_writer_bytes (writer, zeros, clove_tl_bytes_padding (size));
}

/** clove_tl_write_int256: Append 32 raw bytes. */
void
clove_tl_write_int256 (CloveWriter *writer, const guint8 value[static CLOVE_INT256_SIZE])
{
  clove_writer_bytes (writer, value, CLOVE_INT256_SIZE);
}

/** clove_tl_write_bool: Append a boxed Bool. */
void
clove_tl_write_bool (CloveWriter *writer, gboolean value)
{
  clove_writer_u32 (writer, value ? CLOVE_TL_BOOL_TRUE : CLOVE_TL_BOOL_FALSE);
}
