/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine with its thread and the real clock; the localnet runs in the test's own thread. */
#include "config.h"

#include "clove-engine.h"
#include "clove-localnet.h"
#include "fake-monitor.h"

#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <string.h>

/* A test that waits longer has failed. */
#define DEADLINE_S 30

typedef struct {
  CloveClock *clock;
  CloveLocalnet *localnet;
  char *folder;
  char *directory;
  char *cache;
} Fixture;

typedef gboolean (*Condition) (gpointer user_data);

static gboolean
on_deadline (gpointer user_data)
{
  g_error ("What the test waits for has not happened in %d s", DEADLINE_S);
  return G_SOURCE_REMOVE;
}

static void
wait_until (Condition condition, gpointer user_data)
{
  guint deadline = g_timeout_add_seconds (DEADLINE_S, on_deadline, NULL);

  while (!condition (user_data))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);
}

static void
on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **place = user_data;

  *place = g_object_ref (result);
}

static gboolean
has_result (gpointer user_data)
{
  GAsyncResult **place = user_data;

  return *place != NULL;
}

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  CloveLocalnetOptions options = { .n_relays = 4, .n_exits = 2, .seed = 1 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  fixture->clock = clove_clock_new (NULL);
  fixture->localnet = clove_localnet_new (&options, fixture->clock, &error);
  g_assert_no_error (error);
  clove_localnet_start_async (fixture->localnet, NULL, on_ready, &result);
  wait_until (has_result, &result);
  clove_localnet_start_finish (fixture->localnet, result, &error);
  g_assert_no_error (error);
  fixture->folder = g_dir_make_tmp ("clove-test-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->directory = g_build_filename (fixture->folder, "relays.json", NULL);
  fixture->cache = g_build_filename (fixture->folder, "cache", NULL);
  text = clove_localnet_format_directory (fixture->localnet);
  g_file_set_contents (fixture->directory, text, -1, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  clove_localnet_stop (fixture->localnet);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_finalize_object (fixture->localnet);
  clove_clock_unref (fixture->clock);
  g_unlink (fixture->directory);
  g_rmdir (fixture->cache);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->directory);
  g_free (fixture->cache);
  g_free (fixture->folder);
}

static CloveEngine *
new_engine (Fixture *fixture, const char *listen, const char *directory)
{
  CloveEngineOptions options = {
    .listen = listen,
    .directory = directory,
    .max_attempts = 3,
    .cache_folder = fixture->cache,
  };
  g_autoptr (GError) error = NULL;
  CloveEngine *engine = clove_engine_new (&options, &error);

  g_assert_no_error (error);
  return engine;
}

static gboolean
is_connected (gpointer user_data)
{
  return clove_engine_get_snapshot (user_data)->state == CLOVE_ENGINE_CONNECTED;
}

static gboolean
is_waiting (gpointer user_data)
{
  return clove_engine_get_snapshot (user_data)->state == CLOVE_ENGINE_WAITING;
}

static gboolean
has_failed (gpointer user_data)
{
  return clove_engine_get_snapshot (user_data)->state == CLOVE_ENGINE_FAILED;
}

static gboolean
has_reached_an_exit (gpointer user_data)
{
  Fixture *fixture = user_data;
  guint n_requests = 0;

  for (guint i = 0; i < clove_localnet_get_n_relays (fixture->localnet); i++) {
    CloveLocalRelayCounters counters = { 0 };

    clove_local_relay_get_counters (clove_localnet_get_relay (fixture->localnet, i), &counters);
    n_requests += counters.n_requests;
  }
  return n_requests > 0;
}

static void
stop (CloveEngine *engine, gint64 drain_us)
{
  g_autoptr (GAsyncResult) result = NULL;

  clove_engine_stop_async (engine, drain_us, on_ready, &result);
  wait_until (has_result, &result);
  clove_engine_stop_finish (engine, result);
  g_assert_cmpint (clove_engine_get_snapshot (engine)->state, ==, CLOVE_ENGINE_OFF);
}

static SoupSession *
new_session (CloveEngine *engine)
{
  g_autofree char *uri =
    g_strdup_printf ("http://%s", clove_engine_get_snapshot (engine)->listen_address);
  g_autoptr (GProxyResolver) resolver = g_simple_proxy_resolver_new (uri, NULL);

  return soup_session_new_with_options ("proxy-resolver", resolver, NULL);
}

static void
test_fetch (Fixture *fixture, gconstpointer user_data)
{
  CloveEngine *engine = new_engine (fixture, "127.0.0.1:0", fixture->directory);
  g_autoptr (SoupSession) session = NULL;
  g_autoptr (SoupMessage) message = soup_message_new ("GET", "http://demo.ton/bytes/100000");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;
  CloveSnapshot *snapshot = NULL;

  clove_engine_start (engine);
  wait_until (is_connected, engine);
  snapshot = clove_engine_get_snapshot (engine);
  g_assert_cmpuint (snapshot->live.n_hops, ==, 3);
  g_assert_cmpuint (snapshot->generation, ==, 1);
  g_assert_cmpuint (snapshot->n_relays, ==, 4);
  g_assert_null (snapshot->problem);
  g_assert_true (g_str_has_prefix (snapshot->live.hops[0].name, "relay"));

  session = new_session (engine);
  soup_session_send_and_read_async (session, message, G_PRIORITY_DEFAULT, NULL, on_ready, &result);
  wait_until (has_result, &result);
  body = soup_session_send_and_read_finish (session, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (soup_message_get_status (message), ==, 200);
  g_assert_cmpuint (g_bytes_get_size (body), ==, 100000);
  soup_session_abort (session);
  stop (engine, G_USEC_PER_SEC);
  g_assert_finalize_object (engine);
}

/* An engine may go in any state: while it loads, builds, is live. */
static void
test_drop (Fixture *fixture, gconstpointer user_data)
{
  for (guint i = 0; i < 20; i++) {
    CloveEngine *engine = new_engine (fixture, "127.0.0.1:0", fixture->directory);

    clove_engine_start (engine);
    for (guint j = 0; j < i; j++)
      g_main_context_iteration (NULL, FALSE);
    if (i % 5 == 4)
      wait_until (is_connected, engine);
    g_assert_finalize_object (engine);
  }
}

static void
test_never_started (Fixture *fixture, gconstpointer user_data)
{
  CloveEngine *engine = new_engine (fixture, "127.0.0.1:0", fixture->directory);

  g_assert_cmpint (clove_engine_get_snapshot (engine)->state, ==, CLOVE_ENGINE_OFF);
  g_assert_finalize_object (engine);
}

static void
test_port_taken (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveEngine) first = new_engine (fixture, "127.0.0.1:0", fixture->directory);
  g_autoptr (CloveEngine) second = NULL;
  CloveSnapshot *snapshot = NULL;

  clove_engine_start (first);
  wait_until (is_connected, first);
  second = new_engine (fixture, clove_engine_get_snapshot (first)->listen_address,
                       fixture->directory);
  clove_engine_start (second);
  wait_until (has_failed, second);
  snapshot = clove_engine_get_snapshot (second);
  g_assert_cmpint (snapshot->problem_code, ==, G_IO_ERROR_ADDRESS_IN_USE);
  g_assert_nonnull (snapshot->problem);
  g_assert_null (snapshot->listen_address);
  stop (second, 0);
  stop (first, 0);
}

static void
test_no_directory (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveEngine) engine = new_engine (fixture, "127.0.0.1:0", "/nowhere/relays.json");
  CloveSnapshot *snapshot = NULL;

  clove_engine_start (engine);
  wait_until (is_waiting, engine);
  snapshot = clove_engine_get_snapshot (engine);
  g_assert_nonnull (snapshot->problem);
  g_assert_cmpint (snapshot->next_try_us, >, snapshot->taken_us);
  g_assert_nonnull (snapshot->listen_address);
  stop (engine, 0);
}

