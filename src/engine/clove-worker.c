/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-worker.h"

#include "clove-adnl-endpoint.h"
#include "clove-bulk-backend.h"
#include "clove-circuit-backend.h"
#include "clove-clock.h"
#include "clove-directory-refresh.h"
#include "clove-directory.h"
#include "clove-keeper.h"
#include "clove-memory.h"
#include "clove-network-watch.h"
#include "clove-observer.h"
#include "clove-random.h"
#include "clove-server.h"
#include "clove-strikes.h"

/* Statistics alone are not worth a snapshot more often than this. */
#define STATISTICS_INTERVAL_US G_USEC_PER_SEC

/* A machine that wakes loads an older directory anew. */
#define MAX_DIRECTORY_AGE_S (6 * 3600)

struct _CloveWorker {
  /* Set at construction. */
  GMainContext *context; /* borrowed: outlives the worker */

  /* Owned. */
  CloveWorkerOptions *options;
  CloveBridge *bridge;
  CloveClock *clock;
  CloveRandom *random;
  CloveAdnlEndpoint *endpoint;
  CloveDirectory *directory;
  CloveDirectoryRefresh *refresh; /* NULL when relays were given instead */
  CloveKeeper *keeper;
  CloveMemory *memory; /* NULL when nothing is kept */
  CloveServer *server;
  CloveRequestLog *requests;
  CloveObserver *observer;
  CloveNetworkWatch *watch;
  GCancellable *drain; /* of a server that is stopping */
  GError *failure;     /* why nothing works and nothing is tried again */
  CloveTimer statistics;

  guint64 n_causes; /* of the keeper when it last changed */
  gboolean is_asleep;
  gboolean is_stopping;
  GSourceFunc on_stopped;
  gpointer on_stopped_data;
};

static void
assert_in_worker (CloveWorker *self)
{
  g_assert (g_main_context_is_owner (self->context));
}

void
clove_worker_options_free (CloveWorkerOptions *options)
{
  g_free (options->directory);
  g_free (options->cache_folder);
  g_free (options->state_folder);
  g_clear_pointer (&options->relays, clove_relay_list_unref);
  g_free (options);
}

static void
publish (CloveWorker *self)
{
  g_autoptr (CloveSnapshot) snapshot = clove_observer_take (self->observer, self->failure);

  if (self->is_stopping && self->failure == NULL)
    snapshot->state = CLOVE_ENGINE_STOPPING;
  clove_bridge_put (self->bridge, snapshot);
}

static void
on_keeper_changed (CloveKeeper *keeper, gpointer user_data)
{
  CloveWorker *self = user_data;

  /* Whatever is worth to be remembered has a cause. */
  if (self->memory != NULL && clove_keeper_get_n_causes (keeper) != self->n_causes)
    clove_memory_note_change (self->memory);
  self->n_causes = clove_keeper_get_n_causes (keeper);
  publish (self);
}

static void
on_statistics (gpointer user_data)
{
  publish (user_data);
}

/* Called for each finished request: the next snapshot may wait for more of them. */
static void
on_request (const CloveRequestRecord *record, gpointer user_data)
{
  CloveWorker *self = user_data;

  clove_request_log_add (self->requests, record);
  if (!clove_timer_is_running (&self->statistics))
    clove_timer_start (&self->statistics, STATISTICS_INTERVAL_US);
}

/* Relays on this very machine need no network: a demo works without one. */
static gboolean
is_local (CloveWorker *self)
{
  CloveRelayList *list = self->options->relays;

  if (list == NULL)
    list = clove_directory_get_list (self->directory);
  for (guint i = 0; list != NULL && i < clove_relay_list_get_n_relays (list); i++) {
    if (!clove_address_is_loopback (
          clove_relay_get_address (clove_relay_list_get_relay (list, i))))
      return FALSE;
  }
  return list != NULL;
}

/* Whether nobody knows yet if the relays are on this machine; after a failure they count as not. */
static gboolean
awaits_list (CloveWorker *self)
{
  return self->refresh != NULL && clove_directory_get_list (self->directory) == NULL &&
         clove_directory_refresh_is_loading (self->refresh) &&
         clove_directory_refresh_get_problem (self->refresh) == NULL;
}

