/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-proxy-record.h"

G_BEGIN_DECLS

/**
 * CloveProxyLedger:
 *
 * Where the record of the system proxy lives: system-proxy in a folder, for this user's eyes only.
 * It is there as long as the setting is, or may be, ours. Whoever reads and then changes anything
 * holds the lock, which other processes wait for; it goes with the process that holds it.
 */
typedef struct _CloveProxyLedger CloveProxyLedger;

char *clove_proxy_ledger_get_default_folder (void) G_GNUC_WARN_UNUSED_RESULT;

CloveProxyLedger *clove_proxy_ledger_new (const char *folder) G_GNUC_WARN_UNUSED_RESULT;
void clove_proxy_ledger_free (CloveProxyLedger *self);
const char *clove_proxy_ledger_get_folder (CloveProxyLedger *self);

gboolean clove_proxy_ledger_lock (CloveProxyLedger *self,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
void clove_proxy_ledger_unlock (CloveProxyLedger *self);

gboolean clove_proxy_ledger_load (CloveProxyLedger *self,
                                  CloveProxyRecord **record_out,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_proxy_ledger_save (CloveProxyLedger *self,
                                  const CloveProxyRecord *record,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_proxy_ledger_remove (CloveProxyLedger *self, GError **error);
char *clove_proxy_ledger_set_aside (CloveProxyLedger *self,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveProxyLedger, clove_proxy_ledger_free)

G_END_DECLS
