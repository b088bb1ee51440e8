/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is noticed of the machine's sleep: by a login1 on a bus of the test's own, and by clocks. */
#include "config.h"

#include "clove-network-watch.h"
#include "clove-sleep-watch.h"
#include "test-loop.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>

#define NO_BUS    "unix:path=/nonexistent/bus"
#define HANG_S    100
#define HOUR_US   (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)
#define NAME      "org.freedesktop.login1"
#define PATH      "/org/freedesktop/login1"
#define INTERFACE "org.freedesktop.login1.Manager"
#define SIGNAL    "PrepareForSleep"
/* The clocks are compared each 20 s, on whole seconds. */
#define LOOK_US   (21 * G_USEC_PER_SEC)

typedef struct {
  CloveClock *clock;
  GTestDBus *bus;
  GDBusConnection *login1;
  CloveSleepWatch *watch;
  GString *log; /* S for sleeping, W for woke */
} Fixture;

static gboolean
on_hang (gpointer user_data)
{
  g_error ("the test hangs");
  return G_SOURCE_REMOVE;
}

static void
on_sleep (gboolean is_asleep, gpointer user_data)
{
  Fixture *f = user_data;

  g_string_append_c (f->log, is_asleep ? 'S' : 'W');
}

static void
set_up_clock (Fixture *f, gconstpointer user_data)
{
  f->clock = clove_clock_new_fake ();
  f->log = g_string_new (NULL);
  f->watch = clove_sleep_watch_new (f->clock, NO_BUS, on_sleep, f);
}

static GDBusConnection *
connect_to (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
    g_test_dbus_get_bus_address (f->bus),
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, &error);

  g_assert_no_error (error);
  return connection;
}

/* The bus has handled all that @connection sent before. */
static void
call_bus (GDBusConnection *connection, const char *method, GVariant *parameters)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
    connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method,
    parameters, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);

  g_assert_no_error (error);
}

static void
announce (GDBusConnection *connection, GVariant *parameters)
{
  g_autoptr (GError) error = NULL;

  g_dbus_connection_emit_signal (connection, NULL, PATH, INTERFACE, SIGNAL, parameters, &error);
  g_assert_no_error (error);
  call_bus (connection, "GetId", NULL);
}

static void
announce_sleep (Fixture *f, gboolean is_to_sleep)
{
  announce (f->login1, g_variant_new ("(b)", is_to_sleep));
}

static void
wait_for_log (Fixture *f, const char *expected)
{
  while (strlen (f->log->str) < strlen (expected))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (f->log->str, ==, expected);
}

static gboolean
on_again (gpointer user_data)
{
  announce_sleep (user_data, TRUE);
  return G_SOURCE_CONTINUE;
}

/*
 * Announces sleep until somebody listens. To be told more than once of one sleep is nothing new,
 * and what is sent afterwards arrives afterwards.
 */
static void
sleep_first (Fixture *f)
{
  guint again = g_timeout_add (10, on_again, f);

  wait_for_log (f, "S");
  g_source_remove (again);
}

static void
set_up_bus (Fixture *f, gconstpointer user_data)
{
  f->clock = clove_clock_new_fake ();
  f->log = g_string_new (NULL);
  f->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (f->bus);
  f->login1 = connect_to (f);
  call_bus (f->login1, "RequestName", g_variant_new ("(su)", NAME, 4));
  f->watch =
    clove_sleep_watch_new (f->clock, g_test_dbus_get_bus_address (f->bus), on_sleep, f);
}

static void
tear_down (Fixture *f, gconstpointer user_data)
{
  g_clear_pointer (&f->watch, clove_sleep_watch_free);
  test_loop_settle ();
  if (f->login1 != NULL)
    g_dbus_connection_close_sync (f->login1, NULL, NULL);
  g_clear_object (&f->login1);
  if (f->bus != NULL)
    g_test_dbus_down (f->bus);
  g_clear_object (&f->bus);
  clove_clock_unref (f->clock);
  g_string_free (f->log, TRUE);
}

static void
test_new_destroy (Fixture *f, gconstpointer user_data)
{
  g_assert_false (clove_sleep_watch_is_connected (f->watch));
  g_clear_pointer (&f->watch, clove_sleep_watch_free);
  test_loop_settle ();
  g_assert_false (clove_clock_advance_to_next (f->clock));
  g_assert_cmpstr (f->log->str, ==, "");
}

static const struct {
  gint64 jump_s;
  const char *log;
} jumps[] = {
  { 0, "" },
  { 9, "" },
  { 12, "W" },
  { 3600, "W" },
  { 86400 * 365, "W" },
  { -12, "" },
  { -86400, "" },
};

