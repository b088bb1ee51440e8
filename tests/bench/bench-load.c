/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A closed loop: each browser asks again when it has its answer, so the rate is what the proxy
 * bears, and every request is accounted for as good, failed or wrong.
 */
#include "config.h"

#include "bench-load.h"

#include "bench-browser.h"
#include "bench-timing.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define MAX_EVENTS       64
/* How often it is looked whether a request is late. */
#define LATE_INTERVAL_MS 100
#define NS_PER_MS        G_GINT64_CONSTANT (1000000)

typedef struct {
  const BenchLoad *load;
  BenchLoadResult *result;
  BenchBrowser *browsers;
  char *request;
  gint epoll_fd;
  guint n_begun;
  guint n_busy;
} Run;

/** bench_load_result_clear: Free what the result holds. */
void
bench_load_result_clear (BenchLoadResult *self)
{
  g_clear_pointer (&self->latencies_ms, g_array_unref);
  g_clear_pointer (&self->first_failure, g_free);
}

static void
count (BenchLoadResult *result, const BenchBrowser *browser)
{
  gdouble latency_ms = (gdouble) (bench_now_ns () - browser->began_ns) / 1e6;

  if (browser->state == BENCH_BROWSER_GOOD) {
    result->n_good++;
    g_array_append_val (result->latencies_ms, latency_ms);
    return;
  }
  if (browser->state == BENCH_BROWSER_WRONG)
    result->n_wrong++;
  else
    result->n_failed++;
  /* What is wrong says more than what did not come. */
  if (result->first_failure == NULL ||
      (browser->state == BENCH_BROWSER_WRONG && result->n_wrong == 1)) {
    g_free (result->first_failure);
    result->first_failure = g_strdup_printf ("%s, after %.0f ms", browser->problem, latency_ms);
  }
}

/* Registers a socket that may be new; a closed one has left by itself. */
static void
watch (Run *run, BenchBrowser *browser)
{
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = browser };

  if (epoll_ctl (run->epoll_fd, EPOLL_CTL_ADD, browser->fd, &event) != 0 && errno != EEXIST)
    g_error ("epoll_ctl: %s", g_strerror (errno));
}

/* Sends the next request, if any is left; one that fails at once is counted, and the next tried. */
static void
go_on (Run *run, BenchBrowser *browser)
{
  while (run->n_begun < run->load->n_requests) {
    run->n_begun++;
    bench_browser_ask (browser, &run->load->proxy, run->request);
    if (browser->state == BENCH_BROWSER_BUSY) {
      watch (run, browser);
      run->n_busy++;
      return;
    }
    count (run->result, browser);
  }
  browser->state = BENCH_BROWSER_IDLE;
}

static void
settle (Run *run, BenchBrowser *browser)
{
  if (browser->state == BENCH_BROWSER_BUSY)
    return;
  run->n_busy--;
  count (run->result, browser);
  go_on (run, browser);
}

static void
take_events (Run *run)
{
  struct epoll_event events[MAX_EVENTS];
  gint n_events = epoll_wait (run->epoll_fd, events, MAX_EVENTS, LATE_INTERVAL_MS);

  for (gint i = 0; i < n_events; i++) {
    BenchBrowser *browser = events[i].data.ptr;

    /* A proxy may close a connection that waits; the next request opens another. */
    if (browser->state != BENCH_BROWSER_BUSY) {
      bench_browser_clear (browser);
      continue;
    }
    bench_browser_read (browser);
    settle (run, browser);
  }
}

static void
give_up_late (Run *run)
{
  gint64 late_ns = bench_now_ns () - run->load->deadline_ms * NS_PER_MS;

  for (guint i = 0; i < run->load->n_connections; i++) {
    BenchBrowser *browser = &run->browsers[i];

    if (browser->state == BENCH_BROWSER_BUSY && browser->began_ns < late_ns) {
      bench_browser_give_up (browser);
      settle (run, browser);
    }
  }
}

static void
run_loop (Run *run)
{
  gint64 look_ns = 0;

  for (guint i = 0; i < run->load->n_connections; i++)
    go_on (run, &run->browsers[i]);
  while (run->n_busy > 0) {
    take_events (run);
    if (bench_now_ns () < look_ns)
      continue;
    look_ns = bench_now_ns () + LATE_INTERVAL_MS * NS_PER_MS;
    give_up_late (run);
  }
}

static char *
format_request (const char *url)
{
  const char *host = url + strlen ("http://");
  g_autofree char *name = g_strndup (host, strcspn (host, "/"));

  return g_strdup_printf ("GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", url, name);
}

/**
 * bench_load_run:
 * @load: what to ask for, how often
 * @out: (out): zeroed before; what came of it
 *
 * Put the load on the proxy and wait for its end.
 */
void
bench_load_run (const BenchLoad *load, BenchLoadResult *out)
{
  g_autofree BenchBrowser *browsers = g_new0 (BenchBrowser, load->n_connections);
  g_autofree char *request = format_request (load->url);
  Run run = { .load = load, .result = out, .browsers = browsers, .request = request };
  gint64 began_ns = 0;

  run.epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (run.epoll_fd < 0)
    g_error ("epoll_create1: %s", g_strerror (errno));
  out->latencies_ms = g_array_sized_new (FALSE, FALSE, sizeof (gdouble), load->n_requests);
  for (guint i = 0; i < load->n_connections; i++)
    bench_browser_init (&browsers[i], load->expected);
  began_ns = bench_now_ns ();
  run_loop (&run);
  out->elapsed_s = (gdouble) (bench_now_ns () - began_ns) / 1e9;
  g_array_sort (out->latencies_ms, bench_compare_doubles);
  for (guint i = 0; i < load->n_connections; i++)
    bench_browser_clear (&browsers[i]);
  close (run.epoll_fd);
}
