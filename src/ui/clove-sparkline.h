/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-relay-history.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CloveSparkline:
 *
 * The last outcomes of a relay as bars, the newest at the end: a high one is good, a low one with a
 * gap above it bad, a dot unknown; so that colour only adds to it. Its tooltip says it in words.
 */
#define CLOVE_TYPE_SPARKLINE (clove_sparkline_get_type ())
G_DECLARE_FINAL_TYPE (CloveSparkline, clove_sparkline, CLOVE, SPARKLINE, GtkWidget)

GtkWidget *clove_sparkline_new (void) G_GNUC_WARN_UNUSED_RESULT;
void clove_sparkline_set_history (CloveSparkline *self, const CloveRelayHistory *history);

G_END_DECLS
