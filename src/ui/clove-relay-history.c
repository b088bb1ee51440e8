/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-relay-history.h"

static void
push (CloveRelayHistory *self, gboolean is_good)
{
  if (self->n_outcomes == CLOVE_RELAY_HISTORY_MAX)
    return;
  if (is_good)
    self->outcomes |= (guint32) 1 << self->n_outcomes;
  self->n_outcomes++;
}

/**
 * clove_relay_history_join:
 * @records: those of one relay, one for each of its places
 * @n_records: how many, may be 0
 *
 * Make one history of those of all places. Records do not tell the times of their outcomes, so the
 * newest of each place are taken in turn.
 *
 * Returns: it
 */
CloveRelayHistory
clove_relay_history_join (const CloveSnapshotRecord *const *records, guint n_records)
{
  CloveRelayHistory self = { .weight = 1 };

  for (guint i = 0; i < n_records; i++) {
    self.weight = MIN (self.weight, records[i]->weight);
    if (records[i]->rtt_us > 0 && (self.rtt_us == 0 || records[i]->rtt_us < self.rtt_us))
      self.rtt_us = records[i]->rtt_us;
  }
  for (guint bit = 0; bit < CLOVE_RELAY_HISTORY_MAX; bit++) {
    for (guint i = 0; i < n_records; i++) {
      if (bit < records[i]->n_outcomes)
        push (&self, records[i]->outcomes >> bit & 1);
    }
  }
  return self;
}

/** clove_relay_history_get_n_good: Count the good outcomes. */
guint
clove_relay_history_get_n_good (const CloveRelayHistory *self)
{
  guint n_good = 0;

  for (guint i = 0; i < MIN (self->n_outcomes, CLOVE_RELAY_HISTORY_MAX); i++)
    n_good += self->outcomes >> i & 1;
  return n_good;
}

/** clove_relay_history_equal: Tell whether both look the same; round trips do not count. */
gboolean
clove_relay_history_equal (const CloveRelayHistory *a, const CloveRelayHistory *b)
{
  return a->n_outcomes == b->n_outcomes && a->outcomes == b->outcomes &&
         !(a->weight < b->weight || a->weight > b->weight);
}
