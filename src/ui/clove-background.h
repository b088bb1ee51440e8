/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What the portal takes. */
#define CLOVE_BACKGROUND_MAX_CHARACTERS 96

/**
 * CloveBackground:
 *
 * The background portal: from inside a sandbox, the only way to be started at login, and to be left
 * running without a window. Many desktops do not have it, and it serves no program outside of a
 * sandbox: both are no trouble, and are told as %G_IO_ERROR_NOT_SUPPORTED.
 */
#define CLOVE_TYPE_BACKGROUND (clove_background_get_type ())
G_DECLARE_FINAL_TYPE (CloveBackground, clove_background, CLOVE, BACKGROUND, GObject)

gboolean clove_background_is_needed (void);
CloveBackground *
clove_background_new (GDBusConnection *connection) G_GNUC_WARN_UNUSED_RESULT;

void clove_background_request_async (CloveBackground *self,
                                     gboolean wants_autostart,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean clove_background_request_finish (CloveBackground *self,
                                          GAsyncResult *result,
                                          gboolean *is_started_at_login_out,
                                          GError **error);
void clove_background_set_status (CloveBackground *self, const char *text);

G_END_DECLS
