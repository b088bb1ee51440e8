/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One table from addresses to entries, under one lock. An entry whose time is up counts as absent
 * everywhere, and is dropped when someone comes across it or the table is full.
 */
#include "config.h"

#include "clove-blacklist.h"

#include "clove-path-selection.h"

#include <string.h>

typedef struct {
  CloveAddress address; /* the key of the table, too */
  gint64 since_us;
  gint64 until_us; /* G_MAXINT64 for the user's bans */
  guint64 order;   /* of the bans, by which equal times are told apart */
  char *reason;
} Entry;

struct _CloveBlacklist {
  gatomicrefcount n_refs;
  CloveClock *clock;

  GMutex mutex;
  /* Guarded by the mutex. */
  GHashTable *entries;
  guint64 n_bans_ever;
};

/* Host and port, all that clove_address_equal() compares. */
static guint
hash_address (gconstpointer data)
{
  const CloveAddress *address = data;
  guint32 words[4] = { 0 };
  guint hash = clove_address_get_port (address);

  if (address->any.sa_family == AF_INET6)
    memcpy (words, &address->v6.sin6_addr, sizeof words);
  else
    words[0] = address->v4.sin_addr.s_addr;
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    hash = hash * 33 ^ words[i];
  return hash;
}

static gboolean
equal_addresses (gconstpointer a, gconstpointer b)
{
  return clove_address_equal (a, b);
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->reason);
  g_free (entry);
}

static gboolean
is_permanent (const Entry *entry)
{
  return entry->until_us == G_MAXINT64;
}

static gboolean
is_over (const Entry *entry, gint64 now_us)
{
  return entry->until_us <= now_us;
}

static gboolean
is_entry_over (gpointer key, gpointer value, gpointer user_data)
{
  const gint64 *now_us = user_data;

  return is_over (value, *now_us);
}

/* Returns: (nullable): the ban in force; called with the lock held, as all that follow */
static Entry *
find (CloveBlacklist *self, const CloveAddress *address, gint64 now_us)
{
  Entry *entry = g_hash_table_lookup (self->entries, address);

  if (entry != NULL && is_over (entry, now_us)) {
    g_hash_table_remove (self->entries, address);
    return NULL;
  }
  return entry;
}

/* Whether @a has to go before @b when there are too many. */
static gboolean
goes_before (const Entry *a, const Entry *b)
{
  if (is_permanent (a) != is_permanent (b))
    return is_permanent (b);
  return a->since_us != b->since_us ? a->since_us < b->since_us : a->order < b->order;
}

static void
make_room (CloveBlacklist *self, gint64 now_us)
{
  GHashTableIter iter;
  gpointer value = NULL;
  const Entry *first = NULL;

  if (g_hash_table_size (self->entries) < CLOVE_BLACKLIST_MAX_BANS)
    return;
  g_hash_table_foreach_remove (self->entries, is_entry_over, &now_us);
  if (g_hash_table_size (self->entries) < CLOVE_BLACKLIST_MAX_BANS)
    return;
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    if (first == NULL || goes_before (value, first))
      first = value;
  }
  g_hash_table_remove (self->entries, &first->address);
}

/* Adds the ban or puts it in place of the one that is there. Takes @reason. */
static void
ban (CloveBlacklist *self,
     const CloveAddress *address,
     gint64 since_us,
     gint64 until_us,
     char *reason)
{
  Entry *entry = g_new0 (Entry, 1);

  g_hash_table_remove (self->entries, address);
  make_room (self, since_us);
  entry->address = *address;
  /* A positive number, as everything that asks for it expects, also just after the boot. */
  entry->since_us = MAX (since_us, 1);
  entry->until_us = until_us;
  entry->order = self->n_bans_ever++;
  entry->reason = reason;
  g_hash_table_replace (self->entries, &entry->address, entry);
}

static CloveBan *
make_ban (const Entry *entry, gint64 now_us)
{
  CloveBan *made = g_new0 (CloveBan, 1);

  made->address = entry->address;
  made->since_us = entry->since_us;
  made->is_permanent = is_permanent (entry);
  made->left_us = made->is_permanent ? CLOVE_BAN_FOR_EVER_US : entry->until_us - now_us;
  made->reason = g_strdup (entry->reason);
  return made;
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *x = *(const Entry *const *) a;
  const Entry *y = *(const Entry *const *) b;

  if (x->since_us != y->since_us)
    return x->since_us < y->since_us ? -1 : 1;
  return x->order < y->order ? -1 : 1;
}

