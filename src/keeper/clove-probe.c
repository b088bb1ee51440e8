/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-probe.h"

#define NAME_SIZE 8

static void
end (CloveProbe *self, CloveProbeResult result)
{
  gint64 rtt_us = clove_clock_now_us (self->clock) - self->begun_us;

  clove_probe_stop (self);
  self->on_end (result, result == CLOVE_PROBE_ANSWERED ? rtt_us : -1, self->user_data);
}

static void
on_deadline (gpointer user_data)
{
  end (user_data, CLOVE_PROBE_LOST);
}

static void
on_progress (CloveStream *stream, gpointer user_data)
{
  const GError *error = NULL;

  if (!clove_stream_has_ended (stream, &error))
    return;
  /* The refusal that was asked for, or any other word of the exit. */
  if (error == NULL || g_error_matches (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_SITE))
    end (user_data, CLOVE_PROBE_ANSWERED);
  else
    end (user_data, CLOVE_PROBE_FAILED);
}

static char *
make_name (CloveRandom *random)
{
  guint8 bytes[NAME_SIZE] = { 0 };
  GString *name = g_string_new (NULL);

  clove_random_bytes (random, bytes, sizeof bytes);
  for (guint i = 0; i < sizeof bytes; i++)
    g_string_append_printf (name, "%02x", bytes[i]);
  g_string_append (name, ".invalid");
  return g_string_free (name, FALSE);
}

/**
 * clove_probe_init:
 * @self: a probe
 * @clock: (transfer none): outlives the probe
 * @random: (transfer none): outlives the probe
 * @on_end: told how each probe ended
 * @user_data: for @on_end
 */
void
clove_probe_init (CloveProbe *self,
                  CloveClock *clock,
                  CloveRandom *random,
                  CloveProbeFunc on_end,
                  gpointer user_data)
{
  *self = (CloveProbe){ .clock = clock,
                        .random = random,
                        .on_end = on_end,
                        .user_data = user_data };
  clove_timer_init (&self->deadline, clock, on_deadline, self);
}

/**
 * clove_probe_begin:
 * @self: a probe, not under way
 * @circuit: a circuit that is ready
 * @deadline_us: how long the exit may take
 *
 * Ask once.
 */
void
clove_probe_begin (CloveProbe *self, CloveCircuit *circuit, gint64 deadline_us)
{
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  g_autofree char *name = make_name (self->random);

  g_return_if_fail (self->stream == NULL);
  self->begun_us = clove_clock_now_us (self->clock);
  self->stream = clove_circuit_take_stream (circuit, name);
  clove_timer_start (&self->deadline, deadline_us);
  clove_stream_request (self->stream, nothing, on_progress, self);
}

/** clove_probe_stop: Give up; nothing is told. Harmless when none is under way. */
void
clove_probe_stop (CloveProbe *self)
{
  clove_timer_stop (&self->deadline);
  if (self->stream != NULL)
    clove_stream_release (g_steal_pointer (&self->stream));
}

/** clove_probe_is_running: Tell whether a probe is under way. */
gboolean
clove_probe_is_running (const CloveProbe *self)
{
  return self->stream != NULL;
}

/** clove_probe_get_begun_us: Get when the last probe began, on the clock. */
gint64
clove_probe_get_begun_us (const CloveProbe *self)
{
  return self->begun_us;
}
