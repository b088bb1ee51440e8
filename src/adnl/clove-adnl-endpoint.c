/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The socket and its sessions: which datagram belongs to whom, decided by hash look-ups before any
 * cryptography is spent on it (src/adnl/README.md, "Endpoints").
 */
#include "config.h"

#include "clove-adnl-endpoint.h"

#include "clove-adnl-datagram.h"
#include "clove-adnl-session-private.h"
#include "clove-udp.h"

#include <sodium.h>
#include <string.h>

/* Exits send a whole reply in one burst; the system's default holds 92 datagrams of 1 KB. */
#define RECEIVE_BUFFER_SIZE (4 * 1024 * 1024)

struct _CloveAdnlEndpoint {
  GObject parent_instance;

  /* Owned. */
  CloveClock *clock;
  CloveUdp *udp;               /* NULL once closed */
  CloveAdnlIdentity *identity; /* of a responder, else NULL */
  GHashTable *sessions;        /* owned sessions; initiators by own id, peers of a responder by
                                  the peer's id */
  GHashTable *channels;        /* borrowed sessions by the id of their receiving channel */

  CloveAdnlFilterFunc filter;
  gpointer filter_data;
  gboolean is_trusting;
  gboolean is_closed; /* set before the sessions close; the socket goes after them */
  CloveAdnlStats stats;
};

G_DEFINE_FINAL_TYPE (CloveAdnlEndpoint, clove_adnl_endpoint, G_TYPE_OBJECT)

enum {
  SIGNAL_SESSION_OPENED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

guint
clove_adnl_id_hash (gconstpointer id)
{
  guint hash = 0;

  /* Ids are SHA-256 sums or random: any four bytes do. */
  memcpy (&hash, id, sizeof hash);
  return hash;
}

gboolean
clove_adnl_id_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, CLOVE_KEY_ID_SIZE) == 0;
}

/* The session of a responder that was silent for longest goes when a new peer needs its place. */
static void
evict_if_full (CloveAdnlEndpoint *self)
{
  CloveAdnlSession *oldest = NULL;
  GHashTableIter iter;
  gpointer value = NULL;

  if (g_hash_table_size (self->sessions) < CLOVE_ADNL_MAX_PEERS)
    return;
  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    CloveAdnlSession *session = value;

    if (oldest == NULL || session->last_received_us < oldest->last_received_us)
      oldest = session;
  }
  clove_adnl_session_close (oldest);
}

/* Opens a root datagram with @session's secret, and verifies it unless we play the reference. */
static gboolean
open_root (CloveAdnlEndpoint *self,
           CloveAdnlSession *session,
           guint8 *datagram,
           gsize size,
           CloveAdnlPacket *packet,
           GError **error)
{
  gsize contents_size = 0;
  const guint8 *contents = clove_adnl_datagram_open_root (
    datagram, size, clove_secret_peek (session->shared), &contents_size, error);

  if (contents == NULL || !clove_adnl_packet_parse (packet, contents, contents_size, error))
    return FALSE;
  return self->is_trusting ||
         clove_adnl_packet_verify (packet, contents, session->peer_key, error);
}

static gboolean
receive_from_relay (CloveAdnlEndpoint *self,
                    CloveAdnlSession *session,
                    guint8 *datagram,
                    gsize size,
                    const CloveAddress *from,
                    GError **error)
{
  const guint8 *sender = clove_adnl_datagram_peek_sender (datagram, size);
  CloveAdnlPacket packet;

  /* A key that is not the dialled relay's costs a comparison and no cryptography. */
  if (sender == NULL || memcmp (sender, session->peer_key, CLOVE_KEY_SIZE) != 0) {
    g_set_error_literal (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_FORGED,
                         "root packet from another key than the relay's");
    return FALSE;
  }
  if (!open_root (self, session, datagram, size, &packet, error))
    return FALSE;
  return clove_adnl_session_receive_root (session, &packet, from, error);
}

