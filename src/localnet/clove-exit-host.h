/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

const char *clove_exit_host_refusal (const char *host);

G_END_DECLS
