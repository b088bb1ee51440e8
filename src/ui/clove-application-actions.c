/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user can do, each once, for menus, keys, the tray and D-Bus. */
#include "config.h"

#include "clove-application-actions.h"

#include "clove-about.h"
#include "clove-dbus.h"
#include "clove-demo.h"
#include "clove-describe.h"
#include "clove-help-window.h"
#include "clove-manual-relays.h"
#include "clove-port.h"
#include "clove-preferences-window.h"
#include "clove-setup-window.h"

#include <glib/gi18n.h>

static void
on_toggle (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  CloveApplication *self = user_data;
  CloveHost *host = clove_application_get_host (self);
  CloveMode mode = clove_settings_get_mode (clove_application_get_settings (self));

  /* Nobody is connected to a network that was not chosen: the window asks for it. */
  if (clove_host_is_on (host))
    clove_host_stop (host);
  else if (mode == CLOVE_MODE_UNSET && !clove_host_is_demo (host))
    clove_application_present (self);
  else
    clove_host_start (host, clove_host_is_demo (host) || mode == CLOVE_MODE_DEMO);
}

static void
on_use_network (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  CloveApplication *self = user_data;
  gboolean is_demo = g_str_equal (g_variant_get_string (parameter, NULL), "demo");

  clove_settings_set_mode (clove_application_get_settings (self),
                           is_demo ? CLOVE_MODE_DEMO : CLOVE_MODE_TONNET);
  clove_host_start (clove_application_get_host (self), is_demo);
}

/* At once: the setting alone begins the engine anew a little later, if there is one. */
static void
on_use_next_port (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  CloveSettings *settings = clove_application_get_settings (user_data);
  CloveHost *host = clove_application_get_host (user_data);
  g_autofree char *listen = clove_settings_get_listen (settings);
  char text[CLOVE_ADDRESS_STRING_SIZE] = { 0 };
  CloveAddress taken = { 0 };
  CloveAddress next = { 0 };

  if (!clove_manual_listen_parse (&taken, listen, NULL) || !clove_port_find_free (&taken, &next))
    return;
  clove_address_format (&next, text);
  if (clove_settings_set_listen (settings, text))
    clove_host_start (host, clove_host_is_demo (host));
}

/**
 * clove_application_rebuild:
 * @self: the application
 * @error: %CLOVE_DBUS_ERROR: a sentence without its full stop
 *
 * Have the circuit replaced, if that may be asked for now.
 *
 * Returns: whether it was
 */
gboolean
clove_application_rebuild (CloveApplication *self, GError **error)
{
  CloveHost *host = clove_application_get_host (self);
  const CloveSnapshot *snapshot = clove_host_get_snapshot (host);
  gint64 now_us = g_get_monotonic_time ();
  gint64 left_us = snapshot->rebuild_at_us - now_us;
  guint left_s = (guint) (MAX (left_us, 1) - 1) / G_TIME_SPAN_SECOND + 1;

  if (clove_describe_can_rebuild (snapshot, now_us)) {
    clove_host_rebuild (host);
    return TRUE;
  }
  if (!clove_host_is_on (host))
    g_set_error_literal (error, CLOVE_DBUS_ERROR, CLOVE_DBUS_ERROR_NOT_RUNNING,
                         _ ("the proxy is off"));
  else if (left_us > 0)
    g_set_error (error, CLOVE_DBUS_ERROR, CLOVE_DBUS_ERROR_TOO_SOON,
                 ngettext ("a rebuild may be asked for again in %u second",
                           "a rebuild may be asked for again in %u seconds", left_s),
                 left_s);
  else
    g_set_error_literal (error, CLOVE_DBUS_ERROR, CLOVE_DBUS_ERROR_TOO_SOON,
                         _ ("there is no circuit that could be replaced now"));
  return FALSE;
}

static void
on_rebuild_now (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  (void) clove_application_rebuild (user_data, NULL);
}

static void
on_choose_new_entries (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  clove_host_choose_new_entries (clove_application_get_host (user_data));
}

static void
on_preferences (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  CloveApplication *self = user_data;

  /* Also asked for by a notification, with no window open. */
  clove_application_present (self);
  clove_preferences_window_present (self, GTK_WINDOW (clove_application_get_window (self)));
}

/* Over the window that asks for it, such as the help. */
static void
on_set_up_browser (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  CloveApplication *self = user_data;
  GtkWindow *window = gtk_application_get_active_window (user_data);

  if (window == NULL || !gtk_widget_get_visible (GTK_WIDGET (window))) {
    clove_application_present (self);
    window = gtk_application_get_active_window (user_data);
  }
  clove_setup_window_present (window, clove_application_get_host (self),
                              clove_application_get_settings (self));
}