/**
 * clove_blacklist_new:
 * @clock: by which bans expire
 *
 * Returns: (transfer full): an empty blacklist
 */
CloveBlacklist *
clove_blacklist_new (CloveClock *clock)
{
  CloveBlacklist *self = g_new0 (CloveBlacklist, 1);

  g_atomic_ref_count_init (&self->n_refs);
  g_mutex_init (&self->mutex);
  self->clock = clove_clock_ref (clock);
  self->entries = g_hash_table_new_full (hash_address, equal_addresses, NULL, entry_free);
  return self;
}

/** clove_blacklist_ref: (transfer full): Take a reference; from any thread. */
CloveBlacklist *
clove_blacklist_ref (CloveBlacklist *self)
{
  g_atomic_ref_count_inc (&self->n_refs);
  return self;
}

/** clove_blacklist_unref: Drop a reference; the last one in the clock's thread. */
void
clove_blacklist_unref (CloveBlacklist *self)
{
  if (!g_atomic_ref_count_dec (&self->n_refs))
    return;
  g_hash_table_unref (self->entries);
  clove_clock_unref (self->clock);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/**
 * clove_blacklist_mark_failed:
 * @self: a blacklist
 * @address: of the relay
 * @reason: (nullable): why, for people
 *
 * Ban the relay for %CLOVE_BLACKLIST_BAN_US from now, whether or not it was banned before. A ban of
 * the user's stays what it is.
 */
void
clove_blacklist_mark_failed (CloveBlacklist *self, const CloveAddress *address, const char *reason)
{
  char *copy = clove_ban_clean_reason (reason);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  gint64 now_us = clove_clock_now_us (self->clock);
  const Entry *entry = find (self, address, now_us);

  if (entry != NULL && is_permanent (entry))
    g_free (copy);
  else
    ban (self, address, now_us, now_us + CLOVE_BLACKLIST_BAN_US, copy);
}

/**
 * clove_blacklist_mark_success:
 * @self: a blacklist
 * @address: of the relay
 *
 * End the relay's ban, as it was seen working. A ban of the user's stays.
 */
void
clove_blacklist_mark_success (CloveBlacklist *self, const CloveAddress *address)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  const Entry *entry = g_hash_table_lookup (self->entries, address);

  if (entry != NULL && !is_permanent (entry))
    g_hash_table_remove (self->entries, address);
}

/**
 * clove_blacklist_ban_until_cleared:
 * @self: a blacklist
 * @address: of the relay
 * @reason: (nullable): why, for people
 *
 * Ban the relay, since the user wants it, until clove_blacklist_clear().
 */
void
clove_blacklist_ban_until_cleared (CloveBlacklist *self,
                                   const CloveAddress *address,
                                   const char *reason)
{
  char *copy = clove_ban_clean_reason (reason);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  ban (self, address, clove_clock_now_us (self->clock), G_MAXINT64, copy);
}

/** clove_blacklist_clear: End any ban of the relay, also the user's. */
void
clove_blacklist_clear (CloveBlacklist *self, const CloveAddress *address)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  g_hash_table_remove (self->entries, address);
}

/** clove_blacklist_clear_all: End all bans, also the user's. */
void
clove_blacklist_clear_all (CloveBlacklist *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  g_hash_table_remove_all (self->entries);
}

/**
 * clove_blacklist_restore:
 * @self: a blacklist
 * @address: of the relay
 * @left_us: how long the ban still lasts: %CLOVE_BAN_FOR_EVER_US for one of the user's, else
 *   nothing above %CLOVE_BLACKLIST_BAN_US counts; nothing happens if it is not positive
 * @reason: (nullable): why, for people
 *
 * Take over a ban of an earlier run: one of the user's counts as begun now. A ban that is there
 * already knows better and stays.
 */
void
clove_blacklist_restore (CloveBlacklist *self,
                         const CloveAddress *address,
                         gint64 left_us,
                         const char *reason)
{
  char *copy = clove_ban_clean_reason (reason);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  gint64 now_us = clove_clock_now_us (self->clock);
  gint64 until_us = now_us + MIN (left_us, CLOVE_BLACKLIST_BAN_US);

  if (left_us <= 0 || find (self, address, now_us) != NULL)
    g_free (copy);
  else if (left_us == CLOVE_BAN_FOR_EVER_US)
    ban (self, address, now_us, G_MAXINT64, copy);
  else
    ban (self, address, until_us - CLOVE_BLACKLIST_BAN_US, until_us, copy);
}

