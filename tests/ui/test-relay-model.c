/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of relays without a view: what changes, what is notified, and in which words. */
#include "config.h"

#include "clove-describe-relay.h"
#include "clove-relay-columns.h"
#include "clove-relay-model.h"
#include "made-snapshots.h"

#include <string.h>

#define FIRST  "192.0.2.1:9001"
#define SECOND "192.0.2.2:9001"

/* What the model and its items said since the last look. */
typedef struct {
  CloveRelayModel *model;
  guint n_notified;
  guint n_spliced;
  guint position;
  guint n_removed;
  guint n_added;
  char last[16];
} Fixture;

static void
on_notify (GObject *item, GParamSpec *pspec, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_notified++;
  g_strlcpy (fixture->last, pspec->name, sizeof fixture->last);
}

static void
on_items_changed (GListModel *list, guint position, guint removed, guint added, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_spliced++;
  fixture->position = position;
  fixture->n_removed = removed;
  fixture->n_added = added;
}

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  fixture->model = clove_relay_model_new ();
  g_signal_connect (fixture->model, "items-changed", G_CALLBACK (on_items_changed), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  g_assert_finalize_object (fixture->model);
}

static guint
get_n (Fixture *fixture)
{
  return g_list_model_get_n_items (G_LIST_MODEL (fixture->model));
}

/* Listens to all items, and forgets what was said before. */
static void
watch (Fixture *fixture)
{
  for (guint i = 0; i < get_n (fixture); i++) {
    g_autoptr (CloveRelayItem) item = g_list_model_get_item (G_LIST_MODEL (fixture->model), i);

    g_signal_handlers_disconnect_by_data (item, fixture);
    g_signal_connect (item, "notify", G_CALLBACK (on_notify), fixture);
  }
  fixture->n_notified = 0;
  fixture->n_spliced = 0;
}

/* (transfer full): An engine that does nothing, with the same directory and records. */
static CloveSnapshot *
derive (const CloveSnapshot *from)
{
  CloveSnapshot *snapshot = clove_snapshot_new ();

  snapshot->state = from->state;
  snapshot->taken_us = MADE_NOW_US;
  snapshot->relays = clove_relay_list_ref (from->relays);
  snapshot->n_relays = from->n_relays;
  if (from->records != NULL)
    snapshot->records = g_ptr_array_ref (from->records);
  return snapshot;
}

static CloveSnapshotBan *
ban (CloveSnapshot *snapshot, const char *address, gint64 left_s)
{
  CloveSnapshotBan *made = g_new0 (CloveSnapshotBan, 1);

  made->address = g_strdup (address);
  made->left_us = left_s * G_TIME_SPAN_SECOND;
  made->is_permanent = left_s == 0;
  made->reason = g_strdup ("did not answer");
  g_ptr_array_add (snapshot->bans, made);
  return made;
}

static void
put (CloveSnapshotCircuit *circuit, const char *address, CloveSnapshotHopState state)
{
  circuit->hops[circuit->n_hops++] = (CloveSnapshotHop){ .name = g_strdup ("relay"),
                                                         .address = g_strdup (address),
                                                         .state = state,
                                                         .rtt_us = 30000 };
}

/* (transfer full): The directory of @from from relay @first on, @n of them. */
static CloveRelayList *
cut (const CloveRelayList *from, guint first, guint n)
{
  g_autoptr (GPtrArray) relays = g_ptr_array_new ();

  for (guint i = first; i < first + n; i++)
    g_ptr_array_add (relays, clove_relay_list_get_relay (from, i));
  return clove_relay_list_new ((CloveRelay *const *) relays->pdata, relays->len, NULL);
}

static void
test_new_destroy (Fixture *fixture, gconstpointer user_data)
{
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (fixture->model)) ==
                 CLOVE_TYPE_RELAY_ITEM);
  g_assert_cmpuint (get_n (fixture), ==, 0);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (fixture->model), 0));
}

