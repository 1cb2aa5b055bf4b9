/* SPDX-License-Identifier: MIT */
/* A bare guest as the machine under test of the oracle (oracle_state.h). */
#pragma once

#include "oracle_state.h"

/**
 * replay_start() - Learn what the caller is and has.
 * @dma_each: every so many sequences devices are tried; 0 = never
 * Return: false: the hypervisor does not tell.
 */
bool replay_start(struct oracle *o, uint64_t dma_each);

/*
 * Frames that devices may write: nothing of the guest's lies there, and the
 * generator draws most of its frames from them.
 */
#define REPLAY_FRAME_FIRST 16u
#define REPLAY_FRAMES	   64u

/* replay_dma() - Send the guest's devices where the model says, and not. */
void replay_dma(struct oracle *o);

/* replay_dma_start() - Find the devices' registers. */
void replay_dma_start(struct oracle *o);
