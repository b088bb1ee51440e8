/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Feeds bytes to the reader of KDE's file, as if they lay there. What it takes must come back byte
 * for byte once our lines were in it and are out again.
 */
#include "config.h"

#include "fuzz.h"

#include "clove-kioslaverc.h"

#include <string.h>

#define URL "http://127.0.0.1:8080/proxy.pac"

static void
read_all (const char *text, CloveProxyValues *out)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (clove_kioslaverc_read (text, strlen (text), out, &error));
  g_assert_no_error (error);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_malloc0 (size + 1);
  g_auto (CloveProxyValues) old = { 0 };
  g_auto (CloveProxyValues) ours = { 0 };
  g_auto (CloveProxyValues) now = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *changed = NULL;
  g_autofree char *again = NULL;
  g_autofree char *back = NULL;
  g_autofree char *url = NULL;

  if (size > 0)
    memcpy (text, data, size);
  if (!clove_kioslaverc_read (text, size, &old, &error)) {
    g_assert_nonnull (error);
    return 0;
  }
  g_assert_cmpuint (strlen (text), ==, size);

  clove_kioslaverc_make (&ours, URL);
  changed = clove_kioslaverc_write (text, &ours);
  read_all (changed, &now);
  url = clove_kioslaverc_get_url (&now);
  g_assert_cmpstr (url, ==, URL);
  again = clove_kioslaverc_write (changed, &ours);
  g_assert_cmpstr (again, ==, changed);

  back = clove_kioslaverc_write (changed, &old);
  g_assert_cmpstr (back, ==, text);
  return 0;
}
