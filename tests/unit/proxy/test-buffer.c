/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-buffer.h"

#include <string.h>

static void
assert_holds (const CloveBuffer *buffer, const char *text)
{
  g_assert_cmpmem (clove_buffer_get_data (buffer), clove_buffer_get_size (buffer), text,
                   strlen (text));
}

static void
test_queue (void)
{
  g_auto (CloveBuffer) buffer = { 0 };

  clove_buffer_append_text (&buffer, "circuit");
  clove_buffer_consume (&buffer, 3);
  clove_buffer_append_text (&buffer, " ");
  clove_buffer_append_number (&buffer, 0x2a, 16);
  clove_buffer_append_number (&buffer, 0, 10);
  assert_holds (&buffer, "cuit 2a0");
  memset (clove_buffer_reserve (&buffer, 100000), 'x', 2);
  clove_buffer_commit (&buffer, 2);
  assert_holds (&buffer, "cuit 2a0xx");
}

static void
test_steal (void)
{
  g_auto (CloveBuffer) buffer = { 0 };
  g_autoptr (GBytes) bytes = NULL;

  clove_buffer_append_text (&buffer, "relay");
  clove_buffer_consume (&buffer, 2);
  bytes = clove_buffer_steal (&buffer);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "lay", 3);
  g_assert_cmpuint (clove_buffer_get_size (&buffer), ==, 0);
}

/* Gives back what is much, keeps what is little, and never touches bytes that wait. */
static void
test_trim (void)
{
  g_auto (CloveBuffer) buffer = { 0 };

  (void) clove_buffer_reserve (&buffer, 16 * 1024);
  clove_buffer_append_text (&buffer, "hop");
  clove_buffer_trim (&buffer);
  assert_holds (&buffer, "hop");
  clove_buffer_consume (&buffer, 3);
  g_assert_nonnull (clove_buffer_get_data (&buffer));
  clove_buffer_trim (&buffer);
  g_assert_null (clove_buffer_get_data (&buffer));

  clove_buffer_append_text (&buffer, "hop");
  clove_buffer_consume (&buffer, 3);
  clove_buffer_trim (&buffer);
  g_assert_nonnull (clove_buffer_get_data (&buffer));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/proxy/buffer/queue", test_queue);
  g_test_add_func ("/clove/proxy/buffer/steal", test_steal);
  g_test_add_func ("/clove/proxy/buffer/trim", test_trim);
  return g_test_run ();
}
