/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Draws paths whose entry and exit are in different networks and of different operators, each
 * equally likely, and knows when there is none. For lists where trying does not find one soon.
 *
 * An entry's partners in a bucket of exits are all of them less those of its network, less those of
 * its operator, plus those of both, which were taken away twice. So counting groups is enough, and
 * the time is in proportion to the list, though the pairs grow with its square.
 */
#include "config.h"

#include "clove-path-diversity.h"

#include <string.h>

/* Above what the first bits of an address can be. */
#define IPV4_NETWORK (G_GINT64_CONSTANT (1) << 32)
#define IPV6_NETWORK (G_GINT64_CONSTANT (2) << 32)

#define EXIT_HOP (CLOVE_PATH_N_HOPS - 1)

/* A group's number is from 1; 0 is for a relay that is in no group with another. */
typedef enum {
  GROUP_NETWORK,
  GROUP_OPERATOR,
  GROUP_BOTH,
  N_GROUPS,
} Group;

/* What every relay has in common with others. */
typedef struct {
  guint *of[N_GROUPS];
  guint n[N_GROUPS];
  guint *n_exits[N_GROUPS]; /* of each group in the bucket at hand */
} Groups;

/* Two buckets, and how many exits of the second go with each entry of the first. */
typedef struct {
  guint8 entry_bucket;
  guint8 exit_bucket;
  guint64 n_pairs;
  guint *n_partners;
} Pair;

/* Returns: a number for the network that the address is in; 0 for this machine's own */
static gint64
network_of (const CloveRelay *relay)
{
  const CloveAddress *address = clove_relay_get_address (relay);
  guint32 first_bits = 0;

  if (clove_address_is_loopback (address))
    return 0;
  if (address->any.sa_family == AF_INET) {
    first_bits = ntohl (address->v4.sin_addr.s_addr) >> 16;
    return IPV4_NETWORK | first_bits;
  }
  /* A provider's share of IPv6, as a /16 is of IPv4. */
  memcpy (&first_bits, &address->v6.sin6_addr, sizeof first_bits);
  return IPV6_NETWORK | ntohl (first_bits);
}

/* Numbers what is not 0 in @keys: equal keys alike. */
static void
number_keys (Groups *groups, Group group, gint64 *keys, guint n_relays)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new (g_int64_hash, g_int64_equal);

  for (guint i = 0; i < n_relays; i++) {
    guint number = GPOINTER_TO_UINT (g_hash_table_lookup (numbers, &keys[i]));

    if (keys[i] == 0)
      continue;
    if (number == 0) {
      number = g_hash_table_size (numbers) + 1;
      g_hash_table_insert (numbers, &keys[i], GUINT_TO_POINTER (number));
    }
    groups->of[group][i] = number;
  }
  groups->n[group] = g_hash_table_size (numbers);
}

/* Sets for each relay with an operator the number of the first relay with the same. */
static void
find_operators (const CloveRelayList *list, gint64 *keys)
{
  g_autoptr (GHashTable) firsts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < clove_relay_list_get_n_relays (list); i++) {
    const char *name = clove_relay_get_operator (clove_relay_list_get_relay (list, i));

    keys[i] = 0;
    if (name == NULL)
      continue;
    keys[i] = GPOINTER_TO_UINT (g_hash_table_lookup (firsts, name));
    if (keys[i] == 0) {
      keys[i] = i + 1;
      g_hash_table_insert (firsts, g_strdup (name), GUINT_TO_POINTER (i + 1));
    }
  }
}

static void
groups_init (Groups *self, const CloveRelayList *list)
{
  guint n_relays = clove_relay_list_get_n_relays (list);
  g_autofree gint64 *keys = g_new0 (gint64, n_relays);

  for (guint group = 0; group < N_GROUPS; group++)
    self->of[group] = g_new0 (guint, n_relays);
  for (guint i = 0; i < n_relays; i++)
    keys[i] = network_of (clove_relay_list_get_relay (list, i));
  number_keys (self, GROUP_NETWORK, keys, n_relays);
  find_operators (list, keys);
  number_keys (self, GROUP_OPERATOR, keys, n_relays);
  for (guint i = 0; i < n_relays; i++) {
    guint network = self->of[GROUP_NETWORK][i];
    guint operator_number = self->of[GROUP_OPERATOR][i];

    keys[i] = network != 0 && operator_number != 0 ? (gint64) network << 32 | operator_number : 0;
  }
  number_keys (self, GROUP_BOTH, keys, n_relays);
  for (guint group = 0; group < N_GROUPS; group++)
    self->n_exits[group] = g_new0 (guint, self->n[group] + 1);
}

