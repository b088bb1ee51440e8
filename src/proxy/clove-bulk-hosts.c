/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-bulk-hosts.h"

/* Large replies are believed sooner than small ones: too many of the former at one time are lost,
 * too few of the latter are late by a round trip. */
#define SHARE_OF_LARGER  2
#define SHARE_OF_SMALLER 8

typedef struct {
  char *name;
  gboolean has_wholes_only;
  gsize reply_size; /* smoothed; 0 before the first reply */
  GList link;
} Host;

struct _CloveBulkHosts {
  GHashTable *hosts; /* borrowed name -> owned Host */
  GQueue queue;      /* of the same by their links, the one met last first */
};

static void
host_free (gpointer data)
{
  Host *host = data;

  g_free (host->name);
  g_free (host);
}

/** clove_bulk_hosts_new: (transfer full): Remember nothing yet. */
CloveBulkHosts *
clove_bulk_hosts_new (void)
{
  CloveBulkHosts *self = g_new0 (CloveBulkHosts, 1);

  self->hosts = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, host_free);
  g_queue_init (&self->queue);
  return self;
}

/** clove_bulk_hosts_free: (nullable): Free. */
void
clove_bulk_hosts_free (CloveBulkHosts *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->hosts);
  g_free (self);
}

/* Returns: (nullable): what is known of @name, which is the last to be forgotten then */
static Host *
find (CloveBulkHosts *self, const char *name)
{
  Host *host = g_hash_table_lookup (self->hosts, name);

  if (host == NULL || self->queue.head == &host->link)
    return host;
  g_queue_unlink (&self->queue, &host->link);
  g_queue_push_head_link (&self->queue, &host->link);
  return host;
}

static void
forget_oldest (CloveBulkHosts *self)
{
  Host *oldest = g_queue_peek_tail (&self->queue);

  g_queue_unlink (&self->queue, &oldest->link);
  g_hash_table_remove (self->hosts, oldest->name);
}

static Host *
find_or_add (CloveBulkHosts *self, const char *name)
{
  Host *host = find (self, name);

  if (host != NULL)
    return host;
  if (g_queue_get_length (&self->queue) == CLOVE_BULK_MAX_HOSTS)
    forget_oldest (self);
  host = g_new0 (Host, 1);
  host->name = g_strdup (name);
  host->link.data = host;
  g_queue_push_head_link (&self->queue, &host->link);
  g_hash_table_insert (self->hosts, host->name, host);
  return host;
}

/** clove_bulk_hosts_note_wholes_only: Note that @host cannot be asked for parts. */
void
clove_bulk_hosts_note_wholes_only (CloveBulkHosts *self, const char *host)
{
  find_or_add (self, host)->has_wholes_only = TRUE;
}

/** clove_bulk_hosts_has_wholes_only: Tell whether @host is known to be such a site. */
gboolean
clove_bulk_hosts_has_wholes_only (CloveBulkHosts *self, const char *host)
{
  const Host *found = find (self, host);

  return found != NULL && found->has_wholes_only;
}

/** clove_bulk_hosts_note_reply: Note that @host sent a reply of @size bytes in one go. */
void
clove_bulk_hosts_note_reply (CloveBulkHosts *self, const char *host, gsize size)
{
  Host *found = find_or_add (self, host);

  size = MAX (size, 1);
  if (found->reply_size == 0)
    found->reply_size = size;
  else if (size > found->reply_size)
    found->reply_size += (size - found->reply_size) / SHARE_OF_LARGER;
  else
    found->reply_size -= (found->reply_size - size) / SHARE_OF_SMALLER;
}

/** clove_bulk_hosts_get_reply_size: Get how large a reply of @host is likely to be; 0: unknown. */
gsize
clove_bulk_hosts_get_reply_size (CloveBulkHosts *self, const char *host)
{
  const Host *found = find (self, host);

  return found != NULL ? found->reply_size : 0;
}

/** clove_bulk_hosts_get_size: Get how many are remembered. */
guint
clove_bulk_hosts_get_size (const CloveBulkHosts *self)
{
  return g_hash_table_size (self->hosts);
}
