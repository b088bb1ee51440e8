/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-secret.h"

#include <string.h>

static void
test_new (void)
{
  g_autoptr (CloveSecret) secret = clove_secret_new (40);
  guint8 *bytes = clove_secret_get (secret);

  for (gsize i = 0; i < 40; i++)
    g_assert_cmpuint (bytes[i], ==, 0);
  memset (bytes, 0x5a, 40);
  g_assert_true (clove_secret_peek (secret) == bytes);
  g_assert_cmpuint (clove_secret_peek (secret)[39], ==, 0x5a);
}

static void
test_copy (void)
{
  guint8 source[32] = { 0 };
  g_autoptr (CloveSecret) secret = NULL;

  for (gsize i = 0; i < sizeof source; i++)
    source[i] = (guint8) (i * 7);
  secret = clove_secret_new_copy (source, sizeof source);
  g_assert_cmpmem (clove_secret_peek (secret), sizeof source, source, sizeof source);
  memset (source, 0xff, sizeof source);
  g_assert_cmpuint (clove_secret_peek (secret)[1], ==, 7);
}

static void
test_free_null (void)
{
  clove_secret_free (NULL);
}

/* Memory behind the secret is guarded: a reader that runs over ends the program. */
static void
test_guarded (void)
{
  if (g_test_subprocess ()) {
    g_autoptr (CloveSecret) secret = clove_secret_new (32);
    const volatile guint8 *bytes = clove_secret_peek (secret);
    guint sum = 0;

    for (gsize i = 0; i < 4096; i++)
      sum += bytes[i];
    g_print ("read %u\n", sum);
    return;
  }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stdout_unmatched ("*read*");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/base/secret/new", test_new);
  g_test_add_func ("/clove/base/secret/copy", test_copy);
  g_test_add_func ("/clove/base/secret/free-null", test_free_null);
  g_test_add_func ("/clove/base/secret/guarded", test_guarded);
  return g_test_run ();
}
