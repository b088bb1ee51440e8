/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A relay's life: its two sockets with the faults before them, its circuits and their expiry. What
 * clients say is in clove-local-relay-query.c, what relays say in clove-local-relay-tunnel.c.
 */
#include "config.h"

#include "clove-local-relay.h"

#include "clove-local-relay-private.h"

#include <string.h>

#define SWEEP_INTERVAL_US   (60 * G_USEC_PER_SEC)
/* Bursts of whole replies pass through every relay; the reference keeps the system's default. */
#define RECEIVE_BUFFER_SIZE (4 * 1024 * 1024)
/* What the system counts for a datagram beyond its bytes. */
#define BACKLOG_OVERHEAD    768

/* In the reference 11 of 15 new peers lose their first query. */
#define UNREADY_OF 15
#define N_UNREADY  11

typedef struct {
  CloveAddress peer;
  gsize size;
  guint8 data[];
} Backlogged;

G_DEFINE_FINAL_TYPE (CloveLocalRelay, clove_local_relay, G_TYPE_OBJECT)

static guint
id_hash (gconstpointer id)
{
  guint hash = 0;

  memcpy (&hash, id, sizeof hash);
  return hash;
}

static gboolean
id_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, CLOVE_INT256_SIZE) == 0;
}

CloveLocalCircuit *
clove_local_relay_find_circuit (CloveLocalRelay *self, const guint8 *id)
{
  return g_hash_table_lookup (self->circuits, id);
}

/* Makes the circuit, or finds it: asking again gets the same answer, whatever key is offered. */
CloveLocalCircuit *
clove_local_relay_create_circuit (CloveLocalRelay *self, const CloveRelayMessage *create)
{
  CloveLocalCircuit *circuit = clove_local_relay_find_circuit (self, create->id);

  if (circuit != NULL)
    return circuit;
  if (g_hash_table_size (self->circuits) >= CLOVE_LOCAL_RELAY_MAX_CIRCUITS)
    return NULL;
  circuit = clove_local_circuit_new (create->id);
  if (!clove_local_circuit_add_layer (circuit, create->key, circuit->public_key,
                                      circuit->key_hash)) {
    clove_local_circuit_free (circuit);
    return NULL;
  }
  circuit->last_used_us = clove_clock_now_us (self->clock);
  g_hash_table_insert (self->circuits, circuit->id, circuit);
  if (!self->plays_reference && !clove_timer_is_running (&self->housekeeping))
    clove_timer_start_coarse (&self->housekeeping, SWEEP_INTERVAL_US);
  return circuit;
}

/* Forgets the circuit and its streams. */
void
clove_local_relay_remove_circuit (CloveLocalRelay *self, CloveLocalCircuit *circuit)
{
  gboolean was_waited_for = circuit->pending == CLOVE_LOCAL_PENDING_EXTEND ||
                            circuit->pending == CLOVE_LOCAL_PENDING_RELAY;

  if (!self->plays_reference)
    clove_local_exit_close_circuit (self->exit, circuit->id);
  g_hash_table_remove (self->circuits, circuit->id);
  if (was_waited_for)
    clove_local_relay_release_reader (self);
}

static void
on_housekeeping (gpointer user_data)
{
  CloveLocalRelay *self = user_data;
  gint64 oldest_us = clove_clock_now_us (self->clock) - CLOVE_LOCAL_RELAY_IDLE_US;
  g_autoptr (GList) circuits = g_hash_table_get_values (self->circuits);

  for (GList *link = circuits; link != NULL; link = link->next) {
    CloveLocalCircuit *circuit = link->data;

    if (circuit->last_used_us <= oldest_us)
      clove_local_relay_remove_circuit (self, circuit);
  }
  if (g_hash_table_size (self->circuits) > 0)
    clove_timer_start_coarse (&self->housekeeping, SWEEP_INTERVAL_US);
}

/* Keeps what comes in while the reference's reader waits for another relay. */
static gboolean
hold_for_reader (CloveLocalRelay *self, const guint8 *data, gsize size, const CloveAddress *peer)
{
  Backlogged *item = NULL;

  if (!self->is_reader_waiting)
    return FALSE;
  if (self->backlog_size + size + BACKLOG_OVERHEAD > CLOVE_LOCAL_RELAY_MAX_BACKLOG)
    return TRUE;
  item = g_malloc (sizeof *item + size);
  item->peer = *peer;
  item->size = size;
  memcpy (item->data, data, size);
  g_queue_push_tail (&self->backlog, item);
  self->backlog_size += size + BACKLOG_OVERHEAD;
  return TRUE;
}

