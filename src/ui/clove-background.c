/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-background.h"

#include <glib/gi18n.h>

#define PORTAL         "org.freedesktop.portal.Desktop"
#define PORTAL_PATH    "/org/freedesktop/portal/desktop"
#define INTERFACE      "org.freedesktop.portal.Background"
#define REQUEST        "org.freedesktop.portal.Request"
#define SANDBOX_MARKER "/.flatpak-info"

struct _CloveBackground {
  GObject parent_instance;

  /* Owned. */
  GDBusConnection *connection;
  char *status; /* as last told */
};

G_DEFINE_FINAL_TYPE (CloveBackground, clove_background, G_TYPE_OBJECT)

/* One question to the portal, which answers it by a signal of an object made for it. */
typedef struct {
  GDBusConnection *connection; /* owned */
  guint subscription;
  gboolean is_started_at_login;
} Request;

static void
free_request (gpointer data)
{
  Request *request = data;

  if (request->subscription != 0)
    g_dbus_connection_signal_unsubscribe (request->connection, request->subscription);
  g_object_unref (request->connection);
  g_free (request);
}

static void
clove_background_dispose (GObject *object)
{
  CloveBackground *self = CLOVE_BACKGROUND (object);

  g_clear_object (&self->connection);
  g_clear_pointer (&self->status, g_free);

  G_OBJECT_CLASS (clove_background_parent_class)->dispose (object);
}

static void
clove_background_class_init (CloveBackgroundClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_background_dispose;
}

static void
clove_background_init (CloveBackground *self)
{
}

/** clove_background_is_needed: Tell whether this process is in a sandbox. */
gboolean
clove_background_is_needed (void)
{
  return g_file_test (SANDBOX_MARKER, G_FILE_TEST_EXISTS);
}

/** clove_background_new: (transfer full): Make a client of the portal on @connection. */
CloveBackground *
clove_background_new (GDBusConnection *connection)
{
  CloveBackground *self = g_object_new (CLOVE_TYPE_BACKGROUND, NULL);

  self->connection = g_object_ref (connection);
  return self;
}

/* Ends the task once, whichever of the answers comes first. */
static void
end_request (GTask *task, gboolean is_allowed, GError *error)
{
  Request *request = g_task_get_task_data (task);

  g_dbus_connection_signal_unsubscribe (request->connection, request->subscription);
  request->subscription = 0;
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, is_allowed);
}

static void
/* NOLINTNEXTLINE(readability-function-size): GDBus gives so many. */
on_response (GDBusConnection *connection,
             const char *sender,
             const char *path,
             const char *interface,
             const char *signal,
             GVariant *parameters,
             gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);
  Request *request = g_task_get_task_data (task);
  g_autoptr (GVariant) results = NULL;
  gboolean is_allowed = FALSE;
  guint32 response = 0;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ua{sv})")))
    return;
  g_variant_get (parameters, "(u@a{sv})", &response, &results);
  if (response != 0) {
    end_request (task, FALSE,
                 g_error_new_literal (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                                      "the desktop did not allow it"));
    return;
  }
  (void) g_variant_lookup (results, "background", "b", &is_allowed);
  (void) g_variant_lookup (results, "autostart", "b", &request->is_started_at_login);
  end_request (task, is_allowed, NULL);
}

static gboolean
is_missing (const GError *error)
{
  static const GDBusError codes[] = {
    G_DBUS_ERROR_SERVICE_UNKNOWN,
    G_DBUS_ERROR_NAME_HAS_NO_OWNER,
    G_DBUS_ERROR_UNKNOWN_METHOD,
    G_DBUS_ERROR_UNKNOWN_OBJECT,
    G_DBUS_ERROR_UNKNOWN_INTERFACE,
    G_DBUS_ERROR_ACCESS_DENIED,
  };
  g_autofree char *name = g_dbus_error_get_remote_error (error);

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++) {
    if (g_error_matches (error, G_DBUS_ERROR, codes[i]))
      return TRUE;
  }
  return g_strcmp0 (name, "org.freedesktop.portal.Error.NotAllowed") == 0;
}

