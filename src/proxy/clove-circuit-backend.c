/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Joins the front end to circuits: an exchange is one request on one stream. The stream goes back
 * to its circuit, which may use it again, when the exchange is let go. What becomes of the circuits
 * is passed on to all exchanges.
 */
#include "config.h"

#include "clove-circuit-backend.h"

#include "clove-circuit-exchange.h"

#include <string.h>

struct _CloveCircuitBackend {
  GObject parent_instance;

  /* Owned. */
  CloveKeeper *keeper;
  CloveClock *clock;

  GPtrArray *exchanges; /* borrowed, in order: they leave when they are disposed of */
  gboolean repeats;
};

static void clove_circuit_backend_iface_init (CloveBackendInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (CloveCircuitBackend,
                               clove_circuit_backend,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (CLOVE_TYPE_BACKEND,
                                                      clove_circuit_backend_iface_init))

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

static void
on_exchange_gone (gpointer user_data, GObject *exchange)
{
  CloveCircuitBackend *self = user_data;

  g_ptr_array_remove (self->exchanges, exchange);
}

static CloveExchange *
send_over_circuit (CloveCircuitBackend *self,
                   CloveCircuitExchangeOptions *options,
                   CloveExchangeFunc on_progress,
                   gpointer user_data)
{
  CloveCircuitExchange *exchange = NULL;

  options->keeper = self->keeper;
  options->clock = self->clock;
  exchange = clove_circuit_exchange_new (options, on_progress, user_data);
  g_ptr_array_add (self->exchanges, exchange);
  g_object_weak_ref (G_OBJECT (exchange), on_exchange_gone, self);
  return CLOVE_EXCHANGE (exchange);
}

static CloveExchange *
clove_circuit_backend_send (CloveBackend *backend,
                            const char *host,
                            GBytes *request,
                            CloveExchangeFunc on_progress,
                            gpointer user_data)
{
  CloveCircuitBackend *self = CLOVE_CIRCUIT_BACKEND (backend);
  CloveCircuitExchangeOptions options = {
    .host = host,
    .request = request,
    .is_safe = self->repeats && is_safe (request),
  };

  return send_over_circuit (self, &options, on_progress, user_data);
}

static CloveExchange *
clove_circuit_backend_send_first_piece (CloveBackend *backend,
                                        const char *host,
                                        GBytes *request,
                                        CloveExchangeFunc on_progress,
                                        gpointer user_data)
{
  CloveCircuitBackend *self = CLOVE_CIRCUIT_BACKEND (backend);
  CloveCircuitExchangeOptions options = {
    .host = host,
    .request = request,
    .is_safe = self->repeats && is_safe (request),
    .may_break_off = TRUE,
  };

  return send_over_circuit (self, &options, on_progress, user_data);
}

static CloveExchange *
clove_circuit_backend_send_piece (CloveBackend *backend,
                                  const char *host,
                                  GBytes *request,
                                  CloveExchangeFunc on_progress,
                                  gpointer user_data)
{
  CloveCircuitExchangeOptions options = { .host = host, .request = request, .is_piece = TRUE };

  return send_over_circuit (CLOVE_CIRCUIT_BACKEND (backend), &options, on_progress, user_data);
}

/* Each is held while it is told: what it does may end others. */
static void
tell_all (CloveCircuitBackend *self, void (*tell) (CloveCircuitExchange *exchange))
{
  g_autoptr (GPtrArray) exchanges = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->exchanges->len; i++)
    g_ptr_array_add (exchanges, g_object_ref (self->exchanges->pdata[i]));
  for (guint i = 0; i < exchanges->len; i++)
    tell (g_ptr_array_index (exchanges, i));
}

static void
on_moved (CloveKeeper *keeper, gpointer user_data)
{
  tell_all (user_data, clove_circuit_exchange_move);
}

static void
on_keeper_changed (CloveKeeper *keeper, gpointer user_data)
{
  if (clove_keeper_get_circuit (keeper) != NULL && clove_keeper_get_strikes (keeper) == 0)
    tell_all (user_data, clove_circuit_exchange_resume);
}

static void
clove_circuit_backend_iface_init (CloveBackendInterface *iface)
{
  iface->get_max_request_size = clove_circuit_backend_get_max_request_size;
  iface->send = clove_circuit_backend_send;
  iface->send_first_piece = clove_circuit_backend_send_first_piece;
  iface->send_piece = clove_circuit_backend_send_piece;
}

static void
drop_exchanges (CloveCircuitBackend *self)
{
  if (self->exchanges == NULL)
    return;
  for (guint i = 0; i < self->exchanges->len; i++)
    g_object_weak_unref (self->exchanges->pdata[i], on_exchange_gone, self);
  g_clear_pointer (&self->exchanges, g_ptr_array_unref);
}

static void
clove_circuit_backend_dispose (GObject *object)
{
  CloveCircuitBackend *self = CLOVE_CIRCUIT_BACKEND (object);

  if (self->keeper != NULL)
    g_signal_handlers_disconnect_by_data (self->keeper, self);
  drop_exchanges (self);
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
  self->exchanges = g_ptr_array_new ();
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