/* What is in flight may finish while the engine stops; what takes too long is cut. */
static void
test_drain (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveEngine) engine = new_engine (fixture, "127.0.0.1:0", fixture->directory);
  g_autoptr (SoupSession) session = NULL;
  g_autoptr (SoupMessage) message = soup_message_new ("GET", "http://demo.ton/slow/300");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;

  clove_engine_start (engine);
  wait_until (is_connected, engine);
  session = new_session (engine);
  soup_session_send_and_read_async (session, message, G_PRIORITY_DEFAULT, NULL, on_ready, &result);
  wait_until (has_reached_an_exit, fixture);
  stop (engine, 20 * G_USEC_PER_SEC);
  wait_until (has_result, &result);
  body = soup_session_send_and_read_finish (session, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (soup_message_get_status (message), ==, 200);
}

static gboolean
has_second_circuit (gpointer user_data)
{
  return clove_engine_get_snapshot (user_data)->generation == 2;
}

static void
test_rebuild (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveEngine) engine = new_engine (fixture, "127.0.0.1:0", fixture->directory);
  CloveSnapshot *snapshot = NULL;

  clove_engine_start (engine);
  wait_until (is_connected, engine);
  snapshot = clove_engine_get_snapshot (engine);
  g_assert_cmpint (snapshot->rebuild_at_us, <=, snapshot->taken_us);
  clove_engine_rebuild (engine);
  wait_until (has_second_circuit, engine);
  snapshot = clove_engine_get_snapshot (engine);
  g_assert_cmpint (snapshot->rebuild_at_us, >, snapshot->taken_us);
  g_assert_cmpuint (snapshot->bans->len, ==, 0);
  stop (engine, 0);
}

