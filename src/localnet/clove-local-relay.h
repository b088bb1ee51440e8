/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-address.h"
#include "clove-adnl-key.h"
#include "clove-clock.h"
#include "clove-fault.h"
#include "clove-origin.h"
#include "clove-random.h"

#include <glib-object.h>

G_BEGIN_DECLS

/* A circuit that nothing travels on is forgotten after this time. */
#define CLOVE_LOCAL_RELAY_IDLE_US      (600 * G_USEC_PER_SEC)
/* How long a relay waits for the next hop's answer. */
#define CLOVE_LOCAL_RELAY_EXTEND_US    (10 * G_USEC_PER_SEC)
#define CLOVE_LOCAL_RELAY_MAX_CIRCUITS 4096
/* What fits the reference's socket buffer while its reader is busy elsewhere. */
#define CLOVE_LOCAL_RELAY_MAX_BACKLOG  212992

/**
 * CloveLocalRelayConfig:
 * @name: what control lines call it
 * @address: of its ADNL socket; the tunnel socket is at the next port
 * @identity: what clients dial
 * @is_exit: whether it opens streams
 * @origin: (nullable): what exits ask instead of the demo site
 * @plays_reference: whether it has the reference's faults
 */
typedef struct {
  const char *name;
  CloveAddress address;
  CloveAdnlIdentity *identity;
  CloveClock *clock;
  CloveRandom *random;
  CloveOrigin *origin;
  gboolean is_exit;
  gboolean plays_reference;
} CloveLocalRelayConfig;

typedef struct {
  guint64 n_received;
  guint64 n_sent;
  guint64 n_forged;
  guint n_circuits;
  guint n_streams;
  guint n_requests;
} CloveLocalRelayCounters;

/**
 * CloveLocalRelay:
 *
 * One relay on loopback: ADNL towards clients, plain tunnel datagrams towards other relays.
 */
#define CLOVE_TYPE_LOCAL_RELAY (clove_local_relay_get_type ())
G_DECLARE_FINAL_TYPE (CloveLocalRelay, clove_local_relay, CLOVE, LOCAL_RELAY, GObject)

CloveLocalRelay *clove_local_relay_new (const CloveLocalRelayConfig *config)
  G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_local_relay_start (CloveLocalRelay *self, GError **error);
void clove_local_relay_stop (CloveLocalRelay *self);
gboolean clove_local_relay_is_running (CloveLocalRelay *self);

const char *clove_local_relay_get_name (CloveLocalRelay *self);
const CloveAddress *clove_local_relay_get_address (CloveLocalRelay *self);
const guint8 *clove_local_relay_get_key (CloveLocalRelay *self);
gboolean clove_local_relay_is_exit (CloveLocalRelay *self);

CloveFaultSettings *clove_local_relay_get_faults (CloveLocalRelay *self);
void clove_local_relay_apply_faults (CloveLocalRelay *self);
void clove_local_relay_get_counters (CloveLocalRelay *self, CloveLocalRelayCounters *out);
char *clove_local_relay_describe (CloveLocalRelay *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
