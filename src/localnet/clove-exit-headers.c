/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-exit-headers.h"

#include <string.h>

struct _CloveExitHeaders {
  GArray *lines; /* of CloveExitHeader */
};

static void
clear_header (gpointer data)
{
  CloveExitHeader *header = data;

  g_clear_pointer (&header->name, g_free);
  g_clear_pointer (&header->value, g_free);
}

/** clove_exit_headers_new: (transfer full): An empty list. */
CloveExitHeaders *
clove_exit_headers_new (void)
{
  CloveExitHeaders *self = g_new0 (CloveExitHeaders, 1);

  self->lines = g_array_new (FALSE, TRUE, sizeof (CloveExitHeader));
  g_array_set_clear_func (self->lines, clear_header);
  return self;
}

/** clove_exit_headers_free: Release the list; %NULL is nothing. */
void
clove_exit_headers_free (CloveExitHeaders *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->lines);
  g_free (self);
}

/** clove_exit_headers_add: Append a line, next to others of the same name. */
void
clove_exit_headers_add (CloveExitHeaders *self, const char *name, const char *value)
{
  CloveExitHeader header = { .name = g_strdup (name), .value = g_strdup (value) };

  g_array_append_val (self->lines, header);
}

/** clove_exit_headers_set: Append a line in the place of all others of the same name. */
void
clove_exit_headers_set (CloveExitHeaders *self, const char *name, const char *value)
{
  g_autofree char *kept = g_strdup (value);

  clove_exit_headers_remove (self, name);
  clove_exit_headers_add (self, name, kept);
}

/** clove_exit_headers_remove: Take away every line of this name. */
void
clove_exit_headers_remove (CloveExitHeaders *self, const char *name)
{
  for (guint i = self->lines->len; i > 0; i--)
    if (g_ascii_strcasecmp (clove_exit_headers_get_nth (self, i - 1)->name, name) == 0)
      g_array_remove_index (self->lines, i - 1);
}

/** clove_exit_headers_get: (nullable): Get the value of the first line of this name. */
const char *
clove_exit_headers_get (const CloveExitHeaders *self, const char *name)
{
  for (guint i = 0; i < self->lines->len; i++) {
    const CloveExitHeader *header = clove_exit_headers_get_nth (self, i);

    if (g_ascii_strcasecmp (header->name, name) == 0)
      return header->value;
  }
  return NULL;
}

/** clove_exit_headers_count: Get the number of lines of this name. */
guint
clove_exit_headers_count (const CloveExitHeaders *self, const char *name)
{
  guint n = 0;

  for (guint i = 0; i < self->lines->len; i++)
    if (g_ascii_strcasecmp (clove_exit_headers_get_nth (self, i)->name, name) == 0)
      n++;
  return n;
}

/** clove_exit_headers_get_size: Get the number of lines. */
guint
clove_exit_headers_get_size (const CloveExitHeaders *self)
{
  return self->lines->len;
}

/** clove_exit_headers_get_nth: (transfer none): Get line @n, counted from 0. */
const CloveExitHeader *
clove_exit_headers_get_nth (const CloveExitHeaders *self, guint n)
{
  return &g_array_index (self->lines, CloveExitHeader, n);
}

/** clove_exit_headers_keep_last: Keep of each name the last line only. */
void
clove_exit_headers_keep_last (CloveExitHeaders *self)
{
  for (guint i = self->lines->len; i > 0; i--) {
    const char *name = clove_exit_headers_get_nth (self, i - 1)->name;
    gboolean is_repeated = FALSE;

    for (guint j = i; j < self->lines->len && !is_repeated; j++)
      is_repeated = g_ascii_strcasecmp (clove_exit_headers_get_nth (self, j)->name, name) == 0;
    if (is_repeated)
      g_array_remove_index (self->lines, i - 1);
  }
}

static gboolean
is_token (const char *text, gsize size)
{
  for (gsize i = 0; i < size; i++)
    if (!g_ascii_isalnum (text[i]) &&
        (text[i] == '\0' || strchr ("!#$%&'*+-.^_`|~", text[i]) == NULL))
      return FALSE;
  return size > 0;
}

static gboolean
is_field_text (const char *text, gsize size)
{
  for (gsize i = 0; i < size; i++)
    if (g_ascii_iscntrl (text[i]) && text[i] != '\t')
      return FALSE;
  return TRUE;
}

/**
 * clove_exit_headers_parse_line:
 * @self: the list that the line is added to
 * @line: "Name: value" without its line end
 * @size: its size
 *
 * Returns: whether it is a header line; folded lines and control characters are refused
 */
gboolean
clove_exit_headers_parse_line (CloveExitHeaders *self, const char *line, gsize size)
{
  const char *colon = memchr (line, ':', size);
  g_autofree char *name = NULL;
  g_autofree char *value = NULL;

  if (colon == NULL || !is_token (line, (gsize) (colon - line)) || !is_field_text (line, size))
    return FALSE;
  name = g_strndup (line, (gsize) (colon - line));
  value = g_strstrip (g_strndup (colon + 1, size - (gsize) (colon - line) - 1));
  clove_exit_headers_add (self, name, value);
  return TRUE;
}