/* Rewrites the directory with a relay more, which does not exist. */
static void
add_relay (Fixture *fixture)
{
  g_autofree char *text = clove_localnet_format_directory (fixture->localnet);
  char *relays = strchr (strstr (text, "\"relays\""), '[') + 1;
  g_autofree char *longer = NULL;

  *(relays - 1) = '\0';
  longer = g_strconcat (
    text,
    "[{\"name\":\"more\",\"address\":\"192.0.2.1:9001\",\"roles\":[\"middle\"],\"pubkey\":"
    "\"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\"},",
    relays, NULL);
  g_assert_true (g_file_set_contents (fixture->directory, longer, -1, NULL));
}

static gboolean
has_five_relays (gpointer user_data)
{
  CloveSnapshot *snapshot = clove_engine_get_snapshot (user_data);

  return snapshot->n_relays == 5 && snapshot->directory_problem == NULL;
}

static gboolean
has_directory_problem (gpointer user_data)
{
  return clove_engine_get_snapshot (user_data)->directory_problem != NULL;
}

/* Another list does not disturb the live circuit, nor does one that is refused. */
static void
test_reload_directory (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveEngine) engine = new_engine (fixture, "127.0.0.1:0", fixture->directory);
  CloveSnapshot *snapshot = NULL;

  clove_engine_reload_directory (engine);
  clove_engine_start (engine);
  wait_until (is_connected, engine);
  g_assert_cmpuint (clove_engine_get_snapshot (engine)->n_relays, ==, 4);
  g_assert_cmpint (clove_engine_get_snapshot (engine)->next_try_us, ==, 0);
  add_relay (fixture);
  clove_engine_reload_directory (engine);
  wait_until (has_five_relays, engine);

  g_assert_true (g_file_set_contents (fixture->directory, "{}", -1, NULL));
  clove_engine_reload_directory (engine);
  wait_until (has_directory_problem, engine);
  snapshot = clove_engine_get_snapshot (engine);
  g_assert_cmpint (snapshot->state, ==, CLOVE_ENGINE_CONNECTED);
  g_assert_cmpuint (snapshot->n_relays, ==, 5);
  g_assert_cmpint (snapshot->directory_age_s, >=, 0);
  g_assert_null (snapshot->problem);

  add_relay (fixture);
  clove_engine_reload_directory (engine);
  wait_until (has_five_relays, engine);
  snapshot = clove_engine_get_snapshot (engine);
  g_assert_cmpint (snapshot->state, ==, CLOVE_ENGINE_CONNECTED);
  g_assert_cmpuint (snapshot->generation, ==, 1);
  stop (engine, 0);
}

