/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What relays say to each other in plain datagrams, and the way of data: from the client each relay
 * takes off one layer and passes the rest on; towards the client all pass on what the exit sealed.
 */
#include "config.h"

#include "clove-local-relay-private.h"

#include "clove-tunnel-packet.h"

#include <string.h>

#define MIN_RAND_SIZE   7
#define RAND_SIZE_RANGE 9

/* Passes a datagram through the faults and out. */
static void
send_datagram (CloveLocalRelay *self, const CloveAddress *to, guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;

  self->n_tunnel_sent++;
  if (!clove_fault_pass (self->fault, &self->tunnel_port, data, size, to, TRUE))
    return;
  if (!clove_udp_send (self->tunnel, to, data, size, &error))
    g_debug ("%s: %s", self->name, error->message);
}

/* Sends @message to the tunnel port of another relay; one that does not fit is lost. */
void
clove_local_relay_send_tunnel (CloveLocalRelay *self,
                               const CloveAddress *to,
                               const CloveRelayMessage *message)
{
  guint8 buffer[CLOVE_LOCAL_MAX_MESSAGE];
  guint8 datagram[CLOVE_LOCAL_MAX_DATAGRAM];
  guint8 rand[2 * (MIN_RAND_SIZE + RAND_SIZE_RANGE)];
  CloveTunnelPacket packet = { .flags = CLOVE_TUNNEL_PACKET_MESSAGE };
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, buffer, sizeof buffer);
  clove_relay_message_write (&writer, message);
  if (!clove_writer_is_ok (&writer))
    return;
  clove_random_bytes (self->random, rand, sizeof rand);
  packet.rand1 = rand;
  packet.rand1_size = MIN_RAND_SIZE + rand[sizeof rand - 1] % RAND_SIZE_RANGE;
  packet.rand2 = rand + sizeof rand / 2;
  packet.rand2_size = MIN_RAND_SIZE + rand[sizeof rand / 2 - 1] % RAND_SIZE_RANGE;
  packet.message = buffer;
  packet.message_size = clove_writer_get_size (&writer);
  clove_writer_init (&writer, datagram, sizeof datagram);
  clove_tunnel_packet_write (&writer, &packet);
  if (clove_writer_is_ok (&writer))
    send_datagram (self, to, datagram, clove_writer_get_size (&writer));
}

static void
send_to_client (CloveLocalRelay *self,
                CloveLocalCircuit *circuit,
                const CloveRelayMessage *message)
{
  guint8 buffer[CLOVE_LOCAL_MAX_MESSAGE];
  CloveWriter writer = { 0 };
  g_autoptr (GError) error = NULL;

  clove_writer_init (&writer, buffer, sizeof buffer);
  clove_relay_message_write (&writer, message);
  if (!clove_writer_is_ok (&writer))
    return;
  if (self->mixer != NULL)
    clove_local_mixer_begin (self->mixer);
  if (!clove_adnl_session_send_custom (circuit->session, buffer, clove_writer_get_size (&writer),
                                       &error))
    g_debug ("%s: %s", self->name, error->message);
  if (self->mixer != NULL)
    clove_local_mixer_end (self->mixer);
}

/* Sends @message one hop towards the client. */
void
clove_local_relay_send_backward (CloveLocalRelay *self,
                                 CloveLocalCircuit *circuit,
                                 const CloveRelayMessage *message)
{
  circuit->last_used_us = clove_clock_now_us (self->clock);
  if (circuit->session != NULL)
    send_to_client (self, circuit, message);
  else
    clove_local_relay_send_tunnel (self, &circuit->previous, message);
}

/* Seals what our exit has to say with the exit's layer and sends it on its way. */
void
clove_local_relay_send_piece (const CloveLocalPiece *piece, gpointer user_data)
{
  CloveLocalRelay *self = user_data;
  CloveLocalCircuit *circuit = clove_local_relay_find_circuit (self, piece->circuit_id);
  guint8 buffer[CLOVE_LOCAL_MAX_MESSAGE];
  CloveRelayMessage message = {
    .type = piece->total > 0 ? CLOVE_RELAY_MESSAGE_DATA_CHUNK : CLOVE_RELAY_MESSAGE_DATA,
    .id = piece->circuit_id,
    .stream_id = piece->stream_id,
    .number = piece->index,
    .number2 = piece->total,
    .data = buffer,
    .data_size = piece->size + CLOVE_ONION_OVERHEAD,
  };

  if (circuit == NULL || message.data_size > sizeof buffer)
    return;
  memcpy (buffer + CLOVE_ONION_NONCE_SIZE, piece->data, piece->size);
  clove_onion_seal (buffer, piece->size,
                    clove_local_circuit_get_key (circuit, circuit->n_layers - 1));
  clove_local_relay_send_backward (self, circuit, &message);
}

