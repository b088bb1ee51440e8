/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A real HTTP(S) server on loopback and a directory that loads from it, in one main context. Time
 * is a fake clock's, so that nothing waits for a deadline.
 */
#pragma once

#include "clove-directory-error.h"
#include "clove-directory.h"

#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <string.h>

/* The public keys of the first four seeds of RFC 8032, section 7.1. */
#define KEY_1 "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define KEY_2 "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
#define KEY_3 "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"
#define KEY_4 "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e"
#define RELAY(name, key, address)                                              \
  "{\"name\":\"" name "\",\"pubkey\":\"" key "\",\"address\":\"" address "\"," \
  "\"roles\":[\"entry\",\"middle\",\"exit\"]}"
#define RELAY_1         RELAY ("one", KEY_1, "192.0.2.1:9001")
#define RELAY_2         RELAY ("two", KEY_2, "192.0.2.2:9001")
#define RELAY_3         RELAY ("three", KEY_3, "192.0.2.3:9001")
#define RELAY_4         RELAY ("four", KEY_4, "192.0.2.4:9001")
#define LIST_OF(relays) "{\"version\":2,\"updated\":\"2026-01-31\",\"relays\":[" relays "]}"
#define THREE           LIST_OF (RELAY_1 "," RELAY_2 "," RELAY_3)
#define FOUR            LIST_OF (RELAY_1 "," RELAY_2 "," RELAY_3 "," RELAY_4)

/* All tests together need a tenth of this, but under a sanitizer. */
#define HANG_S  100
#define HOUR_US (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)

typedef struct {
  SoupServer *server;
  char *base;      /* http://127.0.0.1:port */
  char *tls_base;  /* https://127.0.0.1:port */
  char *redirect;  /* Location of the answer to /redirect */
  const char *now; /* path that /now stands for */
  char *folder;    /* temporary */
  char *cache;     /* below it, not there yet */
  GTlsDatabase *trusts_server;
  CloveClock *clock;
  CloveDirectory *directory;
  guint n_requests;
  guint n_finished;
  guint n_changed;
  gsize n_written;
} Fixture;

static inline gboolean
on_hang (gpointer user_data)
{
  g_error ("the test hangs");
  return G_SOURCE_REMOVE;
}

static void
serve_text (SoupServerMessage *message, const char *text)
{
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, text,
                                    strlen (text));
}

static void
on_wrote_chunk (SoupServerMessage *message, gpointer user_data)
{
  static const char spaces[65536] = { ' ' };
  Fixture *f = user_data;
  SoupMessageBody *body = soup_server_message_get_response_body (message);

  f->n_written += sizeof spaces;
  soup_message_body_append (body, SOUP_MEMORY_STATIC, spaces, sizeof spaces);
  soup_server_message_unpause (message);
}

/* Sends without end, as fast as the client reads. */
static void
serve_endless (Fixture *f, SoupServerMessage *message)
{
  SoupMessageBody *body = soup_server_message_get_response_body (message);

  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_message_headers_set_encoding (soup_server_message_get_response_headers (message),
                                     SOUP_ENCODING_CHUNKED);
  soup_message_body_set_accumulate (body, FALSE);
  g_signal_connect (message, "wrote-chunk", G_CALLBACK (on_wrote_chunk), f);
  soup_message_body_append (body, SOUP_MEMORY_STATIC, " ", 1);
}

static void
serve_status (SoupServerMessage *message, const char *path)
{
  guint status = (guint) g_ascii_strtoull (path + strlen ("/status/"), NULL, 10);

  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_STATIC, THREE,
                                    strlen (THREE));
}

static void
serve_silence (SoupServerMessage *message, gboolean with_head)
{
  if (with_head) {
    soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
    soup_message_headers_set_encoding (soup_server_message_get_response_headers (message),
                                       SOUP_ENCODING_CHUNKED);
    soup_message_body_append (soup_server_message_get_response_body (message), SOUP_MEMORY_STATIC,
                              "{", 1);
  } else {
    soup_server_message_pause (message);
  }
}

static void
serve_huge (SoupServerMessage *message)
{
  g_autofree char *spaces = g_strnfill (CLOVE_RELAY_LIST_MAX_SIZE + 1, ' ');

  serve_text (message, spaces);
}

static void
on_finished (SoupServerMessage *message, gpointer user_data)
{
  Fixture *f = user_data;

  f->n_finished++;
}

