/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-cli-options.h"

static CloveCliOptions *
parse (const char *line, GError **error)
{
  g_autofree char *full = g_strdup_printf ("clove-proxy %s", line);
  g_auto (GStrv) argv = g_strsplit (full, " ", -1);
  gint argc = (gint) g_strv_length (argv);

  /* "clove-proxy " alone gives an empty last argument. */
  if (argv[argc - 1][0] == '\0')
    argc--;
  return clove_cli_options_parse (argc, argv, error);
}

static void
test_good (void)
{
  static const struct {
    const char *line;
    const char *listen;
    guint n_retries;
    gint64 rotate_us;
  } cases[] = {
    { "--auto", "127.0.0.1:8080", 3, 0 },
    { "--demo", "127.0.0.1:8080", 3, 0 },
    { "--demo --once http://demo.ton/", "127.0.0.1:0", 3, 0 },
    { "--demo --once HTTP://Demo.TON.:80/x?y", "127.0.0.1:0", 3, 0 },
    { "--auto --listen :8081", ":8081", 3, 0 },
    { "--auto --listen=0.0.0.0:1", "0.0.0.0:1", 3, 0 },
    { "--auto --listen [::1]:9 --retries 7", "[::1]:9", 7, 0 },
    { "--auto --rotate", "127.0.0.1:8080", 3, 600 * G_TIME_SPAN_SECOND },
    { "--auto --rotate=90s", "127.0.0.1:8080", 3, 90 * G_TIME_SPAN_SECOND },
    { "--auto --rotate=1h30m", "127.0.0.1:8080", 3, 5400 * G_TIME_SPAN_SECOND },
    { "--auto --directory file:///x --config ton.json", "127.0.0.1:8080", 3, 0 },
    { "--relay1 a --relay2 b --relay3 c", "127.0.0.1:8080", 3, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (CloveCliOptions) options = parse (cases[i].line, &error);

    g_test_message ("%s", cases[i].line);
    g_assert_no_error (error);
    g_assert_cmpstr (options->listen, ==, cases[i].listen);
    g_assert_cmpuint (options->n_retries, ==, cases[i].n_retries);
    g_assert_cmpint (options->rotate_us, ==, cases[i].rotate_us);
    g_assert_false (options->is_version);
  }
}

/* What is on unless it is turned off, and the other way round; none touches another. */
static void
test_switches (void)
{
  static const struct {
    const char *line;
    gboolean is_json;
    gboolean keeps_standby;
    gboolean repeats;
    gboolean keeps_entry;
  } cases[] = {
    { "--demo", FALSE, TRUE, TRUE, TRUE },
    { "--demo --json", TRUE, TRUE, TRUE, TRUE },
    { "--demo --no-standby", FALSE, FALSE, TRUE, TRUE },
    { "--demo --no-repeat", FALSE, TRUE, FALSE, TRUE },
    { "--demo --no-kept-entry", FALSE, TRUE, TRUE, FALSE },
    { "--no-kept-entry --json --no-repeat --no-standby --auto", TRUE, FALSE, FALSE, FALSE },
    { "--demo --no-repeat --no-repeat", FALSE, TRUE, FALSE, TRUE },
    { "--demo --no-standby --once http://demo.ton/", FALSE, FALSE, TRUE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (CloveCliOptions) options = parse (cases[i].line, &error);

    g_test_message ("%s", cases[i].line);
    g_assert_no_error (error);
    g_assert_cmpint (options->is_json, ==, cases[i].is_json);
    g_assert_cmpint (options->keeps_standby, ==, cases[i].keeps_standby);
    g_assert_cmpint (options->repeats, ==, cases[i].repeats);
    g_assert_cmpint (options->keeps_entry, ==, cases[i].keeps_entry);
  }
}

static void
test_version (void)
{
  static const char *const lines[] = { "version", "--version", "--auto version" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (CloveCliOptions) options = parse (lines[i], &error);

    g_assert_no_error (error);
    g_assert_true (options->is_version);
  }
}

static void
assert_refused (const char *line, const char *word)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CloveCliOptions) options = parse (line, &error);

  g_test_message ("%s", line);
  g_assert_null (options);
  g_assert_nonnull (error);
  g_assert_nonnull (g_strstr_len (error->message, -1, word));
}

/* Each gets one sentence that names what is wrong. */
static void
test_bad (void)
{
  static const struct {
    const char *line;
    const char *word;
  } cases[] = {
    { "", "--auto" },
    { "--direct", "--direct" },
    { "--direct --auto", "--direct" },
    { "--nonsense", "--nonsense" },
    { "--auto nonsense", "nonsense" },
    { "--auto --demo", "--demo" },
    { "--relay1 a", "--relay2" },
    { "--relay1 a --relay3 c", "--relay2" },
    { "--auto --relay1 a --relay2 b --relay3 c", "--auto" },
    { "--demo --directory x", "--directory" },
    { "--auto --retries 0", "--retries" },
    { "--auto --retries 101", "--retries" },
    { "--auto --retries -3", "--retries" },
    { "--auto --retries three", "three" },
    { "--auto --retries 99999999999999999999", "99999999999999999999" },
    { "--auto --rotate=", "--rotate" },
    { "--auto --rotate=x", "--rotate" },
    { "--auto --rotate=10", "--rotate" },
    { "--auto --rotate=-10m", "--rotate" },
    { "--auto --rotate=10m5", "--rotate" },
    { "--auto --rotate=1e9h", "--rotate" },
    { "--auto --rotate=0x10m", "--rotate" },
    { "--auto --rotate=infm", "--rotate" },
    { "--auto --rotate=1.2.3m", "--rotate" },
    { "--auto --rotate=.m", "--rotate" },
    { "--auto --rotate=1s", "--rotate" },
    { "--auto --rotate=169h", "--rotate" },
    { "--auto --rotate=99999999999999999999h", "--rotate" },
    { "--relay1 a --relay2 b --relay3 c --rotate", "--rotate" },
    { "--auto --listen", "--listen" },
    { "--auto --listen=", "--listen" },
    { "--auto --listen nonsense", "--listen" },
    { "--auto --listen 127.0.0.1", "--listen" },
    { "--auto --listen 127.0.0.1:65536", "--listen" },
    { "--auto --listen example.com:80", "--listen" },
    { "--auto --directory=", "--directory" },
    { "--demo --once", "--once" },
    { "--demo --once=", "--once" },
    { "--demo --once demo.ton", "--once" },
    { "--demo --once https://demo.ton/", "--once" },
    { "--demo --once http://example.com/", "--once" },
    { "--demo --once http:///x", "--once" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refused (cases[i].line, cases[i].word);
}

static void
test_bad_switches (void)
{
  assert_refused ("--demo --json --once http://demo.ton/", "--json and --once");
  assert_refused ("--demo --once http://demo.ton/ --json", "--json and --once");
  assert_refused ("--demo --no-json", "--no-json");
  assert_refused ("--demo --standby", "--standby");
  assert_refused ("--demo --repeat", "--repeat");
  assert_refused ("--demo --kept-entry", "--kept-entry");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/cli/options/good", test_good);
  g_test_add_func ("/clove/cli/options/switches", test_switches);
  g_test_add_func ("/clove/cli/options/version", test_version);
  g_test_add_func ("/clove/cli/options/bad", test_bad);
  g_test_add_func ("/clove/cli/options/bad-switches", test_bad_switches);
  return g_test_run ();
}
