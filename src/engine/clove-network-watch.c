/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-network-watch.h"

#include "clove-network-feed.h"
#include "clove-sleep-watch.h"

struct _CloveNetworkWatch {
  /* Set at construction. */
  CloveNetworkWatchFunc on_event;
  gpointer user_data;

  /* Owned. */
  CloveNetworkFeed *feed;
  CloveSleepWatch *sleep;
  CloveTimer settle; /* runs while a change waits to be told */

  gboolean is_available;
  gboolean is_metered;
};

static void
tell (CloveNetworkWatch *self, CloveNetworkEvent event)
{
  self->on_event (event, self->user_data);
}

static void
on_settled (gpointer user_data)
{
  tell (user_data, CLOVE_NETWORK_EVENT_CHANGED);
}

static void
on_state (const CloveNetworkState *state, gpointer user_data)
{
  CloveNetworkWatch *self = user_data;
  gboolean was_available = self->is_available;
  gboolean was_metered = self->is_metered;

  self->is_available = state->is_available;
  self->is_metered = state->is_metered;
  if (!self->is_available)
    clove_timer_stop (&self->settle);
  else if (state->has_changed && !clove_timer_is_running (&self->settle))
    clove_timer_start (&self->settle, CLOVE_NETWORK_WATCH_SETTLE_US);
  if (self->is_available != was_available)
    tell (self, self->is_available ? CLOVE_NETWORK_EVENT_UP : CLOVE_NETWORK_EVENT_DOWN);
  if (self->is_metered != was_metered)
    tell (self, CLOVE_NETWORK_EVENT_METERED_CHANGED);
}

static void
on_sleep (gboolean is_asleep, gpointer user_data)
{
  tell (user_data, is_asleep ? CLOVE_NETWORK_EVENT_SLEEPING : CLOVE_NETWORK_EVENT_WOKE);
}

/**
 * clove_network_watch_new:
 * @clock: of the caller's thread; must outlive the watch
 * @monitor: (nullable): what knows of the network; %NULL for the process's own
 * @bus_address: (nullable): D-Bus address of the bus that login1 is on; %NULL for the system bus
 * @on_event: called in the caller's thread
 * @user_data: for @on_event
 *
 * Returns: (transfer full): a watch; never blocks
 */
CloveNetworkWatch *
clove_network_watch_new (CloveClock *clock,
                         GNetworkMonitor *monitor,
                         const char *bus_address,
                         CloveNetworkWatchFunc on_event,
                         gpointer user_data)
{
  CloveNetworkWatch *self = g_new0 (CloveNetworkWatch, 1);

  self->on_event = on_event;
  self->user_data = user_data;
  self->is_available = TRUE;
  clove_timer_init (&self->settle, clock, on_settled, self);
  self->feed = clove_network_feed_new (monitor, on_state, self);
  self->sleep = clove_sleep_watch_new (clock, bus_address, on_sleep, self);
  return self;
}

/** clove_network_watch_free: Free; what is on its way is not told any more. */
void
clove_network_watch_free (CloveNetworkWatch *self)
{
  clove_timer_stop (&self->settle);
  g_clear_pointer (&self->feed, clove_network_feed_close);
  g_clear_pointer (&self->sleep, clove_sleep_watch_free);
  g_free (self);
}

/** clove_network_watch_is_available: Tell whether the machine has a network. */
gboolean
clove_network_watch_is_available (CloveNetworkWatch *self)
{
  return self->is_available;
}

/** clove_network_watch_is_metered: Tell whether traffic costs the user. */
gboolean
clove_network_watch_is_metered (CloveNetworkWatch *self)
{
  return self->is_metered;
}
