/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-worker.h"

#include "clove-adnl-endpoint.h"
#include "clove-circuit-backend.h"
#include "clove-clock.h"
#include "clove-directory-refresh.h"
#include "clove-directory.h"
#include "clove-keeper.h"
#include "clove-memory.h"
#include "clove-random.h"
#include "clove-server.h"
#include "clove-strikes.h"

/* Statistics alone are not worth a snapshot more often than this. */
#define STATISTICS_INTERVAL_US G_USEC_PER_SEC

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
  GCancellable *drain; /* of a server that is stopping */
  GError *failure;     /* why nothing works and nothing is tried again */
  CloveTimer statistics;

  GPtrArray *causes; /* of CloveSnapshotCause; shared with snapshots */
  guint64 newest_cause;

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

static gboolean
is_loading (CloveWorker *self)
{
  return self->refresh != NULL && clove_directory_refresh_is_loading (self->refresh);
}

static const GError *
get_directory_problem (CloveWorker *self)
{
  return self->refresh != NULL ? clove_directory_refresh_get_problem (self->refresh) : NULL;
}

static CloveEngineState
describe_state (CloveWorker *self)
{
  if (self->failure != NULL)
    return CLOVE_ENGINE_FAILED;
  if (self->is_stopping)
    return CLOVE_ENGINE_STOPPING;
  switch (clove_keeper_get_state (self->keeper)) {
    case CLOVE_KEEPER_READY:
      return CLOVE_ENGINE_CONNECTED;
    case CLOVE_KEEPER_REBUILDING:
      return CLOVE_ENGINE_REBUILDING;
    case CLOVE_KEEPER_WAITING:
      return CLOVE_ENGINE_WAITING;
    case CLOVE_KEEPER_OFFLINE:
      return CLOVE_ENGINE_OFFLINE;
    case CLOVE_KEEPER_BUILDING:
      if (clove_keeper_get_candidate (self->keeper) != NULL)
        return CLOVE_ENGINE_BUILDING;
      return is_loading (self) ? CLOVE_ENGINE_LOADING : CLOVE_ENGINE_WAITING;
    case CLOVE_KEEPER_STOPPED:
    default:
      return CLOVE_ENGINE_OFF;
  }
}

static void
describe_hops (CloveWorker *self, CloveSnapshot *snapshot)
{
  static const CloveSnapshotHopState states[] = {
    [CLOVE_HOP_WAITING] = CLOVE_SNAPSHOT_HOP_WAITING,
    [CLOVE_HOP_EXTENDING] = CLOVE_SNAPSHOT_HOP_EXTENDING,
    [CLOVE_HOP_READY] = CLOVE_SNAPSHOT_HOP_READY,
    [CLOVE_HOP_FAILED] = CLOVE_SNAPSHOT_HOP_FAILED,
  };
  CloveCircuit *circuit = clove_keeper_get_circuit (self->keeper);

  if (circuit == NULL)
    circuit = clove_keeper_get_candidate (self->keeper);
  if (circuit == NULL)
    return;
  snapshot->n_hops = clove_circuit_get_n_hops (circuit);
  for (guint i = 0; i < snapshot->n_hops; i++) {
    char address[CLOVE_ADDRESS_STRING_SIZE] = { 0 };

    clove_address_format (clove_circuit_get_hop_address (circuit, i), address);
    snapshot->hops[i].name = g_strdup (clove_circuit_get_hop_name (circuit, i));
    snapshot->hops[i].address = g_strdup (address);
    snapshot->hops[i].state = states[clove_circuit_get_hop_state (circuit, i)];
    snapshot->hops[i].time_us = clove_circuit_get_hop_time_us (circuit, i);
  }
}

static char *
relay_name (CloveWorker *self, const CloveAddress *address)
{
  CloveRelayList *list = self->options->relays;

  if (list == NULL)
    list = clove_directory_get_list (self->directory);
  for (guint i = 0; list != NULL && i < clove_relay_list_get_n_relays (list); i++) {
    const CloveRelay *relay = clove_relay_list_get_relay (list, i);

    if (clove_address_equal (clove_relay_get_address (relay), address))
      return g_strdup (clove_relay_get_name (relay));
  }
  return NULL;
}

