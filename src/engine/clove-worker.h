/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-address.h"
#include "clove-bridge.h"
#include "clove-engine.h"
#include "clove-relay-list.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * CloveWorker:
 *
 * What lives in the worker thread: the layers from endpoint to server, wired together, and the
 * snapshots that are made of them. Every function belongs to that thread and asserts it.
 */
typedef struct _CloveWorker CloveWorker;

/**
 * CloveWorkerOptions:
 *
 * Parsed #CloveEngineOptions; owned by the worker.
 */
typedef struct {
  CloveAddress listen;
  char *directory;
  CloveRelayList *relays; /* nullable: use these and no directory */
  guint max_attempts;
  gint64 rotation_us;
  gboolean keeps_standby;
  gboolean keeps_entry;
  gboolean repeats;
  gboolean keeps_history;
  char *cache_folder;
  char *state_folder; /* nullable */
} CloveWorkerOptions;

void clove_worker_options_free (CloveWorkerOptions *options);

CloveWorker *clove_worker_new (GMainContext *context,
                               CloveWorkerOptions *options,
                               CloveBridge *bridge) G_GNUC_WARN_UNUSED_RESULT;
void clove_worker_free_in_worker (CloveWorker *self);

void clove_worker_start_in_worker (CloveWorker *self);
void clove_worker_stop_in_worker (CloveWorker *self,
                                  gint64 drain_us,
                                  GSourceFunc on_stopped,
                                  gpointer user_data);
void clove_worker_cut_drain_in_worker (CloveWorker *self);
void clove_worker_rebuild_in_worker (CloveWorker *self);
void clove_worker_choose_new_entries_in_worker (CloveWorker *self);
void clove_worker_set_history_in_worker (CloveWorker *self, gboolean keeps_history);
void clove_worker_mark_relay_in_worker (CloveWorker *self,
                                        const CloveAddress *address,
                                        CloveRelayMark mark);
void clove_worker_reload_directory_in_worker (CloveWorker *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveWorkerOptions, clove_worker_options_free)

G_END_DECLS
