/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "run-options.h"

/** run_options_parse: Take the options out of the command line; what is left is GTest's. */
void
run_options_parse (RunOptions *self, int *argc, char ***argv)
{
  const GOptionEntry entries[] = {
    { "seeds", 0, 0, G_OPTION_ARG_INT, &self->n_seeds, NULL, NULL },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &self->first_seed, NULL, NULL },
    { "steps", 0, 0, G_OPTION_ARG_INT, &self->n_steps, NULL, NULL },
    { "table", 0, 0, G_OPTION_ARG_NONE, &self->is_table, NULL, NULL },
    { "reference", 0, 0, G_OPTION_ARG_NONE, &self->plays_reference, NULL, NULL },
    { "standby", 0, 0, G_OPTION_ARG_NONE, &self->has_standby, NULL, NULL },
    { "keep-entry", 0, 0, G_OPTION_ARG_NONE, &self->keeps_entry, NULL, NULL },
    { "fault", 0, 0, G_OPTION_ARG_STRING, &self->fault, NULL, NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_ignore_unknown_options (context, TRUE);
  g_option_context_set_help_enabled (context, FALSE);
  if (!g_option_context_parse (context, argc, argv, &error))
    g_error ("%s", error->message);
}
