/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-circuit.h"
#include "clove-localnet.h"
#include "test-loop.h"

G_BEGIN_DECLS

/**
 * TestNet:
 * @localnet: (nullable): the relays; a test's own relays need none
 * @endpoint: the client's
 *
 * A localnet and a client in one thread, under a fake clock. Relays are counted from 1, as in
 * their names.
 */
typedef struct {
  CloveClock *clock;
  CloveLocalnet *localnet;
  CloveAdnlEndpoint *endpoint;
} TestNet;

/**
 * TestReply:
 * @stream: what carries it
 * @bytes: what came so far, head included
 * @body: (nullable): where the body begins in @bytes
 * @body_size: how much of the body came
 * @status: the HTTP status, or 0
 * @announced_size: how large the whole is, or -1 while nothing tells
 * @has_ended: whether nothing more will come
 * @is_slow: set it to take nothing until test_reply_take()
 * @error: (nullable): why the request failed
 *
 * What became of one request.
 */
typedef struct {
  CloveStream *stream;
  GByteArray *bytes;
  const guint8 *body;
  gsize body_size;
  guint status;
  gint64 announced_size;
  gboolean has_ended;
  gboolean is_slow;
  GError *error;
} TestReply;

/* Five relays, of which relay4 and relay5 are exits. */
extern const CloveLocalnetOptions test_net_sound;
extern const CloveLocalnetOptions test_net_reference;

void test_net_set_up (TestNet *net, const CloveLocalnetOptions *options);
void test_net_tear_down (TestNet *net);
TestNet *test_net_new (const CloveLocalnetOptions *options);
void test_net_free (TestNet *net);

guint32 test_net_get_host (void);
CloveLocalRelay *test_net_get_relay (TestNet *net, guint number);
CloveLocalRelayCounters test_net_count (TestNet *net, guint number);
void test_net_command (TestNet *net, const char *format, ...) G_GNUC_PRINTF (2, 3);

CloveHop test_net_get_hop (TestNet *net, guint number);
CloveCircuit *test_net_new_circuit (TestNet *net, guint entry, guint middle, guint exit_number);
gboolean test_net_try_build (TestNet *net, CloveCircuit *circuit, GError **error);
CloveCircuit *test_net_build (TestNet *net);

TestReply *test_net_send (CloveCircuit *circuit, const char *host, const char *request);
void test_net_wait (TestNet *net, TestReply *reply);
TestReply *test_net_fetch (TestNet *net, CloveCircuit *circuit, const char *host, const char *path);

void test_reply_take (TestReply *reply);
gboolean test_reply_contains (const TestReply *reply, const char *text);
void test_reply_free (TestReply *reply);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestNet, test_net_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestReply, test_reply_free)

G_END_DECLS
