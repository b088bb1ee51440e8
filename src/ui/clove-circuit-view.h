/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-folding-widget.h"
#include "clove-snapshot.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CloveCircuitView:
 *
 * The way that requests take: you, the relays, the site. The circuit in use, the one being built
 * and the one in reserve are paths side by side.
 */
#define CLOVE_TYPE_CIRCUIT_VIEW (clove_circuit_view_get_type ())
G_DECLARE_FINAL_TYPE (CloveCircuitView, clove_circuit_view, CLOVE, CIRCUIT_VIEW, CloveFoldingWidget)

void clove_circuit_view_show (CloveCircuitView *self, const CloveSnapshot *snapshot);

G_END_DECLS
