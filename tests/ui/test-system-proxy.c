/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The preferences of the system proxy, on desktops of every kind and in every state. */
#include "config.h"

#include "clove-setting-text.h"
#include "clove-setup-window.h"
#include "clove-system-proxy-group.h"
#include "picture.h"
#include "stage.h"

#include <glib/gstdio.h>
#include <string.h>

#define URL "http://127.0.0.1:8080/proxy.pac"

static CloveApplication *application;

typedef struct {
  char *folder;
  CloveSystemProxy *system;
  GtkWidget *group;
  GtkWidget *window;
} Fixture;

static GSettings *
get_gsettings (void)
{
  return clove_settings_get_gsettings (clove_application_get_settings (application));
}

/* Without a guard, whose work is tested elsewhere. */
static void
open_group (Fixture *f, const char *desktop, gboolean is_sandboxed)
{
  CloveSystemProxyOptions options = {
    .current_desktop = desktop,
    .is_sandboxed = is_sandboxed,
    .folder = f->folder,
    .guard = "/bin/true",
  };
  GtkWidget *page = adw_preferences_page_new ();

  f->system = clove_system_proxy_new (&options);
  f->group = g_object_new (CLOVE_TYPE_SYSTEM_PROXY_GROUP, NULL);
  clove_system_proxy_group_follow (CLOVE_SYSTEM_PROXY_GROUP (f->group), f->system,
                                   clove_application_get_host (application),
                                   clove_application_get_settings (application));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (f->group));
  f->window = stage_window_new (page);
  gtk_window_set_default_size (GTK_WINDOW (f->window), 560, 320);
  gtk_window_present (GTK_WINDOW (f->window));
  picture_settle (f->window);
}

static void
close_group (Fixture *f)
{
  g_clear_pointer (&f->window, stage_close);
  g_clear_object (&f->system);
}

static void
set_up (Fixture *f, gconstpointer user_data)
{
  f->folder = g_dir_make_tmp ("clove-group-XXXXXX", NULL);
  g_assert_nonnull (f->folder);
}

static void
tear_down (Fixture *f, gconstpointer user_data)
{
  g_autofree char *lock = g_build_filename (f->folder, "system-proxy.lock", NULL);
  g_autofree char *aside = g_build_filename (f->folder, "system-proxy.bad-1", NULL);
  g_autofree char *kioslaverc = g_build_filename (g_get_user_config_dir (), "kioslaverc", NULL);

  close_group (f);
  g_settings_reset (get_gsettings (), CLOVE_SETTING_SYSTEM_PROXY);
  g_unlink (kioslaverc);
  g_unlink (lock);
  g_unlink (aside);
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_free (f->folder);
}

static GtkWidget *
find (Fixture *f, const char *name)
{
  GObject *child =
    gtk_widget_get_template_child (f->group, CLOVE_TYPE_SYSTEM_PROXY_GROUP, name);

  g_assert_nonnull (child);
  return GTK_WIDGET (child);
}

static void
assert_hint (Fixture *f, const char *part, const char *style)
{
  GtkWidget *hint = find (f, "hint");
  const char *text = gtk_label_get_text (GTK_LABEL (hint));

  if (strstr (text, part) == NULL)
    g_error ("“%s” is not in “%s”", part, text);
  g_assert_true (g_str_has_suffix (text, "."));
  g_assert_true (gtk_widget_has_css_class (hint, style));
  g_assert_cmpint (gtk_widget_has_css_class (hint, "dim-label") +
                     gtk_widget_has_css_class (hint, "warning") +
                     gtk_widget_has_css_class (hint, "error"),
                   ==, 1);
}

