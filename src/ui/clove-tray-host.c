/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-tray-host.h"

#define PROGRAM "clove-tray"
#define WATCHER "org.kde.StatusNotifierWatcher"
#define PATH    "/StatusNotifierWatcher"

/* A program that ends at once is started again, ever more rarely; one that lived, as if new. */
#define MIN_DELAY_S   1
#define MAX_DELAY_S   60
#define LONG_ENOUGH_S 60

struct _CloveTrayHost {
  GObject parent_instance;

  /* Owned. */
  GDBusConnection *connection;
  GCancellable *cancellable; /* of questions to the watcher that is there now */
  GCancellable *wait;        /* for the end of the helper */
  GSubprocess *helper;       /* NULL while none runs */
  char *program;             /* NULL if it is not installed */

  guint watch;
  guint subscription;
  guint restart; /* 0 unless the helper ended a moment ago */
  guint delay_s; /* before the next start */
  gint64 started_us;
  gboolean has_watcher;
  gboolean has_panel;
  gboolean has_host; /* as last told */
};

G_DEFINE_FINAL_TYPE (CloveTrayHost, clove_tray_host, G_TYPE_OBJECT)

enum {
  PROP_HAS_HOST = 1,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void start (CloveTrayHost *self);

static void
update (CloveTrayHost *self)
{
  gboolean has_host = self->has_panel && self->helper != NULL;

  if (self->has_host == has_host)
    return;
  self->has_host = has_host;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HAS_HOST]);
}

static gboolean
on_restart (gpointer user_data)
{
  CloveTrayHost *self = user_data;

  self->restart = 0;
  start (self);
  return G_SOURCE_REMOVE;
}

static void
start_later (CloveTrayHost *self)
{
  gint64 lived_us = g_get_monotonic_time () - self->started_us;

  if (lived_us >= LONG_ENOUGH_S * G_TIME_SPAN_SECOND)
    self->delay_s = MIN_DELAY_S;
  g_clear_handle_id (&self->restart, g_source_remove);
  self->restart = g_timeout_add_seconds (self->delay_s, on_restart, self);
  self->delay_s = MIN (self->delay_s * 2, MAX_DELAY_S);
}

static void
on_helper_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  CloveTrayHost *self = user_data;

  (void) g_subprocess_wait_finish (G_SUBPROCESS (source), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->helper);
  start_later (self);
  update (self);
}

/*
 * Only where there is a watcher, the name that panels are found by: a desktop without a tray would
 * pay 8 MB for an icon that nobody sees. Once it runs it stays: it finds a panel that was restarted
 * by itself, and starting anew would take longer.
 */
static void
start (CloveTrayHost *self)
{
  g_autoptr (GError) error = NULL;

  if (self->helper != NULL || self->restart != 0 || !self->has_watcher || self->program == NULL)
    return;
  self->started_us = g_get_monotonic_time ();
  /* It ends when its input does, and so with us, however we end. */
  self->helper =
    g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE, &error, self->program, NULL);
  if (self->helper == NULL) {
    g_debug ("no tray icon: %s", error->message);
    start_later (self);
    return;
  }
  g_subprocess_wait_async (self->helper, self->wait, on_helper_ended, self);
  update (self);
}

static void
set_panel (CloveTrayHost *self, gboolean has_panel)
{
  self->has_panel = has_panel;
  update (self);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) value = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply != NULL)
    g_variant_get (reply, "(v)", &value);
  set_panel (user_data, value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN) &&
                          g_variant_get_boolean (value));
}

/* A watcher alone shows nothing: a service of the desktop may offer it with no panel behind it. */
static void
ask (CloveTrayHost *self)
{
  g_dbus_connection_call (self->connection, WATCHER, PATH, "org.freedesktop.DBus.Properties",
                          "Get", g_variant_new ("(ss)", WATCHER, "IsStatusNotifierHostRegistered"),
                          G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1,
                          self->cancellable, on_answer, self);
}

static void
/* NOLINTNEXTLINE(readability-function-size): GDBus gives so many. */
on_signal (GDBusConnection *connection,
           const char *sender,
           const char *path,
           const char *interface,
           const char *signal,
           GVariant *parameters,
           gpointer user_data)
{
  if (g_str_equal (signal, "StatusNotifierHostRegistered") ||
      g_str_equal (signal, "StatusNotifierHostUnregistered"))
    ask (user_data);
}

