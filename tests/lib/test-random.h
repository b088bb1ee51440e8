/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void test_random_seed (guint64 seed);
void test_random_unseed (void);

G_END_DECLS
