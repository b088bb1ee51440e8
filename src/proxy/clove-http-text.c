/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-http-text.h"

/** clove_http_is_token_char: Tell whether a byte may stand in a token (RFC 9110, 5.6.2). */
gboolean
clove_http_is_token_char (guint8 c)
{
  if (g_ascii_isalnum (c) || c == '-')
    return TRUE;
  return c != '\0' && strchr ("!#$%&'*+.^_`|~", c) != NULL;
}

/** clove_http_text_equals_lower: Compare the first bytes of a text long enough; ignore case. */
gboolean
clove_http_text_equals_lower (CloveHttpText self, const char *lower, gsize lower_size)
{
  for (gsize i = 0; i < lower_size; i++) {
    if (g_ascii_tolower (self.data[i]) != lower[i])
      return FALSE;
  }
  return TRUE;
}

/** clove_http_text_is_token: Tell whether the text is one token, so not empty. */
gboolean
clove_http_text_is_token (CloveHttpText self)
{
  for (gsize i = 0; i < self.size; i++) {
    if (!clove_http_is_token_char ((guint8) self.data[i]))
      return FALSE;
  }
  return self.size > 0;
}

/** clove_http_text_strip: Leave out the spaces and tabs at both ends. */
CloveHttpText
clove_http_text_strip (CloveHttpText self)
{
  while (self.size > 0 && (self.data[0] == ' ' || self.data[0] == '\t'))
    self = clove_http_text_skip (self, 1);
  while (self.size > 0 && (self.data[self.size - 1] == ' ' || self.data[self.size - 1] == '\t'))
    self.size--;
  return self;
}

/** clove_http_text_skip: Get what follows the first @size bytes, nothing if there are fewer. */
CloveHttpText
clove_http_text_skip (CloveHttpText self, gsize size)
{
  gsize n_skipped = MIN (size, self.size);

  if (n_skipped > 0)
    self.data += n_skipped;
  self.size -= n_skipped;
  return self;
}

/** clove_http_text_find: Find the first @wanted; @position_out is untouched without one. */
gboolean
clove_http_text_find (CloveHttpText self, char wanted, gsize *position_out)
{
  const char *found = self.size > 0 ? memchr (self.data, wanted, self.size) : NULL;

  if (found == NULL)
    return FALSE;
  *position_out = (gsize) (found - self.data);
  return TRUE;
}

/**
 * clove_http_text_next_item:
 * @list: (inout): what is left of a list with commas
 * @item_out: (out): the next item without the spaces around it
 *
 * Take the next item that is not empty (RFC 9110, 5.6.1.2).
 *
 * Returns: whether there was one
 */
gboolean
clove_http_text_next_item (CloveHttpText *list, CloveHttpText *item_out)
{
  while (list->size > 0) {
    gsize comma = list->size;
    CloveHttpText item = *list;

    (void) clove_http_text_find (*list, ',', &comma);
    item.size = comma;
    *list = clove_http_text_skip (*list, comma + 1);
    item = clove_http_text_strip (item);
    if (item.size > 0) {
      *item_out = item;
      return TRUE;
    }
  }
  return FALSE;
}
