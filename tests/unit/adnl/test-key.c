/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Beside the vectors: what holds for any keys. */
#include "config.h"

#include "clove-adnl-key.h"

#include <sodium.h>
#include <string.h>

static void
test_identity (void)
{
  guint8 seed[CLOVE_KEY_SIZE] = { 1, 2, 3 };
  g_autoptr (CloveAdnlIdentity) identity = clove_adnl_identity_new_from_seed (seed);
  g_autoptr (CloveAdnlIdentity) same = clove_adnl_identity_new_from_seed (seed);
  g_autoptr (CloveAdnlIdentity) fresh = clove_adnl_identity_new ();
  guint8 id[CLOVE_KEY_ID_SIZE] = { 0 };

  g_assert_cmpmem (clove_adnl_identity_get_key (identity), CLOVE_KEY_SIZE,
                   clove_adnl_identity_get_key (same), CLOVE_KEY_SIZE);
  g_assert_cmpint (memcmp (clove_adnl_identity_get_key (identity),
                           clove_adnl_identity_get_key (fresh), CLOVE_KEY_SIZE),
                   !=, 0);
  clove_adnl_key_id (id, clove_adnl_identity_get_key (fresh));
  g_assert_cmpmem (clove_adnl_identity_get_id (fresh), CLOVE_KEY_ID_SIZE, id, sizeof id);
}

static void
test_ref (void)
{
  CloveAdnlIdentity *identity = clove_adnl_identity_new ();
  guint8 signature[64] = { 0 };

  g_assert_true (clove_adnl_identity_ref (identity) == identity);
  clove_adnl_identity_unref (identity);
  clove_adnl_identity_sign (identity, (const guint8 *) "text", 4, signature);
  g_assert_cmpint (crypto_sign_verify_detached (signature, (const guint8 *) "text", 4,
                                                clove_adnl_identity_get_key (identity)),
                   ==, 0);
  clove_adnl_identity_unref (identity);
}

static void
test_agree (void)
{
  for (guint i = 0; i < 20; i++) {
    g_autoptr (CloveAdnlIdentity) one = clove_adnl_identity_new ();
    g_autoptr (CloveAdnlIdentity) other = clove_adnl_identity_new ();
    guint8 there[CLOVE_KEY_SIZE] = { 0 };
    guint8 back[CLOVE_KEY_SIZE] = { 0 };

    g_assert_true (clove_adnl_identity_agree (one, clove_adnl_identity_get_key (other), there));
    g_assert_true (clove_adnl_identity_agree (other, clove_adnl_identity_get_key (one), back));
    g_assert_cmpmem (there, sizeof there, back, sizeof back);
    g_assert_false (sodium_is_zero (there, sizeof there));
  }
}

/* What one side sends with, the other receives with; both directions differ. */
static void
test_channel_keys (void)
{
  guint8 shared[CLOVE_KEY_SIZE] = { 0 };
  guint8 low[CLOVE_KEY_ID_SIZE] = { 0 };
  guint8 high[CLOVE_KEY_ID_SIZE] = { 0 };
  guint8 sent[2][CLOVE_KEY_SIZE] = { 0 };
  guint8 received[2][CLOVE_KEY_SIZE] = { 0 };

  for (gsize i = 0; i < sizeof shared; i++)
    shared[i] = (guint8) i;
  /* Compared as big-endian numbers: the first byte that differs decides, not the last. */
  high[0] = 1;
  low[CLOVE_KEY_ID_SIZE - 1] = 0xff;
  clove_adnl_channel_keys (shared, low, high, sent[0], received[0]);
  clove_adnl_channel_keys (shared, high, low, sent[1], received[1]);
  g_assert_cmpmem (sent[0], CLOVE_KEY_SIZE, received[1], CLOVE_KEY_SIZE);
  g_assert_cmpmem (sent[1], CLOVE_KEY_SIZE, received[0], CLOVE_KEY_SIZE);
  g_assert_cmpmem (received[0], CLOVE_KEY_SIZE, shared, sizeof shared);
  for (gsize i = 0; i < sizeof shared; i++)
    g_assert_cmpuint (sent[0][i], ==, shared[sizeof shared - 1 - i]);

  clove_adnl_channel_keys (shared, low, low, sent[0], received[0]);
  g_assert_cmpmem (sent[0], CLOVE_KEY_SIZE, shared, sizeof shared);
  g_assert_cmpmem (received[0], CLOVE_KEY_SIZE, shared, sizeof shared);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/adnl/key/identity", test_identity);
  g_test_add_func ("/clove/adnl/key/ref", test_ref);
  g_test_add_func ("/clove/adnl/key/agree", test_agree);
  g_test_add_func ("/clove/adnl/key/channel-keys", test_channel_keys);
  return g_test_run ();
}
