/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bench-options.h"
#include "bench-report.h"

#include <glib.h>

G_BEGIN_DECLS

gboolean bench_proxy_run (const BenchOptions *options, BenchReport *report, GError **error);

G_END_DECLS
