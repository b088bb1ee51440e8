/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the file begins with: who finds it on a port knows that Clove listens there. */
#define CLOVE_PAC_MARK "// Clove"

char *clove_pac_new (const char *proxy_address) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
