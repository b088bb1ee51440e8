/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-relay-model.h"

#include <string.h>

/* Live, candidate and standby circuit, and the kept entries. */
#define MAX_PLACES (3 * CLOVE_SNAPSHOT_MAX_HOPS + CLOVE_SNAPSHOT_N_ENTRIES)

typedef struct {
  CloveRelayItem *item;
  CloveRelayPlace place;
} Placed;

struct _CloveRelayModel {
  GObject parent_instance;

  /* Owned. */
  CloveSnapshot *shown;      /* what the items say */
  GPtrArray *listed;         /* the list is these ... */
  GPtrArray *extras;         /* ... and then those that the directory does not have */
  GHashTable *by_key;        /* of listed and extras; keys and values are the items' */
  GHashTable *by_address;    /* the same; what the directory lists goes first */
  GPtrArray *banned;         /* in the order of the snapshot's bans */
  GPtrArray *recorded;       /* those with a history */
  GPtrArray *placed;         /* those in a circuit or kept */
  CloveRelayChanges changes; /* so far, while a snapshot is applied */
};

static void clove_relay_model_list_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (CloveRelayModel,
                               clove_relay_model,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      clove_relay_model_list_init))

static guint
hash_key (gconstpointer key)
{
  guint32 hash = 0;

  /* Keys are random, but for a directory that wants to be slow to read. */
  memcpy (&hash, key, sizeof hash);
  return hash;
}

static gboolean
equal_keys (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, CLOVE_RELAY_KEY_SIZE) == 0;
}

static GPtrArray *
item_array_new (void)
{
  return g_ptr_array_new_with_free_func (g_object_unref);
}

static GType
clove_relay_model_get_item_type (GListModel *list)
{
  return CLOVE_TYPE_RELAY_ITEM;
}

static guint
clove_relay_model_get_n_items (GListModel *list)
{
  CloveRelayModel *self = CLOVE_RELAY_MODEL (list);

  return self->listed != NULL ? self->listed->len + self->extras->len : 0;
}

static gpointer
get_at (const GPtrArray *listed, const GPtrArray *extras, guint position)
{
  if (position < listed->len)
    return listed->pdata[position];
  position -= listed->len;
  return position < extras->len ? extras->pdata[position] : NULL;
}

static gpointer
clove_relay_model_get_item (GListModel *list, guint position)
{
  CloveRelayModel *self = CLOVE_RELAY_MODEL (list);
  gpointer item =
    self->listed != NULL ? get_at (self->listed, self->extras, position) : NULL;

  return item != NULL ? g_object_ref (item) : NULL;
}

static void
clove_relay_model_list_init (GListModelInterface *iface)
{
  iface->get_item_type = clove_relay_model_get_item_type;
  iface->get_n_items = clove_relay_model_get_n_items;
  iface->get_item = clove_relay_model_get_item;
}

static void
clove_relay_model_dispose (GObject *object)
{
  CloveRelayModel *self = CLOVE_RELAY_MODEL (object);

  g_clear_pointer (&self->shown, clove_snapshot_unref);
  g_clear_pointer (&self->by_key, g_hash_table_unref);
  g_clear_pointer (&self->by_address, g_hash_table_unref);
  g_clear_pointer (&self->listed, g_ptr_array_unref);
  g_clear_pointer (&self->extras, g_ptr_array_unref);
  g_clear_pointer (&self->banned, g_ptr_array_unref);
  g_clear_pointer (&self->recorded, g_ptr_array_unref);
  g_clear_pointer (&self->placed, g_ptr_array_unref);

  G_OBJECT_CLASS (clove_relay_model_parent_class)->dispose (object);
}

static void
clove_relay_model_class_init (CloveRelayModelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_relay_model_dispose;
}

static void
clove_relay_model_init (CloveRelayModel *self)
{
  self->listed = item_array_new ();
  self->extras = item_array_new ();
  self->by_key = g_hash_table_new (hash_key, equal_keys);
  self->by_address = g_hash_table_new (g_str_hash, g_str_equal);
  self->banned = item_array_new ();
  self->recorded = item_array_new ();
  self->placed = item_array_new ();
}

