"""Pages of lists, also of tables that only grow."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet

COUNTED_AT_MOST = 5000


class AtLeast(int):
    """A count that stopped there, and is shown with a plus."""

    def __str__(self) -> str:
        return f"{int(self)}+"


class NearestPaginator(Paginator):
    """A paginator that leads to the nearest page where the one asked for is not there."""

    def validate_number(self, number: Any) -> int:
        return min(max(int(number), 1), self.num_pages)


class CappedPaginator(NearestPaginator):
    """A paginator that stops counting at 5,000 rows: nobody pages further, and counting a history takes seconds."""

    object_list: QuerySet[Any]

    @cached_property
    def count(self) -> int:
        counted = self.object_list.order_by()[: COUNTED_AT_MOST + 1].count()
        return counted if counted <= COUNTED_AT_MOST else AtLeast(COUNTED_AT_MOST)
