/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-directory-error.h"
#include "clove-json-check.h"
#include "clove-relay-list.h"
#include "fixtures.h"

#include <string.h>

/* The public keys of the first three seeds of RFC 8032, section 7.1, and two more. */
#define KEY_1 "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define KEY_2 "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
#define KEY_3 "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"
#define KEY_4 "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e"
#define KEY_5 "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf"

#define KEY_ZERO "0000000000000000000000000000000000000000000000000000000000000000"

#define RELAY_5 ENTRY ("last", KEY_5, "192.0.2.5:1", "\"exit\"")
#define ENTRY(name, key, address, roles) \
  "{\"name\":\"" name "\",\"pubkey\":\"" key "\",\"address\":\"" address "\",\"roles\":[" roles "]}"
#define RELAY_1      ENTRY ("one", KEY_1, "192.0.2.1:9001", "\"entry\"")
#define RELAY_2      ENTRY ("two", KEY_2, "192.0.2.2:9001", "\"middle\"")
#define RELAY_3      ENTRY ("three", KEY_3, "192.0.2.3:9001", "\"exit\"")
#define LIST(relays) "{\"version\":2,\"updated\":\"2026-01-31\",\"relays\":[" relays "]}"
#define GOOD_THREE   RELAY_1 "," RELAY_2 "," RELAY_3

static CloveRelayList *
parse (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return clove_relay_list_parse (bytes, error);
}

static void
test_good (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CloveRelayList) list =
    parse ("{\"future\":[{}],\"version\":2,\"updated\":\"2026-01-31\",\"relays\":["
           "{\"name\":\"one\",\"pubkey\":\"" KEY_1 "\",\"address\":\"192.0.2.1:9001\","
           "\"roles\":[\"entry\",\"guard\",\"entry\"],\"operator\":\"Ada \\u00e9\",\"weight\":3},"
           "{\"name\":\"two\",\"pubkey\":\"" KEY_2 "\",\"address\":\"[2001:db8::2]:9001\","
           "\"roles\":[\"middle\",\"exit\"],\"operator\":null}," RELAY_3 "]}",
           &error);
  CloveRelay *relay = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (clove_relay_list_get_n_relays (list), ==, 3);
  g_assert_cmpuint (clove_relay_list_get_n_skipped (list), ==, 0);
  g_assert_null (clove_relay_list_get_skip_reasons (list)[0]);
  g_assert_cmpstr (clove_relay_list_get_updated (list), ==, "2026-01-31");
  relay = clove_relay_list_get_relay (list, 0);
  g_assert_cmpstr (clove_relay_get_operator (relay), ==, "Ada é");
  g_assert_cmpuint (clove_relay_get_roles (relay), ==, CLOVE_RELAY_ROLE_ENTRY);
  relay = clove_relay_list_get_relay (list, 1);
  g_assert_null (clove_relay_get_operator (relay));
  g_assert_cmpuint (clove_relay_list_get_roles (list)[1], ==,
                    CLOVE_RELAY_ROLE_MIDDLE | CLOVE_RELAY_ROLE_EXIT);
}

