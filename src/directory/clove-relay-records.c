/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a relay is blamed for is a share between 0 and 1 that moves a quarter of the way towards
 * each outcome, so that three failures in a row count more than a good past, and that halves in six
 * hours without any, so that an old failure does not count for ever. A relay nobody has tried yet
 * is blamed for nothing.
 */
#include "config.h"

#include "clove-relay-records.h"

#include <math.h>
#include <string.h>

#define OUTCOME_SHARE  0.25
/* As TCP smooths its round trips. */
#define RTT_SHARE      8
/* Longer round trips are a clock that jumped, not a network. */
#define LONGEST_RTT_US (60 * G_USEC_PER_SEC)

struct _CloveRelayRecords {
  CloveClock *clock;
  GHashTable *records; /* of CloveRelayRecord, each its own key */
  guint64 n_changes;
};

static guint
hash_record (gconstpointer data)
{
  const CloveRelayRecord *record = data;
  guint hash = 0;

  memcpy (&hash, record->key, sizeof hash);
  return hash ^ record->hop;
}

static gboolean
equal_records (gconstpointer a, gconstpointer b)
{
  const CloveRelayRecord *x = a;
  const CloveRelayRecord *y = b;

  return x->hop == y->hop && memcmp (x->key, y->key, sizeof x->key) == 0;
}

/* Returns: (nullable): the record */
static CloveRelayRecord *
find (CloveRelayRecords *self, const guint8 key[static CLOVE_RELAY_KEY_SIZE], guint hop)
{
  CloveRelayRecord wanted;

  /* Only what the table compares; the rest of it is large. */
  memcpy (wanted.key, key, sizeof wanted.key);
  wanted.hop = hop;
  return g_hash_table_lookup (self->records, &wanted);
}

static void
make_room (CloveRelayRecords *self)
{
  GHashTableIter iter;
  gpointer value = NULL;
  CloveRelayRecord *longest_unseen = NULL;

  if (g_hash_table_size (self->records) < CLOVE_RELAY_RECORDS_MAX)
    return;
  g_hash_table_iter_init (&iter, self->records);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    CloveRelayRecord *record = value;

    if (longest_unseen == NULL || record->seen_us < longest_unseen->seen_us)
      longest_unseen = record;
  }
  g_hash_table_remove (self->records, longest_unseen);
}

/* Returns: what is left after @interval_us of a share that was @failure */
static gdouble
forget (gdouble failure, gint64 interval_us)
{
  if (interval_us <= 0)
    return failure;
  return failure * exp2 (-(gdouble) interval_us / CLOVE_RELAY_RECORDS_HALF_LIFE_US);
}

/* Returns: the record, brought up to this moment */
static CloveRelayRecord *
see (CloveRelayRecords *self, const guint8 key[static CLOVE_RELAY_KEY_SIZE], guint hop)
{
  CloveRelayRecord *record = find (self, key, hop);
  gint64 now_us = clove_clock_now_us (self->clock);

  self->n_changes++;
  if (record == NULL) {
    make_room (self);
    record = g_new0 (CloveRelayRecord, 1);
    memcpy (record->key, key, sizeof record->key);
    record->hop = hop;
    g_hash_table_add (self->records, record);
  } else {
    record->build_failure = forget (record->build_failure, now_us - record->seen_us);
    record->use_failure = forget (record->use_failure, now_us - record->seen_us);
  }
  record->seen_us = now_us;
  return record;
}

static void
add_outcome (CloveRelayRecord *record, CloveOutcomeKind kind, gboolean is_good)
{
  gdouble *failure = kind == CLOVE_OUTCOME_BUILD ? &record->build_failure : &record->use_failure;

  *failure += OUTCOME_SHARE * ((is_good ? 0.0 : 1.0) - *failure);
  if (record->n_outcomes == CLOVE_RELAY_RECORD_N_OUTCOMES) {
    record->n_outcomes--;
    memmove (&record->outcomes[0], &record->outcomes[1],
             record->n_outcomes * sizeof record->outcomes[0]);
  }
  record->outcomes[record->n_outcomes++] = (CloveRelayOutcome){
    .time_us = record->seen_us,
    .kind = kind,
    .is_good = is_good != FALSE,
  };
}

/* Returns: how often to choose a relay, as of @now_us */
static gdouble
weight_of (const CloveRelayRecord *record, gint64 now_us)
{
  gint64 unseen_us = now_us - record->seen_us;
  gdouble build_success = 1.0 - forget (record->build_failure, unseen_us);
  gdouble use_success = 1.0 - forget (record->use_failure, unseen_us);

  return CLOVE_PATH_MIN_WEIGHT + (1.0 - CLOVE_PATH_MIN_WEIGHT) * build_success * use_success;
}

static int
compare_records (gconstpointer a, gconstpointer b)
{
  const CloveRelayRecord *x = *(const CloveRelayRecord *const *) a;
  const CloveRelayRecord *y = *(const CloveRelayRecord *const *) b;
  int order = memcmp (x->key, y->key, sizeof x->key);

  if (x->seen_us != y->seen_us)
    return x->seen_us > y->seen_us ? -1 : 1;
  return order != 0 ? order : (int) x->hop - (int) y->hop;
}

/** clove_relay_records_new: (transfer full): Make an empty book. */
CloveRelayRecords *
clove_relay_records_new (CloveClock *clock)
{
  CloveRelayRecords *self = g_new0 (CloveRelayRecords, 1);

  self->clock = clove_clock_ref (clock);
  self->records = g_hash_table_new_full (hash_record, equal_records, g_free, NULL);
  return self;
}

