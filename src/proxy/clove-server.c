/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-server.h"

#include "clove-connection.h"
#include "clove-error-page.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#define BACKLOG              128
/* Accepting more at once would keep the open connections waiting. */
#define ACCEPTS_PER_DISPATCH 32
/* With no file descriptors left the listening socket stays readable: look away for a while. */
#define ACCEPT_PAUSE_US      G_USEC_PER_SEC

struct _CloveServer {
  GObject parent_instance;

  /* Owned. */
  CloveProxyShared *shared;
  GSocket *listener;
  GSource *accept_source;
  GMainContext *context;
  CloveTimer accept_timer;
  CloveTimer drain_timer;
  GHashTable *connections; /* set of CloveConnection */
  GTask *stop_task;
  GSource *cancel_source;

  CloveAddress address;
};

G_DEFINE_FINAL_TYPE (CloveServer, clove_server, G_TYPE_OBJECT)

static void
stop_accepting (CloveServer *self)
{
  if (self->accept_source != NULL)
    g_source_destroy (self->accept_source);
  g_clear_pointer (&self->accept_source, g_source_unref);
}

static void
finish_stop (CloveServer *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->stop_task);

  clove_timer_stop (&self->drain_timer);
  if (self->cancel_source != NULL)
    g_source_destroy (self->cancel_source);
  g_clear_pointer (&self->cancel_source, g_source_unref);
  g_task_return_boolean (task, TRUE);
}

static void
on_connection_closed (CloveConnection *connection, gpointer user_data)
{
  CloveServer *self = user_data;

  g_hash_table_remove (self->connections, connection);
  if (self->stop_task != NULL && g_hash_table_size (self->connections) == 0)
    finish_stop (self);
}

/* What a connection does may open the way for another to close: walk over a copy. */
static void
for_each_connection (CloveServer *self, void (*func) (CloveConnection *connection))
{
  GHashTableIter iter = { 0 };
  gpointer connection = NULL;
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref);

  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    g_ptr_array_add (all, g_object_ref (connection));
  for (guint i = 0; i < all->len; i++)
    func (g_ptr_array_index (all, i));
}

/* One connection too many: it costs a few calls and no object. */
static void
turn_away (GSocket *socket)
{
  CloveErrorPage page = {
    .status = 503,
    .detail = "Too many connections are open at once. Close some tabs or wait a little.",
    .closes = TRUE,
  };
  g_auto (CloveBuffer) out = { 0 };
  int fd = g_socket_get_fd (socket);
  char unread[4096];

  clove_error_page_format (&page, &out);
  /* Input that is left unread would turn the close into a reset. */
  (void) recv (fd, unread, sizeof unread, MSG_DONTWAIT);
  (void) send (fd, clove_buffer_get_data (&out), clove_buffer_get_size (&out),
               MSG_DONTWAIT | MSG_NOSIGNAL);
  (void) shutdown (fd, SHUT_WR);
}

static void
take_connection (CloveServer *self, GSocket *socket)
{
  if (g_hash_table_size (self->connections) >= CLOVE_SERVER_MAX_CONNECTIONS) {
    turn_away (socket);
    return;
  }
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  g_hash_table_add (self->connections,
                    clove_connection_new (socket, self->shared, on_connection_closed, self));
}

static gboolean
on_listener_ready (GSocket *listener, GIOCondition condition, gpointer user_data)
{
  CloveServer *self = user_data;

  for (guint i = 0; i < ACCEPTS_PER_DISPATCH; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GSocket) socket = g_socket_accept (listener, NULL, &error);

    if (socket != NULL) {
      take_connection (self, socket);
      continue;
    }
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
      return G_SOURCE_CONTINUE;
    /* A browser that gave up before it was accepted. */
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
      continue;
    g_message ("Cannot accept a browser's connection now: %s", error->message);
    stop_accepting (self);
    clove_timer_start (&self->accept_timer, ACCEPT_PAUSE_US);
    return G_SOURCE_REMOVE;
  }
  return G_SOURCE_CONTINUE;
}