static gboolean
receive_from_peer (CloveAdnlEndpoint *self,
                   guint8 *datagram,
                   gsize size,
                   const CloveAddress *from,
                   GError **error)
{
  const guint8 *sender = clove_adnl_datagram_peek_sender (datagram, size);
  g_autoptr (CloveAdnlSession) session = NULL;
  guint8 peer_id[CLOVE_KEY_ID_SIZE] = { 0 };
  gboolean is_new = FALSE;
  CloveAdnlPacket packet;

  if (sender == NULL) {
    g_set_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_MALFORMED, "root datagram of %zu bytes",
                 size);
    return FALSE;
  }
  clove_adnl_key_id (peer_id, sender);
  session = g_hash_table_lookup (self->sessions, peer_id);
  if (session != NULL) {
    g_object_ref (session);
  } else {
    is_new = TRUE;
    session = clove_adnl_session_new (self, CLOVE_ADNL_ROLE_RESPONDER, self->identity, sender, from,
                                      error);
    if (session == NULL)
      return FALSE;
  }
  /* A stranger gets a place in the table only after its packet was verified. */
  if (!open_root (self, session, datagram, size, &packet, error)) {
    if (is_new)
      session->endpoint = NULL;
    return FALSE;
  }
  if (is_new) {
    evict_if_full (self);
    g_hash_table_insert (self->sessions, session->table_id, g_object_ref (session));
    g_signal_emit (self, signals[SIGNAL_SESSION_OPENED], 0, session);
  }
  return session->endpoint == NULL ||
         clove_adnl_session_receive_root (session, &packet, from, error);
}

static gboolean
receive (CloveAdnlEndpoint *self,
         guint8 *datagram,
         gsize size,
         const CloveAddress *from,
         GError **error)
{
  const guint8 *id = clove_adnl_datagram_peek_id (datagram, size);
  CloveAdnlSession *session = NULL;

  if (id == NULL) {
    g_set_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_MALFORMED, "datagram of %zu bytes",
                 size);
    return FALSE;
  }
  session = g_hash_table_lookup (self->channels, id);
  if (session != NULL)
    return clove_adnl_session_receive_channel (session, datagram, size, error);
  if (self->identity != NULL &&
      memcmp (clove_adnl_identity_get_id (self->identity), id, CLOVE_KEY_ID_SIZE) == 0)
    return receive_from_peer (self, datagram, size, from, error);
  session = self->identity == NULL ? g_hash_table_lookup (self->sessions, id) : NULL;
  if (session != NULL)
    return receive_from_relay (self, session, datagram, size, from, error);
  /* Late datagrams of a channel that was replaced are common, and nobody's fault. */
  self->stats.n_unknown++;
  return TRUE;
}

static void
count_refused (CloveAdnlEndpoint *self, const GError *error)
{
  g_debug ("refused a datagram: %s", error->message);
  if (g_error_matches (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_REPLAYED))
    self->stats.n_replayed++;
  else if (g_error_matches (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_FORGED))
    self->stats.n_forged++;
  else
    self->stats.n_malformed++;
}

static void
take_datagram (CloveAdnlEndpoint *self, guint8 *data, gsize size, const CloveAddress *from)
{
  g_autoptr (GError) error = NULL;

  self->stats.n_received++;
  self->stats.bytes_received += size;
  if (!receive (self, data, size, from, &error))
    count_refused (self, error);
}

static void
on_datagram (guint8 *data, gsize size, const CloveAddress *from, gpointer user_data)
{
  g_autoptr (CloveAdnlEndpoint) self = g_object_ref (CLOVE_ADNL_ENDPOINT (user_data));

  if (self->filter == NULL || self->filter (data, size, from, FALSE, self->filter_data))
    take_datagram (self, data, size, from);
}

static void
clove_adnl_endpoint_dispose (GObject *object)
{
  CloveAdnlEndpoint *self = CLOVE_ADNL_ENDPOINT (object);

  clove_adnl_endpoint_close (self);
  g_clear_pointer (&self->channels, g_hash_table_unref);
  g_clear_pointer (&self->sessions, g_hash_table_unref);
  g_clear_pointer (&self->identity, clove_adnl_identity_unref);
  g_clear_pointer (&self->clock, clove_clock_unref);

  G_OBJECT_CLASS (clove_adnl_endpoint_parent_class)->dispose (object);
}

