/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-adnl-endpoint.h"
#include "clove-local-circuit.h"
#include "clove-local-exit.h"
#include "clove-local-mixer.h"
#include "clove-local-relay.h"
#include "clove-relay-message.h"
#include "clove-udp.h"

G_BEGIN_DECLS

/* The most that travels in one datagram between relays: a request of 8 KB, a chunk of 6 KB. */
#define CLOVE_LOCAL_MAX_DATAGRAM 16384
#define CLOVE_LOCAL_MAX_MESSAGE  12288

struct _CloveLocalRelay {
  GObject parent_instance;

  /* Set at construction. */
  char *name;
  CloveAddress address;
  gboolean is_exit;
  gboolean plays_reference;

  /* Owned. */
  CloveClock *clock;
  CloveRandom *random;
  CloveAdnlIdentity *identity;
  CloveOrigin *origin; /* nullable */
  CloveFault *fault;
  CloveFaultPort adnl_port;
  CloveFaultPort tunnel_port;

  /* Owned while running, else NULL. */
  CloveAdnlEndpoint *endpoint;
  CloveUdp *tunnel;
  GHashTable *circuits; /* of CloveLocalCircuit by id */
  CloveLocalExit *exit;
  CloveTimer housekeeping;

  /* Of the reference: threads that send to clients, sessions whose handlers come late, and the
   * reader that waits. */
  CloveLocalMixer *mixer;
  GQueue unready; /* of owned CloveAdnlSession */
  gboolean is_reader_waiting;
  GQueue backlog; /* of Backlogged */
  gsize backlog_size;

  guint64 n_tunnel_received;
  guint64 n_tunnel_sent;
};

/* clove-local-relay-query.c: what clients say by ADNL. */
extern const CloveAdnlSessionHandlers clove_local_relay_handlers;

/* clove-local-relay-answer.c: answers to clients, and the wait for the next hop's. */
void clove_local_relay_answer (CloveAdnlSession *session,
                               const guint8 *query_id,
                               const CloveRelayMessage *message);
void clove_local_relay_answer_error (CloveAdnlSession *session,
                                     const guint8 *query_id,
                                     gint32 code,
                                     const char *reason);
void clove_local_relay_answer_extended (CloveLocalCircuit *circuit,
                                        CloveLocalPendingKind kind,
                                        const CloveRelayMessage *created);
void clove_local_relay_fail_pending (CloveLocalRelay *self,
                                     CloveLocalCircuit *circuit,
                                     gint32 code,
                                     const char *reason);
void clove_local_relay_finish_pending (CloveLocalRelay *self,
                                       CloveLocalCircuit *circuit,
                                       const CloveRelayMessage *created);
void clove_local_relay_begin_pending (CloveLocalRelay *self,
                                      CloveLocalCircuit *circuit,
                                      CloveLocalPendingKind kind);

/* clove-local-relay-tunnel.c: what relays say to each other, and the way of data. */
void clove_local_relay_take_datagram (CloveLocalRelay *self,
                                      guint8 *data,
                                      gsize size,
                                      const CloveAddress *from);
void clove_local_relay_send_tunnel (CloveLocalRelay *self,
                                    const CloveAddress *to,
                                    const CloveRelayMessage *message);
void clove_local_relay_send_backward (CloveLocalRelay *self,
                                      CloveLocalCircuit *circuit,
                                      const CloveRelayMessage *message);
void clove_local_relay_send_piece (const CloveLocalPiece *piece, gpointer user_data);
void clove_local_relay_take_forward (CloveLocalRelay *self,
                                     CloveLocalCircuit *circuit,
                                     const CloveRelayMessage *message);

/* clove-local-relay.c */
CloveLocalCircuit *clove_local_relay_find_circuit (CloveLocalRelay *self, const guint8 *id);
CloveLocalCircuit *clove_local_relay_create_circuit (CloveLocalRelay *self,
                                                     const CloveRelayMessage *create);
void clove_local_relay_remove_circuit (CloveLocalRelay *self, CloveLocalCircuit *circuit);

/* clove-local-relay-sockets.c */
gboolean clove_local_relay_open_sockets (CloveLocalRelay *self, GError **error);
void clove_local_relay_close_sockets (CloveLocalRelay *self);
void clove_local_relay_release_reader (CloveLocalRelay *self);

G_END_DECLS
