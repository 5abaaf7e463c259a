/* Ids by code.  An id once given to a code is never another's as long as the code is kept: the next
 * one is above all that were entered. */
#include "proto/err.h"
#include "server/console/profile.h"

int bh_code_book_open(struct bh_code_book *book)
{
	*book = (struct bh_code_book){.ids = json_object(), .next = 1};
	return book->ids ? BH_NOERR : BH_ERR_NOMEM;
}

void bh_code_book_close(struct bh_code_book *book)
{
	json_decref(book->ids);
	book->ids = NULL;
}

int bh_code_book_keep(struct bh_code_book *book, struct bh_span code, uint32_t id)
{
	if (id >= book->next)
		book->next = id + 1;
	int failed = json_object_setn_new(
		book->ids, (const char *)code.data, code.len, json_integer(id));
	return failed ? BH_ERR_NOMEM : BH_NOERR;
}

uint32_t bh_code_book_find(const struct bh_code_book *book, struct bh_span code)
{
	if (code.len == 0)
		return 0;
	return (uint32_t)json_integer_value(
		json_object_getn(book->ids, (const char *)code.data, code.len));
}

uint32_t bh_code_book_id(struct bh_code_book *book, struct bh_span code)
{
	uint32_t id = bh_code_book_find(book, code);
	if (id == 0 && bh_code_book_keep(book, code, book->next) == BH_NOERR)
		id = book->next - 1;
	return id;
}
