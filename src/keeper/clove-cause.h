/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveCauseKind:
 * @CLOVE_CAUSE_CONNECTED: a circuit was put into use, with none before
 * @CLOVE_CAUSE_BUILD_FAILED: one build failed; @relay and @hop tell where
 * @CLOVE_CAUSE_NO_CIRCUIT: a whole round of builds failed
 * @CLOVE_CAUSE_STRIKE: a failure counted; @number of %CLOVE_STRIKES_MAX
 * @CLOVE_CAUSE_RECOVERED: the exit answered after strikes
 * @CLOVE_CAUSE_REBUILDING: a rebuild began; @detail tells why
 * @CLOVE_CAUSE_REBUILT: a rebuilt circuit was put into use
 * @CLOVE_CAUSE_REBUILD_FAILED: a rebuild failed; the circuit before it stays
 * @CLOVE_CAUSE_CLEARED: a suspect was seen working, its ban is over
 * @CLOVE_CAUSE_BLAMED: a suspect was found guilty, its ban stays
 * @CLOVE_CAUSE_POSTPONED: a rebuild was due, but too many came before; @number seconds to wait
 * @CLOVE_CAUSE_DOUBT: the live circuit is in doubt, and the standby circuit takes the requests
 * @CLOVE_CAUSE_STANDBY_READY: a standby circuit was built
 * @CLOVE_CAUSE_STANDBY_LOST: the standby circuit was given up; @detail tells why
 * @CLOVE_CAUSE_OFFLINE: there is no network
 * @CLOVE_CAUSE_ONLINE: there is one again
 * @CLOVE_CAUSE_ENTRY: another entry is kept; @detail tells which and why
 * @CLOVE_CAUSE_NETWORK: the network is another one, or the machine woke; @detail tells
 *
 * What changed.
 */
typedef enum {
  CLOVE_CAUSE_CONNECTED,
  CLOVE_CAUSE_BUILD_FAILED,
  CLOVE_CAUSE_NO_CIRCUIT,
  CLOVE_CAUSE_STRIKE,
  CLOVE_CAUSE_RECOVERED,
  CLOVE_CAUSE_REBUILDING,
  CLOVE_CAUSE_REBUILT,
  CLOVE_CAUSE_REBUILD_FAILED,
  CLOVE_CAUSE_CLEARED,
  CLOVE_CAUSE_BLAMED,
  CLOVE_CAUSE_POSTPONED,
  CLOVE_CAUSE_DOUBT,
  CLOVE_CAUSE_STANDBY_READY,
  CLOVE_CAUSE_STANDBY_LOST,
  CLOVE_CAUSE_OFFLINE,
  CLOVE_CAUSE_ONLINE,
  CLOVE_CAUSE_NETWORK,
  CLOVE_CAUSE_ENTRY,
} CloveCauseKind;

/**
 * CloveCause:
 * @serial: counts the causes of one keeper, from 1
 * @time_s: when, in seconds since 1970
 * @generation: the circuit that was live
 * @number: meaning by @kind
 * @host: (nullable): the site concerned; memory only, left out of what is copied
 * @detail: (nullable): what was seen, a clause without capital and full stop; never names a host
 *
 * One entry of the log of causes: what was seen, and what was done about it. Immutable and
 * reference counted, so that any thread may read it.
 */
typedef struct {
  CloveCauseKind kind;
  guint64 serial;
  gint64 time_s;
  guint64 generation;
  guint number;
  char *host;
  char *detail;
} CloveCause;

CloveCause *clove_cause_new (CloveCauseKind kind,
                             gint64 time_s,
                             guint64 generation,
                             guint number) G_GNUC_WARN_UNUSED_RESULT;
void clove_cause_unref (CloveCause *self);

const char *clove_cause_kind_name (CloveCauseKind kind);
char *clove_cause_format (const CloveCause *self, gboolean names_hosts) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveCause, clove_cause_unref)

G_END_DECLS
