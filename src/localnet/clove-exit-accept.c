/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Accept header of RFC 9110, 12.5.1: what kinds of page a client would rather have. */
#include "config.h"

#include "clove-exit-accept.h"

#include <string.h>

#define MAX_RANGES  64
#define MAX_QUALITY 1000

/* "0", "0.5", "1.000": thousandths. Whatever else stands there asks for nothing. */
static guint
parse_quality (const char *text)
{
  guint quality = 0;
  guint weight = MAX_QUALITY / 10;

  if (text[0] != '0' && text[0] != '1')
    return 0;
  quality = text[0] == '1' ? MAX_QUALITY : 0;
  if (text[1] == '\0')
    return quality;
  if (text[1] != '.' || strlen (text) > strlen ("0.000"))
    return 0;
  for (const char *p = text + 2; *p != '\0'; p++) {
    if (!g_ascii_isdigit (*p))
      return 0;
    quality += (guint) (*p - '0') * weight;
    weight /= 10;
  }
  return quality <= MAX_QUALITY ? quality : 0;
}

/* How exactly a range such as "text/html", "text/" followed by "*", or twice "*" names the type. */
static guint
get_precision (const char *range, const char *media_type)
{
  gsize main_size = strcspn (media_type, "/") + 1;

  if (g_ascii_strcasecmp (range, media_type) == 0)
    return 3;
  if (g_ascii_strncasecmp (range, media_type, main_size) == 0 &&
      strcmp (range + main_size, "*") == 0)
    return 2;
  return strcmp (range, "*/*") == 0 ? 1 : 0;
}

/* A range with parameters of its own, such as "text/html;level=1", names less than the type. */
static gboolean
read_parameters (char **parameters, guint *quality_out)
{
  *quality_out = MAX_QUALITY;
  for (; *parameters != NULL; parameters++) {
    const char *text = g_strstrip (*parameters);

    if (g_ascii_strncasecmp (text, "q=", 2) == 0) {
      *quality_out = parse_quality (text + 2);
      return TRUE;
    }
    if (*text != '\0')
      return FALSE;
  }
  return TRUE;
}

/**
 * clove_exit_accept_get_quality:
 * @accept: (nullable): the value of an Accept header
 * @media_type: a type without parameters, such as "text/html"
 *
 * Returns: how welcome @media_type is: 0 for not at all to 1000, by the most exact range
 */
guint
clove_exit_accept_get_quality (const char *accept, const char *media_type)
{
  g_auto (GStrv) ranges = g_strsplit (accept != NULL ? accept : "*/*", ",", MAX_RANGES);
  guint best_precision = 0;
  guint best_quality = 0;

  for (char **range = ranges; *range != NULL; range++) {
    g_auto (GStrv) parts = g_strsplit (*range, ";", -1);
    guint quality = 0;
    guint precision = 0;

    if (parts[0] == NULL)
      continue;
    precision = get_precision (g_strstrip (parts[0]), media_type);
    if (precision > best_precision && read_parameters (parts + 1, &quality)) {
      best_precision = precision;
      best_quality = quality;
    }
  }
  return best_quality;
}