static void
test_jump (Fixture *f, gconstpointer user_data)
{
  for (guint i = 0; i < G_N_ELEMENTS (jumps); i++) {
    g_test_message ("%" G_GINT64_FORMAT " s", jumps[i].jump_s);
    g_string_truncate (f->log, 0);
    clove_clock_advance (f->clock, G_USEC_PER_SEC / 2);
    clove_clock_jump_wall_s (f->clock, jumps[i].jump_s);
    clove_clock_advance (f->clock, LOOK_US);
    g_assert_cmpstr (f->log->str, ==, jumps[i].log);
    /* Once. */
    clove_clock_advance (f->clock, HOUR_US);
    g_assert_cmpstr (f->log->str, ==, jumps[i].log);
  }
}

/* A calendar that runs too fast all the time is no sleep. */
static void
test_drift (Fixture *f, gconstpointer user_data)
{
  for (guint i = 0; i < 100; i++) {
    clove_clock_jump_wall_s (f->clock, 8);
    clove_clock_advance (f->clock, LOOK_US);
  }
  g_assert_cmpstr (f->log->str, ==, "");
}

static void
test_wake_ups (Fixture *f, gconstpointer user_data)
{
  gint64 end_us = clove_clock_now_us (f->clock) + HOUR_US;
  guint n_wake_ups = 0;

  while (clove_clock_now_us (f->clock) < end_us) {
    g_assert_true (clove_clock_advance_to_next (f->clock));
    n_wake_ups++;
  }
  g_assert_cmpuint (n_wake_ups, >, 100);
  g_assert_cmpuint (n_wake_ups, <=, 180);
}

static void
test_odd_address (Fixture *f, gconstpointer user_data)
{
  static const char *const addresses[] = { "", "nonsense", "unix:", "tcp:host=256.1.1.1,port=x" };

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++) {
    g_clear_pointer (&f->watch, clove_sleep_watch_free);
    g_string_truncate (f->log, 0);
    f->watch = clove_sleep_watch_new (f->clock, addresses[i], on_sleep, f);
    test_loop_settle ();
    g_assert_false (clove_sleep_watch_is_connected (f->watch));
    clove_clock_jump_wall_s (f->clock, 60);
    clove_clock_advance (f->clock, LOOK_US);
    g_assert_cmpstr (f->log->str, ==, "W");
  }
}

/* Both witnesses saw one sleep, whichever was first. */
static void
test_announced (Fixture *f, gconstpointer user_data)
{
  sleep_first (f);
  g_assert_true (clove_sleep_watch_is_connected (f->watch));
  clove_clock_jump_wall_s (f->clock, 3600);
  announce_sleep (f, FALSE);
  wait_for_log (f, "SW");
  clove_clock_advance (f->clock, 3 * LOOK_US);
  g_assert_cmpstr (f->log->str, ==, "SW");

  announce_sleep (f, TRUE);
  wait_for_log (f, "SWS");
  clove_clock_advance (f->clock, LOOK_US);
  clove_clock_jump_wall_s (f->clock, 3600);
  clove_clock_advance (f->clock, LOOK_US);
  g_assert_cmpstr (f->log->str, ==, "SWSW");
  announce_sleep (f, FALSE);
  /* The next sleep is another one, however soon. */
  announce_sleep (f, TRUE);
  wait_for_log (f, "SWSWS");
  announce_sleep (f, FALSE);
  wait_for_log (f, "SWSWSW");
}

/* A waking alone is told as well: the announcement of the sleep may have been missed. */
static void
test_waking_alone (Fixture *f, gconstpointer user_data)
{
  sleep_first (f);
  announce_sleep (f, FALSE);
  wait_for_log (f, "SW");
  clove_clock_advance (f->clock, LOOK_US);
  announce_sleep (f, FALSE);
  wait_for_log (f, "SWW");
}

static void
test_not_login1 (Fixture *f, gconstpointer user_data)
{
  g_autoptr (GDBusConnection) other = connect_to (f);

  sleep_first (f);
  announce (other, g_variant_new ("(b)", FALSE));
  /* Were it believed, this would be a second sleep. */
  announce_sleep (f, TRUE);
  announce_sleep (f, FALSE);
  wait_for_log (f, "SW");
  g_assert_true (g_dbus_connection_close_sync (other, NULL, NULL));
}

static void
test_malformed (Fixture *f, gconstpointer user_data)
{
  sleep_first (f);
  announce (f->login1, NULL);
  announce (f->login1, g_variant_new ("(s)", "no"));
  announce (f->login1, g_variant_new ("(u)", 0));
  announce (f->login1, g_variant_new ("(bb)", FALSE, FALSE));
  announce_sleep (f, TRUE);
  announce_sleep (f, FALSE);
  wait_for_log (f, "SW");
}

