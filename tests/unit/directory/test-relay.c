/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-directory-error.h"
#include "clove-relay.h"
#include "fixtures.h"

#include <string.h>

#define GOOD_KEY     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define GOOD_ADDRESS "192.0.2.1:9001"

static void
test_values (void)
{
  g_autoptr (CloveRelay) relay = NULL;
  g_autoptr (CloveRelay) again = NULL;
  g_autoptr (GError) error = NULL;
  guint8 key[CLOVE_RELAY_KEY_SIZE] = { 0 };
  CloveAddress address = { 0 };

  g_assert_true (clove_relay_key_parse (key, GOOD_KEY));
  g_assert_true (clove_address_parse (&address, GOOD_ADDRESS, NULL));
  relay = clove_relay_new ("Relais é", key, &address,
                           CLOVE_RELAY_ROLE_ENTRY | CLOVE_RELAY_ROLE_EXIT | 1 << 7, "Op", &error);
  g_assert_no_error (error);
  again = clove_relay_ref (relay);
  clove_relay_unref (g_steal_pointer (&relay));

  g_assert_cmpstr (clove_relay_get_name (again), ==, "Relais é");
  g_assert_cmpstr (clove_relay_get_operator (again), ==, "Op");
  g_assert_cmpmem (clove_relay_get_key (again), CLOVE_RELAY_KEY_SIZE, key, sizeof key);
  g_assert_true (clove_address_equal (clove_relay_get_address (again), &address));
  g_assert_cmpuint (clove_relay_get_roles (again), ==,
                    CLOVE_RELAY_ROLE_ENTRY | CLOVE_RELAY_ROLE_EXIT);
}

static const struct {
  const char *label;
  const char *name;
  const char *key;
  const char *address;
  CloveRelayRoles roles;
  const char *operator_name;
} bad_relays[] = {
  { "empty name", "", GOOD_KEY, GOOD_ADDRESS, 1, NULL },
  { "line break", "a\nb", GOOD_KEY, GOOD_ADDRESS, 1, NULL },
  { "delete", "a\x7f", GOOD_KEY, GOOD_ADDRESS, 1, NULL },
  { "zero-width space", "a\xe2\x80\x8b", GOOD_KEY, GOOD_ADDRESS, 1, NULL },
  /* NOLINTNEXTLINE(misc-misleading-bidirectional): that is what must be refused. */
  { "right-to-left override", "a\xe2\x80\xae", GOOD_KEY, GOOD_ADDRESS, 1, NULL },
  { "line separator", "a\xe2\x80\xa8", GOOD_KEY, GOOD_ADDRESS, 1, NULL },
  { "private use", "\xee\x80\x80", GOOD_KEY, GOOD_ADDRESS, 1, NULL },
  { "not UTF-8", "\xff", GOOD_KEY, GOOD_ADDRESS, 1, NULL },
  { "65 bytes", "12345678901234567890123456789012345678901234567890123456789012345", GOOD_KEY,
    GOOD_ADDRESS, 1, NULL },
  { "empty operator", "a", GOOD_KEY, GOOD_ADDRESS, 1, "" },
  { "operator with tab", "a", GOOD_KEY, GOOD_ADDRESS, 1, "\t" },
  { "no role", "a", GOOD_KEY, GOOD_ADDRESS, 0, NULL },
  { "unknown role", "a", GOOD_KEY, GOOD_ADDRESS, 8, NULL },
  { "port 65535", "a", GOOD_KEY, "192.0.2.1:65535", 1, NULL },
  { "this host", "a", GOOD_KEY, "0.0.0.0:1", 1, NULL },
  { "multicast", "a", GOOD_KEY, "224.0.0.1:1", 1, NULL },
  { "broadcast", "a", GOOD_KEY, "255.255.255.255:1", 1, NULL },
  { "IPv6 unspecified", "a", GOOD_KEY, "[::]:1", 1, NULL },
  { "IPv6 multicast", "a", GOOD_KEY, "[ff02::1]:1", 1, NULL },
  { "IPv6 mapped", "a", GOOD_KEY, "[::ffff:192.0.2.1]:1", 1, NULL },
  { "key zero", "a", "0000000000000000000000000000000000000000000000000000000000000000",
    GOOD_ADDRESS, 1, NULL },
  { "key of order 1", "a", "0100000000000000000000000000000000000000000000000000000000000000",
    GOOD_ADDRESS, 1, NULL },
  { "key of order 8", "a", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    GOOD_ADDRESS, 1, NULL },
  { "key off the curve", "a", "0200000000000000000000000000000000000000000000000000000000000000",
    GOOD_ADDRESS, 1, NULL },
};

static void
test_bad (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_relays); i++) {
    g_autoptr (CloveRelay) relay = NULL;
    g_autoptr (GError) error = NULL;
    guint8 key[CLOVE_RELAY_KEY_SIZE] = { 0 };
    CloveAddress address = { 0 };

    g_test_message ("%s", bad_relays[i].label);
    g_assert_true (clove_relay_key_parse (key, bad_relays[i].key));
    g_assert_true (clove_address_parse (&address, bad_relays[i].address, NULL));
    relay = clove_relay_new (bad_relays[i].name, key, &address, bad_relays[i].roles,
                             bad_relays[i].operator_name, &error);
    g_assert_null (relay);
    g_assert_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_BAD_RELAY);
  }
}

static void
test_key_text (void)
{
  static const char *const bad[] = {
    "",
    "00",
    GOOD_KEY "0",
    GOOD_KEY " ",
    "g75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "0x5a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
  };
  guint8 key[CLOVE_RELAY_KEY_SIZE] = { 7 };
  g_autofree char *upper = g_ascii_strup (GOOD_KEY, -1);

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_assert_false (clove_relay_key_parse (key, bad[i]));
    g_assert_cmpuint (key[0], ==, 7);
  }
  g_assert_true (clove_relay_key_parse (key, upper));
  g_assert_cmpuint (key[0], ==, 0xd7);
  g_assert_cmpuint (key[31], ==, 0x1a);
}

static void
test_roles (void)
{
  for (CloveRelayRoles role = 1; role <= CLOVE_RELAY_ROLES_ALL; role <<= 1)
    g_assert_cmpuint (clove_relay_role_from_string (clove_relay_role_to_string (role)), ==, role);
  g_assert_cmpuint (clove_relay_role_from_string ("Entry"), ==, 0);
  g_assert_cmpuint (clove_relay_role_from_string (""), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/directory/relay/values", test_values);
  g_test_add_func ("/clove/directory/relay/bad", test_bad);
  g_test_add_func ("/clove/directory/relay/key-text", test_key_text);
  g_test_add_func ("/clove/directory/relay/roles", test_roles);
  return g_test_run ();
}
