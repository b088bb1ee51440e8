/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-directory-refresh.h"
#include "clove-directory.h"
#include "clove-keeper.h"
#include "clove-request-log.h"
#include "clove-server.h"
#include "clove-snapshot.h"

G_BEGIN_DECLS

/**
 * CloveObserver:
 *
 * Makes snapshots of what lives in the worker thread, and belongs to it. What snapshots have in
 * common (the log of causes, the records of relays) is made once and shared.
 */
typedef struct _CloveObserver CloveObserver;

/**
 * CloveObserved:
 * @clock: the worker's clock
 * @keeper: whose circuits
 * @directory: whose relays and bans
 * @refresh: (nullable): what loads @directory; %NULL when relays were given instead
 * @server: the front end
 * @requests: the log of requests
 * @relays: (nullable): the relays that were given
 * @max_attempts: builds in a round
 *
 * What is looked at; borrowed, and outlives the observer.
 */
typedef struct {
  CloveClock *clock;
  CloveKeeper *keeper;
  CloveDirectory *directory;
  CloveDirectoryRefresh *refresh;
  CloveServer *server;
  CloveRequestLog *requests;
  CloveRelayList *relays;
  guint max_attempts;
} CloveObserved;

CloveObserver *clove_observer_new (const CloveObserved *observed) G_GNUC_WARN_UNUSED_RESULT;
void clove_observer_free (CloveObserver *self);

CloveSnapshot *clove_observer_take (CloveObserver *self,
                                    const GError *failure) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveObserver, clove_observer_free)

G_END_DECLS
