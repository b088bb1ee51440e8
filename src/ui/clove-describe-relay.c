/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for relays. Pure: a relay in, a sentence out, in the user's language. */
#include "config.h"

#include "clove-describe-relay.h"

#include <glib/gi18n.h>

/* A relay of this weight is chosen half as often as one that always works. */
#define SHUNNED_WEIGHT 0.5

/** clove_describe_relay_roles: (transfer full): Say for which places a relay offers itself. */
char *
clove_describe_relay_roles (guint roles)
{
  static const char *const texts[] = {
    [0] = "–",
    [CLOVE_RELAY_ROLE_ENTRY] = N_ ("Entry"),
    [CLOVE_RELAY_ROLE_MIDDLE] = N_ ("Middle"),
    [CLOVE_RELAY_ROLE_EXIT] = N_ ("Exit"),
    [CLOVE_RELAY_ROLE_ENTRY |
      CLOVE_RELAY_ROLE_MIDDLE] = N_ ("Entry, middle"),
    [CLOVE_RELAY_ROLE_ENTRY |
      CLOVE_RELAY_ROLE_EXIT] = N_ ("Entry, exit"),
    [CLOVE_RELAY_ROLE_MIDDLE |
      CLOVE_RELAY_ROLE_EXIT] = N_ ("Middle, exit"),
    [CLOVE_RELAY_ROLES_ALL] = N_ ("Entry, middle, exit"),
  };

  g_return_val_if_fail (roles < G_N_ELEMENTS (texts), NULL);
  return g_strdup (_ (texts[roles]));
}

static const char *
describe_place (const char *const texts[CLOVE_SNAPSHOT_MAX_HOPS], guint hop)
{
  g_return_val_if_fail (hop < CLOVE_SNAPSHOT_MAX_HOPS, NULL);
  return _ (texts[hop]);
}

static const char *
describe_in_use (guint hop)
{
  static const char *const texts[] = { N_ ("In use as entry"), N_ ("In use as middle"),
                                       N_ ("In use as exit") };

  return describe_place (texts, hop);
}

static const char *
describe_joining (guint hop)
{
  static const char *const texts[] = { N_ ("Joining as entry"), N_ ("Joining as middle"),
                                       N_ ("Joining as exit") };

  return describe_place (texts, hop);
}

static const char *
describe_standby (guint hop)
{
  static const char *const texts[] = { N_ ("Standby entry"), N_ ("Standby middle"),
                                       N_ ("Standby exit") };

  return describe_place (texts, hop);
}

static char *
describe_banned (CloveRelayItem *item)
{
  g_autofree char *left =
    clove_describe_countdown (clove_relay_item_get_left_s (item) * G_TIME_SPAN_SECOND);

  /* Translators: %s is a countdown such as 4:21 */
  return g_strdup_printf (_ ("Blacklisted %s"), left);
}

/** clove_describe_relay_state: (transfer full): Say in a few words what a relay is to us. */
char *
clove_describe_relay_state (CloveRelayItem *item)
{
  guint hop = clove_relay_item_get_place (item)->hop;

  switch (clove_relay_item_get_status (item)) {
    case CLOVE_RELAY_IN_USE:
      return g_strdup (describe_in_use (hop));
    case CLOVE_RELAY_FAILING:
      return g_strdup (_ ("Stopped answering"));
    case CLOVE_RELAY_JOINING:
      return g_strdup (describe_joining (hop));
    case CLOVE_RELAY_NOT_JOINED:
      return g_strdup (_ ("Did not join"));
    case CLOVE_RELAY_STANDBY:
      return g_strdup (describe_standby (hop));
    case CLOVE_RELAY_BANNED:
      return describe_banned (item);
    case CLOVE_RELAY_BANNED_BY_USER:
      return g_strdup (_ ("Blacklisted by you"));
    case CLOVE_RELAY_KEPT_ENTRY:
      return g_strdup (_ ("Kept as entry"));
    case CLOVE_RELAY_BACKUP_ENTRY:
      return g_strdup (_ ("Backup entry"));
    case CLOVE_RELAY_GONE:
      return g_strdup (_ ("No longer listed"));
    case CLOVE_RELAY_READY:
    case CLOVE_RELAY_N_STATUSES:
    default:
      return g_strdup (_ ("Ready"));
  }
}

/** clove_describe_relay_detail: (transfer full): Say what else there is to know; may be empty. */
char *
clove_describe_relay_detail (CloveRelayItem *item)
{
  const CloveRelayPlace *place = clove_relay_item_get_place (item);
  CloveRelayStatus status = clove_relay_item_get_status (item);

  if (clove_relay_item_is_banned (item)) {
    if (place->use == CLOVE_RELAY_USE_LIVE)
      return g_strdup (_ ("in use until replaced"));
    if (status == CLOVE_RELAY_BANNED_BY_USER)
      return g_strdup (_ ("until you clear it"));
    return clove_describe_detail (clove_relay_item_get_reason (item));
  }
  if (!clove_relay_item_is_listed (item) && status != CLOVE_RELAY_GONE)
    return g_strdup (_ ("no longer listed"));
  if (place->is_silent && place->entry >= 0 && place->use == CLOVE_RELAY_UNUSED)
    return g_strdup (_ ("did not answer when last asked"));
  return g_strdup ("");
}

