/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A strict check of a JSON text (RFC 8259) before the JSON library sees it. The library calls
 * itself for each level, so that a megabyte of "[" ends the process, and it takes what is not JSON:
 * hexadecimal numbers, single quotes, several roots. This check uses one bit per level.
 */
#include "config.h"

#include "clove-json-check.h"

#include "clove-directory-error.h"

#include <string.h>

#define END_OF_TEXT (-1)

typedef enum {
  EXPECT_VALUE,
  EXPECT_VALUE_OR_END,
  EXPECT_KEY,
  EXPECT_KEY_OR_END,
  EXPECT_COMMA_OR_END,
} Expectation;

typedef struct {
  const char *start;
  const char *at;
  const char *end;
  guint depth;
  guint64 is_object_bits; /* bit n: what opened level n + 1 is an object */
  guint n_values;
} Scan;

G_STATIC_ASSERT (CLOVE_JSON_MAX_DEPTH <= 64);

static int
peek (const Scan *scan)
{
  return scan->at < scan->end ? (guint8) *scan->at : END_OF_TEXT;
}

static gboolean
take (Scan *scan, char c)
{
  if (peek (scan) != (guint8) c)
    return FALSE;
  scan->at++;
  return TRUE;
}

static void
skip_spaces (Scan *scan)
{
  while (take (scan, ' ') || take (scan, '\t') || take (scan, '\n') || take (scan, '\r'))
    ;
}

static gboolean
fail (const Scan *scan, CloveDirectoryError code, const char *what, GError **error)
{
  g_set_error (error, CLOVE_DIRECTORY_ERROR, code, "%s (at byte %zu)", what,
               (gsize) (scan->at - scan->start));
  return FALSE;
}

static gboolean
not_json (const Scan *scan, const char *what, GError **error)
{
  return fail (scan, CLOVE_DIRECTORY_ERROR_NOT_JSON, what, error);
}

/* Reads the four digits after "\u". Returns: their value, or -1 */
static int
take_hex4 (Scan *scan)
{
  int value = 0;

  for (guint i = 0; i < 4; i++) {
    int c = peek (scan);

    if (c == END_OF_TEXT || !g_ascii_isxdigit ((char) c))
      return -1;
    value = value * 16 + g_ascii_xdigit_value ((char) c);
    scan->at++;
  }
  return value;
}

static gboolean
check_unicode_escape (Scan *scan, GError **error)
{
  int unit = take_hex4 (scan);

  if (unit < 0)
    return not_json (scan, "a “\\u” without four hexadecimal digits", error);
  /* The library would end the string there. */
  if (unit == 0)
    return not_json (scan, "a string with a NUL character", error);
  if (unit < 0xd800 || unit > 0xdfff)
    return TRUE;
  if (unit <= 0xdbff && take (scan, '\\') && take (scan, 'u')) {
    unit = take_hex4 (scan);
    if (unit >= 0xdc00 && unit <= 0xdfff)
      return TRUE;
  }
  return not_json (scan, "half of a surrogate pair", error);
}

static gboolean
check_escape (Scan *scan, GError **error)
{
  int c = peek (scan);

  if (c == END_OF_TEXT || c == 0 || strchr ("\"\\/bfnrtu", c) == NULL)
    return not_json (scan, "an unknown escape in a string", error);
  scan->at++;
  return c != 'u' || check_unicode_escape (scan, error);
}

static gboolean
check_string (Scan *scan, GError **error)
{
  if (!take (scan, '"'))
    return not_json (scan, "a member without a name in double quotes", error);
  for (int c = peek (scan); c != '"'; c = peek (scan)) {
    if (c == END_OF_TEXT)
      return not_json (scan, "a string without an end", error);
    if (c < 0x20)
      return not_json (scan, "a control character in a string", error);
    scan->at++;
    if (c == '\\' && !check_escape (scan, error))
      return FALSE;
  }
  scan->at++;
  return TRUE;
}

static gboolean
take_digits (Scan *scan)
{
  const char *first = scan->at;

  while (peek (scan) >= '0' && peek (scan) <= '9')
    scan->at++;
  return scan->at > first;
}

static gboolean
check_number (Scan *scan, GError **error)
{
  const char *first = scan->at;
  gboolean is_good = FALSE;

  take (scan, '-');
  is_good = take (scan, '0') || take_digits (scan);
  if (is_good && take (scan, '.'))
    is_good = take_digits (scan);
  if (is_good && (take (scan, 'e') || take (scan, 'E'))) {
    if (!take (scan, '+'))
      take (scan, '-');
    is_good = take_digits (scan);
  }
  if (!is_good)
    return not_json (scan, "a malformed number", error);
  if (scan->at - first > CLOVE_JSON_MAX_NUMBER_SIZE)
    return not_json (scan, "a number of too many digits", error);
  return TRUE;
}

