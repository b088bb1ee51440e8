/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-address.h"

#include <arpa/inet.h>
#include <string.h>

static gboolean
parse_port (const char *text, guint16 *port_out)
{
  guint32 port = 0;
  gsize n_digits = strlen (text);

  if (n_digits == 0 || n_digits > 5)
    return FALSE;
  for (const char *p = text; *p != '\0'; p++) {
    if (!g_ascii_isdigit (*p))
      return FALSE;
    port = port * 10 + (guint32) (*p - '0');
  }
  if (port == 0 || port > G_MAXUINT16)
    return FALSE;
  *port_out = (guint16) port;
  return TRUE;
}

static gboolean
parse_host (CloveAddress *out, const char *host, gsize host_size, guint16 port)
{
  char buffer[INET6_ADDRSTRLEN] = { 0 };
  gboolean is_bracketed = host_size >= 2 && host[0] == '[' && host[host_size - 1] == ']';

  if (is_bracketed) {
    host++;
    host_size -= 2;
  }
  if (host_size == 0 || host_size >= sizeof buffer)
    return FALSE;
  memcpy (buffer, host, host_size);

  if (!is_bracketed) {
    out->v4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons (port) };
    out->size = sizeof out->v4;
    return inet_pton (AF_INET, buffer, &out->v4.sin_addr) == 1;
  }
  out->v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons (port) };
  out->size = sizeof out->v6;
  return inet_pton (AF_INET6, buffer, &out->v6.sin6_addr) == 1;
}

/**
 * clove_address_parse:
 * @out: (out): the address; untouched on failure
 * @text: "192.0.2.1:9001" or "[2001:db8::1]:9001". Names are refused: looking one up would tell a
 *   name server which relays are used.
 * @error: %G_IO_ERROR_INVALID_ARGUMENT
 *
 * Returns: whether @text is an address with a port from 1 to 65535
 */
gboolean
clove_address_parse (CloveAddress *out, const char *text, GError **error)
{
  const char *colon = strrchr (text, ':');
  CloveAddress address = { 0 };
  guint16 port = 0;

  if (colon == NULL || !parse_port (colon + 1, &port) ||
      !parse_host (&address, text, (gsize) (colon - text), port)) {
    g_autofree char *shown = g_strescape (text, NULL);

    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "“%.80s” is not an IP address with a port, such as 192.0.2.1:9001", shown);
    return FALSE;
  }
  *out = address;
  return TRUE;
}

/** clove_address_init_loopback: Set @out to 127.0.0.1 with @port; 0 lets the system choose one. */
void
clove_address_init_loopback (CloveAddress *out, guint16 port)
{
  *out = (CloveAddress){ .size = sizeof out->v4 };
  out->v4.sin_family = AF_INET;
  out->v4.sin_port = htons (port);
  out->v4.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
}

/** clove_address_format: Write the address with its port as text, always terminated. */
void
clove_address_format (const CloveAddress *self, char out[static CLOVE_ADDRESS_STRING_SIZE])
{
  char host[INET6_ADDRSTRLEN] = { 0 };

  if (self->any.sa_family == AF_INET6) {
    inet_ntop (AF_INET6, &self->v6.sin6_addr, host, sizeof host);
    g_snprintf (out, CLOVE_ADDRESS_STRING_SIZE, "[%s]:%u", host, ntohs (self->v6.sin6_port));
  } else {
    inet_ntop (AF_INET, &self->v4.sin_addr, host, sizeof host);
    g_snprintf (out, CLOVE_ADDRESS_STRING_SIZE, "%s:%u", host, ntohs (self->v4.sin_port));
  }
}

/** clove_address_compare: Order by family, host and port; 0 says that all are the same. */
gint
clove_address_compare (const CloveAddress *a, const CloveAddress *b)
{
  gint order = (gint) a->any.sa_family - (gint) b->any.sa_family;

  if (order != 0)
    return order;
  if (a->any.sa_family == AF_INET6)
    order = memcmp (&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof a->v6.sin6_addr);
  else
    order = memcmp (&a->v4.sin_addr, &b->v4.sin_addr, sizeof a->v4.sin_addr);
  return order != 0 ? order
                    : (gint) clove_address_get_port (a) - (gint) clove_address_get_port (b);
}

/** clove_address_equal: Tell whether host and port are the same. */
gboolean
clove_address_equal (const CloveAddress *a, const CloveAddress *b)
{
  return clove_address_compare (a, b) == 0;
}

/** clove_address_get_port: Get the port in host order. */
guint16
clove_address_get_port (const CloveAddress *self)
{
  return ntohs (self->any.sa_family == AF_INET6 ? self->v6.sin6_port : self->v4.sin_port);
}

/** clove_address_set_port: Replace the port, given in host order. */
void
clove_address_set_port (CloveAddress *self, guint16 port)
{
  if (self->any.sa_family == AF_INET6)
    self->v6.sin6_port = htons (port);
  else
    self->v4.sin_port = htons (port);
}

/** clove_address_is_loopback: Tell whether only this machine can reach the address. */
gboolean
clove_address_is_loopback (const CloveAddress *self)
{
  if (self->any.sa_family == AF_INET6)
    return IN6_IS_ADDR_LOOPBACK (&self->v6.sin6_addr);
  return ntohl (self->v4.sin_addr.s_addr) >> 24 == 127;
}

/** clove_address_to_gsocket: (transfer full): Make the GIO form, for GSocket's own calls. */
GSocketAddress *
clove_address_to_gsocket (const CloveAddress *self)
{
  union {
    const struct sockaddr *in;
    gpointer out;
  } native = { .in = &self->any };

  return g_socket_address_new_from_native (native.out, self->size);
}
