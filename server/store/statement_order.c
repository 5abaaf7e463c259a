/* The texts of statements about orders, and about what reporters say of how their case ended. */
#include "server/store/statement.h"

#define COLUMNS "SELECT ref, first, last, answer, body FROM orders "

const char *const bh_sql_order_texts[BH_SQL_COUNT] = {
	[BH_SQL_ORDER_ADD] = "INSERT INTO orders(ref, first, last, answer, number, next_ms, body) "
			     "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[BH_SQL_ORDER_SET] = "UPDATE orders SET last = ?3, answer = ?4, next_ms = ?6, body = ?7 "
			     "WHERE ref = ?1 AND first = ?2 AND number = ?5",
	[BH_SQL_ORDER_GET] = COLUMNS "WHERE ref = ?1",
	[BH_SQL_ORDER_OF_CASE] = COLUMNS
	"WHERE number = ?1 AND number <> 0 AND first > ?2 ORDER BY first LIMIT ?3",
	[BH_SQL_ORDER_LIST] = COLUMNS "WHERE first < ?1 ORDER BY first DESC LIMIT ?2",
	[BH_SQL_ORDER_LAST] = "SELECT ifnull(max(ref), 0) FROM orders WHERE ref BETWEEN ?1 AND ?2",
	[BH_SQL_ORDER_DUE_NEXT] = COLUMNS "WHERE next_ms <> 0 AND next_ms <= ?3 AND (next_ms, ref) "
					  "> (?1, ?2) ORDER BY next_ms, ref LIMIT 1",
	[BH_SQL_ORDER_DUE_FIRST] =
		"SELECT next_ms FROM orders WHERE next_ms <> 0 ORDER BY next_ms LIMIT 1",
};
