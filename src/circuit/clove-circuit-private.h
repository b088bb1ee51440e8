/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-circuit.h"
#include "clove-onion.h"
#include "clove-relay-message.h"
#include "clove-replay.h"
#include "clove-secret.h"

G_BEGIN_DECLS

/* What clove-circuit.c, clove-circuit-build.c and clove-stream.c share; for nobody else. */

typedef struct {
  char *name;
  guint8 key[CLOVE_KEY_SIZE];
  CloveAddress address;
  CloveHopState state;
  gint64 started_us;
  gint64 time_us; /* from asking to joined; -1 before */
  gint64 rtt_us;  /* mean round trip; @time_us until one was measured */
} CloveCircuitHop;

typedef struct {
  guint8 layers[CLOVE_MAX_HOPS][CLOVE_ONION_KEY_SIZE];
  guint8 ephemeral[CLOVE_ONION_KEY_SIZE]; /* of the hop that is being added */
} CloveCircuitSecrets;

struct _CloveCircuit {
  GObject parent_instance;

  /* Set at construction. */
  CloveCircuitHop hops[CLOVE_MAX_HOPS];
  guint n_hops;
  guint8 id[CLOVE_INT256_SIZE];

  /* Owned. */
  CloveAdnlEndpoint *endpoint;
  CloveClock *clock;
  CloveAdnlSession *entry; /* NULL before and after */
  CloveSecret *secrets;    /* a CloveCircuitSecrets */
  CloveReplay *replay;
  GHashTable *streams; /* borrowed CloveStream by id: they leave when they close */
  GQueue idle;         /* owned CloveStream that may be used again, oldest first */
  CloveTimer idle_timer;

  CloveCircuitState state;
  guint n_ready;      /* hops that joined */
  gint failed_hop;    /* -1: none */
  gint64 proof_us;    /* when the exit's key last opened anything; 0: never */
  gsize reply_memory; /* what the replies of all streams hold, read by nobody yet */
};

static inline CloveCircuitSecrets *
clove_circuit_get_secrets (CloveCircuit *self)
{
  return (CloveCircuitSecrets *) (gpointer) clove_secret_get (self->secrets);
}

/* clove-circuit.c */
void clove_circuit_set_state (CloveCircuit *self, CloveCircuitState state);
gboolean clove_circuit_send (CloveCircuit *self, const CloveRelayMessage *message, GError **error);
void clove_circuit_add_stream (CloveCircuit *self, CloveStream *stream, gint32 id);
void clove_circuit_remove_stream (CloveCircuit *self, gint32 id);
void clove_circuit_park_stream (CloveCircuit *self, CloveStream *stream);
extern const CloveAdnlSessionHandlers clove_circuit_session_handlers;

/* clove-stream.c */
CloveStream *clove_stream_new (CloveCircuit *circuit, gint32 id, const char *host);
void clove_stream_receive_connected (CloveStream *self, const CloveRelayMessage *message);
void clove_stream_receive_data (CloveStream *self, const CloveRelayMessage *message);
void clove_stream_receive_chunk (CloveStream *self,
                                 const CloveRelayMessage *chunk,
                                 const guint8 *piece,
                                 gsize size);
void clove_stream_fail (CloveStream *self, const GError *error);
void clove_stream_close (CloveStream *self, gboolean tells_exit);
gint64 clove_stream_get_idle_since_us (CloveStream *self);

G_END_DECLS
