/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program of ours in a child process, as a user sees it: arguments in, lines and an exit status
 * out. Every wait has a deadline; no program outlives its test.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
  GSubprocess *process;
  GString *output; /* all of its standard output so far */
  GString *errors; /* and of its standard error */
} Program;

Program *program_new (const char *name, const char *folder, const char *arguments);
Program *program_new_with_debug (const char *name,
                                 const char *folder,
                                 const char *arguments,
                                 const char *domains);
void program_free (Program *self);

void program_wait_for (Program *self, GString *text, const char *wanted);
char *program_wait_for_line (Program *self, GString *text, const char *wanted);
char *program_wait_for_value (Program *self, GString *text, const char *before);
int program_wait_for_end (Program *self);
void program_send_signal (Program *self, int signal_number);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Program, program_free)

G_END_DECLS
