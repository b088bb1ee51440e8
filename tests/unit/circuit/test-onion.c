/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Beside the vectors: any change is noticed, and the extend payload's limits. */
#include "config.h"

#include "clove-onion.h"
#include "clove-random.h"

#include <string.h>

#define N_HOPS 3

static const guint8 some_key[CLOVE_ONION_KEY_SIZE] = { 1, 2, 3 };

static guint8 *
seal (const guint8 *plain, gsize size, const guint8 *key)
{
  guint8 *payload = g_malloc (size + CLOVE_ONION_OVERHEAD);

  if (size > 0)
    memcpy (payload + CLOVE_ONION_NONCE_SIZE, plain, size);
  clove_onion_seal (payload, size, key);
  return payload;
}

static void
test_changed (void)
{
  static const guint8 plain[20] = "twenty bytes";
  gsize total = sizeof plain + CLOVE_ONION_OVERHEAD;
  g_autofree guint8 *payload = seal (plain, sizeof plain, some_key);
  gsize size = 0;

  for (gsize bit = 0; bit < total * 8; bit++) {
    g_autofree guint8 *changed = g_memdup2 (payload, total);

    changed[bit / 8] ^= (guint8) (1u << bit % 8);
    g_assert_null (clove_onion_open (changed, total, some_key, &size));
    g_assert_cmpuint (size, ==, 0);
  }
  for (gsize n = 0; n < total; n++) {
    g_autofree guint8 *cut = g_memdup2 (payload, n);

    g_assert_null (clove_onion_open (cut, n, some_key, &size));
  }
  g_assert_true (clove_onion_open (payload, total, some_key, &size) ==
                 payload + CLOVE_ONION_NONCE_SIZE);
  g_assert_cmpmem (payload + CLOVE_ONION_NONCE_SIZE, size, plain, sizeof plain);
}

/* The same content twice must not look the same. */
static void
test_nonces (void)
{
  static const guint8 plain[20] = { 0 };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_bytes_hash, g_bytes_equal,
                                                       (GDestroyNotify) g_bytes_unref, NULL);

  for (guint i = 0; i < 1000; i++) {
    g_autofree guint8 *payload = seal (plain, sizeof plain, some_key);

    g_assert_true (g_hash_table_add (seen, g_bytes_new (payload, CLOVE_ONION_NONCE_SIZE)));
  }
}

/* Layers come off in the order of the hops and in no other. */
static void
test_layers (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (1);
  guint8 keys[N_HOPS][CLOVE_ONION_KEY_SIZE] = { 0 };
  guint8 plain[500] = { 0 };
  gsize size = sizeof plain;
  g_autofree guint8 *buffer = g_malloc (sizeof plain + (gsize) N_HOPS * CLOVE_ONION_OVERHEAD);
  guint8 *start = buffer + (gsize) N_HOPS * CLOVE_ONION_NONCE_SIZE;

  clove_random_bytes (random, (guint8 *) keys, sizeof keys);
  clove_random_bytes (random, plain, sizeof plain);
  memcpy (start, plain, sizeof plain);
  for (guint hop = N_HOPS; hop > 0; hop--) {
    start -= CLOVE_ONION_NONCE_SIZE;
    clove_onion_seal (start, size, keys[hop - 1]);
    size += CLOVE_ONION_OVERHEAD;
  }
  for (guint hop = 0; hop < N_HOPS; hop++) {
    g_autofree guint8 *copy = g_memdup2 (start, size);
    gsize opened_size = 0;

    g_assert_null (clove_onion_open (copy, size, keys[(hop + 1) % N_HOPS], &opened_size));
    start = clove_onion_open (start, size, keys[hop], &opened_size);
    g_assert_nonnull (start);
    size = opened_size;
  }
  g_assert_cmpmem (start, size, plain, sizeof plain);
}

static void
test_extend_payload (void)
{
  static const struct {
    const char *name;
    gsize address_size; /* as written in the payload */
    gsize present_size; /* how much of it there is */
    char fill;
    gboolean is_taken;
  } cases[] = {
    { "shortest", 1, 1, 'a', TRUE },
    { "longest", CLOVE_ONION_MAX_ADDRESS_SIZE, CLOVE_ONION_MAX_ADDRESS_SIZE, 'a', TRUE },
    { "empty", 0, 0, 'a', FALSE },
    { "too long", CLOVE_ONION_MAX_ADDRESS_SIZE + 1, CLOVE_ONION_MAX_ADDRESS_SIZE + 1, 'a', FALSE },
    { "far too long", 0xffff, 300, 'a', FALSE },
    { "cut", 20, 10, 'a', FALSE },
    { "zero bytes", 20, 20, '\0', FALSE },
    { "spaces", 20, 20, ' ', FALSE },
    { "line feeds", 20, 20, '\n', FALSE },
    { "not ASCII", 20, 20, (char) 0xc3, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    guint8 buffer[400] = { 0 };
    guint8 address[300] = { 0 };
    char parsed[CLOVE_ONION_ADDRESS_STRING_SIZE] = { 0 };
    const guint8 *key = NULL;
    CloveWriter writer = { 0 };
    g_autofree guint8 *exact = NULL;

    g_test_message ("%s", cases[i].name);
    memset (address, cases[i].fill, sizeof address);
    clove_writer_init (&writer, buffer, sizeof buffer);
    clove_writer_u16_be (&writer, (guint16) cases[i].address_size);
    clove_writer_bytes (&writer, address, cases[i].present_size);
    if (cases[i].present_size == cases[i].address_size)
      clove_writer_bytes (&writer, some_key, sizeof some_key);
    exact = g_memdup2 (buffer, clove_writer_get_size (&writer));
    g_assert_cmpint (clove_onion_extend_payload_parse (exact, clove_writer_get_size (&writer),
                                                       parsed, &key),
                     ==, cases[i].is_taken);
    if (!cases[i].is_taken)
      continue;
    g_assert_cmpuint (strlen (parsed), ==, cases[i].address_size);
    g_assert_cmpmem (key, CLOVE_ONION_KEY_SIZE, some_key, sizeof some_key);
  }
}

static void
test_extend_round_trip (void)
{
  static const char *const addresses[] = { "192.0.2.1:9001", "[2001:db8::1]:65535",
                                           "relay.example:1" };

  for (gsize i = 0; i < G_N_ELEMENTS (addresses); i++) {
    guint8 buffer[400] = { 0 };
    char parsed[CLOVE_ONION_ADDRESS_STRING_SIZE] = { 0 };
    const guint8 *key = NULL;
    CloveWriter writer = { 0 };
    gsize size = 0;

    clove_writer_init (&writer, buffer, sizeof buffer);
    size = clove_onion_extend_payload_write (&writer, addresses[i], some_key);
    g_assert_cmpuint (size, ==, clove_writer_get_size (&writer));
    g_assert_true (clove_onion_extend_payload_parse (buffer, size, parsed, &key));
    g_assert_cmpstr (parsed, ==, addresses[i]);
    g_assert_cmpmem (key, CLOVE_ONION_KEY_SIZE, some_key, sizeof some_key);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/circuit/onion/changed", test_changed);
  g_test_add_func ("/clove/circuit/onion/nonces", test_nonces);
  g_test_add_func ("/clove/circuit/onion/layers", test_layers);
  g_test_add_func ("/clove/circuit/onion/extend-payload", test_extend_payload);
  g_test_add_func ("/clove/circuit/onion/extend-round-trip", test_extend_round_trip);
  return g_test_run ();
}
