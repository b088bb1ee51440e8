/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keys.json: ids, key agreement, channel keys and the cipher of datagrams. */
#include "config.h"

#include "clove-adnl-cipher.h"
#include "clove-adnl-key.h"
#include "test-vectors.h"

#include <sodium.h>
#include <string.h>

typedef void (*CaseFunc) (JsonObject *object, GPtrArray *keep);

static void
for_each (const char *list_name, CaseFunc check)
{
  g_autoptr (JsonObject) vectors = test_vectors_load ("keys.json");
  g_autoptr (GPtrArray) keep = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  JsonArray *list = test_vectors_list (vectors, list_name);

  for (guint i = 0; i < json_array_get_length (list); i++) {
    g_test_message ("%s %u", list_name, i);
    check (json_array_get_object_element (list, i), keep);
  }
}

static CloveAdnlIdentity *
identity_of (JsonObject *object, const char *member, GPtrArray *keep)
{
  g_assert_true (test_vectors_has (object, member));
  return clove_adnl_identity_new_from_seed (test_vectors_borrow_32 (keep, object, member));
}

static void
check_key (JsonObject *object, GPtrArray *keep)
{
  g_autoptr (CloveAdnlIdentity) identity = identity_of (object, "seed", keep);
  guint8 id[CLOVE_KEY_ID_SIZE] = { 0 };

  test_assert_member (object, "ed25519_pub", clove_adnl_identity_get_key (identity),
                      CLOVE_KEY_SIZE);
  test_assert_member (object, "adnl_id", clove_adnl_identity_get_id (identity), CLOVE_KEY_ID_SIZE);
  clove_adnl_key_id (id, test_vectors_borrow_32 (keep, object, "ed25519_pub"));
  test_assert_member (object, "adnl_id", id, sizeof id);
}

static void
test_ids (void)
{
  for_each ("keys", check_key);
}

/* The Montgomery forms show only in agreements: ours over the identities must be what plain X25519
 * gives for the listed forms. */
static void
check_pair (JsonObject *ours, JsonObject *theirs, GPtrArray *keep)
{
  g_autoptr (CloveAdnlIdentity) us = identity_of (ours, "seed", keep);
  g_autoptr (CloveAdnlIdentity) them = identity_of (theirs, "seed", keep);
  guint8 actual[CLOVE_KEY_SIZE] = { 0 };
  guint8 back[CLOVE_KEY_SIZE] = { 0 };
  guint8 expected[CLOVE_KEY_SIZE] = { 0 };

  g_assert_true (clove_adnl_identity_agree (us, clove_adnl_identity_get_key (them), actual));
  g_assert_true (clove_adnl_identity_agree (them, clove_adnl_identity_get_key (us), back));
  g_assert_cmpmem (actual, sizeof actual, back, sizeof back);
  if (!test_vectors_has (ours, "x25519_priv") || !test_vectors_has (theirs, "x25519_pub"))
    return;
  g_assert_cmpint (crypto_scalarmult (expected, test_vectors_borrow_32 (keep, ours, "x25519_priv"),
                                      test_vectors_borrow_32 (keep, theirs, "x25519_pub")),
                   ==, 0);
  g_assert_cmpmem (actual, sizeof actual, expected, sizeof expected);
}

static void
test_x25519 (void)
{
  g_autoptr (JsonObject) vectors = test_vectors_load ("keys.json");
  g_autoptr (GPtrArray) keep = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  JsonArray *list = test_vectors_list (vectors, "keys");
  guint n_keys = json_array_get_length (list);

  for (guint i = 0; i < n_keys; i++)
    check_pair (json_array_get_object_element (list, i),
                json_array_get_object_element (list, (i + 1) % n_keys), keep);
}

static void
check_shared (JsonObject *object, GPtrArray *keep)
{
  g_autoptr (CloveAdnlIdentity) identity = identity_of (object, "our_seed", keep);
  guint8 shared[CLOVE_KEY_SIZE] = { 0 };

  g_assert_true (clove_adnl_identity_agree (
    identity, test_vectors_borrow_32 (keep, object, "peer_ed25519_pub"), shared));
  test_assert_member (object, "shared_key", shared, sizeof shared);
}

static void
test_shared (void)
{
  for_each ("shared", check_shared);
}

/* The reference takes a key that is not in canonical form; we refuse it with the others: no key
 * pair has it, and two encodings of one key would be two identities. */
static void
check_shared_invalid (JsonObject *object, GPtrArray *keep)
{
  g_autoptr (CloveAdnlIdentity) identity = identity_of (object, "our_seed", keep);
  static const guint8 zeros[CLOVE_KEY_SIZE] = { 0 };
  guint8 shared[CLOVE_KEY_SIZE] = { 0 };
  gsize size = 0;
  const guint8 *key = test_vectors_borrow (keep, object, "peer_ed25519_pub", &size);

  /* Keys of another size cannot reach the function: no codec gives them. */
  if (size != CLOVE_KEY_SIZE)
    return;
  memset (shared, 0xa5, sizeof shared);
  g_assert_false (clove_adnl_identity_agree (identity, key, shared));
  g_assert_cmpmem (shared, sizeof shared, zeros, sizeof zeros);
}

