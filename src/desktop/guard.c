/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clove-guard FOLDER OWNER: waits until the program at the other end of its standard input is gone.
 * Unless that said before that all is done, it puts the system proxy back, if the record in the
 * folder is still that owner's.
 *
 * It outlives what may end the program: signals of the terminal, and a polite request to end. It
 * does not outlive a hanging desktop: should putting back take longer than ten seconds, it ends,
 * and with it the lock that the next start of the program waits for.
 */
#include "config.h"

#include "clove-proxy-guard.h"
#include "clove-proxy-restore.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#define MAX_RESTORE_S 10

static void
ignore_signals (void)
{
  static const int numbers[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    (void) signal (numbers[i], SIG_IGN);
}

/* Returns: whether the program ended without a word */
static gboolean
wait_for_end (void)
{
  for (;;) {
    char byte = 0;
    gssize n = read (STDIN_FILENO, &byte, 1);

    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return TRUE;
    if (byte == CLOVE_PROXY_GUARD_DONE)
      return FALSE;
  }
}

int
main (int argc, char *argv[])
{
  g_autoptr (CloveProxyLedger) ledger = NULL;
  g_autoptr (GError) error = NULL;
  CloveProcessMark owner = { 0 };
  CloveProxyOutcome outcome = CLOVE_PROXY_NOTHING;

  ignore_signals ();
  if (argc != 3 || !clove_process_mark_parse (&owner, argv[2])) {
    g_printerr ("%s is started by clove, to put the system proxy back\n", "clove-guard");
    return 2;
  }
  if (!wait_for_end ())
    return 0;
  (void) signal (SIGALRM, SIG_DFL);
  (void) alarm (MAX_RESTORE_S);
  ledger = clove_proxy_ledger_new (argv[1]);
  if (clove_proxy_restore_own (ledger, &owner, &outcome, &error))
    return 0;
  g_printerr ("clove-guard: the system proxy could not be put back: %s\n", error->message);
  return 1;
}
