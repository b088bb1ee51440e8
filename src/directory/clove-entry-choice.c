/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-entry-choice.h"

#include "clove-path-draw.h"

#include <string.h>

/* Weights become whole numbers, so that the chances are exact. */
#define WEIGHT_UNIT 1000000

/*
 * How welcome a relay is: what speaks against it, the weightier the higher. Of the best tier that
 * has any, one is drawn. A ban comes first: it lasts for minutes only, but a choice that turns out
 * dead costs another one.
 */
typedef enum {
  TIER_BEST = 0,
  TIER_NEAR = 1 << 0,        /* to the companion, in network or operator */
  TIER_SCARCE_EXIT = 1 << 1, /* needed at the other end of circuits */
  TIER_BANNED = 1 << 2,
  N_TIERS = 1 << 3,
  TIER_NEVER = N_TIERS,
} Tier;

static gboolean
is_excluded (const CloveEntryChoice *choice, const CloveRelay *relay)
{
  for (guint i = 0; i < choice->n_excluded; i++) {
    const CloveStateEntry *entry = &choice->excluded[i];

    if (entry->is_set && memcmp (entry->key, clove_relay_get_key (relay), sizeof entry->key) == 0)
      return TRUE;
  }
  return FALSE;
}

/* Whether there are more relays that may be entries and not exits than exits: then it is no loss to
 * leave those alone, and nobody gets too many users by it. */
static gboolean
are_exits_scarce (CloveRelayList *relays)
{
  guint n_exits = 0;
  guint n_others = 0;

  for (guint i = 0; i < clove_relay_list_get_n_relays (relays); i++) {
    CloveRelayRoles roles = clove_relay_get_roles (clove_relay_list_get_relay (relays, i));

    if ((roles & CLOVE_RELAY_ROLE_EXIT) != 0)
      n_exits++;
    else if ((roles & CLOVE_RELAY_ROLE_ENTRY) != 0)
      n_others++;
  }
  return n_exits < n_others;
}

static guint
tier_of (const CloveEntryChoice *choice, const CloveRelay *relay, gboolean are_exits_scarce)
{
  guint tier = TIER_BEST;
  gint64 ban_us = 0;

  if ((clove_relay_get_roles (relay) & CLOVE_RELAY_ROLE_ENTRY) == 0 || is_excluded (choice, relay))
    return TIER_NEVER;
  ban_us = clove_blacklist_get_left_us (choice->blacklist, clove_relay_get_address (relay));
  if (ban_us == CLOVE_BAN_FOR_EVER_US)
    return TIER_NEVER;
  if (ban_us > 0)
    tier |= TIER_BANNED;
  if (are_exits_scarce && (clove_relay_get_roles (relay) & CLOVE_RELAY_ROLE_EXIT) != 0)
    tier |= TIER_SCARCE_EXIT;
  if (choice->companion != NULL && !clove_path_is_diverse_pair (choice->companion, relay))
    tier |= TIER_NEAR;
  return tier;
}

static guint32
weight_of (const CloveEntryChoice *choice, const CloveRelay *relay)
{
  gdouble weight =
    clove_relay_records_get_weight (choice->records, clove_relay_get_key (relay), 0);

  return (guint32) (CLAMP (weight, CLOVE_PATH_MIN_WEIGHT, 1.0) * WEIGHT_UNIT + 0.5);
}

/**
 * clove_entry_choose:
 * @choice: among whom
 * @random: decides
 *
 * Choose a relay to keep as an entry, by weight: one that is not banned, is no exit if those are
 * scarce, and is apart from the companion in network and operator; or else one of which as little
 * of this is untrue as possible; never one that the user banned. Pure but for @random; takes time
 * in proportion to the list.
 *
 * Returns: (transfer none) (nullable): a relay of the list, or %NULL if none may be chosen
 */
CloveRelay *
clove_entry_choose (const CloveEntryChoice *choice, CloveRandom *random)
{
  guint n_relays = clove_relay_list_get_n_relays (choice->relays);
  g_autofree guint8 *tiers = g_new0 (guint8, n_relays);
  g_autofree guint32 *weights = g_new0 (guint32, n_relays);
  gboolean is_scarce = are_exits_scarce (choice->relays);
  guint64 sums[N_TIERS] = { 0 };
  guint64 number = 0;
  guint tier = 0;

  for (guint i = 0; i < n_relays; i++) {
    const CloveRelay *relay = clove_relay_list_get_relay (choice->relays, i);

    tiers[i] = (guint8) tier_of (choice, relay, is_scarce);
    if (tiers[i] == TIER_NEVER)
      continue;
    weights[i] = weight_of (choice, relay);
    sums[tiers[i]] += weights[i];
  }
  while (tier < N_TIERS && sums[tier] == 0)
    tier++;
  if (tier == N_TIERS)
    return NULL;
  number = clove_path_draw_below (random, sums[tier]);
  for (guint i = 0; i < n_relays; i++) {
    if (tiers[i] != tier)
      continue;
    if (number < weights[i])
      return clove_relay_list_get_relay (choice->relays, i);
    number -= weights[i];
  }
  /* The number is below the sum of the weights. */
  g_assert_not_reached ();
}
