/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The application in process: its actions, its keys, and an engine on a demo network. */
#include "config.h"

#include "clove-application.h"
#include "picture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define DEADLINE_S 30

static CloveApplication *application;

typedef gboolean (*Condition) (void);

static gboolean G_GNUC_NORETURN
on_deadline (gpointer user_data)
{
  g_error ("%s did not come true in time", *(const char **) user_data);
}

static void
wait_until (Condition condition, const char *what)
{
  guint deadline = g_timeout_add_seconds (DEADLINE_S, on_deadline, &what);

  while (!condition ())
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);
}

static const CloveSnapshot *
get_snapshot (void)
{
  return clove_host_get_snapshot (clove_application_get_host (application));
}

static gboolean
is_enabled (const char *action)
{
  return g_action_group_get_action_enabled (G_ACTION_GROUP (application), action);
}

static gboolean
is_connected (void)
{
  return get_snapshot ()->state == CLOVE_ENGINE_CONNECTED;
}

static gboolean
is_cooling (void)
{
  return !is_enabled ("rebuild-now") && is_connected () && get_snapshot ()->generation > 1;
}

static gboolean
is_rebuild_enabled (void)
{
  return is_enabled ("rebuild-now");
}

static gboolean
is_off (void)
{
  return get_snapshot ()->state == CLOVE_ENGINE_OFF &&
         !clove_host_is_on (clove_application_get_host (application));
}

static gboolean
has_begun_anew (void)
{
  return is_connected () && get_snapshot ()->max_attempts == 8;
}

static void
activate (const char *action)
{
  g_action_group_activate_action (G_ACTION_GROUP (application), action, NULL);
}

static void
test_actions (void)
{
  static const char *const names[] = { "toggle", "use-network", "rebuild-now",
                                       "reload-directory", "clear-relay", "ban-relay",
                                       "choose-new-entries", "preferences", "about",
                                       "set-up-browser", "help", "show",
                                       "open-demo", "quit" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_true (g_action_group_has_action (G_ACTION_GROUP (application), names[i]));
  g_assert_false (is_enabled ("rebuild-now"));
  g_assert_false (is_enabled ("reload-directory"));
  g_assert_false (is_enabled ("choose-new-entries"));
  g_assert_false (is_enabled ("open-demo"));
  g_assert_true (is_enabled ("toggle"));
}

static void
test_keys (void)
{
  static const struct {
    const char *action;
    const char *key;
  } keys[] = {
    { "app.help", "F1" },
    { "app.preferences", "<Control>comma" },
    { "app.quit", "<Control>q" },
    { "app.rebuild-now", "<Control>r" },
    { "win.show-page::relays", "<Alt>2" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    g_auto (GStrv) accels =
      gtk_application_get_accels_for_action (GTK_APPLICATION (application), keys[i].action);

    g_assert_cmpstr (accels[0], ==, keys[i].key);
  }
}

/* A rebuild is forbidden for ten seconds, and allowed again without anything else happening. */
static void
test_demo (void)
{
  CloveHost *host = clove_application_get_host (application);
  gint64 allowed_us = 0;

  g_action_group_activate_action (G_ACTION_GROUP (application), "use-network",
                                  g_variant_new_string ("demo"));
  wait_until (is_connected, "a connection");
  g_assert_true (is_enabled ("rebuild-now"));
  g_assert_true (is_enabled ("open-demo"));
  g_assert_nonnull (clove_host_get_control (host));
  activate ("rebuild-now");
  wait_until (is_cooling, "a rebuild");
  allowed_us = get_snapshot ()->rebuild_at_us;
  g_assert_cmpint (allowed_us, >, g_get_monotonic_time ());
  if (g_test_slow ()) {
    wait_until (is_rebuild_enabled, "the end of the cooldown");
    g_assert_cmpint (g_get_monotonic_time (), >=, allowed_us);
  }
}

/* Several changes, one new beginning; values that are back where they were, none. */
static void
test_restart (void)
{
  GSettings *gsettings =
    clove_settings_get_gsettings (clove_application_get_settings (application));
  CloveHost *host = clove_application_get_host (application);
  guint64 generation = get_snapshot ()->generation;

  g_assert_true (is_connected ());
  for (guint i = 4; i < 9; i++)
    g_settings_set_uint (gsettings, CLOVE_SETTING_ATTEMPTS, i);
  g_assert_true (is_connected ());
  g_assert_cmpuint (get_snapshot ()->generation, ==, generation);
  wait_until (has_begun_anew, "another engine");
  g_assert_true (clove_host_is_on (host));
}

static void
test_toggle (void)
{
  activate ("toggle");
  wait_until (is_off, "the end");
  g_assert_false (is_enabled ("rebuild-now"));
  g_assert_false (is_enabled ("open-demo"));
}

/* The program of the demo is looked for beside ours. */
static void
provide_localnet (void)
{
  g_autofree char *folder = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *link = NULL;

  *strrchr (folder, '/') = '\0';
  link = g_build_filename (folder, "clove-localnet", NULL);
  g_unlink (link);
  g_assert_cmpint (symlink ("../../src/localnet/clove-localnet", link), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  gint status = 0;

  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  provide_localnet ();
  application = clove_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, &error));
  g_assert_no_error (error);
  g_settings_set_string (
    clove_settings_get_gsettings (clove_application_get_settings (application)),
    CLOVE_SETTING_LISTEN, "127.0.0.1:0");
  g_test_add_func ("/clove/ui/application/actions", test_actions);
  g_test_add_func ("/clove/ui/application/keys", test_keys);
  g_test_add_func ("/clove/ui/application/demo", test_demo);
  g_test_add_func ("/clove/ui/application/restart", test_restart);
  g_test_add_func ("/clove/ui/application/toggle", test_toggle);
  status = g_test_run ();
  g_object_unref (application);
  return status;
}
