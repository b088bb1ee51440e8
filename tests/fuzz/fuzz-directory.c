/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Feeds bytes to the directory's parser. What it takes must be written and read back as the same
 * text, a path must be found in it, and the strict check must have agreed to it.
 */
#include "config.h"

#include "fuzz.h"

#include "clove-json-check.h"
#include "clove-path-selection.h"
#include "clove-random.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (CloveRelayList) list = clove_relay_list_parse (bytes, &error);
  g_autoptr (CloveRelayList) again = NULL;
  g_autoptr (CloveRandom) random = NULL;
  g_autoptr (GBytes) written = NULL;
  g_autofree char *text = NULL;
  g_autofree char *text_again = NULL;
  g_auto (ClovePath) path = { 0 };

  g_assert_true ((list == NULL) == (error != NULL));
  if (list == NULL) {
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
    return 0;
  }
  g_assert_true (clove_json_check ((const char *) data, size, NULL));
  text = clove_relay_list_format (list);
  written = g_bytes_new (text, strlen (text));
  again = clove_relay_list_parse (written, &error);
  g_assert_no_error (error);
  text_again = clove_relay_list_format (again);
  g_assert_cmpstr (text, ==, text_again);

  random = clove_random_new_seeded (size);
  g_assert_true (clove_path_select (&path, list, NULL, random, &error));
  g_assert_true (path.relays[0] != path.relays[1]);
  g_assert_true (path.relays[1] != path.relays[2]);
  g_assert_true (path.relays[2] != path.relays[0]);
  return 0;
}
