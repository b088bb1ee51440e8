/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-snapshot.h"

G_BEGIN_DECLS

/**
 * CloveCliReport:
 *
 * Turns snapshots into lines: what programs wait for goes to standard output, as the reference
 * client writes it; what people read goes to standard error. Each thing is said once.
 * Sites are named only if @is_naming_sites, since what is not a terminal may be kept, as a journal.
 */
typedef struct {
  gboolean is_naming_sites;
  guint64 generation_told;
  guint64 cause_told;
  gboolean is_listening_told;
  CloveEngineState state_told;
  char *problem_told;
} CloveCliReport;

void clove_cli_report_clear (CloveCliReport *self);
void clove_cli_report_add (CloveCliReport *self,
                           const CloveSnapshot *snapshot,
                           GString *output,
                           GString *errors);

G_END_DECLS
