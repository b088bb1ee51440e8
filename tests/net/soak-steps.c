/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "soak.h"

#include <string.h>

typedef struct {
  const char *name;
  guint weight;
  void (*take) (Soak *self);
} Step;

static guint
draw (Soak *self, guint n)
{
  return clove_random_uniform (self->random, n);
}

static void
note_event (Soak *self, guint relay, gboolean is_faulty)
{
  self->n_events++;
  self->event_us = front_now_us (self->front);
  self->is_faulty[relay] = is_faulty;
}

static void
stop_relay (Soak *self)
{
  static const char *const verbs[] = { "kill", "freeze" };
  guint relay = draw (self, self->n_relays);

  note_event (self, relay, TRUE);
  test_net_command (&self->front->net, "%s relay%u", verbs[draw (self, 2)], relay + 1);
}

static void
restart_relay (Soak *self)
{
  guint relay = draw (self, self->n_relays);

  note_event (self, relay, self->is_faulty[relay]);
  test_net_command (&self->front->net, "restart relay%u", relay + 1);
}

/* What makes requests slow or lost without stopping a relay. */
static void
spoil_relay (Soak *self)
{
  static const struct {
    const char *verb;
    const char *value;
  } faults[] = {
    { "drop", " 1" },
    { "drop", " 5" },
    { "drop", " 30" },
    { "drop", " 100" },
    { "delay", " 50" },
    { "delay", " 500" },
    { "delay", " 5000" },
    { "reorder", " 20" },
    { "reorder", " 90" },
    { "corrupt", " 1" },
    { "corrupt", " 30" },
    { "corrupt", " 100" },
    { "lie", "" },
    { "impersonate", "" },
    { "error", "" },
  };
  guint fault = draw (self, G_N_ELEMENTS (faults));
  guint relay = draw (self, self->n_relays);

  note_event (self, relay, TRUE);
  /* Never saved by a rule: two events in one. */
  self->n_events++;
  test_net_command (&self->front->net, "%s relay%u%s", faults[fault].verb, relay + 1,
                    faults[fault].value);
}

static void
spoil_all (Soak *self)
{
  static const char *const commands[] = { "kill all", "freeze all", "restart all",
                                          "drop all 10", "drop all 100", "lie all" };
  guint command = draw (self, G_N_ELEMENTS (commands));

  for (guint i = 0; i < self->n_relays; i++)
    note_event (self, i, TRUE);
  test_net_command (&self->front->net, "%s", commands[command]);
}

static void
mend_relay (Soak *self)
{
  guint relay = draw (self, self->n_relays);

  if (!self->is_faulty[relay])
    return;
  note_event (self, relay, FALSE);
  test_net_command (&self->front->net, "heal relay%u", relay + 1);
}

/** soak_mend_all: End every fault. */
void
soak_mend_all (Soak *self)
{
  for (guint i = 0; i < self->n_relays; i++)
    if (self->is_faulty[i])
      note_event (self, i, FALSE);
  test_net_command (&self->front->net, "heal");
}

/* Offline by the system's word, or without anybody saying so. */
static void
go_offline (Soak *self)
{
  if (self->is_offline)
    return;
  self->is_offline = TRUE;
  self->n_events += 2; /* more than a rule saves from */
  self->event_us = front_now_us (self->front);
  front_set_deaf (self->front, TRUE);
  if (draw (self, 2) == 0)
    clove_keeper_set_online (self->front->keeper, FALSE);
}

/** soak_go_online: End what go_offline() began. */
void
soak_go_online (Soak *self)
{
  if (!self->is_offline)
    return;
  self->is_offline = FALSE;
  self->n_events += 2;
  self->event_us = front_now_us (self->front);
  front_set_deaf (self->front, FALSE);
  clove_keeper_set_online (self->front->keeper, TRUE);
}

static void
ask (Soak *self)
{
  static const SoakVisitKind kinds[] = {
    SOAK_VISIT_PAGE,
    SOAK_VISIT_PAGE,
    SOAK_VISIT_PAGE,
    SOAK_VISIT_HEAD,
    SOAK_VISIT_BIG_PAGE,
    SOAK_VISIT_FORM,
    SOAK_VISIT_FORM,
    SOAK_VISIT_DEAD_SITE,
    SOAK_VISIT_SLOW_PAGE,
  };

  soak_visit (self, kinds[draw (self, G_N_ELEMENTS (kinds))], draw (self, 8) == 0);
}

static void
ask_much (Soak *self)
{
  guint n = 5 + draw (self, 40);

  for (guint i = 0; i < n; i++)
    soak_visit (self, draw (self, 4) == 0 ? SOAK_VISIT_DEAD_SITE : SOAK_VISIT_PAGE,
                draw (self, 10) == 0);
}

/* Reads a few pages, one after another. */
static void
read_pages (Soak *self)
{
  guint n = 1 + draw (self, 10);

  for (guint i = 0; i < n; i++) {
    soak_visit (self, SOAK_VISIT_PAGE, FALSE);
    soak_pass (self, 500 * G_TIME_SPAN_MILLISECOND);
  }
}