/* What is known of relays outlasts the engine, for this user's eyes only, and names no site. */
static void
test_memory (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *state = g_build_filename (fixture->folder, "state", NULL);
  g_autofree char *file = g_build_filename (state, "state.json", NULL);
  g_autofree char *text = NULL;
  GStatBuf info = { 0 };

  for (guint run = 0; run < 2; run++) {
    CloveEngineOptions options = {
      .listen = "127.0.0.1:0",
      .directory = fixture->directory,
      .max_attempts = 3,
      .cache_folder = fixture->cache,
      .state_folder = state,
    };
    g_autoptr (CloveEngine) engine = clove_engine_new (&options, NULL);

    clove_engine_start (engine);
    wait_until (is_connected, engine);
    stop (engine, 0);
  }
  g_assert_cmpint (g_stat (file, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0600);
  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "\"records\""));
  g_assert_null (strstr (text, ".ton"));
  g_unlink (file);
  g_assert_cmpint (g_rmdir (state), ==, 0);
}

static void
test_manual_relays (Fixture *fixture, gconstpointer user_data)
{
  static const guint order[] = { 2, 0, 3 };
  char *specs[3] = { NULL };
  CloveEngineOptions options = {
    .listen = "127.0.0.1:0",
    .relays = (const char *const *) specs,
    .max_attempts = 1,
    .cache_folder = fixture->cache,
  };
  g_autoptr (CloveEngine) engine = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (specs); i++) {
    CloveLocalRelay *relay = clove_localnet_get_relay (fixture->localnet, order[i]);
    char address[CLOVE_ADDRESS_STRING_SIZE] = { 0 };
    g_autoptr (GString) key = g_string_new (NULL);

    clove_address_format (clove_local_relay_get_address (relay), address);
    for (guint j = 0; j < CLOVE_KEY_SIZE; j++)
      g_string_append_printf (key, "%02x", clove_local_relay_get_key (relay)[j]);
    specs[i] = g_strdup_printf ("%s,%s", address, key->str);
  }
  engine = clove_engine_new (&options, &error);
  g_assert_no_error (error);
  clove_engine_start (engine);
  wait_until (is_connected, engine);
  for (guint i = 0; i < G_N_ELEMENTS (specs); i++) {
    g_assert_true (
      g_str_has_prefix (specs[i], clove_engine_get_snapshot (engine)->live.hops[i].address));
    g_free (specs[i]);
  }
  stop (engine, 0);
}

/* Takes the machine's network away, or gives it back. */
static void
set_network (gboolean is_available)
{
  fake_monitor_set_available (FAKE_MONITOR (g_network_monitor_get_default ()), is_available);
}

/* From then on, what the worker is told comes after the state of the network. */
static gboolean
is_listened_to (gpointer user_data)
{
  GNetworkMonitor *monitor = g_network_monitor_get_default ();
  guint signal_id = g_signal_lookup ("network-changed", G_TYPE_NETWORK_MONITOR);

  return g_signal_has_handler_pending (monitor, signal_id, 0, TRUE);
}

static guint
count_causes (CloveEngine *engine, const char *kind)
{
  GPtrArray *causes = clove_engine_get_snapshot (engine)->causes;
  guint n = 0;

  for (guint i = 0; i < causes->len; i++)
    n += g_str_equal (((CloveSnapshotCause *) causes->pdata[i])->kind, kind) ? 1 : 0;
  return n;
}

/* Lets the question wait until the test answers. */
static void
on_directory_asked (SoupServer *server,
                    SoupServerMessage *message,
                    const char *path,
                    GHashTable *query,
                    gpointer user_data)
{
  SoupServerMessage **place = user_data;

  *place = g_object_ref (message);
  soup_server_message_pause (message);
}

