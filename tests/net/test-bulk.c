/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Large bodies over relays that behave like the reference: its buffers, its bursts, no pace. They
 * come whole and right where a reply in one go never does, also over links that lose datagrams and
 * when a relay dies under them.
 */
#include "config.h"

#include "clove-demo-file.h"
#include "front.h"

#include <string.h>

#define MB ((gsize) 1000 * 1000)

/* Every datagram is lost with this chance at each end of each link, in thousandths. */
static const FrontOptions reference = {
  .n_relays = 6,
  .n_exits = 3,
  .seed = 1,
  .plays_reference = TRUE,
  .has_standby = TRUE,
};
static const FrontOptions sound = { .n_relays = 5, .n_exits = 2, .seed = 2 };
static const FrontOptions lossy_1 = {
  .n_relays = 5,
  .n_exits = 2,
  .seed = 3,
  .plays_reference = TRUE,
  .faults = "lose all 1",
};
static const FrontOptions lossy_10 = {
  .n_relays = 5,
  .n_exits = 2,
  .seed = 4,
  .plays_reference = TRUE,
  .faults = "lose all 10",
};
static const FrontOptions without_standby = {
  .n_relays = 6,
  .n_exits = 3,
  .seed = 5,
  .plays_reference = TRUE,
};

static Browser *
begin_file (Front *front, gsize size, const char *fields)
{
  g_autofree char *request = g_strdup_printf (
    "GET http://demo.ton/file/%zu HTTP/1.1\r\nHost: demo.ton\r\n%s\r\n", size, fields);

  return front_begin (front, request);
}

static void
assert_bytes (Browser *browser, gsize file_size, gsize first, gsize wanted)
{
  g_autofree guint8 *expected = g_malloc (wanted);
  gsize size = 0;
  const guint8 *body = browser_get_body (browser, &size);

  clove_demo_file_fill (file_size, first, expected, wanted);
  g_assert_cmpuint (size, ==, wanted);
  g_assert_cmpint (memcmp (body, expected, wanted), ==, 0);
}

static void
assert_file (Front *front, gsize size)
{
  g_autoptr (Browser) browser = begin_file (front, size, "");

  test_loop_run_until (front->net.clock, browser_is_done, browser);
  g_assert_cmpuint (browser_get_status (browser), ==, 200);
  assert_bytes (browser, size, 0, size);
}

static void
assert_four_at_once (Front *front, gsize size)
{
  g_autoptr (GPtrArray) browsers = g_ptr_array_new_with_free_func ((GDestroyNotify) browser_free);

  for (guint i = 0; i < 4; i++)
    g_ptr_array_add (browsers, begin_file (front, size + i, ""));
  test_loop_run_until (front->net.clock, front_have_all_replies, browsers);
  for (guint i = 0; i < 4; i++) {
    g_assert_cmpuint (browser_get_status (browsers->pdata[i]), ==, 200);
    assert_bytes (browsers->pdata[i], size + i, 0, size + i);
  }
}

static void
test_one (Front *front, gconstpointer user_data)
{
  for (guint i = 0; i < 20; i++)
    assert_file (front, MB);
  assert_file (front, 5 * MB);
  assert_file (front, 5 * MB);
  g_assert_cmpuint (clove_keeper_get_generation (front->keeper), ==, 1);
}

static void
test_largest (Front *front, gconstpointer user_data)
{
  assert_file (front, 50 * MB);
  g_assert_cmpuint (clove_keeper_get_generation (front->keeper), ==, 1);
}

static void
test_four (Front *front, gconstpointer user_data)
{
  assert_four_at_once (front, 3 * MB);
  g_assert_cmpuint (clove_keeper_get_generation (front->keeper), ==, 1);
}

static void
test_lossy (Front *front, gconstpointer user_data)
{
  for (guint i = 0; i < 5; i++)
    assert_file (front, MB);
  assert_file (front, 5 * MB);
  assert_four_at_once (front, MB);
}

/* A page of many pictures, all asked for at once, again and again: nothing is lost for long. */
static void
assert_many (Front *front, guint n, gsize size)
{
  g_autoptr (GPtrArray) browsers = g_ptr_array_new_with_free_func ((GDestroyNotify) browser_free);
  gint64 began_us = front_now_us (front);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (browsers, begin_file (front, size + i, ""));
  test_loop_run_until (front->net.clock, front_have_all_replies, browsers);
  g_test_message ("%u of %zu bytes in %.1f s, window of %zu", n, size,
                  (gdouble) (front_now_us (front) - began_us) / 1e6,
                  clove_bulk_backend_get_limit (front->bulk));
  for (guint i = 0; i < n; i++) {
    g_assert_cmpuint (browser_get_status (browsers->pdata[i]), ==, 200);
    assert_bytes (browsers->pdata[i], size + i, 0, size + i);
  }
}

