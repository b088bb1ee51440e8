/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the directory takes from a server or a file, and what it refuses. */
#include "config.h"

#include "clove-directory-cache.h"
#include "directory-fixture.h"

#include <sys/stat.h>

static void
test_new_destroy (void)
{
  g_autoptr (CloveClock) clock = clove_clock_new_fake ();
  CloveDirectory *directory = clove_directory_new (clock, NULL);

  g_assert_null (clove_directory_get_list (directory));
  g_assert_null (clove_directory_get_problem (directory));
  g_assert_null (clove_directory_get_location (directory));
  g_assert_cmpint (clove_directory_get_age_s (directory), ==, -1);
  g_assert_cmpint (clove_directory_get_origin (directory), ==, CLOVE_DIRECTORY_ORIGIN_NONE);
  g_assert_finalize_object (directory);
}

static void
test_good (Fixture *f, gconstpointer user_data)
{
  g_autofree char *path = clove_directory_cache_get_path (f->cache);
  g_autofree char *location = g_strconcat (f->base, "/three", NULL);
  g_autoptr (GError) error = NULL;
  struct stat status = { 0 };

  g_assert_true (load (f, f->base, "/three", &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count_relays (f), ==, 3);
  g_assert_cmpuint (f->n_changed, ==, 1);
  g_assert_cmpint (clove_directory_get_origin (f->directory), ==, CLOVE_DIRECTORY_ORIGIN_FETCHED);
  g_assert_cmpstr (clove_directory_get_location (f->directory), ==, location);
  g_assert_null (clove_directory_get_problem (f->directory));
  g_assert_cmpint (clove_directory_get_age_s (f->directory), ==, 0);
  clove_clock_advance (f->clock, HOUR_US);
  g_assert_cmpint (clove_directory_get_age_s (f->directory), ==, 3600);

  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);
  g_assert_cmpint (g_stat (f->cache, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0700);
}

static void
on_got_headers (SoupServer *server, SoupServerMessage *message, gpointer user_data)
{
  gboolean *is_checked = user_data;
  static const char *const absent[] = {
    "User-Agent",
    "Cookie",
    "Accept-Language",
    "Accept-Encoding",
    "Referer",
    "Authorization",
    "From",
    "Via",
  };
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  for (guint i = 0; i < G_N_ELEMENTS (absent); i++)
    g_assert_null (soup_message_headers_get_one (headers, absent[i]));
  *is_checked = TRUE;
}

static void
test_says_little (Fixture *f, gconstpointer user_data)
{
  gboolean is_checked = FALSE;

  g_signal_connect (f->server, "request-read", G_CALLBACK (on_got_headers), &is_checked);
  g_assert_true (load (f, f->base, "/three", NULL));
  g_assert_true (is_checked);
}

static const struct {
  const char *path;
  CloveDirectoryError code;
  const char *message; /* part of it */
} refused[] = {
  { "/status/404", CLOVE_DIRECTORY_ERROR_UNAVAILABLE, "the server answered 404 Not Found" },
  { "/status/500", CLOVE_DIRECTORY_ERROR_UNAVAILABLE, "500" },
  { "/status/204", CLOVE_DIRECTORY_ERROR_UNAVAILABLE, "204" },
  { "/status/304", CLOVE_DIRECTORY_ERROR_UNAVAILABLE, "304" },
  { "/status/401", CLOVE_DIRECTORY_ERROR_UNAVAILABLE, "401" },
  { "/status/302", CLOVE_DIRECTORY_ERROR_UNAVAILABLE, "redirects" },
  { "/text", CLOVE_DIRECTORY_ERROR_NOT_JSON, "JSON" },
  { "/empty", CLOVE_DIRECTORY_ERROR_NOT_JSON, "ends early" },
  { "/two", CLOVE_DIRECTORY_ERROR_TOO_FEW_RELAYS, "only 2" },
  { "/huge", CLOVE_DIRECTORY_ERROR_TOO_LARGE, "10000000" },
  { "/endless", CLOVE_DIRECTORY_ERROR_TOO_LARGE, "10000000" },
};

/* At the first start there is nothing to fall back to. */
static void
test_refused (Fixture *f, gconstpointer user_data)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (load (f, f->base, refused[i].path, &error));
    g_assert_error (error, CLOVE_DIRECTORY_ERROR, (int) refused[i].code);
    g_assert_nonnull (strstr (error->message, refused[i].message));
    g_assert_nonnull (strstr (error->message, "copy from before cannot be used"));
    g_assert_error (clove_directory_get_problem (f->directory), CLOVE_DIRECTORY_ERROR,
                    (int) refused[i].code);
    g_assert_null (clove_directory_get_list (f->directory));
  }
  g_assert_cmpuint (f->n_changed, ==, 0);
  g_assert_cmpuint (f->n_requests, ==, G_N_ELEMENTS (refused));
}

