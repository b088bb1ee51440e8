/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-relay-item.h"

#include <string.h>

/* Two snapshots may round the end of the same ban differently; that is no change. */
#define BAN_SLACK_US (G_TIME_SPAN_SECOND / 4)

struct _CloveRelayItem {
  GObject parent_instance;

  /* Owned. */
  CloveRelay *relay; /* NULL if it was never listed */
  char *name;
  char *address;
  char *reason;      /* NULL when it is not banned */
  char *sort_name;   /* made when first asked for */
  char *search_text; /* the same */

  guint8 key[CLOVE_RELAY_KEY_SIZE]; /* for ever the same, so that it may be the key of a table */
  gboolean is_listed;
  gboolean is_permanent;
  gint64 until_us; /* monotonic; 0 when it is not banned for a time */
  guint left_s;
  CloveRelayPlace place;
  CloveRelayHistory history;
};

G_DEFINE_FINAL_TYPE (CloveRelayItem, clove_relay_item, G_TYPE_OBJECT)

enum {
  PROP_RELAY = 1,
  PROP_STATUS,
  PROP_LEFT_S,
  PROP_HISTORY,
  PROP_RTT_US,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void
notify (CloveRelayItem *self, guint property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
clove_relay_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CloveRelayItem *self = CLOVE_RELAY_ITEM (object);

  switch (id) {
    case PROP_RELAY:
      g_value_set_pointer (value, self->relay);
      break;
    case PROP_STATUS:
      g_value_set_uint (value, clove_relay_item_get_status (self));
      break;
    case PROP_LEFT_S:
      g_value_set_uint (value, self->left_s);
      break;
    case PROP_HISTORY:
      g_value_set_uint (value, self->history.outcomes);
      break;
    case PROP_RTT_US:
      g_value_set_int64 (value, clove_relay_item_get_rtt_us (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
clove_relay_item_dispose (GObject *object)
{
  CloveRelayItem *self = CLOVE_RELAY_ITEM (object);

  g_clear_pointer (&self->relay, clove_relay_unref);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->address, g_free);
  g_clear_pointer (&self->reason, g_free);
  g_clear_pointer (&self->sort_name, g_free);
  g_clear_pointer (&self->search_text, g_free);

  G_OBJECT_CLASS (clove_relay_item_parent_class)->dispose (object);
}

static void
clove_relay_item_class_init (CloveRelayItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->dispose = clove_relay_item_dispose;
  object_class->get_property = clove_relay_item_get_property;

  properties[PROP_RELAY] = g_param_spec_pointer ("relay", NULL, NULL, flags);
  properties[PROP_STATUS] =
    g_param_spec_uint ("status", NULL, NULL, 0, CLOVE_RELAY_N_STATUSES, 0, flags);
  properties[PROP_LEFT_S] = g_param_spec_uint ("left-s", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_HISTORY] = g_param_spec_uint ("history", NULL, NULL, 0, G_MAXUINT32, 0, flags);
  properties[PROP_RTT_US] =
    g_param_spec_int64 ("rtt-us", NULL, NULL, 0, G_MAXINT64, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
clove_relay_item_init (CloveRelayItem *self)
{
  self->place = (CloveRelayPlace){ .rtt_us = -1, .entry = -1 };
  self->history.weight = 1;
}

static void
take_relay (CloveRelayItem *self, CloveRelay *relay)
{
  char address[CLOVE_ADDRESS_STRING_SIZE] = { 0 };

  clove_address_format (clove_relay_get_address (relay), address);
  g_clear_pointer (&self->relay, clove_relay_unref);
  self->relay = clove_relay_ref (relay);
  g_free (self->name);
  self->name = g_strdup (clove_relay_get_name (relay));
  g_free (self->address);
  self->address = g_strdup (address);
  g_clear_pointer (&self->sort_name, g_free);
  g_clear_pointer (&self->search_text, g_free);
}

/** clove_relay_item_new: (transfer full): Make an item for a relay of the directory. */
CloveRelayItem *
clove_relay_item_new (CloveRelay *relay)
{
  CloveRelayItem *self = g_object_new (CLOVE_TYPE_RELAY_ITEM, NULL);

  memcpy (self->key, clove_relay_get_key (relay), sizeof self->key);
  take_relay (self, relay);
  self->is_listed = TRUE;
  return self;
}

/**
 * clove_relay_item_new_unlisted:
 * @name: (nullable): its name, if somebody knows it
 * @address: "ip:port"
 *
 * Returns: (transfer full): an item for a relay that the directory does not have, but which is
 *   banned or in a circuit
 */
CloveRelayItem *
clove_relay_item_new_unlisted (const char *name, const char *address)
{
  CloveRelayItem *self = g_object_new (CLOVE_TYPE_RELAY_ITEM, NULL);

  self->name = g_strdup (name != NULL ? name : address);
  self->address = g_strdup (address);
  return self;
}

/** clove_relay_item_get_key: (nullable): Get its 32 bytes; %NULL if it was never listed. */
const guint8 *
clove_relay_item_get_key (CloveRelayItem *self)
{
  return self->relay != NULL ? self->key : NULL;
}

/** clove_relay_item_dup_key_text: (transfer full) (nullable): Get its key as 64 digits. */
char *
clove_relay_item_dup_key_text (CloveRelayItem *self)
{
  const guint8 *key = clove_relay_item_get_key (self);
  GString *text = NULL;

  if (key == NULL)
    return NULL;
  text = g_string_sized_new (2 * CLOVE_RELAY_KEY_SIZE);
  for (guint i = 0; i < CLOVE_RELAY_KEY_SIZE; i++)
    g_string_append_printf (text, "%02x", key[i]);
  return g_string_free (text, FALSE);
}

/** clove_relay_item_get_name: Get its name; the address if nobody knows it. */
const char *
clove_relay_item_get_name (CloveRelayItem *self)
{
  return self->name;
}

/** clove_relay_item_get_address: Get "ip:port". */
const char *
clove_relay_item_get_address (CloveRelayItem *self)
{
  return self->address;
}

/** clove_relay_item_get_roles: Get its #CloveRelayRoles; 0 if it was never listed. */
guint
clove_relay_item_get_roles (CloveRelayItem *self)
{
  return self->relay != NULL ? clove_relay_get_roles (self->relay) : 0;
}

static CloveRelayStatus
status_by_use (const CloveRelayItem *self)
{
  switch (self->place.use) {
    case CLOVE_RELAY_USE_LIVE:
      return CLOVE_RELAY_IN_USE;
    case CLOVE_RELAY_USE_LIVE_FAILED:
      return CLOVE_RELAY_FAILING;
    case CLOVE_RELAY_USE_CANDIDATE:
      return CLOVE_RELAY_JOINING;
    case CLOVE_RELAY_USE_CANDIDATE_FAILED:
      return CLOVE_RELAY_NOT_JOINED;
    case CLOVE_RELAY_USE_STANDBY:
      return CLOVE_RELAY_STANDBY;
    case CLOVE_RELAY_UNUSED:
    default:
      break;
  }
  if (!self->is_listed)
    return CLOVE_RELAY_GONE;
  if (self->place.entry < 0)
    return CLOVE_RELAY_READY;
  return self->place.entry == 0 ? CLOVE_RELAY_KEPT_ENTRY : CLOVE_RELAY_BACKUP_ENTRY;
}

/** clove_relay_item_get_status: Get what it is to us; a ban counts more than a use. */
CloveRelayStatus
clove_relay_item_get_status (CloveRelayItem *self)
{
  if (self->is_permanent)
    return CLOVE_RELAY_BANNED_BY_USER;
  if (self->until_us > 0)
    return CLOVE_RELAY_BANNED;
  return status_by_use (self);
}

/** clove_relay_item_get_place: Get its part in our circuits, for those who want both. */
const CloveRelayPlace *
clove_relay_item_get_place (CloveRelayItem *self)
{
  return &self->place;
}

const CloveRelayHistory *
clove_relay_item_get_history (CloveRelayItem *self)
{
  return &self->history;
}

/** clove_relay_item_get_rtt_us: Get the round trip of its circuit, else the best known, else 0. */
gint64
clove_relay_item_get_rtt_us (CloveRelayItem *self)
{
  return self->place.rtt_us > 0 ? self->place.rtt_us : self->history.rtt_us;
}

gboolean
clove_relay_item_is_banned (CloveRelayItem *self)
{
  return self->is_permanent || self->until_us > 0;
}

/** clove_relay_item_is_listed: Tell whether the directory lists it now. */
gboolean
clove_relay_item_is_listed (CloveRelayItem *self)
{
  return self->is_listed;
}

/** clove_relay_item_get_reason: (nullable): Get why it is banned. */
const char *
clove_relay_item_get_reason (CloveRelayItem *self)
{
  return self->reason;
}

/** clove_relay_item_get_left_s: Get how many seconds of its ban are left, rounded up. */
guint
clove_relay_item_get_left_s (CloveRelayItem *self)
{
  return self->left_s;
}

/** clove_relay_item_get_sort_name: Get what to strcmp() by, so that relay2 is before relay10. */
const char *
clove_relay_item_get_sort_name (CloveRelayItem *self)
{
  if (self->sort_name == NULL)
    self->sort_name = g_utf8_collate_key_for_filename (self->name, -1);
  return self->sort_name;
}

static gboolean
key_begins_with (CloveRelayItem *self, const char *digits)
{
  const guint8 *key = clove_relay_item_get_key (self);
  guint n = 0;

  if (key == NULL)
    return FALSE;
  for (; digits[n] != '\0'; n++) {
    gint digit = g_ascii_xdigit_value (digits[n]);

    if (n >= 2 * CLOVE_RELAY_KEY_SIZE || digit < 0)
      return FALSE;
    if ((n % 2 == 0 ? key[n / 2] >> 4 : key[n / 2] & 15) != digit)
      return FALSE;
  }
  return TRUE;
}

/**
 * clove_relay_item_matches:
 * @self: an item
 * @folded: what is searched for, of g_utf8_casefold()
 *
 * Returns: whether name or address contain it, or the key begins with it
 */
gboolean
clove_relay_item_matches (CloveRelayItem *self, const char *folded)
{
  if (self->search_text == NULL) {
    g_autofree char *text = g_strconcat (self->name, "\n", self->address, NULL);

    self->search_text = g_utf8_casefold (text, -1);
  }
  return strstr (self->search_text, folded) != NULL || key_begins_with (self, folded);
}

/** clove_relay_item_set_relay: Take what the directory says now of a relay that it has listed. */
CloveRelayChanges
clove_relay_item_set_relay (CloveRelayItem *self, CloveRelay *relay)
{
  if (relay == self->relay || clove_relay_equal (self->relay, relay))
    return CLOVE_RELAY_CHANGED_NOTHING;
  take_relay (self, relay);
  notify (self, PROP_RELAY);
  return CLOVE_RELAY_CHANGED_RELAY;
}

/** clove_relay_item_set_listed: Say whether the directory still lists it. */
CloveRelayChanges
clove_relay_item_set_listed (CloveRelayItem *self, gboolean is_listed)
{
  if (self->is_listed == is_listed)
    return CLOVE_RELAY_CHANGED_NOTHING;
  self->is_listed = is_listed;
  notify (self, PROP_STATUS);
  return CLOVE_RELAY_CHANGED_STATUS;
}

/** clove_relay_item_set_place: Say what part it has in the circuits. */
CloveRelayChanges
clove_relay_item_set_place (CloveRelayItem *self, const CloveRelayPlace *place)
{
  CloveRelayPlace old = self->place;
  gint64 old_rtt_us = clove_relay_item_get_rtt_us (self);
  CloveRelayChanges changes = CLOVE_RELAY_CHANGED_NOTHING;

  self->place = *place;
  if (old.use != place->use || old.hop != place->hop || old.entry != place->entry ||
      old.is_silent != place->is_silent) {
    notify (self, PROP_STATUS);
    changes |= CLOVE_RELAY_CHANGED_STATUS;
  }
  if (old_rtt_us != clove_relay_item_get_rtt_us (self)) {
    notify (self, PROP_RTT_US);
    changes |= CLOVE_RELAY_CHANGED_RTT;
  }
  return changes;
}

/** clove_relay_item_set_history: Say how it did. */
CloveRelayChanges
clove_relay_item_set_history (CloveRelayItem *self, const CloveRelayHistory *history)
{
  CloveRelayHistory old = self->history;
  gint64 old_rtt_us = clove_relay_item_get_rtt_us (self);
  CloveRelayChanges changes = CLOVE_RELAY_CHANGED_NOTHING;

  self->history = *history;
  if (!clove_relay_history_equal (&old, history)) {
    notify (self, PROP_HISTORY);
    changes |= CLOVE_RELAY_CHANGED_HISTORY;
  }
  if (old_rtt_us != clove_relay_item_get_rtt_us (self)) {
    notify (self, PROP_RTT_US);
    changes |= CLOVE_RELAY_CHANGED_RTT;
  }
  return changes;
}

/** clove_relay_item_tick: Count down what is left of a ban. */
void
clove_relay_item_tick (CloveRelayItem *self, gint64 now_us)
{
  gint64 left_us = self->until_us > 0 ? MAX (self->until_us - now_us, 0) : 0;
  guint left_s = (guint) MIN ((left_us + G_TIME_SPAN_SECOND - 1) / G_TIME_SPAN_SECOND, G_MAXUINT);

  if (self->left_s == left_s)
    return;
  self->left_s = left_s;
  notify (self, PROP_LEFT_S);
}

/**
 * clove_relay_item_set_ban:
 * @self: an item
 * @ban: (nullable): its ban; %NULL to end it
 * @taken_us: when @ban was true
 *
 * Say whether it is banned. From then on clove_relay_item_tick() counts down what is left.
 */
CloveRelayChanges
clove_relay_item_set_ban (CloveRelayItem *self, const CloveSnapshotBan *ban, gint64 taken_us)
{
  gboolean is_permanent = ban != NULL && ban->is_permanent;
  gint64 until_us = ban != NULL && !is_permanent ? MAX (taken_us + ban->left_us, 1) : 0;
  const char *reason = ban != NULL ? ban->reason : NULL;
  gboolean is_other = self->is_permanent != is_permanent ||
                      (self->until_us > 0) != (until_us > 0) ||
                      g_strcmp0 (self->reason, reason) != 0;

  if (ABS (self->until_us - until_us) > BAN_SLACK_US || is_other)
    self->until_us = until_us;
  if (!is_other)
    return CLOVE_RELAY_CHANGED_NOTHING;
  self->is_permanent = is_permanent;
  g_free (self->reason);
  self->reason = g_strdup (reason);
  clove_relay_item_tick (self, taken_us);
  notify (self, PROP_STATUS);
  return CLOVE_RELAY_CHANGED_STATUS;
}
