/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-address.h"
#include "clove-clock.h"
#include "clove-random.h"

#include <glib.h>

G_BEGIN_DECLS

/* What one relay holds back at most; more is lost, as in any full queue. */
#define CLOVE_FAULT_MAX_KEPT      8192
#define CLOVE_FAULT_MAX_KEPT_SIZE ((gsize) 16 << 20)

/**
 * CloveFaultSettings:
 * @is_frozen: nothing gets in or out
 * @is_lying: as exit, it denies every site
 * @is_impersonating: as entry, it plays the later hops itself
 * @is_refusing: it answers queries with errors
 * @delay_ms: how long each datagram is held back, each way
 * @drop_percent: how many are lost, each way
 * @lose_per_mille: how many are lost beyond those, in thousandths
 * @reorder_percent: how many are held back until later ones have passed
 * @corrupt_percent: how many get a bit flipped
 *
 * What is wrong with one relay. All zero: a sound one.
 */
typedef struct {
  gboolean is_frozen;
  gboolean is_lying;
  gboolean is_impersonating;
  gboolean is_refusing;
  guint delay_ms;
  guint drop_percent;
  guint lose_per_mille;
  guint reorder_percent;
  guint corrupt_percent;
} CloveFaultSettings;

typedef struct {
  guint64 n_dropped;
  guint64 n_delayed;
  guint64 n_reordered;
  guint64 n_corrupted;
} CloveFaultCounters;

/**
 * CloveFault:
 *
 * The bad network between one relay and the rest: every datagram of both its sockets passes through
 * here, both ways. The same seed and the same datagrams give the same faults.
 */
typedef struct _CloveFault CloveFault;

/**
 * CloveFaultPort:
 * @deliver: take a datagram that was held back; it goes on without another look
 *
 * One of the relay's sockets. Outlives the datagrams that are held back for it, see
 * clove_fault_forget().
 */
typedef struct {
  void (*deliver) (guint8 *data,
                   gsize size,
                   const CloveAddress *peer,
                   gboolean is_outgoing,
                   gpointer user_data);
  gpointer user_data;
} CloveFaultPort;

CloveFault *clove_fault_new (CloveClock *clock, CloveRandom *random) G_GNUC_WARN_UNUSED_RESULT;
void clove_fault_free (CloveFault *self);

CloveFaultSettings *clove_fault_get_settings (CloveFault *self);
const CloveFaultCounters *clove_fault_get_counters (const CloveFault *self);

gboolean clove_fault_pass (CloveFault *self,
                           const CloveFaultPort *port,
                           guint8 *data,
                           gsize size,
                           const CloveAddress *peer,
                           gboolean is_outgoing) G_GNUC_WARN_UNUSED_RESULT;
void clove_fault_forget (CloveFault *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveFault, clove_fault_free)

G_END_DECLS
