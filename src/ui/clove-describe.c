/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for states. Pure: a snapshot and the time in, a sentence out, in the user's language. */
#include "config.h"

#include "clove-describe.h"

#include "clove-details.h"

#include <glib/gi18n.h>

/** clove_tone_style: Get the style class that goes with @tone; one of libadwaita's. */
const char *
clove_tone_style (CloveTone tone)
{
  static const char *const styles[] = {
    [CLOVE_TONE_PLAIN] = "dim-label",
    [CLOVE_TONE_GOOD] = "success",
    [CLOVE_TONE_BUSY] = "accent",
    [CLOVE_TONE_WARNING] = "warning",
    [CLOVE_TONE_BAD] = "error",
  };

  g_return_val_if_fail ((guint) tone < G_N_ELEMENTS (styles), NULL);
  return styles[tone];
}

/** clove_describe_tone: Get how the engine does as a whole. */
CloveTone
clove_describe_tone (const CloveSnapshot *snapshot)
{
  switch (snapshot->state) {
    case CLOVE_ENGINE_CONNECTED:
      return snapshot->strikes > 0 || snapshot->is_on_standby ? CLOVE_TONE_WARNING
                                                              : CLOVE_TONE_GOOD;
    case CLOVE_ENGINE_LOADING:
    case CLOVE_ENGINE_BUILDING:
    case CLOVE_ENGINE_REBUILDING:
    case CLOVE_ENGINE_STOPPING:
      return CLOVE_TONE_BUSY;
    case CLOVE_ENGINE_WAITING:
    case CLOVE_ENGINE_OFFLINE:
      return CLOVE_TONE_WARNING;
    case CLOVE_ENGINE_FAILED:
      return CLOVE_TONE_BAD;
    case CLOVE_ENGINE_OFF:
    default:
      return CLOVE_TONE_PLAIN;
  }
}

/* Each look has its icon and its word on the bus. */
typedef enum {
  LOOK_OFF,
  LOOK_CONNECTING,
  LOOK_CONNECTED,
  LOOK_DEGRADED,
  LOOK_REBUILDING,
} Look;

static Look
get_look (const CloveSnapshot *snapshot)
{
  switch (snapshot->state) {
    case CLOVE_ENGINE_CONNECTED:
      return clove_describe_tone (snapshot) == CLOVE_TONE_GOOD ? LOOK_CONNECTED : LOOK_DEGRADED;
    case CLOVE_ENGINE_REBUILDING:
      return LOOK_REBUILDING;
    case CLOVE_ENGINE_LOADING:
    case CLOVE_ENGINE_BUILDING:
    case CLOVE_ENGINE_STOPPING:
      return LOOK_CONNECTING;
    case CLOVE_ENGINE_WAITING:
    case CLOVE_ENGINE_OFFLINE:
    case CLOVE_ENGINE_FAILED:
      return LOOK_DEGRADED;
    case CLOVE_ENGINE_OFF:
    default:
      return LOOK_OFF;
  }
}

/** clove_describe_look: Get the one of five words for the state that has an icon; for programs. */
const char *
clove_describe_look (const CloveSnapshot *snapshot)
{
  static const char *const names[] = {
    [LOOK_OFF] = "off",
    [LOOK_CONNECTING] = "connecting",
    [LOOK_CONNECTED] = "connected",
    [LOOK_DEGRADED] = "degraded",
    [LOOK_REBUILDING] = "rebuilding",
  };

  return names[get_look (snapshot)];
}

/** clove_describe_icon: Get the name of the symbolic icon for the state. */
const char *
clove_describe_icon (const CloveSnapshot *snapshot)
{
  static const char *const names[] = {
    [LOOK_OFF] = "clove-off-symbolic",
    [LOOK_CONNECTING] = "clove-connecting-symbolic",
    [LOOK_CONNECTED] = "clove-connected-symbolic",
    [LOOK_DEGRADED] = "clove-degraded-symbolic",
    [LOOK_REBUILDING] = "clove-rebuilding-symbolic",
  };

  return names[get_look (snapshot)];
}

static char *
describe_rebuilding (const CloveSnapshot *snapshot)
{
  for (guint i = 0; i < snapshot->bans->len; i++) {
    const CloveSnapshotBan *ban = g_ptr_array_index (snapshot->bans, i);

    for (guint j = 0; j < snapshot->candidate.n_hops; j++) {
      if (g_strcmp0 (ban->address, snapshot->candidate.hops[j].address) == 0)
        return g_strdup (_ ("Rebuilding with relays that failed before"));
    }
  }
  return g_strdup (_ ("Building another circuit"));
}

