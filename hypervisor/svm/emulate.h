/* SPDX-License-Identifier: MIT */
/* Instructions of a guest that are carried out for it. */
#pragma once

#include "svm/vcpu.h"

/**
 * emulate_cr8_write() - Do a write to the task priority that was intercepted.
 * Return: as emulate_access().
 */
const char *emulate_cr8_write(struct vcpu *vcpu);

/**
 * emulate_access() - Do what the instruction at rip wanted of such a page.
 * Return: NULL, and the instruction is done; else why it could not be.
 */
const char *emulate_access(struct vcpu *vcpu);
