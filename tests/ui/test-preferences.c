/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The preferences: what is typed is checked, what is right is saved, and only that. */
#include "config.h"

#include "clove-about.h"
#include "clove-preferences-window.h"
#include "clove-window.h"
#include "made-snapshots.h"
#include "picture.h"

#include <string.h>

typedef struct {
  ClovePreferencesWindow *window;
  GSettings *gsettings;
} Fixture;

/* One for the whole program: GTK keeps an application that was registered. */
static CloveApplication *application;

static void
register_application (void)
{
  g_autoptr (GError) error = NULL;

  application = clove_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, &error));
  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  fixture->gsettings =
    clove_settings_get_gsettings (clove_application_get_settings (application));
  fixture->window = clove_preferences_window_new (application);
  gtk_window_present (GTK_WINDOW (fixture->window));
  picture_settle (GTK_WIDGET (fixture->window));
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  static const char *const keys[] = { "mode", "directory", "listen", "rotation-minutes",
                                      "attempts", "keep-entry", "standby" };

  g_object_add_weak_pointer (G_OBJECT (fixture->window), (gpointer *) &fixture->window);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_null (fixture->window);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    g_settings_reset (fixture->gsettings, keys[i]);
}

static GtkWidget *
find (Fixture *fixture, const char *name)
{
  GObject *child = gtk_widget_get_template_child (GTK_WIDGET (fixture->window),
                                                  CLOVE_TYPE_PREFERENCES_WINDOW, name);

  g_assert_nonnull (child);
  return GTK_WIDGET (child);
}

static GtkWidget *
find_control (Fixture *fixture, const char *row)
{
  return adw_action_row_get_activatable_widget (ADW_ACTION_ROW (find (fixture, row)));
}

static void
type (Fixture *fixture, const char *name, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (find (fixture, name)), text);
}

static void
press_return (Fixture *fixture, const char *name)
{
  g_signal_emit_by_name (find (fixture, name), "entry-activated");
}

static void
assert_wrong (Fixture *fixture, const char *row, const char *hint)
{
  gtk_test_accessible_assert_state (find (fixture, row), GTK_ACCESSIBLE_STATE_INVALID,
                                    GTK_ACCESSIBLE_INVALID_TRUE);
  g_assert_true (gtk_widget_has_css_class (find (fixture, row), "error"));
  g_assert_true (gtk_widget_has_css_class (find (fixture, hint), "error"));
}

static void
assert_right (Fixture *fixture, const char *row)
{
  gtk_test_accessible_assert_state (find (fixture, row), GTK_ACCESSIBLE_STATE_INVALID,
                                    GTK_ACCESSIBLE_INVALID_FALSE);
  g_assert_false (gtk_widget_has_css_class (find (fixture, row), "error"));
}

static void
assert_setting (Fixture *fixture, const char *key, const char *wanted)
{
  g_autofree char *value = g_settings_get_string (fixture->gsettings, key);

  g_assert_cmpstr (value, ==, wanted);
}

static void
test_new_destroy (Fixture *fixture, gconstpointer user_data)
{
  g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (fixture->window)));
  assert_right (fixture, "listen_host");
  assert_right (fixture, "listen_port");
  assert_right (fixture, "directory");
}

static void
test_port (Fixture *fixture, gconstpointer user_data)
{
  type (fixture, "listen_port", "99999");
  assert_wrong (fixture, "listen_port", "listen_hint");
  assert_right (fixture, "listen_host");
  press_return (fixture, "listen_port");
  assert_setting (fixture, "listen", "127.0.0.1:8080");

  /* Nothing is saved while somebody types. */
  type (fixture, "listen_port", "9050");
  assert_right (fixture, "listen_port");
  assert_setting (fixture, "listen", "127.0.0.1:8080");
  press_return (fixture, "listen_port");
  assert_setting (fixture, "listen", "127.0.0.1:9050");
}

static void
test_host (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *hint = find (fixture, "listen_hint");

  type (fixture, "listen_host", "example.com");
  assert_wrong (fixture, "listen_host", "listen_hint");
  assert_right (fixture, "listen_port");
  press_return (fixture, "listen_host");
  assert_setting (fixture, "listen", "127.0.0.1:8080");

  type (fixture, "listen_host", "0.0.0.0");
  assert_right (fixture, "listen_host");
  g_assert_true (gtk_widget_has_css_class (hint, "warning"));
  press_return (fixture, "listen_host");
  assert_setting (fixture, "listen", "0.0.0.0:8080");
}

static void
test_directory (Fixture *fixture, gconstpointer user_data)
{
  type (fixture, "directory", "http://example.org/");
  assert_wrong (fixture, "directory", "directory_hint");
  press_return (fixture, "directory");
  assert_setting (fixture, "directory", "");
  type (fixture, "directory", "https://example.org/relays.json");
  assert_right (fixture, "directory");
  /* What is right is saved when the window is closed, too. */
  gtk_window_close (GTK_WINDOW (fixture->window));
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  assert_setting (fixture, "directory", "https://example.org/relays.json");
  fixture->window = clove_preferences_window_new (application);
}

