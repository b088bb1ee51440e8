/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sealing and opening of whole datagrams, in place (src/adnl/README.md, "Datagrams"; vectors in
 * adnl_packets.json). A receiver looks at the id first: it tells a root datagram from one in a
 * channel and which key opens it.
 */
#include "config.h"

#include "clove-adnl-datagram.h"

#include <sodium.h>
#include <string.h>

static void
seal (guint8 *checksum, guint8 *contents, gsize size, const guint8 key[static CLOVE_KEY_SIZE])
{
  clove_adnl_cipher_checksum (checksum, contents, size);
  clove_adnl_cipher_apply (contents, size, key, checksum);
}

static guint8 *
open_contents (guint8 *datagram,
               gsize size,
               gsize header_size,
               const guint8 key[static CLOVE_KEY_SIZE],
               gsize *contents_size_out,
               GError **error)
{
  guint8 actual[CLOVE_CHECKSUM_SIZE] = { 0 };
  guint8 *contents = NULL;
  const guint8 *checksum = NULL;

  *contents_size_out = 0;
  if (size < header_size) {
    g_set_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_MALFORMED, "datagram of %zu bytes",
                 size);
    return NULL;
  }
  contents = datagram + header_size;
  checksum = contents - CLOVE_CHECKSUM_SIZE;
  clove_adnl_cipher_apply (contents, size - header_size, key, checksum);
  clove_adnl_cipher_checksum (actual, contents, size - header_size);
  if (sodium_memcmp (actual, checksum, sizeof actual) != 0) {
    g_set_error_literal (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_FORGED,
                         "datagram's checksum is false");
    return NULL;
  }
  *contents_size_out = size - header_size;
  return contents;
}

/**
 * clove_adnl_datagram_seal_root:
 * @datagram: memory with the plain contents at %CLOVE_ADNL_ROOT_HEADER_SIZE
 * @contents_size: their size in bytes
 * @receiver_id: id of the peer's identity
 * @sender_key: our public identity key
 * @shared: secret agreed between both identities
 *
 * Encrypt the contents in place and write the header before them.
 */
void
clove_adnl_datagram_seal_root (guint8 *datagram,
                               gsize contents_size,
                               const guint8 receiver_id[static CLOVE_KEY_ID_SIZE],
                               const guint8 sender_key[static CLOVE_KEY_SIZE],
                               const guint8 shared[static CLOVE_KEY_SIZE])
{
  memcpy (datagram, receiver_id, CLOVE_KEY_ID_SIZE);
  memcpy (datagram + CLOVE_KEY_ID_SIZE, sender_key, CLOVE_KEY_SIZE);
  seal (datagram + CLOVE_KEY_ID_SIZE + CLOVE_KEY_SIZE, datagram + CLOVE_ADNL_ROOT_HEADER_SIZE,
        contents_size, shared);
}

/**
 * clove_adnl_datagram_seal_channel:
 * @datagram: memory with the plain contents at %CLOVE_ADNL_CHANNEL_HEADER_SIZE
 * @contents_size: their size in bytes
 * @channel_id: id of @key
 * @key: the channel's key for this direction
 *
 * Encrypt the contents in place and write the header before them.
 */
void
clove_adnl_datagram_seal_channel (guint8 *datagram,
                                  gsize contents_size,
                                  const guint8 channel_id[static CLOVE_KEY_ID_SIZE],
                                  const guint8 key[static CLOVE_KEY_SIZE])
{
  memcpy (datagram, channel_id, CLOVE_KEY_ID_SIZE);
  seal (datagram + CLOVE_KEY_ID_SIZE, datagram + CLOVE_ADNL_CHANNEL_HEADER_SIZE, contents_size,
        key);
}

/** clove_adnl_datagram_peek_id: (nullable): Get the id that heads a datagram, borrowed. */
const guint8 *
clove_adnl_datagram_peek_id (const guint8 *datagram, gsize size)
{
  return size >= CLOVE_ADNL_CHANNEL_HEADER_SIZE ? datagram : NULL;
}

/** clove_adnl_datagram_peek_sender: (nullable): Get the sender's key of a root datagram. */
const guint8 *
clove_adnl_datagram_peek_sender (const guint8 *datagram, gsize size)
{
  return size >= CLOVE_ADNL_ROOT_HEADER_SIZE ? datagram + CLOVE_KEY_ID_SIZE : NULL;
}

/**
 * clove_adnl_datagram_open_root:
 * @datagram: a received root datagram; decrypted in place
 * @size: its size in bytes
 * @shared: secret agreed between both identities
 * @contents_size_out: (out): size of the contents
 * @error: %CLOVE_ADNL_ERROR_MALFORMED, %CLOVE_ADNL_ERROR_FORGED
 *
 * Returns: (nullable) (transfer none): the plain contents inside @datagram
 */
guint8 *
clove_adnl_datagram_open_root (guint8 *datagram,
                               gsize size,
                               const guint8 shared[static CLOVE_KEY_SIZE],
                               gsize *contents_size_out,
                               GError **error)
{
  return open_contents (datagram, size, CLOVE_ADNL_ROOT_HEADER_SIZE, shared, contents_size_out,
                        error);
}

/**
 * clove_adnl_datagram_open_channel:
 * @datagram: a received channel datagram; decrypted in place
 * @size: its size in bytes
 * @key: the channel's key for this direction
 * @contents_size_out: (out): size of the contents
 * @error: %CLOVE_ADNL_ERROR_MALFORMED, %CLOVE_ADNL_ERROR_FORGED
 *
 * Returns: (nullable) (transfer none): the plain contents inside @datagram
 */
guint8 *
clove_adnl_datagram_open_channel (guint8 *datagram,
                                  gsize size,
                                  const guint8 key[static CLOVE_KEY_SIZE],
                                  gsize *contents_size_out,
                                  GError **error)
{
  return open_contents (datagram, size, CLOVE_ADNL_CHANNEL_HEADER_SIZE, key, contents_size_out,
                        error);
}
