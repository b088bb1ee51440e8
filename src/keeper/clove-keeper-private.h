/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-attribution.h"
#include "clove-backoff.h"
#include "clove-budget.h"
#include "clove-keeper.h"
#include "clove-latency.h"
#include "clove-path-selection.h"
#include "clove-probe.h"
#include "clove-relay-records.h"
#include "clove-strikes.h"

G_BEGIN_DECLS

/* What the files clove-keeper*.c share; for nobody else. */

/* Routers forget a way back that nothing uses after 30 s at the soonest; and an entry that was
 * restarted says nothing, so somebody must ask. */
#define CLOVE_KEEPER_KEEP_ALIVE_US (20 * G_TIME_SPAN_SECOND)
/* While the circuit is in use it is asked more often, for the next request comes soon. */
#define CLOVE_KEEPER_WATCH_US      (6 * G_TIME_SPAN_SECOND)

/* What the ping of an idle entry may take. */
#define CLOVE_KEEPER_PING_DEADLINE_US (3 * G_TIME_SPAN_SECOND)

/* Circuits in use are probed so often, and only if something was asked for lately. */
#define CLOVE_KEEPER_ROUTINE_US G_TIME_SPAN_MINUTE
#define CLOVE_KEEPER_LATELY_US  (5 * G_TIME_SPAN_MINUTE)

/* Why circuits are being built. */
typedef enum {
  CLOVE_ROUND_FIRST,    /* none is live */
  CLOVE_ROUND_FAILED,   /* the live one no longer works */
  CLOVE_ROUND_ASKED,    /* another one is wanted, and nobody is to blame */
  CLOVE_ROUND_ROTATION, /* it is time for another one */
  CLOVE_ROUND_STANDBY,  /* one to have in reserve */
} CloveRoundKind;

/* A circuit and its relays. All zero is none. */
typedef struct {
  CloveCircuit *circuit; /* owned */
  ClovePath path;
  guint64 id;        /* tells it from all others of the keeper; 0 while it is being built */
  guint n_in_flight; /* requests */
} CloveKeeperSlot;

struct _CloveKeeper {
  GObject parent_instance;

  /* Set at construction; owned. */
  CloveAdnlEndpoint *endpoint;
  CloveClock *clock;
  CloveRandom *random;
  CloveBlacklist *blacklist;
  CloveRelayRecords *records;    /* how relays did in their places */
  CloveAttribution *attribution; /* who was to blame for the last failure */

  /* Owned. */
  CloveRelayList *relays; /* NULL until the directory is there */
  gint64 relays_age_s;
  CloveKeeperSlot live;      /* carries the requests */
  CloveKeeperSlot standby;   /* ready to take its place */
  CloveKeeperSlot candidate; /* being built */
  GCancellable *cancellable; /* of the candidate's build */
  GQueue draining;           /* of Draining, oldest first */
  GError *problem;           /* why the last build failed */
  GPtrArray *causes;         /* of CloveCause, oldest first */
  guint64 n_causes;          /* all there ever were */

  /* Building. */
  gboolean is_started;
  gboolean is_in_round; /* the one flag that says that circuits are being built */
  CloveRoundKind round_kind;
  gboolean has_joined; /* some relay, in this round: that costs the network */
  guint max_attempts;
  guint attempt; /* in this round, from 1 */
  guint64 generation;
  guint64 n_ids;
  CloveBackoff backoff;
  CloveBudget budget;
  CloveLatency latency;
  CloveRelay *resting; /* owned; an entry that waits for a dead relay, or NULL */
  gint64 resting_until_us;
  CloveTimer retry; /* the next round */
  CloveTimer drain;
  CloveTimer rotate;
  gint64 rotation_us; /* 0: none */
  gint64 asked_us;    /* when the user last asked; 0: never */

  /* Health of the live circuit. */
  CloveStrikes strikes;
  gint64 live_since_us;
  gint64 used_us;    /* when a request last began; 0: never */
  gint64 unheard_us; /* when the first one began on the live circuit since its exit last answered */
  CloveProbe probe;
  guint64 probe_mark;
  gboolean is_in_doubt;        /* a probe is overdue, or there is a strike */
  gboolean has_entry_answered; /* since the first strike */
  CloveTimer doubt;
  CloveTimer suspicion;
  CloveTimer routine;
  CloveTimer keep_alive;

  /* Who was to blame. */
  CloveRelay *test_entry;   /* owned: of the test under way, or NULL */
  gboolean is_entry_guilty; /* the failed circuit's, as far as is known */