static void
start_accepting (gpointer user_data)
{
  CloveServer *self = user_data;

  self->accept_source = g_socket_create_source (self->listener, G_IO_IN, NULL);
  g_source_set_static_name (self->accept_source, "clove-server");
  g_source_set_callback (self->accept_source, G_SOURCE_FUNC (on_listener_ready), self, NULL);
  g_source_attach (self->accept_source, self->context);
}

static void
close_listener (CloveServer *self)
{
  stop_accepting (self);
  clove_timer_stop (&self->accept_timer);
  if (self->listener != NULL)
    g_socket_close (self->listener, NULL);
  g_clear_object (&self->listener);
}

static void
on_drain_timeout (gpointer user_data)
{
  CloveServer *self = user_data;

  for_each_connection (self, clove_connection_abort);
}

static gboolean
on_stop_cancelled (GCancellable *cancellable, gpointer user_data)
{
  CloveServer *self = user_data;

  for_each_connection (self, clove_connection_abort);
  return G_SOURCE_REMOVE;
}

static void
watch_cancellable (CloveServer *self, GCancellable *cancellable)
{
  self->cancel_source = g_cancellable_source_new (cancellable);
  g_source_set_static_name (self->cancel_source, "clove-server-cancel");
  g_source_set_callback (self->cancel_source, G_SOURCE_FUNC (on_stop_cancelled), self, NULL);
  g_source_attach (self->cancel_source, self->context);
}

static void
clove_server_dispose (GObject *object)
{
  CloveServer *self = CLOVE_SERVER (object);

  if (self->shared != NULL) {
    self->shared->on_request = NULL;
    close_listener (self);
    for_each_connection (self, clove_connection_abort);
    clove_timer_stop (&self->drain_timer);
  }
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_pointer (&self->connections, g_hash_table_unref);
  g_clear_pointer (&self->shared, clove_proxy_shared_unref);
  G_OBJECT_CLASS (clove_server_parent_class)->dispose (object);
}

static void
clove_server_class_init (CloveServerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_server_dispose;
}

static void
clove_server_init (CloveServer *self)
{
  self->connections = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
}

/**
 * clove_server_new:
 * @clock: where time and timers come from
 *
 * Returns: (transfer full): a server that does not listen yet and has no backend
 */
CloveServer *
clove_server_new (CloveClock *clock)
{
  CloveServer *self = g_object_new (CLOVE_TYPE_SERVER, NULL);

  self->shared = clove_proxy_shared_new (clock, CLOVE_SERVER_MAX_IN_FLIGHT);
  clove_timer_init (&self->accept_timer, clock, start_accepting, self);
  clove_timer_init (&self->drain_timer, clock, on_drain_timeout, self);
  return self;
}

/**
 * clove_server_set_backend:
 * @self: a server
 * @backend: (nullable): what carries requests from now on; without one, they get a 503
 *
 * Requests that are in flight stay with the backend that took them.
 */
void
clove_server_set_backend (CloveServer *self, CloveBackend *backend)
{
  g_return_if_fail (CLOVE_IS_SERVER (self));

  g_set_object (&self->shared->backend, backend);
}

/** clove_server_set_request_func: Have @func called when a request to a site has ended. */
void
clove_server_set_request_func (CloveServer *self, CloveRequestFunc func, gpointer user_data)
{
  g_return_if_fail (CLOVE_IS_SERVER (self));

  self->shared->on_request = func;
  self->shared->on_request_data = user_data;
}

