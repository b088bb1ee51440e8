/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "front.h"

#include "clove-circuit-backend.h"
#include "test-random.h"

#include <string.h>

const FrontOptions front_sound = { .n_relays = 5, .n_exits = 2, .seed = 1 };
const FrontOptions front_reference = {
  .n_relays = 5,
  .n_exits = 2,
  .seed = 1,
  .plays_reference = TRUE,
};

static void
start_keeper (Front *self, const FrontOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = clove_localnet_format_directory (self->net.localnet);
  g_autoptr (GBytes) json = g_bytes_new (text, strlen (text));

  self->relays = clove_relay_list_parse (json, &error);
  g_assert_no_error (error);
  self->random = clove_random_new_seeded (options->seed);
  self->blacklist = clove_blacklist_new (self->net.clock);
  self->keeper = clove_keeper_new (self->net.endpoint, self->net.clock, self->random,
                                   self->blacklist);
  if (options->n_attempts > 0)
    clove_keeper_set_max_attempts (self->keeper, options->n_attempts);
  clove_keeper_set_standby (self->keeper, options->has_standby);
  clove_keeper_set_keeps_entry (self->keeper, options->keeps_entry);
  clove_keeper_set_rotation (self->keeper, options->rotation_us);
  clove_keeper_set_relays (self->keeper, self->relays);
  clove_keeper_start (self->keeper);
}

static void
start_server (Front *self, const FrontOptions *options)
{
  g_autoptr (CloveBackend) circuits = clove_circuit_backend_new (self->keeper, self->net.clock);
  g_autoptr (CloveBackend) backend = clove_bulk_backend_new (circuits, self->net.clock);
  g_autoptr (GError) error = NULL;

  clove_circuit_backend_set_repeats (CLOVE_CIRCUIT_BACKEND (circuits), !options->repeats_nothing);
  clove_bulk_backend_set_repeats (CLOVE_BULK_BACKEND (backend), !options->repeats_nothing);
  self->bulk = CLOVE_BULK_BACKEND (backend);
  self->server = clove_server_new (self->net.clock);
  clove_server_set_backend (self->server, backend);
  clove_address_init_loopback (&self->address, 0);
  g_assert_true (clove_server_listen (self->server, &self->address, &error));
  g_assert_no_error (error);
  g_assert_true (clove_server_get_address (self->server, &self->address));
}

static void
give_commands (Front *self, const char *lines)
{
  g_auto (GStrv) commands = g_strsplit (lines, "\n", -1);

  for (guint i = 0; commands[i] != NULL; i++)
    test_net_command (&self->net, "%s", commands[i]);
}

/** front_set_up: Start everything and wait for the first circuit; a GTest fixture. */
void
front_set_up (Front *self, gconstpointer user_data)
{
  const FrontOptions *options = user_data;
  CloveLocalnetOptions localnet = {
    .n_relays = options->n_relays,
    .n_exits = options->n_exits,
    .seed = options->seed + 1000,
    .plays_reference = options->plays_reference,
  };

  /* Ports must be nobody else's: tests with the same seed run side by side. */
  test_net_set_up (&self->net, &localnet);
  test_random_seed (options->seed);
  if (options->faults != NULL)
    give_commands (self, options->faults);
  start_keeper (self, options);
  start_server (self, options);
  self->build_us = -front_now_us (self);
  test_loop_run_until (self->net.clock, front_is_ready, self);
  self->build_us += front_now_us (self);
}

/** front_tear_down: Stop everything; nothing may be left that holds a part of it. */
void
front_tear_down (Front *self, gconstpointer user_data)
{
  g_assert_finalize_object (self->server);
  clove_keeper_stop (self->keeper);
  test_loop_settle ();
  g_assert_finalize_object (self->keeper);
  clove_blacklist_unref (self->blacklist);
  clove_relay_list_unref (self->relays);
  clove_random_unref (self->random);
  test_net_tear_down (&self->net);
  test_random_unseed ();
}

/** front_new: (transfer full): Make a front that front_set_up() has set up. */
Front *
front_new (const FrontOptions *options)
{
  Front *self = g_new0 (Front, 1);

  front_set_up (self, options);
  return self;
}

/** front_free: Tear it down and free it. */
void
front_free (Front *self)
{
  front_tear_down (self, NULL);
  g_free (self);
}

/** front_now_us: Get the fake time. */
gint64
front_now_us (Front *self)
{
  return clove_clock_now_us (self->net.clock);
}

/** front_is_ready: A TestCondition: a circuit is live and none is being built. */
gboolean
front_is_ready (gpointer user_data)
{
  return clove_keeper_get_state (((Front *) user_data)->keeper) == CLOVE_KEEPER_READY;
}

/** front_get_hop: (transfer none): Get the name of the relay at @hop of the live circuit. */
const char *
front_get_hop (Front *self, guint hop)
{
  return clove_circuit_get_hop_name (clove_keeper_get_circuit (self->keeper), hop);
}

/** front_is_banned: Tell whether the relay called @name is blacklisted. */
gboolean
front_is_banned (Front *self, const char *name)
{
  CloveRelay *relay = clove_relay_list_find (self->relays, name, NULL);

  g_assert_nonnull (relay);
  return clove_blacklist_is_blacklisted (self->blacklist, clove_relay_get_address (relay));
}

static gboolean
lose (guint8 *data, gsize size, const CloveAddress *peer, gboolean is_outgoing, gpointer user_data)
{
  return FALSE;
}

/** front_set_deaf: Let no datagram in or out, as when the network is gone and nobody says so. */
void
front_set_deaf (Front *self, gboolean is_deaf)
{
  clove_adnl_endpoint_set_filter (self->net.endpoint, is_deaf ? lose : NULL, NULL);
}

/** front_begin: (transfer full): Send @request on a connection of its own. */
Browser *
front_begin (Front *self, const char *request)
{
  Browser *browser = browser_new (&self->address);

  test_loop_settle ();
  browser_send (browser, request);
  return browser;
}

/** front_ask: (transfer full): Send @request on a connection of its own and wait for the reply. */
Browser *
front_ask (Front *self, const char *request)
{
  Browser *browser = front_begin (self, request);

  test_loop_run_until (self->net.clock, browser_has_replies, browser);
  return browser;
}

/** front_get: (transfer full): GET @path of the demo site and wait for the reply. */
Browser *
front_get (Front *self, const char *path)
{
  g_autofree char *request =
    g_strdup_printf ("GET http://demo.ton%s HTTP/1.1\r\nHost: demo.ton\r\n\r\n", path);

  return front_ask (self, request);
}

/** front_have_all_replies: A TestCondition: every one of an array of browsers has its replies. */
gboolean
front_have_all_replies (gpointer user_data)
{
  GPtrArray *browsers = user_data;

  for (guint i = 0; i < browsers->len; i++) {
    if (!browser_has_replies (g_ptr_array_index (browsers, i)))
      return FALSE;
  }
  return TRUE;
}
