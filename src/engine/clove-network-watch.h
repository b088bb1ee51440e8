/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-clock.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Changes of the network within this time are one. */
#define CLOVE_NETWORK_WATCH_SETTLE_US G_USEC_PER_SEC

/**
 * CloveNetworkEvent:
 * @CLOVE_NETWORK_EVENT_DOWN: the machine has no network any more
 * @CLOVE_NETWORK_EVENT_UP: the machine has a network again; a CHANGED mostly follows
 * @CLOVE_NETWORK_EVENT_CHANGED: networks or routes are others, so that addresses may be others, the
 *   machine's own included. GLib looks at the routes again a second or two after each change and
 *   then says so again, hence two of these for one change are normal
 * @CLOVE_NETWORK_EVENT_METERED_CHANGED: clove_network_watch_is_metered() is different now
 * @CLOVE_NETWORK_EVENT_SLEEPING: the machine is about to sleep; WOKE follows
 * @CLOVE_NETWORK_EVENT_WOKE: the machine woke, or at least its calendar jumped ahead; there was no
 *   SLEEPING before where nobody announces it
 *
 * What happened to the machine's network, or to the machine.
 */
typedef enum {
  CLOVE_NETWORK_EVENT_DOWN,
  CLOVE_NETWORK_EVENT_UP,
  CLOVE_NETWORK_EVENT_CHANGED,
  CLOVE_NETWORK_EVENT_METERED_CHANGED,
  CLOVE_NETWORK_EVENT_SLEEPING,
  CLOVE_NETWORK_EVENT_WOKE,
} CloveNetworkEvent;

/**
 * CloveNetworkWatch:
 *
 * Tells the worker what happens around it. Belongs to the thread that made it and uses its
 * thread-default context, but the program's default context must run, too: GLib's network monitor
 * lives there. Until that has spoken, the network counts as available and not metered, and what it
 * says otherwise comes as an event.
 */
typedef struct _CloveNetworkWatch CloveNetworkWatch;

/**
 * CloveNetworkWatchFunc:
 * @event: what happened; the watch's own state is up to date
 * @user_data: as given
 *
 * Must not free the watch.
 */
typedef void (*CloveNetworkWatchFunc) (CloveNetworkEvent event, gpointer user_data);

CloveNetworkWatch *clove_network_watch_new (CloveClock *clock,
                                            GNetworkMonitor *monitor,
                                            const char *bus_address,
                                            CloveNetworkWatchFunc on_event,
                                            gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void clove_network_watch_free (CloveNetworkWatch *self);

gboolean clove_network_watch_is_available (CloveNetworkWatch *self);
gboolean clove_network_watch_is_metered (CloveNetworkWatch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveNetworkWatch, clove_network_watch_free)

G_END_DECLS
