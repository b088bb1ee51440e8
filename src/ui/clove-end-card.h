/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-folding-widget.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CloveEndCard:
 *
 * Where the way of requests begins or ends: an icon above its name, or before it where it is wide.
 */
#define CLOVE_TYPE_END_CARD (clove_end_card_get_type ())
G_DECLARE_FINAL_TYPE (CloveEndCard, clove_end_card, CLOVE, END_CARD, CloveFoldingWidget)

CloveEndCard *clove_end_card_new (const char *icon_name,
                                  const char *name) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
