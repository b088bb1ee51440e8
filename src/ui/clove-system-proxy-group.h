/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-host.h"
#include "clove-system-proxy.h"

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * CloveSystemProxyGroup:
 *
 * The preferences of the system proxy: a switch, how things are, and the way to do it by hand.
 */
#define CLOVE_TYPE_SYSTEM_PROXY_GROUP (clove_system_proxy_group_get_type ())
G_DECLARE_FINAL_TYPE (CloveSystemProxyGroup,
                      clove_system_proxy_group,
                      CLOVE,
                      SYSTEM_PROXY_GROUP,
                      AdwPreferencesGroup)

void clove_system_proxy_group_follow (CloveSystemProxyGroup *self,
                                      CloveSystemProxy *system,
                                      CloveHost *host,
                                      CloveSettings *settings);

G_END_DECLS
