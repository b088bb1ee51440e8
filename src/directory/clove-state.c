/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is kept from run to run, and how it is written; clove-state-parse.c reads it back.
 *
 * In memory, times are on the monotonic clock, as everybody below uses them; in the text they are
 * of the calendar, which goes on while the machine is off. The kept entries live for weeks and are
 * of the calendar in both.
 */
#include "config.h"

#include "clove-state-private.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define HIDDEN "…"

/** clove_state_new: (transfer full): Make the state of somebody who never ran Clove. */
CloveState *
clove_state_new (void)
{
  CloveState *self = g_new0 (CloveState, 1);

  self->bans = g_ptr_array_new_with_free_func ((GDestroyNotify) clove_ban_free);
  self->records = g_ptr_array_new_with_free_func (g_free);
  return self;
}

/** clove_state_free: Free a state. */
void
clove_state_free (CloveState *self)
{
  g_ptr_array_unref (self->bans);
  g_ptr_array_unref (self->records);
  g_free (self);
}

/** clove_state_collect: Replace bans and records by what is known now. */
void
clove_state_collect (CloveState *self, CloveBlacklist *blacklist, CloveRelayRecords *records)
{
  g_autoptr (GPtrArray) list = clove_relay_records_list (records);

  g_ptr_array_unref (self->bans);
  self->bans = clove_blacklist_list (blacklist);
  g_ptr_array_set_size (self->records, 0);
  for (guint i = 0; i < list->len; i++)
    g_ptr_array_add (self->records,
                     g_memdup2 (g_ptr_array_index (list, i), sizeof (CloveRelayRecord)));
}

/** clove_state_apply: Hand bans and records on to those who use them. */
void
clove_state_apply (const CloveState *self, CloveBlacklist *blacklist, CloveRelayRecords *records)
{
  for (guint i = 0; i < self->bans->len; i++) {
    const CloveBan *ban = g_ptr_array_index (self->bans, i);

    clove_blacklist_restore (blacklist, &ban->address, ban->left_us, ban->reason);
  }
  for (guint i = 0; i < self->records->len; i++)
    clove_relay_records_restore (records, g_ptr_array_index (self->records, i));
}

/** clove_state_time: Get the moment that it is now. */
CloveStateTime
clove_state_time (CloveClock *clock)
{
  return (CloveStateTime){ .now_us = clove_clock_now_us (clock),
                           .wall_s = clove_clock_wall_s (clock) };
}

/* Returns: the calendar's time, kept within what can be read back, also when the calendar is far
 * off */
static gint64
bound_wall_s (gint64 wall_s)
{
  return CLAMP (wall_s, CLOVE_STATE_MIN_TIME_S, CLOVE_STATE_MAX_TIME_S);
}

/* Returns: when @time_us was, by the calendar */
static gint64
to_wall_s (CloveStateTime time, gint64 time_us)
{
  return bound_wall_s (time.wall_s - (time.now_us - time_us) / G_USEC_PER_SEC);
}

/* Whether a word can be the name of a host, or its end: a letter follows a dot. */
static gboolean
is_like_host (const char *word)
{
  for (const char *dot = strchr (word, '.'); dot != NULL; dot = strchr (dot + 1, '.')) {
    if (g_ascii_isalpha (dot[1]) || (guchar) dot[1] >= 0x80)
      return TRUE;
  }
  return FALSE;
}

/* Returns: (transfer full): the reason without what may name a site. What was cut off at the end
 * may have been the rest of a name, so its last word goes as well. */
static char *
hide_hosts (const char *reason)
{
  g_auto (GStrv) words = g_strsplit (reason, " ", -1);
  guint n_words = g_strv_length (words);
  gboolean is_cut = strlen (reason) + sizeof HIDDEN > CLOVE_BAN_MAX_REASON_SIZE;
  g_autofree char *text = NULL;

  for (guint i = 0; i < n_words; i++) {
    if (is_like_host (words[i]) || (is_cut && i == n_words - 1)) {
      g_free (words[i]);
      words[i] = g_strdup (HIDDEN);
    }
  }
  text = g_strjoinv (" ", words);
  return clove_ban_clean_reason (text);
}

static void
add_int (JsonBuilder *builder, const char *member, gint64 value)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_int_value (builder, value);
}

static void
add_text (JsonBuilder *builder, const char *member, const char *text)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_string_value (builder, text);
}

/* Writes a share in millionths: of some fractions, such as 1e-08, the JSON library makes a
 * text that is no number. */
static void
add_share (JsonBuilder *builder, const char *member, gdouble share)
{
  add_int (builder, member, (gint64) (CLAMP (share, 0.0, 1.0) * CLOVE_STATE_MILLION + 0.5));
}

static void
add_key (JsonBuilder *builder, const guint8 key[static CLOVE_RELAY_KEY_SIZE])
{
  char text[2 * CLOVE_RELAY_KEY_SIZE + 1] = { 0 };

  for (guint i = 0; i < CLOVE_RELAY_KEY_SIZE; i++)
    g_snprintf (text + (gsize) 2 * i, 3, "%02x", key[i]);
  add_text (builder, "key", text);
}

