/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-system-proxy-group.h"

#include "clove-describe-system-proxy.h"
#include "clove-setup-window.h"

struct _CloveSystemProxyGroup {
  AdwPreferencesGroup parent_instance;

  /* Template children. */
  AdwActionRow *by_hand_row;
  GtkSwitch *is_wanted;
  GtkLabel *hint;

  /* Owned. */
  CloveSystemProxy *system;
  CloveHost *host;
  CloveSettings *settings;
};

G_DEFINE_FINAL_TYPE (CloveSystemProxyGroup,
                     clove_system_proxy_group,
                     ADW_TYPE_PREFERENCES_GROUP)

static void
set_class (GtkWidget *widget, const char *name, gboolean is_wanted)
{
  if (is_wanted)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
}

static void
show (CloveSystemProxyGroup *self)
{
  CloveSystemProxyState state = clove_system_proxy_get_state (self->system);
  gboolean is_wanted = clove_settings_get (self->settings, CLOVE_SETTING_SYSTEM_PROXY);
  g_autofree char *text = clove_describe_system_proxy (self->system, is_wanted);
  gboolean is_warning =
    state == CLOVE_SYSTEM_PROXY_OVERRIDDEN ||
    (state == CLOVE_SYSTEM_PROXY_OFF && clove_system_proxy_get_aside (self->system) != NULL);

  gtk_label_set_text (self->hint, text);
  set_class (GTK_WIDGET (self->hint), "error", state == CLOVE_SYSTEM_PROXY_FAILED);
  set_class (GTK_WIDGET (self->hint), "warning", is_warning);
  set_class (GTK_WIDGET (self->hint), "dim-label",
             state != CLOVE_SYSTEM_PROXY_FAILED && !is_warning);
  /* What was wanted elsewhere, as on another desktop, can still be switched off. */
  gtk_widget_set_sensitive (GTK_WIDGET (self->is_wanted),
                            state != CLOVE_SYSTEM_PROXY_UNSUPPORTED || is_wanted);
}

static void
on_system_changed (CloveSystemProxy *system, gpointer user_data)
{
  show (user_data);
}

static void
on_setting_changed (GSettings *gsettings, const char *key, gpointer user_data)
{
  show (user_data);
}

static void
on_by_hand (AdwActionRow *row, gpointer user_data)
{
  CloveSystemProxyGroup *self = user_data;
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (row));

  clove_setup_window_present (GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, self->host,
                              self->settings);
}

static void
clove_system_proxy_group_dispose (GObject *object)
{
  CloveSystemProxyGroup *self = CLOVE_SYSTEM_PROXY_GROUP (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), CLOVE_TYPE_SYSTEM_PROXY_GROUP);
  g_clear_object (&self->system);
  g_clear_object (&self->host);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (clove_system_proxy_group_parent_class)->dispose (object);
}

static void
clove_system_proxy_group_class_init (CloveSystemProxyGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clove_system_proxy_group_dispose;

  gtk_widget_class_set_template_from_resource (
    widget_class, CLOVE_RESOURCES "/ui/clove-system-proxy-group.ui");
  gtk_widget_class_bind_template_child (widget_class, CloveSystemProxyGroup, by_hand_row);
  gtk_widget_class_bind_template_child (widget_class, CloveSystemProxyGroup, is_wanted);
  gtk_widget_class_bind_template_child (widget_class, CloveSystemProxyGroup, hint);
  gtk_widget_class_bind_template_callback (widget_class, on_by_hand);
}

static void
clove_system_proxy_group_init (CloveSystemProxyGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * clove_system_proxy_group_follow:
 * @self: a group
 * @system: what it shows
 * @host: the proxy, whose address is told for doing it by hand
 * @settings: where what the user wants is kept
 *
 * Show how things are from now on; once.
 */
void
clove_system_proxy_group_follow (CloveSystemProxyGroup *self,
                                 CloveSystemProxy *system,
                                 CloveHost *host,
                                 CloveSettings *settings)
{
  g_return_if_fail (self->system == NULL);

  self->system = g_object_ref (system);
  self->host = g_object_ref (host);
  self->settings = g_object_ref (settings);
  /* Sensitivity is not the binding's business: it is ours. */
  g_settings_bind (clove_settings_get_gsettings (settings), CLOVE_SETTING_SYSTEM_PROXY,
                   self->is_wanted, "active",
                   G_SETTINGS_BIND_DEFAULT | G_SETTINGS_BIND_NO_SENSITIVITY);
  g_signal_connect_object (system, "changed", G_CALLBACK (on_system_changed), self, 0);
  g_signal_connect_object (clove_settings_get_gsettings (settings),
                           "changed::" CLOVE_SETTING_SYSTEM_PROXY,
                           G_CALLBACK (on_setting_changed), self, 0);
  show (self);
}
