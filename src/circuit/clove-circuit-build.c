/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Building (src/circuit/README.md, "Building"): open the entry's channel, create the circuit there,
 * then let the last relay extend it by one hop at a time. Each step has one deadline and names its
 * hop when it fails. The queries that make a relay wait for another one are repeated at most once
 * and late: a reference relay serves nobody while it waits.
 */
#include "config.h"

#include "clove-circuit-private.h"

#include <sodium.h>
#include <string.h>

/* Answering a create costs the entry nothing, so a lost datagram is made up for soon. */
#define CREATE_RESEND_US   (1000 * G_TIME_SPAN_MILLISECOND)
#define CREATE_MAX_RESENDS 2
#define EXTEND_RESEND_US   (3 * G_USEC_PER_SEC)
#define EXTEND_MAX_RESENDS 1

/* The largest query: circuitRelay around circuitExtend around the extend payload. */
#define MAX_QUERY_SIZE 1024

static void add_next_hop (GTask *task);

static gint64
hop_deadline_us (GTask *task)
{
  return *(gint64 *) g_task_get_task_data (task);
}

/* The deadline covers the whole hop: what its first step took is no longer there for its second. */
static gint64
time_left_us (CloveCircuit *self, GTask *task)
{
  gint64 spent_us = clove_clock_now_us (self->clock) - self->hops[self->n_ready].started_us;

  return MAX (hop_deadline_us (task) - spent_us, G_TIME_SPAN_MILLISECOND);
}

/* Ends the build at the hop it is at. @error is (transfer full), @task too. */
static void
fail_at_hop (GTask *task, GError *error)
{
  static const char *const places[CLOVE_MAX_HOPS] = { "entry", "middle", "exit" };
  CloveCircuit *self = g_task_get_source_object (task);
  CloveCircuitHop *hop = &self->hops[self->n_ready];

  if (self->state == CLOVE_CIRCUIT_BUILDING &&
      !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    self->failed_hop = (gint) self->n_ready;
    hop->state = CLOVE_HOP_FAILED;
  }
  g_prefix_error (&error, "%s %s: ", places[self->n_ready], hop->name);
  clove_circuit_close (self);
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
fail_at_hop_with (GTask *task, CloveCircuitError code, const char *text)
{
  fail_at_hop (task, g_error_new_literal (CLOVE_CIRCUIT_ERROR, (gint) code, text));
}

static gboolean
accept_key (CloveCircuit *self, const CloveRelayMessage *message, GError **error)
{
  CloveCircuitSecrets *secrets = clove_circuit_get_secrets (self);
  guint8 *key = secrets->layers[self->n_ready];
  guint8 hash[CLOVE_INT256_SIZE] = { 0 };
  gint bad = 0;

  bad |= memcmp (message->id, self->id, sizeof self->id) != 0;
  bad |= !clove_onion_agree (key, secrets->ephemeral, message->key);
  clove_onion_key_hash (hash, key);
  bad |= sodium_memcmp (hash, message->key_hash, sizeof hash);
  sodium_memzero (secrets->ephemeral, sizeof secrets->ephemeral);
  if (bad != 0) {
    sodium_memzero (key, CLOVE_ONION_KEY_SIZE);
    g_set_error_literal (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_HANDSHAKE,
                         "the key that came back is not the relay's");
  }
  return bad == 0;
}

/* Opens what the entry relayed for the exit: the answer lies in one layer of the entry's key. */
static gboolean
open_relayed (CloveCircuit *self,
              const CloveRelayMessage *outer,
              guint8 plain[static MAX_QUERY_SIZE],
              CloveRelayMessage *inner,
              GError **error)
{
  if (outer->data_size > MAX_QUERY_SIZE || memcmp (outer->id, self->id, sizeof self->id) != 0 ||
      !clove_onion_open_to (plain, outer->data, outer->data_size,
                            clove_circuit_get_secrets (self)->layers[0])) {
    g_set_error_literal (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_HANDSHAKE,
                         "the relayed answer is not sealed by the entry");
    return FALSE;
  }
  return clove_relay_message_parse (inner, plain, outer->data_size - CLOVE_ONION_OVERHEAD, error);
}

static gboolean
accept_answer (CloveCircuit *self, GBytes *answer, GError **error)
{
  static const CloveRelayMessageType expected[CLOVE_MAX_HOPS] = {
    CLOVE_RELAY_MESSAGE_CIRCUIT_CREATED,
    CLOVE_RELAY_MESSAGE_CIRCUIT_EXTENDED,
    CLOVE_RELAY_MESSAGE_CIRCUIT_RELAY_RESPONSE,
  };
  guint8 plain[MAX_QUERY_SIZE] = { 0 };
  CloveRelayMessage message = { 0 };
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (answer, &size);

  if (!clove_relay_message_parse (&message, data, size, error))
    return FALSE;
  if (message.type == CLOVE_RELAY_MESSAGE_ERROR) {
    g_autofree char *text = clove_relay_message_dup_text (&message);

    g_set_error (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_REFUSED, "%d %s", message.number,
                 text);
    return FALSE;
  }
  if (message.type == expected[self->n_ready] &&
      message.type == CLOVE_RELAY_MESSAGE_CIRCUIT_RELAY_RESPONSE) {
    CloveRelayMessage outer = message;

    if (!open_relayed (self, &outer, plain, &message, error))
      return FALSE;
    if (message.type == CLOVE_RELAY_MESSAGE_CIRCUIT_EXTENDED)
      return accept_key (self, &message, error);
  } else if (message.type == expected[self->n_ready]) {
    return accept_key (self, &message, error);
  }
  g_set_error (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_MALFORMED,
               "relay.%s is no answer to this step", clove_relay_message_type_name (message.type));
  return FALSE;
}

/* Whether the circuit was closed while a step was under way; the build has ended then. @task is
 * (transfer full) in that case. An answer may be delivered after the closing that it crossed. */
static gboolean
end_if_closed (GTask *task)
{
  CloveCircuit *self = g_task_get_source_object (task);

  if (self->state == CLOVE_CIRCUIT_BUILDING)
    return FALSE;
  fail_at_hop_with (task, CLOVE_CIRCUIT_ERROR_CLOSED, "circuit was closed");
  return TRUE;
}

/* @task is (transfer full). */
static void
finish_build (GTask *task)
{
  CloveCircuit *self = g_task_get_source_object (task);

  clove_circuit_set_state (self, CLOVE_CIRCUIT_READY);
  /* Whoever heard of it may have closed the circuit at once. */
  if (self->state == CLOVE_CIRCUIT_READY)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_CLOSED,
                             "circuit was closed");
  g_object_unref (task);
}

