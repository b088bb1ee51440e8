/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-directory-error.h"

G_DEFINE_QUARK (clove_directory_error, clove_directory_error)
