/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Joins the front end to circuits: an exchange is one request on one stream. The stream goes back
 * to its circuit, which may use it again, when the exchange is let go.
 *
 * A request that may be sent twice, and of whose reply nothing was shown yet, is repeated when its
 * circuit fails: at once if only the reply was damaged, else on the circuit that replaces the dead
 * one. The browser sees a slow page instead of an error. What is shown cannot be taken back, so a
 * small reply, which comes in one burst anyway, is shown when it is whole.
 */
#include "config.h"

#include "clove-circuit-backend.h"

#include <string.h>

/* Once on the standby circuit; if that is dead too, back on the live one, which may have been slow
 * only, and once on the one that is built then. */
#define MAX_REPEATS 3

/* The largest reply that is held back until it is whole. */
#define MAX_HELD_SIZE (64 * 1024)

struct _CloveCircuitBackend {
  GObject parent_instance;

  /* Owned. */
  CloveKeeper *keeper;
  CloveClock *clock;

  GQueue exchanges; /* borrowed: they leave when they are let go */
  gboolean repeats;
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
  CloveCircuitBackend *backend;
  char *host;
  GBytes *request;
  CloveStream *stream; /* NULL without a circuit, and once let go */
  GError *error;
  CloveTimer wake; /* tells of a failure that was there from the start */

  GList link; /* in the backend's queue, while is_listed */
  gboolean is_listed;
  CloveTicket ticket;
  gboolean has_ticket;   /* the keeper waits for the outcome */
  guint n_repeats_left;  /* of a safe method */
  gboolean is_postponed; /* waits for a circuit to be repeated on */
  gboolean is_shown;     /* the reader has seen something of the reply */

  CloveExchangeFunc on_progress;
  gpointer user_data;
};

G_DEFINE_FINAL_TYPE (CloveCircuitExchange, clove_circuit_exchange, CLOVE_TYPE_EXCHANGE)

