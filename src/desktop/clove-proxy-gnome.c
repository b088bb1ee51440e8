/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The proxy of GNOME and its kin, in GSettings. */
#include "config.h"

#include "clove-desktop-error.h"
#include "clove-proxy-backend.h"

#define SCHEMA    "org.gnome.system.proxy"
#define KEY_MODE  "mode"
#define KEY_URL   "autoconfig-url"
#define MODE_AUTO "auto"

/* Never g_settings_new() alone: a schema that is missing, or another one under the same name, would
 * end the program. Returns: (transfer full) (nullable) */
static GSettings *
open_settings (GError **error)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema =
    source != NULL ? g_settings_schema_source_lookup (source, SCHEMA, TRUE) : NULL;

  if (schema != NULL && g_settings_schema_has_key (schema, KEY_MODE) &&
      g_settings_schema_has_key (schema, KEY_URL))
    return g_settings_new_full (schema, NULL, NULL);
  g_set_error_literal (error, CLOVE_DESKTOP_ERROR, CLOVE_DESKTOP_ERROR_NO_SETTINGS,
                       "the settings " SCHEMA " are not installed");
  return NULL;
}

static gboolean
check (GError **error)
{
  g_autoptr (GSettings) settings = open_settings (error);

  if (settings == NULL)
    return FALSE;
  if (g_settings_is_writable (settings, KEY_MODE) && g_settings_is_writable (settings, KEY_URL))
    return TRUE;
  g_set_error_literal (error, CLOVE_DESKTOP_ERROR, CLOVE_DESKTOP_ERROR_LOCKED,
                       "the settings " SCHEMA " are locked");
  return FALSE;
}

/* Returns: (transfer full) (nullable): the text, if the user set one */
static char *
get_user_text (GSettings *settings, const char *key)
{
  g_autoptr (GVariant) value = g_settings_get_user_value (settings, key);

  if (value == NULL || !g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return NULL;
  return g_variant_dup_string (value, NULL);
}

static void
read_from (GSettings *settings, CloveProxyValues *out)
{
  g_autofree char *mode = get_user_text (settings, KEY_MODE);
  g_autofree char *url = get_user_text (settings, KEY_URL);

  clove_proxy_values_set (out, CLOVE_PROXY_PLACE_GROUP, mode, url);
}

static gboolean
read_values (CloveProxyValues *out, GError **error)
{
  g_autoptr (GSettings) settings = open_settings (error);

  if (settings == NULL)
    return FALSE;
  read_from (settings, out);
  return TRUE;
}

/* A value that the schema does not know, from a file that somebody edited, would be our mistake. */
static gboolean
is_in_range (GSettings *settings, const char *key, const char *text)
{
  g_autoptr (GSettingsSchema) schema = NULL;
  g_autoptr (GSettingsSchemaKey) schema_key = NULL;
  g_autoptr (GVariant) value = NULL;

  if (text == NULL)
    return TRUE;
  g_object_get (settings, "settings-schema", &schema, NULL);
  schema_key = g_settings_schema_get_key (schema, key);
  value = g_variant_ref_sink (g_variant_new_string (text));
  return g_variant_type_equal (g_settings_schema_key_get_value_type (schema_key),
                               G_VARIANT_TYPE_STRING) &&
         g_settings_schema_key_range_check (schema_key, value);
}

static void
put (GSettings *settings, const char *key, const char *text)
{
  if (text != NULL)
    g_settings_set_string (settings, key, text);
  else
    g_settings_reset (settings, key);
}

static gboolean
write_values (const CloveProxyValues *values, GError **error)
{
  g_autoptr (GSettings) settings = open_settings (error);
  g_auto (CloveProxyValues) now = { 0 };

  if (settings == NULL)
    return FALSE;
  if (!is_in_range (settings, KEY_MODE, values->mode) ||
      !is_in_range (settings, KEY_URL, values->url)) {
    g_set_error_literal (error, CLOVE_DESKTOP_ERROR, CLOVE_DESKTOP_ERROR_GARBLED,
                         "the settings " SCHEMA " do not take the value");
    return FALSE;
  }
  /* Both at once: nobody shall find the one without the other. */
  g_settings_delay (settings);
  put (settings, KEY_MODE, values->mode);
  put (settings, KEY_URL, values->url);
  g_settings_apply (settings);
  g_settings_sync ();
  read_from (settings, &now);
  if (clove_proxy_values_equal (&now, values))
    return TRUE;
  g_set_error_literal (error, CLOVE_DESKTOP_ERROR, CLOVE_DESKTOP_ERROR_FAILED,
                       "the settings " SCHEMA " did not take the value");
  return FALSE;
}

static void
make (CloveProxyValues *out, const char *url)
{
  clove_proxy_values_set (out, CLOVE_PROXY_PLACE_GROUP, MODE_AUTO, url);
}

static char *
get_url (const CloveProxyValues *values)
{
  return g_strcmp0 (values->mode, MODE_AUTO) == 0 ? g_strdup (values->url) : NULL;
}

static GObject *
watch (void)
{
  GSettings *settings = open_settings (NULL);

  /* Changes are told only of what was read once. */
  if (settings != NULL) {
    g_free (get_user_text (settings, KEY_MODE));
    g_free (get_user_text (settings, KEY_URL));
  }
  return (GObject *) settings;
}

const CloveProxyBackend clove_proxy_gnome = {
  .check = check,
  .read = read_values,
  .write = write_values,
  .make = make,
  .get_url = get_url,
  .watch = watch,
};