/** clove_relay_model_new: (transfer full): Make an empty list. */
CloveRelayModel *
clove_relay_model_new (void)
{
  return g_object_new (CLOVE_TYPE_RELAY_MODEL, NULL);
}

/* Tables want it, and never write to their keys. */
static gpointer
drop_const (gconstpointer data)
{
  union {
    gconstpointer from;
    gpointer to;
  } same = { data };

  return same.to;
}

static void
index_item (CloveRelayModel *self, CloveRelayItem *item)
{
  const char *address = clove_relay_item_get_address (item);
  const guint8 *key = clove_relay_item_get_key (item);

  if (key != NULL)
    g_hash_table_insert (self->by_key, drop_const (key), item);
  if (!g_hash_table_contains (self->by_address, address))
    g_hash_table_insert (self->by_address, drop_const (address), item);
}

static void
index_all (CloveRelayModel *self, const GPtrArray *listed, const GPtrArray *extras)
{
  g_hash_table_remove_all (self->by_key);
  g_hash_table_remove_all (self->by_address);
  for (guint i = 0; i < listed->len; i++)
    index_item (self, listed->pdata[i]);
  for (guint i = 0; i < extras->len; i++)
    index_item (self, extras->pdata[i]);
}

/* The items of @list: those that were there before, and new ones. */
static GPtrArray *
list_relays (CloveRelayModel *self, const CloveRelayList *list)
{
  guint n_relays = list != NULL ? clove_relay_list_get_n_relays (list) : 0;
  GPtrArray *listed = g_ptr_array_new_full (n_relays, g_object_unref);

  for (guint i = 0; i < n_relays; i++) {
    CloveRelay *relay = clove_relay_list_get_relay (list, i);
    CloveRelayItem *item = g_hash_table_lookup (self->by_key, clove_relay_get_key (relay));

    if (item == NULL) {
      g_ptr_array_add (listed, clove_relay_item_new (relay));
      self->changes |= CLOVE_RELAY_CHANGED_RELAY;
      continue;
    }
    g_ptr_array_add (listed, g_object_ref (item));
    self->changes |= clove_relay_item_set_relay (item, relay);
    self->changes |= clove_relay_item_set_listed (item, TRUE);
  }
  return listed;
}

/* Those that were in the list and are not in @listed any more, if that is another list. */
static GPtrArray *
list_extras (CloveRelayModel *self, const GPtrArray *listed)
{
  g_autoptr (GHashTable) present = g_hash_table_new (NULL, NULL);
  GPtrArray *extras = item_array_new ();

  if (self->listed->len + self->extras->len == 0)
    return extras;
  for (guint i = 0; i < listed->len; i++)
    g_hash_table_add (present, listed->pdata[i]);
  for (guint i = 0; i < self->listed->len + self->extras->len; i++) {
    CloveRelayItem *item = get_at (self->listed, self->extras, i);

    if (g_hash_table_contains (present, item))
      continue;
    self->changes |= clove_relay_item_set_listed (item, FALSE);
    g_ptr_array_add (extras, g_object_ref (item));
  }
  return extras;
}

static CloveRelayItem *
find_or_add (CloveRelayModel *self, GPtrArray *extras, const char *name, const char *address)
{
  CloveRelayItem *item = g_hash_table_lookup (self->by_address, address);

  if (item == NULL) {
    item = clove_relay_item_new_unlisted (name, address);
    g_ptr_array_add (extras, item);
    index_item (self, item);
  }
  return item;
}

/* Replaces *@shown by @next; what is in the first only is handed to @reset. */
static void
replace (CloveRelayModel *self,
         GPtrArray **shown,
         GPtrArray *next,
         void (*reset) (CloveRelayModel *self, CloveRelayItem *item))
{
  GPtrArray *old = *shown;
  gboolean is_same = old->len <= next->len;

  for (guint i = 0; is_same && i < old->len; i++)
    is_same = old->pdata[i] == next->pdata[i];
  if (!is_same) {
    g_autoptr (GHashTable) present = g_hash_table_new (NULL, NULL);

    for (guint i = 0; i < next->len; i++)
      g_hash_table_add (present, next->pdata[i]);
    for (guint i = 0; i < old->len; i++) {
      if (!g_hash_table_contains (present, old->pdata[i]))
        reset (self, old->pdata[i]);
    }
  }
  g_ptr_array_unref (old);
  *shown = next;
}

