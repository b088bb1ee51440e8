/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-proxy-switch.h"

#include "clove-setting-text.h"

#include <glib/gi18n.h>

#define NOTIFICATION_ID "system-proxy"

struct _CloveProxySwitch {
  GObject parent_instance;

  /* Borrowed; the application owns us, and is what notifies. */
  GApplication *application;

  /* Owned. */
  CloveHost *host;
  CloveSettings *settings;
  CloveSystemProxy *system;
  char *url; /* what was asked for last, whatever came of it; NULL for nothing */

  gboolean has_ended;
};

G_DEFINE_FINAL_TYPE (CloveProxySwitch, clove_proxy_switch, G_TYPE_OBJECT)

/* Returns: (transfer full) (nullable): what the system proxy should be; NULL for what it was */
static char *
get_wanted_url (CloveProxySwitch *self)
{
  const CloveSnapshot *snapshot = clove_host_get_snapshot (self->host);
  g_autofree char *address = NULL;

  if (self->has_ended || !clove_host_is_on (self->host) ||
      clove_host_get_trouble (self->host) != NULL || snapshot->state == CLOVE_ENGINE_FAILED ||
      !clove_settings_get (self->settings, CLOVE_SETTING_SYSTEM_PROXY))
    return NULL;
  /* Begun anew with other settings, it listens again in a moment. */
  if (snapshot->listen_address == NULL)
    return g_strdup (self->url);
  address = clove_setting_text_reach (snapshot->listen_address);
  return g_strdup_printf ("http://%s/proxy.pac", address);
}

static void
update (CloveProxySwitch *self)
{
  g_autofree char *url = get_wanted_url (self);
  gboolean is_overridden =
    clove_system_proxy_get_state (self->system) == CLOVE_SYSTEM_PROXY_OVERRIDDEN;

  /* Asked once for each address: what failed fails again, and what somebody else set stays. */
  if (g_strcmp0 (url, self->url) == 0 || (url != NULL && is_overridden))
    return;
  g_free (self->url);
  self->url = g_steal_pointer (&url);
  if (self->url != NULL)
    (void) clove_system_proxy_set (self->system, self->url);
  else
    (void) clove_system_proxy_restore (self->system);
}

static void
on_host_changed (CloveHost *host, gpointer user_data)
{
  update (user_data);
}

static void
on_setting_changed (GSettings *gsettings, const char *key, gpointer user_data)
{
  update (user_data);
}

static void
on_system_changed (CloveSystemProxy *system, gpointer user_data)
{
  CloveProxySwitch *self = user_data;
  g_autoptr (GNotification) notification = NULL;

  if (clove_system_proxy_get_state (system) != CLOVE_SYSTEM_PROXY_OVERRIDDEN) {
    g_application_withdraw_notification (self->application, NOTIFICATION_ID);
    return;
  }
  if (!clove_settings_get (self->settings, CLOVE_SETTING_NOTIFICATIONS))
    return;
  notification = g_notification_new (_ ("Another program changed the system proxy"));
  g_notification_set_body (notification,
                           _ ("Browsers may no longer find TON sites through Clove."));
  g_notification_set_default_action (notification, "app.show");
  g_notification_add_button (notification, _ ("Preferences"), "app.preferences");
  g_application_send_notification (self->application, NOTIFICATION_ID, notification);
}

static void
clove_proxy_switch_dispose (GObject *object)
{
  CloveProxySwitch *self = CLOVE_PROXY_SWITCH (object);

  if (self->system != NULL)
    clove_proxy_switch_end (self);
  g_clear_object (&self->host);
  g_clear_object (&self->settings);
  g_clear_object (&self->system);
  g_clear_pointer (&self->url, g_free);

  G_OBJECT_CLASS (clove_proxy_switch_parent_class)->dispose (object);
}

static void
clove_proxy_switch_class_init (CloveProxySwitchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_proxy_switch_dispose;
}

static void
clove_proxy_switch_init (CloveProxySwitch *self)
{
}

/**
 * clove_proxy_switch_new:
 * @application: what notifies the user; borrowed
 * @host: the proxy
 * @settings: whether the user wants it
 * @system: the desktop's setting
 *
 * Returns: (transfer full): a switch that follows the proxy and the setting
 */
CloveProxySwitch *
clove_proxy_switch_new (GApplication *application,
                        CloveHost *host,
                        CloveSettings *settings,
                        CloveSystemProxy *system)
{
  CloveProxySwitch *self = g_object_new (CLOVE_TYPE_PROXY_SWITCH, NULL);

  self->application = application;
  self->host = g_object_ref (host);
  self->settings = g_object_ref (settings);
  self->system = g_object_ref (system);
  g_signal_connect_object (host, "changed", G_CALLBACK (on_host_changed), self, 0);
  g_signal_connect_object (system, "changed", G_CALLBACK (on_system_changed), self, 0);
  g_signal_connect_object (clove_settings_get_gsettings (settings),
                           "changed::" CLOVE_SETTING_SYSTEM_PROXY,
                           G_CALLBACK (on_setting_changed), self, 0);
  update (self);
  return self;
}

/** clove_proxy_switch_get_system: (transfer none): Get the desktop's setting. */
CloveSystemProxy *
clove_proxy_switch_get_system (CloveProxySwitch *self)
{
  return self->system;
}

/** clove_proxy_switch_end: Put back what was there before, for good: the program ends. */
void
clove_proxy_switch_end (CloveProxySwitch *self)
{
  self->has_ended = TRUE;
  update (self);
}
