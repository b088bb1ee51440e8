/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-local-mixer.h"

#define N_DATAGRAMS  4
#define MAX_MESSAGES 256

typedef struct {
  CloveClock *clock;
  CloveRandom *random;
  CloveLocalMixer *mixer;
  CloveAddress to;
  GByteArray *sent;         /* which message's, a byte for each datagram */
  guint n_of[MAX_MESSAGES]; /* how many of each message came */
  guint n_open;             /* messages that have begun and not ended */
  guint max_open;
} Fixture;

/* A datagram holds the number of its message and its place in it. */
static void
on_sent (guint8 *data, gsize size, const CloveAddress *to, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_cmpuint (size, ==, 2);
  g_assert_true (clove_address_equal (to, &fixture->to));
  g_assert_cmpuint (fixture->n_of[data[0]], ==, data[1]);
  g_byte_array_append (fixture->sent, data, 1);
  fixture->n_of[data[0]]++;
  if (data[1] == 0)
    fixture->n_open++;
  fixture->max_open = MAX (fixture->max_open, fixture->n_open);
  if (data[1] == N_DATAGRAMS - 1)
    fixture->n_open--;
}

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  fixture->clock = clove_clock_new_fake ();
  fixture->random = clove_random_new_seeded (7);
  fixture->mixer = clove_local_mixer_new (fixture->clock, fixture->random, on_sent, fixture);
  fixture->sent = g_byte_array_new ();
  clove_address_init_loopback (&fixture->to, 1234);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  clove_local_mixer_free (fixture->mixer);
  clove_random_unref (fixture->random);
  clove_clock_unref (fixture->clock);
  g_byte_array_unref (fixture->sent);
}

static void
give (Fixture *fixture, guint message, guint n_datagrams)
{
  clove_local_mixer_begin (fixture->mixer);
  for (guint i = 0; i < n_datagrams; i++) {
    const guint8 datagram[] = { (guint8) message, (guint8) i };

    g_assert_true (clove_local_mixer_take (fixture->mixer, datagram, sizeof datagram,
                                           &fixture->to));
  }
  clove_local_mixer_end (fixture->mixer);
}

/* All that come together are on their way together, and each arrives whole and in order. */
static void
test_mixing (Fixture *fixture, gconstpointer user_data)
{
  for (guint i = 0; i < 52; i++)
    give (fixture, i, N_DATAGRAMS);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
  clove_clock_advance (fixture->clock, 0);
  g_assert_cmpuint (fixture->sent->len, ==, 52 * N_DATAGRAMS);
  g_assert_cmpuint (fixture->n_open, ==, 0);
  g_assert_cmpuint (fixture->max_open, >, 32);
}

/* Never more than that many; the rest goes as they come. */
static void
test_limit (Fixture *fixture, gconstpointer user_data)
{
  for (guint i = 0; i < MAX_MESSAGES; i++)
    give (fixture, i, N_DATAGRAMS);
  g_assert_cmpuint (fixture->sent->len, >=,
                    (MAX_MESSAGES - CLOVE_LOCAL_MIXER_MAX) * N_DATAGRAMS);
  clove_clock_advance (fixture->clock, 0);
  g_assert_cmpuint (fixture->sent->len, ==, MAX_MESSAGES * N_DATAGRAMS);
  g_assert_cmpuint (fixture->max_open, <=, CLOVE_LOCAL_MIXER_MAX);
}

/* What is short, or no message at all, does not wait. */
static void
test_short (Fixture *fixture, gconstpointer user_data)
{
  const guint8 datagram[] = { 9, 0 };

  give (fixture, 0, N_DATAGRAMS);
  give (fixture, 1, 1);
  give (fixture, 2, 0);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
  g_assert_false (
    clove_local_mixer_take (fixture->mixer, datagram, sizeof datagram, &fixture->to));
}

/* The same seed and the same messages give the same order. */
static void
test_seed (Fixture *fixture, gconstpointer user_data)
{
  Fixture again = { 0 };

  set_up (&again, NULL);
  for (guint i = 0; i < 20; i++) {
    give (fixture, i, N_DATAGRAMS);
    give (&again, i, N_DATAGRAMS);
  }
  clove_clock_advance (fixture->clock, 0);
  clove_clock_advance (again.clock, 0);
  g_assert_cmpmem (again.sent->data, again.sent->len, fixture->sent->data, fixture->sent->len);
  tear_down (&again, NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/clove/localnet/local-mixer/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("mixing", test_mixing);
  ADD ("limit", test_limit);
  ADD ("short", test_short);
  ADD ("seed", test_seed);
#undef ADD
  return g_test_run ();
}
