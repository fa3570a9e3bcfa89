"""The rules of texts that are taken apart."""

from plpython.data import a_flag, list_of, one_of, texts, whole
from plpython.values import ITEM, TOUCH, _takes_texts, need, numbers_of, rule, tensor

GRAM = whole(1, 256)  # tokens of an n-gram, or letters
_accents = one_of("ascii", "unicode", "")
_analyzer = one_of("word", "char", "char_wb")
_standardize = one_of("", "lower", "strip_punctuation", "lower_and_strip_punctuation")
_split = one_of("", "whitespace", "character")
_ngrams = list_of(GRAM, 64)


@rule("tokenize", standardize=_standardize, split=_split, ngrams=_ngrams, length=whole(1))
def _of_tokenize(x, standardize, split, ngrams, length):
    _takes_texts(x)
    need(len(x.shape) <= 1, "it takes a text or a list of texts")
    return x.like((length,), work=ITEM * (10 * x.size + length * x.rows))


@rule("count_words", words=texts, weights=tensor(1), standardize=_standardize, split=_split,
      ngrams=_ngrams, is_binary=a_flag)  # fmt: skip
def _of_count_words(x, words, weights, standardize, split, ngrams, is_binary):
    _takes_texts(x)
    need(len(x.shape) <= 1 and weights.size > len(words), "its weights do not fit its words")
    made = x.like(weights.shape, numbers_of(weights))
    work = 10 * ITEM * x.size + 3 * TOUCH * made.size
    return made.like(work=work, scratch=2 * made.bytes, copies=120 * len(words))


@rule("count_tokens", words=texts, lower=a_flag, accents=_accents, analyzer=_analyzer, least=GRAM,
      most=GRAM, stop_words=texts, is_binary=a_flag)  # fmt: skip
@rule("hash_tokens", size=whole(1), lower=a_flag, accents=_accents, analyzer=_analyzer, least=GRAM,
      most=GRAM, stop_words=texts, is_binary=a_flag, is_signed=a_flag)  # fmt: skip
def _of_tokens(x, least, most, words=(), stop_words=(), size=None, **others):
    _takes_texts(x)
    need(x.shape == (1,), "it takes one text apart")
    need(least <= most, "its n-grams have none to none tokens")
    made = x.like((len(words) if size is None else size,), "f8")
    work = 30 * ITEM * x.size + 3 * TOUCH * made.size
    copies = 120 * (len(words) + len(stop_words))
    return made.like(work=work, scratch=made.bytes, copies=copies)
