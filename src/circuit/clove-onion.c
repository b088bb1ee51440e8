/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cryptography of circuits (src/circuit/README.md, "Keys and layers"; circuit_crypto.json):
 * X25519 with each hop, SHA-256 of the secret as key, ChaCha20-Poly1305 layers with random nonces.
 */
#include "config.h"

#include "clove-onion.h"

#include <sodium.h>
#include <string.h>

G_STATIC_ASSERT (CLOVE_ONION_NONCE_SIZE == crypto_aead_chacha20poly1305_ietf_NPUBBYTES);
G_STATIC_ASSERT (CLOVE_ONION_OVERHEAD ==
                 CLOVE_ONION_NONCE_SIZE + crypto_aead_chacha20poly1305_ietf_ABYTES);

/** clove_onion_keypair: Make a fresh X25519 key pair; the caller wipes the secret. */
void
clove_onion_keypair (guint8 public_out[static CLOVE_ONION_KEY_SIZE],
                     guint8 secret_out[static CLOVE_ONION_KEY_SIZE])
{
  gint bad = 0;

  randombytes_buf (secret_out, CLOVE_ONION_KEY_SIZE);
  bad = crypto_scalarmult_base (public_out, secret_out);
  g_assert (bad == 0);
}

/**
 * clove_onion_agree:
 * @key_out: (out): the layer's key; the caller keeps it in wiped memory
 * @secret: our X25519 secret
 * @peer_public: the other side's public key, from the wire
 *
 * Returns: %FALSE when the agreement gives the all-zero secret of a low-order point; @key_out is
 *   zeroed then
 */
gboolean
clove_onion_agree (guint8 key_out[static CLOVE_ONION_KEY_SIZE],
                   const guint8 secret[static CLOVE_ONION_KEY_SIZE],
                   const guint8 peer_public[static CLOVE_ONION_KEY_SIZE])
{
  struct {
    guint8 shared[crypto_scalarmult_BYTES];
  } s = { 0 };
  gint bad = 0;

  bad |= crypto_scalarmult (s.shared, secret, peer_public);
  bad |= sodium_is_zero (s.shared, sizeof s.shared);
  bad |= crypto_hash_sha256 (key_out, s.shared, sizeof s.shared);
  if (bad != 0)
    sodium_memzero (key_out, CLOVE_ONION_KEY_SIZE);
  sodium_memzero (&s, sizeof s);
  return bad == 0;
}

/** clove_onion_key_hash: Compute what a relay sends to show that it has the same key. */
void
clove_onion_key_hash (guint8 hash_out[static CLOVE_INT256_SIZE],
                      const guint8 key[static CLOVE_ONION_KEY_SIZE])
{
  crypto_hash_sha256 (hash_out, key, CLOVE_ONION_KEY_SIZE);
}

/* Seals around the nonce that stands in front. */
static void
seal_with_nonce (guint8 *payload,
                 gsize plain_size,
                 const guint8 key[static CLOVE_ONION_KEY_SIZE])
{
  guint8 *text = payload + CLOVE_ONION_NONCE_SIZE;
  gint bad = crypto_aead_chacha20poly1305_ietf_encrypt (text, NULL, text, plain_size, NULL, 0, NULL,
                                                        payload, key);

  g_assert (bad == 0);
}

/**
 * clove_onion_seal:
 * @payload: memory of @plain_size + %CLOVE_ONION_OVERHEAD bytes with the plain bytes at
 *   %CLOVE_ONION_NONCE_SIZE
 * @plain_size: number of plain bytes
 * @key: the layer's key
 *
 * Seal in place: nonce before, tag behind.
 */
void
clove_onion_seal (guint8 *payload, gsize plain_size, const guint8 key[static CLOVE_ONION_KEY_SIZE])
{
  randombytes_buf (payload, CLOVE_ONION_NONCE_SIZE);
  seal_with_nonce (payload, plain_size, key);
}

/**
 * clove_onion_seal_layers:
 * @payload: memory of @plain_size + @n_layers * %CLOVE_ONION_OVERHEAD bytes with the plain bytes at
 *   @n_layers * %CLOVE_ONION_NONCE_SIZE
 * @plain_size: number of plain bytes
 * @keys: the layers' keys, the outermost first
 * @n_layers: how many
 *
 * Seal one layer around the other in place. The nonces stand side by side in front, so the system
 * is asked for random bytes once.
 */
