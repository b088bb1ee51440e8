/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a peer sends. The endpoint has opened, parsed and verified a root packet before it comes
 * here; a channel datagram is proven by the channel's key.
 */
#include "config.h"

#include "clove-adnl-datagram.h"
#include "clove-adnl-session-private.h"

#include <string.h>

/* @root_seqno: number of the root packet that holds @message; 0 when none does */
static gboolean process_message (CloveAdnlSession *self,
                                 const CloveAdnlMessage *message,
                                 gint64 root_seqno,
                                 GError **error);

static gboolean
refuse (GError **error, CloveAdnlError code, const char *why)
{
  g_set_error_literal (error, CLOVE_ADNL_ERROR, (gint) code, why);
  return FALSE;
}

/*
 * The peer wants a channel; a key that is in use already is only repeated. A packet that was
 * overtaken by the one that made the present channel must not bring an earlier one back, and no
 * packet makes two.
 */
static gboolean
process_create (CloveAdnlSession *self,
                const CloveAdnlMessage *message,
                gint64 root_seqno,
                GError **error)
{
  g_autoptr (CloveAdnlChannel) channel = NULL;

  if (self->role != CLOVE_ADNL_ROLE_RESPONDER)
    return refuse (error, CLOVE_ADNL_ERROR_MALFORMED, "relay asked for a channel");
  if (self->channel != NULL &&
      memcmp (clove_adnl_channel_get_peer_key (self->channel), message->id, CLOVE_KEY_SIZE) == 0)
    return TRUE;
  if (root_seqno <= self->channel_seqno)
    return refuse (error, CLOVE_ADNL_ERROR_REPLAYED, "channel is older than the present one");

  channel = clove_adnl_channel_new ();
  if (!clove_adnl_channel_complete (channel, message->id,
                                    clove_adnl_identity_get_id (self->identity), self->peer_id))
    return refuse (error, CLOVE_ADNL_ERROR_KEY, "channel key is unusable");
  clove_adnl_session_set_channel (self, g_steal_pointer (&channel));
  self->channel_seqno = root_seqno;
  clove_adnl_endpoint_add_channel (self->endpoint, self);
  return TRUE;
}

/* The relay agreed to the channel that we asked for. */
static gboolean
process_confirm (CloveAdnlSession *self, const CloveAdnlMessage *message, GError **error)
{
  if (self->role != CLOVE_ADNL_ROLE_INITIATOR || self->channel == NULL ||
      memcmp (clove_adnl_channel_get_key (self->channel), message->peer_key, CLOVE_KEY_SIZE) != 0)
    return refuse (error, CLOVE_ADNL_ERROR_MALFORMED, "confirmation of a channel not asked for");
  if (clove_adnl_channel_is_complete (self->channel))
    return TRUE;
  if (!clove_adnl_channel_complete (self->channel, message->id,
                                    clove_adnl_identity_get_id (self->identity), self->peer_id))
    return refuse (error, CLOVE_ADNL_ERROR_KEY, "channel key is unusable");
  self->is_channel_proven = TRUE;
  clove_adnl_endpoint_add_channel (self->endpoint, self);
  clove_adnl_pending_confirmed (self);
  return TRUE;
}

static gboolean
process_part (CloveAdnlSession *self, const CloveAdnlMessage *part, GError **error)
{
  const guint8 *joined = NULL;
  gsize size = 0;
  CloveAdnlMessage message = { 0 };
  CloveReader reader = { 0 };

  if (!clove_adnl_parts_add (self->parts, part, &joined, &size, error))
    return FALSE;
  if (joined == NULL)
    return TRUE;
  clove_reader_init (&reader, joined, size);
  if (!clove_adnl_message_read (&reader, &message, error))
    return FALSE;
  if (message.type == CLOVE_ADNL_MESSAGE_PART)
    return refuse (error, CLOVE_ADNL_ERROR_MALFORMED, "part inside a part");
  /* Only messages that are too long for a datagram come in parts: none of the handshake is. */
  return process_message (self, &message, 0, error);
}

static gboolean
process_ping (CloveAdnlSession *self, const CloveAdnlMessage *message)
{
  CloveAdnlMessage pong = { .type = CLOVE_ADNL_MESSAGE_PONG, .value = message->value };

  /* A pong that cannot be sent is a lost one. */
  clove_adnl_session_send (self, &pong, NULL);
  return TRUE;
}

static gboolean
process_message (CloveAdnlSession *self,
                 const CloveAdnlMessage *message,
                 gint64 root_seqno,
                 GError **error)
{
  const CloveAdnlSessionHandlers *handlers = self->handlers;

  switch (message->type) {
    case CLOVE_ADNL_MESSAGE_QUERY:
      if (handlers != NULL && handlers->query != NULL)
        handlers->query (self, message->id, message->data, message->data_size,
                         self->handlers_data);
      return TRUE;
    case CLOVE_ADNL_MESSAGE_CUSTOM:
      if (handlers != NULL && handlers->custom != NULL)
        handlers->custom (self, message->data, message->data_size, self->handlers_data);
      return TRUE;
    case CLOVE_ADNL_MESSAGE_ANSWER:
      clove_adnl_pending_answer (self, message);
      return TRUE;
    case CLOVE_ADNL_MESSAGE_PART:
      return process_part (self, message, error);
    case CLOVE_ADNL_MESSAGE_PING:
      return process_ping (self, message);
    case CLOVE_ADNL_MESSAGE_PONG:
      clove_adnl_pending_pong (self, message->value);
      return TRUE;
    case CLOVE_ADNL_MESSAGE_CREATE_CHANNEL:
      return root_seqno > 0
               ? process_create (self, message, root_seqno, error)
               : refuse (error, CLOVE_ADNL_ERROR_MALFORMED, "createChannel in a channel");
    case CLOVE_ADNL_MESSAGE_CONFIRM_CHANNEL:
      return root_seqno > 0
               ? process_confirm (self, message, error)
               : refuse (error, CLOVE_ADNL_ERROR_MALFORMED, "confirmChannel in a channel");
    case CLOVE_ADNL_MESSAGE_REINIT:
    case CLOVE_ADNL_MESSAGE_NOP:
    default:
      return TRUE;
  }
}