/* Takes off our layer of what a client sent; the rest is for the next hop, or for our exit. */
void
clove_local_relay_take_forward (CloveLocalRelay *self,
                                CloveLocalCircuit *circuit,
                                const CloveRelayMessage *message)
{
  guint8 buffer[CLOVE_LOCAL_MAX_MESSAGE];
  CloveRelayMessage inner = *message;
  gboolean is_last = !circuit->has_next || circuit->n_layers > 1;
  guint8 *plain = NULL;
  gsize size = 0;

  if (message->data_size > sizeof buffer)
    return;
  memcpy (buffer, message->data, message->data_size);
  plain = clove_local_circuit_open (circuit, circuit->n_layers, buffer, message->data_size, &size);
  if (plain == NULL) {
    g_debug ("%s: undecryptable data", self->name);
    return;
  }
  circuit->last_used_us = clove_clock_now_us (self->clock);
  if (!is_last) {
    inner.data = plain;
    inner.data_size = size;
    clove_local_relay_send_tunnel (self, &circuit->next, &inner);
  } else if (self->is_exit || circuit->n_layers > 1) {
    /* Handling may end the circuit: it is not touched any more. */
    guint8 id[CLOVE_INT256_SIZE];

    memcpy (id, circuit->id, sizeof id);
    clove_local_exit_handle (self->exit, id, plain, size);
  }
}

static void
take_create (CloveLocalRelay *self, const CloveRelayMessage *message, const CloveAddress *from)
{
  CloveLocalCircuit *circuit = clove_local_relay_create_circuit (self, message);
  CloveRelayMessage created = { .type = CLOVE_RELAY_MESSAGE_CIRCUIT_CREATED };

  if (circuit == NULL)
    return;
  if (circuit->session == NULL && circuit->previous.size == 0)
    circuit->previous = *from;
  created.id = circuit->id;
  created.key = circuit->public_key;
  created.key_hash = circuit->key_hash;
  clove_local_relay_send_tunnel (self, from, &created);
}

static gboolean
is_from_next (const CloveLocalCircuit *circuit, const CloveAddress *from)
{
  return circuit->has_next && clove_address_equal (&circuit->next, from);
}

static gboolean
is_from_previous (const CloveLocalCircuit *circuit, const CloveAddress *from)
{
  return circuit->session == NULL && clove_address_equal (&circuit->previous, from);
}

/* Tells the previous hop that an extension failed, so that the client need not wait for 10 s. */
static void
refuse_extend (CloveLocalRelay *self, CloveLocalCircuit *circuit)
{
  CloveRelayMessage message = { .type = CLOVE_RELAY_MESSAGE_CIRCUIT_DESTROY, .id = circuit->id };

  if (!self->plays_reference)
    clove_local_relay_send_tunnel (self, &circuit->previous, &message);
}

static void
take_extend (CloveLocalRelay *self, CloveLocalCircuit *circuit, const CloveRelayMessage *message)
{
  guint8 buffer[CLOVE_LOCAL_MAX_MESSAGE];
  char text[CLOVE_ONION_ADDRESS_STRING_SIZE];
  CloveRelayMessage create = { .type = CLOVE_RELAY_MESSAGE_CIRCUIT_CREATE, .id = circuit->id };
  CloveAddress next = { 0 };
  guint8 *plain = NULL;
  gsize size = 0;

  if (message->data_size > sizeof buffer)
    return;
  memcpy (buffer, message->data, message->data_size);
  plain = clove_local_circuit_open (circuit, 1, buffer, message->data_size, &size);
  if (plain == NULL || !clove_onion_extend_payload_parse (plain, size, text, &create.key) ||
      !clove_address_parse (&next, text, NULL) || !clove_address_is_loopback (&next) ||
      clove_address_get_port (&next) == G_MAXUINT16) {
    refuse_extend (self, circuit);
    return;
  }
  clove_address_set_port (&next, (guint16) (clove_address_get_port (&next) + 1));
  circuit->next = next;
  circuit->has_next = TRUE;
  circuit->last_used_us = clove_clock_now_us (self->clock);
  clove_local_relay_begin_pending (self, circuit, CLOVE_LOCAL_PENDING_FORWARD);
  clove_local_relay_send_tunnel (self, &next, &create);
}

