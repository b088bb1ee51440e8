/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-clock.h"
#include "clove-local-relay.h"
#include "clove-origin.h"

#include <gio/gio.h>
#include <glib-object.h>

G_BEGIN_DECLS

#define CLOVE_LOCALNET_DEFAULT_RELAYS 6
#define CLOVE_LOCALNET_DEFAULT_EXITS  2
#define CLOVE_LOCALNET_MAX_RELAYS     64

/**
 * CloveLocalnetOptions:
 * @n_relays: how many, all of them entry and middle
 * @n_exits: how many of them, the last ones, are exits too
 * @host: the last three bytes of their address 127.x.y.z, so that several networks on one machine
 *   never take each other's ports; 0: 127.0.0.1
 * @base_port: ADNL port of the first relay, each following one two higher; 0: free ones
 * @seed: repeats the faults of a run; 0: every run is another
 * @plays_reference: whether the relays have the faults of the reference relay
 * @origin: (nullable): what exits ask instead of the demo site
 */
typedef struct {
  guint n_relays;
  guint n_exits;
  guint32 host;
  guint16 base_port;
  guint64 seed;
  gboolean plays_reference;
  CloveOrigin *origin;
} CloveLocalnetOptions;

/**
 * CloveLocalnet:
 *
 * A whole network of relays on loopback, in one thread, with switches to break it. Belongs to the
 * thread in whose thread-default main context it was started.
 */
#define CLOVE_TYPE_LOCALNET (clove_localnet_get_type ())
G_DECLARE_FINAL_TYPE (CloveLocalnet, clove_localnet, CLOVE, LOCALNET, GObject)

CloveLocalnet *clove_localnet_new (const CloveLocalnetOptions *options,
                                   CloveClock *clock,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
void clove_localnet_start_async (CloveLocalnet *self,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean clove_localnet_start_finish (CloveLocalnet *self, GAsyncResult *result, GError **error);
void clove_localnet_stop (CloveLocalnet *self);

CloveClock *clove_localnet_get_clock (CloveLocalnet *self);
guint clove_localnet_get_n_relays (CloveLocalnet *self);
CloveLocalRelay *clove_localnet_get_relay (CloveLocalnet *self, guint n);
char *clove_localnet_format_directory (CloveLocalnet *self) G_GNUC_WARN_UNUSED_RESULT;
char *clove_localnet_execute (CloveLocalnet *self, const char *line) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
