/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-setup-window.h"

#include "clove-setting-text.h"

#include <glib/gi18n.h>

typedef enum {
  TEXT_PAC,
  TEXT_CHROMIUM,
  TEXT_CURL,
  TEXT_ENVIRONMENT,
  N_TEXTS,
} Text;

struct _CloveSetupWindow {
  AdwWindow parent_instance;

  /* Template children. */
  AdwToastOverlay *toasts;
  GtkLabel *texts[N_TEXTS];
  GtkButton *copies[N_TEXTS];
};

G_DEFINE_FINAL_TYPE (CloveSetupWindow, clove_setup_window, ADW_TYPE_WINDOW)

static void
on_copy (GtkWidget *widget, const char *action, GVariant *parameter)
{
  CloveSetupWindow *self = CLOVE_SETUP_WINDOW (widget);
  const char *text = g_variant_get_string (parameter, NULL);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (_ ("Copied")));
}

static void
clove_setup_window_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), CLOVE_TYPE_SETUP_WINDOW);

  G_OBJECT_CLASS (clove_setup_window_parent_class)->dispose (object);
}

static void
clove_setup_window_class_init (CloveSetupWindowClass *klass)
{
  static const char *const text_names[] = { "pac", "chromium", "curl", "environment" };
  static const char *const copy_names[] = { "copy_pac", "copy_chromium", "copy_curl",
                                            "copy_environment" };
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clove_setup_window_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               CLOVE_RESOURCES "/ui/clove-setup-window.ui");
  gtk_widget_class_bind_template_child (widget_class, CloveSetupWindow, toasts);
  for (guint i = 0; i < N_TEXTS; i++) {
    gtk_widget_class_bind_template_child_full (
      widget_class, text_names[i], FALSE,
      G_STRUCT_OFFSET (CloveSetupWindow, texts) + (gssize) (i * sizeof (GtkLabel *)));
    gtk_widget_class_bind_template_child_full (
      widget_class, copy_names[i], FALSE,
      G_STRUCT_OFFSET (CloveSetupWindow, copies) + (gssize) (i * sizeof (GtkButton *)));
  }
  gtk_widget_class_install_action (widget_class, "setup.copy", "s", on_copy);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
clove_setup_window_init (CloveSetupWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
set_text (CloveSetupWindow *self, Text text, const char *value)
{
  gtk_label_set_label (self->texts[text], value);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->copies[text]), "s", value);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->copies[text]), "setup.copy");
}

/**
 * clove_setup_window_new:
 * @parent: (nullable): the window that it belongs to
 * @listen_address: "ip:port" of the proxy
 *
 * Make the window, not shown yet; GTK owns it.
 */
CloveSetupWindow *
clove_setup_window_new (GtkWindow *parent, const char *listen_address)
{
  CloveSetupWindow *self = g_object_new (CLOVE_TYPE_SETUP_WINDOW, "transient-for", parent, NULL);
  g_autofree char *address = clove_setting_text_reach (listen_address);
  g_autofree char *pac = g_strdup_printf ("http://%s/proxy.pac", address);
  g_autofree char *chromium = g_strdup_printf ("chromium --proxy-pac-url=%s", pac);
  g_autofree char *curl =
    g_strdup_printf ("curl --proxy http://%s http://foundation.ton/", address);
  g_autofree char *environment = g_strdup_printf ("export http_proxy=http://%s/", address);

  set_text (self, TEXT_PAC, pac);
  set_text (self, TEXT_CHROMIUM, chromium);
  set_text (self, TEXT_CURL, curl);
  set_text (self, TEXT_ENVIRONMENT, environment);
  /* Else the first text is selected, as if something had been done to it. */
  gtk_window_set_focus (GTK_WINDOW (self), GTK_WIDGET (self->copies[TEXT_PAC]));
  return self;
}

/**
 * clove_setup_window_present:
 * @parent: (nullable): the window that it belongs to
 * @host: the proxy, which need not be on
 * @settings: where it listens once it is
 *
 * Make the window and show it.
 */
void
clove_setup_window_present (GtkWindow *parent, CloveHost *host, CloveSettings *settings)
{
  const CloveSnapshot *snapshot = clove_host_get_snapshot (host);
  g_autofree char *listen = snapshot->listen_address != NULL
                              ? g_strdup (snapshot->listen_address)
                              : clove_settings_get_listen (settings);
  CloveSetupWindow *window = clove_setup_window_new (parent, listen);

  gtk_window_present (GTK_WINDOW (window));
}