static void
test_first_fill (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) snapshot = made_snapshot_of_many (100);
  g_autoptr (CloveRelayItem) item = NULL;

  clove_relay_model_apply (fixture->model, snapshot);
  g_assert_cmpuint (fixture->n_spliced, ==, 1);
  g_assert_cmpuint (fixture->n_added, ==, 100);
  g_assert_cmpuint (fixture->n_removed, ==, 0);
  item = g_list_model_get_item (G_LIST_MODEL (fixture->model), 99);
  g_assert_cmpstr (clove_relay_item_get_name (item), ==, "relay100");
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (fixture->model), 100));
  g_assert_cmpuint (clove_relay_model_get_n_in_use (fixture->model), ==, 3);
}

/* The same relays in other objects are no news. */
static void
test_no_churn (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) one = made_snapshot ("connected");
  g_autoptr (CloveSnapshot) same = made_snapshot ("connected");
  CloveRelayItem *item = NULL;

  clove_relay_model_apply (fixture->model, one);
  item = clove_relay_model_find_address (fixture->model, FIRST);
  watch (fixture);
  g_assert_true (one->relays != same->relays);
  g_assert_cmpint (clove_relay_model_apply (fixture->model, same), ==, CLOVE_RELAY_CHANGED_NOTHING);
  g_assert_cmpint (clove_relay_model_apply (fixture->model, same), ==, CLOVE_RELAY_CHANGED_NOTHING);
  g_assert_cmpuint (fixture->n_notified, ==, 0);
  g_assert_cmpuint (fixture->n_spliced, ==, 0);
  g_assert_true (clove_relay_model_find_address (fixture->model, FIRST) == item);
  g_assert_true (clove_relay_model_find_key (fixture->model, clove_relay_item_get_key (item)) ==
                 item);
}

static void
test_ban (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) base = made_snapshot_of_many (9);
  g_autoptr (CloveSnapshot) free_ones = derive (base);
  g_autoptr (CloveSnapshot) banned = derive (base);
  g_autoptr (CloveSnapshot) later = derive (base);
  g_autoptr (CloveSnapshot) over = derive (base);
  CloveRelayItem *item = NULL;

  ban (banned, SECOND, 299);
  /* A second later, and rounded otherwise. */
  later->taken_us += G_TIME_SPAN_SECOND;
  ban (later, SECOND, 298)->left_us += 900;
  clove_relay_model_apply (fixture->model, free_ones);
  watch (fixture);
  g_assert_cmpint (clove_relay_model_apply (fixture->model, banned), ==,
                   CLOVE_RELAY_CHANGED_STATUS);
  /* What is left, and the state. */
  g_assert_cmpuint (fixture->n_notified, ==, 2);
  g_assert_cmpstr (fixture->last, ==, "status");
  item = clove_relay_model_find_address (fixture->model, SECOND);
  g_assert_cmpint (clove_relay_item_get_status (item), ==, CLOVE_RELAY_BANNED);
  clove_relay_model_tick (fixture->model, MADE_NOW_US);
  g_assert_cmpuint (clove_relay_item_get_left_s (item), ==, 299);
  g_assert_cmpuint (fixture->n_notified, ==, 2);
  clove_relay_model_tick (fixture->model, MADE_NOW_US + G_TIME_SPAN_SECOND);
  g_assert_cmpuint (fixture->n_notified, ==, 3);
  g_assert_cmpstr (fixture->last, ==, "left-s");
  g_assert_cmpuint (clove_relay_item_get_left_s (item), ==, 298);
  g_assert_cmpint (clove_relay_model_apply (fixture->model, later), ==,
                   CLOVE_RELAY_CHANGED_NOTHING);
  clove_relay_model_tick (fixture->model, MADE_NOW_US + 1000 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (clove_relay_item_get_left_s (item), ==, 0);
  clove_relay_model_apply (fixture->model, over);
  g_assert_cmpint (clove_relay_item_get_status (item), ==, CLOVE_RELAY_READY);
  g_assert_cmpuint (clove_relay_model_get_n_banned (fixture->model), ==, 0);
  g_assert_cmpuint (fixture->n_spliced, ==, 0);
}

