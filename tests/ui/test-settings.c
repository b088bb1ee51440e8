/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The typed settings, and what people type into them. No display is needed. */
#include "config.h"

#include "clove-setting-text.h"
#include "clove-settings.h"

typedef struct {
  const char *host;
  const char *port;
  const char *listen; /* NULL for what must be refused */
} Listen;

static void
test_join_listen (void)
{
  static const Listen cases[] = {
    { "127.0.0.1", "8080", "127.0.0.1:8080" },
    { " 127.0.0.1 ", " 1 ", "127.0.0.1:1" },
    { "localhost", "65535", "127.0.0.1:65535" },
    { "::1", "8080", "[::1]:8080" },
    { "[::1]", "8080", "[::1]:8080" },
    { "0.0.0.0", "8080", "0.0.0.0:8080" },
    { "", "8080", NULL },
    { "127.0.0.1", "", NULL },
    { "127.0.0.1", "0", NULL },
    { "127.0.0.1", "65536", NULL },
    { "127.0.0.1", "-1", NULL },
    { "127.0.0.1", "80a", NULL },
    { "127.0.0.1", "0x50", NULL },
    { "127.0.0.256", "8080", NULL },
    { "127.0.0.1:80", "8080", NULL },
    { "example.com", "8080", NULL },
    { "[::1", "8080", NULL },
    { "127.0.0.1 x", "8080", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *listen =
      clove_setting_text_join_listen (cases[i].host, cases[i].port, &error);

    g_assert_cmpstr (listen, ==, cases[i].listen);
    if (cases[i].listen != NULL)
      g_assert_no_error (error);
    else
      g_assert_true (g_str_has_suffix (error->message, "."));
  }
}

static void
test_split_listen (void)
{
  static const Listen cases[] = {
    { "127.0.0.1", "8080", "127.0.0.1:8080" },
    { "::1", "1", "[::1]:1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *host = NULL;
    g_autofree char *port = NULL;

    clove_setting_text_split_listen (cases[i].listen, &host, &port);
    g_assert_cmpstr (host, ==, cases[i].host);
    g_assert_cmpstr (port, ==, cases[i].port);
  }
}

static void
test_open_to_others (void)
{
  g_assert_false (clove_setting_text_is_open_to_others ("127.0.0.1:8080"));
  g_assert_false (clove_setting_text_is_open_to_others ("[::1]:8080"));
  g_assert_true (clove_setting_text_is_open_to_others ("0.0.0.0:8080"));
  g_assert_true (clove_setting_text_is_open_to_others ("192.0.2.1:8080"));
}

static void
test_check_directory (void)
{
  static const struct {
    const char *text;
    const char *checked;
  } cases[] = {
    { "", "" },
    { "  ", "" },
    { " https://example.org/relays.json ", "https://example.org/relays.json" },
    { "http://127.0.0.1:1/relays.json", "http://127.0.0.1:1/relays.json" },
    { "/home/me/relays.json", "/home/me/relays.json" },
    { "file:///home/me/relays.json", "file:///home/me/relays.json" },
    { "http://example.org/relays.json", NULL },
    { "https://user:password@example.org/", NULL },
    { "https://", NULL },
    { "ftp://example.org/", NULL },
    { "relays.json", NULL },
    { "file://example.org/relays.json", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *checked = clove_setting_text_check_directory (cases[i].text, &error);

    g_assert_cmpstr (checked, ==, cases[i].checked);
    g_assert_true ((error != NULL) == (cases[i].checked == NULL));
  }
}

static void
on_engine_changed (CloveSettings *settings, gpointer user_data)
{
  ++*(guint *) user_data;
}

static void
test_values (void)
{
  g_autoptr (CloveSettings) settings = clove_settings_new ();
  g_autofree char *listen = NULL;
  g_autofree char *directory = NULL;
  guint n_changes = 0;

  g_assert_cmpint (clove_settings_get_mode (settings), ==, CLOVE_MODE_UNSET);
  clove_settings_set_mode (settings, CLOVE_MODE_DEMO);
  g_assert_cmpint (clove_settings_get_mode (settings), ==, CLOVE_MODE_DEMO);

  g_signal_connect (settings, "engine-changed", G_CALLBACK (on_engine_changed), &n_changes);
  g_assert_false (clove_settings_set_listen (settings, "nowhere"));
  g_assert_false (clove_settings_set_directory (settings, "http://example.org/"));
  g_assert_cmpuint (n_changes, ==, 0);
  listen = clove_settings_get_listen (settings);
  g_assert_cmpstr (listen, ==, CLOVE_ENGINE_DEFAULT_LISTEN);

  g_assert_true (clove_settings_set_directory (settings, " /tmp/relays.json"));
  directory = clove_settings_get_directory (settings);
  g_assert_cmpstr (directory, ==, "/tmp/relays.json");
  g_assert_cmpuint (n_changes, ==, 1);
  clove_settings_set (settings, CLOVE_SETTING_HISTORY, FALSE);
  g_assert_cmpuint (n_changes, ==, 1);
  clove_settings_set (settings, CLOVE_SETTING_STANDBY, FALSE);
  g_assert_cmpuint (n_changes, ==, 2);
}

static void
test_options (void)
{
  g_autoptr (CloveSettings) settings = clove_settings_new ();
  GSettings *gsettings = clove_settings_get_gsettings (settings);
  CloveEngineOptions options = { 0 };

  g_settings_set_uint (gsettings, CLOVE_SETTING_ROTATION, 7);
  g_settings_set_uint (gsettings, CLOVE_SETTING_ATTEMPTS, 5);
  clove_settings_set (settings, CLOVE_SETTING_KEEP_ENTRY, FALSE);
  clove_settings_fill_options (settings, &options);
  g_assert_cmpint (options.rotation_us, ==, 7 * G_TIME_SPAN_MINUTE);
  g_assert_cmpuint (options.max_attempts, ==, 5);
  g_assert_false (options.keeps_entry);
  g_assert_true (options.repeats);
}

static void
test_new_destroy (void)
{
  CloveSettings *settings = clove_settings_new ();

  g_assert_finalize_object (settings);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/ui/settings/new-destroy", test_new_destroy);
  g_test_add_func ("/clove/ui/settings/join-listen", test_join_listen);
  g_test_add_func ("/clove/ui/settings/split-listen", test_split_listen);
  g_test_add_func ("/clove/ui/settings/open-to-others", test_open_to_others);
  g_test_add_func ("/clove/ui/settings/check-directory", test_check_directory);
  g_test_add_func ("/clove/ui/settings/values", test_values);
  g_test_add_func ("/clove/ui/settings/options", test_options);
  return g_test_run ();
}
