/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One fault at one place, and what it does to somebody who reads pages meanwhile.
 */
#include "config.h"

#include "faults.h"

/* A request is sent each 500 ms, or when the one before is answered if that takes longer. */
#define PACE_US    (500 * G_TIME_SPAN_MILLISECOND)
/* How long a fault lasts. */
#define FAULT_US   (30 * G_TIME_SPAN_SECOND)
/* When those who are banned are looked at, after the rebuild. */
#define VERDICT_US (10 * G_TIME_SPAN_SECOND)
/* No request waits for longer. */
#define REPLY_US   (90 * G_TIME_SPAN_SECOND)
/* How long the network may take to come back after a fault. */
#define HEAL_US    G_TIME_SPAN_MINUTE

static void
go_offline (Front *front, GPtrArray *victims)
{
  front_set_deaf (front, TRUE);
  clove_keeper_set_online (front->keeper, FALSE);
}

static void
go_online (Front *front)
{
  front_set_deaf (front, FALSE);
  clove_keeper_set_online (front->keeper, TRUE);
}

static void
unplug (Front *front, GPtrArray *victims)
{
  front_set_deaf (front, TRUE);
}

static void
plug_in (Front *front)
{
  front_set_deaf (front, FALSE);
}

/* The machine slept for so long that the relays have forgotten all about it. */
static void
wake_up (Front *front, GPtrArray *victims)
{
  test_net_command (&front->net, "restart all");
  clove_keeper_note_network_change (front->keeper, "the machine woke");
}

static void
leave_list (Front *front, GPtrArray *victims)
{
  guint n_relays = clove_relay_list_get_n_relays (front->relays);
  g_autofree CloveRelay **relays = g_new0 (CloveRelay *, n_relays);
  g_autoptr (CloveRelayList) list = NULL;
  guint n = 0;

  for (guint i = 0; i < n_relays; i++) {
    CloveRelay *relay = clove_relay_list_get_relay (front->relays, i);

    if (!g_ptr_array_find_with_equal_func (victims, clove_relay_get_name (relay), g_str_equal,
                                           NULL))
      relays[n++] = relay;
  }
  if (n < CLOVE_RELAY_LIST_MIN_RELAYS)
    return;
  list = clove_relay_list_new (relays, n, "2026-01-01");
  clove_keeper_set_relays (front->keeper, list);
}

static void
come_back (Front *front)
{
  clove_keeper_set_relays (front->keeper, front->relays);
}

const FaultKind fault_kinds[] = {
  { .name = "kill", .format = "kill %s", .stops_all = TRUE },
  { .name = "freeze", .format = "freeze %s", .stops_all = TRUE },
  { .name = "restart", .format = "restart %s" },
  { .name = "drop 1 %", .format = "drop %s 1" },
  { .name = "drop 5 %", .format = "drop %s 5" },
  { .name = "drop 30 %", .format = "drop %s 30" },
  { .name = "corrupt 5 %", .format = "corrupt %s 5" },
  { .name = "corrupt 100 %", .format = "corrupt %s 100", .stops_all = TRUE },
  { .name = "lie", .format = "lie %s", .stops_all = TRUE },
  { .name = "leave list", .begin = leave_list, .end = come_back },
  { .name = "leave and die",
    .format = "kill %s",
    .begin = leave_list,
    .end = come_back,
    .stops_all = TRUE },
  { .name = "offline",
    .begin = go_offline,
    .end = go_online,
    .is_for_all = TRUE,
    .stops_all = TRUE },
  { .name = "unplugged", .begin = unplug, .end = plug_in, .is_for_all = TRUE, .stops_all = TRUE },
  { .name = "sleep", .begin = wake_up, .is_for_all = TRUE },
};
const guint fault_n_kinds = G_N_ELEMENTS (fault_kinds);

typedef struct {
  Front *front;
  FaultPlace place;
  FaultResult *result;
  CloveRandom *random;
  GPtrArray *victims; /* of names, owned */
  guint n_visits;
  gint64 begun_us;    /* the fault, or its end if nothing can work before */
  gboolean is_over;   /* the first page came */
  guint64 generation; /* before the fault */
  gboolean is_judged; /* or will be, by the timer */
  CloveTimer verdict;
} Trial;

