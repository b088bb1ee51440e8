/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * demo.ton: a site that shows a visitor what happened and gives tests every kind of reply. Replies
 * depend on the request alone; README.md lists the addresses.
 */
#include "config.h"

#include "clove-demo-site.h"

#include "clove-demo-file.h"
#include "clove-demo-resources.h"
#include "clove-exit-accept.h"

#include <string.h>

#define RESOURCE_PREFIX "/org/clove/demo-site/"
#define MAX_DELAY_MS    120000
#define MAX_CHUNKED     16000000 /* bytes; with its chunk lines it still fits one message */
#define CHUNK_SIZE      16384
#define N_IMAGES        99

typedef struct {
  const char *host;
  const CloveExitRequest *request;
  const char *path; /* without query */
  const char *rest; /* of @path behind the route's prefix */
} Visit;

typedef CloveExitReply *(*RouteFunc) (const Visit *visit);

typedef struct {
  const char *prefix;
  gboolean is_whole; /* the path is the prefix, nothing behind */
  gboolean takes_post;
  RouteFunc reply;
} Route;

static gboolean
parse_number (const char *text, guint64 max, guint64 *out)
{
  return g_ascii_string_to_unsigned (text, 10, 0, max, out, NULL);
}

static CloveExitReply *
reply_resource (guint status, const char *name, const char *content_type)
{
  g_autofree char *path = g_strconcat (RESOURCE_PREFIX, name, NULL);
  GBytes *page = g_resource_lookup_data (clove_demo_resources_get_resource (), path,
                                         G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

  return clove_exit_reply_new (status, content_type, page);
}

/* A page that is there as @name.html and as @name.txt, for people who read in a terminal. */
static CloveExitReply *
reply_page (const CloveExitRequest *request, guint status, const char *name)
{
  const char *accept = clove_exit_headers_get (request->headers, "Accept");
  gboolean is_text = clove_exit_accept_get_quality (accept, "text/plain") >
                     clove_exit_accept_get_quality (accept, "text/html");
  g_autofree char *file = g_strconcat (name, is_text ? ".txt" : ".html", NULL);
  CloveExitReply *reply = reply_resource (
    status, file, is_text ? "text/plain; charset=utf-8" : "text/html; charset=utf-8");

  clove_exit_headers_add (reply->headers, "Vary", "Accept");
  return reply;
}

static CloveExitReply *
reply_not_found (const Visit *visit)
{
  return reply_page (visit->request, 404, "not-found");
}

static CloveExitReply *
reply_index (const Visit *visit)
{
  return reply_page (visit->request, 200, "index");
}

static CloveExitReply *
reply_gallery (const Visit *visit)
{
  return reply_resource (200, "gallery.html", "text/html; charset=utf-8");
}

static CloveExitReply *
reply_style (const Visit *visit)
{
  return reply_resource (200, "style.css", "text/css; charset=utf-8");
}

static CloveExitReply *
reply_icon (const Visit *visit)
{
  return reply_resource (200, "icon.svg", "image/svg+xml");
}

static CloveExitReply *
reply_bytes (const Visit *visit)
{
  guint64 size = 0;

  if (!parse_number (visit->rest, CLOVE_DEMO_MAX_FILE_SIZE, &size))
    return reply_not_found (visit);
  return clove_demo_file_reply_plain (size);
}

static CloveExitReply *
reply_file (const Visit *visit)
{
  guint64 size = 0;

  if (!parse_number (visit->rest, CLOVE_DEMO_MAX_FILE_SIZE, &size))
    return reply_not_found (visit);
  return clove_demo_file_reply (visit->request, size);
}

static void
append_headers (GString *text, const CloveExitRequest *request)
{
  for (guint i = 0; i < clove_exit_headers_get_size (request->headers); i++) {
    const CloveExitHeader *header = clove_exit_headers_get_nth (request->headers, i);

    g_string_append_printf (text, "%s: %s\r\n", header->name, header->value);
  }
}

static CloveExitReply *
reply_with_text (GString *text)
{
  return clove_exit_reply_new (200, "text/plain; charset=utf-8", g_string_free_to_bytes (text));
}

static CloveExitReply *
reply_headers (const Visit *visit)
{
  GString *text = g_string_new (NULL);

  append_headers (text, visit->request);
  return reply_with_text (text);
}

static CloveExitReply *
reply_echo (const Visit *visit)
{
  GString *text = g_string_new (NULL);
  gsize size = 0;
  const char *body = g_bytes_get_data (visit->request->body, &size);

  g_string_append_printf (text, "%s %s HTTP/1.1\r\n", visit->request->method,
                          visit->request->target);
  append_headers (text, visit->request);
  g_string_append (text, "\r\n");
  g_string_append_len (text, body, (gssize) size);
  return reply_with_text (text);
}

static CloveExitReply *
reply_slow (const Visit *visit)
{
  guint64 delay_ms = 0;
  CloveExitReply *reply = NULL;

  if (!parse_number (visit->rest, MAX_DELAY_MS, &delay_ms))
    return reply_not_found (visit);
  reply = clove_exit_reply_new_text (200, "Thought about it for %u ms.\n", (guint) delay_ms);
  reply->delay_us = (gint64) delay_ms * 1000;
  return reply;
}

static CloveExitReply *
reply_status (const Visit *visit)
{
  guint64 status = 0;

  if (!parse_number (visit->rest, 599, &status) || status < 200)
    return reply_not_found (visit);
  if (status == 204 || status == 304)
    return clove_exit_reply_new ((guint) status, NULL, NULL);
  return clove_exit_reply_new_text ((guint) status, "%u %s\n", (guint) status,
                                    clove_exit_status_phrase ((guint) status));
}

static CloveExitReply *
reply_chunked (const Visit *visit)
{
  static const char line[] = "One line of a reply whose length nobody knew before.\n";
  g_autoptr (GString) text = NULL;
  guint64 size = 0;
  CloveExitReply *reply = NULL;

  if (!parse_number (visit->rest, MAX_CHUNKED, &size))
    return reply_not_found (visit);
  text = g_string_sized_new ((gsize) size + sizeof line);
  while (text->len < size)
    g_string_append (text, line);
  g_string_truncate (text, (gsize) size);
  reply = reply_with_text (g_steal_pointer (&text));
  reply->chunk_size = CHUNK_SIZE;
  return reply;
}

static CloveExitReply *
reply_location (guint status, const char *location)
{
  CloveExitReply *reply = clove_exit_reply_new_text (status, "See %s\n", location);

  clove_exit_headers_add (reply->headers, "Location", location);
  return reply;
}

static CloveExitReply *
reply_redirect (const Visit *visit)
{
  static const struct {
    const char *name;
    guint status;
    const char *location;
  } named[] = {
    { "loop", 302, "/redirect/loop" },
    { "https", 302, "https://demo.ton/" },
    { "other", 302, "http://other.ton/echo" },
    { "nowhere", 302, "http://nowhere.nx.ton/" },
    { "clearnet", 302, "http://example.com/" },
    { "keep-method", 307, "/echo" },
    { "", 302, "/" },
  };
  guint64 n_more = 0;
  g_autofree char *next = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (named); i++)
    if (strcmp (visit->rest, named[i].name) == 0)
      return reply_location (named[i].status, named[i].location);
  if (!parse_number (visit->rest, 100, &n_more))
    return reply_not_found (visit);
  if (n_more <= 1)
    return reply_location (302, "/echo");
  next = g_strdup_printf ("/redirect/%u", (guint) n_more - 1);
  return reply_location (302, next);
}

