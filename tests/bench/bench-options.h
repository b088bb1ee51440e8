/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-address.h"

#include <glib.h>

G_BEGIN_DECLS

/* Most items of a list. */
#define BENCH_MAX_LIST 8

/**
 * BenchOptions:
 * @does_layers, @does_proxy: which benchmarks to run
 * @directory: (nullable): of relays that run already
 * @quirks: (nullable): passed to the localnet
 * @versus: the other proxy, when @has_versus
 * @versus_pid: its process, 0 when unknown
 * @connections: how many connections the small bodies are asked for over, one load for each
 * @body_sizes: sizes of the large bodies
 *
 * What to measure and how often.
 */
typedef struct {
  gboolean does_layers;
  gboolean does_proxy;

  char *proxy_path;
  char *localnet_path;
  char *directory;
  char *quirks;
  char *site;

  gboolean has_versus;
  CloveAddress versus;
  gint versus_pid;

  gint n_runs;
  gint n_requests;
  gint n_builds;
  gint n_bodies;
  gsize connections[BENCH_MAX_LIST];
  guint n_connections;
  gsize body_sizes[BENCH_MAX_LIST];
  guint n_body_sizes;
  gint idle_ms;
  gint deadline_ms;
  gint layer_ms; /* how long one run of a micro benchmark takes */

  gboolean is_json;
} BenchOptions;

BenchOptions *bench_options_parse (char **argv, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bench_options_free (BenchOptions *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BenchOptions, bench_options_free)

G_END_DECLS
