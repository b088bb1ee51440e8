/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean bench_builds_run (const char *directory,
                           guint n_builds,
                           GArray **times_ms_out,
                           GError **error);

G_END_DECLS
