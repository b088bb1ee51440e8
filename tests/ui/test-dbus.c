/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The interface on a session bus of the test's own, read by a proxy as a script would. */
#include "config.h"

#include "clove-dbus.h"
#include "made-snapshots.h"

typedef struct {
  GDBusConnection *service;
  GDBusConnection *client;
  CloveDbus *dbus;
  GDBusProxy *proxy;
  GPtrArray *changed; /* names of properties told to be others, in order */
  guint n_messages;   /* PropertiesChanged */
  GString *states;    /* of StateChanged */
  char *cause;
  guint n_calls[3];
  GAsyncResult *result;
} Fixture;

static gboolean
on_call (CloveDbusVerb verb, gpointer user_data, GError **error)
{
  Fixture *fixture = user_data;

  fixture->n_calls[verb]++;
  if (verb != CLOVE_DBUS_VERB_REBUILD)
    return TRUE;
  g_set_error_literal (error, CLOVE_DBUS_ERROR, CLOVE_DBUS_ERROR_TOO_SOON, "not yet");
  return FALSE;
}

static void
on_properties_changed (GDBusProxy *proxy,
                       GVariant *changed,
                       char **invalidated,
                       gpointer user_data)
{
  Fixture *fixture = user_data;
  GVariantIter iter;
  char *name = NULL;

  fixture->n_messages++;
  g_variant_iter_init (&iter, changed);
  while (g_variant_iter_next (&iter, "{sv}", &name, NULL))
    g_ptr_array_add (fixture->changed, name);
}

static void
on_signal (GDBusProxy *proxy,
           const char *sender,
           const char *signal,
           GVariant *arguments,
           gpointer user_data)
{
  Fixture *fixture = user_data;
  const char *state = NULL;

  g_assert_cmpstr (signal, ==, "StateChanged");
  g_free (fixture->cause);
  g_variant_get (arguments, "(&ss)", &state, &fixture->cause);
  g_string_append_printf (fixture->states, "%s ", state);
}

static void
on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ((Fixture *) user_data)->result = g_object_ref (result);
}

/* Handles messages until there is a result. */
static GAsyncResult *
wait_for_result (Fixture *fixture)
{
  g_clear_object (&fixture->result);
  while (fixture->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return fixture->result;
}

static GDBusConnection *
connect_to_bus (void)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
    g_getenv ("DBUS_SESSION_BUS_ADDRESS"),
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
      G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, &error);

  g_assert_no_error (error);
  return connection;
}

static GVariant *
call (Fixture *fixture, const char *method, GError **error)
{
  g_dbus_proxy_call (fixture->proxy, method, NULL, G_DBUS_CALL_FLAGS_NONE, 10000, NULL, on_ready,
                     fixture);
  return g_dbus_proxy_call_finish (fixture->proxy, wait_for_result (fixture), error);
}