static void
reset_ban (CloveRelayModel *self, CloveRelayItem *item)
{
  self->changes |= clove_relay_item_set_ban (item, NULL, 0);
}

static void
apply_bans (CloveRelayModel *self, GPtrArray *extras, const CloveSnapshot *snapshot)
{
  GPtrArray *banned = g_ptr_array_new_full (snapshot->bans->len, g_object_unref);

  for (guint i = 0; i < snapshot->bans->len; i++) {
    const CloveSnapshotBan *ban = g_ptr_array_index (snapshot->bans, i);
    CloveRelayItem *item = i < self->banned->len ? self->banned->pdata[i] : NULL;

    /* Mostly they are those of the last snapshot, in the same order. */
    if (item == NULL || !g_str_equal (clove_relay_item_get_address (item), ban->address) ||
        (self->shown != NULL && self->shown->relays != snapshot->relays))
      item = find_or_add (self, extras, ban->name, ban->address);
    g_ptr_array_add (banned, g_object_ref (item));
    self->changes |= clove_relay_item_set_ban (item, ban, snapshot->taken_us);
  }
  replace (self, &self->banned, banned, reset_ban);
}

static Placed *
find_placed (GArray *placed, CloveRelayItem *item)
{
  for (guint i = 0; i < placed->len; i++) {
    Placed *found = &g_array_index (placed, Placed, i);

    if (found->item == item)
      return found;
  }
  g_array_append_val (placed,
                      ((Placed){ .item = item, .place = { .rtt_us = -1, .entry = -1 } }));
  return &g_array_index (placed, Placed, placed->len - 1);
}

typedef struct {
  GArray *placed;
  GPtrArray *extras;
} Placing;

static void
place_circuit (CloveRelayModel *self,
               const Placing *placing,
               const CloveSnapshotCircuit *circuit,
               CloveRelayUse use)
{
  for (guint i = 0; i < circuit->n_hops; i++) {
    const CloveSnapshotHop *hop = &circuit->hops[i];
    CloveRelayItem *item = find_or_add (self, placing->extras, hop->name, hop->address);
    CloveRelayPlace *place = &find_placed (placing->placed, item)->place;

    if (place->use != CLOVE_RELAY_UNUSED)
      continue;
    place->use = use;
    place->hop = i;
    place->rtt_us = hop->rtt_us;
    if (hop->state == CLOVE_SNAPSHOT_HOP_FAILED && use == CLOVE_RELAY_USE_LIVE)
      place->use = CLOVE_RELAY_USE_LIVE_FAILED;
    if (hop->state == CLOVE_SNAPSHOT_HOP_FAILED && use == CLOVE_RELAY_USE_CANDIDATE)
      place->use = CLOVE_RELAY_USE_CANDIDATE_FAILED;
  }
}

/* Entries are kept by name. Those of the last snapshot are asked first. */
static CloveRelayItem *
find_name (CloveRelayModel *self,
           const GPtrArray *listed,
           const GPtrArray *extras,
           const char *name)
{
  for (guint i = 0; i < self->placed->len; i++) {
    CloveRelayItem *item = self->placed->pdata[i];

    if (clove_relay_item_get_place (item)->entry >= 0 && clove_relay_item_is_listed (item) &&
        g_str_equal (clove_relay_item_get_name (item), name))
      return item;
  }
  for (guint i = 0; i < listed->len + extras->len; i++) {
    CloveRelayItem *item = get_at (listed, extras, i);

    if (g_str_equal (clove_relay_item_get_name (item), name))
      return item;
  }
  return NULL;
}

