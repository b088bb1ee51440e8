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
 *
 * Weights and diversity come on top and never change which relays may be used: of the paths drawn
 * as above, those that are not diverse are thrown back, and of the others as many as their weights
 * say. That keeps the chances exact; with all weights 1 nothing is thrown back.
 */
#include "config.h"

#include "clove-path-selection.h"

#include "clove-directory-error.h"
#include "clove-path-diversity.h"
#include "clove-path-draw.h"
#include "clove-path-plan.h"

#include <string.h>

/* Enough for nearly every list; each takes a fraction of a microsecond. */
#define N_QUICK_TRIES 64
#define MAX_TRIES     10000

static gboolean
is_diverse (const ClovePathRequest *request, const guint indexes[static CLOVE_PATH_N_HOPS])
{
  return clove_path_is_diverse_pair (
    clove_relay_list_get_relay (request->list, indexes[0]),
    clove_relay_list_get_relay (request->list, indexes[CLOVE_PATH_N_HOPS - 1]));
}

static gdouble
weight_of (const ClovePathRequest *request, guint index, guint hop)
{
  gdouble weight = request->weights[(gsize) index * CLOVE_PATH_N_HOPS + hop];

  /* What is not a number compares as false, too. */
  return weight > CLOVE_PATH_MIN_WEIGHT ? MIN (weight, 1.0) : CLOVE_PATH_MIN_WEIGHT;
}

/* Sets for each hop the weight of the best relay that can take it. */
static void
find_best_weights (const ClovePathRequest *request,
                   const ClovePathPlan *plan,
                   gdouble best_out[static CLOVE_PATH_N_HOPS])
{
  for (guint hop = 0; hop < CLOVE_PATH_N_HOPS; hop++)
    best_out[hop] = CLOVE_PATH_MIN_WEIGHT;
  for (guint i = 0; i < clove_relay_list_get_n_relays (request->list); i++) {
    if (plan->bucket_of[i] == CLOVE_PATH_NO_BUCKET)
      continue;
    for (guint hop = 0; hop < CLOVE_PATH_N_HOPS; hop++) {
      if ((plan->bucket_of[i] >> hop & 1) != 0)
        best_out[hop] = MAX (best_out[hop], weight_of (request, i, hop));
    }
  }
}

/* Lets pass as large a share of the draws of a path as its weights say, compared with @best. */
static gboolean
passes (const ClovePathRequest *request,
        const guint indexes[static CLOVE_PATH_N_HOPS],
        const gdouble best[static CLOVE_PATH_N_HOPS],
        CloveRandom *random)
{
  gdouble share = 1.0;

  if (request->weights == NULL)
    return TRUE;
  for (guint hop = 0; hop < CLOVE_PATH_N_HOPS; hop++)
    share *= weight_of (request, indexes[hop], hop) / best[hop];
  return share >= 1.0 || clove_random_unit (random) < share;
}

/* Goes on where trying is too slow: draws only from paths that are diverse if there are any, and
 * compares weights with the best that there are. No path's chances, compared with another's, differ
 * from what they were, so that it does not matter when this takes over. */
static void
choose_slowly (const ClovePathRequest *request,
               const ClovePathDraw *draw,
               CloveRandom *random,
               guint indexes_out[static CLOVE_PATH_N_HOPS])
{
  g_auto (ClovePathDiversity) diversity = { 0 };
  gboolean is_narrowed =
    request->prefers_diversity && clove_path_diversity_init (&diversity, draw, request->list);
  gdouble best[CLOVE_PATH_N_HOPS] = { 1.0, 1.0, 1.0 };

  if (request->weights != NULL)
    find_best_weights (request, draw->plan, best);
  /* At least one draw in 125 passes, so the last try is never needed in practice. */
  for (guint i = 0; i < MAX_TRIES; i++) {
    if (is_narrowed)
      clove_path_diversity_draw_next (&diversity, random, indexes_out);
    else
      clove_path_draw_next (draw, random, indexes_out);
    if (passes (request, indexes_out, best, random))
      return;
  }
}

static void
choose (const ClovePathRequest *request,
        const ClovePathDraw *draw,
        CloveRandom *random,
        guint indexes_out[static CLOVE_PATH_N_HOPS])
{
  static const gdouble perfect[CLOVE_PATH_N_HOPS] = { 1.0, 1.0, 1.0 };

  for (guint i = 0; i < N_QUICK_TRIES; i++) {
    clove_path_draw_next (draw, random, indexes_out);
    if ((!request->prefers_diversity || is_diverse (request, indexes_out)) &&
        passes (request, indexes_out, perfect, random))
      return;
  }
  choose_slowly (request, draw, random, indexes_out);
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
  self->weights = options->weights;
  self->prefers_diversity = options->prefers_diversity;
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
 * them as possible, the longest-banned first, and again every such path is equally likely. Weights
 * and diversity, if asked for, choose among such paths only. Pure but for @random; takes time in
 * proportion to the list.
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
  g_auto (ClovePathDraw) draw = { 0 };
  guint indexes[CLOVE_PATH_N_HOPS] = { 0 };

  if (!request_init (&request, list, options, error) ||
      !clove_path_plan_init (&plan, &request, error))
    return FALSE;
  clove_path_draw_init (&draw, &plan, clove_relay_list_get_n_relays (list));
  choose (&request, &draw, random, indexes);
  for (guint hop = 0; hop < CLOVE_PATH_N_HOPS; hop++)
    path_out->relays[hop] = clove_relay_ref (clove_relay_list_get_relay (list, indexes[hop]));
  path_out->is_diverse = is_diverse (&request, indexes);
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

/** clove_path_find: Get the hop of @self that has the key of @relay; -1 for none. */
gint
clove_path_find (const ClovePath *self, const CloveRelay *relay)
{
  for (gint hop = 0; hop < CLOVE_PATH_N_HOPS; hop++) {
    if (self->relays[hop] != NULL &&
        memcmp (clove_relay_get_key (self->relays[hop]), clove_relay_get_key (relay),
                CLOVE_RELAY_KEY_SIZE) == 0)
      return hop;
  }
  return -1;
}

/** clove_path_clear: Drop the relays of a path. */
void
clove_path_clear (ClovePath *self)
{
  for (guint hop = 0; hop < CLOVE_PATH_N_HOPS; hop++)
    g_clear_pointer (&self->relays[hop], clove_relay_unref);
  self->is_diverse = FALSE;
}
