/* SPDX-License-Identifier: MIT */
/*
 * ELF, class 32 or 64, little-endian x86: PT_LOAD by p_paddr, PT_NOTE for the
 * PVH entry. The file is untrusted: each offset is compared with what is left
 * of the file, in an order in which nothing wraps.
 */
#include "guest_image.h"

#include <elf.h>
#include <string.h>
#include <xen/elfnote.h>

/* A program header of either class. */
struct segment_header {
	uint32_t type;
	uint64_t offset, address, file_bytes, memory_bytes, align;
};

/* Where an image's program headers are. */
struct header_table {
	bool is_64;
	uint64_t offset;
	unsigned count, entry_bytes;
};

static bool range_is_inside(uint64_t offset, uint64_t bytes, uint64_t length)
{
	return offset <= length && bytes <= length - offset;
}

/* Return: NULL, or what is wrong with it. */
static const char *table_find(const struct file_bytes *file,
			      struct header_table *table)
{
	Elf32_Ehdr h32;
	Elf64_Ehdr h64;
	unsigned machine;

	if (file->length < sizeof(h64) ||
	    memcmp(file->bytes, ELFMAG, SELFMAG) != 0) {
		return "no ELF image; a bzImage must be unpacked to its "
		       "vmlinux";
	}
	memcpy(&h32, file->bytes, sizeof(h32));
	memcpy(&h64, file->bytes, sizeof(h64));
	if (file->bytes[EI_DATA] != ELFDATA2LSB) {
		return "not little-endian; build it for x86";
	}
	if (file->bytes[EI_CLASS] == ELFCLASS64) {
		*table = (struct header_table){true, h64.e_phoff, h64.e_phnum,
					       h64.e_phentsize};
		machine = h64.e_machine;
	} else if (file->bytes[EI_CLASS] == ELFCLASS32) {
		*table = (struct header_table){false, h32.e_phoff, h32.e_phnum,
					       h32.e_phentsize};
		machine = h32.e_machine;
	} else {
		return "of no ELF class; build it for x86";
	}
	if (machine != EM_X86_64 && machine != EM_386) {
		return "for another machine; build it for x86";
	}
	if (table->entry_bytes !=
		    (table->is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)) ||
	    !range_is_inside(table->offset,
			     (uint64_t)table->count * table->entry_bytes,
			     file->length)) {
		return "its program headers are broken; build it again";
	}
	return NULL;
}

static struct segment_header header_read(const struct file_bytes *file,
					 const struct header_table *table,
					 unsigned index)
{
	const char *at = file->bytes + table->offset +
			 (uint64_t)index * table->entry_bytes;

	if (table->is_64) {
		Elf64_Phdr h;

		memcpy(&h, at, sizeof(h));
		return (struct segment_header){h.p_type,  h.p_offset,
					       h.p_paddr, h.p_filesz,
					       h.p_memsz, h.p_align};
	}

	Elf32_Phdr h;

	memcpy(&h, at, sizeof(h));
	return (struct segment_header){h.p_type,   h.p_offset, h.p_paddr,
				       h.p_filesz, h.p_memsz,  h.p_align};
}

static uint64_t align_up(uint64_t value, uint64_t alignment)
{
	return (value + alignment - 1) & ~(alignment - 1);
}

/* Look for Xen's PHYS32_ENTRY among the notes of one segment. */
static bool note_find_entry(const struct file_bytes *file,
			    const struct segment_header *notes, uint32_t *entry)
{
	const uint64_t alignment = notes->align == 8 ? 8 : 4;
	uint64_t at = notes->offset;
	const uint64_t end = notes->offset + notes->file_bytes;
	Elf64_Nhdr note;

	while (range_is_inside(at, sizeof(note), end)) {
		memcpy(&note, file->bytes + at, sizeof(note));

		/* 32-bit lengths: these sums cannot wrap. */
		const uint64_t name = at + sizeof(note);
		const uint64_t value =
			name + align_up(note.n_namesz, alignment);
		const uint64_t next =
			value + align_up(note.n_descsz, alignment);

		if (!range_is_inside(value, note.n_descsz, end)) {
			return false;
		}
		if (note.n_namesz == sizeof("Xen") &&
		    memcmp(file->bytes + name, "Xen", sizeof("Xen")) == 0 &&
		    note.n_type == XEN_ELFNOTE_PHYS32_ENTRY &&
		    (note.n_descsz == 4 || note.n_descsz == 8)) {
			memcpy(entry, file->bytes + value, sizeof(*entry));
			return true;
		}
		at = next;
	}
	return false;
}