/** fault_place_name: Get a name for people. */
const char *
fault_place_name (FaultPlace place)
{
  static const char *const names[FAULT_N_PLACES] = { "entry", "middle", "exit", "two", "all" };

  return names[place];
}

/** fault_kind_find: Find a kind of fault by its name. */
const FaultKind *
fault_kind_find (const char *name)
{
  for (guint i = 0; i < fault_n_kinds; i++) {
    if (g_str_equal (fault_kinds[i].name, name))
      return &fault_kinds[i];
  }
  g_error ("There is no fault “%s”", name);
}

/** fault_kind_happens_at: Tell whether that makes sense. */
gboolean
fault_kind_happens_at (const FaultKind *self, FaultPlace place)
{
  return !self->is_for_all || place == FAULT_AT_ALL;
}

/** fault_last_cause: Get the serial number of the newest entry of the log. */
guint64
fault_last_cause (Front *front)
{
  const GPtrArray *causes = clove_keeper_get_causes (front->keeper);

  return causes->len > 0 ? ((CloveCause *) causes->pdata[causes->len - 1])->serial : 0;
}

/** fault_count_causes: Count the entries of @kind in the log after @since_serial. */
guint
fault_count_causes (Front *front, CloveCauseKind kind, guint64 since_serial)
{
  const GPtrArray *causes = clove_keeper_get_causes (front->keeper);
  guint n = 0;

  for (guint i = 0; i < causes->len; i++) {
    const CloveCause *cause = causes->pdata[i];

    n += cause->serial > since_serial && cause->kind == kind ? 1 : 0;
  }
  return n;
}

static gboolean
is_victim (Trial *trial, const char *name)
{
  return g_ptr_array_find_with_equal_func (trial->victims, name, g_str_equal, NULL);
}

static void
on_verdict (gpointer user_data)
{
  Trial *trial = user_data;
  FaultResult *result = trial->result;

  for (guint i = 0; i < clove_localnet_get_n_relays (trial->front->net.localnet); i++) {
    const char *name = clove_local_relay_get_name (test_net_get_relay (&trial->front->net, i + 1));

    if (!front_is_banned (trial->front, name))
      continue;
    if (is_victim (trial, name))
      result->n_named++;
    else
      result->n_wronged++;
  }
}

static void
on_changed (CloveKeeper *keeper, gpointer user_data)
{
  Trial *trial = user_data;

  if (trial->is_judged || clove_keeper_get_generation (keeper) == trial->generation)
    return;
  trial->is_judged = TRUE;
  clove_timer_start (&trial->verdict, VERDICT_US);
}

static void
note_visit (Trial *trial, gint64 begun_us, gboolean is_page)
{
  FaultResult *result = trial->result;
  gint64 now_us = front_now_us (trial->front);

  result->n_requests++;
  result->n_lost += is_page ? 0 : 1;
  result->slowest_us = MAX (result->slowest_us, now_us - begun_us);
  if (!is_page || trial->is_over || trial->begun_us == 0)
    return;
  trial->is_over = TRUE;
  result->recovery_us = now_us - trial->begun_us;
}

/* Four sites in turn. */
static gboolean
visit (Trial *trial)
{
  static const char sites[] = "abcd";
  gint64 begun_us = front_now_us (trial->front);
  gint64 left_us = 0;
  char site = sites[trial->n_visits++ % (sizeof sites - 1)];
  g_autofree char *request = g_strdup_printf (
    "GET http://%c.ton/bytes/1000 HTTP/1.1\r\nHost: %c.ton\r\n\r\n", site, site);
  g_autoptr (Browser) browser = front_begin (trial->front, request);
  gboolean is_answered =
    test_loop_try_until (trial->front->net.clock, browser_is_done, browser, REPLY_US);
  gboolean is_page = is_answered && browser_has_replies (browser) &&
                     browser_get_status (browser) == 200;

  g_assert_true (is_answered);
  note_visit (trial, begun_us, is_page);
  left_us = begun_us + PACE_US - front_now_us (trial->front);
  if (left_us > 0)
    test_loop_run_for (trial->front->net.clock, left_us);
  return is_page;
}

