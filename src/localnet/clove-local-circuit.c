/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-local-circuit.h"

#include <sodium.h>
#include <string.h>

/** clove_local_circuit_new: (transfer full): A circuit that has no key yet. */
CloveLocalCircuit *
clove_local_circuit_new (const guint8 id[static CLOVE_INT256_SIZE])
{
  CloveLocalCircuit *self = g_new0 (CloveLocalCircuit, 1);

  memcpy (self->id, id, sizeof self->id);
  self->keys = clove_secret_new (CLOVE_LOCAL_MAX_LAYERS * CLOVE_ONION_KEY_SIZE);
  return self;
}

/** clove_local_circuit_free: Release the circuit and wipe its keys; %NULL is nothing. */
void
clove_local_circuit_free (CloveLocalCircuit *self)
{
  if (self == NULL)
    return;
  clove_timer_stop (&self->pending_timer);
  clove_secret_free (self->keys);
  g_clear_object (&self->session);
  g_free (self);
}

/**
 * clove_local_circuit_add_layer:
 * @self: a circuit
 * @client_key: the client's X25519 key for this hop
 * @public_out: (out): the hop's answer
 * @hash_out: (out): what shows that both have the same key
 *
 * Agree with the client on the key of one more layer.
 *
 * Returns: %FALSE when @client_key is unusable or there are enough layers
 */
gboolean
clove_local_circuit_add_layer (CloveLocalCircuit *self,
                               const guint8 client_key[static CLOVE_ONION_KEY_SIZE],
                               guint8 public_out[static CLOVE_ONION_KEY_SIZE],
                               guint8 hash_out[static CLOVE_INT256_SIZE])
{
  struct {
    guint8 secret[CLOVE_ONION_KEY_SIZE];
  } s = { 0 };
  guint8 *key = NULL;
  gboolean is_agreed = FALSE;

  if (self->n_layers == CLOVE_LOCAL_MAX_LAYERS)
    return FALSE;
  key = clove_secret_get (self->keys) + self->n_layers * CLOVE_ONION_KEY_SIZE;
  clove_onion_keypair (public_out, s.secret);
  is_agreed = clove_onion_agree (key, s.secret, client_key);
  sodium_memzero (&s, sizeof s);
  if (!is_agreed)
    return FALSE;
  clove_onion_key_hash (hash_out, key);
  self->n_layers++;
  return TRUE;
}

/** clove_local_circuit_get_key: Get the key of layer @layer, counted from 0, borrowed. */
const guint8 *
clove_local_circuit_get_key (const CloveLocalCircuit *self, guint layer)
{
  return clove_secret_peek (self->keys) + layer * CLOVE_ONION_KEY_SIZE;
}

/**
 * clove_local_circuit_open:
 * @self: a circuit
 * @n_layers: how many layers to take off
 * @data: sealed by the client; decrypted in place
 * @size: its size
 * @plain_size_out: (out): size of what is inside
 *
 * Returns: (nullable) (transfer none): what is inside; %NULL when the keys do not fit
 */
guint8 *
clove_local_circuit_open (const CloveLocalCircuit *self,
                          guint n_layers,
                          guint8 *data,
                          gsize size,
                          gsize *plain_size_out)
{
  for (guint i = 0; i < n_layers && data != NULL; i++) {
    gsize inner_size = 0;

    data = clove_onion_open (data, size, clove_local_circuit_get_key (self, i), &inner_size);
    size = inner_size;
  }
  *plain_size_out = size;
  return data;
}
