/* SPDX-License-Identifier: MIT */
/* The control domain's writes to the interrupt command register. */
#pragma once

#include "svm/vcpu.h"

/**
 * icr_filter() - Send what reaches the control domain's own CPU, drop the rest.
 * @value: as written to MSR 830h
 *
 * INIT and start-up IPIs are dropped whatever their target: an INIT resets a
 * CPU out of guest mode, and no intercept holds it back. A drop is logged.
 * Return: false when a reserved bit is set (#GP).
 */
bool icr_filter(struct vcpu *vcpu, uint64_t value);
