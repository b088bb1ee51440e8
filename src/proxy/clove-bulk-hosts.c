/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-bulk-hosts.h"

struct _CloveBulkHosts {
  GHashTable *links; /* borrowed name -> its link in the queue */
  GQueue names;      /* owned, the one met last first */
};

/** clove_bulk_hosts_new: (transfer full): Remember nothing yet. */
CloveBulkHosts *
clove_bulk_hosts_new (void)
{
  CloveBulkHosts *self = g_new0 (CloveBulkHosts, 1);

  self->links = g_hash_table_new (g_str_hash, g_str_equal);
  g_queue_init (&self->names);
  return self;
}

/** clove_bulk_hosts_free: (nullable): Free. */
void
clove_bulk_hosts_free (CloveBulkHosts *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->links);
  g_queue_clear_full (&self->names, g_free);
  g_free (self);
}

/** clove_bulk_hosts_has: Tell whether @host is remembered; it is the last to be forgotten then. */
gboolean
clove_bulk_hosts_has (CloveBulkHosts *self, const char *host)
{
  GList *link = g_hash_table_lookup (self->links, host);

  if (link == NULL)
    return FALSE;
  g_queue_unlink (&self->names, link);
  g_queue_push_head_link (&self->names, link);
  return TRUE;
}

/** clove_bulk_hosts_add: Remember @host, and forget another if there are too many. */
void
clove_bulk_hosts_add (CloveBulkHosts *self, const char *host)
{
  if (clove_bulk_hosts_has (self, host))
    return;
  if (g_queue_get_length (&self->names) == CLOVE_BULK_MAX_HOSTS) {
    g_autofree char *oldest = g_queue_pop_tail (&self->names);

    g_hash_table_remove (self->links, oldest);
  }
  g_queue_push_head (&self->names, g_strdup (host));
  g_hash_table_insert (self->links, self->names.head->data, self->names.head);
}

/** clove_bulk_hosts_get_size: Get how many are remembered. */
guint
clove_bulk_hosts_get_size (const CloveBulkHosts *self)
{
  return g_hash_table_size (self->links);
}
