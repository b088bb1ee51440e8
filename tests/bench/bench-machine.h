/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/**
 * BenchMachine:
 *
 * What figures depend on: the processor, and how busy others keep it.
 */
typedef struct {
  char *processor;
  char *load;
} BenchMachine;

void bench_machine_read (BenchMachine *out);
void bench_machine_clear (BenchMachine *self);
char *bench_machine_describe (const BenchMachine *self) G_GNUC_WARN_UNUSED_RESULT;

gdouble bench_process_cpu_s (pid_t pid);
gdouble bench_process_memory_mib (pid_t pid, const char *file, const char *field);
guint64 bench_process_count_wakeups (pid_t pid);

G_END_DECLS
