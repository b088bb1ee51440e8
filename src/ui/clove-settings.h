/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-engine.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* The keys of the schema, so that a wrong one does not compile. */
#define CLOVE_SETTING_MODE             "mode"
#define CLOVE_SETTING_DIRECTORY        "directory"
#define CLOVE_SETTING_LISTEN           "listen"
#define CLOVE_SETTING_ROTATION         "rotation-minutes"
#define CLOVE_SETTING_ATTEMPTS         "attempts"
#define CLOVE_SETTING_STANDBY          "standby"
#define CLOVE_SETTING_REPEAT           "repeat"
#define CLOVE_SETTING_KEEP_ENTRY       "keep-entry"
#define CLOVE_SETTING_HISTORY          "history"
#define CLOVE_SETTING_NOTIFICATIONS    "notifications"
#define CLOVE_SETTING_SYSTEM_PROXY     "system-proxy"
#define CLOVE_SETTING_START_HIDDEN     "start-hidden"
#define CLOVE_SETTING_START_AT_LOGIN   "start-at-login"
#define CLOVE_SETTING_BACKGROUND       "run-in-background"
#define CLOVE_SETTING_HAS_TOLD_OF_TRAY "has-told-of-tray"
#define CLOVE_SETTING_WINDOW_SIZE      "window-size"
#define CLOVE_SETTING_WINDOW_MAXIMIZED "window-maximized"

/**
 * CloveMode:
 * @CLOVE_MODE_UNSET: the user has not said yet
 * @CLOVE_MODE_TONNET: relays of the directory
 * @CLOVE_MODE_DEMO: a network of our own on this computer
 */
typedef enum {
  CLOVE_MODE_UNSET,
  CLOVE_MODE_TONNET,
  CLOVE_MODE_DEMO,
} CloveMode;

/**
 * CloveSettings:
 *
 * What the user chose, typed. Belongs to the user's thread.
 *
 * Signal "engine-changed" (): something that the engine runs with is other than before.
 */
#define CLOVE_TYPE_SETTINGS (clove_settings_get_type ())
G_DECLARE_FINAL_TYPE (CloveSettings, clove_settings, CLOVE, SETTINGS, GObject)

CloveSettings *clove_settings_new (void) G_GNUC_WARN_UNUSED_RESULT;
GSettings *clove_settings_get_gsettings (CloveSettings *self);

CloveMode clove_settings_get_mode (CloveSettings *self);
void clove_settings_set_mode (CloveSettings *self, CloveMode mode);
char *clove_settings_get_listen (CloveSettings *self) G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_settings_set_listen (CloveSettings *self, const char *listen);
gboolean clove_settings_get (CloveSettings *self, const char *key);
void clove_settings_set (CloveSettings *self, const char *key, gboolean value);
void clove_settings_fill_options (CloveSettings *self, CloveEngineOptions *options_out);
char *clove_settings_get_directory (CloveSettings *self) G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_settings_set_directory (CloveSettings *self, const char *directory);

G_END_DECLS