static void
test_bindings (Fixture *fixture, gconstpointer user_data)
{
  gtk_switch_set_active (GTK_SWITCH (find (fixture, "standby")), FALSE);
  g_assert_false (g_settings_get_boolean (fixture->gsettings, "standby"));
  g_settings_set_uint (fixture->gsettings, "rotation-minutes", 25);
  g_assert_cmpint (
    gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (find_control (fixture, "rotation_row"))),
    ==, 25);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (find_control (fixture, "attempts_row")), 7);
  g_assert_cmpuint (g_settings_get_uint (fixture->gsettings, "attempts"), ==, 7);
  g_settings_set_string (fixture->gsettings, "listen", "[::1]:9999");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (find (fixture, "listen_host"))), ==,
                   "::1");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (find (fixture, "listen_port"))), ==,
                   "9999");
}

/* Until the user has chosen, no network looks chosen; choosing while off starts nothing. */
static void
test_network (Fixture *fixture, gconstpointer user_data)
{
  AdwComboRow *network = ADW_COMBO_ROW (find (fixture, "network"));

  g_assert_cmpuint (adw_combo_row_get_selected (network), ==, GTK_INVALID_LIST_POSITION);
  adw_combo_row_set_selected (network, 1);
  assert_setting (fixture, "mode", "demo");
  g_assert_false (clove_host_is_on (clove_application_get_host (application)));
  g_settings_set_string (fixture->gsettings, "mode", "tonnet");
  g_assert_cmpuint (adw_combo_row_get_selected (network), ==, 0);
}

static void
test_names (Fixture *fixture, gconstpointer user_data)
{
  gtk_test_accessible_assert_property (find_control (fixture, "rotation_row"),
                                       GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Minutes until another circuit is taken");
  gtk_test_accessible_assert_property (find (fixture, "standby"), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Keep a standby circuit");
}

static void
test_entries (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) snapshot = made_snapshot ("connected");
  AdwActionRow *row = ADW_ACTION_ROW (find (fixture, "entries_row"));

  g_assert_cmpstr (adw_action_row_get_subtitle (row), ==, "None yet");
  clove_preferences_window_show (fixture->window, snapshot);
  g_assert_nonnull (strstr (adw_action_row_get_subtitle (row), "relay5"));
  g_assert_nonnull (strstr (adw_action_row_get_subtitle (row), "relay4"));
  gtk_switch_set_active (GTK_SWITCH (find (fixture, "keep_entry")), FALSE);
  g_assert_false (gtk_widget_get_sensitive (GTK_WIDGET (row)));
}

static void
test_pictures (Fixture *fixture, gconstpointer user_data)
{
  static const char *const pages[] = { "network", "circuits", "program" };
  g_autoptr (CloveSnapshot) snapshot = made_snapshot ("connected");

  g_settings_set_string (fixture->gsettings, "mode", "tonnet");
  clove_preferences_window_show (fixture->window, snapshot);
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++) {
    g_autofree char *name = g_strdup_printf ("preferences-%s", pages[i]);

    adw_preferences_window_set_visible_page_name (ADW_PREFERENCES_WINDOW (fixture->window),
                                                  pages[i]);
    picture_take_looks (GTK_WIDGET (fixture->window), name);
  }
  adw_preferences_window_set_visible_page_name (ADW_PREFERENCES_WINDOW (fixture->window),
                                                "network");
  type (fixture, "listen_port", "99999");
  type (fixture, "directory", "http://example.org/");
  picture_take_looks (GTK_WIDGET (fixture->window), "preferences-wrong");
}

static void
test_about (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *about = clove_about_present (GTK_WINDOW (fixture->window));

  g_assert_cmpstr (adw_about_window_get_version (ADW_ABOUT_WINDOW (about)), ==, CLOVE_VERSION);
  picture_settle (about);
  picture_take (about, "about");
  gtk_window_destroy (GTK_WINDOW (about));
}

/* Every key that is shown does something: the titles without an accelerator would be bare. */
static void
test_shortcuts (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *window = GTK_WIDGET (clove_window_new (application));
  GtkWidget *shortcuts = NULL;

  gtk_window_present (GTK_WINDOW (window));
  g_assert_true (gtk_widget_activate_action (window, "win.show-help-overlay", NULL));
  shortcuts = GTK_WIDGET (
    gtk_application_window_get_help_overlay (GTK_APPLICATION_WINDOW (window)));
  g_assert_nonnull (shortcuts);
  picture_settle (shortcuts);
  picture_take (shortcuts, "shortcuts");
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char *argv[])
{
  gint status = 0;

  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  register_application ();
  g_application_hold (G_APPLICATION (application));
#define ADD(name, function) \
  g_test_add ("/clove/ui/preferences/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("new-destroy", test_new_destroy);
  ADD ("port", test_port);
  ADD ("host", test_host);
  ADD ("directory", test_directory);
  ADD ("bindings", test_bindings);
  ADD ("network", test_network);
  ADD ("names", test_names);
  ADD ("entries", test_entries);
  ADD ("pictures", test_pictures);
  ADD ("about", test_about);
  ADD ("shortcuts", test_shortcuts);
  status = g_test_run ();
  g_object_unref (application);
  return status;
}
