/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How the whole of it heals, with real requests through the front end: the published scenarios,
 * and what must not be taken for a dead circuit.
 */
#include "config.h"

#include "front.h"

#include <string.h>

typedef struct {
  Front front;
  GString *strikes;               /* the counts as they came, a digit each */
  char *hops[CLOVE_MAX_HOPS];     /* of the first circuit */
  gint64 bans_us[CLOVE_MAX_HOPS]; /* of its relays, when a rebuild began */
} Fixture;

static gint64
get_ban_us (Front *front, const char *name)
{
  CloveRelay *relay = clove_relay_list_find (front->relays, name, NULL);

  return clove_blacklist_get_left_us (front->blacklist, clove_relay_get_address (relay));
}

static void
on_changed (CloveKeeper *keeper, gpointer user_data)
{
  Fixture *fixture = user_data;
  char digit = (char) ('0' + clove_keeper_get_strikes (keeper));

  if (fixture->strikes->len == 0 || fixture->strikes->str[fixture->strikes->len - 1] != digit)
    g_string_append_c (fixture->strikes, digit);
  /* A rebuild may be over before the next timer. */
  if (clove_keeper_get_state (keeper) != CLOVE_KEEPER_REBUILDING)
    return;
  for (guint i = 0; i < CLOVE_MAX_HOPS; i++)
    fixture->bans_us[i] = MAX (fixture->bans_us[i], get_ban_us (&fixture->front, fixture->hops[i]));
}

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  front_set_up (&fixture->front, user_data);
  fixture->strikes = g_string_new ("0");
  for (guint i = 0; i < CLOVE_MAX_HOPS; i++)
    fixture->hops[i] = g_strdup (front_get_hop (&fixture->front, i));
  g_signal_connect (fixture->front.keeper, "changed", G_CALLBACK (on_changed), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  g_signal_handlers_disconnect_by_data (fixture->front.keeper, fixture);
  g_string_free (fixture->strikes, TRUE);
  for (guint i = 0; i < CLOVE_MAX_HOPS; i++)
    g_free (fixture->hops[i]);
  front_tear_down (&fixture->front, user_data);
}

/* The published options: neither retry nor standby. */
static const FrontOptions plain = {
  .n_relays = 5,
  .n_exits = 2,
  .seed = 11,
  .repeats_nothing = TRUE,
};

static gboolean
is_rebuilt (gpointer user_data)
{
  return clove_keeper_get_generation (((Front *) user_data)->keeper) == 2;
}

static void
assert_page (Front *front)
{
  g_autoptr (Browser) browser = front_get (front, "/");

  g_assert_cmpuint (browser_get_status (browser), ==, 200);
}

/* Three failures, counted 1, 2, 3; then the relays of the circuit are banned for five minutes, but
 * for an entry that was heard meanwhile: it is exonerated at once. */
static void
fail_three_times (Fixture *fixture, guint dead_hop)
{
  static const char get[] = "GET http://demo.ton/ HTTP/1.1\r\nHost: demo.ton\r\n\r\n";
  Front *front = &fixture->front;
  g_autoptr (Browser) lost = NULL;

  test_net_command (&front->net, "kill %s", fixture->hops[dead_hop]);
  lost = front_begin (front, get);
  test_loop_run_until (front->net.clock, is_rebuilt, front);
  g_assert_cmpstr (fixture->strikes->str, ==, "01230");
  for (guint i = 0; i < CLOVE_MAX_HOPS; i++) {
    g_assert_cmpint (fixture->bans_us[i], ==,
                     i == 0 && dead_hop != 0 ? 0 : CLOVE_BLACKLIST_BAN_US);
    g_assert_cmpstr (front_get_hop (front, i), !=, fixture->hops[dead_hop]);
  }
  assert_page (front);
  g_assert_cmpstr (fixture->strikes->str, ==, "01230");
  /* The request that was lost is not repeated. */
  test_loop_run_until (front->net.clock, browser_has_replies, lost);
  g_assert_cmpuint (browser_get_status (lost), ==, 502);
  g_assert_true (front_is_banned (front, fixture->hops[dead_hop]));
}

