/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-secret.h"

#include <sodium.h>
#include <string.h>

struct _CloveSecret {
  guint8 *bytes;
};

/**
 * clove_secret_new:
 * @size: number of bytes, at least 1
 *
 * Allocate @size zero bytes for a secret. Ends the program when memory cannot be had, as g_malloc()
 * does.
 *
 * Returns: (transfer full): a new secret
 */
CloveSecret *
clove_secret_new (gsize size)
{
  CloveSecret *self = NULL;

  g_return_val_if_fail (size > 0, NULL);

  if (sodium_init () < 0)
    g_error ("The cryptographic library found no source of randomness");

  self = g_new0 (CloveSecret, 1);
  self->bytes = sodium_malloc (size);
  if (self->bytes == NULL)
    g_error ("Out of memory for a secret of %zu bytes", size);
  memset (self->bytes, 0, size);
  return self;
}

/**
 * clove_secret_new_copy:
 * @bytes: bytes to copy; the caller wipes its own copy
 * @size: how many, at least 1
 *
 * Returns: (transfer full): a new secret that holds @bytes
 */
CloveSecret *
clove_secret_new_copy (const guint8 *bytes, gsize size)
{
  CloveSecret *self = clove_secret_new (size);

  if (self != NULL)
    memcpy (self->bytes, bytes, size);
  return self;
}

/** clove_secret_free: (nullable): Wipe and free. */
void
clove_secret_free (CloveSecret *self)
{
  if (self == NULL)
    return;
  sodium_free (self->bytes);
  g_free (self);
}

/** clove_secret_get: Get the bytes for filling, borrowed. */
guint8 *
clove_secret_get (CloveSecret *self)
{
  return self->bytes;
}

/** clove_secret_peek: Get the bytes for reading, borrowed. */
const guint8 *
clove_secret_peek (const CloveSecret *self)
{
  return self->bytes;
}
