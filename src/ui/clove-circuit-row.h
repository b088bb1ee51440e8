/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-snapshot.h"

#include <glib.h>

G_BEGIN_DECLS

#define CLOVE_CIRCUIT_MAX_ROWS 3

/**
 * CloveHopLook:
 * @CLOVE_HOP_WAITING: its turn has not come
 * @CLOVE_HOP_EXTENDING: the circuit is being extended to it
 * @CLOVE_HOP_READY: it works
 * @CLOVE_HOP_FAILED: it failed
 * @CLOVE_HOP_DOUBT: it is part of a circuit that does not answer
 *
 * How a place of a circuit is shown.
 */
typedef enum {
  CLOVE_HOP_WAITING,
  CLOVE_HOP_EXTENDING,
  CLOVE_HOP_READY,
  CLOVE_HOP_FAILED,
  CLOVE_HOP_DOUBT,
} CloveHopLook;

typedef enum {
  CLOVE_CIRCUIT_ROW_LIVE,
  CLOVE_CIRCUIT_ROW_CANDIDATE,
  CLOVE_CIRCUIT_ROW_STANDBY,
} CloveCircuitRowKind;

/**
 * CloveCircuitRow:
 * @kind: which circuit
 * @circuit: (nullable): its places; %NULL when none is chosen yet. Borrowed from the snapshot
 * @looks: how each place is shown
 * @is_active: requests take it
 * @is_full: it is the one to look at; others are shown small
 *
 * One circuit as it is shown.
 */
typedef struct {
  CloveCircuitRowKind kind;
  const CloveSnapshotCircuit *circuit;
  CloveHopLook looks[CLOVE_SNAPSHOT_MAX_HOPS];
  gboolean is_active;
  gboolean is_full;
} CloveCircuitRow;

guint clove_circuit_rows_fill (const CloveSnapshot *snapshot,
                               CloveCircuitRow rows_out[static CLOVE_CIRCUIT_MAX_ROWS]);

const char *clove_hop_look_style (CloveHopLook look);
const char *clove_hop_look_icon (CloveHopLook look);
const char *clove_describe_hop_look (CloveHopLook look);
const char *clove_describe_row (const CloveCircuitRow *row);
char *clove_describe_hop (const CloveCircuitRow *row, guint place) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