/** clove_relay_records_free: Free the book. */
void
clove_relay_records_free (CloveRelayRecords *self)
{
  g_hash_table_unref (self->records);
  clove_clock_unref (self->clock);
  g_free (self);
}

/** clove_relay_records_note_build: Write down whether the relay did its part in a build. */
void
clove_relay_records_note_build (CloveRelayRecords *self,
                                const guint8 key[static CLOVE_RELAY_KEY_SIZE],
                                guint hop,
                                gboolean is_good)
{
  g_return_if_fail (hop < CLOVE_PATH_N_HOPS);

  add_outcome (see (self, key, hop), CLOVE_OUTCOME_BUILD, is_good);
}

/** clove_relay_records_note_use: Write down whether a circuit with the relay carried a request. */
void
clove_relay_records_note_use (CloveRelayRecords *self,
                              const guint8 key[static CLOVE_RELAY_KEY_SIZE],
                              guint hop,
                              gboolean is_good)
{
  g_return_if_fail (hop < CLOVE_PATH_N_HOPS);

  add_outcome (see (self, key, hop), CLOVE_OUTCOME_USE, is_good);
}

/** clove_relay_records_note_rtt: Write down a round trip; what cannot be one is ignored. */
void
clove_relay_records_note_rtt (CloveRelayRecords *self,
                              const guint8 key[static CLOVE_RELAY_KEY_SIZE],
                              guint hop,
                              gint64 rtt_us)
{
  CloveRelayRecord *record = NULL;

  g_return_if_fail (hop < CLOVE_PATH_N_HOPS);

  if (rtt_us <= 0 || rtt_us > LONGEST_RTT_US)
    return;
  record = see (self, key, hop);
  record->last_rtt_us = rtt_us;
  if (record->rtt_us == 0)
    record->rtt_us = rtt_us;
  else
    record->rtt_us = MAX (1, record->rtt_us + (rtt_us - record->rtt_us) / RTT_SHARE);
}

/**
 * clove_relay_records_restore:
 * @self: a book
 * @record: keeps what #CloveRelayRecord says
 *
 * Take over a record of an earlier run. One that is there already knows better and stays.
 */
void
clove_relay_records_restore (CloveRelayRecords *self, const CloveRelayRecord *record)
{
  self->n_changes++;
  g_return_if_fail (record->hop < CLOVE_PATH_N_HOPS);
  g_return_if_fail (record->n_outcomes <= CLOVE_RELAY_RECORD_N_OUTCOMES);

  if (g_hash_table_contains (self->records, record))
    return;
  make_room (self);
  g_hash_table_add (self->records, g_memdup2 (record, sizeof *record));
}

/** clove_relay_records_clear: Forget everything. */
void
clove_relay_records_clear (CloveRelayRecords *self)
{
  self->n_changes++;
  g_hash_table_remove_all (self->records);
}

/**
 * clove_relay_records_get_weight:
 * @self: a book
 * @key: of a relay
 * @hop: a place
 *
 * Returns: how often to choose the relay for this place, compared with one that never failed: from
 *   %CLOVE_PATH_MIN_WEIGHT to 1
 */
gdouble
clove_relay_records_get_weight (CloveRelayRecords *self,
                                const guint8 key[static CLOVE_RELAY_KEY_SIZE],
                                guint hop)
{
  const CloveRelayRecord *record = NULL;

  g_return_val_if_fail (hop < CLOVE_PATH_N_HOPS, 1.0);

  record = find (self, key, hop);
  return record != NULL ? weight_of (record, clove_clock_now_us (self->clock)) : 1.0;
}

/**
 * clove_relay_records_get_weights:
 * @self: a book
 * @relays: relays to choose from
 * @weights_out: (out): what #ClovePathOptions wants to know of them: %CLOVE_PATH_N_HOPS each
 *
 * Get the weights of all relays in all places.
 */
void
clove_relay_records_get_weights (CloveRelayRecords *self,
                                 CloveRelayList *relays,
                                 gdouble *weights_out)
{
  guint n_relays = clove_relay_list_get_n_relays (relays);

  for (guint i = 0; i < n_relays; i++) {
    const CloveRelay *relay = clove_relay_list_get_relay (relays, i);

    for (guint hop = 0; hop < CLOVE_PATH_N_HOPS; hop++)
      weights_out[i * CLOVE_PATH_N_HOPS + hop] =
        clove_relay_records_get_weight (self, clove_relay_get_key (relay), hop);
  }
}

/**
 * clove_relay_records_get:
 * @self: a book
 * @key: of a relay
 * @hop: a place
 *
 * Returns: (transfer none) (nullable): the record, valid until the book changes
 */
const CloveRelayRecord *
clove_relay_records_get (CloveRelayRecords *self,
                         const guint8 key[static CLOVE_RELAY_KEY_SIZE],
                         guint hop)
{
  return find (self, key, hop);
}

/** clove_relay_records_get_n_changes: Get a number that is another one after each change. */
guint64
clove_relay_records_get_n_changes (CloveRelayRecords *self)
{
  return self->n_changes;
}

/** clove_relay_records_get_n_records: Get how many records there are. */
guint
clove_relay_records_get_n_records (CloveRelayRecords *self)
{
  return g_hash_table_size (self->records);
}

/**
 * clove_relay_records_list:
 * @self: a book
 *
 * Returns: (transfer container) (element-type CloveRelayRecord): all records, last seen first,
 *   valid until the book changes
 */
GPtrArray *
clove_relay_records_list (CloveRelayRecords *self)
{
  GPtrArray *records = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value = NULL;

  g_hash_table_iter_init (&iter, self->records);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (records, value);
  g_ptr_array_sort (records, compare_records);
  return records;
}
