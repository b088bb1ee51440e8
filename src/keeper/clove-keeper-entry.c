/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The entry is the one relay that knows the user's address, so circuits keep theirs, and a backup,
 * for weeks. Who they are is decided by CloveEntryPolicy; here it is told what was seen, and asked
 * which entry a circuit shall have. The live circuit and the standby circuit share the two: who
 * works for one may fail for the other, and building the one does not disturb the other.
 */
#include "config.h"

#include "clove-keeper-private.h"

/* Terms end by themselves, and nothing hurries then. */
#define CHECK_INTERVAL_US G_TIME_SPAN_HOUR
/* The policy wants to hear of a working entry every two minutes. */
#define TELL_INTERVAL_US  (30 * G_TIME_SPAN_SECOND)
/* How long an entry may take to answer when it alone is asked. */
#define TEST_DEADLINE_US  (3 * G_TIME_SPAN_SECOND)

static CloveStateTime
now (CloveKeeper *self)
{
  return clove_state_time (self->clock);
}

/* When the policy wants to know something next. */
static void
start_check (CloveKeeper *self)
{
  gint64 now_us = clove_clock_now_us (self->clock);
  gint64 due_us = now_us + CHECK_INTERVAL_US;

  for (CloveEntryPlace place = 0; place < CLOVE_ENTRY_N_PLACES; place++) {
    gint64 check_us = clove_entry_policy_get_check_us (self->entries, place);

    if (check_us > 0)
      due_us = MIN (due_us, check_us);
  }
  clove_timer_start_coarse (&self->entry_check, MAX (due_us - now_us, 0));
}

static void
note_changes (CloveKeeper *self, char *changes)
{
  if (changes != NULL) {
    clove_keeper_note (self, CLOVE_CAUSE_ENTRY, 0, NULL, changes);
    clove_keeper_emit_changed (self);
    g_free (changes);
  }
  start_check (self);
}

static gboolean
is_live_entry (CloveKeeper *self, const CloveRelay *relay)
{
  return relay != NULL && clove_path_find (&self->live.path, relay) == 0;
}

/* Tells the policy how @relay did as an entry. */
void
clove_keeper_note_entry (CloveKeeper *self, const CloveRelay *relay, gboolean works)
{
  gint64 now_us = clove_clock_now_us (self->clock);

  if (!self->keeps_entry || clove_keeper_is_lenient (self))
    return;
  /* Each page proves that the live entry works; once in a while is enough to know. */
  if (works && self->works_told_us != 0 && now_us - self->works_told_us < TELL_INTERVAL_US &&
      is_live_entry (self, relay))
    return;
  self->works_told_us = works ? now_us : 0;
  if (works)
    clove_entry_policy_note_works (self->entries, clove_relay_get_key (relay), now (self));
  else
    clove_entry_policy_note_dead (self->entries, clove_relay_get_key (relay), now (self));
  note_changes (self, clove_entry_policy_update (self->entries, now (self)));
}

/* Tells the policy who there is; @age_s is the age of the list. */
void
clove_keeper_update_entries (CloveKeeper *self, gint64 age_s)
{
  if (self->keeps_entry && self->relays != NULL)
    note_changes (self,
                  clove_entry_policy_set_relays (self->entries, self->relays, age_s, now (self)));
}

static gboolean
is_free (CloveKeeper *self, const CloveRelay *relay)
{
  return relay != NULL &&
         !clove_blacklist_is_blacklisted (self->blacklist, clove_relay_get_address (relay));
}

/* Of the kept ones, the first that is not banned and, unless @may_be_live, not the live
 * circuit's. */
static CloveRelay *
find_kept (CloveKeeper *self, gboolean may_be_live)
{
  CloveRelay *resting = NULL;

  for (CloveEntryPlace place = 0; place < CLOVE_ENTRY_N_PLACES; place++) {
    CloveRelay *relay = clove_entry_policy_get (self->entries, place);

    if (!is_free (self, relay) || (!may_be_live && is_live_entry (self, relay)))
      continue;
    if (!clove_keeper_is_resting (self, relay))
      return relay;
    resting = relay;
  }
  return resting;
}

/*
 * The entry for the circuit that is to be built; NULL for any. While neither of the kept ones can
 * be used another one stands in, and that one too is kept as long as possible.
 */
const CloveRelay *
clove_keeper_choose_entry (CloveKeeper *self)
{
  CloveRelay *relay = NULL;

  if (!self->keeps_entry)
    return NULL;
  if (self->round_kind == CLOVE_ROUND_STANDBY)
    relay = find_kept (self, FALSE);
  if (relay == NULL)
    relay = find_kept (self, TRUE);
  if (relay != NULL) {
    g_clear_pointer (&self->stand_in, clove_relay_unref);
    return relay;
  }
  if (self->stand_in == NULL)
    return NULL;
  relay = clove_relay_list_find_key (self->relays, clove_relay_get_key (self->stand_in));
  return is_free (self, relay) ? relay : NULL;
}

