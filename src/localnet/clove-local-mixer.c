/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-local-mixer.h"

#include <string.h>

typedef struct {
  CloveAddress to;
  gsize size;
  guint8 data[];
} Datagram;

struct _CloveLocalMixer {
  /* Set at construction. */
  CloveLocalMixerFunc send;
  gpointer user_data;

  /* Owned. */
  CloveRandom *random;
  GPtrArray *messages; /* of GQueue of Datagram, none empty */
  GQueue *open;        /* the message that is being given; NULL for none */
  CloveTimer turn;

  guint n_added; /* messages that came since the last turn */
};

static void
message_free (gpointer data)
{
  g_queue_free_full (data, g_free);
}

static void
send_next_of (CloveLocalMixer *self, GQueue *message)
{
  g_autofree Datagram *datagram = g_queue_pop_head (message);

  self->send (datagram->data, datagram->size, &datagram->to, self->user_data);
}

/* Sends datagrams by lot until at most @n_left messages are on their way. */
static void
send_mixed (CloveLocalMixer *self, guint n_left)
{
  while (self->messages->len > n_left) {
    guint i = clove_random_uniform (self->random, self->messages->len);
    GQueue *message = self->messages->pdata[i];

    send_next_of (self, message);
    if (g_queue_is_empty (message))
      g_ptr_array_remove_index_fast (self->messages, i);
  }
}

/* A message waits for others as long as each turn of the main loop brings some: one that is alone
 * loses no time. */
static void
on_turn (gpointer user_data)
{
  CloveLocalMixer *self = user_data;

  if (self->n_added == 0) {
    send_mixed (self, 0);
    return;
  }
  self->n_added = 0;
  clove_timer_start (&self->turn, 0);
}

/**
 * clove_local_mixer_new:
 * @clock: time and timers
 * @random: decides which message goes on
 * @send: takes each datagram when its time has come
 * @user_data: for @send
 *
 * Returns: (transfer full): a mixer with nothing to send
 */
CloveLocalMixer *
clove_local_mixer_new (CloveClock *clock,
                       CloveRandom *random,
                       CloveLocalMixerFunc send,
                       gpointer user_data)
{
  CloveLocalMixer *self = g_new0 (CloveLocalMixer, 1);

  self->send = send;
  self->user_data = user_data;
  self->random = clove_random_ref (random);
  self->messages = g_ptr_array_new_with_free_func (message_free);
  clove_timer_init (&self->turn, clock, on_turn, self);
  return self;
}

/** clove_local_mixer_free: Release the mixer with all it has not sent; %NULL is nothing. */
void
clove_local_mixer_free (CloveLocalMixer *self)
{
  if (self == NULL)
    return;
  clove_timer_stop (&self->turn);
  g_clear_pointer (&self->open, message_free);
  g_ptr_array_unref (self->messages);
  clove_random_unref (self->random);
  g_free (self);
}

/** clove_local_mixer_begin: What is taken until clove_local_mixer_end() is one message. */
void
clove_local_mixer_begin (CloveLocalMixer *self)
{
  g_return_if_fail (self->open == NULL);

  self->open = g_queue_new ();
}

/**
 * clove_local_mixer_take:
 * @self: a mixer
 * @data: a datagram
 * @size: its size
 * @to: its receiver
 *
 * Returns: whether it was taken; one that belongs to no message is not
 */
gboolean
clove_local_mixer_take (CloveLocalMixer *self,
                        const guint8 *data,
                        gsize size,
                        const CloveAddress *to)
{
  Datagram *datagram = NULL;

  if (self->open == NULL)
    return FALSE;
  datagram = g_malloc (sizeof *datagram + size);
  datagram->to = *to;
  datagram->size = size;
  memcpy (datagram->data, data, size);
  g_queue_push_tail (self->open, datagram);
  return TRUE;
}

/** clove_local_mixer_end: Send the message; one of a single datagram leaves at once. */
void
clove_local_mixer_end (CloveLocalMixer *self)
{
  GQueue *message = g_steal_pointer (&self->open);

  g_return_if_fail (message != NULL);

  if (g_queue_get_length (message) <= 1) {
    if (!g_queue_is_empty (message))
      send_next_of (self, message);
    message_free (message);
    return;
  }
  send_mixed (self, CLOVE_LOCAL_MIXER_MAX - 1);
  g_ptr_array_add (self->messages, message);
  self->n_added++;
  if (!clove_timer_is_running (&self->turn))
    clove_timer_start (&self->turn, 0);
}
