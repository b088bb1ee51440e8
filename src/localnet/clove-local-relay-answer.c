/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Answers to clients, and the wait for them: an extension is answered when the next hop has, or
 * after ten seconds.
 */
#include "config.h"

#include "clove-local-relay-private.h"

#include <string.h>

/* Answers a query; the answers of a relay are short. */
void
clove_local_relay_answer (CloveAdnlSession *session,
                          const guint8 *query_id,
                          const CloveRelayMessage *message)
{
  guint8 buffer[512];
  CloveWriter writer = { 0 };
  g_autoptr (GError) error = NULL;

  clove_writer_init (&writer, buffer, sizeof buffer);
  clove_relay_message_write (&writer, message);
  g_assert (clove_writer_is_ok (&writer));
  if (!clove_adnl_session_answer (session, query_id, buffer, clove_writer_get_size (&writer),
                                  &error))
    g_debug ("cannot answer: %s", error->message);
}

void
clove_local_relay_answer_error (CloveAdnlSession *session,
                                const guint8 *query_id,
                                gint32 code,
                                const char *reason)
{
  CloveRelayMessage message = {
    .type = CLOVE_RELAY_MESSAGE_ERROR,
    .number = code,
    .data = (const guint8 *) reason,
    .data_size = strlen (reason),
  };

  clove_local_relay_answer (session, query_id, &message);
}

static void
on_pending_expired (gpointer user_data)
{
  CloveLocalCircuit *circuit = user_data;

  clove_local_relay_fail_pending (circuit->relay, circuit, 504,
                                  circuit->pending == CLOVE_LOCAL_PENDING_EXTEND
                                    ? "timeout waiting for next relay response"
                                    : "timeout waiting for relay response");
}

static void
end_pending (CloveLocalRelay *self, CloveLocalCircuit *circuit)
{
  clove_timer_stop (&circuit->pending_timer);
  circuit->pending = CLOVE_LOCAL_PENDING_NONE;
}

/* Waits for an answer from the next hop; an earlier wait of the same circuit is over. */
void
clove_local_relay_begin_pending (CloveLocalRelay *self,
                                 CloveLocalCircuit *circuit,
                                 CloveLocalPendingKind kind)
{
  end_pending (self, circuit);
  circuit->pending = kind;
  circuit->relay = self;
  clove_timer_init (&circuit->pending_timer, self->clock, on_pending_expired, circuit);
  clove_timer_start (&circuit->pending_timer, CLOVE_LOCAL_RELAY_EXTEND_US);
  if (self->plays_reference && kind != CLOVE_LOCAL_PENDING_FORWARD)
    self->is_reader_waiting = TRUE;
}

/* Tells the client, if it was the one who asked, that the next hop did not do its part. */
void
clove_local_relay_fail_pending (CloveLocalRelay *self,
                                CloveLocalCircuit *circuit,
                                gint32 code,
                                const char *reason)
{
  CloveLocalPendingKind kind = circuit->pending;

  end_pending (self, circuit);
  if (kind == CLOVE_LOCAL_PENDING_EXTEND || kind == CLOVE_LOCAL_PENDING_RELAY) {
    clove_local_relay_answer_error (circuit->session, circuit->query_id, code, reason);
    clove_local_relay_release_reader (self);
  }
}

static void
answer_relayed (CloveLocalCircuit *circuit, const CloveRelayMessage *extended)
{
  guint8 buffer[512];
  guint8 *plain = buffer + CLOVE_ONION_NONCE_SIZE;
  CloveWriter writer = { 0 };
  CloveRelayMessage response = {
    .type = CLOVE_RELAY_MESSAGE_CIRCUIT_RELAY_RESPONSE,
    .id = circuit->id,
    .data = buffer,
  };

  clove_writer_init (&writer, plain, sizeof buffer - CLOVE_ONION_OVERHEAD);
  clove_relay_message_write (&writer, extended);
  g_assert (clove_writer_is_ok (&writer));
  clove_onion_seal (buffer, clove_writer_get_size (&writer),
                    clove_local_circuit_get_key (circuit, 0));
  response.data_size = clove_writer_get_size (&writer) + CLOVE_ONION_OVERHEAD;
  clove_local_relay_answer (circuit->session, circuit->query_id, &response);
}

/* Tells the client what the new hop of its circuit said. */
void
clove_local_relay_answer_extended (CloveLocalCircuit *circuit,
                                   CloveLocalPendingKind kind,
                                   const CloveRelayMessage *created)
{
  CloveRelayMessage extended = *created;

  extended.type = CLOVE_RELAY_MESSAGE_CIRCUIT_EXTENDED;
  if (kind == CLOVE_LOCAL_PENDING_RELAY)
    answer_relayed (circuit, &extended);
  else
    clove_local_relay_answer (circuit->session, circuit->query_id, &extended);
}

/* Passes on the next hop's circuitCreated to whoever waits for it. */
void
clove_local_relay_finish_pending (CloveLocalRelay *self,
                                  CloveLocalCircuit *circuit,
                                  const CloveRelayMessage *created)
{
  CloveLocalPendingKind kind = circuit->pending;

  end_pending (self, circuit);
  switch (kind) {
    case CLOVE_LOCAL_PENDING_EXTEND:
    case CLOVE_LOCAL_PENDING_RELAY:
      clove_local_relay_answer_extended (circuit, kind, created);
      clove_local_relay_release_reader (self);
      break;
    case CLOVE_LOCAL_PENDING_FORWARD:
      clove_local_relay_send_tunnel (self, &circuit->previous, created);
      break;
    case CLOVE_LOCAL_PENDING_NONE:
    default:
      break;
  }
}
