/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BenchSubject:
 * @BENCH_CLOVE: the proxy of this build
 * @BENCH_OTHER: the one of --versus
 *
 * Whose figure it is.
 */
typedef enum {
  BENCH_CLOVE,
  BENCH_OTHER,
  BENCH_N_SUBJECTS,
} BenchSubject;

/**
 * BenchReport:
 *
 * The figures of all runs, in the order in which they first came, and what went wrong.
 */
typedef struct _BenchReport BenchReport;

BenchReport *bench_report_new (void) G_GNUC_WARN_UNUSED_RESULT;
void bench_report_free (BenchReport *self);

void bench_report_add (BenchReport *self,
                       BenchSubject subject,
                       const char *section,
                       const char *name,
                       const char *unit,
                       gdouble value);
void bench_report_set_bytes (BenchReport *self, const char *section, const char *name, gsize size);
void bench_report_fail (BenchReport *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
gboolean bench_report_has_failed (const BenchReport *self);

void bench_report_print (BenchReport *self);
void bench_report_print_json (BenchReport *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BenchReport, bench_report_free)

G_END_DECLS
