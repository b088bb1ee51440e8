/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * CloveNetworkState:
 * @is_available: whether the machine has a network
 * @is_metered: whether traffic costs the user
 * @has_changed: whether this is news of other networks or routes, rather than of the two above
 *
 * What the system said at one moment.
 */
typedef struct {
  gboolean is_available;
  gboolean is_metered;
  gboolean has_changed;
} CloveNetworkState;

/**
 * CloveNetworkFeed:
 *
 * Carries what a GNetworkMonitor says into the thread that made the feed.
 */
typedef struct _CloveNetworkFeed CloveNetworkFeed;

typedef void (*CloveNetworkFeedFunc) (const CloveNetworkState *state, gpointer user_data);

CloveNetworkFeed *clove_network_feed_new (GNetworkMonitor *monitor,
                                          CloveNetworkFeedFunc on_state,
                                          gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void clove_network_feed_close (CloveNetworkFeed *self);

G_END_DECLS
