/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "faults.h"

G_BEGIN_DECLS

/**
 * FaultCell:
 * @results: of #FaultResult, one for each seed
 *
 * One fault at one place, many times.
 */
typedef struct {
  GArray *results;
} FaultCell;

void fault_cell_run (FaultCell *self,
                     const FaultKind *kind,
                     FaultPlace place,
                     const FrontOptions *options,
                     guint n_seeds);
void fault_cell_clear (FaultCell *self);
gint64 fault_cell_get_recovery_us (FaultCell *self, guint percent);
FaultResult fault_cell_sum (FaultCell *self);

void fault_table_print (const FrontOptions *options, guint n_seeds, const char *kind_name);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FaultCell, fault_cell_clear)

G_END_DECLS
