/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Joins the front end to circuits: an exchange is one request on one stream. The stream goes back
 * to its circuit, which may use it again, when the exchange is let go.
 */
#include "config.h"

#include "clove-circuit-backend.h"

struct _CloveCircuitBackend {
  GObject parent_instance;

  /* Owned. */
  CloveKeeper *keeper;
  CloveClock *clock;
};

#define CLOVE_TYPE_CIRCUIT_EXCHANGE (clove_circuit_exchange_get_type ())
G_DECLARE_FINAL_TYPE (CloveCircuitExchange,
                      clove_circuit_exchange,
                      CLOVE,
                      CIRCUIT_EXCHANGE,
                      CloveExchange)

struct _CloveCircuitExchange {
  CloveExchange parent_instance;

  /* Owned. */
  CloveStream *stream; /* NULL without a circuit, and once let go */
  GError *error;
  CloveTimer wake; /* tells of a failure that was there from the start */

  CloveExchangeFunc on_progress;
  gpointer user_data;
};

G_DEFINE_FINAL_TYPE (CloveCircuitExchange, clove_circuit_exchange, CLOVE_TYPE_EXCHANGE)

static void
clove_circuit_backend_iface_init (CloveBackendInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (
  CloveCircuitBackend,
  clove_circuit_backend,
  G_TYPE_OBJECT,
  G_IMPLEMENT_INTERFACE (CLOVE_TYPE_BACKEND, clove_circuit_backend_iface_init))

static CloveBackendError
backend_code (const GError *error)
{
  if (error->domain != CLOVE_CIRCUIT_ERROR)
    return CLOVE_BACKEND_ERROR_CIRCUIT;
  switch ((CloveCircuitError) error->code) {
    case CLOVE_CIRCUIT_ERROR_SITE:
      return CLOVE_BACKEND_ERROR_SITE;
    case CLOVE_CIRCUIT_ERROR_TOO_LARGE:
      return CLOVE_BACKEND_ERROR_TOO_LARGE;
    case CLOVE_CIRCUIT_ERROR_OVERFLOW:
      return CLOVE_BACKEND_ERROR_OVERFLOW;
    case CLOVE_CIRCUIT_ERROR_MALFORMED:
    case CLOVE_CIRCUIT_ERROR_HANDSHAKE:
    case CLOVE_CIRCUIT_ERROR_REFUSED:
    case CLOVE_CIRCUIT_ERROR_TIMED_OUT:
    case CLOVE_CIRCUIT_ERROR_STALLED:
    case CLOVE_CIRCUIT_ERROR_CLOSED:
    case CLOVE_CIRCUIT_ERROR_SEND:
    default:
      return CLOVE_BACKEND_ERROR_CIRCUIT;
  }
}

static void
let_go (CloveCircuitExchange *self)
{
  clove_timer_stop (&self->wake);
  self->on_progress = NULL;
  if (self->stream != NULL)
    clove_stream_release (g_steal_pointer (&self->stream));
}

static void
on_stream_progress (CloveStream *stream, gpointer user_data)
{
  g_autoptr (CloveCircuitExchange) self = g_object_ref (user_data);
  const GError *error = NULL;

  if (clove_stream_has_ended (stream, &error) && error != NULL && self->error == NULL)
    self->error =
      g_error_new_literal (CLOVE_BACKEND_ERROR, (gint) backend_code (error), error->message);
  if (self->on_progress != NULL)
    self->on_progress (CLOVE_EXCHANGE (self), self->user_data);
}

static void
on_wake (gpointer user_data)
{
  g_autoptr (CloveCircuitExchange) self = g_object_ref (user_data);

  if (self->on_progress != NULL)
    self->on_progress (CLOVE_EXCHANGE (self), self->user_data);
}

static const guint8 *
clove_circuit_exchange_peek (CloveExchange *exchange, gsize *size_out)
{
  CloveCircuitExchange *self = CLOVE_CIRCUIT_EXCHANGE (exchange);

  *size_out = 0;
  return self->stream != NULL ? clove_stream_peek (self->stream, size_out) : NULL;
}

static void
clove_circuit_exchange_consume (CloveExchange *exchange, gsize size)
{
  CloveCircuitExchange *self = CLOVE_CIRCUIT_EXCHANGE (exchange);

  if (self->stream != NULL)
    clove_stream_consume (self->stream, size);
}

static gint64
clove_circuit_exchange_get_reply_size (CloveExchange *exchange)
{
  CloveCircuitExchange *self = CLOVE_CIRCUIT_EXCHANGE (exchange);

  return self->stream != NULL ? clove_stream_get_reply_size (self->stream) : -1;
}

static gboolean
clove_circuit_exchange_has_ended (CloveExchange *exchange, const GError **error_out)
{
  CloveCircuitExchange *self = CLOVE_CIRCUIT_EXCHANGE (exchange);

  if (error_out != NULL)
    *error_out = self->error;
  return self->error != NULL || self->stream == NULL ||
         clove_stream_has_ended (self->stream, NULL);
}

static void
clove_circuit_exchange_cancel (CloveExchange *exchange)
{
  CloveCircuitExchange *self = CLOVE_CIRCUIT_EXCHANGE (exchange);

  if (!clove_circuit_exchange_has_ended (exchange, NULL))
    self->error = g_error_new_literal (CLOVE_BACKEND_ERROR, CLOVE_BACKEND_ERROR_CANCELLED,
                                       "request was cancelled");
  let_go (self);
}

static void
clove_circuit_exchange_dispose (GObject *object)
{
  CloveCircuitExchange *self = CLOVE_CIRCUIT_EXCHANGE (object);

  let_go (self);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (clove_circuit_exchange_parent_class)->dispose (object);
}

static void
clove_circuit_exchange_class_init (CloveCircuitExchangeClass *klass)
{
  CloveExchangeClass *exchange_class = CLOVE_EXCHANGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clove_circuit_exchange_dispose;
  exchange_class->peek = clove_circuit_exchange_peek;
  exchange_class->consume = clove_circuit_exchange_consume;
  exchange_class->get_reply_size = clove_circuit_exchange_get_reply_size;
  exchange_class->has_ended = clove_circuit_exchange_has_ended;
  exchange_class->cancel = clove_circuit_exchange_cancel;
}

static void
clove_circuit_exchange_init (CloveCircuitExchange *self)
{
}

static gsize
clove_circuit_backend_get_max_request_size (CloveBackend *backend)
{
  return CLOVE_STREAM_MAX_REQUEST_SIZE;
}

static CloveExchange *
clove_circuit_backend_send (CloveBackend *backend,
                            const char *host,
                            GBytes *request,
                            CloveExchangeFunc on_progress,
                            gpointer user_data)
{
  CloveCircuitBackend *self = CLOVE_CIRCUIT_BACKEND (backend);
  CloveCircuitExchange *exchange = g_object_new (CLOVE_TYPE_CIRCUIT_EXCHANGE, NULL);
  CloveCircuit *circuit = clove_keeper_get_circuit (self->keeper);

  exchange->on_progress = on_progress;
  exchange->user_data = user_data;
  clove_timer_init (&exchange->wake, self->clock, on_wake, exchange);
  if (circuit == NULL || clove_circuit_get_state (circuit) != CLOVE_CIRCUIT_READY) {
    exchange->error = g_error_new_literal (CLOVE_BACKEND_ERROR, CLOVE_BACKEND_ERROR_NOT_READY,
                                           "there is no circuit yet");
    clove_timer_start (&exchange->wake, 0);
    return CLOVE_EXCHANGE (exchange);
  }
  exchange->stream = clove_circuit_take_stream (circuit, host);
  clove_stream_request (exchange->stream, request, on_stream_progress, exchange);
  return CLOVE_EXCHANGE (exchange);
}

static void
clove_circuit_backend_iface_init (CloveBackendInterface *iface)
{
  iface->get_max_request_size = clove_circuit_backend_get_max_request_size;
  iface->send = clove_circuit_backend_send;
}

static void
clove_circuit_backend_dispose (GObject *object)
{
  CloveCircuitBackend *self = CLOVE_CIRCUIT_BACKEND (object);

  g_clear_object (&self->keeper);
  g_clear_pointer (&self->clock, clove_clock_unref);

  G_OBJECT_CLASS (clove_circuit_backend_parent_class)->dispose (object);
}

static void
clove_circuit_backend_class_init (CloveCircuitBackendClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_circuit_backend_dispose;
}

static void
clove_circuit_backend_init (CloveCircuitBackend *self)
{
}

/** clove_circuit_backend_new: (transfer full): Carry requests over @keeper's live circuit. */
CloveBackend *
clove_circuit_backend_new (CloveKeeper *keeper, CloveClock *clock)
{
  CloveCircuitBackend *self = g_object_new (CLOVE_TYPE_CIRCUIT_BACKEND, NULL);

  self->keeper = g_object_ref (keeper);
  self->clock = clove_clock_ref (clock);
  return CLOVE_BACKEND (self);
}
