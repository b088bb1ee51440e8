/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-relay-list.h"

#include <sodium.h>

/* Makes relay number @number, whose key and address belong to no other number below 50 million. */
static inline CloveRelay *
fixture_relay (guint number, CloveRelayRoles roles)
{
  guint8 seed[crypto_sign_SEEDBYTES] = { 0 };
  guint8 secret[crypto_sign_SECRETKEYBYTES] = { 0 };
  guint8 key[CLOVE_RELAY_KEY_SIZE] = { 0 };
  CloveAddress address = { 0 };
  g_autofree char *name = g_strdup_printf ("relay%u", number);
  g_autofree char *text = g_strdup_printf ("10.%u.%u.%u:9001", number >> 16 & 255,
                                           number >> 8 & 255, number & 255);
  g_autoptr (GError) error = NULL;
  CloveRelay *relay = NULL;

  for (guint i = 0; i < 4; i++)
    seed[i] = (guint8) (number >> (8 * i));
  crypto_sign_seed_keypair (key, secret, seed);
  g_assert_true (clove_address_parse (&address, text, NULL));
  relay = clove_relay_new (name, key, &address, roles, NULL, &error);
  g_assert_no_error (error);
  return relay;
}

/* Makes a list of relays 0, 1, … with the roles given as words of "e", "m", "x", such as
 * "emx e m x". */
static inline CloveRelayList *
fixture_list (const char *roles)
{
  g_auto (GStrv) words = g_strsplit (roles, " ", -1);
  g_autoptr (GPtrArray) relays = NULL;

  relays = g_ptr_array_new_with_free_func ((GDestroyNotify) clove_relay_unref);
  for (guint i = 0; words[i] != NULL; i++) {
    CloveRelayRoles set = 0;

    if (strchr (words[i], 'e') != NULL)
      set |= CLOVE_RELAY_ROLE_ENTRY;
    if (strchr (words[i], 'm') != NULL)
      set |= CLOVE_RELAY_ROLE_MIDDLE;
    if (strchr (words[i], 'x') != NULL)
      set |= CLOVE_RELAY_ROLE_EXIT;
    g_ptr_array_add (relays, fixture_relay (i, set));
  }
  return clove_relay_list_new ((CloveRelay *const *) relays->pdata, relays->len, "2026-01-31");
}
