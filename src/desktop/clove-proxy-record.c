/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The record as a key file of one group. It is refused whole if anything in it is unknown, missing
 * or out of bounds: half of what the user had is worse than a file that waits for somebody to look
 * at it.
 */
#include "config.h"

#include "clove-proxy-record.h"

#include "clove-desktop-error.h"

#include <string.h>

#define GROUP        "System Proxy"
#define VERSION      "1"
#define KEY_VERSION  "Version"
#define KEY_DESKTOP  "Desktop"
#define KEY_OWNER    "Owner"
#define KEY_URL      "Url"
#define KEY_PREVIOUS "PreviousUrl"
#define KEY_PLACE    "OldPlace"
#define KEY_OLD_MODE "OldMode"
#define KEY_OLD_URL  "OldUrl"

/* The last line: a file that was torn has none. */
#define KEY_COMPLETE "Complete"
#define COMPLETE     "yes"

#define MAX_VALUE_SIZE 8192

static const char *const desktop_names[] = {
  [CLOVE_DESKTOP_OTHER] = "",
  [CLOVE_DESKTOP_GNOME] = "gnome",
  [CLOVE_DESKTOP_KDE] = "kde",
};

static const char *const place_names[] = {
  [CLOVE_PROXY_PLACE_NONE] = "none",
  [CLOVE_PROXY_PLACE_FILE] = "file",
  [CLOVE_PROXY_PLACE_GROUP] = "group",
};

/** clove_proxy_record_new: (transfer full): Make a record; what the user had is filled in later. */
CloveProxyRecord *
clove_proxy_record_new (CloveDesktopKind desktop, const CloveProcessMark *owner, const char *url)
{
  CloveProxyRecord *self = g_new0 (CloveProxyRecord, 1);

  self->desktop = desktop;
  self->owner = *owner;
  self->url = g_strdup (url);
  return self;
}

/** clove_proxy_record_free: Free it. */
void
clove_proxy_record_free (CloveProxyRecord *self)
{
  g_free (self->url);
  g_free (self->previous_url);
  clove_proxy_values_clear (&self->old);
  g_free (self);
}

/** clove_proxy_record_move: Note that @url is about to be put there instead. */
void
clove_proxy_record_move (CloveProxyRecord *self, const char *url)
{
  if (strcmp (self->url, url) == 0)
    return;
  g_free (self->previous_url);
  self->previous_url = g_steal_pointer (&self->url);
  self->url = g_strdup (url);
}

/** clove_proxy_record_has_url: Tell whether @url (nullable) was put there by us. */
gboolean
clove_proxy_record_has_url (const CloveProxyRecord *self, const char *url)
{
  return url != NULL && (strcmp (url, self->url) == 0 || g_strcmp0 (url, self->previous_url) == 0);
}

static gboolean
fail (GError **error, const char *what)
{
  g_set_error (error, CLOVE_DESKTOP_ERROR, CLOVE_DESKTOP_ERROR_GARBLED, "%s", what);
  return FALSE;
}

/* One line each: a line break would become another setting in a file of lines. */
static gboolean
is_plain (const char *value)
{
  if (strlen (value) > MAX_VALUE_SIZE)
    return FALSE;
  for (const char *c = value; *c != '\0'; c++) {
    if (*c == '\n' || *c == '\r')
      return FALSE;
  }
  return TRUE;
}

/* Kept lines may end in the CR of a file that was written elsewhere. */
static gboolean
is_line (const char *value)
{
  gsize size = strlen (value);
  g_autofree char *bare = g_strndup (value, size > 0 && value[size - 1] == '\r' ? size - 1 : size);

  return is_plain (bare);
}

/* Returns: whether @key is absent, with @out NULL, or has a value that may be used */
static gboolean
take_optional (GKeyFile *file, const char *key, char **out, GError **error)
{
  g_autoptr (GError) why = NULL;

  *out = NULL;
  if (!g_key_file_has_key (file, GROUP, key, NULL))
    return TRUE;
  *out = g_key_file_get_string (file, GROUP, key, &why);
  if (why == NULL && *out != NULL && is_line (*out))
    return TRUE;
  return fail (error, "a value is not a line of text");
}

static gboolean
take (GKeyFile *file, const char *key, char **out, GError **error)
{
  if (!take_optional (file, key, out, error))
    return FALSE;
  return *out != NULL ? TRUE : fail (error, "a value is missing");
}

