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
claims_init (Claim *claims, guint n_claims, CloveSlots *slots, GString *log)
{
  for (guint i = 0; i < n_claims; i++) {
    claims[i].log = log;
    claims[i].name = (char) ('a' + i);
    clove_slot_init (&claims[i].slot, slots, on_granted, &claims[i]);
  }
}

static void
test_order (void)
{
  g_autoptr (GString) log = g_string_new (NULL);
  CloveSlots slots = { 0 };
  Claim claims[6] = { 0 };

  clove_slots_init (&slots, 2);
  claims_init (claims, G_N_ELEMENTS (claims), &slots, log);
  for (guint i = 0; i < G_N_ELEMENTS (claims); i++)
    g_assert_cmpint (clove_slot_take (&claims[i].slot, "site.ton"), ==, i < 2);
  g_assert_cmpuint (clove_slots_get_n_taken (&slots), ==, 2);
  g_assert_cmpuint (clove_slots_get_n_waiting (&slots), ==, 4);

  clove_slot_release (&claims[3].slot);
  g_assert_cmpuint (clove_slots_get_n_waiting (&slots), ==, 3);
  clove_slot_release (&claims[1].slot);
  clove_slot_release (&claims[1].slot);
  g_assert_cmpstr (log->str, ==, "c");
  /* Who comes again waits behind the others. */
  g_assert_false (clove_slot_take (&claims[1].slot, "site.ton"));
  for (guint i = 0; i < 2; i++) {
    clove_slot_release (&claims[0].slot);
    clove_slot_release (&claims[2].slot);
    clove_slot_release (&claims[4].slot);
  }
  g_assert_cmpstr (log->str, ==, "cefb");
  clove_slot_release (&claims[5].slot);
  clove_slot_release (&claims[1].slot);
  g_assert_cmpuint (clove_slots_get_n_taken (&slots), ==, 0);
  g_assert_true (clove_slot_take (&claims[3].slot, "site.ton"));
  clove_slot_release (&claims[3].slot);
  clove_slots_clear (&slots);
}

/* A host that came first with much leaves the next slot to one that has none, and from then on
 * they take turns; the claims of each are served in order. */
static void
test_fair (void)
{
  g_autoptr (GString) log = g_string_new (NULL);
  CloveSlots slots = { 0 };
  Claim claims[12] = { 0 };

  clove_slots_init (&slots, 4);
  claims_init (claims, G_N_ELEMENTS (claims), &slots, log);
  for (guint i = 0; i < 8; i++)
    g_assert_cmpint (clove_slot_take (&claims[i].slot, "much.ton"), ==, i < 4);
  for (guint i = 8; i < 10; i++)
    g_assert_false (clove_slot_take (&claims[i].slot, "second.ton"));
  for (guint i = 10; i < 12; i++)
    g_assert_false (clove_slot_take (&claims[i].slot, "third.ton"));

  clove_slot_release (&claims[0].slot);
  clove_slot_release (&claims[1].slot);
  g_assert_cmpstr (log->str, ==, "ik");
  /* One each, and it is longest ago that the first was given one. */
  clove_slot_release (&claims[2].slot);
  g_assert_cmpstr (log->str, ==, "ike");
  clove_slot_release (&claims[3].slot);
  g_assert_cmpstr (log->str, ==, "ikej");
  for (guint i = 0; i < G_N_ELEMENTS (claims); i++)
    clove_slot_release (&claims[i].slot);
  g_assert_cmpuint (clove_slots_get_n_taken (&slots), ==, 0);
  g_assert_cmpuint (clove_slots_get_n_waiting (&slots), ==, 0);
  clove_slots_clear (&slots);
}

/* Taking and releasing in any order never exceeds the limit, leaves no slot free while somebody
 * waits, and never lets a host starve. */
static void
test_random (void)
{
  static const char *const hosts[] = { "a.ton", "b.ton", "c.ton" };
  g_autoptr (GString) log = g_string_new (NULL);
  CloveSlots slots = { 0 };
  Claim claims[26] = { 0 };
  gboolean is_active[26] = { 0 };

  clove_slots_init (&slots, 5);
  claims_init (claims, G_N_ELEMENTS (claims), &slots, log);
  for (guint i = 0; i < 20000; i++) {
    guint which = (guint) g_test_rand_int_range (0, G_N_ELEMENTS (claims));
    guint n_before = clove_slots_get_n_taken (&slots);
    guint n_active = 0;

    if (is_active[which])
      clove_slot_release (&claims[which].slot);
    else
      g_assert_cmpint (
        clove_slot_take (&claims[which].slot, hosts[which % G_N_ELEMENTS (hosts)]), ==,
        n_before < 5);
    is_active[which] = !is_active[which];
    for (guint j = 0; j < G_N_ELEMENTS (claims); j++)
      n_active += is_active[j];
    g_assert_cmpuint (clove_slots_get_n_taken (&slots), ==, MIN (n_active, 5));
    g_assert_cmpuint (clove_slots_get_n_waiting (&slots), ==, n_active - MIN (n_active, 5));
  }
  for (guint i = 0; i < G_N_ELEMENTS (claims); i++)
    clove_slot_release (&claims[i].slot);
  clove_slots_clear (&slots);
  for (guint i = 0; i < G_N_ELEMENTS (claims); i++)
    g_assert_nonnull (strchr (log->str, claims[i].name));
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
  g_test_add_func ("/clove/proxy/slots/fair", test_fair);
  g_test_add_func ("/clove/proxy/slots/random", test_random);
  g_test_add_func ("/clove/proxy/buffer/order", test_buffer);
  g_test_add_func ("/clove/proxy/buffer/steal", test_buffer_steal);
  return g_test_run ();
}