  /* The standby circuit. */
  gboolean is_standby_wanted;
  gboolean is_metered;
  gint64 standby_checked_us; /* when the exit last answered, or the circuit was built */
  guint n_standby_losses;    /* probes lost in a row while the network settles */
  CloveProbe standby_probe;
  CloveBackoff standby_backoff;
  CloveBudget standby_budget;
  CloveTimer standby_care;

  /* The entry. */
  CloveEntryPolicy *entries; /* owned */
  gboolean keeps_entry;
  CloveRelay *stand_in;       /* owned; entry while no kept one can be used, or NULL */
  CloveKeeperSlot entry_test; /* one hop: asks a kept entry that was dead */
  GCancellable *entry_cancellable;
  CloveTimer entry_check;
  gint64 works_told_us; /* when the policy heard that the live entry works; 0: not yet */

  /* The network. */
  gboolean is_offline;
  gint64 grace_until_us; /* until then failures are nobody's */
  guint n_grace_losses;  /* probes lost meanwhile, in a row */
};

/* clove-keeper.c */
void clove_keeper_emit_changed (CloveKeeper *self);
void clove_keeper_emit_moved (CloveKeeper *self);
void clove_keeper_note (CloveKeeper *self,
                        CloveCauseKind kind,
                        guint number,
                        const char *host,
                        const char *detail);
void clove_keeper_retire (CloveKeeper *self, CloveKeeperSlot *slot);
void clove_keeper_slot_clear (CloveKeeper *self, CloveKeeperSlot *slot);
char *clove_keeper_slot_format (const CloveKeeperSlot *slot) G_GNUC_WARN_UNUSED_RESULT;
void clove_keeper_put_into_use (CloveKeeper *self, CloveKeeperSlot *slot, CloveRoundKind why);

/* clove-keeper-build.c */
void clove_keeper_begin_round (CloveKeeper *self, CloveRoundKind kind);
void clove_keeper_end_round (CloveKeeper *self);
gboolean clove_keeper_is_building (CloveKeeper *self);
void clove_keeper_let_rest (CloveKeeper *self, CloveRelay *entry);
gboolean clove_keeper_is_resting (CloveKeeper *self, const CloveRelay *relay);

/* clove-keeper-health.c */
void clove_keeper_init_health (CloveKeeper *self);
void clove_keeper_begin_health (CloveKeeper *self);
void clove_keeper_end_health (CloveKeeper *self);
void clove_keeper_resume_health (CloveKeeper *self);
void clove_keeper_probe_live (CloveKeeper *self);
gint64 clove_keeper_get_probe_deadline_us (CloveCircuit *circuit);
void clove_keeper_note_use (CloveKeeper *self, const ClovePath *path, gboolean is_good);
void clove_keeper_replace_circuit (CloveKeeper *self);

/* clove-keeper-blame.c */
void clove_keeper_init_blame (CloveKeeper *self);
void clove_keeper_find_guilty (CloveKeeper *self,
                               const ClovePath *failed,
                               gboolean has_entry_answered);

/* clove-keeper-standby.c */
void clove_keeper_init_standby (CloveKeeper *self);
void clove_keeper_update_standby (CloveKeeper *self);
void clove_keeper_keep_standby (CloveKeeper *self);
void clove_keeper_care_for_standby (CloveKeeper *self);
void clove_keeper_pause_standby (CloveKeeper *self);
void clove_keeper_take_standby (CloveKeeper *self);
gboolean clove_keeper_has_standby (CloveKeeper *self);
void clove_keeper_postpone_standby (CloveKeeper *self);
void clove_keeper_check_standby (CloveKeeper *self);
void clove_keeper_drop_standby (CloveKeeper *self, const char *why);

/* clove-keeper-entry.c */
void clove_keeper_init_entries (CloveKeeper *self);
void clove_keeper_stop_entries (CloveKeeper *self);
void clove_keeper_update_entries (CloveKeeper *self, gint64 age_s);
void clove_keeper_note_entry (CloveKeeper *self, const CloveRelay *relay, gboolean works);
const CloveRelay *clove_keeper_choose_entry (CloveKeeper *self);
void clove_keeper_note_stand_in (CloveKeeper *self, CloveRelay *entry);
CloveRelay *clove_keeper_find_test_entry (CloveKeeper *self);

/* clove-keeper-network.c */
gboolean clove_keeper_is_lenient (CloveKeeper *self);

G_END_DECLS
