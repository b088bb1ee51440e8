/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for what passes through the proxy. Pure, as clove-describe.c. */
#include "config.h"

#include "clove-describe-traffic.h"

#include <glib/gi18n.h>

/** clove_describe_rate: (transfer full): Say how fast bytes pass, such as “1.2 MB/s”. */
char *
clove_describe_rate (gdouble bytes_per_s)
{
  g_autofree char *size = g_format_size ((guint64) MAX (bytes_per_s, 0));

  /* Translators: a size per second, such as “1.2 MB/s” */
  return g_strdup_printf (_ ("%s/s"), size);
}

/** clove_describe_duration: (transfer full): Say how long something took, such as “61 ms”. */
char *
clove_describe_duration (gint64 duration_us)
{
  gint64 duration_ms = MAX (duration_us, 0) / G_TIME_SPAN_MILLISECOND;

  if (duration_ms < 1000)
    return g_strdup_printf (_ ("%u ms"), (guint) duration_ms);
  if (duration_ms < 60 * 1000)
    /* Translators: seconds with one decimal */
    return g_strdup_printf (_ ("%.1f s"), (gdouble) duration_ms / 1000);
  return clove_describe_span (duration_us);
}

/** clove_describe_clock: (transfer full): Say a time of day here, such as “14:02:11”. */
char *
clove_describe_clock (gint64 time_s)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (time_s);

  /* Translators: a time of day with seconds, see strftime */
  return time != NULL ? g_date_time_format (time, _ ("%H:%M:%S")) : g_strdup ("–");
}

/** clove_describe_request_tone: Get how a request ended. */
CloveTone
clove_describe_request_tone (const CloveSnapshotRequest *request)
{
  if (request->status == 0)
    return CLOVE_TONE_PLAIN;
  if (request->status >= 500)
    return CLOVE_TONE_BAD;
  if (request->status >= 400 || !request->is_complete)
    return CLOVE_TONE_WARNING;
  return CLOVE_TONE_GOOD;
}

static const char *
describe_status (guint status)
{
  static const struct {
    guint status;
    const char *text;
  } statuses[] = {
    { 200, N_ ("OK") },
    { 204, N_ ("OK, nothing to show") },
    { 206, N_ ("OK, a part") },
    { 301, N_ ("Moved") },
    { 302, N_ ("Sent elsewhere") },
    { 303, N_ ("Sent elsewhere") },
    { 304, N_ ("Not changed") },
    { 307, N_ ("Sent elsewhere") },
    { 308, N_ ("Moved") },
    { 400, N_ ("Not understood") },
    { 401, N_ ("Needs a login") },
    { 403, N_ ("Not allowed") },
    { 404, N_ ("Not found") },
    { 405, N_ ("Not offered there") },
    { 413, N_ ("Too large") },
    { 416, N_ ("There is no such part") },
    { 429, N_ ("Too many requests") },
    { 431, N_ ("Too large") },
    { 500, N_ ("The site failed") },
    { 501, N_ ("Not possible") },
    { 502, N_ ("No answer from the site") },
    { 503, N_ ("No circuit") },
    { 504, N_ ("No answer in time") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++) {
    if (statuses[i].status == status)
      return _ (statuses[i].text);
  }
  return NULL;
}

/** clove_describe_request_status: (transfer full): Say how a request ended. */
char *
clove_describe_request_status (const CloveSnapshotRequest *request)
{
  const char *known = describe_status (request->status);

  if (request->status == 0)
    return g_strdup (_ ("The browser went away"));
  if (!request->is_complete && request->status < 400)
    return g_strdup (_ ("Broke off"));
  if (known != NULL && request->status < 400)
    return g_strdup (known);
  if (known != NULL)
    /* Translators: what went wrong, and the number by which HTTP knows it: “Not found (404)” */
    return g_strdup_printf (_ ("%s (%u)"), known, request->status);
  /* Translators: a number of HTTP */
  return g_strdup_printf (_ ("Status %u"), request->status);
}

/** clove_describe_request: (transfer full): Say a request in one sentence, to be read aloud. */
char *
clove_describe_request (const CloveSnapshotRequest *request)
{
  g_autofree char *status = clove_describe_request_status (request);
  g_autofree char *size = g_format_size (request->body_size);
  g_autofree char *duration = clove_describe_duration (request->duration_us);
  g_autofree char *time = clove_describe_clock (request->time_s);

  /* Translators: method, site, how it ended, size, how long it took, time of day */
  return g_strdup_printf (_ ("%s \u2068%s\u2069: %s, %s in %s, at %s"), request->method,
                          request->host, status, size, duration, time);
}

/** clove_describe_throughput: (transfer full): Say how much passes each way. */
char *
clove_describe_throughput (gdouble received, gdouble sent)
{
  g_autofree char *received_text = clove_describe_rate (received);
  g_autofree char *sent_text = clove_describe_rate (sent);

  if (received <= 0 && sent <= 0)
    return g_strdup (_ ("Nothing passes at the moment"));
  /* Translators: both are sizes per second, such as “1.2 MB/s” */
  return g_strdup_printf (_ ("Received %s, sent %s"), received_text, sent_text);
}
