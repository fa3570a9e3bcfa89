"""Categories as CatBoost knows them: hashes of texts, and statistics of categories by hash."""

import struct

import numpy as np

from plpython.encoded import SPARE, Texts, check_texts
from plpython.hashing import K0, K1, K2, LONGEST_HASHED, U64, _mix, _rotate, _weak
from plpython.interrupts import stop_if_cancelled
from plpython.tables import kernel

K3 = 0xC949D7C7509E6557
K_MIX = 0x9DDFEA08EB382D69
K_JOIN = 0x4906BA494954CB65  # of CatBoost's CalcHash, which joins the parts of a combination
SALT = 0x9E3779B97F4A7C15
SIZES = (0, 3, 8, 16, 32, 64)  # bytes up to which texts are hashed in the same way
FEW_TEXTS = 16  # fewer are hashed one by one
AT_ONCE = 2**13  # hashes that are looked up, so that the arrays stay in the cache
FEW_KEYS, MOST_ROUNDS = 512, 10  # see _make_search()
# What a part of a combination is: the number itself, whether it is above the operand, the same
# where a NaN counts as above, whether it equals the operand.
PART_KINDS = {"value": 0, "above": 1, "above_or_missing": 2, "equal": 3}


def _shift_mix(x):
    """ShiftMix of CityHash."""
    return x ^ x >> 47


