/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long circuits take to build, without the program around them. */
#include "config.h"

#include "bench-builds.h"

#include "bench-timing.h"
#include "clove-circuit.h"
#include "clove-relay-list.h"

#define HOP_DEADLINE_US (G_GINT64_CONSTANT (11) * G_USEC_PER_SEC)

typedef struct {
  GMainContext *context;
  CloveClock *clock;
  CloveAdnlEndpoint *endpoint;
  CloveHop hops[CLOVE_MAX_HOPS];
} Builder;

static void
on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **place = user_data;

  *place = g_object_ref (result);
}

/* Returns whether the circuit was built; one that fails says why only for debugging. */
static gboolean
build_one (Builder *builder, gdouble *time_ms_out)
{
  g_autoptr (CloveCircuit) circuit = clove_circuit_new (builder->endpoint, builder->clock,
                                                        builder->hops, CLOVE_MAX_HOPS);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gint64 began_ns = bench_now_ns ();

  clove_circuit_build_async (circuit, HOP_DEADLINE_US, NULL, on_ready, &result);
  while (result == NULL)
    g_main_context_iteration (builder->context, TRUE);
  *time_ms_out = (gdouble) (bench_now_ns () - began_ns) / 1e6;
  if (!clove_circuit_build_finish (circuit, result, &error)) {
    g_debug ("build failed: %s", error->message);
    return FALSE;
  }
  clove_circuit_close (circuit);
  return TRUE;
}

/* The first relay that may stand at @hop and does not stand elsewhere yet. */
static gboolean
choose (Builder *builder, CloveRelayList *relays, guint hop)
{
  for (guint i = 0; i < clove_relay_list_get_n_relays (relays); i++) {
    const CloveRelay *relay = clove_relay_list_get_relay (relays, i);
    const guint8 *key = clove_relay_get_key (relay);
    gboolean is_used = FALSE;

    for (guint j = 0; j < CLOVE_MAX_HOPS; j++)
      is_used |= builder->hops[j].key == key;
    if (is_used || (clove_relay_get_roles (relay) & 1 << hop) == 0)
      continue;
    builder->hops[hop] = (CloveHop){ .name = clove_relay_get_name (relay),
                                     .key = key,
                                     .address = *clove_relay_get_address (relay) };
    return TRUE;
  }
  return FALSE;
}

/* Few relays are exits, so that place is filled first. */
static gboolean
choose_hops (Builder *builder, CloveRelayList *relays, GError **error)
{
  if (choose (builder, relays, 2) && choose (builder, relays, 0) && choose (builder, relays, 1))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "the directory has too few relays");
  return FALSE;
}

static gboolean
build_all (Builder *builder,
           CloveRelayList *relays,
           guint n_builds,
           GArray *times_ms,
           GError **error)
{
  CloveAddress address = { 0 };

  clove_address_init_loopback (&address, 0);
  builder->endpoint = clove_adnl_endpoint_new (&address, builder->clock, error);
  if (builder->endpoint == NULL || !choose_hops (builder, relays, error))
    return FALSE;
  for (guint i = 0; i < n_builds; i++) {
    gdouble time_ms = 0;

    if (build_one (builder, &time_ms))
      g_array_append_val (times_ms, time_ms);
  }
  clove_adnl_endpoint_close (builder->endpoint);
  return TRUE;
}

/**
 * bench_builds_run:
 * @directory: a directory file of running relays
 * @n_builds: how many circuits to build, one after another through the same three relays
 * @times_ms_out: (out) (transfer full): how long each took that could be built, #gdouble, shortest
 *   first
 * @error: %G_IO_ERROR and others
 *
 * Returns: %FALSE when nothing could be tried
 */
gboolean
bench_builds_run (const char *directory, guint n_builds, GArray **times_ms_out, GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (CloveRelayList) relays = NULL;
  g_autoptr (GBytes) json = NULL;
  g_autoptr (GArray) times_ms = g_array_new (FALSE, FALSE, sizeof (gdouble));
  Builder builder = { .context = context };
  gboolean is_done = FALSE;
  char *text = NULL;
  gsize size = 0;

  if (!g_file_get_contents (directory, &text, &size, error))
    return FALSE;
  json = g_bytes_new_take (text, size);
  relays = clove_relay_list_parse (json, error);
  if (relays == NULL)
    return FALSE;
  g_main_context_push_thread_default (context);
  builder.clock = clove_clock_new (context);
  is_done = build_all (&builder, relays, n_builds, times_ms, error);
  g_clear_object (&builder.endpoint);
  clove_clock_unref (builder.clock);
  g_main_context_pop_thread_default (context);
  g_array_sort (times_ms, bench_compare_doubles);
  *times_ms_out = g_steal_pointer (&times_ms);
  return is_done;
}
