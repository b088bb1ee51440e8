/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-autostart-file.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#define GROUP   G_KEY_FILE_DESKTOP_GROUP
#define ENABLED "X-GNOME-Autostart-enabled"
#define PROGRAM "clove"
#define DELETED " (deleted)"

/** clove_autostart_file_get_path: (transfer full): Get where the file is, in the user's folder. */
char *
clove_autostart_file_get_path (const char *config_folder)
{
  return g_build_filename (config_folder, "autostart", CLOVE_APP_ID ".desktop", NULL);
}

/**
 * clove_autostart_file_is_on:
 * @path: the file
 *
 * Returns: whether the desktop starts us: there is a file, and neither the user nor a tool of the
 *   desktop has switched it off inside
 */
gboolean
clove_autostart_file_is_on (const char *path)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL) ||
      !g_key_file_has_key (file, GROUP, G_KEY_FILE_DESKTOP_KEY_EXEC, NULL))
    return FALSE;
  if (g_key_file_get_boolean (file, GROUP, G_KEY_FILE_DESKTOP_KEY_HIDDEN, NULL))
    return FALSE;
  return !g_key_file_has_key (file, GROUP, ENABLED, NULL) ||
         g_key_file_get_boolean (file, GROUP, ENABLED, NULL);
}

/* As the desktop entry specification quotes: for its own syntax, and "%" is a field code. */
static char *
quote (const char *program)
{
  GString *quoted = g_string_new ("\"");

  if (strpbrk (program, " \t\n\"'\\><~|&;$*?#()`%") == NULL) {
    g_string_assign (quoted, program);
    return g_string_free (quoted, FALSE);
  }
  for (const char *next = program; *next != '\0'; next++) {
    if (strchr ("\"`$\\", *next) != NULL)
      g_string_append_c (quoted, '\\');
    else if (*next == '%')
      g_string_append_c (quoted, '%');
    g_string_append_c (quoted, *next);
  }
  g_string_append_c (quoted, '"');
  return g_string_free (quoted, FALSE);
}

static void
fill (GKeyFile *file, const char *program)
{
  g_autofree char *quoted = quote (program);
  g_autofree char *command = g_strconcat (quoted, " --hidden", NULL);

  g_key_file_set_string (file, GROUP, G_KEY_FILE_DESKTOP_KEY_TYPE, "Application");
  g_key_file_set_string (file, GROUP, G_KEY_FILE_DESKTOP_KEY_NAME, "Clove");
  g_key_file_set_string (file, GROUP, G_KEY_FILE_DESKTOP_KEY_ICON, CLOVE_APP_ID);
  g_key_file_set_string (file, GROUP, G_KEY_FILE_DESKTOP_KEY_EXEC, command);
  /* Without the program the file is left without effect, instead of failing at each login. */
  g_key_file_set_string (file, GROUP, G_KEY_FILE_DESKTOP_KEY_TRY_EXEC, program);
  (void) g_key_file_remove_key (file, GROUP, G_KEY_FILE_DESKTOP_KEY_HIDDEN, NULL);
  (void) g_key_file_remove_key (file, GROUP, ENABLED, NULL);
}

/**
 * clove_autostart_file_write:
 * @path: the file; folders are made for it
 * @program: what to start, a path or a name
 * @error: %G_FILE_ERROR
 *
 * Switch on. What else the user has written into the file stays.
 *
 * Returns: whether the whole file is there
 */
gboolean
clove_autostart_file_write (const char *path, const char *program, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *text = NULL;
  gsize size = 0;

  (void) g_key_file_load_from_file (file, path,
                                    G_KEY_FILE_KEEP_COMMENTS | G_KEY_FILE_KEEP_TRANSLATIONS, NULL);
  fill (file, program);
  text = g_key_file_to_data (file, &size, NULL);
  if (g_mkdir_with_parents (folder, 0700) != 0) {
    int code = errno;

    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", folder,
                 g_strerror (code));
    return FALSE;
  }
  return g_file_set_contents_full (path, text, (gssize) size, G_FILE_SET_CONTENTS_CONSISTENT, 0644,
                                   error);
}

/** clove_autostart_file_remove: Switch off. Returns: whether there is no file now */
gboolean
clove_autostart_file_remove (const char *path, GError **error)
{
  int code = 0;

  if (g_unlink (path) == 0 || errno == ENOENT)
    return TRUE;
  code = errno;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", path,
               g_strerror (code));
  return FALSE;
}

/* The system says so of a program whose file was replaced, as an update does while it runs. */
static char *
strip_deleted (const char *path)
{
  gboolean is_replaced =
    g_str_has_suffix (path, DELETED) && !g_file_test (path, G_FILE_TEST_EXISTS);

  return g_strndup (path, strlen (path) - (is_replaced ? strlen (DELETED) : 0));
}

/**
 * clove_autostart_file_name_program:
 * @own_path: (nullable): what the system says that this program is
 * @found_path: (nullable): what the bare name finds
 *
 * Returns: (transfer full): what to start: the bare name if that finds this very program, which
 *   outlives a move of the installation; else its path
 */
char *
clove_autostart_file_name_program (const char *own_path, const char *found_path)
{
  g_autofree char *path = own_path != NULL ? strip_deleted (own_path) : NULL;
  GStatBuf ours = { 0 };
  GStatBuf theirs = { 0 };

  if (path == NULL)
    return g_strdup (PROGRAM);
  if (found_path != NULL && g_stat (path, &ours) == 0 && g_stat (found_path, &theirs) == 0 &&
      ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino)
    return g_strdup (PROGRAM);
  return g_steal_pointer (&path);
}

/** clove_autostart_file_find_program: (transfer full): Get what starts this very program. */
char *
clove_autostart_file_find_program (void)
{
  g_autofree char *own_path = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *found_path = g_find_program_in_path (PROGRAM);

  return clove_autostart_file_name_program (own_path, found_path);
}