/* Bans that trade places, grow and go are matched to their relays all the same. */
static void
test_ban_order (Fixture *fixture, gconstpointer user_data)
{
  static const guint orders[][3] = { { 1, 2, 3 }, { 3, 1, 0 }, { 2, 0, 0 }, { 2, 4, 1 } };
  g_autoptr (CloveSnapshot) base = made_snapshot_of_many (6);

  for (guint i = 0; i < G_N_ELEMENTS (orders); i++) {
    g_autoptr (CloveSnapshot) snapshot = derive (base);

    for (guint j = 0; j < 3 && orders[i][j] != 0; j++) {
      g_autofree char *address = g_strdup_printf ("192.0.2.%u:9001", orders[i][j]);

      ban (snapshot, address, 100 + orders[i][j]);
    }
    clove_relay_model_apply (fixture->model, snapshot);
    clove_relay_model_tick (fixture->model, MADE_NOW_US);
    for (guint number = 1; number <= 6; number++) {
      g_autofree char *address = g_strdup_printf ("192.0.2.%u:9001", number);
      CloveRelayItem *item = clove_relay_model_find_address (fixture->model, address);
      gboolean is_banned =
        number == orders[i][0] || number == orders[i][1] || number == orders[i][2];

      g_assert_cmpint (clove_relay_item_is_banned (item), ==, is_banned);
      g_assert_cmpuint (clove_relay_item_get_left_s (item), ==, is_banned ? 100 + number : 0);
    }
  }
}

/* A relay that leaves the directory stays as long as we have to do with it. */
static void
test_gone (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) base = made_snapshot_of_many (9);
  g_autoptr (CloveSnapshot) all = derive (base);
  g_autoptr (CloveSnapshot) fewer = derive (base);
  g_autoptr (CloveSnapshot) cleared = derive (base);
  CloveRelayItem *item = NULL;

  ban (all, FIRST, 0);
  ban (fewer, FIRST, 0);
  g_clear_pointer (&fewer->relays, clove_relay_list_unref);
  fewer->relays = cut (base->relays, 2, 7);
  g_clear_pointer (&cleared->relays, clove_relay_list_unref);
  cleared->relays = clove_relay_list_ref (fewer->relays);
  clove_relay_model_apply (fixture->model, all);
  item = clove_relay_model_find_address (fixture->model, FIRST);
  watch (fixture);
  clove_relay_model_apply (fixture->model, fewer);
  g_assert_cmpuint (fixture->n_spliced, ==, 1);
  g_assert_cmpuint (get_n (fixture), ==, 8);
  g_assert_true (clove_relay_model_find_address (fixture->model, FIRST) == item);
  g_assert_false (clove_relay_item_is_listed (item));
  g_assert_null (clove_relay_model_find_address (fixture->model, SECOND));
  watch (fixture);
  clove_relay_model_apply (fixture->model, cleared);
  g_assert_cmpuint (fixture->n_spliced, ==, 1);
  g_assert_cmpuint (fixture->position, ==, 7);
  g_assert_cmpuint (fixture->n_removed, ==, 1);
  g_assert_cmpuint (fixture->n_added, ==, 0);
  g_assert_null (clove_relay_model_find_address (fixture->model, FIRST));
  clove_relay_model_apply (fixture->model, all);
  g_assert_cmpuint (get_n (fixture), ==, 9);
}

/* What the directory never had, but the user banned, can be cleared as well. */
static void
test_unlisted (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) base = made_snapshot_of_many (3);
  g_autoptr (CloveSnapshot) snapshot = derive (base);
  CloveRelayItem *item = NULL;

  ban (snapshot, "198.51.100.7:9001", 60);
  clove_relay_model_apply (fixture->model, snapshot);
  item = clove_relay_model_find_address (fixture->model, "198.51.100.7:9001");
  g_assert_cmpuint (get_n (fixture), ==, 4);
  g_assert_null (clove_relay_item_get_key (item));
  g_assert_null (clove_relay_item_dup_key_text (item));
  g_assert_cmpstr (clove_relay_item_get_name (item), ==, "198.51.100.7:9001");
  g_assert_false (clove_relay_item_matches (item, "ab"));
}

