/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of the relays of a circuit that failed is to blame, and who of them is not. */
#include "config.h"

#include "clove-keeper-private.h"

static void
on_verdict (CloveRelay *relay, const char *evidence, gpointer user_data)
{
  CloveKeeper *self = user_data;
  g_autofree char *detail = NULL;

  if (relay == NULL) {
    clove_keeper_update_standby (self); /* which waited for those who are cleared */
    return;
  }
  if (evidence == NULL) {
    clove_blacklist_mark_success (self->blacklist, clove_relay_get_address (relay));
    detail = g_strdup_printf ("%s works", clove_relay_get_name (relay));
    clove_keeper_note (self, CLOVE_CAUSE_CLEARED, 0, NULL, detail);
  } else {
    clove_blacklist_mark_failed (self->blacklist, clove_relay_get_address (relay), evidence);
    detail = g_strdup_printf ("%s %s", clove_relay_get_name (relay), evidence);
    clove_keeper_note (self, CLOVE_CAUSE_BLAMED, 0, NULL, detail);
    if (self->test_entry != NULL)
      clove_keeper_let_rest (self, self->test_entry);
  }
  clove_keeper_emit_changed (self);
}

/* Any relay as entry for test circuits that is not banned; one that rests, or is the entry of the
 * standby circuit, only if there is no other. */
static CloveRelay *
draw_test_entry (CloveKeeper *self)
{
  guint n_relays = clove_relay_list_get_n_relays (self->relays);
  guint offset = clove_random_uniform (self->random, MAX (n_relays, 1));
  CloveRelay *last_resort = NULL;

  for (guint i = 0; i < n_relays; i++) {
    CloveRelay *relay = clove_relay_list_get_relay (self->relays, (offset + i) % n_relays);

    if ((clove_relay_get_roles (relay) & CLOVE_RELAY_ROLE_ENTRY) == 0 ||
        clove_path_find (&self->live.path, relay) == 0 ||
        clove_blacklist_is_blacklisted (self->blacklist, clove_relay_get_address (relay)))
      continue;
    if (clove_path_find (&self->standby.path, relay) != 0 && !clove_keeper_is_resting (self, relay))
      return relay;
    last_resort = relay;
  }
  return last_resort;
}

/*
 * The entry for test circuits must not be that of the live circuit: a reference relay that waits
 * for a dead one hears nobody meanwhile; as entry of the live circuit that would be the end of it,
 * while a middle or exit goes on passing on what comes by the tunnel. Only if the failed circuit's
 * entry is the one that died, the others are likely to live, and no kept entry is left but the live
 * one, that one is used.
 */
static CloveRelay *
on_choose_entry (gpointer user_data)
{
  CloveKeeper *self = user_data;
  CloveRelay *entry = NULL;

  if (!self->keeps_entry) {
    entry = draw_test_entry (self);
  } else {
    entry = clove_keeper_find_test_entry (self);
    if (entry == NULL && self->is_entry_guilty)
      entry = self->live.path.relays[0];
  }
  g_clear_pointer (&self->test_entry, clove_relay_unref);
  self->test_entry = entry != NULL ? clove_relay_ref (entry) : NULL;
  return entry;
}

/*
 * Another circuit works: time to find out which of the relays of the failed one are to blame. Those
 * that are part of the new one are cleared already. An entry that answered none of the pings since
 * the first strike is asked for a new session: it may just have been restarted.
 */
void
clove_keeper_find_guilty (CloveKeeper *self, const ClovePath *failed, gboolean has_entry_answered)
{
  g_autoptr (GPtrArray) suspects =
    g_ptr_array_new_with_free_func ((GDestroyNotify) clove_relay_unref);
  CloveRelay *alone = NULL;

  clove_attribution_stop (self->attribution);
  g_clear_pointer (&self->test_entry, clove_relay_unref);
  for (guint i = 0; i < CLOVE_PATH_N_HOPS; i++) {
    CloveRelay *relay = failed->relays[i];

    if (relay == NULL ||
        !clove_blacklist_is_blacklisted (self->blacklist, clove_relay_get_address (relay)))
      continue;
    if (i == 0 && !has_entry_answered)
      alone = relay;
    g_ptr_array_add (suspects, clove_relay_ref (relay));
  }
  self->is_entry_guilty = alone != NULL;
  if (suspects->len > 0)
    clove_attribution_begin (self->attribution, g_steal_pointer (&suspects), alone);
}

void
clove_keeper_init_blame (CloveKeeper *self)
{
  self->attribution =
    clove_attribution_new (self->endpoint, self->clock, self->random, on_choose_entry, on_verdict,
                           self);
}
