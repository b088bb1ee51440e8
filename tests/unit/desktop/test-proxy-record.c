/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user had is written down, and read back as it was or not at all. */
#include "config.h"

#include "clove-desktop-error.h"
#include "clove-proxy-record.h"

#include <string.h>

#define OWNER "42:4711:12345678-9abc-4def-8123-456789abcdef"
#define HEAD  "[System Proxy]\nVersion=1\nComplete=yes\nOwner=" OWNER "\n"
#define GOOD  HEAD "Desktop=gnome\nUrl=http://a/proxy.pac\nOldPlace=group\n"

static CloveProxyRecord *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  CloveProxyRecord *record = clove_proxy_record_parse (text, strlen (text), &error);

  g_assert_true ((record == NULL) == (error != NULL));
  if (error != NULL)
    g_assert_error (error, CLOVE_DESKTOP_ERROR, CLOVE_DESKTOP_ERROR_GARBLED);
  return record;
}

static void
check_round_trip (const char *mode, const char *url)
{
  CloveProcessMark owner = { 0 };
  g_autoptr (CloveProxyRecord) record = NULL;
  g_autoptr (CloveProxyRecord) again = NULL;
  g_autofree char *text = NULL;
  g_autofree char *text_again = NULL;

  g_assert_true (clove_process_mark_parse (&owner, OWNER));
  record = clove_proxy_record_new (CLOVE_DESKTOP_KDE, &owner, "http://a/proxy.pac");
  clove_proxy_values_set (&record->old, CLOVE_PROXY_PLACE_FILE, mode, url);
  text = clove_proxy_record_format (record);
  again = parse (text);
  g_assert_nonnull (again);
  g_assert_cmpint (again->desktop, ==, CLOVE_DESKTOP_KDE);
  g_assert_cmpint (again->old.place, ==, CLOVE_PROXY_PLACE_FILE);
  g_assert_true (clove_process_mark_equal (&again->owner, &owner));
  g_assert_true (clove_proxy_values_equal (&again->old, &record->old));
  text_again = clove_proxy_record_format (again);
  g_assert_cmpstr (text_again, ==, text);
}

static void
test_round_trip (void)
{
  static const char *const values[] = {
    NULL,
    "",
    "none",
    " leading",
    "trailing ",
    "\ttab",
    "\\back\\nslash",
    "ProxyType[$e]= 4 ",
    "line\r",
    "\xd0\xbf\xd1\x80\xd0\xbe\xd0\xba\xd1\x81\xd0\xb8",
    "#no comment",
    "a;b,c",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++) {
    for (gsize j = 0; j < G_N_ELEMENTS (values); j++)
      check_round_trip (values[i], values[j]);
  }
}

/* Between the file and the setting the old address is still ours. */
static void
test_move (void)
{
  g_autoptr (CloveProxyRecord) record = parse (GOOD);
  g_autoptr (CloveProxyRecord) again = NULL;
  g_autofree char *text = NULL;

  g_assert_nonnull (record);
  clove_proxy_record_move (record, "http://a/proxy.pac");
  g_assert_null (record->previous_url);
  clove_proxy_record_move (record, "http://b/proxy.pac");
  text = clove_proxy_record_format (record);
  again = parse (text);
  g_assert_nonnull (again);
  g_assert_true (clove_proxy_record_has_url (again, "http://a/proxy.pac"));
  g_assert_true (clove_proxy_record_has_url (again, "http://b/proxy.pac"));
  g_assert_false (clove_proxy_record_has_url (again, "http://c/proxy.pac"));
  g_assert_false (clove_proxy_record_has_url (again, ""));
  g_assert_false (clove_proxy_record_has_url (again, NULL));
  clove_proxy_record_move (again, "http://c/proxy.pac");
  g_assert_false (clove_proxy_record_has_url (again, "http://a/proxy.pac"));
}

static void
test_bad (void)
{
  static const char *const texts[] = {
    "",
    "\n",
    "garbage",
    "[System Proxy]\n",
    "[System Proxy]\nVersion=1\n",
    "[Other]\nVersion=1\n",
    GOOD "[Other]\n",
    GOOD "Surprise=1\n",
    GOOD "OldMode=a\\nb\n",
    GOOD "OldUrl=a\\rb\n",
    GOOD "OldMode=\\q\n",
    GOOD "OldMode[de]=a\n",
    HEAD "Desktop=gnome\nOldPlace=group\n",
    HEAD "Desktop=gnome\nUrl=\nOldPlace=group\n",
    HEAD "Desktop=gnome\nUrl=http://a/\n",
    HEAD "Desktop=\nUrl=http://a/\nOldPlace=group\n",
    HEAD "Desktop=windows\nUrl=http://a/\nOldPlace=group\n",
    HEAD "Desktop=gnome\nUrl=http://a/\nOldPlace=somewhere\n",
    "[System Proxy]\nVersion=2\nComplete=yes\nOwner=" OWNER
    "\nDesktop=gnome\nUrl=http://a/\nOldPlace=group\n",
    "[System Proxy]\nVersion=1\nComplete=yes\nOwner=1:2"
    "\nDesktop=gnome\nUrl=http://a/\nOldPlace=group\n",
    GOOD "OldMode=\xff\n",
    "[System Proxy]\nVersion=1\nOwner=" OWNER
    "\nDesktop=gnome\nUrl=http://a/\nOldPlace=group\n",
    "[System Proxy]\nVersion=1\nComplete=ye\nOwner=" OWNER
    "\nDesktop=gnome\nUrl=http://a/\nOldPlace=group\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_test_message ("%" G_GSIZE_FORMAT, i);
    g_assert_null (parse (texts[i]));
  }
}

static void
test_too_large (void)
{
  g_autofree char *filling = g_strnfill (CLOVE_PROXY_RECORD_MAX_SIZE, 'x');
  g_autofree char *comment = g_strconcat (GOOD "# ", filling, "\n", NULL);
  g_autofree char *value = g_strdup_printf (GOOD "OldUrl=%.8193s\n", filling);
  g_autofree char *fitting = g_strdup_printf (GOOD "OldUrl=%.8192s\n", filling);
  g_autoptr (CloveProxyRecord) record = NULL;

  g_assert_null (parse (comment));
  g_assert_null (parse (value));
  record = parse (fitting);
  g_assert_nonnull (record);
}

/* No beginning of a file passes for the whole. */
static void
test_torn (void)
{
  g_autoptr (CloveProxyRecord) record = parse (GOOD "OldMode=none\nOldUrl=http://old/\n");
  g_autofree char *text = NULL;

  g_assert_nonnull (record);
  text = clove_proxy_record_format (record);
  for (gsize size = 0; size + 1 < strlen (text); size++) {
    g_autofree char *torn = g_strndup (text, size);

    g_assert_null (parse (torn));
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/clove/desktop/proxy-record/" name, function)
  ADD ("round-trip", test_round_trip);
  ADD ("move", test_move);
  ADD ("bad", test_bad);
  ADD ("too-large", test_too_large);
  ADD ("torn", test_torn);
#undef ADD
  return g_test_run ();
}