/* A relay that moves is the same relay. */
static void
test_moved (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) base = made_snapshot_of_many (3);
  g_autoptr (CloveSnapshot) before = derive (base);
  g_autoptr (CloveSnapshot) moved = derive (base);
  CloveRelay *old = clove_relay_list_get_relay (base->relays, 0);
  CloveRelay *relays[3] = { NULL, clove_relay_list_get_relay (base->relays, 1),
                            clove_relay_list_get_relay (base->relays, 2) };
  CloveAddress address = { 0 };
  CloveRelayItem *item = NULL;

  g_assert_true (clove_address_parse (&address, "203.0.113.9:9001", NULL));
  relays[0] = clove_relay_new ("other", clove_relay_get_key (old), &address, CLOVE_RELAY_ROLES_ALL,
                               NULL, NULL);
  g_clear_pointer (&moved->relays, clove_relay_list_unref);
  moved->relays = clove_relay_list_new (relays, 3, NULL);
  clove_relay_unref (relays[0]);
  clove_relay_model_apply (fixture->model, before);
  item = clove_relay_model_find_address (fixture->model, FIRST);
  watch (fixture);
  clove_relay_model_apply (fixture->model, moved);
  g_assert_true (clove_relay_model_find_address (fixture->model, "203.0.113.9:9001") == item);
  g_assert_null (clove_relay_model_find_address (fixture->model, FIRST));
  g_assert_cmpstr (clove_relay_item_get_name (item), ==, "other");
  g_assert_cmpstr (fixture->last, ==, "relay");
  g_assert_cmpuint (fixture->n_notified, ==, 1);
  g_assert_cmpuint (fixture->n_spliced, ==, 0);
}

typedef struct {
  const char *name;
  CloveRelayPlace place;
  gint64 ban_s; /* -1 for none, 0 for the user's */
  gboolean is_gone;
  CloveRelayStatus status;
  CloveTone tone;
  const char *state;
  const char *detail;
} StateCase;

/* Two lines for each; the formatter would make one. */
/* clang-format off */
static const StateCase state_cases[] = {
  { "in-use", { CLOVE_RELAY_USE_LIVE, 1, 1, -1, FALSE }, -1, FALSE,
    CLOVE_RELAY_IN_USE, CLOVE_TONE_GOOD, "In use as middle", "" },
  { "in-use-gone", { CLOVE_RELAY_USE_LIVE, 2, 1, -1, FALSE }, -1, TRUE,
    CLOVE_RELAY_IN_USE, CLOVE_TONE_GOOD, "In use as exit", "no longer listed" },
  { "failing", { CLOVE_RELAY_USE_LIVE_FAILED, 2, 1, -1, FALSE }, -1, FALSE,
    CLOVE_RELAY_FAILING, CLOVE_TONE_WARNING, "Stopped answering", "" },
  { "joining", { CLOVE_RELAY_USE_CANDIDATE, 0, 1, -1, FALSE }, -1, FALSE,
    CLOVE_RELAY_JOINING, CLOVE_TONE_BUSY, "Joining as entry", "" },
  { "not-joined", { CLOVE_RELAY_USE_CANDIDATE_FAILED, 0, 1, -1, FALSE }, -1, FALSE,
    CLOVE_RELAY_NOT_JOINED, CLOVE_TONE_WARNING, "Did not join", "" },
  { "standby", { CLOVE_RELAY_USE_STANDBY, 2, 1, -1, FALSE }, -1, FALSE,
    CLOVE_RELAY_STANDBY, CLOVE_TONE_BUSY, "Standby exit", "" },
  { "kept", { CLOVE_RELAY_UNUSED, 0, -1, 0, FALSE }, -1, FALSE,
    CLOVE_RELAY_KEPT_ENTRY, CLOVE_TONE_PLAIN, "Kept as entry", "" },
  { "backup", { CLOVE_RELAY_UNUSED, 0, -1, 1, TRUE }, -1, FALSE,
    CLOVE_RELAY_BACKUP_ENTRY, CLOVE_TONE_PLAIN, "Backup entry", "did not answer when last asked" },
  { "banned", { CLOVE_RELAY_UNUSED, 0, -1, -1, FALSE }, 261, FALSE,
    CLOVE_RELAY_BANNED, CLOVE_TONE_BAD, "Blacklisted 4:21", "did not answer" },
  { "banned-by-user", { CLOVE_RELAY_UNUSED, 0, -1, -1, FALSE }, 0, FALSE,
    CLOVE_RELAY_BANNED_BY_USER, CLOVE_TONE_BAD, "Blacklisted by you", "until you clear it" },
  { "banned-in-use", { CLOVE_RELAY_USE_LIVE, 0, 1, 0, FALSE }, 5, FALSE,
    CLOVE_RELAY_BANNED, CLOVE_TONE_BAD, "Blacklisted 0:05", "in use until replaced" },
  { "ready", { CLOVE_RELAY_UNUSED, 0, -1, -1, FALSE }, -1, FALSE,
    CLOVE_RELAY_READY, CLOVE_TONE_PLAIN, "Ready", "" },
  { "gone", { CLOVE_RELAY_UNUSED, 0, -1, 0, FALSE }, -1, TRUE,
    CLOVE_RELAY_GONE, CLOVE_TONE_PLAIN, "No longer listed", "" },
};
/* clang-format on */