static void
on_hop_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  CloveCircuit *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr (GBytes) answer =
    clove_adnl_session_query_finish (CLOVE_ADNL_SESSION (source), result, &error);
  CloveCircuitHop *hop = &self->hops[self->n_ready];

  if (answer != NULL && end_if_closed (task))
    return;
  if (answer == NULL || !accept_answer (self, answer, &error)) {
    fail_at_hop (task, error);
    return;
  }
  hop->state = CLOVE_HOP_READY;
  hop->time_us = clove_clock_now_us (self->clock) - hop->started_us;
  hop->rtt_us = hop->time_us;
  self->n_ready++;
  g_debug ("hop %u joined after %" G_GINT64_FORMAT " us", self->n_ready, hop->time_us);
  if (self->n_ready == self->n_hops)
    finish_build (task);
  else
    add_next_hop (task);
}

static void
write_create (CloveCircuit *self, CloveWriter *writer, const guint8 *public_key)
{
  CloveRelayMessage create = {
    .type = CLOVE_RELAY_MESSAGE_CIRCUIT_CREATE,
    .id = self->id,
    .key = public_key,
  };

  clove_relay_message_write (writer, &create);
}

/* circuitExtend to the hop that is next, its payload sealed for the hop before it. */
static void
write_extend (CloveCircuit *self, CloveWriter *writer, const guint8 *public_key)
{
  guint8 payload[CLOVE_ONION_OVERHEAD + 2 + CLOVE_ADDRESS_STRING_SIZE + CLOVE_ONION_KEY_SIZE];
  char address[CLOVE_ADDRESS_STRING_SIZE] = { 0 };
  const CloveCircuitHop *hop = &self->hops[self->n_ready];
  CloveWriter payload_writer = { 0 };
  CloveRelayMessage extend = {
    .type = CLOVE_RELAY_MESSAGE_CIRCUIT_EXTEND,
    .id = self->id,
    .key = hop->key,
    .data = payload,
  };
  gsize plain_size = 0;

  clove_address_format (&hop->address, address);
  clove_writer_init (&payload_writer, payload + CLOVE_ONION_NONCE_SIZE,
                     sizeof payload - CLOVE_ONION_NONCE_SIZE);
  plain_size = clove_onion_extend_payload_write (&payload_writer, address, public_key);
  clove_onion_seal (payload, plain_size,
                    clove_circuit_get_secrets (self)->layers[self->n_ready - 1]);
  extend.data_size = plain_size + CLOVE_ONION_OVERHEAD;
  clove_relay_message_write (writer, &extend);
}

