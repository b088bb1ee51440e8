/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-address.h"

#include <glib.h>

G_BEGIN_DECLS

#define CLOVE_RELAY_KEY_SIZE      32
/* Most bytes of a name or operator. */
#define CLOVE_RELAY_MAX_TEXT_SIZE 64
/* Relays listen to each other one port above the listed one, which must therefore exist. */
#define CLOVE_RELAY_MAX_PORT      65534

/**
 * CloveRelayRoles:
 *
 * The places in a circuit for which a relay offers itself. The bit of hop n is 1 << n.
 */
typedef enum {
  CLOVE_RELAY_ROLE_ENTRY = 1 << 0,
  CLOVE_RELAY_ROLE_MIDDLE = 1 << 1,
  CLOVE_RELAY_ROLE_EXIT = 1 << 2,
} CloveRelayRoles;

#define CLOVE_RELAY_ROLES_ALL \
  (CLOVE_RELAY_ROLE_ENTRY | CLOVE_RELAY_ROLE_MIDDLE | CLOVE_RELAY_ROLE_EXIT)

/**
 * CloveRelay:
 *
 * What the directory says about one relay. Immutable, so any thread may hold and read it.
 */
typedef struct _CloveRelay CloveRelay;

CloveRelay *clove_relay_new (const char *name,
                             const guint8 key[static CLOVE_RELAY_KEY_SIZE],
                             const CloveAddress *address,
                             CloveRelayRoles roles,
                             const char *operator_name,
                             GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
CloveRelay *clove_relay_ref (CloveRelay *self);
void clove_relay_unref (CloveRelay *self);

const char *clove_relay_get_name (const CloveRelay *self);
const guint8 *clove_relay_get_key (const CloveRelay *self);
const CloveAddress *clove_relay_get_address (const CloveRelay *self);
CloveRelayRoles clove_relay_get_roles (const CloveRelay *self);
const char *clove_relay_get_operator (const CloveRelay *self);
gboolean clove_relay_equal (const CloveRelay *a, const CloveRelay *b);

gboolean clove_relay_key_parse (guint8 key_out[static CLOVE_RELAY_KEY_SIZE], const char *text)
  G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_relay_is_label (const char *text);
const char *clove_relay_role_to_string (CloveRelayRoles role);
CloveRelayRoles clove_relay_role_from_string (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveRelay, clove_relay_unref)

G_END_DECLS
