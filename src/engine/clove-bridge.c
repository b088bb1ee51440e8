/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-bridge.h"

#define MIN_INTERVAL_US (100 * G_TIME_SPAN_MILLISECOND)
/* Below redraws, so that a flood of news does not freeze what is shown. */
#define PRIORITY        (G_PRIORITY_HIGH_IDLE + 30)

struct _CloveBridge {
  gatomicrefcount n_refs;

  /* Set at construction; used by the receiving thread alone. */
  CloveBridgeFunc on_snapshot;
  gpointer user_data;
  GSource *source; /* owned */

  GMutex mutex;
  CloveSnapshot *newest;    /* owned; NULL when taken; under the mutex */
  gint64 last_delivered_us; /* under the mutex */
  CloveEngineState state;   /* of the last one offered; under the mutex */
  gboolean is_urgent;       /* whether @newest waits for nothing; under the mutex */
};

static gboolean
on_ready (gpointer user_data)
{
  CloveBridge *self = user_data;
  g_autoptr (CloveSnapshot) snapshot = NULL;

  g_source_set_ready_time (self->source, -1);
  g_mutex_lock (&self->mutex);
  snapshot = g_steal_pointer (&self->newest);
  self->last_delivered_us = g_get_monotonic_time ();
  self->is_urgent = FALSE;
  g_mutex_unlock (&self->mutex);
  if (snapshot != NULL)
    self->on_snapshot (snapshot, self->user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
bridge_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs bridge_source_funcs = { .dispatch = bridge_source_dispatch };

/**
 * clove_bridge_new:
 * @on_snapshot: called in the thread-default context of the calling thread
 * @user_data: for @on_snapshot
 *
 * Returns: (transfer full): a bridge to the calling thread
 */
CloveBridge *
clove_bridge_new (CloveBridgeFunc on_snapshot, gpointer user_data)
{
  CloveBridge *self = g_new0 (CloveBridge, 1);

  g_atomic_ref_count_init (&self->n_refs);
  g_mutex_init (&self->mutex);
  self->on_snapshot = on_snapshot;
  self->user_data = user_data;
  self->source = g_source_new (&bridge_source_funcs, sizeof (GSource));
  g_source_set_static_name (self->source, "clove-bridge");
  g_source_set_priority (self->source, PRIORITY);
  g_source_set_callback (self->source, on_ready, self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
  return self;
}

/** clove_bridge_ref: (transfer full): Take a reference; from any thread. */
CloveBridge *
clove_bridge_ref (CloveBridge *self)
{
  g_atomic_ref_count_inc (&self->n_refs);
  return self;
}

/** clove_bridge_unref: Drop a reference; from any thread, after clove_bridge_close(). */
void
clove_bridge_unref (CloveBridge *self)
{
  if (!g_atomic_ref_count_dec (&self->n_refs))
    return;
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_clear_pointer (&self->newest, clove_snapshot_unref);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/**
 * clove_bridge_put:
 * @self: a bridge
 * @snapshot: (transfer none): the newest state
 *
 * Offer @snapshot to the receiving thread; from any thread. A change of state, such as the first
 * circuit, is delivered at once: counters are what comes in floods.
 */
void
clove_bridge_put (CloveBridge *self, CloveSnapshot *snapshot)
{
  g_autoptr (CloveSnapshot) older = NULL;
  gint64 ready_us = 0;

  g_mutex_lock (&self->mutex);
  older = g_steal_pointer (&self->newest);
  self->newest = clove_snapshot_ref (snapshot);
  self->is_urgent |= snapshot->state != self->state;
  self->state = snapshot->state;
  ready_us = self->is_urgent ? 0 : self->last_delivered_us + MIN_INTERVAL_US;
  g_mutex_unlock (&self->mutex);
  g_source_set_ready_time (self->source, ready_us);
}

/** clove_bridge_close: Deliver nothing any more; in the receiving thread. */
void
clove_bridge_close (CloveBridge *self)
{
  g_source_destroy (self->source);
}