/* The reader goes on, until a datagram makes it wait again. */
void
clove_local_relay_release_reader (CloveLocalRelay *self)
{
  Backlogged *item = NULL;

  self->is_reader_waiting = FALSE;
  while (!self->is_reader_waiting && (item = g_queue_pop_head (&self->backlog)) != NULL) {
    self->backlog_size -= item->size + BACKLOG_OVERHEAD;
    clove_adnl_endpoint_inject (self->endpoint, item->data, item->size, &item->peer, FALSE);
    g_free (item);
  }
}

/* The handlers of the reference's new peers are in place when the next datagram comes. */
static void
get_ready (CloveLocalRelay *self)
{
  CloveAdnlSession *session = NULL;

  while ((session = g_queue_pop_head (&self->unready)) != NULL) {
    clove_adnl_session_set_handlers (session, &clove_local_relay_handlers, self);
    g_object_unref (session);
  }
}

/* Returns whether the reader takes the datagram now. */
static gboolean
is_reader_free (CloveLocalRelay *self, const guint8 *data, gsize size, const CloveAddress *peer)
{
  get_ready (self);
  return !hold_for_reader (self, data, size, peer);
}

static gboolean
on_adnl_datagram (guint8 *data,
                  gsize size,
                  const CloveAddress *peer,
                  gboolean is_outgoing,
                  gpointer user_data)
{
  CloveLocalRelay *self = user_data;

  if (!clove_fault_pass (self->fault, &self->adnl_port, data, size, peer, is_outgoing))
    return FALSE;
  return is_outgoing || is_reader_free (self, data, size, peer);
}

static void
deliver_adnl (guint8 *data,
              gsize size,
              const CloveAddress *peer,
              gboolean is_outgoing,
              gpointer user_data)
{
  CloveLocalRelay *self = user_data;

  if (is_outgoing || is_reader_free (self, data, size, peer))
    clove_adnl_endpoint_inject (self->endpoint, data, size, peer, is_outgoing);
}

static void
on_tunnel_datagram (guint8 *data, gsize size, const CloveAddress *from, gpointer user_data)
{
  CloveLocalRelay *self = user_data;

  self->n_tunnel_received++;
  if (clove_fault_pass (self->fault, &self->tunnel_port, data, size, from, FALSE))
    clove_local_relay_take_datagram (self, data, size, from);
}

static void
deliver_tunnel (guint8 *data,
                gsize size,
                const CloveAddress *peer,
                gboolean is_outgoing,
                gpointer user_data)
{
  CloveLocalRelay *self = user_data;

  if (!is_outgoing)
    clove_local_relay_take_datagram (self, data, size, peer);
  else
    clove_udp_send (self->tunnel, peer, data, size, NULL);
}

static void
on_session_opened (CloveAdnlEndpoint *endpoint, CloveAdnlSession *session, CloveLocalRelay *self)
{
  if (self->plays_reference && clove_random_uniform (self->random, UNREADY_OF) < N_UNREADY) {
    g_queue_push_tail (&self->unready, g_object_ref (session));
    return;
  }
  clove_adnl_session_set_handlers (session, &clove_local_relay_handlers, self);
}

static void
clove_local_relay_dispose (GObject *object)
{
  CloveLocalRelay *self = CLOVE_LOCAL_RELAY (object);

  if (self->clock != NULL)
    clove_local_relay_stop (self);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->fault, clove_fault_free);
  g_clear_object (&self->origin);
  g_clear_pointer (&self->identity, clove_adnl_identity_unref);
  g_clear_pointer (&self->random, clove_random_unref);
  g_clear_pointer (&self->clock, clove_clock_unref);

  G_OBJECT_CLASS (clove_local_relay_parent_class)->dispose (object);
}

static void
clove_local_relay_class_init (CloveLocalRelayClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_local_relay_dispose;
}

