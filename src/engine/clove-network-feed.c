/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * GLib has one network monitor per process. It emits in the context that was the thread-default one
 * of whoever asked for it first, it attaches its sources to that context before it is ready, and
 * its state is not guarded. So it must be made and read by the thread that runs that context; and
 * were that the worker, the second engine of a process would listen to a context that ended with
 * the first. Hence everything here that touches the monitor runs in the program's default context
 * (functions ending in _in_main), and only copies of its state travel on. Where a library made the
 * monitor before in yet another thread, its signals still arrive: they are read where they are
 * emitted, and the way from there may be taken from any thread.
 *
 * The feed is made and closed in its owner's thread. It lives until the default context has let go
 * of the monitor; after clove_network_feed_close() it is deaf and dumb.
 */
#include "config.h"

#include "clove-network-feed.h"

static const char *const signal_names[] = {
  "network-changed",
  "notify::network-available",
  "notify::network-metered",
};

struct _CloveNetworkFeed {
  /* The owner's thread only. */
  CloveNetworkFeedFunc on_state; /* NULL once closed */
  gpointer user_data;

  /* Owned; the default context's thread only. */
  GNetworkMonitor *monitor;
  gulong handlers[G_N_ELEMENTS (signal_names)];

  GMutex lock;
  GMainContext *context; /* guarded by lock; the owner's; NULL once closed */
};

typedef struct {
  CloveNetworkFeed *feed; /* owned */
  CloveNetworkState state;
} Message;

static void
feed_clear (gpointer data)
{
  CloveNetworkFeed *self = data;

  g_clear_object (&self->monitor);
  g_mutex_clear (&self->lock);
}

static void
feed_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, feed_clear);
}

static void
message_free (gpointer data)
{
  Message *message = data;

  feed_unref (message->feed);
  g_free (message);
}

static void
post (GMainContext *context, GSourceFunc function, gpointer user_data, GDestroyNotify destroy)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  /* Whoever posts to one context does so at one priority, so that nothing overtakes. */
  g_source_set_priority (source, context != NULL ? G_PRIORITY_DEFAULT : G_PRIORITY_DEFAULT_IDLE);
  g_source_set_static_name (source, "clove-network-feed");
  g_source_set_callback (source, function, user_data, destroy);
  g_source_attach (source, context);
}

static gboolean
deliver (gpointer user_data)
{
  Message *message = user_data;
  CloveNetworkFeed *self = message->feed;

  if (self->on_state != NULL)
    self->on_state (&message->state, self->user_data);
  return G_SOURCE_REMOVE;
}

/* From any thread. */
static void
forward (CloveNetworkFeed *self, const CloveNetworkState *state)
{
  g_mutex_lock (&self->lock);
  if (self->context != NULL) {
    Message *message = g_new0 (Message, 1);

    message->feed = g_atomic_rc_box_acquire (self);
    message->state = *state;
    post (self->context, deliver, message, message_free);
  }
  g_mutex_unlock (&self->lock);
}

static void
forward_state (CloveNetworkFeed *self, GNetworkMonitor *monitor, gboolean has_changed)
{
  CloveNetworkState state = {
    .is_available = g_network_monitor_get_network_available (monitor),
    .is_metered = g_network_monitor_get_network_metered (monitor),
    .has_changed = has_changed,
  };

  forward (self, &state);
}

/*
 * The signal's own idea of availability is not the property's: with NetworkManager, the first goes
 * by routes and the second by connections.
 */
static void
on_network_changed (GNetworkMonitor *monitor, gboolean is_available, gpointer user_data)
{
  forward_state (user_data, monitor, TRUE);
}

static void
on_notify (GNetworkMonitor *monitor, GParamSpec *pspec, gpointer user_data)
{
  forward_state (user_data, monitor, FALSE);
}

static void
release_closure (gpointer data, GClosure *closure)
{
  feed_unref (data);
}

/* Where NetworkManager runs, making the monitor asks it over the bus and waits for the answer. */
static gboolean
subscribe_in_main (gpointer user_data)
{
  CloveNetworkFeed *self = user_data;

  if (self->monitor == NULL)
    self->monitor = g_object_ref (g_network_monitor_get_default ());
  for (guint i = 0; i < G_N_ELEMENTS (signal_names); i++) {
    GCallback callback = i == 0 ? G_CALLBACK (on_network_changed) : G_CALLBACK (on_notify);

    self->handlers[i] =
      g_signal_connect_data (self->monitor, signal_names[i], callback,
                             g_atomic_rc_box_acquire (self), release_closure, 0);
  }
  forward_state (self, self->monitor, FALSE);
  return G_SOURCE_REMOVE;
}

static gboolean
unsubscribe_in_main (gpointer user_data)
{
  CloveNetworkFeed *self = user_data;

  for (guint i = 0; i < G_N_ELEMENTS (signal_names); i++)
    g_clear_signal_handler (&self->handlers[i], self->monitor);
  g_clear_object (&self->monitor);
  return G_SOURCE_REMOVE;
}

/**
 * clove_network_feed_new:
 * @monitor: (nullable): what to listen to; %NULL for the process's own
 * @on_state: called with the state at first and at each change, from the thread-default context of
 *   the caller
 * @user_data: for @on_state
 *
 * Returns: (transfer full): a feed; it says nothing before the default context has run
 */
CloveNetworkFeed *
clove_network_feed_new (GNetworkMonitor *monitor, CloveNetworkFeedFunc on_state, gpointer user_data)
{
  CloveNetworkFeed *self = g_atomic_rc_box_new0 (CloveNetworkFeed);

  self->on_state = on_state;
  self->user_data = user_data;
  g_set_object (&self->monitor, monitor);
  g_mutex_init (&self->lock);
  self->context = g_main_context_ref_thread_default ();
  post (NULL, subscribe_in_main, g_atomic_rc_box_acquire (self), feed_unref);
  return self;
}

/**
 * clove_network_feed_close:
 * @self: (transfer full): a feed, in the thread that made it
 *
 * Say nothing any more, not even what is on its way, and let go of the monitor when the default
 * context runs next.
 */
void
clove_network_feed_close (CloveNetworkFeed *self)
{
  self->on_state = NULL;
  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_mutex_unlock (&self->lock);
  post (NULL, unsubscribe_in_main, self, feed_unref);
}
