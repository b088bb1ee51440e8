/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-buffer.h"
#include "clove-slots.h"

#include <string.h>

typedef struct {
  CloveSlot slot;
  GString *log;
  char name;
} Claim;

static void
on_granted (gpointer user_data)
{
  Claim *claim = user_data;

  g_string_append_c (claim->log, claim->name);
}

static void
test_order (void)
{
  g_autoptr (GString) log = g_string_new (NULL);
  CloveSlots slots = { 0 };
  Claim claims[6] = { 0 };

  clove_slots_init (&slots, 2);
  for (guint i = 0; i < G_N_ELEMENTS (claims); i++) {
    claims[i].log = log;
    claims[i].name = (char) ('a' + i);
    clove_slot_init (&claims[i].slot, &slots, on_granted, &claims[i]);
    g_assert_cmpint (clove_slot_take (&claims[i].slot), ==, i < 2);
  }
  g_assert_cmpuint (clove_slots_get_n_taken (&slots), ==, 2);
  g_assert_cmpuint (clove_slots_get_n_waiting (&slots), ==, 4);

  clove_slot_release (&claims[3].slot);
  g_assert_cmpuint (clove_slots_get_n_waiting (&slots), ==, 3);
  clove_slot_release (&claims[1].slot);
  clove_slot_release (&claims[1].slot);
  g_assert_cmpstr (log->str, ==, "c");
  /* Who comes again waits behind the others. */
  g_assert_false (clove_slot_take (&claims[1].slot));
  for (guint i = 0; i < 2; i++) {
    clove_slot_release (&claims[0].slot);
    clove_slot_release (&claims[2].slot);
    clove_slot_release (&claims[4].slot);
  }
  g_assert_cmpstr (log->str, ==, "cefb");
  clove_slot_release (&claims[5].slot);
  clove_slot_release (&claims[1].slot);
  g_assert_cmpuint (clove_slots_get_n_taken (&slots), ==, 0);
  g_assert_true (clove_slot_take (&claims[3].slot));
  clove_slot_release (&claims[3].slot);
}

/* Appending and consuming in any order gives the bytes in order. */
static void
test_buffer (void)
{
  g_auto (CloveBuffer) buffer = { 0 };
  g_autoptr (GString) expected = g_string_new (NULL);
  gsize n_consumed = 0;

  g_assert_cmpuint (clove_buffer_get_size (&buffer), ==, 0);
  for (guint i = 0; i < 3000; i++) {
    g_autofree char *text = g_strdup_printf ("%u,", i);
    gsize n = (i * 7) % 11;

    g_string_append (expected, text);
    clove_buffer_append_number (&buffer, i, 10);
    clove_buffer_append_text (&buffer, ",");
    n = MIN (n, clove_buffer_get_size (&buffer));
    g_assert_cmpmem (clove_buffer_get_data (&buffer), n, expected->str + n_consumed, n);
    clove_buffer_consume (&buffer, n);
    n_consumed += n;
    g_assert_cmpuint (clove_buffer_get_size (&buffer), ==, expected->len - n_consumed);
  }
}

static void
test_buffer_steal (void)
{
  g_auto (CloveBuffer) buffer = { 0 };
  g_autoptr (GBytes) none = clove_buffer_steal (&buffer);
  g_autoptr (GBytes) rest = NULL;
  g_autoptr (GBytes) number = NULL;

  g_assert_cmpuint (g_bytes_get_size (none), ==, 0);
  clove_buffer_append_text (&buffer, "hello, world");
  clove_buffer_consume (&buffer, 7);
  rest = clove_buffer_steal (&buffer);
  g_assert_cmpmem (g_bytes_get_data (rest, NULL), g_bytes_get_size (rest), "world", 5);
  g_assert_cmpuint (clove_buffer_get_size (&buffer), ==, 0);
  clove_buffer_append_number (&buffer, G_MAXUINT64, 10);
  clove_buffer_append_number (&buffer, 0xbeef, 16);
  clove_buffer_append_number (&buffer, 0, 16);
  number = clove_buffer_steal (&buffer);
  g_assert_cmpmem (g_bytes_get_data (number, NULL), g_bytes_get_size (number),
                   "18446744073709551615beef0", 25);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/proxy/slots/order", test_order);
  g_test_add_func ("/clove/proxy/buffer/order", test_buffer);
  g_test_add_func ("/clove/proxy/buffer/steal", test_buffer_steal);
  return g_test_run ();
}