static void
on_request (SoupServer *server,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer user_data)
{
  Fixture *f = user_data;

  f->n_requests++;
  if (g_str_equal (path, "/now"))
    path = f->now;
  g_signal_connect (message, "finished", G_CALLBACK (on_finished), f);
  if (g_str_equal (path, "/three"))
    serve_text (message, THREE);
  else if (g_str_equal (path, "/four"))
    serve_text (message, FOUR);
  else if (g_str_equal (path, "/two"))
    serve_text (message, LIST_OF (RELAY_1 "," RELAY_2));
  else if (g_str_equal (path, "/text"))
    serve_text (message, "<html>");
  else if (g_str_equal (path, "/empty"))
    serve_text (message, "");
  else if (g_str_equal (path, "/huge"))
    serve_huge (message);
  else if (g_str_equal (path, "/endless"))
    serve_endless (f, message);
  else if (g_str_equal (path, "/silent") || g_str_equal (path, "/stalls"))
    serve_silence (message, g_str_equal (path, "/stalls"));
  else if (g_str_equal (path, "/redirect"))
    soup_server_message_set_redirect (message, SOUP_STATUS_FOUND, f->redirect);
  else
    serve_status (message, path);
}

static void
on_changed (CloveDirectory *directory, gpointer user_data)
{
  Fixture *f = user_data;

  g_assert_nonnull (clove_directory_get_list (directory));
  f->n_changed++;
}

/* Replaces the directory by a new one, as the next start of the program would. */
static inline void
restart (Fixture *f)
{
  if (f->directory != NULL)
    g_assert_finalize_object (f->directory);
  f->directory = clove_directory_new (f->clock, f->cache);
  g_signal_connect (f->directory, "changed", G_CALLBACK (on_changed), f);
  f->n_changed = 0;
}

static char *
get_base (SoupServer *server, const char *scheme)
{
  g_autoslist (GUri) uris = soup_server_get_uris (server);

  for (GSList *i = uris; i != NULL; i = i->next) {
    if (g_str_equal (g_uri_get_scheme (i->data), scheme))
      return g_strdup_printf ("%s://127.0.0.1:%d", scheme, g_uri_get_port (i->data));
  }
  g_assert_not_reached ();
}

static inline void
set_up (Fixture *f, gconstpointer user_data)
{
  g_autofree char *cert = g_test_build_filename (G_TEST_DIST, "data/tls/cert.pem", NULL);
  g_autofree char *key = g_test_build_filename (G_TEST_DIST, "data/tls/key.pem", NULL);
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GError) error = NULL;

  certificate = g_tls_certificate_new_from_files (cert, key, &error);
  g_assert_no_error (error);
  f->trusts_server = g_tls_file_database_new (cert, &error);
  g_assert_no_error (error);
  f->server = soup_server_new ("tls-certificate", certificate, NULL);
  soup_server_add_handler (f->server, NULL, on_request, f, NULL);
  soup_server_listen_local (f->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  soup_server_listen_local (f->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY | SOUP_SERVER_LISTEN_HTTPS,
                            &error);
  g_assert_no_error (error);
  f->base = get_base (f->server, "http");
  f->tls_base = get_base (f->server, "https");
  f->folder = g_dir_make_tmp ("clove-directory-XXXXXX", &error);
  g_assert_no_error (error);
  f->cache = g_build_filename (f->folder, "a", "b", NULL);
  f->clock = clove_clock_new_fake ();
  restart (f);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL
                                                                    : g_dir_open (path, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    remove_tree (child);
  }
  g_assert_cmpint (g_remove (path), ==, 0);
}

static inline void
tear_down (Fixture *f, gconstpointer user_data)
{
  g_assert_finalize_object (f->directory);
  soup_server_disconnect (f->server);
  g_clear_object (&f->server);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_pointer (&f->clock, clove_clock_unref);
  g_clear_object (&f->trusts_server);
  remove_tree (f->folder);
  g_free (f->base);
  g_free (f->tls_base);
  g_free (f->redirect);
  g_free (f->folder);
  g_free (f->cache);
}

typedef struct {
  gboolean has_ended;
  gboolean is_good;
  GError *error;
} Outcome;

static inline void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Outcome *outcome = user_data;

  outcome->is_good =
    clove_directory_load_finish (CLOVE_DIRECTORY (source), result, &outcome->error);
  g_assert_cmpint (outcome->is_good, ==, outcome->error == NULL);
  outcome->has_ended = TRUE;
}

static inline void
run_until (const gboolean *flag)
{
  while (!*flag)
    g_main_context_iteration (NULL, TRUE);
}

static inline gboolean
load (Fixture *f, const char *base, const char *path, GError **error)
{
  g_autofree char *location = g_strconcat (base, path, NULL);
  Outcome outcome = { 0 };

  clove_directory_load_async (f->directory, location, NULL, on_loaded, &outcome);
  run_until (&outcome.has_ended);
  if (outcome.error != NULL)
    g_test_message ("%s: %s", path, outcome.error->message);
  if (outcome.error != NULL)
    g_propagate_error (error, outcome.error);
  return outcome.is_good;
}

static inline guint
count_relays (Fixture *f)
{
  CloveRelayList *list = clove_directory_get_list (f->directory);

  return list != NULL ? clove_relay_list_get_n_relays (list) : 0;
}
