/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-state.h"

G_BEGIN_DECLS

/* Times of the calendar in the text: after 1970, before the year 10000. */
#define CLOVE_STATE_MIN_TIME_S G_GINT64_CONSTANT (1)
#define CLOVE_STATE_MAX_TIME_S G_GINT64_CONSTANT (253402300799)
#define CLOVE_STATE_MAX_RTT_US (60 * G_USEC_PER_SEC)
#define CLOVE_STATE_MILLION    1000000

/* In the order of 2 * #CloveOutcomeKind + whether it was good. */
#define CLOVE_STATE_N_OUTCOME_WORDS 4
extern const char *const clove_state_outcome_words[CLOVE_STATE_N_OUTCOME_WORDS];

G_END_DECLS
