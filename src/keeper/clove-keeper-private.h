/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-attribution.h"
#include "clove-backoff.h"
#include "clove-budget.h"
#include "clove-keeper.h"
#include "clove-latency.h"
#include "clove-path-selection.h"
#include "clove-relay-records.h"
#include "clove-strikes.h"

G_BEGIN_DECLS

/* What clove-keeper.c, clove-keeper-build.c and clove-keeper-health.c share; for nobody else. */

/* Why circuits are being built. */
typedef enum {
  CLOVE_ROUND_FIRST,    /* none is live */
  CLOVE_ROUND_FAILED,   /* the live one no longer works */
  CLOVE_ROUND_ASKED,    /* the user wants another one */
  CLOVE_ROUND_ROTATION, /* it is time for another one */
} CloveRoundKind;

struct _CloveKeeper {
  GObject parent_instance;

  /* Set at construction; owned. */
  CloveAdnlEndpoint *endpoint;
  CloveClock *clock;
  CloveRandom *random;
  CloveBlacklist *blacklist;
  CloveRelayRecords *records; /* how relays did in their places */

  /* Owned. */
  CloveRelayList *relays;        /* NULL until the directory is there */
  CloveCircuit *circuit;         /* live, or NULL */
  ClovePath live;                /* its relays */
  CloveCircuit *candidate;       /* being built, or NULL */
  ClovePath path;                /* of the candidate */
  GCancellable *cancellable;     /* of the candidate's build */
  GQueue draining;               /* of CloveDraining, oldest first */
  GError *problem;               /* why the last build failed */
  GPtrArray *causes;             /* of CloveCause, oldest first */
  guint64 n_causes;              /* all there ever were */
  CloveAttribution *attribution; /* who was to blame for the last failure; NULL when known */

  /* Building. */
  gboolean is_started;
  gboolean is_in_round; /* the one flag that says that circuits are being built */
  CloveRoundKind round_kind;
  guint max_attempts;
  guint attempt; /* in this round, from 1 */
  guint64 generation;
  CloveBackoff backoff;
  CloveBudget budget;
  CloveLatency latency;
  CloveTimer retry; /* the next round */
  CloveTimer drain;
  CloveTimer rotate;
  gint64 rotation_us; /* 0: none */
  gint64 asked_us;    /* when the user last asked; 0: never */

  /* Health of the live circuit. */
  CloveStrikes strikes;
  guint n_in_flight;
  gint64 used_us;     /* when a request last began */
  CloveStream *probe; /* NULL when none is under way */
  guint64 probe_mark;
  gboolean has_entry_answered; /* since the first strike */
  CloveTimer probe_deadline;
  CloveTimer suspicion;
  CloveTimer routine;
  CloveTimer keep_alive;
};

/* clove-keeper.c */
void clove_keeper_emit_changed (CloveKeeper *self);
void clove_keeper_note (CloveKeeper *self,
                        CloveCauseKind kind,
                        guint number,
                        const char *host,
                        const char *detail);
void clove_keeper_put_into_use (CloveKeeper *self);

/* clove-keeper-build.c */
void clove_keeper_begin_round (CloveKeeper *self, CloveRoundKind kind);
void clove_keeper_drop_candidate (CloveKeeper *self);

/* clove-keeper-health.c */
void clove_keeper_init_health (CloveKeeper *self);
void clove_keeper_begin_health (CloveKeeper *self);
void clove_keeper_end_health (CloveKeeper *self);
void clove_keeper_replace_circuit (CloveKeeper *self);
void clove_keeper_find_guilty (CloveKeeper *self, const ClovePath *failed);

G_END_DECLS
