/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A relay's life, its circuits and their expiry. Its sockets are in clove-local-relay-sockets.c,
 * what clients say in clove-local-relay-query.c, what relays say in clove-local-relay-tunnel.c.
 */
#include "config.h"

#include "clove-local-relay.h"

#include "clove-local-relay-private.h"

#include <string.h>

#define SWEEP_INTERVAL_US (60 * G_USEC_PER_SEC)

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
  if (!clove_local_relay_open_sockets (self, error))
    return FALSE;
  self->circuits = g_hash_table_new_full (id_hash, id_equal, NULL,
                                          (GDestroyNotify) clove_local_circuit_free);
  self->exit =
    clove_local_exit_new (self->clock, self->origin, clove_local_relay_send_piece, self);
  if (self->plays_reference)
    clove_local_exit_play_reference (self->exit, self->random);
  self->n_tunnel_received = self->n_tunnel_sent = 0;
  clove_local_relay_apply_faults (self);
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
  clove_local_relay_close_sockets (self);
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
    { "lose", faults->lose_per_mille },
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
