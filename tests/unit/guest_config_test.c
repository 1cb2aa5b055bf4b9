/* SPDX-License-Identifier: MIT */
/*
 * A guest's file is read whole, or refused with the line that is wrong.
 */
#include "suites.h"

#include <sluice/sluice.h>
#include <string.h>

#define MINIMAL "name = \"edu\"\nkernel = \"/k\"\nmemory = 64\n"

static struct sluice_guest_config config;
static struct sluice_error error;

static NTSTATUS parse(const char *text)
{
	memset(&error, 0, sizeof(error));
	return sluice_guest_config_parse("test.cfg", text, &config, &error);
}

START_TEST(test_every_key_reaches_the_configuration)
{
	ck_assert_int_eq(
		parse("# a guest with one device\n"
		      "name = 'edu-1'; type = \"pvh\"\n"
		      "kernel = \"/boot/guest\"\n"
		      "ramdisk = \"/boot/initrd\"\n"
		      "extra = \"console=ttyS0 # no comment\"\n"
		      "memory = 4096\n"
		      "vcpus = 1\n"
		      "pci = [ \"00:04.0,reset=none\",\n"
		      "        '0000:01:00.1',\n"
		      "        '02:00.0,interrupts=unsafe,reset=none' ]\n"
		      "machine = \"x86\"\n"
		      "dma_types = [ \"translate\", \"translates1\" ]\n"
		      "dma_domains = 8\n"
		      "dma_table_pages = 512"),
		STATUS_SUCCESS);

	ck_assert_str_eq(config.name, "edu-1");
	ck_assert_str_eq(config.kernel, "/boot/guest");
	ck_assert_str_eq(config.ramdisk, "/boot/initrd");
	ck_assert_str_eq(config.cmdline, "console=ttyS0 # no comment");
	ck_assert_uint_eq(config.memory_bytes, UINT64_C(4096) << 20);
	ck_assert_uint_eq(config.vcpu_count, 1);
	ck_assert_uint_eq(config.machine, SLUICE_MACHINE_I386);
	ck_assert_uint_eq(config.allowed_types, 0x9);
	ck_assert_uint_eq(config.domain_quota, 8);
	ck_assert_uint_eq(config.table_page_quota, 512);
	ck_assert_uint_eq(config.device_count, 3);
	ck_assert_uint_eq(config.device[0].sbdf, 0x20);
	ck_assert(config.device[0].reset_waived);
	ck_assert_uint_eq(config.device[1].sbdf, 0x101);
	ck_assert(!config.device[1].reset_waived);
	ck_assert(!config.device[1].interrupts_unsafe);
	ck_assert(config.device[2].reset_waived);
	ck_assert(config.device[2].interrupts_unsafe);
	sluice_guest_config_free(&config);
	ck_assert_ptr_null(config.kernel);
}
END_TEST

START_TEST(test_unset_keys_have_their_defaults)
{
	ck_assert_int_eq(parse(MINIMAL), STATUS_SUCCESS);

	ck_assert_uint_eq(config.machine, SLUICE_MACHINE_AMD64);
	ck_assert_uint_eq(config.vcpu_count, 1);
	ck_assert(!config.has_types);
	ck_assert_uint_eq(config.domain_quota, 0);
	ck_assert_uint_eq(config.table_page_quota, 0);
	ck_assert_uint_eq(config.device_count, 0);
	ck_assert_ptr_null(config.ramdisk);
	ck_assert_ptr_null(config.cmdline);
	sluice_guest_config_free(&config);
}
END_TEST

