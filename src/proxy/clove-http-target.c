/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decides where a request goes. Only TON names are ever carried; every other name is refused by its
 * letters alone and never looked up.
 */
#include "config.h"

#include "clove-http-target.h"

#define DEFAULT_PORT   80
#define MAX_LABEL_SIZE 63

/* A host with its port, as in a Host field. */
typedef struct {
  char host[CLOVE_HTTP_HOST_SIZE];
  guint port;
  /* Whether the name has only letters, digits, "-", "_" and single dots. */
  gboolean is_name;
} Authority;

static gboolean
refuse_clear_net (GError **error)
{
  return clove_http_refuse (CLOVE_HTTP_ERROR_FORBIDDEN,
                            "This proxy opens only addresses that end in .ton, .adnl or .t.me.",
                            error);
}

static gboolean
parse_port (CloveHttpText text, guint *port_out)
{
  guint port = 0;

  if (text.size > 5)
    return FALSE;
  for (gsize i = 0; i < text.size; i++) {
    if (!g_ascii_isdigit (text.data[i]))
      return FALSE;
    port = port * 10 + (guint) (text.data[i] - '0');
  }
  *port_out = text.size > 0 ? port : DEFAULT_PORT;
  return *port_out > 0 && *port_out <= G_MAXUINT16;
}

static gboolean
is_name (const char *host)
{
  gsize label_size = 0;

  for (const char *p = host; *p != '\0'; p++) {
    if (*p == '.' && label_size == 0)
      return FALSE;
    label_size = *p == '.' ? 0 : label_size + 1;
    if (label_size > MAX_LABEL_SIZE)
      return FALSE;
    if (!g_ascii_isalnum (*p) && *p != '.' && *p != '-' && *p != '_')
      return FALSE;
  }
  return label_size > 0;
}

/* "[" stands only around an IPv6 address, which has colons of its own. */
static gsize
find_port (CloveHttpText text)
{
  gsize position = text.size;

  if (text.size > 0 && text.data[0] == '[') {
    if (!clove_http_text_find (text, ']', &position))
      return text.size;
    return position + 1;
  }
  (void) clove_http_text_find (text, ':', &position);
  return position;
}

static gboolean
parse_authority (Authority *out, CloveHttpText text, GError **error)
{
  gsize position = 0;
  CloveHttpText host = { text.data, find_port (text) };
  CloveHttpText rest = clove_http_text_skip (text, host.size);

  if (clove_http_text_find (text, '@', &position))
    return clove_http_refuse_bad ("The address contains a user name.", error);
  if (host.size > 1 && host.data[host.size - 1] == '.')
    host.size--;
  if (host.size == 0)
    return clove_http_refuse_bad ("The address has no host.", error);
  if (host.size >= CLOVE_HTTP_HOST_SIZE)
    return clove_http_refuse_bad ("The name of the host is too long.", error);
  if (rest.size > 0 && rest.data[0] != ':')
    return clove_http_refuse_bad ("The host is malformed.", error);
  if (!parse_port (clove_http_text_skip (rest, 1), &out->port))
    return clove_http_refuse_bad ("The port is malformed.", error);

  for (gsize i = 0; i < host.size; i++)
    out->host[i] = g_ascii_tolower (host.data[i]);
  out->host[host.size] = '\0';
  out->is_name = is_name (out->host);
  return TRUE;
}

/** clove_http_is_ton_host: Tell whether a lower-case name is below .ton, .adnl or .t.me. */
gboolean
clove_http_is_ton_host (const char *host)
{
  return is_name (host) && (g_str_has_suffix (host, ".ton") || g_str_has_suffix (host, ".adnl") ||
                            g_str_has_suffix (host, ".t.me"));
}

/* The exit answers a path that it cannot decode with silence, which would look like its failure. */
static gboolean
check_escapes (CloveHttpText path, GError **error)
{
  gsize position = path.size;

  (void) clove_http_text_find (path, '?', &position);
  for (gsize i = 0; i < position; i++) {
    if (path.data[i] != '%')
      continue;
    if (i + 2 >= position || !g_ascii_isxdigit (path.data[i + 1]) ||
        !g_ascii_isxdigit (path.data[i + 2]))
      return clove_http_refuse_bad ("The address contains a malformed “%” code.", error);
  }
  return TRUE;
}

static gboolean
resolve_connect (const CloveHttpRequest *request, GError **error)
{
  Authority authority = { 0 };

  if (!parse_authority (&authority, request->target, error))
    return FALSE;
  if (!clove_http_is_ton_host (authority.host))
    return refuse_clear_net (error);
  return clove_http_refuse (CLOVE_HTTP_ERROR_NOT_IMPLEMENTED,
                            "TON sites are opened with http://, not with https://.", error);
}

