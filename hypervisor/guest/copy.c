// SPDX-License-Identifier: MIT
/*
 * Copies page by page; pages that adjoin in linear memory need not elsewhere.
 * A guest's RAM stays where it is while the guest runs, so what was translated
 * is still its own when it is read or written. The accessed and dirty bits of
 * the caller's tables are left alone: a kernel does not page out its buffers.
 */
#include "guest/copy.h"

#include "arch/guestmem.h"
#include "lib/bits.h"
#include "lib/error.h"
#include "lib/range.h"

#define COPY_MAX_BYTES (UINT64_C(1) << 20)

/* Nothing to do is fine; past the top of the address space is not. */
static bool is_sane(uint64_t linear, size_t bytes)
{
	return bytes == 0 ||
	       (bytes <= COPY_MAX_BYTES && range_is_valid(linear, bytes));
}

/* Bytes of [linear, +left) that lie in the first page. */
static size_t chunk(uint64_t linear, size_t left)
{
	size_t in_page = (size_t)(PAGE_BYTES - (linear & PAGE_MASK));

	return left < in_page ? left : in_page;
}

int copy_from_guest(const struct guest_caller *caller, void *to,
		    uint64_t linear, size_t bytes)
{
	char *out = to;

	if (!is_sane(linear, bytes)) {
		return -XEN_EFAULT;
	}
	for (size_t done = 0; done < bytes;) {
		size_t n = chunk(linear + done, bytes - done);
		hpa_t from;

		if (linear_translate(caller, linear + done, false, &from)) {
			return -XEN_EFAULT;
		}
		guestmem_read(out + done, from, n);
		done += n;
	}
	return 0;
}

int copy_to_guest(const struct guest_caller *caller, uint64_t linear,
		  const void *from, size_t bytes)
{
	const char *in = from;

	if (!is_sane(linear, bytes)) {
		return -XEN_EFAULT;
	}
	for (size_t done = 0; done < bytes;) {
		size_t n = chunk(linear + done, bytes - done);
		hpa_t to;

		if (linear_translate(caller, linear + done, true, &to)) {
			return -XEN_EFAULT;
		}
		guestmem_write(to, in + done, n);
		done += n;
	}
	return 0;
}

bool copy_check(const struct guest_caller *caller, uint64_t linear,
		size_t bytes)
{
	if (!is_sane(linear, bytes)) {
		return false;
	}
	for (size_t done = 0; done < bytes;) {
		hpa_t page;

		if (linear_translate(caller, linear + done, true, &page)) {
			return false;
		}
		done += chunk(linear + done, bytes - done);
	}
	return true;
}
