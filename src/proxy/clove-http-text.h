/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/**
 * CloveHttpText:
 *
 * A piece of an HTTP head: bytes with their number, not terminated, borrowed from the buffer that
 * was parsed. Plain value. The bytes may be %NULL when there are none.
 */
typedef struct {
  const char *data;
  gsize size;
} CloveHttpText;

gboolean clove_http_text_equals_lower (CloveHttpText self, const char *lower, gsize lower_size);
gboolean clove_http_text_is_token (CloveHttpText self);
CloveHttpText clove_http_text_strip (CloveHttpText self);
CloveHttpText clove_http_text_skip (CloveHttpText self, gsize size);
gboolean clove_http_text_find (CloveHttpText self, char wanted, gsize *position_out);
gboolean clove_http_text_next_item (CloveHttpText *list, CloveHttpText *item_out);
gboolean clove_http_is_token_char (guint8 c);

/** clove_http_text_is: Tell whether the text is exactly @exact. */
static inline gboolean
clove_http_text_is (CloveHttpText self, const char *exact)
{
  gsize size = strlen (exact);

  return self.size == size && (size == 0 || memcmp (self.data, exact, size) == 0);
}

/** clove_http_text_equals: Tell whether the text is @lower, in letters of either case. */
static inline gboolean
clove_http_text_equals (CloveHttpText self, const char *lower)
{
  return self.size == strlen (lower) && clove_http_text_equals_lower (self, lower, self.size);
}

/** clove_http_text_has_prefix: Tell whether the text begins with @lower, in either case. */
static inline gboolean
clove_http_text_has_prefix (CloveHttpText self, const char *lower)
{
  gsize size = strlen (lower);

  return self.size >= size && clove_http_text_equals_lower (self, lower, size);
}

G_END_DECLS
