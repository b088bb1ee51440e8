/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "front.h"

G_BEGIN_DECLS

#define SOAK_MAX_RELAYS 10

/**
 * SoakVisitKind:
 *
 * What somebody asks for.
 */
typedef enum {
  SOAK_VISIT_PAGE,
  SOAK_VISIT_HEAD,
  SOAK_VISIT_BIG_PAGE,
  SOAK_VISIT_FORM,
  SOAK_VISIT_DEAD_SITE,
  SOAK_VISIT_SLOW_PAGE,
  SOAK_N_VISITS,
} SoakVisitKind;

/**
 * SoakVisit:
 * @body_size: of the page
 * @leaves_us: when the browser goes away, on the clock; 0: it stays
 * @n_events: how many faults had come when the request was sent
 * @is_guarded: whether a rule saves the request from any one fault, see soak_is_calm()
 */
typedef struct {
  Browser *browser;
  SoakVisitKind kind;
  guint body_size;
  gint64 begun_us;
  gint64 leaves_us;
  guint n_events;
  gboolean is_guarded;
} SoakVisit;

/**
 * Soak:
 * @n_events: faults that broke something so far
 * @event_us: when something was broken or mended last
 * @is_faulty: which relays have a fault, relay1 first
 * @is_listed: which relays are in the directory
 * @step_name: what is being done
 *
 * One run: a front end, people who use it, and somebody who breaks relays, all from one seed.
 */
typedef struct {
  Front *front;
  CloveRandom *random;
  GPtrArray *visits; /* of SoakVisit */
  guint64 seed;
  guint n_steps;
  gboolean plays_reference;

  guint step;
  const char *step_name;
  guint n_relays;
  guint n_events;
  gint64 event_us;
  gboolean is_faulty[SOAK_MAX_RELAYS];
  gboolean is_listed[SOAK_MAX_RELAYS];
  gboolean is_offline; /* whether the keeper knows or not */

  guint64 generation;
  guint n_asked;
  guint n_pages;
  guint n_saved; /* requests that got their page though a fault came meanwhile */
  gint64 slowest_us;
} Soak;

/* soak.c */
void soak_run (Soak *self, guint64 seed, guint n_steps, gboolean plays_reference);
void soak_pass (Soak *self, gint64 interval_us);
G_NORETURN void soak_fail (Soak *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* soak-steps.c */
void soak_take_step (Soak *self);
void soak_mend_all (Soak *self);
void soak_list_all (Soak *self);
void soak_go_online (Soak *self);

/* soak-visits.c */
void soak_visit (Soak *self, SoakVisitKind kind, gboolean leaves);
void soak_look_after_visits (Soak *self);
void soak_visit_free (gpointer data);

/* soak-checks.c */
gboolean soak_is_calm (Soak *self);
void soak_watch (Soak *self);
void soak_check (Soak *self);
void soak_check_rest (Soak *self);

#define soak_assert(self, condition)                  \
  G_STMT_START                                        \
  {                                                   \
    if (!(condition))                                 \
      soak_fail (self, "%s: " #condition, G_STRFUNC); \
  }                                                   \
  G_STMT_END

G_END_DECLS
