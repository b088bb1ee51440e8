/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The only place that knows that there are two threads. Commands go to the worker as sources on its
 * context; state comes back as immutable snapshots through the bridge. Nothing else crosses.
 */
#include "config.h"

#include "clove-engine.h"

#include "clove-bridge.h"
#include "clove-clock.h"
#include "clove-manual-relays.h"
#include "clove-worker.h"

struct _CloveEngine {
  GObject parent_instance;

  /* Owned. */
  CloveWorkerOptions *options; /* until the start */
  CloveSnapshot *snapshot;     /* the newest that was delivered */
  CloveBridge *bridge;
  GThread *thread; /* NULL when not running */
  GTask *stop;     /* a stop under way */

  struct {
    GMainContext *context;
    GMainLoop *loop;
    CloveWorker *worker;
  } worker;
};

G_DEFINE_FINAL_TYPE (CloveEngine, clove_engine, G_TYPE_OBJECT)

enum {
  SIGNAL_SNAPSHOT,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
on_snapshot (CloveSnapshot *snapshot, gpointer user_data)
{
  CloveEngine *self = user_data;

  g_clear_pointer (&self->snapshot, clove_snapshot_unref);
  self->snapshot = clove_snapshot_ref (snapshot);
  g_signal_emit (self, signals[SIGNAL_SNAPSHOT], 0);
}

static gpointer
run_in_worker (gpointer user_data)
{
  CloveEngine *self = user_data;

  g_main_context_push_thread_default (self->worker.context);
  g_main_loop_run (self->worker.loop);
  if (g_main_context_acquire (self->worker.context)) {
    clove_worker_free_in_worker (g_steal_pointer (&self->worker.worker));
    /* What was given up ends by callbacks that free what it held. */
    while (g_main_context_iteration (self->worker.context, FALSE))
      continue;
    g_main_context_release (self->worker.context);
  }
  g_main_context_pop_thread_default (self->worker.context);
  return NULL;
}

static void
post_to_worker (CloveEngine *self, GSourceFunc function, gpointer user_data, GDestroyNotify destroy)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "clove-engine-command");
  g_source_set_callback (source, function, user_data, destroy);
  g_source_attach (source, self->worker.context);
}

static gboolean
start_in_worker (gpointer user_data)
{
  CloveEngine *self = user_data;

  clove_worker_start_in_worker (self->worker.worker);
  return G_SOURCE_REMOVE;
}

static gboolean
quit_in_worker (gpointer user_data)
{
  CloveEngine *self = user_data;

  g_main_loop_quit (self->worker.loop);
  return G_SOURCE_REMOVE;
}

static gboolean
cut_drain_in_worker (gpointer user_data)
{
  CloveEngine *self = user_data;

  clove_worker_cut_drain_in_worker (self->worker.worker);
  return G_SOURCE_REMOVE;
}

static gboolean
rebuild_in_worker (gpointer user_data)
{
  CloveEngine *self = user_data;

  clove_worker_rebuild_in_worker (self->worker.worker);
  return G_SOURCE_REMOVE;
}

static gboolean
reload_directory_in_worker (gpointer user_data)
{
  CloveEngine *self = user_data;

  clove_worker_reload_directory_in_worker (self->worker.worker);
  return G_SOURCE_REMOVE;
}

static gboolean
choose_new_entries_in_worker (gpointer user_data)
{
  CloveEngine *self = user_data;

  clove_worker_choose_new_entries_in_worker (self->worker.worker);
  return G_SOURCE_REMOVE;
}

typedef struct {
  CloveEngine *engine;
  gboolean keeps_history;
} History;

static gboolean
set_history_in_worker (gpointer user_data)
{
  History *history = user_data;

  clove_worker_set_history_in_worker (history->engine->worker.worker, history->keeps_history);
  return G_SOURCE_REMOVE;
}

typedef struct {
  CloveEngine *engine;
  CloveAddress address;
  CloveRelayMark mark;
} Mark;

static gboolean
mark_relay_in_worker (gpointer user_data)
{
  Mark *mark = user_data;

  clove_worker_mark_relay_in_worker (mark->engine->worker.worker, &mark->address, mark->mark);
  return G_SOURCE_REMOVE;
}

/* Ends the thread; returns when it has ended. */
static void
join_worker (CloveEngine *self)
{
  if (self->thread == NULL)
    return;
  post_to_worker (self, quit_in_worker, self, NULL);
  g_thread_join (g_steal_pointer (&self->thread));
}

