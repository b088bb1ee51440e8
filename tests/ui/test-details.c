/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever the engine's sources can say about what they saw has words in the tables. */
#include "config.h"

#include "clove-details.h"

#include <glib.h>

/* Where clauses for the log of causes and for bans are written. */
static const char *const sources[] = {

  "adnl/clove-adnl-pending.c",
  "adnl/clove-adnl-session.c",
  "circuit/clove-chunks.c",
  "circuit/clove-circuit-build.c",
  "circuit/clove-circuit.c",
  "circuit/clove-stream.c",
  "directory/clove-entry-policy.c",
  "directory/clove-kept-entry.c",
  "directory/clove-path-plan.c",
  "engine/clove-worker.c",
  "keeper/clove-attribution.c",
  "keeper/clove-keeper-blame.c",
  "keeper/clove-keeper-build.c",
  "keeper/clove-keeper-entry.c",
  "keeper/clove-keeper-health.c",
  "keeper/clove-keeper-network.c",
  "keeper/clove-keeper-standby.c",
  "keeper/clove-keeper.c",
};

/* Joints of clauses; the clauses that come of them are among the words below. */
static const char *const joints[] = {
  "%s %s: ",
  "%d %s",
  "%s %s",
  "%s is the new %s: %s",
  "%s is the %s",
  "backup entry",
  NULL,
};

static char *
replace (const char *text, const char *pattern, const char *with)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  char *result = g_regex_replace (regex, text, -1, 0, with, 0, NULL);

  g_assert_nonnull (result);
  return result;
}

static char *
read_source (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "src", name, NULL);
  g_autofree char *text = NULL;
  g_autofree char *without_comments = NULL;
  g_autofree char *without_logging = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  without_comments = replace (text, "(?s)/\\*.*?\\*/", "");
  without_logging =
    replace (without_comments, "(?s)\\bg_(debug|info|message|warning) \\(.*?\\);", "");
  return replace (without_logging, "\"\\s*\"", "");
}

/* What fills the places of names and numbers. */
static char *
fill_in (const char *format)
{
  return replace (format, "%[a-z]+", "relay2");
}

static guint
check_source (const char *name)
{
  g_autofree char *text = read_source (name);
  /* Several words that begin small: a clause. */
  g_autoptr (GRegex) regex = g_regex_new ("\"((?:[a-z]|%)[^\"\\n]* [^\"\\n]*)\"", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  guint n_clauses = 0;

  for (g_regex_match (regex, text, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL)) {
    g_autofree char *format = g_match_info_fetch (match, 1);
    g_autofree char *clause = fill_in (format);

    n_clauses++;
    if (!g_strv_contains (joints, format) && !clove_details_is_known (clause)) {
      g_test_message ("%s: “%s” is not in src/ui/clove-details.c", name, format);
      g_test_fail ();
    }
  }
  return n_clauses;
}

static void
test_sources (void)
{
  guint n_clauses = 0;

  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    n_clauses += check_source (sources[i]);
  /* The search itself works. */
  g_assert_cmpuint (n_clauses, >, 40);
}

static void
test_words (void)
{
  static const char *const cases[][2] = {
    { "a probe was lost", "a probe was lost" },
    { "", "" },
    { "something new: %s 100%", "something new: %s 100%" },
    { "relay2 works", "\u2068relay2\u2069 works" },
    { " works", " works" },
    { "my relay did not answer", "\u2068my relay\u2069 did not answer" },
    { "relay5, relay2, relay3", "\u2068relay5\u2069, \u2068relay2\u2069, \u2068relay3\u2069" },
    { "relay5, relay2", "relay5, relay2" },
    { "entry relay5: the relay did not answer in time",
      "entry \u2068relay5\u2069: the relay did not answer in time" },
    { "exit r: 404 nobody", "exit \u2068r\u2069: 404 nobody" },
    { "a is the new entry and b its backup: the term of c is over",
      "\u2068a\u2069 is the new entry and \u2068b\u2069 its backup: the term of \u2068c\u2069 is "
      "over" },
    { "a is the new entry: b did not answer for 10 minutes",
      "\u2068a\u2069 is the new entry: \u2068b\u2069 did not answer for 10 minutes" },
    { "a is the new backup entry: there was none",
      "\u2068a\u2069 is the new backup entry: there was none" },
    { "relay3 joined a circuit, but carried nothing as its exit",
      "\u2068relay3\u2069 joined a circuit, but carried nothing as its exit" },
    { "middle relay1: circuit was closed", "middle \u2068relay1\u2069: circuit was closed" },
    { "a is the entry; b is the backup entry",
      "\u2068a\u2069 is the entry; \u2068b\u2069 is the backup entry" },
    { "a circuit needs 3 different relays, and only 2 can be used",
      "a circuit needs 3 different relays, and only 2 can be used" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = clove_details_translate (cases[i][0]);

    g_assert_cmpstr (text, ==, cases[i][1]);
  }
}

/* Whatever a relay calls itself, it ends. */
static void
test_deep (void)
{
  GString *detail = g_string_new (NULL);
  g_autofree char *text = NULL;

  for (guint i = 0; i < 1000; i++)
    g_string_append (detail, "entry a: ");
  g_string_append (detail, "works");
  text = clove_details_translate (detail->str);
  g_assert_true (g_str_has_suffix (text, "entry a: works"));
  g_string_free (detail, TRUE);
}

/* Translators may turn words round, and may make mistakes. */
static void
test_fill (void)
{
  static const char *const words[] = { "one", "two", NULL };
  static const char *const cases[][2] = {
    { "%s, %s", "one, two" },
    { "%2$s, %1$s", "two, one" },
    { "%s, %s, %s", "one, two, %s" },
    { "%0$s %9$s %x %", "%0$s %9$s %x %" },
    { "", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = clove_details_fill (cases[i][0], words);

    g_assert_cmpstr (text, ==, cases[i][1]);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/ui/details/sources", test_sources);
  g_test_add_func ("/clove/ui/details/words", test_words);
  g_test_add_func ("/clove/ui/details/deep", test_deep);
  g_test_add_func ("/clove/ui/details/fill", test_fill);
  return g_test_run ();
}
