/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Chooses the three relays of a circuit, exactly and in linear time.
 *
 * For chance, two relays that may serve the same hops are alike, so relays are counted by the set
 * of hops they may serve (the mask). Every way to give the hops to masks stands for a number of
 * paths that is a product of counts; one number below the sum of all picks the way, and within it
 * the relays are picked by index. Each path is thereby equally likely, and one is found whenever
 * one exists, which drawing hop after hop does not do when a relay has the only exit role.
 *
 * Avoided relays come in only as far as needed. Sets of relays that can take different hops form a
 * matroid, so taking the longest-banned relay that helps, one after the other, is best in every
 * respect: the fewest avoided relays, and each of them banned for longest. That fixes how many
 * relays of which ban time a path has (the levels); among all such paths chance decides as above.
 */
#include "config.h"

#include "clove-path-selection.h"

#include "clove-directory-error.h"
#include "clove-path-plan.h"

/* Returns: in how many ways the hops can be given to different relays of these buckets */
static guint64
count_ways (const ClovePathPlan *plan, const guint8 buckets[static CLOVE_PATH_N_HOPS])
{
  guint64 n_ways = 1;
  guint n_used[CLOVE_PATH_MAX_LEVELS] = { 0 };

  for (guint hop = 0; hop < CLOVE_PATH_N_HOPS; hop++) {
    guint n_left = plan->n_in[buckets[hop]];

    for (guint before = 0; before < hop; before++) {
      if (buckets[before] == buckets[hop] && n_left > 0)
        n_left--;
    }
    n_ways *= n_left;
    n_used[buckets[hop] / CLOVE_PATH_N_MASKS]++;
  }
  for (guint level = 0; level < plan->n_levels; level++) {
    if (n_used[level] != plan->levels[level].n_needed)
      return 0;
  }
  return n_ways;
}

static guint
list_buckets (const ClovePathPlan *plan, guint hop, guint8 buckets_out[static CLOVE_PATH_N_BUCKETS])
{
  guint n = 0;

  for (guint bucket = 0; bucket < CLOVE_PATH_N_BUCKETS; bucket++) {
    if (plan->n_in[bucket] > 0 && (bucket >> hop & 1) != 0)
      buckets_out[n++] = (guint8) bucket;
  }
  return n;
}

/* Goes through all ways to give the hops to buckets until they stand for more than @number paths,
 * and leaves the last one in @choice. Returns: how many paths stand before it (or in all) */
static guint64
find_choice (const ClovePathPlan *plan, guint64 number, guint8 choice[static CLOVE_PATH_N_HOPS])
{
  guint8 candidates[CLOVE_PATH_N_HOPS][CLOVE_PATH_N_BUCKETS] = { 0 };
  guint n_candidates[CLOVE_PATH_N_HOPS] = { 0 };
  guint n_choices = 1;
  guint64 n_before = 0;

  for (guint hop = 0; hop < CLOVE_PATH_N_HOPS; hop++) {
    n_candidates[hop] = list_buckets (plan, hop, candidates[hop]);
    n_choices *= n_candidates[hop];
  }
  for (guint i = 0; i < n_choices; i++) {
    guint rest = i;
    guint64 n_ways = 0;

    for (guint hop = 0; hop < CLOVE_PATH_N_HOPS; hop++) {
      choice[hop] = candidates[hop][rest % n_candidates[hop]];
      rest /= n_candidates[hop];
    }
    n_ways = count_ways (plan, choice);
    if (number - n_before < n_ways)
      return n_before;
    n_before += n_ways;
  }
  return n_before;
}

static guint64
draw_below (CloveRandom *random, guint64 bound)
{
  guint64 threshold = (G_MAXUINT64 - bound + 1) % bound;
  guint64 value = 0;

  /* Numbers below 2^64 mod bound would make some results likelier: draw again. */
  do {
    clove_random_bytes (random, (guint8 *) &value, sizeof value);
  } while (value < threshold);
  return value % bound;
}

/* Sets for each hop which relay of its bucket it is, counted from 0. */
static void
draw_members (const ClovePathPlan *plan,
              const guint8 choice[static CLOVE_PATH_N_HOPS],
              CloveRandom *random,
              guint members_out[static CLOVE_PATH_N_HOPS])
{
  for (guint hop = 0; hop < CLOVE_PATH_N_HOPS; hop++) {
    guint taken[CLOVE_PATH_N_HOPS] = { 0 };
    guint n_taken = 0;
    guint member = 0;

    for (guint before = 0; before < hop; before++) {
      if (choice[before] == choice[hop])
        taken[n_taken++] = members_out[before];
    }
    if (n_taken == 2 && taken[0] > taken[1]) {
      guint larger = taken[0];

      taken[0] = taken[1];
      taken[1] = larger;
    }
    member = clove_random_uniform (random, plan->n_in[choice[hop]] - n_taken);
    for (guint i = 0; i < n_taken; i++) {
      if (member >= taken[i])
        member++;
    }
    members_out[hop] = member;
  }
}