/* The reason stands there, and the way out stays open. */
static void
test_unsupported (Fixture *f, gconstpointer user_data)
{
  static const struct {
    const char *desktop;
    gboolean is_sandboxed;
    const char *hint;
  } cases[] = {
    { "GNOME", TRUE, "sandbox" },
    { "XFCE", FALSE, "\u2068XFCE\u2069" },
    { "", FALSE, "This desktop" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *name = g_strdup_printf ("system-proxy-unsupported-%u", i);

    open_group (f, cases[i].desktop, cases[i].is_sandboxed);
    assert_hint (f, cases[i].hint, "dim-label");
    assert_hint (f, "by hand", "dim-label");
    g_assert_false (gtk_widget_get_sensitive (find (f, "is_wanted")));
    g_assert_true (gtk_widget_get_sensitive (find (f, "by_hand_row")));
    picture_take (f->window, name);
    /* Wanted since another desktop: it can be switched off here, and not on again. */
    g_settings_set_boolean (get_gsettings (), CLOVE_SETTING_SYSTEM_PROXY, TRUE);
    g_assert_true (gtk_widget_get_sensitive (find (f, "is_wanted")));
    gtk_switch_set_active (GTK_SWITCH (find (f, "is_wanted")), FALSE);
    g_assert_false (g_settings_get_boolean (get_gsettings (), CLOVE_SETTING_SYSTEM_PROXY));
    g_assert_false (gtk_widget_get_sensitive (find (f, "is_wanted")));
    close_group (f);
  }
}

static gboolean
is_overridden (Fixture *f)
{
  return clove_system_proxy_get_state (f->system) == CLOVE_SYSTEM_PROXY_OVERRIDDEN;
}

static void
test_states (Fixture *f, gconstpointer user_data)
{
  g_autofree char *kioslaverc = g_build_filename (g_get_user_config_dir (), "kioslaverc", NULL);

  open_group (f, "KDE", FALSE);
  assert_hint (f, "Changes the settings of \u2068KDE Plasma\u2069", "dim-label");
  gtk_switch_set_active (GTK_SWITCH (find (f, "is_wanted")), TRUE);
  g_assert_true (g_settings_get_boolean (get_gsettings (), CLOVE_SETTING_SYSTEM_PROXY));
  assert_hint (f, "as soon as", "dim-label");
  g_assert_true (clove_system_proxy_set (f->system, URL));
  assert_hint (f, "Set in \u2068KDE Plasma\u2069 now", "dim-label");
  picture_take_looks (f->window, "system-proxy-on");
  g_assert_true (g_file_set_contents (kioslaverc, "[Proxy Settings]\nProxyType=0\n", -1, NULL));
  while (!is_overridden (f))
    g_main_context_iteration (NULL, TRUE);
  assert_hint (f, "Another program changed", "warning");
  picture_settle (f->window);
  picture_take_looks (f->window, "system-proxy-overridden");
  g_assert_true (clove_system_proxy_restore (f->system));
  assert_hint (f, "as soon as", "dim-label");
}

static void
test_failed (Fixture *f, gconstpointer user_data)
{
  g_autofree char *record = g_build_filename (f->folder, "system-proxy", NULL);

  open_group (f, "KDE", FALSE);
  g_assert_cmpint (g_mkdir (record, 0700), ==, 0);
  g_assert_false (clove_system_proxy_set (f->system, URL));
  assert_hint (f, "could not be changed", "error");
  picture_settle (f->window);
  picture_take (f->window, "system-proxy-failed");
  g_assert_cmpint (g_rmdir (record), ==, 0);
  g_assert_true (clove_system_proxy_restore (f->system));
  assert_hint (f, "Changes the settings", "dim-label");
}

static void
test_garbled (Fixture *f, gconstpointer user_data)
{
  g_autofree char *record = g_build_filename (f->folder, "system-proxy", NULL);

  g_assert_true (g_file_set_contents (record, "garbage", -1, NULL));
  open_group (f, "KDE", FALSE);
  assert_hint (f, "system-proxy.bad-1", "warning");
  picture_take (f->window, "system-proxy-garbled");
}

static void
test_by_hand (Fixture *f, gconstpointer user_data)
{
  GtkWindow *window = NULL;

  open_group (f, "XFCE", FALSE);
  g_signal_emit_by_name (find (f, "by_hand_row"), "activated");
  for (guint i = 0; i < g_list_model_get_n_items (gtk_window_get_toplevels ()); i++) {
    g_autoptr (GtkWindow) top = g_list_model_get_item (gtk_window_get_toplevels (), i);

    if (CLOVE_IS_SETUP_WINDOW (top))
      window = top;
  }
  g_assert_nonnull (window);
  g_assert_true (gtk_window_get_transient_for (window) == GTK_WINDOW (f->window));
  gtk_window_destroy (window);
}

static void
test_names (Fixture *f, gconstpointer user_data)
{
  open_group (f, "KDE", FALSE);
  gtk_test_accessible_assert_property (find (f, "is_wanted"), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Use as system proxy");
  gtk_test_accessible_assert_relation (find (f, "is_wanted"), GTK_ACCESSIBLE_RELATION_DESCRIBED_BY,
                                       find (f, "hint"), NULL);
}

/* A browser cannot go to "all addresses". */
static void
test_reach (void)
{
  static const char *const cases[][2] = {
    { "127.0.0.1:8080", "127.0.0.1:8080" },
    { "0.0.0.0:8080", "127.0.0.1:8080" },
    { "[::]:80", "[::1]:80" },
    { "[::1]:80", "[::1]:80" },
    { "192.0.2.1:1", "192.0.2.1:1" },
    { "10.0.0.0:8080", "10.0.0.0:8080" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *reached = clove_setting_text_reach (cases[i][0]);

    g_assert_cmpstr (reached, ==, cases[i][1]);
  }
}

int
main (int argc, char *argv[])
{
  application = stage_begin (&argc, &argv);
  g_assert_cmpint (g_mkdir_with_parents (g_get_user_config_dir (), 0700), ==, 0);
#define ADD(name, function) \
  g_test_add ("/clove/ui/system-proxy/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("unsupported", test_unsupported);
  ADD ("states", test_states);
  ADD ("failed", test_failed);
  ADD ("garbled", test_garbled);
  ADD ("by-hand", test_by_hand);
  ADD ("names", test_names);
#undef ADD
  g_test_add_func ("/clove/ui/system-proxy/reach", test_reach);
  return stage_run ();
}
