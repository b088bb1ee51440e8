/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-background.h"
#include "clove-settings.h"

G_BEGIN_DECLS

/**
 * CloveAutostart:
 * @active: whether the desktop starts us at login; setting it may fail, and then it goes back
 *
 * "Start at login": by a file of the user's, which may be edited elsewhere and is read back; in a
 * sandbox by the portal, which cannot be asked, so that its last answer is kept as a setting.
 *
 * Signal "failed" (const char *why): what was wished could not be had.
 */
#define CLOVE_TYPE_AUTOSTART (clove_autostart_get_type ())
G_DECLARE_FINAL_TYPE (CloveAutostart, clove_autostart, CLOVE, AUTOSTART, GObject)

CloveAutostart *clove_autostart_new (CloveSettings *settings,
                                     CloveBackground *background) G_GNUC_WARN_UNUSED_RESULT;
void clove_autostart_refresh (CloveAutostart *self);

G_END_DECLS
