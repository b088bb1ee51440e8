/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-host.h"

#include "clove-demo.h"
#include "clove-directory-cache.h"
#include "clove-directory.h"
#include "clove-state-file.h"

/* A setting is seldom changed alone, and a number not in one step: the engine begins anew once. */
#define RESTART_DELAY_MS 800

/* How long requests in flight may go on when the proxy is switched off. */
#define DRAIN_US (2 * G_TIME_SPAN_SECOND)

struct _CloveHost {
  GObject parent_instance;

  /* Owned. */
  CloveSettings *settings;
  CloveEngine *engine;      /* NULL when off */
  CloveDemo *demo;          /* NULL but for a demo */
  GCancellable *demo_start; /* NULL but while the demo starts */
  CloveSnapshot *off;       /* what is shown when off */
  char *trouble;            /* why it went off by itself */
  char *running;            /* the settings that the engine runs with, in one line */
  guint restart;            /* 0 unless settings changed a moment ago */

  gboolean is_on; /* what the user wants */
  gboolean is_demo;
  gboolean is_stopping;
  gboolean starts_again; /* once it has stopped */
};

G_DEFINE_FINAL_TYPE (CloveHost, clove_host, G_TYPE_OBJECT)

enum {
  SIGNAL_CHANGED,
  SIGNAL_STOPPED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void begin (CloveHost *self);

static void
emit_changed (CloveHost *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* All that the engine is started with; a demo has a directory of its own. */
static char *
list_settings (CloveHost *self)
{
  g_autofree char *listen = clove_settings_get_listen (self->settings);
  g_autofree char *directory =
    self->is_demo ? g_strdup ("demo") : clove_settings_get_directory (self->settings);
  CloveEngineOptions options = { 0 };

  clove_settings_fill_options (self->settings, &options);
  return g_strdup_printf ("%s %u %" G_GINT64_FORMAT " %d %d %d %s", listen, options.max_attempts,
                          options.rotation_us, options.keeps_standby, options.keeps_entry,
                          options.repeats, directory);
}

static void
drop_demo (CloveHost *self)
{
  if (self->demo_start != NULL)
    g_cancellable_cancel (self->demo_start);
  g_clear_object (&self->demo_start);
  if (self->demo != NULL)
    g_signal_handlers_disconnect_by_data (self->demo, self);
  g_clear_object (&self->demo);
}

static void
go_off (CloveHost *self)
{
  self->is_on = FALSE;
  drop_demo (self);
  emit_changed (self);
  g_signal_emit (self, signals[SIGNAL_STOPPED], 0);
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CloveHost) self = user_data;

  clove_engine_stop_finish (CLOVE_ENGINE (source), result);
  g_signal_handlers_disconnect_by_data (source, self);
  g_clear_object (&self->engine);
  self->is_stopping = FALSE;
  if (self->starts_again) {
    self->starts_again = FALSE;
    begin (self);
  } else {
    go_off (self);
  }
}

static void
stop_engine (CloveHost *self)
{
  if (self->is_stopping)
    return;
  self->is_stopping = TRUE;
  clove_engine_stop_async (self->engine, DRAIN_US, on_stopped, g_object_ref (self));
}

static void
fail (CloveHost *self, const char *why)
{
  g_free (self->trouble);
  self->trouble = g_strdup (why);
  self->starts_again = FALSE;
  if (self->engine != NULL)
    stop_engine (self);
  else
    go_off (self);
}

static void
on_snapshot (CloveEngine *engine, gpointer user_data)
{
  emit_changed (user_data);
}

static void
start_engine (CloveHost *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *listen = clove_settings_get_listen (self->settings);
  g_autofree char *directory = self->demo != NULL
                                 ? g_strdup (clove_demo_get_directory (self->demo))
                                 : clove_settings_get_directory (self->settings);
  /* The relays of a demo are gone after it. */
  g_autofree char *cache_folder =
    self->demo != NULL ? NULL : clove_directory_get_default_cache_folder ();
  g_autofree char *state_folder =
    self->demo != NULL ? NULL : clove_state_file_get_default_folder ();
  CloveEngineOptions options = { .listen = listen,
                                 .directory = directory,
                                 .cache_folder = cache_folder,
                                 .state_folder = state_folder };

  clove_settings_fill_options (self->settings, &options);
  g_free (self->running);
  self->running = list_settings (self);
  self->engine = clove_engine_new (&options, &error);
  if (self->engine == NULL) {
    fail (self, error->message);
    return;
  }
  g_signal_connect (self->engine, "snapshot", G_CALLBACK (on_snapshot), self);
  clove_engine_start (self->engine);
  emit_changed (self);
}

static void
on_demo_ended (CloveDemo *demo, gpointer user_data)
{
  fail (user_data, "the demo network has ended");
}

static void
on_demo_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CloveHost) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_started = clove_demo_start_finish (CLOVE_DEMO (source), result, &error);

  if (CLOVE_DEMO (source) != self->demo)
    return;
  g_clear_object (&self->demo_start);
  if (is_started)
    start_engine (self);
  else
    fail (self, error->message);
}

static void
begin (CloveHost *self)
{
  self->is_on = TRUE;
  g_clear_pointer (&self->trouble, g_free);
  if (!self->is_demo)
    drop_demo (self);
  if (!self->is_demo || (self->demo != NULL && self->demo_start == NULL)) {
    start_engine (self);
    return;
  }
  if (self->demo == NULL) {
    self->demo = clove_demo_new ();
    self->demo_start = g_cancellable_new ();
    g_signal_connect (self->demo, "ended", G_CALLBACK (on_demo_ended), self);
    clove_demo_start_async (self->demo, self->demo_start, on_demo_started, g_object_ref (self));
  }
  emit_changed (self);
}