static char *
describe_failed (const CloveSnapshot *snapshot)
{
  if (snapshot->problem_code == G_IO_ERROR_ADDRESS_IN_USE)
    return g_strdup (_ ("The port is taken by another program"));
  return g_strdup (_ ("The proxy cannot listen"));
}

/** clove_describe_title: (transfer full): Say in a few words how things are. */
char *
clove_describe_title (const CloveSnapshot *snapshot)
{
  switch (snapshot->state) {
    case CLOVE_ENGINE_CONNECTED:
      if (snapshot->is_on_standby)
        return g_strdup (_ ("Connected by the standby circuit"));
      if (snapshot->strikes > 0)
        return g_strdup (_ ("The circuit does not answer"));
      return g_strdup (_ ("Connected through 3 relays"));
    case CLOVE_ENGINE_REBUILDING:
      return describe_rebuilding (snapshot);
    case CLOVE_ENGINE_LOADING:
      return g_strdup (_ ("Loading the list of relays"));
    case CLOVE_ENGINE_BUILDING:
      return g_strdup (_ ("Building a circuit"));
    case CLOVE_ENGINE_WAITING:
      return g_strdup (snapshot->n_relays == 0 ? _ ("The list of relays cannot be had")
                                               : _ ("No circuit could be built"));
    case CLOVE_ENGINE_OFFLINE:
      return g_strdup (_ ("Offline, waiting for the network"));
    case CLOVE_ENGINE_STOPPING:
      return g_strdup (_ ("Stopping"));
    case CLOVE_ENGINE_FAILED:
      return describe_failed (snapshot);
    case CLOVE_ENGINE_OFF:
    default:
      return g_strdup (_ ("The proxy is off"));
  }
}

static void
add_part (GPtrArray *parts, char *part)
{
  g_ptr_array_add (parts, part);
}

/* What is far off is told in minutes, so that a window in which nothing happens stays still. */
static char *
describe_left (gint64 left_us)
{
  if (left_us <= G_TIME_SPAN_MINUTE)
    return clove_describe_countdown (left_us);
  return clove_describe_span (left_us + G_TIME_SPAN_MINUTE - 1);
}

static void
add_connected_parts (GPtrArray *parts, const CloveSnapshot *snapshot, gint64 now_us)
{
  if (snapshot->live_since_us > 0) {
    g_autofree char *span = clove_describe_span (now_us - snapshot->live_since_us);

    /* Translators: how long the circuit has been in use, such as “Up 12 min” */
    add_part (parts, g_strdup_printf (_ ("Up %s"), span));
  }
  if (snapshot->next_rotation_us > now_us) {
    g_autofree char *left = describe_left (snapshot->next_rotation_us - now_us);

    /* Translators: %s is such as “8 min”, and in the last minute a countdown such as 0:42 */
    add_part (parts, g_strdup_printf (_ ("another circuit in %s"), left));
  }
  if (snapshot->standby.n_hops > 0 && !snapshot->is_on_standby)
    add_part (parts, g_strdup (_ ("a standby circuit is ready")));
}

static void
add_building_parts (GPtrArray *parts, const CloveSnapshot *snapshot)
{
  if (snapshot->attempt > 0 && snapshot->candidate.n_hops > 0)
    add_part (parts, g_strdup_printf (_ ("Attempt %u of %u"), snapshot->attempt,
                                      snapshot->max_attempts));
  if (snapshot->state == CLOVE_ENGINE_REBUILDING)
    add_part (parts, g_strdup (_ ("requests go on meanwhile")));
}

static void
add_problem_parts (GPtrArray *parts, const CloveSnapshot *snapshot, gint64 now_us)
{
  if (snapshot->problem != NULL)
    add_part (parts, clove_describe_detail (snapshot->problem));
  if (snapshot->next_try_us > 0) {
    g_autofree char *left = clove_describe_countdown (MAX (snapshot->next_try_us - now_us, 0));

    /* Translators: %s is a countdown such as 0:42 */
    add_part (parts, g_strdup_printf (_ ("next try in %s"), left));
  }
}

/** clove_describe_subtitle: (transfer full): Say what else there is to know; may be empty. */
char *
clove_describe_subtitle (const CloveSnapshot *snapshot, gint64 now_us)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

  switch (snapshot->state) {
    case CLOVE_ENGINE_CONNECTED:
      add_connected_parts (parts, snapshot, now_us);
      break;
    case CLOVE_ENGINE_BUILDING:
    case CLOVE_ENGINE_REBUILDING:
      add_building_parts (parts, snapshot);
      break;
    case CLOVE_ENGINE_WAITING:
    case CLOVE_ENGINE_FAILED:
      add_problem_parts (parts, snapshot, now_us);
      break;
    case CLOVE_ENGINE_OFFLINE:
      add_part (parts, g_strdup (_ ("Circuits are kept, and nobody is blamed")));
      break;
    case CLOVE_ENGINE_OFF:
      add_part (parts, g_strdup (_ ("TON sites cannot be opened")));
      break;
    case CLOVE_ENGINE_LOADING:
    case CLOVE_ENGINE_STOPPING:
    default:
      break;
  }
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (" · ", (char **) parts->pdata);
}

