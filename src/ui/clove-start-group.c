/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-start-group.h"

#include "clove-row-name.h"

#include <glib/gi18n.h>

struct _CloveStartGroup {
  AdwPreferencesGroup parent_instance;

  /* Template children. */
  AdwActionRow *login_row;
  AdwActionRow *start_hidden_row;
  AdwActionRow *background_row;
  AdwActionRow *tray_row;
  GtkSwitch *login;
  GtkSwitch *start_hidden;
  GtkSwitch *background;

  /* Owned. */
  CloveAutostart *autostart;
  CloveTrayHost *tray;
};

G_DEFINE_FINAL_TYPE (CloveStartGroup, clove_start_group, ADW_TYPE_PREFERENCES_GROUP)

static void
show_tray (CloveStartGroup *self)
{
  gboolean has_host = clove_tray_host_has_host (self->tray);

  gtk_widget_set_visible (GTK_WIDGET (self->tray_row), !has_host);
  adw_action_row_set_subtitle (
    self->tray_row, clove_tray_host_is_installed (self->tray)
                      ? _ ("This desktop does not show tray icons. Start Clove once more to see "
                           "its window again.")
                      : _ ("Clove was installed without its tray icon. Start Clove once more to "
                           "see its window again."));
  adw_action_row_set_subtitle (
    self->background_row,
    has_host ? _ ("Where there is no tray icon; with one, the proxy always goes on when the window "
                  "is closed")
             : _ ("The proxy goes on when the window is closed"));
  clove_row_name_control (self->background_row);
}

static void
on_has_host (GObject *tray, GParamSpec *pspec, gpointer user_data)
{
  show_tray (user_data);
}

/* Not a binding: a wish that is refused must move the switch back while it is being set. */
static void
on_switched (GObject *login, GParamSpec *pspec, gpointer user_data)
{
  CloveStartGroup *self = user_data;

  g_object_set (self->autostart, "active", gtk_switch_get_active (self->login), NULL);
}

static void
show_login (CloveStartGroup *self)
{
  gboolean is_active = FALSE;

  g_object_get (self->autostart, "active", &is_active, NULL);
  gtk_switch_set_active (self->login, is_active);
}

static void
on_active (GObject *autostart, GParamSpec *pspec, gpointer user_data)
{
  show_login (user_data);
}

static void
on_failed (CloveAutostart *autostart, const char *why, gpointer user_data)
{
  GtkWidget *window = gtk_widget_get_ancestor (user_data, ADW_TYPE_PREFERENCES_WINDOW);
  g_autofree char *text = g_strdup_printf (_ ("Start at login could not be changed: %s"), why);
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  if (window != NULL)
    adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (window), adw_toast_new (escaped));
}

static void
clove_start_group_dispose (GObject *object)
{
  CloveStartGroup *self = CLOVE_START_GROUP (object);

  g_clear_object (&self->autostart);
  g_clear_object (&self->tray);

  G_OBJECT_CLASS (clove_start_group_parent_class)->dispose (object);
}

static void
clove_start_group_class_init (CloveStartGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clove_start_group_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               CLOVE_RESOURCES "/ui/clove-start-group.ui");
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, CloveStartGroup, child)
  BIND (login_row);
  BIND (start_hidden_row);
  BIND (background_row);
  BIND (tray_row);
  BIND (login);
  BIND (start_hidden);
  BIND (background);
#undef BIND
}

static void
clove_start_group_init (CloveStartGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  clove_row_name_control (self->login_row);
  clove_row_name_control (self->start_hidden_row);
  clove_row_name_control (self->background_row);
}

/** clove_start_group_bind: Show and change what @settings and @presence have; once. */
void
clove_start_group_bind (CloveStartGroup *self, CloveSettings *settings, ClovePresence *presence)
{
  GSettings *gsettings = clove_settings_get_gsettings (settings);

  g_return_if_fail (self->tray == NULL);

  self->tray = g_object_ref (clove_presence_get_tray (presence));
  self->autostart = g_object_ref (clove_presence_get_autostart (presence));
  clove_autostart_refresh (self->autostart);
  show_login (self);
  show_tray (self);
  g_signal_connect_object (self->login, "notify::active", G_CALLBACK (on_switched), self, 0);
  g_signal_connect_object (self->autostart, "notify::active", G_CALLBACK (on_active), self, 0);
  g_signal_connect_object (self->autostart, "failed", G_CALLBACK (on_failed), self, 0);
  g_signal_connect_object (self->tray, "notify::has-host", G_CALLBACK (on_has_host), self, 0);
  g_settings_bind (gsettings, CLOVE_SETTING_START_HIDDEN, self->start_hidden, "active",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (gsettings, CLOVE_SETTING_BACKGROUND, self->background, "active",
                   G_SETTINGS_BIND_DEFAULT);
}