/** clove_blacklist_is_blacklisted: Tell whether the relay is banned now. */
gboolean
clove_blacklist_is_blacklisted (CloveBlacklist *self, const CloveAddress *address)
{
  return clove_blacklist_get_since_us (self, address) != CLOVE_PATH_FREE;
}

/** clove_blacklist_get_since_us: Get when the ban began; %CLOVE_PATH_FREE when there is none. */
gint64
clove_blacklist_get_since_us (CloveBlacklist *self, const CloveAddress *address)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  const Entry *entry = find (self, address, clove_clock_now_us (self->clock));

  return entry != NULL ? entry->since_us : CLOVE_PATH_FREE;
}

/**
 * clove_blacklist_get_left_us:
 * @self: a blacklist
 * @address: of a relay
 *
 * Returns: how long the relay is still banned: 0 if it is not, %CLOVE_BAN_FOR_EVER_US by the
 *   user's wish
 */
gint64
clove_blacklist_get_left_us (CloveBlacklist *self, const CloveAddress *address)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  gint64 now_us = clove_clock_now_us (self->clock);
  const Entry *entry = find (self, address, now_us);

  if (entry == NULL)
    return 0;
  return is_permanent (entry) ? CLOVE_BAN_FOR_EVER_US : entry->until_us - now_us;
}

/** clove_blacklist_get_reason: (transfer full) (nullable): Get why the relay is banned, if so. */
char *
clove_blacklist_get_reason (CloveBlacklist *self, const CloveAddress *address)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  const Entry *entry = find (self, address, clove_clock_now_us (self->clock));

  return entry != NULL ? g_strdup (entry->reason) : NULL;
}

/** clove_blacklist_get_n_bans: Get how many relays are banned now. */
guint
clove_blacklist_get_n_bans (CloveBlacklist *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  gint64 now_us = clove_clock_now_us (self->clock);

  g_hash_table_foreach_remove (self->entries, is_entry_over, &now_us);
  return g_hash_table_size (self->entries);
}

/**
 * clove_blacklist_list:
 * @self: a blacklist
 *
 * Returns: (transfer full) (element-type CloveBan): the bans in force, all as of one moment, those
 *   that began first in front
 */
GPtrArray *
clove_blacklist_list (CloveBlacklist *self)
{
  GPtrArray *bans = g_ptr_array_new_with_free_func ((GDestroyNotify) clove_ban_free);
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  gint64 now_us = clove_clock_now_us (self->clock);
  GHashTableIter iter;
  gpointer value = NULL;

  g_hash_table_foreach_remove (self->entries, is_entry_over, &now_us);
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (entries, value);
  g_ptr_array_sort (entries, compare_entries);
  for (guint i = 0; i < entries->len; i++)
    g_ptr_array_add (bans, make_ban (g_ptr_array_index (entries, i), now_us));
  return bans;
}

/**
 * clove_blacklist_get_avoided:
 * @self: a blacklist
 * @relays: relays to choose from
 * @avoided_since_us_out: (out): for each of them what #ClovePathOptions wants to know: the time of
 *   its ban or %CLOVE_PATH_FREE. Bans of the user's count as the latest, so that such a relay is
 *   used only when no other helps.
 *
 * Returns: how many of @relays are banned
 */
guint
clove_blacklist_get_avoided (CloveBlacklist *self,
                             CloveRelayList *relays,
                             gint64 *avoided_since_us_out)
{
  guint n_relays = clove_relay_list_get_n_relays (relays);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  gint64 now_us = clove_clock_now_us (self->clock);
  guint n_avoided = 0;

  memset (avoided_since_us_out, 0, n_relays * sizeof *avoided_since_us_out);
  if (g_hash_table_size (self->entries) == 0)
    return 0;
  for (guint i = 0; i < n_relays; i++) {
    const CloveRelay *relay = clove_relay_list_get_relay (relays, i);
    const Entry *entry = find (self, clove_relay_get_address (relay), now_us);

    if (entry == NULL)
      continue;
    avoided_since_us_out[i] = is_permanent (entry) ? G_MAXINT64 : entry->since_us;
    n_avoided++;
  }
  return n_avoided;
}
