/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Real exits fetch with Go's HTTP client, whose rules for redirections are kept here: up to ten,
 * 301 to 303 turn into GET, 307 and 308 repeat the request, a Referer is added.
 */
#include "config.h"

#include "clove-exit-fetch.h"

#include "clove-demo-site.h"
#include "clove-exit-host.h"

#include <string.h>

typedef struct {
  CloveExitFetch *fetch; /* NULL once it is gone */
  GCancellable *cancellable;
} OriginCall;

struct _CloveExitFetch {
  /* Set at construction. */
  CloveExitFetchFunc callback;
  gpointer user_data;

  /* Owned. */
  CloveOrigin *origin; /* nullable */
  char *host;
  CloveExitRequest *request;
  CloveExitReply *reply; /* that the delay timer holds */
  CloveTimer delay;
  CloveTimer deadline;

  /* Borrowed; frees itself when the origin has answered. */
  OriginCall *call;

  guint n_redirects;
};

static void ask (CloveExitFetch *self);

static void
abandon_call (CloveExitFetch *self)
{
  OriginCall *call = g_steal_pointer (&self->call);

  if (call == NULL)
    return;
  call->fetch = NULL;
  g_cancellable_cancel (call->cancellable);
}

static void
finish (CloveExitFetch *self, CloveExitReply *reply)
{
  clove_timer_stop (&self->deadline);
  clove_timer_stop (&self->delay);
  abandon_call (self);
  self->callback (reply, self->user_data);
}

static gboolean
is_redirection (const CloveExitReply *reply)
{
  switch (reply->status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      return clove_exit_headers_get (reply->headers, "Location") != NULL;
    default:
      return FALSE;
  }
}

static char *
current_url (CloveExitFetch *self)
{
  return g_strconcat ("http://", self->host, self->request->target, NULL);
}

/* Where the redirection leads; %NULL with the reason in @reason_out when it cannot be followed. */
static GUri *
resolve_location (CloveExitFetch *self, const char *location, char **reason_out)
{
  g_autofree char *url = current_url (self);
  g_autoptr (GUri) base = g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL);
  g_autoptr (GUri) uri =
    base != NULL ? g_uri_parse_relative (base, location, G_URI_FLAGS_ENCODED, NULL) : NULL;
  const char *refusal = NULL;
  gint port = 0;

  if (uri == NULL || g_uri_get_host (uri) == NULL) {
    *reason_out = g_strdup_printf ("failed to parse Location header \"%s\"", location);
    return NULL;
  }
  if (strcmp (g_uri_get_scheme (uri), "http") != 0) {
    *reason_out =
      g_strdup_printf ("unsupported protocol scheme \"%s\"", g_uri_get_scheme (uri));
    return NULL;
  }
  port = g_uri_get_port (uri) == -1 ? 80 : g_uri_get_port (uri);
  if (self->origin != NULL && clove_origin_is_at (self->origin, g_uri_get_host (uri), port))
    return g_steal_pointer (&uri);
  refusal = clove_exit_host_refusal (g_uri_get_host (uri));
  if (refusal != NULL) {
    *reason_out = g_strdup (refusal);
    return NULL;
  }
  return g_steal_pointer (&uri);
}

static void
change_method (CloveExitRequest *request, guint status)
{
  if (status == 307 || status == 308 || strcmp (request->method, "HEAD") == 0)
    return;
  g_free (request->method);
  request->method = g_strdup ("GET");
  g_bytes_unref (request->body);
  request->body = g_bytes_new (NULL, 0);
  request->content_length = -1;
  clove_exit_headers_remove (request->headers, "Content-Length");
  clove_exit_headers_remove (request->headers, "Content-Type");
}

static void
go_to (CloveExitFetch *self, GUri *uri, guint status)
{
  g_autofree char *referer = current_url (self);
  const char *path = g_uri_get_path (uri)[0] != '\0' ? g_uri_get_path (uri) : "/";
  const char *query = g_uri_get_query (uri);
  gboolean is_origin =
    self->origin != NULL && clove_exit_host_refusal (g_uri_get_host (uri)) != NULL;

  change_method (self->request, status);
  clove_exit_headers_set (self->request->headers, "Referer", referer);
  g_free (self->request->target);
  self->request->target = g_strconcat (path, query != NULL ? "?" : NULL, query, NULL);
  /* The origin's own address stands for the name it was visited by. */
  if (!is_origin) {
    g_free (self->host);
    self->host = g_strdup (g_uri_get_host (uri));
  }
  clove_exit_headers_set (self->request->headers, "Host", self->host);
  ask (self);
}

