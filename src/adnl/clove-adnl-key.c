/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys and the ids derived from them (src/adnl/README.md, "Keys"; vectors in keys.json).
 */
#include "config.h"

#include "clove-adnl-key.h"

#include "clove-secret.h"
#include "clove-tl.h"

#include <sodium.h>
#include <string.h>

#define PUB_ED25519 CLOVE_TL_CONSTRUCTOR (0xc6b41348)
#define PUB_AES     CLOVE_TL_CONSTRUCTOR (0xd4adbc2d)

typedef struct {
  guint8 signing[crypto_sign_SECRETKEYBYTES];
  guint8 agreement[crypto_scalarmult_SCALARBYTES];
} IdentitySecrets;

struct _CloveAdnlIdentity {
  gatomicrefcount n_refs;
  guint8 key[CLOVE_KEY_SIZE];
  guint8 id[CLOVE_KEY_ID_SIZE];
  CloveSecret *secrets; /* an IdentitySecrets */
};

G_DEFINE_QUARK (clove_adnl_error, clove_adnl_error)

static const IdentitySecrets *
peek_secrets (const CloveAdnlIdentity *self)
{
  return (const IdentitySecrets *) (gconstpointer) clove_secret_peek (self->secrets);
}

/* SHA-256 over a boxed TL key: the constructor as it stands on the wire, then the key. */
static void
hash_boxed_key (guint8 id_out[static CLOVE_KEY_ID_SIZE],
                guint32 constructor,
                const guint8 key[static CLOVE_KEY_SIZE])
{
  guint8 boxed[4 + CLOVE_KEY_SIZE] = { 0 };
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, boxed, sizeof boxed);
  clove_writer_u32 (&writer, constructor);
  clove_tl_write_int256 (&writer, key);
  crypto_hash_sha256 (id_out, boxed, sizeof boxed);
  /* The channel id is derived from a secret key. */
  sodium_memzero (boxed, sizeof boxed);
}

/** clove_adnl_key_id: Compute the ADNL id of an ed25519 public key. */
void
clove_adnl_key_id (guint8 id_out[static CLOVE_KEY_ID_SIZE],
                   const guint8 key[static CLOVE_KEY_SIZE])
{
  hash_boxed_key (id_out, PUB_ED25519, key);
}

/** clove_adnl_channel_id: Compute the id that heads the datagrams sealed with channel key @key. */
void
clove_adnl_channel_id (guint8 id_out[static CLOVE_KEY_ID_SIZE],
                       const guint8 key[static CLOVE_KEY_SIZE])
{
  hash_boxed_key (id_out, PUB_AES, key);
}

/**
 * clove_adnl_channel_keys:
 * @shared: the secret agreed between the two channel keys
 * @our_id: id of our identity key
 * @peer_id: id of the peer's identity key
 * @send_key_out: (out): key for what we send
 * @receive_key_out: (out): key for what we receive
 *
 * Split the channel's secret into one key for each direction, by comparing the identities.
 */
void
clove_adnl_channel_keys (const guint8 shared[static CLOVE_KEY_SIZE],
                         const guint8 our_id[static CLOVE_KEY_ID_SIZE],
                         const guint8 peer_id[static CLOVE_KEY_ID_SIZE],
                         guint8 send_key_out[static CLOVE_KEY_SIZE],
                         guint8 receive_key_out[static CLOVE_KEY_SIZE])
{
  gint order = memcmp (peer_id, our_id, CLOVE_KEY_ID_SIZE);

  for (gsize i = 0; i < CLOVE_KEY_SIZE; i++) {
    guint8 straight = shared[i];
    guint8 reversed = shared[CLOVE_KEY_SIZE - 1 - i];

    send_key_out[i] = order > 0 ? reversed : straight;
    receive_key_out[i] = order < 0 ? reversed : straight;
  }
}

/**
 * clove_adnl_identity_new_from_seed:
 * @seed: the ed25519 seed; the caller wipes its own copy
 *
 * Returns: (transfer full): the identity of @seed
 */
CloveAdnlIdentity *
clove_adnl_identity_new_from_seed (const guint8 seed[static CLOVE_KEY_SIZE])
{
  CloveAdnlIdentity *self = g_new0 (CloveAdnlIdentity, 1);
  IdentitySecrets *secrets = NULL;
  gint bad = 0;

  g_atomic_ref_count_init (&self->n_refs);
  self->secrets = clove_secret_new (sizeof (IdentitySecrets));
  secrets = (IdentitySecrets *) (gpointer) clove_secret_get (self->secrets);
  bad |= crypto_sign_seed_keypair (self->key, secrets->signing, seed);
  bad |= crypto_sign_ed25519_sk_to_curve25519 (secrets->agreement, secrets->signing);
  g_assert (bad == 0);
  clove_adnl_key_id (self->id, self->key);
  return self;
}

/** clove_adnl_identity_new: (transfer full): Make a random identity. */
CloveAdnlIdentity *
clove_adnl_identity_new (void)
{
  g_autoptr (CloveSecret) seed = clove_secret_new (CLOVE_KEY_SIZE);

  randombytes_buf (clove_secret_get (seed), CLOVE_KEY_SIZE);
  return clove_adnl_identity_new_from_seed (clove_secret_peek (seed));
}

/** clove_adnl_identity_ref: (transfer full): Take a reference; from any thread. */
CloveAdnlIdentity *
clove_adnl_identity_ref (CloveAdnlIdentity *self)
{
  g_atomic_ref_count_inc (&self->n_refs);
  return self;
}

/** clove_adnl_identity_unref: Drop a reference; from any thread. */
void
clove_adnl_identity_unref (CloveAdnlIdentity *self)
{
  if (!g_atomic_ref_count_dec (&self->n_refs))
    return;
  clove_secret_free (self->secrets);
  g_free (self);
}

/** clove_adnl_identity_get_key: Get the 32 bytes of the public key, borrowed. */
const guint8 *
clove_adnl_identity_get_key (const CloveAdnlIdentity *self)
{
  return self->key;
}

/** clove_adnl_identity_get_id: Get the 32 bytes of the ADNL id, borrowed. */
const guint8 *
clove_adnl_identity_get_id (const CloveAdnlIdentity *self)
{
  return self->id;
}

/**
 * clove_adnl_identity_agree:
 * @self: our identity
 * @peer_key: the peer's ed25519 public key
 * @shared_out: (out): the shared secret; the caller wipes it
 *
 * Agree on a secret by X25519 between the Montgomery forms of both keys.
 *
 * Returns: %FALSE when @peer_key is no point of the curve, of low order, or the secret is all zero
 */
gboolean
clove_adnl_identity_agree (const CloveAdnlIdentity *self,
                           const guint8 peer_key[static CLOVE_KEY_SIZE],
                           guint8 shared_out[static CLOVE_KEY_SIZE])
{
  guint8 montgomery[crypto_scalarmult_BYTES] = { 0 };
  gint bad = 0;

  bad |= crypto_sign_ed25519_pk_to_curve25519 (montgomery, peer_key);
  bad |= crypto_scalarmult (shared_out, peek_secrets (self)->agreement, montgomery);
  if (bad != 0)
    sodium_memzero (shared_out, CLOVE_KEY_SIZE);
  return bad == 0;
}

/** clove_adnl_identity_sign: Sign @size bytes with the identity key. */
void
clove_adnl_identity_sign (const CloveAdnlIdentity *self,
                          const guint8 *data,
                          gsize size,
                          guint8 signature_out[static 64])
{
  gint bad = crypto_sign_detached (signature_out, NULL, data, size, peek_secrets (self)->signing);

  g_assert (bad == 0);
}
