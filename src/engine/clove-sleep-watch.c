/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two witnesses, one event.
 *
 * systemd's login1 announces sleep and waking on the system bus. There may be no bus, no login1, or
 * a bus that goes away; nothing is said about that but in the debug log.
 *
 * The clocks tell as well, and also where login1 does not know: CLOCK_MONOTONIC stands still while
 * the machine is suspended, and the calendar does not, so after waking the calendar has run
 * further. It is compared once in 20 s, in the wake-up of other coarse timers if there is one: at
 * most 0.05 wake-ups a second, a tenth of what an idle proxy may cost. A virtual machine that was
 * paused shows in the same way once its calendar is put right, which is why the calendar is asked
 * and not CLOCK_BOOTTIME. The price is that a calendar that NTP or a user moves ahead by more than
 * 10 s looks like waking; a false alarm costs one ping. One that is moved back is no alarm.
 */
#include "config.h"

#include "clove-sleep-watch.h"

#include <gio/gio.h>

#define LOOK_INTERVAL_US (20 * G_USEC_PER_SEC)
#define JUMP_US          (10 * G_USEC_PER_SEC)
/* The second witness of one waking is no later than this. */
#define SAME_WAKING_US   (10 * G_USEC_PER_SEC)

#define LOGIN1_NAME      "org.freedesktop.login1"
#define LOGIN1_PATH      "/org/freedesktop/login1"
#define LOGIN1_INTERFACE "org.freedesktop.login1.Manager"
#define LOGIN1_SIGNAL    "PrepareForSleep"

struct _CloveSleepWatch {
  /* Set at construction. */
  CloveClock *clock; /* owned */
  CloveSleepWatchFunc on_sleep;
  gpointer user_data;

  /* Owned. */
  GCancellable *cancellable;
  GDBusConnection *bus; /* NULL while there is none */
  CloveTimer look;

  gulong closed_handler;
  guint subscription;

  gint64 looked_us;
  gint64 looked_wall_s;
  gint64 woke_us;
  gboolean is_asleep;
  gboolean has_woken; /* since it slept last */
};

/* How much further than the monotonic clock the calendar ran since this was asked last. */
static gint64
take_jump_us (CloveSleepWatch *self)
{
  gint64 now_us = clove_clock_now_us (self->clock);
  gint64 wall_s = clove_clock_wall_s (self->clock);
  gint64 jump_us =
    (wall_s - self->looked_wall_s) * G_USEC_PER_SEC - (now_us - self->looked_us);

  self->looked_us = now_us;
  self->looked_wall_s = wall_s;
  return jump_us;
}

static void
fall_asleep (CloveSleepWatch *self)
{
  if (self->is_asleep)
    return;
  self->is_asleep = TRUE;
  self->has_woken = FALSE;
  self->on_sleep (TRUE, self->user_data);
}

static void
wake (CloveSleepWatch *self)
{
  gint64 now_us = clove_clock_now_us (self->clock);

  self->is_asleep = FALSE;
  if (self->has_woken && now_us - self->woke_us < SAME_WAKING_US)
    return;
  self->has_woken = TRUE;
  self->woke_us = now_us;
  self->on_sleep (FALSE, self->user_data);
}

static void
on_look (gpointer user_data)
{
  CloveSleepWatch *self = user_data;

  clove_timer_start_coarse (&self->look, LOOK_INTERVAL_US);
  if (take_jump_us (self) > JUMP_US)
    wake (self);
}

static void
/* NOLINTNEXTLINE(readability-function-size): GIO gives so many. */
on_prepare_for_sleep (GDBusConnection *bus,
                      const char *sender,
                      const char *path,
                      const char *interface,
                      const char *signal,
                      GVariant *parameters,
                      gpointer user_data)
{
  CloveSleepWatch *self = user_data;
  gboolean is_to_sleep = FALSE;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(b)")))
    return;
  g_variant_get (parameters, "(b)", &is_to_sleep);
  /* What the clocks have to say about this sleep is said herewith. */
  (void) take_jump_us (self);
  if (is_to_sleep)
    fall_asleep (self);
  else
    wake (self);
}

static void
drop_bus (CloveSleepWatch *self)
{
  if (self->bus == NULL)
    return;
  g_dbus_connection_signal_unsubscribe (self->bus, self->subscription);
  g_clear_signal_handler (&self->closed_handler, self->bus);
  g_dbus_connection_close (self->bus, NULL, NULL, NULL);
  g_clear_object (&self->bus);
}

static void
on_closed (GDBusConnection *bus, gboolean is_remote, GError *error, gpointer user_data)
{
  CloveSleepWatch *self = user_data;

  g_debug ("The system bus went away: %s", error != NULL ? error->message : "closed");
  drop_bus (self);
  /* Nobody would say that the sleep ended. */
  if (self->is_asleep)
    wake (self);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  CloveSleepWatch *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_dbus_connection_new_for_address_finish (result, &error);

  /* The watch is gone when this was cancelled. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (error != NULL) {
    g_debug ("No system bus: %s", error->message);
    return;
  }
  if (g_dbus_connection_is_closed (bus))
    return;
  self->closed_handler = g_signal_connect (bus, "closed", G_CALLBACK (on_closed), self);
  self->subscription =
    g_dbus_connection_signal_subscribe (bus, LOGIN1_NAME, LOGIN1_INTERFACE, LOGIN1_SIGNAL,
                                        LOGIN1_PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                        on_prepare_for_sleep, self, NULL);
  self->bus = g_steal_pointer (&bus);
}

/*
 * A connection of its own rather than the one that g_bus_get() shares: that one ends the process
 * when the bus goes away.
 */
static void
connect_to_bus (CloveSleepWatch *self, const char *bus_address)
{
  g_autoptr (GError) error = NULL;
  /* For the system bus this reads a variable of the environment and no more. */
  g_autofree char *address =
    bus_address != NULL ? g_strdup (bus_address)
                        : g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, &error);

  if (error != NULL) {
    g_debug ("No system bus: %s", error->message);
    return;
  }
  g_dbus_connection_new_for_address (address,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                       G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, self->cancellable, on_connected, self);
}

/**
 * clove_sleep_watch_new:
 * @clock: of the caller's thread
 * @bus_address: (nullable): D-Bus address of the bus that login1 is on; %NULL for the system bus
 * @on_sleep: called in the caller's thread
 * @user_data: for @on_sleep
 *
 * Returns: (transfer full): a watch; never blocks, and needs no bus
 */
CloveSleepWatch *
clove_sleep_watch_new (CloveClock *clock,
                       const char *bus_address,
                       CloveSleepWatchFunc on_sleep,
                       gpointer user_data)
{
  CloveSleepWatch *self = g_new0 (CloveSleepWatch, 1);

  self->clock = clove_clock_ref (clock);
  self->on_sleep = on_sleep;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  clove_timer_init (&self->look, clock, on_look, self);
  (void) take_jump_us (self);
  clove_timer_start_coarse (&self->look, LOOK_INTERVAL_US);
  connect_to_bus (self, bus_address);
  return self;
}

/** clove_sleep_watch_free: Free; what is on its way is not told any more. */
void
clove_sleep_watch_free (CloveSleepWatch *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  clove_timer_stop (&self->look);
  drop_bus (self);
  g_clear_pointer (&self->clock, clove_clock_unref);
  g_free (self);
}

/** clove_sleep_watch_is_connected: Tell whether there is a bus; without, only the clocks tell. */
gboolean
clove_sleep_watch_is_connected (CloveSleepWatch *self)
{
  return self->bus != NULL;
}
