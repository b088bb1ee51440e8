/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-relay.h"

#include <glib.h>

G_BEGIN_DECLS

/* For so long must a relay be silent before it is given up. */
#define CLOVE_ENTRY_SILENCE_US     (G_GINT64_CONSTANT (600) * G_USEC_PER_SEC)
/* A relay was found dead while others answered if one answered within so long, before or after. */
#define CLOVE_ENTRY_WITNESS_US     (G_GINT64_CONSTANT (120) * G_USEC_PER_SEC)
/* What was found longer ago says nothing about the time in between. */
#define CLOVE_ENTRY_LONGEST_GAP_US (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)

/* Of any relay there is another one among the last two that answered. */
#define CLOVE_ENTRY_N_WITNESSES 2

typedef struct {
  guint8 key[CLOVE_RELAY_KEY_SIZE];
  gint64 answered_us;
} CloveEntryWitness;

/**
 * CloveEntryWitnesses:
 *
 * The entry relays that answered last and were not found dead since. Pure: told the time. Starts as
 * all zero.
 */
typedef struct {
  /*< private >*/
  CloveEntryWitness last[CLOVE_ENTRY_N_WITNESSES]; /* the latest first */
  guint n;
  gboolean is_all_silent;
} CloveEntryWitnesses;

/**
 * CloveEntrySilence:
 *
 * What was found of one relay since it last answered. Pure: told the time. Starts as all zero.
 */
typedef struct {
  /*< private >*/
  gboolean is_silent;
  gint64 alone_us; /* found dead while nobody else was known to answer; 0: not so */
  gint64 since_us; /* first found dead while others answered; 0: never */
  gint64 last_us;  /* last found so */
} CloveEntrySilence;

void clove_entry_witnesses_note_works (CloveEntryWitnesses *self,
                                       const guint8 key[static CLOVE_RELAY_KEY_SIZE],
                                       gint64 now_us);
void clove_entry_witnesses_note_dead (CloveEntryWitnesses *self,
                                      const guint8 key[static CLOVE_RELAY_KEY_SIZE]);
gboolean clove_entry_witnesses_is_all_silent (const CloveEntryWitnesses *self);

void clove_entry_silence_note_works (CloveEntrySilence *self);
void clove_entry_silence_note_dead (CloveEntrySilence *self,
                                    const CloveEntryWitnesses *witnesses,
                                    gint64 now_us);
void clove_entry_silence_note_other_works (CloveEntrySilence *self, gint64 now_us);
gboolean clove_entry_silence_is_silent (const CloveEntrySilence *self);
gint64 clove_entry_silence_get_check_us (const CloveEntrySilence *self);
gboolean clove_entry_silence_is_proven (const CloveEntrySilence *self, gint64 now_us);

G_END_DECLS
