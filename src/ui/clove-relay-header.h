/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-relay-columns.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CloveRelayHeader:
 *
 * Titles over the columns of the list; buttons, so that the keyboard can sort as well. It takes no
 * room where there are no columns. It activates the actions "relays.sort" and "relays.reversed".
 */
#define CLOVE_TYPE_RELAY_HEADER (clove_relay_header_get_type ())
G_DECLARE_FINAL_TYPE (CloveRelayHeader, clove_relay_header, CLOVE, RELAY_HEADER, GtkWidget)

void clove_relay_header_set_sort (CloveRelayHeader *self,
                                  CloveRelayColumn column,
                                  gboolean is_reversed);

G_END_DECLS
