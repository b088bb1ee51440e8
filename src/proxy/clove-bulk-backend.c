/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-bulk-backend.h"

#include "clove-bulk-private.h"

struct _CloveBulkBackend {
  GObject parent_instance;

  CloveBulkShared *shared;
};

static void clove_bulk_backend_iface_init (CloveBackendInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (CloveBulkBackend,
                               clove_bulk_backend,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (CLOVE_TYPE_BACKEND,
                                                      clove_bulk_backend_iface_init))

CloveBulkShared *
_clove_bulk_shared_ref (CloveBulkShared *self)
{
  return g_rc_box_acquire (self);
}

static void
clear_shared (gpointer user_data)
{
  CloveBulkShared *self = user_data;

  clove_timer_stop (&self->pace);
  clove_bulk_gate_clear (&self->gate);
  g_clear_pointer (&self->hosts, clove_bulk_hosts_free);
  g_clear_pointer (&self->clock, clove_clock_unref);
  g_clear_object (&self->inner);
}

void
_clove_bulk_shared_unref (CloveBulkShared *self)
{
  g_rc_box_release_full (self, clear_shared);
}

static gboolean
has_room_for_piece (CloveBulkShared *self)
{
  CloveBulkWindow *window = &self->window;

  return clove_bulk_window_get_room (window) >=
         clove_bulk_window_get_piece_size (window) + clove_bulk_gate_get_excess (&self->gate);
}

/* Whether the time for a piece has come; if not, the pump runs again when it has. */
static gboolean
is_time_for_piece (CloveBulkShared *self)
{
  gint64 wait_us =
    clove_bulk_window_get_next_us (&self->window) - clove_clock_now_us (self->clock);

  if (wait_us <= 0)
    return TRUE;
  if (!clove_timer_is_running (&self->pace))
    clove_timer_start (&self->pace, wait_us);
  return FALSE;
}

/* Requests of which nobody knows how much they bring go first, but some piece is always under way.
 */
static gboolean
may_ask_for_piece (CloveBulkShared *self)
{
  gsize in_flight = clove_bulk_window_get_in_flight (&self->window);

  if (in_flight == clove_bulk_gate_get_counted (&self->gate))
    return TRUE;
  return clove_bulk_gate_get_n_waiting (&self->gate) == 0 && has_room_for_piece (self) &&
         is_time_for_piece (self);
}

/* Lets requests go, and downloads ask for pieces, one each in turn, as long as there is room. */
void
_clove_bulk_shared_pump (CloveBulkShared *self)
{
  clove_bulk_gate_open (&self->gate);
  while (self->waiting.head != NULL && may_ask_for_piece (self)) {
    GList *link = g_queue_pop_head_link (&self->waiting);

    if (_clove_bulk_download_ask (link->data))
      g_queue_push_tail_link (&self->waiting, link);
  }
}

static gsize
clove_bulk_backend_get_max_request_size (CloveBackend *backend)
{
  CloveBulkBackend *self = CLOVE_BULK_BACKEND (backend);

  return clove_backend_get_max_request_size (self->shared->inner);
}

static CloveExchange *
clove_bulk_backend_send (CloveBackend *backend,
                         const char *host,
                         GBytes *request,
                         CloveExchangeFunc on_progress,
                         gpointer user_data)
{
  CloveBulkBackend *self = CLOVE_BULK_BACKEND (backend);

  return _clove_bulk_exchange_new (self->shared, host, request, on_progress, user_data);
}

static void
clove_bulk_backend_iface_init (CloveBackendInterface *iface)
{
  iface->get_max_request_size = clove_bulk_backend_get_max_request_size;
  iface->send = clove_bulk_backend_send;
}

static void
clove_bulk_backend_dispose (GObject *object)
{
  CloveBulkBackend *self = CLOVE_BULK_BACKEND (object);

  g_clear_pointer (&self->shared, _clove_bulk_shared_unref);

  G_OBJECT_CLASS (clove_bulk_backend_parent_class)->dispose (object);
}

static void
clove_bulk_backend_class_init (CloveBulkBackendClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_bulk_backend_dispose;
}

static void
clove_bulk_backend_init (CloveBulkBackend *self)
{
}

static void
on_room (gpointer user_data)
{
  _clove_bulk_shared_pump (user_data);
}

/** clove_bulk_backend_new: (transfer full): Fetch what is large through @inner in pieces. */
CloveBackend *
clove_bulk_backend_new (CloveBackend *inner, CloveClock *clock)
{
  CloveBulkBackend *self = g_object_new (CLOVE_TYPE_BULK_BACKEND, NULL);

  self->shared = g_rc_box_new0 (CloveBulkShared);
  self->shared->inner = g_object_ref (inner);
  self->shared->clock = clove_clock_ref (clock);
  self->shared->hosts = clove_bulk_hosts_new ();
  clove_bulk_window_init (&self->shared->window);
  clove_bulk_gate_init (&self->shared->gate, &self->shared->window, self->shared->hosts, clock,
                        on_room, self->shared);
  clove_timer_init (&self->shared->pace, clock, on_room, self->shared);
  self->shared->repeats = TRUE;
  g_queue_init (&self->shared->waiting);
  return CLOVE_BACKEND (self);
}

/**
 * clove_bulk_backend_set_repeats:
 * @self: a backend
 * @repeats: whether a request is repeated of which nothing came; it is at first
 *
 * Pieces that are lost on the way are asked for again in any case.
 */
void
clove_bulk_backend_set_repeats (CloveBulkBackend *self, gboolean repeats)
{
  self->shared->repeats = repeats;
}

/** clove_bulk_backend_get_limit: Get how many bytes may be under way in pieces. */
gsize
clove_bulk_backend_get_limit (CloveBulkBackend *self)
{
  return clove_bulk_window_get_limit (&self->shared->window);
}

/** clove_bulk_backend_get_in_flight: Get how many bytes are under way in pieces. */
gsize
clove_bulk_backend_get_in_flight (CloveBulkBackend *self)
{
  return clove_bulk_window_get_in_flight (&self->shared->window);
}
