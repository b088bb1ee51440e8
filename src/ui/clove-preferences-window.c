/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-preferences-window.h"

#include "clove-describe-program.h"
#include "clove-row-name.h"
#include "clove-setting-text.h"
#include "clove-start-group.h"
#include "clove-system-proxy-group.h"

#include <glib/gi18n.h>

struct _ClovePreferencesWindow {
  AdwPreferencesWindow parent_instance;

  /* Template children. */
  AdwComboRow *network;
  AdwEntryRow *directory;
  AdwEntryRow *listen_host;
  AdwEntryRow *listen_port;
  GtkLabel *directory_hint;
  GtkLabel *listen_hint;
  CloveSystemProxyGroup *system_proxy;
  AdwActionRow *rotation_row;
  AdwActionRow *attempts_row;
  AdwActionRow *standby_row;
  AdwActionRow *repeat_row;
  AdwActionRow *keep_entry_row;
  AdwActionRow *entries_row;
  AdwActionRow *notifications_row;
  AdwActionRow *history_row;
  CloveStartGroup *start;
  GtkSwitch *standby;
  GtkSwitch *repeat;
  GtkSwitch *keep_entry;
  GtkSwitch *notifications;
  GtkSwitch *history;
  GtkAdjustment *rotation_minutes;
  GtkAdjustment *attempt_count;

  /* Owned. */
  CloveHost *host;
  CloveSettings *settings;
};

G_DEFINE_FINAL_TYPE (ClovePreferencesWindow,
                     clove_preferences_window,
                     ADW_TYPE_PREFERENCES_WINDOW)

typedef enum {
  HINT_PLAIN,
  HINT_WARNING,
  HINT_ERROR,
} Hint;

static const char *
get_text (AdwEntryRow *row)
{
  return gtk_editable_get_text (GTK_EDITABLE (row));
}

/* Never while somebody types in it. */
static void
set_text (AdwEntryRow *row, const char *text)
{
  if (!g_str_equal (get_text (row), text))
    gtk_editable_set_text (GTK_EDITABLE (row), text);
}

static void
set_class (GtkWidget *widget, const char *name, gboolean is_wanted)
{
  if (is_wanted)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
}

static void
set_hint (GtkLabel *label, Hint hint, const char *text)
{
  gtk_label_set_text (label, text);
  set_class (GTK_WIDGET (label), "dim-label", hint == HINT_PLAIN);
  set_class (GTK_WIDGET (label), "warning", hint == HINT_WARNING);
  set_class (GTK_WIDGET (label), "error", hint == HINT_ERROR);
}

static void
set_wrong (AdwEntryRow *row, gboolean is_wrong)
{
  set_class (GTK_WIDGET (row), "error", is_wrong);
  gtk_accessible_update_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_INVALID,
                               is_wrong ? GTK_ACCESSIBLE_INVALID_TRUE
                                        : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
}

static void
check_directory (ClovePreferencesWindow *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = clove_setting_text_check_directory (get_text (self->directory),
                                                                   &error);

  set_wrong (self->directory, directory == NULL);
  if (directory == NULL)
    set_hint (self->directory_hint, HINT_ERROR, error->message);
  else if (directory[0] == '\0')
    set_hint (self->directory_hint, HINT_PLAIN, _ ("The list of the Tonnet community is used."));
  else
    set_hint (self->directory_hint, HINT_PLAIN,
              _ ("Leave it empty to use the list of the Tonnet community."));
}

static void
check_listen (ClovePreferencesWindow *self)
{
  g_autoptr (GError) port_error = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *listen = clove_setting_text_join_listen (
    get_text (self->listen_host), get_text (self->listen_port), &error);
  /* With an address that is right, what is wrong is the port. */
  g_autofree char *port = clove_setting_text_join_listen ("127.0.0.1",
                                                          get_text (self->listen_port),
                                                          &port_error);

  set_wrong (self->listen_port, port == NULL);
  set_wrong (self->listen_host, listen == NULL && port != NULL);
  if (listen == NULL)
    set_hint (self->listen_hint, HINT_ERROR, error->message);
  else if (clove_setting_text_is_open_to_others (listen))
    set_hint (self->listen_hint, HINT_WARNING,
              _ ("Other computers of your network can use the proxy, and your circuits with it."));
  else
    set_hint (self->listen_hint, HINT_PLAIN, _ ("Only this computer can use the proxy."));
}

static void
save_directory (ClovePreferencesWindow *self)
{
  g_autofree char *directory = clove_setting_text_check_directory (get_text (self->directory),
                                                                   NULL);
  GSettings *gsettings = clove_settings_get_gsettings (self->settings);
  g_autofree char *before = g_settings_get_string (gsettings, CLOVE_SETTING_DIRECTORY);

  if (directory != NULL && !g_str_equal (directory, before))
    clove_settings_set_directory (self->settings, directory);
}

