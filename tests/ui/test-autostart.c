/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting at login by a file, which is the user's as much as ours. */
#include "config.h"

#include "clove-autostart-file.h"
#include "clove-autostart.h"

#include <glib/gstdio.h>
#include <string.h>

#define ENTRY "[Desktop Entry]\nType=Application\nName=Clove\nExec=clove --hidden\n"

typedef struct {
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  fixture->folder = g_dir_make_tmp ("clove-autostart-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
  fixture->path = clove_autostart_file_get_path (fixture->folder);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *folder = g_path_get_dirname (fixture->path);

  g_unlink (fixture->path);
  g_rmdir (folder);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static void
write_file (Fixture *fixture, const char *text)
{
  g_autofree char *folder = g_path_get_dirname (fixture->path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (fixture->path, text, -1, NULL));
}

static char *
get (Fixture *fixture, const char *key)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (g_key_file_load_from_file (file, fixture->path, G_KEY_FILE_NONE, &error));
  g_assert_no_error (error);
  return g_key_file_get_string (file, "Desktop Entry", key, NULL);
}

static void
assert_key (Fixture *fixture, const char *key, const char *wanted)
{
  g_autofree char *value = get (fixture, key);

  g_assert_cmpstr (value, ==, wanted);
}

/* Without any folder, in both directions, and twice. */
static void
test_on_off (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (clove_autostart_file_is_on (fixture->path));
  g_assert_true (clove_autostart_file_remove (fixture->path, &error));
  for (guint i = 0; i < 2; i++) {
    g_assert_true (clove_autostart_file_write (fixture->path, "clove", &error));
    g_assert_no_error (error);
    g_assert_true (clove_autostart_file_is_on (fixture->path));
  }
  assert_key (fixture, "Type", "Application");
  assert_key (fixture, "Name", "Clove");
  assert_key (fixture, "Exec", "clove --hidden");
  assert_key (fixture, "TryExec", "clove");
  assert_key (fixture, "Icon", CLOVE_APP_ID);
  for (guint i = 0; i < 2; i++) {
    g_assert_true (clove_autostart_file_remove (fixture->path, &error));
    g_assert_no_error (error);
    g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
  }
}

/* Paths may hold what a desktop entry gives a meaning to. */
static void
test_program (Fixture *fixture, gconstpointer user_data)
{
  static const struct {
    const char *program;
    const char *exec;
  } cases[] = {
    { "/usr/local/bin/clove", "/usr/local/bin/clove --hidden" },
    { "/opt/my apps/clove", "\"/opt/my apps/clove\" --hidden" },
    { "/opt/100%/clove", "\"/opt/100%%/clove\" --hidden" },
    { "/opt/a\"b$c/clove", "\"/opt/a\\\"b\\$c/clove\" --hidden" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_assert_true (clove_autostart_file_write (fixture->path, cases[i].program, NULL));
    assert_key (fixture, "Exec", cases[i].exec);
    assert_key (fixture, "TryExec", cases[i].program);
  }
}

static void
assert_name (const char *own_path, const char *found_path, const char *wanted)
{
  g_autofree char *name = clove_autostart_file_name_program (own_path, found_path);

  g_assert_cmpstr (name, ==, wanted);
}

/* Also when an update has put another file in the place of the program that runs. */
static void
test_name (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *replaced = g_strconcat (fixture->path, " (deleted)", NULL);

  assert_name (NULL, NULL, "clove");
  assert_name ("/opt/gone", "/usr/bin/other", "/opt/gone");
  assert_name ("/opt/gone (deleted)", NULL, "/opt/gone");
  write_file (fixture, "");
  assert_name (fixture->path, fixture->path, "clove");
  assert_name (fixture->path, NULL, fixture->path);
  assert_name (replaced, fixture->path, "clove");
  assert_name (replaced, NULL, fixture->path);
  /* It may really be called so. */
  g_assert_true (g_file_set_contents (replaced, "", 0, NULL));
  assert_name (replaced, fixture->path, replaced);
  g_assert_cmpint (g_unlink (replaced), ==, 0);
}

static void
test_edited (Fixture *fixture, gconstpointer user_data)
{
  static const char *const off[] = { "Hidden=true\n", "X-GNOME-Autostart-enabled=false\n" };

  for (guint i = 0; i < G_N_ELEMENTS (off); i++) {
    g_autofree char *text = g_strconcat (ENTRY, off[i], "X-Delay=5\n# mine\n", NULL);

    write_file (fixture, text);
    g_assert_false (clove_autostart_file_is_on (fixture->path));
    g_assert_true (clove_autostart_file_write (fixture->path, "clove", NULL));
    g_assert_true (clove_autostart_file_is_on (fixture->path));
    assert_key (fixture, "X-Delay", "5");
  }
  write_file (fixture, ENTRY "Hidden=false\nX-GNOME-Autostart-enabled=true\n");
  g_assert_true (clove_autostart_file_is_on (fixture->path));
}

static void
test_broken (Fixture *fixture, gconstpointer user_data)
{
  static const char *const texts[] = { "", "nonsense", "[Desktop Entry]\n", "[Other]\nExec=clove\n",
                                       "[Desktop Entry]\nExec=clove\nHidden=maybe\n" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    write_file (fixture, texts[i]);
    /* What is no answer does not switch off. */
    g_assert_cmpint (clove_autostart_file_is_on (fixture->path), ==,
                     strstr (texts[i], "maybe") != NULL);
    g_assert_true (clove_autostart_file_write (fixture->path, "clove", NULL));
    g_assert_true (clove_autostart_file_is_on (fixture->path));
  }
}

static void
on_failed (CloveAutostart *autostart, const char *why, gpointer user_data)
{
  g_assert_cmpstr (why, !=, "");
  (*(guint *) user_data)++;
}

static void
on_notify (GObject *autostart, GParamSpec *pspec, gpointer user_data)
{
  (*(guint *) user_data)++;
}

static gboolean
is_active (CloveAutostart *autostart)
{
  gboolean active = FALSE;

  g_object_get (autostart, "active", &active, NULL);
  return active;
}

/* In the folder of the configuration, and back when it cannot be written. */
static void
test_switch (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSettings) settings = clove_settings_new ();
  g_autoptr (CloveAutostart) autostart = clove_autostart_new (settings, NULL);
  g_autofree char *path = clove_autostart_file_get_path (g_get_user_config_dir ());
  g_autofree char *folder = g_path_get_dirname (path);
  guint n_failed = 0;
  guint n_told = 0;

  g_signal_connect (autostart, "failed", G_CALLBACK (on_failed), &n_failed);
  g_signal_connect (autostart, "notify::active", G_CALLBACK (on_notify), &n_told);
  g_assert_false (is_active (autostart));
  g_object_set (autostart, "active", TRUE, NULL);
  g_assert_true (clove_autostart_file_is_on (path));
  g_assert_true (is_active (autostart));
  g_object_set (autostart, "active", TRUE, NULL);
  g_assert_cmpuint (n_told, ==, 1);

  /* Somebody else switches it off. */
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_true (is_active (autostart));
  clove_autostart_refresh (autostart);
  g_assert_false (is_active (autostart));
  g_assert_cmpuint (n_told, ==, 2);

  /* A file where the folder should be: it cannot be had. */
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_assert_true (g_file_set_contents (folder, "", 0, NULL));
  g_object_set (autostart, "active", TRUE, NULL);
  g_assert_cmpuint (n_failed, ==, 1);
  g_assert_false (is_active (autostart));
  g_assert_cmpint (g_unlink (folder), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/clove/ui/autostart/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("on-off", test_on_off);
  ADD ("program", test_program);
  ADD ("name", test_name);
  ADD ("edited", test_edited);
  ADD ("broken", test_broken);
  ADD ("switch", test_switch);
  return g_test_run ();
}
