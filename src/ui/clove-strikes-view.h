/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-snapshot.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CloveStrikesView:
 *
 * How many failures in a row there were: a ring for each that may still come, a crossed disc for
 * each that came, and a sentence.
 */
#define CLOVE_TYPE_STRIKES_VIEW (clove_strikes_view_get_type ())
G_DECLARE_FINAL_TYPE (CloveStrikesView, clove_strikes_view, CLOVE, STRIKES_VIEW, GtkBox)

void clove_strikes_view_show (CloveStrikesView *self, const CloveSnapshot *snapshot);

G_END_DECLS
