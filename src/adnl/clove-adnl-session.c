/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One peer: how messages become datagrams (src/adnl/README.md, "Sessions"). What comes in is in
 * clove-adnl-session-receive.c, what waits for an answer in clove-adnl-pending.c.
 */
#include "config.h"

#include "clove-adnl-session.h"

#include "clove-adnl-datagram.h"
#include "clove-adnl-session-private.h"

#include <sodium.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (CloveAdnlSession, clove_adnl_session, G_TYPE_OBJECT)

static void
clove_adnl_session_dispose (GObject *object)
{
  CloveAdnlSession *self = CLOVE_ADNL_SESSION (object);

  clove_adnl_session_close (self);
  g_clear_pointer (&self->pending, g_hash_table_unref);
  g_clear_pointer (&self->parts, clove_adnl_parts_free);
  g_clear_pointer (&self->channel, clove_adnl_channel_free);
  g_clear_pointer (&self->shared, clove_secret_free);
  g_clear_pointer (&self->identity, clove_adnl_identity_unref);
  g_clear_pointer (&self->clock, clove_clock_unref);

  G_OBJECT_CLASS (clove_adnl_session_parent_class)->dispose (object);
}

static void
clove_adnl_session_class_init (CloveAdnlSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_adnl_session_dispose;
}

static void
clove_adnl_session_init (CloveAdnlSession *self)
{
  self->rtt_us = -1;
  self->parts = clove_adnl_parts_new ();
  clove_adnl_pending_init_table (self);
}

/*
 * clove_adnl_session_new:
 * @identity: (transfer none): our identity
 * @error: %CLOVE_ADNL_ERROR_KEY when @peer_key is unusable
 *
 * Returns: (transfer full) (nullable): a session that has sent nothing yet
 */
CloveAdnlSession *
clove_adnl_session_new (CloveAdnlEndpoint *endpoint,
                        CloveAdnlRole role,
                        CloveAdnlIdentity *identity,
                        const guint8 peer_key[static CLOVE_KEY_SIZE],
                        const CloveAddress *peer_address,
                        GError **error)
{
  g_autoptr (CloveAdnlSession) self = g_object_new (CLOVE_TYPE_ADNL_SESSION, NULL);

  self->shared = clove_secret_new (CLOVE_KEY_SIZE);
  if (!clove_adnl_identity_agree (identity, peer_key, clove_secret_get (self->shared))) {
    g_set_error_literal (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_KEY,
                         "the peer's public key is not a usable point of the curve");
    return NULL;
  }
  self->role = role;
  self->identity = clove_adnl_identity_ref (identity);
  memcpy (self->peer_key, peer_key, sizeof self->peer_key);
  clove_adnl_key_id (self->peer_id, peer_key);
  memcpy (self->table_id,
          role == CLOVE_ADNL_ROLE_INITIATOR ? clove_adnl_identity_get_id (identity) : self->peer_id,
          sizeof self->table_id);
  self->peer_address = *peer_address;
  self->endpoint = endpoint;
  self->clock = clove_clock_ref (clove_adnl_endpoint_get_clock (endpoint));
  self->reinit_date = (guint32) clove_clock_wall_s (self->clock);
  return g_steal_pointer (&self);
}

static gboolean
is_closed (CloveAdnlSession *self, GError **error)
{
  if (self->endpoint != NULL)
    return FALSE;
  g_set_error_literal (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_CLOSED, "session is closed");
  return TRUE;
}

/* Random bytes of random length at both ends of a packet. */
static void
add_rand (CloveAdnlPacket *packet, guint8 bytes[static 2 * CLOVE_ADNL_MAX_RAND_SIZE + 2])
{
  randombytes_buf (bytes, 2 * CLOVE_ADNL_MAX_RAND_SIZE + 2);
  packet->rand1 = bytes + 2;
  packet->rand1_size = bytes[0] & 1 ? 7 : CLOVE_ADNL_MAX_RAND_SIZE;
  packet->rand2 = bytes + 2 + CLOVE_ADNL_MAX_RAND_SIZE;
  packet->rand2_size = bytes[1] & 1 ? 7 : CLOVE_ADNL_MAX_RAND_SIZE;
}