static gboolean
is_asked (gpointer user_data)
{
  SoupServerMessage **place = user_data;

  return *place != NULL && is_listened_to (NULL);
}

/* Relays on this machine need no network, even if the worker learns that there is none before it
 * knows of the relays: nobody is told, and no failure is excused. */
static void
test_local_without_network (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (SoupServer) server = soup_server_new (NULL, NULL);
  g_autoptr (SoupServerMessage) message = NULL;
  g_autoptr (CloveEngine) engine = NULL;
  g_autofree char *text = clove_localnet_format_directory (fixture->localnet);
  g_autofree char *uri = NULL;
  g_autofree char *cached = NULL;
  GSList *uris = NULL;

  g_assert_true (soup_server_listen_local (server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, NULL));
  soup_server_add_handler (server, NULL, on_directory_asked, &message, NULL);
  uris = soup_server_get_uris (server);
  uri = g_uri_to_string (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);

  set_network (FALSE);
  engine = new_engine (fixture, "127.0.0.1:0", uri);
  clove_engine_start (engine);
  wait_until (is_asked, &message);
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, text,
                                    strlen (text));
  soup_server_message_unpause (message);
  wait_until (is_connected, engine);
  g_assert_cmpuint (count_causes (engine, "offline"), ==, 0);
  g_assert_cmpuint (count_causes (engine, "online"), ==, 0);
  g_assert_false (clove_engine_get_snapshot (engine)->is_settling);
  stop (engine, 0);
  set_network (TRUE);
  cached = g_build_filename (fixture->cache, "relays.json", NULL);
  g_assert_cmpint (g_unlink (cached), ==, 0);
}

static gboolean
is_offline (gpointer user_data)
{
  return clove_engine_get_snapshot (user_data)->state == CLOVE_ENGINE_OFFLINE;
}

/* Relays elsewhere do need one. */
static void
test_remote_without_network (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveEngine) engine = new_engine (fixture, "127.0.0.1:0", fixture->directory);

  add_relay (fixture);
  set_network (FALSE);
  clove_engine_start (engine);
  wait_until (is_offline, engine);
  g_assert_cmpuint (count_causes (engine, "online"), ==, 0);
  set_network (TRUE);
  wait_until (is_connected, engine);
  g_assert_cmpuint (count_causes (engine, "online"), ==, 1);
  stop (engine, 0);
}

/* Of relays that nobody knows it is not said that they need none. */
static void
test_nothing_without_network (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveEngine) engine = new_engine (fixture, "127.0.0.1:0", "/nowhere/relays.json");

  set_network (FALSE);
  clove_engine_start (engine);
  wait_until (is_offline, engine);
  stop (engine, 0);
  set_network (TRUE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  /* The machine's own network is not the tests' to take away. */
  g_io_extension_point_register (G_NETWORK_MONITOR_EXTENSION_POINT_NAME);
  g_io_extension_point_implement (G_NETWORK_MONITOR_EXTENSION_POINT_NAME, FAKE_TYPE_MONITOR, "fake",
                                  0);
  g_setenv ("GIO_USE_NETWORK_MONITOR", "fake", TRUE);
#define ADD(name, function) \
  g_test_add ("/clove/engine/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("fetch", test_fetch);
  ADD ("drop", test_drop);
  ADD ("never-started", test_never_started);
  ADD ("port-taken", test_port_taken);
  ADD ("no-directory", test_no_directory);
  ADD ("drain", test_drain);
  ADD ("rebuild", test_rebuild);
  ADD ("reload-directory", test_reload_directory);
  ADD ("memory", test_memory);
  ADD ("local-without-network", test_local_without_network);
  ADD ("remote-without-network", test_remote_without_network);
  ADD ("nothing-without-network", test_nothing_without_network);
  ADD ("manual-relays", test_manual_relays);
  return g_test_run ();
}
