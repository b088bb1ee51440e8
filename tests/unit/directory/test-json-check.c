/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-directory-error.h"
#include "clove-json-check.h"

#include <string.h>

static void
test_good (void)
{
  static const char *const texts[] = {
    "0",
    "-0",
    "10",
    "-1.5e+10",
    "1E9",
    "2e-3",
    "true",
    "false",
    "null",
    "\"\"",
    "[]",
    "{}",
    " \t\r\n[ ] ",
    "[[],{}]",
    "[1,2]",
    "{\"a\":{\"b\":[null]},\"c\":1}",
    "{ \"a\" : 1 , \"\" : 2 }",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\"",
    "\"\\ud83d\\uDE00\"",
    "\"\xc3\xa9\x7f\"",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;

    g_test_message ("text %u", i);
    g_assert_true (clove_json_check (texts[i], strlen (texts[i]), &error));
    g_assert_no_error (error);
  }
}

static const char *const bad_texts[] = {
  "",
  " ",
  "{",
  "[",
  "]",
  "}",
  "[1",
  "[1,",
  "[1,]",
  "[,1]",
  "[1 2]",
  "{\"a\"",
  "{\"a\":",
  "{\"a\":1",
  "{\"a\":1,}",
  "{,}",
  "{\"a\" 1}",
  "{a:1}",
  "{1:1}",
  "{\"a\":1 \"b\":2}",
  "[}",
  "{]",
  "[1}",
  "{\"a\":1]",
  "1 2",
  "{} {}",
  "[] x",
  "tru",
  "True",
  "nul",
  "nan",
  "NaN",
  "Infinity",
  "undefined",
  "01",
  "1.",
  ".5",
  "1e",
  "1e+",
  "+1",
  "-",
  "--1",
  "0x10",
  "1_000",
  "'a'",
  "\"",
  "\"a",
  "\"\\",
  "\"\\q\"",
  "\"\\u\"",
  "\"\\u12\"",
  "\"\\u12g4\"",
  "\"\\u0000\"",
  "\"a\\u0000b\"",
  "\"\\ud800\"",
  "\"\\udc00\"",
  "\"\\ud800\\n\"",
  "\"\\ud800\\u0041\"",
  "\"\n\"",
  "\"\x01\"",
  "\xff",
  "\"\xff\"",
  "\"\xc0\x80\"",
  "\"\xed\xa0\x80\"",
  "\xef\xbb\xbf{}",
  "\xfe\xff",
  "// c\n1",
  "/**/1",
  "var a={}",
};

static void
test_bad (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_texts); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (clove_json_check (bad_texts[i], strlen (bad_texts[i]), &error));
    g_test_message ("text %u: %s", i, error->message);
    g_assert_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_NOT_JSON);
  }
}

static void
test_nul_byte (void)
{
  static const char text[] = "[1]\0";
  g_autoptr (GError) error = NULL;

  g_assert_false (clove_json_check (text, sizeof text, &error));
  g_assert_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_NOT_JSON);
  g_assert_nonnull (strstr (error->message, "NUL"));
  g_assert_nonnull (strstr (error->message, "byte 3"));
}

/* Each byte of a text cut off must be noticed without reading past the end. */
static void
test_prefixes (void)
{
  static const char text[] = "{\"a\\u00e9\\ud83d\\ude00\":[true,-1.5e+3,null,{\"b\":\"c\"}]}";

  for (gsize size = 0; size < sizeof text - 1; size++) {
    g_autofree char *exact = g_memdup2 (text, size);

    g_assert_false (clove_json_check (size > 0 ? exact : "", size, NULL));
  }
  g_assert_true (clove_json_check (text, sizeof text - 1, NULL));
}

static char *
nest (guint depth)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < depth; i++)
    g_string_append (text, i % 2 == 0 ? "[" : "{\"a\":");
  g_string_append_c (text, '1');
  for (guint i = depth; i > 0; i--)
    g_string_append_c (text, i % 2 == 1 ? ']' : '}');
  return g_string_free (text, FALSE);
}

static void
test_depth (void)
{
  g_autofree char *deepest = nest (CLOVE_JSON_MAX_DEPTH);
  g_autofree char *too_deep = nest (CLOVE_JSON_MAX_DEPTH + 1);
  g_autofree char *absurd = g_strnfill (1000000, '[');
  g_autoptr (GError) error = NULL;

  g_assert_true (clove_json_check (deepest, strlen (deepest), NULL));
  g_assert_false (clove_json_check (too_deep, strlen (too_deep), &error));
  g_assert_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_NOT_JSON);
  g_assert_false (clove_json_check (absurd, 1000000, NULL));
}

static void
test_bounds (void)
{
  g_autoptr (GString) text = g_string_new ("[0");
  g_autofree char *digits = g_strnfill (CLOVE_JSON_MAX_NUMBER_SIZE + 1, '9');
  g_autoptr (GError) error = NULL;

  for (guint i = 2; i < CLOVE_JSON_MAX_VALUES; i++)
    g_string_append (text, ",0");
  g_string_append_c (text, ']');
  g_assert_true (clove_json_check (text->str, text->len, NULL));
  g_string_overwrite (text, text->len - 1, ",0]");
  g_assert_false (clove_json_check (text->str, text->len, &error));
  g_assert_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_TOO_LARGE);

  g_assert_true (clove_json_check (digits, strlen (digits) - 1, NULL));
  g_assert_false (clove_json_check (digits, strlen (digits), NULL));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/directory/json-check/good", test_good);
  g_test_add_func ("/clove/directory/json-check/bad", test_bad);
  g_test_add_func ("/clove/directory/json-check/nul-byte", test_nul_byte);
  g_test_add_func ("/clove/directory/json-check/prefixes", test_prefixes);
  g_test_add_func ("/clove/directory/json-check/depth", test_depth);
  g_test_add_func ("/clove/directory/json-check/bounds", test_bounds);
  return g_test_run ();
}