static void
test_many (Front *front, gconstpointer user_data)
{
  for (guint i = 0; i < 10; i++)
    assert_many (front, 100, 20000);
  for (guint i = 0; i < 3; i++)
    assert_many (front, 64, 100000);
  g_assert_cmpuint (clove_keeper_get_generation (front->keeper), ==, 1);
}

/* A part that the browser asks for, as when it goes on with a download. */
static void
test_range (Front *front, gconstpointer user_data)
{
  g_autoptr (Browser) middle =
    begin_file (front, 5 * MB, "Range: bytes=1000001-3000000\r\n");
  g_autoptr (Browser) rest = begin_file (
    front, 5 * MB, "Range: bytes=3000001-\r\nIf-Range: \"clove-file-5000000\"\r\n");
  g_autoptr (Browser) changed =
    begin_file (front, MB / 20, "Range: bytes=30000-\r\nIf-Range: \"another\"\r\n");

  test_loop_run_until (front->net.clock, browser_is_done, middle);
  test_loop_run_until (front->net.clock, browser_is_done, rest);
  test_loop_run_until (front->net.clock, browser_is_done, changed);
  g_assert_cmpuint (browser_get_status (middle), ==, 206);
  g_assert_nonnull (strstr (browser_get_text (middle), "bytes 1000001-3000000/5000000\r\n"));
  assert_bytes (middle, 5 * MB, 1000001, 2000000);
  g_assert_cmpuint (browser_get_status (rest), ==, 206);
  g_assert_nonnull (strstr (browser_get_text (rest), "bytes 3000001-4999999/5000000\r\n"));
  assert_bytes (rest, 5 * MB, 3000001, 1999999);
  g_assert_cmpuint (browser_get_status (changed), ==, 200);
  assert_bytes (changed, MB / 20, 0, MB / 20);
}

typedef struct {
  Browser *browser;
  gsize size;
} Mark;

static gboolean
has_reached (gpointer user_data)
{
  Mark *mark = user_data;

  return mark->browser->read->len >= mark->size;
}

/* The exit dies under a download, then an exit of the circuit that took its place. The delay makes
 * sure that the download is not over by then. */
static void
test_exit_dies (Front *front, gconstpointer user_data)
{
  g_autoptr (Browser) browser = NULL;
  Mark mark = { .size = MB };
  gint64 died_us = 0;

  test_net_command (&front->net, "delay all 2");
  browser = begin_file (front, 5 * MB, "");
  mark.browser = browser;
  for (; mark.size <= 2 * MB; mark.size += MB) {
    test_loop_run_until (front->net.clock, has_reached, &mark);
    test_net_command (&front->net, "kill %s", front_get_hop (front, 2));
    died_us = front_now_us (front);
  }
  test_loop_run_until (front->net.clock, has_reached, &mark);
  g_assert_cmpint (front_now_us (front) - died_us, <, 10 * G_TIME_SPAN_SECOND);
  test_loop_run_until (front->net.clock, browser_is_done, browser);
  g_assert_cmpuint (browser_get_status (browser), ==, 200);
  assert_bytes (browser, 5 * MB, 0, 5 * MB);
  g_assert_cmpuint (clove_keeper_get_generation (front->keeper), ==, 3);
}

/* The standby circuit takes over before the dead one has its three strikes. */
static void
test_exit_dies_with_standby (Front *front, gconstpointer user_data)
{
  g_autoptr (Browser) browser = NULL;
  Mark mark = { .size = MB };
  gint64 died_us = 0;

  test_net_command (&front->net, "delay all 2");
  browser = begin_file (front, 5 * MB, "");
  mark.browser = browser;
  test_loop_run_until (front->net.clock, has_reached, &mark);
  test_net_command (&front->net, "kill %s", front_get_hop (front, 2));
  died_us = front_now_us (front);
  mark.size = 2 * MB;
  test_loop_run_until (front->net.clock, has_reached, &mark);
  g_assert_cmpint (front_now_us (front) - died_us, <, 2 * G_TIME_SPAN_SECOND);
  test_loop_run_until (front->net.clock, browser_is_done, browser);
  g_assert_cmpuint (browser_get_status (browser), ==, 200);
  assert_bytes (browser, 5 * MB, 0, 5 * MB);
}