static void
describe_bans (CloveWorker *self, CloveSnapshot *snapshot)
{
  g_autoptr (GPtrArray) bans =
    clove_blacklist_list (clove_directory_get_blacklist (self->directory));

  for (guint i = 0; i < bans->len; i++) {
    const CloveBan *ban = g_ptr_array_index (bans, i);
    CloveSnapshotBan *shown = g_new0 (CloveSnapshotBan, 1);

    shown->name = relay_name (self, &ban->address);
    shown->address = g_malloc0 (CLOVE_ADDRESS_STRING_SIZE);
    clove_address_format (&ban->address, shown->address);
    shown->left_us = ban->left_us;
    shown->reason = g_strdup (ban->reason);
    g_ptr_array_add (snapshot->bans, shown);
  }
}

static void
cause_free (gpointer data)
{
  CloveSnapshotCause *cause = data;

  g_free (cause->text);
  g_free (cause->redacted);
  g_free (cause);
}

/* Snapshots share the worded causes, which are made anew only when there is another one. */
static void
describe_causes (CloveWorker *self, CloveSnapshot *snapshot)
{
  const GPtrArray *causes = clove_keeper_get_causes (self->keeper);
  const CloveCause *newest = causes->len > 0 ? causes->pdata[causes->len - 1] : NULL;

  if (self->causes == NULL || (newest != NULL && newest->serial != self->newest_cause)) {
    g_clear_pointer (&self->causes, g_ptr_array_unref);
    self->causes = g_ptr_array_new_with_free_func (cause_free);
    self->newest_cause = newest != NULL ? newest->serial : 0;
    if (newest != NULL && self->memory != NULL)
      clove_memory_note_change (self->memory);
    for (guint i = 0; i < causes->len; i++) {
      const CloveCause *cause = causes->pdata[i];
      CloveSnapshotCause *shown = g_new0 (CloveSnapshotCause, 1);

      shown->serial = cause->serial;
      shown->time_s = cause->time_s;
      shown->kind = clove_cause_kind_name (cause->kind);
      shown->text = clove_cause_format (cause, TRUE);
      shown->redacted = clove_cause_format (cause, FALSE);
      g_ptr_array_add (self->causes, shown);
    }
  }
  snapshot->causes = g_ptr_array_ref (self->causes);
}

static void
describe_problem (CloveWorker *self, CloveSnapshot *snapshot)
{
  const GError *problem = self->failure;

  if (problem == NULL && clove_keeper_get_circuit (self->keeper) == NULL)
    problem = clove_keeper_get_problem (self->keeper);
  if (problem == NULL && snapshot->state == CLOVE_ENGINE_WAITING)
    problem = get_directory_problem (self);
  if (problem == NULL)
    return;
  snapshot->problem = g_strdup (problem->message);
  snapshot->problem_code = problem == self->failure ? problem->code : -1;
}

static void
describe_directory (CloveWorker *self, CloveSnapshot *snapshot)
{
  CloveRelayList *list = self->options->relays;
  const GError *problem = get_directory_problem (self);

  if (list == NULL) {
    list = clove_directory_get_list (self->directory);
    snapshot->directory_age_s = clove_directory_get_age_s (self->directory);
  }
  if (list != NULL)
    snapshot->n_relays = clove_relay_list_get_n_relays (list);
  if (problem != NULL)
    snapshot->directory_problem = g_strdup (problem->message);
}

static void
describe_server (CloveWorker *self, CloveSnapshot *snapshot)
{
  CloveServerStatistics statistics = { 0 };
  CloveAddress address = { 0 };

  clove_server_get_statistics (self->server, &statistics);
  snapshot->n_requests = statistics.n_requests;
  snapshot->n_bytes_in = statistics.n_bytes_in;
  snapshot->n_bytes_out = statistics.n_bytes_out;
  if (clove_server_get_address (self->server, &address)) {
    snapshot->listen_address = g_malloc0 (CLOVE_ADDRESS_STRING_SIZE);
    clove_address_format (&address, snapshot->listen_address);
  }
}

