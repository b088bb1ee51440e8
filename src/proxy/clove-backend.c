/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-backend.h"

G_DEFINE_QUARK (clove_backend_error, clove_backend_error)

G_DEFINE_ABSTRACT_TYPE (CloveExchange, clove_exchange, G_TYPE_OBJECT)

G_DEFINE_INTERFACE (CloveBackend, clove_backend, G_TYPE_OBJECT)

static void
clove_exchange_class_init (CloveExchangeClass *klass)
{
}

static void
clove_exchange_init (CloveExchange *self)
{
}

static void
clove_backend_default_init (CloveBackendInterface *iface)
{
}

/**
 * clove_exchange_peek:
 * @self: an exchange
 * @size_out: (out): how many bytes, 0 when none are readable now
 *
 * Look at the next bytes of the reply without taking them. More may be readable after these are
 * consumed: read until the size is 0.
 *
 * Returns: (transfer none) (nullable): the bytes, valid until the next call on @self
 */
const guint8 *
clove_exchange_peek (CloveExchange *self, gsize *size_out)
{
  return CLOVE_EXCHANGE_GET_CLASS (self)->peek (self, size_out);
}

/** clove_exchange_consume: Take @size bytes, no more than clove_exchange_peek() showed. */
void
clove_exchange_consume (CloveExchange *self, gsize size)
{
  CLOVE_EXCHANGE_GET_CLASS (self)->consume (self, size);
}

/**
 * clove_exchange_peek_beyond:
 * @self: an exchange that has broken off, or is given up
 * @from: position in the reply
 * @offset_out: (out): position in the reply of what is returned, @from or more
 * @size_out: (out): how many bytes
 *
 * Look at what came behind the place where the reply broke off, part by part.
 *
 * Returns: (nullable) (transfer none): the bytes, valid until the next call on @self
 */
const guint8 *
clove_exchange_peek_beyond (CloveExchange *self, gsize from, gsize *offset_out, gsize *size_out)
{
  CloveExchangeClass *klass = CLOVE_EXCHANGE_GET_CLASS (self);

  *offset_out = *size_out = 0;
  return klass->peek_beyond != NULL ? klass->peek_beyond (self, from, offset_out, size_out) : NULL;
}

/** clove_exchange_get_reply_size: Get the size of the whole reply, head included; -1 if unknown. */
gint64
clove_exchange_get_reply_size (CloveExchange *self)
{
  return CLOVE_EXCHANGE_GET_CLASS (self)->get_reply_size (self);
}

/**
 * clove_exchange_has_ended:
 * @self: an exchange
 * @error_out: (out) (optional) (nullable) (transfer none): why it failed, %NULL on success
 *
 * Returns: whether no more bytes will come; those readable before the end still are
 */
gboolean
clove_exchange_has_ended (CloveExchange *self, const GError **error_out)
{
  return CLOVE_EXCHANGE_GET_CLASS (self)->has_ended (self, error_out);
}

/**
 * clove_exchange_cancel:
 * @self: an exchange
 *
 * Say that nobody wants the rest of the reply; nobody's fault. Harmless after the end. The caller
 * still drops its reference.
 */
void
clove_exchange_cancel (CloveExchange *self)
{
  CLOVE_EXCHANGE_GET_CLASS (self)->cancel (self);
}

/** clove_backend_get_max_request_size: Get the most bytes that a serialised request may have. */
gsize
clove_backend_get_max_request_size (CloveBackend *self)
{
  return CLOVE_BACKEND_GET_IFACE (self)->get_max_request_size (self);
}

/**
 * clove_backend_send:
 * @self: a backend
 * @host: the site's name: lower-case, without port or final dot
 * @request: a complete HTTP/1.1 request
 * @on_progress: called on each change
 * @user_data: for @on_progress; must stay valid until the end or clove_exchange_cancel()
 *
 * Send @request to @host. Failure, too, is told through the exchange.
 *
 * Returns: (transfer full): the exchange
 */
CloveExchange *
clove_backend_send (CloveBackend *self,
                    const char *host,
                    GBytes *request,
                    CloveExchangeFunc on_progress,
                    gpointer user_data)
{
  return CLOVE_BACKEND_GET_IFACE (self)->send (self, host, request, on_progress, user_data);
}

/**
 * clove_backend_send_first_piece:
 * @self: a backend
 * @host: as for clove_backend_send()
 * @request: a request for the beginning of what may be large
 * @on_progress: called on each change
 * @user_data: for @on_progress
 *
 * Send a request as clove_backend_send() does, but for one thing: a reply that breaks off is not
 * asked for again, since the sender will ask for less.
 *
 * Returns: (transfer full): the exchange
 */
CloveExchange *
clove_backend_send_first_piece (CloveBackend *self,
                                const char *host,
                                GBytes *request,
                                CloveExchangeFunc on_progress,
                                gpointer user_data)
{
  CloveBackendInterface *iface = CLOVE_BACKEND_GET_IFACE (self);

  if (iface->send_first_piece == NULL)
    return iface->send (self, host, request, on_progress, user_data);
  return iface->send_first_piece (self, host, request, on_progress, user_data);
}

/**
 * clove_backend_send_piece:
 * @self: a backend
 * @host: as for clove_backend_send()
 * @request: a request for a part of something
 * @on_progress: called on each change
 * @user_data: for @on_progress
 *
 * Send one of several requests whose sender repeats what is lost itself, and sooner: the reply is
 * shown as it comes, and that it is lost or given up proves nothing.
 *
 * Returns: (transfer full): the exchange
 */
CloveExchange *
clove_backend_send_piece (CloveBackend *self,
                          const char *host,
                          GBytes *request,
                          CloveExchangeFunc on_progress,
                          gpointer user_data)
{
  CloveBackendInterface *iface = CLOVE_BACKEND_GET_IFACE (self);

  if (iface->send_piece == NULL)
    return iface->send (self, host, request, on_progress, user_data);
  return iface->send_piece (self, host, request, on_progress, user_data);
}