/* Tells the keeper how the network is. Without a list nothing is tried anyway, and a network that
 * turns out not to be needed must not seem to have come back: failures would be excused. */
static void
follow_network (CloveWorker *self)
{
  gboolean is_available =
    clove_network_watch_is_available (self->watch) || is_local (self) || awaits_list (self);

  clove_keeper_set_metered (self->keeper,
                            clove_network_watch_is_metered (self->watch) && !is_local (self));
  clove_keeper_set_online (self->keeper, is_available && !self->is_asleep);
}

static void
on_refresh_changed (CloveDirectoryRefresh *refresh, gpointer user_data)
{
  CloveWorker *self = user_data;
  CloveRelayList *list = clove_directory_get_list (self->directory);

  if (!clove_directory_refresh_is_loading (refresh)) {
    follow_network (self);
    if (list != NULL)
      clove_keeper_set_aged_relays (self->keeper, list,
                                    clove_directory_get_age_s (self->directory));
  }
  publish (self);
}

/* The directory could not be had, or would have been loaded while the machine slept. */
static void
catch_up (CloveWorker *self)
{
  if (self->refresh == NULL || self->is_asleep ||
      !clove_network_watch_is_available (self->watch))
    return;
  if (clove_directory_refresh_get_problem (self->refresh) != NULL ||
      clove_directory_get_age_s (self->directory) > MAX_DIRECTORY_AGE_S)
    clove_directory_refresh_load (self->refresh);
}

static void
on_network_event (CloveNetworkEvent event, gpointer user_data)
{
  CloveWorker *self = user_data;

  if (event == CLOVE_NETWORK_EVENT_SLEEPING || event == CLOVE_NETWORK_EVENT_WOKE)
    self->is_asleep = event == CLOVE_NETWORK_EVENT_SLEEPING;
  if (event == CLOVE_NETWORK_EVENT_WOKE &&
      clove_keeper_get_state (self->keeper) != CLOVE_KEEPER_OFFLINE)
    clove_keeper_note_network_change (self->keeper, "the machine woke");
  if (event == CLOVE_NETWORK_EVENT_CHANGED && !is_local (self))
    clove_keeper_note_network_change (self->keeper, "the network changed");
  follow_network (self);
  if (event != CLOVE_NETWORK_EVENT_METERED_CHANGED)
    catch_up (self);
}

/**
 * clove_worker_new:
 * @context: the worker thread's context, borrowed
 * @options: (transfer full): what to do
 * @bridge: where snapshots go; referenced
 *
 * Returns: (transfer full): a worker that does nothing yet; may be made in any thread
 */
CloveWorker *
clove_worker_new (GMainContext *context, CloveWorkerOptions *options, CloveBridge *bridge)
{
  CloveWorker *self = g_new0 (CloveWorker, 1);

  self->context = context;
  self->options = options;
  self->bridge = clove_bridge_ref (bridge);
  return self;
}

/** clove_worker_free_in_worker: Free; everything under way is given up. */
void
clove_worker_free_in_worker (CloveWorker *self)
{
  assert_in_worker (self);

  if (self->clock != NULL) {
    clove_timer_stop (&self->statistics);
    g_signal_handlers_disconnect_by_data (self->keeper, self);
    clove_keeper_stop (self->keeper);
    clove_server_set_request_func (self->server, NULL, NULL);
    clove_server_set_backend (self->server, NULL);
  }
  if (self->refresh != NULL)
    clove_directory_refresh_stop (self->refresh);
  g_clear_pointer (&self->watch, clove_network_watch_free);
  g_clear_pointer (&self->observer, clove_observer_free);
  g_clear_pointer (&self->requests, clove_request_log_free);
  g_clear_pointer (&self->memory, clove_memory_free);
  g_clear_object (&self->drain);
  g_clear_object (&self->server);
  g_clear_object (&self->keeper);
  g_clear_object (&self->refresh);
  g_clear_object (&self->directory);
  g_clear_object (&self->endpoint);
  g_clear_error (&self->failure);
  g_clear_pointer (&self->random, clove_random_unref);
  g_clear_pointer (&self->clock, clove_clock_unref);
  clove_bridge_unref (self->bridge);
  clove_worker_options_free (self->options);
  g_free (self);
}

