/* SPDX-License-Identifier: MIT */
/*
 * The command line is read strictly: what is not exactly right is refused.
 */
#include "parse.h"
#include "suites.h"

#include <string.h>

static int run_nothing(const struct cli_arguments *arguments)
{
	(void)arguments;
	return CLI_OK;
}

static const struct cli_command commands[] = {
	{"info", NULL, NULL, CLI_JSON, 0, "", run_nothing},
	{"guest", "create", "FILE", CLI_PAUSED, 0, "", run_nothing},
	{"guest", "list", NULL, CLI_JSON | CLI_COUNTS, 0, "", run_nothing},
	{"domain", "list", NULL, CLI_JSON | CLI_GUEST, 0, "", run_nothing},
	{"domain", "create", NULL, CLI_RESERVE, 0, "", run_nothing},
	{"unmap", NULL, "HANDLE LA PAGES", 0, 0, "", run_nothing},
	{"map", NULL, "HANDLE", CLI_TO | CLI_FROM | CLI_PERM,
	 CLI_FROM | CLI_PERM, "", run_nothing},
	{NULL, NULL, NULL, 0, 0, NULL, NULL},
};

#define PARSE(...)                                                             \
	parse_command_line(commands, (char *const[]){__VA_ARGS__, NULL})

START_TEST(test_commands_are_found_with_options_in_any_place)
{
	const struct parse created =
		PARSE("--trace", "guest", "--paused", "create", "edu.cfg");
	const struct parse listed = PARSE("domain", "list", "--guest", "edu");

	ck_assert_int_eq(created.result, PARSE_COMMAND);
	ck_assert_ptr_eq(created.command, &commands[1]);
	ck_assert_str_eq(created.arguments.word[0], "edu.cfg");
	ck_assert_uint_eq(created.arguments.options, CLI_PAUSED);
	ck_assert(created.arguments.trace);
	ck_assert_int_eq(listed.result, PARSE_COMMAND);
	ck_assert_ptr_eq(listed.command, &commands[3]);
	ck_assert_str_eq(listed.arguments.value[CLI_NUMBER_GUEST], "edu");
	ck_assert_ptr_null(listed.arguments.word[0]);
	ck_assert_int_eq(PARSE("info").result, PARSE_COMMAND);
}
END_TEST

