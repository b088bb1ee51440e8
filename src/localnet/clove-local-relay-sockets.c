/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A relay's two sockets with the faults before them. The reference's single reader is played here:
 * while it waits for another relay, datagrams pile up as they would in the system's buffer.
 */
#include "config.h"

#include "clove-local-relay-private.h"

#include <string.h>

/* Bursts of whole replies pass through every relay; the reference keeps the system's default. */
#define RECEIVE_BUFFER_SIZE (4 * 1024 * 1024)
/* What the system counts for a datagram beyond its bytes. */
#define BACKLOG_OVERHEAD    768

/* In the reference 11 of 15 new peers lose their first query. */
#define UNREADY_OF 15
#define N_UNREADY  11

typedef struct {
  CloveAddress peer;
  gsize size;
  guint8 data[];
} Backlogged;

/* Keeps what comes in while the reference's reader waits for another relay. */
static gboolean
hold_for_reader (CloveLocalRelay *self, const guint8 *data, gsize size, const CloveAddress *peer)
{
  Backlogged *item = NULL;

  if (!self->is_reader_waiting)
    return FALSE;
  if (self->backlog_size + size + BACKLOG_OVERHEAD > CLOVE_LOCAL_RELAY_MAX_BACKLOG)
    return TRUE;
  item = g_malloc (sizeof *item + size);
  item->peer = *peer;
  item->size = size;
  memcpy (item->data, data, size);
  g_queue_push_tail (&self->backlog, item);
  self->backlog_size += size + BACKLOG_OVERHEAD;
  return TRUE;
}

/* The reader goes on, until a datagram makes it wait again. */
void
clove_local_relay_release_reader (CloveLocalRelay *self)
{
  Backlogged *item = NULL;

  self->is_reader_waiting = FALSE;
  while (!self->is_reader_waiting && (item = g_queue_pop_head (&self->backlog)) != NULL) {
    self->backlog_size -= item->size + BACKLOG_OVERHEAD;
    clove_adnl_endpoint_inject (self->endpoint, item->data, item->size, &item->peer, FALSE);
    g_free (item);
  }
}

/* The handlers of the reference's new peers are in place when the next datagram comes. */
static void
get_ready (CloveLocalRelay *self)
{
  CloveAdnlSession *session = NULL;

  while ((session = g_queue_pop_head (&self->unready)) != NULL) {
    clove_adnl_session_set_handlers (session, &clove_local_relay_handlers, self);
    g_object_unref (session);
  }
}

/* Returns whether the reader takes the datagram now. */
static gboolean
is_reader_free (CloveLocalRelay *self, const guint8 *data, gsize size, const CloveAddress *peer)
{
  get_ready (self);
  return !hold_for_reader (self, data, size, peer);
}

static gboolean
on_adnl_datagram (guint8 *data,
                  gsize size,
                  const CloveAddress *peer,
                  gboolean is_outgoing,
                  gpointer user_data)
{
  CloveLocalRelay *self = user_data;

  if (!clove_fault_pass (self->fault, &self->adnl_port, data, size, peer, is_outgoing))
    return FALSE;
  if (is_outgoing)
    return self->mixer == NULL || !clove_local_mixer_take (self->mixer, data, size, peer);
  return is_reader_free (self, data, size, peer);
}

static void
send_adnl (guint8 *data, gsize size, const CloveAddress *to, gpointer user_data)
{
  CloveLocalRelay *self = user_data;

  clove_adnl_endpoint_inject (self->endpoint, data, size, to, TRUE);
}

static void
deliver_adnl (guint8 *data,
              gsize size,
              const CloveAddress *peer,
              gboolean is_outgoing,
              gpointer user_data)
{
  CloveLocalRelay *self = user_data;

  if (is_outgoing || is_reader_free (self, data, size, peer))
    clove_adnl_endpoint_inject (self->endpoint, data, size, peer, is_outgoing);
}

static void
on_tunnel_datagram (guint8 *data, gsize size, const CloveAddress *from, gpointer user_data)
{
  CloveLocalRelay *self = user_data;

  self->n_tunnel_received++;
  if (clove_fault_pass (self->fault, &self->tunnel_port, data, size, from, FALSE))
    clove_local_relay_take_datagram (self, data, size, from);
}

static void
deliver_tunnel (guint8 *data,
                gsize size,
                const CloveAddress *peer,
                gboolean is_outgoing,
                gpointer user_data)
{
  CloveLocalRelay *self = user_data;

  if (!is_outgoing)
    clove_local_relay_take_datagram (self, data, size, peer);
  else
    clove_udp_send (self->tunnel, peer, data, size, NULL);
}

static void
on_session_opened (CloveAdnlEndpoint *endpoint, CloveAdnlSession *session, CloveLocalRelay *self)
{
  if (self->plays_reference && clove_random_uniform (self->random, UNREADY_OF) < N_UNREADY) {
    g_queue_push_tail (&self->unready, g_object_ref (session));
    return;
  }
  clove_adnl_session_set_handlers (session, &clove_local_relay_handlers, self);
}

/* Opens both sockets, with the faults before them. */
gboolean
clove_local_relay_open_sockets (CloveLocalRelay *self, GError **error)
{
  CloveAddress tunnel_address = self->address;

  clove_address_set_port (&tunnel_address, (guint16) (clove_address_get_port (&self->address) + 1));
  self->adnl_port = (CloveFaultPort){ .deliver = deliver_adnl, .user_data = self };
  self->tunnel_port = (CloveFaultPort){ .deliver = deliver_tunnel, .user_data = self };
  self->endpoint =
    clove_adnl_endpoint_new_responder (&self->address, self->identity, self->clock, error);
  if (self->endpoint == NULL)
    return FALSE;
  self->tunnel =
    clove_udp_new (&tunnel_address, CLOVE_LOCAL_MAX_DATAGRAM, on_tunnel_datagram, self, error);
  if (self->tunnel == NULL) {
    g_clear_object (&self->endpoint);
    return FALSE;
  }
  if (self->plays_reference) {
    self->mixer = clove_local_mixer_new (self->clock, self->random, send_adnl, self);
    clove_adnl_endpoint_set_trusting (self->endpoint, TRUE);
    clove_adnl_endpoint_set_receive_buffer (self->endpoint, CLOVE_LOCAL_RELAY_MAX_BACKLOG / 2);
  } else {
    clove_udp_set_receive_buffer (self->tunnel, RECEIVE_BUFFER_SIZE);
  }
  clove_adnl_endpoint_set_filter (self->endpoint, on_adnl_datagram, self);
  g_signal_connect (self->endpoint, "session-opened", G_CALLBACK (on_session_opened), self);
  return TRUE;
}

/* Closes both sockets and loses what waited for the reference's reader. */
void
clove_local_relay_close_sockets (CloveLocalRelay *self)
{
  g_queue_clear_full (&self->unready, g_object_unref);
  g_queue_clear_full (&self->backlog, g_free);
  self->backlog_size = 0;
  self->is_reader_waiting = FALSE;
  g_clear_pointer (&self->mixer, clove_local_mixer_free);
  if (self->endpoint != NULL) {
    g_signal_handlers_disconnect_by_data (self->endpoint, self);
    clove_adnl_endpoint_set_filter (self->endpoint, NULL, NULL);
    clove_adnl_endpoint_close (self->endpoint);
  }
  g_clear_object (&self->endpoint);
  g_clear_pointer (&self->tunnel, clove_udp_free);
}
