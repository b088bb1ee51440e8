/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-circuit.h"
#include "clove-localnet.h"
#include "test-loop.h"

G_BEGIN_DECLS

/* The relays of a test net: the last two are exits. */
#define TEST_NET_N_RELAYS 5

/**
 * TestNet:
 *
 * A localnet and a client's endpoint in this process, under a fake clock.
 */
typedef struct {
  CloveClock *clock;
  CloveLocalnet *localnet;
  CloveAdnlEndpoint *endpoint;
} TestNet;

/**
 * TestReply:
 *
 * What became of one request: @body is the reply so far, head included.
 */
typedef struct {
  CloveStream *stream;
  GByteArray *body;
  gint64 size;
  gboolean has_ended;
  gboolean is_slow; /* take nothing until test_reply_take() */
  GError *error;
} TestReply;

void test_net_set_up (TestNet *net, gboolean plays_reference);
void test_net_tear_down (TestNet *net);
void test_net_command (TestNet *net, const char *format, ...) G_GNUC_PRINTF (2, 3);

void test_net_get_hop (TestNet *net, guint relay, CloveHop *hop_out);
CloveCircuit *test_net_new_circuit (TestNet *net, guint entry, guint middle, guint exit_relay);
gboolean test_net_try_build (TestNet *net, CloveCircuit *circuit, GError **error);
CloveCircuit *test_net_build (TestNet *net);

TestReply *test_net_send (CloveCircuit *circuit, const char *host, const char *request);
TestReply *test_net_send_bytes (CloveCircuit *circuit, const char *host, GBytes *request);
TestReply *test_net_fetch (TestNet *net, CloveCircuit *circuit, const char *host, const char *path);
void test_net_wait (TestNet *net, TestReply *reply);
void test_reply_take (TestReply *reply);
const char *test_reply_get_text (TestReply *reply);
gsize test_reply_get_body_offset (TestReply *reply);
void test_reply_free (TestReply *reply);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestReply, test_reply_free)

G_END_DECLS