static void
add_message (CloveAdnlPacket *packet, const CloveAdnlMessage *message)
{
  packet->messages[packet->n_messages++] = *message;
  packet->flags &= ~(guint32) (CLOVE_ADNL_PACKET_MESSAGE | CLOVE_ADNL_PACKET_MESSAGES);
  packet->flags |=
    packet->n_messages == 1 ? CLOVE_ADNL_PACKET_MESSAGE : CLOVE_ADNL_PACKET_MESSAGES;
}

static void
add_counters (CloveAdnlSession *self, CloveAdnlPacket *packet)
{
  packet->flags |= CLOVE_ADNL_PACKET_SEQNO | CLOVE_ADNL_PACKET_CONFIRM_SEQNO;
  packet->seqno = ++self->seqno;
  packet->confirm_seqno = clove_adnl_window_get_highest (&self->window);
}

/* The part of the channel's handshake that this side still owes, if any. */
static void
add_handshake (CloveAdnlSession *self, CloveAdnlPacket *packet)
{
  CloveAdnlMessage message = { .date = (guint32) clove_clock_wall_s (self->clock) };

  if (self->channel == NULL || self->is_channel_proven)
    return;
  message.id = clove_adnl_channel_get_key (self->channel);
  if (self->role == CLOVE_ADNL_ROLE_RESPONDER) {
    message.type = CLOVE_ADNL_MESSAGE_CONFIRM_CHANNEL;
    message.peer_key = clove_adnl_channel_get_peer_key (self->channel);
  } else {
    message.type = CLOVE_ADNL_MESSAGE_CREATE_CHANNEL;
  }
  add_message (packet, &message);
}

static void
add_sender (CloveAdnlSession *self, CloveAdnlPacket *packet)
{
  if (self->role == CLOVE_ADNL_ROLE_INITIATOR) {
    packet->flags |= CLOVE_ADNL_PACKET_FROM;
    packet->from_key = clove_adnl_identity_get_key (self->identity);
  } else {
    packet->flags |= CLOVE_ADNL_PACKET_FROM_SHORT;
    packet->from_id = clove_adnl_identity_get_id (self->identity);
  }
  if (!self->is_address_confirmed) {
    const CloveAddress *own = clove_adnl_endpoint_get_address (self->endpoint);

    packet->flags |= CLOVE_ADNL_PACKET_ADDRESS;
    packet->address.version = packet->address.reinit_date = self->reinit_date;
    /* A client tells nobody where it is; a relay's place is public. */
    if (self->role == CLOVE_ADNL_ROLE_RESPONDER && own->any.sa_family == AF_INET) {
      packet->address.has_address = TRUE;
      packet->address.ip = ntohl (own->v4.sin_addr.s_addr);
      packet->address.port = clove_address_get_port (own);
    }
  }
  packet->flags |= CLOVE_ADNL_PACKET_PRIORITY_ADDRESS_VERSION | CLOVE_ADNL_PACKET_REINIT_DATE;
  packet->priority_address_version = self->peer_address_version;
  packet->reinit_date = self->reinit_date;
  packet->dst_reinit_date = self->known_reinit_date;
}

/* Sends @message (nullable: none) in a signed root packet. */
gboolean
clove_adnl_session_send_root (CloveAdnlSession *self,
                              const CloveAdnlMessage *message,
                              GError **error)
{
  guint8 datagram[CLOVE_ADNL_MAX_DATAGRAM_SIZE];
  guint8 rand[2 * CLOVE_ADNL_MAX_RAND_SIZE + 2];
  guint8 signature[CLOVE_ADNL_SIGNATURE_SIZE];
  guint8 *contents = datagram + CLOVE_ADNL_ROOT_HEADER_SIZE;
  CloveAdnlPacket packet = { 0 };
  CloveWriter writer = { 0 };

  if (is_closed (self, error))
    return FALSE;
  add_rand (&packet, rand);
  add_handshake (self, &packet);
  if (message != NULL)
    add_message (&packet, message);
  add_sender (self, &packet);
  add_counters (self, &packet);

  clove_writer_init (&writer, contents, sizeof datagram - CLOVE_ADNL_ROOT_HEADER_SIZE);
  clove_adnl_packet_write (&writer, &packet);
  clove_adnl_identity_sign (self->identity, contents, clove_writer_get_size (&writer), signature);
  packet.flags |= CLOVE_ADNL_PACKET_SIGNATURE;
  packet.signature = signature;
  clove_writer_init (&writer, contents, sizeof datagram - CLOVE_ADNL_ROOT_HEADER_SIZE);
  clove_adnl_packet_write (&writer, &packet);
  g_assert (clove_writer_is_ok (&writer));

  clove_adnl_datagram_seal_root (datagram, clove_writer_get_size (&writer), self->peer_id,
                                 clove_adnl_identity_get_key (self->identity),
                                 clove_secret_peek (self->shared));
  return clove_adnl_endpoint_send (self->endpoint, &self->peer_address, datagram,
                                   CLOVE_ADNL_ROOT_HEADER_SIZE + clove_writer_get_size (&writer),
                                   error);
}