static CloveExitReply *
reply_image (const Visit *visit)
{
  g_autofree char *name = g_strdup (visit->rest);
  guint64 number = 0;
  guint hue = 0;
  char *svg = NULL;

  if (!g_str_has_suffix (name, ".svg"))
    return reply_not_found (visit);
  name[strlen (name) - strlen (".svg")] = '\0';
  if (!parse_number (name, N_IMAGES, &number) || number == 0)
    return reply_not_found (visit);
  hue = (guint) number * 47 % 360;
  svg = g_strdup_printf (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 240 180'>"
    "<rect width='240' height='180' fill='hsl(%u,45%%,82%%)'/>"
    "<circle cx='%u' cy='58' r='26' fill='hsl(%u,75%%,62%%)'/>"
    "<path d='M0 180V120l60-50 50 45 50-70 80 90v45z' fill='hsl(%u,35%%,42%%)'/>"
    "<text x='224' y='166' fill='#fff' font-family='sans-serif' font-size='20' "
    "text-anchor='end'>%u</text></svg>",
    hue, 30 + (guint) number * 37 % 180, (hue + 60) % 360, (hue + 20) % 360, (guint) number);
  return clove_exit_reply_new (200, "image/svg+xml", g_bytes_new_take (svg, strlen (svg)));
}