/** clove_describe_relay_icon: Get the name of the symbolic icon for what a relay is to us. */
const char *
clove_describe_relay_icon (CloveRelayItem *item)
{
  static const char *const icons[] = {
    [CLOVE_RELAY_IN_USE] = "clove-relay-in-use-symbolic",
    [CLOVE_RELAY_FAILING] = "clove-relay-failing-symbolic",
    [CLOVE_RELAY_JOINING] = "clove-relay-joining-symbolic",
    [CLOVE_RELAY_NOT_JOINED] = "clove-relay-failing-symbolic",
    [CLOVE_RELAY_STANDBY] = "clove-relay-standby-symbolic",
    [CLOVE_RELAY_BANNED] = "clove-relay-banned-symbolic",
    [CLOVE_RELAY_BANNED_BY_USER] = "clove-relay-banned-symbolic",
    [CLOVE_RELAY_KEPT_ENTRY] = "clove-relay-kept-symbolic",
    [CLOVE_RELAY_BACKUP_ENTRY] = "clove-relay-kept-symbolic",
    [CLOVE_RELAY_READY] = "clove-relay-ready-symbolic",
    [CLOVE_RELAY_GONE] = "clove-relay-gone-symbolic",
  };

  G_STATIC_ASSERT (G_N_ELEMENTS (icons) == CLOVE_RELAY_N_STATUSES);
  return icons[clove_relay_item_get_status (item)];
}

/** clove_describe_relay_tone: Get how a relay does. */
CloveTone
clove_describe_relay_tone (CloveRelayItem *item)
{
  switch (clove_relay_item_get_status (item)) {
    case CLOVE_RELAY_IN_USE:
      return CLOVE_TONE_GOOD;
    case CLOVE_RELAY_JOINING:
    case CLOVE_RELAY_STANDBY:
      return CLOVE_TONE_BUSY;
    case CLOVE_RELAY_FAILING:
    case CLOVE_RELAY_NOT_JOINED:
      return CLOVE_TONE_WARNING;
    case CLOVE_RELAY_BANNED:
    case CLOVE_RELAY_BANNED_BY_USER:
      return CLOVE_TONE_BAD;
    case CLOVE_RELAY_KEPT_ENTRY:
    case CLOVE_RELAY_BACKUP_ENTRY:
    case CLOVE_RELAY_READY:
    case CLOVE_RELAY_GONE:
    case CLOVE_RELAY_N_STATUSES:
    default:
      return CLOVE_TONE_PLAIN;
  }
}

/** clove_describe_relay_history: (transfer full): Say how often a relay worked lately. */
char *
clove_describe_relay_history (const CloveRelayHistory *history)
{
  guint n_good = clove_relay_history_get_n_good (history);

  if (history->n_outcomes == 0)
    return g_strdup (_ ("Not used lately"));
  if (history->weight < SHUNNED_WEIGHT)
    /* Translators: of the last times that a relay was used, such as “9 of 32 worked, …” */
    return g_strdup_printf (ngettext ("%u of %u worked, so it is rarely chosen",
                                      "%u of %u worked, so it is rarely chosen", n_good),
                            n_good, history->n_outcomes);
  /* Translators: of the last times that a relay was used, such as “29 of 32 worked” */
  return g_strdup_printf (ngettext ("%u of %u worked", "%u of %u worked", n_good), n_good,
                          history->n_outcomes);
}

/* Without the countdown, which would be wrong a second later. */
static char *
describe_spoken_state (CloveRelayItem *item)
{
  if (clove_relay_item_get_status (item) == CLOVE_RELAY_BANNED)
    return g_strdup (_ ("Blacklisted for a while"));
  return clove_describe_relay_state (item);
}

/** clove_describe_relay: (transfer full): Say all that matters of a relay, for a screen reader. */
char *
clove_describe_relay (CloveRelayItem *item)
{
  g_autofree char *state = describe_spoken_state (item);
  g_autofree char *detail = clove_describe_relay_detail (item);
  g_autofree char *history = clove_describe_relay_history (clove_relay_item_get_history (item));

  if (detail[0] == '\0')
    /* Translators: name, state, history: “relay5: In use as entry. 29 of 32 worked.” */
    return g_strdup_printf (_ ("\u2068%s\u2069: %s. %s."), clove_relay_item_get_name (item), state,
                            history);
  /* Translators: the same, with the reason of its state after it */
  return g_strdup_printf (_ ("\u2068%s\u2069: %s, %s. %s."), clove_relay_item_get_name (item),
                          state, detail, history);
}

/**
 * clove_describe_relay_count:
 * @n_shown: relays that the search and the filter leave
 * @n_relays: all of them
 * @n_banned: those that are blacklisted
 *
 * Returns: (transfer full): a line over the list
 */
char *
clove_describe_relay_count (guint n_shown, guint n_relays, guint n_banned)
{
  if (n_shown != n_relays)
    return g_strdup_printf (ngettext ("%u of %u relay", "%u of %u relays", n_relays), n_shown,
                            n_relays);
  if (n_banned == 0)
    return g_strdup_printf (ngettext ("%u relay", "%u relays", n_relays), n_relays);
  /* Translators: %u relays in all, of which %u are blacklisted */
  return g_strdup_printf (ngettext ("%u relay, %u blacklisted", "%u relays, %u blacklisted",
                                    n_relays),
                          n_relays, n_banned);
}
