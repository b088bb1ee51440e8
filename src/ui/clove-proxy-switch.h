/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-host.h"
#include "clove-system-proxy.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * CloveProxySwitch:
 *
 * Has the system proxy be Clove's while the user wants that and Clove's proxy listens, and no
 * longer. Belongs to the user's thread.
 */
#define CLOVE_TYPE_PROXY_SWITCH (clove_proxy_switch_get_type ())
G_DECLARE_FINAL_TYPE (CloveProxySwitch, clove_proxy_switch, CLOVE, PROXY_SWITCH, GObject)

CloveProxySwitch *clove_proxy_switch_new (GApplication *application,
                                          CloveHost *host,
                                          CloveSettings *settings,
                                          CloveSystemProxy *system) G_GNUC_WARN_UNUSED_RESULT;
CloveSystemProxy *clove_proxy_switch_get_system (CloveProxySwitch *self);
void clove_proxy_switch_end (CloveProxySwitch *self);

G_END_DECLS
