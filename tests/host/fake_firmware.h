/* SPDX-License-Identifier: MIT */
/* Firmware tables as bytes: RSDP, XSDT, MCFG, and DMAR or IVRS for a machine.
 */
#pragma once

#include "lib/compiler.h"

struct machine_config;

#define FIRMWARE_TABLE_MAX 4096u

/* firmware_dmar() - Write a DMAR. Return: its length. */
uint32_t firmware_dmar(const struct machine_config *config,
		       uint8_t out[FIRMWARE_TABLE_MAX]);

/* firmware_ivrs() - Write an IVRS. Return: its length. */
uint32_t firmware_ivrs(const struct machine_config *config,
		       uint8_t out[FIRMWARE_TABLE_MAX]);

/* firmware_checksum() - Set byte 9 so that the table's sum is 0. */
void firmware_checksum(uint8_t *table, uint32_t bytes);

/* Tables of units; NULL = none. */
struct firmware_tables {
	const uint8_t *dmar;
	uint32_t dmar_bytes;
	const uint8_t *ivrs;
	uint32_t ivrs_bytes;
};

/**
 * firmware_place() - Put RSDP, XSDT, MCFG and @tables into RAM.
 * @base: machine address of 64 KiB of it
 * Return: machine address of the RSDP.
 */
uint64_t firmware_place(uint64_t base, const struct firmware_tables *tables);