static void
take_relays (const ClovePathPlan *plan,
             const CloveRelayList *list,
             const guint8 choice[static CLOVE_PATH_N_HOPS],
             guint members[static CLOVE_PATH_N_HOPS],
             ClovePath *path_out)
{
  guint n_missing = CLOVE_PATH_N_HOPS;

  for (guint i = 0; n_missing > 0; i++) {
    for (guint hop = 0; hop < CLOVE_PATH_N_HOPS; hop++) {
      if (plan->bucket_of[i] != choice[hop] || members[hop]-- != 0)
        continue;
      path_out->relays[hop] = clove_relay_ref (clove_relay_list_get_relay (list, i));
      n_missing--;
    }
  }
}

static gboolean
pin_hop (ClovePathRequest *request, guint hop, const CloveRelay *relay, GError **error)
{
  guint index = 0;

  while (index < clove_relay_list_get_n_relays (request->list) &&
         clove_relay_list_get_relay (request->list, index) != relay)
    index++;
  if (index == clove_relay_list_get_n_relays (request->list)) {
    g_set_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_NO_SUCH_RELAY,
                 "the relay “%s” is not in the directory", clove_relay_get_name (relay));
    return FALSE;
  }
  if ((clove_relay_get_roles (relay) >> hop & 1) == 0) {
    g_set_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_MISSING_ROLE,
                 "the relay “%s” does not have the role %s", clove_relay_get_name (relay),
                 clove_relay_role_to_string (1 << hop));
    return FALSE;
  }
  if (request->pinned[0] == index || request->pinned[1] == index) {
    g_set_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_TOO_FEW_RELAYS,
                 "the relay “%s” cannot be two hops of one circuit", clove_relay_get_name (relay));
    return FALSE;
  }
  request->pinned[hop] = index;
  request->pinned_hops |= 1u << hop;
  return TRUE;
}

static gboolean
request_init (ClovePathRequest *self,
              const CloveRelayList *list,
              const ClovePathOptions *options,
              GError **error)
{
  *self = (ClovePathRequest){ .list = list };
  for (guint hop = 0; hop < CLOVE_PATH_N_HOPS; hop++)
    self->pinned[hop] = CLOVE_PATH_NO_INDEX;
  if (options == NULL)
    return TRUE;
  self->avoided_since_us = options->avoided_since_us;
  for (guint hop = 0; hop < CLOVE_PATH_N_HOPS; hop++) {
    if (options->pinned[hop] != NULL && !pin_hop (self, hop, options->pinned[hop], error))
      return FALSE;
  }
  return TRUE;
}

/**
 * clove_path_select:
 * @path_out: (out): the path; untouched on failure
 * @list: the directory's relays
 * @options: (nullable): what is asked apart from chance
 * @random: decides
 * @error: %CLOVE_DIRECTORY_ERROR_MISSING_ROLE or %CLOVE_DIRECTORY_ERROR_TOO_FEW_RELAYS, saying what
 *   is missing; %CLOVE_DIRECTORY_ERROR_NO_SUCH_RELAY for a pinned relay of another list
 *
 * Choose three different relays with the roles entry, middle and exit, every such path equally
 * likely. A path with avoided relays is chosen only if there is none without, then with as few of
 * them as possible, the longest-banned first, and again every such path is equally likely. Pure
 * but for @random; takes time in proportion to the list.
 *
 * Returns: whether there is a path
 */
gboolean
clove_path_select (ClovePath *path_out,
                   const CloveRelayList *list,
                   const ClovePathOptions *options,
                   CloveRandom *random,
                   GError **error)
{
  ClovePathRequest request = { 0 };
  g_auto (ClovePathPlan) plan = { 0 };
  guint8 choice[CLOVE_PATH_N_HOPS] = { 0 };
  guint members[CLOVE_PATH_N_HOPS] = { 0 };
  guint64 n_paths = 0;

  if (!request_init (&request, list, options, error) ||
      !clove_path_plan_init (&plan, &request, error))
    return FALSE;
  n_paths = find_choice (&plan, G_MAXUINT64, choice);
  g_assert (n_paths > 0);
  find_choice (&plan, draw_below (random, n_paths), choice);
  draw_members (&plan, choice, random, members);
  take_relays (&plan, list, choice, members, path_out);
  return TRUE;
}

/**
 * clove_path_is_possible:
 * @list: relays
 * @error: as clove_path_select()
 *
 * Returns: whether any path can be formed of them
 */
gboolean
clove_path_is_possible (const CloveRelayList *list, GError **error)
{
  ClovePathRequest request = { 0 };
  g_auto (ClovePathPlan) plan = { 0 };

  return request_init (&request, list, NULL, error) &&
         clove_path_plan_init (&plan, &request, error);
}

/** clove_path_clear: Drop the relays of a path. */
void
clove_path_clear (ClovePath *self)
{
  for (guint hop = 0; hop < CLOVE_PATH_N_HOPS; hop++)
    g_clear_pointer (&self->relays[hop], clove_relay_unref);
}