static void
clove_local_relay_init (CloveLocalRelay *self)
{
  g_queue_init (&self->unready);
  g_queue_init (&self->backlog);
  self->adnl_port = (CloveFaultPort){ .deliver = deliver_adnl, .user_data = self };
  self->tunnel_port = (CloveFaultPort){ .deliver = deliver_tunnel, .user_data = self };
}

/** clove_local_relay_new: (transfer full): A relay that is not running yet. */
CloveLocalRelay *
clove_local_relay_new (const CloveLocalRelayConfig *config)
{
  CloveLocalRelay *self = g_object_new (CLOVE_TYPE_LOCAL_RELAY, NULL);

  self->name = g_strdup (config->name);
  self->address = config->address;
  self->is_exit = config->is_exit;
  self->plays_reference = config->plays_reference;
  self->clock = clove_clock_ref (config->clock);
  self->random = clove_random_ref (config->random);
  self->identity = clove_adnl_identity_ref (config->identity);
  self->origin = config->origin != NULL ? g_object_ref (config->origin) : NULL;
  self->fault = clove_fault_new (self->clock, self->random);
  clove_timer_init (&self->housekeeping, self->clock, on_housekeeping, self);
  return self;
}

static gboolean
open_sockets (CloveLocalRelay *self, GError **error)
{
  CloveAddress tunnel_address = self->address;

  clove_address_set_port (&tunnel_address, (guint16) (clove_address_get_port (&self->address) + 1));
  self->endpoint =
    clove_adnl_endpoint_new_responder (&self->address, self->identity, self->clock, error);
  if (self->endpoint == NULL)
    return FALSE;
  self->tunnel =
    clove_udp_new (&tunnel_address, CLOVE_LOCAL_MAX_DATAGRAM, on_tunnel_datagram, self, error);
  if (self->tunnel == NULL) {
    g_clear_object (&self->endpoint);
    return FALSE;
  }
  if (self->plays_reference) {
    clove_adnl_endpoint_set_trusting (self->endpoint, TRUE);
    clove_adnl_endpoint_set_receive_buffer (self->endpoint, CLOVE_LOCAL_RELAY_MAX_BACKLOG / 2);
  } else {
    clove_udp_set_receive_buffer (self->tunnel, RECEIVE_BUFFER_SIZE);
  }
  return TRUE;
}

/**
 * clove_local_relay_start:
 * @self: a relay
 * @error: %G_IO_ERROR when one of its two ports is taken
 *
 * Open the sockets, with nothing remembered. Harmless when running.
 *
 * Returns: whether it runs
 */
gboolean
clove_local_relay_start (CloveLocalRelay *self, GError **error)
{
  if (self->endpoint != NULL)
    return TRUE;
  if (!open_sockets (self, error))
    return FALSE;
  self->circuits = g_hash_table_new_full (id_hash, id_equal, NULL,
                                          (GDestroyNotify) clove_local_circuit_free);
  self->exit =
    clove_local_exit_new (self->clock, self->origin, clove_local_relay_send_piece, self);
  if (self->plays_reference)
    clove_local_exit_play_reference (self->exit, self->random);
  self->n_tunnel_received = self->n_tunnel_sent = 0;
  clove_local_relay_apply_faults (self);
  clove_adnl_endpoint_set_filter (self->endpoint, on_adnl_datagram, self);
  g_signal_connect (self->endpoint, "session-opened", G_CALLBACK (on_session_opened), self);
  return TRUE;
}

/** clove_local_relay_stop: Close the sockets and forget everything but who it is. */
void
clove_local_relay_stop (CloveLocalRelay *self)
{
  clove_timer_stop (&self->housekeeping);
  clove_fault_forget (self->fault);
  g_clear_pointer (&self->exit, clove_local_exit_free);
  g_clear_pointer (&self->circuits, g_hash_table_unref);
  g_queue_clear_full (&self->unready, g_object_unref);
  g_queue_clear_full (&self->backlog, g_free);
  self->backlog_size = 0;
  self->is_reader_waiting = FALSE;
  if (self->endpoint != NULL) {
    g_signal_handlers_disconnect_by_data (self->endpoint, self);
    clove_adnl_endpoint_set_filter (self->endpoint, NULL, NULL);
    clove_adnl_endpoint_close (self->endpoint);
  }
  g_clear_object (&self->endpoint);
  g_clear_pointer (&self->tunnel, clove_udp_free);
}

