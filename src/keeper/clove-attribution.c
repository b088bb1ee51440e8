/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-attribution.h"

/* A relay that works answers in a few round trips; one that is under suspicion gets no more. */
#define HOP_DEADLINE_US   (3 * G_TIME_SPAN_SECOND)
#define PROBE_DEADLINE_US (3 * G_TIME_SPAN_SECOND)

struct _CloveAttribution {
  /* Set at construction; owned. */
  CloveAdnlEndpoint *endpoint;
  CloveClock *clock;
  CloveRandom *random;
  CloveRelay *entry;
  GPtrArray *suspects; /* of CloveRelay; the first one is being tested */
  CloveAttributionFunc on_verdict;
  gpointer user_data;

  /* Owned. */
  CloveCircuit *circuit;
  GCancellable *cancellable;
  CloveStream *probe;
  CloveTimer begin;
  CloveTimer probe_deadline;
};

static void
drop_test (CloveAttribution *self)
{
  clove_timer_stop (&self->probe_deadline);
  if (self->probe != NULL)
    clove_stream_release (g_steal_pointer (&self->probe));
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->circuit != NULL)
    clove_circuit_close (self->circuit);
  g_clear_object (&self->circuit);
}

static void
give_verdict (CloveAttribution *self, const char *evidence)
{
  g_autoptr (CloveRelay) suspect = clove_relay_ref (g_ptr_array_index (self->suspects, 0));

  drop_test (self);
  g_ptr_array_remove_index (self->suspects, 0);
  if (self->suspects->len > 0)
    clove_timer_start (&self->begin, 0);
  self->on_verdict (suspect, evidence, self->user_data);
}

static void
on_probe_progress (CloveStream *stream, gpointer user_data)
{
  CloveAttribution *self = user_data;
  const GError *error = NULL;

  if (!clove_stream_has_ended (stream, &error))
    return;
  if (error == NULL || g_error_matches (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_SITE))
    give_verdict (self, NULL);
  else
    give_verdict (self, "joined a circuit, but carried nothing as its exit");
}

static void
on_probe_deadline (gpointer user_data)
{
  give_verdict (user_data, "joined a circuit, but carried nothing as its exit");
}

static void
probe (CloveAttribution *self)
{
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  g_autofree char *host = clove_probe_name (self->random);

  self->probe = clove_circuit_take_stream (self->circuit, host);
  clove_timer_start (&self->probe_deadline, PROBE_DEADLINE_US);
  clove_stream_request (self->probe, nothing, on_probe_progress, self);
}

typedef struct {
  CloveAttribution *attribution; /* borrowed: not looked at once the build was cancelled */
  GCancellable *cancellable;     /* owned */
} Build;

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
  if (is_built &&
      (clove_relay_get_roles (g_ptr_array_index (self->suspects, 0)) & CLOVE_RELAY_ROLE_EXIT) != 0)
    probe (self);
  else if (is_built)
    give_verdict (self, NULL);
  else if (failed_hop == 1)
    give_verdict (self, "did not answer");
  else
    drop_test (self); /* the entry failed: nothing can be said of anyone */
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
  CloveHop hops[2] = { 0 };
  Build *build = g_new0 (Build, 1);

  describe_hop (&hops[0], self->entry);
  describe_hop (&hops[1], g_ptr_array_index (self->suspects, 0));
  self->circuit = clove_circuit_new (self->endpoint, self->clock, hops, G_N_ELEMENTS (hops));
  self->cancellable = g_cancellable_new ();
  build->attribution = self;
  build->cancellable = g_object_ref (self->cancellable);
  clove_circuit_build_async (self->circuit, HOP_DEADLINE_US, self->cancellable, on_built, build);
}

/**
 * clove_attribution_new:
 * @endpoint: the socket for test circuits
 * @clock: time and timers
 * @entry: a relay that works, and is none of the suspects
 * @suspects: (transfer full): of #CloveRelay, at least one
 * @on_verdict: told of each suspect
 * @user_data: for @on_verdict
 *
 * Returns: (transfer full): an attribution that is under way; if @entry fails, it just ends
 */
CloveAttribution *
clove_attribution_new (CloveAdnlEndpoint *endpoint,
                       CloveClock *clock,
                       CloveRelay *entry,
                       GPtrArray *suspects,
                       CloveAttributionFunc on_verdict,
                       gpointer user_data)
{
  CloveAttribution *self = g_new0 (CloveAttribution, 1);

  self->endpoint = g_object_ref (endpoint);
  self->clock = clove_clock_ref (clock);
  self->random = clove_random_new ();
  self->entry = clove_relay_ref (entry);
  self->suspects = suspects;
  self->on_verdict = on_verdict;
  self->user_data = user_data;
  clove_timer_init (&self->begin, clock, on_begin, self);
  clove_timer_init (&self->probe_deadline, clock, on_probe_deadline, self);
  clove_timer_start (&self->begin, 0);
  return self;
}

/** clove_attribution_free: (nullable): Give up; no verdict is given any more. */
void
clove_attribution_free (CloveAttribution *self)
{
  if (self == NULL)
    return;
  clove_timer_stop (&self->begin);
  drop_test (self);
  g_ptr_array_unref (self->suspects);
  clove_relay_unref (self->entry);
  clove_random_unref (self->random);
  clove_clock_unref (self->clock);
  g_object_unref (self->endpoint);
  g_free (self);
}

/**
 * clove_probe_name:
 * @random: a source of chance
 *
 * Returns: (transfer full): a name that cannot exist, which an exit refuses without asking anyone
 */
char *
clove_probe_name (CloveRandom *random)
{
  guint8 bytes[8] = { 0 };
  GString *name = g_string_new (NULL);

  clove_random_bytes (random, bytes, sizeof bytes);
  for (guint i = 0; i < sizeof bytes; i++)
    g_string_append_printf (name, "%02x", bytes[i]);
  g_string_append (name, ".invalid");
  return g_string_free (name, FALSE);
}
