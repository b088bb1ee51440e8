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

  g_clear_pointer (&self->hosts, clove_bulk_hosts_free);
  g_clear_pointer (&self->clock, clove_clock_unref);
  g_clear_object (&self->inner);
}

void
_clove_bulk_shared_unref (CloveBulkShared *self)
{
  g_rc_box_release_full (self, clear_shared);
}

/* Lets downloads ask for pieces, one each in turn, as long as there is room. */
void
_clove_bulk_shared_pump (CloveBulkShared *self)
{
  CloveBulkWindow *window = &self->window;
  GList *link = NULL;

  while ((clove_bulk_window_get_in_flight (window) == 0 ||
          clove_bulk_window_get_room (window) >= clove_bulk_window_get_piece_size (window)) &&
         (link = g_queue_pop_head_link (&self->waiting)) != NULL) {
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

/* Whether @request still fits when it says which piece it is for. */
static gboolean
has_room_for_range (CloveBulkBackend *self, GBytes *request)
{
  return g_bytes_get_size (request) + CLOVE_BULK_MAX_ADDED_SIZE <=
         clove_backend_get_max_request_size (self->shared->inner);
}

static CloveExchange *
clove_bulk_backend_send (CloveBackend *backend,
                         const char *host,
                         GBytes *request,
                         CloveExchangeFunc on_progress,
                         gpointer user_data)
{
  CloveBulkBackend *self = CLOVE_BULK_BACKEND (backend);
  CloveBulkShared *shared = self->shared;
  CloveBulkRequest *parsed = NULL;

  if (has_room_for_range (self, request) && !clove_bulk_hosts_has (shared->hosts, host))
    parsed = clove_bulk_request_new (request);
  if (parsed == NULL)
    return clove_backend_send (shared->inner, host, request, on_progress, user_data);
  return _clove_bulk_exchange_new (shared, host, parsed, on_progress, user_data);
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
