/* SPDX-License-Identifier: MIT */
/* Attributes and small helpers that every room uses. */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define __must_check	      __attribute__((warn_unused_result))
#define __noinline	      __attribute__((noinline))
#define __noreturn	      __attribute__((noreturn))
#define __unused	      __attribute__((unused))
#define __aligned_to(n)	      __attribute__((aligned(n)))
#define __printf_like(fmt, a) __attribute__((format(printf, fmt, a)))
#define ARRAY_COUNT(a)	      (sizeof(a) / sizeof((a)[0]))

/* container_of() - The structure of @type whose @member lies at @ptr. */
#define container_of(ptr, type, member)                                        \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* read_once() - One load of a word that another CPU may change meanwhile. */
#define read_once(x) (*(const volatile __typeof__(x) *)&(x))
/* write_once() - One store of a word that another CPU may read meanwhile. */
#define write_once(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
