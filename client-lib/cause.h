/* Why a link ended, and the dozen stable causes that a user is told, with their sentences. */
#ifndef BH_CLIENT_CAUSE_H
#define BH_CLIENT_CAUSE_H

/* What a transport says of a link that is down. */
enum bh_link_cause {
	BH_LINK_CLOSED = 0, /* an orderly end: close_notify or EOF between frames, either side */
	BH_LINK_UNREACHABLE = 1,  /* no route, no name, refused, no answer in time */
	BH_LINK_WRONG_SERVER = 2, /* TLS: no pinned key in the chain, another name, no TLS 1.3, no
				     ALPN */
	BH_LINK_CUT = 3,   /* reset, EOF without close_notify, timeout of an established link */
	BH_LINK_LOCAL = 4, /* this side: no memory, no descriptors, the library's own TLS fails */
	BH_LINK_CAUSE_COUNT = 5,
};

/* The values of BH_CAUSE_* in bihuan.h, frozen there. */
enum bh_cause {
	BH_WHY_NONE = 0,
	BH_WHY_NOT_ENROLLED = 1,
	BH_WHY_OFFLINE = 2,
	BH_WHY_UNREACHABLE = 3,
	BH_WHY_WRONG_SERVER = 4,
	BH_WHY_CUT = 5,
	BH_WHY_SERVER_BUSY = 6,
	BH_WHY_SERVER_STORAGE = 7,
	BH_WHY_NOT_RECOGNISED = 8,
	BH_WHY_REVOKED = 9,
	BH_WHY_UPGRADE = 10,
	BH_WHY_STORE = 11,
	BH_WHY_CODE_REFUSED = 12,
	BH_WHY_PROTOCOL = 13,
	BH_WHY_REPLACED = 14,
	BH_WHY_SUSPENDED = 15,
	BH_WHY_WAITING = 16,
	BH_WHY_KEY = 17,
	BH_WHY_COUNT = 18,
};

/* Never NULL, whatever the number. */
const char *bh_why_name(int cause);
const char *bh_why_sentence_en(int cause);
const char *bh_why_sentence_zh(int cause);

#endif
