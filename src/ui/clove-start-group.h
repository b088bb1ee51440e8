/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-presence.h"

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * CloveStartGroup:
 *
 * The preferences about starting, and about running without a window. It also says why there is no
 * tray icon, where there is none.
 */
#define CLOVE_TYPE_START_GROUP (clove_start_group_get_type ())
G_DECLARE_FINAL_TYPE (CloveStartGroup, clove_start_group, CLOVE, START_GROUP, AdwPreferencesGroup)

void clove_start_group_bind (CloveStartGroup *self,
                             CloveSettings *settings,
                             ClovePresence *presence);

G_END_DECLS
