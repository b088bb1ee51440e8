/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file by which desktops start a program at login. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *clove_autostart_file_get_path (const char *config_folder) G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_autostart_file_is_on (const char *path);
gboolean clove_autostart_file_write (const char *path, const char *program, GError **error);
gboolean clove_autostart_file_remove (const char *path, GError **error);
char *clove_autostart_file_name_program (const char *own_path,
                                         const char *found_path) G_GNUC_WARN_UNUSED_RESULT;
char *clove_autostart_file_find_program (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
