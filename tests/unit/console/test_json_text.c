/* JSON that must not come in (H03), and the line an element begins on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "server/console/json_text.h"

static int load(const char *text, size_t len)
{
	struct bh_json_fault fault = {0};
	json_t *value = NULL;
	int err = bh_json_load(bh_span(text, len), &value, &fault);
	if (err) {
		assert_null(value);
		assert_true(fault.line > 0 && fault.column > 0);
		assert_true(strlen(fault.what) > 0);
	}
	json_decref(value);
	return err;
}

static void test_json__that_is_wrong_is_refused_with_its_place(void **state)
{
	static const char *const bad[] = {" ", "{", "}", "{]", "[1,]", "{\"a\":1,\"a\":2}",
		"{\"a\":1e999}", "{\"a\":99999999999999999999}", "{\"a\":\"\\u0000\"}",
		"{\"a\":\"\xff\"}", "{\"a\":\"\xc0\x80\"}", "{\"a\":nan}", "{a:1}", "{}x", "\"open",
		"{\"\\ud800\":1}", "[1 2]", "'a'", "{\"a\":01}"};
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(load(bad[i], strlen(bad[i])), BH_ERR_MALFORMED);
}

static void test_json__bombs_are_refused_before_they_are_parsed(void **state)
{
	size_t len = 8u << 20;
	char *text = malloc(len);
	(void)state;
	assert_non_null(text);
	memset(text, '[', len);
	assert_int_equal(load(text, 100000), BH_ERR_LIMIT);
	for (size_t i = 0; i < len / 6; i++)
		memcpy(text + 6 * i, "{\"a\":[", 6);
	assert_int_equal(load(text, 600000), BH_ERR_LIMIT);
	memset(text, ',', len);
	assert_int_equal(load(text, BH_JSON_ITEMS_MAX + 10), BH_ERR_LIMIT);
	memset(text, 'k', len);
	memcpy(text, "{\"", 2);
	memcpy(text + (1 << 20), "\":1}", 4);
	assert_int_equal(load(text, (1 << 20) + 4), BH_ERR_LIMIT);
	memset(text, '\\', len);
	text[0] = '"';
	assert_int_equal(load(text, 1 << 20), BH_ERR_LIMIT);
	memset(text, '9', len);
	assert_int_equal(load(text, 1 << 20), BH_ERR_MALFORMED);
	free(text);
}

static void test_json__up_to_the_bounds_is_taken(void **state)
{
	char deep[] = "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]";
	(void)state;
	assert_int_equal(strlen(deep), 2 * BH_JSON_DEPTH_MAX);
	assert_int_equal(load(deep, strlen(deep)), 0);
	assert_int_equal(load("[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", 34), BH_ERR_LIMIT);
	static const char quoted[] = "{\"a\": \"[[[[[[[[[[[[[[[[[[[[[[\"}";
	assert_int_equal(load(quoted, sizeof(quoted) - 1), 0);
}

static void test_lines__of_elements_are_counted(void **state)
{
	static const char
		text[] = "{\n \"name\": \"areas\",\n \"areas\": [\n  {\"x\": [1,\n 2]}, {},\n"
			 "  {\"areas\": [1]},\n\n  4],\n \"units\":\n [\n 5 ], \"none\": []}";
	static const struct {
		const char *list;
		size_t count, lines[4];
	} rows[] = {{"areas", 4, {4, 5, 6, 8}}, {"units", 1, {11}}, {"none", 0, {0}},
		{"other", 0, {0}}, {"name", 0, {0}}};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bh_json_place places[8] = {{0, 0}};
		struct bh_span span = bh_span(text, sizeof(text) - 1);
		assert_int_equal(bh_json_places(span, rows[i].list, places, 8), rows[i].count);
		for (size_t at = 0; at < 4; at++)
			assert_int_equal(places[at].line, rows[i].lines[at]);
		assert_true(bh_json_places(span, rows[i].list, places, 2) <= 2);
	}
}

static void test_lines__of_members_are_those_of_their_names(void **state)
{
	static const char text[] = "{\"a\": \"b\",\n \"c\": {\"a\": 1,\n \"d\":\n [{\"b\": 2}, "
				   "{\"a\":\n\"e\"}]},\n \"b\": 3, \"e\": {}}";
	struct bh_span span = bh_span(text, sizeof(text) - 1);
	const struct bh_json_place start = {1, 0};
	(void)state;
	assert_int_equal(bh_json_member(span, start, "a").line, 1);
	assert_int_equal(
		bh_json_member(span, start, "b").line, 6); /* not the text, nor the deeper */
	assert_int_equal(bh_json_member(span, start, "none").line, 0);
	struct bh_json_place c = bh_json_member(span, start, "c");
	assert_int_equal(c.line, 2);
	assert_int_equal(text[c.at], '{');
	assert_int_equal(bh_json_member(span, c, "a").line, 2);
	assert_int_equal(bh_json_member(span, c, "d").line, 3);
	assert_int_equal(bh_json_member(span, c, "b").line, 4); /* below */
	assert_int_equal(bh_json_member(span, c, "e").line, 0); /* a text, and behind its end */
	assert_int_equal(bh_json_member(span, bh_json_member(span, start, "a"), "x").line, 0);
}

static void test_text__that_was_cut_keeps_whole_characters_only(void **state)
{
	static const char *const cuts[][2] = {{"", ""}, {"plain", "plain"}, {"垃圾", "垃圾"},
		{"垃\xe5\x9c", "垃"}, {"垃\xe5", "垃"}, {"a\xe5\x9c: why", "a: why"},
		{"\xf0\x9f\x98", ""}, {"\xf0\x9f\x98\x80!", "\xf0\x9f\x98\x80!"},
		{"\x80\xffx", "x"}, {"\xc3", ""}};
	char text[32];
	(void)state;
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		(void)snprintf(text, sizeof(text), "%s", cuts[i][0]);
		bh_text_mend(text);
		assert_string_equal(text, cuts[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json__that_is_wrong_is_refused_with_its_place),
		cmocka_unit_test(test_json__bombs_are_refused_before_they_are_parsed),
		cmocka_unit_test(test_json__up_to_the_bounds_is_taken),
		cmocka_unit_test(test_lines__of_elements_are_counted),
		cmocka_unit_test(test_lines__of_members_are_those_of_their_names),
		cmocka_unit_test(test_text__that_was_cut_keeps_whole_characters_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
