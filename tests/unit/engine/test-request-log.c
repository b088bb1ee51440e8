/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-request-log.h"

#include "clove-snapshot.h"

static void
add (CloveRequestLog *log, const char *host)
{
  const CloveRequestRecord record = { .host = host,
                                      .method = "GET",
                                      .status = 200,
                                      .body_size = 1000,
                                      .duration_us = 5000,
                                      .is_complete = TRUE };

  clove_request_log_add (log, &record);
}

static void
test_off (void)
{
  g_autoptr (CloveClock) clock = clove_clock_new_fake ();
  g_autoptr (CloveRequestLog) log = clove_request_log_new (clock);
  g_autoptr (GPtrArray) list = NULL;

  add (log, "demo.ton");
  list = clove_request_log_list (log);
  g_assert_cmpuint (list->len, ==, 0);
}

/* The newest stay, and a list that was handed out does not change. */
static void
test_ring (void)
{
  g_autoptr (CloveClock) clock = clove_clock_new_fake ();
  g_autoptr (CloveRequestLog) log = clove_request_log_new (clock);
  g_autoptr (GPtrArray) first = NULL;
  g_autoptr (GPtrArray) last = NULL;
  const CloveSnapshotRequest *oldest = NULL;

  clove_request_log_set_on (log, TRUE);
  add (log, "first.ton");
  first = clove_request_log_list (log);
  for (guint i = 0; i < CLOVE_REQUEST_LOG_MAX; i++)
    add (log, "demo.ton");
  last = clove_request_log_list (log);
  g_assert_cmpuint (first->len, ==, 1);
  g_assert_cmpstr (((const CloveSnapshotRequest *) first->pdata[0])->host, ==, "first.ton");
  g_assert_cmpuint (last->len, ==, CLOVE_REQUEST_LOG_MAX);
  oldest = last->pdata[0];
  g_assert_cmpuint (oldest->serial, ==, 2);
  g_assert_cmpstr (oldest->host, ==, "demo.ton");
  g_assert_cmpuint (oldest->status, ==, 200);
  g_assert_cmpint (oldest->duration_us, ==, 5000);
}

static void
test_forgets (void)
{
  g_autoptr (CloveClock) clock = clove_clock_new_fake ();
  g_autoptr (CloveRequestLog) log = clove_request_log_new (clock);
  g_autoptr (GPtrArray) list = NULL;

  clove_request_log_set_on (log, TRUE);
  add (log, "demo.ton");
  clove_request_log_set_on (log, FALSE);
  clove_request_log_set_on (log, TRUE);
  list = clove_request_log_list (log);
  g_assert_cmpuint (list->len, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/engine/request-log/off", test_off);
  g_test_add_func ("/clove/engine/request-log/ring", test_ring);
  g_test_add_func ("/clove/engine/request-log/forgets", test_forgets);
  return g_test_run ();
}
