"""What is counted goes to the book that it was counted for, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from llmcache_sidecar.pipeline.quality.shared_book import SharedBook


class Shelf:
    """Books of a store; `meanwhile` happens while one is being written."""

    def __init__(self) -> None:
        self.books: dict[str, dict[str, int]] = {}
        self.meanwhile: Callable[[], object] = lambda: None

    async def add(self, book: str, amounts: Mapping[str, int], sender: str, number: int) -> None:
        counts = self.books.setdefault(book, {})
        for name, amount in amounts.items():
            counts[name] = counts.get(name, 0) + amount
        self.meanwhile()

    async def read(self, book: str) -> dict[str, str]:
        return {name: str(count) for name, count in self.books.get(book, {}).items()}

    async def replace(self, book: str, name: str, expected: str, value: str) -> bool:
        raise NotImplementedError("a book only counts; terms are the standings' own")


async def test_what_is_counted_while_it_is_handed_in_is_handed_in_later() -> None:
    shelf = Shelf()
    book = SharedBook(shelf, "one")
    book.add("right")
    shelf.meanwhile = lambda: book.add("right")
    assert await book.exchange() == {"right": "1"}
    assert dict(book.on_top()) == {"right": 1}
    shelf.meanwhile = lambda: None
    assert await book.exchange() == {"right": "2"}
    assert not dict(book.on_top())


async def test_another_book_begins_empty_and_gets_nothing_of_the_one_before() -> None:
    shelf = Shelf()
    book = SharedBook(shelf, "one")
    book.add("right")

    def turn() -> None:
        if book.turn_to("another"):
            book.add("wrong")

    shelf.meanwhile = turn
    assert await book.exchange() is None
    assert await book.exchange() == {"wrong": "1"}
    assert shelf.books == {"one": {"right": 1}, "another": {"wrong": 1}}


async def test_where_nobody_shares_nothing_is_kept() -> None:
    book = SharedBook(None, "one")
    book.add("right")
    assert await book.exchange() is None
    assert not dict(book.on_top())
