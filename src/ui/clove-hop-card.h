/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-circuit-row.h"
#include "clove-folding-widget.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CloveHopCard:
 *
 * A relay in a circuit. Where it is wide it lies as a row, where it is not it stands as a card;
 * a small one is a line.
 */
#define CLOVE_TYPE_HOP_CARD (clove_hop_card_get_type ())
G_DECLARE_FINAL_TYPE (CloveHopCard, clove_hop_card, CLOVE, HOP_CARD, CloveFoldingWidget)

CloveHopCard *clove_hop_card_new (guint place) G_GNUC_WARN_UNUSED_RESULT;
void clove_hop_card_show (CloveHopCard *self, const CloveCircuitRow *row);

G_END_DECLS
