/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-fault.h"

#include <string.h>

/* A reordered datagram waits this long, so that what is sent in one burst overtakes it. */
#define REORDER_MIN_US   1000
#define REORDER_RANGE_US 4000

typedef struct {
  CloveFault *fault; /* borrowed; it owns us */
  const CloveFaultPort *port;
  CloveTimer timer;
  GList link;
  CloveAddress peer;
  gboolean is_outgoing;
  gsize size;
  guint8 data[];
} Kept;

struct _CloveFault {
  CloveClock *clock;
  CloveRandom *random;
  CloveFaultSettings settings;
  CloveFaultCounters counters;
  GQueue kept; /* of Kept, by their links */
  gsize kept_size;
};

/** clove_fault_new: (transfer full): A stage without faults that draws from @random. */
CloveFault *
clove_fault_new (CloveClock *clock, CloveRandom *random)
{
  CloveFault *self = g_new0 (CloveFault, 1);

  self->clock = clove_clock_ref (clock);
  self->random = clove_random_ref (random);
  g_queue_init (&self->kept);
  return self;
}

/** clove_fault_free: Release the stage and all it holds back; %NULL is nothing. */
void
clove_fault_free (CloveFault *self)
{
  if (self == NULL)
    return;
  clove_fault_forget (self);
  clove_random_unref (self->random);
  clove_clock_unref (self->clock);
  g_free (self);
}

/** clove_fault_get_settings: (transfer none): Get the settings, to be changed in place. */
CloveFaultSettings *
clove_fault_get_settings (CloveFault *self)
{
  return &self->settings;
}

/** clove_fault_get_counters: (transfer none): Get what was done to datagrams so far. */
const CloveFaultCounters *
clove_fault_get_counters (const CloveFault *self)
{
  return &self->counters;
}

static void
release (Kept *kept)
{
  CloveFault *self = kept->fault;

  clove_timer_stop (&kept->timer);
  g_queue_unlink (&self->kept, &kept->link);
  self->kept_size -= kept->size;
}

static void
on_time_to_deliver (gpointer user_data)
{
  Kept *kept = user_data;

  release (kept);
  if (!kept->fault->settings.is_frozen)
    kept->port->deliver (kept->data, kept->size, &kept->peer, kept->is_outgoing,
                         kept->port->user_data);
  g_free (kept);
}

/** clove_fault_forget: Lose all that is held back, before the sockets go. */
void
clove_fault_forget (CloveFault *self)
{
  while (self->kept.head != NULL) {
    Kept *kept = self->kept.head->data;

    release (kept);
    g_free (kept);
  }
}

static gboolean
happens (CloveFault *self, guint percent)
{
  /* Always draw: one setting must not shift the dice of the others. */
  return clove_random_uniform (self->random, 100) < percent;
}

/* A die of its own, cast only if it decides something: runs with the other faults repeat. */
static gboolean
is_lost (CloveFault *self)
{
  return self->settings.lose_per_mille > 0 &&
         clove_random_uniform (self->random, 1000) < self->settings.lose_per_mille;
}

static void
corrupt (CloveFault *self, guint8 *data, gsize size)
{
  if (size == 0)
    return;
  data[clove_random_uniform (self->random, (guint32) size)] ^=
    (guint8) (1 << clove_random_uniform (self->random, 8));
  self->counters.n_corrupted++;
}

static void
keep (CloveFault *self, Kept *kept, gint64 hold_us)
{
  kept->fault = self;
  kept->link.data = kept;
  g_queue_push_tail_link (&self->kept, &kept->link);
  self->kept_size += kept->size;
  clove_timer_init (&kept->timer, self->clock, on_time_to_deliver, kept);
  clove_timer_start (&kept->timer, hold_us);
}

/**
 * clove_fault_pass:
 * @self: the relay's stage
 * @port: the socket
 * @data: a datagram; corruption changes it in place
 * @size: its size
 * @peer: where it comes from or goes to
 * @is_outgoing: which way it travels
 *
 * Returns: whether it goes on now; otherwise it is lost or comes later through @port
 */
gboolean
clove_fault_pass (CloveFault *self,
                  const CloveFaultPort *port,
                  guint8 *data,
                  gsize size,
                  const CloveAddress *peer,
                  gboolean is_outgoing)
{
  gboolean is_dropped = happens (self, self->settings.drop_percent);
  gboolean is_corrupted = happens (self, self->settings.corrupt_percent);
  gboolean is_reordered = happens (self, self->settings.reorder_percent);
  gboolean is_gone = is_lost (self);
  gint64 hold_us = (gint64) self->settings.delay_ms * 1000;
  Kept *kept = NULL;

  if (self->settings.is_frozen)
    return FALSE;
  if (is_dropped || is_gone || self->kept.length >= CLOVE_FAULT_MAX_KEPT ||
      self->kept_size + size > CLOVE_FAULT_MAX_KEPT_SIZE) {
    self->counters.n_dropped++;
    return FALSE;
  }
  if (is_corrupted)
    corrupt (self, data, size);
  if (is_reordered) {
    hold_us += REORDER_MIN_US + clove_random_uniform (self->random, REORDER_RANGE_US);
    self->counters.n_reordered++;
  }
  if (hold_us == 0)
    return TRUE;

  kept = g_malloc0 (sizeof *kept + size);
  kept->port = port;
  kept->peer = *peer;
  kept->is_outgoing = is_outgoing;
  kept->size = size;
  memcpy (kept->data, data, size);
  self->counters.n_delayed += is_reordered ? 0 : 1;
  keep (self, kept, hold_us);
  return FALSE;
}
