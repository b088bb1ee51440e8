/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-address.h"
#include "clove-adnl-key.h"

#include <gio/gio.h>
#include <glib-object.h>

G_BEGIN_DECLS

/**
 * CloveAdnlSession:
 *
 * What one of our identities shares with one peer: keys, channel, counters, open queries. Made by a
 * #CloveAdnlEndpoint, as initiator by clove_adnl_endpoint_connect() or as responder when a peer
 * knocks. Belongs to the endpoint's thread.
 */
#define CLOVE_TYPE_ADNL_SESSION (clove_adnl_session_get_type ())
G_DECLARE_FINAL_TYPE (CloveAdnlSession, clove_adnl_session, CLOVE, ADNL_SESSION, GObject)

/**
 * CloveAdnlSessionHandlers:
 * @custom: the peer sent an object that asks for no answer
 * @query: the peer asks; answer now or later with clove_adnl_session_answer()
 *
 * What to do with the peer's messages. @data is one boxed object, gone after the call. Members may
 * be %NULL.
 */
typedef struct {
  void (*custom) (CloveAdnlSession *session, const guint8 *data, gsize size, gpointer user_data);
  void (*query) (CloveAdnlSession *session,
                 const guint8 query_id[static CLOVE_KEY_ID_SIZE],
                 const guint8 *data,
                 gsize size,
                 gpointer user_data);
} CloveAdnlSessionHandlers;

/**
 * CloveAdnlQueryPolicy:
 * @deadline_us: when to give up
 * @resend_after_us: first silence after which the query is sent again; doubles each time
 * @max_resends: how often at most; 0 for queries that must be sent once only
 */
typedef struct {
  gint64 deadline_us;
  gint64 resend_after_us;
  guint max_resends;
} CloveAdnlQueryPolicy;

void clove_adnl_session_set_handlers (CloveAdnlSession *self,
                                      const CloveAdnlSessionHandlers *handlers,
                                      gpointer user_data);

const guint8 *clove_adnl_session_get_peer_id (CloveAdnlSession *self);
const CloveAddress *clove_adnl_session_get_peer_address (CloveAdnlSession *self);
gboolean clove_adnl_session_has_channel (CloveAdnlSession *self);
gint64 clove_adnl_session_get_rtt_us (CloveAdnlSession *self);

void clove_adnl_session_open_async (CloveAdnlSession *self,
                                    gint64 deadline_us,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean clove_adnl_session_open_finish (CloveAdnlSession *self,
                                         GAsyncResult *result,
                                         GError **error);
void clove_adnl_session_ping_async (CloveAdnlSession *self,
                                    gint64 deadline_us,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gint64 clove_adnl_session_ping_finish (CloveAdnlSession *self,
                                       GAsyncResult *result,
                                       GError **error);
void clove_adnl_session_query_async (CloveAdnlSession *self,
                                     GBytes *query,
                                     const CloveAdnlQueryPolicy *policy,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
GBytes *clove_adnl_session_query_finish (CloveAdnlSession *self,
                                         GAsyncResult *result,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean clove_adnl_session_send_custom (CloveAdnlSession *self,
                                         const guint8 *data,
                                         gsize size,
                                         GError **error);
gboolean clove_adnl_session_answer (CloveAdnlSession *self,
                                    const guint8 query_id[static CLOVE_KEY_ID_SIZE],
                                    const guint8 *data,
                                    gsize size,
                                    GError **error);
gboolean clove_adnl_session_announce (CloveAdnlSession *self, GError **error);
void clove_adnl_session_close (CloveAdnlSession *self);

G_END_DECLS
