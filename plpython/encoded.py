"""Texts as they lie in a message, in UTF-8; looked up without a str for each."""

import numpy as np

from plpython.data import as_text

LONGEST = 64  # bytes of words that are compared as numbers; longer ones are looked up one by one
SPARE = 256  # bytes behind a message, so that as many may be read where a text begins
NO_ASCII = np.uint64(0x8080808080808080)  # the bits that bytes of ASCII do not have
MIX = np.uint64(0x9E3779B97F4A7C15)  # 2**64 divided by the golden ratio: odd, and without a pattern


class Texts:
    """An array of texts that are bytes of one message, and become str when somebody asks for them.

    To all but those who look for its bytes it is the array of objects that words() makes; slices
    and reshapes are made without a str. SPARE bytes stand behind the message.
    Shapes: starts and lengths are those of the array. Types: whole numbers; a length is negative
    where the text is NULL, and words() holds None there.
    """

    def __init__(self, message, starts, lengths):
        self.message = message
        self.starts = starts
        self.lengths = lengths
        self.shape = starts.shape
        self.made = None

    def __len__(self):
        return len(self.starts)

    def __getitem__(self, key):
        starts = self.starts[key]
        if not isinstance(starts, np.ndarray):
            return self.words()[key]
        return Texts(self.message, starts, self.lengths[key])

    def reshape(self, *shape):
        """As an array's."""
        return Texts(self.message, self.starts.reshape(*shape), self.lengths.reshape(*shape))

    def take(self, indices, axis=None):
        """As an array's."""
        starts, lengths = self.starts.take(indices, axis), self.lengths.take(indices, axis)
        return Texts(self.message, starts, lengths)

    def ravel(self):
        """As an array's."""
        return self.reshape(-1)

    def raw(self):
        """The bytes of each text, None for a NULL, as a flat list."""
        starts = self.starts.ravel()
        ends = (starts + self.lengths.ravel()).tolist()
        message = self.message
        return [
            message[start:end] if end >= start else None
            for start, end in zip(starts.tolist(), ends)
        ]

    def words(self):
        """The array of objects."""
        if self.made is None:
            raw = self.raw()
            known = {item: as_text(item) for item in set(raw) if item is not None}
            words = np.empty(len(raw), object)
            words[:] = [known.get(item) for item in raw]
            self.made = words.reshape(self.shape)
        return self.made

    def __array__(self, dtype=None, copy=None):
        return self.words()

    def __getattr__(self, name):
        return getattr(self.words(), name)

    def __iter__(self):
        return iter(self.words())

    def __eq__(self, other):
        return self.words() == other

    def __ne__(self, other):
        return self.words() != other


class Vocabulary:
    """Words to find Texts among.

    Words of up to LONGEST bytes are filled up with zeros and compared as 64-bit numbers, each text
    with the word that has its hash. PostgreSQL's texts hold no zero bytes.
    """

    def __init__(self, words):
        self.count = len(words)
        self.places = {
            word.encode("utf-8", "surrogatepass"): place
            for place, word in enumerate(words)
            if "\0" not in word
        }
        self.width = max(1, -(-max(map(len, self.places), default=0) // 8))
        size = 8 * self.width
        self.is_hashed = size <= LONGEST and self.count > 0
        if not self.is_hashed:
            return
        padded = b"".join(raw.ljust(size, b"\0") for raw in self.places)
        blocks = np.frombuffer(padded, np.uint64).reshape(-1, self.width)
        hashes = _hash(blocks)
        order = np.argsort(hashes, kind="stable")
        self.hashes, self.blocks = hashes[order], blocks[order]
        self.numbers = np.array(list(self.places.values()), np.intp)[order]
        self.masks = (np.tri(size + 1, size, -1, np.uint8) * np.uint8(255)).view(np.uint64)
        self.is_hashed = len(np.unique(hashes)) == len(hashes) > 0

    def find(self, texts):
        """The place of the word that each text is, and how many words there are where it is none.

        Shapes: those of texts.
        Raises: ValueError, for bytes that are no text.
        """
        if not self.is_hashed:
            raw = texts.raw()
            check_texts(item for item in raw if item not in self.places)
            places = [self.places.get(item, self.count) for item in raw]
            return np.array(places, np.intp).reshape(texts.shape)
        size = 8 * self.width
        lengths = texts.lengths.ravel()
        count = len(texts.message) - size + 1
        windows = np.ndarray((count,), f"V{size}", texts.message, 0, (1,))
        blocks = windows[texts.starts.ravel()].view(np.uint64).reshape(-1, self.width)
        blocks &= self.masks[np.clip(lengths, 0, size)]
        nearest = np.searchsorted(self.hashes, _hash(blocks))
        nearest = np.minimum(nearest, len(self.hashes) - 1)
        same = (self.blocks[nearest] == blocks).all(axis=1)
        same &= (lengths >= 0) & (lengths <= size)
        odd = ~same & ((lengths > size) | (blocks & NO_ASCII).any(axis=1))
        if odd.any():
            check_texts(texts.ravel()[odd].raw())
        return np.where(same, self.numbers[nearest], self.count).reshape(texts.shape)


def check_texts(raw):
    """Refuse bytes that are not UTF-8, with ValueError; None stands for a NULL."""
    as_text(b"\0".join([item for item in raw if item]))


def _hash(blocks):
    """One number for each row of 64-bit ones."""
    hashes = blocks[:, 0].copy()
    for column in range(1, blocks.shape[1]):
        hashes *= MIX
        hashes ^= blocks[:, column]
    return hashes
