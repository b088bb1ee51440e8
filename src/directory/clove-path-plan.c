/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decides which relays a path may be drawn from; see clove-path-selection.c for the method.
 */
#include "config.h"

#include "clove-path-plan.h"

#include "clove-directory-error.h"

#include <string.h>

static gint64
avoided_since_us (const ClovePathRequest *request, guint index)
{
  return request->avoided_since_us != NULL ? request->avoided_since_us[index] : CLOVE_PATH_FREE;
}

/* Returns: the mask of hops that the relay may take */
static guint
mask_of (const ClovePathRequest *request, const guint8 *roles, guint index)
{
  guint mask = roles[index] & ~request->pinned_hops;

  if (request->pinned_hops == 0)
    return mask;
  for (guint hop = 0; hop < CLOVE_PATH_N_HOPS; hop++) {
    if (request->pinned[hop] == index)
      mask |= 1u << hop;
  }
  return mask;
}

static guint
count_for (const guint n_by_mask[static CLOVE_PATH_N_MASKS], guint hops)
{
  guint n = 0;

  for (guint mask = 1; mask < CLOVE_PATH_N_MASKS; mask++) {
    if ((mask & hops) != 0)
      n += n_by_mask[mask];
  }
  return n;
}

static guint
count_hops (guint hops)
{
  return (guint) __builtin_popcount (hops);
}

/* Returns: how many hops can be given to different relays at once (the Koenig and Ore) */
static guint
count_fillable (const guint n_by_mask[static CLOVE_PATH_N_MASKS])
{
  guint best = CLOVE_PATH_N_HOPS;

  for (guint hops = 1; hops < CLOVE_PATH_N_MASKS; hops++)
    best = MIN (best, CLOVE_PATH_N_HOPS - count_hops (hops) + count_for (n_by_mask, hops));
  return best;
}

/* Sets the bit of each mask of which one relay more would fill one hop more. */
static guint
find_helpful_masks (const guint n_by_mask[static CLOVE_PATH_N_MASKS])
{
  guint n_fillable = count_fillable (n_by_mask);
  guint helpful = 0;

  for (guint mask = 1; mask < CLOVE_PATH_N_MASKS; mask++) {
    guint with_one_more[CLOVE_PATH_N_MASKS] = { 0 };

    memcpy (with_one_more, n_by_mask, sizeof with_one_more);
    with_one_more[mask]++;
    if (count_fillable (with_one_more) > n_fillable)
      helpful |= 1u << mask;
  }
  return helpful;
}

static gboolean
is_among (const guint *indexes, guint n_indexes, guint index)
{
  for (guint i = 0; i < n_indexes; i++) {
    if (indexes[i] == index)
      return TRUE;
  }
  return FALSE;
}

/* Returns: the longest-banned relay that lets one hop more be filled, or CLOVE_PATH_NO_INDEX */
static guint
find_helper (const ClovePathRequest *request,
             const guint n_by_mask[static CLOVE_PATH_N_MASKS],
             const guint *taken,
             guint n_taken)
{
  const guint8 *roles = clove_relay_list_get_roles (request->list);
  guint n_relays = clove_relay_list_get_n_relays (request->list);
  guint helpful = find_helpful_masks (n_by_mask);
  guint best = CLOVE_PATH_NO_INDEX;

  for (guint i = 0; i < n_relays; i++) {
    gint64 since_us = avoided_since_us (request, i);

    if (since_us <= CLOVE_PATH_FREE || (helpful >> mask_of (request, roles, i) & 1) == 0 ||
        is_among (taken, n_taken, i))
      continue;
    if (best == CLOVE_PATH_NO_INDEX || since_us < avoided_since_us (request, best))
      best = i;
  }
  return best;
}

static void
need_one_of (ClovePathPlan *plan, gint64 since_us)
{
  ClovePathLevel *last = &plan->levels[plan->n_levels - 1];

  /* The helpers come longest-banned first, so that equal times follow one another. */
  if (last->since_us == since_us) {
    last->n_needed++;
  } else {
    plan->levels[plan->n_levels] = (ClovePathLevel){ .since_us = since_us, .n_needed = 1 };
    plan->n_levels++;
  }
}

static void
add_to_bucket (ClovePathPlan *plan, guint index, guint level, guint mask)
{
  plan->bucket_of[index] = (guint8) (level * CLOVE_PATH_N_MASKS + mask);
  plan->n_in[plan->bucket_of[index]]++;
}

static void
add_free_relays (ClovePathPlan *plan, const ClovePathRequest *request)
{
  const guint8 *roles = clove_relay_list_get_roles (request->list);
  guint n_relays = clove_relay_list_get_n_relays (request->list);

  plan->bucket_of = g_malloc (MAX (n_relays, 1));
  for (guint i = 0; i < n_relays; i++) {
    if (avoided_since_us (request, i) == CLOVE_PATH_FREE)
      add_to_bucket (plan, i, 0, mask_of (request, roles, i));
    else
      plan->bucket_of[i] = CLOVE_PATH_NO_BUCKET;
  }
}

