/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-address.h"
#include "clove-random.h"

#include <string.h>

static void
test_accepted (void)
{
  static const struct {
    const char *text;
    const char *formatted;
    guint16 port;
    gboolean is_loopback;
  } cases[] = {
    { "192.0.2.1:9001", "192.0.2.1:9001", 9001, FALSE },
    { "127.0.0.1:1", "127.0.0.1:1", 1, TRUE },
    { "127.255.1.2:65535", "127.255.1.2:65535", 65535, TRUE },
    { "128.0.0.1:80", "128.0.0.1:80", 80, FALSE },
    { "0.0.0.0:1", "0.0.0.0:1", 1, FALSE },
    { "255.255.255.255:65535", "255.255.255.255:65535", 65535, FALSE },
    { "10.0.0.1:00080", "10.0.0.1:80", 80, FALSE },
    { "[::1]:443", "[::1]:443", 443, TRUE },
    { "[::]:443", "[::]:443", 443, FALSE },
    { "[2001:DB8:0:0::1]:9001", "[2001:db8::1]:9001", 9001, FALSE },
    { "[::ffff:192.0.2.1]:5", "[::ffff:192.0.2.1]:5", 5, FALSE },
    { "[1111:2222:3333:4444:5555:6666:7777:8888]:65535",
      "[1111:2222:3333:4444:5555:6666:7777:8888]:65535", 65535, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    char text[CLOVE_ADDRESS_STRING_SIZE] = { 0 };
    CloveAddress address = { 0 };
    CloveAddress again = { 0 };
    g_autoptr (GError) error = NULL;

    g_test_message ("%s", cases[i].text);
    g_assert_true (clove_address_parse (&address, cases[i].text, &error));
    g_assert_no_error (error);
    g_assert_cmpuint (clove_address_get_port (&address), ==, cases[i].port);
    g_assert_cmpint (clove_address_is_loopback (&address), ==, cases[i].is_loopback);
    clove_address_format (&address, text);
    g_assert_cmpstr (text, ==, cases[i].formatted);
    g_assert_true (clove_address_parse (&again, text, &error));
    g_assert_true (clove_address_equal (&address, &again));
  }
}

static void
check_order (const char *first, const char *second, gint wanted)
{
  CloveAddress a = { 0 };
  CloveAddress b = { 0 };
  gint order = 0;

  g_assert_true (clove_address_parse (&a, first, NULL));
  g_assert_true (clove_address_parse (&b, second, NULL));
  order = clove_address_compare (&a, &b);
  g_assert_cmpint ((order > 0) - (order < 0), ==, wanted);
  g_assert_cmpint (clove_address_equal (&a, &b), ==, wanted == 0);
}

/* By family, then host, then port; never both before and behind. */
static void
test_compare (void)
{
  static const char *const sorted[] = {
    "1.2.3.4:5",
    "1.2.3.4:6",
    "1.2.3.4:65535",
    "1.2.4.0:1",
    "9.0.0.1:1",
    "200.0.0.1:1",
    "[::1]:5",
    "[::1]:6",
    "[::2]:1",
    "[2001:db8::1]:1",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (sorted); i++) {
    for (gsize j = 0; j < G_N_ELEMENTS (sorted); j++)
      check_order (sorted[i], sorted[j], (i > j) - (i < j));
  }
}

static void
test_refused (void)
{
  static const char *const cases[] = {
    "",
    ":",
    ":9001",
    "192.0.2.1",
    "192.0.2.1:",
    "192.0.2.1:0",
    "192.0.2.1:65536",
    "192.0.2.1:99999",
    "192.0.2.1:000080",
    "192.0.2.1:-1",
    "192.0.2.1:+1",
    "192.0.2.1: 80",
    "192.0.2.1:80 ",
    "192.0.2.1:8o",
    "192.0.2.1:80:80",
    " 192.0.2.1:80",
    "192.0.2.1 :80",
    "192.0.2:80",
    "192.0.2.256:80",
    "192.0.2.1.1:80",
    "0192.0.2.1:80",
    "0x7f.0.0.1:80",
    "2130706433:80",
    "localhost:80",
    "relay.example:9001",
    "[192.0.2.1]:80",
    "::1:80",
    "2001:db8::1:9001",
    "[2001:db8::1]",
    "[2001:db8::1]9001",
    "[2001:db8::1:9001",
    "2001:db8::1]:9001",
    "[]:80",
    "[:80",
    "]:80",
    "[[::1]]:80",
    "[fe80::1%lo]:80",
    "[1111:2222:3333:4444:5555:6666:7777:8888:9999]:80",
    "1111111111111111111111111111111111111111111111111111111111111111111111111111111:80",
    "[::1\n]:80",
    "\xff\xfe:80",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    CloveAddress address = { 0 };
    CloveAddress untouched = { 0 };
    g_autoptr (GError) error = NULL;

    clove_address_init_loopback (&address, 7);
    clove_address_init_loopback (&untouched, 7);
    g_test_message ("%s", g_utf8_validate (cases[i], -1, NULL) ? cases[i] : "not UTF-8");
    g_assert_false (clove_address_parse (&address, cases[i], &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
    g_assert_true (clove_address_equal (&address, &untouched));
  }
}

static void
test_equal (void)
{
  static const char *const texts[] = {
    "192.0.2.1:9001",
    "192.0.2.1:9002",
    "192.0.2.2:9001",
    "[2001:db8::1]:9001",
    "[2001:db8::1]:9002",
    "[2001:db8::2]:9001",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts) * G_N_ELEMENTS (texts); i++) {
    gsize left = i / G_N_ELEMENTS (texts);
    gsize right = i % G_N_ELEMENTS (texts);
    CloveAddress a = { 0 };
    CloveAddress b = { 0 };

    g_assert_true (clove_address_parse (&a, texts[left], NULL));
    g_assert_true (clove_address_parse (&b, texts[right], NULL));
    g_assert_cmpint (clove_address_equal (&a, &b), ==, left == right);
  }
}

static void
test_port (void)
{
  static const char *const texts[] = { "192.0.2.1:9001", "[2001:db8::1]:9001" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    CloveAddress address = { 0 };
    char text[CLOVE_ADDRESS_STRING_SIZE] = { 0 };

    g_assert_true (clove_address_parse (&address, texts[i], NULL));
    clove_address_set_port (&address, 9002);
    g_assert_cmpuint (clove_address_get_port (&address), ==, 9002);
    clove_address_format (&address, text);
    g_assert_true (g_str_has_suffix (text, ":9002"));
  }
}

static void
test_loopback (void)
{
  CloveAddress address = { 0 };
  char text[CLOVE_ADDRESS_STRING_SIZE] = { 0 };

  clove_address_init_loopback (&address, 0);
  g_assert_true (clove_address_is_loopback (&address));
  clove_address_format (&address, text);
  g_assert_cmpstr (text, ==, "127.0.0.1:0");
}

static void
test_gsocket (void)
{
  static const char *const texts[] = { "192.0.2.1:9001", "[2001:db8::1]:9001" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    CloveAddress address = { 0 };
    g_autoptr (GSocketAddress) made = NULL;
    g_autofree char *text = NULL;

    g_assert_true (clove_address_parse (&address, texts[i], NULL));
    made = clove_address_to_gsocket (&address);
    g_assert_nonnull (made);
    text = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (made));
    g_assert_cmpstr (text, ==, texts[i]);
  }
}

/* Any text is taken or refused without harm, and what is taken is stable. */
static void
test_random_text (void)
{
  static const char alphabet[] = "0123456789.:[]abcf ";
  g_autoptr (CloveRandom) random = clove_random_new_seeded (11);

  for (guint i = 0; i < 20000; i++) {
    char text[24] = { 0 };
    char formatted[CLOVE_ADDRESS_STRING_SIZE] = { 0 };
    gsize size = clove_random_uniform (random, sizeof text);
    CloveAddress address = { 0 };
    CloveAddress again = { 0 };

    for (gsize j = 0; j < size; j++)
      text[j] = alphabet[clove_random_uniform (random, sizeof alphabet - 1)];
    if (!clove_address_parse (&address, text, NULL))
      continue;
    clove_address_format (&address, formatted);
    g_assert_true (clove_address_parse (&again, formatted, NULL));
    g_assert_true (clove_address_equal (&address, &again));
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/base/address/accepted", test_accepted);
  g_test_add_func ("/clove/base/address/compare", test_compare);
  g_test_add_func ("/clove/base/address/refused", test_refused);
  g_test_add_func ("/clove/base/address/equal", test_equal);
  g_test_add_func ("/clove/base/address/port", test_port);
  g_test_add_func ("/clove/base/address/loopback", test_loopback);
  g_test_add_func ("/clove/base/address/gsocket", test_gsocket);
  g_test_add_func ("/clove/base/address/random-text", test_random_text);
  return g_test_run ();
}
