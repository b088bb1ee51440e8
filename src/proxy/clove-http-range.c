/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parts of representations and what proves that they belong together (RFC 9110, 8.8, 13.1.5, 14).
 * What is not plain and simple is refused: whoever reads here can do without parts.
 */
#include "config.h"

#include "clove-http-range.h"

#include <string.h>

/* How much later than its Last-Modified a reply must be dated for that to be a strong validator,
 * since the two may come from different clocks. */
#define MIN_AGE_S 60

#define DATE_SIZE 29 /* "Sun, 06 Nov 1994 08:49:37 GMT" */

/* Takes a decimal number off the start of @text. */
static gboolean
take_number (CloveHttpText *text, gint64 *number_out)
{
  CloveHttpText digits = { text->data, 0 };
  guint64 number = 0;
  gboolean is_huge = FALSE;

  while (digits.size < text->size && g_ascii_isdigit (text->data[digits.size]))
    digits.size++;
  if (!clove_http_parse_length (digits, &number, &is_huge) || is_huge)
    return FALSE;
  *text = clove_http_text_skip (*text, digits.size);
  *number_out = (gint64) number;
  return TRUE;
}

static gboolean
take_char (CloveHttpText *text, char wanted)
{
  if (text->size == 0 || text->data[0] != wanted)
    return FALSE;
  *text = clove_http_text_skip (*text, 1);
  return TRUE;
}

/**
 * clove_http_range_parse:
 * @out: (out): the range
 * @value: of a Range field
 *
 * Returns: whether @value is a single range of bytes with a first position
 */
gboolean
clove_http_range_parse (CloveHttpRange *out, CloveHttpText value)
{
  *out = (CloveHttpRange){ .last = -1 };
  if (!clove_http_text_has_prefix (value, "bytes="))
    return FALSE;
  value = clove_http_text_skip (value, strlen ("bytes="));
  if (!take_number (&value, &out->first) || !take_char (&value, '-'))
    return FALSE;
  if (value.size == 0)
    return TRUE;
  return take_number (&value, &out->last) && value.size == 0 && out->last >= out->first;
}

/** clove_http_range_format: Write the value of a Range field. */
void
clove_http_range_format (const CloveHttpRange *self, char out[static CLOVE_HTTP_RANGE_SIZE])
{
  if (self->last < 0)
    g_snprintf (out, CLOVE_HTTP_RANGE_SIZE, "bytes=%" G_GINT64_FORMAT "-", self->first);
  else
    g_snprintf (out, CLOVE_HTTP_RANGE_SIZE, "bytes=%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT,
                self->first, self->last);
}

/**
 * clove_http_content_range_parse:
 * @out: (out): the range
 * @value: of a Content-Range field
 *
 * Returns: whether @value tells of a part that can exist; that of a 416 tells of none
 */
gboolean
clove_http_content_range_parse (CloveHttpContentRange *out, CloveHttpText value)
{
  *out = (CloveHttpContentRange){ .total = -1 };
  if (!clove_http_text_has_prefix (value, "bytes "))
    return FALSE;
  value = clove_http_text_strip (clove_http_text_skip (value, strlen ("bytes ")));
  if (!take_number (&value, &out->first) || !take_char (&value, '-') ||
      !take_number (&value, &out->last) || !take_char (&value, '/') || out->last < out->first)
    return FALSE;
  if (clove_http_text_is (value, "*"))
    return TRUE;
  return take_number (&value, &out->total) && value.size == 0 && out->last < out->total;
}

/** clove_http_content_range_format: Write the value of a Content-Range field. */
void
clove_http_content_range_format (const CloveHttpContentRange *self,
                                 char out[static CLOVE_HTTP_RANGE_SIZE])
{
  int size = g_snprintf (out, CLOVE_HTTP_RANGE_SIZE,
                         "bytes %" G_GINT64_FORMAT "-%" G_GINT64_FORMAT "/", self->first,
                         self->last);

  if (self->total < 0)
    g_strlcpy (out + size, "*", CLOVE_HTTP_RANGE_SIZE - (gsize) size);
  else
    g_snprintf (out + size, CLOVE_HTTP_RANGE_SIZE - (gsize) size, "%" G_GINT64_FORMAT,
                self->total);
}

