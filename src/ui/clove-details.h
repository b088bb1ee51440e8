/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *clove_details_translate (const char *detail) G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_details_is_known (const char *detail);
char *clove_details_fill (const char *format, const char *const *words) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