/** clove_describe_strikes: (transfer full): Say how many failures in a row there were, and why. */
char *
clove_describe_strikes (const CloveSnapshot *snapshot)
{
  g_autofree char *detail = NULL;

  if (snapshot->strikes == 0)
    return g_strdup (_ ("No failures in a row"));
  detail = clove_describe_detail (snapshot->last_strike);
  if (detail[0] == '\0')
    return g_strdup_printf (_ ("%u of %u failures in a row"), snapshot->strikes,
                            snapshot->max_strikes);
  /* Translators: such as “2 of 3 failures in a row: a probe was lost” */
  return g_strdup_printf (_ ("%u of %u failures in a row: %s"), snapshot->strikes,
                          snapshot->max_strikes, detail);
}

/** clove_describe_can_rebuild: Tell whether a rebuild may be asked for. */
gboolean
clove_describe_can_rebuild (const CloveSnapshot *snapshot, gint64 now_us)
{
  switch (snapshot->state) {
    case CLOVE_ENGINE_CONNECTED:
    case CLOVE_ENGINE_WAITING:
      return snapshot->n_relays > 0 && now_us >= snapshot->rebuild_at_us;
    case CLOVE_ENGINE_OFF:
    case CLOVE_ENGINE_LOADING:
    case CLOVE_ENGINE_BUILDING:
    case CLOVE_ENGINE_REBUILDING:
    case CLOVE_ENGINE_OFFLINE:
    case CLOVE_ENGINE_STOPPING:
    case CLOVE_ENGINE_FAILED:
    default:
      return FALSE;
  }
}

/**
 * clove_describe_rebuild:
 *
 * (transfer full): Label the button, with the time that is left to wait.
 */
char *
clove_describe_rebuild (const CloveSnapshot *snapshot, gint64 now_us)
{
  gint64 left_us = snapshot->rebuild_at_us - now_us;

  if (left_us <= 0 || snapshot->state == CLOVE_ENGINE_OFF)
    return g_strdup (_ ("Rebuild now"));
  return g_strdup_printf (_ ("Rebuild in %u s"), (guint) ((left_us - 1) / G_TIME_SPAN_SECOND) + 1);
}

/* How long a text of describe_left() stays as it is. */
static gint64
find_left_change (gint64 left_us)
{
  gint64 over_us = left_us % G_TIME_SPAN_MINUTE;

  if (left_us <= G_TIME_SPAN_MINUTE)
    return G_TIME_SPAN_SECOND;
  return over_us > 0 ? over_us : G_TIME_SPAN_MINUTE;
}

static gboolean
has_countdown (const CloveSnapshot *snapshot, gint64 now_us)
{
  if (snapshot->next_try_us > now_us || snapshot->rebuild_at_us > now_us)
    return TRUE;
  for (guint i = 0; i < snapshot->bans->len; i++) {
    const CloveSnapshotBan *ban = g_ptr_array_index (snapshot->bans, i);

    if (!ban->is_permanent && snapshot->taken_us + ban->left_us > now_us)
      return TRUE;
  }
  return FALSE;
}

/**
 * clove_describe_until_change:
 * @snapshot: how things are
 * @now_us: the monotonic time
 *
 * Tell when what is said of @snapshot will be said otherwise, though nothing happens but time.
 *
 * Returns: in how many microseconds, a second at the soonest; -1 for never
 */
gint64
clove_describe_until_change (const CloveSnapshot *snapshot, gint64 now_us)
{
  gint64 up_us = now_us - snapshot->live_since_us;
  gint64 until_us = G_MAXINT64;

  if (has_countdown (snapshot, now_us))
    return G_TIME_SPAN_SECOND;
  if (snapshot->live_since_us > 0)
    until_us = up_us < G_TIME_SPAN_MINUTE ? G_TIME_SPAN_SECOND
                                          : G_TIME_SPAN_MINUTE - up_us % G_TIME_SPAN_MINUTE;
  if (snapshot->next_rotation_us > now_us)
    until_us = MIN (until_us, find_left_change (snapshot->next_rotation_us - now_us));
  return until_us < G_MAXINT64 ? MAX (until_us, G_TIME_SPAN_SECOND) : -1;
}