static void
take_reply (CloveExitFetch *self, CloveExitReply *reply)
{
  g_autoptr (CloveExitReply) guard = reply;
  g_autoptr (GUri) uri = NULL;
  g_autofree char *reason = NULL;

  if (!is_redirection (reply)) {
    finish (self, g_steal_pointer (&guard));
    return;
  }
  if (self->n_redirects++ == CLOVE_EXIT_MAX_REDIRECTS) {
    finish (self, clove_exit_reply_new_failure ("stopped after %d redirects",
                                                CLOVE_EXIT_MAX_REDIRECTS));
    return;
  }
  uri = resolve_location (self, clove_exit_headers_get (reply->headers, "Location"), &reason);
  if (uri == NULL)
    finish (self, clove_exit_reply_new_failure ("%s", reason));
  else
    go_to (self, uri, reply->status);
}

/* A reply is made only now, when it can be handed on: many large ones never wait side by side. */
static void
on_delay (gpointer user_data)
{
  CloveExitFetch *self = user_data;

  if (self->reply == NULL) {
    self->reply = clove_demo_site_reply (self->host, self->request);
    if (self->reply->delay_us > 0) {
      clove_timer_start (&self->delay, self->reply->delay_us);
      return;
    }
  }
  take_reply (self, g_steal_pointer (&self->reply));
}

static void
on_deadline (gpointer user_data)
{
  finish (user_data, clove_exit_reply_new_failure ("context deadline exceeded"));
}

static void
on_origin_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OriginCall *call = user_data;
  CloveExitFetch *self = call->fetch;
  g_autoptr (CloveExitReply) reply =
    clove_origin_fetch_finish (CLOVE_ORIGIN (source), result, NULL);

  g_object_unref (call->cancellable);
  g_free (call);
  if (self == NULL || reply == NULL)
    return;
  self->call = NULL;
  take_reply (self, g_steal_pointer (&reply));
}

static void
ask (CloveExitFetch *self)
{
  if (self->origin == NULL) {
    clove_timer_start (&self->delay, 0);
    return;
  }
  self->call = g_new0 (OriginCall, 1);
  self->call->fetch = self;
  self->call->cancellable = g_cancellable_new ();
  clove_origin_fetch_async (self->origin, self->host, self->request, self->call->cancellable,
                            on_origin_answered, self->call);
}

/**
 * clove_exit_fetch_new:
 * @clock: time and timers
 * @origin: (nullable): the server to ask instead of the demo site
 * @host: the TON name that is visited
 * @request: (transfer full): what to ask
 * @callback: takes the reply
 * @user_data: for @callback
 *
 * Returns: (transfer full): the fetch, under way
 */
CloveExitFetch *
clove_exit_fetch_new (CloveClock *clock,
                      CloveOrigin *origin,
                      const char *host,
                      CloveExitRequest *request,
                      CloveExitFetchFunc callback,
                      gpointer user_data)
{
  CloveExitFetch *self = g_new0 (CloveExitFetch, 1);

  self->callback = callback;
  self->user_data = user_data;
  self->origin = origin != NULL ? g_object_ref (origin) : NULL;
  self->host = g_strdup (host);
  self->request = request;
  clove_timer_init (&self->delay, clock, on_delay, self);
  clove_timer_init (&self->deadline, clock, on_deadline, self);
  clove_timer_start (&self->deadline, CLOVE_EXIT_FETCH_TIMEOUT_US);
  clove_exit_headers_set (request->headers, "Host", host);
  ask (self);
  return self;
}

/** clove_exit_fetch_free: Release the fetch; one that is under way never calls back. */
void
clove_exit_fetch_free (CloveExitFetch *self)
{
  if (self == NULL)
    return;
  clove_timer_stop (&self->deadline);
  clove_timer_stop (&self->delay);
  abandon_call (self);
  clove_exit_reply_free (self->reply);
  clove_exit_request_free (self->request);
  g_free (self->host);
  g_clear_object (&self->origin);
  g_free (self);
}