START_TEST(test_wrong_words_are_named)
{
	static const struct {
		char *word[8];
		const char *wrong;
	} rows[] = {
		{{NULL}, NULL},
		{{"inf", NULL}, "inf"},
		{{"guest", NULL}, "guest"},
		{{"guest", "lis", NULL}, "lis"},
		{{"guest", "create", NULL}, "FILE"},
		{{"guest", "create", "a", "b", NULL}, "b"},
		{{"guest", "create", "a", "b", "c", NULL}, "c"},
		{{"info", "x", NULL}, "x"},
		{{"info", "--jso", NULL}, "--jso"},
		{{"info", "--json", "--json", NULL}, "--json"},
		{{"info", "-j", NULL}, "-j"},
		{{"info", "--paused", NULL}, "info"},
		{{"guest", "list", "--paused", NULL}, "list"},
		{{"domain", "list", "--guest", NULL}, "--guest"},
		{{"guest", "create", "--", "--paused", "x", NULL}, "x"},
		{{"unmap", NULL}, "HANDLE LA PAGES"},
		{{"unmap", "1", NULL}, "LA PAGES"},
		{{"unmap", "1", "2", NULL}, "PAGES"},
		{{"unmap", "1", "2", "3", "4", NULL}, "4"},
		{{"unmap", "1", "2", "3", "4", "5", "6", NULL}, "6"},
		{{"map", "1", NULL}, "--from"},
		{{"map", "1", "--from", "2", NULL}, "--perm"},
		{{"map", "1", "--from", NULL}, "--from"},
		{{"map", "1", "--to", "2", "--to", "3", NULL}, "--to"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct parse p =
			parse_command_line(commands, rows[i].word);

		ck_assert_msg(p.result == PARSE_WRONG, "row %zu", i);
		ck_assert_pstr_eq(p.wrong, rows[i].wrong);
		ck_assert_ptr_nonnull(p.why);
	}
}
END_TEST

START_TEST(test_every_argument_and_value_is_in_its_place)
{
	const struct parse unmap = PARSE("unmap", "1", "2", "3");
	const struct parse map =
		PARSE("map", "--from", "0x1000", "7", "--perm", "rw");

	ck_assert_int_eq(unmap.result, PARSE_COMMAND);
	ck_assert_str_eq(unmap.arguments.word[0], "1");
	ck_assert_str_eq(unmap.arguments.word[1], "2");
	ck_assert_str_eq(unmap.arguments.word[2], "3");
	ck_assert_int_eq(map.result, PARSE_COMMAND);
	ck_assert_str_eq(map.arguments.word[0], "7");
	ck_assert_str_eq(map.arguments.value[CLI_NUMBER_FROM], "0x1000");
	ck_assert_str_eq(map.arguments.value[CLI_NUMBER_PERM], "rw");
	ck_assert_ptr_null(map.arguments.value[CLI_NUMBER_TO]);
}
END_TEST

START_TEST(test_reserve_may_be_repeated_up_to_the_abi_s_limit)
{
	char *words[2 + 2 * (CLI_RESERVE_MAX + 1) + 1] = {"domain", "create"};
	unsigned count = 2;

	for (unsigned i = 0; i < CLI_RESERVE_MAX; i++) {
		words[count++] = "--reserve";
		words[count++] = i == 0 ? "first" : "other";
	}

	const struct parse most = parse_command_line(commands, words);

	ck_assert_int_eq(most.result, PARSE_COMMAND);
	ck_assert_uint_eq(most.arguments.reserve_count, CLI_RESERVE_MAX);
	ck_assert_str_eq(most.arguments.reserve[0], "first");
	words[count++] = "--reserve";
	words[count++] = "x";
	ck_assert_int_eq(parse_command_line(commands, words).result,
			 PARSE_WRONG);
}
END_TEST

START_TEST(test_two_dashes_end_the_options)
{
	const struct parse p = PARSE("guest", "create", "--", "--paused");

	ck_assert_int_eq(p.result, PARSE_COMMAND);
	ck_assert_str_eq(p.arguments.word[0], "--paused");
	ck_assert_uint_eq(p.arguments.options, 0);
}
END_TEST

START_TEST(test_help_is_given_at_every_level)
{
	const struct parse command = PARSE("guest", "create", "--help");
	const struct parse noun = PARSE("guest", "--help");

	ck_assert_int_eq(command.result, PARSE_HELP);
	ck_assert_ptr_eq(command.command, &commands[1]);
	ck_assert_int_eq(noun.result, PARSE_HELP_NOUN);
	ck_assert_str_eq(noun.command->noun, "guest");
	ck_assert_int_eq(PARSE("--help").result, PARSE_HELP_ALL);
	ck_assert_int_eq(PARSE("--version").result, PARSE_VERSION);
}
END_TEST

START_TEST(test_addresses_are_read_whole_or_not_at_all)
{
	static const struct {
		const char *text;
		uint32_t sbdf;
	} good[] = {
		{"00:04.0", 0x20},
		{"0000:00:04.0", 0x20},
		{"ff:1f.7", 0xffff},
		{"00ab:0C:1F.3", 0x00ab0cfb},
	};
	static const char *const bad[] = {
		"",
		"0:4.0",
		"00:04",
		"00:04.0 ",
		" 00:04.0",
		"00:04.8",
		"00:20.0",
		"00:04.00",
		"000:00:04.0",
		"00000:00:04.0",
		"00-04.0",
		"00:04:0",
		"0g:04.0",
		"0000:00:04.",
		"0000.00:04.0",
		"+0:04.0",
		"0x:04.0",
	};
	uint32_t sbdf;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		sbdf = 0;
		ck_assert_msg(sluice_address_parse(good[i].text, &sbdf), "%s",
			      good[i].text);
		ck_assert_uint_eq(sbdf, good[i].sbdf);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		sbdf = 12345;
		ck_assert_msg(!sluice_address_parse(bad[i], &sbdf), "%s",
			      bad[i]);
		ck_assert_uint_eq(sbdf, 12345);
	}
}
END_TEST

START_TEST(test_printed_addresses_read_back)
{
	char text[SLUICE_ADDRESS_TEXT];
	uint32_t sbdf;

	for (uint32_t i = 0; i < 0x10000; i += 37) {
		sluice_address_print(i << 16 | (0xffff - i), text);
		ck_assert(sluice_address_parse(text, &sbdf));
		ck_assert_uint_eq(sbdf, i << 16 | (0xffff - i));
	}
}
END_TEST

START_TEST(test_guest_names_and_ids_do_not_overlap)
{
	ck_assert(sluice_name_is_valid("a"));
	ck_assert(sluice_name_is_valid("Edu_1.test-01x_"));
	ck_assert(!sluice_name_is_valid(""));
	ck_assert(!sluice_name_is_valid("sixteen-bytes-xx"));
	ck_assert(!sluice_name_is_valid("12"));
	ck_assert(!sluice_name_is_valid("a b"));
	ck_assert(!sluice_name_is_valid("a/b"));
	ck_assert(parse_guest("12"));
	ck_assert(parse_guest("edu"));
	ck_assert(!parse_guest(""));
	ck_assert(!parse_guest("123456"));
	ck_assert(!parse_guest("-1"));
	ck_assert(!parse_guest("0x1 "));
}
END_TEST

Suite *cli_parse_suite(void)
{
	Suite *suite = suite_create("cli_parse");
	TCase *c = tcase_create("words");

	tcase_add_test(c, test_commands_are_found_with_options_in_any_place);
	tcase_add_test(c, test_wrong_words_are_named);
	tcase_add_test(c, test_every_argument_and_value_is_in_its_place);
	tcase_add_test(c, test_reserve_may_be_repeated_up_to_the_abi_s_limit);
	tcase_add_test(c, test_two_dashes_end_the_options);
	tcase_add_test(c, test_help_is_given_at_every_level);
	tcase_add_test(c, test_addresses_are_read_whole_or_not_at_all);
	tcase_add_test(c, test_printed_addresses_read_back);
	tcase_add_test(c, test_guest_names_and_ids_do_not_overlap);
	suite_add_tcase(suite, c);
	return suite;
}