/* A path was chosen: remembers an entry that stands in. */
void
clove_keeper_note_stand_in (CloveKeeper *self, CloveRelay *entry)
{
  if (!self->keeps_entry || find_kept (self, TRUE) != NULL)
    return;
  clove_relay_ref (entry);
  g_clear_pointer (&self->stand_in, clove_relay_unref);
  self->stand_in = entry;
}

/* A kept entry through which suspects can be tested; NULL when there is none. */
CloveRelay *
clove_keeper_find_test_entry (CloveKeeper *self)
{
  return find_kept (self, FALSE);
}

static void
end_test (CloveKeeper *self)
{
  if (self->entry_cancellable != NULL)
    g_cancellable_cancel (self->entry_cancellable);
  g_clear_object (&self->entry_cancellable);
  if (self->entry_test.circuit != NULL)
    clove_circuit_close (self->entry_test.circuit);
  clove_keeper_slot_clear (self, &self->entry_test);
}

static void
on_tested (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CloveKeeper) self = user_data;
  g_autoptr (CloveRelay) relay = NULL;
  gboolean works = clove_circuit_build_finish (CLOVE_CIRCUIT (source), result, NULL);

  if (CLOVE_CIRCUIT (source) != self->entry_test.circuit)
    return;
  relay = clove_relay_ref (self->entry_test.path.relays[0]);
  end_test (self);
  if (works)
    clove_blacklist_mark_success (self->blacklist, clove_relay_get_address (relay));
  clove_keeper_note_entry (self, relay, works);
  clove_keeper_update_standby (self);
  clove_keeper_emit_changed (self);
}

/* Asks a kept entry that was found dead for a circuit of one hop. */
static void
test_entry (CloveKeeper *self, CloveRelay *relay)
{
  CloveHop hop = { .name = clove_relay_get_name (relay),
                   .key = clove_relay_get_key (relay),
                   .address = *clove_relay_get_address (relay) };

  end_test (self);
  self->entry_test.circuit = clove_circuit_new (self->endpoint, self->clock, &hop, 1);
  self->entry_test.path.relays[0] = clove_relay_ref (relay);
  self->entry_cancellable = g_cancellable_new ();
  clove_circuit_build_async (self->entry_test.circuit, TEST_DEADLINE_US, self->entry_cancellable,
                             on_tested, g_object_ref (self));
}

static void
on_check (gpointer user_data)
{
  CloveKeeper *self = user_data;
  gint64 now_us = clove_clock_now_us (self->clock);

  note_changes (self, clove_entry_policy_update (self->entries, now (self)));
  if (!self->is_started || self->live.circuit == NULL || clove_keeper_is_lenient (self)) {
    clove_timer_start_coarse (&self->entry_check, G_TIME_SPAN_MINUTE);
    return;
  }
  for (CloveEntryPlace place = 0; place < CLOVE_ENTRY_N_PLACES; place++) {
    gint64 check_us = clove_entry_policy_get_check_us (self->entries, place);

    if (check_us > 0 && check_us <= now_us && self->entry_test.circuit == NULL)
      test_entry (self, clove_entry_policy_get (self->entries, place));
  }
  if (self->entry_test.circuit != NULL)
    clove_timer_start_coarse (&self->entry_check, G_TIME_SPAN_MINUTE);
}

void
clove_keeper_init_entries (CloveKeeper *self)
{
  self->entries = clove_entry_policy_new (self->random, self->blacklist, self->records);
  clove_timer_init (&self->entry_check, self->clock, on_check, self);
}

/* Gives up what is under way; who the entries are stays known. */
void
clove_keeper_stop_entries (CloveKeeper *self)
{
  clove_timer_stop (&self->entry_check);
  end_test (self);
  g_clear_pointer (&self->stand_in, clove_relay_unref);
}

/**
 * clove_keeper_set_keeps_entry:
 * @self: a keeper, not started
 * @keeps_entry: whether circuits keep their entry for weeks; not at first
 */
void
clove_keeper_set_keeps_entry (CloveKeeper *self, gboolean keeps_entry)
{
  self->keeps_entry = keeps_entry;
  if (keeps_entry)
    clove_keeper_update_entries (self, self->relays_age_s);
  else
    clove_keeper_stop_entries (self);
}

/** clove_keeper_get_entries: (transfer none): Get who is kept; to be saved, restored and shown. */
CloveEntryPolicy *
clove_keeper_get_entries (CloveKeeper *self)
{
  return self->entries;
}

/**
 * clove_keeper_choose_new_entries:
 *
 * Replace entries that stay only because they changed too often.
 */
void
clove_keeper_choose_new_entries (CloveKeeper *self)
{
  if (self->keeps_entry)
    note_changes (self, clove_entry_policy_choose_anew (self->entries, now (self)));
}
