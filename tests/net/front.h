/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "browser.h"
#include "clove-bulk-backend.h"
#include "clove-keeper.h"
#include "clove-server.h"
#include "test-net.h"

G_BEGIN_DECLS

/**
 * FrontOptions:
 * @n_relays: relays of the localnet
 * @n_exits: how many of them, the last ones, are exits too
 * @plays_reference: whether they have the faults of the reference relay
 * @seed: all chance but the relays' ports and keys follows from it: choices of relays, faults
 * @repeats_nothing: whether a request that was lost stays so
 * @has_standby: whether a standby circuit is kept
 * @keeps_entry: whether the entry stays the same
 * @n_attempts: builds in a round; 0: as many as usual
 * @rotation_us: how often the circuit is replaced; 0: never
 * @faults: (nullable): lines of commands to the localnet before the first circuit is built
 */
typedef struct {
  guint n_relays;
  guint n_exits;
  gboolean plays_reference;
  guint64 seed;
  gboolean repeats_nothing;
  gboolean has_standby;
  gboolean keeps_entry;
  guint n_attempts;
  gint64 rotation_us;
  const char *faults;
} FrontOptions;

/**
 * Front:
 *
 * Everything but the threads: a browser's socket, the server, the keeper, a circuit, a localnet,
 * the demo site, in one process under a fake clock.
 */
typedef struct {
  TestNet net;
  CloveRandom *random;
  CloveRelayList *relays;
  CloveBlacklist *blacklist;
  CloveKeeper *keeper;
  CloveBulkBackend *bulk; /* borrowed; the server's */
  CloveServer *server;
  CloveAddress address;
  gint64 build_us; /* how long the first circuit took */
} Front;

/* Five relays, of which relay4 and relay5 are exits. */
extern const FrontOptions front_sound;
extern const FrontOptions front_reference;

void front_set_up (Front *self, gconstpointer user_data);
void front_tear_down (Front *self, gconstpointer user_data);
Front *front_new (const FrontOptions *options) G_GNUC_WARN_UNUSED_RESULT;
void front_free (Front *self);

gint64 front_now_us (Front *self);
gboolean front_is_ready (gpointer user_data);
const char *front_get_hop (Front *self, guint hop);
gboolean front_is_banned (Front *self, const char *name);
void front_set_deaf (Front *self, gboolean is_deaf);

Browser *front_begin (Front *self, const char *request) G_GNUC_WARN_UNUSED_RESULT;
Browser *front_ask (Front *self, const char *request) G_GNUC_WARN_UNUSED_RESULT;
Browser *front_get (Front *self, const char *path) G_GNUC_WARN_UNUSED_RESULT;
gboolean front_have_all_replies (gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Front, front_free)

G_END_DECLS
