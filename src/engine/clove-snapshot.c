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
clear (gpointer data)
{
  CloveSnapshot *self = data;

  g_free (self->listen_address);
  g_free (self->problem);
  g_free (self->directory_problem);
  g_ptr_array_unref (self->bans);
  g_clear_pointer (&self->causes, g_ptr_array_unref);
  for (guint i = 0; i < self->n_hops; i++) {
    g_free (self->hops[i].name);
    g_free (self->hops[i].address);
  }
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
