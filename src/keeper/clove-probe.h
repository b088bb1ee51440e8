/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-circuit.h"
#include "clove-clock.h"
#include "clove-random.h"

G_BEGIN_DECLS

/**
 * CloveProbeResult:
 * @CLOVE_PROBE_ANSWERED: the exit answered, whatever it said: the circuit carries
 * @CLOVE_PROBE_LOST: nothing came in time
 * @CLOVE_PROBE_FAILED: what came was broken, or the question could not be sent
 */
typedef enum {
  CLOVE_PROBE_ANSWERED,
  CLOVE_PROBE_LOST,
  CLOVE_PROBE_FAILED,
} CloveProbeResult;

/**
 * CloveProbeFunc:
 * @result: how it ended
 * @rtt_us: the round trip of an answered one, else -1
 *
 * Called once for each probe that is not stopped, never from inside clove_probe_begin().
 */
typedef void (*CloveProbeFunc) (CloveProbeResult result, gint64 rtt_us, gpointer user_data);

/**
 * CloveProbe:
 *
 * Asks the exit of a circuit whether it is there, without asking any site: a stream to
 * `<16 hex digits>.invalid`, a name that cannot exist and that an exit refuses by its form alone
 * (src/circuit/README.md). Embedded in its owner, which stops it before it goes, like a timer.
 * Belongs to the worker thread.
 */
typedef struct {
  /*< private >*/
  CloveClock *clock;   /* borrowed */
  CloveRandom *random; /* borrowed */
  CloveProbeFunc on_end;
  gpointer user_data;
  CloveStream *stream; /* owned; NULL when none is under way */
  gint64 begun_us;
  CloveTimer deadline;
} CloveProbe;

void clove_probe_init (CloveProbe *self,
                       CloveClock *clock,
                       CloveRandom *random,
                       CloveProbeFunc on_end,
                       gpointer user_data);
void clove_probe_begin (CloveProbe *self, CloveCircuit *circuit, gint64 deadline_us);
void clove_probe_stop (CloveProbe *self);
gboolean clove_probe_is_running (const CloveProbe *self);
gint64 clove_probe_get_begun_us (const CloveProbe *self);

G_END_DECLS
