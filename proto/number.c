/* Text forms of numbers and ids.  Parsing is strict: what bh_*_format would not write is refused,
 * but for the case of base32 and hex letters, which people type. */
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "proto/err.h"
#include "proto/number.h"

#define LOG_SHORT_MAX 0x7fffffffu
#define ID_TAG "bh-id-1"

static const char alphanumeric[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* ISO 7064 MOD 37,36 over len characters of 0-9A-Z, a hyphen counting as Z. */
static char check_character(const char *text, size_t len)
{
	unsigned product = 36;
	for (size_t i = 0; i < len; i++) {
		char c = text[i] == '-' ? 'Z' : text[i];
		unsigned value = (unsigned)(strchr(alphanumeric, c) - alphanumeric);
		unsigned sum = (product + value) % 36;
		product = (sum == 0 ? 36 : sum) * 2 % 37;
	}
	return alphanumeric[(37 - product) % 36];
}

void bh_case_number_format(uint64_t number, char text[BH_CASE_TEXT_SIZE])
{
	int len = snprintf(text, BH_CASE_TEXT_SIZE, "%u-%u",
		(unsigned)(number >> 32 & LOG_SHORT_MAX), (unsigned)(number & UINT32_MAX));
	text[len] = '-';
	text[len + 1] = check_character(text, (size_t)len);
	text[len + 2] = '\0';
}

/* A decimal without leading zero in 1..max; *text moves past it. */
static bool take_decimal(const char **text, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;
	const char *at = *text;
	if (*at < '1' || *at > '9')
		return false;
	for (; *at >= '0' && *at <= '9'; at++) {
		value = value * 10 + (unsigned)(*at - '0');
		if (value > max)
			return false;
	}
	*text = at;
	*out = value;
	return true;
}

int bh_case_number_parse(const char *text, uint64_t *out)
{
	uint64_t log_short, seq;
	const char *at = text;
	if (!take_decimal(&at, LOG_SHORT_MAX, &log_short) || *at++ != '-')
		return BH_ERR_MALFORMED;
	if (!take_decimal(&at, UINT32_MAX, &seq) || at[0] != '-')
		return BH_ERR_MALFORMED;
	if (at[1] != check_character(text, (size_t)(at - text)) || at[2] != '\0')
		return BH_ERR_MALFORMED;
	*out = bh_case_number((uint32_t)log_short, (uint32_t)seq);
	return 0;
}

static void write_be(uint8_t *out, uint64_t value, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		out[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
}

void bh_op_id(int64_t captured_ms, const uint8_t log_id[BH_LOG_ID_BYTES], uint64_t seq,
	const uint8_t link[BH_HASH_BYTES], uint8_t out[16])
{
	enum { TAG = sizeof(ID_TAG) - 1 };
	uint8_t message[TAG + BH_LOG_ID_BYTES + 8 + BH_HASH_BYTES];
	uint8_t hash[BH_HASH_BYTES];
	memcpy(message, ID_TAG, TAG);
	memcpy(message + TAG, log_id, BH_LOG_ID_BYTES);
	write_be(message + TAG + BH_LOG_ID_BYTES, seq, 8);
	memcpy(message + TAG + BH_LOG_ID_BYTES + 8, link, BH_HASH_BYTES);
	int ok = EVP_Digest(message, sizeof(message), hash, NULL, EVP_sha256(), NULL);
	bh_assert(ok == 1);
	write_be(out, (uint64_t)captured_ms & 0xffffffffffffu, 6);
	memcpy(out + 6, hash, 10);
}

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void bh_base32_format(struct bh_span bytes, char *text)
{
	uint32_t bits = 0;
	unsigned have = 0;
	for (size_t i = 0; i < bytes.len; i++) {
		bits = bits << 8 | bytes.data[i];
		for (have += 8; have >= 5; have -= 5)
			*text++ = base32[bits >> (have - 5) & 31];
	}
	if (have > 0)
		*text++ = base32[bits << (5 - have) & 31];
	*text = '\0';
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

int bh_base32_parse(const char *text, uint8_t *out, size_t len)
{
	size_t chars = (len * 8 + 4) / 5;
	if (strlen(text) != chars)
		return BH_ERR_MALFORMED;
	for (size_t i = 0; i < chars; i++) {
		if (strchr(base32, upper(text[i])) == NULL)
			return BH_ERR_MALFORMED;
	}
	unsigned spare = (unsigned)(chars * 5 - len * 8);
	if (chars > 0 && spare > 0) {
		size_t last = (size_t)(strchr(base32, upper(text[chars - 1])) - base32);
		if ((last & ((1u << spare) - 1)) != 0)
			return BH_ERR_MALFORMED; /* two texts for the same bytes */
	}
	uint32_t bits = 0;
	unsigned have = 0;
	for (size_t i = 0; i < chars; i++) {
		bits = bits << 5 | (uint32_t)(strchr(base32, upper(text[i])) - base32);
		have += 5;
		if (have >= 8) {
			have -= 8;
			*out++ = (uint8_t)(bits >> have);
		}
	}
	return 0;
}

void bh_hex_format(struct bh_span bytes, char *text)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < bytes.len; i++) {
		*text++ = digits[bytes.data[i] >> 4];
		*text++ = digits[bytes.data[i] & 15];
	}
	*text = '\0';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = upper(c);
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int bh_hex_parse(const char *text, uint8_t *out, size_t len)
{
	if (strlen(text) != len * 2)
		return BH_ERR_MALFORMED;
	for (size_t i = 0; i < len * 2; i++) {
		if (hex_digit(text[i]) < 0)
			return BH_ERR_MALFORMED;
	}
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]));
	return 0;
}
