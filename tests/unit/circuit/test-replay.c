/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-random.h"
#include "clove-replay.h"

#include <string.h>

/* What is remembered for sure, and the most that may be. */
#define N_REMEMBERED 8192
#define N_FORGOTTEN  16384

#define NONCE_SIZE 8

/* Nonces that fall into the same few places of any table that looks at some of their bits only. */
static void
make_colliding (guint8 nonce_out[static NONCE_SIZE], guint32 number)
{
  memset (nonce_out, 0, NONCE_SIZE);
  memcpy (nonce_out + 4, &number, sizeof number);
}

static void
test_new_destroy (void)
{
  CloveReplay *unused = clove_replay_new ();

  clove_replay_free (unused);
  clove_replay_free (NULL);
}

static void
test_once (void)
{
  g_autoptr (CloveReplay) replay = clove_replay_new ();
  guint8 nonces[][NONCE_SIZE] = { "nonce 1", "nonce 2", "\xff\xff\xff\xff\xff\xff\xff" };

  for (gsize i = 0; i < G_N_ELEMENTS (nonces); i++) {
    g_assert_true (clove_replay_accept (replay, nonces[i]));
    for (gsize j = 0; j <= i; j++)
      g_assert_false (clove_replay_accept (replay, nonces[j]));
  }
}

/* An empty place in the table is a zero, too. */
static void
test_zero (void)
{
  g_autoptr (CloveReplay) replay = clove_replay_new ();
  const guint8 zero[NONCE_SIZE] = { 0 };

  g_assert_true (clove_replay_accept (replay, zero));
  g_assert_false (clove_replay_accept (replay, zero));
}

/* Two memories know nothing of each other. */
static void
test_apart (void)
{
  g_autoptr (CloveReplay) one = clove_replay_new ();
  g_autoptr (CloveReplay) other = clove_replay_new ();
  const guint8 nonce[NONCE_SIZE] = "shared";

  g_assert_true (clove_replay_accept (one, nonce));
  g_assert_true (clove_replay_accept (other, nonce));
}

/* Whether number @i and some of those before it, up to the oldest that must be known, are known. */
static void
assert_knows (CloveReplay *replay, void (*make) (guint8 *, guint32), guint32 i)
{
  static const guint32 ages[] = { 0, 1, 100, N_REMEMBERED / 2, N_REMEMBERED - 1 };

  for (gsize j = 0; j < G_N_ELEMENTS (ages); j++) {
    guint8 nonce[NONCE_SIZE] = { 0 };

    make (nonce, i - MIN (ages[j], i));
    g_assert_false (clove_replay_accept (replay, nonce));
  }
}

/* At each moment the last 8192 are known, whatever came before, and what is new is taken. */
static void
assert_remembers (void (*make) (guint8 *, guint32), guint32 n)
{
  g_autoptr (CloveReplay) replay = clove_replay_new ();

  for (guint32 i = 0; i < n; i++) {
    guint8 nonce[NONCE_SIZE] = { 0 };

    make (nonce, i);
    g_assert_true (clove_replay_accept (replay, nonce));
    /* The youngest of many are asked for after each, the others now and then. */
    if (i < N_REMEMBERED || i % 16 == 0)
      assert_knows (replay, make, i);
  }
}

static void
make_random (guint8 nonce_out[static NONCE_SIZE], guint32 number)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (number);

  clove_random_bytes (random, nonce_out, NONCE_SIZE);
}

static void
test_remembers (void)
{
  assert_remembers (make_random, 3 * N_FORGOTTEN / 2);
}

/* An exit picks its own nonces. It may make the table slow, but neither full nor wrong. */
static void
test_collisions (void)
{
  assert_remembers (make_colliding, N_REMEMBERED + 1000);
}

/* Memory is bounded: the oldest goes. */
static void
test_forgets (void)
{
  g_autoptr (CloveReplay) replay = clove_replay_new ();
  guint8 first[NONCE_SIZE] = { 0 };
  guint8 nonce[NONCE_SIZE] = { 0 };

  make_random (first, 0);
  g_assert_true (clove_replay_accept (replay, first));
  for (guint32 i = 1; i <= N_FORGOTTEN; i++) {
    make_random (nonce, i);
    g_assert_true (clove_replay_accept (replay, nonce));
  }
  g_assert_false (clove_replay_accept (replay, nonce));
  g_assert_true (clove_replay_accept (replay, first));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/circuit/replay/new-destroy", test_new_destroy);
  g_test_add_func ("/clove/circuit/replay/once", test_once);
  g_test_add_func ("/clove/circuit/replay/zero", test_zero);
  g_test_add_func ("/clove/circuit/replay/apart", test_apart);
  g_test_add_func ("/clove/circuit/replay/remembers", test_remembers);
  g_test_add_func ("/clove/circuit/replay/collisions", test_collisions);
  g_test_add_func ("/clove/circuit/replay/forgets", test_forgets);
  return g_test_run ();
}
