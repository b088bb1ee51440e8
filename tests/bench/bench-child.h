/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/**
 * BenchChild:
 *
 * A program that runs beside the benchmark and ends with it.
 */
typedef struct _BenchChild BenchChild;

BenchChild *bench_child_new (const char *const *arguments,
                             const char *home,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bench_child_free (BenchChild *self);

char *bench_child_wait_for_line (BenchChild *self,
                                 const char *prefix,
                                 gint64 deadline_ms,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
pid_t bench_child_get_pid (BenchChild *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BenchChild, bench_child_free)

G_END_DECLS
