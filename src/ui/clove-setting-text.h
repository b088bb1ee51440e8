/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people type into the preferences, checked. Pure; errors are sentences for people. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *clove_setting_text_join_listen (const char *host, const char *port, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
void clove_setting_text_split_listen (const char *listen, char **host_out, char **port_out);
char *clove_setting_text_reach (const char *listen) G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_setting_text_is_open_to_others (const char *listen);
char *clove_setting_text_check_directory (const char *text, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
