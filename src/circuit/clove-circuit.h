/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-adnl-endpoint.h"
#include "clove-circuit-error.h"
#include "clove-clock.h"
#include "clove-stream.h"

#include <gio/gio.h>
#include <glib-object.h>

G_BEGIN_DECLS

/* The protocol nests no deeper than entry, middle, exit. */
#define CLOVE_MAX_HOPS 3

/* What the unread replies of all streams of a circuit may hold in memory together. */
#define CLOVE_CIRCUIT_MAX_REPLY_MEMORY (64 * 1024 * 1024)

/**
 * CloveHop:
 * @name: the relay's name in the directory
 * @key: its ed25519 public key
 * @address: its ADNL address
 *
 * What a circuit must know of a relay. Borrowed by clove_circuit_new(), which copies it.
 */
typedef struct {
  const char *name;
  const guint8 *key;
  CloveAddress address;
} CloveHop;

typedef enum {
  CLOVE_HOP_WAITING,
  CLOVE_HOP_EXTENDING,
  CLOVE_HOP_READY,
  CLOVE_HOP_FAILED,
} CloveHopState;

typedef enum {
  CLOVE_CIRCUIT_NEW,
  CLOVE_CIRCUIT_BUILDING,
  CLOVE_CIRCUIT_READY,
  CLOVE_CIRCUIT_CLOSED,
} CloveCircuitState;

/**
 * CloveCircuit:
 *
 * A path through up to three relays and the streams on it. Belongs to the thread of its endpoint.
 * A circuit is built once; when it fails or is closed, a new one takes its place.
 *
 * Signal "changed" (): the state of the circuit or of a hop changed.
 */
#define CLOVE_TYPE_CIRCUIT (clove_circuit_get_type ())
G_DECLARE_FINAL_TYPE (CloveCircuit, clove_circuit, CLOVE, CIRCUIT, GObject)

CloveCircuit *clove_circuit_new (CloveAdnlEndpoint *endpoint,
                                 CloveClock *clock,
                                 const CloveHop *hops,
                                 guint n_hops) G_GNUC_WARN_UNUSED_RESULT;

void clove_circuit_build_async (CloveCircuit *self,
                                gint64 hop_deadline_us,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean clove_circuit_build_finish (CloveCircuit *self, GAsyncResult *result, GError **error);

CloveCircuitState clove_circuit_get_state (CloveCircuit *self);
guint clove_circuit_get_n_hops (CloveCircuit *self);
const char *clove_circuit_get_hop_name (CloveCircuit *self, guint hop);
const CloveAddress *clove_circuit_get_hop_address (CloveCircuit *self, guint hop);
CloveHopState clove_circuit_get_hop_state (CloveCircuit *self, guint hop);
gint64 clove_circuit_get_hop_time_us (CloveCircuit *self, guint hop);
gint clove_circuit_get_failed_hop (CloveCircuit *self);
void clove_circuit_note_rtt (CloveCircuit *self, guint hop, gint64 rtt_us);
gint64 clove_circuit_get_hop_rtt_us (CloveCircuit *self, guint hop);
gint64 clove_circuit_get_rtt_us (CloveCircuit *self);
gint64 clove_circuit_get_last_proof_us (CloveCircuit *self);

void clove_circuit_ping_entry_async (CloveCircuit *self,
                                     gint64 deadline_us,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gint64 clove_circuit_ping_entry_finish (CloveCircuit *self,
                                        GAsyncResult *result,
                                        GError **error);

void clove_circuit_announce (CloveCircuit *self);

CloveStream *clove_circuit_take_stream (CloveCircuit *self,
                                        const char *host) G_GNUC_WARN_UNUSED_RESULT;
guint clove_circuit_get_n_streams (CloveCircuit *self);
guint clove_circuit_get_n_busy (CloveCircuit *self);
gsize clove_circuit_get_reply_memory (CloveCircuit *self);

void clove_circuit_close (CloveCircuit *self);

G_END_DECLS