def _city_hash(n, at, word, byte):
    """CityHash64 of version 1.0, as CatBoost has it; later versions, and FarmHash, are others.

    n is how many bytes there are, at, word and byte read 8, 4 and 1 of them at a place. All may be
    whole numbers of Python for one text, or arrays of uint64 for many whose lengths lie between the
    same two of SIZES, and beyond those are of as many blocks of 64 bytes.
    Source: CityHash 1.0 by Pike and Alakuijala, CityHash64.
    """
    longest = n if isinstance(n, int) else int(n[0])
    if longest > 64:
        return _hash_blocks(n, at, (longest - 1) // 64)
    if longest > 32:
        return _hash_33_to_64(n, at)
    if longest > 16:
        a, b = at(0) * K1 & U64, at(8)
        c, d = at(n - 8) * K2 & U64, at(n - 16) * K0 & U64
        u = _rotate(a - b & U64, 43) + _rotate(c, 30) + d & U64
        return _mix(u, a + _rotate(b ^ K3, 20) - c + n & U64, K_MIX)
    if longest > 8:
        a, b = at(0), at(n - 8)
        return _mix(a, _rotate(b + n & U64, n), K_MIX) ^ b
    if longest > 3:
        return _mix(n + (word(0) << 3) & U64, word(n - 4), K_MIX)
    if longest > 0:
        y = byte(0) + (byte(n >> 1) << 8)
        z = n + (byte(n - 1) << 2)
        return _shift_mix((y * K2 & U64) ^ (z * K3 & U64)) * K2 & U64
    return n + K2


def _hash_33_to_64(n, at):
    """HashLen33to64 of CityHash."""

    def half(a, z, second, third):
        a = a & U64
        b, c = _rotate(a + z & U64, 52), _rotate(a, 37)
        a = a + second & U64
        c = c + _rotate(a, 7)
        a = a + third & U64
        return a + z & U64, b + _rotate(a, 31) + c & U64

    v, vs = half(at(0) + (n + at(n - 16) & U64) * K0, at(24), at(8), at(16))
    w, ws = half(at(16) + at(n - 32), at(n - 8), at(n - 24), at(n - 16))
    r = _shift_mix((v + ws & U64) * K2 + (w + vs & U64) * K0 & U64)
    return _shift_mix((r * K0 & U64) + vs & U64) * K2 & U64


def _hash_blocks(n, at, blocks):
    """CityHash64 of more than 64 bytes: the end first, then block by block."""

    def four(place):
        return tuple(at(place + step) for step in (0, 8, 16, 24))

    x, y, z = at(0), at(n - 16) ^ K1, at(n - 56) ^ K0
    v = _weak(four(n - 64), n & U64, y)
    w = _weak(four(n - 32), n * K1 & U64, K0)
    z = z + _shift_mix(v[1]) * K1 & U64
    x = _rotate(z + x & U64, 39) * K1 & U64
    y = _rotate(y, 33) * K1 & U64
    for place in range(0, 64 * blocks, 64):
        stop_if_cancelled()
        x = _rotate(x + y + v[0] + at(place + 16) & U64, 37) * K1 & U64
        y = _rotate(y + v[1] + at(place + 48) & U64, 42) * K1 & U64
        x, y = x ^ w[1], y ^ v[0]
        z = _rotate(z ^ w[0], 33)
        v = _weak(four(place), v[1] * K1 & U64, x + w[0])
        w = _weak(four(place + 32), z + w[1], y)
        z, x = x, z
    return _mix(
        _mix(v[0], w[0], K_MIX) + _shift_mix(y) * K1 + z & U64,
        _mix(v[1], w[1], K_MIX) + x & U64,
        K_MIX,
    )


def city_hash_of(data):
    """CityHash64 of bytes, as CatBoost has it."""
    return _city_hash(
        len(data),
        lambda place: struct.unpack_from("<Q", data, place)[0],
        lambda place: struct.unpack_from("<I", data, place)[0],
        lambda place: data[place],
    )


def city_hashes(message, starts, lengths):
    """CityHash64 of many texts, which lie in a message with some bytes behind them.

    Shapes: starts, lengths (n,) -> hashes (n,). Types: whole numbers, uint64.
    """
    hashes = np.empty(len(starts), np.uint64)
    kinds = np.searchsorted(SIZES, lengths) + np.maximum(lengths - 1, 0) // 64
    for kind in np.unique(kinds).tolist():
        places = np.flatnonzero(kinds == kind)
        first = starts[places].astype(np.intp)

        def read(place, code, first=first):
            size = np.dtype(code).itemsize
            every = np.ndarray((len(message) - size + 1,), code, message, 0, (1,))
            return every[first + np.asarray(place).astype(np.intp)].astype(np.uint64)

        hashes[places] = _city_hash(
            lengths[places].astype(np.uint64),
            lambda place, read=read: read(place, "<u8"),
            lambda place, read=read: read(place, "<u4"),
            lambda place, read=read: read(place, "u1"),
        )
    return hashes


@kernel
def city_hash():
    """y = the lower 32 bits of CityHash64 of each text, as a whole number with a sign.

    Shapes: x (rows, n), texts -> y (rows, n). Types: y is float64.
    Raises: ValueError, for a text that is missing, too long or none.
    """

    def call(x):
        raw = x.ravel().raw() if isinstance(x, Texts) else None
        if raw is None:
            raw = [None if text is None else text.encode() for text in x.ravel().tolist()]
        if None in raw:
            raise ValueError("a category is missing")
        lengths = np.fromiter(map(len, raw), np.int64, len(raw))
        if lengths.max(initial=0) > LONGEST_HASHED:
            raise ValueError(f"a text of {lengths.max():,} bytes is too long to be hashed")
        check_texts(raw)
        if len(raw) < FEW_TEXTS:
            hashes = np.array([city_hash_of(data) for data in raw], np.uint64)
        elif isinstance(x, Texts):
            hashes = city_hashes(x.message, x.starts.ravel(), lengths)
        else:
            starts = np.cumsum(lengths) - lengths
            hashes = city_hashes(b"".join(raw) + bytes(SPARE), starts, lengths)
        return hashes.astype(np.uint32).view(np.int32).astype(np.float64).reshape(x.shape)

    return call


@kernel
def category_statistics(columns, kinds, operands, counts, keys, sizes, values, widths):
    """y = what tables hold beside the hash of a combination of a row's numbers; see the op.

    All tables are searched at once: their keys, each table's under a salt of its own, stand in
    one array in order.
    Shapes: x (rows, n), columns, kinds, operands (parts,), keys (k, 2), values (all,) -> y (rows,
    sum of widths).
    Raises: ValueError, when a key comes twice in a table.
    """
    counts, sizes, widths = (np.array(item, np.intp) for item in (counts, sizes, widths))
    steps = _find_steps(columns.astype(np.intp), kinds, operands, counts)
    table = np.repeat(np.arange(len(counts)), sizes)
    plain = np.ascontiguousarray(keys.astype("<i4")).view("<u8").ravel().astype(np.uint64)
    salts, order = _salt(plain, table, len(counts))
    known = plain[order] ^ salts[table[order]]
    owner = table[order]
    # Where the values of each key begin; behind those of a table stand those of all others.
    ends = np.cumsum((sizes + 1) * widths)
    firsts = ends - (sizes + 1) * widths
    place = np.arange(len(table)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    start = (firsts[table] + place * widths[table])[order]
    unknown = ends - widths
    table_of = np.repeat(np.arange(len(widths)), widths)
    offset = np.arange(len(table_of)) - np.repeat(np.cumsum(widths) - widths, widths)
    numbers = np.arange(len(counts))
    find = _make_search(known)
    rows_at_once = max(1, AT_ONCE // len(counts))

    def look_up(x):
        hashes = _combine(x, steps, len(counts)) ^ salts
        if len(known):
            found = find(hashes)
            same = (known.take(found) == hashes) & (owner.take(found) == numbers)
            start_of = np.where(same, start.take(found), unknown)
        else:
            start_of = np.broadcast_to(unknown, hashes.shape)
        return values.take(start_of.take(table_of, axis=1) + offset)

    def call(x):
        y = np.empty((len(x), len(table_of)), x.dtype)
        for first in range(0, len(x), rows_at_once):
            stop_if_cancelled()
            y[first : first + rows_at_once] = look_up(x[first : first + rows_at_once])
        return y

    return call


def _make_search(known):
    """A function that gives the place of each number among those known, which ascend, or of a
    number next to where it would be.

    The upper bits of a number lead to the few that begin with them, of which it is compared with
    one after another. A few numbers are searched for, and all where too many begin alike.
    """
    count = len(known)
    bits = min(22, count.bit_length() + 2)
    shift = np.uint64(64 - bits)
    starts = np.searchsorted(known, np.arange(2**bits, dtype=np.uint64) << shift)
    rounds = np.diff(np.append(starts, count)).max()
    starts = starts.astype(np.int32)
    last = np.int32(max(0, count - 1))

    def find(hashes):
        if hashes.size < FEW_KEYS or rounds > MOST_ROUNDS:
            return np.minimum(np.searchsorted(known, hashes), last)
        places = np.minimum(starts.take((hashes >> shift).astype(np.intp)), last)
        for _ in range(rounds):
            places += known.take(places) < hashes
            np.minimum(places, last, out=places)
        return places

    return find


def _find_steps(columns, kinds, operands, counts):
    """First, second, ... parts of all tables: (tables, columns, operands, places by kind)."""
    firsts = np.cumsum(counts) - counts
    steps = []
    for step in range(counts.max(initial=0)):
        tables = np.flatnonzero(counts > step)
        parts = firsts[tables] + step
        own = kinds[parts]
        places = {name: np.flatnonzero(own == kind) for name, kind in PART_KINDS.items()}
        steps.append((tables, columns[parts], operands[parts], places))
    return steps


def _combine(x, steps, tables):
    """CatBoost's hash of each table's combination. Shapes: x (rows, n) -> (rows, tables)."""
    hashes = np.zeros((len(x), tables), np.uint64)
    factor = np.uint64(K_JOIN)
    for tables_of, columns, operands, places in steps:
        given = x.take(columns, axis=1)
        single = given.astype(np.float32)
        part = np.empty(given.shape, np.int64)
        for name, own in places.items():
            if not len(own):
                continue
            if name == "value":
                part[:, own] = given[:, own]
            elif name == "equal":
                part[:, own] = given[:, own] == operands[own]
            else:
                part[:, own] = single[:, own] > operands[own].astype(np.float32)
                if name == "above_or_missing":
                    part[:, own] |= np.isnan(single[:, own])
        hashes[:, tables_of] = (hashes[:, tables_of] + part.view(np.uint64) * factor) * factor
    return hashes


def _salt(keys, table, tables):
    """A number for each table, and the order in which its keys, mixed with it, ascend.

    Raises: ValueError, when there is no number that tells all keys apart.
    """
    for attempt in range(1, 5):
        salts = np.arange(tables, dtype=np.uint64) * np.uint64(SALT * attempt & U64)
        salted = keys ^ salts[table]
        order = np.argsort(salted, kind="stable")
        if len(np.unique(salted)) == len(salted):
            return salts, order
    raise ValueError("a key comes twice in a table")
