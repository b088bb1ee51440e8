/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-snapshot.h"

static void
ban_free (gpointer data)
{
  CloveSnapshotBan *ban = data;

  g_free (ban->name);
  g_free (ban->address);
  g_free (ban->reason);
  g_free (ban);
}

/**
 * clove_snapshot_request_new:
 *
 * (transfer full): Make a request; the caller fills the rest at once.
 */
CloveSnapshotRequest *
clove_snapshot_request_new (const char *host, const char *method)
{
  CloveSnapshotRequest *self = g_atomic_rc_box_new0 (CloveSnapshotRequest);

  self->host = g_strdup (host);
  self->method = g_strdup (method);
  return self;
}

/** clove_snapshot_request_ref: (transfer full): Take a reference; from any thread. */
CloveSnapshotRequest *
clove_snapshot_request_ref (CloveSnapshotRequest *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_request (gpointer data)
{
  CloveSnapshotRequest *self = data;

  g_free (self->host);
  g_free (self->method);
}

/** clove_snapshot_request_unref: Drop a reference; from any thread. */
void
clove_snapshot_request_unref (CloveSnapshotRequest *self)
{
  g_atomic_rc_box_release_full (self, clear_request);
}

/** clove_snapshot_new: (transfer full): Make a snapshot of an engine that is off, to be filled. */
CloveSnapshot *
clove_snapshot_new (void)
{
  CloveSnapshot *self = g_atomic_rc_box_new0 (CloveSnapshot);

  self->problem_code = -1;
  self->bans = g_ptr_array_new_with_free_func (ban_free);
  self->directory_age_s = -1;
  return self;
}

static void
clear_circuit (CloveSnapshotCircuit *circuit)
{
  for (guint i = 0; i < circuit->n_hops; i++) {
    g_free (circuit->hops[i].name);
    g_free (circuit->hops[i].address);
  }
}

static void
clear (gpointer data)
{
  CloveSnapshot *self = data;

  g_free (self->listen_address);
  g_free (self->problem);
  g_free (self->directory_problem);
  g_ptr_array_unref (self->bans);
  g_clear_pointer (&self->causes, g_ptr_array_unref);
  g_clear_pointer (&self->records, g_ptr_array_unref);
  g_clear_pointer (&self->requests, g_ptr_array_unref);
  g_clear_pointer (&self->relays, clove_relay_list_unref);
  g_free (self->last_strike);
  for (guint i = 0; i < G_N_ELEMENTS (self->entries); i++)
    g_free (self->entries[i].name);
  clear_circuit (&self->live);
  clear_circuit (&self->candidate);
  clear_circuit (&self->standby);
}

/** clove_snapshot_ref: (transfer full): Take a reference; from any thread. */
CloveSnapshot *
clove_snapshot_ref (CloveSnapshot *self)
{
  return g_atomic_rc_box_acquire (self);
}

/** clove_snapshot_unref: Drop a reference; from any thread. */
void
clove_snapshot_unref (CloveSnapshot *self)
{
  g_atomic_rc_box_release_full (self, clear);
}

/** clove_engine_state_name: Get the state's name for programs, such as "connected". */
const char *
clove_engine_state_name (CloveEngineState state)
{
  static const char *const names[] = {
    [CLOVE_ENGINE_OFF] = "off",
    [CLOVE_ENGINE_LOADING] = "loading",
    [CLOVE_ENGINE_BUILDING] = "building",
    [CLOVE_ENGINE_CONNECTED] = "connected",
    [CLOVE_ENGINE_REBUILDING] = "rebuilding",
    [CLOVE_ENGINE_WAITING] = "waiting",
    [CLOVE_ENGINE_OFFLINE] = "offline",
    [CLOVE_ENGINE_STOPPING] = "stopping",
    [CLOVE_ENGINE_FAILED] = "failed",
  };

  g_return_val_if_fail ((guint) state < G_N_ELEMENTS (names), NULL);
  return names[state];
}

/** clove_snapshot_hop_state_name: Get the state's name for programs, such as "ready". */
const char *
clove_snapshot_hop_state_name (CloveSnapshotHopState state)
{
  static const char *const names[] = {
    [CLOVE_SNAPSHOT_HOP_WAITING] = "waiting",
    [CLOVE_SNAPSHOT_HOP_EXTENDING] = "extending",
    [CLOVE_SNAPSHOT_HOP_READY] = "ready",
    [CLOVE_SNAPSHOT_HOP_FAILED] = "failed",
  };

  g_return_val_if_fail ((guint) state < G_N_ELEMENTS (names), NULL);
  return names[state];
}
