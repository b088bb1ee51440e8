/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * systemd's login1 says on the system bus that it will switch the computer off, and waits for those
 * that asked to be waited for. Without it, or without the bus, there is still the signal that ends
 * every program; so nothing is said about that but in the debug log.
 */
#include "config.h"

#include "clove-shutdown-watch.h"

#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <unistd.h>

#define LOGIN1_NAME      "org.freedesktop.login1"
#define LOGIN1_PATH      "/org/freedesktop/login1"
#define LOGIN1_INTERFACE "org.freedesktop.login1.Manager"
#define LOGIN1_SIGNAL    "PrepareForShutdown"

struct _CloveShutdownWatch {
  /* Set at construction. */
  CloveShutdownFunc on_shutdown;
  gpointer user_data;

  /* Owned. */
  char *who;
  GCancellable *cancellable;
  GDBusConnection *bus; /* NULL while there is none */
  guint subscription;
  int lock; /* -1 unless login1 waits for us */
};

static void
/* NOLINTNEXTLINE(readability-function-size): GIO gives so many. */
on_prepare_for_shutdown (GDBusConnection *bus,
                         const char *sender,
                         const char *path,
                         const char *interface,
                         const char *signal,
                         GVariant *parameters,
                         gpointer user_data)
{
  CloveShutdownWatch *self = user_data;
  gboolean is_to_come = FALSE;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(b)")))
    return;
  g_variant_get (parameters, "(b)", &is_to_come);
  if (is_to_come)
    self->on_shutdown (self->user_data);
}

static void
on_inhibited (GObject *source, GAsyncResult *result, gpointer user_data)
{
  CloveShutdownWatch *self = user_data;
  g_autoptr (GUnixFDList) list = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_with_unix_fd_list_finish (
    G_DBUS_CONNECTION (source), &list, result, &error);

  /* The watch is gone when this was cancelled. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL)
    g_debug ("The computer will not wait for us: %s", error->message);
  else if (list != NULL && g_unix_fd_list_get_length (list) == 1)
    self->lock = g_unix_fd_list_get (list, 0, NULL);
}

static void
ask_to_wait (CloveShutdownWatch *self)
{
  g_dbus_connection_call_with_unix_fd_list (
    self->bus, LOGIN1_NAME, LOGIN1_PATH, LOGIN1_INTERFACE, "Inhibit",
    g_variant_new ("(ssss)", "shutdown", self->who, "puts the system proxy back", "delay"),
    G_VARIANT_TYPE ("(h)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, self->cancellable,
    on_inhibited, self);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  CloveShutdownWatch *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_dbus_connection_new_for_address_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (bus == NULL) {
    g_debug ("No system bus: %s", error->message);
    return;
  }
  self->bus = g_steal_pointer (&bus);
  self->subscription =
    g_dbus_connection_signal_subscribe (self->bus, LOGIN1_NAME, LOGIN1_INTERFACE, LOGIN1_SIGNAL,
                                        LOGIN1_PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                        on_prepare_for_shutdown, self, NULL);
  ask_to_wait (self);
}

/**
 * clove_shutdown_watch_new:
 * @bus_address: (nullable): D-Bus address of the bus that login1 is on; %NULL for the system bus
 * @who: the name of the program, for people who wonder what the computer waits for
 * @on_shutdown: called in the caller's thread
 * @user_data: for @on_shutdown
 *
 * Returns: (transfer full): a watch; never blocks, and needs no bus
 */
CloveShutdownWatch *
clove_shutdown_watch_new (const char *bus_address,
                          const char *who,
                          CloveShutdownFunc on_shutdown,
                          gpointer user_data)
{
  CloveShutdownWatch *self = g_new0 (CloveShutdownWatch, 1);
  g_autofree char *address =
    bus_address != NULL ? g_strdup (bus_address)
                        : g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, NULL);

  self->on_shutdown = on_shutdown;
  self->user_data = user_data;
  self->who = g_strdup (who);
  self->cancellable = g_cancellable_new ();
  self->lock = -1;
  /* A connection of its own: the shared one ends the process when the bus goes away. */
  if (address != NULL)
    g_dbus_connection_new_for_address (address,
                                       G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                         G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                       NULL, self->cancellable, on_connected, self);
  return self;
}

/** clove_shutdown_watch_free: Free it; the computer does not wait for us any more. */
void
clove_shutdown_watch_free (CloveShutdownWatch *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->bus != NULL) {
    g_dbus_connection_signal_unsubscribe (self->bus, self->subscription);
    g_dbus_connection_close (self->bus, NULL, NULL, NULL);
  }
  g_clear_object (&self->bus);
  if (self->lock >= 0)
    close (self->lock);
  g_free (self->who);
  g_free (self);
}