/** clove_local_relay_is_running: Tell whether its sockets are open. */
gboolean
clove_local_relay_is_running (CloveLocalRelay *self)
{
  return self->endpoint != NULL;
}

/** clove_local_relay_get_name: Get its name, borrowed. */
const char *
clove_local_relay_get_name (CloveLocalRelay *self)
{
  return self->name;
}

/** clove_local_relay_get_address: Get the address of its ADNL socket, borrowed. */
const CloveAddress *
clove_local_relay_get_address (CloveLocalRelay *self)
{
  return &self->address;
}

/** clove_local_relay_get_key: Get its ed25519 public key, 32 bytes, borrowed. */
const guint8 *
clove_local_relay_get_key (CloveLocalRelay *self)
{
  return clove_adnl_identity_get_key (self->identity);
}

/** clove_local_relay_is_exit: Tell whether it opens streams. */
gboolean
clove_local_relay_is_exit (CloveLocalRelay *self)
{
  return self->is_exit;
}

/** clove_local_relay_get_faults: (transfer none): Get its faults, to be changed in place. */
CloveFaultSettings *
clove_local_relay_get_faults (CloveLocalRelay *self)
{
  return clove_fault_get_settings (self->fault);
}

/** clove_local_relay_apply_faults: Make a change of its faults known to all its parts. */
void
clove_local_relay_apply_faults (CloveLocalRelay *self)
{
  if (self->exit != NULL)
    clove_local_exit_set_lying (self->exit, clove_fault_get_settings (self->fault)->is_lying);
}

/** clove_local_relay_get_counters: Get what it has seen since it was started. */
void
clove_local_relay_get_counters (CloveLocalRelay *self, CloveLocalRelayCounters *out)
{
  const CloveAdnlStats *stats = NULL;

  *out = (CloveLocalRelayCounters){ 0 };
  if (self->endpoint == NULL)
    return;
  stats = clove_adnl_endpoint_get_stats (self->endpoint);
  out->n_received = stats->n_received + self->n_tunnel_received;
  out->n_sent = stats->n_sent + self->n_tunnel_sent;
  out->n_forged = stats->n_forged;
  out->n_circuits = g_hash_table_size (self->circuits);
  out->n_streams = clove_local_exit_get_n_streams (self->exit);
  out->n_requests = clove_local_exit_get_n_requests (self->exit);
}

static void
append_faults (GString *line, const CloveFaultSettings *faults)
{
  const struct {
    const char *name;
    guint value;
  } numbers[] = {
    { "delay", faults->delay_ms },
    { "drop", faults->drop_percent },
    { "reorder", faults->reorder_percent },
    { "corrupt", faults->corrupt_percent },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (numbers[i].value > 0)
      g_string_append_printf (line, " %s=%u", numbers[i].name, numbers[i].value);
  if (faults->is_lying)
    g_string_append (line, " lie");
  if (faults->is_impersonating)
    g_string_append (line, " impersonate");
  if (faults->is_refusing)
    g_string_append (line, " error");
}

/**
 * clove_local_relay_describe:
 * @self: a relay
 *
 * Returns: (transfer full): one line: name, address, roles, state, faults, counters
 */
char *
clove_local_relay_describe (CloveLocalRelay *self)
{
  const CloveFaultSettings *faults = clove_fault_get_settings (self->fault);
  GString *line = g_string_new (self->name);
  char address[CLOVE_ADDRESS_STRING_SIZE];
  CloveLocalRelayCounters counters;

  clove_address_format (&self->address, address);
  clove_local_relay_get_counters (self, &counters);
  g_string_append_printf (line, " %s entry,middle%s %s", address, self->is_exit ? ",exit" : "",
                          self->endpoint == NULL ? "dead"
                          : faults->is_frozen    ? "frozen"
                                                 : "alive");
  append_faults (line, faults);
  g_string_append_printf (line,
                          " received=%" G_GUINT64_FORMAT " sent=%" G_GUINT64_FORMAT
                          " circuits=%u streams=%u requests=%u",
                          counters.n_received, counters.n_sent, counters.n_circuits,
                          counters.n_streams, counters.n_requests);
  return g_string_free (line, FALSE);
}