static void
test_state (gconstpointer user_data)
{
  const StateCase *one = user_data;
  g_autoptr (CloveSnapshot) snapshot = made_snapshot_of_many (1);
  g_autoptr (CloveRelayItem) item =
    clove_relay_item_new (clove_relay_list_get_relay (snapshot->relays, 0));
  g_autofree char *state = NULL;
  g_autofree char *detail = NULL;
  g_autofree char *spoken = NULL;

  clove_relay_item_set_place (item, &one->place);
  clove_relay_item_set_listed (item, !one->is_gone);
  if (one->ban_s >= 0)
    clove_relay_item_set_ban (item, ban (snapshot, FIRST, one->ban_s), MADE_NOW_US);
  clove_relay_item_tick (item, MADE_NOW_US);
  state = clove_describe_relay_state (item);
  detail = clove_describe_relay_detail (item);
  spoken = clove_describe_relay (item);
  g_assert_cmpint (clove_relay_item_get_status (item), ==, one->status);
  g_assert_cmpint (clove_describe_relay_tone (item), ==, one->tone);
  g_assert_cmpstr (state, ==, one->state);
  g_assert_cmpstr (detail, ==, one->detail);
  g_assert_true (g_str_has_suffix (clove_describe_relay_icon (item), "-symbolic"));
  g_assert_true (one->status == CLOVE_RELAY_BANNED || strstr (spoken, state) != NULL);
  g_assert_nonnull (strstr (spoken, detail));
  g_assert_nonnull (strstr (spoken, "relay1"));
}

/* The first circuit that a relay is in is the one that counts, and its entry is remembered. */
static void
test_places (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) base = made_snapshot_of_many (5);
  g_autoptr (CloveSnapshot) snapshot = derive (base);
  g_autoptr (CloveSnapshot) idle = derive (base);
  CloveRelayItem *first = NULL;
  CloveRelayItem *second = NULL;

  put (&snapshot->live, FIRST, CLOVE_SNAPSHOT_HOP_READY);
  put (&snapshot->candidate, FIRST, CLOVE_SNAPSHOT_HOP_READY);
  put (&snapshot->candidate, SECOND, CLOVE_SNAPSHOT_HOP_FAILED);
  snapshot->entries[0].name = g_strdup ("relay1");
  snapshot->entries[1].name = g_strdup ("relay3");
  clove_relay_model_apply (fixture->model, snapshot);
  first = clove_relay_model_find_address (fixture->model, FIRST);
  second = clove_relay_model_find_address (fixture->model, SECOND);
  g_assert_cmpint (clove_relay_item_get_status (first), ==, CLOVE_RELAY_IN_USE);
  g_assert_cmpint (clove_relay_item_get_place (first)->entry, ==, 0);
  g_assert_cmpint (clove_relay_item_get_rtt_us (first), ==, 30000);
  g_assert_cmpint (clove_relay_item_get_status (second), ==, CLOVE_RELAY_NOT_JOINED);
  g_assert_cmpuint (clove_relay_item_get_place (second)->hop, ==, 1);
  g_assert_cmpint (clove_relay_item_get_status (clove_relay_model_find_address (
                     fixture->model, "192.0.2.3:9001")),
                   ==, CLOVE_RELAY_BACKUP_ENTRY);
  clove_relay_model_apply (fixture->model, idle);
  g_assert_cmpint (clove_relay_item_get_status (first), ==, CLOVE_RELAY_READY);
  g_assert_cmpint (clove_relay_item_get_status (second), ==, CLOVE_RELAY_READY);
}

