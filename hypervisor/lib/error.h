/* SPDX-License-Identifier: MIT */
/*
 * Error numbers of the lower ranks and of the transport: Xen's, negative.
 * The DMA service itself answers in NTSTATUS (<sluice/ntstatus.h>).
 */
#pragma once

#include "lib/compiler.h"

#include <xen/errno.h>