/* When something is tried again: a build, or without relays the directory; else 0. */
static gint64
get_next_try_us (CloveWorker *self)
{
  gint64 next_try_us = clove_keeper_get_next_try_us (self->keeper);

  if (next_try_us != 0 || self->refresh == NULL ||
      clove_directory_get_list (self->directory) != NULL)
    return next_try_us;
  return clove_directory_refresh_get_next_us (self->refresh);
}

static void
publish (CloveWorker *self)
{
  g_autoptr (CloveSnapshot) snapshot = clove_snapshot_new ();

  snapshot->taken_us = clove_clock_now_us (self->clock);
  snapshot->state = describe_state (self);
  snapshot->generation = clove_keeper_get_generation (self->keeper);
  snapshot->attempt = clove_keeper_get_attempt (self->keeper);
  snapshot->max_attempts = self->options->max_attempts;
  snapshot->next_try_us = get_next_try_us (self);
  snapshot->strikes = clove_keeper_get_strikes (self->keeper);
  snapshot->max_strikes = CLOVE_STRIKES_MAX;
  snapshot->rebuild_at_us = snapshot->taken_us + clove_keeper_get_cooldown_us (self->keeper);
  snapshot->next_rotation_us = clove_keeper_get_next_rotation_us (self->keeper);
  describe_hops (self, snapshot);
  describe_bans (self, snapshot);
  describe_causes (self, snapshot);
  describe_problem (self, snapshot);
  describe_directory (self, snapshot);
  describe_server (self, snapshot);
  clove_bridge_put (self->bridge, snapshot);
}

static void
on_keeper_changed (CloveKeeper *keeper, gpointer user_data)
{
  publish (user_data);
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

  if (!clove_timer_is_running (&self->statistics))
    clove_timer_start (&self->statistics, STATISTICS_INTERVAL_US);
}

static void
on_list_changed (CloveDirectoryRefresh *refresh, gpointer user_data)
{
  CloveWorker *self = user_data;

  clove_keeper_set_relays (self->keeper, clove_directory_get_list (self->directory));
}

static void
on_refresh_changed (CloveDirectoryRefresh *refresh, gpointer user_data)
{
  publish (user_data);
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
  g_clear_pointer (&self->memory, clove_memory_free);
  g_clear_object (&self->drain);
  g_clear_object (&self->server);
  g_clear_object (&self->keeper);
  g_clear_object (&self->refresh);
  g_clear_object (&self->directory);
  g_clear_object (&self->endpoint);
  g_clear_error (&self->failure);
  g_clear_pointer (&self->causes, g_ptr_array_unref);
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
  g_signal_connect (self->refresh, "list-changed", G_CALLBACK (on_list_changed), self);
  g_signal_connect (self->refresh, "changed", G_CALLBACK (on_refresh_changed), self);
}

static void
wire_up (CloveWorker *self)
{
  g_autoptr (CloveBackend) backend = NULL;
  g_autofree char *warning = NULL;

  wire_directory (self);
  self->keeper = clove_keeper_new (self->endpoint, self->clock, self->random,
                                   clove_directory_get_blacklist (self->directory));
  clove_keeper_set_max_attempts (self->keeper, self->options->max_attempts);
  clove_keeper_set_rotation (self->keeper, self->options->rotation_us);
  g_signal_connect (self->keeper, "changed", G_CALLBACK (on_keeper_changed), self);
  if (self->options->state_folder != NULL) {
    self->memory = clove_memory_new (self->options->state_folder, self->clock,
                                     clove_directory_get_blacklist (self->directory),
                                     clove_keeper_get_records (self->keeper), &warning);
    if (warning != NULL)
      g_message ("%s", warning);
  }
  backend = clove_circuit_backend_new (self->keeper, self->clock);
  self->server = clove_server_new (self->clock);
  clove_server_set_backend (self->server, backend);
  clove_server_set_request_func (self->server, on_request, self);
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

/** clove_worker_reload_directory_in_worker: Load the directory now, if there is one to load. */
void
clove_worker_reload_directory_in_worker (CloveWorker *self)
{
  assert_in_worker (self);

  /* Without a proxy the list is for nobody. */
  if (self->refresh != NULL && self->failure == NULL)
    clove_directory_refresh_load (self->refresh);
}