/* Decides how many relays of which ban time the path has. Returns: whether there is a path */
static gboolean
plan_levels (ClovePathPlan *plan, const ClovePathRequest *request)
{
  const guint8 *roles = clove_relay_list_get_roles (request->list);
  guint n_by_mask[CLOVE_PATH_N_MASKS] = { 0 };
  guint taken[CLOVE_PATH_N_HOPS] = { 0 };
  guint n_taken = 0;

  memcpy (n_by_mask, plan->n_in, sizeof n_by_mask);
  plan->levels[0] =
    (ClovePathLevel){ .since_us = CLOVE_PATH_FREE, .n_needed = count_fillable (n_by_mask) };
  plan->n_levels = 1;
  for (guint n = plan->levels[0].n_needed; n < CLOVE_PATH_N_HOPS; n++) {
    guint helper = find_helper (request, n_by_mask, taken, n_taken);

    if (helper == CLOVE_PATH_NO_INDEX)
      return FALSE;
    need_one_of (plan, avoided_since_us (request, helper));
    n_by_mask[mask_of (request, roles, helper)]++;
    taken[n_taken++] = helper;
  }
  return TRUE;
}

/* Adds all relays whose ban time is that of a level, of which a path has only some. */
static void
add_avoided_relays (ClovePathPlan *plan, const ClovePathRequest *request)
{
  const guint8 *roles = clove_relay_list_get_roles (request->list);
  guint n_relays = clove_relay_list_get_n_relays (request->list);

  for (guint level = 1; level < plan->n_levels; level++) {
    for (guint i = 0; i < n_relays; i++) {
      if (avoided_since_us (request, i) == plan->levels[level].since_us)
        add_to_bucket (plan, i, level, mask_of (request, roles, i));
    }
  }
}

static void
set_hops_error (guint hops, guint n_relays, GError **error)
{
  const char *names[CLOVE_PATH_N_HOPS] = { 0 };
  guint n_names = 0;

  for (guint hop = 0; hop < CLOVE_PATH_N_HOPS; hop++) {
    if ((hops >> hop & 1) != 0)
      names[n_names++] = clove_relay_role_to_string (1 << hop);
  }
  if (n_names == 1)
    g_set_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_MISSING_ROLE,
                 "no usable relay can be the %s", names[0]);
  else if (n_names == 2)
    g_set_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_MISSING_ROLE,
                 "only one usable relay can be the %s or the %s, and it cannot be both", names[0],
                 names[1]);
  else
    g_set_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_TOO_FEW_RELAYS,
                 "a circuit needs %d different relays, and only %u can be used",
                 CLOVE_PATH_N_HOPS, n_relays);
}

/* Says what a path lacks: the smallest set of hops for which there are fewer relays than hops,
 * which exists when there is no path (Hall's theorem). */
static void
explain (const ClovePathRequest *request, GError **error)
{
  static const guint8 smallest_first[] = { 1, 2, 4, 3, 5, 6, CLOVE_PATH_N_MASKS - 1 };
  const guint8 *roles = clove_relay_list_get_roles (request->list);
  guint n_relays = clove_relay_list_get_n_relays (request->list);
  guint n_by_mask[CLOVE_PATH_N_MASKS] = { 0 };

  for (guint i = 0; i < n_relays; i++) {
    if (avoided_since_us (request, i) >= CLOVE_PATH_FREE)
      n_by_mask[mask_of (request, roles, i)]++;
  }
  for (guint i = 0; i < G_N_ELEMENTS (smallest_first); i++) {
    guint n_usable = count_for (n_by_mask, smallest_first[i]);

    if (n_usable < count_hops (smallest_first[i])) {
      set_hops_error (smallest_first[i], n_usable, error);
      return;
    }
  }
  g_assert_not_reached ();
}

/**
 * clove_path_plan_init:
 * @self: (out): all zero; what a path is drawn from
 * @request: what is asked for
 * @error: %CLOVE_DIRECTORY_ERROR_MISSING_ROLE or %CLOVE_DIRECTORY_ERROR_TOO_FEW_RELAYS
 *
 * Returns: whether there is a path
 */
gboolean
clove_path_plan_init (ClovePathPlan *self, const ClovePathRequest *request, GError **error)
{
  add_free_relays (self, request);
  if (!plan_levels (self, request)) {
    explain (request, error);
    return FALSE;
  }
  add_avoided_relays (self, request);
  return TRUE;
}

/** clove_path_plan_clear: Free what the plan holds. */
void
clove_path_plan_clear (ClovePathPlan *self)
{
  g_clear_pointer (&self->bucket_of, g_free);
}
