/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The background portal, played by a service on another connection to the same bus. */
#include "config.h"

#include "clove-autostart.h"
#include "clove-background.h"

#include <string.h>

#define PORTAL "org.freedesktop.portal.Desktop"
#define PATH   "/org/freedesktop/portal/desktop"

static const char xml[] =
  "<node><interface name='org.freedesktop.portal.Background'>"
  "<method name='RequestBackground'><arg type='s' direction='in'/>"
  "<arg type='a{sv}' direction='in'/><arg type='o' direction='out'/></method>"
  "<method name='SetStatus'><arg type='a{sv}' direction='in'/></method>"
  "</interface></node>";

typedef struct {
  GDBusConnection *service; /* the portal */
  GDBusConnection *client;
  GDBusNodeInfo *info;
  CloveBackground *background;
  guint registration;

  /* How it answers. */
  const char *error; /* NULL for a true answer */
  guint32 response;
  gboolean is_allowed;

  /* What it was asked. */
  GVariant *options;
  guint n_requests;
  guint n_statuses;
  char *status;

  GAsyncResult *result;
} Fixture;

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

/* Before the reply of the call, as a portal that need not ask the user may. */
static void
respond (Fixture *fixture, const char *sender, GVariant *options, char **path_out)
{
  g_autofree char *name = g_strdelimit (g_strdup (sender + 1), ".", '_');
  GVariantBuilder results;
  const char *token = NULL;
  gboolean wants_autostart = FALSE;

  g_assert_true (g_variant_lookup (options, "handle_token", "&s", &token));
  g_assert_true (g_variant_lookup (options, "autostart", "b", &wants_autostart));
  *path_out = g_strdup_printf (PATH "/request/%s/%s", name, token);
  g_variant_builder_init (&results, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&results, "{sv}", "background",
                         g_variant_new_boolean (fixture->is_allowed));
  g_variant_builder_add (&results, "{sv}", "autostart",
                         g_variant_new_boolean (fixture->is_allowed && wants_autostart));
  g_assert_true (g_dbus_connection_emit_signal (
    fixture->service, sender, *path_out, "org.freedesktop.portal.Request", "Response",
    g_variant_new ("(ua{sv})", fixture->response, &results), NULL));
}

static void
/* NOLINTNEXTLINE(readability-function-size): GDBus gives so many. */
on_call (GDBusConnection *connection,
         const char *sender,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *parameters,
         GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autofree char *handle = NULL;

  if (fixture->error != NULL) {
    g_dbus_method_invocation_return_dbus_error (invocation, fixture->error, "not here");
    return;
  }
  if (g_str_equal (method, "SetStatus")) {
    g_autoptr (GVariant) options = g_variant_get_child_value (parameters, 0);

    fixture->n_statuses++;
    g_clear_pointer (&fixture->status, g_free);
    g_assert_true (g_variant_lookup (options, "message", "s", &fixture->status));
    g_dbus_method_invocation_return_value (invocation, NULL);
    return;
  }
  fixture->n_requests++;
  g_clear_pointer (&fixture->options, g_variant_unref);
  g_variant_get (parameters, "(&s@a{sv})", NULL, &fixture->options);
  respond (fixture, sender, fixture->options, &handle);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", handle));
}

static void
register_portal (Fixture *fixture)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_call };
  g_autoptr (GError) error = NULL;

  fixture->registration = g_dbus_connection_register_object (
    fixture->service, PATH, fixture->info->interfaces[0], &vtable, fixture, NULL, &error);
  g_assert_no_error (error);
}

static void
own_name (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
    fixture->service, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
    "RequestName", g_variant_new ("(su)", PORTAL, 4), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
    &error);

  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;

  fixture->service = connect_to_bus ();
  fixture->client = connect_to_bus ();
  fixture->info = g_dbus_node_info_new_for_xml (xml, &error);
  g_assert_no_error (error);
  fixture->is_allowed = TRUE;
  own_name (fixture);
  register_portal (fixture);
  fixture->background = clove_background_new (fixture->client);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  gpointer waiting = fixture->background;

  g_clear_object (&fixture->result);
  /* The reply to a call may come after the answer, and keeps its object until then. */
  g_object_add_weak_pointer (G_OBJECT (fixture->background), &waiting);
  g_object_unref (fixture->background);
  while (waiting != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_dbus_connection_close_sync (fixture->client, NULL, NULL);
  g_dbus_connection_close_sync (fixture->service, NULL, NULL);
  g_clear_object (&fixture->client);
  g_clear_object (&fixture->service);
  g_dbus_node_info_unref (fixture->info);
  g_clear_pointer (&fixture->options, g_variant_unref);
  g_free (fixture->status);
}

static void
on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ((Fixture *) user_data)->result = g_object_ref (result);
}

