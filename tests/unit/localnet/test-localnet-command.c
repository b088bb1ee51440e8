/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-localnet-command.h"

#include <string.h>

static void
test_good (void)
{
  static const struct {
    const char *line;
    CloveLocalnetVerb verb;
    const char *name;
    guint value;
  } cases[] = {
    { "kill relay1", CLOVE_LOCALNET_KILL, "relay1", 0 },
    { "  revive\trelay2  ", CLOVE_LOCALNET_REVIVE, "relay2", 0 },
    { "freeze all", CLOVE_LOCALNET_FREEZE, "all", 0 },
    { "restart relay3", CLOVE_LOCALNET_RESTART, "relay3", 0 },
    { "delay relay1 250", CLOVE_LOCALNET_DELAY, "relay1", 250 },
    { "delay relay1 60000", CLOVE_LOCALNET_DELAY, "relay1", 60000 },
    { "drop relay1 0", CLOVE_LOCALNET_DROP, "relay1", 0 },
    { "lose all 1", CLOVE_LOCALNET_LOSE, "all", 1 },
    { "lose relay1 1000", CLOVE_LOCALNET_LOSE, "relay1", 1000 },
    { "reorder all 100", CLOVE_LOCALNET_REORDER, "all", 100 },
    { "corrupt relay1 5", CLOVE_LOCALNET_CORRUPT, "relay1", 5 },
    { "lie relay5", CLOVE_LOCALNET_LIE, "relay5", 0 },
    { "impersonate relay5", CLOVE_LOCALNET_IMPERSONATE, "relay5", 0 },
    { "error relay5", CLOVE_LOCALNET_ERROR, "relay5", 0 },
    { "heal", CLOVE_LOCALNET_HEAL, "all", 0 },
    { "heal relay1", CLOVE_LOCALNET_HEAL, "relay1", 0 },
    { "list", CLOVE_LOCALNET_LIST, "all", 0 },
    { "help", CLOVE_LOCALNET_HELP, "all", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    CloveLocalnetCommand command = { 0 };
    g_autoptr (GError) error = NULL;

    g_assert_true (clove_localnet_command_parse (&command, cases[i].line, &error));
    g_assert_no_error (error);
    g_assert_cmpint (command.verb, ==, cases[i].verb);
    g_assert_cmpstr (command.name, ==, cases[i].name);
    g_assert_cmpuint (command.value, ==, cases[i].value);
  }
}

static void
test_bad (void)
{
  static const struct {
    const char *line;
    const char *message;
  } cases[] = {
    { "", "empty line" },
    { "   ", "empty line" },
    { "explode relay1", "unknown command “explode”" },
    { "KILL relay1", "unknown command" },
    { "kill", "usage: kill NAME" },
    { "kill relay1 relay2", "usage: kill NAME" },
    { "kill relay1 5 6 7 8", "usage: kill NAME" },
    { "delay relay1", "usage: delay NAME MS" },
    { "drop relay1 5 6", "usage: drop NAME PERCENT" },
    { "list relay1", "usage: list" },
    { "heal relay1 relay2", "usage: heal [NAME]" },
    { "drop relay1 101", "0 to 100" },
    { "drop relay1 -1", "0 to 100" },
    { "drop relay1 5%", "0 to 100" },
    { "delay relay1 60001", "0 to 60000" },
    { "delay relay1 99999999999999999999", "0 to 60000" },
    { "kill ../x", "not a relay's name" },
    { "kill aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "not a relay's name" },
    { "kill relay1\n", "not plain text" },
    { "kill r\xc3\xa9lay", "not plain text" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    CloveLocalnetCommand command = { 0 };
    g_autoptr (GError) error = NULL;

    g_assert_false (clove_localnet_command_parse (&command, cases[i].line, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    g_assert_nonnull (strstr (error->message, cases[i].message));
  }
}

static void
test_long_line (void)
{
  g_autofree char *line = g_strnfill (CLOVE_LOCALNET_MAX_LINE_SIZE + 1, 'x');
  CloveLocalnetCommand command = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (clove_localnet_command_parse (&command, line, &error));
  g_assert_nonnull (strstr (error->message, "longer than"));
}

/* What help shows must be what the parser takes. */
static void
test_help (void)
{
  g_autofree char *help = clove_localnet_command_describe_all ();
  g_auto (GStrv) lines = g_strsplit (help, "\n", -1);
  guint n_verbs = 0;

  for (char **line = lines; **line != '\0'; line++, n_verbs++) {
    g_auto (GStrv) words = g_strsplit (*line, " ", 2);
    CloveLocalnetCommand command = { 0 };
    const char *arguments[] = { "", " relay1", " relay1 5" };
    gboolean is_taken = FALSE;

    for (gsize i = 0; i < G_N_ELEMENTS (arguments) && !is_taken; i++) {
      g_autofree char *example = g_strconcat (words[0], arguments[i], NULL);

      is_taken = clove_localnet_command_parse (&command, example, NULL);
    }
    g_assert_true (is_taken);
    g_assert_cmpuint (command.verb, ==, n_verbs);
  }
  g_assert_cmpuint (n_verbs, ==, CLOVE_LOCALNET_HELP + 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/localnet/command/good", test_good);
  g_test_add_func ("/clove/localnet/command/bad", test_bad);
  g_test_add_func ("/clove/localnet/command/long-line", test_long_line);
  g_test_add_func ("/clove/localnet/command/help", test_help);
  return g_test_run ();
}