static gboolean
check_host_field (const CloveHttpRequest *request, const Authority *target, GError **error)
{
  Authority field = { 0 };

  if (request->host.data == NULL)
    return TRUE;
  if (!parse_authority (&field, request->host, error))
    return FALSE;
  if (field.port != target->port || strcmp (field.host, target->host) != 0)
    return clove_http_refuse_bad ("The Host field differs from the address.", error);
  return TRUE;
}

static CloveHttpText
up_to_path (CloveHttpText text)
{
  gsize i = 0;

  while (i < text.size && text.data[i] != '/' && text.data[i] != '?')
    i++;
  return (CloveHttpText){ text.data, i };
}

static gboolean
finish_site (CloveHttpTarget *out, const Authority *authority, GError **error)
{
  if (!clove_http_is_ton_host (authority->host))
    return refuse_clear_net (error);
  out->kind = CLOVE_HTTP_TARGET_SITE;
  memcpy (out->host, authority->host, sizeof out->host);
  return check_escapes (out->path, error);
}

static gboolean
resolve_absolute (CloveHttpTarget *out, const CloveHttpRequest *request, GError **error)
{
  CloveHttpText text = clove_http_text_skip (request->target, strlen ("http://"));
  CloveHttpText host = up_to_path (text);
  Authority authority = { 0 };

  out->path = clove_http_text_skip (text, host.size);
  return parse_authority (&authority, host, error) &&
         check_host_field (request, &authority, error) && finish_site (out, &authority, error);
}

/* Whether the Host field names this proxy: as it was reached, or "localhost" on loopback, which no
 * web site can make its own by changing what its name resolves to. */
static gboolean
is_own_host (const Authority *field, const char *own_address)
{
  CloveHttpText own = { own_address, strlen (own_address) };
  Authority self = { 0 };

  if (!parse_authority (&self, own, NULL) || field->port != self.port)
    return FALSE;
  if (strcmp (field->host, self.host) == 0)
    return TRUE;
  return strcmp (field->host, "localhost") == 0 &&
         (g_str_has_prefix (self.host, "127.") || strcmp (self.host, "[::1]") == 0);
}

static gboolean
resolve_origin (CloveHttpTarget *out,
                const CloveHttpRequest *request,
                const char *own_address,
                GError **error)
{
  Authority field = { 0 };

  if (request->host.data == NULL)
    return clove_http_refuse_bad ("The request names no host.", error);
  if (!parse_authority (&field, request->host, error))
    return FALSE;
  out->path = request->target;
  if (clove_http_is_ton_host (field.host))
    return finish_site (out, &field, error);

  if (clove_http_text_is (request->target, "/proxy.pac") &&
      clove_http_text_is (request->method, "GET") && is_own_host (&field, own_address)) {
    out->kind = CLOVE_HTTP_TARGET_PAC;
    return TRUE;
  }
  return clove_http_refuse_bad ("This is a proxy for TON sites, not a web site.", error);
}

static gboolean
has_scheme (CloveHttpText target)
{
  gsize colon = 0;

  if (!clove_http_text_find (target, ':', &colon) || !g_ascii_isalpha (target.data[0]))
    return FALSE;
  for (gsize i = 0; i < colon; i++) {
    if (!g_ascii_isalnum (target.data[i]) && strchr ("+-.", target.data[i]) == NULL)
      return FALSE;
  }
  return TRUE;
}

/**
 * clove_http_target_resolve:
 * @out: (out): where the request goes
 * @request: a parsed request
 * @own_address: the address and port at which the browser reached this proxy
 * @error: in the domain %CLOVE_HTTP_ERROR; the code is the status to answer with
 *
 * Returns: whether the request may go anywhere
 */
gboolean
clove_http_target_resolve (CloveHttpTarget *out,
                           const CloveHttpRequest *request,
                           const char *own_address,
                           GError **error)
{
  if (clove_http_text_is (request->method, "CONNECT"))
    return resolve_connect (request, error);
  if (clove_http_text_is (request->method, "TRACE"))
    return clove_http_refuse (CLOVE_HTTP_ERROR_METHOD_NOT_ALLOWED, "TRACE is not allowed.", error);
  if (request->target.data[0] == '/')
    return resolve_origin (out, request, own_address, error);
  if (clove_http_text_has_prefix (request->target, "http://"))
    return resolve_absolute (out, request, error);
  if (clove_http_text_has_prefix (request->target, "https://"))
    return clove_http_refuse (CLOVE_HTTP_ERROR_FORBIDDEN,
                              "TON sites are opened with http://, not with https://.", error);
  if (has_scheme (request->target))
    return clove_http_refuse (CLOVE_HTTP_ERROR_FORBIDDEN,
                              "Only http:// addresses are opened here.", error);
  return clove_http_refuse_bad ("The address is malformed.", error);
}
