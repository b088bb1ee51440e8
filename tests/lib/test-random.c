/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Takes the chance out of a test: keys, nonces and stream ids come from libsodium, and with
 * a seed they are the same in each run. So a run is repeated to the byte.
 */
#include "config.h"

#include "test-random.h"

#include <sodium.h>

static struct {
  guint8 seed[randombytes_SEEDBYTES];
  guint64 n_draws;
} source;

static const char *
get_name (void)
{
  return "seeded for a test";
}

static void
put_u64 (guint8 *bytes, guint64 value)
{
  for (guint i = 0; i < 8; i++)
    bytes[i] = (guint8) (value >> (8 * i) & 0xff);
}

static void
fill (void *const bytes_out, const size_t size)
{
  put_u64 (source.seed + 8, ++source.n_draws);
  randombytes_buf_deterministic (bytes_out, size, source.seed);
}

static guint32
draw (void)
{
  guint32 value = 0;

  fill (&value, sizeof value);
  return value;
}

static randombytes_implementation implementation = {
  .implementation_name = get_name,
  .random = draw,
  .buf = fill,
};

/** test_random_seed: Draw the same keys, nonces and ids from here on as in each run with @seed. */
void
test_random_seed (guint64 seed)
{
  if (randombytes_set_implementation (&implementation) != 0 || sodium_init () < 0)
    g_error ("The cryptographic library does not take a seeded source");
  put_u64 (source.seed, seed);
  source.n_draws = 0;
}

/** test_random_unseed: Draw from the system again, which nobody can foresee. */
void
test_random_unseed (void)
{
  if (randombytes_set_implementation (&randombytes_sysrandom_implementation) != 0)
    g_error ("The cryptographic library does not take its own source back");
}