static gboolean
open_endpoint (CloveWorker *self)
{
  CloveAddress any = { 0 };

  clove_address_init_loopback (&any, 0);
  any.v4.sin_addr.s_addr = htonl (INADDR_ANY);
  self->endpoint = clove_adnl_endpoint_new (&any, self->clock, &self->failure);
  return self->endpoint != NULL;
}

static void
wire_directory (CloveWorker *self)
{
  self->directory = clove_directory_new (self->clock, self->options->cache_folder);
  if (self->options->relays != NULL)
    return;
  self->refresh = clove_directory_refresh_new (self->directory, self->options->directory,
                                               self->clock, self->random);
  g_signal_connect (self->refresh, "changed", G_CALLBACK (on_refresh_changed), self);
}

static void
wire_keeper (CloveWorker *self)
{
  g_autofree char *warning = NULL;

  self->keeper = clove_keeper_new (self->endpoint, self->clock, self->random,
                                   clove_directory_get_blacklist (self->directory));
  clove_keeper_set_max_attempts (self->keeper, self->options->max_attempts);
  clove_keeper_set_rotation (self->keeper, self->options->rotation_us);
  g_signal_connect (self->keeper, "changed", G_CALLBACK (on_keeper_changed), self);
  if (self->options->state_folder != NULL) {
    self->memory = clove_memory_new (self->options->state_folder, self->clock,
                                     clove_directory_get_blacklist (self->directory),
                                     clove_keeper_get_records (self->keeper),
                                     clove_keeper_get_entries (self->keeper), &warning);
    if (warning != NULL)
      g_message ("%s", warning);
  }
  clove_keeper_set_keeps_entry (self->keeper, self->options->keeps_entry);
  clove_keeper_set_standby (self->keeper, self->options->keeps_standby);
}

static void
wire_server (CloveWorker *self)
{
  g_autoptr (CloveBackend) circuits = clove_circuit_backend_new (self->keeper, self->clock);
  g_autoptr (CloveBackend) backend = clove_bulk_backend_new (circuits, self->clock);

  clove_circuit_backend_set_repeats (CLOVE_CIRCUIT_BACKEND (circuits), self->options->repeats);
  clove_bulk_backend_set_repeats (CLOVE_BULK_BACKEND (backend), self->options->repeats);
  self->requests = clove_request_log_new (self->clock);
  clove_request_log_set_on (self->requests, self->options->keeps_history);
  self->server = clove_server_new (self->clock);
  clove_server_set_backend (self->server, backend);
  clove_server_set_request_func (self->server, on_request, self);
}

static void
wire_up (CloveWorker *self)
{
  CloveObserved observed = { 0 };

  wire_directory (self);
  wire_keeper (self);
  wire_server (self);
  observed = (CloveObserved){ .clock = self->clock,
                              .keeper = self->keeper,
                              .directory = self->directory,
                              .refresh = self->refresh,
                              .server = self->server,
                              .requests = self->requests,
                              .relays = self->options->relays,
                              .max_attempts = self->options->max_attempts };
  self->observer = clove_observer_new (&observed);
  self->watch = clove_network_watch_new (self->clock, NULL, NULL, on_network_event, self);
}

/** clove_worker_start_in_worker: Listen, get the directory, build a circuit. */
void
clove_worker_start_in_worker (CloveWorker *self)
{
  gboolean is_open = FALSE;

  assert_in_worker (self);
  g_return_if_fail (self->clock == NULL);

  self->clock = clove_clock_new (self->context);
  self->random = clove_random_new ();
  self->drain = g_cancellable_new ();
  clove_timer_init (&self->statistics, self->clock, on_statistics, self);
  is_open = open_endpoint (self);
  wire_up (self);
  if (!is_open ||
      !clove_server_listen (self->server, &self->options->listen, &self->failure)) {
    publish (self);
    return;
  }
  if (self->options->relays != NULL)
    clove_keeper_set_relays (self->keeper, self->options->relays);
  else
    clove_directory_refresh_load (self->refresh);
  follow_network (self);
  clove_keeper_start (self->keeper);
}

