/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replies short enough to come without chunks, through the same assembly. */
#include "config.h"

#include "clove-chunks.h"

#include <string.h>

#define STREAM_ID 5

static void
test_read (void)
{
  static const guint8 body[] = "HTTP/1.1 200 OK";
  g_autoptr (CloveChunks) chunks = clove_chunks_new (STREAM_ID, sizeof body);
  gsize done = 0;
  gsize shown = 0;
  g_autoptr (GError) error = NULL;

  g_assert_true (clove_chunks_add_whole (chunks, body, sizeof body, &error));
  g_assert_no_error (error);
  g_assert_true (clove_chunks_has_begun (chunks));
  g_assert_true (clove_chunks_is_complete (chunks));
  g_assert_cmpint (clove_chunks_get_body_size (chunks), ==, sizeof body);
  for (const guint8 *bytes = clove_chunks_peek (chunks, &shown); bytes != NULL;
       bytes = clove_chunks_peek (chunks, &shown)) {
    g_assert_cmpmem (bytes, shown, body + done, sizeof body - done);
    done += MIN (shown, 4);
    clove_chunks_consume (chunks, MIN (shown, 4));
  }
  g_assert_cmpuint (done, ==, sizeof body);
  g_assert_cmpuint (clove_chunks_get_memory (chunks), ==, 0);

  g_assert_false (clove_chunks_add_whole (chunks, body, sizeof body, &error));
  g_assert_error (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_MALFORMED);
}

static void
test_limits (void)
{
  static const guint8 body[16] = { 1 };
  g_autoptr (CloveChunks) chunks = clove_chunks_new (STREAM_ID, sizeof body - 1);
  gsize shown = 1;
  g_autoptr (GError) error = NULL;

  g_assert_false (clove_chunks_add_whole (chunks, body, sizeof body, &error));
  g_assert_error (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_OVERFLOW);
  g_assert_false (clove_chunks_has_begun (chunks));
  g_clear_error (&error);

  g_assert_true (clove_chunks_add_whole (chunks, body, 0, &error));
  g_assert_true (clove_chunks_is_complete (chunks));
  g_assert_cmpint (clove_chunks_get_body_size (chunks), ==, 0);
  g_assert_null (clove_chunks_peek (chunks, &shown));
  g_assert_cmpuint (shown, ==, 0);
}

static void
test_among_chunks (void)
{
  static const guint8 piece[100] = { 1 };
  g_autoptr (CloveChunks) chunks = clove_chunks_new (STREAM_ID, 1000);
  g_autoptr (GError) error = NULL;

  g_assert_true (clove_chunks_add (chunks, 1, 3, piece, sizeof piece, &error));
  g_assert_false (clove_chunks_add_whole (chunks, piece, sizeof piece, &error));
  g_assert_error (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_MALFORMED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/circuit/chunks-whole/read", test_read);
  g_test_add_func ("/clove/circuit/chunks-whole/limits", test_limits);
  g_test_add_func ("/clove/circuit/chunks-whole/among-chunks", test_among_chunks);
  return g_test_run ();
}
