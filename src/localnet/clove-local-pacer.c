/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-local-pacer.h"

#include "clove-chunks.h"

#include <string.h>

/* How far the reference's chunks stray from their order: as many as are in its hands at once. */
#define SHUFFLE_WINDOW 32

typedef struct {
  guint8 circuit_id[CLOVE_INT256_SIZE];
  gint32 stream_id;
  GBytes *object;
  guint n_sent;
  guint n_total;
} Reply;

struct _CloveLocalPacer {
  /* Set at construction. */
  CloveLocalPieceFunc send;
  gpointer user_data;

  /* Owned. */
  CloveRandom *shuffle; /* NULL unless bursting */
  GQueue replies;       /* of Reply; the head is next */
  gsize size;
  CloveTimer pause;
};

static void
reply_free (CloveLocalPacer *self, Reply *reply)
{
  self->size -= g_bytes_get_size (reply->object);
  g_bytes_unref (reply->object);
  g_free (reply);
}

static void
send_chunk (CloveLocalPacer *self, const Reply *reply, guint index)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (reply->object, &size);
  gsize offset = (gsize) index * CLOVE_CHUNK_SIZE;
  CloveLocalPiece piece = {
    .circuit_id = reply->circuit_id,
    .stream_id = reply->stream_id,
    .index = (gint32) index,
    .total = (gint32) reply->n_total,
    .data = data + offset,
    .size = MIN (CLOVE_CHUNK_SIZE, size - offset),
  };

  self->send (&piece, self->user_data);
}

static void
send_burst (CloveLocalPacer *self)
{
  for (guint i = 0; i < CLOVE_LOCAL_PACER_BURST; i++) {
    Reply *reply = g_queue_pop_head (&self->replies);

    if (reply == NULL)
      return;
    send_chunk (self, reply, reply->n_sent++);
    if (reply->n_sent < reply->n_total)
      g_queue_push_tail (&self->replies, reply);
    else
      reply_free (self, reply);
  }
  clove_timer_start (&self->pause, CLOVE_LOCAL_PACER_PAUSE_US);
}

static void
on_pause_over (gpointer user_data)
{
  send_burst (user_data);
}

static void
send_shuffled (CloveLocalPacer *self, const Reply *reply)
{
  g_autofree guint *order = g_new0 (guint, reply->n_total);

  for (guint i = 0; i < reply->n_total; i++)
    order[i] = i;
  for (guint i = 0; i + 1 < reply->n_total; i++) {
    guint window = MIN (SHUFFLE_WINDOW, reply->n_total - i);
    guint other = i + clove_random_uniform (self->shuffle, window);
    guint kept = order[i];

    order[i] = order[other];
    order[other] = kept;
  }
  for (guint i = 0; i < reply->n_total; i++)
    send_chunk (self, reply, order[i]);
}

/**
 * clove_local_pacer_new:
 * @clock: time and timers
 * @send: takes each piece when its time has come
 * @user_data: for @send
 *
 * Returns: (transfer full): a pacer with nothing to send
 */
CloveLocalPacer *
clove_local_pacer_new (CloveClock *clock, CloveLocalPieceFunc send, gpointer user_data)
{
  CloveLocalPacer *self = g_new0 (CloveLocalPacer, 1);

  self->send = send;
  self->user_data = user_data;
  g_queue_init (&self->replies);
  clove_timer_init (&self->pause, clock, on_pause_over, self);
  return self;
}

/** clove_local_pacer_free: Release the pacer with all it has not sent; %NULL is nothing. */
void
clove_local_pacer_free (CloveLocalPacer *self)
{
  Reply *reply = NULL;

  if (self == NULL)
    return;
  clove_timer_stop (&self->pause);
  while ((reply = g_queue_pop_head (&self->replies)) != NULL)
    reply_free (self, reply);
  g_clear_pointer (&self->shuffle, clove_random_unref);
  g_free (self);
}

/** clove_local_pacer_set_bursting: Play the reference: no pace, and an order drawn from @random. */
void
clove_local_pacer_set_bursting (CloveLocalPacer *self, CloveRandom *random)
{
  g_clear_pointer (&self->shuffle, clove_random_unref);
  self->shuffle = clove_random_ref (random);
}

static void
send_whole (CloveLocalPacer *self,
            const guint8 circuit_id[static CLOVE_INT256_SIZE],
            gint32 stream_id,
            GBytes *object)
{
  CloveLocalPiece piece = { .circuit_id = circuit_id, .stream_id = stream_id };

  piece.data = g_bytes_get_data (object, &piece.size);
  self->send (&piece, self->user_data);
}

/**
 * clove_local_pacer_add:
 * @self: a pacer
 * @circuit_id: where to
 * @stream_id: the stream that the chunks name
 * @object: one boxed object; a short one leaves at once
 *
 * Returns: whether there was room for it
 */
gboolean
clove_local_pacer_add (CloveLocalPacer *self,
                       const guint8 circuit_id[static CLOVE_INT256_SIZE],
                       gint32 stream_id,
                       GBytes *object)
{
  gsize size = g_bytes_get_size (object);
  Reply *reply = NULL;

  if (size <= CLOVE_CHUNK_SIZE) {
    send_whole (self, circuit_id, stream_id, object);
    return TRUE;
  }
  if (size > CLOVE_LOCAL_PACER_MAX_SIZE - self->size)
    return FALSE;
  reply = g_new0 (Reply, 1);
  memcpy (reply->circuit_id, circuit_id, CLOVE_INT256_SIZE);
  reply->stream_id = stream_id;
  reply->object = g_bytes_ref (object);
  reply->n_total = (guint) ((size + CLOVE_CHUNK_SIZE - 1) / CLOVE_CHUNK_SIZE);
  self->size += size;
  if (self->shuffle != NULL) {
    send_shuffled (self, reply);
    reply_free (self, reply);
    return TRUE;
  }
  g_queue_push_tail (&self->replies, reply);
  if (!clove_timer_is_running (&self->pause))
    send_burst (self);
  return TRUE;
}

static void
drop (CloveLocalPacer *self, const guint8 *circuit_id, const gint32 *stream_id)
{
  for (GList *link = self->replies.head; link != NULL;) {
    Reply *reply = link->data;
    GList *next = link->next;

    if (memcmp (reply->circuit_id, circuit_id, CLOVE_INT256_SIZE) == 0 &&
        (stream_id == NULL || reply->stream_id == *stream_id)) {
      g_queue_delete_link (&self->replies, link);
      reply_free (self, reply);
    }
    link = next;
  }
}

/** clove_local_pacer_drop_stream: Forget what one stream has not been sent yet. */
void
clove_local_pacer_drop_stream (CloveLocalPacer *self,
                               const guint8 circuit_id[static CLOVE_INT256_SIZE],
                               gint32 stream_id)
{
  drop (self, circuit_id, &stream_id);
}

/** clove_local_pacer_drop_circuit: Forget what all streams of a circuit have not been sent yet. */
void
clove_local_pacer_drop_circuit (CloveLocalPacer *self,
                                const guint8 circuit_id[static CLOVE_INT256_SIZE])
{
  drop (self, circuit_id, NULL);
}