static void
on_help (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  clove_application_present (user_data);
  clove_help_window_present (GTK_WINDOW (clove_application_get_window (user_data)));
}

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  clove_application_present (user_data);
  clove_about_present (GTK_WINDOW (clove_application_get_window (user_data)));
}

static void
on_reload_directory (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  clove_host_reload_directory (clove_application_get_host (user_data));
}

static void
on_clear_relay (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  clove_host_mark_relay (clove_application_get_host (user_data),
                         g_variant_get_string (parameter, NULL), CLOVE_RELAY_MARK_CLEARED);
}

/* (address, whether until cleared) */
static void
on_ban_relay (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  const char *address = NULL;
  gboolean is_permanent = FALSE;

  g_variant_get (parameter, "(&sb)", &address, &is_permanent);
  clove_host_mark_relay (clove_application_get_host (user_data), address,
                         is_permanent ? CLOVE_RELAY_MARK_BANNED_UNTIL_CLEARED
                                      : CLOVE_RELAY_MARK_BANNED);
}

static void
on_show (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  clove_application_present (user_data);
}

static void
on_open_demo (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWindow *window = gtk_application_get_active_window (user_data);

  gtk_show_uri (window, CLOVE_DEMO_URL, GDK_CURRENT_TIME);
}

static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  clove_application_quit (user_data);
}

static void
set_enabled (CloveApplication *self, const char *name, gboolean is_enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);

  if (g_action_get_enabled (action) != is_enabled)
    g_simple_action_set_enabled (G_SIMPLE_ACTION (action), is_enabled);
}

/* Follows the engine: what makes no sense now is not offered. */
void
clove_application_update_actions (CloveApplication *self)
{
  CloveHost *host = clove_application_get_host (self);
  const CloveSnapshot *snapshot = clove_host_get_snapshot (host);
  GAction *toggle = g_action_map_lookup_action (G_ACTION_MAP (self), "toggle");
  gboolean is_on = clove_host_is_on (host);
  g_autoptr (GVariant) state = g_action_get_state (toggle);

  if (g_variant_get_boolean (state) != is_on)
    g_simple_action_set_state (G_SIMPLE_ACTION (toggle), g_variant_new_boolean (is_on));
  set_enabled (self, "rebuild-now",
               clove_describe_can_rebuild (snapshot, g_get_monotonic_time ()));
  set_enabled (self, "choose-new-entries", snapshot->is_entry_limited);
  set_enabled (self, "reload-directory", is_on && snapshot->state != CLOVE_ENGINE_LOADING);
  set_enabled (self, "open-demo", is_on && clove_host_is_demo (host));
}

void
clove_application_add_actions (CloveApplication *self)
{
  static const GActionEntry entries[] = {
    { "toggle", on_toggle, NULL, "false", NULL, { 0 } },
    { "use-network", on_use_network, "s", NULL, NULL, { 0 } },
    { "use-next-port", on_use_next_port, NULL, NULL, NULL, { 0 } },
    { "rebuild-now", on_rebuild_now, NULL, NULL, NULL, { 0 } },
    { "choose-new-entries", on_choose_new_entries, NULL, NULL, NULL, { 0 } },
    { "reload-directory", on_reload_directory, NULL, NULL, NULL, { 0 } },
    { "clear-relay", on_clear_relay, "s", NULL, NULL, { 0 } },
    { "ban-relay", on_ban_relay, "(sb)", NULL, NULL, { 0 } },
    { "show", on_show, NULL, NULL, NULL, { 0 } },
    { "open-demo", on_open_demo, NULL, NULL, NULL, { 0 } },
    { "preferences", on_preferences, NULL, NULL, NULL, { 0 } },
    { "set-up-browser", on_set_up_browser, NULL, NULL, NULL, { 0 } },
    { "help", on_help, NULL, NULL, NULL, { 0 } },
    { "about", on_about, NULL, NULL, NULL, { 0 } },
    { "quit", on_quit, NULL, NULL, NULL, { 0 } },
  };
  static const struct {
    const char *action;
    const char *accelerators[2];
  } keys[] = {
    { "app.help", { "F1" } },
    { "app.preferences", { "<Control>comma" } },
    { "app.quit", { "<Control>q" } },
    { "app.rebuild-now", { "<Control>r" } },
    { "app.reload-directory", { "F5" } },
    { "win.copy-address", { "<Control><Shift>c" } },
    { "win.show-page::overview", { "<Alt>1" } },
    { "win.show-page::relays", { "<Alt>2" } },
    { "win.show-page::activity", { "<Alt>3" } },
    { "win.show-page::log", { "<Alt>4" } },
    { "win.show-page::faults", { "<Alt>5" } },
    { "app.toggle", { "<Control>t" } },
    { "window.close", { "<Control>w" } },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), keys[i].action,
                                           keys[i].accelerators);
  clove_application_update_actions (self);
}
