/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for what is broken in the demo and what comes of it. Pure, as clove-describe.c. */
#include "config.h"

#include "clove-describe-faults.h"

#include "clove-details.h"

#include <glib/gi18n.h>

static gboolean
is_in (const CloveSnapshotCircuit *circuit, guint hop, const char *name)
{
  return hop < circuit->n_hops && g_strcmp0 (circuit->hops[hop].name, name) == 0;
}

/** clove_fault_place_find: Tell where in Clove's circuits the relay @name is. */
CloveFaultPlace
clove_fault_place_find (const CloveSnapshot *snapshot, const char *name)
{
  for (guint hop = 0; hop < CLOVE_SNAPSHOT_MAX_HOPS; hop++) {
    if (is_in (&snapshot->live, hop, name))
      return (CloveFaultPlace) hop;
  }
  for (guint hop = 0; hop < CLOVE_SNAPSHOT_MAX_HOPS; hop++) {
    if (is_in (&snapshot->standby, hop, name))
      return CLOVE_FAULT_PLACE_STANDBY;
  }
  return CLOVE_FAULT_PLACE_NONE;
}

/** clove_describe_fault_place: (nullable): Name the place; %NULL for none. */
const char *
clove_describe_fault_place (CloveFaultPlace place)
{
  switch (place) {
    case CLOVE_FAULT_PLACE_ENTRY:
    case CLOVE_FAULT_PLACE_MIDDLE:
    case CLOVE_FAULT_PLACE_EXIT:
      return clove_describe_role ((guint) place);
    case CLOVE_FAULT_PLACE_STANDBY:
      return _ ("Standby");
    case CLOVE_FAULT_PLACE_NONE:
    default:
      return NULL;
  }
}

static void
add (GPtrArray *parts, char *part)
{
  g_ptr_array_add (parts, part);
}

/** clove_describe_fault: (transfer full): Say what is wrong with @relay. */
char *
clove_describe_fault (const CloveFaultRelay *relay)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

  if (clove_fault_relay_is_sound (relay))
    return g_strdup (_ ("Works"));
  if (relay->state == CLOVE_FAULT_RELAY_DEAD)
    add (parts, g_strdup (_ ("Dead")));
  if (relay->state == CLOVE_FAULT_RELAY_FROZEN)
    add (parts, g_strdup (_ ("Frozen: hears and says nothing")));
  if (relay->delay_ms > 0)
    add (parts, g_strdup_printf (_ ("Everything %u ms late"), relay->delay_ms));
  if (relay->drop_percent > 0)
    /* Translators: %u%% is a number with a percent sign */
    add (parts, g_strdup_printf (_ ("Loses %u%% of what passes"), relay->drop_percent));
  if (relay->is_lying)
    add (parts, g_strdup (_ ("Lies that no site exists")));
  if (relay->has_others)
    add (parts, g_strdup (_ ("Broken in other ways")));
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (" · ", (char **) parts->pdata);
}

/** clove_describe_fault_tone: Get how bad it is. */
CloveTone
clove_describe_fault_tone (const CloveFaultRelay *relay)
{
  if (clove_fault_relay_is_sound (relay))
    return CLOVE_TONE_GOOD;
  return relay->state == CLOVE_FAULT_RELAY_ALIVE ? CLOVE_TONE_WARNING : CLOVE_TONE_BAD;
}

/* What comes of it when requests pass the relay. */
static const char *
find_effect (const char *verb)
{
  static const struct {
    const char *verb;
    const char *text;
  } effects[] = {
    { "kill",
      N_ ("\u2068%s\u2069 is dead. Open a page: Clove notices within a second and takes the "
          "standby circuit.") },
    { "freeze",
      N_ ("\u2068%s\u2069 hears nothing any more. Open a page: Clove notices within a second "
          "and takes the standby circuit.") },
    { "restart",
      N_ ("\u2068%s\u2069 has forgotten every circuit. Open a page: Clove notices within a "
          "second and takes the standby circuit.") },
    { "delay",
      N_ ("\u2068%s\u2069 holds everything back. Pages come late; if answers stay away too "
          "long, Clove takes another circuit.") },
    { "drop",
      N_ ("\u2068%s\u2069 loses some of what passes. Open a few pages: Clove counts failures, "
          "and after three in a row it takes another circuit.") },
    { "lie",
      N_ ("\u2068%s\u2069 denies that sites exist. Open different sites: one missing site "
          "proves nothing, several in a row do.") },
    { "heal",
      N_ ("\u2068%s\u2069 works again. Clove tests relays that it does not trust, and uses them "
          "again once they work.") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (effects); i++) {
    if (g_str_equal (effects[i].verb, verb))
      return _ (effects[i].text);
  }
  return NULL;
}

/* Whether only the exit shows the fault. */
static gboolean
is_unnoticed (const char *verb, CloveFaultPlace place)
{
  if (g_str_equal (verb, "heal"))
    return FALSE;
  if (g_str_equal (verb, "lie"))
    return place != CLOVE_FAULT_PLACE_EXIT;
  return place == CLOVE_FAULT_PLACE_NONE;
}

/**
 * clove_describe_fault_effect:
 * @command: a control line that was carried out, such as "kill relay2"; "" for none yet
 * @place: where the relay is
 *
 * Returns: (transfer full): what happens next
 */
char *
clove_describe_fault_effect (const char *command, CloveFaultPlace place)
{
  g_auto (GStrv) words = g_strsplit (command, " ", 3);
  const char *effect = words[0] != NULL ? find_effect (words[0]) : NULL;

  if (effect == NULL || words[1] == NULL)
    return g_strdup (_ ("Break a relay, then open a page: Clove notices within a second and takes "
                        "the standby circuit."));
  if (g_str_equal (words[1], "all"))
    return g_strdup (_ ("All relays work again. Clove tests those that it does not trust, and uses "
                        "them again once they work."));
  if (is_unnoticed (words[0], place))
    return g_strdup_printf (_ ("No page passes \u2068%s\u2069 in a way that shows this. "
                               "Break a relay of the circuit in use to see what Clove does."),
                            words[1]);
  if (place == CLOVE_FAULT_PLACE_STANDBY && !g_str_equal (words[0], "heal"))
    return g_strdup_printf (_ ("\u2068%s\u2069 is in the standby circuit. Clove looks after that "
                               "one too, and replaces it when it fails."),
                            words[1]);
  return clove_details_fill (effect, (const char *const[]){ words[1], NULL });
}
