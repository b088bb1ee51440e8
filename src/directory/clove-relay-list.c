/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-relay-list-private.h"

#include "clove-directory-error.h"

#include <stdlib.h>
#include <string.h>

struct _CloveRelayList {
  GPtrArray *relays;
  guint8 *roles;           /* of each relay, side by side, since path selection reads them all */
  CloveRelay **by_address; /* the same relays, sorted */
  char *updated;
  GPtrArray *reasons;
  guint n_skipped;
};

static void
relay_list_clear (gpointer data)
{
  CloveRelayList *self = data;

  g_ptr_array_unref (self->relays);
  g_free (self->roles);
  g_free (self->by_address);
  g_free (self->updated);
  g_ptr_array_unref (self->reasons);
}

static gint
compare_relays (gconstpointer a, gconstpointer b)
{
  return clove_address_compare (clove_relay_get_address (*(CloveRelay *const *) a),
                                clove_relay_get_address (*(CloveRelay *const *) b));
}

/* A hash table would be at the mercy of who writes the directory. */
static void
sort_by_address (CloveRelayList *self)
{
  guint n_relays = self->relays->len;

  self->by_address = g_new (CloveRelay *, MAX (n_relays, 1));
  for (guint i = 0; i < n_relays; i++)
    self->by_address[i] = g_ptr_array_index (self->relays, i);
  qsort (self->by_address, n_relays, sizeof (gpointer), compare_relays);
}

/**
 * clove_relay_list_new_take:
 * @relays: (transfer full) (element-type CloveRelay): the usable relays
 * @updated: (nullable): the date that the directory gives, as YYYY-MM-DD
 * @reasons: (transfer full) (element-type utf8): a sentence for each of the first skipped entries
 * @n_skipped: how many entries were skipped
 *
 * Returns: (transfer full): the list
 */
CloveRelayList *
clove_relay_list_new_take (GPtrArray *relays,
                           const char *updated,
                           GPtrArray *reasons,
                           guint n_skipped)
{
  CloveRelayList *self = g_atomic_rc_box_new0 (CloveRelayList);

  self->relays = relays;
  self->roles = g_new (guint8, MAX (relays->len, 1));
  for (guint i = 0; i < relays->len; i++)
    self->roles[i] = (guint8) clove_relay_get_roles (g_ptr_array_index (relays, i));
  sort_by_address (self);
  self->updated = g_strdup (updated);
  g_ptr_array_add (reasons, NULL);
  self->reasons = reasons;
  self->n_skipped = n_skipped;
  return self;
}

/**
 * clove_relay_list_new:
 * @relays: (array length=n_relays): the relays
 * @n_relays: how many; may be too few for a circuit
 * @updated: (nullable): the date as YYYY-MM-DD
 *
 * Make a list of relays known otherwise than from a directory.
 *
 * Returns: (transfer full): the list
 */
CloveRelayList *
clove_relay_list_new (CloveRelay *const *relays, guint n_relays, const char *updated)
{
  GPtrArray *copy = g_ptr_array_new_full (n_relays, (GDestroyNotify) clove_relay_unref);

  for (guint i = 0; i < n_relays; i++)
    g_ptr_array_add (copy, clove_relay_ref (relays[i]));
  return clove_relay_list_new_take (copy, updated, g_ptr_array_new_with_free_func (g_free), 0);
}

/** clove_relay_list_ref: (transfer full): Take a reference; from any thread. */
CloveRelayList *
clove_relay_list_ref (CloveRelayList *self)
{
  return g_atomic_rc_box_acquire (self);
}

/** clove_relay_list_unref: Drop a reference; from any thread. */
void
clove_relay_list_unref (CloveRelayList *self)
{
  g_atomic_rc_box_release_full (self, relay_list_clear);
}

/** clove_relay_list_get_n_relays: Get how many usable relays there are. */
guint
clove_relay_list_get_n_relays (const CloveRelayList *self)
{
  return self->relays->len;
}

/** clove_relay_list_get_relay: (transfer none): Get one relay, counted from 0. */
CloveRelay *
clove_relay_list_get_relay (const CloveRelayList *self, guint index)
{
  g_return_val_if_fail (index < self->relays->len, NULL);

  return g_ptr_array_index (self->relays, index);
}

/** clove_relay_list_get_roles: Get one byte of #CloveRelayRoles for each relay. */
const guint8 *
clove_relay_list_get_roles (const CloveRelayList *self)
{
  return self->roles;
}

