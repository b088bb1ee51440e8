/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "front.h"

G_BEGIN_DECLS

/* No page came at all. */
#define FAULT_NEVER_US G_MAXINT64

/**
 * FaultPlace:
 *
 * Which relays a fault befalls; hops are those of the live circuit.
 */
typedef enum {
  FAULT_AT_ENTRY,
  FAULT_AT_MIDDLE,
  FAULT_AT_EXIT,
  FAULT_AT_TWO,
  FAULT_AT_ALL,
  FAULT_N_PLACES,
} FaultPlace;

/**
 * FaultKind:
 * @name: for people
 * @format: (nullable): the command to the localnet, with %s for a relay's name
 * @begin: (nullable): what else happens
 * @end: (nullable): what ends it
 * @is_for_all: whether it befalls all or nobody
 * @stops_all: whether nobody can be served meanwhile when it befalls all
 */
typedef struct {
  const char *name;
  const char *format;
  void (*begin) (Front *front, GPtrArray *victims);
  void (*end) (Front *front);
  gboolean is_for_all;
  gboolean stops_all;
} FaultKind;

/**
 * FaultResult:
 * @recovery_us: from the fault, or from its end when no relay works meanwhile, to the next page;
 *   %FAULT_NEVER_US when none came
 * @slowest_us: the longest wait for any reply meanwhile, page or not
 * @n_requests: how many were sent while the fault was on, and until the next page
 * @n_lost: how many of them got something else than the page
 * @n_rebuilds: how often a rebuild began
 * @n_wronged: relays without fault that were banned 10 s after the rebuild; without a rebuild, when
 *   the fault ended
 * @n_named: relays with the fault that were banned then
 * @is_healed: whether, once the fault was over, a page came within a minute
 *
 * What one fault did to one user, who asks for a small page every 500 ms.
 */
typedef struct {
  gint64 recovery_us;
  gint64 slowest_us;
  guint n_requests;
  guint n_lost;
  guint n_rebuilds;
  guint n_wronged;
  guint n_named;
  gboolean is_healed;
} FaultResult;

extern const FaultKind fault_kinds[];
extern const guint fault_n_kinds;

gboolean fault_kind_happens_at (const FaultKind *self, FaultPlace place);

const char *fault_place_name (FaultPlace place);
const FaultKind *fault_kind_find (const char *name);
void fault_run (const FaultKind *kind,
                FaultPlace place,
                const FrontOptions *options,
                FaultResult *out);
guint fault_count_causes (Front *front, CloveCauseKind kind, guint64 since_serial);
guint64 fault_last_cause (Front *front);

G_END_DECLS
