/* SPDX-License-Identifier: MIT */
/*
 * A kernel image is loaded as it says, or refused; no byte of it is trusted.
 */
#include "guest_boot.h"
#include "guest_image.h"
#include "suites.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <xen/arch-x86/hvm/start_info.h>

#define ROOM (UINT64_C(16) << 20)

/* An image of either class: one loadable segment, one note. */
struct image64 {
	Elf64_Ehdr header;
	Elf64_Phdr segment[2];
	Elf64_Nhdr note;
	char name[4];
	uint32_t entry;
	char code[16];
};

struct image32 {
	Elf32_Ehdr header;
	Elf32_Phdr segment[2];
	Elf32_Nhdr note;
	char name[4];
	uint32_t entry;
	char code[16];
};

#define NOTE_BYTES (sizeof(Elf64_Nhdr) + 8)

/* The structure has padding behind the image. */
#define IMAGE_END (offsetof(struct image64, code) + 16)

/* The two classes differ in types alone. */
#define IMAGE(type, bits, class, machine)                                      \
	{                                                                      \
		.header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,     \
				       class, ELFDATA2LSB},                    \
			   .e_machine = machine,                               \
			   .e_phoff = offsetof(struct type, segment),          \
			   .e_phnum = 2,                                       \
			   .e_phentsize = sizeof(Elf##bits##_Phdr)},           \
		.segment = {{.p_type = PT_LOAD,                                \
			     .p_offset = offsetof(struct type, code),          \
			     .p_paddr = 0x100000,                              \
			     .p_filesz = 16,                                   \
			     .p_memsz = 0x2000},                               \
			    {.p_type = PT_NOTE,                                \
			     .p_offset = offsetof(struct type, note),          \
			     .p_filesz = NOTE_BYTES}},                         \
		.note = {4, 4, 18}, .name = "Xen", .entry = 0x100010,          \
	}

static const struct image64 good64 = IMAGE(image64, 64, ELFCLASS64, EM_X86_64);
static const struct image32 good32 = IMAGE(image32, 32, ELFCLASS32, EM_386);

static struct sluice_error error;

/* Parse a copy of exactly @length bytes, so that a read beyond is seen. */
static NTSTATUS parse(const void *bytes, size_t length,
		      struct guest_image *image)
{
	struct file_bytes file = {.bytes = malloc(length + 1),
				  .length = length};

	ck_assert_ptr_nonnull(file.bytes);
	memcpy(file.bytes, bytes, length);
	file.bytes[length] = '\0';

	NTSTATUS status =
		guest_image_parse("image", &file, ROOM, image, &error);

	file_free(&file);
	return status;
}

START_TEST(test_both_classes_are_read)
{
	struct guest_image image;
	NTSTATUS status = _i == 0 ? parse(&good64, sizeof(good64), &image)
				  : parse(&good32, sizeof(good32), &image);

	ck_assert_int_eq(status, STATUS_SUCCESS);
	ck_assert_uint_eq(image.entry, 0x100010);
	ck_assert_uint_eq(image.end, 0x102000);
	ck_assert_uint_eq(image.segment_count, 1);
	ck_assert_uint_eq(image.segment[0].address, 0x100000);
	ck_assert_uint_eq(image.segment[0].file_bytes, 16);
	ck_assert_uint_eq(image.segment[0].memory_bytes, 0x2000);
}
END_TEST

START_TEST(test_every_truncation_is_refused)
{
	struct guest_image image;

	for (size_t length = 0; length < IMAGE_END; length++) {
		ck_assert_int_eq(parse(&good64, length, &image),
				 STATUS_INVALID_PARAMETER);
	}
}
END_TEST

START_TEST(test_unfit_images_are_refused_with_the_reason)
{
	struct image64 i[11];
	static const char *const reasons[] = {
		"no ELF image",
		"little-endian",
		"ELF class",
		"another machine",
		"headers are broken",
		"outside the file",
		"outside the file",
		"does not fit",
		"does not fit",
		"no PVH entry",
		"entry is in no segment",
	};
	struct guest_image image;

	for (size_t n = 0; n < 11; n++) {
		i[n] = good64;
	}
	i[0].header.e_ident[EI_MAG0] = 'M';
	i[1].header.e_ident[EI_DATA] = ELFDATA2MSB;
	i[2].header.e_ident[EI_CLASS] = 9;
	i[3].header.e_machine = EM_AARCH64;
	i[4].header.e_phoff = UINT64_MAX - 8;
	i[5].segment[0].p_offset = UINT64_MAX - 7;
	i[6].segment[0].p_filesz = 0x2001;
	i[7].segment[0].p_paddr = UINT64_MAX - 0xfff;
	i[8].segment[0].p_memsz = ROOM;
	i[9].note.n_type = 17;
	i[10].entry = 0x102000;
	for (size_t n = 0; n < 11; n++) {
		ck_assert_int_eq(parse(&i[n], sizeof(i[n]), &image),
				 STATUS_INVALID_PARAMETER);
		ck_assert_msg(strstr(error.text, reasons[n]) != NULL, "%zu: %s",
			      n, error.text);
	}
}
END_TEST