/* The process lives on, and the clocks still tell. */
static void
test_bus_goes_away (Fixture *f, gconstpointer user_data)
{
  sleep_first (f);
  g_test_dbus_stop (f->bus);
  while (clove_sleep_watch_is_connected (f->watch))
    g_main_context_iteration (NULL, TRUE);
  /* Nobody will tell that the sleep is over. */
  g_assert_cmpstr (f->log->str, ==, "SW");
  clove_clock_advance (f->clock, LOOK_US);
  g_assert_cmpstr (f->log->str, ==, "SW");
  clove_clock_jump_wall_s (f->clock, 3600);
  clove_clock_advance (f->clock, LOOK_US);
  g_assert_cmpstr (f->log->str, ==, "SWW");
}

static void
test_free_while_connected (Fixture *f, gconstpointer user_data)
{
  sleep_first (f);
  announce_sleep (f, FALSE);
  g_clear_pointer (&f->watch, clove_sleep_watch_free);
  announce_sleep (f, TRUE);
  test_loop_settle ();
  g_assert_cmpstr (f->log->str, ==, "S");
}

typedef struct {
  GSocketConnection *client;
  gboolean has_left;
} Mute;

static void
on_incoming (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Mute *mute = user_data;

  mute->client =
    g_socket_listener_accept_finish (G_SOCKET_LISTENER (source), result, NULL, NULL);
  g_assert_nonnull (mute->client);
}

static void
on_left (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Mute *mute = user_data;
  gssize size = g_input_stream_skip_finish (G_INPUT_STREAM (source), result, NULL);

  mute->has_left = size <= 0;
  if (!mute->has_left)
    g_input_stream_skip_async (G_INPUT_STREAM (source), 1024, G_PRIORITY_DEFAULT, NULL, on_left,
                               mute);
}

/*
 * A bus that takes the connection and never says a word. The connection is closed after the watch
 * was called back, which must not find what was freed.
 */
static void
test_free_while_connecting (Fixture *f, gconstpointer user_data)
{
  g_autofree char *folder = g_dir_make_tmp ("clove-bus-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "bus", NULL);
  g_autofree char *address = g_strconcat ("unix:path=", path, NULL);
  g_autoptr (GSocketAddress) socket_address = g_unix_socket_address_new (path);
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  CloveSleepWatch *watch = NULL;
  Mute mute = { 0 };

  g_assert_true (g_socket_listener_add_address (listener, socket_address, G_SOCKET_TYPE_STREAM,
                                                G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, NULL));
  g_socket_listener_accept_async (listener, NULL, on_incoming, &mute);
  watch = clove_sleep_watch_new (f->clock, address, on_sleep, f);
  while (mute.client == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (clove_sleep_watch_is_connected (watch));
  clove_sleep_watch_free (watch);
  g_input_stream_skip_async (g_io_stream_get_input_stream (G_IO_STREAM (mute.client)), 1024,
                             G_PRIORITY_DEFAULT, NULL, on_left, &mute);
  while (!mute.has_left)
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (mute.client);
  g_assert_cmpstr (f->log->str, ==, "");
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
on_event (CloveNetworkEvent event, gpointer user_data)
{
  g_assert_true (event == CLOVE_NETWORK_EVENT_SLEEPING || event == CLOVE_NETWORK_EVENT_WOKE);
  on_sleep (event == CLOVE_NETWORK_EVENT_SLEEPING, user_data);
}

/* The bus that is looked for when none is named is the system's. */
static void
test_system_bus (Fixture *f, gconstpointer user_data)
{
  g_autoptr (CloveNetworkWatch) network = NULL;

  g_clear_pointer (&f->watch, clove_sleep_watch_free);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", g_test_dbus_get_bus_address (f->bus), TRUE);
  network = clove_network_watch_new (f->clock, NULL, NULL, on_event, f);
  sleep_first (f);
  announce_sleep (f, FALSE);
  wait_for_log (f, "SW");
  g_unsetenv ("DBUS_SYSTEM_BUS_ADDRESS");
}

#define ADD(name, set_up, function) \
  g_test_add ("/clove/engine/sleep-watch/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_timeout_add_seconds (HANG_S, on_hang, NULL);
  /* The first forks a guard over the bus, which would take other threads' memory for lost. */
  ADD ("announced", set_up_bus, test_announced);
  ADD ("waking-alone", set_up_bus, test_waking_alone);
  ADD ("not-login1", set_up_bus, test_not_login1);
  ADD ("malformed", set_up_bus, test_malformed);
  ADD ("bus-goes-away", set_up_bus, test_bus_goes_away);
  ADD ("free-while-connected", set_up_bus, test_free_while_connected);
  ADD ("system-bus", set_up_bus, test_system_bus);
  ADD ("new-destroy", set_up_clock, test_new_destroy);
  ADD ("jump", set_up_clock, test_jump);
  ADD ("drift", set_up_clock, test_drift);
  ADD ("wake-ups", set_up_clock, test_wake_ups);
  ADD ("odd-address", set_up_clock, test_odd_address);
  ADD ("free-while-connecting", set_up_clock, test_free_while_connecting);
  return g_test_run ();
}
