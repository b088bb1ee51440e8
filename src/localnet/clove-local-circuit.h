/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-address.h"
#include "clove-adnl-session.h"
#include "clove-clock.h"
#include "clove-onion.h"
#include "clove-secret.h"

#include <glib.h>

G_BEGIN_DECLS

/* The entry that impersonates the later hops has a key for each of the three. */
#define CLOVE_LOCAL_MAX_LAYERS 3

/**
 * CloveLocalPendingKind:
 * @CLOVE_LOCAL_PENDING_NONE: the relay waits for nothing
 * @CLOVE_LOCAL_PENDING_EXTEND: the client's circuitExtend waits for the next hop
 * @CLOVE_LOCAL_PENDING_RELAY: the client's circuitRelay waits for the hop after the next
 * @CLOVE_LOCAL_PENDING_FORWARD: a circuitExtend that came from the previous hop waits for the next
 */
typedef enum {
  CLOVE_LOCAL_PENDING_NONE,
  CLOVE_LOCAL_PENDING_EXTEND,
  CLOVE_LOCAL_PENDING_RELAY,
  CLOVE_LOCAL_PENDING_FORWARD,
} CloveLocalPendingKind;

/**
 * CloveLocalCircuit:
 * @owner_id: the peer that made the circuit, when it came by ADNL
 * @session: (nullable): where replies go, when it came by ADNL
 * @previous: where replies go otherwise
 * @next: where what is not for us goes, when @has_next
 * @keys: of @n_layers layers one after another, outermost first
 *
 * What one relay knows of one circuit.
 */
typedef struct {
  guint8 id[CLOVE_INT256_SIZE];
  CloveSecret *keys;
  guint n_layers;
  guint8 public_key[CLOVE_ONION_KEY_SIZE];
  guint8 key_hash[CLOVE_INT256_SIZE];

  guint8 owner_id[CLOVE_KEY_ID_SIZE];
  CloveAdnlSession *session;
  CloveAddress previous;
  CloveAddress next;
  gboolean has_next;
  gint64 last_used_us;

  CloveLocalPendingKind pending;
  guint8 query_id[CLOVE_KEY_ID_SIZE];
  CloveTimer pending_timer;
  gpointer relay; /* borrowed, for the timer; it owns us */
} CloveLocalCircuit;

CloveLocalCircuit *clove_local_circuit_new (const guint8 id[static CLOVE_INT256_SIZE])
  G_GNUC_WARN_UNUSED_RESULT;
void clove_local_circuit_free (CloveLocalCircuit *self);

gboolean clove_local_circuit_add_layer (CloveLocalCircuit *self,
                                        const guint8 client_key[static CLOVE_ONION_KEY_SIZE],
                                        guint8 public_out[static CLOVE_ONION_KEY_SIZE],
                                        guint8 hash_out[static CLOVE_INT256_SIZE])
  G_GNUC_WARN_UNUSED_RESULT;
const guint8 *clove_local_circuit_get_key (const CloveLocalCircuit *self, guint layer);
guint8 *clove_local_circuit_open (const CloveLocalCircuit *self,
                                  guint n_layers,
                                  guint8 *data,
                                  gsize size,
                                  gsize *plain_size_out);

G_END_DECLS