static void
on_server_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  CloveWorker *self = user_data;

  clove_server_stop_finish (CLOVE_SERVER (source), result, NULL);
  clove_keeper_stop (self->keeper);
  self->on_stopped (self->on_stopped_data);
}

/**
 * clove_worker_stop_in_worker:
 * @self: a started worker
 * @drain_us: how long requests in flight may go on
 * @on_stopped: called once nothing is in flight and the circuit is closed
 * @user_data: for @on_stopped
 *
 * Take no new requests and stop. Once only.
 */
void
clove_worker_stop_in_worker (CloveWorker *self,
                             gint64 drain_us,
                             GSourceFunc on_stopped,
                             gpointer user_data)
{
  assert_in_worker (self);

  self->is_stopping = TRUE;
  self->on_stopped = on_stopped;
  self->on_stopped_data = user_data;
  if (self->refresh != NULL)
    clove_directory_refresh_stop (self->refresh);
  publish (self);
  clove_server_stop_async (self->server, drain_us, self->drain, on_server_stopped, self);
}

/** clove_worker_cut_drain_in_worker: Break off what is still in flight while stopping. */
void
clove_worker_cut_drain_in_worker (CloveWorker *self)
{
  assert_in_worker (self);

  g_cancellable_cancel (self->drain);
}

/** clove_worker_rebuild_in_worker: Replace the circuit, unless that was asked for just now. */
void
clove_worker_rebuild_in_worker (CloveWorker *self)
{
  assert_in_worker (self);

  (void) clove_keeper_rebuild (self->keeper);
}

/** clove_worker_choose_new_entries_in_worker: Replace kept entries that should have gone. */
void
clove_worker_choose_new_entries_in_worker (CloveWorker *self)
{
  assert_in_worker (self);

  clove_keeper_choose_new_entries (self->keeper);
  if (self->memory != NULL)
    clove_memory_note_change (self->memory);
  publish (self);
}

/** clove_worker_reload_directory_in_worker: Load the directory now, if there is one to load. */
void
clove_worker_reload_directory_in_worker (CloveWorker *self)
{
  assert_in_worker (self);

  /* Without a proxy the list is for nobody. */
  if (self->refresh != NULL && self->failure == NULL)
    clove_directory_refresh_load (self->refresh);
}

/** clove_worker_set_history_in_worker: Keep the last requests for the screen, or forget them. */
void
clove_worker_set_history_in_worker (CloveWorker *self, gboolean keeps_history)
{
  assert_in_worker (self);

  if (self->requests != NULL)
    clove_request_log_set_on (self->requests, keeps_history);
  publish (self);
}

/**
 * clove_worker_mark_relay_in_worker:
 * @self: a started worker
 * @address: the relay
 * @mark: what becomes of it
 *
 * Ban a relay, or end its ban, because the user says so. A circuit that uses it stays until the
 * next rebuild.
 */
void
clove_worker_mark_relay_in_worker (CloveWorker *self,
                                   const CloveAddress *address,
                                   CloveRelayMark mark)
{
  static const char reason[] = "blacklisted by you";
  CloveBlacklist *blacklist = NULL;

  assert_in_worker (self);

  blacklist = clove_directory_get_blacklist (self->directory);
  switch (mark) {
    case CLOVE_RELAY_MARK_BANNED:
      clove_blacklist_mark_failed (blacklist, address, reason);
      break;
    case CLOVE_RELAY_MARK_BANNED_UNTIL_CLEARED:
      clove_blacklist_ban_until_cleared (blacklist, address, reason);
      break;
    case CLOVE_RELAY_MARK_CLEARED:
    default:
      clove_blacklist_clear (blacklist, address);
      break;
  }
  if (self->memory != NULL)
    clove_memory_note_change (self->memory);
  publish (self);
}
