/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * KDE's file of network settings, as text: two lines of one group are ours for a while, and every
 * other byte stays.
 *
 * A line is kept and put back whole, so that blanks, options such as [$e] and escapes survive.
 * Where a key stands several times KDE takes the last, and so is it here: that one alone is read
 * and replaced.
 */
#include "config.h"

#include "clove-kioslaverc.h"

#include "clove-desktop-error.h"

#include <string.h>

#define GROUP    "Proxy Settings"
#define KEY_TYPE "ProxyType"
#define KEY_URL  "Proxy Config Script"
/* KDE's number for an automatic configuration. */
#define TYPE_PAC "2"

/* Where things are, as indices of lines; -1 for nowhere. */
typedef struct {
  gssize group; /* the first head of the group */
  gssize type;
  gssize url;
  gboolean is_locked;
} Layout;

/* The part before @end, or all, without blanks around it. */
static char *
copy_stripped (const char *text, const char *end)
{
  return g_strstrip (end != NULL ? g_strndup (text, (gsize) (end - text)) : g_strdup (text));
}

/* Returns: (transfer full) (nullable): the name in the head of a group, with all the brackets of a
 * group in a group, and without options */
static char *
parse_head (const char *line)
{
  const char *start = line + strspn (line, " \t");
  const char *end = start[0] == '[' ? strrchr (start, ']') : NULL;
  const char *option = end != NULL ? strstr (start, "][$") : NULL;

  if (end == NULL)
    return NULL;
  return copy_stripped (start + 1, option != NULL ? option : end);
}

/* [$i] after a group or a key, or above everything, forbids changes; other options do not. */
static gboolean
has_lock (const char *text, const char *end)
{
  const char *option = strstr (text, "[$");

  for (; option != NULL && (end == NULL || option < end); option = strstr (option + 2, "[$")) {
    const char *last = strchr (option, ']');

    if (last != NULL && memchr (option, 'i', (gsize) (last - option)) != NULL)
      return TRUE;
  }
  return FALSE;
}

/* Returns: (transfer full) (nullable): the key of an entry, without its options */
static char *
parse_key (const char *line)
{
  const char *equals = strchr (line, '=');
  const char *bracket = strchr (line, '[');

  /* Key[de] is another key than Key, and Key[$e] is not. */
  if (equals == NULL || line[strspn (line, " \t")] == '#' ||
      (bracket != NULL && bracket < equals && bracket[1] != '$'))
    return NULL;
  return copy_stripped (line, bracket != NULL && bracket < equals ? bracket : equals);
}

/* Returns: (transfer full) (nullable): what stands after the "=" */
static char *
parse_value (const char *line)
{
  const char *equals = line != NULL ? strchr (line, '=') : NULL;

  return equals != NULL ? copy_stripped (equals + 1, NULL) : NULL;
}

static void
see_entry (Layout *layout, const char *line, gssize at)
{
  g_autofree char *key = parse_key (line);

  if (key == NULL)
    return;
  if (strcmp (key, KEY_TYPE) == 0)
    layout->type = at;
  else if (strcmp (key, KEY_URL) == 0)
    layout->url = at;
  else
    return;
  layout->is_locked |= has_lock (line, strchr (line, '='));
}

static Layout
find_all (GPtrArray *lines)
{
  Layout layout = { .group = -1, .type = -1, .url = -1 };
  gboolean is_inside = FALSE;

  for (guint i = 0; i < lines->len; i++) {
    const char *line = g_ptr_array_index (lines, i);
    g_autofree char *head = parse_head (line);

    if (head == NULL) {
      if (is_inside)
        see_entry (&layout, line, (gssize) i);
      continue;
    }
    is_inside = strcmp (head, GROUP) == 0;
    if (is_inside && layout.group < 0)
      layout.group = (gssize) i;
    /* A head that is nothing but the lock locks the whole file. */
    layout.is_locked |= (is_inside || head[0] == '$') && has_lock (line, NULL);
  }
  return layout;
}

/* The last one is empty if the file ends as files should. */
static GPtrArray *
split (const char *text)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);

  for (const char *end = strchr (text, '\n'); end != NULL; end = strchr (text, '\n')) {
    g_ptr_array_add (lines, g_strndup (text, (gsize) (end - text)));
    text = end + 1;
  }
  g_ptr_array_add (lines, g_strdup (text));
  return lines;
}

static char *
join (GPtrArray *lines)
{
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **) lines->pdata);
}

static const char *
get_line (GPtrArray *lines, gssize at)
{
  return at >= 0 ? g_ptr_array_index (lines, (guint) at) : NULL;
}

