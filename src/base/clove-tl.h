/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-reader.h"
#include "clove-writer.h"

#include <glib.h>

G_BEGIN_DECLS

/* Size in bytes of an int256: key, id, hash. */
#define CLOVE_INT256_SIZE  32
/* The most that a TL `bytes` value can hold. */
#define CLOVE_TL_MAX_BYTES 0xffffff

/* A constructor, written as its four bytes stand on the wire, as the number the codecs handle. */
#define CLOVE_TL_CONSTRUCTOR(wire_bytes) GUINT32_SWAP_LE_BE_CONSTANT (wire_bytes)

#define CLOVE_TL_BOOL_TRUE  CLOVE_TL_CONSTRUCTOR (0xb5757299)
#define CLOVE_TL_BOOL_FALSE CLOVE_TL_CONSTRUCTOR (0x379779bc)

const guint8 *clove_tl_read_bytes (CloveReader *reader, gsize *size_out);
const guint8 *clove_tl_read_int256 (CloveReader *reader);
gboolean clove_tl_read_bool (CloveReader *reader);
gsize clove_tl_read_bytes_header (CloveReader *reader);

gsize clove_tl_bytes_header_size (gsize size);
gsize clove_tl_bytes_padding (gsize size);
gsize clove_tl_bytes_size (gsize size);
void clove_tl_write_bytes (CloveWriter *writer, const guint8 *bytes, gsize size);
void clove_tl_write_bytes_header (CloveWriter *writer, gsize size);
void clove_tl_write_int256 (CloveWriter *writer, const guint8 value[static CLOVE_INT256_SIZE]);
void clove_tl_write_bool (CloveWriter *writer, gboolean value);

G_END_DECLS
