/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-relay-message.h"
#include "test-net.h"

G_BEGIN_DECLS

typedef struct _HostileRelay HostileRelay;

/**
 * HostileAnswerFunc:
 * @hop: which hop is being added, 0 for the entry
 * @answer: the honest answer, to be spoilt; pointers that are put in must live until the next call
 *
 * Lies about a step of the building of a circuit.
 *
 * Returns: whether @answer is to be sent
 */
typedef gboolean (*HostileAnswerFunc) (HostileRelay *relay, guint hop, CloveRelayMessage *answer);

/**
 * HostileStreamFunc:
 * @message: what the client sent to the exit, opened
 *
 * Replies to a message for the exit in place of the honest one.
 */
typedef void (*HostileStreamFunc) (HostileRelay *relay, const CloveRelayMessage *message);

/**
 * HostileRelay:
 *
 * A relay that plays all hops of a circuit itself and lies when told to. Honest by default: it
 * builds the circuit, connects every stream and replies with a short page.
 */
struct _HostileRelay {
  CloveAdnlIdentity *identity;
  CloveAdnlEndpoint *endpoint;
  CloveAdnlSession *session; /* of the last client; borrowed */

  guint8 circuit_id[CLOVE_INT256_SIZE];
  guint8 keys[CLOVE_MAX_HOPS][CLOVE_KEY_SIZE];
  guint8 query_id[CLOVE_KEY_ID_SIZE]; /* of the query that is answered now */
  guint8 client_keys[CLOVE_MAX_HOPS][CLOVE_KEY_SIZE];
  guint8 relay_keys[CLOVE_MAX_HOPS][CLOVE_KEY_SIZE];
  guint8 relay_key[CLOVE_KEY_SIZE]; /* of the answer that is made now */
  guint8 key_hash[CLOVE_INT256_SIZE];
  gint32 stream_id; /* the last one that the client connected or wrote to */
  guint n_queries;
  guint n_connects;
  guint n_requests;
  guint n_closes;
  guint n_destroys;

  HostileAnswerFunc on_answer;
  HostileAnswerFunc on_inner; /* spoils the exit's answer before it is sealed */
  HostileStreamFunc on_stream;
  gint step; /* for the test */
};

/**
 * HostileNet:
 *
 * A hostile relay and a client's endpoint in this process, under a fake clock.
 */
typedef struct {
  TestNet client; /* without localnet */
  HostileRelay relay;
  CloveAdnlIdentity *others[CLOVE_MAX_HOPS - 1];
} HostileNet;

/* What the honest exit replies. */
#define HOSTILE_PAGE "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

/* What most long replies have for a body: an exit cuts it into four chunks. */
#define HOSTILE_BODY_SIZE 20000

void hostile_net_set_up (HostileNet *net, gconstpointer user_data);
void hostile_net_tear_down (HostileNet *net, gconstpointer user_data);
CloveCircuit *hostile_net_new_circuit (HostileNet *net);
CloveCircuit *hostile_net_build (HostileNet *net);
TestReply *hostile_net_send (CloveCircuit *circuit);
void hostile_net_assert_fetches (HostileNet *net, CloveCircuit *circuit);

void hostile_relay_start (HostileRelay *relay, CloveClock *clock, guint16 port);
void hostile_relay_answer (HostileRelay *relay, const guint8 *data, gsize size);
void hostile_relay_answer_message (HostileRelay *relay, const CloveRelayMessage *message);
void hostile_relay_send (HostileRelay *relay, const guint8 *data, gsize size);
void hostile_relay_send_message (HostileRelay *relay, const CloveRelayMessage *message);
GBytes *hostile_relay_seal (const guint8 *key, const guint8 *plain, gsize size);
void hostile_relay_send_data (HostileRelay *relay, const CloveRelayMessage *inner);
void hostile_relay_send_connected (HostileRelay *relay, gint32 stream_id);
void hostile_relay_send_page (HostileRelay *relay, gint32 stream_id);
GBytes *hostile_relay_new_reply (gint32 stream_id, gsize body_size, guint8 filling);
void hostile_relay_send_piece (HostileRelay *relay,
                               gint32 stream_id,
                               gint32 index,
                               gint32 total,
                               GBytes *piece);
void hostile_relay_send_chunk (HostileRelay *relay,
                               gint32 stream_id,
                               gint32 index,
                               GBytes *reply);
gint32 hostile_relay_count_chunks (GBytes *reply);
void hostile_relay_send_first (HostileRelay *relay, gint32 stream_id, gint32 index, gint32 total);
void hostile_relay_only_connect (HostileRelay *relay, const CloveRelayMessage *message);

G_END_DECLS
