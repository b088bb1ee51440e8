/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-snapshot.h"

#include <gio/gio.h>
#include <glib-object.h>

G_BEGIN_DECLS

/* The directory of the Tonnet community, which the reference client uses, too. */
#define CLOVE_ENGINE_DEFAULT_DIRECTORY \
  "https://raw.githubusercontent.com/TONresistor/tonnet-directory/main/relays.json"
#define CLOVE_ENGINE_DEFAULT_LISTEN "127.0.0.1:8080"

/**
 * CloveEngineOptions:
 * @listen: "ip:port" to listen on
 * @directory: https address or file of the relay directory
 * @relays: (nullable): entry, middle and exit to use instead of a directory, each
 *   "ip:port,public-key-in-hex"
 * @max_attempts: builds in a round
 * @rotation_us: the circuit is replaced about so often; 0 for never
 * @keeps_standby: whether a circuit is kept in reserve while the proxy is in use
 * @keeps_entry: whether circuits keep their entry for weeks
 * @repeats: whether safe requests that a circuit lost are sent once more
 * @keeps_history: whether snapshots show the last requests; they are in memory only
 * @cache_folder: (nullable): where a copy of the directory is kept; %NULL to keep none
 * @state_folder: (nullable): where bans and records of relays are kept between runs; %NULL to keep
 *   nothing
 *
 * How to run the engine. Borrowed by clove_engine_new().
 */
typedef struct {
  const char *listen;
  const char *directory;
  const char *const *relays;
  guint max_attempts;
  gint64 rotation_us;
  gboolean keeps_standby;
  gboolean keeps_entry;
  gboolean repeats;
  gboolean keeps_history;
  const char *cache_folder;
  const char *state_folder;
} CloveEngineOptions;

/**
 * CloveRelayMark:
 * @CLOVE_RELAY_MARK_CLEARED: not banned
 * @CLOVE_RELAY_MARK_BANNED: banned for five minutes, as if it had failed
 * @CLOVE_RELAY_MARK_BANNED_UNTIL_CLEARED: banned for as long as the user wants
 *
 * What the user wants of a relay.
 */
typedef enum {
  CLOVE_RELAY_MARK_CLEARED,
  CLOVE_RELAY_MARK_BANNED,
  CLOVE_RELAY_MARK_BANNED_UNTIL_CLEARED,
} CloveRelayMark;

/**
 * CloveEngine:
 *
 * The whole proxy behind one object: it runs in a worker thread of its own, which the engine's user
 * never meets. All calls are for the thread that made the engine.
 *
 * Signal "snapshot" (): clove_engine_get_snapshot() is another one; at most ten times a second.
 */
#define CLOVE_TYPE_ENGINE (clove_engine_get_type ())
G_DECLARE_FINAL_TYPE (CloveEngine, clove_engine, CLOVE, ENGINE, GObject)

CloveEngine *clove_engine_new (const CloveEngineOptions *options,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
void clove_engine_start (CloveEngine *self);
void clove_engine_stop_async (CloveEngine *self,
                              gint64 drain_us,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
void clove_engine_stop_finish (CloveEngine *self, GAsyncResult *result);
void clove_engine_cut_drain (CloveEngine *self);
void clove_engine_rebuild (CloveEngine *self);
void clove_engine_choose_new_entries (CloveEngine *self);
void clove_engine_set_history (CloveEngine *self, gboolean keeps_history);
gboolean clove_engine_mark_relay (CloveEngine *self, const char *address, CloveRelayMark mark);
void clove_engine_reload_directory (CloveEngine *self);

CloveSnapshot *clove_engine_get_snapshot (CloveEngine *self);

G_END_DECLS
