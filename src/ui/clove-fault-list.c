/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the demo network answers to "list", see src/localnet/README.md. */
#include "config.h"

#include "clove-fault-list.h"

#include <string.h>

/* Name, address, roles, state; faults and counters follow. */
#define N_FIXED_WORDS 4

static void
relay_free (gpointer data)
{
  CloveFaultRelay *relay = data;

  g_free (relay->name);
  g_free (relay->address);
  g_free (relay);
}

static gboolean
parse_number (const char *word, const char *key, guint *number_out)
{
  guint64 number = 0;

  if (!g_str_has_prefix (word, key) ||
      !g_ascii_string_to_unsigned (word + strlen (key), 10, 0, G_MAXUINT, &number, NULL))
    return FALSE;
  *number_out = (guint) number;
  return TRUE;
}

/* Words that are not known, such as counters, say nothing about faults. */
static void
parse_fault (CloveFaultRelay *relay, const char *word)
{
  if (parse_number (word, "delay=", &relay->delay_ms) ||
      parse_number (word, "drop=", &relay->drop_percent))
    return;
  if (g_str_equal (word, "lie"))
    relay->is_lying = TRUE;
  else if (g_str_equal (word, "impersonate") || g_str_equal (word, "error") ||
           g_str_has_prefix (word, "reorder=") || g_str_has_prefix (word, "corrupt="))
    relay->has_others = TRUE;
}

static CloveFaultRelayState
parse_state (const char *word)
{
  if (g_str_equal (word, "dead"))
    return CLOVE_FAULT_RELAY_DEAD;
  return g_str_equal (word, "frozen") ? CLOVE_FAULT_RELAY_FROZEN : CLOVE_FAULT_RELAY_ALIVE;
}

static CloveFaultRelay *
parse_line (const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  CloveFaultRelay *relay = NULL;

  if (g_strv_length (words) < N_FIXED_WORDS)
    return NULL;
  relay = g_new0 (CloveFaultRelay, 1);
  relay->name = g_strdup (words[0]);
  relay->address = g_strdup (words[1]);
  relay->is_exit = g_str_has_suffix (words[2], "exit");
  relay->state = parse_state (words[3]);
  for (guint i = N_FIXED_WORDS; words[i] != NULL; i++)
    parse_fault (relay, words[i]);
  return relay;
}

/** clove_fault_list_parse: (transfer full): Get the relays, #CloveFaultRelay, of a list's lines. */
GPtrArray *
clove_fault_list_parse (const char *text)
{
  GPtrArray *relays = g_ptr_array_new_with_free_func (relay_free);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++) {
    CloveFaultRelay *relay = parse_line (lines[i]);

    if (relay != NULL)
      g_ptr_array_add (relays, relay);
  }
  return relays;
}

/** clove_fault_relay_is_sound: Tell whether nothing is wrong with it. */
gboolean
clove_fault_relay_is_sound (const CloveFaultRelay *self)
{
  return self->state == CLOVE_FAULT_RELAY_ALIVE && self->delay_ms == 0 &&
         self->drop_percent == 0 && !self->is_lying && !self->has_others;
}
