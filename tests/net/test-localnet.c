/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sound localnet: what a client gets through three relays, and what relays forget. */
#include "config.h"

#include "clove-demo-file.h"
#include "clove-local-pacer.h"
#include "test-net.h"

#include <json-glib/json-glib.h>
#include <string.h>

static const CloveLocalnetOptions sound = { .n_relays = 6, .n_exits = 2, .seed = 1 };

static void
test_new_destroy (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);

  g_assert_cmpuint (clove_localnet_get_n_relays (net->localnet), ==, 6);
}

static void
test_options (void)
{
  static const CloveLocalnetOptions bad[] = {
    { .n_relays = 0 },
    { .n_relays = 65 },
    { .n_relays = 3, .n_exits = 4 },
    { .n_relays = 6, .base_port = 65530 },
  };
  g_autoptr (CloveClock) clock = clove_clock_new_fake ();

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (clove_localnet_new (&bad[i], clock, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  }
}

/* A second network at ports that are taken says so and leaves nothing behind. */
static void
test_ports_taken (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  CloveLocalRelay *first = test_net_get_relay (net, 1);
  CloveLocalnetOptions options = { .n_relays = 1 };
  g_autoptr (CloveLocalnet) second = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  options.host = test_net_get_host ();
  options.base_port = clove_address_get_port (clove_local_relay_get_address (first));
  second = clove_localnet_new (&options, net->clock, NULL);
  clove_localnet_start_async (second, NULL, test_loop_on_ready, &result);
  g_assert_false (
    clove_localnet_start_finish (second, test_loop_wait (net->clock, &result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_assert_cmpuint (clove_localnet_get_n_relays (second), ==, 0);
}

static void
test_directory (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autofree char *text = clove_localnet_format_directory (net->localnet);
  g_autoptr (JsonNode) root = json_from_string (text, NULL);
  JsonObject *object = json_node_get_object (root);
  JsonArray *relays = json_object_get_array_member (object, "relays");
  guint n_exits = 0;

  g_assert_cmpint (json_object_get_int_member (object, "version"), ==, 2);
  g_assert_cmpuint (json_array_get_length (relays), ==, 6);
  for (guint i = 0; i < 6; i++) {
    JsonObject *relay = json_array_get_object_element (relays, i);
    g_autofree char *name = g_strdup_printf ("relay%u", i + 1);
    char address[CLOVE_ADDRESS_STRING_SIZE];

    clove_address_format (
      clove_local_relay_get_address (clove_localnet_get_relay (net->localnet, i)), address);
    g_assert_cmpstr (json_object_get_string_member (relay, "name"), ==, name);
    g_assert_cmpstr (json_object_get_string_member (relay, "address"), ==, address);
    g_assert_cmpuint (strlen (json_object_get_string_member (relay, "pubkey")), ==, 64);
    n_exits += json_array_get_length (json_object_get_array_member (relay, "roles")) == 3 ? 1 : 0;
  }
  g_assert_cmpuint (n_exits, ==, 2);
}

static void
test_page (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (CloveCircuit) circuit = test_net_build (net);
  g_autoptr (TestReply) reply = test_net_fetch (net, circuit, "demo.ton", "/");

  g_assert_no_error (reply->error);
  g_assert_cmpuint (reply->status, ==, 200);
  g_assert_true (test_reply_contains (reply, "</html>"));
  for (guint i = 1; i <= 6; i++)
    g_assert_cmpuint (test_net_count (net, i).n_circuits, ==,
                      i == 1 || i == 2 || i == 6 ? 1 : 0);
  g_assert_cmpuint (test_net_count (net, 6).n_requests, ==, 1);
}

static void
assert_host (const TestReply *reply, const char *host, const char *refusal)
{
  if (refusal != NULL) {
    g_assert_error (reply->error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_SITE);
    g_assert_nonnull (strstr (reply->error->message, refusal));
    return;
  }
  g_assert_no_error (reply->error);
  g_assert_cmpuint (reply->body_size, ==, strlen (host) + 1);
  g_assert_cmpmem (reply->body, strlen (host), host, strlen (host));
}

static void
test_hosts (void)
{
  static const struct {
    const char *host;
    const char *refusal;
  } cases[] = {
    { "demo.ton", NULL },
    { "any-thing.adnl", NULL },
    { "user.t.me", NULL },
    { "x.nx.ton", "DNS resolution failed" },
    { "x.norecord.ton", "no site record found" },
    { "0123456789abcdef.invalid", "invalid domain format" },
    { "example.com", "invalid domain format" },
  };
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (CloveCircuit) circuit = test_net_build (net);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (TestReply) reply = test_net_fetch (net, circuit, cases[i].host, "/host");

    g_test_message ("%s", cases[i].host);
    assert_host (reply, cases[i].host, cases[i].refusal);
  }
}

/* A reply of many chunks comes whole, and not faster than the path bears. */
static void
test_large (void)
{
  enum { SIZE = 3000000 };
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (CloveCircuit) circuit = test_net_build (net);
  gint64 start_us = clove_clock_now_us (net->clock);
  g_autoptr (TestReply) reply = test_net_fetch (net, circuit, "demo.ton", "/bytes/3000000");
  g_autofree guint8 *expected = g_malloc (SIZE);
  gint64 least_us = SIZE / 6000 / CLOVE_LOCAL_PACER_BURST * CLOVE_LOCAL_PACER_PAUSE_US;

  clove_demo_file_fill (SIZE, 0, expected, SIZE);
  g_assert_no_error (reply->error);
  g_assert_cmpmem (reply->body, reply->body_size, expected, SIZE);
  g_assert_cmpint (clove_clock_now_us (net->clock) - start_us, >=, least_us);
}

static void
test_post (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (CloveCircuit) circuit = test_net_build (net);
  g_autoptr (TestReply) chunked = test_net_send (
    circuit, "demo.ton",
    "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n");
  g_autoptr (TestReply) sized = test_net_send (
    circuit, "demo.ton", "POST /echo HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody");
  g_autoptr (TestReply) malformed = test_net_send (circuit, "demo.ton", "POST\r\n\r\n");

  test_net_wait (net, chunked);
  test_net_wait (net, sized);
  test_net_wait (net, malformed);
  g_assert_no_error (chunked->error);
  g_assert_true (memcmp (chunked->body + chunked->body_size - 4, "body", 4) == 0);
  g_assert_no_error (sized->error);
  g_assert_true (memcmp (sized->body + sized->body_size - 4, "body", 4) == 0);
  g_assert_cmpuint (malformed->status, ==, 400);
}

static void
test_redirects (void)
{
  static const struct {
    const char *path;
    guint status;
    const char *body;
  } cases[] = {
    { "/redirect/3", 200, "GET /echo" },
    { "/redirect/10", 200, "GET /echo" },
    { "/redirect/11", 502, "RLDP Error: stopped after 10 redirects" },
    { "/redirect/loop", 502, "RLDP Error: stopped after 10 redirects" },
    { "/redirect/https", 502, "RLDP Error: unsupported protocol scheme" },
    { "/redirect/nowhere", 502, "RLDP Error: DNS resolution failed" },
    { "/redirect/clearnet", 502, "RLDP Error: invalid domain format" },
    { "/redirect/other", 200, "Host: other.ton" },
    { "/broken", 502, "RLDP Error: unexpected EOF" },
  };
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (CloveCircuit) circuit = test_net_build (net);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (TestReply) reply = test_net_fetch (net, circuit, "demo.ton", cases[i].path);

    g_test_message ("%s", cases[i].path);
    g_assert_no_error (reply->error);
    g_assert_cmpuint (reply->status, ==, cases[i].status);
    g_assert_true (test_reply_contains (reply, cases[i].body));
  }
}

static void
test_slow (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (CloveCircuit) circuit = test_net_build (net);
  gint64 start_us = clove_clock_now_us (net->clock);
  g_autoptr (TestReply) reply = test_net_fetch (net, circuit, "demo.ton", "/slow/5000");

  g_assert_no_error (reply->error);
  g_assert_cmpuint (reply->status, ==, 200);
  g_assert_cmpint (clove_clock_now_us (net->clock) - start_us, >=, 5 * G_USEC_PER_SEC);
}

/* Closing a circuit frees it at all three relays, its streams included. */
static void
test_destroy (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (CloveCircuit) circuit = test_net_build (net);
  g_autoptr (TestReply) reply = test_net_fetch (net, circuit, "demo.ton", "/headers");

  g_assert_no_error (reply->error);
  g_assert_cmpuint (test_net_count (net, 6).n_streams, ==, 1);
  clove_circuit_close (circuit);
  test_loop_settle ();
  g_assert_cmpuint (test_net_count (net, 1).n_circuits, ==, 0);
  g_assert_cmpuint (test_net_count (net, 2).n_circuits, ==, 0);
  g_assert_cmpuint (test_net_count (net, 6).n_circuits, ==, 0);
  g_assert_cmpuint (test_net_count (net, 6).n_streams, ==, 0);
}

/* A client that vanishes without a word is forgotten after ten idle minutes, not before. */
static void
test_expiry (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autoptr (CloveCircuit) circuit = test_net_build (net);

  test_net_command (net, "freeze relay1");
  clove_circuit_close (circuit);
  test_loop_settle ();
  test_net_command (net, "revive relay1");
  for (guint i = 0; i < 9; i++) {
    clove_clock_advance (net->clock, 60 * G_USEC_PER_SEC);
    test_loop_settle ();
  }
  g_assert_cmpuint (test_net_count (net, 1).n_circuits, ==, 1);
  g_assert_cmpuint (test_net_count (net, 6).n_circuits, ==, 1);
  clove_clock_advance (net->clock, 3 * 60 * G_USEC_PER_SEC);
  g_assert_cmpuint (test_net_count (net, 1).n_circuits, ==, 0);
  g_assert_cmpuint (test_net_count (net, 2).n_circuits, ==, 0);
  g_assert_cmpuint (test_net_count (net, 6).n_circuits, ==, 0);
}

static void
test_list (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autofree char *list = NULL;
  g_auto (GStrv) lines = NULL;
  static const struct {
    guint line;
    const char *text;
  } expected[] = {
    { 0, " dead received=0" },
    { 1, " frozen received=" },
    { 2, " alive delay=5 drop=10 reorder=20 corrupt=30 received=" },
    { 4, " entry,middle,exit alive lie impersonate error received=" },
    { 5, " entry,middle,exit alive received=" },
  };

  test_net_command (net, "kill relay1");
  test_net_command (net, "freeze relay2");
  test_net_command (net, "delay relay3 5");
  test_net_command (net, "drop relay3 10");
  test_net_command (net, "reorder relay3 20");
  test_net_command (net, "corrupt relay3 30");
  test_net_command (net, "lie relay5");
  test_net_command (net, "impersonate relay5");
  test_net_command (net, "error relay5");
  list = clove_localnet_execute (net->localnet, "list");
  lines = g_strsplit (list, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 8);
  g_assert_cmpstr (lines[6], ==, "ok");
  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_nonnull (strstr (lines[expected[i].line], expected[i].text));
}

static void
test_command_errors (void)
{
  g_autoptr (TestNet) net = test_net_new (&sound);
  g_autofree char *unknown = clove_localnet_execute (net->localnet, "kill relay7");
  g_autofree char *malformed = clove_localnet_execute (net->localnet, "kill");

  g_assert_cmpstr (unknown, ==, "error: there is no relay “relay7”\n");
  g_assert_cmpstr (malformed, ==, "error: usage: kill NAME\n");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/localnet/localnet/new-destroy", test_new_destroy);
  g_test_add_func ("/clove/localnet/localnet/options", test_options);
  g_test_add_func ("/clove/localnet/localnet/ports-taken", test_ports_taken);
  g_test_add_func ("/clove/localnet/localnet/directory", test_directory);
  g_test_add_func ("/clove/localnet/localnet/page", test_page);
  g_test_add_func ("/clove/localnet/localnet/hosts", test_hosts);
  g_test_add_func ("/clove/localnet/localnet/large", test_large);
  g_test_add_func ("/clove/localnet/localnet/post", test_post);
  g_test_add_func ("/clove/localnet/localnet/redirects", test_redirects);
  g_test_add_func ("/clove/localnet/localnet/slow", test_slow);
  g_test_add_func ("/clove/localnet/localnet/destroy", test_destroy);
  g_test_add_func ("/clove/localnet/localnet/expiry", test_expiry);
  g_test_add_func ("/clove/localnet/localnet/list", test_list);
  g_test_add_func ("/clove/localnet/localnet/command-errors", test_command_errors);
  return g_test_run ();
}