static const struct {
  const char *text;
  CloveDirectoryError code;
} refused[] = {
  { "", CLOVE_DIRECTORY_ERROR_NOT_JSON },
  { "<html></html>", CLOVE_DIRECTORY_ERROR_NOT_JSON },
  { LIST (GOOD_THREE) "x", CLOVE_DIRECTORY_ERROR_NOT_JSON },
  { "\xef\xbb\xbf" LIST (GOOD_THREE), CLOVE_DIRECTORY_ERROR_NOT_JSON },
  { LIST (ENTRY ("\xff", KEY_1, "192.0.2.1:9001", "\"entry\"")), CLOVE_DIRECTORY_ERROR_NOT_JSON },
  { LIST (ENTRY ("a\\u0000b", KEY_1, "192.0.2.1:9001", "\"entry\"")),
    CLOVE_DIRECTORY_ERROR_NOT_JSON },
  { "[]", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "null", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "\"relays\"", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "{}", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "{\"relays\":[" GOOD_THREE "]}", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "{\"version\":2}", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "{\"version\":2,\"relays\":{}}", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "{\"version\":2,\"relays\":null}", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "{\"version\":\"2\",\"relays\":[" GOOD_THREE "]}", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "{\"version\":2.5,\"relays\":[" GOOD_THREE "]}", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "{\"version\":null,\"relays\":[" GOOD_THREE "]}", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "{\"version\":[2],\"relays\":[" GOOD_THREE "]}", CLOVE_DIRECTORY_ERROR_WRONG_SHAPE },
  { "{\"version\":1,\"relays\":[" GOOD_THREE "]}", CLOVE_DIRECTORY_ERROR_WRONG_VERSION },
  { "{\"version\":-2,\"relays\":[" GOOD_THREE "]}", CLOVE_DIRECTORY_ERROR_WRONG_VERSION },
  { "{\"version\":4294967298,\"relays\":[" GOOD_THREE "]}", CLOVE_DIRECTORY_ERROR_WRONG_VERSION },
  { "{\"version\":18446744073709551618,\"relays\":[" GOOD_THREE "]}",
    CLOVE_DIRECTORY_ERROR_WRONG_VERSION },
  { LIST (""), CLOVE_DIRECTORY_ERROR_TOO_FEW_RELAYS },
  { LIST (RELAY_1 "," RELAY_3), CLOVE_DIRECTORY_ERROR_TOO_FEW_RELAYS },
  { LIST (RELAY_1 ",0," RELAY_3), CLOVE_DIRECTORY_ERROR_TOO_FEW_RELAYS },
  /* Enough entries, but two of them are one socket. */
  { LIST (RELAY_1 "," RELAY_2 "," ENTRY ("x", KEY_3, "192.0.2.1:9001", "\"exit\"")),
    CLOVE_DIRECTORY_ERROR_TOO_FEW_RELAYS },
  { LIST (RELAY_1 "," RELAY_2 "," ENTRY ("x", KEY_3, "192.0.2.3:9001", "\"middle\"")),
    CLOVE_DIRECTORY_ERROR_MISSING_ROLE },
  /* Three relays, all roles, but one relay would have to be two hops. */
  { LIST (RELAY_1 "," ENTRY ("a", KEY_2, "192.0.2.2:9001", "\"middle\",\"exit\"") "," ENTRY (
      "b",
      KEY_3,
      "192.0.2.3:9001",
      "\"entry\"")),
    CLOVE_DIRECTORY_ERROR_MISSING_ROLE },
  { LIST (GOOD_THREE "," ENTRY ("four", KEY_1, "192.0.2.4:9001", "\"exit\"")),
    CLOVE_DIRECTORY_ERROR_DUPLICATE_KEY },
  { LIST (GOOD_THREE "," RELAY_1), CLOVE_DIRECTORY_ERROR_DUPLICATE_KEY },
};

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (CloveRelayList) list = parse (refused[i].text, &error);

    g_assert_null (list);
    g_assert_error (error, CLOVE_DIRECTORY_ERROR, (int) refused[i].code);
    g_test_message ("case %u: %s", i, error->message);
  }
}

static void
test_duplicate_key_case (void)
{
  g_autofree char *upper = g_ascii_strup (KEY_1, -1);
  g_autofree char *text = g_strdup_printf (
    LIST (GOOD_THREE
          ",{\"name\":\"x\",\"pubkey\":\"%s\",\"address\":\"192.0.2.4:1\",\"roles\":[\"exit\"]}"),
    upper);
  g_autoptr (GError) error = NULL;
  g_autoptr (CloveRelayList) list = parse (text, &error);

  g_assert_null (list);
  g_assert_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_DUPLICATE_KEY);
}

