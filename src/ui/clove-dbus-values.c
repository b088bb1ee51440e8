/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-dbus-values.h"

#include "clove-describe-program.h"
#include "clove-describe.h"

/* How far a moment may lie from itself when it is worked out anew from a countdown. */
#define TOLERANCE_S 2

const char *const clove_dbus_property_names[] = {
  "State",
  "Look",
  "Title",
  "Hops",
  "Standby",
  "Strikes",
  "MaxStrikes",
  "Blacklist",
  "NextRotation",
  "Address",
  "LastError",
  "RebuildAllowedAt",
  NULL,
};

static GVariant *
make_circuit (const CloveSnapshotCircuit *circuit)
{
  static const char *const roles[] = { "entry", "middle", "exit" };
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(ssst)"));
  for (guint i = 0; i < MIN (circuit->n_hops, G_N_ELEMENTS (roles)); i++) {
    const CloveSnapshotHop *hop = &circuit->hops[i];

    g_variant_builder_add (&builder, "(ssst)", roles[i], hop->name, hop->address,
                           (guint64) MAX (hop->rtt_us, 0));
  }
  return g_variant_builder_end (&builder);
}

/* How long a ban lasts is counted from now, not from when the snapshot was taken. */
static GVariant *
make_blacklist (const CloveSnapshot *snapshot, gint64 now_us)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sssx)"));
  for (guint i = 0; i < snapshot->bans->len; i++) {
    const CloveSnapshotBan *ban = g_ptr_array_index (snapshot->bans, i);
    gint64 left_us = snapshot->taken_us + ban->left_us - now_us;
    gint64 left_s = (MAX (left_us, 0) + G_TIME_SPAN_SECOND / 2) / G_TIME_SPAN_SECOND;

    g_variant_builder_add (&builder, "(sssx)", ban->name != NULL ? ban->name : "", ban->address,
                           ban->reason != NULL ? ban->reason : "",
                           ban->is_permanent ? G_GINT64_CONSTANT (-1) : left_s);
  }
  return g_variant_builder_end (&builder);
}

/* Since 1970, in seconds; 0 for what has been or is not to be. */
static GVariant *
make_time (gint64 at_us, const CloveDbusMoment *moment)
{
  gint64 left_us = at_us - moment->now_us;

  if (at_us == 0 || left_us <= 0)
    return g_variant_new_int64 (0);
  return g_variant_new_int64 ((moment->wall_us + left_us + G_TIME_SPAN_SECOND - 1) /
                              G_TIME_SPAN_SECOND);
}

static GVariant *
make_string (const char *text)
{
  return g_variant_new_string (text != NULL ? text : "");
}

static GVariant *
make_error (const CloveSnapshot *snapshot, const char *trouble)
{
  if (trouble != NULL)
    return make_string (trouble);
  return make_string (snapshot->problem != NULL ? snapshot->problem : snapshot->last_strike);
}

static GVariant *
make_title (const CloveSnapshot *snapshot)
{
  g_autofree char *title = clove_describe_title (snapshot);

  return make_string (title);
}

static GVariant *
make_status (const CloveSnapshot *snapshot, const char *trouble)
{
  g_autofree char *line = clove_describe_status_line (snapshot, trouble);

  return make_string (line);
}

/**
 * clove_dbus_value:
 * @snapshot: how things are
 * @trouble: (nullable): why the proxy went off by itself
 * @moment: when it is asked for
 * @property: one of clove_dbus_property_names, or "Status", whose changes are not told
 *
 * Returns: (transfer floating) (nullable): its value; %NULL if there is no such property
 */
GVariant *
clove_dbus_value (const CloveSnapshot *snapshot,
                  const char *trouble,
                  const CloveDbusMoment *moment,
                  const char *property)
{
  if (g_str_equal (property, "State"))
    return make_string (clove_engine_state_name (snapshot->state));
  if (g_str_equal (property, "Look"))
    return make_string (clove_describe_look (snapshot));
  if (g_str_equal (property, "Title"))
    return make_title (snapshot);
  if (g_str_equal (property, "Hops"))
    return make_circuit (&snapshot->live);
  if (g_str_equal (property, "Standby"))
    return make_circuit (&snapshot->standby);
  if (g_str_equal (property, "Strikes"))
    return g_variant_new_uint32 (snapshot->strikes);
  if (g_str_equal (property, "MaxStrikes"))
    return g_variant_new_uint32 (snapshot->max_strikes);
  if (g_str_equal (property, "Blacklist"))
    return make_blacklist (snapshot, moment->now_us);
  if (g_str_equal (property, "NextRotation"))
    return make_time (snapshot->next_rotation_us, moment);
  if (g_str_equal (property, "Address"))
    return make_string (snapshot->listen_address);
  if (g_str_equal (property, "LastError"))
    return make_error (snapshot, trouble);
  if (g_str_equal (property, "RebuildAllowedAt"))
    return make_time (snapshot->rebuild_at_us, moment);
  if (g_str_equal (property, "Status"))
    return make_status (snapshot, trouble);
  return NULL;
}

static gboolean
is_same_time (gint64 a, gint64 b)
{
  return a == b || (a > 0 && b > 0 && ABS (a - b) < TOLERANCE_S);
}

/* The seconds that are left become fewer without anything having changed. */
static gboolean
is_same_blacklist (GVariant *before, GVariant *after)
{
  gsize n_bans = g_variant_n_children (before);

  if (n_bans != g_variant_n_children (after))
    return FALSE;
  for (gsize i = 0; i < n_bans; i++) {
    const char *address_a = NULL;
    const char *address_b = NULL;
    const char *reason_a = NULL;
    const char *reason_b = NULL;
    gint64 left_a = 0;
    gint64 left_b = 0;

    g_variant_get_child (before, i, "(&s&s&sx)", NULL, &address_a, &reason_a, &left_a);
    g_variant_get_child (after, i, "(&s&s&sx)", NULL, &address_b, &reason_b, &left_b);
    if (!g_str_equal (address_a, address_b) || !g_str_equal (reason_a, reason_b) ||
        (left_a < 0) != (left_b < 0) || left_b > left_a + TOLERANCE_S)
      return FALSE;
  }
  return TRUE;
}

/** clove_dbus_value_is_same: Tell whether nothing happened between the two values of @property. */
gboolean
clove_dbus_value_is_same (const char *property, GVariant *before, GVariant *after)
{
  if (g_str_equal (property, "Blacklist"))
    return is_same_blacklist (before, after);
  if (g_variant_is_of_type (before, G_VARIANT_TYPE_INT64))
    return is_same_time (g_variant_get_int64 (before), g_variant_get_int64 (after));
  return g_variant_equal (before, after);
}
