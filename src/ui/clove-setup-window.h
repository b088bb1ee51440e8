/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-host.h"

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * CloveSetupWindow:
 *
 * How to tell browsers and other programs of the proxy, ready to be copied.
 */
#define CLOVE_TYPE_SETUP_WINDOW (clove_setup_window_get_type ())
G_DECLARE_FINAL_TYPE (CloveSetupWindow, clove_setup_window, CLOVE, SETUP_WINDOW, AdwWindow)

CloveSetupWindow *clove_setup_window_new (GtkWindow *parent,
                                          const char *listen_address) G_GNUC_WARN_UNUSED_RESULT;
void clove_setup_window_present (GtkWindow *parent, CloveHost *host, CloveSettings *settings);

G_END_DECLS