static void
test_history (void)
{
  CloveSnapshotRecord entry = { .weight = 0.9, .rtt_us = 20000, .n_outcomes = 3, .outcomes = 5 };
  CloveSnapshotRecord exit_record = { .weight = 0.4, .rtt_us = 0, .n_outcomes = 1 };
  CloveSnapshotRecord full = { .weight = 1, .n_outcomes = 32, .outcomes = 0xfffffff8 };
  const CloveSnapshotRecord *both[] = { &entry, &exit_record };
  const CloveSnapshotRecord *many[] = { &full, &full };
  CloveRelayHistory joined = clove_relay_history_join (both, 2);
  CloveRelayHistory cut_off = clove_relay_history_join (many, 2);
  CloveRelayHistory none = clove_relay_history_join (NULL, 0);
  g_autofree char *words = clove_describe_relay_history (&joined);
  g_autofree char *all = clove_describe_relay_history (&cut_off);
  g_autofree char *nothing = clove_describe_relay_history (&none);

  /* Good, bad (of the exit), bad, good. */
  g_assert_cmpuint (joined.n_outcomes, ==, 4);
  g_assert_cmphex (joined.outcomes, ==, 0x9);
  g_assert_cmpint (joined.rtt_us, ==, 20000);
  g_assert_cmpstr (words, ==, "2 of 4 worked, so it is rarely chosen");
  g_assert_cmpuint (cut_off.n_outcomes, ==, 32);
  g_assert_cmphex (cut_off.outcomes, ==, 0xffffffc0);
  g_assert_cmpstr (all, ==, "26 of 32 worked");
  g_assert_cmpstr (nothing, ==, "Not used lately");
}

static void
test_records (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) base = made_snapshot_of_many (9);
  g_autoptr (CloveSnapshot) without = derive (base);
  CloveRelayItem *item = NULL;

  clove_relay_model_apply (fixture->model, base);
  item = clove_relay_model_find_address (fixture->model, FIRST);
  g_assert_cmpuint (clove_relay_item_get_history (item)->n_outcomes, ==, 8);
  g_assert_cmpint (clove_relay_item_get_history (item)->rtt_us, ==, 8000);
  g_clear_pointer (&without->records, g_ptr_array_unref);
  g_assert_cmpint (clove_relay_model_apply (fixture->model, without) & CLOVE_RELAY_CHANGED_HISTORY,
                   !=, 0);
  g_assert_cmpuint (clove_relay_item_get_history (item)->n_outcomes, ==, 0);
  g_assert_cmpint (clove_relay_item_get_rtt_us (item), ==, 0);
}

static void
test_matches (void)
{
  static const struct {
    const char *folded;
    gboolean is_match;
  } cases[] = {
    { "relay1", TRUE },
    { "lay1", TRUE },
    { "relay2", FALSE },
    { "192.0", TRUE },
    { "2.1:9001", TRUE },
    { "relay1\n", TRUE },
    { "zz", FALSE },
    { "192.0.3", FALSE },
  };
  g_autoptr (CloveSnapshot) snapshot = made_snapshot_of_many (1);
  g_autoptr (CloveRelayItem) item =
    clove_relay_item_new (clove_relay_list_get_relay (snapshot->relays, 0));
  g_autofree char *key = clove_relay_item_dup_key_text (item);

  g_assert_cmpuint (strlen (key), ==, 64);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (clove_relay_item_matches (item, cases[i].folded), ==, cases[i].is_match);
  g_assert_true (clove_relay_item_matches (item, key));
  g_assert_false (clove_relay_item_matches (item, key + 1));
  key[5] = '\0';
  g_assert_true (clove_relay_item_matches (item, key));
}

