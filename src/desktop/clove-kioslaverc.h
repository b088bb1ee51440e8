/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-proxy-values.h"

G_BEGIN_DECLS

/* Far more than KDE ever writes. */
#define CLOVE_KIOSLAVERC_MAX_SIZE (1024 * 1024)

gboolean clove_kioslaverc_read (const char *text,
                                gsize size,
                                CloveProxyValues *out,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *clove_kioslaverc_write (const char *text,
                              const CloveProxyValues *values) G_GNUC_WARN_UNUSED_RESULT;
void clove_kioslaverc_make (CloveProxyValues *out, const char *url);
char *clove_kioslaverc_get_url (const CloveProxyValues *values) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
