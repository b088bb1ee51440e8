/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-describe.h"
#include "clove-fault-list.h"

G_BEGIN_DECLS

/**
 * CloveFaultPlace:
 *
 * What a relay is for Clove now. The first three are the places in the live circuit.
 */
typedef enum {
  CLOVE_FAULT_PLACE_ENTRY,
  CLOVE_FAULT_PLACE_MIDDLE,
  CLOVE_FAULT_PLACE_EXIT,
  CLOVE_FAULT_PLACE_STANDBY,
  CLOVE_FAULT_PLACE_NONE,
} CloveFaultPlace;

CloveFaultPlace clove_fault_place_find (const CloveSnapshot *snapshot, const char *name);
const char *clove_describe_fault_place (CloveFaultPlace place);
char *clove_describe_fault (const CloveFaultRelay *relay) G_GNUC_WARN_UNUSED_RESULT;
CloveTone clove_describe_fault_tone (const CloveFaultRelay *relay);
char *clove_describe_fault_effect (const char *command,
                                   CloveFaultPlace place) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
