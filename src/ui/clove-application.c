/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-application.h"

#include "clove-application-actions.h"
#include "clove-application-commands.h"
#include "clove-dbus.h"
#include "clove-notifier.h"
#include "clove-proxy-switch.h"
#include "clove-shutdown-watch.h"
#include "clove-window.h"

#include <glib-unix.h>
#include <signal.h>

struct _CloveApplication {
  AdwApplication parent_instance;

  /* Owned. */
  CloveSettings *settings;
  CloveHost *host;
  CloveNotifier *notifier;
  CloveProxySwitch *proxy_switch;
  CloveShutdownWatch *shutdown_watch;
  ClovePresence *presence;
  CloveDbus *dbus; /* NULL without a bus */

  guint cooldown; /* 0 unless a rebuild is forbidden for a while */
  guint signals[3];
  gboolean has_begun;
  gboolean is_hidden; /* and held, since there is no window that would do it */
  gboolean is_held;   /* by a proxy that is on: a service has nothing else to stay for */
  gboolean is_quitting;
};

G_DEFINE_FINAL_TYPE (CloveApplication, clove_application, ADW_TYPE_APPLICATION)

static void on_changed (CloveHost *host, gpointer user_data);

static gboolean
on_cooled_down (gpointer user_data)
{
  CloveApplication *self = user_data;

  self->cooldown = 0;
  on_changed (self->host, self);
  return G_SOURCE_REMOVE;
}

/* The end of a cooldown brings no snapshot, but it brings a button back. */
static void
follow_cooldown (CloveApplication *self, const CloveSnapshot *snapshot, gint64 now_us)
{
  gint64 left_us = snapshot->rebuild_at_us - now_us;

  g_clear_handle_id (&self->cooldown, g_source_remove);
  if (left_us > 0)
    self->cooldown = g_timeout_add ((guint) (left_us / G_TIME_SPAN_MILLISECOND) + 1,
                                    on_cooled_down, self);
}

/* A program that the bus has started, to switch the proxy on, has no window. It goes on for as long
 * as the proxy does, and until the circuits are closed. */
static void
hold_while_on (CloveApplication *self)
{
  if (self->is_held || !clove_host_is_on (self->host))
    return;
  self->is_held = TRUE;
  g_application_hold (G_APPLICATION (self));
}

static void
on_changed (CloveHost *host, gpointer user_data)
{
  CloveApplication *self = user_data;
  CloveSnapshot *snapshot = clove_host_get_snapshot (host);
  gint64 now_us = g_get_monotonic_time ();

  hold_while_on (self);
  clove_application_update_actions (self);
  follow_cooldown (self, snapshot, now_us);
  if (self->dbus != NULL)
    clove_dbus_show (self->dbus, snapshot, clove_host_get_trouble (host), now_us);
}

static void
on_stopped (CloveHost *host, gpointer user_data)
{
  CloveApplication *self = user_data;

  if (self->is_quitting)
    g_application_quit (G_APPLICATION (self));
  if (!self->is_held || clove_host_is_on (host))
    return;
  self->is_held = FALSE;
  g_application_release (G_APPLICATION (self));
}

/* Ctrl+C, and the end of the session: the circuits are closed as by "Quit". */
static gboolean
on_signal (gpointer user_data)
{
  clove_application_quit (user_data);
  return G_SOURCE_CONTINUE;
}

