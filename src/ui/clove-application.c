/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-application.h"

#include "clove-application-actions.h"
#include "clove-window.h"

#include <glib/gi18n.h>

struct _CloveApplication {
  AdwApplication parent_instance;

  /* Owned. */
  CloveSettings *settings;
  CloveHost *host;

  gboolean is_quitting;
};

G_DEFINE_FINAL_TYPE (CloveApplication, clove_application, ADW_TYPE_APPLICATION)

static void
on_changed (CloveHost *host, gpointer user_data)
{
  clove_application_update_actions (user_data);
}

static void
on_stopped (CloveHost *host, gpointer user_data)
{
  CloveApplication *self = user_data;

  if (self->is_quitting)
    g_application_quit (G_APPLICATION (self));
}

static void
clove_application_startup (GApplication *application)
{
  CloveApplication *self = CLOVE_APPLICATION (application);

  G_APPLICATION_CLASS (clove_application_parent_class)->startup (application);
  gtk_window_set_default_icon_name (CLOVE_APP_ID);
  self->settings = clove_settings_new ();
  self->host = clove_host_new (self->settings);
  g_signal_connect_object (self->host, "changed", G_CALLBACK (on_changed), self, 0);
  g_signal_connect_object (self->host, "stopped", G_CALLBACK (on_stopped), self, 0);
  clove_application_add_actions (self);
}

/* Begins what the user wanted last; the first time the window asks. */
static void
start_engine (CloveApplication *self)
{
  CloveMode mode = clove_settings_get_mode (self->settings);

  if (mode != CLOVE_MODE_UNSET && !clove_host_is_on (self->host))
    clove_host_start (self->host, mode == CLOVE_MODE_DEMO);
}

static void
clove_application_activate (GApplication *application)
{
  start_engine (CLOVE_APPLICATION (application));
  clove_application_present (CLOVE_APPLICATION (application));
}

static int
clove_application_command_line (GApplication *application, GApplicationCommandLine *command_line)
{
  CloveApplication *self = CLOVE_APPLICATION (application);
  GVariantDict *options = g_application_command_line_get_options_dict (command_line);

  if (g_variant_dict_contains (options, "quit")) {
    clove_application_quit (self);
    return 0;
  }
  if (g_variant_dict_contains (options, "demo"))
    clove_host_start (self->host, TRUE);
  else
    start_engine (self);
  if (g_variant_dict_contains (options, "toggle"))
    g_action_group_activate_action (G_ACTION_GROUP (self), "toggle", NULL);
  if (g_variant_dict_contains (options, "rebuild"))
    g_action_group_activate_action (G_ACTION_GROUP (self), "rebuild-now", NULL);
  if (!g_variant_dict_contains (options, "hidden"))
    clove_application_present (self);
  return 0;
}

static void
clove_application_dispose (GObject *object)
{
  CloveApplication *self = CLOVE_APPLICATION (object);

  g_clear_object (&self->host);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (clove_application_parent_class)->dispose (object);
}

static void
clove_application_class_init (CloveApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clove_application_dispose;
  application_class->startup = clove_application_startup;
  application_class->activate = clove_application_activate;
  application_class->command_line = clove_application_command_line;
}

static void
clove_application_init (CloveApplication *self)
{
  static const GOptionEntry entries[] = {
    { "demo", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Use a network of our own on this computer"),
      NULL },
    { "rebuild", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Build another circuit now"), NULL },
    { "toggle", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Switch the proxy on or off"), NULL },
    { "hidden", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Do not show the window"), NULL },
    { "quit", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Quit the running program"), NULL },
    { NULL },
  };

  g_application_add_main_option_entries (G_APPLICATION (self), entries);
}

/** clove_application_new: (transfer full): Make the application, to be run. */
CloveApplication *
clove_application_new (void)
{
  return g_object_new (CLOVE_TYPE_APPLICATION, "application-id", CLOVE_APP_ID, "flags",
                       G_APPLICATION_HANDLES_COMMAND_LINE, "resource-base-path", CLOVE_RESOURCES,
                       NULL);
}

/** clove_application_get_host: (transfer none): Get what runs the engine; not before startup. */
CloveHost *
clove_application_get_host (CloveApplication *self)
{
  return self->host;
}

/** clove_application_get_settings: (transfer none): Get the settings; not before startup. */
CloveSettings *
clove_application_get_settings (CloveApplication *self)
{
  return self->settings;
}

/* Shows the window, which is made when it is wanted first. */
void
clove_application_present (CloveApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (window == NULL)
    window = GTK_WINDOW (clove_window_new (self));
  gtk_window_present (window);
}

/* Ends the program once the circuits are closed. */
void
clove_application_quit (CloveApplication *self)
{
  if (self->is_quitting)
    return;
  self->is_quitting = TRUE;
  g_application_hold (G_APPLICATION (self));
  for (GList *windows = gtk_application_get_windows (GTK_APPLICATION (self)); windows != NULL;) {
    GtkWindow *window = windows->data;

    windows = windows->next;
    gtk_window_destroy (window);
  }
  if (clove_host_is_on (self->host))
    clove_host_stop (self->host);
  else
    g_application_quit (G_APPLICATION (self));
}
