/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-local-streams.h"

#include <string.h>

typedef struct {
  guint8 circuit_id[CLOVE_INT256_SIZE]; /* zero in a table that is shared */
  gint32 stream_id;
} Key;

typedef struct {
  Key key;
  char *host;
} Stream;

struct _CloveLocalStreams {
  GHashTable *table; /* of Stream by its key */
  gboolean is_shared;
};

static guint
key_hash (gconstpointer data)
{
  const Key *key = data;
  guint hash = 0;

  memcpy (&hash, key->circuit_id, sizeof hash);
  return hash ^ (guint) key->stream_id;
}

static gboolean
key_equal (gconstpointer a, gconstpointer b)
{
  const Key *left = a;
  const Key *right = b;

  return left->stream_id == right->stream_id &&
         memcmp (left->circuit_id, right->circuit_id, CLOVE_INT256_SIZE) == 0;
}

static void
stream_free (gpointer data)
{
  Stream *stream = data;

  g_free (stream->host);
  g_free (stream);
}

static Key
make_key (const CloveLocalStreams *self, const guint8 *circuit_id, gint32 stream_id)
{
  Key key = { .stream_id = stream_id };

  if (!self->is_shared)
    memcpy (key.circuit_id, circuit_id, CLOVE_INT256_SIZE);
  return key;
}

/** clove_local_streams_new: (transfer full): A table without streams. */
CloveLocalStreams *
clove_local_streams_new (void)
{
  CloveLocalStreams *self = g_new0 (CloveLocalStreams, 1);

  self->table = g_hash_table_new_full (key_hash, key_equal, NULL, stream_free);
  return self;
}

/** clove_local_streams_free: Release the table; %NULL is nothing. */
void
clove_local_streams_free (CloveLocalStreams *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->table);
  g_free (self);
}

/** clove_local_streams_set_shared: Mix the streams of all circuits, while there are none yet. */
void
clove_local_streams_set_shared (CloveLocalStreams *self)
{
  g_return_if_fail (g_hash_table_size (self->table) == 0);

  self->is_shared = TRUE;
}

/** clove_local_streams_find: (nullable): Get the site that a stream leads to, borrowed. */
const char *
clove_local_streams_find (const CloveLocalStreams *self,
                          const guint8 circuit_id[static CLOVE_INT256_SIZE],
                          gint32 stream_id)
{
  Key key = make_key (self, circuit_id, stream_id);
  const Stream *stream = g_hash_table_lookup (self->table, &key);

  return stream != NULL ? stream->host : NULL;
}

/**
 * clove_local_streams_open:
 * @self: a table
 * @circuit_id: the circuit
 * @stream_id: the stream; one that is open leads to @host from now on
 * @host: the site
 *
 * Returns: %FALSE when there are too many streams
 */
gboolean
clove_local_streams_open (CloveLocalStreams *self,
                          const guint8 circuit_id[static CLOVE_INT256_SIZE],
                          gint32 stream_id,
                          const char *host)
{
  Stream *stream = NULL;

  if (g_hash_table_size (self->table) >= CLOVE_LOCAL_MAX_STREAMS &&
      clove_local_streams_find (self, circuit_id, stream_id) == NULL)
    return FALSE;
  stream = g_new0 (Stream, 1);
  stream->key = make_key (self, circuit_id, stream_id);
  stream->host = g_strdup (host);
  g_hash_table_replace (self->table, &stream->key, stream);
  return TRUE;
}

/** clove_local_streams_close: Forget a stream; one that is not known is nothing. */
void
clove_local_streams_close (CloveLocalStreams *self,
                           const guint8 circuit_id[static CLOVE_INT256_SIZE],
                           gint32 stream_id)
{
  Key key = make_key (self, circuit_id, stream_id);

  g_hash_table_remove (self->table, &key);
}

/** clove_local_streams_close_circuit: Forget every stream of a circuit. */
void
clove_local_streams_close_circuit (CloveLocalStreams *self,
                                   const guint8 circuit_id[static CLOVE_INT256_SIZE])
{
  GHashTableIter iter;
  gpointer stream = NULL;

  g_hash_table_iter_init (&iter, self->table);
  while (g_hash_table_iter_next (&iter, NULL, &stream))
    if (memcmp (((Stream *) stream)->key.circuit_id, circuit_id, CLOVE_INT256_SIZE) == 0)
      g_hash_table_iter_remove (&iter);
}

/** clove_local_streams_count: Get the number of open streams. */
guint
clove_local_streams_count (const CloveLocalStreams *self)
{
  return g_hash_table_size (self->table);
}
