/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The system's batch call is used directly, not GSocket's: an exit sends a whole reply in one
 * burst, and recvmmsg() into memory that is used again and again neither allocates nor makes an
 * address object for each of its datagrams.
 */
#include "config.h"

#include "clove-udp.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Datagrams read by one system call. */
#define BATCH_SIZE  32
/* System calls in one dispatch, so that a flood does not starve the other sources. */
#define MAX_BATCHES 8

struct _CloveUdp {
  /* Set at construction. */
  CloveAddress address;
  gsize max_datagram_size;
  CloveUdpFunc on_datagram;
  gpointer user_data;

  /* Owned. */
  gint fd;
  GSource *source;
  guint8 *buffer;
  struct mmsghdr headers[BATCH_SIZE];
  struct iovec vectors[BATCH_SIZE];
  CloveAddress senders[BATCH_SIZE];

  /* Set while datagrams are handed out, so that a callback may free the socket. */
  gboolean *was_freed;
};

static void
prepare_batch (CloveUdp *self)
{
  for (guint i = 0; i < BATCH_SIZE; i++) {
    self->vectors[i] = (struct iovec){ .iov_base = self->buffer + i * self->max_datagram_size,
                                       .iov_len = self->max_datagram_size };
    self->headers[i].msg_hdr = (struct msghdr){ .msg_iov = &self->vectors[i],
                                                .msg_iovlen = 1,
                                                .msg_name = &self->senders[i].any,
                                                .msg_namelen = sizeof self->senders[i].v6 };
  }
}

/* Returns whether more may be waiting. */
static gboolean
read_batch (CloveUdp *self, gboolean *was_freed)
{
  gint n_received = 0;

  prepare_batch (self);
  n_received = recvmmsg (self->fd, self->headers, BATCH_SIZE, MSG_DONTWAIT, NULL);
  for (gint i = 0; i < n_received; i++) {
    const struct msghdr *header = &self->headers[i].msg_hdr;

    /* A datagram that did not fit is not one of ours. */
    if ((header->msg_flags & MSG_TRUNC) != 0)
      continue;
    self->senders[i].size = header->msg_namelen;
    self->on_datagram (self->vectors[i].iov_base, self->headers[i].msg_len, &self->senders[i],
                       self->user_data);
    if (*was_freed)
      return FALSE;
  }
  return n_received == BATCH_SIZE;
}

static gboolean
on_readable (gint fd, GIOCondition condition, gpointer user_data)
{
  CloveUdp *self = user_data;
  gboolean was_freed = FALSE;
  guint n_batches = 0;

  /* A loop that runs inside a callback would read into the memory that the callback looks at. */
  g_return_val_if_fail (self->was_freed == NULL, G_SOURCE_CONTINUE);

  self->was_freed = &was_freed;
  while (read_batch (self, &was_freed) && ++n_batches < MAX_BATCHES)
    continue;
  if (was_freed)
    return G_SOURCE_REMOVE;
  self->was_freed = NULL;
  return G_SOURCE_CONTINUE;
}

static gboolean
open_socket (CloveUdp *self, const CloveAddress *address, GError **error)
{
  self->fd = socket (address->any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  self->address.size = sizeof self->address.v6;
  if (self->fd >= 0 && bind (self->fd, &address->any, address->size) == 0 &&
      getsockname (self->fd, &self->address.any, &self->address.size) == 0)
    return TRUE;
  {
    gint saved_errno = errno;
    char text[CLOVE_ADDRESS_STRING_SIZE] = { 0 };

    clove_address_format (address, text);
    g_set_error (error, G_IO_ERROR, (gint) g_io_error_from_errno (saved_errno),
                 "cannot open UDP socket %s: %s", text, g_strerror (saved_errno));
  }
  return FALSE;
}

/**
 * clove_udp_new:
 * @address: where to bind; port 0 lets the system choose
 * @max_datagram_size: larger datagrams are dropped
 * @on_datagram: called for each datagram, in the thread-default context of the calling thread
 * @user_data: for @on_datagram
 * @error: %G_IO_ERROR
 *
 * Returns: (transfer full) (nullable): a bound socket that is being read
 */
CloveUdp *
clove_udp_new (const CloveAddress *address,
               gsize max_datagram_size,
               CloveUdpFunc on_datagram,
               gpointer user_data,
               GError **error)
{
  g_autoptr (CloveUdp) self = g_new0 (CloveUdp, 1);

  self->fd = -1;
  if (!open_socket (self, address, error))
    return NULL;
  self->max_datagram_size = max_datagram_size;
  self->on_datagram = on_datagram;
  self->user_data = user_data;
  self->buffer = g_malloc (max_datagram_size * BATCH_SIZE);
  self->source = g_unix_fd_source_new (self->fd, G_IO_IN);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_set_static_name (self->source, "clove-udp");
  /* Nobody runs a loop inside a callback, and guarding against it costs three system calls. */
  g_source_set_can_recurse (self->source, TRUE);
  g_source_attach (self->source, g_main_context_get_thread_default ());
  return g_steal_pointer (&self);
}

/** clove_udp_free: (nullable): Close the socket; also from inside its callback. */
void
clove_udp_free (CloveUdp *self)
{
  if (self == NULL)
    return;
  if (self->was_freed != NULL)
    *self->was_freed = TRUE;
  if (self->source != NULL) {
    g_source_destroy (self->source);
    g_source_unref (self->source);
  }
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->buffer);
  g_free (self);
}

/**
 * clove_udp_set_receive_buffer:
 * @self: a socket
 * @size: bytes asked for
 *
 * Ask for a larger buffer in the system; it may grant less.
 *
 * Returns: whether the buffer now holds at least half of @size
 */
gboolean
clove_udp_set_receive_buffer (CloveUdp *self, gsize size)
{
  gint wanted = (gint) MIN (size, G_MAXINT);
  gint granted = 0;
  socklen_t granted_size = sizeof granted;

  if (setsockopt (self->fd, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted) != 0 ||
      getsockopt (self->fd, SOL_SOCKET, SO_RCVBUF, &granted, &granted_size) != 0)
    return FALSE;
  g_debug ("receive buffer of %d bytes asked for, %d granted", wanted, granted);
  return granted >= wanted / 2;
}

/** clove_udp_get_address: Get the address that the socket is bound to, with its real port. */
const CloveAddress *
clove_udp_get_address (const CloveUdp *self)
{
  return &self->address;
}

/**
 * clove_udp_send:
 * @self: a socket
 * @to: where to
 * @data: one datagram
 * @size: its size in bytes
 * @error: %G_IO_ERROR; a full send buffer loses the datagram and is no error, as on any network
 *
 * Returns: %FALSE when the system refused, for example because the network is down
 */
gboolean
clove_udp_send (CloveUdp *self,
                const CloveAddress *to,
                const guint8 *data,
                gsize size,
                GError **error)
{
  gint saved_errno = 0;

  if (sendto (self->fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL, &to->any, to->size) >= 0)
    return TRUE;
  saved_errno = errno;
  /* ECONNREFUSED tells of an earlier datagram that nobody took: lost, like any other. */
  if (saved_errno == EAGAIN || saved_errno == ENOBUFS || saved_errno == ECONNREFUSED)
    return TRUE;
  g_set_error (error, G_IO_ERROR, (gint) g_io_error_from_errno (saved_errno), "cannot send: %s",
               g_strerror (saved_errno));
  return FALSE;
}