static void
forget_watcher (CloveTrayHost *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->subscription != 0)
    g_dbus_connection_signal_unsubscribe (self->connection, self->subscription);
  self->subscription = 0;
  self->has_watcher = FALSE;
}

static void
on_appeared (GDBusConnection *connection, const char *name, const char *owner, gpointer user_data)
{
  CloveTrayHost *self = user_data;

  forget_watcher (self);
  self->has_watcher = TRUE;
  self->cancellable = g_cancellable_new ();
  self->subscription = g_dbus_connection_signal_subscribe (
    connection, owner, WATCHER, NULL, PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_signal, self, NULL);
  ask (self);
  start (self);
}

static void
on_vanished (GDBusConnection *connection, const char *name, gpointer user_data)
{
  CloveTrayHost *self = user_data;

  forget_watcher (self);
  set_panel (self, FALSE);
}

/* Beside us where it was built, else where it was installed. */
static char *
find_program (void)
{
  g_autofree char *self_path = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = g_path_get_dirname (self_path != NULL ? self_path : CLOVE_BINDIR "/x");
  char *candidates[] = {
    g_build_filename (folder, "..", "tray", PROGRAM, NULL),
    g_build_filename (CLOVE_LIBEXECDIR, PROGRAM, NULL),
  };
  char *found = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++) {
    if (found == NULL && g_file_test (candidates[i], G_FILE_TEST_IS_EXECUTABLE))
      found = g_canonicalize_filename (candidates[i], NULL);
    g_free (candidates[i]);
  }
  return found;
}

static void
clove_tray_host_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_HAS_HOST)
    g_value_set_boolean (value, CLOVE_TRAY_HOST (object)->has_host);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
clove_tray_host_dispose (GObject *object)
{
  CloveTrayHost *self = CLOVE_TRAY_HOST (object);

  g_clear_handle_id (&self->watch, g_bus_unwatch_name);
  g_clear_handle_id (&self->restart, g_source_remove);
  if (self->connection != NULL)
    forget_watcher (self);
  g_cancellable_cancel (self->wait);
  /* GLib keeps the object, and so the pipe, until the helper has ended. */
  if (self->helper != NULL)
    (void) g_output_stream_close (g_subprocess_get_stdin_pipe (self->helper), NULL, NULL);
  g_clear_object (&self->connection);
  g_clear_object (&self->wait);
  g_clear_object (&self->helper);
  g_clear_pointer (&self->program, g_free);

  G_OBJECT_CLASS (clove_tray_host_parent_class)->dispose (object);
}

static void
clove_tray_host_class_init (CloveTrayHostClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = clove_tray_host_dispose;
  object_class->get_property = clove_tray_host_get_property;

  properties[PROP_HAS_HOST] =
    g_param_spec_boolean ("has-host", NULL, NULL, FALSE,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
clove_tray_host_init (CloveTrayHost *self)
{
  self->delay_s = MIN_DELAY_S;
  self->wait = g_cancellable_new ();
}

/**
 * clove_tray_host_new:
 * @connection: (nullable): the session bus, on which the program owns its name; %NULL for none
 *
 * Returns: (transfer full): a host that starts the helper as soon as there is a panel
 */
CloveTrayHost *
clove_tray_host_new (GDBusConnection *connection)
{
  CloveTrayHost *self = g_object_new (CLOVE_TYPE_TRAY_HOST, NULL);

  self->program = find_program ();
  if (connection == NULL)
    return self;
  self->connection = g_object_ref (connection);
  self->watch = g_bus_watch_name_on_connection (connection, WATCHER, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                                on_appeared, on_vanished, self, NULL);
  return self;
}

/** clove_tray_host_is_installed: Tell whether the helper can be started at all. */
gboolean
clove_tray_host_is_installed (CloveTrayHost *self)
{
  return self->program != NULL;
}

/** clove_tray_host_has_host: Tell whether there is an icon of ours that the user can see. */
gboolean
clove_tray_host_has_host (CloveTrayHost *self)
{
  return self->has_host;
}