START_TEST(test_no_single_wrong_byte_is_followed_out_of_bounds)
{
	static const unsigned char values[] = {0x00, 0x7f, 0x80, 0xff};
	struct guest_image image;

	for (size_t at = 0; at < sizeof(good64) * 4; at++) {
		struct image64 bad = good64;

		((unsigned char *)&bad)[at / 4] = values[at % 4];
		if (!NT_SUCCESS(parse(&bad, sizeof(bad), &image))) {
			continue;
		}
		for (unsigned s = 0; s < image.segment_count; s++) {
			const struct guest_segment *g = &image.segment[s];

			ck_assert_uint_le(g->offset, sizeof(bad));
			ck_assert_uint_le(g->file_bytes,
					  sizeof(bad) - g->offset);
			ck_assert_uint_le(g->file_bytes, g->memory_bytes);
			ck_assert_uint_le(g->address, ROOM);
			ck_assert_uint_le(g->memory_bytes, ROOM - g->address);
		}
	}
}
END_TEST

START_TEST(test_start_info_points_at_its_parts)
{
	static unsigned char block[GUEST_BOOT_BYTES];
	const struct guest_boot boot = {
		.address = 0x200000,
		.memory_bytes = GUEST_RAM_LOW_MAX + 0x40000000,
		.module = 0x201000,
		.module_bytes = 77,
		.cmdline = "quiet",
	};
	struct hvm_start_info info;
	struct hvm_memmap_table_entry map[2];
	struct hvm_modlist_entry module;

	guest_boot_build(&boot, block);

	memcpy(&info, block, sizeof(info));
	ck_assert_uint_eq(info.magic, XEN_HVM_START_MAGIC_VALUE);
	ck_assert_uint_eq(info.version, 1);
	ck_assert_uint_eq(info.nr_modules, 1);
	ck_assert_uint_eq(info.memmap_entries, 2);
	memcpy(map, block + (info.memmap_paddr - boot.address), sizeof(map));
	ck_assert_uint_eq(map[0].addr, 0);
	ck_assert_uint_eq(map[0].size, GUEST_RAM_LOW_MAX);
	ck_assert_uint_eq(map[0].type, XEN_HVM_MEMMAP_TYPE_RAM);
	ck_assert_uint_eq(map[1].addr, GUEST_RAM_HIGH);
	ck_assert_uint_eq(map[1].size, 0x40000000);
	memcpy(&module, block + (info.modlist_paddr - boot.address),
	       sizeof(module));
	ck_assert_uint_eq(module.paddr, 0x201000);
	ck_assert_uint_eq(module.size, 77);
	ck_assert_str_eq((char *)block + (info.cmdline_paddr - boot.address),
			 "quiet");
}
END_TEST

START_TEST(test_start_info_leaves_out_what_is_not_there)
{
	static unsigned char block[GUEST_BOOT_BYTES];
	const struct guest_boot boot = {.address = 0x1000,
					.memory_bytes = ROOM};
	struct hvm_start_info info;

	memset(block, 0xff, sizeof(block));
	guest_boot_build(&boot, block);

	memcpy(&info, block, sizeof(info));
	ck_assert_uint_eq(info.nr_modules, 0);
	ck_assert_uint_eq(info.modlist_paddr, 0);
	ck_assert_uint_eq(info.cmdline_paddr, 0);
	ck_assert_uint_eq(info.memmap_entries, 1);
	ck_assert_uint_eq(block[GUEST_BOOT_BYTES - 1], 0);
}
END_TEST

Suite *guest_image_suite(void)
{
	Suite *suite = suite_create("guest_image");
	TCase *c = tcase_create("images");

	tcase_add_loop_test(c, test_both_classes_are_read, 0, 2);
	tcase_add_test(c, test_every_truncation_is_refused);
	tcase_add_test(c, test_unfit_images_are_refused_with_the_reason);
	tcase_add_test(c, test_no_single_wrong_byte_is_followed_out_of_bounds);
	tcase_add_test(c, test_start_info_points_at_its_parts);
	tcase_add_test(c, test_start_info_leaves_out_what_is_not_there);
	suite_add_tcase(suite, c);
	return suite;
}
