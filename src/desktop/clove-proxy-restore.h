/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-proxy-ledger.h"

G_BEGIN_DECLS

/**
 * CloveProxyOutcome:
 * @CLOVE_PROXY_NOTHING: there is no record, or it is not for this process to act on it
 * @CLOVE_PROXY_RESTORED: what the user had is there again
 * @CLOVE_PROXY_LEFT_ALONE: somebody set something else meanwhile, which stays
 * @CLOVE_PROXY_SET_ASIDE: what was in the record's place could not be read; it is kept
 */
typedef enum {
  CLOVE_PROXY_NOTHING,
  CLOVE_PROXY_RESTORED,
  CLOVE_PROXY_LEFT_ALONE,
  CLOVE_PROXY_SET_ASIDE,
} CloveProxyOutcome;

gboolean clove_proxy_restore_record (CloveProxyLedger *ledger,
                                     const CloveProxyRecord *record,
                                     CloveProxyOutcome *outcome_out,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_proxy_restore_own (CloveProxyLedger *ledger,
                                  const CloveProcessMark *owner,
                                  CloveProxyOutcome *outcome_out,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_proxy_restore_stale (CloveProxyLedger *ledger,
                                    const CloveProcessMark *own,
                                    CloveProxyOutcome *outcome_out,
                                    char **aside_out,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