static void
save_listen (ClovePreferencesWindow *self)
{
  g_autofree char *listen = clove_setting_text_join_listen (
    get_text (self->listen_host), get_text (self->listen_port), NULL);
  g_autofree char *before = clove_settings_get_listen (self->settings);

  if (listen != NULL && !g_str_equal (listen, before))
    clove_settings_set_listen (self->settings, listen);
}

static void
save (ClovePreferencesWindow *self)
{
  save_directory (self);
  save_listen (self);
}

static void
on_directory_changed (GtkEditable *editable, gpointer user_data)
{
  check_directory (user_data);
}

static void
on_listen_changed (GtkEditable *editable, gpointer user_data)
{
  check_listen (user_data);
}

static void
on_entry_activated (AdwEntryRow *row, gpointer user_data)
{
  save (user_data);
}

static void
on_focus_left (GtkEventControllerFocus *controller, gpointer user_data)
{
  save (user_data);
}

/* What another program set, or we ourselves. */
static void
load (ClovePreferencesWindow *self)
{
  GSettings *gsettings = clove_settings_get_gsettings (self->settings);
  g_autofree char *directory = g_settings_get_string (gsettings, CLOVE_SETTING_DIRECTORY);
  g_autofree char *listen = clove_settings_get_listen (self->settings);
  g_autofree char *host = NULL;
  g_autofree char *port = NULL;

  clove_setting_text_split_listen (listen, &host, &port);
  set_text (self->directory, directory);
  set_text (self->listen_host, host);
  set_text (self->listen_port, port);
}

static void
on_text_set (GSettings *gsettings, const char *key, gpointer user_data)
{
  load (user_data);
}

static void
load_network (ClovePreferencesWindow *self)
{
  static const guint positions[] = {
    [CLOVE_MODE_UNSET] = GTK_INVALID_LIST_POSITION,
    [CLOVE_MODE_TONNET] = 0,
    [CLOVE_MODE_DEMO] = 1,
  };
  CloveMode mode = clove_settings_get_mode (self->settings);

  if (adw_combo_row_get_selected (self->network) != positions[mode])
    adw_combo_row_set_selected (self->network, positions[mode]);
}

static void
on_mode_set (GSettings *gsettings, const char *key, gpointer user_data)
{
  load_network (user_data);
}

static void
on_network_selected (GObject *row, GParamSpec *pspec, gpointer user_data)
{
  ClovePreferencesWindow *self = user_data;
  guint selected = adw_combo_row_get_selected (self->network);
  CloveMode mode = selected == 1 ? CLOVE_MODE_DEMO : CLOVE_MODE_TONNET;

  if (selected == GTK_INVALID_LIST_POSITION ||
      mode == clove_settings_get_mode (self->settings))
    return;
  clove_settings_set_mode (self->settings, mode);
  if (clove_host_is_on (self->host))
    clove_host_start (self->host, mode == CLOVE_MODE_DEMO);
}

static void
on_host_changed (CloveHost *host, gpointer user_data)
{
  clove_preferences_window_show (user_data, clove_host_get_snapshot (host));
}

static void
bind_settings (ClovePreferencesWindow *self)
{
  const struct {
    const char *key;
    gpointer widget;
    const char *property;
  } bindings[] = {
    { CLOVE_SETTING_ROTATION, self->rotation_minutes, "value" },
    { CLOVE_SETTING_ATTEMPTS, self->attempt_count, "value" },
    { CLOVE_SETTING_STANDBY, self->standby, "active" },
    { CLOVE_SETTING_REPEAT, self->repeat, "active" },
    { CLOVE_SETTING_KEEP_ENTRY, self->keep_entry, "active" },
    { CLOVE_SETTING_NOTIFICATIONS, self->notifications, "active" },
    { CLOVE_SETTING_HISTORY, self->history, "active" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bindings); i++)
    g_settings_bind (clove_settings_get_gsettings (self->settings), bindings[i].key,
                     bindings[i].widget, bindings[i].property, G_SETTINGS_BIND_DEFAULT);
}