static void
clove_engine_dispose (GObject *object)
{
  CloveEngine *self = CLOVE_ENGINE (object);

  join_worker (self);
  if (self->bridge != NULL)
    clove_bridge_close (self->bridge);
  g_clear_pointer (&self->bridge, clove_bridge_unref);
  g_clear_pointer (&self->worker.loop, g_main_loop_unref);
  g_clear_pointer (&self->worker.context, g_main_context_unref);
  g_clear_pointer (&self->snapshot, clove_snapshot_unref);
  g_clear_pointer (&self->options, clove_worker_options_free);

  G_OBJECT_CLASS (clove_engine_parent_class)->dispose (object);
}

static void
clove_engine_class_init (CloveEngineClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_engine_dispose;

  signals[SIGNAL_SNAPSHOT] = g_signal_new ("snapshot", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                           0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
clove_engine_init (CloveEngine *self)
{
  self->snapshot = clove_snapshot_new ();
}

/**
 * clove_engine_new:
 * @options: how to run
 * @error: %G_IO_ERROR_INVALID_ARGUMENT or %CLOVE_DIRECTORY_ERROR for options that make no sense
 *
 * Returns: (transfer full) (nullable): an engine that is off
 */
CloveEngine *
clove_engine_new (const CloveEngineOptions *options, GError **error)
{
  g_autoptr (CloveEngine) self = g_object_new (CLOVE_TYPE_ENGINE, NULL);

  self->options = g_new0 (CloveWorkerOptions, 1);
  self->options->directory = g_strdup (options->directory);
  self->options->cache_folder = g_strdup (options->cache_folder);
  self->options->state_folder = g_strdup (options->state_folder);
  self->options->max_attempts = options->max_attempts;
  self->options->rotation_us = options->rotation_us;
  self->options->keeps_standby = options->keeps_standby;
  self->options->keeps_entry = options->keeps_entry;
  self->options->repeats = options->repeats;
  self->options->keeps_history = options->keeps_history;
  if (!clove_manual_listen_parse (&self->options->listen, options->listen, error))
    return NULL;
  if (options->relays != NULL) {
    self->options->relays = clove_manual_relays_parse (options->relays, error);
    if (self->options->relays == NULL)
      return NULL;
  }
  return g_steal_pointer (&self);
}

/** clove_engine_start: Start the worker thread and all in it. Once only. */
void
clove_engine_start (CloveEngine *self)
{
  g_return_if_fail (self->options != NULL);

  self->bridge = clove_bridge_new (on_snapshot, self);
  self->worker.context = g_main_context_new ();
  self->worker.loop = g_main_loop_new (self->worker.context, FALSE);
  self->worker.worker =
    clove_worker_new (self->worker.context, g_steal_pointer (&self->options), self->bridge);
  post_to_worker (self, start_in_worker, self, NULL);
  self->thread = g_thread_new ("clove-worker", run_in_worker, self);
}

typedef struct {
  CloveEngine *engine;   /* borrowed: the task holds it */
  GMainContext *context; /* owned: of the thread that waits */
  gint64 drain_us;
} Stop;

static void
stop_free (gpointer data)
{
  Stop *stop = data;

  g_main_context_unref (stop->context);
  g_free (stop);
}

/* An engine that is off knows nothing but what it did before. */
static CloveSnapshot *
take_after (const CloveSnapshot *last, GMainContext *context)
{
  g_autoptr (CloveClock) clock = clove_clock_new (context);
  CloveSnapshot *off = clove_snapshot_new ();

  off->taken_us = clove_clock_now_us (clock);
  off->taken_s = clove_clock_wall_s (clock);
  off->rebuild_at_us = off->taken_us;
  off->generation = last->generation;
  off->n_requests = last->n_requests;
  off->n_bytes_in = last->n_bytes_in;
  off->n_bytes_out = last->n_bytes_out;
  return off;
}

static gboolean
on_stopped (gpointer user_data)
{
  Stop *stop = user_data;
  CloveEngine *self = stop->engine;
  g_autoptr (GTask) task = g_steal_pointer (&self->stop);
  g_autoptr (CloveSnapshot) off = NULL;

  join_worker (self);
  clove_bridge_close (self->bridge);
  off = take_after (self->snapshot, stop->context);
  on_snapshot (off, self);
  g_task_return_boolean (task, TRUE);
  return G_SOURCE_REMOVE;
}

/* Called in the worker thread: the rest is for the thread that waits. */
static gboolean
on_stopped_in_worker (gpointer user_data)
{
  Stop *stop = user_data;

  g_main_context_invoke (stop->context, on_stopped, stop);
  return G_SOURCE_REMOVE;
}

static gboolean
stop_in_worker (gpointer user_data)
{
  Stop *stop = user_data;

  clove_worker_stop_in_worker (stop->engine->worker.worker, stop->drain_us, on_stopped_in_worker,
                               stop);
  return G_SOURCE_REMOVE;
}

/**
 * clove_engine_stop_async:
 * @self: a running engine that is not being stopped
 * @drain_us: how long requests in flight may go on
 * @callback: called when the worker thread has ended
 * @user_data: for @callback
 *
 * Take no new requests, let those in flight finish, close the circuit, end the thread.
 */
void
clove_engine_stop_async (CloveEngine *self,
                         gint64 drain_us,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  Stop *stop = NULL;

  g_return_if_fail (self->thread != NULL && self->stop == NULL);

  self->stop = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->stop, clove_engine_stop_async);
  stop = g_new0 (Stop, 1);
  stop->engine = self;
  stop->context = g_main_context_ref_thread_default ();
  stop->drain_us = drain_us;
  g_task_set_task_data (self->stop, stop, stop_free);
  post_to_worker (self, stop_in_worker, stop, NULL);
}

/** clove_engine_stop_finish: End clove_engine_stop_async(), which cannot fail. */
void
clove_engine_stop_finish (CloveEngine *self, GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, self));
  g_task_propagate_boolean (G_TASK (result), NULL);
}