static void
test_old_list_stays (Fixture *f, gconstpointer user_data)
{
  CloveRelayList *list = NULL;

  g_assert_true (load (f, f->base, "/three", NULL));
  list = clove_directory_get_list (f->directory);
  clove_clock_advance (f->clock, HOUR_US);
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_true (load (f, f->base, refused[i].path, &error));
    g_assert_no_error (error);
    g_assert_true (clove_directory_get_list (f->directory) == list);
    g_assert_error (clove_directory_get_problem (f->directory), CLOVE_DIRECTORY_ERROR,
                    (int) refused[i].code);
    g_assert_cmpint (clove_directory_get_age_s (f->directory), >=, 3600);
  }
  g_assert_cmpuint (f->n_changed, ==, 1);
  g_assert_true (load (f, f->base, "/four", NULL));
  g_assert_cmpuint (count_relays (f), ==, 4);
  g_assert_cmpuint (f->n_changed, ==, 2);
  g_assert_null (clove_directory_get_problem (f->directory));
  g_assert_cmpint (clove_directory_get_age_s (f->directory), ==, 0);
}

/* Reading must stop at the bound, whatever the server still has. */
static void
test_endless_is_cut (Fixture *f, gconstpointer user_data)
{
  g_assert_false (load (f, f->base, "/endless", NULL));
  /* What the sockets between hold comes on top of the bound. */
  while (f->n_finished == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (f->n_written, >=, CLOVE_RELAY_LIST_MAX_SIZE);
  g_assert_cmpuint (f->n_written, <, (gsize) 2 * CLOVE_RELAY_LIST_MAX_SIZE);
}

static void
test_timeout (Fixture *f, gconstpointer user_data)
{
  static const char *const paths[] = { "/silent", "/stalls", "/endless" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_autofree char *location = g_strconcat (f->base, paths[i], NULL);
    Outcome outcome = { 0 };

    f->n_requests = 0;
    clove_directory_load_async (f->directory, location, NULL, on_loaded, &outcome);
    while (f->n_requests == 0)
      g_main_context_iteration (NULL, TRUE);
    clove_clock_advance (f->clock, CLOVE_DIRECTORY_TIMEOUT_US - 1);
    while (g_str_equal (paths[i], "/silent") && g_main_context_iteration (NULL, FALSE))
      ;
    g_assert_false (outcome.has_ended);
    clove_clock_advance (f->clock, 1);
    run_until (&outcome.has_ended);
    g_assert_error (outcome.error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_TIMED_OUT);
    g_clear_error (&outcome.error);
    /* No timer is left over. */
    g_assert_false (clove_clock_advance_to_next (f->clock));
  }
}

static void
test_cancel (Fixture *f, gconstpointer user_data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *location = g_strconcat (f->base, "/silent", NULL);
  Outcome first = { 0 };
  Outcome second = { 0 };

  clove_directory_load_async (f->directory, location, cancellable, on_loaded, &first);
  while (f->n_requests == 0)
    g_main_context_iteration (NULL, TRUE);

  clove_directory_load_async (f->directory, location, NULL, on_loaded, &second);
  run_until (&second.has_ended);
  g_assert_error (second.error, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_clear_error (&second.error);

  g_assert_false (first.has_ended);
  g_cancellable_cancel (cancellable);
  run_until (&first.has_ended);
  g_assert_error (first.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&first.error);
  g_assert_null (clove_directory_get_problem (f->directory));

  /* Cancelled before it began, and by then free for another load. */
  first.has_ended = FALSE;
  clove_directory_load_async (f->directory, location, cancellable, on_loaded, &first);
  run_until (&first.has_ended);
  g_assert_error (first.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&first.error);
  g_assert_true (load (f, f->base, "/three", NULL));
}

static void
test_https (Fixture *f, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (load (f, f->tls_base, "/three", &error));
  g_assert_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "certificate"));
  g_assert_cmpuint (f->n_requests, ==, 0);

  clove_directory_set_tls_database (f->directory, f->trusts_server);
  g_assert_true (load (f, f->tls_base, "/three", NULL));
  g_assert_cmpuint (count_relays (f), ==, 3);
}

