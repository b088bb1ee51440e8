/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-clock.h"
#include "clove-path-selection.h"
#include "clove-relay-list.h"

#include <glib.h>

G_BEGIN_DECLS

/* Records, one for each relay and hop. */
#define CLOVE_RELAY_RECORDS_MAX          1000
#define CLOVE_RELAY_RECORD_N_OUTCOMES    32
/* Half of what a relay is blamed for is forgotten in this time. */
#define CLOVE_RELAY_RECORDS_HALF_LIFE_US (G_GINT64_CONSTANT (6 * 3600) * G_USEC_PER_SEC)

/**
 * CloveRelayRecords:
 *
 * How well relays did in their places: whether circuits with them were built, whether those carried
 * anything, and how fast. Belongs to one thread; pure but for the clock.
 */
typedef struct _CloveRelayRecords CloveRelayRecords;

/**
 * CloveOutcomeKind:
 * @CLOVE_OUTCOME_BUILD: the relay's part in building a circuit
 * @CLOVE_OUTCOME_USE: a request or probe through a circuit
 *
 * What went well or did not.
 */
typedef enum {
  CLOVE_OUTCOME_BUILD,
  CLOVE_OUTCOME_USE,
} CloveOutcomeKind;

/**
 * CloveRelayOutcome:
 * @time_us: when, on the clock
 * @kind: of what
 * @is_good: whether it worked
 */
typedef struct {
  gint64 time_us;
  CloveOutcomeKind kind;
  gboolean is_good;
} CloveRelayOutcome;

/**
 * CloveRelayRecord:
 * @key: whose
 * @hop: in which place: 0 entry, 1 middle, 2 exit
 * @seen_us: when the relay was last heard of in this place
 * @build_failure: share of builds that failed, newer ones counting more, as of @seen_us; 0 to 1
 * @use_failure: the same of requests
 * @rtt_us: mean round trip, newer ones counting more; 0 if none is known
 * @last_rtt_us: the last round trip; 0 if none is known
 * @n_outcomes: how many of @outcomes are set
 * @outcomes: the last ones, oldest first
 */
typedef struct {
  guint8 key[CLOVE_RELAY_KEY_SIZE];
  guint hop;
  gint64 seen_us;
  gdouble build_failure;
  gdouble use_failure;
  gint64 rtt_us;
  gint64 last_rtt_us;
  guint n_outcomes;
  CloveRelayOutcome outcomes[CLOVE_RELAY_RECORD_N_OUTCOMES];
} CloveRelayRecord;

CloveRelayRecords *clove_relay_records_new (CloveClock *clock) G_GNUC_WARN_UNUSED_RESULT;
void clove_relay_records_free (CloveRelayRecords *self);

void clove_relay_records_note_build (CloveRelayRecords *self,
                                     const guint8 key[static CLOVE_RELAY_KEY_SIZE],
                                     guint hop,
                                     gboolean is_good);
void clove_relay_records_note_use (CloveRelayRecords *self,
                                   const guint8 key[static CLOVE_RELAY_KEY_SIZE],
                                   guint hop,
                                   gboolean is_good);
void clove_relay_records_note_rtt (CloveRelayRecords *self,
                                   const guint8 key[static CLOVE_RELAY_KEY_SIZE],
                                   guint hop,
                                   gint64 rtt_us);
void clove_relay_records_restore (CloveRelayRecords *self, const CloveRelayRecord *record);
void clove_relay_records_clear (CloveRelayRecords *self);

gdouble clove_relay_records_get_weight (CloveRelayRecords *self,
                                        const guint8 key[static CLOVE_RELAY_KEY_SIZE],
                                        guint hop);
void clove_relay_records_get_weights (CloveRelayRecords *self,
                                      CloveRelayList *relays,
                                      gdouble *weights_out);
const CloveRelayRecord *clove_relay_records_get (CloveRelayRecords *self,
                                                 const guint8 key[static CLOVE_RELAY_KEY_SIZE],
                                                 guint hop);
guint64 clove_relay_records_get_n_changes (CloveRelayRecords *self);
guint clove_relay_records_get_n_records (CloveRelayRecords *self);
GPtrArray *clove_relay_records_list (CloveRelayRecords *self) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveRelayRecords, clove_relay_records_free)

G_END_DECLS