static gboolean
on_restart (gpointer user_data)
{
  CloveHost *self = user_data;
  g_autofree char *wanted = list_settings (self);

  self->restart = 0;
  if (self->is_on && self->engine != NULL && g_strcmp0 (wanted, self->running) != 0)
    clove_host_start (self, self->is_demo);
  return G_SOURCE_REMOVE;
}

static void
on_engine_changed (CloveSettings *settings, gpointer user_data)
{
  CloveHost *self = user_data;

  g_clear_handle_id (&self->restart, g_source_remove);
  if (self->is_on && self->engine != NULL)
    self->restart = g_timeout_add (RESTART_DELAY_MS, on_restart, self);
}

static void
on_history_changed (GSettings *gsettings, const char *key, gpointer user_data)
{
  CloveHost *self = user_data;

  if (self->engine != NULL)
    clove_engine_set_history (self->engine, g_settings_get_boolean (gsettings, key));
}

static void
clove_host_dispose (GObject *object)
{
  CloveHost *self = CLOVE_HOST (object);

  g_clear_handle_id (&self->restart, g_source_remove);
  if (self->engine != NULL)
    g_signal_handlers_disconnect_by_data (self->engine, self);
  g_clear_object (&self->engine);
  drop_demo (self);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->off, clove_snapshot_unref);
  g_clear_pointer (&self->trouble, g_free);
  g_clear_pointer (&self->running, g_free);

  G_OBJECT_CLASS (clove_host_parent_class)->dispose (object);
}

static void
clove_host_class_init (CloveHostClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_host_dispose;

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_STOPPED] = g_signal_new ("stopped", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
clove_host_init (CloveHost *self)
{
  self->off = clove_snapshot_new ();
}

/** clove_host_new: (transfer full): Make a host that is off. */
CloveHost *
clove_host_new (CloveSettings *settings)
{
  CloveHost *self = g_object_new (CLOVE_TYPE_HOST, NULL);

  self->settings = g_object_ref (settings);
  g_signal_connect_object (settings, "engine-changed", G_CALLBACK (on_engine_changed), self, 0);
  g_signal_connect_object (clove_settings_get_gsettings (settings),
                           "changed::" CLOVE_SETTING_HISTORY, G_CALLBACK (on_history_changed),
                           self, 0);
  return self;
}

/**
 * clove_host_start:
 * @self: a host
 * @is_demo: whether to use a network of our own on this computer
 *
 * Switch on, or begin anew with the settings as they are now.
 */
void
clove_host_start (CloveHost *self, gboolean is_demo)
{
  g_clear_handle_id (&self->restart, g_source_remove);
  self->is_demo = is_demo;
  self->is_on = TRUE;
  if (self->engine != NULL) {
    self->starts_again = TRUE;
    stop_engine (self);
  } else if (self->demo_start == NULL || !is_demo) {
    begin (self);
  }
}

/** clove_host_stop: Switch off: requests in flight get two seconds. Harmless when off. */
void
clove_host_stop (CloveHost *self)
{
  self->starts_again = FALSE;
  if (self->engine != NULL)
    stop_engine (self);
  else if (self->is_on)
    go_off (self);
}

/** clove_host_is_on: Tell whether it is switched on, which says nothing of success. */
gboolean
clove_host_is_on (CloveHost *self)
{
  return self->is_on && (!self->is_stopping || self->starts_again);
}

/** clove_host_is_stopping: Tell whether it is on its way to being off. */
gboolean
clove_host_is_stopping (CloveHost *self)
{
  return self->is_stopping && !self->starts_again;
}

/** clove_host_is_demo: Tell whether the network is one of our own. */
gboolean
clove_host_is_demo (CloveHost *self)
{
  return self->is_demo;
}

/** clove_host_get_control: (nullable): Get the socket by which the demo network is broken. */
const char *
clove_host_get_control (CloveHost *self)
{
  return self->demo != NULL && self->demo_start == NULL ? clove_demo_get_control (self->demo)
                                                        : NULL;
}

/** clove_host_get_trouble: (nullable): Get why it went off by itself. */
const char *
clove_host_get_trouble (CloveHost *self)
{
  return self->trouble;
}

/**
 * clove_host_get_snapshot:
 *
 * (transfer none): Get how things are; of an engine that is off, if so.
 */
CloveSnapshot *
clove_host_get_snapshot (CloveHost *self)
{
  return self->engine != NULL ? clove_engine_get_snapshot (self->engine) : self->off;
}

/** clove_host_rebuild: Replace the circuit, if that may be asked for now. */
void
clove_host_rebuild (CloveHost *self)
{
  if (self->engine != NULL)
    clove_engine_rebuild (self->engine);
}

/** clove_host_choose_new_entries: Replace kept entries that stay only since too many changed. */
void
clove_host_choose_new_entries (CloveHost *self)
{
  if (self->engine != NULL)
    clove_engine_choose_new_entries (self->engine);
}

/** clove_host_reload_directory: Load the directory now. */
void
clove_host_reload_directory (CloveHost *self)
{
  if (self->engine != NULL)
    clove_engine_reload_directory (self->engine);
}

/** clove_host_mark_relay: Ban the relay at @address, or end its ban. */
void
clove_host_mark_relay (CloveHost *self, const char *address, CloveRelayMark mark)
{
  if (self->engine != NULL)
    (void) clove_engine_mark_relay (self->engine, address, mark);
}
