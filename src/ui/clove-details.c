/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine says what it saw in English clauses: it has no locale, and what it writes down must
 * read the same for everybody. Here they are found again and said in the user's language. A clause
 * that is not known here, such as the system's own words for an error, stays as it is. A test holds
 * the tables against what the engine's sources say.
 */
#include "config.h"

#include "clove-details.h"

#include <glib/gi18n.h>
#include <string.h>

#define MAX_WORDS 3
/* Clauses hold clauses: who, where, what. */
#define MAX_DEPTH 4

/* Clauses that never change. Without capital and full stop: they stand within sentences. */
static const char *const clauses[] = {
  N_ ("a probe failed"),
  N_ ("a probe was lost"),
  N_ ("a request got no answer on it"),
  N_ ("an answer is overdue"),
  N_ ("asked for by the user"),
  N_ ("blacklisted by you"),
  N_ ("did not answer"),
  N_ ("it did not outlive the change of network"),
  N_ ("it is time for another circuit"),
  N_ ("joined a circuit, but carried nothing as its exit"),
  N_ ("the circuit did not outlive the change of network"),
  N_ ("the exit cannot reach any site"),
  N_ ("the machine woke"),
  N_ ("the network changed"),
  N_ ("there was none"),
  N_ ("three failures in a row"),

  /* Why a circuit could not be built. */
  N_ ("circuit is not ready"),
  N_ ("circuit was closed"),
  N_ ("endpoint is closed"),
  N_ ("session is closed"),
  N_ ("session was closed"),
  N_ ("the key that came back is not the relay's"),
  N_ ("the peer's public key is not a usable point of the curve"),
  N_ ("the relay did not answer in time"),
  N_ ("the relayed answer is not sealed by the entry"),

  /* Why a request failed. */
  N_ ("chunk number out of range"),
  N_ ("chunk of an impossible size"),
  N_ ("chunk repeated with other content"),
  N_ ("chunk with another total"),
  N_ ("chunks do not have the size of their reply"),
  N_ ("chunks do not hold a reply"),
  N_ ("chunks exceed their reply"),
  N_ ("chunks hold the reply of another stream"),
  N_ ("impossible number of chunks"),
  N_ ("no reply came in time"),
  N_ ("request does not fit one stream message"),
  N_ ("the circuit's replies hold too much memory"),
  N_ ("the exit did not connect the stream in time"),
  N_ ("the reply stopped before its end"),
  N_ ("whole reply among chunks"),

  /* Translators: places in a circuit, within a sentence */
  N_ ("entry"),
  N_ ("middle"),
  N_ ("exit"),
  N_ ("the one before"),
};

/*
 * Clauses with names and clauses in them. In @kinds stands for each %s what it is: n a relay's
 * name, c a clause or a number. The first that fits counts, so the longer ones come first.
 */
static const struct {
  const char *kinds;
  const char *format;
} patterns[] = {
  /* Translators: the first %s is a relay’s name, the last one the reason */
  { "nnc", N_ ("%s is the new entry and %s its backup: %s") },
  { "nc", N_ ("%s is the new entry: %s") },
  { "nc", N_ ("%s is the new backup entry: %s") },
  { "n", N_ ("%s is the entry") },
  { "n", N_ ("%s is the backup entry") },
  { "n", N_ ("the term of %s is over") },
  { "n", N_ ("the directory has not listed %s as an entry for a day") },
  { "n", N_ ("%s did not answer for 10 minutes") },
  { "c", N_ ("no usable relay can be the %s") },
  { "cc", N_ ("only one usable relay can be the %s or the %s, and it cannot be both") },
  { "cc", N_ ("a circuit needs %s different relays, and only %s can be used") },
  { "c", N_ ("reply holds more than %s bytes that were not read") },
  { "c", N_ ("reply of %s bytes") },
  { "c", N_ ("message of %s bytes does not fit the circuit") },
  { "cc", N_ ("message of %s bytes, ADNL carries %s") },
  { "c", N_ ("relay.%s is no answer to this step") },
  /* Translators: %s is the relay’s name, then what went wrong */
  { "nc", N_ ("entry %s: %s") },
  { "nc", N_ ("middle %s: %s") },
  { "nc", N_ ("exit %s: %s") },
  { "n", N_ ("%s works") },
  { "n", N_ ("%s joined a circuit, but carried nothing as its exit") },
  { "n", N_ ("%s did not answer") },
};

/* Finds the words that stand for the %s of @format in @text, which must fit from end to end. */
static gboolean
match (const char *format, const char *text, char *words[static MAX_WORDS + 1])
{
  const char *hole = strstr (format, "%s");
  guint n_words = 0;

  if (hole == NULL || strncmp (format, text, (gsize) (hole - format)) != 0)
    return FALSE;
  text += hole - format;
  while (hole != NULL) {
    const char *rest = hole + strlen ("%s");
    const char *next = strstr (rest, "%s");
    g_autofree char *between = next != NULL ? g_strndup (rest, (gsize) (next - rest))
                                            : g_strdup (rest);
    const char *end = NULL;

    if (next != NULL)
      end = strstr (text, between);
    else if (g_str_has_suffix (text, between))
      end = text + strlen (text) - strlen (between);
    if (end == NULL || end == text)
      return FALSE;
    words[n_words++] = g_strndup (text, (gsize) (end - text));
    text = end + strlen (between);
    hole = next;
  }
  return TRUE;
}

