/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Draws paths from a plan, each equally likely; see clove-path-selection.c for the method.
 */
#include "config.h"

#include "clove-path-draw.h"

#include <string.h>

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

static void
list_choices (ClovePathDraw *self)
{
  guint8 candidates[CLOVE_PATH_N_HOPS][CLOVE_PATH_N_BUCKETS] = { 0 };
  guint n_candidates[CLOVE_PATH_N_HOPS] = { 0 };
  ClovePathChoice choice = { 0 };
  guint n_choices = 1;

  for (guint hop = 0; hop < CLOVE_PATH_N_HOPS; hop++) {
    n_candidates[hop] = list_buckets (self->plan, hop, candidates[hop]);
    n_choices *= n_candidates[hop];
  }
  for (guint i = 0; i < n_choices; i++) {
    guint rest = i;
    guint64 n_ways = 0;

    for (guint hop = 0; hop < CLOVE_PATH_N_HOPS; hop++) {
      choice.buckets[hop] = candidates[hop][rest % n_candidates[hop]];
      rest /= n_candidates[hop];
    }
    n_ways = count_ways (self->plan, choice.buckets);
    choice.end += n_ways;
    if (n_ways > 0)
      g_array_append_val (self->choices, choice);
  }
}

/* Sorts the relays by bucket, in the order of the list. */
static void
list_members (ClovePathDraw *self, guint n_relays)
{
  guint next[CLOVE_PATH_N_BUCKETS] = { 0 };

  for (guint bucket = 1; bucket < CLOVE_PATH_N_BUCKETS; bucket++)
    self->starts[bucket] = self->starts[bucket - 1] + self->plan->n_in[bucket - 1];
  memcpy (next, self->starts, sizeof next);
  for (guint i = 0; i < n_relays; i++) {
    if (self->plan->bucket_of[i] != CLOVE_PATH_NO_BUCKET)
      self->members[next[self->plan->bucket_of[i]]++] = i;
  }
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

/**
 * clove_path_draw_init:
 * @self: (out): all zero; the paths
 * @plan: says which there are, at least one; borrowed
 * @n_relays: of the list that was planned with
 */
void
clove_path_draw_init (ClovePathDraw *self, const ClovePathPlan *plan, guint n_relays)
{
  self->plan = plan;
  self->choices = g_array_new (FALSE, FALSE, sizeof (ClovePathChoice));
  self->members = g_new (guint, n_relays);
  list_choices (self);
  list_members (self, n_relays);
  g_assert (self->choices->len > 0);
}

/** clove_path_draw_clear: Free what it holds. */
void
clove_path_draw_clear (ClovePathDraw *self)
{
  g_clear_pointer (&self->choices, g_array_unref);
  g_clear_pointer (&self->members, g_free);
}

/** clove_path_draw_next: Set the relays' indexes of a path, each path equally likely. */
void
clove_path_draw_next (const ClovePathDraw *self,
                      CloveRandom *random,
                      guint indexes_out[static CLOVE_PATH_N_HOPS])
{
  guint64 n_paths = g_array_index (self->choices, ClovePathChoice, self->choices->len - 1).end;
  const ClovePathChoice *choice =
    clove_path_find_choice (self->choices, clove_path_draw_below (random, n_paths));

  draw_members (self->plan, choice->buckets, random, indexes_out);
  for (guint hop = 0; hop < CLOVE_PATH_N_HOPS; hop++)
    indexes_out[hop] = self->members[self->starts[choice->buckets[hop]] + indexes_out[hop]];
}

/** clove_path_draw_below: Draw a number below @bound, at least 1, each equally likely. */
guint64
clove_path_draw_below (CloveRandom *random, guint64 bound)
{
  guint64 threshold = (G_MAXUINT64 - bound + 1) % bound;
  guint64 value = 0;

  /* Numbers below 2^64 mod bound would make some results likelier: draw again. */
  do {
    clove_random_bytes (random, (guint8 *) &value, sizeof value);
  } while (value < threshold);
  return value % bound;
}

/** clove_path_find_choice: Get the choice that path @number, below the last end, belongs to. */
const ClovePathChoice *
clove_path_find_choice (const GArray *choices, guint64 number)
{
  guint first = 0;
  guint n = choices->len;

  while (n > 1) {
    guint half = n / 2;

    if (g_array_index (choices, ClovePathChoice, first + half - 1).end <= number) {
      first += half;
      n -= half;
    } else {
      n = half;
    }
  }
  return &g_array_index (choices, ClovePathChoice, first);
}
