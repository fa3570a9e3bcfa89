"""The rules of products of matrices."""

from plpython.values import (
    ANY,
    CALL,
    TOUCH,
    Value,
    _product,
    broadcast,
    fit,
    fit_exactly,
    need,
    numbers_of,
    rows_of,
    rule,
    tensor,
)


@rule("affine", scale=ANY, offset=ANY)
def _of_affine(x, scale, offset):
    fit(x, scale, offset)
    return x.like(kind=numbers_of(x, scale, offset), scratch=x.bytes)


@rule("matmul", inputs=2)
def _of_matmul(a, b):
    need(len(a.shape) == len(b.shape) >= 2 and a.shape[-1] == b.shape[-2], "matrices do not fit")
    shape = (*broadcast(a.shape[:-2], b.shape[:-2]), a.shape[-2], b.shape[-1])
    made = Value(shape, numbers_of(a, b), rows_of((a, b)))
    few = CALL / 4 * made.size / (shape[-1] * shape[-2])  # a product of matrices is a call
    return made.like(work=_product(made, a.shape[-1]) + few)


@rule("dense", kernel=tensor(2), bias=tensor(1))
def _of_dense(x, kernel, bias=None):
    need(len(x.shape) >= 1 and x.shape[-1] == kernel.shape[0], "its kernel does not fit the input")
    fit_exactly(x, kernel.shape[1:], bias)
    made = x.like((*x.shape[:-1], kernel.shape[1]), numbers_of(x, kernel))
    work = _product(made, kernel.shape[0])
    return made.like(work=work, scratch=made.bytes, copies=kernel.nbytes)


@rule("embedding", table=tensor(2))
def _of_embedding(x, table):
    need(len(table) > 0, "its table is empty")
    numbers_of(x)
    made = x.like((*x.shape, table.shape[1]), numbers_of(table))
    return made.like(work=2 * TOUCH * made.size + 10 * TOUCH * x.size, scratch=4 * x.bytes)