static void
groups_clear (Groups *self)
{
  for (guint group = 0; group < N_GROUPS; group++) {
    g_clear_pointer (&self->of[group], g_free);
    g_clear_pointer (&self->n_exits[group], g_free);
  }
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Groups, groups_clear)

static const guint *
members_of (const ClovePathDraw *draw, guint bucket)
{
  return draw->members + draw->starts[bucket];
}

static void
count_exits (Groups *groups, const ClovePathDraw *draw, guint bucket)
{
  for (guint group = 0; group < N_GROUPS; group++) {
    memset (groups->n_exits[group], 0, (groups->n[group] + 1) * sizeof (guint));
    for (guint i = 0; i < draw->plan->n_in[bucket]; i++)
      groups->n_exits[group][groups->of[group][members_of (draw, bucket)[i]]]++;
    /* Who is in no group shares it with nobody. */
    groups->n_exits[group][0] = 0;
  }
}

/* Returns: how many exits of the counted bucket do not go with the relay */
static guint
count_conflicts (const Groups *groups, guint index, gboolean is_in_bucket)
{
  guint n = groups->n_exits[GROUP_NETWORK][groups->of[GROUP_NETWORK][index]] +
            groups->n_exits[GROUP_OPERATOR][groups->of[GROUP_OPERATOR][index]] -
            groups->n_exits[GROUP_BOTH][groups->of[GROUP_BOTH][index]];

  /* Itself, which its groups count already if it has any. */
  if (is_in_bucket && n == 0)
    n = 1;
  return n;
}

/* Adds the pair of two buckets. The groups count the exits of the second. */
static void
add_pair (GArray *pairs, const Groups *groups, const ClovePathDraw *draw, const Pair *buckets)
{
  guint n_exits = draw->plan->n_in[buckets->exit_bucket];
  guint n_entries = draw->plan->n_in[buckets->entry_bucket];
  gboolean is_same = buckets->entry_bucket == buckets->exit_bucket;
  Pair pair = *buckets;

  pair.n_partners = g_new (guint, n_entries);
  for (guint i = 0; i < n_entries; i++) {
    guint index = members_of (draw, pair.entry_bucket)[i];

    pair.n_partners[i] = n_exits - count_conflicts (groups, index, is_same);
    pair.n_pairs += pair.n_partners[i];
  }
  g_array_append_val (pairs, pair);
}

static const Pair *
find_pair (const GArray *pairs, const ClovePathChoice *choice)
{
  for (guint i = 0; i < pairs->len; i++) {
    const Pair *pair = &g_array_index (pairs, Pair, i);

    if (pair->entry_bucket == choice->buckets[0] &&
        pair->exit_bucket == choice->buckets[EXIT_HOP])
      return pair;
  }
  return NULL;
}

static void
list_pairs (GArray *pairs, const ClovePathDraw *draw, const CloveRelayList *list)
{
  g_auto (Groups) groups = { 0 };
  guint counted = CLOVE_PATH_NO_BUCKET;

  groups_init (&groups, list);
  /* The choices of one exit bucket follow one another. */
  for (guint i = 0; i < draw->choices->len; i++) {
    const ClovePathChoice *choice = &g_array_index (draw->choices, ClovePathChoice, i);
    Pair buckets = { .entry_bucket = choice->buckets[0],
                     .exit_bucket = choice->buckets[EXIT_HOP] };

    if (find_pair (pairs, choice) != NULL)
      continue;
    if (buckets.exit_bucket != counted)
      count_exits (&groups, draw, buckets.exit_bucket);
    counted = buckets.exit_bucket;
    add_pair (pairs, &groups, draw, &buckets);
  }
}

static void
pair_clear (gpointer data)
{
  Pair *pair = data;

  g_clear_pointer (&pair->n_partners, g_free);
}

/* Returns: how many relays can be the middle when entry and exit are chosen */
static guint
count_middles (const ClovePathPlan *plan, const ClovePathChoice *choice)
{
  guint n = plan->n_in[choice->buckets[1]];

  for (guint hop = 0; hop < CLOVE_PATH_N_HOPS; hop += EXIT_HOP) {
    if (choice->buckets[hop] == choice->buckets[1] && n > 0)
      n--;
  }
  return n;
}