static void clove_circuit_backend_iface_init (CloveBackendInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (CloveCircuitBackend,
                               clove_circuit_backend,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (CLOVE_TYPE_BACKEND,
                                                      clove_circuit_backend_iface_init))

static void attempt (CloveCircuitExchange *self);

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
report (CloveCircuitExchange *self, CloveOutcome outcome, const char *detail)
{
  if (!self->has_ticket)
    return;
  self->has_ticket = FALSE;
  clove_keeper_end_request (self->backend->keeper, &self->ticket, outcome, self->host, detail);
}

static void
drop_stream (CloveCircuitExchange *self)
{
  if (self->stream != NULL)
    clove_stream_release (g_steal_pointer (&self->stream));
}

static void
let_go (CloveCircuitExchange *self)
{
  clove_timer_stop (&self->wake);
  self->on_progress = NULL;
  report (self, CLOVE_OUTCOME_CANCELLED, NULL);
  drop_stream (self);
  if (self->is_listed)
    g_queue_unlink (&self->backend->exchanges, &self->link);
  self->is_listed = FALSE;
}

static void
tell (CloveCircuitExchange *self)
{
  if (self->on_progress != NULL)
    self->on_progress (CLOVE_EXCHANGE (self), self->user_data);
}

static void
fail (CloveCircuitExchange *self, CloveBackendError code, const char *message)
{
  self->is_postponed = FALSE;
  if (self->error == NULL)
    self->error = g_error_new_literal (CLOVE_BACKEND_ERROR, (gint) code, message);
}

/* Whether the reader must wait, so that the request can still be repeated. */
static gboolean
is_held_back (CloveCircuitExchange *self)
{
  if (self->is_shown)
    return FALSE;
  if (self->error != NULL)
    return TRUE; /* a page that tells why is better than a torn one */
  return self->n_repeats_left > 0 && !clove_stream_has_ended (self->stream, NULL) &&
         clove_stream_get_reply_size (self->stream) <= MAX_HELD_SIZE;
}

/* What the keeper makes of a failure that the stream met with. */
static CloveOutcome
outcome_of (const GError *error)
{
  switch ((CloveCircuitError) error->code) {
    case CLOVE_CIRCUIT_ERROR_SITE:
      return CLOVE_OUTCOME_SITE_ERROR;
    case CLOVE_CIRCUIT_ERROR_TOO_LARGE:
    case CLOVE_CIRCUIT_ERROR_OVERFLOW:
    case CLOVE_CIRCUIT_ERROR_CLOSED:
      return CLOVE_OUTCOME_CANCELLED;
    case CLOVE_CIRCUIT_ERROR_MALFORMED:
    case CLOVE_CIRCUIT_ERROR_HANDSHAKE:
    case CLOVE_CIRCUIT_ERROR_REFUSED:
    case CLOVE_CIRCUIT_ERROR_TIMED_OUT:
    case CLOVE_CIRCUIT_ERROR_STALLED:
    case CLOVE_CIRCUIT_ERROR_SEND:
    default:
      return CLOVE_OUTCOME_FAILURE;
  }
}

/* Whether to send the request again instead of failing. */
static gboolean
can_repeat (CloveCircuitExchange *self, const GError *error)
{
  return self->n_repeats_left > 0 && !self->is_shown &&
         (outcome_of (error) == CLOVE_OUTCOME_FAILURE ||
          g_error_matches (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_CLOSED));
}

static void
take_failure (CloveCircuitExchange *self, const GError *error)
{
  CloveBackendError code = backend_code (error);
  gboolean is_damaged =
    g_error_matches (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_STALLED);
  g_autofree char *message = g_strdup (error->message);
  gboolean repeats = can_repeat (self, error);

  /* The keeper may find the circuit dead by this and replace it, so all is decided before. */
  self->is_postponed = repeats;
  if (!repeats)
    fail (self, code, message);
  report (self, outcome_of (error), message);
  if (!self->is_postponed)
    return;
  /* With strikes recorded, a probe or a rebuild is under way, and its end is told. */
  if (is_damaged || clove_keeper_get_strikes (self->backend->keeper) == 0 ||
      !clove_keeper_is_current (self->backend->keeper, &self->ticket))
    attempt (self);
}

static void
on_stream_progress (CloveStream *stream, gpointer user_data)
{
  g_autoptr (CloveCircuitExchange) self = g_object_ref (user_data);
  const GError *error = NULL;

  if (clove_stream_has_ended (stream, &error)) {
    if (error != NULL)
      take_failure (self, error);
    else
      report (self, CLOVE_OUTCOME_PAGE, NULL);
  }
  if (!self->is_postponed)
    tell (self);
}

static void
on_wake (gpointer user_data)
{
  g_autoptr (CloveCircuitExchange) self = g_object_ref (user_data);

  tell (self);
}

/* Sends the request over the live circuit: the first time, or again. */
static void
attempt (CloveCircuitExchange *self)
{
  CloveCircuit *circuit = NULL;

  if (self->is_postponed)
    self->n_repeats_left--;
  self->is_postponed = FALSE;
  drop_stream (self);
  circuit = clove_keeper_begin_request (self->backend->keeper, &self->ticket);
  if (circuit == NULL) {
    fail (self, CLOVE_BACKEND_ERROR_NOT_READY, "there is no circuit yet");
    clove_timer_start (&self->wake, 0);
    return;
  }
  self->has_ticket = TRUE;
  self->stream = clove_circuit_take_stream (circuit, self->host);
  clove_stream_request (self->stream, self->request, on_stream_progress, self);
}

static const guint8 *
clove_circuit_exchange_peek (CloveExchange *exchange, gsize *size_out)
{
  CloveCircuitExchange *self = CLOVE_CIRCUIT_EXCHANGE (exchange);

  const guint8 *data = NULL;

  *size_out = 0;
  if (self->stream == NULL || is_held_back (self))
    return NULL;
  data = clove_stream_peek (self->stream, size_out);
  self->is_shown |= *size_out > 0;
  return data;
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
  return self->error != NULL ||
         (!self->is_postponed &&
          (self->stream == NULL || clove_stream_has_ended (self->stream, NULL)));
}

static void
clove_circuit_exchange_cancel (CloveExchange *exchange)
{
  CloveCircuitExchange *self = CLOVE_CIRCUIT_EXCHANGE (exchange);

  if (!clove_circuit_exchange_has_ended (exchange, NULL))
    fail (self, CLOVE_BACKEND_ERROR_CANCELLED, "request was cancelled");
  let_go (self);
}

static void
clove_circuit_exchange_dispose (GObject *object)
{
  CloveCircuitExchange *self = CLOVE_CIRCUIT_EXCHANGE (object);

  let_go (self);
  g_clear_error (&self->error);
  g_clear_pointer (&self->request, g_bytes_unref);
  g_clear_pointer (&self->host, g_free);
  g_clear_object (&self->backend);

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

/* Methods that change nothing at the site, so that sending them twice does no harm. */
static gboolean
is_safe (GBytes *request)
{
  static const char *const methods[] = { "GET ", "HEAD ", "OPTIONS " };
  gsize size = 0;
  const char *text = g_bytes_get_data (request, &size);

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++) {
    if (size >= strlen (methods[i]) && memcmp (text, methods[i], strlen (methods[i])) == 0)
      return TRUE;
  }
  return FALSE;
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

  exchange->backend = g_object_ref (self);
  exchange->host = g_strdup (host);
  exchange->request = g_bytes_ref (request);
  exchange->n_repeats_left = self->repeats && is_safe (request) ? MAX_REPEATS : 0;
  exchange->on_progress = on_progress;
  exchange->user_data = user_data;
  clove_timer_init (&exchange->wake, self->clock, on_wake, exchange);
  exchange->link.data = exchange;
  g_queue_push_tail_link (&self->exchanges, &exchange->link);
  exchange->is_listed = TRUE;
  attempt (exchange);
  return CLOVE_EXCHANGE (exchange);
}

/* What waits on another circuit than requests take now may wait in vain. */
static void
on_moved (CloveKeeper *keeper, gpointer user_data)
{
  CloveCircuitBackend *self = user_data;
  g_autoptr (GPtrArray) waiting = g_ptr_array_new_with_free_func (g_object_unref);

  for (GList *link = self->exchanges.head; link != NULL; link = link->next)
    g_ptr_array_add (waiting, g_object_ref (link->data));
  for (guint i = 0; i < waiting->len; i++) {
    CloveCircuitExchange *exchange = g_ptr_array_index (waiting, i);
    gboolean is_waiting =
      exchange->is_postponed || (exchange->has_ticket && exchange->n_repeats_left > 0 &&
                                 !clove_keeper_is_current (keeper, &exchange->ticket) &&
                                 !exchange->is_shown && exchange->error == NULL);

    if (!exchange->is_listed || !is_waiting)
      continue;
    exchange->is_postponed = TRUE;
    report (exchange, CLOVE_OUTCOME_CANCELLED, NULL);
    attempt (exchange);
  }
}

/* The circuit answers again after a failure: what was lost then can be asked for again. */
static void
on_keeper_changed (CloveKeeper *keeper, gpointer user_data)
{
  CloveCircuitBackend *self = user_data;

  if (clove_keeper_get_circuit (keeper) == NULL || clove_keeper_get_strikes (keeper) > 0)
    return;
  for (GList *link = self->exchanges.head; link != NULL; link = link->next) {
    CloveCircuitExchange *exchange = link->data;

    if (exchange->is_postponed)
      attempt (exchange);
  }
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

  if (self->keeper != NULL)
    g_signal_handlers_disconnect_by_data (self->keeper, self);
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
  g_queue_init (&self->exchanges);
  self->repeats = TRUE;
}

/** clove_circuit_backend_new: (transfer full): Carry requests over @keeper's live circuit. */
CloveBackend *
clove_circuit_backend_new (CloveKeeper *keeper, CloveClock *clock)
{
  CloveCircuitBackend *self = g_object_new (CLOVE_TYPE_CIRCUIT_BACKEND, NULL);

  self->keeper = g_object_ref (keeper);
  self->clock = clove_clock_ref (clock);
  g_signal_connect (keeper, "moved", G_CALLBACK (on_moved), self);
  g_signal_connect (keeper, "changed", G_CALLBACK (on_keeper_changed), self);
  return CLOVE_BACKEND (self);
}

/** clove_circuit_backend_set_repeats: Set whether lost requests are repeated; they are at first. */
void
clove_circuit_backend_set_repeats (CloveCircuitBackend *self, gboolean repeats)
{
  self->repeats = repeats;
}
