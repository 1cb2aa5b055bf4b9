/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * acpi_hide() - Rename DMAR and IVRS in place, so that the control domain
 * leaves the IOMMUs to us. After the units have been found.
 */
void acpi_hide(void);
