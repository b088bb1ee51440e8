/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two functions that touch every byte of every datagram, behind an interface of their own so
 * that the library below can change. nettle, since libsodium has neither AES-CTR nor a SHA-256
 * that uses the processor's instructions (CONTRIBUTING.md, "Dependencies").
 */
#include "config.h"

#include "clove-adnl-cipher.h"

#include <nettle/aes.h>
#include <nettle/ctr.h>
#include <nettle/sha2.h>
#include <sodium.h>
#include <string.h>

/** clove_adnl_cipher_checksum: Compute the SHA-256 that heads and keys a datagram. */
void
clove_adnl_cipher_checksum (guint8 checksum_out[static CLOVE_CHECKSUM_SIZE],
                            const guint8 *data,
                            gsize size)
{
  struct sha256_ctx context;

  sha256_init (&context);
  sha256_update (&context, size, data);
  sha256_digest (&context, CLOVE_CHECKSUM_SIZE, checksum_out);
}

/**
 * clove_adnl_cipher_apply:
 * @data: bytes to encrypt or decrypt in place
 * @size: how many
 * @key: the shared key of identities or the key of a channel direction
 * @checksum: SHA-256 of the plain bytes
 *
 * Apply AES-256-CTR with the key and counter that ADNL mixes from @key and @checksum
 * (src/adnl/README.md, "Keys"; keys.json, aes_ctr).
 */
void
clove_adnl_cipher_apply (guint8 *data,
                         gsize size,
                         const guint8 key[static CLOVE_KEY_SIZE],
                         const guint8 checksum[static CLOVE_CHECKSUM_SIZE])
{
  struct {
    struct aes256_ctx context;
    guint8 key[AES256_KEY_SIZE];
    guint8 counter[AES_BLOCK_SIZE];
  } s;

  memcpy (s.key, key, 16);
  memcpy (s.key + 16, checksum + 16, 16);
  memcpy (s.counter, checksum, 4);
  memcpy (s.counter + 4, key + 20, 12);
  aes256_set_encrypt_key (&s.context, s.key);
  ctr_crypt (&s.context, (nettle_cipher_func *) aes256_encrypt, sizeof s.counter, s.counter, size,
             data, data);
  sodium_memzero (&s, sizeof s);
}