/**
 * clove_kioslaverc_read:
 * @text: (array length=size): the file, with a NUL behind it
 * @size: its size
 * @out: the lines of the two entries, whole
 * @error: %CLOVE_DESKTOP_ERROR_GARBLED or %CLOVE_DESKTOP_ERROR_LOCKED
 *
 * Returns: whether the file is text, and may be changed
 */
gboolean
clove_kioslaverc_read (const char *text, gsize size, CloveProxyValues *out, GError **error)
{
  g_autoptr (GPtrArray) lines = NULL;
  Layout layout = { 0 };

  if (size > CLOVE_KIOSLAVERC_MAX_SIZE || !g_utf8_validate_len (text, size, NULL)) {
    g_set_error_literal (error, CLOVE_DESKTOP_ERROR, CLOVE_DESKTOP_ERROR_GARBLED,
                         "kioslaverc is not a file of settings");
    return FALSE;
  }
  lines = split (text);
  layout = find_all (lines);
  if (layout.is_locked) {
    g_set_error_literal (error, CLOVE_DESKTOP_ERROR, CLOVE_DESKTOP_ERROR_LOCKED,
                         "kioslaverc forbids changes");
    return FALSE;
  }
  clove_proxy_values_set (
    out, layout.group >= 0 ? CLOVE_PROXY_PLACE_GROUP : CLOVE_PROXY_PLACE_FILE,
    get_line (lines, layout.type), get_line (lines, layout.url));
  return TRUE;
}

static void
remove_line (GPtrArray *lines, gssize at)
{
  g_ptr_array_remove_index (lines, (guint) at);
}

/* Replaces the line, removes it, or adds it below the head of the group. */
static void
put_entry (GPtrArray *lines, gssize at, gssize group, const char *line)
{
  if (at >= 0 && line != NULL) {
    g_free (lines->pdata[at]);
    lines->pdata[at] = g_strdup (line);
  } else if (at >= 0) {
    remove_line (lines, at);
  } else if (line != NULL) {
    g_ptr_array_insert (lines, (gint) group + 1, g_strdup (line));
  }
}

/* At the end; a file without a last newline gets none. */
static void
add_group (GPtrArray *lines)
{
  const char *last = g_ptr_array_index (lines, lines->len - 1);
  guint end = last[0] == '\0' ? lines->len - 1 : lines->len;

  g_ptr_array_insert (lines, (gint) end, g_strdup ("[" GROUP "]"));
}

static gboolean
is_group_empty (GPtrArray *lines, gssize group)
{
  for (guint i = (guint) group + 1; i < lines->len; i++) {
    const char *line = g_ptr_array_index (lines, i);
    g_autofree char *head = parse_head (line);

    if (head != NULL)
      return TRUE;
    if (line[strspn (line, " \t\r")] != '\0')
      return FALSE;
  }
  return TRUE;
}

/**
 * clove_kioslaverc_write:
 * @text: a file that clove_kioslaverc_read() took
 * @values: lines to put there, or %NULL to have none; unless @place was a group, the head of the
 *   group goes with its last line
 *
 * Returns: (transfer full): the file with these two entries, and every other byte as it was
 */
char *
clove_kioslaverc_write (const char *text, const CloveProxyValues *values)
{
  g_autoptr (GPtrArray) lines = split (text);
  Layout layout = find_all (lines);

  if (layout.group < 0 && values->mode == NULL && values->url == NULL)
    return g_strdup (text);
  if (layout.group < 0) {
    add_group (lines);
    layout = find_all (lines);
  }
  put_entry (lines, layout.url, layout.group, values->url);
  layout = find_all (lines);
  put_entry (lines, layout.type, layout.group, values->mode);
  if (values->place != CLOVE_PROXY_PLACE_GROUP && values->mode == NULL && values->url == NULL &&
      is_group_empty (lines, layout.group))
    remove_line (lines, layout.group);
  return join (lines);
}

/** clove_kioslaverc_make: Make the lines that have KDE ask for the configuration at @url. */
void
clove_kioslaverc_make (CloveProxyValues *out, const char *url)
{
  g_autofree char *line = g_strconcat (KEY_URL "=", url, NULL);

  clove_proxy_values_set (out, CLOVE_PROXY_PLACE_GROUP, KEY_TYPE "=" TYPE_PAC, line);
}

/**
 * clove_kioslaverc_get_url:
 *
 * Returns: (transfer full) (nullable): where @values have KDE ask for the configuration, if they do
 */
char *
clove_kioslaverc_get_url (const CloveProxyValues *values)
{
  g_autofree char *type = parse_value (values->mode);

  return g_strcmp0 (type, TYPE_PAC) == 0 ? parse_value (values->url) : NULL;
}
