/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-settings.h"

#include "clove-manual-relays.h"
#include "clove-setting-text.h"

struct _CloveSettings {
  GObject parent_instance;

  GSettings *gsettings; /* owned */
};

G_DEFINE_FINAL_TYPE (CloveSettings, clove_settings, G_TYPE_OBJECT)

enum {
  SIGNAL_ENGINE_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
on_changed (GSettings *gsettings, const char *key, gpointer user_data)
{
  static const char *const of_engine[] = {
    CLOVE_SETTING_DIRECTORY,
    CLOVE_SETTING_LISTEN,
    CLOVE_SETTING_ROTATION,
    CLOVE_SETTING_ATTEMPTS,
    CLOVE_SETTING_STANDBY,
    CLOVE_SETTING_REPEAT,
    CLOVE_SETTING_KEEP_ENTRY,
    NULL,
  };

  if (g_strv_contains (of_engine, key))
    g_signal_emit (user_data, signals[SIGNAL_ENGINE_CHANGED], 0);
}

static void
clove_settings_dispose (GObject *object)
{
  CloveSettings *self = CLOVE_SETTINGS (object);

  g_clear_object (&self->gsettings);

  G_OBJECT_CLASS (clove_settings_parent_class)->dispose (object);
}

static void
clove_settings_class_init (CloveSettingsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_settings_dispose;

  signals[SIGNAL_ENGINE_CHANGED] =
    g_signal_new ("engine-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                  NULL, G_TYPE_NONE, 0);
}

static void
clove_settings_init (CloveSettings *self)
{
  self->gsettings = g_settings_new (CLOVE_APP_ID);
  g_signal_connect_object (self->gsettings, "changed", G_CALLBACK (on_changed), self, 0);
}

/** clove_settings_new: (transfer full): Get the settings; the schema must be installed. */
CloveSettings *
clove_settings_new (void)
{
  return g_object_new (CLOVE_TYPE_SETTINGS, NULL);
}

/** clove_settings_get_gsettings: (transfer none): Get what properties are bound to. */
GSettings *
clove_settings_get_gsettings (CloveSettings *self)
{
  return self->gsettings;
}

static const char *const mode_names[] = {
  [CLOVE_MODE_UNSET] = "unset",
  [CLOVE_MODE_TONNET] = "tonnet",
  [CLOVE_MODE_DEMO] = "demo",
};

/** clove_settings_get_mode: Get which network the user wants. */
CloveMode
clove_settings_get_mode (CloveSettings *self)
{
  g_autofree char *name = g_settings_get_string (self->gsettings, CLOVE_SETTING_MODE);

  for (CloveMode mode = 0; mode < G_N_ELEMENTS (mode_names); mode++) {
    if (g_str_equal (name, mode_names[mode]))
      return mode;
  }
  return CLOVE_MODE_UNSET;
}

/** clove_settings_set_mode: Remember which network the user wants. */
void
clove_settings_set_mode (CloveSettings *self, CloveMode mode)
{
  g_return_if_fail ((guint) mode < G_N_ELEMENTS (mode_names));
  g_settings_set_string (self->gsettings, CLOVE_SETTING_MODE, mode_names[mode]);
}

/**
 * clove_settings_get_listen:
 *
 * (transfer full): Get "ip:port"; the default if what is set is none.
 */
char *
clove_settings_get_listen (CloveSettings *self)
{
  g_autofree char *listen = g_settings_get_string (self->gsettings, CLOVE_SETTING_LISTEN);
  CloveAddress address = { 0 };

  if (clove_manual_listen_parse (&address, listen, NULL))
    return g_steal_pointer (&listen);
  return g_strdup (CLOVE_ENGINE_DEFAULT_LISTEN);
}

/**
 * clove_settings_set_listen:
 *
 * Set "ip:port". Returns: whether it is one; if not, nothing changes.
 */
gboolean
clove_settings_set_listen (CloveSettings *self, const char *listen)
{
  CloveAddress address = { 0 };

  return clove_manual_listen_parse (&address, listen, NULL) &&
         g_settings_set_string (self->gsettings, CLOVE_SETTING_LISTEN, listen);
}

/** clove_settings_get_directory: (transfer full): Get the address of the relay directory. */
char *
clove_settings_get_directory (CloveSettings *self)
{
  g_autofree char *directory = g_settings_get_string (self->gsettings, CLOVE_SETTING_DIRECTORY);

  return directory[0] != '\0' ? g_steal_pointer (&directory)
                              : g_strdup (CLOVE_ENGINE_DEFAULT_DIRECTORY);
}

/**
 * clove_settings_set_directory:
 * @self: the settings
 * @directory: an address or a file; empty for the community's own
 *
 * Returns: whether it is one; if not, nothing changes
 */
gboolean
clove_settings_set_directory (CloveSettings *self, const char *directory)
{
  g_autofree char *checked = clove_setting_text_check_directory (directory, NULL);

  return checked != NULL &&
         g_settings_set_string (self->gsettings, CLOVE_SETTING_DIRECTORY, checked);
}

/** clove_settings_get: Get a setting that is on or off. */
gboolean
clove_settings_get (CloveSettings *self, const char *key)
{
  return g_settings_get_boolean (self->gsettings, key);
}

/** clove_settings_set: Set a setting that is on or off. */
void
clove_settings_set (CloveSettings *self, const char *key, gboolean value)
{
  g_settings_set_boolean (self->gsettings, key, value);
}

/** clove_settings_fill_options: Set what the engine runs with, but for addresses and folders. */
void
clove_settings_fill_options (CloveSettings *self, CloveEngineOptions *options_out)
{
  options_out->max_attempts = g_settings_get_uint (self->gsettings, CLOVE_SETTING_ATTEMPTS);
  options_out->rotation_us =
    g_settings_get_uint (self->gsettings, CLOVE_SETTING_ROTATION) * G_TIME_SPAN_MINUTE;
  options_out->keeps_standby = clove_settings_get (self, CLOVE_SETTING_STANDBY);
  options_out->repeats = clove_settings_get (self, CLOVE_SETTING_REPEAT);
  options_out->keeps_entry = clove_settings_get (self, CLOVE_SETTING_KEEP_ENTRY);
  options_out->keeps_history = clove_settings_get (self, CLOVE_SETTING_HISTORY);
}
