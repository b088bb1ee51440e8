/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The proxy of KDE Plasma, in the file kioslaverc, with a signal to programs that have read it. */
#include "config.h"

#include "clove-desktop-error.h"
#include "clove-kioslaverc.h"
#include "clove-proxy-backend.h"
#include "clove-small-file.h"

#include <errno.h>
#include <glib/gstdio.h>

#define FILE_NAME "kioslaverc"

static char *
get_path (void)
{
  return g_build_filename (g_get_user_config_dir (), FILE_NAME, NULL);
}

/* Returns: (transfer full) (nullable): the file; empty if there is none */
static GString *
read_file (CloveProxyValues *out, GError **error)
{
  g_autofree char *path = get_path ();
  GString *text = NULL;
  gboolean is_there = FALSE;

  if (!clove_small_file_read (path, CLOVE_KIOSLAVERC_MAX_SIZE, &text, error)) {
    g_prefix_error (error, FILE_NAME ": ");
    return NULL;
  }
  is_there = text != NULL;
  if (!is_there)
    text = g_string_new (NULL);
  if (!clove_kioslaverc_read (text->str, text->len, out, error)) {
    g_string_free (text, TRUE);
    return NULL;
  }
  if (!is_there)
    out->place = CLOVE_PROXY_PLACE_NONE;
  return text;
}

static gboolean
read_values (CloveProxyValues *out, GError **error)
{
  GString *text = read_file (out, error);

  if (text == NULL)
    return FALSE;
  g_string_free (text, TRUE);
  return TRUE;
}

static gboolean
check (GError **error)
{
  g_auto (CloveProxyValues) values = { 0 };

  return read_values (&values, error);
}

/* Without a bus there is nobody to tell. */
static void
tell_programs (void)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);

  if (bus == NULL)
    return;
  /* An empty text means all protocols. */
  if (g_dbus_connection_emit_signal (bus, NULL, "/KIO/Scheduler", "org.kde.KIO.Scheduler",
                                     "reparseSlaveConfiguration", g_variant_new ("(s)", ""), NULL))
    (void) g_dbus_connection_flush_sync (bus, NULL, NULL);
}

static gboolean
put_file (const char *text, gboolean may_go, GError **error)
{
  g_autofree char *path = get_path ();
  g_autofree char *folder = g_path_get_dirname (path);

  if (text[0] == '\0' && may_go) {
    if (g_unlink (path) == 0 || errno == ENOENT)
      return TRUE;
    return clove_desktop_fail_errno (errno, "kioslaverc cannot be removed", error);
  }
  if (g_mkdir_with_parents (folder, 0700) != 0)
    return clove_desktop_fail_errno (errno, "the folder of settings cannot be made", error);
  return clove_small_file_replace (path, text, error);
}

static gboolean
write_values (const CloveProxyValues *values, GError **error)
{
  g_auto (CloveProxyValues) now = { 0 };
  g_autofree char *changed = NULL;
  GString *text = read_file (&now, error);
  gboolean is_same = FALSE;

  if (text == NULL)
    return FALSE;
  changed = clove_kioslaverc_write (text->str, values);
  is_same = g_str_equal (changed, text->str);
  g_string_free (text, TRUE);
  if (is_same)
    return TRUE;
  if (!put_file (changed, values->place == CLOVE_PROXY_PLACE_NONE, error))
    return FALSE;
  tell_programs ();
  return TRUE;
}

static GObject *
watch (void)
{
  g_autofree char *path = get_path ();
  g_autoptr (GFile) file = g_file_new_for_path (path);

  return (GObject *) g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
}

const CloveProxyBackend clove_proxy_kde = {
  .check = check,
  .read = read_values,
  .write = write_values,
  .make = clove_kioslaverc_make,
  .get_url = clove_kioslaverc_get_url,
  .watch = watch,
};