static void
clove_adnl_endpoint_class_init (CloveAdnlEndpointClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_adnl_endpoint_dispose;

  signals[SIGNAL_SESSION_OPENED] =
    g_signal_new ("session-opened", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                  NULL, G_TYPE_NONE, 1, CLOVE_TYPE_ADNL_SESSION);
}

static void
clove_adnl_endpoint_init (CloveAdnlEndpoint *self)
{
  self->sessions =
    g_hash_table_new_full (clove_adnl_id_hash, clove_adnl_id_equal, NULL, g_object_unref);
  self->channels = g_hash_table_new (clove_adnl_id_hash, clove_adnl_id_equal);
}

/**
 * clove_adnl_endpoint_new:
 * @address: where to bind; port 0 lets the system choose
 * @clock: time and timers
 * @error: %G_IO_ERROR from the socket
 *
 * Returns: (transfer full) (nullable): an endpoint for dialling relays
 */
CloveAdnlEndpoint *
clove_adnl_endpoint_new (const CloveAddress *address, CloveClock *clock, GError **error)
{
  g_autoptr (CloveAdnlEndpoint) self = g_object_new (CLOVE_TYPE_ADNL_ENDPOINT, NULL);

  self->clock = clove_clock_ref (clock);
  self->udp = clove_udp_new (address, CLOVE_ADNL_MAX_DATAGRAM_SIZE, on_datagram, self, error);
  if (self->udp == NULL)
    return NULL;
  clove_udp_set_receive_buffer (self->udp, RECEIVE_BUFFER_SIZE);
  return g_steal_pointer (&self);
}

/**
 * clove_adnl_endpoint_new_responder:
 * @address: where to bind; port 0 lets the system choose
 * @identity: the identity that peers dial
 * @clock: time and timers
 * @error: %G_IO_ERROR from the socket
 *
 * Returns: (transfer full) (nullable): an endpoint that takes in whoever proves its identity
 */
CloveAdnlEndpoint *
clove_adnl_endpoint_new_responder (const CloveAddress *address,
                                   CloveAdnlIdentity *identity,
                                   CloveClock *clock,
                                   GError **error)
{
  g_autoptr (CloveAdnlEndpoint) self = clove_adnl_endpoint_new (address, clock, error);

  if (self != NULL)
    self->identity = clove_adnl_identity_ref (identity);
  return g_steal_pointer (&self);
}

/** clove_adnl_endpoint_close: Close every session and the socket. Harmless when closed. */
void
clove_adnl_endpoint_close (CloveAdnlEndpoint *self)
{
  GHashTableIter iter;
  gpointer value = NULL;

  if (self->is_closed)
    return;
  /* What fails by this may call back at once: it must not find a place for new sessions. */
  self->is_closed = TRUE;
  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    clove_adnl_session_close (value);
    g_hash_table_iter_init (&iter, self->sessions);
  }
  g_clear_pointer (&self->udp, clove_udp_free);
}

/**
 * clove_adnl_endpoint_connect:
 * @self: an endpoint made by clove_adnl_endpoint_new()
 * @peer_key: the relay's public key
 * @peer_address: where it is
 * @error: %CLOVE_ADNL_ERROR_KEY, %CLOVE_ADNL_ERROR_CLOSED
 *
 * Make a session with a fresh identity; nothing is sent before clove_adnl_session_open_async().
 *
 * Returns: (transfer full) (nullable): the session; the endpoint keeps it until it is closed
 */
CloveAdnlSession *
clove_adnl_endpoint_connect (CloveAdnlEndpoint *self,
                             const guint8 peer_key[static CLOVE_KEY_SIZE],
                             const CloveAddress *peer_address,
                             GError **error)
{
  g_autoptr (CloveAdnlIdentity) identity = clove_adnl_identity_new ();
  CloveAdnlSession *session = NULL;

  g_return_val_if_fail (self->identity == NULL, NULL);

  if (self->is_closed) {
    g_set_error_literal (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_CLOSED, "endpoint is closed");
    return NULL;
  }
  session = clove_adnl_session_new (self, CLOVE_ADNL_ROLE_INITIATOR, identity, peer_key,
                                    peer_address, error);
  if (session != NULL)
    g_hash_table_insert (self->sessions, session->table_id, g_object_ref (session));
  return session;
}

