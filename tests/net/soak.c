/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "soak.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is looked at while time passes is looked at so often. */
#define LOOK_US G_TIME_SPAN_SECOND

/* How much of the keeper's log is shown of a run that failed. */
#define MAX_CAUSES 20

/* The line that repeats the run, ready for a signal handler. */
static char reproduction[256];

static void
on_crash (gint number)
{
  gssize n = write (STDERR_FILENO, reproduction, strlen (reproduction));

  (void) n;
  signal (number, SIG_DFL);
  raise (number);
}

static void
prepare_reproduction (Soak *self)
{
  g_snprintf (reproduction, sizeof reproduction,
              "\nRepeat with: net-soak --seeds=1 --seed=%" G_GUINT64_FORMAT " --steps=%u%s\n",
              self->seed, self->n_steps, self->plays_reference ? " --reference" : "");
  signal (SIGABRT, on_crash);
  signal (SIGTRAP, on_crash);
  signal (SIGSEGV, on_crash);
}

/* What the keeper saw and did lately. */
static void
print_causes (Soak *self)
{
  const GPtrArray *causes = clove_keeper_get_causes (self->front->keeper);
  gint64 now_s = clove_clock_wall_s (self->front->net.clock);

  for (guint i = causes->len > MAX_CAUSES ? causes->len - MAX_CAUSES : 0; i < causes->len; i++) {
    const CloveCause *cause = causes->pdata[i];
    g_autofree char *text = clove_cause_format (cause, TRUE);

    g_printerr ("%6" G_GINT64_FORMAT " s  circuit %" G_GUINT64_FORMAT "  %s\n",
                cause->time_s - now_s, cause->generation, text);
  }
}

/** soak_fail: Say what is wrong and how to see it again, and end the program. */
void
soak_fail (Soak *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_printerr ("Seed %" G_GUINT64_FORMAT ", step %u (%s): %s\n", self->seed, self->step,
              self->step_name, text);
  if (self->front != NULL)
    print_causes (self);
  abort ();
}

/** soak_pass: Let time pass, and look at everything meanwhile. */
void
soak_pass (Soak *self, gint64 interval_us)
{
  for (gint64 left_us = interval_us; left_us > 0; left_us -= LOOK_US) {
    test_loop_run_for (self->front->net.clock, MIN (left_us, LOOK_US));
    soak_look_after_visits (self);
    soak_check (self);
  }
}

static void
set_up (Soak *self)
{
  FrontOptions options = {
    .seed = self->seed,
    .plays_reference = self->plays_reference,
  };

  self->random = clove_random_new_seeded (self->seed ^ 0x50a4);
  options.n_relays = 5 + clove_random_uniform (self->random, SOAK_MAX_RELAYS - 4);
  options.n_exits = 2 + clove_random_uniform (self->random, options.n_relays / 2 - 1);
  if (clove_random_uniform (self->random, 3) == 0)
    options.rotation_us =
      (gint64) (10 + clove_random_uniform (self->random, 600)) * G_TIME_SPAN_SECOND;
  options.has_standby = clove_random_uniform (self->random, 2) == 0;
  options.keeps_entry = clove_random_uniform (self->random, 2) == 0;
  self->n_relays = options.n_relays;
  for (guint i = 0; i < self->n_relays; i++)
    self->is_listed[i] = TRUE;
  self->visits = g_ptr_array_new_with_free_func (soak_visit_free);
  self->front = front_new (&options);
  self->event_us = front_now_us (self->front);
  soak_watch (self);
}

static void
tear_down (Soak *self)
{
  g_signal_handlers_disconnect_by_data (self->front->keeper, self);
  g_clear_pointer (&self->visits, g_ptr_array_unref);
  g_clear_pointer (&self->front, front_free);
  g_clear_pointer (&self->random, clove_random_unref);
}

/** soak_run: Do @n_steps by chance, then mend everything and see that all is well again. */
void
soak_run (Soak *self, guint64 seed, guint n_steps, gboolean plays_reference)
{
  *self = (Soak){ .seed = seed, .n_steps = n_steps, .plays_reference = plays_reference };
  self->step_name = "set up";
  prepare_reproduction (self);
  set_up (self);
  for (self->step = 1; self->step <= n_steps; self->step++) {
    soak_take_step (self);
    soak_look_after_visits (self);
    soak_check (self);
  }
  self->step_name = "in the end";
  soak_check_rest (self);
  tear_down (self);
}
