/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveCliOptions:
 * @is_version: print the version and nothing else
 * @is_demo: run on a localnet of our own
 * @once: (nullable): fetch this address, print path and page, and end
 * @listen: "ip:port"
 * @directory: https address or file
 * @relays: entry, middle and exit by hand, or all %NULL
 * @is_json: print states as lines of JSON
 * @keeps_standby: keep a circuit in reserve
 * @keeps_entry: keep the entry for weeks
 * @repeats: repeat safe requests that a circuit lost
 * @n_retries: builds in a round
 * @rotate_us: interval of rotation; 0 for none
 *
 * The command line of clove-proxy, checked.
 */
typedef struct {
  gboolean is_version;
  gboolean is_demo;
  gboolean is_json;
  gboolean keeps_standby;
  gboolean keeps_entry;
  gboolean repeats;
  char *once;
  char *listen;
  char *directory;
  char *relays[3];
  guint n_retries;
  gint64 rotate_us;
} CloveCliOptions;

CloveCliOptions *clove_cli_options_parse (int argc,
                                          char *const *argv,
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
void clove_cli_options_free (CloveCliOptions *self);

gboolean clove_cli_duration_parse (gint64 *out_us,
                                   const char *text,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveCliOptions, clove_cli_options_free)

G_END_DECLS
