/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-autostart.h"
#include "clove-host.h"
#include "clove-tray-host.h"

G_BEGIN_DECLS

/* The notification by which the user is told once that closing the window ended nothing. */
#define CLOVE_PRESENCE_NOTICE "goes-on"

/**
 * ClovePresence:
 *
 * How the program is there without its window: by the tray icon, by the desktop's list of what runs
 * in the background, and at login. It decides what closing the window means.
 */
#define CLOVE_TYPE_PRESENCE (clove_presence_get_type ())
G_DECLARE_FINAL_TYPE (ClovePresence, clove_presence, CLOVE, PRESENCE, GObject)

ClovePresence *clove_presence_new (GApplication *application,
                                   CloveHost *host,
                                   CloveSettings *settings) G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_presence_goes_on (ClovePresence *self);
void clove_presence_hide (ClovePresence *self);
void clove_presence_show (ClovePresence *self);
CloveTrayHost *clove_presence_get_tray (ClovePresence *self);
CloveAutostart *clove_presence_get_autostart (ClovePresence *self);

G_END_DECLS
