/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-relay.h"

#include "clove-directory-error.h"

#include <sodium.h>
#include <string.h>

struct _CloveRelay {
  char *name;
  char *operator_name;
  CloveAddress address;
  CloveRelayRoles roles;
  guint8 key[CLOVE_RELAY_KEY_SIZE];
};

static const struct {
  CloveRelayRoles role;
  const char *name;
} role_names[] = {
  { CLOVE_RELAY_ROLE_ENTRY, "entry" },
  { CLOVE_RELAY_ROLE_MIDDLE, "middle" },
  { CLOVE_RELAY_ROLE_EXIT, "exit" },
};

static gboolean
bad_relay (GError **error, const char *why)
{
  g_set_error_literal (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_BAD_RELAY, why);
  return FALSE;
}

/* Whether a person can see the character, so that no name can disguise itself as another line. */
static gboolean
is_showable (gunichar c)
{
  static const GUnicodeType hidden_types[] = {
    G_UNICODE_CONTROL,
    G_UNICODE_FORMAT,
    G_UNICODE_UNASSIGNED,
    G_UNICODE_PRIVATE_USE,
    G_UNICODE_SURROGATE,
    G_UNICODE_LINE_SEPARATOR,
    G_UNICODE_PARAGRAPH_SEPARATOR,
  };
  GUnicodeType type = g_unichar_type (c);

  for (guint i = 0; i < G_N_ELEMENTS (hidden_types); i++) {
    if (type == hidden_types[i])
      return FALSE;
  }
  return TRUE;
}

/* Whether datagrams for one host can be sent there. */
static gboolean
is_host (const CloveAddress *address)
{
  if (address->any.sa_family == AF_INET6) {
    const struct in6_addr *host = &address->v6.sin6_addr;

    /* A mapped IPv4 address would be a second way to write the first. */
    return !IN6_IS_ADDR_UNSPECIFIED (host) && !IN6_IS_ADDR_MULTICAST (host) &&
           !IN6_IS_ADDR_V4MAPPED (host);
  }
  /* 0.0.0.0/8 is "this host"; from 224.0.0.0 on come multicast, reserved and broadcast. */
  return ntohl (address->v4.sin_addr.s_addr) >> 24 != 0 &&
         ntohl (address->v4.sin_addr.s_addr) >> 29 != 7;
}

static gboolean
check_address (const CloveAddress *address, GError **error)
{
  guint16 port = clove_address_get_port (address);

  if (!is_host (address))
    return bad_relay (error, "its address is not that of one host");
  if (port == 0 || port > CLOVE_RELAY_MAX_PORT)
    return bad_relay (error, "its port leaves no port above it for other relays");
  return TRUE;
}

static void
relay_clear (gpointer data)
{
  CloveRelay *self = data;

  g_free (self->name);
  g_free (self->operator_name);
}

/**
 * clove_relay_new:
 * @name: how people call the relay; need not be unique
 * @key: its ed25519 public key
 * @address: where it listens; relays reach each other one port above
 * @roles: at least one
 * @operator_name: (nullable): who runs it
 * @error: %CLOVE_DIRECTORY_ERROR_BAD_RELAY
 *
 * Make a relay that keeps the rules: a name (and operator) of 1 to %CLOVE_RELAY_MAX_TEXT_SIZE bytes
 * of UTF-8 that can be shown, a key that is a point of the curve's main group, the address of one
 * host with a port up to %CLOVE_RELAY_MAX_PORT. Checking the key takes a scalar multiplication.
 *
 * Returns: (transfer full): the relay, or %NULL
 */
CloveRelay *
clove_relay_new (const char *name,
                 const guint8 key[static CLOVE_RELAY_KEY_SIZE],
                 const CloveAddress *address,
                 CloveRelayRoles roles,
                 const char *operator_name,
                 GError **error)
{
  CloveRelay *self = NULL;
  guint8 montgomery[crypto_scalarmult_curve25519_BYTES] = { 0 };

  if (!clove_relay_is_label (name)) {
    bad_relay (error, "its name is empty, too long or cannot be shown");
    return NULL;
  }
  if (operator_name != NULL && !clove_relay_is_label (operator_name)) {
    bad_relay (error, "its operator's name is empty, too long or cannot be shown");
    return NULL;
  }
  if ((roles & CLOVE_RELAY_ROLES_ALL) == 0) {
    bad_relay (error, "it has no known role");
    return NULL;
  }
  if (!check_address (address, error))
    return NULL;
  /* The conversion that the entry's handshake needs; it refuses points of low order and such
   * outside the main group, and is there in every build of libsodium. */
  if (crypto_sign_ed25519_pk_to_curve25519 (montgomery, key) != 0) {
    bad_relay (error, "its key is not a point of the curve");
    return NULL;
  }

  self = g_atomic_rc_box_new0 (CloveRelay);
  self->name = g_strdup (name);
  self->operator_name = g_strdup (operator_name);
  self->address = *address;
  self->roles = roles & CLOVE_RELAY_ROLES_ALL;
  memcpy (self->key, key, sizeof self->key);
  return self;
}

