/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-host.h"
#include "clove-presence.h"
#include "clove-settings.h"
#include "clove-system-proxy.h"

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * CloveApplication:
 *
 * The one instance of the desktop program. Every verb is an action here ("app.toggle",
 * "app.rebuild-now", …), so that menus, keys, the tray and D-Bus share them.
 */
#define CLOVE_TYPE_APPLICATION (clove_application_get_type ())
G_DECLARE_FINAL_TYPE (CloveApplication, clove_application, CLOVE, APPLICATION, AdwApplication)

CloveApplication *clove_application_new (void) G_GNUC_WARN_UNUSED_RESULT;
CloveHost *clove_application_get_host (CloveApplication *self);
CloveSettings *clove_application_get_settings (CloveApplication *self);
CloveSystemProxy *clove_application_get_system_proxy (CloveApplication *self);
ClovePresence *clove_application_get_presence (CloveApplication *self);
gboolean clove_application_close (CloveApplication *self);

G_END_DECLS
