/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <glib.h>
#include <netinet/in.h>
#include <sys/socket.h>

G_BEGIN_DECLS

/* Longest text of an address with port: "[", 45 characters of IPv6, "]:65535", end. */
#define CLOVE_ADDRESS_STRING_SIZE 56

/**
 * CloveAddress:
 *
 * An IP address with port, as the socket calls want it: a plain value, copied freely, so that a
 * datagram's sender costs no allocation.
 */
typedef struct {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  };
  socklen_t size;
} CloveAddress;

gboolean clove_address_parse (CloveAddress *out, const char *text, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
void clove_address_init_loopback (CloveAddress *out, guint16 port);
void clove_address_format (const CloveAddress *self, char out[static CLOVE_ADDRESS_STRING_SIZE]);
gboolean clove_address_equal (const CloveAddress *a, const CloveAddress *b);
gint clove_address_compare (const CloveAddress *a, const CloveAddress *b);
guint16 clove_address_get_port (const CloveAddress *self);
void clove_address_set_port (CloveAddress *self, guint16 port);
gboolean clove_address_is_loopback (const CloveAddress *self);
GSocketAddress *clove_address_to_gsocket (const CloveAddress *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
