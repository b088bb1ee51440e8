/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-presence.h"

#include "clove-describe.h"

#include <glib/gi18n.h>

struct _ClovePresence {
  GObject parent_instance;

  /* Borrowed; the application owns us and the two others. */
  GApplication *application;
  CloveHost *host;
  CloveSettings *settings;

  /* Owned. */
  CloveTrayHost *tray;
  CloveBackground *background; /* NULL outside of a sandbox */
  CloveAutostart *autostart;
};

G_DEFINE_FINAL_TYPE (ClovePresence, clove_presence, G_TYPE_OBJECT)

static void
on_changed (CloveHost *host, gpointer user_data)
{
  ClovePresence *self = user_data;
  g_autofree char *title = clove_describe_title (clove_host_get_snapshot (host));

  clove_background_set_status (self->background, title);
}

static void
clove_presence_dispose (GObject *object)
{
  ClovePresence *self = CLOVE_PRESENCE (object);

  g_clear_object (&self->autostart);
  g_clear_object (&self->background);
  /* At once, whoever else still holds it: the icon goes with us. */
  if (self->tray != NULL)
    g_object_run_dispose (G_OBJECT (self->tray));
  g_clear_object (&self->tray);

  G_OBJECT_CLASS (clove_presence_parent_class)->dispose (object);
}

static void
clove_presence_class_init (ClovePresenceClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_presence_dispose;
}

static void
clove_presence_init (ClovePresence *self)
{
}

/**
 * clove_presence_new:
 * @application: registered; borrowed
 * @host: what runs; borrowed
 * @settings: what the user wants; borrowed
 *
 * Returns: (transfer full): the presence of the one instance; one of many has neither icon nor
 *   portal
 */
ClovePresence *
clove_presence_new (GApplication *application, CloveHost *host, CloveSettings *settings)
{
  ClovePresence *self = g_object_new (CLOVE_TYPE_PRESENCE, NULL);
  gboolean is_unique = (g_application_get_flags (application) & G_APPLICATION_NON_UNIQUE) == 0;
  GDBusConnection *connection =
    is_unique ? g_application_get_dbus_connection (application) : NULL;

  self->application = application;
  self->host = host;
  self->settings = settings;
  self->tray = clove_tray_host_new (connection);
  if (connection != NULL && clove_background_is_needed ()) {
    self->background = clove_background_new (connection);
    g_signal_connect_object (host, "changed", G_CALLBACK (on_changed), self, 0);
  }
  self->autostart = clove_autostart_new (settings, self->background);
  return self;
}

/** clove_presence_goes_on: Tell whether the program stays when its window is closed. */
gboolean
clove_presence_goes_on (ClovePresence *self)
{
  return clove_host_is_on (self->host) &&
         (clove_tray_host_has_host (self->tray) ||
          clove_settings_get (self->settings, CLOVE_SETTING_BACKGROUND));
}

/* Once for all times: who knows it needs no reminder. */
static void
tell_once (ClovePresence *self)
{
  g_autoptr (GNotification) notification = NULL;

  if (clove_settings_get (self->settings, CLOVE_SETTING_HAS_TOLD_OF_TRAY))
    return;
  clove_settings_set (self->settings, CLOVE_SETTING_HAS_TOLD_OF_TRAY, TRUE);
  notification = g_notification_new (_ ("Clove goes on without its window"));
  g_notification_set_body (
    notification,
    clove_tray_host_has_host (self->tray)
      ? _ ("The proxy stays on. The icon in the panel brings the window back.")
      : _ ("The proxy stays on. Start Clove once more to see its window again."));
  g_notification_add_button (notification, _ ("Quit"), "app.quit");
  g_notification_set_default_action (notification, "app.show");
  g_application_send_notification (self->application, CLOVE_PRESENCE_NOTICE, notification);
}

static void
on_allowed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!clove_background_request_finish (CLOVE_BACKGROUND (source), result, NULL, &error))
    g_debug ("not allowed in the background: %s", error != NULL ? error->message : "refused");
}

/** clove_presence_hide: Have the user and the desktop know that the window was closed. */
void
clove_presence_hide (ClovePresence *self)
{
  tell_once (self);
  if (self->background == NULL)
    return;
  /* One question has both answers: what is not asked for here would be taken back. */
  clove_background_request_async (
    self->background, clove_settings_get (self->settings, CLOVE_SETTING_START_AT_LOGIN),
    on_allowed, NULL);
  on_changed (self->host, self);
}

/** clove_presence_show: Take back what was said when the window was closed. */
void
clove_presence_show (ClovePresence *self)
{
  g_application_withdraw_notification (self->application, CLOVE_PRESENCE_NOTICE);
}

/** clove_presence_get_tray: (transfer none): Get what knows whether there is an icon. */
CloveTrayHost *
clove_presence_get_tray (ClovePresence *self)
{
  return self->tray;
}

/** clove_presence_get_autostart: (transfer none): Get the switch for starting at login. */
CloveAutostart *
clove_presence_get_autostart (ClovePresence *self)
{
  return self->autostart;
}
