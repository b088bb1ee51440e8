/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-circuit.h"
#include "clove-localnet.h"

G_BEGIN_DECLS

/**
 * TestLocalnet: A localnet and a client's endpoint in one thread, under a fake clock.
 */
typedef struct {
  CloveClock *clock;
  CloveLocalnet *localnet;
  CloveAdnlEndpoint *client;
} TestLocalnet;

/**
 * TestReply:
 * @bytes: what came, with its head
 * @body: (nullable): where in @bytes the body begins
 * @error: (nullable): why the request failed
 */
typedef struct {
  GByteArray *bytes;
  const guint8 *body;
  gsize body_size;
  guint status;
  GError *error;
} TestReply;

TestLocalnet *test_localnet_new (const CloveLocalnetOptions *options);
void test_localnet_free (TestLocalnet *self);

void test_localnet_do (TestLocalnet *self, const char *line);
CloveLocalRelayCounters test_localnet_count (TestLocalnet *self, guint relay);

CloveCircuit *test_localnet_build (TestLocalnet *self,
                                   guint entry,
                                   guint middle,
                                   guint exit,
                                   GError **error);
CloveCircuit *test_localnet_build_good (TestLocalnet *self);
TestReply *test_localnet_send (TestLocalnet *self,
                               CloveCircuit *circuit,
                               const char *host,
                               const char *request);
TestReply *test_localnet_get (TestLocalnet *self,
                              CloveCircuit *circuit,
                              const char *host,
                              const char *path);
void test_reply_free (TestReply *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestLocalnet, test_localnet_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestReply, test_reply_free)

G_END_DECLS