static gboolean
send_in_channel (CloveAdnlSession *self, const CloveAdnlMessage *message, GError **error)
{
  guint8 datagram[CLOVE_ADNL_MAX_DATAGRAM_SIZE];
  guint8 rand[2 * CLOVE_ADNL_MAX_RAND_SIZE + 2];
  CloveAdnlPacket packet = { 0 };
  CloveWriter writer = { 0 };

  add_rand (&packet, rand);
  add_message (&packet, message);
  add_counters (self, &packet);
  clove_writer_init (&writer, datagram + CLOVE_ADNL_CHANNEL_HEADER_SIZE,
                     sizeof datagram - CLOVE_ADNL_CHANNEL_HEADER_SIZE);
  clove_adnl_packet_write (&writer, &packet);
  g_assert (clove_writer_is_ok (&writer));

  clove_adnl_datagram_seal_channel (datagram, clove_writer_get_size (&writer),
                                    clove_adnl_channel_get_send_id (self->channel),
                                    clove_adnl_channel_peek_send_key (self->channel));
  return clove_adnl_endpoint_send (self->endpoint, &self->peer_address, datagram,
                                   CLOVE_ADNL_CHANNEL_HEADER_SIZE + clove_writer_get_size (&writer),
                                   error);
}

static gboolean
send_datagram (CloveAdnlSession *self, const CloveAdnlMessage *message, GError **error)
{
  if (self->is_channel_proven)
    return send_in_channel (self, message, error);
  return clove_adnl_session_send_root (self, message, error);
}

static gboolean
send_in_parts (CloveAdnlSession *self, const CloveAdnlMessage *message, GError **error)
{
  guint8 whole[CLOVE_ADNL_MAX_MESSAGE_SIZE];
  guint8 hash[CLOVE_CHECKSUM_SIZE];
  CloveWriter writer = { 0 };
  gsize size = 0;

  clove_writer_init (&writer, whole, sizeof whole);
  clove_adnl_message_write (&writer, message);
  size = clove_writer_get_size (&writer);
  if (!clove_writer_is_ok (&writer)) {
    g_set_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_TOO_LARGE,
                 "message of %zu bytes, ADNL carries %d", clove_adnl_message_size (message),
                 CLOVE_ADNL_MAX_MESSAGE_SIZE);
    return FALSE;
  }
  clove_adnl_cipher_checksum (hash, whole, size);
  for (gsize offset = 0; offset < size; offset += CLOVE_ADNL_PART_SIZE) {
    CloveAdnlMessage part = {
      .type = CLOVE_ADNL_MESSAGE_PART,
      .id = hash,
      .total_size = (guint32) size,
      .offset = (guint32) offset,
      .data = whole + offset,
      .data_size = MIN (CLOVE_ADNL_PART_SIZE, size - offset),
    };

    if (!send_datagram (self, &part, error))
      return FALSE;
  }
  return TRUE;
}

/* Sends @message in the channel if there is one, else as root packet; in parts if it is long. */
gboolean
clove_adnl_session_send (CloveAdnlSession *self, const CloveAdnlMessage *message, GError **error)
{
  if (is_closed (self, error))
    return FALSE;
  if (clove_adnl_message_size (message) > CLOVE_ADNL_PART_SIZE)
    return send_in_parts (self, message, error);
  return send_datagram (self, message, error);
}

/* Takes @channel (transfer full, nullable) in place of the present one, which ends at once. */
void
clove_adnl_session_set_channel (CloveAdnlSession *self, CloveAdnlChannel *channel)
{
  if (self->channel != NULL && clove_adnl_channel_is_complete (self->channel))
    clove_adnl_endpoint_remove_channel (self->endpoint, self);
  clove_adnl_channel_free (self->channel);
  self->channel = channel;
  self->is_channel_proven = FALSE;
}