/* The published scenario: a relay dies while the circuit is in use. */
static void
test_relay_dies (Fixture *fixture, gconstpointer user_data)
{
  assert_page (&fixture->front);
  g_assert_cmpstr (fixture->strikes->str, ==, "0");
  fail_three_times (fixture, GPOINTER_TO_UINT (user_data));
}

static void
test_entry_dies (Fixture *fixture, gconstpointer user_data)
{
  test_relay_dies (fixture, GUINT_TO_POINTER (0));
}

static void
test_middle_dies (Fixture *fixture, gconstpointer user_data)
{
  test_relay_dies (fixture, GUINT_TO_POINTER (1));
}

static void
test_exit_dies (Fixture *fixture, gconstpointer user_data)
{
  test_relay_dies (fixture, GUINT_TO_POINTER (2));
}

static void
assert_spares_living (Front *front)
{
  static const char *const dead[] = { "relay1", "relay4", NULL };

  for (guint hop = 0; hop < CLOVE_MAX_HOPS; hop++)
    g_assert_false (g_strv_contains (dead, front_get_hop (front, hop)));
  for (guint i = 0; i < clove_relay_list_get_n_relays (front->relays); i++) {
    g_autofree char *name = g_strdup_printf ("relay%u", i + 1);

    if (!g_strv_contains (dead, name))
      g_assert_false (front_is_banned (front, name));
  }
}

/* The other one: several relays are down while circuits are built, whichever are tried first. */
static void
test_relays_down (void)
{
  for (guint seed = 1; seed <= 10; seed++) {
    FrontOptions options = plain;
    g_autoptr (Front) front = NULL;

    options.seed = seed;
    options.faults = "kill relay1\nkill relay4";
    front = front_new (&options);
    assert_spares_living (front);
    assert_page (front);
    g_assert_cmpuint (clove_keeper_get_strikes (front->keeper), ==, 0);
  }
}