/**
 * clove_path_diversity_init:
 * @self: (out): all zero; the diverse ones among the paths
 * @draw: all paths; borrowed
 * @list: the relays; borrowed
 *
 * Returns: whether there are any
 */
gboolean
clove_path_diversity_init (ClovePathDiversity *self,
                           const ClovePathDraw *draw,
                           const CloveRelayList *list)
{
  guint64 end = 0;

  self->draw = draw;
  self->list = list;
  self->choices = g_array_new (FALSE, FALSE, sizeof (ClovePathChoice));
  self->pairs = g_array_new (FALSE, FALSE, sizeof (Pair));
  g_array_set_clear_func (self->pairs, pair_clear);
  list_pairs (self->pairs, draw, list);
  for (guint i = 0; i < draw->choices->len; i++) {
    ClovePathChoice choice = g_array_index (draw->choices, ClovePathChoice, i);
    const Pair *pair = find_pair (self->pairs, &choice);
    guint64 n_ways = pair->n_pairs * count_middles (draw->plan, &choice);

    end += n_ways;
    choice.end = end;
    if (n_ways > 0)
      g_array_append_val (self->choices, choice);
  }
  return self->choices->len > 0;
}

/** clove_path_diversity_clear: Free what it holds. */
void
clove_path_diversity_clear (ClovePathDiversity *self)
{
  g_clear_pointer (&self->choices, g_array_unref);
  g_clear_pointer (&self->pairs, g_array_unref);
}

/* Returns: the index of partner @number of the entry */
static guint
find_partner (const ClovePathDiversity *self, guint entry, const Pair *pair, guint64 number)
{
  const CloveRelay *entry_relay = clove_relay_list_get_relay (self->list, entry);
  const guint *members = members_of (self->draw, pair->exit_bucket);

  for (guint i = 0; i < self->draw->plan->n_in[pair->exit_bucket]; i++) {
    const CloveRelay *relay = clove_relay_list_get_relay (self->list, members[i]);

    if (members[i] != entry && clove_path_is_diverse_pair (entry_relay, relay) && number-- == 0)
      return members[i];
  }
  /* The partners were counted. */
  g_assert_not_reached ();
}

/** clove_path_diversity_draw_next: Set the indexes of a diverse path, each equally likely. */
void
clove_path_diversity_draw_next (const ClovePathDiversity *self,
                                CloveRandom *random,
                                guint indexes_out[static CLOVE_PATH_N_HOPS])
{
  guint64 n_paths = g_array_index (self->choices, ClovePathChoice, self->choices->len - 1).end;
  const ClovePathChoice *choice =
    clove_path_find_choice (self->choices, clove_path_draw_below (random, n_paths));
  const Pair *pair = find_pair (self->pairs, choice);
  guint64 number = clove_path_draw_below (random, pair->n_pairs);
  guint n_middles = self->draw->plan->n_in[choice->buckets[1]];
  guint entry = 0;

  while (number >= pair->n_partners[entry])
    number -= pair->n_partners[entry++];
  indexes_out[0] = members_of (self->draw, pair->entry_bucket)[entry];
  indexes_out[EXIT_HOP] = find_partner (self, indexes_out[0], pair, number);
  do {
    guint middle = clove_random_uniform (random, n_middles);

    indexes_out[1] = members_of (self->draw, choice->buckets[1])[middle];
  } while (indexes_out[1] == indexes_out[0] || indexes_out[1] == indexes_out[EXIT_HOP]);
}

/**
 * clove_path_is_diverse_pair:
 * @entry: a relay
 * @exit_relay: another
 *
 * Returns: whether the two are in different networks (the first 16 bits of an IPv4 address, 32 of
 *   an IPv6 one; addresses of this machine count as networks of their own) and not said to be run
 *   by the same operator
 */
gboolean
clove_path_is_diverse_pair (const CloveRelay *entry, const CloveRelay *exit_relay)
{
  gint64 network = network_of (entry);

  if (network != 0 && network == network_of (exit_relay))
    return FALSE;
  return clove_relay_get_operator (entry) == NULL ||
         g_strcmp0 (clove_relay_get_operator (entry), clove_relay_get_operator (exit_relay)) != 0;
}
