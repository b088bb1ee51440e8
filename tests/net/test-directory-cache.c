/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The copy of an earlier run, when a list cannot be had. */
#include "config.h"

#include "clove-directory-cache.h"
#include "directory-fixture.h"

static void
test_copy_of_earlier_run (Fixture *f, gconstpointer user_data)
{
  g_autofree char *location = g_strconcat (f->base, "/three", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (load (f, f->base, "/three", NULL));
  clove_clock_advance (f->clock, 24 * HOUR_US);
  soup_server_disconnect (f->server);

  restart (f);
  g_assert_true (load (f, f->base, "/three", &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count_relays (f), ==, 3);
  g_assert_cmpuint (f->n_changed, ==, 1);
  g_assert_cmpint (clove_directory_get_origin (f->directory), ==, CLOVE_DIRECTORY_ORIGIN_CACHE);
  g_assert_cmpint (clove_directory_get_age_s (f->directory), ==, 86400);
  g_assert_cmpstr (clove_directory_get_location (f->directory), ==, location);
  g_assert_error (clove_directory_get_problem (f->directory), CLOVE_DIRECTORY_ERROR,
                  CLOVE_DIRECTORY_ERROR_UNAVAILABLE);

  /* The copy of one directory is not another's. */
  restart (f);
  g_assert_false (load (f, f->base, "/four", &error));
  g_assert_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "another directory"));
}

static void
test_copy_for_refused_list (Fixture *f, gconstpointer user_data)
{
  g_autofree char *location = g_strconcat (f->base, "/text", NULL);
  g_autoptr (GBytes) json = g_bytes_new_static (THREE, strlen (THREE));
  g_autoptr (CloveRelayList) list = clove_relay_list_parse (json, NULL);
  g_autofree char *text = clove_directory_cache_format (list, location, 5);

  g_assert_true (clove_directory_cache_write (f->cache, text, NULL));
  g_assert_true (load (f, f->base, "/text", NULL));
  g_assert_cmpuint (count_relays (f), ==, 3);
  g_assert_error (clove_directory_get_problem (f->directory), CLOVE_DIRECTORY_ERROR,
                  CLOVE_DIRECTORY_ERROR_NOT_JSON);
}

static void
test_spoilt_copy (Fixture *f, gconstpointer user_data)
{
  static const char *const spoilt[] = {
    "",
    "{",
    "[]",
    THREE,
    "{\"clove_location\":5,\"clove_fetched\":1}",
    "{\"clove_location\":\"x\",\"clove_fetched\":null}",
    "{\"clove_location\":[],\"clove_fetched\":{}}",
  };
  g_autofree char *path = clove_directory_cache_get_path (f->cache);
  g_autofree char *good = NULL;

  g_assert_true (load (f, f->base, "/three", NULL));
  g_assert_true (g_file_get_contents (path, &good, NULL, NULL));
  soup_server_disconnect (f->server);
  for (guint i = 0; i < G_N_ELEMENTS (spoilt); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_true (g_file_set_contents (path, spoilt[i], -1, NULL));
    restart (f);
    g_assert_false (load (f, f->base, "/three", &error));
    g_assert_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_UNAVAILABLE);
    g_assert_nonnull (strstr (error->message, "copy from before cannot be used"));
    g_assert_null (clove_directory_get_list (f->directory));
  }
  /* Each cut-off part of it is refused as well. */
  for (gsize size = 0; size < strlen (good); size += 37) {
    g_autoptr (GBytes) part = g_bytes_new (good, size);
    gint64 fetched_s = 0;

    g_assert_null (clove_directory_cache_parse (part, "x", &fetched_s, NULL));
  }
}

/* A cache that cannot be written costs the next start something, this one nothing. */
static void
test_no_cache (Fixture *f, gconstpointer user_data)
{
  g_autofree char *file = g_build_filename (f->folder, "a", NULL);

  g_assert_true (g_file_set_contents (file, "", -1, NULL));
  g_assert_true (load (f, f->base, "/three", NULL));
  g_assert_cmpuint (count_relays (f), ==, 3);

  g_assert_finalize_object (f->directory);
  f->directory = clove_directory_new (f->clock, NULL);
  g_assert_true (load (f, f->base, "/three", NULL));
  g_assert_cmpuint (count_relays (f), ==, 3);
}

#define ADD(name, function) \
  g_test_add ("/clove/directory/cache/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_timeout_add_seconds (HANG_S, on_hang, NULL);
  ADD ("copy-of-earlier-run", test_copy_of_earlier_run);
  ADD ("copy-for-refused-list", test_copy_for_refused_list);
  ADD ("spoilt-copy", test_spoilt_copy);
  ADD ("no-cache", test_no_cache);
  return g_test_run ();
}