static void
clear_words (char *words[static MAX_WORDS + 1])
{
  for (guint i = 0; i <= MAX_WORDS; i++)
    g_clear_pointer (&words[i], g_free);
}

/**
 * clove_details_fill:
 * @format: a text in which %s or %1$s, %2$s … stand for words; anything else stays
 * @words: (array zero-terminated=1): what stands there
 *
 * Returns: (transfer full): the text with its words
 */
char *
clove_details_fill (const char *format, const char *const *words)
{
  GString *text = g_string_new (NULL);
  guint n_words = 0;
  guint next = 0;

  while (words[n_words] != NULL)
    n_words++;
  while (*format != '\0') {
    guint word = next;
    gsize size = 0;

    if (g_str_has_prefix (format, "%s")) {
      size = strlen ("%s");
    } else if (format[0] == '%' && g_ascii_isdigit (format[1]) &&
               g_str_has_prefix (format + 2, "$s")) {
      size = strlen ("%1$s");
      word = (guint) g_ascii_digit_value (format[1]) - 1;
    }
    if (size == 0 || word >= n_words) {
      g_string_append_c (text, *format++);
      continue;
    }
    g_string_append (text, words[word]);
    format += size;
    next = word + 1;
  }
  return g_string_free (text, FALSE);
}

static const char *
find_clause (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (clauses); i++) {
    if (g_str_equal (clauses[i], text))
      return clauses[i];
  }
  return NULL;
}

static gint
find_pattern (const char *text, char *words[static MAX_WORDS + 1])
{
  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++) {
    if (match (patterns[i].format, text, words))
      return (gint) i;
    clear_words (words);
  }
  return -1;
}

static char *translate (const char *text, guint depth);

/* Between Unicode's first strong isolate and its end. */
static char *
isolate (const char *name)
{
  /* What stands for the name of a relay that is no longer known. */
  if (g_str_equal (name, "the one before"))
    return g_strdup (_ (name));
  return g_strdup_printf ("\u2068%s\u2069", name);
}

static char *
translate_pattern (const char *text, guint depth)
{
  char *words[MAX_WORDS + 1] = { NULL };
  gint found = find_pattern (text, words);
  char *result = NULL;

  if (found < 0)
    return NULL;
  for (guint i = 0; words[i] != NULL; i++) {
    g_autofree char *word = g_steal_pointer (&words[i]);

    words[i] = patterns[found].kinds[i] == 'n' ? isolate (word) : translate (word, depth + 1);
  }
  result = clove_details_fill (_ (patterns[found].format), (const char *const *) words);
  clear_words (words);
  return result;
}

/* Whether @text is a circuit, such as "relay5, relay2, relay3"; no clause has two commas. */
static gboolean
split_circuit (const char *text, char *words[static MAX_WORDS + 1])
{
  g_auto (GStrv) names = g_strsplit (text, ", ", MAX_WORDS + 1);

  if (g_strv_length (names) != MAX_WORDS)
    return FALSE;
  for (guint i = 0; i < MAX_WORDS; i++) {
    if (names[i][0] == '\0' || strpbrk (names[i], " :;") != NULL)
      return FALSE;
  }
  for (guint i = 0; i < MAX_WORDS; i++)
    words[i] = isolate (names[i]);
  return TRUE;
}

static char *
translate_circuit (const char *text)
{
  char *words[MAX_WORDS + 1] = { NULL };
  char *result = NULL;

  if (!split_circuit (text, words))
    return NULL;
  /* Translators: the three relays of a circuit, from the entry to the exit */
  result = clove_details_fill (_ ("%s, %s, %s"), (const char *const *) words);
  clear_words (words);
  return result;
}

static char *
translate (const char *text, guint depth)
{
  const char *clause = find_clause (text);
  char *result = NULL;

  if (clause != NULL)
    return g_strdup (_ (clause));
  if (depth >= MAX_DEPTH)
    return g_strdup (text);
  result = translate_pattern (text, depth);
  if (result == NULL)
    result = translate_circuit (text);
  return result != NULL ? result : g_strdup (text);
}

/* Changes of entries come two at a time, with a semicolon. */
static gboolean
is_pair (const char *detail)
{
  return strstr (detail, "; ") != NULL;
}

/**
 * clove_details_translate:
 * @detail: a clause of the engine's
 *
 * Returns: (transfer full): the clause in the user's language, names isolated for bidirectional
 *   text; as it is if it is not known
 */
char *
clove_details_translate (const char *detail)
{
  g_auto (GStrv) parts = NULL;

  if (!is_pair (detail))
    return translate (detail, 0);
  parts = g_strsplit (detail, "; ", 2);
  for (guint i = 0; parts[i] != NULL; i++) {
    g_autofree char *part = parts[i];

    parts[i] = translate (part, 0);
  }
  /* Translators: two things that happened at once */
  return clove_details_fill (_ ("%s; %s"), (const char *const *) parts);
}

/** clove_details_is_known: Tell whether there are words for @detail, whatever its parts. */
gboolean
clove_details_is_known (const char *detail)
{
  char *words[MAX_WORDS + 1] = { NULL };
  gboolean is_known = find_clause (detail) != NULL || find_pattern (detail, words) >= 0 ||
                      split_circuit (detail, words);

  clear_words (words);
  return is_known;
}
