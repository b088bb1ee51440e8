/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-cli-report.h"

static void
tell_circuit (CloveCliReport *self, const CloveSnapshot *snapshot, GString *output)
{
  static const char *const places[CLOVE_SNAPSHOT_MAX_HOPS] = { "Entry: ", "Middle:", "Exit:  " };

  if (snapshot->state != CLOVE_ENGINE_CONNECTED || snapshot->generation == self->generation_told)
    return;
  self->generation_told = snapshot->generation;
  for (guint i = 0; i < MIN (snapshot->live.n_hops, G_N_ELEMENTS (places)); i++)
    g_string_append_printf (output, "%s %s (%s)\n", places[i], snapshot->live.hops[i].name,
                            snapshot->live.hops[i].address);
}

static void
tell_listening (CloveCliReport *self, const CloveSnapshot *snapshot, GString *output)
{
  if (self->is_listening_told || snapshot->listen_address == NULL || self->generation_told == 0)
    return;
  self->is_listening_told = TRUE;
  g_string_append_printf (output, "Proxy listening on http://%s\n", snapshot->listen_address);
}

static void
tell_waiting (const CloveSnapshot *snapshot, GString *errors)
{
  gint64 wait_s = MAX (snapshot->next_try_us - snapshot->taken_us, 0) / G_USEC_PER_SEC;

  g_string_append_printf (errors, "Waiting, next try in %u:%02u.\n", (guint) wait_s / 60,
                          (guint) wait_s % 60);
}

static void
tell_state (CloveCliReport *self, const CloveSnapshot *snapshot, GString *errors)
{
  if (snapshot->state == self->state_told)
    return;
  self->state_told = snapshot->state;
  switch (snapshot->state) {
    case CLOVE_ENGINE_LOADING:
      g_string_append (errors, "Loading the relay directory.\n");
      break;
    case CLOVE_ENGINE_BUILDING:
      g_string_append_printf (errors, "Building a circuit; the directory has %u relays.\n",
                              snapshot->n_relays);
      break;
    case CLOVE_ENGINE_WAITING:
      tell_waiting (snapshot, errors);
      break;
    case CLOVE_ENGINE_STOPPING:
      g_string_append (errors, "Stopping.\n");
      break;
    case CLOVE_ENGINE_OFF:
    case CLOVE_ENGINE_OFFLINE:
    case CLOVE_ENGINE_CONNECTED:
    case CLOVE_ENGINE_REBUILDING:
    case CLOVE_ENGINE_FAILED:
    default:
      break;
  }
}

/* The story: what was seen and what was done, each with its time. */
static void
tell_causes (CloveCliReport *self, const CloveSnapshot *snapshot, GString *errors)
{
  for (guint i = 0; snapshot->causes != NULL && i < snapshot->causes->len; i++) {
    const CloveSnapshotCause *cause = g_ptr_array_index (snapshot->causes, i);
    g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (cause->time_s);
    g_autofree char *clock = g_date_time_format (time, "%H:%M:%S");

    if (cause->serial <= self->cause_told)
      continue;
    self->cause_told = cause->serial;
    g_string_append_printf (errors, "%s %s\n", clock,
                            self->is_naming_sites ? cause->text : cause->redacted);
  }
}

/* A problem that lasts is told once, and again when it comes back. Those of circuits are causes. */
static void
tell_problem (CloveCliReport *self, const CloveSnapshot *snapshot, GString *errors)
{
  const char *problem = snapshot->directory_problem;

  if (problem != NULL && g_strcmp0 (problem, self->problem_told) != 0)
    g_string_append_printf (errors, "Problem with the relay directory: %s.\n", problem);
  if (g_strcmp0 (problem, self->problem_told) != 0) {
    g_free (self->problem_told);
    self->problem_told = g_strdup (problem);
  }
}

/** clove_cli_report_clear: Free what the report holds. */
void
clove_cli_report_clear (CloveCliReport *self)
{
  g_clear_pointer (&self->problem_told, g_free);
}

/**
 * clove_cli_report_add:
 * @self: a report; zeroed at first, but for what it may name
 * @snapshot: the newest state
 * @output: lines for standard output are appended here
 * @errors: lines for standard error are appended here
 *
 * Say what is new in @snapshot.
 */
void
clove_cli_report_add (CloveCliReport *self,
                      const CloveSnapshot *snapshot,
                      GString *output,
                      GString *errors)
{
  tell_problem (self, snapshot, errors);
  tell_causes (self, snapshot, errors);
  tell_state (self, snapshot, errors);
  tell_circuit (self, snapshot, output);
  tell_listening (self, snapshot, output);
}
