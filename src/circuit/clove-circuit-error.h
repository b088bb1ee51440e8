/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveCircuitError:
 * @CLOVE_CIRCUIT_ERROR_MALFORMED: bytes that are not what they should be
 * @CLOVE_CIRCUIT_ERROR_HANDSHAKE: a hop's key or key hash is false
 * @CLOVE_CIRCUIT_ERROR_REFUSED: a relay answered with an error; the message holds its words
 * @CLOVE_CIRCUIT_ERROR_TIMED_OUT: nothing came before the deadline
 * @CLOVE_CIRCUIT_ERROR_STALLED: a reply began to come and stopped
 * @CLOVE_CIRCUIT_ERROR_SITE: the exit cannot reach the site; the message holds its words
 * @CLOVE_CIRCUIT_ERROR_TOO_LARGE: a request that does not fit one stream message
 * @CLOVE_CIRCUIT_ERROR_OVERFLOW: a reply that outgrew the memory it may take
 * @CLOVE_CIRCUIT_ERROR_CLOSED: the circuit or stream was closed
 * @CLOVE_CIRCUIT_ERROR_SEND: the entry cannot be reached: the system refused to send
 *
 * What can go wrong on a circuit. Only @CLOVE_CIRCUIT_ERROR_SITE proves that the circuit lives.
 */
typedef enum {
  CLOVE_CIRCUIT_ERROR_MALFORMED,
  CLOVE_CIRCUIT_ERROR_HANDSHAKE,
  CLOVE_CIRCUIT_ERROR_REFUSED,
  CLOVE_CIRCUIT_ERROR_TIMED_OUT,
  CLOVE_CIRCUIT_ERROR_STALLED,
  CLOVE_CIRCUIT_ERROR_SITE,
  CLOVE_CIRCUIT_ERROR_TOO_LARGE,
  CLOVE_CIRCUIT_ERROR_OVERFLOW,
  CLOVE_CIRCUIT_ERROR_CLOSED,
  CLOVE_CIRCUIT_ERROR_SEND,
} CloveCircuitError;

#define CLOVE_CIRCUIT_ERROR (clove_circuit_error_quark ())
GQuark clove_circuit_error_quark (void);

G_END_DECLS