static void
on_requested (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  /* The answer itself is the signal, which may have come before. */
  if (reply != NULL || ((Request *) g_task_get_task_data (task))->subscription == 0)
    return;
  if (is_missing (error))
    end_request (task, FALSE,
                 g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                                      "this desktop has no background portal"));
  else
    end_request (task, FALSE, g_steal_pointer (&error));
}

/* The portal makes the path from our name on the bus and the token, so that no signal is missed. */
static char *
make_path (GDBusConnection *connection, const char *token)
{
  g_autofree char *sender = g_strdup (g_dbus_connection_get_unique_name (connection) + 1);

  return g_strdup_printf (PORTAL_PATH "/request/%s/%s", g_strdelimit (sender, ".", '_'), token);
}

static GVariant *
make_options (const char *token, gboolean wants_autostart)
{
  static const char *const command[] = { "clove", "--hidden", NULL };
  GVariantBuilder options;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "handle_token", g_variant_new_string (token));
  g_variant_builder_add (
    &options, "{sv}", "reason",
    g_variant_new_string (_ ("Clove keeps the way to TON sites open without a window.")));
  g_variant_builder_add (&options, "{sv}", "autostart", g_variant_new_boolean (wants_autostart));
  g_variant_builder_add (&options, "{sv}", "commandline", g_variant_new_strv (command, -1));
  return g_variant_builder_end (&options);
}

/**
 * clove_background_request_async:
 * @self: a client
 * @wants_autostart: whether to be started at login, too
 * @callback: called when the user or the desktop has decided
 * @user_data: for @callback
 *
 * Ask for being left alone without a window.
 */
void
clove_background_request_async (CloveBackground *self,
                                gboolean wants_autostart,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autofree char *token = g_strdup_printf ("clove%u", g_random_int ());
  g_autofree char *path = make_path (self->connection, token);
  Request *request = g_new0 (Request, 1);

  g_task_set_task_data (task, request, free_request);
  request->connection = g_object_ref (self->connection);
  request->subscription = g_dbus_connection_signal_subscribe (
    self->connection, PORTAL, REQUEST, "Response", path, NULL,
    G_DBUS_SIGNAL_FLAGS_NONE, on_response, g_object_ref (task), g_object_unref);
  g_dbus_connection_call (
    self->connection, PORTAL, PORTAL_PATH, INTERFACE, "RequestBackground",
    g_variant_new ("(s@a{sv})", "", make_options (token, wants_autostart)), G_VARIANT_TYPE ("(o)"),
    G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_requested, g_object_ref (task));
}

/**
 * clove_background_request_finish:
 * @self: a client
 * @result: what the callback got
 * @is_started_at_login_out: (out) (optional): whether it will be started at login
 * @error: %G_IO_ERROR
 *
 * Returns: whether it may run without a window
 */
gboolean
clove_background_request_finish (CloveBackground *self,
                                 GAsyncResult *result,
                                 gboolean *is_started_at_login_out,
                                 GError **error)
{
  Request *request = g_task_get_task_data (G_TASK (result));

  if (is_started_at_login_out != NULL)
    *is_started_at_login_out = request->is_started_at_login;
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_status_set (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL)
    g_debug ("the desktop does not show how we do: %s", error->message);
}

/** clove_background_set_status: Have the desktop say @text of us where it lists what runs. */
void
clove_background_set_status (CloveBackground *self, const char *text)
{
  g_autofree char *cut = g_utf8_substring (
    text, 0, MIN (g_utf8_strlen (text, -1), CLOVE_BACKGROUND_MAX_CHARACTERS));
  GVariantBuilder options;

  if (g_strcmp0 (self->status, cut) == 0)
    return;
  g_free (self->status);
  self->status = g_strdup (cut);
  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "message", g_variant_new_string (cut));
  g_dbus_connection_call (self->connection, PORTAL, PORTAL_PATH, INTERFACE, "SetStatus",
                          g_variant_new ("(a{sv})", &options), NULL, G_DBUS_CALL_FLAGS_NONE, -1,
                          NULL, on_status_set, NULL);
}