/* All that was said before the answer to a question has arrived with it. */
static void
settle (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = call (fixture, "org.freedesktop.DBus.Peer.Ping", &error);

  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;

  fixture->service = connect_to_bus ();
  fixture->client = connect_to_bus ();
  fixture->changed = g_ptr_array_new_with_free_func (g_free);
  fixture->states = g_string_new (NULL);
  fixture->dbus = clove_dbus_new (on_call, fixture);
  g_assert_true (clove_dbus_export (fixture->dbus, fixture->service, &error));
  g_assert_no_error (error);
  g_dbus_proxy_new (fixture->client, G_DBUS_PROXY_FLAGS_NONE, NULL,
                    g_dbus_connection_get_unique_name (fixture->service), CLOVE_DBUS_PATH,
                    CLOVE_DBUS_INTERFACE, NULL, on_ready, fixture);
  fixture->proxy = g_dbus_proxy_new_finish (wait_for_result (fixture), &error);
  g_assert_no_error (error);
  g_signal_connect (fixture->proxy, "g-properties-changed", G_CALLBACK (on_properties_changed),
                    fixture);
  g_signal_connect (fixture->proxy, "g-signal", G_CALLBACK (on_signal), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  g_clear_object (&fixture->result);
  g_clear_object (&fixture->proxy);
  g_assert_finalize_object (g_steal_pointer (&fixture->dbus));
  g_dbus_connection_close_sync (fixture->client, NULL, NULL);
  g_dbus_connection_close_sync (fixture->service, NULL, NULL);
  g_clear_object (&fixture->client);
  g_clear_object (&fixture->service);
  g_ptr_array_unref (fixture->changed);
  g_string_free (fixture->states, TRUE);
  g_free (fixture->cause);
}

static void
show (Fixture *fixture, CloveSnapshot *snapshot, const char *trouble)
{
  /* Far from the one before, so that it is told at once. */
  clove_dbus_show (fixture->dbus, snapshot, trouble, G_MAXINT64 / 2);
  settle (fixture);
}

static void
assert_property (Fixture *fixture, const char *name, const char *wanted)
{
  g_autoptr (GVariant) value = g_dbus_proxy_get_cached_property (fixture->proxy, name);
  g_autofree char *text = g_variant_print (value, FALSE);

  g_assert_cmpstr (text, ==, wanted);
}

/* Its changes are not told, so it is asked for. */
static void
assert_status (Fixture *fixture, const char *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GVariant) value = NULL;

  g_dbus_proxy_call (fixture->proxy, "org.freedesktop.DBus.Properties.Get",
                     g_variant_new ("(ss)", CLOVE_DBUS_INTERFACE, "Status"),
                     G_DBUS_CALL_FLAGS_NONE, 10000, NULL, on_ready, fixture);
  answer = g_dbus_proxy_call_finish (fixture->proxy, wait_for_result (fixture), &error);
  g_assert_no_error (error);
  g_variant_get (answer, "(v)", &value);
  g_assert_cmpstr (g_variant_get_string (value, NULL), ==, wanted);
}

static void
test_new_destroy (Fixture *fixture, gconstpointer user_data)
{
  assert_property (fixture, "State", "'off'");
  assert_property (fixture, "Look", "'off'");
  assert_property (fixture, "Hops", "[]");
  g_assert_cmpuint (fixture->n_messages, ==, 0);
}

static void
test_properties (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) recovered = made_snapshot ("recovered");

  /* The bus takes the time from the system, the snapshot must be of now. */
  recovered->taken_us = g_get_monotonic_time ();
  recovered->next_rotation_us = 0;
  show (fixture, recovered, NULL);
  assert_property (fixture, "State", "'connected'");
  assert_property (fixture, "Hops",
                   "[('entry', 'relay5', '192.0.2.5:9001', 14000), "
                   "('middle', 'relay2', '192.0.2.2:9001', 28000), "
                   "('exit', 'relay3', '192.0.2.3:9001', 42000)]");
  assert_property (fixture, "Strikes", "0");
  assert_property (fixture, "MaxStrikes", "3");
  assert_property (fixture, "Blacklist",
                   "[('relay3', '192.0.2.3:9001', 'did not answer', 261), "
                   "('relay1', '192.0.2.1:9001', 'blacklisted by you', -1)]");
  assert_property (fixture, "NextRotation", "0");
  assert_property (fixture, "Address", "'127.0.0.1:8080'");
  g_assert_cmpstr (fixture->states->str, ==, "connected ");
  g_assert_cmpstr (fixture->cause, ==, "blamed: relay3 did not answer.");
}