static void
place_entries (CloveRelayModel *self,
               const Placing *placing,
               const GPtrArray *listed,
               const CloveSnapshot *snapshot)
{
  for (guint i = CLOVE_SNAPSHOT_N_ENTRIES; i-- > 0;) {
    const CloveSnapshotEntry *entry = &snapshot->entries[i];
    CloveRelayItem *item = NULL;
    CloveRelayPlace *place = NULL;

    if (entry->name != NULL)
      item = find_name (self, listed, placing->extras, entry->name);
    if (item == NULL)
      continue;
    place = &find_placed (placing->placed, item)->place;
    place->entry = (gint) i;
    place->is_silent = entry->is_silent;
  }
}

static void
reset_place (CloveRelayModel *self, CloveRelayItem *item)
{
  self->changes |=
    clove_relay_item_set_place (item, &(CloveRelayPlace){ .rtt_us = -1, .entry = -1 });
}

static void
apply_places (CloveRelayModel *self,
              GPtrArray *listed,
              GPtrArray *extras,
              const CloveSnapshot *snapshot)
{
  g_autoptr (GArray) found = g_array_sized_new (FALSE, TRUE, sizeof (Placed), MAX_PLACES);
  GPtrArray *placed = item_array_new ();
  Placing placing = { found, extras };

  place_circuit (self, &placing, &snapshot->live, CLOVE_RELAY_USE_LIVE);
  place_circuit (self, &placing, &snapshot->candidate, CLOVE_RELAY_USE_CANDIDATE);
  place_circuit (self, &placing, &snapshot->standby, CLOVE_RELAY_USE_STANDBY);
  place_entries (self, &placing, listed, snapshot);
  for (guint i = 0; i < found->len; i++) {
    const Placed *one = &g_array_index (found, Placed, i);

    self->changes |= clove_relay_item_set_place (one->item, &one->place);
    g_ptr_array_add (placed, g_object_ref (one->item));
  }
  replace (self, &self->placed, placed, reset_place);
}

static gint
compare_records (gconstpointer a, gconstpointer b)
{
  const CloveSnapshotRecord *one = *(const CloveSnapshotRecord *const *) a;
  const CloveSnapshotRecord *other = *(const CloveSnapshotRecord *const *) b;
  gint by_key = memcmp (one->key, other->key, sizeof one->key);

  return by_key != 0 ? by_key : (gint) one->hop - (gint) other->hop;
}

static void
reset_history (CloveRelayModel *self, CloveRelayItem *item)
{
  self->changes |= clove_relay_item_set_history (item, &(CloveRelayHistory){ .weight = 1 });
}

static void
apply_records (CloveRelayModel *self, GPtrArray *records)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  GPtrArray *recorded = item_array_new ();
  guint n = 0;

  if (records != NULL)
    g_ptr_array_extend (sorted, records, NULL, NULL);
  g_ptr_array_sort (sorted, compare_records);
  for (guint i = 0; i < sorted->len; i += n) {
    const CloveSnapshotRecord *const *first = (gconstpointer) &sorted->pdata[i];
    CloveRelayItem *item = g_hash_table_lookup (self->by_key, first[0]->key);
    CloveRelayHistory history = { 0 };

    n = 1;
    while (i + n < sorted->len && equal_keys (first[0]->key, first[n]->key))
      n++;
    if (item == NULL)
      continue;
    history = clove_relay_history_join (first, n);
    self->changes |= clove_relay_item_set_history (item, &history);
    g_ptr_array_add (recorded, g_object_ref (item));
  }
  replace (self, &self->recorded, recorded, reset_history);
}

/* Drops those that neither the directory nor we have to do with; tells whether there were any. */
static gboolean
drop_extras (GPtrArray *extras)
{
  guint n_kept = 0;
  guint n_before = extras->len;

  for (guint i = 0; i < n_before; i++) {
    CloveRelayItem *item = extras->pdata[i];
    const CloveRelayPlace *place = clove_relay_item_get_place (item);

    if (clove_relay_item_is_banned (item) || place->use != CLOVE_RELAY_UNUSED ||
        place->entry >= 0) {
      extras->pdata[i] = extras->pdata[n_kept];
      extras->pdata[n_kept++] = item;
    }
  }
  g_ptr_array_set_size (extras, (gint) n_kept);
  return n_kept != n_before;
}