static void
test_redirect (Fixture *f, gconstpointer user_data)
{
  static const char *const bad[] = {
    "http://127.0.0.1:1/three",
    "http://192.0.2.1/three",
    "//127.0.0.1/three",
    "/three",
    "file:///etc/passwd",
    "data:application/json,",
    "https:///three",
    "https://u:p@127.0.0.1:1/x",
  };

  clove_directory_set_tls_database (f->directory, f->trusts_server);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_free (f->redirect);
    f->redirect = g_strdup (bad[i]);
    f->n_requests = 0;
    g_assert_false (load (f, f->base, "/redirect", &error));
    g_assert_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_UNAVAILABLE);
    g_assert_nonnull (strstr (error->message, "redirects to where https does not protect"));
    g_assert_cmpuint (f->n_requests, ==, 1);
  }

  g_free (f->redirect);
  f->redirect = g_strconcat (f->tls_base, "/three", NULL);
  g_assert_true (load (f, f->base, "/redirect", NULL));
  g_assert_cmpuint (count_relays (f), ==, 3);
  /* From https to https, relative. */
  g_free (f->redirect);
  f->redirect = g_strdup ("/four");
  g_assert_true (load (f, f->tls_base, "/redirect", NULL));
  g_assert_cmpuint (count_relays (f), ==, 4);
}

static void
test_redirect_loop (Fixture *f, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;

  clove_directory_set_tls_database (f->directory, f->trusts_server);
  f->redirect = g_strdup ("/redirect");
  g_assert_false (load (f, f->tls_base, "/redirect", &error));
  g_assert_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "again and again"));
  g_assert_cmpuint (f->n_requests, ==, 6);
}

static void
test_bad_locations (Fixture *f, gconstpointer user_data)
{
  static const char *const bad[] = {
    "http://192.0.2.1/relays.json",
    "http://127.0.0.1.example/relays.json",
    "http://localhost.example/relays.json",
    "ftp://127.0.0.1/relays.json",
    "https://",
    "https:///relays.json",
    "https://user:password@127.0.0.1/relays.json",
    "://",
    "file://elsewhere.example/relays.json",
    "file:relative",
  };

  g_assert_true (load (f, f->base, "/three", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (load (f, bad[i], "", &error));
    g_assert_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_BAD_LOCATION);
  }
  g_assert_cmpuint (count_relays (f), ==, 3);
}

static void
test_file (Fixture *f, gconstpointer user_data)
{
  g_autofree char *path = g_build_filename (f->folder, "my relays.json", NULL);
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, THREE, -1, NULL));
  g_assert_true (load (f, path, "", &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count_relays (f), ==, 3);
  g_assert_cmpint (clove_directory_get_origin (f->directory), ==, CLOVE_DIRECTORY_ORIGIN_FILE);

  g_assert_true (g_file_set_contents (path, FOUR, -1, NULL));
  g_assert_true (load (f, uri, "", NULL));
  g_assert_cmpuint (count_relays (f), ==, 4);
  /* A file of the user's needs no copy. */
  g_assert_false (g_file_test (f->cache, G_FILE_TEST_EXISTS));

  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_true (load (f, path, "", NULL));
  g_assert_cmpuint (count_relays (f), ==, 4);
  g_assert_error (clove_directory_get_problem (f->directory), CLOVE_DIRECTORY_ERROR,
                  CLOVE_DIRECTORY_ERROR_UNAVAILABLE);
}

