/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Putting the system proxy back, by whoever is left to do it: the program at its end, its guard
 * when it died, or the next start when both did.
 *
 * The record is removed last, so that what is interrupted is done again; and what is done twice
 * finds the setting no longer ours, and leaves it alone.
 */
#include "config.h"

#include "clove-proxy-restore.h"

#include "clove-desktop-error.h"
#include "clove-proxy-backend.h"

/**
 * clove_proxy_restore_record:
 * @ledger: locked
 * @record: what it has
 * @outcome_out: (out): what was done
 * @error: %CLOVE_DESKTOP_ERROR; the record is still there
 *
 * Put back what the user had, if the setting is still ours, and remove the record.
 *
 * Returns: whether all is well
 */
gboolean
clove_proxy_restore_record (CloveProxyLedger *ledger,
                            const CloveProxyRecord *record,
                            CloveProxyOutcome *outcome_out,
                            GError **error)
{
  const CloveProxyBackend *backend = clove_proxy_backend_get (record->desktop);
  g_auto (CloveProxyValues) now = { 0 };
  g_autofree char *url = NULL;
  gboolean is_ours = FALSE;

  if (!backend->read (&now, error))
    return FALSE;
  url = backend->get_url (&now);
  is_ours = clove_proxy_record_has_url (record, url);
  if (is_ours && !backend->write (&record->old, error))
    return FALSE;
  *outcome_out = is_ours ? CLOVE_PROXY_RESTORED : CLOVE_PROXY_LEFT_ALONE;
  return clove_proxy_ledger_remove (ledger, error);
}

/**
 * clove_proxy_restore_own:
 * @ledger: not locked
 * @owner: whose record is meant; another's is left to others
 * @outcome_out: (out): what was done
 * @error: %CLOVE_DESKTOP_ERROR
 *
 * Put back what @owner changed. Blocks.
 *
 * Returns: whether all is well
 */
gboolean
clove_proxy_restore_own (CloveProxyLedger *ledger,
                         const CloveProcessMark *owner,
                         CloveProxyOutcome *outcome_out,
                         GError **error)
{
  g_autoptr (CloveProxyRecord) record = NULL;
  gboolean is_good = FALSE;

  *outcome_out = CLOVE_PROXY_NOTHING;
  if (!clove_proxy_ledger_lock (ledger, error))
    return FALSE;
  is_good = clove_proxy_ledger_load (ledger, &record, error);
  if (is_good && record != NULL && clove_process_mark_equal (&record->owner, owner))
    is_good = clove_proxy_restore_record (ledger, record, outcome_out, error);
  clove_proxy_ledger_unlock (ledger);
  return is_good;
}

/* Nothing is guessed: the old values are in there, for whoever can read them. */
static gboolean
set_aside (CloveProxyLedger *ledger,
           CloveProxyOutcome *outcome_out,
           char **aside_out,
           GError **error)
{
  *aside_out = clove_proxy_ledger_set_aside (ledger, error);
  if (*aside_out == NULL)
    return FALSE;
  *outcome_out = CLOVE_PROXY_SET_ASIDE;
  return TRUE;
}

/**
 * clove_proxy_restore_stale:
 * @ledger: not locked
 * @own: this process
 * @outcome_out: (out): what was done
 * @aside_out: (out) (nullable) (transfer full): the path of what was set aside
 * @error: %CLOVE_DESKTOP_ERROR
 *
 * Put back what a process changed that is gone. Blocks.
 *
 * Returns: whether all is well
 */
gboolean
clove_proxy_restore_stale (CloveProxyLedger *ledger,
                           const CloveProcessMark *own,
                           CloveProxyOutcome *outcome_out,
                           char **aside_out,
                           GError **error)
{
  g_autoptr (CloveProxyRecord) record = NULL;
  g_autoptr (GError) why = NULL;
  gboolean is_good = TRUE;

  *outcome_out = CLOVE_PROXY_NOTHING;
  *aside_out = NULL;
  if (!clove_proxy_ledger_lock (ledger, error))
    return FALSE;
  if (!clove_proxy_ledger_load (ledger, &record, &why)) {
    if (g_error_matches (why, CLOVE_DESKTOP_ERROR, CLOVE_DESKTOP_ERROR_GARBLED)) {
      is_good = set_aside (ledger, outcome_out, aside_out, error);
    } else {
      g_propagate_error (error, g_steal_pointer (&why));
      is_good = FALSE;
    }
  } else if (record != NULL && !clove_process_mark_equal (&record->owner, own) &&
             !clove_process_mark_is_alive (&record->owner)) {
    is_good = clove_proxy_restore_record (ledger, record, outcome_out, error);
  }
  clove_proxy_ledger_unlock (ledger);
  return is_good;
}
