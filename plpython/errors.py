"""What is said of a row that cannot be scored."""


class RowError(ValueError):
    """A row of a batch is not what the model takes; place counts rows from 0."""

    def __init__(self, place, text):
        super().__init__(text)
        self.place = int(place)


ODD_ERRORS = (IndexError, TypeError, KeyError, AttributeError, ArithmeticError, MemoryError)


def odd_error(error):
    """What to say of an error that no kernel raises for a row of a model that was exported."""
    return f"the model cannot be computed for this row: {type(error).__name__}: {error}"
