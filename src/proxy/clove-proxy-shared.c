/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-proxy-shared.h"

/** clove_proxy_shared_new: (transfer full): Start with no backend and nothing counted. */
CloveProxyShared *
clove_proxy_shared_new (CloveClock *clock, guint n_slots)
{
  CloveProxyShared *self = g_rc_box_new0 (CloveProxyShared);

  self->clock = clove_clock_ref (clock);
  clove_slots_init (&self->slots, n_slots);
  return self;
}

/** clove_proxy_shared_ref: (transfer full): Take a reference. */
CloveProxyShared *
clove_proxy_shared_ref (CloveProxyShared *self)
{
  return g_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  CloveProxyShared *self = data;

  g_clear_object (&self->backend);
  clove_slots_clear (&self->slots);
  g_clear_pointer (&self->clock, clove_clock_unref);
}

/** clove_proxy_shared_unref: Drop a reference. */
void
clove_proxy_shared_unref (CloveProxyShared *self)
{
  g_rc_box_release_full (self, clear);
}
