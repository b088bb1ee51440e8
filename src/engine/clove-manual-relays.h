/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-address.h"
#include "clove-relay-list.h"

G_BEGIN_DECLS

gboolean clove_manual_listen_parse (CloveAddress *out,
                                    const char *text,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
CloveRelayList *clove_manual_relays_parse (const char *const *specs,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