static const struct {
  const char *entry;
  const char *reason; /* part of it */
} skipped[] = {
  { "1", "Entry 4 is left out: it is not an object." },
  { "null", "not an object" },
  { "[]", "not an object" },
  { "{}", "no name" },
  { "{\"name\":5}", "no name" },
  { "{\"name\":\"bad\"}", "Entry 4 (“bad”) is left out: it has no address." },
  { "{\"name\":\"bad\",\"address\":\"192.0.2.9:1\"}", "no key" },
  { ENTRY ("bad", "00", "192.0.2.9:1", "\"exit\""), "no key" },
  { ENTRY ("bad", KEY_4 "00", "192.0.2.9:1", "\"exit\""), "no key" },
  { ENTRY ("bad", KEY_ZERO, "192.0.2.9:1", "\"exit\""),
    "not a point" },
  { ENTRY ("bad", KEY_4, "relay.example:1", "\"exit\""), "not an IP address" },
  { ENTRY ("bad", KEY_4, "192.0.2.9", "\"exit\""), "not an IP address" },
  { ENTRY ("bad", KEY_4, "192.0.2.9:0", "\"exit\""), "not an IP address" },
  { ENTRY ("bad", KEY_4, "192.0.2.9:65536", "\"exit\""), "not an IP address" },
  { ENTRY ("bad", KEY_4, "192.0.2.9:65535", "\"exit\""), "leaves no port above" },
  { ENTRY ("bad", KEY_4, "224.0.0.1:1", "\"exit\""), "not that of one host" },
  { ENTRY ("bad", KEY_4, "192.0.2.9:1", ""), "no known role" },
  { ENTRY ("bad", KEY_4, "192.0.2.9:1", "\"guard\""), "no known role" },
  { ENTRY ("bad", KEY_4, "192.0.2.9:1", "\"exit\",1"), "not text" },
  { ENTRY ("bad\\n", KEY_4, "192.0.2.9:1", "\"exit\""), "Entry 4 is left out: its name" },
  { "{\"name\":\"bad\",\"pubkey\":\"" KEY_4 "\",\"address\":\"192.0.2.9:1\",\"roles\":\"exit\"}",
    "no array of roles" },
  { "{\"name\":\"bad\",\"pubkey\":\"" KEY_4 "\",\"address\":\"192.0.2.9:1\",\"roles\":[\"exit\"],"
    "\"operator\":7}",
    "operator is not text" },
  { ENTRY ("bad", KEY_4, "192.0.2.1:9001", "\"exit\""), "an earlier relay has its address" },
};

static void
test_skipped (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (skipped); i++) {
    g_autofree char *text = g_strconcat ("{\"version\":2,\"relays\":[" GOOD_THREE ",",
                                         skipped[i].entry, "," RELAY_5 "]}",
                                         NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (CloveRelayList) list = parse (text, &error);

    g_test_message ("%s", skipped[i].entry);
    g_assert_no_error (error);
    g_assert_cmpuint (clove_relay_list_get_n_relays (list), ==, 4);
    g_assert_cmpuint (clove_relay_list_get_n_skipped (list), ==, 1);
    g_test_message ("%s", clove_relay_list_get_skip_reasons (list)[0]);
    g_assert_nonnull (strstr (clove_relay_list_get_skip_reasons (list)[0], skipped[i].reason));
    g_assert_null (clove_relay_list_get_skip_reasons (list)[1]);
    g_assert_cmpstr (clove_relay_get_name (clove_relay_list_get_relay (list, 3)), ==, "last");
  }
}

static void
test_many_skipped (void)
{
  g_autoptr (GString) text = g_string_new ("{\"version\":2,\"relays\":[" GOOD_THREE);
  g_autoptr (CloveRelayList) list = NULL;
  guint n_skipped = CLOVE_RELAY_LIST_MAX_REASONS + 5;

  for (guint i = 0; i < n_skipped; i++)
    g_string_append (text, ",{}");
  g_string_append (text, "]}");
  list = parse (text->str, NULL);
  g_assert_nonnull (list);
  g_assert_cmpuint (clove_relay_list_get_n_skipped (list), ==, n_skipped);
  g_assert_nonnull (
    clove_relay_list_get_skip_reasons (list)[CLOVE_RELAY_LIST_MAX_REASONS - 1]);
  g_assert_null (clove_relay_list_get_skip_reasons (list)[CLOVE_RELAY_LIST_MAX_REASONS]);
}

static void
test_dates (void)
{
  static const char *const bad[] = {
    "5",
    "null",
    "\"\"",
    "\"2026\"",
    "\"2026-01-31T00:00\"",
    "\"2026-01-31\\n\"",
    "\"31.01.2026\"",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autofree char *text = g_strdup_printf ("{\"version\":2,\"updated\":%s,\"relays\":[%s]}",
                                             bad[i], GOOD_THREE);
    g_autoptr (CloveRelayList) list = parse (text, NULL);

    g_assert_nonnull (list);
    g_assert_null (clove_relay_list_get_updated (list));
  }
}

static void
test_size (void)
{
  g_autoptr (GString) text = g_string_new (LIST (GOOD_THREE));
  g_autoptr (CloveRelayList) largest = NULL;
  g_autoptr (CloveRelayList) too_large = NULL;
  g_autoptr (GError) error = NULL;
  gsize size = text->len;

  g_string_set_size (text, CLOVE_RELAY_LIST_MAX_SIZE);
  memset (text->str + size, ' ', text->len - size);
  largest = parse (text->str, &error);
  g_assert_no_error (error);
  g_assert_nonnull (largest);
  g_string_append_c (text, ' ');
  too_large = parse (text->str, &error);
  g_assert_null (too_large);
  g_assert_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_TOO_LARGE);
}

