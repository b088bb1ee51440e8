/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-address.h"
#include "clove-adnl-session.h"
#include "clove-clock.h"

#include <gio/gio.h>
#include <glib-object.h>

G_BEGIN_DECLS

/* Peers that may knock at a responder; the one silent for longest gives way to a new one. Each
 * holds up to 140 KB and some pages of locked memory, and anybody can be a thousand of them. */
#define CLOVE_ADNL_MAX_PEERS 1024

/**
 * CloveAdnlEndpoint:
 *
 * One UDP socket and the sessions that use it: as initiator towards relays, each session with an
 * identity of its own, or as responder with one identity that peers know. Belongs to the thread in
 * whose thread-default main context it was made.
 *
 * Signal "session-opened" (#CloveAdnlSession): a new peer knocked at a responder; set handlers now.
 */
#define CLOVE_TYPE_ADNL_ENDPOINT (clove_adnl_endpoint_get_type ())
G_DECLARE_FINAL_TYPE (CloveAdnlEndpoint, clove_adnl_endpoint, CLOVE, ADNL_ENDPOINT, GObject)

/**
 * CloveAdnlStats:
 *
 * Counters since the endpoint was made: datagrams and bytes each way, and what was refused.
 */
typedef struct {
  guint64 n_received;
  guint64 n_sent;
  guint64 bytes_received;
  guint64 bytes_sent;
  guint64 n_unknown;
  guint64 n_malformed;
  guint64 n_forged;
  guint64 n_replayed;
} CloveAdnlStats;

CloveAdnlEndpoint *clove_adnl_endpoint_new (const CloveAddress *address,
                                            CloveClock *clock,
                                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
CloveAdnlEndpoint *clove_adnl_endpoint_new_responder (const CloveAddress *address,
                                                      CloveAdnlIdentity *identity,
                                                      CloveClock *clock,
                                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
void clove_adnl_endpoint_close (CloveAdnlEndpoint *self);

const CloveAddress *clove_adnl_endpoint_get_address (CloveAdnlEndpoint *self);
const CloveAdnlStats *clove_adnl_endpoint_get_stats (CloveAdnlEndpoint *self);
guint clove_adnl_endpoint_get_n_sessions (CloveAdnlEndpoint *self);

CloveAdnlSession *clove_adnl_endpoint_connect (CloveAdnlEndpoint *self,
                                               const guint8 peer_key[static CLOVE_KEY_SIZE],
                                               const CloveAddress *peer_address,
                                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * CloveAdnlFilterFunc:
 * @data: a datagram, which the callee may change in place
 * @size: its size
 * @peer: where it comes from or goes to
 * @is_outgoing: which way it travels
 *
 * Stands between the socket and the sessions, for networks that misbehave on purpose.
 *
 * Returns: whether the datagram goes on; the callee may also keep a copy and pass it on later with
 *   clove_adnl_endpoint_inject()
 */
typedef gboolean (*CloveAdnlFilterFunc) (guint8 *data,
                                         gsize size,
                                         const CloveAddress *peer,
                                         gboolean is_outgoing,
                                         gpointer user_data);
void clove_adnl_endpoint_set_filter (CloveAdnlEndpoint *self,
                                     CloveAdnlFilterFunc filter,
                                     gpointer user_data);
void clove_adnl_endpoint_inject (CloveAdnlEndpoint *self,
                                 guint8 *data,
                                 gsize size,
                                 const CloveAddress *peer,
                                 gboolean is_outgoing);
void clove_adnl_endpoint_set_trusting (CloveAdnlEndpoint *self, gboolean is_trusting);
gboolean clove_adnl_endpoint_set_receive_buffer (CloveAdnlEndpoint *self, gsize size);

G_END_DECLS
