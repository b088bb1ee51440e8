/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-window.h"

#include "clove-activity-page.h"
#include "clove-describe.h"
#include "clove-fault-board.h"
#include "clove-log-page.h"
#include "clove-overview-page.h"
#include "clove-relays-page.h"

#include <glib/gi18n.h>

struct _CloveWindow {
  AdwApplicationWindow parent_instance;

  /* Template children. */
  AdwToastOverlay *toasts;
  AdwViewStack *pages;
  AdwViewStackPage *fault_page;
  CloveOverviewPage *overview;
  CloveActivityPage *activity;
  AdwBin *relays_place;
  AdwBin *log_place;
  AdwBin *faults_place;

  /* Owned by their places; NULL until they are first looked at, for the sake of the first frame. */
  CloveRelaysPage *relays;
  CloveLogPage *log;
  CloveFaultBoard *faults;

  /* Borrowed; the application outlives its windows. */
  CloveHost *host;
  CloveSettings *settings;

  /* Owned. What is shown, and how far its time is from the clock's. */
  CloveSnapshot *snapshot;
  gint64 ahead_us;

  guint tick; /* 0 while nothing changes by itself or nobody looks */
  gint64 tick_at_us;
};

G_DEFINE_FINAL_TYPE (CloveWindow, clove_window, ADW_TYPE_APPLICATION_WINDOW)

static void update (CloveWindow *self);

static gboolean
is_at (CloveWindow *self, const GtkWidget *page)
{
  return adw_view_stack_get_visible_child (self->pages) == page;
}

static gboolean
on_tick (gpointer user_data)
{
  CloveWindow *self = user_data;

  self->tick = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

/* What counts down moves on when it looks different, and only before somebody's eyes. */
static void
update_tick (CloveWindow *self)
{
  gint64 now_us = g_get_monotonic_time ();
  gint64 wait_us = clove_describe_until_change (self->snapshot, now_us + self->ahead_us);

  if (is_at (self, GTK_WIDGET (self->activity)) && clove_activity_page_is_moving (self->activity))
    wait_us = G_TIME_SPAN_SECOND;
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)) || wait_us < 0) {
    g_clear_handle_id (&self->tick, g_source_remove);
    return;
  }
  if (self->tick != 0 && self->tick_at_us <= now_us + wait_us)
    return;
  g_clear_handle_id (&self->tick, g_source_remove);
  self->tick_at_us = now_us + wait_us;
  /* Whole seconds go together with those of other programs. */
  if (wait_us == G_TIME_SPAN_SECOND)
    self->tick = g_timeout_add_seconds (1, on_tick, self);
  else
    self->tick = g_timeout_add ((guint) (wait_us / G_TIME_SPAN_MILLISECOND) + 1, on_tick, self);
}

static void
make_page (AdwBin *place, gpointer page_out, GType type)
{
  GtkWidget **page = page_out;

  if (*page != NULL)
    return;
  *page = g_object_new (type, NULL);
  adw_bin_set_child (place, *page);
}

/* Only what is seen follows the engine; the rest does when it is turned to. */
static void
show_visible_page (CloveWindow *self, gint64 now_us)
{
  CloveSnapshot *snapshot = self->snapshot;

  if (is_at (self, GTK_WIDGET (self->overview))) {
    clove_overview_page_show (self->overview, snapshot, now_us);
  } else if (is_at (self, GTK_WIDGET (self->relays_place))) {
    make_page (self->relays_place, &self->relays, CLOVE_TYPE_RELAYS_PAGE);
    clove_relays_page_show (self->relays, snapshot, now_us);
  } else if (is_at (self, GTK_WIDGET (self->log_place))) {
    make_page (self->log_place, &self->log, CLOVE_TYPE_LOG_PAGE);
    clove_log_page_show (self->log, snapshot, now_us);
  } else if (is_at (self, GTK_WIDGET (self->faults_place))) {
    make_page (self->faults_place, &self->faults, CLOVE_TYPE_FAULT_BOARD);
    clove_fault_board_set_control (self->faults, clove_host_get_control (self->host));
    clove_fault_board_show (self->faults, snapshot, now_us);
  }
  /* Remembers what passed, also while nobody looks. */
  clove_activity_page_show (self->activity, snapshot, now_us);
}

static void
on_page_changed (CloveWindow *self)
{
  if (self->snapshot == NULL)
    return;
  show_visible_page (self, g_get_monotonic_time () + self->ahead_us);
  update_tick (self);
}

static void
show_situation (CloveWindow *self)
{
  g_autofree char *listen = clove_settings_get_listen (self->settings);
  CloveSituation situation = {
    .is_on = clove_host_is_on (self->host),
    .is_demo = clove_host_is_demo (self->host),
    .is_first_run = clove_settings_get_mode (self->settings) == CLOVE_MODE_UNSET,
    .listen = listen,
  };

  clove_overview_page_set_situation (self->overview, &situation);
  clove_overview_page_set_trouble (self->overview, clove_host_get_trouble (self->host));
}

static void
update (CloveWindow *self)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self))) {
    g_clear_handle_id (&self->tick, g_source_remove);
    return;
  }
  adw_view_stack_page_set_visible (self->fault_page,
                                   clove_host_get_control (self->host) != NULL);
  show_situation (self);
  clove_activity_page_set_demo (self->activity, clove_host_is_demo (self->host));
  clove_window_show (self, clove_host_get_snapshot (self->host), g_get_monotonic_time ());
}

static void
on_changed (CloveHost *host, gpointer user_data)
{
  update (user_data);
}