/* Takes both arrays; emits at most one change, as small as it can be. */
static void
take_arrays (CloveRelayModel *self, GPtrArray *listed, GPtrArray *extras)
{
  g_autoptr (GPtrArray) old_listed = self->listed;
  g_autoptr (GPtrArray) old_extras = self->extras;
  guint n_old = old_listed->len + old_extras->len;
  guint n_new = listed->len + extras->len;
  guint n_first = 0;
  guint n_last = 0;

  while (n_first < MIN (n_old, n_new) &&
         get_at (old_listed, old_extras, n_first) == get_at (listed, extras, n_first))
    n_first++;
  while (n_last < MIN (n_old, n_new) - n_first &&
         get_at (old_listed, old_extras, n_old - 1 - n_last) ==
           get_at (listed, extras, n_new - 1 - n_last))
    n_last++;
  self->listed = listed;
  self->extras = extras;
  if (n_first + n_last < MAX (n_old, n_new))
    g_list_model_items_changed (G_LIST_MODEL (self), n_first, n_old - n_first - n_last,
                                n_new - n_first - n_last);
}

/**
 * clove_relay_model_apply:
 * @self: a list
 * @snapshot: how things are
 *
 * Bring all items up to date: only what is different is notified, and the list changes at most
 * once. What a snapshot shares with the last one is not looked at.
 *
 * Returns: what became different
 */
CloveRelayChanges
clove_relay_model_apply (CloveRelayModel *self, CloveSnapshot *snapshot)
{
  g_autoptr (CloveSnapshot) old = self->shown;
  gboolean is_other_list = old == NULL || old->relays != snapshot->relays;
  GPtrArray *listed = NULL;
  GPtrArray *extras = NULL;
  guint n_extras = self->extras->len;

  if (old == snapshot) {
    g_steal_pointer (&old);
    return CLOVE_RELAY_CHANGED_NOTHING;
  }
  self->changes = CLOVE_RELAY_CHANGED_NOTHING;
  if (is_other_list) {
    listed = list_relays (self, snapshot->relays);
    extras = list_extras (self, listed);
    index_all (self, listed, extras);
  } else {
    listed = g_ptr_array_ref (self->listed);
    extras = g_ptr_array_copy (self->extras, (GCopyFunc) (gpointer) g_object_ref, NULL);
    g_ptr_array_set_free_func (extras, g_object_unref);
  }
  apply_bans (self, extras, snapshot);
  apply_places (self, listed, extras, snapshot);
  if (is_other_list || old->records != snapshot->records || extras->len != n_extras)
    apply_records (self, snapshot->records);
  if (drop_extras (extras))
    index_all (self, listed, extras);
  self->shown = clove_snapshot_ref (snapshot);
  take_arrays (self, listed, extras);
  return self->changes;
}

/** clove_relay_model_tick: Count down the bans. */
void
clove_relay_model_tick (CloveRelayModel *self, gint64 now_us)
{
  for (guint i = 0; i < self->banned->len; i++)
    clove_relay_item_tick (self->banned->pdata[i], now_us);
}

guint
clove_relay_model_get_n_banned (CloveRelayModel *self)
{
  return self->banned->len;
}

/** clove_relay_model_get_n_in_use: Get how many relays the live circuit has. */
guint
clove_relay_model_get_n_in_use (CloveRelayModel *self)
{
  return self->shown != NULL ? self->shown->live.n_hops : 0;
}

/** clove_relay_model_find_key: (transfer none) (nullable): Get the relay that has @key. */
CloveRelayItem *
clove_relay_model_find_key (CloveRelayModel *self, const guint8 key[static CLOVE_RELAY_KEY_SIZE])
{
  return g_hash_table_lookup (self->by_key, key);
}

/** clove_relay_model_find_address: (transfer none) (nullable): Get the relay at "ip:port". */
CloveRelayItem *
clove_relay_model_find_address (CloveRelayModel *self, const char *address)
{
  return g_hash_table_lookup (self->by_address, address);
}