/** clove_relay_list_get_updated: (nullable): Get the directory's own date, as YYYY-MM-DD. */
const char *
clove_relay_list_get_updated (const CloveRelayList *self)
{
  return self->updated;
}

/** clove_relay_list_get_n_skipped: Get how many entries of the directory could not be used. */
guint
clove_relay_list_get_n_skipped (const CloveRelayList *self)
{
  return self->n_skipped;
}

/**
 * clove_relay_list_get_skip_reasons:
 * @self: a list
 *
 * Returns: (array zero-terminated=1): for each skipped entry, of the first
 *   %CLOVE_RELAY_LIST_MAX_REASONS, a sentence that says which and why
 */
const char *const *
clove_relay_list_get_skip_reasons (const CloveRelayList *self)
{
  return (const char *const *) self->reasons->pdata;
}

/** clove_relay_list_find_key: (transfer none) (nullable): Get the relay that has @key. */
CloveRelay *
clove_relay_list_find_key (const CloveRelayList *self,
                           const guint8 key[static CLOVE_RELAY_KEY_SIZE])
{
  for (guint i = 0; i < self->relays->len; i++) {
    CloveRelay *relay = g_ptr_array_index (self->relays, i);

    if (memcmp (key, clove_relay_get_key (relay), CLOVE_RELAY_KEY_SIZE) == 0)
      return relay;
  }
  return NULL;
}

static gint
compare_address (gconstpointer address, gconstpointer relay)
{
  return clove_address_compare (address, clove_relay_get_address (*(CloveRelay *const *) relay));
}

/** clove_relay_list_find_address: (transfer none) (nullable): Get the relay at @address. */
CloveRelay *
clove_relay_list_find_address (const CloveRelayList *self, const CloveAddress *address)
{
  CloveRelay **found = bsearch (address, self->by_address, self->relays->len, sizeof (gpointer),
                                compare_address);

  return found != NULL ? *found : NULL;
}

/**
 * clove_relay_list_equal:
 * @a: a list
 * @b: another
 *
 * Returns: whether both name the same relays in the same order; their dates and what was skipped
 *   do not count
 */
gboolean
clove_relay_list_equal (const CloveRelayList *a, const CloveRelayList *b)
{
  if (a->relays->len != b->relays->len)
    return FALSE;
  for (guint i = 0; i < a->relays->len; i++) {
    if (!clove_relay_equal (g_ptr_array_index (a->relays, i), g_ptr_array_index (b->relays, i)))
      return FALSE;
  }
  return TRUE;
}

/**
 * clove_relay_list_find:
 * @self: a list
 * @text: a relay's key in 64 hexadecimal digits, its address, or its name
 * @error: %CLOVE_DIRECTORY_ERROR_NO_SUCH_RELAY or %CLOVE_DIRECTORY_ERROR_AMBIGUOUS_RELAY
 *
 * Find the relay that a user means. Keys and addresses are unique in a list and go before names,
 * which are not: no relay can take over another's key by calling itself so.
 *
 * Returns: (transfer none): the relay, or %NULL
 */
CloveRelay *
clove_relay_list_find (const CloveRelayList *self, const char *text, GError **error)
{
  CloveAddress address = { 0 };
  gboolean is_address = clove_address_parse (&address, text, NULL);
  guint8 key[CLOVE_RELAY_KEY_SIZE] = { 0 };
  gboolean is_key = clove_relay_key_parse (key, text);
  CloveRelay *named = NULL;
  guint n_named = 0;

  for (guint i = 0; i < self->relays->len; i++) {
    CloveRelay *relay = g_ptr_array_index (self->relays, i);

    if ((is_key && memcmp (key, clove_relay_get_key (relay), sizeof key) == 0) ||
        (is_address && clove_address_equal (&address, clove_relay_get_address (relay))))
      return relay;
    if (strcmp (clove_relay_get_name (relay), text) == 0) {
      named = relay;
      n_named++;
    }
  }
  if (n_named == 1)
    return named;
  if (n_named == 0)
    g_set_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_NO_SUCH_RELAY,
                 "the directory has no relay with the name, key or address “%s”", text);
  else
    g_set_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_AMBIGUOUS_RELAY,
                 "%u relays have the name “%s”; give the key or the address of one", n_named,
                 text);
  return NULL;
}
