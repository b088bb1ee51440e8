/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-attribution.h"

#include "clove-probe.h"

/* A relay that works answers in a few round trips; one that is under suspicion gets no more. */
#define HOP_DEADLINE_US   (3 * G_TIME_SPAN_SECOND)
#define PROBE_DEADLINE_US (3 * G_TIME_SPAN_SECOND)

/* A reference entry that was asked for a dead relay hears nobody for ten seconds: so often, and
 * after such a pause, a suspect is tested again. */
#define MAX_TRIES 4
#define PAUSE_US  (3 * G_TIME_SPAN_SECOND)

struct _CloveAttribution {
  /* Set at construction; owned. */
  CloveAdnlEndpoint *endpoint;
  CloveClock *clock;
  CloveRandom *random;
  CloveAttributionEntryFunc choose_entry;
  CloveAttributionFunc on_verdict;
  gpointer user_data;

  /* Owned. */
  CloveRelay *alone;   /* the suspect that is tested as an entry, or NULL */
  GPtrArray *suspects; /* of CloveRelay; the first one is being tested */
  CloveCircuit *circuit;
  GCancellable *cancellable;
  CloveProbe probe;
  CloveTimer begin;
  guint n_tries; /* of the suspect that is being tested */
};

static void
drop_test (CloveAttribution *self)
{
  clove_probe_stop (&self->probe);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->circuit != NULL)
    clove_circuit_close (self->circuit);
  g_clear_object (&self->circuit);
}

static void
finish (CloveAttribution *self)
{
  clove_attribution_stop (self);
  self->on_verdict (NULL, NULL, self->user_data);
}

static void
give_verdict (CloveAttribution *self, const char *evidence)
{
  g_autoptr (CloveRelay) suspect = clove_relay_ref (g_ptr_array_index (self->suspects, 0));

  drop_test (self);
  self->n_tries = 0;
  g_ptr_array_remove_index (self->suspects, 0);
  if (self->suspects->len > 0)
    clove_timer_start (&self->begin, 0);
  self->on_verdict (suspect, evidence, self->user_data);
  if (self->suspects != NULL && self->suspects->len == 0)
    finish (self);
}

static void
on_probed (CloveProbeResult result, gint64 rtt_us, gpointer user_data)
{
  if (result == CLOVE_PROBE_ANSWERED)
    give_verdict (user_data, NULL);
  else
    give_verdict (user_data, "joined a circuit, but carried nothing as its exit");
}

static void
try_again (CloveAttribution *self)
{
  drop_test (self);
  if (++self->n_tries < MAX_TRIES)
    clove_timer_start (&self->begin, PAUSE_US);
  else
    finish (self);
}

typedef struct {
  CloveAttribution *attribution; /* borrowed: not looked at once the build was cancelled */
  GCancellable *cancellable;     /* owned */
} Build;

/* The test circuit was built, or failed at @failed_hop. */
static void
judge (CloveAttribution *self, gboolean is_built, gint failed_hop)
{
  CloveRelay *suspect = g_ptr_array_index (self->suspects, 0);
  gboolean is_alone = suspect == self->alone;

  if (is_built && !is_alone && (clove_relay_get_roles (suspect) & CLOVE_RELAY_ROLE_EXIT) != 0)
    clove_probe_begin (&self->probe, self->circuit, PROBE_DEADLINE_US);
  else if (is_built)
    give_verdict (self, NULL);
  else if (failed_hop == (is_alone ? 0 : 1))
    give_verdict (self, "did not answer");
  else
    try_again (self); /* the entry failed: nothing can be said of anyone */
}

static void
on_built (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Build *build = user_data;
  CloveAttribution *self = build->attribution;
  gboolean is_given_up = g_cancellable_is_cancelled (build->cancellable);
  gboolean is_built = clove_circuit_build_finish (CLOVE_CIRCUIT (source), result, NULL);
  gint failed_hop = clove_circuit_get_failed_hop (CLOVE_CIRCUIT (source));

  g_object_unref (build->cancellable);
  g_free (build);
  if (is_given_up)
    return;
  judge (self, is_built, failed_hop);
}

