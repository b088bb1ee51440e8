/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-demo-file.h"
#include "soak.h"

#include <string.h>

/* A request has 60 s; a big page may go on for as long as pieces of it come. */
#define ANSWER_US     (65 * G_TIME_SPAN_SECOND)
#define BIG_ANSWER_US (5 * G_TIME_SPAN_MINUTE)

/* How many requests may be on their way: the front end queues what is more than 64. */
#define MAX_VISITS 60

/** soak_visit_free: Close the browser. */
void
soak_visit_free (gpointer data)
{
  SoakVisit *visit = data;

  browser_free (visit->browser);
  g_free (visit);
}

static char *
format_request (Soak *self, SoakVisit *visit)
{
  char site = (char) ('a' + clove_random_uniform (self->random, 4));

  switch (visit->kind) {
    case SOAK_VISIT_HEAD:
      return g_strdup_printf ("HEAD http://%c.ton/bytes/%u HTTP/1.1\r\nHost: %c.ton\r\n\r\n", site,
                              visit->body_size, site);
    case SOAK_VISIT_FORM:
      return g_strdup_printf ("POST http://%c.ton/echo HTTP/1.1\r\nHost: %c.ton\r\n"
                              "Content-Length: 2\r\n\r\nhi",
                              site, site);
    case SOAK_VISIT_DEAD_SITE:
      return g_strdup_printf ("GET http://%c.nx.ton/ HTTP/1.1\r\nHost: %c.nx.ton\r\n\r\n", site,
                              site);
    case SOAK_VISIT_SLOW_PAGE:
      return g_strdup_printf ("GET http://%c.ton/slow/%u HTTP/1.1\r\nHost: %c.ton\r\n\r\n", site,
                              visit->body_size * 10, site);
    case SOAK_VISIT_PAGE:
    case SOAK_VISIT_BIG_PAGE:
      return g_strdup_printf ("GET http://%c.ton/bytes/%u HTTP/1.1\r\nHost: %c.ton\r\n\r\n", site,
                              visit->body_size, site);
    case SOAK_N_VISITS:
    default:
      g_assert_not_reached ();
  }
}

/** soak_visit: Send a request; what comes of it is seen by soak_look_after_visits(). */
void
soak_visit (Soak *self, SoakVisitKind kind, gboolean leaves)
{
  SoakVisit *visit = NULL;
  guint most = kind == SOAK_VISIT_BIG_PAGE ? 300 * 1000 : 5000;
  g_autofree char *request = NULL;

  if (self->visits->len >= MAX_VISITS)
    return;
  visit = g_new0 (SoakVisit, 1);
  visit->kind = kind;
  visit->body_size = clove_random_uniform (self->random, most);
  visit->begun_us = front_now_us (self->front);
  visit->n_events = self->n_events;
  visit->is_guarded =
    !leaves && (kind == SOAK_VISIT_PAGE || kind == SOAK_VISIT_HEAD) && soak_is_calm (self);
  if (leaves)
    visit->leaves_us =
      visit->begun_us + clove_random_uniform (self->random, 3 * G_TIME_SPAN_SECOND);
  request = format_request (self, visit);
  visit->browser = front_begin (self->front, request);
  visit->browser->has_no_body = kind == SOAK_VISIT_HEAD;
  g_ptr_array_add (self->visits, visit);
  self->n_asked++;
}

static void
check_body (Soak *self, SoakVisit *visit)
{
  g_autofree guint8 *expected = NULL;
  gsize size = 0;
  const guint8 *body = browser_get_body (visit->browser, &size);

  /* A reference relay gives no length, so its pages come in chunks. */
  if (strcasestr (browser_get_text (visit->browser), "\r\ncontent-length: ") == NULL)
    return;
  soak_assert (self, size == visit->body_size);
  expected = g_malloc (size + 1);
  clove_demo_file_fill (size, 0, expected, size);
  soak_assert (self, memcmp (body, expected, size) == 0);
}

static void
check_answer (Soak *self, SoakVisit *visit)
{
  guint status = 0;

  if (!browser_has_replies (visit->browser)) {
    /* Broken off in the middle: what was shown cannot be taken back. */
    soak_assert (self, !visit->is_guarded || visit->n_events != self->n_events);
    soak_assert (self, visit->browser->read->len > 0);
    soak_assert (self, browser_get_status (visit->browser) == 200);
    return;
  }
  status = browser_get_status (visit->browser);
  if (status == 200) {
    self->n_pages++;
    soak_assert (self, visit->kind != SOAK_VISIT_DEAD_SITE);
    if (visit->kind == SOAK_VISIT_PAGE || visit->kind == SOAK_VISIT_BIG_PAGE)
      check_body (self, visit);
    return;
  }
  if (status != 502 && status != 503 && status != 504)
    soak_fail (self, "status %u", status);
  if (visit->is_guarded)
    soak_fail (self, "%u for a request that a rule saves, after %.1f s, with %u faults", status,
               (gdouble) (front_now_us (self->front) - visit->begun_us) / G_USEC_PER_SEC,
               self->n_events - visit->n_events);
}

/* The rule saves a request from one fault, not from more. */
static void
guard (Soak *self, SoakVisit *visit)
{
  if (self->n_events > visit->n_events + 1)
    visit->is_guarded = FALSE;
}

/** soak_look_after_visits: Judge what was answered, close what wants to leave. */
void
soak_look_after_visits (Soak *self)
{
  gint64 now_us = front_now_us (self->front);

  for (guint i = 0; i < self->visits->len;) {
    SoakVisit *visit = self->visits->pdata[i];
    gint64 answer_us = visit->kind == SOAK_VISIT_BIG_PAGE ? BIG_ANSWER_US : ANSWER_US;

    guard (self, visit);
    if (browser_is_done (visit->browser)) {
      check_answer (self, visit);
      self->n_saved += visit->is_guarded && visit->n_events != self->n_events ? 1 : 0;
    } else if (visit->leaves_us == 0 || now_us < visit->leaves_us) {
      if (now_us - visit->begun_us > answer_us)
        soak_fail (self, "kind %d is not answered after %.1f s", (gint) visit->kind,
                   (gdouble) (now_us - visit->begun_us) / G_USEC_PER_SEC);
      i++;
      continue;
    }
    if (visit->kind != SOAK_VISIT_BIG_PAGE)
      self->slowest_us = MAX (self->slowest_us, now_us - visit->begun_us);
    g_ptr_array_remove_index (self->visits, i);
  }
}
