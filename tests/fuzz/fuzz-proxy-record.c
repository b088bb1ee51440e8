/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Feeds bytes to the parser of the record, as if a broken or forged file lay there. What it takes
 * must be fit to be put into a file of lines, and be written and read back as the same.
 */
#include "config.h"

#include "fuzz.h"

#include "clove-proxy-record.h"

#include <string.h>

static void
check_line (const char *value)
{
  const char *end = value != NULL ? strpbrk (value, "\r\n") : NULL;

  g_assert_true (end == NULL || (end[0] == '\r' && end[1] == '\0'));
  g_assert_true (value == NULL || g_utf8_validate (value, -1, NULL));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CloveProxyRecord) record =
    clove_proxy_record_parse ((const char *) data, size, &error);
  g_autoptr (CloveProxyRecord) again = NULL;
  g_autofree char *text = NULL;
  g_autofree char *text_again = NULL;

  g_assert_true ((record == NULL) == (error != NULL));
  if (record == NULL)
    return 0;
  g_assert_true (record->desktop == CLOVE_DESKTOP_GNOME || record->desktop == CLOVE_DESKTOP_KDE);
  g_assert_true (record->url != NULL && record->url[0] != '\0');
  g_assert_cmpint (record->owner.pid, >, 0);
  check_line (record->old.mode);
  check_line (record->old.url);

  text = clove_proxy_record_format (record);
  again = clove_proxy_record_parse (text, strlen (text), &error);
  g_assert_no_error (error);
  g_assert_true (clove_proxy_values_equal (&record->old, &again->old));
  text_again = clove_proxy_record_format (again);
  g_assert_cmpstr (text, ==, text_again);
  return 0;
}
