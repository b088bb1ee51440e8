/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

guint clove_exit_accept_get_quality (const char *accept, const char *media_type);

G_END_DECLS
