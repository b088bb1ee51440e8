/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * CloveTrayHost:
 * @has-host: there is an icon of ours that the user can see
 *
 * Keeps the program of the tray icon running for as long as there is a panel for it. Another way of
 * having an icon would need no more than this property: what the icon shows and does goes over the
 * bus.
 */
#define CLOVE_TYPE_TRAY_HOST (clove_tray_host_get_type ())
G_DECLARE_FINAL_TYPE (CloveTrayHost, clove_tray_host, CLOVE, TRAY_HOST, GObject)

CloveTrayHost *clove_tray_host_new (GDBusConnection *connection) G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_tray_host_is_installed (CloveTrayHost *self);
gboolean clove_tray_host_has_host (CloveTrayHost *self);

G_END_DECLS