static gboolean
request (Fixture *fixture, gboolean wants_autostart, gboolean *is_started_out, GError **error)
{
  g_clear_object (&fixture->result);
  clove_background_request_async (fixture->background, wants_autostart, on_ready, fixture);
  while (fixture->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return clove_background_request_finish (fixture->background, fixture->result, is_started_out,
                                          error);
}

static void
test_request (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree const char **command = NULL;
  const char *reason = NULL;
  gboolean is_started = FALSE;

  g_assert_true (request (fixture, TRUE, &is_started, &error));
  g_assert_no_error (error);
  g_assert_true (is_started);
  g_assert_true (g_variant_lookup (fixture->options, "reason", "&s", &reason));
  g_assert_true (g_variant_lookup (fixture->options, "commandline", "^a&s", &command));
  g_assert_cmpstr (command[0], ==, "clove");
  g_assert_cmpstr (command[1], ==, "--hidden");
  g_assert_null (command[2]);
  g_assert_true (request (fixture, FALSE, &is_started, &error));
  g_assert_false (is_started);
  g_assert_cmpuint (fixture->n_requests, ==, 2);
}

static void
test_refused (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;
  gboolean is_started = TRUE;

  fixture->is_allowed = FALSE;
  g_assert_false (request (fixture, TRUE, &is_started, &error));
  g_assert_no_error (error);
  g_assert_false (is_started);
  /* The user closed the question. */
  fixture->response = 1;
  g_assert_false (request (fixture, TRUE, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
}

static void
test_missing (Fixture *fixture, gconstpointer user_data)
{
  static const char *const errors[] = {
    "org.freedesktop.portal.Error.NotAllowed",
    "org.freedesktop.DBus.Error.UnknownMethod",
    "org.freedesktop.DBus.Error.UnknownInterface",
    "org.freedesktop.DBus.Error.AccessDenied",
  };

  for (guint i = 0; i < G_N_ELEMENTS (errors); i++) {
    g_autoptr (GError) error = NULL;

    fixture->error = errors[i];
    g_assert_false (request (fixture, FALSE, NULL, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  }
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GError) error = NULL;

    /* An object without the interface, and then nobody at all. */
    if (i == 0)
      g_dbus_connection_unregister_object (fixture->service, fixture->registration);
    else
      g_dbus_connection_close_sync (fixture->service, NULL, NULL);
    g_assert_false (request (fixture, FALSE, NULL, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  }
}

static void
wait_for_statuses (Fixture *fixture, guint n_statuses)
{
  while (fixture->n_statuses < n_statuses)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_status (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *text = g_strnfill (CLOVE_BACKGROUND_MAX_CHARACTERS - 1, 'x');
  g_autofree char *exact = g_strconcat (text, "ü", NULL);
  g_autofree char *more = g_strconcat (exact, "ß", NULL);

  clove_background_set_status (fixture->background, "Connected");
  clove_background_set_status (fixture->background, "Connected");
  wait_for_statuses (fixture, 1);
  g_assert_cmpstr (fixture->status, ==, "Connected");
  /* At a character, never within one. */
  clove_background_set_status (fixture->background, more);
  wait_for_statuses (fixture, 2);
  g_assert_cmpstr (fixture->status, ==, exact);
  /* The same was told once, and what is the same once it is cut, too. */
  clove_background_set_status (fixture->background, exact);
  clove_background_set_status (fixture->background, "Off");
  wait_for_statuses (fixture, 3);
  g_assert_cmpstr (fixture->status, ==, "Off");
  g_assert_cmpuint (fixture->n_statuses, ==, 3);
}

static void
on_failed (CloveAutostart *autostart, const char *why, gpointer user_data)
{
  (*(guint *) user_data)++;
}

/* Sets the switch, and handles events until what came of it was told. */
static gboolean
switch_to (CloveAutostart *autostart, gboolean wanted)
{
  gboolean is_told = FALSE;
  gboolean is_active = FALSE;
  gulong handler = g_signal_connect_swapped (autostart, "notify::active",
                                             G_CALLBACK (g_atomic_int_inc), &is_told);

  g_object_set (autostart, "active", wanted, NULL);
  while (!is_told)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handler_disconnect (autostart, handler);
  g_object_get (autostart, "active", &is_active, NULL);
  return is_active;
}

/* In a sandbox no file is written; the last answer is kept. */
static void
test_autostart (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSettings) settings = clove_settings_new ();
  g_autoptr (CloveAutostart) autostart = clove_autostart_new (settings, fixture->background);
  guint n_failed = 0;

  g_signal_connect (autostart, "failed", G_CALLBACK (on_failed), &n_failed);
  g_assert_true (switch_to (autostart, TRUE));
  g_assert_true (clove_settings_get (settings, CLOVE_SETTING_START_AT_LOGIN));
  g_assert_false (switch_to (autostart, FALSE));
  g_assert_false (clove_settings_get (settings, CLOVE_SETTING_START_AT_LOGIN));
  g_assert_cmpuint (n_failed, ==, 0);
  fixture->error = "org.freedesktop.portal.Error.NotAllowed";
  g_assert_false (switch_to (autostart, TRUE));
  g_assert_cmpuint (n_failed, ==, 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/clove/ui/background/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("request", test_request);
  ADD ("refused", test_refused);
  ADD ("missing", test_missing);
  ADD ("status", test_status);
  ADD ("autostart", test_autostart);
  return g_test_run ();
}
