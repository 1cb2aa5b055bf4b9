/* SPDX-License-Identifier: MIT */
/* SVM itself: is it there, is it fit, switch it on. APM vol. 2, 15.4. */
#pragma once

#include "lib/compiler.h"

/* svm_check() - NULL when the CPU is fit, else what it lacks. */
const char *svm_check(void);

/* svm_enable() - On this CPU: EFER.SVME and its host save area. */
void svm_enable(void);

/* svm_has_next_rip() - The VMCB tells where the next instruction is. */
bool svm_has_next_rip(void);
