/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which circuits are shown, how, and in which words. Pure. */
#include "config.h"

#include "clove-circuit-row.h"

#include "clove-describe.h"

#include <glib/gi18n.h>

static CloveHopLook
look_of (const CloveSnapshotHop *hop)
{
  switch (hop->state) {
    case CLOVE_SNAPSHOT_HOP_EXTENDING:
      return CLOVE_HOP_EXTENDING;
    case CLOVE_SNAPSHOT_HOP_READY:
      return CLOVE_HOP_READY;
    case CLOVE_SNAPSHOT_HOP_FAILED:
      return CLOVE_HOP_FAILED;
    case CLOVE_SNAPSHOT_HOP_WAITING:
    default:
      return CLOVE_HOP_WAITING;
  }
}

static CloveCircuitRow *
add_row (CloveCircuitRow *rows,
         guint *n_rows,
         CloveCircuitRowKind kind,
         const CloveSnapshotCircuit *circuit)
{
  CloveCircuitRow *row = &rows[(*n_rows)++];

  *row = (CloveCircuitRow){ .kind = kind, .circuit = circuit };
  for (guint i = 0; circuit != NULL && i < CLOVE_SNAPSHOT_MAX_HOPS; i++)
    row->looks[i] = look_of (&circuit->hops[i]);
  return row;
}

/* Any of its relays may be why it does not answer. */
static void
set_doubt (CloveCircuitRow *row)
{
  for (guint i = 0; i < CLOVE_SNAPSHOT_MAX_HOPS; i++) {
    if (row->looks[i] == CLOVE_HOP_READY)
      row->looks[i] = CLOVE_HOP_DOUBT;
  }
}

/**
 * clove_circuit_rows_fill:
 * @snapshot: how things are
 * @rows_out: (out): from above to below; they borrow from @snapshot
 *
 * Choose what is shown: the circuit in use, the one being built to replace it, and the one in
 * reserve. The one that things turn on is shown in full.
 *
 * Returns: how many rows there are, at least one
 */
guint
clove_circuit_rows_fill (const CloveSnapshot *snapshot,
                         CloveCircuitRow rows_out[static CLOVE_CIRCUIT_MAX_ROWS])
{
  gboolean is_building = snapshot->candidate.n_hops == CLOVE_SNAPSHOT_MAX_HOPS;
  gboolean has_live = snapshot->live.n_hops == CLOVE_SNAPSHOT_MAX_HOPS;
  gboolean has_standby = snapshot->standby.n_hops == CLOVE_SNAPSHOT_MAX_HOPS;
  gboolean is_on_standby = snapshot->is_on_standby && has_standby;
  guint n_rows = 0;
  CloveCircuitRow *row = NULL;

  if (has_live) {
    row = add_row (rows_out, &n_rows, CLOVE_CIRCUIT_ROW_LIVE, &snapshot->live);
    row->is_active = !is_on_standby;
    row->is_full = !is_building && !is_on_standby;
    if (snapshot->strikes > 0 || is_on_standby)
      set_doubt (row);
  }
  if (is_building || !has_live) {
    row = add_row (rows_out, &n_rows, CLOVE_CIRCUIT_ROW_CANDIDATE,
                   is_building ? &snapshot->candidate : NULL);
    row->is_full = TRUE;
  }
  if (has_standby) {
    row = add_row (rows_out, &n_rows, CLOVE_CIRCUIT_ROW_STANDBY, &snapshot->standby);
    row->is_active = is_on_standby;
    row->is_full = is_on_standby && !is_building && has_live;
  }
  return n_rows;
}

/** clove_hop_look_style: Get the style class that goes with @look. */
const char *
clove_hop_look_style (CloveHopLook look)
{
  static const char *const styles[] = {
    [CLOVE_HOP_WAITING] = "waiting",
    [CLOVE_HOP_EXTENDING] = "extending",
    [CLOVE_HOP_READY] = "ready",
    [CLOVE_HOP_FAILED] = "failed",
    [CLOVE_HOP_DOUBT] = "doubt",
  };

  g_return_val_if_fail ((guint) look < G_N_ELEMENTS (styles), NULL);
  return styles[look];
}

/** clove_hop_look_icon: Get the name of the symbolic icon that goes with @look. */
const char *
clove_hop_look_icon (CloveHopLook look)
{
  static const char *const icons[] = {
    [CLOVE_HOP_WAITING] = "content-loading-symbolic",
    [CLOVE_HOP_EXTENDING] = "clove-connecting-symbolic",
    [CLOVE_HOP_READY] = "object-select-symbolic",
    [CLOVE_HOP_FAILED] = "clove-strike-full-symbolic",
    [CLOVE_HOP_DOUBT] = "clove-doubt-symbolic",
  };

  g_return_val_if_fail ((guint) look < G_N_ELEMENTS (icons), NULL);
  return icons[look];
}