static gboolean
bind_listener (GSocket *listener, const CloveAddress *address, GError **error)
{
  g_autoptr (GSocketAddress) wanted = clove_address_to_gsocket (address);
  char text[CLOVE_ADDRESS_STRING_SIZE] = { 0 };
  g_autoptr (GError) cause = NULL;

  g_socket_set_blocking (listener, FALSE);
  g_socket_set_listen_backlog (listener, BACKLOG);
  if (g_socket_bind (listener, wanted, TRUE, &cause) && g_socket_listen (listener, &cause))
    return TRUE;

  clove_address_format (address, text);
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE,
                 "Another program already listens on %s.", text);
  else
    g_propagate_prefixed_error (error, g_steal_pointer (&cause), "Cannot listen on %s: ", text);
  return FALSE;
}

/**
 * clove_server_listen:
 * @self: a server that does not listen
 * @address: where; port 0 lets the system choose one
 * @error: %G_IO_ERROR_ADDRESS_IN_USE when another program is there, or other errors of #GSocket
 *
 * Begin to accept browsers, on the thread-default context.
 *
 * Returns: whether it worked
 */
gboolean
clove_server_listen (CloveServer *self, const CloveAddress *address, GError **error)
{
  GSocketFamily family =
    address->any.sa_family == AF_INET6 ? G_SOCKET_FAMILY_IPV6 : G_SOCKET_FAMILY_IPV4;
  g_autoptr (GSocket) listener = NULL;

  g_return_val_if_fail (CLOVE_IS_SERVER (self) && self->listener == NULL, FALSE);

  listener = g_socket_new (family, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);
  if (listener == NULL || !bind_listener (listener, address, error))
    return FALSE;
  self->address.size = sizeof self->address.v6;
  if (getsockname (g_socket_get_fd (listener), &self->address.any, &self->address.size) != 0)
    self->address = *address;
  self->listener = g_steal_pointer (&listener);
  g_clear_pointer (&self->context, g_main_context_unref);
  self->context = g_main_context_ref_thread_default ();
  self->shared->is_stopping = FALSE;
  start_accepting (self);
  return TRUE;
}

/** clove_server_get_address: Get where the server listens; %FALSE if it does not. */
gboolean
clove_server_get_address (CloveServer *self, CloveAddress *out)
{
  g_return_val_if_fail (CLOVE_IS_SERVER (self), FALSE);

  *out = self->address;
  return self->listener != NULL;
}

/** clove_server_get_statistics: Get the present counts. */
void
clove_server_get_statistics (CloveServer *self, CloveServerStatistics *out)
{
  const CloveProxyShared *shared = self->shared;

  g_return_if_fail (CLOVE_IS_SERVER (self));

  *out = (CloveServerStatistics){
    .n_connections = g_hash_table_size (self->connections),
    .n_in_flight = clove_slots_get_n_taken (&shared->slots),
    .n_queued = clove_slots_get_n_waiting (&shared->slots),
    .n_requests = shared->n_requests,
    .n_bytes_in = shared->n_bytes_in,
    .n_bytes_out = shared->n_bytes_out,
  };
}

/**
 * clove_server_stop_async:
 * @self: a server
 * @drain_us: how long requests in flight may still take before they are cut off
 * @cancellable: (nullable): cuts them off at once
 * @callback: called when no connection is left
 * @user_data: for @callback
 *
 * Take no new connections, close idle ones, let the rest finish. The server may listen again later.
 */
void
clove_server_stop_async (CloveServer *self,
                         gint64 drain_us,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (CLOVE_IS_SERVER (self) && self->stop_task == NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, clove_server_stop_async);
  g_task_set_check_cancellable (task, FALSE);
  close_listener (self);
  self->shared->is_stopping = TRUE;
  for_each_connection (self, clove_connection_drain);
  if (g_hash_table_size (self->connections) == 0) {
    g_task_return_boolean (task, TRUE);
    return;
  }
  self->stop_task = g_steal_pointer (&task);
  clove_timer_start (&self->drain_timer, drain_us);
  if (cancellable != NULL)
    watch_cancellable (self, cancellable);
}

/** clove_server_stop_finish: Get the result of clove_server_stop_async(); it cannot fail. */
gboolean
clove_server_stop_finish (CloveServer *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