/* Return: NULL, or what is wrong with it. */
static const char *segment_add(const struct file_bytes *file,
			       const struct segment_header *header,
			       uint64_t room, struct guest_image *image)
{
	if (image->segment_count == GUEST_IMAGE_SEGMENTS_MAX) {
		return "it has too many segments; link it into fewer";
	}
	if (!range_is_inside(header->offset, header->file_bytes,
			     file->length) ||
	    header->file_bytes > header->memory_bytes) {
		return "a segment lies outside the file; build it again";
	}
	if (!range_is_inside(header->address, header->memory_bytes, room)) {
		return "it does not fit the guest's memory; raise \"memory\"";
	}
	image->segment[image->segment_count++] = (struct guest_segment){
		.offset = header->offset,
		.file_bytes = header->file_bytes,
		.address = header->address,
		.memory_bytes = header->memory_bytes,
	};
	if (image->end < header->address + header->memory_bytes) {
		image->end = header->address + header->memory_bytes;
	}
	return NULL;
}

/* Return: NULL, or what is wrong with it. */
static const char *image_parse(const struct file_bytes *file, uint64_t room,
			       struct guest_image *image)
{
	struct header_table table;
	const char *wrong = table_find(file, &table);
	bool has_entry = false;

	*image = (struct guest_image){0};
	for (unsigned i = 0; wrong == NULL && i < table.count; i++) {
		const struct segment_header header =
			header_read(file, &table, i);

		if (header.type == PT_LOAD && header.memory_bytes != 0) {
			wrong = segment_add(file, &header, room, image);
		} else if (header.type == PT_NOTE && !has_entry &&
			   range_is_inside(header.offset, header.file_bytes,
					   file->length)) {
			has_entry =
				note_find_entry(file, &header, &image->entry);
		}
	}
	if (wrong != NULL) {
		return wrong;
	}
	if (!has_entry) {
		return "no PVH entry (Xen note 18); build it with CONFIG_PVH";
	}
	for (unsigned i = 0; i < image->segment_count; i++) {
		const struct guest_segment *s = &image->segment[i];

		if (image->entry >= s->address &&
		    image->entry - s->address < s->memory_bytes) {
			return NULL;
		}
	}
	return "its PVH entry is in no segment; build it again";
}

NTSTATUS guest_image_parse(const char *path, const struct file_bytes *file,
			   uint64_t room, struct guest_image *image,
			   struct sluice_error *error)
{
	const char *wrong = image_parse(file, room, image);

	if (wrong != NULL) {
		return error_set(error, STATUS_INVALID_PARAMETER,
				 "kernel %s: %s", path, wrong);
	}
	return STATUS_SUCCESS;
}

int guest_image_load(struct xen_tools *tools, uint32_t guest,
		     const struct file_bytes *file,
		     const struct guest_image *image)
{
	for (unsigned i = 0; i < image->segment_count; i++) {
		const struct guest_segment *s = &image->segment[i];
		int result =
			xen_tools_write(tools, guest, s->address,
					file->bytes + s->offset, s->file_bytes);

		if (result == 0) {
			result = xen_tools_write(
				tools, guest, s->address + s->file_bytes, NULL,
				s->memory_bytes - s->file_bytes);
		}
		if (result != 0) {
			return result;
		}
	}
	return 0;
}
