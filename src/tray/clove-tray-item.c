/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-tray-item.h"

#include <glib/gi18n.h>

#define WATCHER "org.kde.StatusNotifierWatcher"

/* To register takes some milliseconds. */
#define PATIENCE_S 10

struct _CloveTrayItem {
  AppIndicator parent_instance;

  guint watch;
  guint patience; /* 0 but for a while after a tray came */
};

G_DEFINE_TYPE (CloveTrayItem, clove_tray_item, APP_INDICATOR_TYPE)

enum {
  SIGNAL_OPENED,
  SIGNAL_CLOSED,
  SIGNAL_STUCK,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static gboolean
on_about_to_show (GObject *root, gpointer user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_OPENED], 0);
  return FALSE;
}

static gboolean
on_event (GObject *root, const char *name, GVariant *value, guint time, gpointer user_data)
{
  if (g_str_equal (name, "opened"))
    g_signal_emit (user_data, signals[SIGNAL_OPENED], 0);
  else if (g_str_equal (name, "closed"))
    g_signal_emit (user_data, signals[SIGNAL_CLOSED], 0);
  return FALSE;
}

/*
 * The menu that the panel draws is not the GtkMenu, which is never shown: opening and closing reach
 * the root of its copy on the bus. Objects by name, so that no header of libdbusmenu is needed.
 */
static void
follow_root (CloveTrayItem *self)
{
  g_autoptr (GObject) server = NULL;
  g_autoptr (GObject) root = NULL;

  g_object_get (self, "dbus-menu-server", &server, NULL);
  if (server == NULL)
    return;
  g_object_get (server, "root-node", &root, NULL);
  if (root == NULL)
    return;
  g_signal_connect_object (root, "about-to-show", G_CALLBACK (on_about_to_show), self, 0);
  g_signal_connect_object (root, "event", G_CALLBACK (on_event), self, 0);
}

static gboolean
on_patience_ended (gpointer user_data)
{
  CloveTrayItem *self = user_data;
  gboolean is_connected = FALSE;

  self->patience = 0;
  g_object_get (self, "connected", &is_connected, NULL);
  if (!is_connected)
    g_signal_emit (self, signals[SIGNAL_STUCK], 0);
  return G_SOURCE_REMOVE;
}

/*
 * The library asks for the bus and for the tray at the same time; should the tray answer before the
 * bus, it never registers. That was seen once in twenty starts on a busy machine, with a bus that
 * was not connected before. No way of asking prevents it, so that who is stuck begins anew.
 */
static void
on_tray_appeared (GDBusConnection *connection,
                  const char *name,
                  const char *owner,
                  gpointer user_data)
{
  CloveTrayItem *self = user_data;

  g_clear_handle_id (&self->patience, g_source_remove);
  self->patience = g_timeout_add_seconds (PATIENCE_S, on_patience_ended, self);
}

static void
on_tray_vanished (GDBusConnection *connection, const char *name, gpointer user_data)
{
  g_clear_handle_id (&((CloveTrayItem *) user_data)->patience, g_source_remove);
}

static void
clove_tray_item_dispose (GObject *object)
{
  CloveTrayItem *self = (CloveTrayItem *) object;

  g_clear_handle_id (&self->watch, g_bus_unwatch_name);
  g_clear_handle_id (&self->patience, g_source_remove);

  G_OBJECT_CLASS (clove_tray_item_parent_class)->dispose (object);
}

static void
clove_tray_item_class_init (CloveTrayItemClass *klass)
{
  /* No icon of the old kind where there is no panel for ours: it would be a blank window there. */
  APP_INDICATOR_CLASS (klass)->fallback = NULL;
  G_OBJECT_CLASS (klass)->dispose = clove_tray_item_dispose;

  signals[SIGNAL_OPENED] = g_signal_new ("opened", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_STUCK] = g_signal_new ("stuck", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
clove_tray_item_init (CloveTrayItem *self)
{
  self->watch = g_bus_watch_name (G_BUS_TYPE_SESSION, WATCHER, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                  on_tray_appeared, on_tray_vanished, self, NULL);
}

/**
 * clove_tray_item_new:
 * @menu: what a click opens
 * @icon_folder: (nullable): where icons are if the themes do not have them
 *
 * Returns: (transfer full): an icon that is not shown before clove_tray_item_show()
 */
CloveTrayItem *
clove_tray_item_new (CloveTrayMenu *menu, const char *icon_folder)
{
  /* Newer versions of the library warn that there is a successor, which has no menus yet. */
  GLogLevelFlags fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK);
  CloveTrayItem *self = g_object_new (CLOVE_TYPE_TRAY_ITEM, "id", CLOVE_APP_ID, "category",
                                      "ApplicationStatus", "icon-name", CLOVE_APP_ID "-off",
                                      "icon-theme-path", icon_folder, NULL);

  app_indicator_set_menu (APP_INDICATOR (self), GTK_MENU (menu));
  (void) g_log_set_always_fatal (fatal);
  app_indicator_set_secondary_activate_target (APP_INDICATOR (self),
                                               clove_tray_menu_get_show_item (menu));
  follow_root (self);
  return self;
}

/** clove_tray_item_show: Show @icon; @title is what it means, for pointers and screen readers. */
void
clove_tray_item_show (CloveTrayItem *self, const char *icon, const char *title)
{
  AppIndicator *indicator = APP_INDICATOR (self);
  /* Translators: the name of the program and its state, such as “Clove: The proxy is off” */
  g_autofree char *text = g_strdup_printf (_ ("Clove: %s"), title);

  if (g_strcmp0 (app_indicator_get_icon (indicator), icon) != 0 ||
      g_strcmp0 (app_indicator_get_icon_desc (indicator), text) != 0)
    app_indicator_set_icon_full (indicator, icon, text);
  if (g_strcmp0 (app_indicator_get_title (indicator), text) != 0)
    app_indicator_set_title (indicator, text);
  app_indicator_set_status (indicator, APP_INDICATOR_STATUS_ACTIVE);
}