/**
 * clove_describe_detail:
 * @detail: (nullable): a clause of the engine's
 *
 * Returns: (transfer full): the clause in the user's language, if it is known there; "" for %NULL
 */
char *
clove_describe_detail (const char *detail)
{
  return detail != NULL ? clove_details_translate (detail) : g_strdup ("");
}

static const char *
describe_kind (const CloveSnapshotCause *cause)
{
  static const struct {
    const char *kind;
    const char *text;
  } kinds[] = {
    { "connected", N_ ("Connected") },
    { "build-failed", N_ ("A circuit could not be built") },
    { "no-circuit", N_ ("No circuit could be built") },
    { "strike", N_ ("A failure was counted") },
    { "recovered", N_ ("The circuit answers again") },
    { "rebuilding", N_ ("Rebuilding") },
    { "rebuilt", N_ ("Another circuit is in use") },
    { "rebuild-failed", N_ ("The rebuild failed, the circuit stays") },
    { "cleared", N_ ("A relay was cleared") },
    { "blamed", N_ ("The cause was found") },
    { "postponed", N_ ("A rebuild has to wait; there were many") },
    { "doubt", N_ ("The standby circuit takes the requests for now") },
    { "standby-ready", N_ ("A standby circuit is ready") },
    { "standby-lost", N_ ("The standby circuit was given up") },
    { "offline", N_ ("The network is gone") },
    { "online", N_ ("The network is back") },
    { "network", N_ ("The circuit is being checked") },
    { "entry", N_ ("Entries") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    if (g_str_equal (kinds[i].kind, cause->kind))
      return _ (kinds[i].text);
  }
  return cause->kind;
}

/** clove_describe_cause: (transfer full): Say what changed, in a few words. */
char *
clove_describe_cause (const CloveSnapshotCause *cause)
{
  if (g_str_equal (cause->kind, "strike"))
    return g_strdup_printf (_ ("Failure %u of 3 in a row"), cause->number);
  if (g_str_equal (cause->kind, "postponed"))
    return g_strdup_printf (ngettext ("A rebuild is due in %u second; there were many",
                                      "A rebuild is due in %u seconds; there were many",
                                      cause->number),
                            cause->number);
  return g_strdup (describe_kind (cause));
}

/** clove_describe_span: (transfer full): Say how long, such as “12 min”; never negative. */
char *
clove_describe_span (gint64 span_us)
{
  gint64 span_s = MAX (span_us, 0) / G_TIME_SPAN_SECOND;

  if (span_s < 60)
    /* Translators: seconds, short */
    return g_strdup_printf (_ ("%u s"), (guint) span_s);
  if (span_s < 3600)
    /* Translators: minutes, short */
    return g_strdup_printf (_ ("%u min"), (guint) (span_s / 60));
  /* Translators: hours and minutes, short */
  return g_strdup_printf (_ ("%u h %u min"), (guint) (span_s / 3600), (guint) (span_s / 60 % 60));
}

/** clove_describe_countdown: (transfer full): Say how much is left, such as “4:21”. */
char *
clove_describe_countdown (gint64 left_us)
{
  gint64 left_s = (MAX (left_us, 0) + G_TIME_SPAN_SECOND - 1) / G_TIME_SPAN_SECOND;

  if (left_s >= 3600)
    /* Translators: hours, minutes, seconds of a countdown */
    return g_strdup_printf (_ ("%u:%02u:%02u"), (guint) (left_s / 3600),
                            (guint) (left_s / 60 % 60), (guint) (left_s % 60));
  /* Translators: minutes, seconds of a countdown */
  return g_strdup_printf (_ ("%u:%02u"), (guint) (left_s / 60), (guint) (left_s % 60));
}

/** clove_describe_rtt: (transfer full): Say a round trip, such as “12 ms”; "–" if it is unknown. */
char *
clove_describe_rtt (gint64 rtt_us)
{
  if (rtt_us <= 0)
    return g_strdup ("–");
  if (rtt_us < G_TIME_SPAN_MILLISECOND)
    /* Translators: less than one millisecond */
    return g_strdup (_ ("< 1 ms"));
  /* Translators: milliseconds, short */
  return g_strdup_printf (_ ("%u ms"), (guint) (rtt_us / G_TIME_SPAN_MILLISECOND));
}

/** clove_describe_role: Get the name of a place in a circuit: 0 entry, 1 middle, 2 exit. */
const char *
clove_describe_role (guint hop)
{
  static const char *const roles[] = { N_ ("Entry"), N_ ("Middle"), N_ ("Exit") };

  g_return_val_if_fail (hop < G_N_ELEMENTS (roles), NULL);
  return _ (roles[hop]);
}
