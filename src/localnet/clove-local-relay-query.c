/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What clients ask and say by ADNL: they create a circuit here, extend it to the next hop, have a
 * further extension passed on, and send data. Errors are the reference's, word for word.
 */
#include "config.h"

#include "clove-local-relay-private.h"

#include <string.h>

#define PROTOCOL_VERSION 1

static void
query_create (CloveLocalRelay *self,
              CloveAdnlSession *session,
              const guint8 *query_id,
              const CloveRelayMessage *message)
{
  CloveLocalCircuit *circuit = clove_local_relay_create_circuit (self, message);
  CloveRelayMessage created = { .type = CLOVE_RELAY_MESSAGE_CIRCUIT_CREATED };

  if (circuit == NULL) {
    clove_local_relay_answer_error (session, query_id, 503, "cannot create circuit");
    return;
  }
  if (circuit->session == NULL && circuit->previous.size == 0) {
    circuit->session = g_object_ref (session);
    memcpy (circuit->owner_id, clove_adnl_session_get_peer_id (session), CLOVE_KEY_ID_SIZE);
  }
  created.id = circuit->id;
  created.key = circuit->public_key;
  created.key_hash = circuit->key_hash;
  clove_local_relay_answer (session, query_id, &created);
}

/* The circuit that a query or message is about, if it is this peer's to use. */
static CloveLocalCircuit *
find_owned (CloveLocalRelay *self, CloveAdnlSession *session, const guint8 *id)
{
  CloveLocalCircuit *circuit = clove_local_relay_find_circuit (self, id);

  if (circuit == NULL || circuit->session == NULL)
    return NULL;
  if (self->plays_reference || circuit->session == session)
    return circuit;
  if (memcmp (circuit->owner_id, clove_adnl_session_get_peer_id (session),
              CLOVE_KEY_ID_SIZE) != 0)
    return NULL;
  /* The same peer on a new session, after the old one gave way to others. */
  g_set_object (&circuit->session, session);
  return circuit;
}

/* Opens the encrypted field of an extend or relay query; on failure the peer has its answer. */
static guint8 *
open_query (const CloveLocalCircuit *circuit,
            const CloveRelayMessage *message,
            guint8 *buffer,
            gsize *size_out)
{
  if (message->data_size > CLOVE_LOCAL_MAX_MESSAGE)
    return NULL;
  memcpy (buffer, message->data, message->data_size);
  return clove_local_circuit_open (circuit, 1, buffer, message->data_size, size_out);
}

static gboolean
answer_impersonated (CloveLocalRelay *self,
                     CloveLocalCircuit *circuit,
                     CloveLocalPendingKind kind,
                     const guint8 *client_key)
{
  guint8 public_key[CLOVE_ONION_KEY_SIZE];
  guint8 key_hash[CLOVE_INT256_SIZE];
  CloveRelayMessage created = {
    .type = CLOVE_RELAY_MESSAGE_CIRCUIT_CREATED,
    .id = circuit->id,
    .key = public_key,
    .key_hash = key_hash,
  };

  if (!clove_local_circuit_add_layer (circuit, client_key, public_key, key_hash))
    return FALSE;
  clove_local_relay_answer_extended (circuit, kind, &created);
  return TRUE;
}

static void
extend_to (CloveLocalRelay *self,
           CloveLocalCircuit *circuit,
           const CloveAddress *next,
           const guint8 *client_key)
{
  CloveRelayMessage create = {
    .type = CLOVE_RELAY_MESSAGE_CIRCUIT_CREATE,
    .id = circuit->id,
    .key = client_key,
  };

  circuit->next = *next;
  circuit->has_next = TRUE;
  clove_local_relay_begin_pending (self, circuit, CLOVE_LOCAL_PENDING_EXTEND);
  clove_local_relay_send_tunnel (self, next, &create);
}