/** clove_relay_ref: (transfer full): Take a reference; from any thread. */
CloveRelay *
clove_relay_ref (CloveRelay *self)
{
  return g_atomic_rc_box_acquire (self);
}

/** clove_relay_unref: Drop a reference; from any thread. */
void
clove_relay_unref (CloveRelay *self)
{
  g_atomic_rc_box_release_full (self, relay_clear);
}

/** clove_relay_get_name: Get the name; several relays may have the same. */
const char *
clove_relay_get_name (const CloveRelay *self)
{
  return self->name;
}

/** clove_relay_get_key: Get the %CLOVE_RELAY_KEY_SIZE bytes of the ed25519 public key. */
const guint8 *
clove_relay_get_key (const CloveRelay *self)
{
  return self->key;
}

/** clove_relay_get_address: Get where clients reach the relay as their entry. */
const CloveAddress *
clove_relay_get_address (const CloveRelay *self)
{
  return &self->address;
}

/** clove_relay_get_roles: Get the roles, at least one. */
CloveRelayRoles
clove_relay_get_roles (const CloveRelay *self)
{
  return self->roles;
}

/** clove_relay_get_operator: (nullable): Get who says to run the relay. */
const char *
clove_relay_get_operator (const CloveRelay *self)
{
  return self->operator_name;
}

/** clove_relay_equal: Tell whether the directory says the same of both. */
gboolean
clove_relay_equal (const CloveRelay *a, const CloveRelay *b)
{
  return memcmp (a->key, b->key, sizeof a->key) == 0 &&
         clove_address_equal (&a->address, &b->address) && a->roles == b->roles &&
         g_str_equal (a->name, b->name) && g_strcmp0 (a->operator_name, b->operator_name) == 0;
}

/** clove_relay_key_parse: Read a key from exactly 64 hexadecimal digits of either case. */
gboolean
clove_relay_key_parse (guint8 key_out[static CLOVE_RELAY_KEY_SIZE], const char *text)
{
  guint8 key[CLOVE_RELAY_KEY_SIZE] = { 0 };

  if (strlen (text) != 2 * sizeof key)
    return FALSE;
  for (gsize i = 0; i < sizeof key; i++) {
    int high = g_ascii_xdigit_value (text[2 * i]);
    int low = g_ascii_xdigit_value (text[2 * i + 1]);

    if (high < 0 || low < 0)
      return FALSE;
    key[i] = (guint8) (high * 16 + low);
  }
  memcpy (key_out, key, sizeof key);
  return TRUE;
}

/** clove_relay_is_label: Tell whether @text may be the name of a relay or of an operator. */
gboolean
clove_relay_is_label (const char *text)
{
  gsize size = strnlen (text, CLOVE_RELAY_MAX_TEXT_SIZE + 1);

  if (size == 0 || size > CLOVE_RELAY_MAX_TEXT_SIZE || !g_utf8_validate_len (text, size, NULL))
    return FALSE;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p)) {
    if (!is_showable (g_utf8_get_char (p)))
      return FALSE;
  }
  return TRUE;
}

/** clove_relay_role_to_string: Get the directory's word for exactly one role. */
const char *
clove_relay_role_to_string (CloveRelayRoles role)
{
  for (guint i = 0; i < G_N_ELEMENTS (role_names); i++) {
    if (role_names[i].role == role)
      return role_names[i].name;
  }
  g_return_val_if_reached (NULL);
}

/** clove_relay_role_from_string: Get the role for the directory's word, or 0. */
CloveRelayRoles
clove_relay_role_from_string (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (role_names); i++) {
    if (strcmp (role_names[i].name, text) == 0)
      return role_names[i].role;
  }
  return 0;
}