static gboolean
read_digits (const char *text, guint n_digits, gint *out)
{
  *out = 0;
  for (guint i = 0; i < n_digits; i++) {
    if (!g_ascii_isdigit (text[i]))
      return FALSE;
    *out = *out * 10 + (text[i] - '0');
  }
  return TRUE;
}

static gint
find_month (const char *name)
{
  static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

  for (gint i = 0; i < 12; i++) {
    if (memcmp (names + (gsize) i * 3, name, 3) == 0)
      return i + 1;
  }
  return 0;
}

static gboolean
is_day_name (const char *name)
{
  static const char names[] = "SunMonTueWedThuFriSat";

  for (gsize i = 0; i < 7; i++) {
    if (memcmp (names + i * 3, name, 3) == 0)
      return TRUE;
  }
  return FALSE;
}

/**
 * clove_http_date_parse:
 * @value: of a Date or Last-Modified field
 * @seconds_out: (out): seconds since 1970
 *
 * Returns: whether @value is a date of the one form that is still to be sent
 */
gboolean
clove_http_date_parse (CloveHttpText value, gint64 *seconds_out)
{
  const char *text = value.data;
  gint day = 0;
  gint year = 0;
  gint hour = 0;
  gint minute = 0;
  gint second = 0;
  g_autoptr (GDateTime) date = NULL;

  if (value.size != DATE_SIZE || text[3] != ',' || text[4] != ' ' || text[7] != ' ' ||
      text[11] != ' ' || text[16] != ' ' || text[19] != ':' || text[22] != ':' ||
      memcmp (text + 25, " GMT", 4) != 0 || !is_day_name (text))
    return FALSE;
  if (!read_digits (text + 5, 2, &day) || !read_digits (text + 12, 4, &year) ||
      !read_digits (text + 17, 2, &hour) || !read_digits (text + 20, 2, &minute) ||
      !read_digits (text + 23, 2, &second))
    return FALSE;
  date = g_date_time_new_utc (year, find_month (text + 8), day, hour, minute, second);
  if (date == NULL)
    return FALSE;
  *seconds_out = g_date_time_to_unix (date);
  return TRUE;
}

static gboolean
is_strong_tag (CloveHttpText tag)
{
  if (tag.size < 2 || tag.data[0] != '"' || tag.data[tag.size - 1] != '"')
    return FALSE;
  for (gsize i = 1; i + 1 < tag.size; i++) {
    guint8 c = (guint8) tag.data[i];

    if (c <= 0x20 || c == '"' || c == 0x7f)
      return FALSE;
  }
  return TRUE;
}

/**
 * clove_http_find_validator:
 * @fields: the fields of a reply
 * @validator_out: (out): what to send as If-Range
 *
 * Find what tells versions of a representation apart for certain: an entity tag that is not weak
 * or, where there is no tag at all, a Last-Modified that is clearly older than the reply.
 *
 * Returns: whether there is such a thing
 */
gboolean
clove_http_find_validator (const CloveHttpFields *fields, CloveHttpText *validator_out)
{
  CloveHttpText tag = { 0 };
  CloveHttpText modified = { 0 };
  CloveHttpText date = { 0 };
  gint64 modified_s = 0;
  gint64 date_s = 0;

  if (clove_http_fields_find (fields, "etag", &tag)) {
    *validator_out = tag;
    return is_strong_tag (tag);
  }
  if (!clove_http_fields_find (fields, "last-modified", &modified) ||
      !clove_http_fields_find (fields, "date", &date) ||
      !clove_http_date_parse (modified, &modified_s) || !clove_http_date_parse (date, &date_s))
    return FALSE;
  *validator_out = modified;
  return date_s - modified_s >= MIN_AGE_S;
}