/* As by nohup. */
static gboolean
is_ignored (int number)
{
  struct sigaction action = { 0 };

  return sigaction (number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static void
on_computer_shutdown (gpointer user_data)
{
  clove_application_quit (user_data);
}

static void
begin_system_proxy (CloveApplication *self)
{
  g_autoptr (CloveSystemProxy) system = clove_system_proxy_new_default ();

  self->proxy_switch =
    clove_proxy_switch_new (G_APPLICATION (self), self->host, self->settings, system);
  self->shutdown_watch =
    clove_shutdown_watch_new (NULL, g_get_application_name (), on_computer_shutdown, self);
}

static void
clove_application_startup (GApplication *application)
{
  CloveApplication *self = CLOVE_APPLICATION (application);

  G_APPLICATION_CLASS (clove_application_parent_class)->startup (application);
  gtk_window_set_default_icon_name (CLOVE_APP_ID);
  self->settings = clove_settings_new ();
  self->host = clove_host_new (self->settings);
  g_signal_connect_object (self->host, "changed", G_CALLBACK (on_changed), self, 0);
  g_signal_connect_object (self->host, "stopped", G_CALLBACK (on_stopped), self, 0);
  self->notifier = clove_notifier_new (GTK_APPLICATION (self), self->host, self->settings);
  self->presence = clove_presence_new (application, self->host, self->settings);
  clove_application_add_actions (self);
  self->signals[0] = g_unix_signal_add (SIGINT, on_signal, self);
  self->signals[1] = g_unix_signal_add (SIGTERM, on_signal, self);
  if (!is_ignored (SIGHUP))
    self->signals[2] = g_unix_signal_add (SIGHUP, on_signal, self);
  begin_system_proxy (self);
}

/* Also where nobody asked to quit, as at the end of the session: there is no loop any more that
 * would close the circuits, and others count on that it happens now. */
static void
clove_application_shutdown (GApplication *application)
{
  CloveApplication *self = CLOVE_APPLICATION (application);

  clove_proxy_switch_end (self->proxy_switch);
  clove_host_stop (self->host);
  while (clove_host_is_stopping (self->host))
    g_main_context_iteration (NULL, TRUE);
  G_APPLICATION_CLASS (clove_application_parent_class)->shutdown (application);
}

/* Does what the user wanted last, once: what was switched off stays off. */
void
clove_application_begin (CloveApplication *self, gboolean wants_demo)
{
  CloveMode mode = clove_settings_get_mode (self->settings);
  gboolean is_in_demo = clove_host_is_on (self->host) && clove_host_is_demo (self->host);

  if (wants_demo && !is_in_demo)
    clove_host_start (self->host, TRUE);
  else if (!wants_demo && !self->has_begun && mode != CLOVE_MODE_UNSET)
    clove_host_start (self->host, mode == CLOVE_MODE_DEMO);
  self->has_begun = TRUE;
}

static void
clove_application_activate (GApplication *application)
{
  clove_application_begin (CLOVE_APPLICATION (application), FALSE);
  clove_application_present (CLOVE_APPLICATION (application));
}

/* Without its last window the program has nothing to stay for. */
static void
clove_application_window_removed (GtkApplication *application, GtkWindow *window)
{
  CloveApplication *self = CLOVE_APPLICATION (application);

  GTK_APPLICATION_CLASS (clove_application_parent_class)->window_removed (application, window);
  if (gtk_application_get_windows (application) == NULL && !self->is_hidden)
    clove_application_quit (self);
}

static gboolean
on_call (CloveDbusVerb verb, gpointer user_data, GError **error)
{
  CloveApplication *self = user_data;
  CloveMode mode = clove_settings_get_mode (self->settings);
  gboolean is_demo = clove_host_is_demo (self->host) || mode == CLOVE_MODE_DEMO;

  switch (verb) {
    case CLOVE_DBUS_VERB_START:
      if (!clove_host_is_on (self->host) && !is_demo && mode == CLOVE_MODE_UNSET) {
        g_set_error_literal (error, CLOVE_DBUS_ERROR, CLOVE_DBUS_ERROR_NO_NETWORK,
                             "no network has been chosen yet");
        return FALSE;
      }
      if (!clove_host_is_on (self->host))
        clove_host_start (self->host, is_demo);
      return TRUE;
    case CLOVE_DBUS_VERB_STOP:
      clove_host_stop (self->host);
      return TRUE;
    case CLOVE_DBUS_VERB_REBUILD:
    default:
      return clove_application_rebuild (self, error);
  }
}

static gboolean
clove_application_dbus_register (GApplication *application,
                                 GDBusConnection *connection,
                                 const char *path,
                                 GError **error)
{
  CloveApplication *self = CLOVE_APPLICATION (application);

  if (!G_APPLICATION_CLASS (clove_application_parent_class)
         ->dbus_register (application, connection, path, error))
    return FALSE;
  self->dbus = clove_dbus_new (on_call, self);
  return clove_dbus_export (self->dbus, connection, error);
}

static void
clove_application_dbus_unregister (GApplication *application,
                                   GDBusConnection *connection,
                                   const char *path)
{
  CloveApplication *self = CLOVE_APPLICATION (application);

  if (self->dbus != NULL)
    clove_dbus_unexport (self->dbus);
  g_clear_object (&self->dbus);
  G_APPLICATION_CLASS (clove_application_parent_class)
    ->dbus_unregister (application, connection, path);
}

static void
clove_application_dispose (GObject *object)
{
  CloveApplication *self = CLOVE_APPLICATION (object);

  g_clear_handle_id (&self->cooldown, g_source_remove);
  for (guint i = 0; i < G_N_ELEMENTS (self->signals); i++)
    g_clear_handle_id (&self->signals[i], g_source_remove);
  g_clear_pointer (&self->shutdown_watch, clove_shutdown_watch_free);
  g_clear_object (&self->proxy_switch);
  g_clear_object (&self->presence);
  g_clear_object (&self->notifier);
  g_clear_object (&self->host);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (clove_application_parent_class)->dispose (object);
}

static void
clove_application_class_init (CloveApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clove_application_dispose;
  application_class->startup = clove_application_startup;
  application_class->shutdown = clove_application_shutdown;
  application_class->activate = clove_application_activate;
  application_class->handle_local_options = clove_application_check_options;
  application_class->command_line = clove_application_obey;
  application_class->dbus_register = clove_application_dbus_register;
  application_class->dbus_unregister = clove_application_dbus_unregister;
  GTK_APPLICATION_CLASS (klass)->window_removed = clove_application_window_removed;
}

static void
clove_application_init (CloveApplication *self)
{
  clove_application_add_options (self);
}

/** clove_application_new: (transfer full): Make the application, to be run. */
CloveApplication *
clove_application_new (void)
{
  return g_object_new (CLOVE_TYPE_APPLICATION, "application-id", CLOVE_APP_ID, "flags",
                       G_APPLICATION_HANDLES_COMMAND_LINE, "resource-base-path", CLOVE_RESOURCES,
                       "register-session", TRUE, NULL);
}

/** clove_application_get_host: (transfer none): Get what runs the engine; not before startup. */
CloveHost *
clove_application_get_host (CloveApplication *self)
{
  return self->host;
}

/** clove_application_get_settings: (transfer none): Get the settings; not before startup. */
CloveSettings *
clove_application_get_settings (CloveApplication *self)
{
  return self->settings;
}

/** clove_application_get_system_proxy: (transfer none): Get it; not before startup. */
CloveSystemProxy *
clove_application_get_system_proxy (CloveApplication *self)
{
  return clove_proxy_switch_get_system (self->proxy_switch);
}

/** clove_application_get_presence: (transfer none): Get tray and login; not before startup. */
ClovePresence *
clove_application_get_presence (CloveApplication *self)
{
  return self->presence;
}

/* Returns: (transfer none) (nullable): the main window, however many others are open */
CloveWindow *
clove_application_get_window (CloveApplication *self)
{
  for (GList *item = gtk_application_get_windows (GTK_APPLICATION (self)); item != NULL;
       item = item->next) {
    if (CLOVE_IS_WINDOW (item->data))
      return item->data;
  }
  return NULL;
}

static void
set_hidden (CloveApplication *self, gboolean is_hidden)
{
  if (self->is_hidden == is_hidden)
    return;
  self->is_hidden = is_hidden;
  if (is_hidden)
    g_application_hold (G_APPLICATION (self));
  else
    g_application_release (G_APPLICATION (self));
}

/* Goes on without a window until one is asked for. */
void
clove_application_hide (CloveApplication *self)
{
  CloveWindow *window = clove_application_get_window (self);

  set_hidden (self, TRUE);
  if (window != NULL)
    gtk_widget_set_visible (GTK_WIDGET (window), FALSE);
}

/**
 * clove_application_close:
 * @self: the application
 *
 * The user closes the window. While the proxy is on and there is another way to it, that hides it,
 * and others with it; otherwise the program ends with its last window.
 *
 * Returns: whether the window stays, hidden
 */
gboolean
clove_application_close (CloveApplication *self)
{
  g_autoptr (GList) windows = NULL;

  if (self->is_quitting || !clove_presence_goes_on (self->presence))
    return FALSE;
  clove_application_hide (self);
  windows = g_list_copy (gtk_application_get_windows (GTK_APPLICATION (self)));
  for (GList *item = windows; item != NULL; item = item->next) {
    if (!CLOVE_IS_WINDOW (item->data))
      gtk_window_close (item->data);
  }
  clove_presence_hide (self->presence);
  return TRUE;
}

/* Shows the window, which is made when it is wanted first. */
void
clove_application_present (CloveApplication *self)
{
  CloveWindow *window = clove_application_get_window (self);

  if (self->is_quitting)
    return;
  if (window == NULL)
    window = clove_window_new (self);
  gtk_window_present (GTK_WINDOW (window));
  clove_presence_show (self->presence);
  set_hidden (self, FALSE);
}

/* Ends the program once the circuits are closed. */
void
clove_application_quit (CloveApplication *self)
{
  if (self->is_quitting)
    return;
  self->is_quitting = TRUE;
  clove_proxy_switch_end (self->proxy_switch);
  g_application_hold (G_APPLICATION (self));
  clove_presence_show (self->presence);
  for (GList *windows = gtk_application_get_windows (GTK_APPLICATION (self)); windows != NULL;
       windows = gtk_application_get_windows (GTK_APPLICATION (self)))
    gtk_window_destroy (windows->data);
  if (clove_host_is_on (self->host))
    clove_host_stop (self->host);
  else
    g_application_quit (G_APPLICATION (self));
}
