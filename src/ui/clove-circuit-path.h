/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-circuit-row.h"
#include "clove-folding-widget.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A path that is narrower than so many lines of text stands upright. */
#define CLOVE_CIRCUIT_PATH_LINES 26

/**
 * CloveCircuitPath:
 *
 * One circuit: its three relays and the links between them, and to what is before and behind.
 */
#define CLOVE_TYPE_CIRCUIT_PATH (clove_circuit_path_get_type ())
G_DECLARE_FINAL_TYPE (CloveCircuitPath, clove_circuit_path, CLOVE, CIRCUIT_PATH, CloveFoldingWidget)

CloveCircuitPath *clove_circuit_path_new (void) G_GNUC_WARN_UNUSED_RESULT;
void clove_circuit_path_show (CloveCircuitPath *self,
                              const CloveCircuitRow *row,
                              gboolean has_caption);

G_END_DECLS