static void
add_victim (Trial *trial, guint hop)
{
  g_ptr_array_add (trial->victims, g_strdup (front_get_hop (trial->front, hop)));
}

static void
choose_victims (Trial *trial)
{
  guint spared = clove_random_uniform (trial->random, CLOVE_MAX_HOPS);

  switch (trial->place) {
    case FAULT_AT_ENTRY:
    case FAULT_AT_MIDDLE:
    case FAULT_AT_EXIT:
      add_victim (trial, (guint) trial->place);
      break;
    case FAULT_AT_TWO:
      for (guint i = 0; i < CLOVE_MAX_HOPS; i++)
        if (i != spared)
          add_victim (trial, i);
      break;
    case FAULT_AT_ALL:
      for (guint i = 0; i < clove_localnet_get_n_relays (trial->front->net.localnet); i++)
        g_ptr_array_add (trial->victims, g_strdup_printf ("relay%u", i + 1));
      break;
    case FAULT_N_PLACES:
    default:
      g_assert_not_reached ();
  }
}

static void
begin_fault (Trial *trial, const FaultKind *kind)
{
  g_auto (GStrv) around = NULL;

  choose_victims (trial);
  if (kind->begin != NULL)
    kind->begin (trial->front, trial->victims);
  if (kind->format == NULL)
    return;
  around = g_strsplit (kind->format, "%s", 2);
  for (guint i = 0; i < trial->victims->len; i++)
    test_net_command (&trial->front->net, "%s%s%s", around[0],
                      (const char *) trial->victims->pdata[i], around[1]);
}

static void
run (Trial *trial, const FaultKind *kind)
{
  CloveClock *clock = trial->front->net.clock;
  gint64 end_us = 0;

  for (guint i = 0; i < 4; i++)
    if (!visit (trial))
      g_error ("No page came though nothing was broken yet");
  test_loop_run_for (clock, clove_random_uniform (trial->random, 2 * G_TIME_SPAN_SECOND));
  *trial->result = (FaultResult){ .recovery_us = FAULT_NEVER_US };
  begin_fault (trial, kind);
  end_us = front_now_us (trial->front) + FAULT_US;
  if (trial->place != FAULT_AT_ALL || !kind->stops_all)
    trial->begun_us = front_now_us (trial->front);
  while (front_now_us (trial->front) < end_us)
    (void) visit (trial);
  if (!trial->is_judged)
    on_verdict (trial);
  trial->is_judged = TRUE;
  if (kind->end != NULL)
    kind->end (trial->front);
  test_net_command (&trial->front->net, "heal");
  if (trial->begun_us == 0)
    trial->begun_us = front_now_us (trial->front);
  end_us = front_now_us (trial->front) + HEAL_US;
  while (!trial->is_over && front_now_us (trial->front) < end_us)
    (void) visit (trial);
  test_loop_run_for (clock, VERDICT_US + G_TIME_SPAN_SECOND);
}

/**
 * fault_run:
 * @kind: what breaks
 * @place: where
 * @options: the network, and the seed from which all else follows
 * @out: (out): what came of it
 *
 * Break something while pages are read, for 30 s, then mend it.
 */
void
fault_run (const FaultKind *kind, FaultPlace place, const FrontOptions *options, FaultResult *out)
{
  g_autoptr (Front) front = front_new (options);
  Trial trial = { .front = front, .place = place, .result = out };
  guint64 serial = 0;

  trial.random = clove_random_new_seeded (options->seed ^ 0x5eed);
  trial.victims = g_ptr_array_new_with_free_func (g_free);
  clove_timer_init (&trial.verdict, front->net.clock, on_verdict, &trial);
  trial.generation = clove_keeper_get_generation (front->keeper);
  g_signal_connect (front->keeper, "changed", G_CALLBACK (on_changed), &trial);
  serial = fault_last_cause (front);
  run (&trial, kind);
  out->n_rebuilds = fault_count_causes (front, CLOVE_CAUSE_REBUILDING, serial);
  out->is_healed = visit (&trial);
  if (!out->is_healed)
    out->is_healed = visit (&trial);
  g_signal_handlers_disconnect_by_data (front->keeper, &trial);
  clove_timer_stop (&trial.verdict);
  g_ptr_array_unref (trial.victims);
  clove_random_unref (trial.random);
}
