/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-autostart.h"

#include "clove-autostart-file.h"

struct _CloveAutostart {
  GObject parent_instance;

  /* Owned. */
  CloveSettings *settings;
  CloveBackground *background; /* NULL outside of a sandbox */
  char *path;                  /* the file; unused in a sandbox */

  gboolean is_active;
};

G_DEFINE_FINAL_TYPE (CloveAutostart, clove_autostart, G_TYPE_OBJECT)

enum {
  PROP_ACTIVE = 1,
  N_PROPS,
};

enum {
  SIGNAL_FAILED,
  N_SIGNALS,
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static gboolean
read_state (CloveAutostart *self)
{
  if (self->background != NULL)
    return clove_settings_get (self->settings, CLOVE_SETTING_START_AT_LOGIN);
  return clove_autostart_file_is_on (self->path);
}

/* What is true is shown, whatever was wished. */
static void
tell (CloveAutostart *self)
{
  self->is_active = read_state (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ACTIVE]);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CloveAutostart) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_started = FALSE;

  (void) clove_background_request_finish (CLOVE_BACKGROUND (source), result, &is_started, &error);
  if (error == NULL)
    clove_settings_set (self->settings, CLOVE_SETTING_START_AT_LOGIN, is_started);
  tell (self);
  if (error != NULL)
    g_signal_emit (self, signals[SIGNAL_FAILED], 0, error->message);
}

static void
set_by_file (CloveAutostart *self, gboolean is_active)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *program = clove_autostart_file_find_program ();
  gboolean is_done = is_active ? clove_autostart_file_write (self->path, program, &error)
                               : clove_autostart_file_remove (self->path, &error);

  tell (self);
  if (!is_done)
    g_signal_emit (self, signals[SIGNAL_FAILED], 0, error->message);
}

static void
set_active (CloveAutostart *self, gboolean is_active)
{
  if (self->is_active == is_active)
    return;
  self->is_active = is_active;
  if (self->background == NULL)
    set_by_file (self, is_active);
  else
    clove_background_request_async (self->background, is_active, on_answer, g_object_ref (self));
}

static void
clove_autostart_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_ACTIVE)
    g_value_set_boolean (value, CLOVE_AUTOSTART (object)->is_active);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
clove_autostart_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_ACTIVE)
    set_active (CLOVE_AUTOSTART (object), g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
clove_autostart_dispose (GObject *object)
{
  CloveAutostart *self = CLOVE_AUTOSTART (object);

  g_clear_object (&self->settings);
  g_clear_object (&self->background);
  g_clear_pointer (&self->path, g_free);

  G_OBJECT_CLASS (clove_autostart_parent_class)->dispose (object);
}

static void
clove_autostart_class_init (CloveAutostartClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = clove_autostart_dispose;
  object_class->get_property = clove_autostart_get_property;
  object_class->set_property = clove_autostart_set_property;

  properties[PROP_ACTIVE] =
    g_param_spec_boolean ("active", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
clove_autostart_init (CloveAutostart *self)
{
}

/**
 * clove_autostart_new:
 * @settings: where the portal's answer is kept
 * @background: (nullable): the portal; %NULL outside of a sandbox
 *
 * Returns: (transfer full): the switch, as it stands
 */
CloveAutostart *
clove_autostart_new (CloveSettings *settings, CloveBackground *background)
{
  CloveAutostart *self = g_object_new (CLOVE_TYPE_AUTOSTART, NULL);

  self->settings = g_object_ref (settings);
  self->background = background != NULL ? g_object_ref (background) : NULL;
  self->path = clove_autostart_file_get_path (g_get_user_config_dir ());
  self->is_active = read_state (self);
  return self;
}

/** clove_autostart_refresh: Look again: the user may have changed it elsewhere. */
void
clove_autostart_refresh (CloveAutostart *self)
{
  if (read_state (self) != self->is_active)
    tell (self);
}