/**
 * clove_adnl_session_set_handlers:
 * @self: a session
 * @handlers: (nullable): what to do with the peer's messages; must outlive the session
 * @user_data: for @handlers
 *
 * Replace the handlers. The owner of @user_data sets them to %NULL before it goes.
 */
void
clove_adnl_session_set_handlers (CloveAdnlSession *self,
                                 const CloveAdnlSessionHandlers *handlers,
                                 gpointer user_data)
{
  g_return_if_fail (CLOVE_IS_ADNL_SESSION (self));

  self->handlers = handlers;
  self->handlers_data = user_data;
}

/** clove_adnl_session_get_peer_id: Get the peer's ADNL id, 32 bytes, borrowed. */
const guint8 *
clove_adnl_session_get_peer_id (CloveAdnlSession *self)
{
  return self->peer_id;
}

/** clove_adnl_session_get_peer_address: Get where the peer is, borrowed. */
const CloveAddress *
clove_adnl_session_get_peer_address (CloveAdnlSession *self)
{
  return &self->peer_address;
}

/** clove_adnl_session_has_channel: Tell whether what we send travels in a channel. */
gboolean
clove_adnl_session_has_channel (CloveAdnlSession *self)
{
  return self->is_channel_proven;
}

/** clove_adnl_session_get_rtt_us: Get the last measured round trip; -1 when there is none. */
gint64
clove_adnl_session_get_rtt_us (CloveAdnlSession *self)
{
  return self->rtt_us;
}

/**
 * clove_adnl_session_send_custom:
 * @self: a session
 * @data: one boxed object
 * @size: its size in bytes
 * @error: %CLOVE_ADNL_ERROR_TOO_LARGE, %CLOVE_ADNL_ERROR_CLOSED, %G_IO_ERROR from the socket
 *
 * Send an object that asks for no answer. Nothing tells whether it arrives.
 *
 * Returns: whether it was handed to the system
 */
gboolean
clove_adnl_session_send_custom (CloveAdnlSession *self,
                                const guint8 *data,
                                gsize size,
                                GError **error)
{
  CloveAdnlMessage message = {
    .type = CLOVE_ADNL_MESSAGE_CUSTOM,
    .data = data,
    .data_size = size,
  };

  return clove_adnl_session_send (self, &message, error);
}

/**
 * clove_adnl_session_answer:
 * @self: a session
 * @query_id: the id that the query came with
 * @data: one boxed object
 * @size: its size in bytes
 * @error: as clove_adnl_session_send_custom()
 *
 * Answer a query of the peer, at any time after it came.
 *
 * Returns: whether the answer was handed to the system
 */
gboolean
clove_adnl_session_answer (CloveAdnlSession *self,
                           const guint8 query_id[static CLOVE_KEY_ID_SIZE],
                           const guint8 *data,
                           gsize size,
                           GError **error)
{
  CloveAdnlMessage message = {
    .type = CLOVE_ADNL_MESSAGE_ANSWER,
    .id = query_id,
    .data = data,
    .data_size = size,
  };

  return clove_adnl_session_send (self, &message, error);
}

/**
 * clove_adnl_session_announce:
 * @self: a session
 * @error: as clove_adnl_session_send_custom()
 *
 * Send a signed root packet, the only thing that moves our address at the peer: after a change of
 * network, replies go to the old one until then.
 *
 * Returns: whether it was handed to the system
 */
gboolean
clove_adnl_session_announce (CloveAdnlSession *self, GError **error)
{
  CloveAdnlMessage nop = { .type = CLOVE_ADNL_MESSAGE_NOP };

  return clove_adnl_session_send_root (self, &nop, error);
}

/**
 * clove_adnl_session_close:
 * @self: a session
 *
 * End the session; queries fail with %CLOVE_ADNL_ERROR_CLOSED and no handler is called any more.
 * ADNL has no way to tell the peer. Harmless when closed.
 */
void
clove_adnl_session_close (CloveAdnlSession *self)
{
  g_autoptr (GError) error = NULL;
  CloveAdnlEndpoint *endpoint = self->endpoint;

  if (endpoint == NULL)
    return;
  g_object_ref (self);
  self->handlers = NULL;
  clove_adnl_session_set_channel (self, NULL);
  self->endpoint = NULL;
  error = g_error_new_literal (CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_CLOSED, "session was closed");
  clove_adnl_pending_fail_all (self, error);
  clove_adnl_endpoint_remove_session (endpoint, self);
  g_object_unref (self);
}