/* From the previous hop: the client gave the circuit up. From the next one: it cannot extend. */
static void
take_destroy (CloveLocalRelay *self, CloveLocalCircuit *circuit, const CloveAddress *from)
{
  CloveRelayMessage message = { .type = CLOVE_RELAY_MESSAGE_CIRCUIT_DESTROY, .id = circuit->id };

  if (is_from_next (circuit, from)) {
    clove_local_relay_fail_pending (self, circuit, 502, "next relay refused");
  } else if (is_from_previous (circuit, from)) {
    if (circuit->has_next)
      clove_local_relay_send_tunnel (self, &circuit->next, &message);
    clove_local_relay_remove_circuit (self, circuit);
  }
}

static void
take_data (CloveLocalRelay *self,
           CloveLocalCircuit *circuit,
           const CloveRelayMessage *message,
           const CloveAddress *from)
{
  if (is_from_next (circuit, from))
    clove_local_relay_send_backward (self, circuit, message);
  else if (self->plays_reference || is_from_previous (circuit, from))
    clove_local_relay_take_forward (self, circuit, message);
}

static void
take_message (CloveLocalRelay *self, const CloveRelayMessage *message, const CloveAddress *from)
{
  CloveLocalCircuit *circuit = NULL;

  if (message->type == CLOVE_RELAY_MESSAGE_CIRCUIT_CREATE) {
    take_create (self, message, from);
    return;
  }
  circuit = message->id != NULL ? clove_local_relay_find_circuit (self, message->id) : NULL;
  if (circuit == NULL)
    return;
  if (message->type == CLOVE_RELAY_MESSAGE_CIRCUIT_CREATED) {
    if (self->plays_reference || is_from_next (circuit, from))
      clove_local_relay_finish_pending (self, circuit, message);
  } else if (message->type == CLOVE_RELAY_MESSAGE_CIRCUIT_EXTEND) {
    /* A circuit that a client made here is extended by the client only. */
    if (circuit->session == NULL && (self->plays_reference || is_from_previous (circuit, from)))
      take_extend (self, circuit, message);
  } else if (message->type == CLOVE_RELAY_MESSAGE_CIRCUIT_DESTROY) {
    if (!self->plays_reference)
      take_destroy (self, circuit, from);
  } else if (message->type == CLOVE_RELAY_MESSAGE_DATA) {
    take_data (self, circuit, message, from);
  } else if (message->type == CLOVE_RELAY_MESSAGE_DATA_CHUNK) {
    if (self->plays_reference || is_from_next (circuit, from))
      clove_local_relay_send_backward (self, circuit, message);
  }
}

static void
answer_ping (CloveLocalRelay *self, const guint8 *id, const CloveAddress *from)
{
  guint8 pong[CLOVE_TUNNEL_CONTROL_SIZE];
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, pong, sizeof pong);
  clove_tunnel_control_write (&writer, CLOVE_TUNNEL_CONTROL_PONG, id);
  send_datagram (self, from, pong, sizeof pong);
}

/* Takes what came to the tunnel port, past the faults; what is not well-formed is dropped. */
void
clove_local_relay_take_datagram (CloveLocalRelay *self,
                                 guint8 *data,
                                 gsize size,
                                 const CloveAddress *from)
{
  const guint8 *id = NULL;
  CloveTunnelControlType control = clove_tunnel_control_parse (data, size, &id);
  CloveTunnelPacket packet = { 0 };
  CloveRelayMessage message = { 0 };
  g_autoptr (GError) error = NULL;

  if (control == CLOVE_TUNNEL_CONTROL_PING)
    answer_ping (self, id, from);
  if (control != CLOVE_TUNNEL_CONTROL_NONE)
    return;
  if (!clove_tunnel_packet_parse (&packet, data, size, &error) ||
      !clove_relay_message_parse (&message, packet.message, packet.message_size, &error)) {
    g_debug ("%s: %s", self->name, error->message);
    return;
  }
  take_message (self, &message, from);
}