/* Panels show one of five icons, and need not know why. */
static void
test_looks (Fixture *fixture, gconstpointer user_data)
{
  static const struct {
    const char *snapshot;
    const char *look;
  } looks[] = {
    { "building", "'connecting'" },
    { "loading", "'connecting'" },
    { "connected", "'connected'" },
    { "strikes", "'degraded'" },
    { "rebuilding", "'rebuilding'" },
    { "waiting", "'degraded'" },
    { "no-directory", "'degraded'" },
    { "offline", "'degraded'" },
    { "port-taken", "'degraded'" },
    { "off", "'off'" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (looks); i++) {
    g_autoptr (CloveSnapshot) snapshot = made_snapshot (looks[i].snapshot);

    show (fixture, snapshot, NULL);
    assert_property (fixture, "Look", looks[i].look);
  }
}

static gboolean
has_changed (Fixture *fixture, const char *name)
{
  for (guint i = 0; i < fixture->changed->len; i++) {
    if (g_str_equal (g_ptr_array_index (fixture->changed, i), name))
      return TRUE;
  }
  return FALSE;
}

/* Times and bans come from countdowns, which are never twice the same. */
static void
test_only_changes (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) first = made_snapshot ("recovered");
  g_autoptr (CloveSnapshot) second = made_snapshot ("recovered");
  gint64 now_us = g_get_monotonic_time ();

  first->taken_us = now_us;
  first->next_rotation_us = now_us + G_TIME_SPAN_MINUTE;
  show (fixture, first, NULL);
  g_assert_true (has_changed (fixture, "NextRotation"));
  g_assert_true (has_changed (fixture, "Blacklist"));
  fixture->n_messages = 0;
  g_ptr_array_set_size (fixture->changed, 0);

  second->taken_us = now_us + 3 * G_TIME_SPAN_SECOND;
  ((CloveSnapshotBan *) second->bans->pdata[0])->left_us -= 3 * G_TIME_SPAN_SECOND;
  second->next_rotation_us = first->next_rotation_us + 1;
  show (fixture, second, NULL);
  g_assert_cmpuint (fixture->n_messages, ==, 0);

  second->strikes = 1;
  show (fixture, second, NULL);
  g_assert_cmpuint (fixture->changed->len, ==, 3);
  g_assert_cmpstr (g_ptr_array_index (fixture->changed, 0), ==, "Look");
  g_assert_cmpstr (g_ptr_array_index (fixture->changed, 1), ==, "Title");
  g_assert_cmpstr (g_ptr_array_index (fixture->changed, 2), ==, "Strikes");
  g_assert_cmpstr (fixture->states->str, ==, "connected ");
}

/* A burst becomes two messages: the first at once, the last as soon as it may. */
static void
test_rate (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) connected = made_snapshot ("connected");
  g_autoptr (CloveSnapshot) last = NULL;
  gint64 start_us = 0;

  clove_dbus_show (fixture->dbus, connected, NULL, g_get_monotonic_time ());
  start_us = g_get_monotonic_time ();
  for (guint i = 0; i < 50; i++) {
    g_clear_pointer (&last, clove_snapshot_unref);
    last = made_snapshot (i % 2 == 0 ? "building" : "rebuilding");
    clove_dbus_show (fixture->dbus, last, NULL, g_get_monotonic_time ());
  }
  settle (fixture);
  while (fixture->n_messages < 2)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (g_get_monotonic_time () - start_us, >=, 50 * G_TIME_SPAN_MILLISECOND);
  settle (fixture);
  g_assert_cmpuint (fixture->n_messages, ==, 2);
  g_assert_cmpstr (fixture->states->str, ==, "connected rebuilding ");
}

static void
test_methods (Fixture *fixture, gconstpointer user_data)
{
  static const char *const methods[] = { "Start", "Stop" };
  g_autoptr (GVariant) refused = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++) {
    g_autoptr (GVariant) answer = call (fixture, methods[i], &error);

    g_assert_no_error (error);
    g_assert_nonnull (answer);
    g_assert_cmpuint (fixture->n_calls[i], ==, 1);
  }
  refused = call (fixture, "Rebuild", &error);
  g_assert_null (refused);
  g_assert_error (error, CLOVE_DBUS_ERROR, CLOVE_DBUS_ERROR_TOO_SOON);
  g_assert_cmpuint (fixture->n_calls[CLOVE_DBUS_VERB_REBUILD], ==, 1);
}

static void
test_trouble (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) taken = made_snapshot ("port-taken");
  g_autoptr (CloveSnapshot) off = made_snapshot ("off");

  show (fixture, taken, NULL);
  assert_property (fixture, "LastError", "'127.0.0.1:8080 is taken by another program'");
  show (fixture, off, "the demo network has ended");
  assert_property (fixture, "LastError", "'the demo network has ended'");
  assert_status (fixture, "off  (the demo network has ended)");
  g_assert_cmpstr (fixture->cause, ==, "the demo network has ended");
  show (fixture, off, NULL);
  assert_property (fixture, "LastError", "''");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/clove/ui/dbus/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("new-destroy", test_new_destroy);
  ADD ("properties", test_properties);
  ADD ("looks", test_looks);
  ADD ("only-changes", test_only_changes);
  ADD ("rate", test_rate);
  ADD ("methods", test_methods);
  ADD ("trouble", test_trouble);
  return g_test_run ();
}