static void
test_deep_nesting (void)
{
  g_autofree char *brackets = g_strnfill (1000000, '[');
  g_autofree char *text = g_strconcat ("{\"version\":2,\"x\":", brackets, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CloveRelayList) list = parse (text, &error);

  g_assert_null (list);
  g_assert_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_NOT_JSON);
}

static void
assert_same_relay (CloveRelay *a, CloveRelay *b)
{
  g_assert_cmpstr (clove_relay_get_name (a), ==, clove_relay_get_name (b));
  g_assert_cmpstr (clove_relay_get_operator (a), ==, clove_relay_get_operator (b));
  g_assert_cmpuint (clove_relay_get_roles (a), ==, clove_relay_get_roles (b));
  g_assert_true (clove_address_equal (clove_relay_get_address (a), clove_relay_get_address (b)));
  g_assert_cmpmem (clove_relay_get_key (a), CLOVE_RELAY_KEY_SIZE, clove_relay_get_key (b),
                   CLOVE_RELAY_KEY_SIZE);
}

static void
test_round_trip (void)
{
  g_autoptr (GPtrArray) relays =
    g_ptr_array_new_with_free_func ((GDestroyNotify) clove_relay_unref);
  g_autoptr (CloveRelayList) list = NULL;
  g_autoptr (CloveRelayList) again = NULL;
  g_autofree char *text = NULL;
  g_autofree char *text_again = NULL;
  g_autoptr (GError) error = NULL;
  CloveAddress address = { 0 };

  for (guint i = 0; i < 20; i++)
    g_ptr_array_add (relays, fixture_relay (i, 1 + i % CLOVE_RELAY_ROLES_ALL));
  g_assert_true (clove_address_parse (&address, "[2001:db8::1]:65534", NULL));
  g_ptr_array_add (relays, clove_relay_new ("\"\\/é😀 {}", clove_relay_get_key (relays->pdata[0]),
                                            &address, CLOVE_RELAY_ROLES_ALL, "O\"p", NULL));
  g_ptr_array_remove_index_fast (relays, 0);
  list = clove_relay_list_new ((CloveRelay *const *) relays->pdata, relays->len, "1999-12-31");
  text = clove_relay_list_format (list);
  again = parse (text, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (clove_relay_list_get_n_relays (again), ==, relays->len);
  g_assert_cmpuint (clove_relay_list_get_n_skipped (again), ==, 0);
  g_assert_cmpstr (clove_relay_list_get_updated (again), ==, "1999-12-31");
  for (guint i = 0; i < relays->len; i++)
    assert_same_relay (clove_relay_list_get_relay (list, i), clove_relay_list_get_relay (again, i));
  text_again = clove_relay_list_format (again);
  g_assert_cmpstr (text, ==, text_again);
}

static void
test_find (void)
{
  g_autoptr (CloveRelayList) list = parse (
    LIST (RELAY_1 "," RELAY_2 "," ENTRY ("two", KEY_3, "192.0.2.3:9001", "\"exit\"") "," ENTRY (
      KEY_1, KEY_4, "192.0.2.4:9001", "\"exit\"") "," ENTRY ("192.0.2.1:9001", KEY_5,
                                                             "192.0.2.5:9001", "\"exit\"")),
    NULL);
  g_autofree char *upper = g_ascii_strup (KEY_2, -1);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (list);
  g_assert_true (clove_relay_list_find (list, "one", NULL) == clove_relay_list_get_relay (list, 0));
  g_assert_true (clove_relay_list_find (list, upper, NULL) == clove_relay_list_get_relay (list, 1));
  g_assert_true (clove_relay_list_find (list, "192.0.2.3:9001", NULL) ==
                 clove_relay_list_get_relay (list, 2));
  /* Keys and addresses go before names that look like them. */
  g_assert_true (clove_relay_list_find (list, KEY_1, NULL) == clove_relay_list_get_relay (list, 0));
  g_assert_true (clove_relay_list_find (list, "192.0.2.1:9001", NULL) ==
                 clove_relay_list_get_relay (list, 0));

  g_assert_null (clove_relay_list_find (list, "two", &error));
  g_assert_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_AMBIGUOUS_RELAY);
  g_clear_error (&error);
  g_assert_null (clove_relay_list_find (list, "three", &error));
  g_assert_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_NO_SUCH_RELAY);
}