/* Text behind MINIMAL, whose last line is 3, and what the message holds. */
static const struct {
	const char *text;
	const char *message;
} refused[] = {
	{"memmory = 64\n", "test.cfg:4: unknown key \"memmory\""},
	{"\n# x = 1\nvif = [\n'a',\n'b' ]\n",
	 "test.cfg:6: unknown key \"vif\""},
	{"vcpus = 1; bios = 'x'\n", "test.cfg:4: unknown key \"bios\""},
	{"extra = \"a\\\"; b = 1\"\nfoo = 1\n", "test.cfg:5: unknown key"},
	{"vcpus = 1 # it's [ one\nfoo = 1\n", "test.cfg:5: unknown key"},
	{"memory = 32\n", "test.cfg:4: \"memory\" is set on line 3"},
	{"pci += [ \"00:04.0\" ]\n", "test.cfg:4: \"pci\" is added to"},
	{"type = \"hvm\"\n", "test.cfg:4: type:"},
	{"type = []\n", "test.cfg:4: type:"},
	{"vcpus = 2\n", "test.cfg:4: vcpus:"},
	{"vcpus = 0\n", "test.cfg:4: vcpus:"},
	{"vcpus = \"one\"\n", "test.cfg:4: vcpus:"},
	{"machine = \"i386\"\n", "test.cfg:4: machine:"},
	{"dma_types = \"translate\"\n", "test.cfg:4: dma_types:"},
	{"dma_types = [ \"Translate\" ]\n", "test.cfg:4: dma_types:"},
	{"dma_domains = 0\n", "test.cfg:4: dma_domains:"},
	{"dma_domains = 65536\n", "test.cfg:4: dma_domains:"},
	{"dma_table_pages = '-1'\n", "test.cfg:4: dma_table_pages:"},
	{"pci = \"00:04.0\"\n", "test.cfg:4: pci:"},
	{"pci = [ \"0:4.0\" ]\n", "test.cfg:4: pci: \"0:4.0\""},
	{"pci = [ \"00:04.0,reset\" ]\n", "test.cfg:4: pci:"},
	{"pci = [ \"00:04.0,permissive=1\" ]\n", "test.cfg:4: pci:"},
	{"pci = [ \"00:04.0\", \"0000:00:04.0\" ]\n", "named twice"},
	{"extra = \"\"\n", "test.cfg:4: extra:"},
	{"extra = \"a\"\ncmdline = \"b\"\n", "test.cfg:5: cmdline:"},
	{"ramdisk = [ \"a\" ]\n", "test.cfg:4: ramdisk:"},
	{"ramdisk = \n", "config parsing error"},
};

START_TEST(test_mistakes_are_refused_with_their_line)
{
	char text[512] = MINIMAL;

	strcat(text, refused[_i].text);
	ck_assert_int_eq(parse(text), STATUS_INVALID_PARAMETER);
	ck_assert_msg(strstr(error.text, refused[_i].message) != NULL,
		      "\"%s\" does not hold \"%s\"", error.text,
		      refused[_i].message);
	ck_assert_ptr_null(strchr(error.text, '\n'));
	ck_assert_ptr_null(config.kernel);
}
END_TEST

START_TEST(test_needed_keys_are_missed_by_name)
{
	ck_assert_int_eq(parse("kernel = \"/k\"\nmemory = 64\n"),
			 STATUS_INVALID_PARAMETER);
	ck_assert_ptr_nonnull(strstr(error.text, "\"name\" is not set"));
	ck_assert_int_eq(parse("name = \"a\"\nmemory = 64\n"),
			 STATUS_INVALID_PARAMETER);
	ck_assert_ptr_nonnull(strstr(error.text, "\"kernel\" is not set"));
	ck_assert_int_eq(parse("name = \"a\"\nkernel = \"/k\"\n"),
			 STATUS_INVALID_PARAMETER);
	ck_assert_ptr_nonnull(strstr(error.text, "\"memory\" is not set"));
}
END_TEST

START_TEST(test_memory_and_names_have_bounds)
{
	static const char *const bad[] = {
		"name = \"a\"\nkernel = \"/k\"\nmemory = 3\n",
		"name = \"a\"\nkernel = \"/k\"\nmemory = -64\n",
		"name = \"a\"\nkernel = \"/k\"\nmemory = 16777217\n",
		"name = \"a\"\nkernel = \"k\"\nmemory = 9999999999999999999\n",
		"name = \"a\"\nkernel = \"\"\nmemory = 64\n",
		"name = \"12\"\nkernel = \"/k\"\nmemory = 64\n",
		"name = \"a b\"\nkernel = \"/k\"\nmemory = 64\n",
		"name = \"sixteen-bytes-xx\"\nkernel = \"/k\"\nmemory = 64\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(parse(bad[i]) == STATUS_INVALID_PARAMETER, "%s",
			      bad[i]);
	}
}
END_TEST

START_TEST(test_file_that_is_not_there_is_not_found)
{
	ck_assert_int_eq(
		sluice_guest_config_read("/nonexistent/x.cfg", &config, &error),
		STATUS_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(error.text, "/nonexistent/x.cfg"));
	ck_assert_int_eq(sluice_guest_config_read("/", &config, &error),
			 STATUS_INVALID_PARAMETER);
}
END_TEST

Suite *guest_config_suite(void)
{
	Suite *suite = suite_create("guest_config");
	TCase *c = tcase_create("files");

	tcase_add_test(c, test_every_key_reaches_the_configuration);
	tcase_add_test(c, test_unset_keys_have_their_defaults);
	tcase_add_loop_test(c, test_mistakes_are_refused_with_their_line, 0,
			    sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(c, test_needed_keys_are_missed_by_name);
	tcase_add_test(c, test_memory_and_names_have_bounds);
	tcase_add_test(c, test_file_that_is_not_there_is_not_found);
	suite_add_tcase(suite, c);
	return suite;
}