static void
query_extend (CloveLocalRelay *self,
              CloveAdnlSession *session,
              const guint8 *query_id,
              const CloveRelayMessage *message)
{
  CloveLocalCircuit *circuit = find_owned (self, session, message->id);
  guint8 buffer[CLOVE_LOCAL_MAX_MESSAGE];
  char text[CLOVE_ONION_ADDRESS_STRING_SIZE];
  const guint8 *client_key = NULL;
  CloveAddress next = { 0 };
  gsize size = 0;
  guint8 *plain = NULL;
  g_autoptr (GError) error = NULL;

  if (circuit == NULL) {
    clove_local_relay_answer_error (session, query_id, 404, "unknown circuit");
    return;
  }
  if (message->data_size < CLOVE_ONION_OVERHEAD) {
    clove_local_relay_answer_error (session, query_id, 400, "encrypted payload too short");
    return;
  }
  plain = open_query (circuit, message, buffer, &size);
  if (plain == NULL) {
    clove_local_relay_answer_error (session, query_id, 401, "decryption failed");
    return;
  }
  if (!clove_onion_extend_payload_parse (plain, size, text, &client_key)) {
    clove_local_relay_answer_error (session, query_id, 400,
                                    size < 2 ? "invalid extend payload"
                                             : "truncated extend payload");
    return;
  }
  if (circuit->pending != CLOVE_LOCAL_PENDING_NONE && !self->plays_reference &&
      memcmp (circuit->query_id, query_id, CLOVE_KEY_ID_SIZE) == 0)
    return;
  memcpy (circuit->query_id, query_id, CLOVE_KEY_ID_SIZE);
  if (clove_fault_get_settings (self->fault)->is_impersonating) {
    if (!answer_impersonated (self, circuit, CLOVE_LOCAL_PENDING_EXTEND, client_key))
      clove_local_relay_answer_error (session, query_id, 400, "invalid extend payload");
    return;
  }
  /* This network never leaves the machine, whatever address a client names. */
  if (!clove_address_parse (&next, text, &error) || !clove_address_is_loopback (&next) ||
      clove_address_get_port (&next) == G_MAXUINT16) {
    g_autofree char *reason = g_strdup_printf ("invalid next relay address: %s", text);

    clove_local_relay_answer_error (session, query_id, 400, reason);
    return;
  }
  clove_address_set_port (&next, (guint16) (clove_address_get_port (&next) + 1));
  extend_to (self, circuit, &next, client_key);
}

/* Plays the middle: takes the extension to the exit from its own second layer. */
static gboolean
relay_impersonated (CloveLocalRelay *self, CloveLocalCircuit *circuit, CloveRelayMessage *inner)
{
  guint8 buffer[CLOVE_LOCAL_MAX_MESSAGE];
  char text[CLOVE_ONION_ADDRESS_STRING_SIZE];
  const guint8 *client_key = NULL;
  gsize size = 0;
  guint8 *plain = NULL;

  memcpy (buffer, inner->data, inner->data_size);
  plain = clove_onion_open (buffer, inner->data_size, clove_local_circuit_get_key (circuit, 1),
                            &size);
  return plain != NULL && clove_onion_extend_payload_parse (plain, size, text, &client_key) &&
         answer_impersonated (self, circuit, CLOVE_LOCAL_PENDING_RELAY, client_key);
}

static void
query_relay (CloveLocalRelay *self,
             CloveAdnlSession *session,
             const guint8 *query_id,
             const CloveRelayMessage *message)
{
  CloveLocalCircuit *circuit = find_owned (self, session, message->id);
  guint8 buffer[CLOVE_LOCAL_MAX_MESSAGE];
  CloveRelayMessage inner = { 0 };
  gsize size = 0;
  guint8 *plain = circuit != NULL ? open_query (circuit, message, buffer, &size) : NULL;

  if (circuit == NULL) {
    clove_local_relay_answer_error (session, query_id, 404, "circuit not found");
  } else if (plain == NULL) {
    clove_local_relay_answer_error (session, query_id, 400, "decryption failed");
  } else if (!clove_relay_message_parse (&inner, plain, size, NULL)) {
    clove_local_relay_answer_error (session, query_id, 400, "invalid inner message");
  } else if (inner.type != CLOVE_RELAY_MESSAGE_CIRCUIT_EXTEND) {
    g_autofree char *reason = g_strdup_printf ("unsupported relay message: %s",
                                               clove_relay_message_type_name (inner.type));

    clove_local_relay_answer_error (session, query_id, 400, reason);
  } else if (circuit->pending != CLOVE_LOCAL_PENDING_NONE && !self->plays_reference &&
             memcmp (circuit->query_id, query_id, CLOVE_KEY_ID_SIZE) == 0) {
    g_debug ("query repeated while it waits");
  } else if (circuit->n_layers > 1) {
    memcpy (circuit->query_id, query_id, CLOVE_KEY_ID_SIZE);
    if (!relay_impersonated (self, circuit, &inner))
      clove_local_relay_answer_error (session, query_id, 504, "timeout waiting for relay response");
  } else if (!circuit->has_next) {
    clove_local_relay_answer_error (session, query_id, 400, "no next hop configured");
  } else {
    memcpy (circuit->query_id, query_id, CLOVE_KEY_ID_SIZE);
    inner.id = circuit->id;
    clove_local_relay_begin_pending (self, circuit, CLOVE_LOCAL_PENDING_RELAY);
    clove_local_relay_send_tunnel (self, &circuit->next, &inner);
  }
}

