/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The copy of the last good directory: a directory file like any other, with two members more that
 * say where it came from and when. So age and origin cannot part from the list, as they could if
 * kept in the file's own times or in a second file.
 */
#include "config.h"

#include "clove-directory-cache.h"

#include "clove-directory-error.h"
#include "clove-relay-list-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define MEMBER_LOCATION "clove_location"
#define MEMBER_FETCHED  "clove_fetched"

/** clove_directory_cache_get_path: (transfer full): Get the path of the copy in @folder. */
char *
clove_directory_cache_get_path (const char *folder)
{
  return g_build_filename (folder, "relays.json", NULL);
}

/**
 * clove_directory_cache_format:
 * @list: a good list
 * @location: where it came from
 * @fetched_s: when, in seconds since 1970
 *
 * Returns: (transfer full): the text of the copy
 */
char *
clove_directory_cache_format (CloveRelayList *list, const char *location, gint64 fetched_s)
{
  g_autoptr (JsonNode) root = clove_relay_list_to_json (list);
  JsonObject *object = json_node_get_object (root);

  json_object_set_string_member (object, MEMBER_LOCATION, location);
  json_object_set_int_member (object, MEMBER_FETCHED, fetched_s);
  return json_to_string (root, FALSE);
}

static gboolean
get_origin (JsonNode *root, const char **location_out, gint64 *fetched_s_out)
{
  JsonNode *location = NULL;
  JsonNode *fetched = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (root))
    return FALSE;
  location = json_object_get_member (json_node_get_object (root), MEMBER_LOCATION);
  fetched = json_object_get_member (json_node_get_object (root), MEMBER_FETCHED);
  if (location == NULL || json_node_get_value_type (location) != G_TYPE_STRING ||
      fetched == NULL || json_node_get_value_type (fetched) != G_TYPE_INT64)
    return FALSE;
  *location_out = json_node_get_string (location);
  *fetched_s_out = json_node_get_int (fetched);
  return TRUE;
}

/**
 * clove_directory_cache_parse:
 * @bytes: what was found in the file
 * @location: the directory that is wanted
 * @fetched_s_out: (out): when the copy was made, in seconds since 1970
 * @error: as clove_relay_list_parse(), and %CLOVE_DIRECTORY_ERROR_UNAVAILABLE for a copy of another
 *   directory: a user who left one does not want its relays back
 *
 * Returns: (transfer full): the list, or %NULL
 */
CloveRelayList *
clove_directory_cache_parse (GBytes *bytes,
                             const char *location,
                             gint64 *fetched_s_out,
                             GError **error)
{
  g_autoptr (JsonNode) root = clove_relay_list_load_json (bytes, error);
  const char *found = NULL;

  if (root == NULL)
    return NULL;
  if (!get_origin (root, &found, fetched_s_out)) {
    g_set_error_literal (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_WRONG_SHAPE,
                         "it does not say where it came from");
    return NULL;
  }
  if (strcmp (found, location) != 0) {
    g_set_error_literal (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_UNAVAILABLE,
                         "it came from another directory");
    return NULL;
  }
  return clove_relay_list_from_json (root, error);
}

/**
 * clove_directory_cache_write:
 * @folder: made if missing
 * @text: from clove_directory_cache_format()
 * @error: %G_FILE_ERROR, or %CLOVE_DIRECTORY_ERROR_TOO_LARGE
 *
 * Replace the copy by @text, readable by this user only; a reader finds the old one or the new one,
 * never a part. Blocks until the disk has it, so it is for a thread that may wait.
 *
 * Returns: whether it is written
 */
gboolean
clove_directory_cache_write (const char *folder, const char *text, GError **error)
{
  g_autofree char *path = clove_directory_cache_get_path (folder);
  gsize size = strlen (text);

  /* It could not be read back. */
  if (size > CLOVE_RELAY_LIST_MAX_SIZE) {
    g_set_error_literal (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_TOO_LARGE,
                         "the list is too large to be kept");
    return FALSE;
  }
  if (g_mkdir_with_parents (folder, 0700) != 0) {
    int saved_errno = errno;

    g_set_error (error, G_FILE_ERROR, (int) g_file_error_from_errno (saved_errno),
                 "cannot make the folder “%s”: %s", folder, g_strerror (saved_errno));
    return FALSE;
  }
  return g_file_set_contents_full (path, text, (gssize) size, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                   error);
}