static void
test_shared_invalid (void)
{
  for_each ("shared_invalid", check_shared_invalid);
}

static void
check_channel (JsonObject *object, GPtrArray *keep)
{
  g_autoptr (CloveAdnlIdentity) us = identity_of (object, "our_seed", keep);
  g_autoptr (CloveAdnlIdentity) our_channel = identity_of (object, "channel_seed", keep);
  g_autoptr (CloveAdnlIdentity) peer_channel = identity_of (object, "peer_channel_seed", keep);
  const guint8 *our_id = clove_adnl_identity_get_id (us);
  const guint8 *peer_id = test_vectors_borrow_32 (keep, object, "peer_id");
  const char *comparison = test_vectors_text (object, "peer_id_vs_our_id");
  gint order = memcmp (peer_id, our_id, CLOVE_KEY_ID_SIZE);
  guint8 shared[CLOVE_KEY_SIZE] = { 0 };
  guint8 send[CLOVE_KEY_SIZE] = { 0 };
  guint8 receive[CLOVE_KEY_SIZE] = { 0 };
  guint8 id[CLOVE_KEY_ID_SIZE] = { 0 };

  test_assert_member (object, "our_id", our_id, CLOVE_KEY_ID_SIZE);
  if (comparison != NULL) {
    g_assert_cmpint (strchr (comparison, '>') != NULL, ==, order > 0);
    g_assert_cmpint (strchr (comparison, '<') != NULL, ==, order < 0);
  }
  if (test_vectors_has (object, "peer_pub")) {
    clove_adnl_key_id (id, test_vectors_borrow_32 (keep, object, "peer_pub"));
    test_assert_member (object, "peer_id", id, sizeof id);
  }
  test_assert_member (object, "channel_pub", clove_adnl_identity_get_key (our_channel),
                      CLOVE_KEY_SIZE);
  test_assert_member (object, "peer_channel_pub", clove_adnl_identity_get_key (peer_channel),
                      CLOVE_KEY_SIZE);
  g_assert_true (clove_adnl_identity_agree (
    our_channel, clove_adnl_identity_get_key (peer_channel), shared));

  clove_adnl_channel_keys (shared, our_id, peer_id, send, receive);
  test_assert_member (object, "enc_key", send, sizeof send);
  test_assert_member (object, "dec_key", receive, sizeof receive);
  clove_adnl_channel_id (id, receive);
  test_assert_member (object, "in_id", id, sizeof id);
  clove_adnl_channel_id (id, send);
  test_assert_member (object, "out_id", id, sizeof id);

  /* The peer computes the same with the roles exchanged. */
  g_assert_true (clove_adnl_identity_agree (
    peer_channel, clove_adnl_identity_get_key (our_channel), shared));
  clove_adnl_channel_keys (shared, peer_id, our_id, receive, send);
  test_assert_member (object, "enc_key", send, sizeof send);
  test_assert_member (object, "dec_key", receive, sizeof receive);
}

static void
test_channels (void)
{
  for_each ("channels", check_channel);
}

static void
check_aes_ctr (JsonObject *object, GPtrArray *keep)
{
  const guint8 *key = test_vectors_borrow_32 (keep, object, "key");
  const guint8 *checksum = test_vectors_borrow_32 (keep, object, "checksum");
  guint8 actual[CLOVE_CHECKSUM_SIZE] = { 0 };
  gsize size = 0;
  gsize sealed_size = 0;
  const guint8 *plain = test_vectors_borrow (keep, object, "plain", &size);
  const guint8 *sealed = test_vectors_borrow (keep, object, "ciphertext", &sealed_size);
  g_autofree guint8 *data = g_memdup2 (plain, size);

  clove_adnl_cipher_checksum (actual, plain, size);
  test_assert_member (object, "checksum", actual, sizeof actual);
  clove_adnl_cipher_apply (data, size, key, checksum);
  g_assert_cmpmem (data, size, sealed, sealed_size);
  clove_adnl_cipher_apply (data, size, key, checksum);
  g_assert_cmpmem (data, size, plain, size);
}

static void
test_aes_ctr (void)
{
  for_each ("aes_ctr", check_aes_ctr);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/wire/keys/ids", test_ids);
  g_test_add_func ("/clove/wire/keys/x25519", test_x25519);
  g_test_add_func ("/clove/wire/keys/shared", test_shared);
  g_test_add_func ("/clove/wire/keys/shared-invalid", test_shared_invalid);
  g_test_add_func ("/clove/wire/keys/channels", test_channels);
  g_test_add_func ("/clove/wire/keys/aes-ctr", test_aes_ctr);
  return g_test_run ();
}