static CloveExitReply *
reply_cookies (const Visit *visit)
{
  CloveExitReply *reply = clove_exit_reply_new_text (200, "Two cookies were set.\n");

  clove_exit_headers_add (reply->headers, "Set-Cookie", "first=1; Path=/");
  clove_exit_headers_add (reply->headers, "Set-Cookie", "second=2; Path=/");
  return reply;
}

static CloveExitReply *
reply_broken (const Visit *visit)
{
  CloveExitReply *reply = clove_exit_reply_new_text (200, "This reply breaks off in the mid");

  reply->is_broken = TRUE;
  return reply;
}

static CloveExitReply *
reply_host (const Visit *visit)
{
  return clove_exit_reply_new_text (200, "%s\n", visit->host);
}

static const Route routes[] = {
  { "/", TRUE, FALSE, reply_index },
  { "/gallery", TRUE, FALSE, reply_gallery },
  { "/style.css", TRUE, FALSE, reply_style },
  { "/icon.svg", TRUE, FALSE, reply_icon },
  { "/bytes/", FALSE, FALSE, reply_bytes },
  { "/file/", FALSE, FALSE, reply_file },
  { "/echo", TRUE, TRUE, reply_echo },
  { "/headers", TRUE, TRUE, reply_headers },
  { "/host", TRUE, FALSE, reply_host },
  { "/slow/", FALSE, TRUE, reply_slow },
  { "/status/", FALSE, TRUE, reply_status },
  { "/chunked/", FALSE, FALSE, reply_chunked },
  { "/redirect", TRUE, TRUE, reply_redirect },
  { "/redirect/", FALSE, TRUE, reply_redirect },
  { "/image/", FALSE, FALSE, reply_image },
  { "/cookies", TRUE, FALSE, reply_cookies },
  { "/broken", TRUE, FALSE, reply_broken },
};

static const Route *
find_route (const char *path)
{
  for (gsize i = 0; i < G_N_ELEMENTS (routes); i++)
    if (routes[i].is_whole ? strcmp (path, routes[i].prefix) == 0
                           : g_str_has_prefix (path, routes[i].prefix))
      return &routes[i];
  return NULL;
}

static CloveExitReply *
reply_not_allowed (gboolean takes_post)
{
  CloveExitReply *reply = clove_exit_reply_new_text (405, "Not with this method.\n");

  clove_exit_headers_add (reply->headers, "Allow", takes_post ? "GET, HEAD, POST" : "GET, HEAD");
  return reply;
}

/* Makes the reply to the visit, for HEAD with the body that GET would get. */
static CloveExitReply *
reply_visit (Visit *visit)
{
  const Route *route = find_route (visit->path);
  const char *method = visit->request->method;
  gboolean is_read = strcmp (method, "GET") == 0 || strcmp (method, "HEAD") == 0;

  if (route == NULL)
    return reply_not_found (visit);
  if (!is_read && !(route->takes_post && strcmp (method, "POST") == 0))
    return reply_not_allowed (route->takes_post);
  visit->rest = visit->path + strlen (route->prefix);
  return route->reply (visit);
}

/**
 * clove_demo_site_reply:
 * @host: the name that was visited
 * @request: what is asked
 *
 * Returns: (transfer full): the reply, without a body for HEAD
 */
CloveExitReply *
clove_demo_site_reply (const char *host, const CloveExitRequest *request)
{
  g_autofree char *path = g_strndup (request->target, strcspn (request->target, "?#"));
  Visit visit = { .host = host, .request = request, .path = path };
  CloveExitReply *reply = reply_visit (&visit);

  if (strcmp (request->method, "HEAD") == 0)
    clove_exit_reply_drop_body (reply);
  return reply;
}