/** clove_engine_cut_drain: Break off what is still in flight while the engine is being stopped. */
void
clove_engine_cut_drain (CloveEngine *self)
{
  if (self->stop != NULL)
    post_to_worker (self, cut_drain_in_worker, self, NULL);
}

/**
 * clove_engine_rebuild:
 * @self: a running engine
 *
 * Replace the circuit because the user asks for it. Nothing happens before the time that the
 * snapshot gives in rebuild_at_us.
 */
void
clove_engine_rebuild (CloveEngine *self)
{
  if (self->thread != NULL)
    post_to_worker (self, rebuild_in_worker, self, NULL);
}

/** clove_engine_choose_new_entries: Replace kept entries that stay only since too many changed. */
void
clove_engine_choose_new_entries (CloveEngine *self)
{
  if (self->thread != NULL)
    post_to_worker (self, choose_new_entries_in_worker, self, NULL);
}

/** clove_engine_set_history: Show the last requests in snapshots from now on, or forget them. */
void
clove_engine_set_history (CloveEngine *self, gboolean keeps_history)
{
  History *history = NULL;

  if (self->thread == NULL)
    return;
  history = g_new0 (History, 1);
  history->engine = self;
  history->keeps_history = keeps_history;
  post_to_worker (self, set_history_in_worker, history, g_free);
}

/**
 * clove_engine_mark_relay:
 * @self: a running engine
 * @address: "ip:port" of a relay
 * @mark: what becomes of it
 *
 * Ban a relay, or end its ban, because the user says so.
 *
 * Returns: whether @address is one
 */
gboolean
clove_engine_mark_relay (CloveEngine *self, const char *address, CloveRelayMark mark)
{
  CloveAddress parsed = { 0 };
  Mark *data = NULL;

  if (!clove_address_parse (&parsed, address, NULL))
    return FALSE;
  if (self->thread == NULL)
    return TRUE;
  data = g_new0 (Mark, 1);
  data->engine = self;
  data->address = parsed;
  data->mark = mark;
  post_to_worker (self, mark_relay_in_worker, data, g_free);
  return TRUE;
}

/**
 * clove_engine_reload_directory:
 * @self: a running engine
 *
 * Load the directory now, rather than when its time has come. Snapshots tell what became of it: its
 * age, or why the old one stays.
 */
void
clove_engine_reload_directory (CloveEngine *self)
{
  if (self->thread != NULL)
    post_to_worker (self, reload_directory_in_worker, self, NULL);
}

/** clove_engine_get_snapshot: (transfer none): Get the newest snapshot that was delivered. */
CloveSnapshot *
clove_engine_get_snapshot (CloveEngine *self)
{
  return self->snapshot;
}