/** clove_describe_hop_look: Say in a word or two how a relay of a circuit does. */
const char *
clove_describe_hop_look (CloveHopLook look)
{
  static const char *const words[] = {
    [CLOVE_HOP_WAITING] = N_ ("Waiting"),
    [CLOVE_HOP_EXTENDING] = N_ ("Connecting…"),
    [CLOVE_HOP_READY] = N_ ("Ready"),
    [CLOVE_HOP_FAILED] = N_ ("Failed"),
    [CLOVE_HOP_DOUBT] = N_ ("In doubt"),
  };

  g_return_val_if_fail ((guint) look < G_N_ELEMENTS (words), NULL);
  return _ (words[look]);
}

static gboolean
has_look (const CloveCircuitRow *row, CloveHopLook look)
{
  for (guint i = 0; i < CLOVE_SNAPSHOT_MAX_HOPS; i++) {
    if (row->looks[i] == look)
      return TRUE;
  }
  return FALSE;
}

/** clove_describe_row: Say which circuit it is. */
const char *
clove_describe_row (const CloveCircuitRow *row)
{
  switch (row->kind) {
    case CLOVE_CIRCUIT_ROW_CANDIDATE:
      if (row->circuit == NULL)
        return _ ("Not built yet");
      return has_look (row, CLOVE_HOP_FAILED) ? _ ("Could not be built") : _ ("Being built");
    case CLOVE_CIRCUIT_ROW_STANDBY:
      return row->is_active ? _ ("Standby circuit, carries the requests")
                            : _ ("Standby circuit");
    case CLOVE_CIRCUIT_ROW_LIVE:
    default:
      if (has_look (row, CLOVE_HOP_FAILED))
        return row->is_active ? _ ("In use, to be replaced") : _ ("Failed, to be replaced");
      if (!has_look (row, CLOVE_HOP_DOUBT))
        return _ ("In use");
      return row->is_active ? _ ("In use, but in doubt") : _ ("In doubt, carries nothing");
  }
}

/* Translators: role, name and address of a relay. The invisible marks \u2068 and \u2069 keep the
 * letters of names in their order in languages from right to left. */
static char *
describe_plain_hop (const char *role, const CloveSnapshotHop *hop, CloveHopLook look)
{
  switch (look) {
    case CLOVE_HOP_EXTENDING:
      return g_strdup_printf (_ ("%1$s: \u2068%2$s\u2069 at \u2068%3$s\u2069, being connected."),
                              role, hop->name, hop->address);
    case CLOVE_HOP_READY:
      return g_strdup_printf (_ ("%1$s: \u2068%2$s\u2069 at \u2068%3$s\u2069, ready."), role,
                              hop->name, hop->address);
    case CLOVE_HOP_FAILED:
      return g_strdup_printf (_ ("%1$s: \u2068%2$s\u2069 at \u2068%3$s\u2069, failed."), role,
                              hop->name, hop->address);
    case CLOVE_HOP_DOUBT:
      return g_strdup_printf (_ ("%1$s: \u2068%2$s\u2069 at \u2068%3$s\u2069, in doubt."), role,
                              hop->name, hop->address);
    case CLOVE_HOP_WAITING:
    default:
      return g_strdup_printf (_ ("%1$s: \u2068%2$s\u2069 at \u2068%3$s\u2069, waiting."), role,
                              hop->name, hop->address);
  }
}

/**
 * clove_describe_hop:
 * @row: a circuit
 * @place: 0 entry, 1 middle, 2 exit
 *
 * Returns: (transfer full): all there is to say of the relay in that place, a sentence
 */
char *
clove_describe_hop (const CloveCircuitRow *row, guint place)
{
  const CloveSnapshotHop *hop = row->circuit != NULL ? &row->circuit->hops[place] : NULL;
  const char *role = clove_describe_role (place);
  g_autofree char *rtt = NULL;

  if (hop == NULL)
    /* Translators: %s is a role: entry, middle or exit */
    return g_strdup_printf (_ ("%s: no relay is chosen yet."), role);
  if (row->looks[place] != CLOVE_HOP_READY || hop->rtt_us <= 0)
    return describe_plain_hop (role, hop, row->looks[place]);
  rtt = clove_describe_rtt (hop->rtt_us);
  /* Translators: the last is a time such as “14 ms” */
  return g_strdup_printf (
    _ ("%1$s: \u2068%2$s\u2069 at \u2068%3$s\u2069, ready, the round trip takes %4$s."), role,
    hop->name, hop->address, rtt);
}