static void
test_bad_files (Fixture *f, gconstpointer user_data)
{
  g_autofree char *fifo = g_build_filename (f->folder, "fifo", NULL);
  g_autofree char *huge = g_build_filename (f->folder, "huge", NULL);
  g_autofree char *missing = g_build_filename (f->folder, "missing", NULL);
  g_autofree char *spaces = g_strnfill (CLOVE_RELAY_LIST_MAX_SIZE + 1, ' ');
  const struct {
    const char *path;
    CloveDirectoryError code;
  } files[] = {
    { fifo, CLOVE_DIRECTORY_ERROR_UNAVAILABLE },
    { f->folder, CLOVE_DIRECTORY_ERROR_UNAVAILABLE },
    { "/dev/zero", CLOVE_DIRECTORY_ERROR_UNAVAILABLE },
    { missing, CLOVE_DIRECTORY_ERROR_UNAVAILABLE },
    { huge, CLOVE_DIRECTORY_ERROR_TOO_LARGE },
    { "", CLOVE_DIRECTORY_ERROR_UNAVAILABLE },
  };

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_true (g_file_set_contents (huge, spaces, -1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (load (f, files[i].path, "", &error));
    g_assert_error (error, CLOVE_DIRECTORY_ERROR, (int) files[i].code);
  }
}

typedef struct {
  char *location;
  guint n_relays;
  gint has_ended; /* atomic */
} Worker;

static gpointer
load_in_worker (gpointer user_data)
{
  Worker *worker = user_data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (CloveClock) clock = NULL;
  CloveDirectory *directory = NULL;
  Outcome outcome = { 0 };

  g_main_context_push_thread_default (context);
  clock = clove_clock_new (context);
  directory = clove_directory_new (clock, NULL);
  clove_directory_load_async (directory, worker->location, NULL, on_loaded, &outcome);
  while (!outcome.has_ended)
    g_main_context_iteration (context, TRUE);
  g_assert_no_error (outcome.error);
  worker->n_relays = clove_relay_list_get_n_relays (clove_directory_get_list (directory));
  g_assert_finalize_object (directory);
  g_main_context_pop_thread_default (context);
  g_atomic_int_set (&worker->has_ended, TRUE);
  g_main_context_wakeup (NULL);
  return NULL;
}

/* All of it happens in the thread's own context: the main one serves and never loads. */
static void
test_worker_thread (Fixture *f, gconstpointer user_data)
{
  Worker worker = { .location = g_strconcat (f->base, "/four", NULL) };
  GThread *thread = g_thread_new ("worker", load_in_worker, &worker);

  while (!g_atomic_int_get (&worker.has_ended))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  g_assert_cmpuint (worker.n_relays, ==, 4);
  g_free (worker.location);
}

#define ADD(name, function) \
  g_test_add ("/clove/directory/fetch/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_timeout_add_seconds (HANG_S, on_hang, NULL);
  g_test_add_func ("/clove/directory/fetch/new-destroy", test_new_destroy);
  ADD ("good", test_good);
  ADD ("says-little", test_says_little);
  ADD ("refused", test_refused);
  ADD ("old-list-stays", test_old_list_stays);
  ADD ("endless-is-cut", test_endless_is_cut);
  ADD ("timeout", test_timeout);
  ADD ("cancel", test_cancel);
  ADD ("https", test_https);
  ADD ("redirect", test_redirect);
  ADD ("redirect-loop", test_redirect_loop);
  ADD ("bad-locations", test_bad_locations);
  ADD ("file", test_file);
  ADD ("bad-files", test_bad_files);
  ADD ("worker-thread", test_worker_thread);
  return g_test_run ();
}
