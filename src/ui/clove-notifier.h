/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-host.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The one notification that there is; the next takes the place of the one before. */
#define CLOVE_NOTIFIER_ID "connection"

/**
 * CloveNotifier:
 *
 * Sends what #CloveHerald decides as notifications of the desktop, if the user wants them.
 */
#define CLOVE_TYPE_NOTIFIER (clove_notifier_get_type ())
G_DECLARE_FINAL_TYPE (CloveNotifier, clove_notifier, CLOVE, NOTIFIER, GObject)

CloveNotifier *clove_notifier_new (GtkApplication *application,
                                   CloveHost *host,
                                   CloveSettings *settings) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
