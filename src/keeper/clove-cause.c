/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-cause.h"

#include "clove-strikes.h"

/** clove_cause_new: (transfer full): Make an entry; the caller fills host and detail at once. */
CloveCause *
clove_cause_new (CloveCauseKind kind, gint64 time_s, guint64 generation, guint number)
{
  CloveCause *self = g_atomic_rc_box_new0 (CloveCause);

  self->kind = kind;
  self->time_s = time_s;
  self->generation = generation;
  self->number = number;
  return self;
}

static void
clear (gpointer data)
{
  CloveCause *self = data;

  g_free (self->host);
  g_free (self->detail);
}

/** clove_cause_unref: Drop a reference; from any thread. */
void
clove_cause_unref (CloveCause *self)
{
  g_atomic_rc_box_release_full (self, clear);
}

/** clove_cause_kind_name: Get the kind's name for programs, such as "strike". */
const char *
clove_cause_kind_name (CloveCauseKind kind)
{
  static const char *const names[] = {
    [CLOVE_CAUSE_CONNECTED] = "connected",
    [CLOVE_CAUSE_BUILD_FAILED] = "build-failed",
    [CLOVE_CAUSE_NO_CIRCUIT] = "no-circuit",
    [CLOVE_CAUSE_STRIKE] = "strike",
    [CLOVE_CAUSE_RECOVERED] = "recovered",
    [CLOVE_CAUSE_REBUILDING] = "rebuilding",
    [CLOVE_CAUSE_REBUILT] = "rebuilt",
    [CLOVE_CAUSE_REBUILD_FAILED] = "rebuild-failed",
    [CLOVE_CAUSE_CLEARED] = "cleared",
    [CLOVE_CAUSE_BLAMED] = "blamed",
    [CLOVE_CAUSE_POSTPONED] = "postponed",
    [CLOVE_CAUSE_DOUBT] = "doubt",
    [CLOVE_CAUSE_STANDBY_READY] = "standby-ready",
    [CLOVE_CAUSE_STANDBY_LOST] = "standby-lost",
    [CLOVE_CAUSE_OFFLINE] = "offline",
    [CLOVE_CAUSE_ONLINE] = "online",
    [CLOVE_CAUSE_NETWORK] = "network",
    [CLOVE_CAUSE_ENTRY] = "entry",
  };

  g_return_val_if_fail (kind < G_N_ELEMENTS (names), NULL);
  return names[kind];
}

static char *
describe (const CloveCause *self)
{
  switch (self->kind) {
    case CLOVE_CAUSE_CONNECTED:
      return g_strdup ("Connected through 3 relays");
    case CLOVE_CAUSE_BUILD_FAILED:
      return g_strdup ("A circuit could not be built");
    case CLOVE_CAUSE_NO_CIRCUIT:
      return g_strdup ("No circuit could be built");
    case CLOVE_CAUSE_STRIKE:
      return g_strdup_printf ("Strike %u of %u", self->number, CLOVE_STRIKES_MAX);
    case CLOVE_CAUSE_RECOVERED:
      return g_strdup ("The circuit answers again");
    case CLOVE_CAUSE_REBUILDING:
      return g_strdup ("Rebuilding");
    case CLOVE_CAUSE_REBUILT:
      return g_strdup ("Rebuilt");
    case CLOVE_CAUSE_REBUILD_FAILED:
      return g_strdup ("The rebuild failed, the circuit stays");
    case CLOVE_CAUSE_CLEARED:
      return g_strdup ("Cleared");
    case CLOVE_CAUSE_BLAMED:
      return g_strdup ("Found the cause");
    case CLOVE_CAUSE_POSTPONED:
      return g_strdup_printf ("A rebuild is due in %u s; there were many", self->number);
    case CLOVE_CAUSE_DOUBT:
      return g_strdup ("The standby circuit takes the requests for now");
    case CLOVE_CAUSE_STANDBY_READY:
      return g_strdup ("A standby circuit is ready");
    case CLOVE_CAUSE_STANDBY_LOST:
      return g_strdup ("The standby circuit was given up");
    case CLOVE_CAUSE_OFFLINE:
      return g_strdup ("There is no network; nothing is tried until it is back");
    case CLOVE_CAUSE_ONLINE:
      return g_strdup ("The network is back");
    case CLOVE_CAUSE_NETWORK:
      return g_strdup ("Checking the circuit");
    case CLOVE_CAUSE_ENTRY:
      return g_strdup ("Entries");
    default:
      return g_strdup ("");
  }
}

/**
 * clove_cause_format:
 * @self: an entry
 * @names_hosts: whether the site may be named; not in what is copied or kept
 *
 * Returns: (transfer full): the entry as a sentence with its full stop, without its time
 */
char *
clove_cause_format (const CloveCause *self, gboolean names_hosts)
{
  g_autofree char *what = describe (self);

  if (self->host != NULL && names_hosts && self->detail != NULL)
    return g_strdup_printf ("%s: %s (%s).", what, self->detail, self->host);
  if (self->detail != NULL)
    return g_strdup_printf ("%s: %s.", what, self->detail);
  return g_strdup_printf ("%s.", what);
}