static void
calm_down (Soak *self)
{
  soak_mend_all (self);
  soak_go_online (self);
  soak_pass (self, G_TIME_SPAN_MINUTE + draw (self, G_TIME_SPAN_MINUTE));
}

/* Everything is well, pages are asked for, and a relay of the live circuit stops. */
static void
stop_hop (Soak *self)
{
  CloveCircuit *circuit = NULL;
  const char *name = NULL;
  guint relay = 0;

  calm_down (self);
  for (guint i = 0; i < 5; i++)
    soak_visit (self, SOAK_VISIT_PAGE, FALSE);
  circuit = clove_keeper_get_circuit (self->front->keeper);
  if (circuit == NULL)
    return;
  name = clove_circuit_get_hop_name (circuit, draw (self, CLOVE_MAX_HOPS));
  relay = (guint) g_ascii_strtoull (name + strlen ("relay"), NULL, 10) - 1;
  note_event (self, relay, TRUE);
  test_net_command (&self->front->net, "%s %s", draw (self, 2) == 0 ? "kill" : "freeze", name);
  soak_pass (self, draw (self, 20 * G_TIME_SPAN_SECOND));
}

static void
change_network (Soak *self)
{
  if (draw (self, 2) == 0) {
    self->n_events += 2;
    self->event_us = front_now_us (self->front);
    test_net_command (&self->front->net, "restart all");
  }
  clove_keeper_note_network_change (self->front->keeper, "the network changed");
}

static void
rebuild (Soak *self)
{
  (void) clove_keeper_rebuild (self->front->keeper);
}

static void
rotate (Soak *self)
{
  static const gint64 intervals_s[] = { 0, 5, 30, 120, 600 };

  clove_keeper_set_rotation (self->front->keeper,
                             intervals_s[draw (self, G_N_ELEMENTS (intervals_s))] *
                               G_TIME_SPAN_SECOND);
}

static void
set_list (Soak *self)
{
  CloveRelay *relays[SOAK_MAX_RELAYS] = { NULL };
  guint n = 0;
  g_autoptr (CloveRelayList) list = NULL;

  for (guint i = 0; i < self->n_relays; i++)
    if (self->is_listed[i])
      relays[n++] = clove_relay_list_get_relay (self->front->relays, i);
  list = clove_relay_list_new (relays, n, "2026-01-01");
  clove_keeper_set_relays (self->front->keeper, list);
}

/** soak_list_all: Give the keeper a directory of all relays. */
void
soak_list_all (Soak *self)
{
  for (guint i = 0; i < self->n_relays; i++)
    self->is_listed[i] = TRUE;
  set_list (self);
}

/* At least three relays, of which one is an exit: the last always is. */
static void
shrink_list (Soak *self)
{
  guint n_spare = self->n_relays - 3;

  for (guint i = 0; i < self->n_relays; i++)
    self->is_listed[i] = TRUE;
  for (guint i = 0; i < n_spare; i++)
    self->is_listed[draw (self, self->n_relays - 1)] = draw (self, 2) == 0;
  set_list (self);
}

static void
wait_shortly (Soak *self)
{
  soak_pass (self, draw (self, G_TIME_SPAN_SECOND));
}

static void
wait_some (Soak *self)
{
  soak_pass (self, draw (self, 20 * G_TIME_SPAN_SECOND));
}

static void
wait_long (Soak *self)
{
  soak_pass (self, draw (self, 6 * G_TIME_SPAN_MINUTE));
}

/** soak_take_step: Do something by chance. */
void
soak_take_step (Soak *self)
{
  static const Step steps[] = {
    { "ask", 25, ask },
    { "ask much", 4, ask_much },
    { "read pages", 12, read_pages },
    { "stop hop", 5, stop_hop },
    { "stop relay", 8, stop_relay },
    { "restart relay", 4, restart_relay },
    { "spoil relay", 6, spoil_relay },
    { "spoil all", 1, spoil_all },
    { "mend relay", 6, mend_relay },
    { "mend all", 2, soak_mend_all },
    { "calm down", 5, calm_down },
    { "go offline", 1, go_offline },
    { "go online", 3, soak_go_online },
    { "change network", 1, change_network },
    { "rebuild", 3, rebuild },
    { "rotate", 2, rotate },
    { "shrink list", 2, shrink_list },
    { "list all", 2, soak_list_all },
    { "wait shortly", 16, wait_shortly },
    { "wait some", 8, wait_some },
    { "wait long", 2, wait_long },
  };
  guint sum = 0;
  guint at = 0;

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    sum += steps[i].weight;
  at = draw (self, sum);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    if (at < steps[i].weight) {
      self->step_name = steps[i].name;
      steps[i].take (self);
      return;
    }
    at -= steps[i].weight;
  }
}