static void
build_ban (JsonBuilder *builder, const CloveBan *ban, CloveStateTime time)
{
  char address[CLOVE_ADDRESS_STRING_SIZE] = { 0 };
  g_autofree char *reason = hide_hosts (ban->reason);

  clove_address_format (&ban->address, address);
  json_builder_begin_object (builder);
  add_text (builder, "address", address);
  if (ban->is_permanent) {
    json_builder_set_member_name (builder, "permanent");
    json_builder_add_boolean_value (builder, TRUE);
  } else {
    gint64 left_s = (ban->left_us + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;

    add_int (builder, "until", bound_wall_s (time.wall_s + left_s));
  }
  add_text (builder, "reason", reason);
  json_builder_end_object (builder);
}

static guint
count_permanent (const GPtrArray *bans)
{
  guint n = 0;

  for (guint i = 0; i < bans->len; i++)
    n += ((const CloveBan *) g_ptr_array_index (bans, i))->is_permanent ? 1 : 0;
  return n;
}

/* Of too many, the user's own stay, and of each kind those that began last. */
static void
build_bans (JsonBuilder *builder, const GPtrArray *bans, CloveStateTime time)
{
  guint n_permanent = count_permanent (bans);
  guint n_others = bans->len - n_permanent;
  guint n_permanent_kept = MIN (n_permanent, CLOVE_STATE_MAX_BANS);
  guint n_others_kept = MIN (n_others, CLOVE_STATE_MAX_BANS - n_permanent_kept);

  json_builder_set_member_name (builder, "bans");
  json_builder_begin_array (builder);
  for (guint i = 0; i < bans->len; i++) {
    const CloveBan *ban = g_ptr_array_index (bans, i);
    guint *n_left = ban->is_permanent ? &n_permanent : &n_others;

    if ((*n_left)-- <= (ban->is_permanent ? n_permanent_kept : n_others_kept))
      build_ban (builder, ban, time);
  }
  json_builder_end_array (builder);
}

static void
build_entry (JsonBuilder *builder, const char *member, const CloveStateEntry *entry)
{
  if (!entry->is_set)
    return;
  json_builder_set_member_name (builder, member);
  json_builder_begin_object (builder);
  add_key (builder, entry->key);
  add_int (builder, "chosen", bound_wall_s (entry->chosen_s));
  add_int (builder, "expires", bound_wall_s (entry->expires_s));
  if (entry->missing_since_s != 0)
    add_int (builder, "missing_since", bound_wall_s (entry->missing_since_s));
  json_builder_end_object (builder);
}

static void
build_new_entries (JsonBuilder *builder, const CloveState *self)
{
  json_builder_set_member_name (builder, "new_entries");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->n_new_entries; i++)
    json_builder_add_int_value (builder, bound_wall_s (self->new_entries_s[i]));
  json_builder_end_array (builder);
}

static void
build_outcomes (JsonBuilder *builder, const CloveRelayRecord *record, CloveStateTime time)
{
  json_builder_set_member_name (builder, "outcomes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < record->n_outcomes; i++) {
    const CloveRelayOutcome *outcome = &record->outcomes[i];

    json_builder_begin_array (builder);
    json_builder_add_int_value (builder, to_wall_s (time, outcome->time_us));
    json_builder_add_string_value (
      builder, clove_state_outcome_words[2 * outcome->kind + (outcome->is_good ? 1 : 0)]);
    json_builder_end_array (builder);
  }
  json_builder_end_array (builder);
}

static void
build_record (JsonBuilder *builder, const CloveRelayRecord *record, CloveStateTime time)
{
  json_builder_begin_object (builder);
  add_key (builder, record->key);
  add_text (builder, "role", clove_relay_role_to_string (1 << record->hop));
  add_int (builder, "seen", to_wall_s (time, record->seen_us));
  add_share (builder, "build_failure_ppm", record->build_failure);
  add_share (builder, "use_failure_ppm", record->use_failure);
  add_int (builder, "rtt_us", CLAMP (record->rtt_us, 0, CLOVE_STATE_MAX_RTT_US));
  add_int (builder, "last_rtt_us", CLAMP (record->last_rtt_us, 0, CLOVE_STATE_MAX_RTT_US));
  build_outcomes (builder, record, time);
  json_builder_end_object (builder);
}

/**
 * clove_state_format:
 * @self: a state
 * @time: when its times on the clock were taken
 *
 * Write the state as JSON, which clove_state_parse() reads back. Whatever the reasons of bans say,
 * no name of a site gets into it. Pure, so any thread may call it.
 *
 * Returns: (transfer full): the text, of at most %CLOVE_STATE_MAX_SIZE bytes
 */
char *
clove_state_format (const CloveState *self, CloveStateTime time)
{
  g_autoptr (JsonBuilder) builder = json_builder_new_immutable ();
  g_autoptr (JsonNode) root = NULL;

  g_return_val_if_fail (self->n_new_entries <= CLOVE_STATE_MAX_NEW_ENTRIES, NULL);

  json_builder_begin_object (builder);
  add_int (builder, "version", CLOVE_STATE_VERSION);
  build_entry (builder, "entry", &self->entry);
  build_entry (builder, "backup_entry", &self->backup_entry);
  build_new_entries (builder, self);
  build_bans (builder, self->bans, time);
  json_builder_set_member_name (builder, "records");
  json_builder_begin_array (builder);
  for (guint i = 0; i < MIN (self->records->len, CLOVE_RELAY_RECORDS_MAX); i++)
    build_record (builder, g_ptr_array_index (self->records, i), time);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}