/* In a list of any length and order, and only what is in it. */
static void
test_find_address (void)
{
  for (guint n_relays = 0; n_relays < 40; n_relays++) {
    g_autoptr (GPtrArray) relays = NULL;
    g_autoptr (CloveRelayList) list = NULL;
    g_autoptr (CloveRelay) missing = fixture_relay (n_relays * 7919, CLOVE_RELAY_ROLE_EXIT);

    relays = g_ptr_array_new_with_free_func ((GDestroyNotify) clove_relay_unref);
    for (guint i = n_relays; i-- > 0;)
      g_ptr_array_add (relays, fixture_relay (i * 7919, CLOVE_RELAY_ROLE_EXIT));
    list = clove_relay_list_new ((CloveRelay *const *) relays->pdata, n_relays, NULL);
    for (guint i = 0; i < n_relays; i++)
      g_assert_true (clove_relay_list_find_address (list, clove_relay_get_address (
                                                            relays->pdata[i])) ==
                     relays->pdata[i]);
    g_assert_null (clove_relay_list_find_address (list, clove_relay_get_address (missing)));
  }
}

#define OPERATED_1                                                             \
  "{\"name\":\"one\",\"pubkey\":\"" KEY_1 "\",\"address\":\"192.0.2.1:9001\"," \
  "\"roles\":[\"entry\"],\"operator\":\"Ada\"}"

static const struct {
  const char *relays;
  gboolean is_equal; /* to GOOD_THREE */
} others[] = {
  { GOOD_THREE, TRUE },
  { GOOD_THREE ",{\"name\":\"skipped\"}", TRUE },
  { RELAY_1 "," RELAY_3 "," RELAY_2, FALSE },
  { GOOD_THREE "," RELAY_5, FALSE },
  { ENTRY ("ONE", KEY_1, "192.0.2.1:9001", "\"entry\"") "," RELAY_2 "," RELAY_3, FALSE },
  { ENTRY ("one", KEY_4, "192.0.2.1:9001", "\"entry\"") "," RELAY_2 "," RELAY_3, FALSE },
  { ENTRY ("one", KEY_1, "192.0.2.9:9001", "\"entry\"") "," RELAY_2 "," RELAY_3, FALSE },
  { ENTRY ("one", KEY_1, "192.0.2.1:9002", "\"entry\"") "," RELAY_2 "," RELAY_3, FALSE },
  { ENTRY ("one", KEY_1, "192.0.2.1:9001", "\"entry\",\"exit\"") "," RELAY_2 "," RELAY_3, FALSE },
  { OPERATED_1 "," RELAY_2 "," RELAY_3, FALSE },
};

static void
test_equal (void)
{
  g_autoptr (CloveRelayList) list = parse (LIST (GOOD_THREE), NULL);

  for (guint i = 0; i < G_N_ELEMENTS (others); i++) {
    g_autofree char *text =
      g_strdup_printf ("{\"version\":2,\"updated\":\"2026-02-01\",\"relays\":[%s]}",
                       others[i].relays);
    g_autoptr (GError) error = NULL;
    g_autoptr (CloveRelayList) other = parse (text, &error);

    g_assert_no_error (error);
    g_test_message ("%s", others[i].relays);
    g_assert_cmpint (clove_relay_list_equal (list, other), ==, others[i].is_equal);
    g_assert_cmpint (clove_relay_list_equal (other, list), ==, others[i].is_equal);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/directory/relay-list/good", test_good);
  g_test_add_func ("/clove/directory/relay-list/refused", test_refused);
  g_test_add_func ("/clove/directory/relay-list/duplicate-key-case", test_duplicate_key_case);
  g_test_add_func ("/clove/directory/relay-list/skipped", test_skipped);
  g_test_add_func ("/clove/directory/relay-list/many-skipped", test_many_skipped);
  g_test_add_func ("/clove/directory/relay-list/dates", test_dates);
  g_test_add_func ("/clove/directory/relay-list/size", test_size);
  g_test_add_func ("/clove/directory/relay-list/deep-nesting", test_deep_nesting);
  g_test_add_func ("/clove/directory/relay-list/round-trip", test_round_trip);
  g_test_add_func ("/clove/directory/relay-list/find", test_find);
  g_test_add_func ("/clove/directory/relay-list/find-address", test_find_address);
  g_test_add_func ("/clove/directory/relay-list/equal", test_equal);
  return g_test_run ();
}
