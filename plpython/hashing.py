"""TensorFlow's hashes of texts and numbers, and the kernels that put them into bins."""

import struct

import numpy as np

from plpython.interrupts import in_pieces
from plpython.tables import kernel

U64 = 2**64 - 1
K0, K1, K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F


def _rotate(x, bits):
    """The 64 bits of x, rotated right."""
    return (x >> bits | x << (64 - bits)) & U64


def _mix(u, v, factor):
    """HashLen16 of FarmHash."""
    a = (u ^ v) * factor & U64
    a ^= a >> 47
    b = (v ^ a) * factor & U64
    return (b ^ b >> 47) * factor & U64


def _weak(words, a, b):
    """WeakHashLen32WithSeeds of FarmHash."""
    w, x, y, z = words
    a = a + w  # nothing in place: these may be arrays
    b = _rotate((b + a + z) & U64, 21)
    c = a
    a = a + x + y
    b = b + _rotate(a & U64, 44)
    return (a + z) & U64, (b + c) & U64


def fingerprint(data):
    """FarmHash's Fingerprint64 of bytes.

    Source: google/farmhash, farmhashna::Hash64; TensorFlow's to_hash_bucket_fast.
    """
    n = len(data)

    def at(place):
        return struct.unpack_from("<Q", data, place)[0]

    factor = K2 + 2 * n
    if n <= 16:
        if n >= 8:
            a, b = at(0) + K2 & U64, at(n - 8)
            return _mix(
                _rotate(b, 37) * factor + a & U64, (_rotate(a, 25) + b) * factor & U64, factor
            )
        if n >= 4:
            a, b = struct.unpack_from("<I", data)[0], struct.unpack_from("<I", data, n - 4)[0]
            return _mix(n + (a << 3) & U64, b, factor)
        if n == 0:
            return K2
        y = data[0] + (data[n >> 1] << 8)
        z = (y * K2 ^ (n + (data[n - 1] << 2)) * K0) & U64
        return (z ^ z >> 47) * K2 & U64
    if n <= 64:
        first = K1 if n <= 32 else K2
        a, b, c, d = at(0) * first & U64, at(8), at(n - 8) * factor & U64, at(n - 16) * K2 & U64
        y = _rotate(a + b & U64, 43) + _rotate(c, 30) + d & U64
        z = _mix(y, a + _rotate(b + K2 & U64, 18) + c & U64, factor)
        if n <= 32:
            return z
        e, f = at(16) * factor & U64, at(24)
        g, h = (y + at(n - 32)) * factor & U64, (z + at(n - 24)) * factor & U64
        return _mix(
            _rotate(e + f & U64, 43) + _rotate(g, 30) + h & U64,
            e + _rotate(f + a & U64, 18) + g & U64,
            factor,
        )
    x, y = 81 * K2 + at(0) & U64, 81 * K1 + 113 & U64
    z = y * K2 + 113 & U64
    z = (z ^ z >> 47) * K2 & U64
    v = w = (0, 0)

    def step(place, x, y, z, v, w, factor, nines):
        x = _rotate(x + y + v[0] + at(place + 8) & U64, 37) * factor & U64
        y = _rotate(y + v[1] + at(place + 48) & U64, 42) * factor & U64
        x ^= w[1] * nines & U64
        y = y + v[0] * nines + at(place + 40) & U64
        z = _rotate(z + w[0] & U64, 33) * factor & U64
        words = struct.unpack_from("<8Q", data, place)
        v = _weak(words[:4], v[1] * factor & U64, x + w[0])
        w = _weak(words[4:], z + w[1], y + words[2])
        return z, y, x, v, w

    for place in range(0, (n - 1) // 64 * 64, 64):
        x, y, z, v, w = step(place, x, y, z, v, w, K1, 1)
    factor = K1 + ((z & 255) << 1) & U64
    w = (w[0] + (n - 1 & 63) & U64, w[1])
    v = (v[0] + w[0] & U64, v[1])
    w = (w[0] + v[0] & U64, w[1])
    x, y, z, v, w = step(n - 64, x, y, z, v, w, factor, 9)
    y ^= y >> 47
    return _mix(
        _mix(v[0], w[0], factor) + y * K0 + z & U64, _mix(v[1], w[1], factor) + x & U64, factor
    )


def siphash(data, key):
    """SipHash-2-4 of bytes under a key of two numbers.

    Source: Aumasson and Bernstein, 2012; TensorFlow's to_hash_bucket_strong.
    """
    v0, v1 = key[0] ^ 0x736F6D6570736575, key[1] ^ 0x646F72616E646F6D
    v2, v3 = key[0] ^ 0x6C7967656E657261, key[1] ^ 0x7465646279746573

    def rounds(count, v0, v1, v2, v3):
        for _ in range(count):
            v0, v2 = v0 + v1 & U64, v2 + v3 & U64
            v1, v3 = _rotate(v1, 51) ^ v0, _rotate(v3, 48) ^ v2
            v0 = _rotate(v0, 32)
            v2, v0 = v2 + v1 & U64, v0 + v3 & U64
            v1, v3 = _rotate(v1, 47) ^ v2, _rotate(v3, 43) ^ v0
            v2 = _rotate(v2, 32)
        return v0, v1, v2, v3

    tail = len(data) % 8
    padded = data + bytes(7 - tail) + bytes([len(data) & 255])
    for (word,) in struct.iter_unpack("<Q", padded):
        v0, v1, v2, v3 = rounds(2, v0, v1, v2, v3 ^ word)
        v0 ^= word
    v0, v1, v2, v3 = rounds(4, v0, v1, v2 ^ 255, v3)
    return v0 ^ v1 ^ v2 ^ v3


WHOLE = 2**24  # beyond it float32 does not hold every whole number


def _whole(number):
    """A number as TensorFlow truncates it before it is hashed.

    Raises: ValueError, when it is too large to be told from its neighbours.
    """
    if not abs(number) <= WHOLE:
        raise ValueError(f"{number!r} cannot be hashed: give whole numbers from -2^24 to 2^24")
    return int(number)


LONGEST_HASHED = 2**20  # letters of a text


def _bytes(text):
    """A text in UTF-8, as it is hashed.

    Raises: ValueError, when it is too long.
    """
    if len(text) > LONGEST_HASHED:
        raise ValueError(f"a text of {len(text):,} letters is too long to be hashed")
    return text.encode()


@kernel
def hash_bucket(bins, first, key=None, mask=None):
    """y = first + hash of x modulo bins, 0 where x is the mask; numbers are hashed as decimals.

    With a key SipHash, without one FarmHash. Shapes: x (rows, ...), first (1,) -> y (rows, ...).
    """

    def bucket(item):
        if item == mask:
            return 0
        data = _bytes(item) if isinstance(item, str) else str(_whole(item)).encode()
        return first[0] + (fingerprint(data) if key is None else siphash(data, key)) % bins

    def call(x):
        numbers = [bucket(item) for item in in_pieces(x.ravel().tolist())]
        return np.array(numbers, first.dtype).reshape(x.shape)

    return call


@kernel
def cross_bucket(bins, first):
    """y = first + hash of what stands in the same place of all inputs, modulo bins.

    Source: TensorFlow's sparse.cross_hashed and its FingerprintCat64, under its default key.
    """
    factor = 0xC6A4A7935BD1E995

    def part(item):
        return fingerprint(_bytes(item)) if isinstance(item, str) else _whole(item) & U64

    def join(a, b):
        b = b * factor & U64
        result = (a ^ factor ^ (b ^ b >> 47) * factor & U64) * factor & U64
        result = (result ^ result >> 47) * factor & U64
        return result ^ result >> 47

    def call(*xs):
        numbers = []
        for items in in_pieces(list(zip(*[x.ravel().tolist() for x in xs]))):
            result = 0xDECAFCAFFE
            for item in items:
                result = join(result, part(item))
            numbers.append(first[0] + result % bins)
        return np.array(numbers, first.dtype).reshape(xs[0].shape)

    return call