static void
describe_hop (CloveHop *hop, const CloveRelay *relay)
{
  *hop = (CloveHop){ .name = clove_relay_get_name (relay),
                     .key = clove_relay_get_key (relay),
                     .address = *clove_relay_get_address (relay) };
}

static void
on_begin (gpointer user_data)
{
  CloveAttribution *self = user_data;
  CloveRelay *suspect = g_ptr_array_index (self->suspects, 0);
  CloveRelay *entry = suspect != self->alone ? self->choose_entry (self->user_data) : NULL;
  CloveHop hops[2] = { 0 };
  guint n_hops = 0;
  Build *build = NULL;

  if (suspect != self->alone && entry == NULL) {
    try_again (self);
    return;
  }
  if (entry != NULL)
    describe_hop (&hops[n_hops++], entry);
  describe_hop (&hops[n_hops++], suspect);
  build = g_new0 (Build, 1);
  self->circuit = clove_circuit_new (self->endpoint, self->clock, hops, n_hops);
  self->cancellable = g_cancellable_new ();
  build->attribution = self;
  build->cancellable = g_object_ref (self->cancellable);
  clove_circuit_build_async (self->circuit, HOP_DEADLINE_US, self->cancellable, on_built, build);
}

/**
 * clove_attribution_new:
 * @endpoint: the socket for test circuits
 * @clock: time and timers
 * @random: names of probes
 * @choose_entry: says through whom to test
 * @on_verdict: told of each suspect
 * @user_data: for both
 *
 * Returns: (transfer full): an attribution that does nothing yet
 */
CloveAttribution *
clove_attribution_new (CloveAdnlEndpoint *endpoint,
                       CloveClock *clock,
                       CloveRandom *random,
                       CloveAttributionEntryFunc choose_entry,
                       CloveAttributionFunc on_verdict,
                       gpointer user_data)
{
  CloveAttribution *self = g_new0 (CloveAttribution, 1);

  self->endpoint = g_object_ref (endpoint);
  self->clock = clove_clock_ref (clock);
  self->random = clove_random_ref (random);
  self->choose_entry = choose_entry;
  self->on_verdict = on_verdict;
  self->user_data = user_data;
  clove_timer_init (&self->begin, clock, on_begin, self);
  clove_probe_init (&self->probe, clock, random, on_probed, self);
  return self;
}

/**
 * clove_attribution_begin:
 * @self: an attribution; what it was at is given up
 * @suspects: (transfer full): of #CloveRelay, at least one
 * @alone: (nullable): the first of @suspects, if it is to be tested as an entry itself
 *
 * Test @suspects one after another. If no entry can be had or works for long, the test just ends.
 */
void
clove_attribution_begin (CloveAttribution *self,
                         GPtrArray *suspects,
                         CloveRelay *alone)
{
  g_return_if_fail (suspects->len > 0);

  clove_attribution_stop (self);
  self->alone = alone;
  self->suspects = suspects;
  self->n_tries = 0;
  clove_timer_start (&self->begin, 0);
}

/** clove_attribution_stop: Give up; no verdict is given any more. Harmless when not running. */
void
clove_attribution_stop (CloveAttribution *self)
{
  clove_timer_stop (&self->begin);
  drop_test (self);
  g_clear_pointer (&self->suspects, g_ptr_array_unref);
}

/** clove_attribution_is_running: Tell whether verdicts are still to come. */
gboolean
clove_attribution_is_running (CloveAttribution *self)
{
  return self->suspects != NULL;
}

/** clove_attribution_free: (nullable): Give up and free. */
void
clove_attribution_free (CloveAttribution *self)
{
  if (self == NULL)
    return;
  clove_attribution_stop (self);
  clove_random_unref (self->random);
  clove_clock_unref (self->clock);
  g_object_unref (self->endpoint);
  g_free (self);
}