static gboolean
check_word (Scan *scan, GError **error)
{
  static const char *const words[] = { "true", "false", "null" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
    gsize size = strlen (words[i]);

    if ((gsize) (scan->end - scan->at) >= size && memcmp (scan->at, words[i], size) == 0) {
      scan->at += size;
      return TRUE;
    }
  }
  return not_json (scan, peek (scan) == END_OF_TEXT ? "the text ends early" : "not a JSON value",
                   error);
}

static gboolean
open_level (Scan *scan, gboolean is_object, GError **error)
{
  guint64 bit = 0;

  if (scan->depth == CLOVE_JSON_MAX_DEPTH)
    return not_json (scan, "too many levels inside one another", error);
  bit = G_GUINT64_CONSTANT (1) << scan->depth++;
  if (is_object)
    scan->is_object_bits |= bit;
  else
    scan->is_object_bits &= ~bit;
  scan->at++;
  return TRUE;
}

static gboolean
is_in_object (const Scan *scan)
{
  return (scan->is_object_bits >> (scan->depth - 1) & 1) != 0;
}

static gboolean
check_value (Scan *scan, Expectation *next, GError **error)
{
  int c = peek (scan);

  if (scan->n_values++ == CLOVE_JSON_MAX_VALUES)
    return fail (scan, CLOVE_DIRECTORY_ERROR_TOO_LARGE, "more values than a list may have", error);
  if (c == '{' || c == '[') {
    *next = c == '{' ? EXPECT_KEY_OR_END : EXPECT_VALUE_OR_END;
    return open_level (scan, c == '{', error);
  }
  *next = EXPECT_COMMA_OR_END;
  if (c == '"')
    return check_string (scan, error);
  if (c == '-' || (c >= '0' && c <= '9'))
    return check_number (scan, error);
  return check_word (scan, error);
}

static gboolean
check_key (Scan *scan, Expectation *next, GError **error)
{
  if (!check_string (scan, error))
    return FALSE;
  skip_spaces (scan);
  if (!take (scan, ':'))
    return not_json (scan, "a member without a colon", error);
  *next = EXPECT_VALUE;
  return TRUE;
}

static gboolean
check_comma (Scan *scan, Expectation *next, GError **error)
{
  if (!take (scan, ','))
    return not_json (scan,
                     peek (scan) == END_OF_TEXT ? "the text ends early" : "a comma is missing",
                     error);
  *next = is_in_object (scan) ? EXPECT_KEY : EXPECT_VALUE;
  return TRUE;
}

/* Reads one step: a scalar, an opening, a member's name, a comma, or a closing. */
static gboolean
check_step (Scan *scan, Expectation *next, GError **error)
{
  gboolean may_end = *next != EXPECT_VALUE && *next != EXPECT_KEY && scan->depth > 0;

  if (may_end && take (scan, is_in_object (scan) ? '}' : ']')) {
    scan->depth--;
    *next = EXPECT_COMMA_OR_END;
    return TRUE;
  }
  switch (*next) {
    case EXPECT_KEY:
    case EXPECT_KEY_OR_END:
      return check_key (scan, next, error);
    case EXPECT_COMMA_OR_END:
      return check_comma (scan, next, error);
    case EXPECT_VALUE:
    case EXPECT_VALUE_OR_END:
    default:
      return check_value (scan, next, error);
  }
}

/**
 * clove_json_check:
 * @text: (array length=size): bytes from outside
 * @size: how many
 * @error: %CLOVE_DIRECTORY_ERROR_NOT_JSON or %CLOVE_DIRECTORY_ERROR_TOO_LARGE
 *
 * Check that @text is one JSON value in UTF-8 that the JSON library can take: not too deep, without
 * numbers of absurd length and without NUL characters, also in escaped form. Pure.
 *
 * Returns: whether it is
 */
gboolean
clove_json_check (const char *text, gsize size, GError **error)
{
  Scan scan = { .start = text, .at = text, .end = text + size };
  Expectation next = EXPECT_VALUE;
  const char *first_bad = NULL;

  if (size >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    return not_json (&scan, "a byte order mark before the text", error);
  if (!g_utf8_validate_len (text, size, &first_bad)) {
    scan.at = first_bad;
    return not_json (&scan, *first_bad == '\0' ? "a NUL byte" : "not valid UTF-8", error);
  }
  do {
    skip_spaces (&scan);
    if (!check_step (&scan, &next, error))
      return FALSE;
  } while (scan.depth > 0 || next != EXPECT_COMMA_OR_END);
  skip_spaces (&scan);
  if (peek (&scan) != END_OF_TEXT)
    return not_json (&scan, "more text after the end", error);
  return TRUE;
}