/* Ten minutes without a network, and somebody who keeps trying. */
static void
test_offline (Fixture *fixture, gconstpointer user_data)
{
  Front *front = &fixture->front;

  assert_page (front);
  front_set_deaf (front, TRUE);
  clove_keeper_set_online (front->keeper, FALSE);
  for (guint i = 0; i < 20; i++) {
    g_autoptr (Browser) browser = front_get (front, "/");

    g_assert_cmpuint (browser_get_status (browser), ==, 503);
    test_loop_run_for (front->net.clock, 30 * G_TIME_SPAN_SECOND);
    g_assert_cmpuint (clove_blacklist_get_n_bans (front->blacklist), ==, 0);
  }
  front_set_deaf (front, FALSE);
  clove_keeper_set_online (front->keeper, TRUE);
  assert_page (front);
  test_loop_run_for (front->net.clock, 30 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (clove_blacklist_get_n_bans (front->blacklist), ==, 0);
}

static guint
count_strikes (Front *front)
{
  const GPtrArray *causes = clove_keeper_get_causes (front->keeper);
  guint n = 0;

  for (guint i = 0; i < causes->len; i++)
    n += ((CloveCause *) causes->pdata[i])->kind == CLOVE_CAUSE_STRIKE ? 1 : 0;
  return n;
}

static void
assert_untouched (Front *front)
{
  g_assert_cmpuint (clove_keeper_get_generation (front->keeper), ==, 1);
  g_assert_cmpint (clove_keeper_get_state (front->keeper), ==, CLOVE_KEEPER_READY);
  g_assert_cmpuint (clove_blacklist_get_n_bans (front->blacklist), ==, 0);
}

/* A thousand requests to sites that are not there, or do not answer properly. */
static void
test_dead_sites (Fixture *fixture, gconstpointer user_data)
{
  static const char *const domains[] = { "nx.ton", "norecord.ton" };
  Front *front = &fixture->front;

  for (guint i = 0; i < 1000; i++) {
    g_autofree char *host = g_strdup_printf ("dead%u.%s", i, domains[i % 2]);
    g_autofree char *request = g_strdup_printf (
      "GET http://%s/ HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host, host);
    g_autoptr (Browser) browser = front_ask (front, request);

    g_assert_cmpuint (browser_get_status (browser), ==, 502);
    g_assert_cmpuint (clove_keeper_get_strikes (front->keeper), <=, 1);
    if (i % 10 == 0)
      test_loop_run_for (front->net.clock, G_TIME_SPAN_SECOND);
  }
  assert_untouched (front);
}

/* A page with twenty pictures on sites that are not there: one strike, which a probe clears. */
static void
test_dead_images (Fixture *fixture, gconstpointer user_data)
{
  Front *front = &fixture->front;
  g_autoptr (GPtrArray) browsers = g_ptr_array_new_with_free_func ((GDestroyNotify) browser_free);

  assert_page (front);
  for (guint i = 0; i < 20; i++) {
    g_autofree char *request =
      g_strdup_printf ("GET http://p%u.nx.ton/ HTTP/1.1\r\nHost: p%u.nx.ton\r\n\r\n", i, i);

    g_ptr_array_add (browsers, front_begin (front, request));
  }
  test_loop_run_until (front->net.clock, front_have_all_replies, browsers);
  test_loop_run_for (front->net.clock, 10 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (count_strikes (front), ==, 1);
  g_assert_cmpstr (fixture->strikes->str, ==, "010");
  assert_untouched (front);
}

/* Twenty pictures whose requests are lost together: one strike, which a probe clears. */
static void
test_lost_images (Fixture *fixture, gconstpointer user_data)
{
  Front *front = &fixture->front;
  g_autoptr (GPtrArray) browsers = g_ptr_array_new_with_free_func ((GDestroyNotify) browser_free);

  assert_page (front);
  for (guint i = 0; i < 20; i++) {
    g_autofree char *request = g_strdup_printf (
      "GET http://demo.ton/slow/%u HTTP/1.1\r\nHost: demo.ton\r\n\r\n", 1000 + i);

    g_ptr_array_add (browsers, front_begin (front, request));
  }
  test_loop_run_for (front->net.clock, 900 * G_TIME_SPAN_MILLISECOND);
  test_net_command (&front->net, "drop %s 100", front_get_hop (front, 2));
  test_loop_run_for (front->net.clock, 500 * G_TIME_SPAN_MILLISECOND);
  test_net_command (&front->net, "heal");
  test_loop_run_until (front->net.clock, front_have_all_replies, browsers);
  for (guint i = 0; i < browsers->len; i++)
    g_assert_cmpuint (browser_get_status (browsers->pdata[i]), ==, 502);
  test_loop_run_for (front->net.clock, 10 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (count_strikes (front), ==, 1);
  g_assert_cmpstr (fixture->strikes->str, ==, "010");
  assert_untouched (front);
}

/* Ten minutes of a page that is made to fail in every way a site can: it must not make Clove build
 * circuits, of which relays never free any. */
static void
test_hostile_site (Fixture *fixture, gconstpointer user_data)
{
  static const char *const urls[] = {
    "http://demo.ton/broken",
    "http://demo.ton/slow/90000",
    "http://a.nx.ton/",
    "http://b.norecord.ton/",
    "http://c.nx.ton/",
    "http://demo.ton/redirect/loop",
    "http://demo.ton/redirect/11",
    "http://demo.ton/status/500",
    "http://demo.ton/bytes/17000000",
    "http://demo.ton/redirect/https",
    "http://d.nx.ton/",
    "http://e.nx.ton/",
  };
  Front *front = &fixture->front;
  gint64 end_us = front_now_us (front) + 10 * G_TIME_SPAN_MINUTE;
  g_autoptr (GPtrArray) browsers = g_ptr_array_new_with_free_func ((GDestroyNotify) browser_free);

  while (front_now_us (front) < end_us) {
    for (guint i = 0; i < G_N_ELEMENTS (urls); i++) {
      const char *host = urls[i] + strlen ("http://");
      g_autofree char *request =
        g_strdup_printf ("GET %s HTTP/1.1\r\nHost: %.*s\r\nConnection: close\r\n\r\n", urls[i],
                         (gint) strcspn (host, "/"), host);

      g_ptr_array_add (browsers, front_begin (front, request));
    }
    test_loop_run_for (front->net.clock, 5 * G_TIME_SPAN_SECOND);
    if (browsers->len > 100)
      g_ptr_array_remove_range (browsers, 0, 2 * G_N_ELEMENTS (urls));
  }
  /* Twenty in an hour are three in ten minutes. */
  g_assert_cmpuint (clove_keeper_get_generation (front->keeper) - 1, <=, 3);
  g_assert_cmpuint (clove_blacklist_get_n_bans (front->blacklist), ==, 0);
}

static guint
count_requests (Front *front)
{
  guint n_requests = 0;

  for (guint i = 1; i <= clove_localnet_get_n_relays (front->net.localnet); i++)
    n_requests += test_net_count (&front->net, i).n_requests;
  return n_requests;
}

/* Sends @request into a network that loses it, and is well again at once. */
static Browser *
lose_request (Front *front, const char *request)
{
  Browser *browser = NULL;

  /* The stream is there already: all that is lost is the request. */
  assert_page (front);
  front_set_deaf (front, TRUE);
  browser = front_begin (front, request);
  test_loop_settle ();
  front_set_deaf (front, FALSE);
  return browser;
}

/* The circuit lives, so nothing but silence tells that a request was lost: it is sent again. */
static void
test_lost_request (Fixture *fixture, gconstpointer user_data)
{
  Front *front = &fixture->front;
  gint64 start_us = front_now_us (front);
  g_autoptr (Browser) browser =
    lose_request (front, "GET http://demo.ton/ HTTP/1.1\r\nHost: demo.ton\r\n\r\n");

  test_loop_run_until (front->net.clock, browser_has_replies, browser);
  g_assert_cmpuint (browser_get_status (browser), ==, 200);
  g_assert_cmpint (front_now_us (front) - start_us, <=, 5 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (count_requests (front), ==, 2);
  g_assert_cmpstr (fixture->strikes->str, ==, "0");
}

/* A form is never sent twice, whatever became of it. */
static void
test_lost_form (Fixture *fixture, gconstpointer user_data)
{
  Front *front = &fixture->front;
  g_autoptr (Browser) browser =
    lose_request (front, "POST http://demo.ton/echo HTTP/1.1\r\nHost: demo.ton\r\n"
                         "Content-Length: 2\r\n\r\nhi");

  test_loop_run_until (front->net.clock, browser_has_replies, browser);
  g_assert_cmpuint (browser_get_status (browser), >=, 500);
  g_assert_cmpuint (count_requests (front), ==, 1);
}

/* All relays fall silent for good: the browser is told so, and nobody goes on asking. */
static void
test_ends (Fixture *fixture, gconstpointer user_data)
{
  Front *front = &fixture->front;
  gint64 start_us = front_now_us (front);
  g_autoptr (Browser) browser = NULL;
  guint n_requests = 0;

  assert_page (front);
  test_net_command (&front->net, "freeze all");
  browser =
    front_begin (front, "GET http://demo.ton/ HTTP/1.1\r\nHost: demo.ton\r\n\r\n");
  test_loop_run_until (front->net.clock, browser_has_replies, browser);
  g_assert_cmpuint (browser_get_status (browser), >=, 500);
  g_assert_cmpint (front_now_us (front) - start_us, <=, 2 * G_TIME_SPAN_MINUTE);
  n_requests = count_requests (front);
  test_net_command (&front->net, "heal");
  test_loop_run_for (front->net.clock, 2 * G_TIME_SPAN_MINUTE);
  g_assert_cmpuint (count_requests (front), ==, n_requests);
}

/* A site that takes six seconds is asked twice, and its first answer is the one that counts. */
static void
test_slow_site (Fixture *fixture, gconstpointer user_data)
{
  Front *front = &fixture->front;
  gint64 start_us = front_now_us (front);
  g_autoptr (Browser) browser = front_get (front, "/slow/6000");

  g_assert_cmpuint (browser_get_status (browser), ==, 200);
  g_assert_cmpint (front_now_us (front) - start_us, <=, 6500 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (count_requests (front), ==, 2);
}

/* A site takes six seconds, so that it is asked again after four. The exit gives the first request
 * up when it should have been answered; what becomes of the second is the test's. */
static Browser *
give_first_up (Front *front)
{
  Browser *browser =
    front_begin (front, "GET http://demo.ton/slow/6000 HTTP/1.1\r\nHost: demo.ton\r\n\r\n");

  test_loop_run_for (front->net.clock, 5 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (count_requests (front), ==, 2);
  test_net_command (&front->net, "lie %s", front_get_hop (front, 2));
  test_loop_run_for (front->net.clock, 2500 * G_TIME_SPAN_MILLISECOND);
  g_assert_false (browser_has_replies (browser));
  return browser;
}

/* The other one is answered by the site: that is the page. */
static void
test_given_up_once (Fixture *fixture, gconstpointer user_data)
{
  Front *front = &fixture->front;
  gint64 start_us = front_now_us (front);
  g_autoptr (Browser) browser = give_first_up (front);

  test_net_command (&front->net, "heal");
  test_loop_run_until (front->net.clock, browser_has_replies, browser);
  g_assert_cmpuint (browser_get_status (browser), ==, 200);
  g_assert_cmpint (front_now_us (front) - start_us, <=, 10500 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (count_requests (front), ==, 2);
  g_assert_cmpstr (fixture->strikes->str, ==, "0");
}

/* The later one is given up first: the earlier one is waited for. */
static void
test_copy_given_up (Fixture *fixture, gconstpointer user_data)
{
  Front *front = &fixture->front;
  g_autoptr (GPtrArray) pages = g_ptr_array_new_with_free_func ((GDestroyNotify) browser_free);
  g_autoptr (Browser) browser = NULL;
  gint64 start_us = 0;

  /* Two streams are there already: the exit lies about the request, not about the site. */
  for (guint i = 0; i < 2; i++)
    g_ptr_array_add (
      pages, front_begin (front, "GET http://demo.ton/slow/10 HTTP/1.1\r\nHost: demo.ton\r\n\r\n"));
  test_loop_run_until (front->net.clock, front_have_all_replies, pages);
  g_assert_cmpuint (count_requests (front), ==, 2);
  start_us = front_now_us (front);
  browser =
    front_begin (front, "GET http://demo.ton/slow/6000 HTTP/1.1\r\nHost: demo.ton\r\n\r\n");
  test_loop_run_for (front->net.clock, 3500 * G_TIME_SPAN_MILLISECOND);
  test_net_command (&front->net, "lie %s", front_get_hop (front, 2));
  test_loop_run_for (front->net.clock, G_TIME_SPAN_SECOND);
  test_net_command (&front->net, "heal");
  g_assert_cmpuint (count_requests (front), ==, 4);
  test_loop_run_until (front->net.clock, browser_has_replies, browser);
  g_assert_cmpuint (browser_get_status (browser), ==, 200);
  g_assert_cmpint (front_now_us (front) - start_us, <=, 6500 * G_TIME_SPAN_MILLISECOND);
}

/* Both are given up: the browser is told what the exit says, as soon as that is sure. */
static void
test_given_up_twice (Fixture *fixture, gconstpointer user_data)
{
  Front *front = &fixture->front;
  gint64 start_us = front_now_us (front);
  g_autoptr (Browser) browser = give_first_up (front);

  test_loop_run_until (front->net.clock, browser_has_replies, browser);
  g_assert_cmpuint (browser_get_status (browser), ==, 502);
  g_assert_nonnull (strstr (browser_get_text (browser), "RLDP Error"));
  g_assert_cmpint (front_now_us (front) - start_us, <=, 10500 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (count_requests (front), ==, 2);
  g_assert_cmpstr (fixture->strikes->str, ==, "0");
}

/* The other one is never answered: the exit's page is not held back for long. */
static void
test_given_up_and_lost (Fixture *fixture, gconstpointer user_data)
{
  Front *front = &fixture->front;
  gint64 start_us = front_now_us (front);
  g_autoptr (Browser) browser = give_first_up (front);

  front_set_deaf (front, TRUE);
  test_loop_run_until (front->net.clock, browser_has_replies, browser);
  g_assert_cmpuint (browser_get_status (browser), ==, 502);
  g_assert_nonnull (strstr (browser_get_text (browser), "RLDP Error"));
  g_assert_cmpint (front_now_us (front) - start_us, <=, 16500 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (count_requests (front), ==, 2);
}

/* When a browser has waited for nearly as long as it may, it is told before its minute is over. */
static void
test_given_up_late (Fixture *fixture, gconstpointer user_data)
{
  Front *front = &fixture->front;
  gint64 start_us = front_now_us (front);
  g_autoptr (Browser) browser =
    front_begin (front, "GET http://demo.ton/slow/45000 HTTP/1.1\r\nHost: demo.ton\r\n\r\n");

  test_loop_run_for (front->net.clock, 44 * G_TIME_SPAN_SECOND);
  test_net_command (&front->net, "lie %s", front_get_hop (front, 2));
  test_loop_run_until (front->net.clock, browser_has_replies, browser);
  g_assert_nonnull (strstr (browser_get_text (browser), "RLDP Error"));
  g_assert_cmpint (front_now_us (front) - start_us, >=, 49 * G_TIME_SPAN_SECOND);
  g_assert_cmpint (front_now_us (front) - start_us, <=, 51 * G_TIME_SPAN_SECOND);
}

int
main (int argc, char *argv[])
{
  static const FrontOptions sound = { .n_relays = 6, .n_exits = 2, .seed = 5 };
  static const FrontOptions standby = {
    .n_relays = 6,
    .n_exits = 2,
    .seed = 5,
    .has_standby = TRUE,
  };
  static const FrontOptions reference = {
    .n_relays = 6,
    .n_exits = 2,
    .seed = 5,
    .plays_reference = TRUE,
  };

  g_test_init (&argc, &argv, NULL);
#define ADD(name, options, function) \
  g_test_add ("/clove/heals/" name, Fixture, &options, set_up, function, tear_down)
  ADD ("entry-dies", plain, test_entry_dies);
  ADD ("middle-dies", plain, test_middle_dies);
  ADD ("exit-dies", plain, test_exit_dies);
  g_test_add_func ("/clove/heals/relays-down", test_relays_down);
  ADD ("sound/offline", sound, test_offline);
  ADD ("standby/offline", standby, test_offline);
  ADD ("sound/dead-sites", sound, test_dead_sites);
  ADD ("sound/dead-images", sound, test_dead_images);
  ADD ("plain/lost-images", plain, test_lost_images);
  ADD ("sound/lost-request", sound, test_lost_request);
  ADD ("sound/lost-form", sound, test_lost_form);
  ADD ("plain/lost-form", plain, test_lost_form);
  ADD ("sound/slow-site", sound, test_slow_site);
  ADD ("sound/given-up-once", sound, test_given_up_once);
  ADD ("sound/copy-given-up", sound, test_copy_given_up);
  ADD ("sound/given-up-twice", sound, test_given_up_twice);
  ADD ("sound/given-up-and-lost", sound, test_given_up_and_lost);
  ADD ("sound/given-up-late", sound, test_given_up_late);
  ADD ("reference/given-up-once", reference, test_given_up_once);
  ADD ("sound/ends", sound, test_ends);
  ADD ("standby/ends", standby, test_ends);
  ADD ("sound/hostile-site", sound, test_hostile_site);
  ADD ("reference/dead-sites", reference, test_dead_sites);
  ADD ("reference/dead-images", reference, test_dead_images);
  ADD ("reference/hostile-site", reference, test_hostile_site);
#undef ADD
  return g_test_run ();
}