static void
clove_window_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (clove_window_parent_class)->map (widget);
  update (CLOVE_WINDOW (widget));
}

static void
clove_window_unmap (GtkWidget *widget)
{
  g_clear_handle_id (&CLOVE_WINDOW (widget)->tick, g_source_remove);
  GTK_WIDGET_CLASS (clove_window_parent_class)->unmap (widget);
}

static gboolean
clove_window_close_request (GtkWindow *window)
{
  CloveWindow *self = CLOVE_WINDOW (window);
  GSettings *gsettings = clove_settings_get_gsettings (self->settings);
  gint width = 0;
  gint height = 0;

  gtk_window_get_default_size (window, &width, &height);
  g_settings_set (gsettings, CLOVE_SETTING_WINDOW_SIZE, "(ii)", width, height);
  g_settings_set_boolean (gsettings, CLOVE_SETTING_WINDOW_MAXIMIZED,
                          gtk_window_is_maximized (window));
  if (clove_application_close (CLOVE_APPLICATION (gtk_window_get_application (window))))
    return TRUE;
  return GTK_WINDOW_CLASS (clove_window_parent_class)->close_request (window);
}

static void
on_show_page (GtkWidget *widget, const char *action, GVariant *parameter)
{
  clove_window_show_page (CLOVE_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
on_copy_address (GtkWidget *widget, const char *action, GVariant *parameter)
{
  CloveWindow *self = CLOVE_WINDOW (widget);
  const CloveSnapshot *snapshot = clove_host_get_snapshot (self->host);

  if (snapshot->listen_address == NULL)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), snapshot->listen_address);
  clove_window_add_toast (self, _ ("Address of the proxy copied"));
}

static void
clove_window_dispose (GObject *object)
{
  CloveWindow *self = CLOVE_WINDOW (object);

  g_clear_handle_id (&self->tick, g_source_remove);
  g_clear_pointer (&self->snapshot, clove_snapshot_unref);

  G_OBJECT_CLASS (clove_window_parent_class)->dispose (object);
}

static void
clove_window_class_init (CloveWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clove_window_dispose;
  widget_class->map = clove_window_map;
  widget_class->unmap = clove_window_unmap;
  GTK_WINDOW_CLASS (klass)->close_request = clove_window_close_request;

  g_type_ensure (CLOVE_TYPE_OVERVIEW_PAGE);
  g_type_ensure (CLOVE_TYPE_ACTIVITY_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               CLOVE_RESOURCES "/ui/clove-window.ui");
  gtk_widget_class_bind_template_child (widget_class, CloveWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, CloveWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, CloveWindow, fault_page);
  gtk_widget_class_bind_template_child (widget_class, CloveWindow, overview);
  gtk_widget_class_bind_template_child (widget_class, CloveWindow, relays_place);
  gtk_widget_class_bind_template_child (widget_class, CloveWindow, activity);
  gtk_widget_class_bind_template_child (widget_class, CloveWindow, log_place);
  gtk_widget_class_bind_template_child (widget_class, CloveWindow, faults_place);
  gtk_widget_class_install_action (widget_class, "win.show-page", "s", on_show_page);
  gtk_widget_class_install_action (widget_class, "win.copy-address", NULL, on_copy_address);
}

static void
clove_window_init (CloveWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (self->pages, "notify::visible-child", G_CALLBACK (on_page_changed), self,
                           G_CONNECT_SWAPPED);
}

/** clove_window_new: Make a window of @application, not shown yet; GTK owns it. */
CloveWindow *
clove_window_new (CloveApplication *application)
{
  CloveWindow *self = g_object_new (CLOVE_TYPE_WINDOW, "application", application, NULL);
  GSettings *gsettings = NULL;
  gint width = 0;
  gint height = 0;

  self->host = clove_application_get_host (application);
  self->settings = clove_application_get_settings (application);
  clove_activity_page_set_settings (self->activity, self->settings);
  gsettings = clove_settings_get_gsettings (self->settings);
  g_settings_get (gsettings, CLOVE_SETTING_WINDOW_SIZE, "(ii)", &width, &height);
  gtk_window_set_default_size (GTK_WINDOW (self), width, height);
  if (g_settings_get_boolean (gsettings, CLOVE_SETTING_WINDOW_MAXIMIZED))
    gtk_window_maximize (GTK_WINDOW (self));
  g_signal_connect_object (self->host, "changed", G_CALLBACK (on_changed), self, 0);
  return self;
}

/**
 * clove_window_show:
 * @self: a window
 * @snapshot: how things are
 * @now_us: the monotonic time, for what counts down
 *
 * Show @snapshot in the page that is seen, and in the others when they are turned to.
 */
void
clove_window_show (CloveWindow *self, CloveSnapshot *snapshot, gint64 now_us)
{
  CloveSnapshot *old = self->snapshot;

  self->snapshot = clove_snapshot_ref (snapshot);
  g_clear_pointer (&old, clove_snapshot_unref);
  self->ahead_us = now_us - g_get_monotonic_time ();
  show_visible_page (self, now_us);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.copy-address",
                                 snapshot->listen_address != NULL);
  update_tick (self);
}

/** clove_window_show_page: Turn to "overview", "relays", "activity", "log" or "faults". */
void
clove_window_show_page (CloveWindow *self, const char *name)
{
  if (adw_view_stack_get_child_by_name (self->pages, name) != NULL)
    adw_view_stack_set_visible_child_name (self->pages, name);
}

/** clove_window_add_toast: Say briefly what was done. */
void
clove_window_add_toast (CloveWindow *self, const char *text)
{
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (text));
}
