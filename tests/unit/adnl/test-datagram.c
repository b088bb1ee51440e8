/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-adnl-datagram.h"
#include "clove-random.h"

#include <string.h>

#define MAX_CONTENTS 300

static const guint8 receiver_id[CLOVE_KEY_ID_SIZE] = { 1 };
static const guint8 sender_key[CLOVE_KEY_SIZE] = { 2 };
static const guint8 shared[CLOVE_KEY_SIZE] = { 3 };

static gsize
header_size (gboolean is_root)
{
  return is_root ? CLOVE_ADNL_ROOT_HEADER_SIZE : CLOVE_ADNL_CHANNEL_HEADER_SIZE;
}

static guint8 *
seal (const guint8 *contents, gsize size, gboolean is_root)
{
  guint8 *datagram = g_malloc (header_size (is_root) + size);

  if (size > 0)
    memcpy (datagram + header_size (is_root), contents, size);
  if (is_root)
    clove_adnl_datagram_seal_root (datagram, size, receiver_id, sender_key, shared);
  else
    clove_adnl_datagram_seal_channel (datagram, size, receiver_id, shared);
  return datagram;
}

static guint8 *
open_datagram (guint8 *datagram,
               gsize size,
               gboolean is_root,
               const guint8 *key,
               gsize *contents_size_out)
{
  gint expected =
    size < header_size (is_root) ? CLOVE_ADNL_ERROR_MALFORMED : CLOVE_ADNL_ERROR_FORGED;
  g_autoptr (GError) error = NULL;
  guint8 *contents =
    is_root ? clove_adnl_datagram_open_root (datagram, size, key, contents_size_out, &error)
            : clove_adnl_datagram_open_channel (datagram, size, key, contents_size_out, &error);

  g_assert_cmpint (contents == NULL, ==, error != NULL);
  if (contents != NULL)
    return contents;
  g_assert_cmpuint (*contents_size_out, ==, 0);
  g_assert_error (error, CLOVE_ADNL_ERROR, expected);
  return NULL;
}

static void
test_round_trip (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (1);

  for (gsize i = 0; i < (gsize) 2 * MAX_CONTENTS; i++) {
    gboolean is_root = i % 2 == 0;
    gsize size = i / 2;
    guint8 contents[MAX_CONTENTS] = { 0 };
    g_autofree guint8 *datagram = NULL;
    const guint8 *opened = NULL;
    gsize opened_size = 0;

    clove_random_bytes (random, contents, size);
    datagram = seal (contents, size, is_root);
    if (size > 16)
      g_assert_cmpint (memcmp (datagram + header_size (is_root), contents, size), !=, 0);
    opened =
      open_datagram (datagram, header_size (is_root) + size, is_root, shared, &opened_size);
    g_assert_true (opened == datagram + header_size (is_root));
    g_assert_cmpmem (opened, opened_size, contents, size);
  }
}

/* Each bit of checksum and contents counts; so does the length. */
static void
check_changed (gboolean is_root)
{
  static const guint8 contents[40] = "forty bytes of contents";
  gsize total = header_size (is_root) + sizeof contents;
  gsize first_checked = header_size (is_root) - CLOVE_CHECKSUM_SIZE;
  g_autofree guint8 *datagram = seal (contents, sizeof contents, is_root);
  gsize size = 0;

  for (gsize bit = first_checked * 8; bit < total * 8; bit++) {
    g_autofree guint8 *changed = g_memdup2 (datagram, total);

    changed[bit / 8] ^= (guint8) (1u << bit % 8);
    g_assert_null (open_datagram (changed, total, is_root, shared, &size));
  }
  for (gsize n = 0; n < total; n++) {
    g_autofree guint8 *cut = g_memdup2 (datagram, n);

    g_assert_null (open_datagram (cut, n, is_root, shared, &size));
  }
}

static void
test_changed (void)
{
  check_changed (TRUE);
  check_changed (FALSE);
}

static void
test_wrong_key (void)
{
  static const guint8 contents[40] = "forty bytes of contents";

  for (gsize i = 0; i < CLOVE_KEY_SIZE; i++) {
    g_autofree guint8 *datagram = seal (contents, sizeof contents, FALSE);
    guint8 key[CLOVE_KEY_SIZE] = { 0 };
    gsize size = 0;
    const guint8 *opened = NULL;

    memcpy (key, shared, sizeof key);
    key[i] ^= 1;
    opened = open_datagram (datagram, CLOVE_ADNL_CHANNEL_HEADER_SIZE + sizeof contents, FALSE, key,
                            &size);
    /* The cipher does not use bytes 16 to 19 of the key: half of it comes from the checksum. */
    g_assert_cmpint (opened != NULL, ==, i >= 16 && i < 20);
  }
}

static void
test_peek (void)
{
  g_autofree guint8 *datagram = seal (NULL, 0, TRUE);

  g_assert_null (clove_adnl_datagram_peek_id (datagram, 0));
  g_assert_null (clove_adnl_datagram_peek_id (datagram, CLOVE_ADNL_CHANNEL_HEADER_SIZE - 1));
  g_assert_true (clove_adnl_datagram_peek_id (datagram, CLOVE_ADNL_CHANNEL_HEADER_SIZE) ==
                 datagram);
  g_assert_null (clove_adnl_datagram_peek_sender (datagram, CLOVE_ADNL_ROOT_HEADER_SIZE - 1));
  g_assert_cmpmem (clove_adnl_datagram_peek_sender (datagram, CLOVE_ADNL_ROOT_HEADER_SIZE),
                   CLOVE_KEY_SIZE, sender_key, CLOVE_KEY_SIZE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/adnl/datagram/round-trip", test_round_trip);
  g_test_add_func ("/clove/adnl/datagram/changed", test_changed);
  g_test_add_func ("/clove/adnl/datagram/wrong-key", test_wrong_key);
  g_test_add_func ("/clove/adnl/datagram/peek", test_peek);
  return g_test_run ();
}
