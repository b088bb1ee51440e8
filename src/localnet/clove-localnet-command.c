/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-localnet-command.h"

#include <string.h>

#define MAX_DELAY_MS 60000

/* Verb, name and value: no command has more words. One more is asked for to notice excess. */
#define MAX_WORDS 3

typedef enum {
  NAME_NONE,
  NAME_OPTIONAL,
  NAME_REQUIRED,
} NameUse;

typedef struct {
  const char *word;
  CloveLocalnetVerb verb;
  NameUse name_use;
  const char *unit; /* NULL: takes no value */
  guint max_value;
  const char *meaning;
} Verb;

static const Verb verbs[] = {
  { "kill", CLOVE_LOCALNET_KILL, NAME_REQUIRED, NULL, 0,
    "close its sockets and forget its circuits" },
  { "revive", CLOVE_LOCALNET_REVIVE, NAME_REQUIRED, NULL, 0,
    "start a killed relay, thaw a frozen one" },
  { "freeze", CLOVE_LOCALNET_FREEZE, NAME_REQUIRED, NULL, 0,
    "keep its sockets open, answer nothing" },
  { "restart", CLOVE_LOCALNET_RESTART, NAME_REQUIRED, NULL, 0,
    "forget circuits, channels and peers" },
  { "delay", CLOVE_LOCALNET_DELAY, NAME_REQUIRED, "MS", MAX_DELAY_MS,
    "hold back every datagram, each way" },
  { "drop", CLOVE_LOCALNET_DROP, NAME_REQUIRED, "PERCENT", 100, "lose datagrams, each way" },
  { "lose", CLOVE_LOCALNET_LOSE, NAME_REQUIRED, "PERMILLE", 1000, "the same, in thousandths" },
  { "reorder", CLOVE_LOCALNET_REORDER, NAME_REQUIRED, "PERCENT", 100,
    "let later datagrams overtake" },
  { "corrupt", CLOVE_LOCALNET_CORRUPT, NAME_REQUIRED, "PERCENT", 100, "flip a bit of datagrams" },
  { "lie", CLOVE_LOCALNET_LIE, NAME_REQUIRED, NULL, 0, "as exit, say that no site exists" },
  { "impersonate", CLOVE_LOCALNET_IMPERSONATE, NAME_REQUIRED, NULL, 0,
    "as entry, answer for middle and exit itself" },
  { "error", CLOVE_LOCALNET_ERROR, NAME_REQUIRED, NULL, 0, "answer every query with an error" },
  { "heal", CLOVE_LOCALNET_HEAL, NAME_OPTIONAL, NULL, 0,
    "take back every fault, start killed relays" },
  { "list", CLOVE_LOCALNET_LIST, NAME_NONE, NULL, 0, "show every relay" },
  { "help", CLOVE_LOCALNET_HELP, NAME_NONE, NULL, 0, "show these commands" },
};

G_GNUC_PRINTF (2, 3)
static gboolean
fail (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    *error = g_error_new_valist (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, format, args);
  va_end (args);
  return FALSE;
}

static const Verb *
find_verb (const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (strcmp (verbs[i].word, word) == 0)
      return &verbs[i];
  return NULL;
}

static gboolean
is_name (const char *text)
{
  gsize size = strlen (text);

  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && *p != '-' && *p != '_')
      return FALSE;
  return size > 0 && size < CLOVE_LOCALNET_NAME_SIZE;
}

static gboolean
check_line (const char *line, GError **error)
{
  gsize size = strlen (line);

  if (size > CLOVE_LOCALNET_MAX_LINE_SIZE)
    return fail (error, "line longer than %d bytes", CLOVE_LOCALNET_MAX_LINE_SIZE);
  for (gsize i = 0; i < size; i++)
    if (!g_ascii_isprint (line[i]) && line[i] != '\t')
      return fail (error, "the line is not plain text");
  return TRUE;
}

/* Split at white space, leaving out empty words. */
static guint
split (char *line, char *words[static MAX_WORDS + 1])
{
  guint n = 0;
  char *rest = line;

  while (n <= MAX_WORDS) {
    rest += strspn (rest, " \t");
    if (*rest == '\0')
      break;
    words[n++] = rest;
    rest += strcspn (rest, " \t");
    if (*rest != '\0')
      *rest++ = '\0';
  }
  return n;
}

static gboolean
parse_value (const Verb *verb, const char *text, guint *value_out, GError **error)
{
  guint64 value = 0;

  if (!g_ascii_string_to_unsigned (text, 10, 0, verb->max_value, &value, NULL))
    return fail (error, "%s needs a number from 0 to %u, not “%s”", verb->word, verb->max_value,
                 text);
  *value_out = (guint) value;
  return TRUE;
}

static char *
usage (const Verb *verb)
{
  static const char *const names[] = {
    [NAME_NONE] = "",
    [NAME_OPTIONAL] = " [NAME]",
    [NAME_REQUIRED] = " NAME",
  };

  return g_strconcat (verb->word, names[verb->name_use], verb->unit != NULL ? " " : NULL,
                      verb->unit, NULL);
}

static gboolean
check_n_words (const Verb *verb, guint n_words, GError **error)
{
  guint most = 1 + (verb->name_use != NAME_NONE ? 1 : 0) + (verb->unit != NULL ? 1 : 0);
  guint least = verb->name_use == NAME_OPTIONAL ? most - 1 : most;
  g_autofree char *expected = NULL;

  if (n_words >= least && n_words <= most)
    return TRUE;
  expected = usage (verb);
  return fail (error, "usage: %s", expected);
}

/**
 * clove_localnet_command_parse:
 * @out: (out): the command
 * @line: one control line without its line end
 * @error: %G_IO_ERROR_INVALID_ARGUMENT, with a message for the person who typed the line
 *
 * Returns: whether @line is a command
 */
gboolean
clove_localnet_command_parse (CloveLocalnetCommand *out, const char *line, GError **error)
{
  g_autofree char *copy = g_strdup (line);
  char *words[MAX_WORDS + 1] = { NULL };
  guint n_words = 0;
  const Verb *verb = NULL;

  if (!check_line (line, error))
    return FALSE;
  n_words = split (copy, words);
  if (n_words == 0)
    return fail (error, "empty line; “help” lists the commands");
  verb = find_verb (words[0]);
  if (verb == NULL)
    return fail (error, "unknown command “%s”; “help” lists the commands", words[0]);
  if (!check_n_words (verb, n_words, error))
    return FALSE;

  *out = (CloveLocalnetCommand){ .verb = verb->verb };
  if (n_words > 1 && !is_name (words[1]))
    return fail (error, "“%s” is not a relay's name", words[1]);
  g_strlcpy (out->name, n_words > 1 ? words[1] : CLOVE_LOCALNET_ALL, sizeof out->name);
  return verb->unit == NULL || parse_value (verb, words[2], &out->value, error);
}

/** clove_localnet_command_describe_all: (transfer full): One line for each command, for "help". */
char *
clove_localnet_command_describe_all (void)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++) {
    g_autofree char *expected = usage (&verbs[i]);

    g_string_append_printf (text, "%-22s %s\n", expected, verbs[i].meaning);
  }
  return g_string_free (text, FALSE);
}