/** clove_adnl_endpoint_get_address: (nullable): Get the bound address, borrowed, until closed. */
const CloveAddress *
clove_adnl_endpoint_get_address (CloveAdnlEndpoint *self)
{
  return self->udp != NULL ? clove_udp_get_address (self->udp) : NULL;
}

/** clove_adnl_endpoint_get_stats: Get the counters, borrowed. */
const CloveAdnlStats *
clove_adnl_endpoint_get_stats (CloveAdnlEndpoint *self)
{
  return &self->stats;
}

/** clove_adnl_endpoint_get_n_sessions: Get the number of open sessions. */
guint
clove_adnl_endpoint_get_n_sessions (CloveAdnlEndpoint *self)
{
  return g_hash_table_size (self->sessions);
}

/** clove_adnl_endpoint_set_filter: Put @filter (nullable) between the socket and the sessions. */
void
clove_adnl_endpoint_set_filter (CloveAdnlEndpoint *self,
                                CloveAdnlFilterFunc filter,
                                gpointer user_data)
{
  self->filter = filter;
  self->filter_data = user_data;
}

/** clove_adnl_endpoint_inject: Pass a datagram on behind the filter, as if it came just now. */
void
clove_adnl_endpoint_inject (CloveAdnlEndpoint *self,
                            guint8 *data,
                            gsize size,
                            const CloveAddress *peer,
                            gboolean is_outgoing)
{
  g_autoptr (CloveAdnlEndpoint) guard = g_object_ref (self);

  if (self->udp == NULL)
    return;
  if (is_outgoing)
    clove_udp_send (self->udp, peer, data, size, NULL);
  else
    take_datagram (self, data, size, peer);
}

/**
 * clove_adnl_endpoint_set_trusting:
 * @self: an endpoint
 * @is_trusting: whether to take root packets without checking sender and signature
 *
 * Play the reference relay, which checks neither. For the localnet; never for a client.
 */
void
clove_adnl_endpoint_set_trusting (CloveAdnlEndpoint *self, gboolean is_trusting)
{
  g_return_if_fail (self->identity != NULL);
  self->is_trusting = is_trusting;
}

/** clove_adnl_endpoint_set_receive_buffer: See clove_udp_set_receive_buffer(). */
gboolean
clove_adnl_endpoint_set_receive_buffer (CloveAdnlEndpoint *self, gsize size)
{
  return self->udp != NULL && clove_udp_set_receive_buffer (self->udp, size);
}

CloveClock *
clove_adnl_endpoint_get_clock (CloveAdnlEndpoint *self)
{
  return self->clock;
}

/* Sends one sealed datagram; @datagram may be changed by the filter. */
gboolean
clove_adnl_endpoint_send (CloveAdnlEndpoint *self,
                          const CloveAddress *to,
                          guint8 *datagram,
                          gsize size,
                          GError **error)
{
  self->stats.n_sent++;
  self->stats.bytes_sent += size;
  if (self->filter != NULL && !self->filter (datagram, size, to, TRUE, self->filter_data))
    return TRUE;
  /* The filter may have closed the endpoint. */
  return self->udp == NULL || clove_udp_send (self->udp, to, datagram, size, error);
}

void
clove_adnl_endpoint_add_channel (CloveAdnlEndpoint *self, CloveAdnlSession *session)
{
  memcpy (session->channel_id, clove_adnl_channel_get_receive_id (session->channel),
          sizeof session->channel_id);
  g_hash_table_insert (self->channels, session->channel_id, session);
}

void
clove_adnl_endpoint_remove_channel (CloveAdnlEndpoint *self, CloveAdnlSession *session)
{
  g_hash_table_remove (self->channels, session->channel_id);
}

void
clove_adnl_endpoint_remove_session (CloveAdnlEndpoint *self, CloveAdnlSession *session)
{
  /* A stranger that was never let in is not in the table, but its name may be. */
  if (g_hash_table_lookup (self->sessions, session->table_id) == session)
    g_hash_table_remove (self->sessions, session->table_id);
}