/* Switches and numbers are called what their rows are called. */
static void
name_controls (ClovePreferencesWindow *self)
{
  AdwActionRow *const rows[] = {
    self->rotation_row,
    self->attempts_row,
    self->standby_row,
    self->repeat_row,
    self->keep_entry_row,
    self->notifications_row,
    self->history_row,
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    clove_row_name_control (rows[i]);
}

static void
watch_focus (ClovePreferencesWindow *self, AdwEntryRow *row)
{
  GtkEventController *focus = gtk_event_controller_focus_new ();

  g_signal_connect_object (focus, "leave", G_CALLBACK (on_focus_left), self, 0);
  gtk_widget_add_controller (GTK_WIDGET (row), focus);
}

static gboolean
clove_preferences_window_close_request (GtkWindow *window)
{
  save (CLOVE_PREFERENCES_WINDOW (window));
  return GTK_WINDOW_CLASS (clove_preferences_window_parent_class)->close_request (window);
}

static void
clove_preferences_window_dispose (GObject *object)
{
  ClovePreferencesWindow *self = CLOVE_PREFERENCES_WINDOW (object);

  g_clear_object (&self->host);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (clove_preferences_window_parent_class)->dispose (object);
}

static void
clove_preferences_window_class_init (ClovePreferencesWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clove_preferences_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = clove_preferences_window_close_request;
  g_type_ensure (CLOVE_TYPE_START_GROUP);
  g_type_ensure (CLOVE_TYPE_SYSTEM_PROXY_GROUP);

  gtk_widget_class_set_template_from_resource (
    widget_class, CLOVE_RESOURCES "/ui/clove-preferences-window.ui");
#define BIND(child) \
  gtk_widget_class_bind_template_child (widget_class, ClovePreferencesWindow, child)
  BIND (network);
  BIND (directory);
  BIND (listen_host);
  BIND (listen_port);
  BIND (directory_hint);
  BIND (listen_hint);
  BIND (system_proxy);
  BIND (rotation_row);
  BIND (attempts_row);
  BIND (standby_row);
  BIND (repeat_row);
  BIND (keep_entry_row);
  BIND (entries_row);
  BIND (notifications_row);
  BIND (history_row);
  BIND (start);
  BIND (standby);
  BIND (repeat);
  BIND (keep_entry);
  BIND (notifications);
  BIND (history);
  BIND (rotation_minutes);
  BIND (attempt_count);
#undef BIND
}

static void
connect_entries (ClovePreferencesWindow *self)
{
  AdwEntryRow *const rows[] = { self->directory, self->listen_host, self->listen_port };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_signal_connect_object (
      rows[i], "changed",
      i == 0 ? G_CALLBACK (on_directory_changed) : G_CALLBACK (on_listen_changed), self, 0);
    g_signal_connect_object (rows[i], "entry-activated", G_CALLBACK (on_entry_activated), self, 0);
    watch_focus (self, rows[i]);
  }
}

static void
clove_preferences_window_init (ClovePreferencesWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  name_controls (self);
}

static void
connect_settings (ClovePreferencesWindow *self)
{
  GSettings *gsettings = clove_settings_get_gsettings (self->settings);

  g_signal_connect_object (gsettings, "changed::" CLOVE_SETTING_DIRECTORY,
                           G_CALLBACK (on_text_set), self, 0);
  g_signal_connect_object (gsettings, "changed::" CLOVE_SETTING_LISTEN,
                           G_CALLBACK (on_text_set), self, 0);
  g_signal_connect_object (gsettings, "changed::" CLOVE_SETTING_MODE, G_CALLBACK (on_mode_set),
                           self, 0);
  g_signal_connect_object (self->host, "changed", G_CALLBACK (on_host_changed), self, 0);
  g_signal_connect_object (self->network, "notify::selected", G_CALLBACK (on_network_selected),
                           self, 0);
}

/** clove_preferences_window_new: Make the window, not shown yet; GTK owns it. */
ClovePreferencesWindow *
clove_preferences_window_new (CloveApplication *application)
{
  ClovePreferencesWindow *self = g_object_new (CLOVE_TYPE_PREFERENCES_WINDOW, "application",
                                               application, NULL);

  self->host = g_object_ref (clove_application_get_host (application));
  self->settings = g_object_ref (clove_application_get_settings (application));
  connect_entries (self);
  load (self);
  check_directory (self);
  check_listen (self);
  load_network (self);
  bind_settings (self);
  clove_start_group_bind (self->start, self->settings,
                          clove_application_get_presence (application));
  connect_settings (self);
  clove_system_proxy_group_follow (self->system_proxy,
                                   clove_application_get_system_proxy (application), self->host,
                                   self->settings);
  clove_preferences_window_show (self, clove_host_get_snapshot (self->host));
  return self;
}

/** clove_preferences_window_present: Show the preferences over @parent, one window at most. */
void
clove_preferences_window_present (CloveApplication *application, GtkWindow *parent)
{
  GtkWindow *window = NULL;

  for (GList *item = gtk_application_get_windows (GTK_APPLICATION (application)); item != NULL;
       item = item->next) {
    if (CLOVE_IS_PREFERENCES_WINDOW (item->data))
      window = item->data;
  }
  if (window == NULL)
    window = GTK_WINDOW (clove_preferences_window_new (application));
  gtk_window_set_transient_for (window, parent);
  gtk_window_present (window);
}

/** clove_preferences_window_show: Show which entries @snapshot has. */
void
clove_preferences_window_show (ClovePreferencesWindow *self, const CloveSnapshot *snapshot)
{
  g_autofree char *entries = clove_describe_entries (snapshot);

  if (g_strcmp0 (adw_action_row_get_subtitle (self->entries_row), entries) != 0)
    adw_action_row_set_subtitle (self->entries_row, entries);
}