static gboolean
check_keys (GKeyFile *file, GError **error)
{
  static const char *const known[] = { KEY_VERSION, KEY_DESKTOP, KEY_OWNER, KEY_URL, KEY_PREVIOUS,
                                       KEY_PLACE, KEY_OLD_MODE, KEY_OLD_URL, KEY_COMPLETE, NULL };
  gsize n_groups = 0;
  g_auto (GStrv) groups = g_key_file_get_groups (file, &n_groups);
  g_auto (GStrv) keys = g_key_file_get_keys (file, GROUP, NULL, NULL);

  if (n_groups != 1 || keys == NULL)
    return fail (error, "it has other groups than its own");
  for (guint i = 0; keys[i] != NULL; i++) {
    if (!g_strv_contains (known, keys[i]))
      return fail (error, "it has a value that is unknown here");
  }
  return TRUE;
}

static gboolean
find_name (const char *const *names, gsize n_names, const char *name, guint *out)
{
  for (gsize i = 0; i < n_names; i++) {
    if (strcmp (names[i], name) == 0 && name[0] != '\0') {
      *out = (guint) i;
      return TRUE;
    }
  }
  return FALSE;
}

static gboolean
parse_names (CloveProxyRecord *self, GKeyFile *file, GError **error)
{
  g_autofree char *version = NULL;
  g_autofree char *desktop = NULL;
  g_autofree char *place = NULL;
  guint number = 0;

  if (!take (file, KEY_VERSION, &version, error) || !take (file, KEY_DESKTOP, &desktop, error) ||
      !take (file, KEY_PLACE, &place, error))
    return FALSE;
  if (strcmp (version, VERSION) != 0)
    return fail (error, "it is of another version");
  if (!find_name (desktop_names, G_N_ELEMENTS (desktop_names), desktop, &number))
    return fail (error, "it names no desktop that is known here");
  self->desktop = (CloveDesktopKind) number;
  if (!find_name (place_names, G_N_ELEMENTS (place_names), place, &number))
    return fail (error, "it does not say what was there");
  self->old.place = (CloveProxyPlace) number;
  return TRUE;
}

static gboolean
parse_values (CloveProxyRecord *self, GKeyFile *file, GError **error)
{
  g_autofree char *owner = NULL;
  g_autofree char *complete = NULL;

  if (!take (file, KEY_COMPLETE, &complete, error) || !take (file, KEY_OWNER, &owner, error) ||
      !take (file, KEY_URL, &self->url, error) ||
      !take_optional (file, KEY_PREVIOUS, &self->previous_url, error) ||
      !take_optional (file, KEY_OLD_MODE, &self->old.mode, error) ||
      !take_optional (file, KEY_OLD_URL, &self->old.url, error))
    return FALSE;
  if (!clove_process_mark_parse (&self->owner, owner))
    return fail (error, "it does not say whose it is");
  if (self->url[0] == '\0')
    return fail (error, "it has no address");
  if (strcmp (complete, COMPLETE) != 0)
    return fail (error, "it is not complete");
  return TRUE;
}

/**
 * clove_proxy_record_parse:
 * @text: (array length=size): what a file has
 * @size: its size
 * @error: %CLOVE_DESKTOP_ERROR_GARBLED
 *
 * Returns: (transfer full) (nullable): the record
 */
CloveProxyRecord *
clove_proxy_record_parse (const char *text, gsize size, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (CloveProxyRecord) self = g_new0 (CloveProxyRecord, 1);

  if (size == 0 || size > CLOVE_PROXY_RECORD_MAX_SIZE || !g_utf8_validate_len (text, size, NULL) ||
      !g_key_file_load_from_data (file, text, size, G_KEY_FILE_KEEP_TRANSLATIONS, NULL)) {
    fail (error, "it is not a file of settings");
    return NULL;
  }
  if (!check_keys (file, error) || !parse_names (self, file, error) ||
      !parse_values (self, file, error))
    return NULL;
  return g_steal_pointer (&self);
}

static void
put_optional (GKeyFile *file, const char *key, const char *value)
{
  if (value != NULL)
    g_key_file_set_string (file, GROUP, key, value);
}

/** clove_proxy_record_format: (transfer full): Write it for clove_proxy_record_parse(). */
char *
clove_proxy_record_format (const CloveProxyRecord *self)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *owner = clove_process_mark_format (&self->owner);

  g_key_file_set_string (file, GROUP, KEY_VERSION, VERSION);
  g_key_file_set_string (file, GROUP, KEY_DESKTOP, desktop_names[self->desktop]);
  g_key_file_set_string (file, GROUP, KEY_OWNER, owner);
  g_key_file_set_string (file, GROUP, KEY_URL, self->url);
  put_optional (file, KEY_PREVIOUS, self->previous_url);
  g_key_file_set_string (file, GROUP, KEY_PLACE, place_names[self->old.place]);
  put_optional (file, KEY_OLD_MODE, self->old.mode);
  put_optional (file, KEY_OLD_URL, self->old.url);
  g_key_file_set_string (file, GROUP, KEY_COMPLETE, COMPLETE);
  return g_key_file_to_data (file, NULL, NULL);
}
