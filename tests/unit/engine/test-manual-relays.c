/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-manual-relays.h"

#include <string.h>

#define KEY_A "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define KEY_B "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
#define KEY_C "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"

static void
test_listen (void)
{
  static const struct {
    const char *text;
    const char *address; /* NULL: refused */
  } cases[] = {
    { "127.0.0.1:8080", "127.0.0.1:8080" },
    { "0.0.0.0:8080", "0.0.0.0:8080" },
    { ":8080", "127.0.0.1:8080" },
    { "localhost:81", "127.0.0.1:81" },
    { "LocalHost:81", "127.0.0.1:81" },
    { "[::1]:8080", "[::1]:8080" },
    { "127.0.0.1:0", "127.0.0.1:0" },
    { ":0", "127.0.0.1:0" },
    { "", NULL },
    { ":", NULL },
    { "8080", NULL },
    { "127.0.0.1", NULL },
    { "127.0.0.1:", NULL },
    { "127.0.0.1:65536", NULL },
    { "127.0.0.1:-1", NULL },
    { "127.0.0.1:00", NULL },
    { "example.com:80", NULL },
    { "::1:80", NULL },
    { "127.0.0.1:80 ", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    CloveAddress address = { 0 };
    char text[CLOVE_ADDRESS_STRING_SIZE] = { 0 };
    gboolean is_good = clove_manual_listen_parse (&address, cases[i].text, &error);

    g_test_message ("“%s”", cases[i].text);
    g_assert_true (is_good == (cases[i].address != NULL));
    if (is_good) {
      clove_address_format (&address, text);
      g_assert_cmpstr (text, ==, cases[i].address);
    } else {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    }
  }
}

static void
test_good_relays (void)
{
  const char *specs[] = { "192.0.2.1:9001," KEY_A, " 192.0.2.2:9001 , " KEY_B " ",
                          "[2001:db8::1]:9001," KEY_C };
  g_autoptr (GError) error = NULL;
  g_autoptr (CloveRelayList) list = clove_manual_relays_parse (specs, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (clove_relay_list_get_n_relays (list), ==, 3);
  g_assert_cmpstr (clove_relay_get_name (clove_relay_list_get_relay (list, 1)), ==,
                   "192.0.2.2:9001");
  g_assert_cmpuint (clove_relay_get_roles (clove_relay_list_get_relay (list, 2)), ==,
                    CLOVE_RELAY_ROLE_EXIT);
}

static void
test_bad_relays (void)
{
  static const struct {
    const char *specs[3];
    const char *option;
  } cases[] = {
    { { "", "192.0.2.2:9001," KEY_B, "192.0.2.3:9001," KEY_C }, "--relay1" },
    { { "192.0.2.1:9001," KEY_A, "192.0.2.2:9001", "192.0.2.3:9001," KEY_C }, "--relay2" },
    { { "192.0.2.1:9001," KEY_A, "192.0.2.2:9001," KEY_B, "192.0.2.3:9001,xyz" }, "--relay3" },
    { { "192.0.2.1:9001," KEY_A, "192.0.2.2:9001," KEY_B, "host:9001," KEY_C }, "--relay3" },
    { { "192.0.2.1:9001," KEY_A, "192.0.2.2:9001," KEY_A, "192.0.2.3:9001," KEY_C }, "--relay2" },
    { { "192.0.2.1:65535," KEY_A, "192.0.2.2:9001," KEY_B, "192.0.2.3:9001," KEY_C }, "--relay1" },
    { { "192.0.2.1:9001," KEY_A ",x", "192.0.2.2:9001," KEY_B, "192.0.2.3:9001," KEY_C },
      "--relay1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (clove_manual_relays_parse (cases[i].specs, &error));
    g_assert_nonnull (error);
    g_assert_nonnull (strstr (error->message, cases[i].option));
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/engine/manual-relays/listen", test_listen);
  g_test_add_func ("/clove/engine/manual-relays/good", test_good_relays);
  g_test_add_func ("/clove/engine/manual-relays/bad", test_bad_relays);
  return g_test_run ();
}