/* circuitRelay: the extend for the middle, in a layer for the entry. */
static void
write_relayed_extend (CloveCircuit *self, CloveWriter *writer, const guint8 *public_key)
{
  guint8 sealed[MAX_QUERY_SIZE / 2];
  CloveWriter inner = { 0 };
  CloveRelayMessage relay = {
    .type = CLOVE_RELAY_MESSAGE_CIRCUIT_RELAY,
    .id = self->id,
    .data = sealed,
  };

  clove_writer_init (&inner, sealed + CLOVE_ONION_NONCE_SIZE,
                     sizeof sealed - CLOVE_ONION_OVERHEAD);
  write_extend (self, &inner, public_key);
  g_assert (clove_writer_is_ok (&inner));
  clove_onion_seal (sealed, clove_writer_get_size (&inner),
                    clove_circuit_get_secrets (self)->layers[0]);
  relay.data_size = clove_writer_get_size (&inner) + CLOVE_ONION_OVERHEAD;
  clove_relay_message_write (writer, &relay);
}

/* Asks for the hop that is next. @task is (transfer full). */
static void
ask_for_hop (GTask *task)
{
  CloveCircuit *self = g_task_get_source_object (task);
  gboolean is_create = self->n_ready == 0;
  CloveAdnlQueryPolicy policy = {
    .deadline_us = time_left_us (self, task),
    .resend_after_us = is_create ? CREATE_RESEND_US : EXTEND_RESEND_US,
    .max_resends = is_create ? CREATE_MAX_RESENDS : EXTEND_MAX_RESENDS,
  };
  guint8 public_key[CLOVE_ONION_KEY_SIZE] = { 0 };
  guint8 buffer[MAX_QUERY_SIZE];
  CloveWriter writer = { 0 };
  g_autoptr (GBytes) query = NULL;

  clove_onion_keypair (public_key, clove_circuit_get_secrets (self)->ephemeral);
  clove_writer_init (&writer, buffer, sizeof buffer);
  if (is_create)
    write_create (self, &writer, public_key);
  else if (self->n_ready == 1)
    write_extend (self, &writer, public_key);
  else
    write_relayed_extend (self, &writer, public_key);
  g_assert (clove_writer_is_ok (&writer));
  query = g_bytes_new (buffer, clove_writer_get_size (&writer));
  clove_adnl_session_query_async (self->entry, query, &policy, g_task_get_cancellable (task),
                                  on_hop_answered, task);
}

static void
on_entry_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;

  if (!clove_adnl_session_open_finish (CLOVE_ADNL_SESSION (source), result, &error))
    fail_at_hop (task, error);
  else if (!end_if_closed (task))
    ask_for_hop (task);
}

/* @task is (transfer full). */
static void
add_next_hop (GTask *task)
{
  CloveCircuit *self = g_task_get_source_object (task);
  CloveCircuitHop *hop = &self->hops[self->n_ready];
  GError *error = NULL;

  if (end_if_closed (task))
    return;
  hop->state = CLOVE_HOP_EXTENDING;
  hop->started_us = clove_clock_now_us (self->clock);
  g_signal_emit_by_name (self, "changed");
  if (end_if_closed (task))
    return;
  if (self->n_ready > 0) {
    ask_for_hop (task);
    return;
  }

  self->entry = clove_adnl_endpoint_connect (self->endpoint, hop->key, &hop->address, &error);
  if (self->entry == NULL) {
    fail_at_hop (task, error);
    return;
  }
  clove_adnl_session_set_handlers (self->entry, &clove_circuit_session_handlers, self);
  clove_adnl_session_open_async (self->entry, hop_deadline_us (task),
                                 g_task_get_cancellable (task), on_entry_opened, task);
}

/**
 * clove_circuit_build_async:
 * @self: a new circuit
 * @hop_deadline_us: how long each hop may take
 * @cancellable: (nullable): to give up
 * @callback: called when the circuit is ready or failed
 * @user_data: for @callback
 *
 * Build the circuit; it is closed when that fails.
 */
void
clove_circuit_build_async (CloveCircuit *self,
                           gint64 hop_deadline_us,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_return_if_fail (self->state == CLOVE_CIRCUIT_NEW);

  g_task_set_source_tag (task, clove_circuit_build_async);
  /* A circuit that is ready has not failed, however late it is cancelled. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, g_memdup2 (&hop_deadline_us, sizeof hop_deadline_us), g_free);
  clove_circuit_set_state (self, CLOVE_CIRCUIT_BUILDING);
  add_next_hop (task);
}

/**
 * clove_circuit_build_finish:
 * @self: a circuit
 * @result: what the callback was given
 * @error: names place and relay: "middle relay3: 504 timeout waiting for next relay response";
 *   of %CLOVE_CIRCUIT_ERROR, %CLOVE_ADNL_ERROR or %G_IO_ERROR. See clove_circuit_get_failed_hop().
 *
 * Returns: whether the circuit is ready
 */
gboolean
clove_circuit_build_finish (CloveCircuit *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
