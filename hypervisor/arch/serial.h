/* SPDX-License-Identifier: MIT */
/* The hypervisor's own serial port, output only. */
#pragma once

/* serial_init() - Program COM2, 115200 8N1; nothing happens if it is absent. */
void serial_init(void);

/* serial_put() - Send one byte, waiting a bounded time for room. */
void serial_put(char byte);
