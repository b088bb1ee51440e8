/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command line. It is checked in the process that was started; the process that runs already,
 * or this one if there is none, does what it says.
 */
#include "config.h"

#include "clove-application-commands.h"

#include "clove-application-actions.h"
#include "clove-dbus.h"

#include <glib/gi18n.h>

/* What only a running program can do. */
static const char *const verbs[] = { "status", "rebuild", "toggle", "quit", NULL };

void
clove_application_add_options (CloveApplication *self)
{
  static const GOptionEntry entries[] = {
    { "demo", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Use a network of our own on this computer"),
      NULL },
    { "hidden", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Do not show the window"), NULL },
    { "status", 0, 0, G_OPTION_ARG_NONE, NULL,
      N_ ("Say in one line how the running program does; the exit status is 0 if connected"),
      NULL },
    { "rebuild", 0, 0, G_OPTION_ARG_NONE, NULL,
      N_ ("Have the running program build another circuit"), NULL },
    { "toggle", 0, 0, G_OPTION_ARG_NONE, NULL,
      N_ ("Switch the proxy of the running program on or off"), NULL },
    { "quit", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Quit the running program"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, NULL, NULL, NULL },
    { NULL },
  };

  g_application_set_option_context_summary (
    G_APPLICATION (self), _ ("Opens TON sites in any browser, through three relays."));
  g_application_add_main_option_entries (G_APPLICATION (self), entries);
}

/* Returns: (nullable): the first of @verbs that is asked for */
static const char *
find_verb (GVariantDict *options)
{
  for (guint i = 0; verbs[i] != NULL; i++) {
    if (g_variant_dict_contains (options, verbs[i]))
      return verbs[i];
  }
  return NULL;
}

static GVariant *
call (GDBusConnection *bus,
      const char *interface,
      const char *method,
      GVariant *arguments,
      GError **error)
{
  /* Who asks wakes nobody up. */
  return g_dbus_connection_call_sync (bus, CLOVE_APP_ID, CLOVE_DBUS_PATH, interface, method,
                                      arguments, NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL,
                                      error);
}

static gboolean
is_running (GDBusConnection *bus)
{
  g_autoptr (GVariant) reply = NULL;
  gboolean has_owner = FALSE;

  reply = g_dbus_connection_call_sync (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "NameHasOwner",
                                       g_variant_new ("(s)", CLOVE_APP_ID), G_VARIANT_TYPE ("(b)"),
                                       G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL);
  if (reply != NULL)
    g_variant_get (reply, "(b)", &has_owner);
  return has_owner;
}

static int
complain_nobody_runs (void)
{
  g_printerr (_ ("clove: Clove is not running\n"));
  return 1;
}

static int
print_status (GDBusConnection *bus)
{
  g_autoptr (GVariant) reply = call (bus, "org.freedesktop.DBus.Properties", "GetAll",
                                     g_variant_new ("(s)", CLOVE_DBUS_INTERFACE), NULL);
  g_autoptr (GVariant) values = NULL;
  const char *state = "";
  const char *line = "";

  if (reply == NULL || !g_variant_is_of_type (reply, G_VARIANT_TYPE ("(a{sv})")))
    return complain_nobody_runs ();
  values = g_variant_get_child_value (reply, 0);
  g_variant_lookup (values, "State", "&s", &state);
  g_variant_lookup (values, "Status", "&s", &line);
  g_print ("%s\n", line);
  return g_str_equal (state, clove_engine_state_name (CLOVE_ENGINE_CONNECTED)) ||
             g_str_equal (state, clove_engine_state_name (CLOVE_ENGINE_REBUILDING))
           ? 0
           : 1;
}

static int
rebuild (GDBusConnection *bus)
{
  GQuark domain = CLOVE_DBUS_ERROR; /* known before the reply comes */
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = call (bus, CLOVE_DBUS_INTERFACE, "Rebuild", NULL, &error);

  if (reply != NULL)
    return 0;
  if (error->domain != domain)
    return complain_nobody_runs ();
  g_dbus_error_strip_remote_error (error);
  g_printerr ("clove: %s\n", error->message);
  return 1;
}

/*
 * What has something to say is asked like this. By the command line of GApplication, which does the
 * rest, a program in a sandbox cannot write to the terminal of one in another.
 *
 * Returns: an exit status, or -1 to go on
 */
static int
ask (const char *verb)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);

  if (bus == NULL || !is_running (bus))
    return complain_nobody_runs ();
  if (g_str_equal (verb, "status"))
    return print_status (bus);
  return g_str_equal (verb, "rebuild") ? rebuild (bus) : -1;
}

/* Before anything is started. Returns: an exit status, or -1 to go on */
int
clove_application_check_options (GApplication *application, GVariantDict *options)
{
  g_autofree const char **rest = NULL;
  const char *verb = find_verb (options);

  if (g_variant_dict_contains (options, "version")) {
    g_print ("clove %s\n", CLOVE_VERSION);
    return 0;
  }
  if (g_variant_dict_lookup (options, G_OPTION_REMAINING, "^a&s", &rest) && rest[0] != NULL) {
    g_printerr (_ ("clove: “%s” is not understood; clove --help lists what is\n"), rest[0]);
    return 1;
  }
  return verb != NULL ? ask (verb) : -1;
}

static int
obey_verb (CloveApplication *self, const char *verb, GApplicationCommandLine *command_line)
{
  /* The one that ran when we looked has quit since. */
  if (!g_application_command_line_get_is_remote (command_line)) {
    g_application_command_line_printerr (command_line, "%s", _ ("clove: Clove is not running\n"));
    return 1;
  }
  if (g_str_equal (verb, "quit"))
    clove_application_quit (self);
  else
    g_action_group_activate_action (G_ACTION_GROUP (self), "toggle", NULL);
  return 0;
}

/* A window that asks which network to use cannot be left out. */
static gboolean
stays_hidden (CloveApplication *self, GVariantDict *options, gboolean is_first)
{
  CloveSettings *settings = clove_application_get_settings (self);

  if (g_variant_dict_contains (options, "hidden"))
    return TRUE;
  return is_first && clove_host_is_on (clove_application_get_host (self)) &&
         clove_settings_get (settings, CLOVE_SETTING_START_HIDDEN);
}

int
clove_application_obey (GApplication *application, GApplicationCommandLine *command_line)
{
  CloveApplication *self = CLOVE_APPLICATION (application);
  GVariantDict *options = g_application_command_line_get_options_dict (command_line);
  const char *verb = find_verb (options);
  gboolean is_first = !g_application_command_line_get_is_remote (command_line);

  if (verb != NULL)
    return obey_verb (self, verb, command_line);
  clove_application_begin (self, g_variant_dict_contains (options, "demo"));
  if (!stays_hidden (self, options, is_first))
    clove_application_present (self);
  else if (clove_application_get_window (self) == NULL)
    clove_application_hide (self);
  return 0;
}