static gboolean
process_messages (CloveAdnlSession *self,
                  const CloveAdnlPacket *packet,
                  gint64 root_seqno,
                  GError **error)
{
  for (guint i = 0; i < packet->n_messages; i++) {
    /* A handler may have closed the session. */
    if (self->endpoint == NULL)
      return TRUE;
    if (!process_message (self, &packet->messages[i], root_seqno, error))
      return FALSE;
  }
  return TRUE;
}

/*
 * A later start of the peer's than the one we knew: it has forgotten the channel and counts anew.
 * An earlier one is an old datagram played again.
 */
static gboolean
follow_restart (CloveAdnlSession *self, const CloveAdnlPacket *packet, GError **error)
{
  if ((packet->flags & CLOVE_ADNL_PACKET_REINIT_DATE) == 0)
    return TRUE;
  if (packet->reinit_date < self->peer_reinit_date)
    return refuse (error, CLOVE_ADNL_ERROR_REPLAYED, "packet from before the peer's restart");
  if (packet->reinit_date == self->peer_reinit_date)
    return TRUE;
  if (self->peer_reinit_date != 0) {
    clove_adnl_window_reset (&self->window);
    self->channel_seqno = self->address_seqno = 0;
    if (self->is_channel_proven)
      clove_adnl_session_set_channel (self, NULL);
  }
  self->peer_reinit_date = packet->reinit_date;
  return TRUE;
}

/* Whether the peer speaks to an earlier start of ours; it then learns of this one, and no more. */
static gboolean
is_for_earlier_start (CloveAdnlSession *self, const CloveAdnlPacket *packet)
{
  CloveAdnlMessage nop = { .type = CLOVE_ADNL_MESSAGE_NOP };

  if ((packet->flags & CLOVE_ADNL_PACKET_REINIT_DATE) == 0 || packet->dst_reinit_date == 0 ||
      packet->dst_reinit_date >= self->reinit_date)
    return FALSE;
  self->known_reinit_date = packet->reinit_date;
  clove_adnl_session_send_root (self, &nop, NULL);
  return TRUE;
}

static void
note_root (CloveAdnlSession *self, const CloveAdnlPacket *packet, const CloveAddress *from)
{
  self->last_received_us = clove_clock_now_us (self->clock);
  /* A client may roam; a relay is where the directory says. A packet that somebody held back must
   * not call the replies to where the client is no more. */
  if (self->role == CLOVE_ADNL_ROLE_RESPONDER && packet->seqno > self->address_seqno) {
    self->address_seqno = packet->seqno;
    self->peer_address = *from;
  }
  if (packet->flags & CLOVE_ADNL_PACKET_ADDRESS)
    self->peer_address_version = packet->address.version;
  if (packet->flags & CLOVE_ADNL_PACKET_PRIORITY_ADDRESS_VERSION &&
      packet->priority_address_version == self->reinit_date)
    self->is_address_confirmed = TRUE;
}

/*
 * Takes a root packet that was verified to come from the peer.
 * @error: what was wrong with it; the session goes on
 */
gboolean
clove_adnl_session_receive_root (CloveAdnlSession *self,
                                 const CloveAdnlPacket *packet,
                                 const CloveAddress *from,
                                 GError **error)
{
  g_autoptr (CloveAdnlSession) guard = g_object_ref (self);

  if (!follow_restart (self, packet, error))
    return FALSE;
  if (!clove_adnl_window_accept (&self->window, packet->seqno))
    return refuse (error, CLOVE_ADNL_ERROR_REPLAYED, "root packet seen before");
  note_root (self, packet, from);
  if (is_for_earlier_start (self, packet))
    return TRUE;
  return process_messages (self, packet, packet->seqno, error);
}

/*
 * Takes a datagram that is headed by our channel's id; decrypts it in place.
 * @error: what was wrong with it; the session goes on
 */
gboolean
clove_adnl_session_receive_channel (CloveAdnlSession *self,
                                    guint8 *datagram,
                                    gsize size,
                                    GError **error)
{
  g_autoptr (CloveAdnlSession) guard = g_object_ref (self);
  CloveAdnlPacket packet;
  gsize contents_size = 0;
  const guint8 *contents = clove_adnl_datagram_open_channel (
    datagram, size, clove_adnl_channel_peek_receive_key (self->channel), &contents_size, error);

  if (contents == NULL || !clove_adnl_packet_parse (&packet, contents, contents_size, error))
    return FALSE;
  if (!clove_adnl_window_accept (&self->window, packet.seqno))
    return refuse (error, CLOVE_ADNL_ERROR_REPLAYED, "datagram seen before");
  self->last_received_us = clove_clock_now_us (self->clock);
  self->is_channel_proven = TRUE;
  return process_messages (self, &packet, 0, error);
}
