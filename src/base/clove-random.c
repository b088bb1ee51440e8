/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-random.h"

#include <sodium.h>
#include <string.h>

/* One request to the generator serves this many bytes, so that small draws stay cheap. */
#define POOL_SIZE 1024

struct _CloveRandom {
  gatomicrefcount n_refs;
  gboolean is_seeded;
  guint8 seed[randombytes_SEEDBYTES];
  guint64 n_refills;
  guint8 pool[POOL_SIZE];
  gsize n_unused;
};

static CloveRandom *
random_new (void)
{
  CloveRandom *self = g_new0 (CloveRandom, 1);

  if (sodium_init () < 0)
    g_error ("The cryptographic library found no source of randomness");
  g_atomic_ref_count_init (&self->n_refs);
  return self;
}

/** clove_random_new: (transfer full): Use the system's cryptographic source. */
CloveRandom *
clove_random_new (void)
{
  return random_new ();
}

/** clove_random_new_seeded: (transfer full): Draw the same numbers in each run with @seed. */
CloveRandom *
clove_random_new_seeded (guint64 seed)
{
  CloveRandom *self = random_new ();

  self->is_seeded = TRUE;
  for (guint i = 0; i < 8; i++)
    self->seed[i] = (guint8) (seed >> (8 * i) & 0xff);
  return self;
}

/** clove_random_ref: (transfer full): Take a reference; from any thread. */
CloveRandom *
clove_random_ref (CloveRandom *self)
{
  g_atomic_ref_count_inc (&self->n_refs);
  return self;
}

/** clove_random_unref: Drop a reference; from any thread. */
void
clove_random_unref (CloveRandom *self)
{
  if (!g_atomic_ref_count_dec (&self->n_refs))
    return;
  sodium_memzero (self, sizeof *self);
  g_free (self);
}

static void
refill (CloveRandom *self)
{
  if (self->is_seeded) {
    guint64 number = ++self->n_refills;

    /* The block number makes each block's seed its own. */
    for (guint i = 0; i < 8; i++)
      self->seed[8 + i] = (guint8) (number >> (8 * i) & 0xff);
    randombytes_buf_deterministic (self->pool, sizeof self->pool, self->seed);
  } else {
    randombytes_buf (self->pool, sizeof self->pool);
  }
  self->n_unused = sizeof self->pool;
}

/** clove_random_bytes: Fill @bytes_out with @size random bytes. */
void
clove_random_bytes (CloveRandom *self, guint8 *bytes_out, gsize size)
{
  while (size > 0) {
    gsize n = 0;

    if (self->n_unused == 0)
      refill (self);
    n = MIN (size, self->n_unused);
    memcpy (bytes_out, self->pool + sizeof self->pool - self->n_unused, n);
    self->n_unused -= n;
    bytes_out += n;
    size -= n;
  }
}

static guint32
draw_u32 (CloveRandom *self)
{
  guint8 b[4] = { 0 };

  clove_random_bytes (self, b, sizeof b);
  return (guint32) b[0] | (guint32) b[1] << 8 | (guint32) b[2] << 16 | (guint32) b[3] << 24;
}

/**
 * clove_random_uniform:
 * @self: a source
 * @upper_bound: at least 1
 *
 * Returns: a number below @upper_bound, every one equally likely
 */
guint32
clove_random_uniform (CloveRandom *self, guint32 upper_bound)
{
  guint32 threshold = 0;
  guint32 value = 0;

  g_return_val_if_fail (upper_bound > 0, 0);

  /* Numbers below 2^32 mod upper_bound would make some results likelier: draw again. */
  threshold = (guint32) (-upper_bound) % upper_bound;
  do {
    value = draw_u32 (self);
  } while (value < threshold);
  return value % upper_bound;
}

/** clove_random_unit: Draw a number from 0 (included) to 1 (excluded). */
gdouble
clove_random_unit (CloveRandom *self)
{
  return draw_u32 (self) / 4294967296.0;
}