static void
test_compare (void)
{
  g_autoptr (CloveSnapshot) snapshot = made_snapshot_of_many (10);
  g_autoptr (CloveRelayItem) two =
    clove_relay_item_new (clove_relay_list_get_relay (snapshot->relays, 1));
  g_autoptr (CloveRelayItem) ten =
    clove_relay_item_new (clove_relay_list_get_relay (snapshot->relays, 9));
  CloveRelayHistory fast = { .weight = 1, .rtt_us = 5, .n_outcomes = 2, .outcomes = 1 };
  CloveRelayHistory slow = { .weight = 1, .rtt_us = 50, .n_outcomes = 2, .outcomes = 3 };
  CloveRelayPlace used = { CLOVE_RELAY_USE_LIVE, 0, -1, -1, FALSE };

  g_assert_cmpint (clove_relay_column_compare (CLOVE_RELAY_COLUMN_NAME, FALSE, two, ten), <, 0);
  g_assert_cmpint (clove_relay_column_compare (CLOVE_RELAY_COLUMN_NAME, TRUE, two, ten), >, 0);
  clove_relay_item_set_history (ten, &slow);
  /* What is not known is last in either order. */
  g_assert_cmpint (clove_relay_column_compare (CLOVE_RELAY_COLUMN_RTT, FALSE, two, ten), >, 0);
  g_assert_cmpint (clove_relay_column_compare (CLOVE_RELAY_COLUMN_RTT, TRUE, two, ten), >, 0);
  clove_relay_item_set_history (two, &fast);
  g_assert_cmpint (clove_relay_column_compare (CLOVE_RELAY_COLUMN_RTT, FALSE, two, ten), <, 0);
  g_assert_cmpint (clove_relay_column_compare (CLOVE_RELAY_COLUMN_RTT, TRUE, two, ten), >, 0);
  g_assert_cmpint (clove_relay_column_compare (CLOVE_RELAY_COLUMN_HISTORY, FALSE, two, ten), >, 0);
  g_assert_cmpint (clove_relay_column_compare (CLOVE_RELAY_COLUMN_STATE, FALSE, two, ten), ==, 0);
  clove_relay_item_set_place (ten, &used);
  g_assert_cmpint (clove_relay_column_compare (CLOVE_RELAY_COLUMN_STATE, FALSE, two, ten), >, 0);
}

/* All bans at once: each relay says its state and what is left, and the list does not change. */
static void
test_many (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) base = made_snapshot_of_many (10000);
  g_autoptr (CloveSnapshot) free_ones = derive (base);
  g_autoptr (CloveSnapshot) banned = derive (base);

  clove_relay_model_apply (fixture->model, free_ones);
  for (guint i = 0; i < 10000; i++) {
    g_autoptr (CloveRelayItem) item = g_list_model_get_item (G_LIST_MODEL (fixture->model), i);

    ban (banned, clove_relay_item_get_address (item), 60);
  }
  watch (fixture);
  clove_relay_model_apply (fixture->model, banned);
  g_assert_cmpuint (fixture->n_notified, ==, 20000);
  g_assert_cmpuint (fixture->n_spliced, ==, 0);
  g_assert_cmpuint (clove_relay_model_get_n_banned (fixture->model), ==, 10000);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/clove/ui/relay-model/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("new-destroy", test_new_destroy);
  ADD ("first-fill", test_first_fill);
  ADD ("no-churn", test_no_churn);
  ADD ("ban", test_ban);
  ADD ("ban-order", test_ban_order);
  ADD ("gone", test_gone);
  ADD ("unlisted", test_unlisted);
  ADD ("moved", test_moved);
  ADD ("places", test_places);
  ADD ("records", test_records);
  ADD ("many", test_many);
  g_test_add_func ("/clove/ui/relay-model/history", test_history);
  g_test_add_func ("/clove/ui/relay-model/matches", test_matches);
  g_test_add_func ("/clove/ui/relay-model/compare", test_compare);
  for (guint i = 0; i < G_N_ELEMENTS (state_cases); i++) {
    g_autofree char *path =
      g_strconcat ("/clove/ui/relay-model/state/", state_cases[i].name, NULL);

    g_test_add_data_func (path, &state_cases[i], test_state);
  }
  return g_test_run ();
}
