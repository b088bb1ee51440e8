/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a fuzz target over its corpus, each file once and each of its prefixes up to 512 bytes, so
 * that what the fuzzer once found stays found in every ordinary test run.
 */
#include "config.h"

#include "fuzz.h"

#include <gio/gio.h>

#define MAX_PREFIX 512

static void
run_file (const char *path)
{
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize size = 0;

  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);
  for (gsize n = 0; n <= MIN (size, MAX_PREFIX); n++) {
    /* A copy of exact size lets the sanitizers see one byte too many. */
    g_autofree guint8 *exact = g_memdup2 (data, n);

    LLVMFuzzerTestOneInput (exact, n);
  }
  LLVMFuzzerTestOneInput ((const uint8_t *) data, size);
}

static void
test_corpus (gconstpointer user_data)
{
  const char *folder = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  guint n_files = 0;

  g_assert_no_error (error);
  for (const char *name = g_dir_read_name (dir); name != NULL; name = g_dir_read_name (dir)) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    run_file (path);
    n_files++;
  }
  g_assert_cmpuint (n_files, >, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  g_test_add_data_func ("/clove/corpus", argv[1], test_corpus);
  return g_test_run ();
}
