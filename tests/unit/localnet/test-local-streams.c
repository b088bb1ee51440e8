/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-local-streams.h"

static const guint8 ours[CLOVE_INT256_SIZE] = { 1 };
static const guint8 theirs[CLOVE_INT256_SIZE] = { 2 };

/* The same id on two circuits is two streams; in the reference's table it is one. */
static void
test_sharing (void)
{
  g_autoptr (CloveLocalStreams) apart = clove_local_streams_new ();
  g_autoptr (CloveLocalStreams) shared = clove_local_streams_new ();

  g_assert_true (clove_local_streams_open (apart, ours, 7, "a.ton"));
  g_assert_true (clove_local_streams_open (apart, theirs, 7, "b.ton"));
  g_assert_cmpstr (clove_local_streams_find (apart, ours, 7), ==, "a.ton");
  g_assert_cmpstr (clove_local_streams_find (apart, theirs, 7), ==, "b.ton");
  clove_local_streams_close_circuit (apart, theirs);
  g_assert_cmpuint (clove_local_streams_count (apart), ==, 1);
  g_assert_null (clove_local_streams_find (apart, theirs, 7));

  clove_local_streams_set_shared (shared);
  g_assert_true (clove_local_streams_open (shared, ours, 7, "a.ton"));
  g_assert_true (clove_local_streams_open (shared, theirs, 7, "b.ton"));
  g_assert_cmpstr (clove_local_streams_find (shared, ours, 7), ==, "b.ton");
  g_assert_cmpuint (clove_local_streams_count (shared), ==, 1);
}

/* A full table takes no more streams, but those that are in it may lead elsewhere. */
static void
test_full (void)
{
  g_autoptr (CloveLocalStreams) streams = clove_local_streams_new ();

  for (gint32 i = 0; i < CLOVE_LOCAL_MAX_STREAMS; i++)
    g_assert_true (clove_local_streams_open (streams, ours, i, "a.ton"));
  g_assert_false (clove_local_streams_open (streams, ours, -1, "b.ton"));
  g_assert_false (clove_local_streams_open (streams, theirs, 5, "b.ton"));
  g_assert_true (clove_local_streams_open (streams, ours, 5, "b.ton"));
  g_assert_cmpstr (clove_local_streams_find (streams, ours, 5), ==, "b.ton");
  g_assert_cmpuint (clove_local_streams_count (streams), ==, CLOVE_LOCAL_MAX_STREAMS);
  clove_local_streams_close (streams, ours, 6);
  g_assert_true (clove_local_streams_open (streams, ours, -1, "b.ton"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/localnet/local-streams/sharing", test_sharing);
  g_test_add_func ("/clove/localnet/local-streams/full", test_full);
  return g_test_run ();
}
