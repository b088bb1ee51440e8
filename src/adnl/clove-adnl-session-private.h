/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-adnl-channel.h"
#include "clove-adnl-endpoint.h"
#include "clove-adnl-packet.h"
#include "clove-adnl-parts.h"
#include "clove-adnl-session.h"
#include "clove-adnl-window.h"
#include "clove-clock.h"
#include "clove-secret.h"

G_BEGIN_DECLS

/* What is shared by clove-adnl-session.c, clove-adnl-session-receive.c, clove-adnl-pending.c and
 * the endpoint; nobody else looks inside. */

typedef enum {
  CLOVE_ADNL_ROLE_INITIATOR,
  CLOVE_ADNL_ROLE_RESPONDER,
} CloveAdnlRole;

struct _CloveAdnlSession {
  GObject parent_instance;

  /* Set at construction. */
  CloveAdnlRole role;
  CloveAdnlIdentity *identity; /* owned */
  CloveSecret *shared;         /* owned: secret of both identities */
  guint8 peer_key[CLOVE_KEY_SIZE];
  guint8 peer_id[CLOVE_KEY_ID_SIZE];
  guint8 table_id[CLOVE_KEY_ID_SIZE]; /* what the endpoint finds the session by */
  guint32 reinit_date;

  /* Borrowed; NULL once closed. The endpoint owns its sessions. */
  CloveAdnlEndpoint *endpoint;
  CloveClock *clock; /* owned */

  /* Owned. */
  CloveAdnlChannel *channel; /* NULL: none begun */
  CloveAdnlParts *parts;
  guint8 channel_id[CLOVE_KEY_ID_SIZE]; /* what the endpoint finds the channel by */
  GHashTable *pending;                  /* what waits, by its 32-byte id */

  /* The peer is known to have the channel's keys: it confirmed them, or used them. */
  gboolean is_channel_proven;

  CloveAddress peer_address;
  CloveAdnlWindow window;
  gint64 seqno;
  gint64 channel_seqno;          /* of the peer's packet that made the present channel */
  gint64 address_seqno;          /* of the peer's packet that moved it to its present address */
  guint32 peer_reinit_date;      /* newest that was proven; 0 at first */
  guint32 known_reinit_date;     /* what we tell the peer that we know of it */
  guint32 peer_address_version;  /* of the last list the peer sent */
  gboolean is_address_confirmed; /* the peer echoed our list's version */
  gint64 last_received_us;
  gint64 rtt_us; /* -1: none measured */

  const CloveAdnlSessionHandlers *handlers;
  gpointer handlers_data;
};

CloveAdnlSession *clove_adnl_session_new (CloveAdnlEndpoint *endpoint,
                                          CloveAdnlRole role,
                                          CloveAdnlIdentity *identity,
                                          const guint8 peer_key[static CLOVE_KEY_SIZE],
                                          const CloveAddress *peer_address,
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* clove-adnl-session.c: sending */
gboolean clove_adnl_session_send (CloveAdnlSession *self,
                                  const CloveAdnlMessage *message,
                                  GError **error);
gboolean clove_adnl_session_send_root (CloveAdnlSession *self,
                                       const CloveAdnlMessage *message,
                                       GError **error);
void clove_adnl_session_set_channel (CloveAdnlSession *self, CloveAdnlChannel *channel);

/* clove-adnl-session-receive.c */
gboolean clove_adnl_session_receive_root (CloveAdnlSession *self,
                                          const CloveAdnlPacket *packet,
                                          const CloveAddress *from,
                                          GError **error);
gboolean clove_adnl_session_receive_channel (CloveAdnlSession *self,
                                             guint8 *datagram,
                                             gsize size,
                                             GError **error);

/* clove-adnl-pending.c: what waits for the peer */
void clove_adnl_pending_init_table (CloveAdnlSession *self);
void clove_adnl_pending_answer (CloveAdnlSession *self, const CloveAdnlMessage *answer);
void clove_adnl_pending_pong (CloveAdnlSession *self, guint64 value);
void clove_adnl_pending_confirmed (CloveAdnlSession *self);
void clove_adnl_pending_fail_all (CloveAdnlSession *self, const GError *error);

/* clove-adnl-endpoint.c */
CloveClock *clove_adnl_endpoint_get_clock (CloveAdnlEndpoint *self);
gboolean clove_adnl_endpoint_send (CloveAdnlEndpoint *self,
                                   const CloveAddress *to,
                                   guint8 *datagram,
                                   gsize size,
                                   GError **error);
void clove_adnl_endpoint_add_channel (CloveAdnlEndpoint *self, CloveAdnlSession *session);
void clove_adnl_endpoint_remove_channel (CloveAdnlEndpoint *self, CloveAdnlSession *session);
void clove_adnl_endpoint_remove_session (CloveAdnlEndpoint *self, CloveAdnlSession *session);

guint clove_adnl_id_hash (gconstpointer id);
gboolean clove_adnl_id_equal (gconstpointer a, gconstpointer b);

G_END_DECLS