/* Asked for by the user: what is under way may end on the old circuit. */
static void
test_rebuild_midway (Front *front, gconstpointer user_data)
{
  g_autoptr (Browser) browser = NULL;
  Mark mark = { .size = MB };

  test_net_command (&front->net, "delay all 2");
  browser = begin_file (front, 3 * MB, "");
  mark.browser = browser;
  test_loop_run_until (front->net.clock, has_reached, &mark);
  g_assert_true (clove_keeper_rebuild (front->keeper));
  test_loop_run_until (front->net.clock, browser_is_done, browser);
  g_assert_cmpuint (browser_get_status (browser), ==, 200);
  assert_bytes (browser, 3 * MB, 0, 3 * MB);
}

/* Pieces that nobody waits for leave nothing behind, and blame nobody. */
static void
test_browser_leaves (Front *front, gconstpointer user_data)
{
  CloveCircuit *circuit = clove_keeper_get_circuit (front->keeper);
  Browser *browser = begin_file (front, 50 * MB, "");
  Mark mark = { .browser = browser, .size = MB };

  test_loop_run_until (front->net.clock, has_reached, &mark);
  g_assert_cmpuint (clove_circuit_get_n_busy (circuit), >, 0);
  browser_free (browser);
  test_loop_run_for (front->net.clock, G_TIME_SPAN_SECOND);
  g_assert_cmpuint (clove_circuit_get_n_busy (circuit), ==, 0);
  g_assert_cmpuint (clove_keeper_get_strikes (front->keeper), ==, 0);
  assert_file (front, MB);
}

/* A small page is not kept waiting by downloads. */
static void
test_small_beside (Front *front, gconstpointer user_data)
{
  g_autoptr (GPtrArray) browsers = g_ptr_array_new_with_free_func ((GDestroyNotify) browser_free);

  test_net_command (&front->net, "delay all 2");
  for (guint i = 0; i < 4; i++)
    g_ptr_array_add (browsers, begin_file (front, 20 * MB, ""));
  test_loop_run_for (front->net.clock, G_TIME_SPAN_SECOND / 2);
  for (guint i = 0; i < 10; i++) {
    gint64 began_us = front_now_us (front);
    g_autoptr (Browser) page = front_get (front, "/");

    g_assert_cmpuint (browser_get_status (page), ==, 200);
    g_assert_cmpint (front_now_us (front) - began_us, <, 3 * G_TIME_SPAN_SECOND);
    g_assert_false (front_have_all_replies (browsers));
  }
}

/* Over a way of 200 ms, pieces that are asked for together stay together: a window of them overruns
 * the relays as soon as it is large enough for the way. So they must be spread. */
static void
test_far (Front *front, gconstpointer user_data)
{
  gint64 began_us = 0;

  test_net_command (&front->net, "delay all 20");
  began_us = front_now_us (front);
  assert_file (front, 10 * MB);
  g_test_message ("10 MB in %.1f s, window of %zu",
                  (gdouble) (front_now_us (front) - began_us) / 1e6,
                  clove_bulk_backend_get_limit (front->bulk));
  g_assert_cmpint (front_now_us (front) - began_us, <, 6 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (clove_keeper_get_generation (front->keeper), ==, 1);
}

int
main (int argc, char *argv[])
{
  static const struct {
    const char *name;
    const FrontOptions *options;
    void (*function) (Front *, gconstpointer);
  } cases[] = {
    { "one", &reference, test_one },
    { "largest", &reference, test_largest },
    { "four", &reference, test_four },
    { "many", &reference, test_many },
    { "sound/many", &sound, test_many },
    { "range", &reference, test_range },
    { "lossy/0.1-percent", &lossy_1, test_lossy },
    { "lossy/1-percent", &lossy_10, test_lossy },
    { "exit-dies", &without_standby, test_exit_dies },
    { "exit-dies-with-standby", &reference, test_exit_dies_with_standby },
    { "rebuild-midway", &without_standby, test_rebuild_midway },
    { "browser-leaves", &reference, test_browser_leaves },
    { "small-beside", &reference, test_small_beside },
    { "far", &reference, test_far },
    { "sound/one", &sound, test_one },
    { "sound/four", &sound, test_four },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/clove/bulk/%s", cases[i].name);

    g_test_add (path, Front, cases[i].options, front_set_up, cases[i].function, front_tear_down);
  }
  return g_test_run ();
}