void
clove_onion_seal_layers (guint8 *payload,
                         gsize plain_size,
                         const guint8 (*keys)[CLOVE_ONION_KEY_SIZE],
                         gsize n_layers)
{
  randombytes_buf (payload, n_layers * CLOVE_ONION_NONCE_SIZE);
  for (gsize layer = n_layers; layer-- > 0;) {
    seal_with_nonce (payload + layer * CLOVE_ONION_NONCE_SIZE, plain_size, keys[layer]);
    plain_size += CLOVE_ONION_OVERHEAD;
  }
}

/**
 * clove_onion_open_to:
 * @plain_out: memory for @size - %CLOVE_ONION_OVERHEAD bytes
 * @payload: a sealed layer
 * @size: its size in bytes
 * @key: the layer's key
 *
 * Returns: %FALSE when @key did not seal @payload; @plain_out is worthless then
 */
gboolean
clove_onion_open_to (guint8 *plain_out,
                     const guint8 *payload,
                     gsize size,
                     const guint8 key[static CLOVE_ONION_KEY_SIZE])
{
  return size >= CLOVE_ONION_OVERHEAD &&
         crypto_aead_chacha20poly1305_ietf_decrypt (
           plain_out, NULL, NULL, payload + CLOVE_ONION_NONCE_SIZE, size - CLOVE_ONION_NONCE_SIZE,
           NULL, 0, payload, key) == 0;
}

/**
 * clove_onion_open:
 * @payload: a sealed layer; decrypted in place
 * @size: its size in bytes
 * @key: the layer's key
 * @plain_size_out: (out): number of plain bytes
 *
 * Returns: (nullable) (transfer none): the plain bytes inside @payload; %NULL when @key did not
 *   seal it
 */
guint8 *
clove_onion_open (guint8 *payload,
                  gsize size,
                  const guint8 key[static CLOVE_ONION_KEY_SIZE],
                  gsize *plain_size_out)
{
  *plain_size_out = 0;
  if (size < CLOVE_ONION_OVERHEAD ||
      !clove_onion_open_to (payload + CLOVE_ONION_NONCE_SIZE, payload, size, key))
    return NULL;
  *plain_size_out = size - CLOVE_ONION_OVERHEAD;
  return payload + CLOVE_ONION_NONCE_SIZE;
}

/**
 * clove_onion_extend_payload_write:
 * @writer: a writer
 * @address: "ip:port" of the next relay's ADNL address, at most %CLOVE_ONION_MAX_ADDRESS_SIZE bytes
 * @client_key: our X25519 public key for that hop
 *
 * Append what a relay must know to extend the circuit. This is not TL.
 *
 * Returns: how many bytes were appended
 */
gsize
clove_onion_extend_payload_write (CloveWriter *writer,
                                  const char *address,
                                  const guint8 client_key[static CLOVE_ONION_KEY_SIZE])
{
  gsize address_size = strlen (address);

  g_return_val_if_fail (address_size <= CLOVE_ONION_MAX_ADDRESS_SIZE, 0);

  clove_writer_u16_be (writer, (guint16) address_size);
  clove_writer_bytes (writer, (const guint8 *) address, address_size);
  clove_writer_bytes (writer, client_key, CLOVE_ONION_KEY_SIZE);
  return 2 + address_size + CLOVE_ONION_KEY_SIZE;
}

/**
 * clove_onion_extend_payload_parse:
 * @data: an opened extend payload
 * @size: its size in bytes
 * @address_out: (out): the next relay's address as text
 * @client_key_out: (out): the client's public key for that hop, 32 bytes, borrowed from @data
 *
 * Returns: whether the payload is whole, and its address printable and short enough
 */
gboolean
clove_onion_extend_payload_parse (const guint8 *data,
                                  gsize size,
                                  char address_out[static CLOVE_ONION_ADDRESS_STRING_SIZE],
                                  const guint8 **client_key_out)
{
  CloveReader reader = { 0 };
  gsize address_size = 0;
  const guint8 *address = NULL;

  clove_reader_init (&reader, data, size);
  address_size = clove_reader_u16_be (&reader);
  if (address_size == 0 || address_size > CLOVE_ONION_MAX_ADDRESS_SIZE)
    clove_reader_fail (&reader);
  address = clove_reader_bytes (&reader, address_size);
  *client_key_out = clove_reader_bytes (&reader, CLOVE_ONION_KEY_SIZE);
  if (!clove_reader_is_ok (&reader))
    return FALSE;
  for (gsize i = 0; i < address_size; i++) {
    if (!g_ascii_isgraph ((char) address[i]))
      return FALSE;
  }
  memcpy (address_out, address, address_size);
  address_out[address_size] = '\0';
  return TRUE;
}