static void
on_query (CloveAdnlSession *session,
          const guint8 query_id[static CLOVE_KEY_ID_SIZE],
          const guint8 *data,
          gsize size,
          gpointer user_data)
{
  CloveLocalRelay *self = user_data;
  CloveRelayMessage message = { 0 };
  CloveRelayMessage reply = { 0 };

  /* The reference drops a datagram whose query it cannot read. */
  if (!clove_relay_message_parse (&message, data, size, NULL))
    return;
  if (clove_fault_get_settings (self->fault)->is_refusing) {
    clove_local_relay_answer_error (session, query_id, 500, "internal error");
    return;
  }
  /* Answers to the few that need no circuit are at hand. */
  reply.number = PROTOCOL_VERSION;
  reply.id = clove_adnl_identity_get_key (self->identity);
  reply.value = message.value;
  if (message.type == CLOVE_RELAY_MESSAGE_CIRCUIT_CREATE) {
    query_create (self, session, query_id, &message);
  } else if (message.type == CLOVE_RELAY_MESSAGE_CIRCUIT_EXTEND) {
    query_extend (self, session, query_id, &message);
  } else if (message.type == CLOVE_RELAY_MESSAGE_CIRCUIT_RELAY) {
    query_relay (self, session, query_id, &message);
  } else if (message.type == CLOVE_RELAY_MESSAGE_PING) {
    reply.type = CLOVE_RELAY_MESSAGE_PONG;
    clove_local_relay_answer (session, query_id, &reply);
  } else if (message.type == CLOVE_RELAY_MESSAGE_GET_PEERS) {
    reply.type = CLOVE_RELAY_MESSAGE_PEERS;
    reply.number = 0;
    clove_local_relay_answer (session, query_id, &reply);
  } else if (message.type == CLOVE_RELAY_MESSAGE_HELLO) {
    reply.type = CLOVE_RELAY_MESSAGE_HELLO_ACK;
    clove_local_relay_answer (session, query_id, &reply);
  } else {
    clove_local_relay_answer_error (session, query_id, 400, "unknown query type");
  }
}

static void
destroy (CloveLocalRelay *self, CloveLocalCircuit *circuit)
{
  CloveRelayMessage message = { .type = CLOVE_RELAY_MESSAGE_CIRCUIT_DESTROY, .id = circuit->id };

  if (circuit->has_next && !self->plays_reference)
    clove_local_relay_send_tunnel (self, &circuit->next, &message);
  clove_local_relay_remove_circuit (self, circuit);
}

static void
on_custom (CloveAdnlSession *session, const guint8 *data, gsize size, gpointer user_data)
{
  CloveLocalRelay *self = user_data;
  CloveRelayMessage message = { 0 };
  CloveLocalCircuit *circuit = NULL;

  if (!clove_relay_message_parse (&message, data, size, NULL) || message.id == NULL)
    return;
  circuit = find_owned (self, session, message.id);
  if (circuit == NULL)
    return;
  if (message.type == CLOVE_RELAY_MESSAGE_DATA)
    clove_local_relay_take_forward (self, circuit, &message);
  else if (message.type == CLOVE_RELAY_MESSAGE_CIRCUIT_DESTROY)
    destroy (self, circuit);
}

const CloveAdnlSessionHandlers clove_local_relay_handlers = {
  .custom = on_custom,
  .query = on_query,
};
